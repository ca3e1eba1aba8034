"""Queries for networks, their members and organisations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from samsvar.network import loading
from samsvar.network.consent import Visibility
from samsvar.network.membership import SINGLE_HOLDER_OFFICES, Office
from samsvar.network.people import Field, Group, group_shares
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import (
    User,
    can_manage_person,
    can_see_shares,
    get_access,
    has_claim,
    has_claim_in_each_network,
    network_scope,
    term_filter,
)
from samsvar.site.network.directory.queries.directory import order_by_name
from samsvar.site.network.directory.queries.people import (
    VisiblePerson,
    get_visible_people,
    people_with_visible_name,
    select_person_ids,
    visible_details,
)

MEMBERS_PER_PAGE = 60
MEMBER_LIST_FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.NETWORKS)
LATEST_GATHERINGS = 5  # shown; the others are folded
MANAGED_MEMBERS_PER_PAGE = 100  # per page of the secretariat's list


@dataclass(frozen=True, slots=True)
class OfficeTerm:
    """A term of office. `person` is None if the viewer may not know who holds the office."""

    office: Office
    state: str
    person: VisiblePerson | None
    begins: date | None = None  # set only if `person` is set
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The number and share (whole per cent) of members in a group; `group` is "" for members without a known group."""

    group: Group | str
    count: int
    per_cent: int


@dataclass(frozen=True, slots=True)
class SkillCount:
    """The number of visible members with a given language or area of expertise (an article or a concept)."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """The data for a network's page on a given day, limited to what one viewer may see."""

    network: models.Network
    fact: loading.NetworkFact | None
    about: str
    about_language: str
    members_description: str  # a public source's description of its members
    day: date
    is_today: bool
    seats: tuple[models.Seat, ...]
    offices: tuple[OfficeTerm, ...]
    successions: tuple[tuple[OfficeTerm, ...], ...]  # one entry per office that has had more than one holder
    members: tuple[VisiblePerson, ...]
    pages: Page
    member_count: int | None  # includes members who are not shown; None for another day than today
    languages: tuple[SkillCount, ...]
    articles: tuple[SkillCount, ...]
    concepts: tuple[SkillCount, ...]
    shares: tuple[GroupShare, ...] | None  # None if the viewer may not see them
    source_organisations: tuple[loading.OrganisationFact, ...]
    gatherings: tuple[loading.Gathering, ...]
    publications: tuple[loading.Publication, ...]
    may_manage: bool
    may_export: bool
    may_change: bool

    @property
    def latest_gatherings(self) -> tuple[loading.Gathering, ...]:
        """The latest activities with a known date, oldest first; all if none has one."""
        dated = tuple(one for one in self.gatherings if one.begins)
        return dated[-LATEST_GATHERINGS:] or self.gatherings

    @property
    def other_gatherings(self) -> tuple[loading.Gathering, ...]:
        """The activities before the latest, and those whose date is unknown."""
        return tuple(one for one in self.gatherings if one not in self.latest_gatherings)


# --- Permissions ------------------------------------------------------------------------------------------------------


def can_manage_network(user: User, network: models.Network) -> bool:
    """Return whether the user may manage a network's members and seats: as its secretariat, in a staff session."""
    return has_claim(user, Claim.MANAGE_PEOPLE, network_scope(network))


def can_manage_organisation(user: User, organisation: models.Organisation | None) -> bool:
    """Return whether the user may edit this organisation or, if it is None, add one.

    Any secretariat may add an organisation. To edit an existing one, a user must be secretariat of every network in
    which it has or had a seat; otherwise a secretariat could give any organisation a seat in its own network and then
    change what another network wrote about it. The secretariat of the whole site settles disagreements.
    """
    if organisation is None:
        return has_claim(user, Claim.MANAGE_PEOPLE)
    seats = organisation.seats.values_list("network__slug", flat=True).distinct()
    return has_claim_in_each_network(user, Claim.MANAGE_PEOPLE, seats)


def can_export_members(user: User, network: models.Network) -> bool:
    """Return whether the user may export the network's members. This also requires permission to manage them."""
    return can_manage_network(user, network) and has_claim(user, Claim.EXPORT_PEOPLE, network_scope(network))


def can_change_network(user: User, network: models.Network | None) -> bool:
    return has_claim(user, Claim.MANAGE_NETWORKS, network_scope(network))


# --- Networks ---------------------------------------------------------------------------------------------------------


def networks_with_organisation_counts() -> QuerySet[models.Network]:
    """Return all networks, each with the number of organisations that have or had a seat."""
    return models.Network.objects.annotate(organisation_count=Count("seats__organisation", distinct=True))


