"""The one door to people: what a viewer may see of whom, asked of the database at the moment of looking.

`seen_by` is `samsvar.network.consent.effective` and `is_visible` in SQL; a property test holds the two together. Who
reads details of others that are not public is written down by the door itself, so that no page can forget it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, When
from django.utils import timezone

from samsvar.network.consent import WIDEST, Ground, Purpose, Viewer, Visibility, current_text, effective, is_visible
from samsvar.network.people import Field, words_of_organisation
from samsvar.network.rights import ANYTHING, Answer, Claim, Scope
from samsvar.site.audit.actions import record_sight
from samsvar.site.network import models
from samsvar.site.network.access.permissions import Access, User, access_of, can_manage, in_force, on_day


def managed_person(user: User, public_id: str) -> models.Person | None:
    """The person whom this user may manage, for an action about them; shows nothing."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    return person if person is not None and can_manage(user, person) else None


@dataclass(frozen=True, slots=True)
class Told:
    """One value of a person that this viewer may see; `shown` is what people read where the value is a key."""

    field: Field
    value: str
    public: bool
    shown: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether the value is the key of something with a page: an organisation said in words has none."""
        return not words_of_organisation(self.value)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as one viewer may see them now. What is not here is not known to the viewer, nor that it exists."""

    public_id: str
    is_self: bool
    invented: bool
    told: tuple[Told, ...] = ()
    at_risk: bool = False  # known to those who may see such a person: themselves and the secretariat

    def values(self, field: Field) -> tuple[str, ...]:
        return tuple(one.value for one in self.told if one.field is field)

    def first(self, field: Field) -> str:
        """The one value of a field that has one; "" where there is none to be seen."""
        return next(iter(self.values(field)), "")

    @property
    def name(self) -> str:
        """ "" where this viewer may not know it: such a person has no entry for them."""
        return self.first(Field.NAME)

    @property
    def title(self) -> str:
        return self.first(Field.TITLE)

    @property
    def about(self) -> str:
        return self.first(Field.ABOUT)

    @property
    def country(self) -> str:
        return self.first(Field.COUNTRY)

    @property
    def group(self) -> str:
        return self.first(Field.GROUP)

    @property
    def gender(self) -> str:
        return self.first(Field.GENDER)

    @property
    def email(self) -> str:
        return self.first(Field.EMAIL)

    @property
    def telephone(self) -> str:
        return self.first(Field.TELEPHONE)

    @property
    def photograph(self) -> str:
        return self.first(Field.PHOTOGRAPH)

    @property
    def languages(self) -> tuple[str, ...]:
        return self.values(Field.LANGUAGES)

    @property
    def expertise(self) -> tuple[str, ...]:
        return self.values(Field.EXPERTISE)

    @property
    def articles(self) -> tuple[str, ...]:
        """Numbers of the articles among the expertise, in the order of the treaty."""
        numbers = [value.removeprefix("article:") for value in self.expertise if value.startswith("article:")]
        return tuple(sorted(numbers, key=lambda number: number.zfill(3)))

    @property
    def concepts(self) -> tuple[str, ...]:
        return tuple(value.removeprefix("concept:") for value in self.expertise if value.startswith("concept:"))

    @property
    def networks(self) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.field is Field.NETWORKS)

    @property
    def organisation(self) -> Told | None:
        return next((one for one in self.told if one.field is Field.ORGANISATION and one.shown), None)

    @property
    def wholly_public(self) -> bool:
        return all(one.public for one in self.told)


# --- The door ---------------------------------------------------------------------------------------------------------


