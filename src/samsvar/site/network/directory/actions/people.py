"""Actions that save a user's own profile, and that start or end the protection of people at risk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import PURPOSE_FOR_VISIBILITY, WIDEST_VISIBILITY, Purpose, Visibility, effective_visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import validate_reason
from samsvar.site.network.access.permissions import can_manage_person, clear_cached_access, in_force_filter
from samsvar.site.network.access.queries import secretariat_accounts
from samsvar.site.network.directory.actions.consent import (
    NothingToWithdraw,
    give_consent,
    is_own_person,
    narrow_visibilities,
    record_about_person,
)
from samsvar.site.network.directory.queries.people import current_purposes, purposes_with_current_text
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell import hooks
from samsvar.site.shell.errors import SiteError

MULTI_VALUE_FIELDS = frozenset({Field.LANGUAGES, Field.EXPERTISE, Field.NETWORKS})
# Derived from uploads and memberships, not typed in. The profile sets only their visibility.
DERIVED_FIELDS = frozenset({Field.PHOTOGRAPH, Field.NETWORKS})
# Purposes that show a name or a face regardless of any visibility setting that could be narrowed.
PURPOSES_WITHOUT_VISIBILITY = (Purpose.PROGRAMME, Purpose.PHOTOGRAPHS)


class ConsentMissing(SiteError):
    """Raised when a field would be shown to more people than any legal basis allows."""

    message = _("There is no consent for showing some of these fields to the people chosen.")
    advice = _("Agree to the text below, or show these fields to fewer people.")

    def __init__(self, purposes: Collection[Purpose]) -> None:
        super().__init__()
        self.purposes = tuple(purpose for purpose in Purpose if purpose in purposes)


class VisibilityTooWide(SiteError):
    """Raised when a visibility is wider than the maximum for its field."""

    message = _("One of the fields cannot be made visible to so many people.")
    advice = _("Show that field to fewer people.")

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field


class PersonIsHidden(SiteError):
    """Raised when fields of a profile that is hidden for safety would become visible to others."""

    message = _("While your profile is hidden for safety reasons, only you and the secretariat can see it.")
    advice = _("Turn off safety protection first, or ask the secretariat to do so.")


class PseudonymMissing(SiteError):
    """Raised when a person at risk would have no pseudonym for public programmes."""

    message = _("A person at risk needs a pseudonym for public programmes.")
    advice = _("Agree with the person on a name that does not identify them.")


class ProfileNameMissing(SiteError):
    """Raised when a profile would have no name."""

    message = _("A profile needs a name.")
    advice = _("You choose who can see the name.")


@dataclass(frozen=True, slots=True)
class FieldUpdate:
    """The new values and visibility of a profile field; `values` None keeps the current values."""

    values: tuple[str, ...] | None
    visibility: Visibility


def save_profile(
    *,
    person: models.Person | None,
    updates: Mapping[Field, FieldUpdate],
    by: models.Account,
    consents: Mapping[Purpose, str] | None = None,
) -> models.Person:
    """Save the user's own profile: values, visibilities and consents (purpose → version of the text).

    Everything is saved, or nothing. If a field would be visible to more people than is lawful, `ConsentMissing` is
    raised with the purposes concerned. Widening a visibility requires consent to the current text; otherwise, an
    earlier consent is sufficient.
    """
    if person is not None and not is_own_person(by, person):
        raise PermissionDenied
    if person is None and models.Person.objects.filter(account=by).exists():
        raise PermissionDenied
    with transaction.atomic():
        saved = person or models.Person.objects.create(account=by)
        if person is None:
            clear_cached_access(by)
        for purpose, version in (consents or {}).items():
            give_consent(person=saved, purpose=purpose, version=version, by=by)
        changed = _save_fields(saved, updates)
        if not saved.details.filter(field=Field.NAME).exists():
            raise ProfileNameMissing
        if changed or person is None:
            verb = "created a profile" if person is None else "edited a profile"
            record_about_person(saved, verb, by=by, details={"fields": sorted(changed)})
    return saved


def hide_profile_for_safety(*, person: models.Person, pseudonym: str, by: models.Account | None, why: str = "") -> None:
    """Hide the profile of a person at risk from everyone except themselves and the secretariat.

    The visibility settings are narrowed, and are not restored when the protection ends.
    """
    if by is not None and not can_manage_person(by, person):
        raise PermissionDenied
    pseudonym = pseudonym.strip()
    if not pseudonym:
        raise PseudonymMissing
    reason = validate_reason(why) if by is not None else why
    with transaction.atomic():
        _start_protection(person, pseudonym)
        record_about_person(person, "turned on safety protection", by=by, reason=reason)


def hide_participant_profile(
    *, person: models.Person, pseudonym: str, by: models.Account | None, meeting: str, own: bool, why: str = ""
) -> None:
    """Hide a participant's profile, at their own request (`own`) or at an organiser's request with a reason (`why`).

    The caller must have verified that the request comes from the participant, by account or link, or that `by`
    organises the meeting. The protection applies to the whole site, as if the secretariat had set it. If the profile is
    already hidden, nothing changes and the earlier pseudonym is kept.
    """
    pseudonym = pseudonym.strip()
    if not pseudonym:
        raise PseudonymMissing
    reason = why.strip() if own else validate_reason(why)
    with transaction.atomic():
        if person.at_risk:
            return
        _start_protection(person, pseudonym, meeting=meeting)
        details = {"meeting": meeting, "asked_by_themselves": own}
        record_about_person(person, "turned on safety protection", by=by, details=details, reason=reason)


def end_safety_protection(*, person: models.Person, by: models.Account | None, why: str = "") -> None:
    """End the protection of a person, as the person or, with a reason, as one of their secretariats.

    Nothing becomes visible again by itself: the person has to choose the visibility of each field again, and consent
    again to the purposes without a visibility setting (`PURPOSES_WITHOUT_VISIBILITY`). The person and their
    secretariats are notified by email in the same transaction, because a measure that protects someone's life must not
    be ended unnoticed.
    """
    own = by is not None and is_own_person(by, person)
    if by is not None and not (own or can_manage_person(by, person)):
        raise PermissionDenied
    reason = validate_reason(why) if by is not None and not own else why.strip()
    with transaction.atomic():
        now = timezone.now()
        if not models.Person.objects.select_for_update().get(pk=person.pk).at_risk:
            raise NothingToWithdraw
        person.bases.filter(in_force_filter(now), purpose__in=PURPOSES_WITHOUT_VISIBILITY).update(until=now)
        _set_at_risk(person, False, "")
        _notify_protection_ended(person)
        record_about_person(person, "ended safety protection", by=by, reason=reason)


def _start_protection(person: models.Person, pseudonym: str, *, meeting: str = "") -> None:
    """Set the protection. The person leaves every programme until they agree again to appear in programmes.

    A programme that named them is already known to others: naming them by a pseudonym in its place would reveal it.
    """
    if not person.at_risk:
        now = timezone.now()
        person.bases.filter(in_force_filter(now), purpose=Purpose.PROGRAMME).update(until=now)
    _set_at_risk(person, True, pseudonym)
    for protect in hooks.providers("protection_started"):
        protect(person=person, meeting=meeting)


def _set_at_risk(person: models.Person, at_risk: bool, pseudonym: str) -> None:
    person.at_risk, person.pseudonym = at_risk, pseudonym
    person.save(update_fields=["at_risk", "pseudonym"])
    narrow_visibilities(person, timezone.now())


def _notify_protection_ended(person: models.Person) -> None:
    """Notify the secretariats and the person by email, without names, because others may read their mailboxes."""
    networks = list(models.Network.objects.filter(memberships__person=person).distinct())
    args = [person.public_id]
    for account in secretariat_accounts(networks, Claim.MANAGE_PEOPLE):
        notify(account, "network/protection_ended", page="network:manage-person", args=args)
    if person.account is not None:
        notify(person.account, "network/entry_changed", page="network:profile")


def _save_fields(person: models.Person, updates: Mapping[Field, FieldUpdate]) -> set[str]:
    """Save the updates and return the changed fields; raise an error if a visibility would be wider than allowed."""
    now = timezone.now()
    purposes, up_to_date = current_purposes(person, now), purposes_with_current_text(person, now)
    existing: dict[Field, dict[str, models.Detail]] = {}
    for detail in person.details.all():
        existing.setdefault(Field(detail.field), {})[detail.value] = detail
    memberships = set(person.memberships.values_list("network__slug", flat=True))
    changed: set[str] = set()
    missing: set[Purpose] = set()
    for field, update in updates.items():
        details = existing.get(field, {})
        values = _new_values(field, update, details, memberships)
        if update.visibility.width > WIDEST_VISIBILITY.get(field, Visibility.PUBLIC).width:
            raise VisibilityTooWide(field)
        if values and person.at_risk and update.visibility.width > Visibility.SECRETARIAT.width:
            raise PersonIsHidden
        for value in values:
            previous = details.get(value)
            is_wider = previous is None or update.visibility.width > Visibility(previous.visibility).width
            lawful = up_to_date if is_wider else purposes
            if effective_visibility(field, update.visibility, lawful, at_risk=False) is not update.visibility:
                missing.add(PURPOSE_FOR_VISIBILITY[update.visibility])
        if {value: detail.visibility for value, detail in details.items()} != dict.fromkeys(
            values, update.visibility.value
        ):
            changed.add(str(field))
    if missing:
        raise ConsentMissing(missing)
    for field in map(Field, changed):
        _replace_values(person, field, updates[field], existing.get(field, {}), memberships)
    return changed


def _new_values(
    field: Field, update: FieldUpdate, details: Mapping[str, models.Detail], memberships: Collection[str]
) -> tuple[str, ...]:
    if field is Field.NETWORKS:  # the networks of which the person is or was a member
        return tuple(sorted(memberships))
    if field in DERIVED_FIELDS or update.values is None:
        return tuple(details)
    values = tuple(dict.fromkeys(value.strip() for value in update.values if value.strip()))
    return values if field in MULTI_VALUE_FIELDS else values[:1]


def _replace_values(
    person: models.Person,
    field: Field,
    update: FieldUpdate,
    details: Mapping[str, models.Detail],
    memberships: Collection[str],
) -> None:
    values = _new_values(field, update, details, memberships)
    person.details.filter(field=field).exclude(value__in=values).delete()
    for value in values:
        models.Detail.objects.update_or_create(
            person=person, field=field, value=value, defaults={"visibility": update.visibility}
        )
