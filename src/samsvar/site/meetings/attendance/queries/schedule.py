"""Somebody's own schedule, and what is on now and next for everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from samsvar.ids import secret_hash
from samsvar.languages import best
from samsvar.meetings.day import Span
from samsvar.meetings.programme import Programme, Session, SessionKind
from samsvar.meetings.versions import from_json
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import confirmed, guests, own_registration
from samsvar.site.meetings.meeting.permissions import LinkHolder, User
from samsvar.site.meetings.programme.queries.published import Shown, published, shown_sessions
from samsvar.site.network.access.permissions import Person


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose schedule it is: an account, with or without a place, or a registration that has a link of its own."""

    account: Any | None
    registration: models.Registration | None
    token: str = ""

    @property
    def key(self) -> dict[str, Any]:
        """How a row of theirs is written."""
        return {"account": self.account} if self.account is not None else {"registration": self.registration}

    @property
    def rows(self) -> Q:
        """Every row of theirs, by whichever way they chose it."""
        wanted = Q(pk__in=())
        if self.account is not None:
            wanted |= Q(account=self.account)
        if self.registration is not None:
            wanted |= Q(registration=self.registration)
        return wanted


def owner_of(user: User, meeting: models.Meeting) -> Owner:
    return Owner(user if user.is_authenticated else None, own_registration(user, meeting))


def owner_with(meeting: models.Meeting, token: str) -> Owner | None:
    """Whose own link this is; a person with an account signs in instead."""
    found = (
        confirmed(meeting).filter(token_hash=secret_hash(token), person__account__isnull=True).first()
        if token
        else None
    )
    return Owner(None, found, token) if found else None


def chosen(owner: Owner, meeting: models.Meeting) -> QuerySet[models.MySession]:
    return models.MySession.objects.filter(owner.rows, session__meeting=meeting).select_related("session")