def details_for(
    user: User, people: Iterable[models.Person], *, subject: str, fields: Collection[Field] = tuple(Field)
) -> list[PersonView]:
    """These people as this user may see them now, in their order, with no more than these fields.

    What is not public and is somebody else's is written into the trail as seen by this user, in `subject` ("directory",
    "network lantern"): ask for the fields that the page shows, and for no others.
    """
    wanted = list(people)
    own = access_of(user).person
    rows = (
        seen_by(user)
        .filter(person__in=[person.pk for person in wanted], field__in=list(fields))
        .annotate(public=Case(When(_public(timezone.now()), then=True), default=False, output_field=BooleanField()))
        .order_by("field", "pk")
    )
    told = told_in(list(rows))
    views = [
        PersonView(
            person.public_id,
            person.pk == own,
            person.invented,
            told.get(person.pk, ()),
            at_risk=person.at_risk and person.pk in told,
        )
        for person in wanted
    ]
    sights = {
        view.public_id: {str(one.field) for one in view.told if not one.public}
        for view in views
        if not view.is_self and not view.wholly_public
    }
    if sights:
        record_sight(by=user, people=sights, subject=subject)
    return views


def person_for(
    user: User, public_id: str, *, subject: str = "", fields: Collection[Field] = tuple(Field)
) -> PersonView | None:
    """One person as this user may see them; None where there is nobody, or no name to be seen: no difference."""
    person = with_a_name(user).filter(public_id=public_id).first()
    if person is None:
        return None
    return details_for(user, [person], subject=subject or f"person {public_id}", fields=fields)[0]


def with_a_name(user: User) -> QuerySet[models.Person]:
    """The people whose name this user may see: who has an entry for them."""
    return models.Person.objects.filter(pk__in=holders(seen_by(user).filter(field=Field.NAME)), erased_at__isnull=True)


def holders(details: QuerySet[models.Detail]) -> QuerySet[models.Detail, Any]:
    """Whose details these are, as a list of keys inside another question, which is made once and not for each row."""
    return details.order_by().values("person")


def seen_by(user: User) -> QuerySet[models.Detail]:
    """The details that this user may see now. Every filter and every list of people stands on it."""
    access = access_of(user)
    moment = timezone.now()
    told = _public(moment)
    if access.person is not None:
        told |= Q(person_id=access.person)
    if (read := _reach(access, Claim.SEE_DIRECTORY)) is not None:
        told |= _chosen_for(Visibility.SIGNED_IN, moment) & read
        if access.networks:
            told |= _chosen_for(Visibility.MY_NETWORKS, moment) & read & _member_today(access.networks, moment)
    if (kept := _reach(access, Claim.MANAGE_PEOPLE)) is not None:
        told |= ~Q(visibility=Visibility.ONLY_ME) & kept
    return models.Detail.objects.filter(told, person__erased_at__isnull=True)


def preview(person: models.Person, viewer: Viewer) -> PersonView:
    """One's own entry as somebody else would see it. For the person alone: nothing is written down."""
    moment = timezone.now()
    held = purposes_held(person, moment)
    visible = [
        row
        for row in person.details.order_by("field", "pk")
        if is_visible(
            effective(Field(row.field), Visibility(row.visibility), held, at_risk=person.at_risk),
            viewer,
        )
    ]
    return PersonView(person.public_id, False, person.invented, told_in(visible).get(person.pk, ()))


def purposes_held(person: models.Person, moment: datetime) -> frozenset[Purpose]:
    """The uses of this person's details that something makes lawful at a moment."""
    return frozenset(Purpose(one) for one in person.bases.filter(in_force(moment)).values_list("purpose", flat=True))


def purposes_up_to_date(person: models.Person, moment: datetime) -> frozenset[Purpose]:
    """The same without consents to an older text: what may be shown to more people than before."""
    texts = {purpose: text.version for purpose in Purpose if (text := current_text(purpose))}
    bases = person.bases.filter(in_force(moment)).values_list("purpose", "ground", "text_version")
    return frozenset(
        Purpose(purpose)
        for purpose, ground, version in bases
        if ground != Ground.CONSENT or version == texts.get(Purpose(purpose))
    )


# --- Names in a public programme --------------------------------------------------------------------------------------


def name_in_public(person: models.Person) -> str | None:
    """What a public programme calls this person: their name, the pseudonym of those at risk, None without a basis."""
    return names_in_public([person])[person.public_id]