def network_by_slug(slug: str) -> models.Network | None:
    return models.Network.objects.filter(slug=slug).first()


def network_page(
    user: User, network: models.Network, *, day: date, today: date, language: str, page: str | None = None
) -> NetworkPage:
    """Return a network's page for this user, with the offices on `day` and the details that are visible now."""
    memberships = filter_active(network.memberships.all(), day)
    visible = people_with_visible_name(user).filter(_visible_member_condition(user, network))
    members = order_by_name(user, visible.filter(pk__in=memberships.values("person")), all_named=True)
    pages = Paginator(members, MEMBERS_PER_PAGE).get_page(page)
    office_terms = network.memberships.exclude(office__in=(Office.MEMBER, Office.OBSERVER))
    terms = list(office_terms.order_by("office", "begins", "pk"))
    officials = list(visible.filter(pk__in=[term.person_id for term in terms]))
    people = {person.pk: person for person in (*pages.object_list, *officials)}
    subject = f"network {network.slug}"
    shown = get_visible_people(user, people.values(), subject=subject, fields=MEMBER_LIST_FIELDS)
    views = dict(zip(people, shown, strict=True))
    fact = loading.networks().get(network.slug)
    sentences = dict(fact.about) if fact else {}
    skills = _skill_counts(user, members)
    seats = filter_active(network.seats.select_related("organisation"), day)
    return NetworkPage(
        network=network,
        fact=fact,
        about=sentences.get(language, "") or network.about,
        about_language=language if sentences.get(language) else "",
        members_description=dict(fact.members).get(language, "") if fact else "",
        day=day,
        is_today=day == today,
        seats=tuple(seats.order_by("organisation__name", "pk")),
        offices=tuple(_active_office_terms(terms, views, day, today)),
        successions=tuple(_successions(terms, views)),
        members=tuple(views[person.pk] for person in pages.object_list),
        pages=pages,
        # also only for today: two days that differ by one would reveal when a hidden member joined or left
        member_count=memberships.values("person").distinct().count() if day == today else None,
        languages=skills[Field.LANGUAGES],
        articles=tuple(one for one in skills[Field.EXPERTISE] if one.value.startswith("article:")),
        concepts=tuple(one for one in skills[Field.EXPERTISE] if one.value.startswith("concept:")),
        # only for today: comparing two days that differ by one member would reveal that member's group
        shares=_group_shares(memberships) if day == today and can_see_shares(user, network) else None,
        source_organisations=tuple(loading.organisations().values()) if fact else (),
        gatherings=tuple(one for one in loading.gatherings() if one.network == network.slug),
        publications=loading.network_publications(network.slug),
        may_manage=can_manage_network(user, network),
        may_export=can_export_members(user, network),
        may_change=can_change_network(user, network),
    )


def filter_active[Rows: QuerySet[models.Membership] | QuerySet[models.Seat]](rows: Rows, day: date) -> Rows:
    """Return the terms or seats in force on a day, including those that begin or end on it."""
    return rows.filter(term_filter(day))  # type: ignore[return-value]


def _visible_member_condition(user: User, network: models.Network) -> Q:
    """Return the condition for people whose membership of this network the user may see."""
    return Q(pk__in=select_person_ids(visible_details(user).filter(field=Field.NETWORKS, value=network.slug)))


def _office_term(term: models.Membership, views: Mapping[int, VisiblePerson]) -> OfficeTerm:
    view = views.get(term.person_id)
    days = (term.begins, term.ends) if view else (None, None)
    return OfficeTerm(Office(term.office), term.state_id or "", view, *days)


def _active_office_terms(
    terms: Iterable[models.Membership], views: Mapping[int, VisiblePerson], day: date, today: date
) -> Iterable[OfficeTerm]:
    """Return the terms of office in force on a day.

    Holders whom the viewer may not see are listed only for today and without a name; otherwise viewers could go through
    the days to find out when such a holder's term began and ended.
    """
    order = list(Office)
    active = [
        term
        for term in terms
        if (not term.begins or term.begins <= day)
        and (not term.ends or day <= term.ends)
        and (day == today or term.person_id in views)
    ]
    active.sort(key=lambda term: (order.index(Office(term.office)), term.state_id or ""))
    return (_office_term(term, views) for term in active)


