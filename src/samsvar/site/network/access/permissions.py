"""Who may do what, now. Every claim of the site is answered here, from what an account was given and refused.

The facts are read once a request (`Access`). Outside a request there is neither second factor nor staff session, so
staff claims do not hold: a command acts as itself (`by=None`), never as somebody.
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
from samsvar.network.rights import ANYTHING, STAFF, Answer, Claim, Grant, Refusal, Role, Scope, answer, joined
from samsvar.site.network import models
from samsvar.site.shell.compiled_queries import Prepared

Account = models.Account  # other apps name the type of who acts by this; the rows themselves are the network's
Person = models.Person
Network = models.Network
Organisation = models.Organisation
type User = Any  # an account, or Django's AnonymousUser: what a request has


@dataclass(frozen=True, slots=True)
class Access:
    """What one account may do at one moment, in one browser session."""

    signed_in: bool = False
    grants: tuple[Grant, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    networks: frozenset[int] = frozenset()  # of which the account's person is a member today
    chairs: frozenset[int] = frozenset()
    person: int | None = None
    second_factor: bool = False
    staff_session: bool = False
    moment: datetime = field(default_factory=timezone.now)

    def answer(self, claim: Claim, asked: Scope | None = None) -> Answer:
        return answer(
            claim,
            signed_in=self.signed_in,
            grants=self.grants,
            refusals=self.refusals,
            asked=asked,
            moment=self.moment,
            second_factor=self.second_factor,
            staff_session=self.staff_session,
            factor_of_all=settings.SAMSVAR_SECOND_FACTOR_OF_ALL,
        )

    def answer_about(self, claim: Claim, scopes: Iterable[Scope]) -> Answer:
        """About a thing that lies in all these scopes: held in one of them or everywhere, and refused in none."""
        return joined(self.answer(claim, scope) for scope in {ANYTHING, *scopes})

    def is_refused(self, claim: Claim, asked: Scope | None = None) -> bool:
        """Whether a refusal stands in the way, also of what somebody may by an office and not by a role."""
        return self.answer(claim, asked) is Answer.REFUSED

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.holds_at(self.moment))

    @property
    def is_staff(self) -> bool:
        """Whether a second factor is asked of this account."""
        return bool(self.roles & STAFF)


def access_of(user: User) -> Access:
    """What this account may do; read from the database once for each user object, which is once a request."""
    if not user.is_authenticated or not user.is_active:
        return Access()  # of nobody; its moment is now
    known: Access | None = getattr(user, "_access", None)
    if known is None:
        known = user._access = _read(user)
    return known


def forget_access(user: User) -> None:
    """Read anew what this account may do: after a role, a refusal or its sign-in has changed."""
    if hasattr(user, "_access"):
        del user._access


def holds(user: User, claim: Claim, asked: Scope | None = None) -> bool:
    """Whether a claim holds; `asked` None asks whether it holds for anything at all."""
    return access_of(user).answer(claim, asked) is Answer.YES


def network_scope(network: models.Network | None) -> Scope:
    """The scope of a question about one network; for a thing in no network, one that no bound role covers."""
    return Scope(network=network.slug) if network else ANYTHING


def holds_in_any(user: User, claim: Claim, networks: Iterable[str]) -> bool:
    """Whether a claim holds for a thing of these networks: in one of them or everywhere, and refused in none."""
    return access_of(user).answer_about(claim, [Scope(network=slug) for slug in networks]) is Answer.YES


def holds_in_each(user: User, claim: Claim, networks: Iterable[str]) -> bool:
    """Whether a claim holds in all of these networks; for a thing of none, whether it holds everywhere."""
    access = access_of(user)
    scopes = [Scope(network=slug) for slug in networks] or [ANYTHING]
    return all(access.answer(claim, scope) is Answer.YES for scope in scopes)


def viewer_of(user: User, person: Person) -> Viewer:
    """How this user stands to this person: the one question before any detail is shown."""
    access = access_of(user)
    slugs = dict(_networks_of(person))
    reads = holds_in_any(user, Claim.SEE_DIRECTORY, slugs.values())
    today = person.memberships.filter(on_day(access.moment.date())).values_list("network_id", flat=True)
    return Viewer(
        signed_in=access.signed_in and reads,
        is_self=access.person is not None and access.person == person.pk,
        shares_network=reads and not access.networks.isdisjoint(today),  # who has left is among members no more
        is_secretariat=holds_in_any(user, Claim.MANAGE_PEOPLE, slugs.values()),
    )


def can_see_shares(user: User, network: models.Network) -> bool:
    """The chair and the secretariat see how many of each group a network has; nobody's name is in it."""
    access, asked = access_of(user), network_scope(network)
    is_chair = network.pk in access.chairs and not access.is_refused(Claim.SEE_SHARES, asked)
    return is_chair or access.answer(Claim.SEE_SHARES, asked) is Answer.YES


