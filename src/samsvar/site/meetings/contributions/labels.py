"""Labels for the kinds of contribution, and for when reviewers can see other reviews."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.contributions import ReviewVisibility
from samsvar.meetings.programme import SessionKind
from samsvar.site.shell.labels import LABELS, Label

REVIEWS_SEEN: dict[ReviewVisibility, Label] = {
    ReviewVisibility.AFTER_OWN: _("after submitting their own review"),
    ReviewVisibility.NEVER: pgettext_lazy("reviewers see others’ reviews", "never"),
}
OFFERED_KINDS = (SessionKind.TALK, SessionKind.PANEL, SessionKind.WORKSHOP, SessionKind.POSTERS)
LABELS.update(ReviewVisibility=REVIEWS_SEEN)