def _successions(
    terms: Iterable[models.Membership], views: Mapping[int, VisiblePerson]
) -> Iterable[tuple[OfficeTerm, ...]]:
    """Yield the terms of each single-holder office, oldest first, if the office has had more than one holder."""
    by_office: dict[tuple[str, str], list[models.Membership]] = {}
    for term in terms:
        if term.office in SINGLE_HOLDER_OFFICES:
            by_office.setdefault((term.office, term.state_id or ""), []).append(term)
    for office_terms in by_office.values():
        if len(office_terms) > 1:
            office_terms.sort(key=lambda term: (term.begins or date.min, term.ends or date.max))
            yield tuple(_office_term(term, views) for term in office_terms)


def _skill_counts(user: User, members: QuerySet[models.Person]) -> dict[Field, tuple[SkillCount, ...]]:
    rows = (
        visible_details(user)
        .filter(field__in=(Field.LANGUAGES, Field.EXPERTISE), person__in=members.order_by().values("pk"))
        .order_by()
        .values_list("field", "value")
        .annotate(count=Count("pk"))
    )
    counts: dict[Field, list[SkillCount]] = {Field.LANGUAGES: [], Field.EXPERTISE: []}
    for field, value, count in sorted(rows, key=lambda row: (-row[2], row[1].partition(":")[2].zfill(3), row[1])):
        counts[Field(field)].append(SkillCount(value, count))
    return {field: tuple(values) for field, values in counts.items()}


def _group_shares(memberships: QuerySet[models.Membership]) -> tuple[GroupShare, ...]:
    """Return the number and share of members in each group.

    Members who do not show their group to anyone else count as unknown.
    """
    members = set(memberships.values_list("person_id", flat=True))
    groups_by_person = dict(
        models.Detail.objects.filter(person__in=members, field=Field.GROUP)
        .exclude(visibility=Visibility.ONLY_ME)
        .values_list("person_id", "value")
    )
    known = {person: Group(group) for person, group in groups_by_person.items() if group in set(Group)}
    shares = group_shares([known.get(person) for person in members])
    return tuple(GroupShare(group or "", count, round(share * 100)) for group, (count, share) in shares.items())


# --- Members, for the secretariat -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ManagedMember:
    """A member with the details that the secretariat may see, and with their terms in the network."""

    person: models.Person
    view: VisiblePerson
    terms: tuple[models.Membership, ...]
    has_account: bool


@dataclass(frozen=True, slots=True)
class MembersPage:
    """A page of the secretariat's list of current and former members."""

    network: models.Network
    members: tuple[ManagedMember, ...]
    pages: Page


def members_page(user: User, network: models.Network, *, page: str | None) -> MembersPage:
    """Return a page of a network's members for its secretariat, and record each access in the audit log."""
    pages = Paginator(order_by_name(user, manageable_members(user, network)), MANAGED_MEMBERS_PER_PAGE).get_page(page)
    people = list(pages.object_list)
    views = get_visible_people(user, people, subject=f"members of {network.slug}")
    terms: dict[int, list[models.Membership]] = {}
    for term in network.memberships.filter(person__in=[person.pk for person in people]).select_related("organisation"):
        terms.setdefault(term.person_id, []).append(term)
    return MembersPage(
        network=network,
        members=tuple(
            ManagedMember(person, view, tuple(terms.get(person.pk, ())), person.account_id is not None)
            for person, view in zip(people, views, strict=True)
        ),
        pages=pages,
    )


def manageable_members(user: User, network: models.Network) -> QuerySet[models.Person]:
    """Return all current and former members whom the network's secretariat may manage.

    If the user has been refused access to the members of another network, people who belong to both networks are left
    out, so that neither their membership nor the fact that they are at risk is revealed.
    """
    access, networks = get_access(user), models.Network.objects.all()
    refused = [one.pk for one in networks if access.is_refused(Claim.MANAGE_PEOPLE, network_scope(one))]
    hidden = models.Membership.objects.filter(network__in=refused)
    people = models.Person.objects.filter(memberships__network=network, erased_at__isnull=True)
    return people.exclude(pk__in=hidden.values("person")).distinct()


def count_members_at_risk(user: User, network: models.Network) -> int:
    return manageable_members(user, network).filter(at_risk=True).count()


@dataclass(frozen=True, slots=True)
class ManagedPersonPage:
    """The data for the page where a secretariat manages a person's terms, risk status and legal bases."""

    person: models.Person
    view: VisiblePerson
    terms: tuple[models.Membership, ...]
    bases: tuple[models.Basis, ...]
    networks: tuple[models.Network, ...]  # networks of this secretariat to which the person can be appointed


