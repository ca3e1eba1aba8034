"""Actions on roles, refused claims and deactivated accounts, all logged with their author and reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import (
    ALLOWED_SCOPES,
    CLAIM_SCOPES,
    REQUIRED_SCOPES,
    UNLIMITED_SCOPE,
    UNREFUSABLE_CLAIMS,
    Claim,
    Role,
)
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.staff_sessions import close_all_staff_sessions
from samsvar.site.network.access.permissions import clear_cached_access, has_claim, in_force_filter
from samsvar.site.shell.errors import SiteError


class RoleNeedsScope(SiteError):
    """Raised when a role that must be limited to a country or a meeting is given without one."""

    message = _("This role can only be given for one country or one meeting.")
    advice = _("Choose the country or meeting that the role is for.")


class ScopeNotAllowed(SiteError):
    """Raised when a role is limited in a way that does not fit it: it would then apply to nothing, or to everything."""

    message = _("This role cannot be limited in that way.")
    advice = _("Remove the limit, or choose another role.")


class ClaimNotRefusable(SiteError):
    """Raised when a claim is too basic to be refused, or cannot be refused for this scope."""

    message = _("This permission cannot be blocked, or blocking it would have no effect.")
    advice = _(
        "Choose another permission, or a scope that applies to this one. To stop someone signing in, close "
        "their account."
    )


class LastAdministrator(SiteError):
    """Raised when no one would be left who can give roles."""

    message = _("This is the last administrator.")
    advice = _("Make someone else an administrator first.")


class AlreadyEnded(SiteError):
    """Raised when the role or refusal has already ended."""

    message = _("This has already ended.")


class AccountErased(SiteError):
    """Raised when an account to be reactivated has been erased."""

    message = _("This account has been deleted.")
    advice = _("Invite the person again.")


# --- Roles ------------------------------------------------------------------------------------------------------------


def give_role(
    *,
    account: models.Account,
    role: Role,
    by: models.Account | None,
    reason: str = "",
    state: str | None = None,
    network: models.Network | None = None,
    meeting: str = "",
    until: datetime | None = None,
) -> models.RoleGrant:
    """Give another account a role. `by` None means a command on the server."""
    require_role_manager(by, account)
    scope = _scope_details(state, network, meeting)
    if role in REQUIRED_SCOPES and not scope[REQUIRED_SCOPES[role]]:
        raise RoleNeedsScope
    if any(value and dimension != ALLOWED_SCOPES.get(role) for dimension, value in scope.items()):
        raise ScopeNotAllowed
    with transaction.atomic():
        grant = models.RoleGrant.objects.create(
            account=account, role=role, state_id=state, network=network, meeting=meeting, since=timezone.now(),
            until=until, reason=reason, given_by=by,
        )  # fmt: skip
        _record_change(account, by, "assigned a role", reason, role=role, **scope)
    return grant


def end_role(*, grant: models.RoleGrant, by: models.Account | None, reason: str) -> None:
    """End a role now. The row is kept, to show who had which role on which day."""
    require_role_manager(by, grant.account)
    with transaction.atomic():
        if grant.role == Role.ADMINISTRATOR:
            ensure_administrator_remains(grants=[grant.pk])
        scope = _end_now(grant)
        _record_change(grant.account, by, "ended a role", reason, role=grant.role, **scope)


# --- Refusals ---------------------------------------------------------------------------------------------------------


def refuse_claim(
    *,
    account: models.Account,
    claim: Claim,
    by: models.Account | None,
    reason: str,
    state: str | None = None,
    network: models.Network | None = None,
    meeting: str = "",
    until: datetime | None = None,
) -> models.Refusal:
    """Refuse an account a claim regardless of its roles, everywhere or for one country, network or meeting."""
    require_role_manager(by, account)
    if claim in UNREFUSABLE_CLAIMS:
        raise ClaimNotRefusable
    scope = _scope_details(state, network, meeting)
    if any(value and dimension != CLAIM_SCOPES.get(claim) for dimension, value in scope.items()):
        raise ClaimNotRefusable
    with transaction.atomic():
        if claim in {Claim.GIVE_ROLES, Claim.OPEN_STAFF_SESSION}:
            ensure_administrator_remains(accounts=[account.pk])
        refusal = models.Refusal.objects.create(
            account=account, claim=claim, state_id=state, network=network, meeting=meeting, since=timezone.now(),
            until=until, reason=reason, made_by=by,
        )  # fmt: skip
        _record_change(account, by, "blocked a permission", reason, claim=claim, **scope)
    return refusal


def end_refusal(*, refusal: models.Refusal, by: models.Account | None, reason: str) -> None:
    """End a refusal now. No one can end a refusal of their own claims."""
    require_role_manager(by, refusal.account)
    with transaction.atomic():
        scope = _end_now(refusal)
        _record_change(refusal.account, by, "unblocked a permission", reason, claim=refusal.claim, **scope)


# --- Signing in -------------------------------------------------------------------------------------------------------


def deactivate_account(*, account: models.Account, by: models.Account | None, reason: str) -> None:
    """Deactivate an account, so that it cannot sign in, and end all its sessions."""
    require_role_manager(by, account)
    with transaction.atomic():
        ensure_administrator_remains(accounts=[account.pk])
        account.is_active = False
        account.save(update_fields=["is_active"])
        ended = close_all_staff_sessions(account=account)
        for session in UserSession.objects.filter(user=account):
            session.end()
        _record_change(account, by, "closed an account", reason, staff_sessions=ended)


def reactivate_account(*, account: models.Account, by: models.Account | None, reason: str) -> None:
    """Let an account sign in again, with the roles that have not ended. Raises `AccountErased` if it was erased."""
    require_role_manager(by, account)
    if account.erased_at is not None:
        raise AccountErased
    with transaction.atomic():
        account.is_active = True
        account.save(update_fields=["is_active"])
        _record_change(account, by, "reopened an account", reason)


# --- Checks -----------------------------------------------------------------------------------------------------------


def require_role_manager(by: models.Account | None, account: models.Account) -> None:
    """Require permission to give roles, and forbid users to decide about their own account."""
    if by is not None and (by.pk == account.pk or not has_claim(by, Claim.GIVE_ROLES, UNLIMITED_SCOPE)):
        raise PermissionDenied


def ensure_administrator_remains(*, grants: Collection[int] = (), accounts: Collection[int] = ()) -> None:
    """Raise `LastAdministrator` if no administrator would remain without these grants and accounts.

    The administrators' rows are locked before they are counted. Otherwise two administrators who end each other's role
    at the same time would each still count the other.
    """
    list(models.RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    current = list(administrator_grants(timezone.now()))
    remaining = [one for one in current if one.pk not in grants and one.account_id not in accounts]
    if current and not remaining:
        raise LastAdministrator


def administrator_grants(now: datetime) -> QuerySet[models.RoleGrant]:
    """Return the administrator grants in force at the time `now`, for accounts that can give roles."""
    refused = models.Refusal.objects.filter(
        in_force_filter(now), claim__in=[Claim.GIVE_ROLES, Claim.OPEN_STAFF_SESSION]
    )
    site_wide = models.RoleGrant.objects.filter(role=Role.ADMINISTRATOR, state=None, network=None, meeting="")
    return site_wide.filter(in_force_filter(now), account__is_active=True).exclude(
        account__in=refused.values("account")
    )


def _scope_details(state: str | None, network: models.Network | None, meeting: str) -> dict[str, str]:
    return {"state": state or "", "network": network.slug if network else "", "meeting": meeting}


def _end_now(right: models.RoleGrant | models.Refusal) -> dict[str, str]:
    """End a role or a refusal now, and return its scope; raise `AlreadyEnded` if it has already ended."""
    now = timezone.now()
    if not type(right)._default_manager.filter(in_force_filter(now), pk=right.pk).update(until=now):
        raise AlreadyEnded
    return _scope_details(right.state_id, right.network, right.meeting)


def _record_change(
    account: models.Account, by: models.Account | None, verb: str, reason: str, **details: object
) -> None:
    """Record a decision about an account in the audit log, and discard the account's cached permissions."""
    record(by=by, verb=verb, subject=f"account {account.public_id}", details=details, reason=reason)
    clear_cached_access(account)
