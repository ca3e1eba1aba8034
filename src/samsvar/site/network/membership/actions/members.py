"""Networks, organisations and their seats, members and the offices they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models as db
from django.db import transaction

from samsvar.ids import slug as slug_of
from samsvar.network import loading
from samsvar.network.consent import Ground, Purpose
from samsvar.network.membership import NetworkError, Office, Term, TermEndsBeforeItBegins, check_against
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage, forget_access, holds, network_scope
from samsvar.site.network.directory.actions.consent import ReasonIsMissing, record_basis
from samsvar.site.network.directory.actions.people import NameIsMissing
from samsvar.site.network.membership.queries import can_manage_network, can_manage_organisation


class CountryIsMissing(NetworkError):
    """A national contact point is somebody's of a country, and none was named."""

    code = "country_is_missing"
    advice = "Name the country."


class NameIsTaken(NetworkError):
    """There is a network or an organisation at this address already."""

    code = "name_is_taken"
    advice = "Choose another short name."


class AnotherOffice(NetworkError):
    """An office would follow one of another network, or of another kind."""

    code = "follows_another_office"


# --- Networks and organisations ---------------------------------------------------------------------------------------


def save_network(
    *,
    by: models.Account | None,
    network: models.Network | None = None,
    slug: str = "",
    name: str,
    about: str = "",
    lead: str | None = None,
    founded: str = "",
    invented: bool = False,
) -> models.Network:
    """Found a network, or say anew what it is. By an administrator."""
    if by is not None and not holds(by, Claim.MANAGE_NETWORKS, network_scope(network)):
        raise PermissionDenied
    with transaction.atomic():
        if network is None:
            slug = slug_of(slug or name)[:60]
            if not slug or models.Network.objects.filter(slug=slug).exists():
                raise NameIsTaken(f"There is a network “{slug}” already.")
            network = models.Network(slug=slug)
        verb = "changed a network" if network.pk else "founded a network"
        network.name, network.about, network.lead_id, network.founded = name, about, lead or None, founded
        network.invented = invented
        network.save()
        record(by=by, verb=verb, subject=f"network {network.slug}", details={"name": name, "lead": lead or ""})
    return network


def save_organisation(
    *,
    by: models.Account | None,
    organisation: models.Organisation | None = None,
    name: str,
    kind: OrganisationKind,
    state: str | None = None,
    name_language: str = "",
    languages: Iterable[str] = (),
    website: str = "",
    about: str = "",
    invented: bool = False,
) -> models.Organisation:
    """Add an organisation, or say anew what it is. By the secretariat of each network where it has a seat."""
    if by is not None and not can_manage_organisation(by, organisation):
        raise PermissionDenied
    with transaction.atomic():
        if organisation is None:
            short = slug_of(f"{state or ''} {name}")[:80].strip("-")
            if not short or models.Organisation.objects.filter(public_id=short).exists():
                raise NameIsTaken(f"There is an organisation “{short}” already.")
            organisation = models.Organisation(public_id=short)
        verb = "changed an organisation" if organisation.pk else "added an organisation"
        organisation.name, organisation.name_language, organisation.kind = name, name_language, kind
        organisation.state_id, organisation.languages = state or None, sorted(set(languages))
        organisation.website, organisation.about, organisation.invented = website, about, invented
        organisation.save()
        record(by=by, verb=verb, subject=f"organisation {organisation.public_id}", details={"name": name})
    return organisation


def give_seat(
    *,
    network: models.Network,
    organisation: models.Organisation,
    by: models.Account | None,
    begins: date | None = None,
    ends: date | None = None,
) -> models.Seat:
    """Give an organisation a seat in a network. Twice for the same time is once."""
    if by is not None and not can_manage_network(by, network):
        raise PermissionDenied
    with transaction.atomic():
        seat, made = models.Seat.objects.get_or_create(
            network=network, organisation=organisation, begins=begins, defaults={"ends": ends}
        )
        if made:
            _record_seat(by, seat, "gave a seat")
    return seat


