"""Permissions: every claim on the site is decided here, from an account's roles and refusals.

Roles and refusals are read once per request (`UserAccess`). Outside a request there is neither a second factor nor a
staff session, so no one has a staff claim: a command acts as itself (`by=None`), never as a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from samsvar.network.consent import Viewer
from samsvar.network.membership import Office
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import (
    STAFF_ROLES,
    UNLIMITED_SCOPE,
    AccessDecision,
    Claim,
    Grant,
    Refusal,
    Role,
    Scope,
    combine_decisions,
    decide_access,
    find_bound_states,
)
from samsvar.site.network import models
from samsvar.site.shell.compiled_queries import CompiledQuery

Account = models.Account  # for type annotations in other apps; only the network app uses the models themselves
Person = models.Person
Network = models.Network
Organisation = models.Organisation
type User = Any  # `request.user`: an account, or Django's AnonymousUser


@dataclass(frozen=True, slots=True)
class UserAccess:
    """An account's permissions at one moment, in one browser session."""

    signed_in: bool = False
    grants: tuple[Grant, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    networks: frozenset[int] = frozenset()  # networks that the account's person is currently a member of
    chaired_networks: frozenset[int] = frozenset()
    member_states: frozenset[str] = frozenset()  # states that the person currently represents in a network
    person: int | None = None
    second_factor: bool = False
    staff_session: bool = False
    moment: datetime = field(default_factory=timezone.now)

    def decide(self, claim: Claim, scope: Scope | None = None) -> AccessDecision:
        return decide_access(
            claim,
            signed_in=self.signed_in,
            grants=self.grants,
            refusals=self.refusals,
            bound_states=self.member_states,
            target=scope,
            moment=self.moment,
            second_factor=self.second_factor,
            staff_session=self.staff_session,
            second_factor_for_all=settings.SAMSVAR_REQUIRE_SECOND_FACTOR,
        )

    def decide_for_scopes(self, claim: Claim, scopes: Iterable[Scope]) -> AccessDecision:
        """Return the decision for several scopes: allowed if held for one or site-wide, and refused for none."""
        return combine_decisions(self.decide(claim, scope) for scope in {UNLIMITED_SCOPE, *scopes})

    def roles_granting(self, claim: Claim, scope: Scope) -> frozenset[Role]:
        """Return the roles that grant a claim for a scope, without regard to refusals and bonds."""
        return frozenset(
            grant.role for grant in self.grants if grant.is_active_at(self.moment) and grant.allows(claim, scope)
        )

    @property
    def bound_states(self) -> frozenset[str]:
        """The states that the account is bound to, through its roles and in the networks of its person."""
        return find_bound_states(self.grants, moment=self.moment) | self.member_states

    def is_refused(self, claim: Claim, scope: Scope | None = None) -> bool:
        """Return whether a claim is refused. A refusal also overrides permissions that come from an office."""
        return self.decide(claim, scope) is AccessDecision.REFUSED

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.is_active_at(self.moment))

    @property
    def is_staff(self) -> bool:
        """Whether the account has a staff role, which requires a second factor."""
        return bool(self.roles & STAFF_ROLES)


def get_access(user: User) -> UserAccess:
    """Return a user's permissions, which are read once per user object and so once per request."""
    if not user.is_authenticated or not user.is_active:
        return UserAccess()  # for anonymous users; its moment is the current time
    cached: UserAccess | None = getattr(user, "_access", None)
    if cached is None:
        cached = user._access = _load_access(user)
    return cached


def clear_cached_access(user: User) -> None:
    """Discard a user's cached permissions after a change of role, refusal or authentication."""
    if hasattr(user, "_access"):
        del user._access


def has_claim(user: User, claim: Claim, scope: Scope | None = None) -> bool:
    """Return whether a user has a claim for a scope or, if `scope` is None, for any scope at all."""
    return get_access(user).decide(claim, scope) is AccessDecision.ALLOWED


def network_scope(network: models.Network | None) -> Scope:
    """Return the scope of a network or, without a network, the unlimited scope, which only site-wide roles cover."""
    return Scope(network=network.slug) if network else UNLIMITED_SCOPE


def has_claim_in_any_network(user: User, claim: Claim, networks: Iterable[str]) -> bool:
    """Return whether a user has a claim in any of these networks or everywhere, and is refused it in none."""
    return (
        get_access(user).decide_for_scopes(claim, [Scope(network=slug) for slug in networks]) is AccessDecision.ALLOWED
    )


def has_claim_in_each_network(user: User, claim: Claim, networks: Iterable[str]) -> bool:
    """Return whether a user has a claim in every one of these networks or, if there are none, everywhere."""
    access = get_access(user)
    scopes = [Scope(network=slug) for slug in networks] or [UNLIMITED_SCOPE]
    return all(access.decide(claim, scope) is AccessDecision.ALLOWED for scope in scopes)


def get_viewer(user: User, person: Person) -> Viewer:
    """Return a user's relation to a person, which determines which of the person's details the user can see."""
    access = get_access(user)
    slugs = dict(_get_networks(person))
    sees_directory = has_claim_in_any_network(user, Claim.SEE_DIRECTORY, slugs.values())
    current_networks = person.memberships.filter(term_filter(access.moment.date())).values_list("network_id", flat=True)
    return Viewer(
        signed_in=access.signed_in and sees_directory,
        is_self=access.person is not None and access.person == person.pk,
        shares_network=sees_directory
        and not access.networks.isdisjoint(current_networks),  # former members no longer share the network
        is_secretariat=has_claim_in_any_network(user, Claim.MANAGE_PEOPLE, slugs.values()),
    )