def can_manage(user: User, person: Person) -> bool:
    """See and change what the secretariat may of this person: in a staff session, for a network of theirs."""
    return holds_in_any(user, Claim.MANAGE_PEOPLE, [slug for _, slug in _networks_of(person)])


def can_erase(user: User, *, account: Account | None, person: Person | None) -> bool:
    """Erase somebody who asked for it by letter: of a network of theirs, and whoever has a staff role from anywhere.

    Without the second half the secretariat of one network could erase an administrator by making them a member.
    """
    trusted = account is not None and account.grants.filter(role__in=STAFF).exists()
    slugs = [slug for _, slug in _networks_of(person)] if person and not trusted else []
    return holds_in_any(user, Claim.ERASE_PEOPLE, slugs)


def in_force(moment: datetime, of: str = "") -> Q:
    """Roles, refusals and bases that hold at a moment; `of` is the way to them, as `bases__`."""
    goes_on = Q(**{f"{of}until__isnull": True}) | Q(**{f"{of}until__gt": moment})
    return Q(**{f"{of}since__lte": moment}) & goes_on


def on_day(day: date, of: str = "") -> Q:
    """Terms and seats that hold on a day, both ends included; `of` is the way to them, as `memberships__`."""
    begun = Q(**{f"{of}begins__isnull": True}) | Q(**{f"{of}begins__lte": day})
    return begun & (Q(**{f"{of}ends__isnull": True}) | Q(**{f"{of}ends__gte": day}))


def _networks_of(person: Person) -> list[tuple[int, str]]:
    """The networks that a person is or was a member of: also former members are their secretariat's."""
    known: list[tuple[int, str]] | None = getattr(person, "_networks", None)
    if known is None:
        known = list(person.memberships.values_list("network_id", "network__slug").distinct())
        person._networks = known  # type: ignore[attr-defined]
    return known


# of grants and refusals: what is read of each, with no row built for it
_SCOPE = ("state_id", "network__slug", "meeting")

# who an account is, and each term of a day beside it; (person, None, None) of a member of nothing
_TERMS = Prepared(
    lambda account, day: (
        models.Person.objects.filter(account=account, erased_at__isnull=True)
        .annotate(today=FilteredRelation("memberships", condition=on_day(day, "memberships__")))
        .values_list("pk", "today__network_id", "today__office")
    ),
    int,
    date,
)
_GRANTS = Prepared(
    lambda account, moment: models.RoleGrant.objects.filter(in_force(moment), account=account).values_list(
        "role", "since", "until", *_SCOPE
    ),
    int,
    datetime,
)
_REFUSALS = Prepared(
    lambda account, moment: models.Refusal.objects.filter(in_force(moment), account=account).values_list(
        "claim", *_SCOPE
    ),
    int,
    datetime,
)


def _read(user: Account) -> Access:
    """Three questions, at every request of whoever is signed in."""
    now = timezone.now()
    terms = _TERMS.ask(user.pk, now.date())
    grants, refusals = _GRANTS.ask(user.pk, now), _REFUSALS.ask(user.pk, now)
    session: models.StaffSession | None = getattr(user, "staff_session", None)
    return Access(
        signed_in=True,
        grants=tuple(Grant(Role(role), _scope(*scope), since, until) for role, since, until, *scope in grants),
        refusals=tuple(Refusal(Claim(claim), _scope(*scope)) for claim, *scope in refusals),
        networks=frozenset(network for _, network, _ in terms if network is not None),
        chairs=frozenset(network for _, network, office in terms if office == Office.CHAIR),
        person=terms[0][0] if terms else None,
        second_factor=bool(getattr(user, "second_factor", False)),
        staff_session=session is not None and session.closed_at is None and session.ends_at > now,
        moment=now,
    )


def _scope(state: str | None, network: str | None, meeting: str) -> Scope:
    return Scope(state=state or "", network=network or "", meeting=meeting)