@dataclass(frozen=True, slots=True)
class Talk:
    """A one-to-one meeting as it stands in a schedule."""

    encounter: models.Encounter
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Line:
    """One session in somebody's schedule, or one that could be."""

    shown: Shown
    mine: models.MySession | None = None
    places: int | None = None
    left: int | None = None
    at_once_with: tuple[str, ...] = ()  # what else of theirs is held then
    parts: tuple[tuple[str, str, str], ...] = ()  # in which they appear in it: part, language, channel

    @property
    def signed_up(self) -> bool:
        return self.mine is not None and self.mine.signed_up


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's schedule, and the other sessions of that day."""

    day: date
    mine: tuple[Line, ...]
    others: tuple[Line, ...]
    talks: tuple[Talk, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Somebody's own schedule of one meeting."""

    owner: Owner
    days: tuple[Day, ...]
    version: int


def schedule(user: User, owner: Owner, meeting: models.Meeting, language: str) -> Schedule:
    version = published(meeting)
    if version is None:
        return Schedule(owner, (), 0)
    programme = from_json(version.programme)
    shown = [one for one in shown_sessions(user, meeting, version, programme) if not one.closed]
    rows = {row.session.public_id: row for row in chosen(owner, meeting)}
    talks = talks_of(user, owner.registration, meeting) if owner.registration else []
    places = _places(meeting)
    parts = parts_in(owner, version, programme)
    theirs = [one for one in shown if one.key in {*rows, *parts} and not one.session.cancelled]
    zone = programme.timezone
    lines: dict[date, list[Line]] = defaultdict(list)
    original = (meeting.languages or [""])[0]
    for one in shown:
        if one.session.starts is None or one.session.kind is SessionKind.BREAK:
            continue
        clashes: tuple[str, ...] = ()
        if one.key in {*rows, *parts} and not one.session.cancelled:
            clashes = _clashes(one, theirs, talks, language, original)
        total, taken = places.get(one.key, (None, 0))
        lines[one.session.starts.astimezone(zone).date()].append(
            Line(
                one,
                rows.get(one.key),
                total,
                None if total is None else max(total - taken, 0),
                clashes,
                parts.get(one.key, ()),
            )
        )
    by_day: dict[date, list[Talk]] = defaultdict(list)
    for talk in talks:
        by_day[talk.span.starts.astimezone(zone).date()].append(talk)
    return Schedule(
        owner,
        tuple(
            Day(
                day,
                tuple(line for line in lines[day] if line.mine or line.parts),
                tuple(line for line in lines[day] if not (line.mine or line.parts)),
                tuple(by_day[day]),
            )
            for day in sorted({*lines, *by_day})
        ),
        version.number,
    )


def parts_in(
    owner: Owner, version: models.Version, programme: Programme
) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """In which published sessions the owner appears and as what; interpreters with their language and its channel."""
    person = owner.registration.person if owner.registration is not None else None
    if person is None and owner.account is not None:
        person = Person.objects.filter(account=owner.account).first()
    if person is None:
        return {}
    keys = {key for key, public_id in version.people.items() if public_id == person.public_id}
    found = {}
    for session in programme.sessions:
        channels = {one.language: one.channel for one in session.interpreted}
        own = [one for one in session.people if one.person in keys]
        if own:
            found[session.key] = tuple((one.part.value, one.language, channels.get(one.language, "")) for one in own)
    return found


def _clashes(
    one: Shown, theirs: Iterable[Shown], talks: Iterable[Talk], language: str, original: str
) -> tuple[str, ...]:
    found = [
        best(other.session.title, language, original)[1]
        for other in theirs
        if other.key != one.key and one.session.overlaps(other.session)
    ]
    if one.session.starts and one.session.ends:
        span = Span(one.session.starts, one.session.ends)
        found += [talk.name or _("a one-to-one meeting") for talk in talks if talk.span.meets(span)]
    return tuple(found)


def _places(meeting: models.Meeting) -> dict[str, tuple[int, int]]:
    """Of the sessions that one signs up to: how many places there are, and how many are taken."""
    rows = meeting.sessions.filter(places__isnull=False).annotate(
        taken=Count("wanted_by", filter=Q(wanted_by__signed_up=True))
    )
    return {one.public_id: (one.places or 0, one.taken) for one in rows}


def session_to_choose(user: User, meeting: models.Meeting, key: str) -> models.Session | None:
    """A published session that this reader may see; None otherwise."""
    version = published(meeting)
    if version is None:
        return None
    programme = from_json(version.programme)
    open_to_them = {one.key for one in shown_sessions(user, meeting, version, programme) if not one.closed}
    return meeting.sessions.filter(public_id=key).first() if key in open_to_them else None


# --- One-to-one meetings in it ----------------------------------------------------------------------------------------


def talks_of(user: User | None, registration: models.Registration, meeting: models.Meeting) -> list[Talk]:
    rows = list(
        meeting.encounters.filter(
            Q(asker=registration) | Q(asked=registration), state=models.Encounter.State.ACCEPTED
        ).select_related("asker__person", "asked__person")
    )
    others = {row.pk: row.asked if row.asker_id == registration.pk else row.asker for row in rows}
    named = {one.key: one.name for one in guests(user, others.values(), subject=f"one-to-one {meeting.public_id}")}
    return [
        Talk(
            row, named.get(others[row.pk].public_id, ""), Span(row.starts, row.starts + length_of(meeting, row.starts))
        )
        for row in rows
        if row.starts
    ]


def length_of(meeting: models.Meeting, starts: datetime) -> timedelta:
    """How long a one-to-one meeting at this time lasts."""
    hours = meeting.encounter_times.filter(starts__lte=starts, ends__gt=starts).first()
    return timedelta(minutes=hours.minutes if hours else 20)


# --- Now and next -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Now:
    """What is on at a moment, what comes next, and when this changes."""

    at: datetime
    version: int
    now: tuple[Shown, ...]
    next: tuple[Shown, ...]
    changes_at: datetime | None


def now_and_next(user: User, meeting: models.Meeting, moment: datetime) -> Now:
    version = published(meeting)
    if version is None:
        return Now(moment, 0, (), (), None)
    shown = [
        one
        for one in shown_sessions(user, meeting, version, from_json(version.programme), nested=False)
        if one.session.starts and one.session.ends and not one.closed
    ]
    on = tuple(one for one in shown if one.session.starts <= moment < one.session.ends)  # type: ignore[operator]
    later = sorted({one.session.starts for one in shown if one.session.starts and one.session.starts > moment})
    following = tuple(one for one in shown if later and one.session.starts == later[0])
    ends = [one.session.ends for one in on if one.session.ends]
    return Now(moment, version.number, on, following, min([*ends, *later[:1]], default=None))


# --- A calendar of one's own ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnCalendar:
    """What a secret link leads to: sessions that somebody chose or appears in, and when they meet somebody."""

    programme: Programme
    sessions: tuple[Session, ...]


def has_calendar(owner: Owner, meeting: models.Meeting) -> bool:
    return models.ScheduleLink.objects.filter(meeting=meeting, **owner.key).exists()


def calendar_with(meeting: models.Meeting, token: str) -> models.ScheduleLink | None:
    """The calendar of a secret address: as long as its account is open, or its registration a place without one."""
    link = (
        models.ScheduleLink.objects.filter(meeting=meeting, token_hash=secret_hash(token))
        .select_related("account", "meeting", "registration__person", "registration__meeting")
        .first()
    )
    if link is None or (link.account is not None and not link.account.is_active):
        return None
    row = link.registration
    if row is not None and not confirmed(meeting).filter(
        pk=row.pk, person__account__isnull=True, person__erased_at__isnull=True
    ):
        return None
    return link


def own_calendar(link: models.ScheduleLink, address: str, language: str) -> OwnCalendar | None:
    """One's own calendar; of one-to-one meetings it says when and at which table, and not with whom: links get lost."""
    meeting, row = link.meeting, link.registration
    user: User = link.account if link.account is not None else LinkHolder((row,) if row is not None else ())
    version = published(meeting)
    if version is None:
        return None
    programme = from_json(version.programme)
    owner = owner_of(user, meeting)
    keys = {*chosen(owner, meeting).values_list("session__public_id", flat=True), *parts_in(owner, version, programme)}
    shown = shown_sessions(user, meeting, version, programme, nested=False)
    sessions = [one.session for one in shown if one.key in keys and not one.closed and programme.has_near(one.session)]
    if owner.registration is not None:
        title = _("One-to-one meeting")
        for talk in talks_of(None, owner.registration, meeting):
            table = _("table %(number)s") % {"number": talk.encounter.table}
            sessions.append(
                Session(
                    f"talk{talk.encounter.public_id}",
                    {language: f"{title}, {table}"},
                    SessionKind.ONE_TO_ONE,
                    talk.span.starts,
                    talk.span.ends,
                )
            )
    if meeting.cancelled_at is not None:
        sessions = [replace(one, cancelled=True) for one in sessions]
    return OwnCalendar(_without_people(programme, address), tuple(_alone(one) for one in sessions))


def _without_people(programme: Programme, address: str) -> Programme:
    return replace(programme, address=address, sessions=())


def _alone(session: Session) -> Session:
    """A session without who appears in it: names are asked for when a page is shown, and a calendar keeps them."""
    return replace(session, people=())


def busy_spans(meeting: models.Meeting, registrations: Sequence[models.Registration]) -> list[Span]:
    """When one of these people is in a session that they chose or appear in, or sits with somebody already."""
    people = [one.person_id for one in registrations if one.person_id]
    keys = [one.pk for one in registrations]
    sessions = models.Session.objects.filter(
        Q(wanted_by__registration__in=keys)
        | Q(wanted_by__account__person__in=people)
        | Q(appearances__person__in=people),
        meeting=meeting,
        state=models.Session.State.READY,
        starts__isnull=False,
        ends__isnull=False,
    ).distinct()
    spans = [Span(one.starts, one.ends) for one in sessions if one.starts and one.ends]
    seats = models.Seat.objects.filter(registration__in=keys, encounter__meeting=meeting)
    return spans + [Span(one.starts, one.starts + length_of(meeting, one.starts)) for one in seats]


def zone_of(meeting: models.Meeting) -> ZoneInfo:
    return ZoneInfo(meeting.zone)
