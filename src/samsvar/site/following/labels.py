"""Labels of following in the reader's language, and texts of the errors of its actions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

FOLLOW_KINDS: dict[str, Label] = {
    "finding": pgettext_lazy("thing that is followed", "Finding"),
    "measure": pgettext_lazy("thing that is followed", "Measure"),
    "practice": pgettext_lazy("thing that is followed", "Practice"),
    "search": pgettext_lazy("thing that is followed", "Search"),
    "article": pgettext_lazy("thing that is followed", "Article"),
    "country": pgettext_lazy("thing that is followed", "Country"),
}
DIGEST_FREQUENCIES: dict[str, Label] = {
    "off": _("Never"),
    "weekly": _("At most once a week"),
    "daily": _("At most once a day"),
}
EVENT_KINDS: dict[str, Label] = {
    "concluded": pgettext_lazy("event of a finding", "Concluded"),
    "taken_up": pgettext_lazy("event of a finding", "Taken up again"),
    "welcomed": pgettext_lazy("event of a finding", "Progress welcomed"),
    "no_longer_raised": pgettext_lazy("event of a finding", "No longer raised"),
    "stage_changed": pgettext_lazy("event of a measure", "New stage"),
    "retired": pgettext_lazy("event of a practice", "Retired"),
    "left": pgettext_lazy("event of a country", "No longer a Party"),
    "not_public": pgettext_lazy("event of something followed", "No longer public"),
    "new_version": pgettext_lazy("event of a practice", "New version"),
    "new": pgettext_lazy("event of something followed", "New"),
}

# what can happen to each, for the page on which someone decides to follow it
EVENTS_OF_KINDS: dict[str, Label] = {
    "finding": _("We tell you when a later text takes it up again, concludes it or no longer raises it."),
    "measure": _("We tell you when its stage changes."),
    "practice": _("We tell you when there is a new version, and when it is retired."),
    "search": _(
        "We tell you about new findings, other texts of reports, measures and practices that match this search, and "
        "when a matching finding is taken up again, concluded or no longer raised. Meetings are not included."
    ),
    "article": _(
        "We tell you about new findings and practices under this article, and when a finding is taken up again, "
        "concluded or no longer raised."
    ),
    "country": _(
        "We tell you about new findings, measures and practices of this country, when a finding is taken up again, "
        "concluded or no longer raised, and when a measure reaches a new stage."
    ),
}
OVER_TEXTS: dict[str, Label] = {
    "measure": _("This measure has ended. You will hear about it again only if it is reopened."),
    "practice": _(
        "This practice is no longer offered. You will hear about it again only if a new version is published."
    ),
    "country": _("This country has left the Convention. You will still hear about what is published on it."),
    "finding": _("You can stop following it."),
}

ERROR_TEXTS: dict[str, tuple[Any, ...]] = {}

LABELS |= {
    "FollowKind": FOLLOW_KINDS,
    "DigestFrequency": DIGEST_FREQUENCIES,
    "FollowEventKind": EVENT_KINDS,
}
