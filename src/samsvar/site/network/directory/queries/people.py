"""The only access to people's details: what a viewer may see of a person, determined at query time.

`visible_details` implements `effective_visibility` and `is_visible` of `samsvar.network.consent` in SQL; a property
test checks that they agree. Access to other people's non-public details is logged here, so that no page can forget to
do so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, When
from django.utils import timezone

from samsvar.network.consent import (
    WIDEST_VISIBILITY,
    LegalBasis,
    Purpose,
    Viewer,
    Visibility,
    current_consent_text,
    effective_visibility,
    is_visible,
)
from samsvar.network.people import Field, parse_unlisted_organisation
from samsvar.network.rights import UNLIMITED_SCOPE, AccessDecision, Claim, Scope
from samsvar.site.audit.actions import record_access
from samsvar.site.network import models
from samsvar.site.network.access.permissions import (
    User,
    UserAccess,
    can_manage_person,
    get_access,
    in_force_filter,
    term_filter,
)


def managed_person(user: User, public_id: str) -> models.Person | None:
    """Return a person for an action if this user may manage that person, or else None. No details are revealed."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    return person if person is not None and can_manage_person(user, person) else None


@dataclass(frozen=True, slots=True)
class VisibleDetail:
    """A value of a person's field that the viewer may see. `label` is its readable form if the value is a key."""

    field: Field
    value: str
    is_public: bool
    label: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether the value refers to something with a page, unlike an organisation that is not listed."""
        return not parse_unlisted_organisation(self.value)


class _SingleValue:
    """A property of `VisiblePerson` with the value of a single-valued field."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def __get__(self, person: VisiblePerson, owner: type[VisiblePerson]) -> str:
        return person.get_first_value(self.field)


@dataclass(frozen=True, slots=True)
class VisiblePerson:
    """A person as one viewer may see them now. The viewer cannot tell whether anything is left out."""

    public_id: str
    is_self: bool
    fictional: bool
    details: tuple[VisibleDetail, ...] = ()
    at_risk: bool = False  # set only for viewers who may see people at risk: themselves and the secretariat

    def get_values(self, field: Field) -> tuple[str, ...]:
        return tuple(one.value for one in self.details if one.field is field)

    def get_first_value(self, field: Field) -> str:
        """Return the value of a single-valued field; "" if the viewer may see none."""
        return next(iter(self.get_values(field)), "")

    name = _SingleValue(Field.NAME)  # "" if the viewer may not see it, in which case the profile is not shown
    title = _SingleValue(Field.TITLE)
    about = _SingleValue(Field.ABOUT)
    country = _SingleValue(Field.COUNTRY)
    group = _SingleValue(Field.GROUP)
    gender = _SingleValue(Field.GENDER)
    email = _SingleValue(Field.EMAIL)
    telephone = _SingleValue(Field.TELEPHONE)
    photograph = _SingleValue(Field.PHOTOGRAPH)

    @property
    def languages(self) -> tuple[str, ...]:
        return self.get_values(Field.LANGUAGES)

    @property
    def expertise(self) -> tuple[str, ...]:
        return self.get_values(Field.EXPERTISE)

    @property
    def articles(self) -> tuple[str, ...]:
        """The article numbers in the expertise, in the order of the treaty."""
        return split_expertise(self.expertise)[0]

    @property
    def concepts(self) -> tuple[str, ...]:
        return split_expertise(self.expertise)[1]

    @property
    def networks(self) -> tuple[VisibleDetail, ...]:
        return tuple(one for one in self.details if one.field is Field.NETWORKS)

    @property
    def organisation(self) -> VisibleDetail | None:
        return next((one for one in self.details if one.field is Field.ORGANISATION and one.label), None)

    @property
    def is_public(self) -> bool:
        return all(one.is_public for one in self.details)


