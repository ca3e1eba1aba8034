"""Labels for the status of a registration, quotas and questions, and for who can see a participant."""

from __future__ import annotations

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import Access, Category
from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.network.people import Group
from samsvar.site.meetings.meeting.labels import CATEGORIES
from samsvar.site.network.labels import GROUPS
from samsvar.site.shell.labels import Label
from samsvar.territories import name_of

STANDINGS: dict[Standing, Label] = {
    Standing.NOMINATED: pgettext_lazy("a registration", "nominated"),
    Standing.ASKED: pgettext_lazy("a registration", "waits for approval"),
    Standing.WAITING: pgettext_lazy("a registration", "on the waiting list"),
    Standing.CONFIRMED: pgettext_lazy("a registration", "confirmed"),
    Standing.REFUSED: pgettext_lazy("a registration", "refused"),
    Standing.DECLINED: pgettext_lazy("a registration", "declined"),
    Standing.WITHDRAWN: pgettext_lazy("a registration", "withdrawn"),
    Standing.REPLACED: pgettext_lazy("a registration", "replaced by somebody else"),
}
QUOTA_KINDS: dict[QuotaKind, Label] = {
    QuotaKind.WHOLE: pgettext_lazy("a quota", "in all"),
    QuotaKind.COUNTRY: pgettext_lazy("a quota", "country"),
    QuotaKind.GROUP: pgettext_lazy("a quota", "group"),
    QuotaKind.CATEGORY: pgettext_lazy("a quota", "takes part as"),
}
QUESTION_KINDS: dict[str, Label] = {
    "text": _("one line"),
    "long_text": _("several lines"),
    "yes_no": _("yes or no"),
    "choice": _("one of several"),
    "choices": _("any of several"),
    "language": _("a language"),
}
QUESTION_SUBJECTS: dict[str, Label] = {
    "diet": _("diet"),
    "access_needs": _("access needs"),
    "interpretation": _("interpretation"),
    "travel": _("travel"),
    "other": pgettext_lazy("the subject of a question", "other"),
}

LISTED: dict[Access, Label] = {
    Access.ORGANISERS: _("nobody but those who run the meeting"),
    Access.PARTICIPANTS: _("the other participants"),
    Access.PUBLIC: _("everybody, on the public page"),
}

PHOTOGRAPHS: dict[str, Label] = {
    "yes": _("may be photographed"),
    "no": _("no photographs"),
    "unsaid": _("has not said"),
}


def quota_named(kind: str, key: str) -> str:
    """A quota as its reader's language has it: "Sudmar", "researchers", "in all"."""
    match QuotaKind(kind):
        case QuotaKind.COUNTRY:
            return name_of(key, get_language() or "en")
        case QuotaKind.GROUP:
            return str(GROUPS[Group(key)])
        case QuotaKind.CATEGORY:
            return str(CATEGORIES[Category(key)])
        case QuotaKind.WHOLE:
            return str(QUOTA_KINDS[QuotaKind.WHOLE])
