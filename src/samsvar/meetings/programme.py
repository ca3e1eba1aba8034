"""The programme of a meeting as plain values: days, rooms, tracks, sessions and the people in them.

The same values are displayed, exported, compared with an earlier version and checked for conflicts, whatever
their source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from samsvar.meetings.meeting import AccessLevel, MeetingsError, ProgrammeRole

SESSION_MARGIN = timedelta(days=31)  # from a session to its meeting, at most: a site visit, a debriefing

type LocalisedText = Mapping[str, str]  # language code → text; the first one is the original


class SessionKind(StrEnum):
    """The kinds of sessions."""

    OPENING = "opening"
    KEYNOTE = "keynote"
    PANEL = "panel"
    TALK = "talk"
    WORKSHOP = "workshop"
    NETWORK_MEETING = "network_meeting"
    POSTERS = "posters"
    ONE_TO_ONE = "one_to_one"
    CLOSING = "closing"
    BREAK = "break"
    SOCIAL = "social"


class TrackColour(StrEnum):
    """The colours of tracks, which make their sessions easy to recognise."""

    TEAL = "teal"
    BLUE = "blue"
    PLUM = "plum"
    BRICK = "brick"
    AMBER = "amber"
    MOSS = "moss"


class SessionEndBeforeStart(MeetingsError):
    """Raised when a session does not end after it starts."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room in which sessions are held."""

    key: str
    name: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class InterpretationChannel:
    """A language of interpretation, and the receiver channel for it ("" if not given)."""

    language: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person in a session, as shown in the public programme.

    `name` is "" if no source names the person, or if they have not agreed to be named: "a speaker from Croatia".
    `person` is a key that is the same in all sessions of one programme and cannot be linked to anything else: it is
    not the hash of an email address.
    """

    person: str
    part: ProgrammeRole
    name: str = ""
    country: str = ""  # code; always "" for people at risk
    organisation: str = ""
    office: str = ""  # "State secretary, Ministry of Justice"
    language: str = ""  # an interpreter's language


@dataclass(frozen=True, slots=True)
class Session:
    """A session. Times are time-zone-aware, or None if they are not yet decided."""

    key: str  # stable: the same in every version and export
    title: LocalisedText
    kind: SessionKind
    starts: datetime | None = None
    ends: datetime | None = None
    room: str = ""  # key
    track: str = ""  # key
    abstract: LocalisedText = field(default_factory=dict)
    languages: tuple[str, ...] = ()  # spoken in the session
    interpreted: tuple[InterpretationChannel, ...] = ()
    people: tuple[Appearance, ...] = ()
    access: AccessLevel = AccessLevel.PUBLIC
    cancelled: bool = False
    guid: str = ""  # a UUID, the same in every export; "" if it has none

    def __post_init__(self) -> None:
        if self.starts and self.ends and self.ends <= self.starts:
            raise SessionEndBeforeStart(
                f"“{next(iter(self.title.values()), self.key)}” cannot end at {self.ends}, "
                f"because it starts at {self.starts}."
            )

    def overlaps(self, other: Session) -> bool:
        """Return whether the sessions overlap in time; False if a time of either is not yet decided."""
        if not (self.starts and self.ends and other.starts and other.ends):
            return False
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class Track:
    """A thematic track of the programme."""

    key: str
    name: LocalisedText
    colour: str = ""  # a TrackColour; "" for none. It only repeats the information in the name


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a meeting's whole programme; `sessions` are sorted by time, those without a time last."""

    meeting: str  # slug
    title: LocalisedText
    zone: str  # IANA: "Europe/Bucharest"
    begins: date
    ends: date
    precision: str = "day"  # "month" or "year" if it takes place at some time between these days
    version: str = ""
    rooms: tuple[Room, ...] = ()
    tracks: tuple[Track, ...] = ()
    sessions: tuple[Session, ...] = ()
    place: str = ""
    address: str = ""  # URL of the meeting's page, for feeds
    cancelled: bool = False  # the whole meeting; not stored in a published version

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_near_meeting(self, session: Session, margin: timedelta = SESSION_MARGIN) -> bool:
        """Return whether the session takes place close to the meeting; True if it has no time yet."""
        times = (session.starts, session.ends)
        return all(is_near_dates(at, self.begins, self.ends, self.timezone, margin) for at in times if at)

    def without_distant_sessions(self, margin: timedelta = SESSION_MARGIN) -> Programme:
        """Return a copy without sessions far from the meeting, so that a mistyped year does not add countless days."""
        return replace(self, sessions=tuple(one for one in self.sessions if self.is_near_meeting(one, margin)))

    def sessions_by_day(self) -> dict[date, list[Session]]:
        """Return the sessions of each day of the meeting in its own time zone, including days without sessions.

        If the exact days of the meeting are unknown, only the days on which a session has a time are included.
        """
        by_day: dict[date, list[Session]] = {}
        day = self.begins
        while self.precision == "day" and day <= self.ends:
            by_day[day] = []
            day = date.fromordinal(day.toordinal() + 1)
        for session in self.sessions:
            if session.starts:
                by_day.setdefault(session.starts.astimezone(self.timezone).date(), []).append(session)
        return dict(sorted(by_day.items()))


def is_near_dates(
    moment: datetime, begins: date, ends: date, zone: ZoneInfo, margin: timedelta = SESSION_MARGIN
) -> bool:
    """Return whether a moment is during the meeting, or at most `margin` before or after it."""
    try:
        day = moment.astimezone(zone).date()
    except OverflowError:  # in some time zones, the last hours of the year 9999 are already past it
        return False
    return day - begins >= -margin and day - ends <= margin
