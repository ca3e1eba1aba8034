"""What the frame of every page shows to somebody who is signed in: where they may go, and an open staff session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Answer, Claim
from samsvar.site.network.access.permissions import access_of

# What stands in the menu of an account, and the claim that puts it there.
OWN: tuple[tuple[str, str | Promise, Claim], ...] = (
    ("network:account", _("Account"), Claim.OWN_ACCOUNT),
    ("network:entry", _("My entry"), Claim.OWN_ACCOUNT),
    ("network:my-asks", _("Questions"), Claim.OWN_ACCOUNT),
    ("monitoring:upload", _("Drop in a report"), Claim.UPLOAD_REPORTS),
)
STAFF: tuple[tuple[str, str | Promise, Claim], ...] = (
    ("network:open-staff-session", _("Staff session"), Claim.OPEN_STAFF_SESSION),
    ("network:asks-to-decide", _("Questions waiting"), Claim.ANSWER_ASKS),
    ("network:invitations", _("Invitations"), Claim.INVITE),
    ("network:roles", _("Roles"), Claim.GIVE_ROLES),
    ("network:erase-people", _("Erasure"), Claim.ERASE_PEOPLE),
    ("network:retention", _("Retention"), Claim.RUN_RETENTION),
    ("network:audit-log", _("Trail"), Claim.READ_AUDIT_LOG),
    ("network:who-saw", _("Who saw whom"), Claim.TRACE_BREACH),
    ("network:processing", _("Record of processing"), Claim.READ_PROCESSING),
)
# Still shown where one thing is missing that the gate will ask for: a second factor, or a staff session.
WITHIN_REACH = frozenset({Answer.YES, Answer.SECOND_FACTOR, Answer.STAFF_SESSION})


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the menu of an account."""

    href: str
    word: str | Promise
    here: bool


def account(request: HttpRequest) -> dict[str, Any]:
    """The ways of who is signed in; nothing, and no query, for everybody else."""
    user = getattr(request, "user", None)  # a request refused at the door has none: its page of refusal comes here too
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or user is None or not user.is_authenticated:
        return {}
    access = access_of(user)

    def ways(entries: tuple[tuple[str, str | Promise, Claim], ...]) -> list[Way]:
        open_ones = [(reverse(name), word) for name, word, claim in entries if access.answer(claim) in WITHIN_REACH]
        return [Way(href, word, request.path == href) for href, word in open_ones]

    return {"own_ways": ways(OWN), "staff_ways": ways(STAFF)}
