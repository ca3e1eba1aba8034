"""One-to-one meetings: who can be asked, who has asked whom, and the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.day import Hours, Seating, seatings
from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import Guest, guests
from samsvar.site.meetings.attendance.queries.schedule import busy_spans
from samsvar.site.meetings.meeting.permissions import User

MOST_OPEN = 5  # questions of one person that wait at once
MOST_IN_ALL = 15  # questions of one person at one meeting

State = models.Encounter.State


@dataclass(frozen=True, slots=True)
class Asked:
    """One one-to-one meeting as one of the two sees it."""

    encounter: models.Encounter
    name: str
    organisation: str
    by_me: bool
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Open:
    """Somebody who agreed to be asked."""

    guest: Guest
    about: str


@dataclass(frozen=True, slots=True)
class Page:
    """One's own one-to-one meetings."""

    registration: models.Registration
    open_to_talk: models.OpenToTalk | None
    waiting_for_me: tuple[Asked, ...]
    waiting: tuple[Asked, ...]
    agreed: tuple[Asked, ...]
    can_be_asked: tuple[Open, ...]
    hours: tuple[models.EncounterTime, ...]


def can_be_asked(meeting: models.Meeting) -> QuerySet[models.Registration]:
    """Who agreed to be asked, has a place and can be reached by letter; people at risk are in no list, as ever."""
    reached = Q(person__account__is_active=True) | Q(person__account__isnull=True, invitation__isnull=False)
    return meeting.registrations.filter(
        reached, standing=Standing.CONFIRMED, open_to_talk__isnull=False, person__isnull=False, person__at_risk=False
    ).select_related("person", "open_to_talk")


def page_for(user: User, registration: models.Registration) -> Page:
    meeting = registration.meeting
    rows = list(
        meeting.encounters.filter(Q(asker=registration) | Q(asked=registration))
        .filter(state__in=(State.ASKED, State.ACCEPTED))
        .select_related("asker__person", "asked__person")
    )
    pairs = {registration.pk, *(row.asker_id for row in rows), *(row.asked_id for row in rows)}
    free = list(can_be_asked(meeting).exclude(pk__in=pairs))
    others = [row.asked if row.asker_id == registration.pk else row.asker for row in rows]
    known = {
        one.key: one
        for one in guests(user, [*others, *free], subject=f"one-to-one {meeting.public_id}", with_organisation=True)
    }
    hours = tuple(meeting.encounter_times.all())
    asked = [
        Asked(
            row,
            known[other.public_id].name if other.public_id in known else "",
            known[other.public_id].organisation if other.public_id in known else "",
            row.asker_id == registration.pk,
            row.starts + timedelta(minutes=_minutes(hours, row.starts)) if row.starts else None,
        )
        for row, other in zip(rows, others, strict=True)
    ]
    about = {one.public_id: one.open_to_talk.about for one in free}
    return Page(
        registration,
        models.OpenToTalk.objects.filter(registration=registration).first(),
        tuple(one for one in asked if not one.by_me and one.encounter.state == State.ASKED),
        tuple(one for one in asked if one.by_me and one.encounter.state == State.ASKED),
        tuple(one for one in asked if one.encounter.state == State.ACCEPTED),
        tuple(Open(one, about[key]) for key, one in known.items() if key in about and one.name),
        hours,
    )


def encounter_of(registration: models.Registration, public_id: str) -> models.Encounter | None:
    """One of somebody's own; None for everybody else's."""
    return (
        models.Encounter.objects.filter(Q(asker=registration) | Q(asked=registration), public_id=public_id)
        .select_related("meeting", "asker__person__account", "asked__person__account")
        .first()
    )


def places_for(encounter: models.Encounter) -> list[Seating]:
    """Each time and table at which the two could sit down, earliest first."""
    meeting = encounter.meeting
    taken = set(
        meeting.encounters.filter(state=State.ACCEPTED, starts__isnull=False, table__isnull=False).values_list(
            "starts", "table"
        )
    )
    hours = [Hours(one.starts, one.ends, one.minutes, one.tables) for one in meeting.encounter_times.all()]
    return list(
        seatings(
            hours,
            busy=busy_spans(meeting, [encounter.asker, encounter.asked]),
            taken=taken,  # type: ignore[arg-type]  # neither is None: asked for
            after=timezone.now(),
        )
    )


@dataclass(frozen=True, slots=True)
class Tables:
    """What the organiser sees: the hours, and how many meetings there are; nobody's name, nor what they talk about."""

    hours: tuple[models.EncounterTime, ...]
    open_to_talk: int
    asked: int
    agreed: int


def tables(meeting: models.Meeting) -> Tables:
    states = list(meeting.encounters.values_list("state", flat=True))
    return Tables(
        tuple(meeting.encounter_times.all()),
        can_be_asked(meeting).count(),
        states.count(State.ASKED),
        states.count(State.ACCEPTED),
    )


def _minutes(hours: tuple[models.EncounterTime, ...], starts: datetime) -> int:
    return next((one.minutes for one in hours if one.starts <= starts < one.ends), 20)
