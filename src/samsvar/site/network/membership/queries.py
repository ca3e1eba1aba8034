"""Queries of networks and members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from samsvar.network import loading
from samsvar.network.consent import Visibility
from samsvar.network.membership import SINGLE, Office
from samsvar.network.people import Field, Group, share_of_groups
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import (
    User,
    access_of,
    can_manage,
    can_see_shares,
    holds,
    holds_in_each,
    network_scope,
    on_day,
)
from samsvar.site.network.directory.queries.directory import by_name
from samsvar.site.network.directory.queries.people import PersonView, details_for, holders, seen_by, with_a_name

MEMBERS_A_PAGE = 60
FIELDS_SHOWN = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.NETWORKS)
MEMBERS_IN_LIST = 100  # of the secretariat's list, a page


@dataclass(frozen=True, slots=True)
class Held:
    """A term in an office, with the person as this viewer may see them; None where they may not know who it is."""

    office: Office
    state: str
    person: PersonView | None
    begins: date | None = None  # said only where the person is
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many members are of a group, in whole per cent; `group` "" stands for those whose group nobody has said."""

    group: Group | str
    count: int
    per_cent: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the members whom this viewer may see speak a language, or know an article or a concept."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """Everything on the page of a network, for one viewer, on one day."""

    network: models.Network
    fact: loading.NetworkFact | None
    about: str
    about_language: str
    members_are: str  # what a public source says that its members are
    day: date
    is_today: bool
    seats: tuple[models.Seat, ...]
    offices: tuple[Held, ...]
    successions: tuple[tuple[Held, ...], ...]  # of each office that more than one person has held
    members: tuple[PersonView, ...]
    pages: Page
    member_count: int  # of all, also of those who are not shown
    languages: tuple[Coverage, ...]
    articles: tuple[Coverage, ...]
    concepts: tuple[Coverage, ...]
    shares: tuple[Share, ...] | None  # None for whoever may not see them
    named: tuple[loading.OrganisationFact, ...]
    gatherings: tuple[loading.Gathering, ...]
    publications: tuple[loading.Publication, ...]
    may_manage: bool
    may_export: bool
    may_change: bool


# --- Who may change what ----------------------------------------------------------------------------------------------


def can_manage_network(user: User, network: models.Network) -> bool:
    """Members, offices and seats of this network: its secretariat, in a staff session."""
    return holds(user, Claim.MANAGE_PEOPLE, network_scope(network))


def can_manage_organisation(user: User, organisation: models.Organisation | None) -> bool:
    """A new organisation: any secretariat. One that is here: who is secretariat of each network where it sits or sat.

    A seat in one's own network is given to any organisation, and must not be what opens the words of another network
    about it; the secretariat of the whole site settles what two networks see differently.
    """
    if organisation is None:
        return holds(user, Claim.MANAGE_PEOPLE)
    seats = organisation.seats.values_list("network__slug", flat=True).distinct()
    return holds_in_each(user, Claim.MANAGE_PEOPLE, seats)


def can_export(user: User, network: models.Network) -> bool:
    """Take the list of members out of the site; whoever is refused to see them on it takes none."""
    return can_manage_network(user, network) and holds(user, Claim.EXPORT_PEOPLE, network_scope(network))


def can_change_network(user: User, network: models.Network | None) -> bool:
    return holds(user, Claim.MANAGE_NETWORKS, network_scope(network))


# --- Networks ---------------------------------------------------------------------------------------------------------


def networks() -> QuerySet[models.Network]:
    """Every network with how many organisations have or had a seat."""
    return models.Network.objects.annotate(organisation_count=Count("seats__organisation", distinct=True))


def network_by(slug: str) -> models.Network | None:
    return models.Network.objects.filter(slug=slug).first()


def network_page(
    user: User, network: models.Network, *, day: date, today: date, language: str, page: str | None = None
) -> NetworkPage:
    """The page of a network as this user may see it. Offices stand as on `day`; people are seen as they are now."""
    held = holding(network.memberships.all(), day)
    shown = with_a_name(user).filter(_says_of(user, network))
    members = by_name(user, shown.filter(pk__in=held.values("person")), named=True)
    pages = Paginator(members, MEMBERS_A_PAGE).get_page(page)
    terms = list(
        network.memberships.exclude(office__in=(Office.MEMBER, Office.OBSERVER)).order_by("office", "begins", "pk")
    )
    officials = list(shown.filter(pk__in=[term.person_id for term in terms]))
    people = {person.pk: person for person in (*pages.object_list, *officials)}
    views = dict(
        zip(
            people,
            details_for(user, people.values(), subject=f"network {network.slug}", fields=FIELDS_SHOWN),
            strict=True,
        )
    )
    fact = loading.networks().get(network.slug)
    sentences = dict(fact.about) if fact else {}
    covered = _coverage(user, members)
    return NetworkPage(
        network=network,
        fact=fact,
        about=sentences.get(language, "") or network.about,
        about_language=language if sentences.get(language) else "",
        members_are=dict(fact.members).get(language, "") if fact else "",
        day=day,
        is_today=day == today,
        seats=tuple(holding(network.seats.select_related("organisation"), day).order_by("organisation__name", "pk")),
        offices=tuple(_offices(terms, views, day, today)),
        successions=tuple(_successions(terms, views)),
        members=tuple(views[person.pk] for person in pages.object_list),
        pages=pages,
        member_count=held.values("person").distinct().count(),
        languages=covered[Field.LANGUAGES],
        articles=tuple(one for one in covered[Field.EXPERTISE] if one.value.startswith("article:")),
        concepts=tuple(one for one in covered[Field.EXPERTISE] if one.value.startswith("concept:")),
        # of today only: two days that differ by one member would tell that member's group
        shares=_shares(held) if day == today and can_see_shares(user, network) else None,
        named=tuple(loading.organisations().values()) if fact else (),
        gatherings=tuple(one for one in loading.gatherings() if one.network == network.slug),
        publications=loading.publications_of(network.slug),
        may_manage=can_manage_network(user, network),
        may_export=can_export(user, network),
        may_change=can_change_network(user, network),
    )


def holding[Rows: QuerySet[models.Membership] | QuerySet[models.Seat]](rows: Rows, day: date) -> Rows:
    """The terms or seats that hold on a day, both ends included."""
    return rows.filter(on_day(day))  # type: ignore[return-value]


def _says_of(user: User, network: models.Network) -> Q:
    """People of whom this user may see that they belong to a network."""
    return Q(pk__in=holders(seen_by(user).filter(field=Field.NETWORKS, value=network.slug)))


def _held(term: models.Membership, views: Mapping[int, PersonView]) -> Held:
    view = views.get(term.person_id)
    days = (term.begins, term.ends) if view else (None, None)
    return Held(Office(term.office), term.state_id or "", view, *days)


def _offices(
    terms: Iterable[models.Membership], views: Mapping[int, PersonView], day: date, today: date
) -> Iterable[Held]:
    """Who held what on a day. A holder who does not show themselves stands there today only, without a name: asked day
    by day, the page would tell when their term began and ended."""
    order = list(Office)
    held = [
        term
        for term in terms
        if (not term.begins or term.begins <= day)
        and (not term.ends or day <= term.ends)
        and (day == today or term.person_id in views)
    ]
    return (
        _held(term, views)
        for term in sorted(held, key=lambda one: (order.index(Office(one.office)), one.state_id or ""))
    )


def _successions(terms: Iterable[models.Membership], views: Mapping[int, PersonView]) -> Iterable[tuple[Held, ...]]:
    """Everybody who held an office of one, from the first to the latest, where it was more than one person."""
    by_office: dict[tuple[str, str], list[models.Membership]] = {}
    for term in terms:
        if term.office in SINGLE:
            by_office.setdefault((term.office, term.state_id or ""), []).append(term)
    for held in by_office.values():
        if len(held) > 1:
            held.sort(key=lambda term: (term.begins or date.min, term.ends or date.max))
            yield tuple(_held(term, views) for term in held)


def _coverage(user: User, members: QuerySet[models.Person]) -> dict[Field, tuple[Coverage, ...]]:
    rows = (
        seen_by(user)
        .filter(field__in=(Field.LANGUAGES, Field.EXPERTISE), person__in=members.order_by().values("pk"))
        .order_by()
        .values_list("field", "value")
        .annotate(count=Count("pk"))
    )
    covered: dict[Field, list[Coverage]] = {Field.LANGUAGES: [], Field.EXPERTISE: []}
    for field, value, count in sorted(rows, key=lambda row: (-row[2], row[1].partition(":")[2].zfill(3), row[1])):
        covered[Field(field)].append(Coverage(value, count))
    return {field: tuple(values) for field, values in covered.items()}


def _shares(held: QuerySet[models.Membership]) -> tuple[Share, ...]:
    """How many of each group, of all members on the day: numbers only, what somebody keeps to themselves left out."""
    members = set(held.values_list("person_id", flat=True))
    said = dict(
        models.Detail.objects.filter(person__in=members, field=Field.GROUP)
        .exclude(visibility=Visibility.ONLY_ME)
        .values_list("person_id", "value")
    )
    groups = [Group(said[person]) if said.get(person) in set(Group) else None for person in members]
    return tuple(
        Share(group or "", count, round(share * 100)) for group, (count, share) in share_of_groups(groups).items()
    )


# --- Members as the secretariat sees them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A member with all that the secretariat may see, and their terms in the network."""

    person: models.Person
    view: PersonView
    terms: tuple[models.Membership, ...]
    has_account: bool


