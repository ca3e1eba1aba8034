"""Roles, refusals and whether an account may sign in at all: who decided it about whom, why, and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from samsvar.network.membership import NetworkError
from samsvar.network.rights import ANYTHING, ASKED_BY, BOUND, MAY_BE_BOUND, NEVER_REFUSED, Claim, Role
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.staff_sessions import close_all_staff_sessions
from samsvar.site.network.access.permissions import forget_access, holds, in_force


class RoleNeedsScope(NetworkError):
    """A role that holds for one country or one meeting was given without it."""

    code = "role_needs_scope"
    advice = "Say for which country, or for which meeting."


class RoleTakesNoScope(NetworkError):
    """A role was bound to something that nothing asks about: it would hold for nothing, or for everything."""

    code = "role_takes_no_scope"
    advice = "Give it without the bond, or give another role."


class CannotBeRefused(NetworkError):
    """A refusal would take what belongs to everybody, or would reach nothing."""

    code = "cannot_be_refused"


class LastAdministrator(NetworkError):
    """After this nobody could give a role any more."""

    code = "last_administrator"
    kept = "Everything is as it was."
    advice = "Make somebody else an administrator first."


class OverAlready(NetworkError):
    """A role or a refusal that has ended cannot be ended once more."""

    code = "over_already"
    kept = "Everything is as it was."


class AccountErased(NetworkError):
    """An erased account names nobody and opens for nobody."""

    code = "account_erased"
    kept = "Everything is as it was."
    advice = "Invite the person anew."


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
    """Give an account a role; nobody gives one to themselves. `by` None: a command, on the machine itself."""
    _check_may(by, account)
    bond = _bond(state, network, meeting)
    if role in BOUND and not bond[BOUND[role]]:
        raise RoleNeedsScope(f"The role “{role}” holds for one {BOUND[role]} only.")
    if any(said and dimension != MAY_BE_BOUND.get(role) for dimension, said in bond.items()):
        raise RoleTakesNoScope(f"The role “{role}” cannot be bound to that.")
    with transaction.atomic():
        grant = models.RoleGrant.objects.create(
            account=account,
            role=role,
            state_id=state,
            network=network,
            meeting=meeting,
            since=timezone.now(),
            until=until,
            reason=reason,
            given_by=by,
        )
        record(by=by, verb="gave a role", subject=_named(account), details={"role": role, **bond}, why=reason)
    forget_access(account)
    return grant


def end_role(*, grant: models.RoleGrant, by: models.Account | None, reason: str) -> None:
    """End a role now; the row stays, so that it can be said who had which role on a day."""
    _check_may(by, grant.account)
    with transaction.atomic():
        if grant.role == Role.ADMINISTRATOR:
            must_leave_an_administrator(grants=[grant.pk])
        now = timezone.now()
        if not models.RoleGrant.objects.filter(in_force(now), pk=grant.pk).update(until=now):
            raise OverAlready("This role has ended already.")
        record(
            by=by,
            verb="ended a role",
            subject=_named(grant.account),
            details={"role": grant.role, **_bond(grant.state_id, grant.network, grant.meeting)},
            why=reason,
        )
    forget_access(grant.account)


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
    """Take a claim from an account whatever its roles are, for everything or for one country, network or meeting."""
    _check_may(by, account)
    if claim in NEVER_REFUSED:
        raise CannotBeRefused(
            "What is public, and one’s own account, cannot be refused.",
            advice="To keep somebody from signing in, close the account.",
        )
    bond = _bond(state, network, meeting)
    if any(said and dimension != ASKED_BY.get(claim) for dimension, said in bond.items()):
        raise CannotBeRefused(
            f"Nothing asks “{claim}” by that: the refusal would reach nothing.",
            advice="Refuse it everywhere, or for one country, network or meeting.",
        )
    with transaction.atomic():
        if claim in {Claim.GIVE_ROLES, Claim.OPEN_STAFF_SESSION}:
            must_leave_an_administrator(accounts=[account.pk])
        refusal = models.Refusal.objects.create(
            account=account,
            claim=claim,
            state_id=state,
            network=network,
            meeting=meeting,
            since=timezone.now(),
            until=until,
            reason=reason,
            made_by=by,
        )
        record(by=by, verb="refused a claim", subject=_named(account), details={"claim": claim, **bond}, why=reason)
    forget_access(account)
    return refusal


def end_refusal(*, refusal: models.Refusal, by: models.Account | None, reason: str) -> None:
    """End a refusal now; nobody ends one that stands against themselves."""
    _check_may(by, refusal.account)
    with transaction.atomic():
        now = timezone.now()
        if not models.Refusal.objects.filter(in_force(now), pk=refusal.pk).update(until=now):
            raise OverAlready("This refusal has ended already.")
        record(
            by=by,
            verb="ended a refusal",
            subject=_named(refusal.account),
            details={"claim": refusal.claim, **_bond(refusal.state_id, refusal.network, refusal.meeting)},
            why=reason,
        )
    forget_access(refusal.account)


# --- Whether an account may sign in -----------------------------------------------------------------------------------


def deactivate_account(*, account: models.Account, by: models.Account | None, reason: str) -> None:
    """Let an account sign in no more, and end every session that it has open anywhere."""
    _check_may(by, account)
    with transaction.atomic():
        must_leave_an_administrator(accounts=[account.pk])
        account.is_active = False
        account.save(update_fields=["is_active"])
        ended = close_all_staff_sessions(account=account)
        for session in UserSession.objects.filter(user=account):
            session.end()
        record(by=by, verb="closed an account", subject=_named(account), details={"staff_sessions": ended}, why=reason)
    forget_access(account)


def reactivate_account(*, account: models.Account, by: models.Account | None, reason: str) -> None:
    """Let an account sign in again, with the roles that have not ended. An erased one names nobody and stays shut."""
    _check_may(by, account)
    if account.erased_at is not None:
        raise AccountErased("This account was erased.")
    with transaction.atomic():
        account.is_active = True
        account.save(update_fields=["is_active"])
        record(by=by, verb="opened an account again", subject=_named(account), why=reason)
    forget_access(account)


# --- What stands in the way -------------------------------------------------------------------------------------------


def _check_may(by: models.Account | None, account: models.Account) -> None:
    """Nobody decides about themselves."""
    if by is not None and (by.pk == account.pk or not holds(by, Claim.GIVE_ROLES, ANYTHING)):
        raise PermissionDenied


def must_leave_an_administrator(*, grants: Collection[int] = (), accounts: Collection[int] = ()) -> None:
    """Raise `LastAdministrator` where these were the last.

    Every administrator's row is locked first, and only then it is asked who is one: two who end each other at once
    would each still see the other, with a moment from before the lock.
    """
    list(models.RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    there = list(administrators(timezone.now()))
    staying = [one for one in there if one.pk not in grants and one.account_id not in accounts]
    if there and not staying:
        raise LastAdministrator("This is the last administrator.")


def administrators(now: datetime) -> QuerySet[models.RoleGrant]:
    """The grants by which somebody can give roles at this moment."""
    kept_from = models.Refusal.objects.filter(in_force(now), claim__in=[Claim.GIVE_ROLES, Claim.OPEN_STAFF_SESSION])
    unbound = models.RoleGrant.objects.filter(role=Role.ADMINISTRATOR, state=None, network=None, meeting="")
    return unbound.filter(in_force(now), account__is_active=True).exclude(account__in=kept_from.values("account"))


def _bond(state: str | None, network: models.Network | None, meeting: str) -> dict[str, str]:
    return {"state": state or "", "network": network.slug if network else "", "meeting": meeting}


def _named(account: models.Account) -> str:
    return f"account {account.public_id}"
