"""Labels for outcomes, commitments, report editions and survey questions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind, OutcomeStatus, ReporterRole
from samsvar.meetings.survey import AnswerType
from samsvar.site.shell.labels import LABELS, Label

OUTCOME_KINDS: dict[OutcomeKind, Label] = {
    OutcomeKind.DECISION: _("decision"),
    OutcomeKind.COMMITMENT: _("commitment"),
    OutcomeKind.QUESTION: _("open question"),
    OutcomeKind.PRACTICE: _("practice mentioned"),
}
OUTCOME_STATES: dict[OutcomeStatus, Label] = {
    OutcomeStatus.RECORDED: pgettext_lazy("an outcome", "recorded"),
    OutcomeStatus.CONFIRMED: pgettext_lazy("an outcome", "confirmed"),
    OutcomeStatus.RETRACTED: pgettext_lazy("an outcome", "withdrawn"),
}
COMMITMENT_PROGRESS: dict[CommitmentProgress, Label] = {
    CommitmentProgress.NOT_REPORTED: pgettext_lazy("a commitment", "commitment made"),
    CommitmentProgress.UNDER_WAY: pgettext_lazy("a commitment", "under way"),
    CommitmentProgress.KEPT: pgettext_lazy("a commitment", "kept"),
    CommitmentProgress.PARTLY_KEPT: pgettext_lazy("a commitment", "partly kept"),
    CommitmentProgress.NOT_KEPT: pgettext_lazy("a commitment", "not kept"),
    CommitmentProgress.RELEASED: pgettext_lazy("a commitment", "abandoned"),
}

REPORTER_ROLES: dict[ReporterRole, Label] = {
    ReporterRole.SPEAKER: _("reported by the person who presented it"),
    ReporterRole.DESK: _("reported by the national desk"),
    ReporterRole.ORGANISER: _("reported by the organiser"),
}

EDITIONS: dict[str, Label] = {  # of a meeting's report
    "everyone": _("everyone"),
    "participants": _("people who took part"),
}

# Fields of an outcome that can be corrected, besides its text.
OUTCOME_FIELDS: dict[str, Label] = {
    "state": _("State"),
    "organisation": _("Organisation"),
    "due": _("Until"),
    "article": _("Article"),
    "finding": _("Finding"),
}
ANSWER_TYPES: dict[AnswerType, Label] = {  # of a question in a survey
    AnswerType.SCALE: _("a scale from 1 to 5"),
    AnswerType.CHOICE: _("single choice"),
    AnswerType.TEXT: _("free text"),
}
LABELS.update(
    OutcomeKind=OUTCOME_KINDS, OutcomeStatus=OUTCOME_STATES, CommitmentProgress=COMMITMENT_PROGRESS,
    ReporterRole=REPORTER_ROLES, AnswerType=ANSWER_TYPES, outcome_field=OUTCOME_FIELDS,
)  # fmt: skip
