"""When something that signs people in is lost: a second factor is taken away, and sessions end, of one or of all.

Who asks is made sure of outside, as at the invitation: the administrator speaks to the person, or to somebody at their
organisation whom both know (docs/how-to/help-who-lost-a-factor.md). What is done here stands in the trail, with the
reason; the person gets a letter, so that nobody's factor is taken away unseen.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from samsvar.network.membership import NetworkError
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import reason_in
from samsvar.site.network.access.permissions import holds
from samsvar.site.network.accounts.actions.accounts import end_sessions
from samsvar.site.network.emails.actions import post_letter
from samsvar.site.shell.logs import security_event

HOW_IT_WAS_MADE_SURE = "Say who asked, and how you made sure that it was them."


class NothingToRemove(NetworkError):
    """The account has no second factor."""

    code = "nothing_to_remove"
    advice = "If they cannot sign in, it is the password: the sign-in page sends a new one."


def remove_second_factor(*, account: models.Account, by: models.Account | None, reason: str, host: str) -> int:
    """Take every second factor from an account, end its sessions and tell its owner; returns how many there were."""
    _check_may(by, account, reason)
    with transaction.atomic():
        factors = Authenticator.objects.select_for_update().filter(user=account)
        removed = len(factors)
        if not removed:
            raise NothingToRemove("This account has no second factor.", kept="Nothing was changed.")
        factors.delete()
        record(
            by=by,
            verb="removed a second factor",
            subject=f"account {account.public_id}",
            details={"factors": removed},
            why=reason.strip(),
        )
        end_sessions(account=account, by=by, why=reason.strip())
        post_letter(to=account.email, kind="network/second_factor_removed", context={}, host=host, account=account)
    security_event("second factor removed by staff", account=account.public_id, by=by.public_id if by else "command")
    return removed


def sign_out_everywhere(*, account: models.Account, by: models.Account | None, reason: str, host: str) -> int:
    """End every session of somebody else's account and tell its owner; returns how many there were."""
    _check_may(by, account, reason)
    with transaction.atomic():
        ended = end_sessions(account=account, by=by, why=reason.strip())
        post_letter(to=account.email, kind="network/sessions_ended", context={}, host=host, account=account)
    security_event("sessions ended by staff", account=account.public_id, by=by.public_id if by else "command")
    return ended


def end_all_sessions(*, by: models.Account | None, why: str = "") -> int:
    """End every session of everybody at once: after a breach, or when a secret was lost; returns how many."""
    if by is not None and not holds(by, Claim.GIVE_ROLES, ANYTHING):
        raise PermissionDenied
    with transaction.atomic():
        UserSession.objects.all().delete()
        ended, _ = Session.objects.all().delete()
        models.StaffSession.objects.filter(closed_at__isnull=True).update(closed_at=timezone.now())
        record(by=by, verb="ended all sessions", subject="everybody", details={"sessions": ended}, why=why)
    return ended


def _check_may(by: models.Account | None, account: models.Account, reason: str) -> None:
    """An administrator in a staff session, about somebody else, with a reason; `by` None: on the machine itself."""
    if by is not None and (by.pk == account.pk or not holds(by, Claim.GIVE_ROLES, ANYTHING)):
        raise PermissionDenied
    reason_in(reason, advice=HOW_IT_WAS_MADE_SURE)
