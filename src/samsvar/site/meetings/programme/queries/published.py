"""The published programme: its days, sessions, speakers and versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from samsvar.languages import best
from samsvar.meetings.meeting import Access
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind, Track
from samsvar.meetings.timetable import Timetable, timetable
from samsvar.meetings.versions import Change, change_from_json, from_json
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, meetings_for, sees
from samsvar.site.network.directory.queries.people import UNNAMED, said_in_programme
from samsvar.site.network.labels import language_name, language_name_in
from samsvar.territories import name_of

CLOSED_BUT_SAID = frozenset({Access.SIGNED_IN, Access.NETWORK, Access.PARTICIPANTS})


# --- Published --------------------------------------------------------------------------------------------------------


def published(meeting: models.Meeting) -> models.Version | None:
    """The version that holds, without what it says (`programme_of`); None before the first."""
    if not meeting.version:
        return None
    return meeting.versions.defer("programme", "changes").filter(number=meeting.version).order_by().first()


def programme_of(version: models.Version) -> Programme:
    """What a version says. It never changes, so that it is read from the database once a process."""
    return _said_by(version.pk, version.released_at)


@lru_cache(maxsize=16)
def _said_by(pk: int, _released_at: datetime) -> Programme:
    return from_json(models.Version.objects.values_list("programme", flat=True).get(pk=pk))


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as the public programme says them. Without a name: `country` of whom no source names, or nothing."""

    key: str
    part: str
    name: str = ""
    country: str = ""
    about: str = ""  # office, or organisation where their public entry says it
    language: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as this reader may see it; a closed one tells its time and nothing else."""

    session: Session
    room: str = ""
    track: Mapping[str, str] = field(default_factory=dict)
    colour: str = ""  # of the track
    people: tuple[Named, ...] = ()
    closed: bool = False
    spoken: tuple[str, ...] = ()  # names of languages
    interpreted: tuple[tuple[str, str], ...] = ()  # (name, channel)
    nested: Nested | None = None

    @property
    def key(self) -> str:
        return self.session.key


@dataclass(frozen=True, slots=True)
class Nested:
    """A meeting that is held in a session, with its own programme."""

    meeting: models.Meeting
    sessions: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the published programme: where each session stands in time and room, and what is said of it."""

    day: date
    table: Timetable
    shown: Mapping[str, Shown]
    rooms: Mapping[str, str]  # key → name


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    key: str
    word: Any
    chosen: bool


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The published programme for one reader, or the part of it that they asked for."""

    version: models.Version | None
    days: tuple[Day, ...] = ()
    undecided: tuple[Shown, ...] = ()
    known_only: bool = False  # what has no time was held, or is known from a source: nobody is going to decide
    days_to_choose: tuple[Choice, ...] = ()
    rooms: tuple[Choice, ...] = ()
    tracks: tuple[Choice, ...] = ()
    languages: tuple[Choice, ...] = ()

    @property
    def can_be_narrowed(self) -> bool:
        """Whether there is anything to choose between; of a meeting that sources tell of there is often not."""
        return any(len(one) > 1 for one in (self.days_to_choose, self.rooms, self.tracks, self.languages))

    @property
    def narrowed(self) -> bool:
        return any(one.chosen for one in (*self.days_to_choose, *self.rooms, *self.tracks, *self.languages))


def programme_page(user: User, meeting: models.Meeting, asked: Mapping[str, str]) -> ProgrammePage:
    """The programme as published, narrowed to a day, room, track or language; what is unknown narrows nothing."""
    version = published(meeting)
    if version is None:
        return ProgrammePage(None)
    programme = programme_of(version)
    sessions = shown_sessions(user, meeting, version, programme)
    zone = programme.timezone
    open_ones = [one for one in sessions if not one.closed]
    here = {one.session.starts.astimezone(zone).date() for one in sessions if one.session.starts}
    spoken = {code for one in open_ones for code in _heard(one.session)}
    known = {
        "day": {day.isoformat() for day in here},
        "room": {one.session.room for one in open_ones if one.session.room},
        "track": {one.session.track for one in open_ones if one.session.track},
        "language": spoken,
    }
    wanted = {name: asked.get(name, "") if asked.get(name, "") in keys else "" for name, keys in known.items()}
    kept = [one for one in sessions if _wanted(one, wanted, zone)]
    by_day: dict[date, list[Shown]] = defaultdict(list)
    for one in kept:
        if one.session.starts:
            by_day[one.session.starts.astimezone(zone).date()].append(one)
    original = (meeting.languages or [""])[0]

    def choices(name: str, words: Iterable[tuple[str, Any]]) -> tuple[Choice, ...]:
        return tuple(Choice(key, word, wanted[name] == key) for key, word in words if key in known[name])

    rooms = {room.key: room.name for room in programme.rooms}

    def of_day(day: date, there: Sequence[Shown]) -> Day:
        table = timetable((one.session for one in there), list(rooms))
        return Day(day, table, {one.key: one for one in there}, rooms)

    return ProgrammePage(
        version,
        tuple(of_day(day, there) for day, there in sorted(by_day.items())),
        tuple(one for one in kept if not one.session.starts),
        _known_only(meeting),
        choices("day", ((day.isoformat(), day) for day in sorted(here))),
        choices("room", ((room.key, room.name) for room in programme.rooms)),
        choices(
            "track",
            ((track.key, best(track.name, get_language() or "en", original)[1]) for track in programme.tracks),
        ),
        choices("language", sorted(((code, language_name(code)) for code in spoken), key=lambda one: one[1])),
    )


def _known_only(meeting: models.Meeting) -> bool:
    return bool(meeting.source) or meeting.ends < timezone.now().astimezone(ZoneInfo(meeting.zone)).date()


def _heard(session: Session) -> set[str]:
    return {*session.languages, *(one.language for one in session.interpreted)}


def _wanted(one: Shown, wanted: Mapping[str, str], zone: Any) -> bool:
    session = one.session
    if wanted["day"] and not (session.starts and session.starts.astimezone(zone).date().isoformat() == wanted["day"]):
        return False
    if not (wanted["room"] or wanted["track"] or wanted["language"]):
        return True
    return (
        not one.closed
        and wanted["room"] in {"", session.room}
        and wanted["track"] in {"", session.track}
        and (not wanted["language"] or wanted["language"] in _heard(session))
    )


def shown_sessions(
    user: User,
    meeting: models.Meeting,
    version: models.Version,
    programme: Programme,
    *,
    nested: bool = True,
) -> list[Shown]:
    """What this reader may see of a published programme; all who appear are asked for at once."""
    language = get_language() or "en"
    levels = sees(user, meeting) if any(one.access != Access.PUBLIC for one in programme.sessions) else {Access.PUBLIC}
    seen = [one for one in programme.sessions if one.access in levels]
    people = _people_named(version, seen)
    rooms = {one.key: one.name for one in programme.rooms}
    tracks = {one.key: one for one in programme.tracks}
    no_track = Track("", {})
    inside = _nested(user, meeting, {one.key for one in seen}) if nested else {}
    shown = []
    for one in programme.sessions:
        if one.access in levels:
            shown.append(
                Shown(
                    one,
                    rooms.get(one.room, ""),
                    tracks.get(one.track, no_track).name,
                    tracks.get(one.track, no_track).colour,
                    tuple(people(each) for each in one.people),
                    spoken=tuple(language_name_in(code, language) for code in one.languages),
                    interpreted=tuple(
                        (language_name_in(each.language, language), each.channel) for each in one.interpreted
                    ),
                    nested=inside.get(one.key),
                )
            )
        elif one.access in CLOSED_BUT_SAID:
            closed = Session(one.key, {}, SessionKind.TALK, one.starts, one.ends, cancelled=one.cancelled)
            shown.append(Shown(closed, closed=True))
    return shown


def _people_named(version: models.Version, seen: Iterable[Session]) -> Callable[[Appearance], Named]:
    """A function from an appearance to how it is said now, to whoever looks: a page for everybody says one thing."""
    wanted = {one.person for session in seen for one in session.people}
    ids = {key: public_id for key, public_id in version.people.items() if key in wanted}
    said = said_in_programme(set(ids.values())) if ids else {}

    def named(one: Appearance) -> Named:
        public_id = ids.get(one.person)
        if public_id is None:  # from a source, or nobody any more
            return Named(one.person, one.part, one.name, one.country, one.office, language_name(one.language))
        told = said.get(public_id, UNNAMED)
        return Named(one.person, one.part, told.name, told.country, told.organisation, language_name(one.language))

    return named


def _nested(user: User, meeting: models.Meeting, keys: set[str]) -> dict[str, Nested]:
    """The meetings that are held in these sessions, where this reader may know of them."""
    rows = list(meeting.sessions.filter(holds__isnull=False, public_id__in=keys).values_list("public_id", "holds_id"))
    if not rows:
        return {}
    seen = {one.pk: one for one in meetings_for(user).filter(pk__in=[pk for _key, pk in rows]).distinct()}
    found = {}
    for key, pk in rows:
        if pk in seen:
            version = published(seen[pk])
            theirs = shown_sessions(user, seen[pk], version, programme_of(version), nested=False) if version else []
            found[key] = Nested(seen[pk], tuple(theirs))
    return found


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One session for one reader."""

    shown: Shown
    documents: tuple[models.Document, ...]
    articles: tuple[str, ...]
    findings: tuple[str, ...]
    version: models.Version
    known_only: bool  # see `ProgrammePage`


