"""Staff sessions: a while in which somebody of the staff sees and changes what belongs to others, and says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from samsvar.network.membership import NetworkError
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import reason_in
from samsvar.site.network.access.permissions import forget_access, holds

MINUTES = (15, 30, 60)  # an hour at most: who works longer says why once more


class NoSuchLength(NetworkError):
    """A staff session of another length than those offered was asked for."""

    code = "no_such_length"
    advice = "A staff session lasts 15, 30 or 60 minutes."


def open_staff_session(*, account: models.Account, browser: str, reason: str, minutes: int) -> models.StaffSession:
    """Open one in this browser; one that it has open already is closed. Needs a second factor, as the claim does."""
    if not holds(account, Claim.OPEN_STAFF_SESSION):
        raise PermissionDenied
    reason = reason_in(reason)
    if minutes not in MINUTES:
        raise NoSuchLength(f"A staff session of {minutes} minutes cannot be opened.")
    now = timezone.now()
    with transaction.atomic():
        for earlier in _open(account).filter(browser=browser):
            close_staff_session(session=earlier, by=account)
        session = models.StaffSession.objects.create(
            account=account, browser=browser, reason=reason, ends_at=now + timedelta(minutes=minutes)
        )
        _now_in(account, session)
        record(
            by=account,
            verb="opened a staff session",
            subject=f"staff session {session.pk}",
            details={"minutes": minutes},
        )
    return session


def close_staff_session(*, session: models.StaffSession, by: models.Account | None) -> None:
    """End one before its time; only its own account ends it, or a command. One that has ended is left as it is."""
    if by is not None and by.pk != session.account_id:
        raise PermissionDenied
    now = timezone.now()
    with transaction.atomic():
        ended = models.StaffSession.objects.filter(pk=session.pk, closed_at__isnull=True, ends_at__gt=now)
        if ended.update(closed_at=now):
            record(by=by, verb="closed a staff session", subject=f"staff session {session.pk}", why=session.reason)
    if by is not None:
        _now_in(by, None)


def close_all_staff_sessions(*, account: models.Account) -> int:
    """End every one of an account, in whatever browser: when the account may no longer sign in."""
    open_ones = list(_open(account))
    for session in open_ones:
        close_staff_session(session=session, by=None)
    return len(open_ones)


@receiver(user_logged_out, dispatch_uid="staff session")
def close_at_sign_out(sender: Any, *, user: Any = None, **_: Any) -> None:
    """Signing out ends the staff session of this browser. The addresses import this module, so it always listens."""
    session = getattr(user, "staff_session", None)
    if session is not None:
        close_staff_session(session=session, by=user)


def _open(account: models.Account) -> Any:
    return account.staff_sessions.filter(closed_at__isnull=True, ends_at__gt=timezone.now())


def _now_in(account: models.Account, session: models.StaffSession | None) -> None:
    """What the gate says of an account at the next request holds from now on in this one too."""
    account.staff_session = session  # type: ignore[attr-defined]  # as the gate does
    forget_access(account)