def can_see_shares(user: User, network: models.Network) -> bool:
    """Return whether a user can see the share of each group in a network; its chair and secretariat can."""
    access, scope = get_access(user), network_scope(network)
    is_chair = network.pk in access.chaired_networks and not access.is_refused(Claim.SEE_SHARES, scope)
    return is_chair or access.decide(Claim.SEE_SHARES, scope) is AccessDecision.ALLOWED


def can_manage_person(user: User, person: Person) -> bool:
    """Return whether a user in a staff session can manage a person, as secretariat of one of the person's networks."""
    return has_claim_in_any_network(user, Claim.MANAGE_PEOPLE, [slug for _, slug in _get_networks(person)])


def can_erase_personal_data(user: User, *, account: Account | None, person: Person | None) -> bool:
    """Return whether a user can erase a person's data on written request, as secretariat of one of their networks.

    For accounts with a staff role, this requires permission for the whole site. Otherwise a network's secretariat could
    make an administrator a member and then erase the administrator's account.
    """
    is_staff = account is not None and account.grants.filter(role__in=STAFF_ROLES).exists()
    slugs = [slug for _, slug in _get_networks(person)] if person and not is_staff else []
    return has_claim_in_any_network(user, Claim.ERASE_PEOPLE, slugs)


def in_force_filter(moment: datetime, prefix: str = "") -> Q:
    """Return a filter for roles, refusals and legal bases in force at a moment; `prefix` is a lookup like `bases__`."""
    not_ended = Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": moment})
    return Q(**{f"{prefix}since__lte": moment}) & not_ended


def term_filter(day: date, prefix: str = "") -> Q:
    """Return a filter for terms and seats held on a day, including their first and last days.

    `prefix` is a lookup that leads to them, such as `memberships__`.
    """
    has_begun = Q(**{f"{prefix}begins__isnull": True}) | Q(**{f"{prefix}begins__lte": day})
    return has_begun & (Q(**{f"{prefix}ends__isnull": True}) | Q(**{f"{prefix}ends__gte": day}))


def _get_networks(person: Person) -> list[tuple[int, str]]:
    """Return the networks that a person is or was a member of: a secretariat also manages former members."""
    cached: list[tuple[int, str]] | None = getattr(person, "_networks", None)
    if cached is None:
        cached = list(person.memberships.values_list("network_id", "network__slug").distinct())
        person._networks = cached  # type: ignore[attr-defined]
    return cached


# Scope columns of grants and refusals, which are read without creating model instances.
_SCOPE_COLUMNS = ("state_id", "network__slug", "meeting")

# Kinds of organisations that are part of their state, whose members therefore represent it.
STATE_BODIES = frozenset({OrganisationKind.MINISTRY, OrganisationKind.CO_ORDINATING_BODY})

# An account's person with each current membership; the other columns are None if they have none.
_MEMBERSHIPS_QUERY = CompiledQuery(
    lambda account, day: (
        models.Person.objects.filter(account=account, erased_at__isnull=True)
        .annotate(today=FilteredRelation("memberships", condition=term_filter(day, "memberships__")))
        .values_list(
            "pk",
            "today__network_id",
            "today__office",
            "today__state_id",
            "today__organisation__state_id",
            "today__organisation__kind",
        )
    ),
    int,
    date,
)
# With the ended roles for a state, which may still bind the account to it; a grant knows whether it is active.
_GRANTS_QUERY = CompiledQuery(
    lambda account, moment: models.RoleGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gt=moment) | Q(state__isnull=False), since__lte=moment, account=account
    ).values_list("role", "since", "until", *_SCOPE_COLUMNS),
    int,
    datetime,
)
_REFUSALS_QUERY = CompiledQuery(
    lambda account, moment: models.Refusal.objects.filter(in_force_filter(moment), account=account).values_list(
        "claim", *_SCOPE_COLUMNS
    ),
    int,
    datetime,
)


def _load_access(user: Account) -> UserAccess:
    """Read a signed-in user's permissions in three queries."""
    now = timezone.now()
    terms = _MEMBERSHIPS_QUERY.fetch_rows(user.pk, now.date())
    grants, refusals = _GRANTS_QUERY.fetch_rows(user.pk, now), _REFUSALS_QUERY.fetch_rows(user.pk, now)
    session: models.StaffSession | None = getattr(user, "staff_session", None)
    return UserAccess(
        signed_in=True,
        grants=tuple(Grant(Role(role), _build_scope(*scope), since, until) for role, since, until, *scope in grants),
        refusals=tuple(Refusal(Claim(claim), _build_scope(*scope)) for claim, *scope in refusals),
        networks=frozenset(network for _, network, *_rest in terms if network is not None),
        chaired_networks=frozenset(network for _, network, office, *_rest in terms if office == Office.CHAIR),
        member_states=frozenset(
            represented
            for _person, _network, office, state, organisation_state, kind in terms
            for represented in (
                state if office == Office.NATIONAL_CONTACT_POINT else None,
                organisation_state if kind in STATE_BODIES else None,
            )
            if represented
        ),
        person=terms[0][0] if terms else None,
        second_factor=bool(getattr(user, "second_factor", False)),
        staff_session=session is not None and session.closed_at is None and session.ends_at > now,
        moment=now,
    )


def _build_scope(state: str | None, network: str | None, meeting: str) -> Scope:
    return Scope(state=state or "", network=network or "", meeting=meeting)