def session_page(user: User, meeting: models.Meeting, key: str) -> SessionPage | None:
    """A published session with its papers; None where there is none for this reader, closed ones too."""
    version = published(meeting)
    if version is None:
        return None
    programme = programme_of(version)
    one = next((each for each in programme.sessions if each.key == key), None)
    if one is None:
        return None
    shown = shown_sessions(user, meeting, version, replace(programme, sessions=(one,)))
    if not shown or shown[0].closed:
        return None
    row = meeting.sessions.filter(public_id=key).prefetch_related("links").first()
    links = list(row.links.all()) if row else []
    return SessionPage(
        shown[0],
        tuple(documents_for(user, meeting, row)) if row else (),
        tuple(link.key for link in links if link.kind == models.Link.Kind.ARTICLE),
        tuple(link.key for link in links if link.kind == models.Link.Kind.FINDING),
        version,
        _known_only(meeting),
    )


def documents_for(user: User, meeting: models.Meeting, session: models.Session) -> QuerySet[models.Document]:
    """The papers of a session that this reader may have now: before the embargo ends, speakers and organisers alone."""
    levels = sees(user, meeting)
    papers = session.documents.filter(access__in=[one.value for one in levels])
    if Access.SPEAKERS in levels:
        return papers
    return papers.filter(Q(embargo_until__isnull=True) | Q(embargo_until__lte=timezone.now()))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody in the programme, with all their sessions that this reader may see."""

    named: Named
    sessions: tuple[tuple[str, Session], ...]  # (part, session)


@dataclass(frozen=True, slots=True)
class SpeakersPage:
    """Who appears: those with a name, those of whom a country is known, and how many are not said."""

    version: models.Version | None
    named: tuple[Speaker, ...] = ()
    unnamed: tuple[Speaker, ...] = ()
    unsaid: int = 0


def speakers_page(user: User, meeting: models.Meeting) -> SpeakersPage:
    """Everybody in the published programme but interpreters, by name; then those whom no source names, by country."""
    version = published(meeting)
    if version is None:
        return SpeakersPage(None)
    by_key: dict[str, tuple[Named, list[tuple[str, Session]]]] = {}
    for one in shown_sessions(user, meeting, version, programme_of(version), nested=False):
        for named in one.people:
            if named.part != "interpreter":
                by_key.setdefault(named.key, (named, []))[1].append((named.part, one.session))
    everybody = [Speaker(named, tuple(sessions)) for named, sessions in by_key.values()]
    language = get_language() or "en"
    return SpeakersPage(
        version,
        tuple(sorted((one for one in everybody if one.named.name), key=lambda one: one.named.name.casefold())),
        tuple(
            sorted(
                (one for one in everybody if not one.named.name and one.named.country),
                key=lambda one: name_of(one.named.country, language),
            )
        ),
        sum(1 for one in everybody if not one.named.name and not one.named.country),
    )


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version and what it changed, as this reader may know it."""

    version: models.Version
    changes: tuple[Change, ...]


