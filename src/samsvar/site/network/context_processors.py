"""Context processor for the account and staff menus in the header of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.network.rights import AccessDecision, Claim
from samsvar.site.network.access.permissions import get_access

# Menu items: the URL name, the label and the required claim.
ACCOUNT_MENU: tuple[tuple[str, str | Promise, Claim], ...] = (
    ("implementation:own-desk", pgettext_lazy("of a state", "Desk"), Claim.MANAGE_COUNTRY),
    ("network:account", _("Account"), Claim.OWN_ACCOUNT),
    ("network:profile", _("My profile"), Claim.OWN_ACCOUNT),
    ("network:my-questions", _("Questions"), Claim.OWN_ACCOUNT),
    ("exchange:my-requests", _("My requests for help"), Claim.CONTRIBUTE),
    ("monitoring:upload", _("Upload a report"), Claim.UPLOAD_REPORTS),
    ("monitoring:drafts", _("Drafts of reports"), Claim.UPLOAD_REPORTS),
    ("monitoring:work-list", _("Review of findings"), Claim.PROPOSE_CORRECTIONS),
)
STAFF_MENU: tuple[tuple[str, str | Promise, Claim], ...] = (
    ("network:open-staff-session", _("Staff session"), Claim.OPEN_STAFF_SESSION),
    ("network:pending-questions", _("Pending questions"), Claim.ANSWER_QUESTIONS),
    ("exchange:helpdesk", _("Helpdesk"), Claim.RUN_HELPDESK),
    ("network:invitations", _("Invitations"), Claim.INVITE),
    ("network:roles", _("Roles"), Claim.GIVE_ROLES),
    ("network:erasure-requests", _("Data deletion"), Claim.ERASE_PEOPLE),
    ("network:retention", _("Data retention"), Claim.RUN_RETENTION),
    ("network:audit-log", _("Audit log"), Claim.READ_AUDIT_LOG),
    ("network:trace-accesses", _("Access to personal data"), Claim.TRACE_BREACH),
    ("network:record-of-processing", _("Record of processing activities"), Claim.READ_PROCESSING),
)
# Items are also shown if only a second factor or a staff session is missing, because the access middleware then
# asks for it.
SHOWN_DECISIONS = frozenset({AccessDecision.ALLOWED, AccessDecision.SECOND_FACTOR, AccessDecision.STAFF_SESSION})


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An item of the account menu or the staff menu."""

    href: str
    label: str | Promise
    is_current: bool


def account_menus(request: HttpRequest) -> dict[str, Any]:
    """Return the menus of the signed-in user. For anonymous users, return {} without running a query."""
    # Missing if an earlier middleware rejected the request, because this also runs for its error page.
    user = getattr(request, "user", None)
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or user is None or not user.is_authenticated:
        return {}
    access = get_access(user)

    def menu_items(entries: tuple[tuple[str, str | Promise, Claim], ...]) -> list[MenuItem]:
        allowed = [(reverse(name), label) for name, label, claim in entries if access.decide(claim) in SHOWN_DECISIONS]
        return [MenuItem(href, label, request.path == href) for href, label in allowed]

    return {"own_ways": menu_items(ACCOUNT_MENU), "staff_ways": menu_items(STAFF_MENU)}
