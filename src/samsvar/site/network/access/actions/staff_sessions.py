"""Actions on staff sessions: periods in which staff can access other people's data, for a stated reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import validate_reason
from samsvar.site.network.access.permissions import clear_cached_access, has_claim
from samsvar.site.shell.errors import SiteError

ALLOWED_MINUTES = (15, 30, 60)  # an hour at most: longer work requires a new reason


class UnknownSessionLength(SiteError):
    """The requested length of a staff session is not available."""

    message = _("This duration is not available for a staff session.")
    advice = _("Choose one of the durations listed on the page.")


def open_staff_session(*, account: models.Account, browser: str, reason: str, minutes: int) -> models.StaffSession:
    """Open a staff session in this browser, closing any other one there. The account needs a second factor."""
    if not has_claim(account, Claim.OPEN_STAFF_SESSION):
        raise PermissionDenied
    reason = validate_reason(reason)
    if minutes not in ALLOWED_MINUTES:
        raise UnknownSessionLength
    now = timezone.now()
    with transaction.atomic():
        for earlier in _active_staff_sessions(account).filter(browser=browser):
            close_staff_session(session=earlier, by=account)
        session = models.StaffSession.objects.create(
            account=account, browser=browser, reason=reason, ends_at=now + timedelta(minutes=minutes)
        )
        _set_current_session(account, session)
        subject, details = f"staff session {session.pk}", {"minutes": minutes}
        record(by=account, verb="opened a staff session", subject=subject, details=details)
    return session


def close_staff_session(*, session: models.StaffSession, by: models.Account | None) -> None:
    """Close a staff session before it expires; do nothing if it has already ended.

    `by` is the account that opened it, or None for the system. For any other account, PermissionDenied is raised.
    """
    if by is not None and by.pk != session.account_id:
        raise PermissionDenied
    now = timezone.now()
    with transaction.atomic():
        ended = models.StaffSession.objects.filter(pk=session.pk, closed_at__isnull=True, ends_at__gt=now)
        if ended.update(closed_at=now):
            record(by=by, verb="closed a staff session", subject=f"staff session {session.pk}", reason=session.reason)
    if by is not None:
        _set_current_session(by, None)


def close_all_staff_sessions(*, account: models.Account) -> int:
    """Close an account's staff sessions in all browsers, for example on deactivation, and return their number."""
    sessions = list(_active_staff_sessions(account))
    for session in sessions:
        close_staff_session(session=session, by=None)
    return len(sessions)


@receiver(user_logged_out, dispatch_uid="staff session")
def close_staff_session_on_sign_out(sender: Any, *, user: Any = None, **_: Any) -> None:
    """Close this browser's staff session on sign-out. Connected when the URL configuration imports this module."""
    session = getattr(user, "staff_session", None)
    if session is not None:
        close_staff_session(session=session, by=user)


def _active_staff_sessions(account: models.Account) -> Any:
    return account.staff_sessions.filter(closed_at__isnull=True, ends_at__gt=timezone.now())


def _set_current_session(account: models.Account, session: models.StaffSession | None) -> None:
    """Set the account's staff session for the rest of this request. For later requests, the middleware sets it."""
    account.staff_session = session  # type: ignore[attr-defined]  # as the gate does
    clear_cached_access(account)
