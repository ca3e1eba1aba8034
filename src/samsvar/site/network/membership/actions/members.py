"""Actions on networks, organisations, seats, members and terms of office.

`by` is the account that acts, or None for a command, for which no permission is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models as db
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.ids import make_slug as slug_of
from samsvar.network import loading
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.membership import InvalidTermDates, Office, Term, check_term_conflicts
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage_person, clear_cached_access, has_claim, network_scope
from samsvar.site.network.directory.actions.consent import LegalBasisReasonMissing, record_basis
from samsvar.site.network.directory.actions.people import ProfileNameMissing
from samsvar.site.network.membership.queries import can_manage_network, can_manage_organisation
from samsvar.site.shell.errors import SiteError


class CountryMissing(SiteError):
    """Raised when a national contact point is appointed without a country."""

    message = _("A national contact point must belong to a country.")
    advice = _("Enter the country.")


class NameTaken(SiteError):
    """Raised when the short name of a network or organisation is already in use."""

    message = _("This name is already in use.")
    advice = _("Choose another name.")


class OfficeMismatch(SiteError):
    """Raised when the term to follow is in another network, office or country."""

    message = _("A term can only follow a term in the same office and the same network.")


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
    fictional: bool = False,
) -> models.Network:
    """Create or update a network. Only administrators may do this."""
    if by is not None and not has_claim(by, Claim.MANAGE_NETWORKS, network_scope(network)):
        raise PermissionDenied
    with transaction.atomic():
        if network is None:
            slug = slug_of(slug or name)[:60]
            if not slug or models.Network.objects.filter(slug=slug).exists():
                raise NameTaken
            network = models.Network(slug=slug)
        verb = "changed a network" if network.pk else "created a network"
        network.name, network.about, network.lead_id, network.founded = name, about, lead or None, founded
        network.fictional = fictional
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
    fictional: bool = False,
) -> models.Organisation:
    """Create or update an organisation. Only those who manage every network where it has had a seat may update it."""
    if by is not None and not can_manage_organisation(by, organisation):
        raise PermissionDenied
    with transaction.atomic():
        if organisation is None:
            public_id = slug_of(f"{state or ''} {name}")[:80].strip("-")
            if not public_id or models.Organisation.objects.filter(public_id=public_id).exists():
                raise NameTaken
            organisation = models.Organisation(public_id=public_id)
        verb = "changed an organisation" if organisation.pk else "added an organisation"
        organisation.name, organisation.name_language, organisation.kind = name, name_language, kind
        organisation.state_id, organisation.languages = state or None, sorted(set(languages))
        organisation.website, organisation.about, organisation.fictional = website, about, fictional
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
    """Give an organisation a seat in a network, unless it already has one that begins on the same day."""
    _require_network_manager(by, network)
    with transaction.atomic():
        seat, created = models.Seat.objects.get_or_create(
            network=network, organisation=organisation, begins=begins, defaults={"ends": ends}
        )
        if created:
            _record_seat_change(by, seat, "added a seat")
    return seat


def end_seat(*, seat: models.Seat, ends: date, by: models.Account | None) -> models.Seat:
    """Set the date on which an organisation's seat ends. Raises InvalidTermDates if the seat begins later."""
    _require_network_manager(by, seat.network)
    if seat.begins and ends < seat.begins:
        raise InvalidTermDates(f"The seat would end on {ends}, before it starts on {seat.begins}.")
    with transaction.atomic():
        seat.ends = ends
        seat.save(update_fields=["ends"])
        _record_seat_change(by, seat, "ended a seat")
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
    fictional: bool = False,
) -> models.Membership:
    """Add a member to a network: a person whom this secretariat already manages, or a new one.

    Only the secretariat can see the profile of a new person; `note` explains the legal basis. Once the person has an
    account, they decide what others may see. People from other networks have to accept an invitation; otherwise a
    secretariat could add anyone and read the details that the person gave to another secretariat.
    """
    _require_network_manager(by, network, person)
    if not note.strip():
        raise LegalBasisReasonMissing
    if person is None and not name.strip():
        raise ProfileNameMissing
    with transaction.atomic():
        if person is None:
            person = models.Person.objects.create(account=account, fictional=fictional)
            if account is not None:
                clear_cached_access(account)
            models.Detail.objects.create(person=person, field=Field.NAME, value=name.strip())
            if organisation is not None:
                models.Detail.objects.create(person=person, field=Field.ORGANISATION, value=organisation.public_id)
        membership = _create_membership(network, person, by, office, begins, ends, state, organisation, None)
        record_basis(person=person, purpose=Purpose.MEMBERSHIP, ground=LegalBasis.PUBLIC_TASK, note=note, by=by)
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
    """Appoint a person to an office for a term; `follows` is the predecessor's term, if any."""
    _require_network_manager(by, network, person)
    return _create_membership(network, person, by, office, begins, ends, state, organisation, follows)


