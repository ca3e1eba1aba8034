"""Labels for the kinds and states of outcomes and for the progress of commitments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.outcomes import Keeping, OutcomeKind, OutcomeState, SaidAs
from samsvar.site.shell.labels import Label

OUTCOME_KINDS: dict[OutcomeKind, Label] = {
    OutcomeKind.DECISION: _("decision"),
    OutcomeKind.COMMITMENT: _("commitment"),
    OutcomeKind.QUESTION: _("open question"),
    OutcomeKind.PRACTICE: _("practice mentioned"),
}
OUTCOME_STATES: dict[OutcomeState, Label] = {
    OutcomeState.RECORDED: pgettext_lazy("an outcome", "recorded"),
    OutcomeState.CONFIRMED: pgettext_lazy("an outcome", "confirmed"),
    OutcomeState.STRUCK: pgettext_lazy("an outcome", "struck"),
}
KEEPINGS: dict[Keeping, Label] = {
    Keeping.PROMISED: pgettext_lazy("a commitment", "promised"),
    Keeping.UNDER_WAY: pgettext_lazy("a commitment", "under way"),
    Keeping.KEPT: pgettext_lazy("a commitment", "kept"),
    Keeping.PARTLY_KEPT: pgettext_lazy("a commitment", "partly kept"),
    Keeping.NOT_KEPT: pgettext_lazy("a commitment", "not kept"),
    Keeping.GIVEN_UP: pgettext_lazy("a commitment", "given up"),
}

SAID_AS: dict[SaidAs, Label] = {
    SaidAs.SPEAKER: _("said by who spoke for it"),
    SaidAs.DESK: _("said by the desk of the state"),
    SaidAs.ORGANISER: _("said by the organiser"),
}

EDITIONS: dict[str, Label] = {  # of a meeting's report
    "everybody": _("everybody"),
    "participants": _("those who took part"),
}

# What of an outcome can be corrected besides its words
OUTCOME_PARTS: dict[str, Label] = {
    "state": _("State"),
    "organisation": _("Organisation"),
    "due": _("Until"),
    "article": _("Article"),
    "finding": _("Finding"),
}
