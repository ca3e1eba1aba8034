"""Queries of roles and staff sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.actions import record_sight
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force

ACCOUNTS_A_PAGE = 25
SESSIONS_A_PAGE = 50
ADDRESS = "address of the account"  # what the trail calls it: it is no field of a person's entry


def accounts_page(asked: Mapping[str, str], *, seen_by: models.Account) -> Page[Any]:
    """Accounts with the roles and refusals in force; who looks at their addresses is written down. Six queries."""
    now = timezone.now()
    found = models.Account.objects.filter(erased_at__isnull=True).select_related("person").order_by("email")
    words = asked.get("q", "").strip()
    if words:
        found = found.filter(Q(email__icontains=words) | Q(public_id=words))
    if (role := asked.get("role", "")) in set(Role):
        found = found.filter(pk__in=models.RoleGrant.objects.filter(in_force(now), role=role).values("account"))
    found = found.prefetch_related(
        Prefetch("grants", models.RoleGrant.objects.filter(in_force(now)).select_related("network"), "held"),
        Prefetch("refusals", models.Refusal.objects.filter(in_force(now)).select_related("network"), "refused"),
    )
    page: Page[Any] = Paginator(found, ACCOUNTS_A_PAGE).get_page(asked.get("page"))
    write_sights(list(page.object_list), seen_by, "list of accounts")
    return page


@dataclass(frozen=True, slots=True)
class AccountRights:
    """One account with every role it has or had, and every refusal."""

    account: models.Account
    grants: tuple[models.RoleGrant, ...]
    refusals: tuple[models.Refusal, ...]
    past_grants: tuple[models.RoleGrant, ...]
    past_refusals: tuple[models.Refusal, ...]
    is_own: bool
    has_second_factor: bool


def account_rights(public_id: str, *, seen_by: models.Account) -> AccountRights | None:
    """What one account may and may not, now and before; who looks at its address is written down. Five queries."""
    account = (
        models.Account.objects.filter(public_id=public_id, erased_at__isnull=True).select_related("person").first()
    )
    if account is None:
        return None
    now = timezone.now()
    grants = list(account.grants.select_related("network", "given_by").order_by("-since", "-pk"))
    refusals = list(account.refusals.select_related("network", "made_by").order_by("-since", "-pk"))
    write_sights([account], seen_by, f"account {public_id}")
    return AccountRights(
        account=account,
        grants=tuple(one for one in grants if not _is_over(one, now)),
        refusals=tuple(one for one in refusals if not _is_over(one, now)),
        past_grants=tuple(one for one in grants if _is_over(one, now)),
        past_refusals=tuple(one for one in refusals if _is_over(one, now)),
        is_own=account.pk == seen_by.pk,
        has_second_factor=Authenticator.objects.filter(user=account).exists(),
    )


def account_of(public_id: str) -> models.Account | None:
    return models.Account.objects.filter(public_id=public_id, erased_at__isnull=True).first()


def grant_of(public_id: str, grant: int) -> models.RoleGrant | None:
    """A role of exactly this account."""
    return (
        models.RoleGrant.objects.select_related("account", "network")
        .filter(pk=grant, account__public_id=public_id)
        .first()
    )


def refusal_of(public_id: str, refusal: int) -> models.Refusal | None:
    return (
        models.Refusal.objects.select_related("account", "network")
        .filter(pk=refusal, account__public_id=public_id)
        .first()
    )


def own_staff_sessions(account: models.Account, page: str | None) -> Page[Any]:
    return Paginator(account.staff_sessions.all(), SESSIONS_A_PAGE).get_page(page)


def all_staff_sessions(page: str | None) -> Page[Any]:
    """Every staff session of everybody, newest first, by the public id of the account."""
    found: QuerySet[models.StaffSession] = models.StaffSession.objects.select_related("account")
    return Paginator(found, SESSIONS_A_PAGE).get_page(page)


def secretariats(networks: Collection[models.Network], claim: Claim) -> QuerySet[models.Account]:
    """The accounts of these networks' secretariats and of the site's own, refused this claim in none of them.

    They hold it once they open a staff session: whom a letter tells that something waits, or has happened.
    """
    held = in_force(timezone.now()) & Q(state__isnull=True, meeting="")
    here = Q(network__isnull=True) | Q(network__in=networks)
    grants = models.RoleGrant.objects.filter(held, here, role=Role.SECRETARIAT)
    refused = models.Refusal.objects.filter(held, here, claim__in=(claim, Claim.OPEN_STAFF_SESSION))
    return (
        models.Account.objects.filter(is_active=True, pk__in=grants.values("account"))
        .exclude(pk__in=refused.values("account"))
        .order_by("pk")
    )


def _is_over(row: models.RoleGrant | models.Refusal, now: Any) -> bool:
    return row.until is not None and row.until <= now


def write_sights(accounts: Iterable[models.Account], by: models.Account, subject: str) -> None:
    """An address is seen: under the person's public id where there is a person, else under the account's."""
    people = {_subject_of(one): [ADDRESS] for one in accounts if one.pk != by.pk}
    if people:
        record_sight(by=by, people=people, subject=subject)


def _subject_of(account: models.Account) -> str:
    person = getattr(account, "person", None)
    return person.public_id if person is not None else account.public_id
