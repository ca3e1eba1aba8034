"""At the door: somebody comes in, a device that was away brings what it saw, a mistake is taken back."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from samsvar.meetings.day import seen_at
from samsvar.meetings.meeting import MeetingsError
from samsvar.meetings.registration import Standing
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.walk_ins import WalkIn, bring_walk_in
from samsvar.site.network.access.permissions import Account


class NoPlaceAtTheDoor(MeetingsError):
    """Whoever stands at the door has no confirmed place."""

    code = "no_place_at_the_door"
    kept = "Nobody was checked in."
    advice = "Ask the organiser: a place can be given on the spot where one is free."

    def __init__(self, standing: str) -> None:
        super().__init__("This registration is not confirmed.")
        self.standing = standing


class Met(StrEnum):
    """What became of one thing that a device saw."""

    STORED = "stored"
    KNOWN = "known"  # it was sent before
    PLACE_GONE = "place_gone"  # stored; the place was cancelled meanwhile, and somebody should look at it
    NO_PLACE = "no_place"  # a walk-in, stored; no place was free, or it is not decided yet
    SAME_NAME = "same_name"  # a walk-in, stored; somebody else of this name is registered
    NAMELESS = "nameless"  # a walk-in, stored without the name, whose time on the device was over
    UNKNOWN = "unknown"  # no participant of this meeting: not stored


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody came in, as a device without a connection wrote it down."""

    id: uuid.UUID
    registration: str  # public id
    at: datetime  # by the device's clock


def ensure_ticket(*, registration: models.Registration) -> str:
    """The ticket in the QR code of a badge, made where there is none yet; it says nothing by itself."""
    if not registration.ticket:
        made = secrets.token_urlsafe(18)
        models.Registration.objects.filter(pk=registration.pk, ticket__isnull=True).update(ticket=made)
        registration.refresh_from_db(fields=["ticket"])
    return registration.ticket or ""


def check_in(*, by: Account, registration: models.Registration) -> models.CheckIn:
    """Somebody comes in now. Whoever is in already is not counted twice."""
    with transaction.atomic():
        registration = models.Registration.objects.select_for_update().get(pk=registration.pk)
        if registration.standing != Standing.CONFIRMED:
            raise NoPlaceAtTheDoor(registration.standing)
        now = timezone.now()
        there = registration.check_ins.filter(session__isnull=True, undone_at__isnull=True).first()
        if there is not None:
            return there
        made = models.CheckIn.objects.create(
            meeting_id=registration.meeting_id, registration=registration, at=now, by=by
        )
        write_down(by, "checked somebody in", registration)
    return made


def undo_check_in(*, by: Account, check_in: models.CheckIn) -> models.CheckIn:
    """Take a mistake back: everything that says that this person came. It stays in the record as taken back."""
    with transaction.atomic():
        if check_in.registration is not None:
            check_in.registration.check_ins.filter(session__isnull=True, undone_at__isnull=True).update(
                undone_at=timezone.now()
            )
            write_down(by, "took a check-in back", check_in.registration)
    check_in.refresh_from_db()
    return check_in


def merge_sightings(
    *,
    by: Account,
    meeting: models.Meeting,
    device: str,
    sent: datetime,
    sightings: Iterable[Sighting],
    strangers: Iterable[WalkIn] = (),
    site: str = "",
) -> dict[uuid.UUID, Met]:
    """Take in what a device saw while it had no connection. To send it twice changes nothing.

    Two devices that both saw the same person are both kept; the person is counted once. Whom a device wrote down
    without a registration is registered in the order in which they came.
    """
    received = timezone.now()
    seen = list({one.id: one for one in sightings}.values())
    came = sorted({one.id: one for one in strangers}.values(), key=lambda one: one.at)
    with transaction.atomic():
        known = dict(models.CheckIn.objects.filter(pk__in=[one.id for one in seen]).values_list("pk", "meeting_id"))
        people = {
            one.public_id: one for one in meeting.registrations.filter(public_id__in={one.registration for one in seen})
        }
        answers: dict[uuid.UUID, Met] = {}
        fresh = []
        for one in seen:
            registration = people.get(one.registration)
            if one.id in known:
                # a number that another meeting has is no number of ours
                answers[one.id] = Met.KNOWN if known[one.id] == meeting.pk else Met.UNKNOWN
            elif registration is None:
                answers[one.id] = Met.UNKNOWN
            else:
                confirmed = registration.standing == Standing.CONFIRMED
                answers[one.id] = Met.STORED if confirmed else Met.PLACE_GONE
                at = seen_at(one.at, sent=sent, received=received)
                fresh.append(
                    models.CheckIn(
                        id=one.id, meeting=meeting, registration=registration, device=device[:40], at=at, by=by
                    )
                )
        models.CheckIn.objects.bulk_create(fresh, ignore_conflicts=True)  # the same device, twice at once
        if fresh:
            record(
                by=by,
                verb="brought check-ins of a device",
                subject=f"meeting {meeting.public_id}",
                details={"count": len(fresh)},
            )
        for stranger in came:
            at = seen_at(stranger.at, sent=sent, received=received)
            brought = bring_walk_in(
                by=by, meeting=meeting, walk_in=replace(stranger, at=at), device=device, site=site
            )  # fmt: skip
            answers[stranger.id] = Met(brought)
    return answers


def write_down(by: Account | None, verb: str, registration: models.Registration) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"meeting {registration.meeting.public_id}",
        person=registration.person.public_id if registration.person else "",
    )