def end_seat(*, seat: models.Seat, ends: date, by: models.Account | None) -> models.Seat:
    """The last day of an organisation's seat."""
    if by is not None and not can_manage_network(by, seat.network):
        raise PermissionDenied
    if seat.begins and ends < seat.begins:
        raise TermEndsBeforeItBegins(f"The seat would end on {ends}, before it begins on {seat.begins}.")
    with transaction.atomic():
        seat.ends = ends
        seat.save(update_fields=["ends"])
        _record_seat(by, seat, "ended a seat")
    return seat


# --- Members and offices ----------------------------------------------------------------------------------------------


def add_member(
    *,
    network: models.Network,
    by: models.Account | None,
    office: Office = Office.MEMBER,
    begins: date | None = None,
    ends: date | None = None,
    state: str | None = None,
    organisation: models.Organisation | None = None,
    person: models.Person | None = None,
    account: models.Account | None = None,
    name: str = "",
    note: str,
    invented: bool = False,
) -> models.Membership:
    """Bring somebody into a network: a person whom this secretariat has already, or a new one.

    Whoever is new here is known to the secretariat alone, on the ground that `note` gives; what others read of them the
    person decides, once they have an account. Somebody of other networks joins by an invitation, which is theirs to
    accept: a secretariat that could take anybody in would read what they told to another one.
    """
    if by is not None and not (can_manage_network(by, network) and (person is None or can_manage(by, person))):
        raise PermissionDenied
    if not note.strip():
        raise ReasonIsMissing("Nothing was said about what this membership stands on.")
    if person is None and not name.strip():
        raise NameIsMissing("A member needs a name, which the secretariat alone reads.")
    with transaction.atomic():
        if person is None:
            person = models.Person.objects.create(account=account, invented=invented)
            if account is not None:
                forget_access(account)
            models.Detail.objects.create(person=person, field=Field.NAME, value=name.strip())
            if organisation is not None:
                models.Detail.objects.create(person=person, field=Field.ORGANISATION, value=organisation.public_id)
        membership = _appoint(network, person, by, office, begins, ends, state, organisation, None)
        record_basis(person=person, purpose=Purpose.MEMBERSHIP, ground=Ground.PUBLIC_TASK, note=note, by=by)
    return membership


def appoint(
    *,
    network: models.Network,
    person: models.Person,
    by: models.Account | None,
    office: Office,
    begins: date | None = None,
    ends: date | None = None,
    state: str | None = None,
    organisation: models.Organisation | None = None,
    follows: models.Membership | None = None,
) -> models.Membership:
    """Give somebody an office in a network for a term; `follows` is the term that this one continues."""
    if by is not None and not (can_manage_network(by, network) and can_manage(by, person)):
        raise PermissionDenied
    return _appoint(network, person, by, office, begins, ends, state, organisation, follows)


def _appoint(
    network: models.Network,
    person: models.Person,
    by: models.Account | None,
    office: Office,
    begins: date | None,
    ends: date | None,
    state: str | None,
    organisation: models.Organisation | None,
    follows: models.Membership | None,
) -> models.Membership:
    if office is not Office.NATIONAL_CONTACT_POINT:
        state = None
    elif not state:
        raise CountryIsMissing("A national contact point is of a country.")
    if follows is not None and (follows.network_id, follows.office, follows.state_id) != (network.pk, office, state):
        raise AnotherOffice("An office follows the same office of the same network.")
    term = Term(person.public_id, office, begins, ends, state or "", follows.person.public_id if follows else "")
    with transaction.atomic():
        models.Network.objects.select_for_update().get(pk=network.pk)  # two at once would both find the office free
        check_against(term, terms_of(network))
        membership = models.Membership.objects.create(
            network=network,
            person=person,
            organisation=organisation,
            state_id=state,
            office=office,
            begins=begins,
            ends=ends,
            follows=follows,
        )
        models.Detail.objects.get_or_create(person=person, field=Field.NETWORKS, value=network.slug)
        person.__dict__.pop("_networks", None)  # what permissions had read of them before
        _record_term(by, membership, "appointed")
    return membership