def names_in_public(people: Iterable[models.Person]) -> Mapping[str, str | None]:
    """`name_in_public` of many by their public ids, in two queries."""
    asked = list(people)
    keys = [person.pk for person in asked if person.erased_at is None]
    moment = timezone.now()
    lawful = set(
        models.Basis.objects.filter(in_force(moment), person__in=keys, purpose=Purpose.PROGRAMME).values_list(
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
        for person in asked
    }


# Texts by which organisation and country stand beside the name; who agreed to an older one has a name there alone.
BESIDE_THE_NAME = frozenset({"programme-2"})


@dataclass(frozen=True, slots=True)
class InProgramme:
    """What a public programme says of somebody; everything is "" of whoever it may not name."""

    name: str = ""
    organisation: str = ""
    country: str = ""


UNNAMED = InProgramme()


def said_in_programme(public_ids: Collection[str]) -> Mapping[str, InProgramme]:
    """What a public programme says of these people, in three queries whatever their number; of others it names nobody.

    The name as `names_in_public` has it. Organisation and country where everybody may read them in the person's entry,
    or where the person agreed that a programme says them; of nobody at risk.
    """
    held: dict[int, set[Purpose]] = {}
    agreed: set[int] = set()  # to a text by which organisation and country stand beside the name
    people: dict[int, tuple[str, str | None]] = {}  # public id, and the pseudonym of those at risk
    bases = models.Basis.objects.filter(
        in_force(timezone.now()), person__public_id__in=public_ids, person__erased_at__isnull=True
    )
    for pk, purpose, ground, version, public_id, at_risk, pseudonym in bases.values_list(
        "person_id", "purpose", "ground", "text_version", "person__public_id", "person__at_risk", "person__pseudonym"
    ):
        held.setdefault(pk, set()).add(Purpose(purpose))
        people[pk] = (public_id, pseudonym if at_risk else None)
        if purpose == Purpose.PROGRAMME and ground == Ground.CONSENT and version in BESIDE_THE_NAME:
            agreed.add(pk)
    lawful = [pk for pk, purposes in held.items() if Purpose.PROGRAMME in purposes]
    details: dict[int, dict[str, str]] = {}  # what may be said, by field
    for pk, field, value, visibility in (
        models.Detail.objects.filter(person__in=lawful, field__in=(Field.NAME, Field.ORGANISATION, Field.COUNTRY))
        .exclude(visibility=Visibility.ONLY_ME)
        .values_list("person_id", "field", "value", "visibility")
    ):
        said = details.setdefault(pk, {})
        if field == Field.NAME or pk in agreed or _is_public(field, visibility, frozenset(held[pk])):
            said[field] = value
    bodies = {said[Field.ORGANISATION] for said in details.values() if Field.ORGANISATION in said}
    names = dict(models.Organisation.objects.filter(public_id__in=bodies).values_list("public_id", "name"))
    found = {}
    for pk in lawful:
        (public_id, hidden_as), said = people[pk], details.get(pk, {})
        if hidden_as is not None:
            found[public_id] = InProgramme(hidden_as)
        elif Field.NAME in said:
            body = said.get(Field.ORGANISATION, "")
            body = words_of_organisation(body) or names.get(body, "")
            found[public_id] = InProgramme(said[Field.NAME], body, said.get(Field.COUNTRY, ""))
    return {public_id: one for public_id, one in found.items() if one.name}


def _is_public(field: str, chosen: str, held: frozenset[Purpose]) -> bool:
    """Whether everybody may read this in the entry of somebody who is not at risk."""
    return effective(Field(field), Visibility(chosen), held, at_risk=False) is Visibility.PUBLIC


# --- What the library says, in SQL ------------------------------------------------------------------------------------


def _public(moment: datetime) -> Q:
    """What everybody may see: chosen so, lawful as a public entry, of a field that may be public, of nobody at risk."""
    return (
        Q(visibility=Visibility.PUBLIC, person__at_risk=False)
        & ~Q(field__in=_narrower_than(Visibility.PUBLIC))
        & _lawful(Purpose.PUBLIC_ENTRY, moment)
    )


def _chosen_for(visibility: Visibility, moment: datetime) -> Q:
    """What somebody may see who is of this visibility or a narrower one, beyond what is public."""
    wide_enough = [one for one in Visibility if one.width >= visibility.width]
    return (
        Q(visibility__in=wide_enough, person__at_risk=False)
        & ~Q(field__in=_narrower_than(visibility))
        & _lawful(Purpose.DIRECTORY, moment)
    )


def _narrower_than(visibility: Visibility) -> list[Field]:
    return [field for field, widest in WIDEST.items() if widest.width < visibility.width]


def _lawful(purpose: Purpose, moment: datetime) -> Q:
    return Q(person__in=models.Basis.objects.filter(in_force(moment), purpose=purpose).values("person"))


def _reach(access: Access, claim: Claim) -> Q | None:
    """The people about whom a claim holds: `permissions.Access.answer_about` in SQL; None where it reaches nobody.

    Held everywhere or in one of a person's networks, and refused in none of them: a refusal for one network stands
    above a role for another.
    """
    if access.answer(claim) is not Answer.YES:  # for nothing at all: no need to ask about each network
        return None
    everywhere = access.answer(claim, ANYTHING)
    if everywhere is Answer.YES and not any(refusal.claim is claim for refusal in access.refusals):
        return Q()
    answers = {
        pk: access.answer(claim, Scope(network=slug)) for pk, slug in models.Network.objects.values_list("pk", "slug")
    }
    held = [pk for pk, one in answers.items() if one is Answer.YES]
    refused = [pk for pk, one in answers.items() if one is Answer.REFUSED]
    if everywhere is not Answer.YES and not held:
        return None
    reached = Q() if everywhere is Answer.YES else _member_of(held)
    return reached & ~_member_of(refused) if refused else reached


def _member_of(networks: Collection[int]) -> Q:
    """Details of people who are or were members of one of these networks."""
    return Q(person__in=models.Membership.objects.filter(network__in=networks).values("person"))


def _member_today(networks: Collection[int], moment: datetime) -> Q:
    """Details of people who are members of one of these networks today: whoever has left is among members no more."""
    terms = models.Membership.objects.filter(on_day(moment.date()), network__in=networks)
    return Q(person__in=terms.values("person"))


def told_in(rows: Sequence[models.Detail]) -> Mapping[int, tuple[Told, ...]]:
    """What these details say, by the key of their person, in their order; only who has something told is there.

    A row says whether it is public where it was asked (`public`), else it is not.
    """
    names = _names_of(rows)
    told: dict[int, list[Told]] = {}
    for row in rows:
        field = Field(row.field)
        shown = names.get((field, row.value), "")
        told.setdefault(row.person_id, []).append(Told(field, row.value, getattr(row, "public", False), shown))
    return {person: tuple(said) for person, said in told.items()}


def _names_of(rows: Iterable[models.Detail]) -> dict[tuple[Field, str], str]:
    """The names of the organisations and networks that details point to; two queries at most."""
    wanted: dict[str, set[str]] = {Field.ORGANISATION: set(), Field.NETWORKS: set()}
    for row in rows:
        if row.field in wanted:
            wanted[row.field].add(row.value)
    said = {value: words for value in wanted[Field.ORGANISATION] if (words := words_of_organisation(value))}
    names = {(Field.ORGANISATION, value): words for value, words in said.items()}
    if listed := wanted[Field.ORGANISATION].difference(said):
        for key, name in models.Organisation.objects.filter(public_id__in=listed).values_list("public_id", "name"):
            names[Field.ORGANISATION, key] = name
    if wanted[Field.NETWORKS]:
        for key, name in models.Network.objects.filter(slug__in=wanted[Field.NETWORKS]).values_list("slug", "name"):
            names[Field.NETWORKS, key] = name
    return names
