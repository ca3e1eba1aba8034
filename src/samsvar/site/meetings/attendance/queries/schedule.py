"""Queries for personal schedules and calendars, and for the page of current and next sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from samsvar.ids import hash_secret
from samsvar.meetings.day import TimeRange
from samsvar.meetings.programme import Programme, Session, SessionKind
from samsvar.meetings.versions import programme_from_json
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import (
    confirmed_registrations,
    find_own_registration,
    list_guests,
)
from samsvar.site.meetings.meeting.permissions import LinkHolder, User
from samsvar.site.meetings.programme.queries.published import VisibleSession, published_version, visible_sessions
from samsvar.site.network.access.permissions import Person
from samsvar.text import choose_text


@dataclass(frozen=True, slots=True)
class ScheduleOwner:
    """The owner of a schedule: an account, with or without a registration, or a registration with a personal link."""

    account: Any | None
    registration: models.Registration | None
    token: str = ""

    @property
    def owner_fields(self) -> dict[str, Any]:
        """Return the keyword arguments that set the owner of a new schedule entry or calendar link."""
        return {"account": self.account} if self.account is not None else {"registration": self.registration}

    @property
    def owner_filter(self) -> Q:
        """Return the condition that matches the owner's rows, saved for the account or for the registration."""
        condition = Q(pk__in=())
        if self.account is not None:
            condition |= Q(account=self.account)
        if self.registration is not None:
            condition |= Q(registration=self.registration)
        return condition


def get_schedule_owner(user: User, meeting: models.Meeting) -> ScheduleOwner:
    return ScheduleOwner(user if user.is_authenticated else None, find_own_registration(user, meeting))


def find_owner_by_token(meeting: models.Meeting, token: str) -> ScheduleOwner | None:
    """Return the owner of a personal link; None if the link is unknown or if its person now has an account."""
    if not token:
        return None
    holders = confirmed_registrations(meeting).filter(token_hash=hash_secret(token), person__account__isnull=True)
    registration = holders.first()
    return ScheduleOwner(None, registration, token) if registration else None


def schedule_entries(owner: ScheduleOwner, meeting: models.Meeting) -> QuerySet[models.ScheduleEntry]:
    return models.ScheduleEntry.objects.filter(owner.owner_filter, session__meeting=meeting).select_related("session")


