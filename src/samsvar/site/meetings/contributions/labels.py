"""Labels for the states of proposals and for when reviewers see other reviews."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.contributions import ReviewsSeen
from samsvar.meetings.programme import SessionKind
from samsvar.site.shell.labels import Label

STATES: dict[str, Label] = {
    "offered": pgettext_lazy("a contribution", "waits for a decision"),
    "accepted": pgettext_lazy("a contribution", "accepted"),
    "declined": pgettext_lazy("a contribution", "declined"),
    "withdrawn": pgettext_lazy("a contribution", "withdrawn"),
}
SEEN: dict[ReviewsSeen, Label] = {
    ReviewsSeen.AFTER_OWN: _("after they have written their own"),
    ReviewsSeen.NEVER: pgettext_lazy("reviewers see others’ reviews", "never"),
}
OFFERED_KINDS = (SessionKind.TALK, SessionKind.PANEL, SessionKind.WORKSHOP, SessionKind.POSTERS)