def versions_page(user: User, meeting: models.Meeting) -> list[ShownVersion]:
    """All versions, the newest first; a change of a session that this reader may not read is not told."""
    versions = list(meeting.versions.defer("programme", "people"))
    levels = sees(user, meeting)
    return [
        ShownVersion(one, tuple(change for change in map(change_from_json, one.changes) if change.access in levels))
        for one in versions
    ]


def public_programme(meeting: models.Meeting, *, address: str) -> tuple[Programme, models.Version] | None:
    """The published programme for feeds: public sessions, names as everybody may know them now; None before one is."""
    version = published(meeting)
    if version is None:
        return None
    programme = programme_of(version)
    seen = tuple(one for one in programme.sessions if one.access == Access.PUBLIC)
    named = _people_named(version, seen)

    def person(one: Appearance) -> Appearance:
        said = named(one)
        organisation = "" if one.office else said.about
        return replace(one, name=said.name, country=said.country, organisation=organisation)

    gone = meeting.cancelled_at is not None  # no session of a cancelled meeting is held
    sessions = tuple(
        replace(one, people=tuple(map(person, one.people)), cancelled=one.cancelled or gone) for one in seen
    )
    public = replace(programme, sessions=sessions, address=address, version=str(version.number), cancelled=gone)
    return public.near(), version


def session_address(meeting: models.Meeting, key: str) -> str:
    return reverse("meetings:session", args=[meeting.public_id, key])
