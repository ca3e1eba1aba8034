"""Recovery of accounts: removing second factors, and ending the sessions of one account or of all.

The identity of the person asking is verified outside the site, as for invitations: the administrator talks to them, or
to a colleague whom both know (docs/how-to/recover-a-second-factor.md). Each action is logged with its reason. Removing
a second factor and ending one account's sessions also notify the owner by email, so that neither goes unnoticed.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import validate_reason
from samsvar.site.network.access.actions.roles import require_role_manager
from samsvar.site.network.access.permissions import has_claim
from samsvar.site.network.accounts.actions.accounts import end_sessions
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.logs import log_security_event


class NoSecondFactor(SiteError):
    """The account has no second factor to remove."""

    message = _("This account has no second factor set up.")
    advice = _(
        "If the account holder cannot sign in, the problem is their password. They can request a new "
        "one from the sign-in page."
    )


def remove_second_factor(*, account: models.Account, by: models.Account | None, reason: str) -> int:
    """Remove all second factors of an account, end its sessions and notify its owner; return the number removed."""
    require_role_manager(by, account)
    reason = validate_reason(reason)
    with transaction.atomic():
        factors = Authenticator.objects.select_for_update().filter(user=account)
        removed = len(factors)
        if not removed:
            raise NoSecondFactor
        factors.delete()
        subject, details = f"account {account.public_id}", {"factors": removed}
        record(by=by, verb="removed a second factor", subject=subject, details=details, reason=reason)
        end_sessions(account=account, by=by, reason=reason)
        notify(account, "network/second_factor_removed")
    log_security_event(
        "second factor removed by staff", account=account.public_id, by=by.public_id if by else "command"
    )
    return removed


def sign_out_everywhere(*, account: models.Account, by: models.Account | None, reason: str) -> int:
    """End all sessions of another person's account, notify its owner, and return the number of sessions."""
    require_role_manager(by, account)
    reason = validate_reason(reason)
    with transaction.atomic():
        ended = end_sessions(account=account, by=by, reason=reason)
        notify(account, "network/sessions_ended")
    log_security_event("sessions ended by staff", account=account.public_id, by=by.public_id if by else "command")
    return ended


def end_all_sessions(*, by: models.Account | None, reason: str = "") -> int:
    """End all sessions of all accounts, for example after a breach or the loss of a secret; return their number."""
    if by is not None and not has_claim(by, Claim.GIVE_ROLES, UNLIMITED_SCOPE):
        raise PermissionDenied
    with transaction.atomic():
        UserSession.objects.all().delete()
        ended, _ = Session.objects.all().delete()
        models.StaffSession.objects.filter(closed_at__isnull=True).update(closed_at=timezone.now())
        record(by=by, verb="ended all sessions", subject="everybody", details={"sessions": ended}, reason=reason)
    return ended
