"""Walk-ins: registration, online or offline, of people who arrive without a registration.

Walk-ins count against the quotas like everyone else. If organisers approve each registration, a place is reserved
until they decide. An offline device assigns no places: it sends its entries later, each with its own ID, and they are
saved whether or not a place was free, because the person did come in. Two people with the same name may be one person
entered twice, so the organiser decides; until then both registrations are kept.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import find_namesakes
from samsvar.site.meetings.meeting.permissions import can_manage, can_perform_duty, check_can_manage
from samsvar.site.meetings.registration.actions import places
from samsvar.site.meetings.registration.actions.decisions import approve_registration, end_registration
from samsvar.site.meetings.registration.actions.emails import EMAIL_FOR_STATUS, email_participant
from samsvar.site.meetings.registration.actions.organising import register_another_person
from samsvar.site.meetings.registration.errors import StatusConflict
from samsvar.site.network.access.permissions import Account


@dataclass(frozen=True, slots=True)
class WalkInData:
    """The details of a walk-in, entered at the door; `organisation` is a value of `Field.ORGANISATION`."""

    name: str
    email: str = ""
    organisation: str = ""
    country: str = ""
    group: str = ""
    category: str = ParticipantCategory.PARTICIPANT.value
    listed: str = AccessLevel.ORGANISERS.value
    photographs: bool | None = None


@dataclass(frozen=True, slots=True)
class OfflineWalkIn:
    """A walk-in recorded by an offline device; `data` is None if the device was no longer allowed to keep the name."""

    id: uuid.UUID
    at: datetime
    data: WalkInData | None


def register_walk_in(*, by: Account, meeting: models.Meeting, data: WalkInData) -> models.Registration:
    """Register a walk-in and check them in if a place is free; otherwise add them to the waiting list.

    If the email address is already registered, that registration is used unchanged, unless it belongs to a person at
    risk: anyone who knows an address could otherwise learn the pseudonym behind it. The organiser merges the two later.
    """
    _check_can_check_in(by, meeting)
    places.check_not_cancelled(meeting)
    with transaction.atomic():
        places.lock_waiting_list(meeting)
        registration = _find_registration(meeting, data.email) or _create_registration(meeting, data, by=by)
        if registration.status == RegistrationStatus.ASKED and can_manage(by, meeting):
            registration = approve_registration(registration=registration, by=by)
        is_checked_in = registration.check_ins.filter(session__isnull=True, undone_at__isnull=True).exists()
        if registration.status == RegistrationStatus.CONFIRMED and not is_checked_in:
            models.CheckIn.objects.create(
                meeting=meeting, registration=registration, at=timezone.now(), by=by, walked_in=True
            )
            _record_action(by, "checked in a participant", meeting, registration)
    return registration


def save_offline_walk_in(*, by: Account, meeting: models.Meeting, walk_in: OfflineWalkIn, device: str) -> str:
    """Save a walk-in from an offline device and return a value of `SyncResult`; sending it again changes nothing."""
    _check_can_check_in(by, meeting)
    with transaction.atomic():
        places.lock_waiting_list(meeting)  # the same device may send twice at once; the lock makes one request wait
        saved_for = models.CheckIn.objects.filter(pk=walk_in.id).values_list("meeting", flat=True).first()
        if saved_for is not None:
            return "known" if saved_for == meeting.pk else "unknown"
        registration = _create_registration(meeting, walk_in.data, by=by) if walk_in.data is not None else None
        models.CheckIn.objects.create(
            id=walk_in.id, meeting=meeting, registration=registration, device=device[:40], at=walk_in.at, by=by,
            walked_in=True,
        )  # fmt: skip
        if registration is None:
            return "nameless"
        if registration.status != RegistrationStatus.CONFIRMED:
            return "no_place"
        return "same_name" if registration.pk in find_namesakes(meeting, [registration.pk]) else "stored"


# --- Decisions on walk-ins --------------------------------------------------------------------------------------------


def mark_walk_in_as_checked(*, by: Account, check_in: models.CheckIn) -> models.CheckIn:
    """Record that the organiser has checked a walk-in without a name, or one with the same name as someone else."""
    check_can_manage(by, check_in.meeting)
    with transaction.atomic():
        check_in.looked_at = timezone.now()
        check_in.save(update_fields=["looked_at"])
        _record_action(by, "reviewed a walk-in", check_in.meeting, check_in.registration)
    return check_in


def merge_walk_in(*, by: Account, check_in: models.CheckIn, registration: models.Registration) -> models.Registration:
    """Merge a walk-in into another registration of the same person, which then has all their check-ins.

    The walk-in's registration is withdrawn, and the profile created for it at the door is deleted. Because the person
    is already in the room, a place reserved for them is confirmed; if they were on the waiting list, they get the
    place of the withdrawn registration.
    """
    check_can_manage(by, check_in.meeting)
    with transaction.atomic():
        places.lock_waiting_list(check_in.meeting)
        target = places.lock_registration(registration)
        duplicate = places.lock_registration(check_in.registration) if check_in.registration is not None else None
        if duplicate is None or duplicate.pk == target.pk or duplicate.meeting_id != target.meeting_id:
            raise StatusConflict
        if RegistrationStatus(duplicate.status).is_over or RegistrationStatus(target.status).is_over:
            raise StatusConflict
        duplicate.check_ins.update(registration=target, looked_at=timezone.now())
        person, had_place = duplicate.person, RegistrationStatus(duplicate.status).has_place
        end_registration(duplicate, RegistrationStatus.WITHDRAWN, by=by, verb="found a duplicate walk-in")
        if target.status != RegistrationStatus.CONFIRMED and (
            RegistrationStatus(target.status).has_place or (had_place and places.take_place(target))
        ):
            target.status, target.decided_at, target.decided_by = RegistrationStatus.CONFIRMED, timezone.now(), by
            target.save(update_fields=["status", "decided_at", "decided_by"])
        if person is not None and person.account_id is None and not person.memberships.exists():
            if not person.registrations.exclude(pk=duplicate.pk).exists():
                person.delete()
        places.promote_from_waiting_list(target.meeting)
    return target


# --- Steps ------------------------------------------------------------------------------------------------------------


def _check_can_check_in(by: Account, meeting: models.Meeting) -> None:
    if not can_perform_duty(by, meeting, models.Duty.Kind.DOOR):
        raise PermissionDenied


def _find_registration(meeting: models.Meeting, email: str) -> models.Registration | None:
    """Return the latest registration with this email address, preferring an active one; None if there is none.

    Registrations of people at risk are not found.
    """
    if not email:
        return None
    has_address = Q(invitation__email=email.lower()) | Q(person__account__email=email.lower())
    registrations = meeting.registrations.filter(has_address).exclude(person__at_risk=True).order_by("-pk")
    return registrations.filter(status__in=ACTIVE_STATUSES).first() or registrations.first()


def _create_registration(meeting: models.Meeting, data: WalkInData, *, by: Account) -> models.Registration:
    """Register a walk-in, even if someone with the same name is already registered.

    The registration is confirmed if a place is free and no decision is needed, or if the user is an organiser.
    """
    registration = register_another_person(
        meeting=meeting, by=by, now=timezone.now(), note="came to the door without a registration", name=data.name,
        email=data.email.strip().lower(), organisation=data.organisation, country=data.country, group=data.group,
        category=data.category, listed=data.listed, photographs=data.photographs,
        language=next((one for one in meeting.languages if one in INTERFACE_LANGUAGES), "en"),
        knows_people_at_risk=False,
    )  # fmt: skip
    if registration.status == RegistrationStatus.ASKED and can_manage(by, meeting):
        return approve_registration(registration=registration, by=by)
    email_participant(registration, EMAIL_FOR_STATUS[RegistrationStatus(registration.status)])
    return registration


def _record_action(by: Account, verb: str, meeting: models.Meeting, registration: models.Registration | None) -> None:
    person = registration.person.public_id if registration is not None and registration.person is not None else ""
    record(by=by, verb=verb, subject=f"meeting {meeting.public_id}", person=person)
