"""Checking participants in, merging check-ins from offline devices, and undoing mistaken check-ins."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.day import correct_device_time
from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.walk_ins import OfflineWalkIn, save_offline_walk_in
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.network.access.permissions import Account


class NoConfirmedPlace(MeetingRuleError):
    """Raised when a person cannot be checked in because their place is not confirmed."""

    message = _("This registration is not confirmed.")
    advice = _("Ask the organiser: they can give this person a place if one is free.")

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status = status


class SyncResult(StrEnum):
    """The result of saving one entry sent by an offline device."""

    STORED = "stored"
    ALREADY_SAVED = "known"  # the device has already sent it
    PLACE_CANCELLED = "place_gone"  # saved, but the place has been cancelled and someone should check why
    NO_PLACE = "no_place"  # walk-in saved, but no place was free or the decision is pending
    SAME_NAME = "same_name"  # walk-in saved, but another participant with this name is registered
    NAMELESS = "nameless"  # walk-in saved without the name, because its retention time on the device had expired
    UNKNOWN = "unknown"  # not saved, because the person is not a participant of this meeting


@dataclass(frozen=True, slots=True)
class OfflineCheckIn:
    """A check-in recorded by an offline device."""

    id: uuid.UUID
    registration: str  # public ID
    at: datetime  # by the device's clock


def ensure_ticket(*, registration: models.Registration) -> str:
    """Return the ticket for a badge's QR code, creating it if needed; the ticket reveals nothing about the person."""
    if not registration.ticket:
        ticket = secrets.token_urlsafe(18)
        models.Registration.objects.filter(pk=registration.pk, ticket__isnull=True).update(ticket=ticket)
        registration.refresh_from_db(fields=["ticket"])
    return registration.ticket or ""


def check_in(*, by: Account, registration: models.Registration) -> models.CheckIn:
    """Check a participant in now; if they are already checked in, return the existing check-in."""
    with transaction.atomic():
        registration = models.Registration.objects.select_for_update().get(pk=registration.pk)
        if registration.status != RegistrationStatus.CONFIRMED:
            raise NoConfirmedPlace(registration.status)
        existing = registration.check_ins.filter(session__isnull=True, undone_at__isnull=True).first()
        if existing is not None:
            return existing
        check_in = models.CheckIn.objects.create(
            meeting_id=registration.meeting_id, registration=registration, at=timezone.now(), by=by
        )
        record_registration_action(by, "checked in a participant", registration)
    return check_in


def undo_check_in(*, by: Account, check_in: models.CheckIn) -> models.CheckIn:
    """Undo all current check-ins of this person at the door; they are kept in the database, marked as undone."""
    with transaction.atomic():
        if check_in.registration is not None:
            current = check_in.registration.check_ins.filter(session__isnull=True, undone_at__isnull=True)
            current.update(undone_at=timezone.now())
            record_registration_action(by, "undid a check-in", check_in.registration)
    check_in.refresh_from_db()
    return check_in


def merge_offline_check_ins(
    *,
    by: Account,
    meeting: models.Meeting,
    device: str,
    sent: datetime,
    check_ins: Iterable[OfflineCheckIn],
    walk_ins: Iterable[OfflineWalkIn] = (),
) -> dict[uuid.UUID, SyncResult]:
    """Save what a device recorded while it was offline; sending the same entries again changes nothing.

    If two devices checked in the same person, both check-ins are kept but the person is counted once. Walk-ins are
    registered in the order in which they arrived.
    """
    received = timezone.now()
    entries = list({entry.id: entry for entry in check_ins}.values())
    arrived = sorted({entry.id: entry for entry in walk_ins}.values(), key=lambda entry: entry.at)
    with transaction.atomic():
        saved = models.CheckIn.objects.in_bulk([entry.id for entry in entries])
        registrations = meeting.registrations.in_bulk({entry.registration for entry in entries}, field_name="public_id")
        results: dict[uuid.UUID, SyncResult] = {}
        new = []
        for entry in entries:
            registration = registrations.get(entry.registration)
            if entry.id in saved:
                # a check-in saved for another meeting is reported as unknown
                is_same_meeting = saved[entry.id].meeting_id == meeting.pk
                results[entry.id] = SyncResult.ALREADY_SAVED if is_same_meeting else SyncResult.UNKNOWN
            elif registration is None:
                results[entry.id] = SyncResult.UNKNOWN
            else:
                confirmed = registration.status == RegistrationStatus.CONFIRMED
                results[entry.id] = SyncResult.STORED if confirmed else SyncResult.PLACE_CANCELLED
                check_in = models.CheckIn(
                    id=entry.id, meeting=meeting, registration=registration, device=device[:40], by=by
                )
                check_in.at = correct_device_time(entry.at, sent=sent, received=received)
                new.append(check_in)
        models.CheckIn.objects.bulk_create(new, ignore_conflicts=True)  # the same device may send entries twice at once
        if new:
            record(
                by=by,
                verb="uploaded check-ins from a device",
                subject=f"meeting {meeting.public_id}",
                details={"count": len(new)},
            )
        for walk_in in arrived:
            walk_in = replace(walk_in, at=correct_device_time(walk_in.at, sent=sent, received=received))
            result = save_offline_walk_in(by=by, meeting=meeting, walk_in=walk_in, device=device)
            results[walk_in.id] = SyncResult(result)
    return results


def record_registration_action(by: Account | None, verb: str, registration: models.Registration) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"meeting {registration.meeting.public_id}",
        person=registration.person.public_id if registration.person else "",
    )