def split_expertise(values: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the article numbers in values of `Field.EXPERTISE`, in the order of the treaty, and the concepts."""
    numbers = [value.removeprefix("article:") for value in values if value.startswith("article:")]
    concepts = [value.removeprefix("concept:") for value in values if value.startswith("concept:")]
    return tuple(sorted(numbers, key=lambda number: number.zfill(3))), tuple(concepts)


# --- Details of people ------------------------------------------------------------------------------------------------


def get_visible_people(
    user: User, people: Iterable[models.Person], *, subject: str, fields: Collection[Field] = tuple(Field)
) -> list[VisiblePerson]:
    """Return these people as this user may see them now, in the given order, limited to these fields.

    Access to other people's non-public details is recorded in the audit log under `subject` ("directory", "network
    lantern"), so callers should request only the fields that the page shows.
    """
    requested = list(people)
    own = get_access(user).person
    rows = (
        visible_details(user)
        .filter(person__in=[person.pk for person in requested], field__in=list(fields))
        .annotate(
            public=Case(When(_public_condition(timezone.now()), then=True), default=False, output_field=BooleanField())
        )
        .order_by("field", "pk")
    )
    details = group_details_by_person(list(rows))
    views = [
        VisiblePerson(
            person.public_id,
            person.pk == own,
            person.fictional,
            details.get(person.pk, ()),
            at_risk=person.at_risk and person.pk in details,
        )
        for person in requested
    ]
    sights = {
        view.public_id: {str(one.field) for one in view.details if not one.is_public}
        for view in views
        if not view.is_self and not view.is_public
    }
    if sights:
        record_access(by=user, fields_by_person=sights, subject=subject)
    return views


def find_visible_person(
    user: User, public_id: str, *, subject: str = "", fields: Collection[Field] = tuple(Field)
) -> VisiblePerson | None:
    """Return a person as this user may see them; None if they do not exist or their name is hidden."""
    person = people_with_visible_name(user).filter(public_id=public_id).first()
    if person is None:
        return None
    return get_visible_people(user, [person], subject=subject or f"person {public_id}", fields=fields)[0]


def people_with_visible_name(user: User) -> QuerySet[models.Person]:
    """Return the people whose names this user may see. Only these have a profile page for the user."""
    return models.Person.objects.filter(
        pk__in=select_person_ids(visible_details(user).filter(field=Field.NAME)), erased_at__isnull=True
    )


def people_consenting_to_suggestions() -> QuerySet[models.Person]:
    """Return the people who consent now to being suggested where they could help. Someone at risk never is."""
    # the purpose and the period have to be those of the same legal basis
    in_force = in_force_filter(timezone.now(), "bases__") & Q(bases__purpose=Purpose.MATCHING)
    consenting = models.Person.objects.filter(in_force)
    return models.Person.objects.filter(erased_at__isnull=True, at_risk=False, pk__in=consenting.values("pk"))


def people_to_suggest(user: User) -> dict[str, dict[Field, list[str]]]:
    """Return what this user may see of the people who agreed to be suggested: fields with their values, by public ID.

    Someone at risk is never suggested, nor anyone whose name or expertise this user may not see.
    """
    consenting = people_consenting_to_suggestions()
    fields = (Field.NAME, Field.COUNTRY, Field.LANGUAGES, Field.EXPERTISE)
    details = visible_details(user).filter(person__in=consenting, field__in=fields)
    people: dict[str, dict[Field, list[str]]] = {}
    for public_id, field, value in details.order_by("pk").values_list("person__public_id", "field", "value"):
        people.setdefault(public_id, {name: [] for name in fields})[Field(field)].append(value)
    return {key: values for key, values in people.items() if values[Field.NAME] and values[Field.EXPERTISE]}


def find_visible_people(
    user: User, public_ids: Collection[str], *, subject: str, fields: Collection[Field]
) -> list[VisiblePerson]:
    """Return the people with these IDs whose names this user may see; the access is recorded under `subject`."""
    people = people_with_visible_name(user).filter(public_id__in=public_ids)
    return get_visible_people(user, people, subject=subject, fields=fields)


def select_person_ids(details: QuerySet[models.Detail]) -> QuerySet[models.Detail, Any]:
    """Return the person ids of details as an uncorrelated subquery, so that it is evaluated only once."""
    return details.order_by().values("person")


def visible_details(user: User) -> QuerySet[models.Detail]:
    """Return the details that this user may see now, on which all filters and lists of people are based."""
    access = get_access(user)
    moment = timezone.now()
    condition = _public_condition(moment)
    if access.person is not None:
        condition |= Q(person_id=access.person)
    if (directory_reach := _claim_condition(access, Claim.SEE_DIRECTORY)) is not None:
        condition |= _visibility_condition(Visibility.SIGNED_IN, moment) & directory_reach
        if access.networks:
            condition |= (
                _visibility_condition(Visibility.MY_NETWORKS, moment)
                & directory_reach
                & _current_member_condition(access.networks, moment)
            )
    if (managed_reach := _claim_condition(access, Claim.MANAGE_PEOPLE)) is not None:
        condition |= ~Q(visibility=Visibility.ONLY_ME) & managed_reach
    return models.Detail.objects.filter(condition, person__erased_at__isnull=True)


def build_profile_preview(person: models.Person, viewer: Viewer) -> VisiblePerson:
    """Return a person's own profile as another viewer would see it. Nothing is logged: only the person sees it."""
    moment = timezone.now()
    purposes = current_purposes(person, moment)
    visible = [
        detail
        for detail in person.details.order_by("field", "pk")
        if is_visible(
            effective_visibility(Field(detail.field), Visibility(detail.visibility), purposes, at_risk=person.at_risk),
            viewer,
        )
    ]
    return VisiblePerson(person.public_id, False, person.fictional, group_details_by_person(visible).get(person.pk, ()))


def current_purposes(person: models.Person, moment: datetime) -> frozenset[Purpose]:
    """Return the purposes for which there is a legal basis at a moment."""
    return frozenset(
        Purpose(one) for one in person.bases.filter(in_force_filter(moment)).values_list("purpose", flat=True)
    )


def purposes_with_current_text(person: models.Person, moment: datetime) -> frozenset[Purpose]:
    """Return the purposes with a basis other than consent to an older text; only these allow a wider visibility."""
    texts = {purpose: text.version for purpose in Purpose if (text := current_consent_text(purpose))}
    bases = person.bases.filter(in_force_filter(moment)).values_list("purpose", "ground", "text_version")
    return frozenset(
        Purpose(purpose)
        for purpose, ground, version in bases
        if ground != LegalBasis.CONSENT or version == texts.get(Purpose(purpose))
    )


# --- Names in a public programme --------------------------------------------------------------------------------------


def public_name(person: models.Person) -> str | None:
    """Return a person's name for a public programme (the pseudonym if at risk), or None without a legal basis."""
    return public_names([person])[person.public_id]


def public_names(people: Iterable[models.Person]) -> Mapping[str, str | None]:
    """Return `public_name` for several people, by their public ids, in two queries."""
    requested = list(people)
    keys = [person.pk for person in requested if person.erased_at is None]
    moment = timezone.now()
    lawful = set(
        models.Basis.objects.filter(in_force_filter(moment), person__in=keys, purpose=Purpose.PROGRAMME).values_list(
            "person_id", flat=True
        )
    )
    names = dict(
        models.Detail.objects.filter(person__in=lawful, field=Field.NAME)
        .exclude(visibility=Visibility.ONLY_ME)
        .values_list("person_id", "value")
    )
    return {
        person.public_id: (person.pseudonym if person.at_risk else names.get(person.pk)) or None
        if person.pk in lawful
        else None
        for person in requested
    }


# Consent texts that include organisation and country. After consent to an older text, only the name is shown.
TEXTS_WITH_ORGANISATION = frozenset({"programme-2"})


@dataclass(frozen=True, slots=True)
class ProgrammePerson:
    """The details of a person in a public programme; all fields are "" if the person may not be named."""

    name: str = ""
    organisation: str = ""
    country: str = ""


UNNAMED = ProgrammePerson()


def programme_people(public_ids: Collection[str]) -> Mapping[str, ProgrammePerson]:
    """Return the details of people in a public programme, in three queries; those who may not be named are left out.

    The names are those of `public_names`. Organisation and country are included if they are public in the person's
    profile, or if the person consented to their use in programmes; never for people at risk.
    """
    purposes_by_person: dict[int, set[Purpose]] = {}
    agreed: set[int] = set()  # people who consented to a text that includes organisation and country
    people: dict[int, tuple[str, str | None]] = {}  # public id, and the pseudonym if at risk
    bases = models.Basis.objects.filter(
        in_force_filter(timezone.now()), person__public_id__in=public_ids, person__erased_at__isnull=True
    )
    for pk, purpose, ground, version, public_id, at_risk, pseudonym in bases.values_list(
        "person_id", "purpose", "ground", "text_version", "person__public_id", "person__at_risk", "person__pseudonym"
    ):
        purposes_by_person.setdefault(pk, set()).add(Purpose(purpose))
        people[pk] = (public_id, pseudonym if at_risk else None)
        if purpose == Purpose.PROGRAMME and ground == LegalBasis.CONSENT and version in TEXTS_WITH_ORGANISATION:
            agreed.add(pk)
    lawful = [pk for pk, purposes in purposes_by_person.items() if Purpose.PROGRAMME in purposes]
    details: dict[int, dict[str, str]] = {}  # the details that may be shown, by person and field
    for pk, field, value, visibility in (
        models.Detail.objects.filter(person__in=lawful, field__in=(Field.NAME, Field.ORGANISATION, Field.COUNTRY))
        .exclude(visibility=Visibility.ONLY_ME)
        .values_list("person_id", "field", "value", "visibility")
    ):
        values = details.setdefault(pk, {})
        if field == Field.NAME or pk in agreed or _is_public(field, visibility, frozenset(purposes_by_person[pk])):
            values[field] = value
    organisation_ids = {values[Field.ORGANISATION] for values in details.values() if Field.ORGANISATION in values}
    names = dict(models.Organisation.objects.filter(public_id__in=organisation_ids).values_list("public_id", "name"))
    result = {}
    for pk in lawful:
        (public_id, shown_pseudonym), values = people[pk], details.get(pk, {})
        if shown_pseudonym is not None:
            result[public_id] = ProgrammePerson(shown_pseudonym)
        elif Field.NAME in values:
            organisation = values.get(Field.ORGANISATION, "")
            organisation = parse_unlisted_organisation(organisation) or names.get(organisation, "")
            result[public_id] = ProgrammePerson(values[Field.NAME], organisation, values.get(Field.COUNTRY, ""))
    return {public_id: one for public_id, one in result.items() if one.name}


def _is_public(field: str, chosen: str, purposes: frozenset[Purpose]) -> bool:
    """Return whether a field is public in the profile of a person who is not at risk."""
    return effective_visibility(Field(field), Visibility(chosen), purposes, at_risk=False) is Visibility.PUBLIC


# --- Visibility rules in SQL ------------------------------------------------------------------------------------------


def _public_condition(moment: datetime) -> Q:
    """Return a filter for details that are set to public, may lawfully be public, and belong to no one at risk."""
    return (
        Q(visibility=Visibility.PUBLIC, person__at_risk=False)
        & ~Q(field__in=_fields_narrower_than(Visibility.PUBLIC))
        & _legal_basis_condition(Purpose.PUBLIC_ENTRY, moment)
    )


def _visibility_condition(visibility: Visibility, moment: datetime) -> Q:
    """Return a filter for details whose visibility is at least this wide, with a legal basis for the directory."""
    wide_enough = [one for one in Visibility if one.width >= visibility.width]
    return (
        Q(visibility__in=wide_enough, person__at_risk=False)
        & ~Q(field__in=_fields_narrower_than(visibility))
        & _legal_basis_condition(Purpose.DIRECTORY, moment)
    )


def _fields_narrower_than(visibility: Visibility) -> list[Field]:
    return [field for field, widest in WIDEST_VISIBILITY.items() if widest.width < visibility.width]


def _legal_basis_condition(purpose: Purpose, moment: datetime) -> Q:
    return Q(person__in=models.Basis.objects.filter(in_force_filter(moment), purpose=purpose).values("person"))


def _claim_condition(access: UserAccess, claim: Claim) -> Q | None:
    """Return a filter for the details of people for whom the user has a claim; None if there are no such people.

    This is `UserAccess.decide_for_scopes` in SQL. The claim must be held everywhere or for one of the person's
    networks, and refused for none of them: a refusal for one network takes precedence over a role for another.
    """
    if access.decide(claim) is not AccessDecision.ALLOWED:  # not held anywhere, so the networks need not be checked
        return None
    everywhere = access.decide(claim, UNLIMITED_SCOPE)
    if everywhere is AccessDecision.ALLOWED and not any(refusal.claim is claim for refusal in access.refusals):
        return Q()
    answers = {
        pk: access.decide(claim, Scope(network=slug)) for pk, slug in models.Network.objects.values_list("pk", "slug")
    }
    permitted = [pk for pk, one in answers.items() if one is AccessDecision.ALLOWED]
    refused = [pk for pk, one in answers.items() if one is AccessDecision.REFUSED]
    if everywhere is not AccessDecision.ALLOWED and not permitted:
        return None
    reached = Q() if everywhere is AccessDecision.ALLOWED else _member_condition(permitted)
    return reached & ~_member_condition(refused) if refused else reached


def _member_condition(networks: Collection[int]) -> Q:
    """Return a filter for the details of people who are or were members of one of these networks."""
    return Q(person__in=models.Membership.objects.filter(network__in=networks).values("person"))


def _current_member_condition(networks: Collection[int], moment: datetime) -> Q:
    """Return a filter for the details of people who are members of one of these networks today."""
    terms = models.Membership.objects.filter(term_filter(moment.date()), network__in=networks)
    return Q(person__in=terms.values("person"))


def group_details_by_person(rows: Sequence[models.Detail]) -> Mapping[int, tuple[VisibleDetail, ...]]:
    """Group details by person id, keeping their order; people without details are left out.

    A detail counts as public only if the query that loaded it set its attribute `public`.
    """
    names = _detail_labels(rows)
    details: dict[int, list[VisibleDetail]] = {}
    for detail in rows:
        field = Field(detail.field)
        label = names.get((field, detail.value), "")
        details.setdefault(detail.person_id, []).append(
            VisibleDetail(field, detail.value, getattr(detail, "public", False), label)
        )
    return {person: tuple(values) for person, values in details.items()}


def _detail_labels(rows: Iterable[models.Detail]) -> dict[tuple[Field, str], str]:
    """Return the names of the organisations and networks that details refer to. At most two queries."""
    references: dict[str, set[str]] = {Field.ORGANISATION: set(), Field.NETWORKS: set()}
    for detail in rows:
        if detail.field in references:
            references[detail.field].add(detail.value)
    unlisted = {
        value: words for value in references[Field.ORGANISATION] if (words := parse_unlisted_organisation(value))
    }
    names = {(Field.ORGANISATION, value): words for value, words in unlisted.items()}
    listed, networks = references[Field.ORGANISATION].difference(unlisted), references[Field.NETWORKS]
    for key, name in models.Organisation.objects.filter(public_id__in=listed).values_list("public_id", "name"):
        names[Field.ORGANISATION, key] = name
    for key, name in models.Network.objects.filter(slug__in=networks).values_list("slug", "name"):
        names[Field.NETWORKS, key] = name
    return names