def end_term(*, membership: models.Membership, ends: date, by: models.Account | None, why: str = "") -> None:
    """The last day of a term; the record of who held which office stays."""
    if by is not None and not can_manage_network(by, membership.network):
        raise PermissionDenied
    Term(membership.person.public_id, Office(membership.office), membership.begins, ends)  # not before its first day
    with transaction.atomic():
        membership.ends = ends
        membership.save(update_fields=["ends"])
        _record_term(by, membership, "ended a term", why)


def terms_of(network: models.Network) -> list[Term]:
    """Every term of a network as the library's value."""
    rows = network.memberships.select_related("person", "follows__person")
    return [
        Term(
            row.person.public_id,
            Office(row.office),
            row.begins,
            row.ends,
            row.state_id or "",
            row.follows.person.public_id if row.follows else "",
        )
        for row in rows
    ]


# --- What public sources say ------------------------------------------------------------------------------------------


def load_networks(*, by: models.Account | None = None) -> dict[str, int]:
    """Networks and organisations that public sources name; says how many rows were written. Twice is as good as once.

    Nobody is made a member by it, and no organisation gets a seat: no source says who has one. What a secretariat wrote
    about an organisation (what it is about, its languages) stays.
    """
    with transaction.atomic():
        organisations = sum(_bring(models.Organisation, "public_id", row) for row in _organisation_rows())
        networks = sum(_bring(models.Network, "slug", row) for row in _network_rows())
        if networks or organisations:
            details = {"networks": networks, "organisations": organisations}
            record(by=by, verb="loaded", subject="networks", details=details)
    return {"networks": networks, "organisations": organisations}


def _organisation_rows() -> Iterable[dict[str, Any]]:
    for one in loading.organisations().values():
        yield {
            "public_id": one.slug,
            "name": one.name(),
            "name_language": "en",
            "kind": one.kind.value,
            "state_id": one.state or None,
            "website": one.website,
            "source": one.source,
            "second_source": one.second_source,
            "confidence": one.confidence.value,
        }


def _network_rows() -> Iterable[dict[str, Any]]:
    for one in loading.networks().values():
        yield {
            "slug": one.slug,
            "name": one.name,
            "about": dict(one.about)["en"],
            "lead_id": one.led_by or None,
            "source": one.source,
            "second_source": one.second_source,
            "confidence": one.confidence.value,
        }


def _bring(model: type[db.Model], key: str, row: Mapping[str, Any]) -> int:
    """Write one row where it differs from what is there; 1 where it was written."""
    there = model._default_manager.filter(**{key: row[key]}).first()
    if there is not None and all(getattr(there, name) == value for name, value in row.items()):
        return 0
    model._default_manager.update_or_create(**{key: row[key]}, defaults=dict(row))
    return 1


# --- Lines of the trail -----------------------------------------------------------------------------------------------


def _record_term(by: models.Account | None, membership: models.Membership, verb: str, why: str = "") -> None:
    details = {
        "network": membership.network.slug,
        "office": membership.office,
        "country": membership.state_id or "",
        "begins": membership.begins.isoformat() if membership.begins else "",
        "ends": membership.ends.isoformat() if membership.ends else "",
    }
    subject = f"membership {membership.public_id}"
    record(by=by, verb=verb, subject=subject, details=details, person=membership.person.public_id, why=why)


def _record_seat(by: models.Account | None, seat: models.Seat, verb: str) -> None:
    details = {
        "organisation": seat.organisation.public_id,
        "begins": seat.begins.isoformat() if seat.begins else "",
        "ends": seat.ends.isoformat() if seat.ends else "",
    }
    record(by=by, verb=verb, subject=f"network {seat.network.slug}", details=details)
