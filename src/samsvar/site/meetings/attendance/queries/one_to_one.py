"""Queries for one-to-one meetings: requests, participants who accept requests, free tables, and totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.day import OneToOneHours, TableSlot, find_free_slots
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import Guest, confirmed_registrations, list_guests
from samsvar.site.meetings.attendance.queries.schedule import list_busy_times
from samsvar.site.meetings.meeting.permissions import User

MAX_PENDING_REQUESTS = 5  # pending requests that a person can have at the same time
MAX_REQUESTS = 15  # requests that a person can send at one meeting

State = models.OneToOneMeeting.State


@dataclass(frozen=True, slots=True)
class OneToOneRow:
    """A one-to-one meeting as seen by one of its two participants."""

    encounter: models.OneToOneMeeting
    name: str
    organisation: str
    is_own_request: bool
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class NetworkingParticipant:
    """A participant who accepts one-to-one requests."""

    guest: Guest
    about: str


@dataclass(frozen=True, slots=True)
class OneToOnePage:
    """The content of a participant's page of one-to-one meetings."""

    registration: models.Registration
    open_to_talk: models.NetworkingOptIn | None
    received: tuple[OneToOneRow, ...]
    waiting: tuple[OneToOneRow, ...]
    accepted: tuple[OneToOneRow, ...]
    available: tuple[NetworkingParticipant, ...]
    hours: tuple[models.OneToOnePeriod, ...]


def registrations_open_to_requests(meeting: models.Meeting) -> QuerySet[models.Registration]:
    """Return the registrations that have opted in to requests, have a place and can be emailed.

    People at risk are never included.
    """
    reached = Q(person__account__is_active=True) | Q(person__account__isnull=True, invitation__isnull=False)
    confirmed = confirmed_registrations(meeting).filter(reached, person__at_risk=False, open_to_talk__isnull=False)
    return confirmed.select_related("person", "open_to_talk")


def one_to_one_page(user: User, registration: models.Registration) -> OneToOnePage:
    meeting = registration.meeting
    encounters = list(
        meeting.encounters.filter(Q(asker=registration) | Q(asked=registration))
        .filter(state__in=(State.ASKED, State.ACCEPTED))
        .select_related("asker__person", "asked__person")
    )
    pairs = {registration.pk, *(row.asker_id for row in encounters), *(row.asked_id for row in encounters)}
    available = list(registrations_open_to_requests(meeting).exclude(pk__in=pairs))
    others = [row.asked if row.asker_id == registration.pk else row.asker for row in encounters]
    subject = f"one-to-one {meeting.public_id}"
    guests = list_guests(user, [*others, *available], subject=subject, with_organisation=True)
    guests_by_key = {one.key: one for one in guests}
    hours = tuple(meeting.encounter_times.all())
    encounter_rows = [
        OneToOneRow(
            row,
            guests_by_key[other.public_id].name if other.public_id in guests_by_key else "",
            guests_by_key[other.public_id].organisation if other.public_id in guests_by_key else "",
            row.asker_id == registration.pk,
            row.starts + timedelta(minutes=_slot_minutes(hours, row.starts)) if row.starts else None,
        )
        for row, other in zip(encounters, others, strict=True)
    ]
    about = {one.public_id: one.open_to_talk.about for one in available}
    return OneToOnePage(
        registration,
        models.NetworkingOptIn.objects.filter(registration=registration).first(),
        tuple(one for one in encounter_rows if not one.is_own_request and one.encounter.state == State.ASKED),
        tuple(one for one in encounter_rows if one.is_own_request and one.encounter.state == State.ASKED),
        tuple(one for one in encounter_rows if one.encounter.state == State.ACCEPTED),
        tuple(
            NetworkingParticipant(one, about[key]) for key, one in guests_by_key.items() if key in about and one.name
        ),
        hours,
    )


def find_one_to_one(registration: models.Registration, public_id: str) -> models.OneToOneMeeting | None:
    """Return the one-to-one meeting with this public ID, or None if this registration does not take part in it."""
    return (
        models.OneToOneMeeting.objects.filter(Q(asker=registration) | Q(asked=registration), public_id=public_id)
        .select_related("meeting", "asker__person__account", "asked__person__account")
        .first()
    )


def free_table_slots(encounter: models.OneToOneMeeting) -> list[TableSlot]:
    """Return every time and table at which both participants are free, earliest first."""
    meeting = encounter.meeting
    accepted = meeting.encounters.filter(state=State.ACCEPTED, starts__isnull=False, table__isnull=False)
    hours = [OneToOneHours(one.starts, one.ends, one.minutes, one.tables) for one in meeting.encounter_times.all()]
    return list(
        find_free_slots(
            hours,
            busy=list_busy_times(meeting, [encounter.asker, encounter.asked]),
            occupied=set(accepted.values_list("starts", "table")),  # type: ignore[arg-type]  # neither is None: asked for
            after=timezone.now(),
        )
    )


@dataclass(frozen=True, slots=True)
class OneToOneOverview:
    """The organiser's overview: the periods and the number of meetings, without names or subjects."""

    hours: tuple[models.OneToOnePeriod, ...]
    open_to_talk: int
    pending_count: int
    accepted_count: int


def one_to_one_overview(meeting: models.Meeting) -> OneToOneOverview:
    states = list(meeting.encounters.values_list("state", flat=True))
    return OneToOneOverview(
        tuple(meeting.encounter_times.all()),
        registrations_open_to_requests(meeting).count(),
        states.count(State.ASKED),
        states.count(State.ACCEPTED),
    )


def _slot_minutes(hours: tuple[models.OneToOnePeriod, ...], starts: datetime) -> int:
    return next((one.minutes for one in hours if one.starts <= starts < one.ends), 20)