@dataclass(frozen=True, slots=True)
class ScheduledOneToOne:
    """A one-to-one meeting in a personal schedule."""

    encounter: models.OneToOneMeeting
    name: str
    span: TimeRange


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is in a personal schedule or could be added to it."""

    display: VisibleSession
    entry: models.ScheduleEntry | None = None
    places: int | None = None
    places_left: int | None = None
    overlaps_with: tuple[str, ...] = ()  # titles of the owner's other sessions and meetings at the same time
    # the owner's appearances in the session: role, language, channel
    appearances: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_signed_up(self) -> bool:
        return self.entry is not None and self.entry.signed_up


@dataclass(frozen=True, slots=True)
class ScheduleDay:
    """A day of a personal schedule, with the day's other sessions."""

    day: date
    own_sessions: tuple[SessionRow, ...]
    others: tuple[SessionRow, ...]
    encounters: tuple[ScheduledOneToOne, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The content of a personal schedule for one meeting."""

    owner: ScheduleOwner
    days: tuple[ScheduleDay, ...]
    version: int


def get_schedule(user: User, owner: ScheduleOwner, meeting: models.Meeting, language: str) -> Schedule:
    version = published_version(meeting)
    if version is None:
        return Schedule(owner, (), 0)
    programme = programme_from_json(version.programme)
    shown = [one for one in visible_sessions(user, meeting, version, programme) if not one.closed]
    entries = {row.session.public_id: row for row in schedule_entries(owner, meeting)}
    encounters = scheduled_one_to_ones(user, owner.registration, meeting) if owner.registration else []
    places = _places_by_session(meeting)
    appearances = list_appearances(owner, version, programme)
    own_keys = {*entries, *appearances}
    own_sessions = {one.key: one for one in shown if one.key in own_keys and not one.session.cancelled}
    zone = programme.timezone
    rows_by_day: dict[date, list[SessionRow]] = defaultdict(list)
    original = meeting.original_language
    for display in shown:
        key, starts = display.key, display.session.starts
        if starts is None or display.session.kind is SessionKind.BREAK:
            continue
        overlaps: tuple[str, ...] = ()
        if key in own_sessions:
            overlaps = _list_overlaps(display, own_sessions.values(), encounters, language, original)
        total, taken = places.get(key, (None, 0))
        places_left = None if total is None else max(total - taken, 0)
        row = SessionRow(display, entries.get(key), total, places_left, overlaps, appearances.get(key, ()))
        rows_by_day[starts.astimezone(zone).date()].append(row)
    by_day: dict[date, list[ScheduledOneToOne]] = defaultdict(list)
    for encounter in encounters:
        by_day[encounter.span.starts.astimezone(zone).date()].append(encounter)
    return Schedule(
        owner,
        tuple(
            ScheduleDay(
                day,
                tuple(line for line in rows_by_day[day] if line.entry or line.appearances),
                tuple(line for line in rows_by_day[day] if not (line.entry or line.appearances)),
                tuple(by_day[day]),
            )
            for day in sorted({*rows_by_day, *by_day})
        ),
        version.number,
    )


def list_appearances(
    owner: ScheduleOwner, version: models.Version, programme: Programme
) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return by session key the owner's appearances in published sessions, each as (role, language, channel).

    The language and the channel are set for interpreters only.
    """
    person = owner.registration.person if owner.registration is not None else None
    if person is None and owner.account is not None:
        person = Person.objects.filter(account=owner.account).first()
    if person is None:
        return {}
    keys = {key for key, public_id in version.people.items() if public_id == person.public_id}
    appearances = {}
    for session in programme.sessions:
        channels = {one.language: one.channel for one in session.interpreted}
        own_parts = [one for one in session.people if one.person in keys]
        if own_parts:
            rows = ((one.part.value, one.language, channels.get(one.language, "")) for one in own_parts)
            appearances[session.key] = tuple(rows)
    return appearances


def _list_overlaps(
    session_display: VisibleSession,
    others: Iterable[VisibleSession],
    encounters: Iterable[ScheduledOneToOne],
    language: str,
    original: str,
) -> tuple[str, ...]:
    titles = [
        choose_text(other.session.title, language, original)
        for other in others
        if other.key != session_display.key and session_display.session.overlaps(other.session)
    ]
    if session_display.session.starts and session_display.session.ends:
        span = TimeRange(session_display.session.starts, session_display.session.ends)
        titles += [talk.name or _("a one-to-one meeting") for talk in encounters if talk.span.overlaps(span)]
    return tuple(titles)


def _places_by_session(meeting: models.Meeting) -> dict[str, tuple[int, int]]:
    """Return the number of places, and of those that are occupied, in each session with sign-up, by public ID."""
    taken = Count("wanted_by", filter=Q(wanted_by__signed_up=True))
    rows = meeting.sessions.filter(places__isnull=False).annotate(taken=taken)
    return {one.public_id: (one.places or 0, one.taken) for one in rows}


def find_selectable_session(user: User, meeting: models.Meeting, key: str) -> models.Session | None:
    """Return the published session with this key if the user may see it; otherwise None."""
    version = published_version(meeting)
    if version is None:
        return None
    programme = programme_from_json(version.programme)
    visible = {one.key for one in visible_sessions(user, meeting, version, programme) if not one.closed}
    return meeting.sessions.filter(public_id=key).first() if key in visible else None


# --- One-to-one meetings in a schedule --------------------------------------------------------------------------------


def scheduled_one_to_ones(
    user: User | None, registration: models.Registration, meeting: models.Meeting
) -> list[ScheduledOneToOne]:
    encounters = list(
        meeting.encounters.filter(
            Q(asker=registration) | Q(asked=registration), state=models.OneToOneMeeting.State.ACCEPTED
        ).select_related("asker__person", "asked__person")
    )
    others = {row.pk: row.asked if row.asker_id == registration.pk else row.asker for row in encounters}
    names = {one.key: one.name for one in list_guests(user, others.values(), subject=f"one-to-one {meeting.public_id}")}
    return [
        ScheduledOneToOne(
            row,
            names.get(others[row.pk].public_id, ""),
            TimeRange(row.starts, row.starts + one_to_one_duration(meeting, row.starts)),
        )
        for row in encounters
        if row.starts
    ]


def one_to_one_duration(meeting: models.Meeting, starts: datetime) -> timedelta:
    """Return the length of a one-to-one meeting that starts at this time."""
    hours = meeting.encounter_times.filter(starts__lte=starts, ends__gt=starts).first()
    return timedelta(minutes=hours.minutes if hours else 20)


# --- Current and next sessions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NowAndNext:
    """The current and the next sessions, and the time at which this list will change."""

    at: datetime
    version: int
    now: tuple[VisibleSession, ...]
    next: tuple[VisibleSession, ...]
    changes_at: datetime | None


def now_and_next(user: User, meeting: models.Meeting, moment: datetime) -> NowAndNext:
    version = published_version(meeting)
    if version is None:
        return NowAndNext(moment, 0, (), (), None)
    shown = [
        one
        for one in visible_sessions(user, meeting, version, programme_from_json(version.programme), nested=False)
        if one.session.starts and one.session.ends and not one.closed
    ]
    current = tuple(one for one in shown if one.session.starts <= moment < one.session.ends)  # type: ignore[operator]
    later = sorted({one.session.starts for one in shown if one.session.starts and one.session.starts > moment})
    upcoming = tuple(one for one in shown if later and one.session.starts == later[0])
    ends = [one.session.ends for one in current if one.session.ends]
    return NowAndNext(moment, version.number, current, upcoming, min([*ends, *later[:1]], default=None))


# --- Personal calendars -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonalCalendar:
    """The content of a personal calendar: chosen sessions, own appearances and one-to-one meetings."""

    programme: Programme
    sessions: tuple[Session, ...]


def has_calendar(owner: ScheduleOwner, meeting: models.Meeting) -> bool:
    return models.ScheduleLink.objects.filter(meeting=meeting, **owner.owner_fields).exists()


def find_calendar_link(meeting: models.Meeting, token: str) -> models.ScheduleLink | None:
    """Return the link with this secret token, or None if it is unknown.

    Also None if its account is inactive, or if its registration is not confirmed or its person now has an account.
    """
    link = (
        models.ScheduleLink.objects.filter(meeting=meeting, token_hash=hash_secret(token))
        .select_related("account", "meeting", "registration__person", "registration__meeting")
        .first()
    )
    if link is None or (link.account is not None and not link.account.is_active):
        return None
    registration = link.registration
    if registration is not None and not confirmed_registrations(meeting).filter(
        pk=registration.pk, person__account__isnull=True, person__erased_at__isnull=True
    ):
        return None
    return link


def build_personal_calendar(link: models.ScheduleLink, address: str, language: str) -> PersonalCalendar | None:
    """Return the content of a personal calendar, or None if no programme has been published.

    One-to-one meetings show the time and the table but not the other person, in case the link is leaked.
    """
    meeting, registration = link.meeting, link.registration
    user: User = link.account or LinkHolder((registration,) if registration is not None else ())
    version = published_version(meeting)
    if version is None:
        return None
    programme = programme_from_json(version.programme)
    owner = get_schedule_owner(user, meeting)
    keys = {
        *schedule_entries(owner, meeting).values_list("session__public_id", flat=True),
        *list_appearances(owner, version, programme),
    }
    shown = visible_sessions(user, meeting, version, programme, nested=False)
    sessions = [
        one.session for one in shown if one.key in keys and not one.closed and programme.is_near_meeting(one.session)
    ]
    if owner.registration is not None:
        title = _("One-to-one meeting")
        for encounter in scheduled_one_to_ones(None, owner.registration, meeting):
            table = _("table %(number)s") % {"number": encounter.encounter.table}
            key, span = f"talk{encounter.encounter.public_id}", encounter.span
            text = {language: f"{title}, {table}"}
            sessions.append(Session(key, text, SessionKind.ONE_TO_ONE, span.starts, span.ends))
    if meeting.cancelled_at is not None:
        sessions = [replace(one, cancelled=True) for one in sessions]
    # People are left out, because a calendar cannot recheck consent each time it is displayed.
    nameless = tuple(replace(one, people=()) for one in sessions)
    return PersonalCalendar(replace(programme, address=address, sessions=()), nameless)


def list_busy_times(meeting: models.Meeting, registrations: Sequence[models.Registration]) -> list[TimeRange]:
    """Return when any of these people has a session that they chose or appear in, or a one-to-one meeting."""
    people = [one.person_id for one in registrations if one.person_id]
    keys = [one.pk for one in registrations]
    chosen = Q(wanted_by__registration__in=keys) | Q(wanted_by__account__person__in=people)
    ready = meeting.sessions.filter(state=models.Session.State.READY, starts__isnull=False, ends__isnull=False)
    sessions = ready.filter(chosen | Q(appearances__person__in=people)).distinct()
    spans = [TimeRange(one.starts, one.ends) for one in sessions if one.starts and one.ends]
    seats = models.OneToOneSeat.objects.filter(registration__in=keys, encounter__meeting=meeting)
    return spans + [TimeRange(one.starts, one.starts + one_to_one_duration(meeting, one.starts)) for one in seats]