def _create_membership(
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
        raise CountryMissing
    if follows is not None and (follows.network_id, follows.office, follows.state_id) != (network.pk, office, state):
        raise OfficeMismatch
    term = Term(person.public_id, office, begins, ends, state or "", follows.person.public_id if follows else "")
    with transaction.atomic():
        # otherwise two concurrent requests would both find the office vacant
        models.Network.objects.select_for_update().get(pk=network.pk)
        check_term_conflicts(term, network_terms(network))
        membership = models.Membership.objects.create(
            network=network, person=person, organisation=organisation, state_id=state, office=office, begins=begins,
            ends=ends, follows=follows,
        )  # fmt: skip
        models.Detail.objects.get_or_create(person=person, field=Field.NETWORKS, value=network.slug)
        person.__dict__.pop("_networks", None)  # drop the networks cached by permissions
        _record_term_change(by, membership, "appointed")
    return membership


def end_term(*, membership: models.Membership, ends: date, by: models.Account | None, reason: str = "") -> None:
    """Set the last day of a term of office. The term is kept on record."""
    _require_network_manager(by, membership.network)
    membership.ends = ends
    _as_term(membership)  # raises an error if the term would end before it begins
    with transaction.atomic():
        membership.save(update_fields=["ends"])
        _record_term_change(by, membership, "ended a term", reason)


def network_terms(network: models.Network) -> list[Term]:
    """Return all terms of a network as `Term` values of the library."""
    return [_as_term(membership) for membership in network.memberships.select_related("person", "follows__person")]


def _as_term(membership: models.Membership) -> Term:
    predecessor = membership.follows.person.public_id if membership.follows else ""
    office, state = Office(membership.office), membership.state_id or ""
    return Term(membership.person.public_id, office, membership.begins, membership.ends, state, predecessor)


def _require_network_manager(
    by: models.Account | None, network: models.Network, person: models.Person | None = None
) -> None:
    """Require permission to manage a network's members and seats and, if given, a person's data."""
    if by is not None and not (can_manage_network(by, network) and (person is None or can_manage_person(by, person))):
        raise PermissionDenied


# --- Data from public sources -----------------------------------------------------------------------------------------


def load_networks(*, by: models.Account | None = None) -> dict[str, int]:
    """Load networks and organisations from public sources, and return the number of rows written for each.

    It is safe to run this again. No memberships or seats are created, because the sources list none. The description
    and languages that a secretariat entered for an organisation are kept.
    """
    with transaction.atomic():
        organisations = sum(_save_row_if_changed(models.Organisation, "public_id", row) for row in _organisation_rows())
        networks = sum(_save_row_if_changed(models.Network, "slug", row) for row in _network_rows())
        counts = {"networks": networks, "organisations": organisations}
        if any(counts.values()):
            record(by=by, verb="loaded", subject="networks", details=counts)
    return counts


def _organisation_rows() -> Iterable[dict[str, Any]]:
    for organisation in loading.organisations().values():
        yield {
            "public_id": organisation.slug,
            "name": organisation.name(),
            "name_language": "en",
            "kind": organisation.kind.value,
            "state_id": organisation.state or None,
            "website": organisation.website,
            "source": organisation.source,
            "second_source": organisation.second_source,
            "confidence": organisation.confidence.value,
        }


def _network_rows() -> Iterable[dict[str, Any]]:
    for network in loading.networks().values():
        yield {
            "slug": network.slug,
            "name": network.name,
            "about": dict(network.about)["en"],
            "lead_id": network.led_by or None,
            "source": network.source,
            "second_source": network.second_source,
            "confidence": network.confidence.value,
        }


def _save_row_if_changed(model: type[db.Model], key: str, values: Mapping[str, Any]) -> int:
    """Create or update a row; return 1 if it was written and 0 if nothing changed."""
    existing = model._default_manager.filter(**{key: values[key]}).first()
    if existing is not None and all(getattr(existing, name) == value for name, value in values.items()):
        return 0
    model._default_manager.update_or_create(**{key: values[key]}, defaults=dict(values))
    return 1


# --- Audit log --------------------------------------------------------------------------------------------------------


def _record_term_change(by: models.Account | None, membership: models.Membership, verb: str, reason: str = "") -> None:
    details = {
        "network": membership.network.slug,
        "office": membership.office,
        "country": membership.state_id or "",
        **_period_details(membership),
    }
    subject = f"membership {membership.public_id}"
    record(by=by, verb=verb, subject=subject, details=details, person=membership.person.public_id, reason=reason)


def _record_seat_change(by: models.Account | None, seat: models.Seat, verb: str) -> None:
    details = {"organisation": seat.organisation.public_id, **_period_details(seat)}
    record(by=by, verb=verb, subject=f"network {seat.network.slug}", details=details)


def _period_details(term: models.Membership | models.Seat) -> dict[str, str]:
    return {name: day.isoformat() if day else "" for name, day in (("begins", term.begins), ("ends", term.ends))}