def managed_person_page(user: User, public_id: str) -> ManagedPersonPage | None:
    """Return the page for managing a person's data; None if the person does not exist or the user may not manage it."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    if person is None or not can_manage_person(user, person):
        return None
    (view,) = get_visible_people(user, [person], subject=f"person {public_id}")
    return ManagedPersonPage(
        person=person,
        view=view,
        terms=tuple(person.memberships.select_related("network", "organisation", "follows").order_by("begins", "pk")),
        bases=tuple(person.bases.select_related("recorded_by").order_by("purpose", "-since")),
        networks=tuple(network for network in models.Network.objects.all() if can_manage_network(user, network)),
    )


def possible_preceding_terms(network: models.Network) -> QuerySet[models.Membership]:
    """Return the terms that a new term can follow: those in single-holder offices."""
    return network.memberships.filter(office__in=SINGLE_HOLDER_OFFICES).order_by("office", "state", "begins")


# --- Organisations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """The data for an organisation's page, limited to what one viewer may see."""

    organisation: models.Organisation
    fact: loading.OrganisationFact | None
    seats: tuple[models.Seat, ...]
    people: tuple[VisiblePerson, ...]
    gatherings: tuple[loading.Gathering, ...]
    may_change: bool


def organisation_by_public_id(public_id: str) -> models.Organisation | None:
    return models.Organisation.objects.filter(public_id=public_id).first()


def organisation_page(user: User, organisation: models.Organisation) -> OrganisationPage:
    """Return an organisation with its seats and the people whose affiliation the user may see."""
    affiliated = select_person_ids(visible_details(user).filter(field=Field.ORGANISATION, value=organisation.public_id))
    named = people_with_visible_name(user).filter(pk__in=affiliated)
    people = get_visible_people(
        user,
        order_by_name(user, named, all_named=True)[:MEMBERS_PER_PAGE],
        subject=f"organisation {organisation.public_id}",
        fields=(Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY),
    )
    return OrganisationPage(
        organisation=organisation,
        fact=loading.organisations().get(organisation.public_id),
        seats=tuple(organisation.seats.select_related("network").order_by("network__name", "begins")),
        people=tuple(people),
        gatherings=tuple(one for one in loading.gatherings() if organisation.public_id in one.organisations),
        may_change=can_manage_organisation(user, organisation),
    )


def represented_organisations(user: User) -> list[models.Organisation]:
    """Return the organisations that a user currently represents in a network, by name.

    Only memberships count, which a secretariat records; what people write in their own profile does not. An account
    with a staff role represents none: a secretariat could otherwise make itself a member of any organisation.
    """
    access = get_access(user)
    if access.person is None or access.is_staff:
        return []
    represented = models.Membership.objects.filter(term_filter(access.moment.date()), person=access.person)
    return list(models.Organisation.objects.filter(pk__in=represented.values("organisation")).order_by("name", "pk"))


def find_representative(email: str, organisation: models.Organisation, day: date) -> models.Account | None:
    """Return the active account with a verified email address whose person represents an organisation on a day."""
    represented = models.Membership.objects.filter(term_filter(day), organisation=organisation)
    accounts = models.Account.objects.filter(
        is_active=True,
        person__in=represented.values("person"),
        person__erased_at__isnull=True,
        emailaddress__email__iexact=email.strip(),
        emailaddress__verified=True,
    )
    return accounts.distinct().first()


# --- Open data --------------------------------------------------------------------------------------------------------

PUBLIC_COLUMNS = ("id", "name", "title", "organisation", "country", "languages", "expertise", "about")


def public_members(network: models.Network, day: date) -> list[dict[str, object]]:
    """Return a network's members on a day who have a public profile, with the details that anonymous users can see."""
    anonymous = AnonymousUser()
    memberships = filter_active(network.memberships.all(), day)
    visible = people_with_visible_name(anonymous).filter(
        _visible_member_condition(anonymous, network), pk__in=memberships.values("person")
    )
    people = order_by_name(anonymous, visible, all_named=True)
    views = get_visible_people(anonymous, people, subject=f"network {network.slug}")
    return [select_columns(view, PUBLIC_COLUMNS) for view in views]


def select_columns(view: VisiblePerson, columns: Iterable[str]) -> dict[str, object]:
    """Return the row of a person in an exported list, with these attributes of `VisiblePerson` as columns."""
    special: dict[str, object] = {
        "id": view.public_id,
        "organisation": view.organisation.label if view.organisation else "",
        "languages": list(view.languages),
        "expertise": list(view.expertise),
    }
    return {name: special[name] if name in special else getattr(view, name) for name in columns}
