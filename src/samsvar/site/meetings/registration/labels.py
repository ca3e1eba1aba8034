"""Labels for registration statuses, quotas, questions and the visibility of participants."""

from __future__ import annotations

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.meetings.registration import QuotaKind, RegistrationStatus
from samsvar.network.people import Group
from samsvar.site.meetings.meeting.labels import CATEGORIES
from samsvar.site.network.labels import GROUPS
from samsvar.site.shell.labels import LABELS, Label
from samsvar.territories import territory_name

STATUS_LABELS: dict[RegistrationStatus, Label] = {
    RegistrationStatus.NOMINATED: pgettext_lazy("a registration", "nominated"),
    RegistrationStatus.ASKED: pgettext_lazy("a registration", "awaiting approval"),
    RegistrationStatus.WAITING: pgettext_lazy("a registration", "on the waiting list"),
    RegistrationStatus.CONFIRMED: pgettext_lazy("a registration", "confirmed"),
    RegistrationStatus.REFUSED: pgettext_lazy("a registration", "refused"),
    RegistrationStatus.DECLINED: pgettext_lazy("a registration", "declined"),
    RegistrationStatus.WITHDRAWN: pgettext_lazy("a registration", "withdrawn"),
    RegistrationStatus.REPLACED: pgettext_lazy("a registration", "replaced by someone else"),
}
QUOTA_KIND_LABELS: dict[QuotaKind, Label] = {
    QuotaKind.TOTAL: pgettext_lazy("a quota", "in total"),
    QuotaKind.COUNTRY: pgettext_lazy("a quota", "country"),
    QuotaKind.GROUP: pgettext_lazy("a quota", "group"),
    QuotaKind.CATEGORY: pgettext_lazy("a quota", "category"),
}

VISIBILITY_LABELS: dict[AccessLevel, Label] = {
    AccessLevel.ORGANISERS: _("only the organisers"),
    AccessLevel.PARTICIPANTS: _("the other participants"),
    AccessLevel.PUBLIC: _("everyone, on the public page"),
}

PHOTO_CONSENT_LABELS: dict[str, Label] = {
    "yes": _("may be photographed"),
    "no": _("no photographs"),
    "unsaid": _("no answer"),
}
LABELS.update(RegistrationStatus=STATUS_LABELS, QuotaKind=QUOTA_KIND_LABELS, photo_consent=PHOTO_CONSENT_LABELS)


def quota_label(kind: str, key: str) -> str:
    """Return a quota's label in the current language, such as "Sudmar", "researchers" or "in total"."""
    match QuotaKind(kind):
        case QuotaKind.COUNTRY:
            return territory_name(key, get_language() or "en")
        case QuotaKind.GROUP:
            return str(GROUPS[Group(key)])
        case QuotaKind.CATEGORY:
            return str(CATEGORIES[ParticipantCategory(key)])
        case QuotaKind.TOTAL:
            return str(QUOTA_KIND_LABELS[QuotaKind.TOTAL])