@dataclass(frozen=True, slots=True)
class MembersPage:
    """The secretariat's list of members: everybody who is or was one."""

    network: models.Network
    members: tuple[Member, ...]
    pages: Page


def members_page(user: User, network: models.Network, *, page: str | None) -> MembersPage:
    """The members of a network as its secretariat sees them; each that is shown is written into the trail."""
    pages = Paginator(by_name(user, members_of(user, network)), MEMBERS_IN_LIST).get_page(page)
    shown = list(pages.object_list)
    views = details_for(user, shown, subject=f"members of {network.slug}")
    terms: dict[int, list[models.Membership]] = {}
    for term in network.memberships.filter(person__in=[person.pk for person in shown]).select_related("organisation"):
        terms.setdefault(term.person_id, []).append(term)
    return MembersPage(
        network=network,
        members=tuple(
            Member(person, view, tuple(terms.get(person.pk, ())), person.account_id is not None)
            for person, view in zip(shown, views, strict=True)
        ),
        pages=pages,
    )


def members_of(user: User, network: models.Network) -> QuerySet[models.Person]:
    """Everybody who is or was a member, for its secretariat.

    Whoever is refused to see the members of another network does not find here those who belong to both: neither that
    they are at risk, nor that they are there.
    """
    access = access_of(user)
    refused = [
        other.pk
        for other in models.Network.objects.all()
        if access.is_refused(Claim.MANAGE_PEOPLE, network_scope(other))
    ]
    kept_from = models.Membership.objects.filter(network__in=refused)
    return (
        models.Person.objects.filter(memberships__network=network, erased_at__isnull=True)
        .exclude(pk__in=kept_from.values("person"))
        .distinct()
    )


