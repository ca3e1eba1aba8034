"""The programme of a meeting: days, rooms, tracks, sessions and who appears in them, as plain values.

One value is shown, exported, compared with an earlier version and looked at for conflicts, wherever it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from samsvar.meetings.meeting import Access, MeetingsError, Part

AROUND = timedelta(days=31)  # a session is held at most a month before or after its meeting: a site visit, a debriefing

type Texts = Mapping[str, str]  # language code → what is said in it; the first is the original


class SessionKind(StrEnum):
    """What happens in a session."""

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
    """In which colour a track is drawn, so that its sessions are found at a glance."""

    TEAL = "teal"
    BLUE = "blue"
    PLUM = "plum"
    BRICK = "brick"
    AMBER = "amber"
    MOSS = "moss"


class SessionEndsBeforeItBegins(MeetingsError):
    """A session's end does not lie after its beginning."""

    code = "session_ends_before_it_begins"


@dataclass(frozen=True, slots=True)
class Room:
    """Where a session is held."""

    key: str
    name: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A language that is interpreted into, and the channel of the receivers on which it is heard ("" : not said)."""

    language: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Somebody in a session, as the public programme says it.

    `name` is "" where no source names them, or they do not agree: "a speaker from Croatia". `person` is a key that is
    the same in all sessions of one programme and leads nowhere else: no hash of an address.
    """

    person: str
    part: Part
    name: str = ""
    country: str = ""  # code; "" also for people at risk
    organisation: str = ""
    office: str = ""  # "State secretary, Ministry of Justice"
    language: str = ""  # of an interpreter


@dataclass(frozen=True, slots=True)
class Session:
    """One session; times are aware, None while nobody has decided."""

    key: str  # stable: the same session in every version and export
    title: Texts
    kind: SessionKind
    starts: datetime | None = None
    ends: datetime | None = None
    room: str = ""  # key
    track: str = ""  # key
    abstract: Texts = field(default_factory=dict)
    languages: tuple[str, ...] = ()  # spoken
    interpreted: tuple[Channel, ...] = ()
    people: tuple[Appearance, ...] = ()
    access: Access = Access.PUBLIC
    cancelled: bool = False
    guid: str = ""  # a UUID, the same in every export; "" where none was given

    def __post_init__(self) -> None:
        if self.starts and self.ends and self.ends <= self.starts:
            raise SessionEndsBeforeItBegins(
                f"“{next(iter(self.title.values()), self.key)}” would end at {self.ends}, "
                f"not after it begins at {self.starts}."
            )

    def overlaps(self, other: Session) -> bool:
        """Whether there is a moment in which both are held; False while a time of either is not decided."""
        if not (self.starts and self.ends and other.starts and other.ends):
            return False
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class Track:
    """A thread of subject through a programme."""

    key: str
    name: Texts
    colour: str = ""  # a TrackColour; "" for none. It only repeats what the name says


@dataclass(frozen=True, slots=True)
class Programme:
    """A meeting's whole programme in one version; `sessions` in the order of time, the undecided last."""

    meeting: str  # slug
    title: Texts
    zone: str  # IANA: "Europe/Bucharest"
    begins: date
    ends: date
    precision: str = "day"  # "month" or "year" where no source is more exact: it was some time between these days
    version: str = ""
    rooms: tuple[Room, ...] = ()
    tracks: tuple[Track, ...] = ()
    sessions: tuple[Session, ...] = ()
    place: str = ""
    address: str = ""  # of the meeting's page, for feeds
    cancelled: bool = False  # the whole meeting; a version does not keep it

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def has_near(self, session: Session, around: timedelta = AROUND) -> bool:
        """Whether the session is held around the meeting; also while it has no time."""
        moments = (session.starts, session.ends)
        return all(is_around(at, self.begins, self.ends, self.timezone, around) for at in moments if at)

    def near(self, around: timedelta = AROUND) -> Programme:
        """The same programme without sessions of another age: one slip of the pen makes no calendar of a millennium."""
        return replace(self, sessions=tuple(one for one in self.sessions if self.has_near(one, around)))

    def days(self) -> dict[date, list[Session]]:
        """The sessions of each day of the meeting in its own zone; days without any are there, empty.

        Of a meeting whose days nobody knows there are those days alone on which a session has its time.
        """
        at: dict[date, list[Session]] = {}
        day = self.begins
        while self.precision == "day" and day <= self.ends:
            at[day] = []
            day = date.fromordinal(day.toordinal() + 1)
        for session in self.sessions:
            if session.starts:
                at.setdefault(session.starts.astimezone(self.timezone).date(), []).append(session)
        return dict(sorted(at.items()))


def is_around(moment: datetime, begins: date, ends: date, zone: ZoneInfo, around: timedelta = AROUND) -> bool:
    """Whether a moment lies on a day of the meeting or at most `around` before or after."""
    try:
        day = moment.astimezone(zone).date()
    except OverflowError:  # the last hours of the year 9999 are over there already
        return False
    return day - begins >= -around and day - ends <= around
