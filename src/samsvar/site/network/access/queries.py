"""Queries for accounts, roles and staff sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.actions import record_access
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter

ACCOUNTS_PER_PAGE = 25
SESSIONS_PER_PAGE = 50
ACCOUNT_ADDRESS = "address of the account"  # how the audit log names it, because it is not a field of a profile


def accounts_page(params: Mapping[str, str], *, seen_by: models.Account) -> Page[Any]:
    """Return accounts with their current roles and refusals, and log the access to their addresses. Six queries."""
    now = timezone.now()
    accounts = models.Account.objects.filter(erased_at__isnull=True).select_related("person").order_by("email")
    query = params.get("q", "").strip()
    if query:
        accounts = accounts.filter(Q(email__icontains=query) | Q(public_id=query))
    if (role := params.get("role", "")) in set(Role):
        holders = models.RoleGrant.objects.filter(in_force_filter(now), role=role).values("account")
        accounts = accounts.filter(pk__in=holders)
    accounts = accounts.prefetch_related(
        Prefetch("grants", models.RoleGrant.objects.filter(in_force_filter(now)).select_related("network"), "held"),
        Prefetch("refusals", models.Refusal.objects.filter(in_force_filter(now)).select_related("network"), "refused"),
    )
    page: Page[Any] = Paginator(accounts, ACCOUNTS_PER_PAGE).get_page(params.get("page"))
    log_address_access(list(page.object_list), seen_by, "list of accounts")
    return page


@dataclass(frozen=True, slots=True)
class AccountRights:
    """An account with its current and past roles and refusals."""

    account: models.Account
    grants: tuple[models.RoleGrant, ...]
    refusals: tuple[models.Refusal, ...]
    past_grants: tuple[models.RoleGrant, ...]
    past_refusals: tuple[models.Refusal, ...]
    is_own: bool
    has_second_factor: bool


def account_rights(public_id: str, *, seen_by: models.Account) -> AccountRights | None:
    """Return an account's current and past roles and refusals, and log the access to its address. Five queries."""
    accounts = models.Account.objects.filter(public_id=public_id, erased_at__isnull=True)
    account = accounts.select_related("person").first()
    if account is None:
        return None
    now = timezone.now()
    grants = list(account.grants.select_related("network", "given_by").order_by("-since", "-pk"))
    refusals = list(account.refusals.select_related("network", "made_by").order_by("-since", "-pk"))
    log_address_access([account], seen_by, f"account {public_id}")
    return AccountRights(
        account=account,
        grants=tuple(one for one in grants if not _has_ended(one, now)),
        refusals=tuple(one for one in refusals if not _has_ended(one, now)),
        past_grants=tuple(one for one in grants if _has_ended(one, now)),
        past_refusals=tuple(one for one in refusals if _has_ended(one, now)),
        is_own=account.pk == seen_by.pk,
        has_second_factor=Authenticator.objects.filter(user=account).exists(),
    )


def find_account(public_id: str) -> models.Account | None:
    return models.Account.objects.filter(public_id=public_id, erased_at__isnull=True).first()


def find_grant(public_id: str, grant: int) -> models.RoleGrant | None:
    """Return a role grant of this account, or None."""
    grants = models.RoleGrant.objects.select_related("account", "network")
    return grants.filter(pk=grant, account__public_id=public_id).first()


def find_refusal(public_id: str, refusal: int) -> models.Refusal | None:
    refusals = models.Refusal.objects.select_related("account", "network")
    return refusals.filter(pk=refusal, account__public_id=public_id).first()


def own_staff_sessions(account: models.Account, page: str | None) -> Page[Any]:
    return Paginator(account.staff_sessions.all(), SESSIONS_PER_PAGE).get_page(page)


def all_staff_sessions(page: str | None) -> Page[Any]:
    """Return all staff sessions, newest first."""
    sessions: QuerySet[models.StaffSession] = models.StaffSession.objects.select_related("account")
    return Paginator(sessions, SESSIONS_PER_PAGE).get_page(page)


def secretariat_accounts(networks: Collection[models.Network], claim: Claim) -> QuerySet[models.Account]:
    """Return the secretariat accounts of these networks and of the whole site that are not refused this claim.

    They have the claim once they open a staff session, so they are the accounts to notify of pending work.
    """
    is_current = in_force_filter(timezone.now()) & Q(state__isnull=True, meeting="")
    in_networks = Q(network__isnull=True) | Q(network__in=networks)
    grants = models.RoleGrant.objects.filter(is_current, in_networks, role=Role.SECRETARIAT)
    refused = models.Refusal.objects.filter(is_current, in_networks, claim__in=(claim, Claim.OPEN_STAFF_SESSION))
    return (
        models.Account.objects.filter(is_active=True, pk__in=grants.values("account"))
        .exclude(pk__in=refused.values("account"))
        .order_by("pk")
    )


def _has_ended(grant_or_refusal: models.RoleGrant | models.Refusal, now: Any) -> bool:
    return grant_or_refusal.until is not None and grant_or_refusal.until <= now


def log_address_access(accounts: Iterable[models.Account], by: models.Account, subject: str) -> None:
    """Log the access to these accounts' addresses, under the person's public id or else the account's."""
    people = {_audit_subject(one): [ACCOUNT_ADDRESS] for one in accounts if one.pk != by.pk}
    if people:
        record_access(by=by, fields_by_person=people, subject=subject)


def _audit_subject(account: models.Account) -> str:
    person = getattr(account, "person", None)
    return person.public_id if person is not None else account.public_id