def at_risk_in(user: User, network: models.Network) -> int:
    return members_of(user, network).filter(at_risk=True).count()


@dataclass(frozen=True, slots=True)
class ManagedPage:
    """One person as the secretariat manages them."""

    person: models.Person
    view: PersonView
    terms: tuple[models.Membership, ...]
    bases: tuple[models.Basis, ...]
    networks: tuple[models.Network, ...]  # of this secretariat, to which somebody can be appointed


def managed_page(user: User, public_id: str) -> ManagedPage | None:
    """All that the secretariat sees of a person; None for whoever is not their secretariat, as for nobody."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    if person is None or not can_manage(user, person):
        return None
    (view,) = details_for(user, [person], subject=f"person {public_id}")
    return ManagedPage(
        person=person,
        view=view,
        terms=tuple(person.memberships.select_related("network", "organisation", "follows").order_by("begins", "pk")),
        bases=tuple(person.bases.select_related("recorded_by").order_by("purpose", "-since")),
        networks=tuple(network for network in models.Network.objects.all() if can_manage_network(user, network)),
    )


def terms_to_follow(network: models.Network) -> QuerySet[models.Membership]:
    """Terms of offices that somebody can follow in."""
    return network.memberships.filter(office__in=SINGLE).order_by("office", "state", "begins")


# --- Organisations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Everything on the page of an organisation, for one viewer."""

    organisation: models.Organisation
    fact: loading.OrganisationFact | None
    seats: tuple[models.Seat, ...]
    people: tuple[PersonView, ...]
    gatherings: tuple[loading.Gathering, ...]
    may_change: bool


def organisation_by(public_id: str) -> models.Organisation | None:
    return models.Organisation.objects.filter(public_id=public_id).first()


def organisation_page(user: User, organisation: models.Organisation) -> OrganisationPage:
    """An organisation with its seats, and the people who say to this viewer that they come from it."""
    here = holders(seen_by(user).filter(field=Field.ORGANISATION, value=organisation.public_id))
    people = list(by_name(user, with_a_name(user).filter(pk__in=here), named=True)[:MEMBERS_A_PAGE])
    return OrganisationPage(
        organisation=organisation,
        fact=loading.organisations().get(organisation.public_id),
        seats=tuple(organisation.seats.select_related("network").order_by("network__name", "begins")),
        people=tuple(
            details_for(
                user,
                people,
                subject=f"organisation {organisation.public_id}",
                fields=(Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY),
            )
        ),
        gatherings=tuple(one for one in loading.gatherings() if organisation.public_id in one.organisations),
        may_change=can_manage_organisation(user, organisation),
    )


# --- For other programs -----------------------------------------------------------------------------------------------

PUBLIC_COLUMNS = ("id", "name", "title", "organisation", "country", "languages", "expertise", "about")


def public_people(network: models.Network, day: date) -> list[dict[str, object]]:
    """The members of a network on a day whose entry is public, as everybody may see them, whoever asks."""
    anybody = AnonymousUser()
    held = holding(network.memberships.all(), day)
    shown = with_a_name(anybody).filter(_says_of(anybody, network), pk__in=held.values("person"))
    people = by_name(anybody, shown, named=True)
    return [
        {
            "id": view.public_id,
            "name": view.name,
            "title": view.title,
            "organisation": view.organisation.shown if view.organisation else "",
            "country": view.country,
            "languages": list(view.languages),
            "expertise": list(view.expertise),
            "about": view.about,
        }
        for view in details_for(anybody, people, subject=f"network {network.slug}")
    ]
