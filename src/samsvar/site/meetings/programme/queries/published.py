"""Queries for the published programme: its days, sessions, speakers and versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind, Track
from samsvar.meetings.timetable import Timetable, build_timetable
from samsvar.meetings.versions import ProgrammeChange, change_from_json, programme_from_json
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, access_levels, visible_meetings
from samsvar.site.meetings.meeting.queries.facts import get_local_today
from samsvar.site.meetings.meeting.queries.meetings import LinkedItem, linked_items
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonyms, hidden_person_key
from samsvar.site.network.access.permissions import Person
from samsvar.site.network.directory.queries.people import UNNAMED, programme_people
from samsvar.site.network.labels import language_name, translated_language_name
from samsvar.territories import territory_name

CLOSED_BUT_LISTED = frozenset({AccessLevel.SIGNED_IN, AccessLevel.NETWORK, AccessLevel.PARTICIPANTS})


# --- The published version --------------------------------------------------------------------------------------------


def published_version(meeting: models.Meeting) -> models.Version | None:
    """Return the current version, with its content deferred; None if nothing has been published."""
    if not meeting.version:
        return None
    return meeting.versions.defer("programme", "changes").filter(number=meeting.version).order_by().first()


def version_programme(version: models.Version) -> Programme:
    """Return the content of a version. It never changes, so each process loads it from the database only once."""
    return _load_programme(version.pk, version.released_at)


@lru_cache(maxsize=16)
def _load_programme(pk: int, _released_at: datetime) -> Programme:
    return programme_from_json(models.Version.objects.values_list("programme", flat=True).get(pk=pk))


@dataclass(frozen=True, slots=True)
class PublishedPerson:
    """A person as shown in the public programme. A person without a name has only a country, or nothing."""

    key: str
    part: str
    name: str = ""
    country: str = ""
    affiliation: str = ""  # their office, or their organisation if their public profile shows it
    language: str = ""


@dataclass(frozen=True, slots=True)
class VisibleSession:
    """A session as this reader can see it. For a closed session, only the time is shown."""

    session: Session
    room: str = ""
    track: Mapping[str, str] = field(default_factory=dict)
    colour: str = ""  # of the track
    people: tuple[PublishedPerson, ...] = ()
    closed: bool = False
    spoken_languages: tuple[str, ...] = ()  # names of languages
    interpreted: tuple[tuple[str, str], ...] = ()  # (name, channel)
    nested: NestedProgramme | None = None

    @property
    def key(self) -> str:
        return self.session.key


@dataclass(frozen=True, slots=True)
class NestedProgramme:
    """A meeting held within a session, with its own programme."""

    meeting: models.Meeting
    sessions: tuple[VisibleSession, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeDay:
    """A day of the published programme: its sessions and their positions in a table of rooms and times."""

    day: date
    table: Timetable
    sessions: Mapping[str, VisibleSession]
    rooms: Mapping[str, str]  # key → name


@dataclass(frozen=True, slots=True)
class ProgrammeFilterOption:
    """An option of a programme filter."""

    key: str
    label: Any
    is_selected: bool


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The published programme for one reader, with the filters they chose."""

    version: models.Version | None
    days: tuple[ProgrammeDay, ...] = ()
    unscheduled: tuple[VisibleSession, ...] = ()
    # the meeting is over or known only from a source, so sessions without a time will not get one
    are_times_final: bool = False
    day_options: tuple[ProgrammeFilterOption, ...] = ()
    rooms: tuple[ProgrammeFilterOption, ...] = ()
    tracks: tuple[ProgrammeFilterOption, ...] = ()
    languages: tuple[ProgrammeFilterOption, ...] = ()

    @property
    def has_filters(self) -> bool:
        """Return whether any filter has several options. Meetings known only from sources often have no such filter."""
        return any(len(one) > 1 for one in (self.day_options, self.rooms, self.tracks, self.languages))

    @property
    def is_filtered(self) -> bool:
        return any(one.is_selected for one in (*self.day_options, *self.rooms, *self.tracks, *self.languages))


def programme_page(user: User, meeting: models.Meeting, filters: Mapping[str, str]) -> ProgrammePage:
    """Return the published programme, filtered by day, room, track or language. Unknown values are ignored."""
    version = published_version(meeting)
    if version is None:
        return ProgrammePage(None)
    programme = version_programme(version)
    sessions = visible_sessions(user, meeting, version, programme)
    zone = programme.timezone
    open_sessions = [one for one in sessions if not one.closed]
    days_with_sessions = {one.session.starts.astimezone(zone).date() for one in sessions if one.session.starts}
    spoken = {code for one in open_sessions for code in _session_languages(one.session)}
    options = {
        "day": {day.isoformat() for day in days_with_sessions},
        "room": {one.session.room for one in open_sessions} - {""},
        "track": {one.session.track for one in open_sessions} - {""},
        "language": spoken,
    }
    selected = {name: filters.get(name, "") if filters.get(name, "") in keys else "" for name, keys in options.items()}
    matching = [one for one in sessions if _matches_filters(one, selected, zone)]
    by_day: dict[date, list[VisibleSession]] = defaultdict(list)
    for visible_session in matching:
        if visible_session.session.starts:
            by_day[visible_session.session.starts.astimezone(zone).date()].append(visible_session)

    def filter_options(name: str, labels: Iterable[tuple[str, Any]]) -> tuple[ProgrammeFilterOption, ...]:
        return tuple(
            ProgrammeFilterOption(key, word, selected[name] == key) for key, word in labels if key in options[name]
        )

    rooms = {room.key: room.name for room in programme.rooms}
    language = get_language() or "en"
    tracks = [(track.key, meeting.choose_text(track.name, language)) for track in programme.tracks]

    def build_day(day: date, day_sessions: Sequence[VisibleSession]) -> ProgrammeDay:
        table = build_timetable((one.session for one in day_sessions), list(rooms))
        return ProgrammeDay(day, table, {one.key: one for one in day_sessions}, rooms)

    return ProgrammePage(
        version,
        tuple(build_day(day, sessions_of_day) for day, sessions_of_day in sorted(by_day.items())),
        tuple(one for one in matching if not one.session.starts),
        _are_times_final(meeting),
        filter_options("day", ((day.isoformat(), day) for day in sorted(days_with_sessions))),
        filter_options("room", rooms.items()),
        filter_options("track", tracks),
        filter_options("language", sorted(((code, language_name(code)) for code in spoken), key=itemgetter(1))),
    )


def _are_times_final(meeting: models.Meeting) -> bool:
    return bool(meeting.source) or meeting.ends < get_local_today(meeting)


def _session_languages(session: Session) -> set[str]:
    return {*session.languages, *(one.language for one in session.interpreted)}


def _matches_filters(visible_session: VisibleSession, selected: Mapping[str, str], zone: Any) -> bool:
    session = visible_session.session
    day = session.starts.astimezone(zone).date().isoformat() if session.starts else None
    if selected["day"] not in {"", day}:
        return False
    if not (selected["room"] or selected["track"] or selected["language"]):
        return True
    return (
        not visible_session.closed
        and selected["room"] in {"", session.room}
        and selected["track"] in {"", session.track}
        and (not selected["language"] or selected["language"] in _session_languages(session))
    )


def visible_sessions(
    user: User, meeting: models.Meeting, version: models.Version, programme: Programme, *, nested: bool = True
) -> list[VisibleSession]:
    """Return the sessions of a published programme that this reader can see. Their people are loaded all at once."""
    language = get_language() or "en"
    has_closed = any(session.access != AccessLevel.PUBLIC for session in programme.sessions)
    levels = access_levels(user, meeting) if has_closed else {AccessLevel.PUBLIC}
    readable_sessions = [session for session in programme.sessions if session.access in levels]
    people = _person_lookup(meeting, version, readable_sessions)
    rooms = {room.key: room.name for room in programme.rooms}
    tracks = {track.key: track for track in programme.tracks}
    no_track = Track("", {})
    inside = _nested_programmes(user, meeting, {session.key for session in readable_sessions}) if nested else {}
    visible = []
    for session in programme.sessions:
        if session.access in levels:
            track = tracks.get(session.track, no_track)
            channels = ((one.language, one.channel) for one in session.interpreted)
            visible.append(
                VisibleSession(
                    session,
                    rooms.get(session.room, ""),
                    track.name,
                    track.colour,
                    tuple(person for person in map(people, session.people) if person is not None),
                    spoken_languages=tuple(translated_language_name(code, language) for code in session.languages),
                    interpreted=tuple((translated_language_name(code, language), name) for code, name in channels),
                    nested=inside.get(session.key),
                )
            )
        elif session.access in CLOSED_BUT_LISTED:
            closed = Session(
                session.key, {}, SessionKind.TALK, session.starts, session.ends, cancelled=session.cancelled
            )
            visible.append(VisibleSession(closed, closed=True))
    return visible


def _person_lookup(
    meeting: models.Meeting, version: models.Version, sessions: Iterable[Session]
) -> Callable[[Appearance], PublishedPerson | None]:
    """Return a function that maps an appearance to the person as currently shown in public, or to None.

    None means that the programme does not show the appearance at all: the person is at risk, and has not agreed since
    they were hidden to appear in programmes. Those who have are shown with the pseudonym of this meeting and another
    key. The result does not depend on the reader, because a public page shows everyone the same.
    """
    wanted = {one.person for session in sessions for one in session.people}
    ids = {key: public_id for key, public_id in version.people.items() if key in wanted}
    public_forms = programme_people(set(ids.values())) if ids else {}
    hidden = {one.public_id: one for one in Person.objects.filter(public_id__in=set(ids.values()), at_risk=True)}
    pseudonyms = get_pseudonyms(meeting, hidden.values())

    def lookup(appearance: Appearance) -> PublishedPerson | None:
        key, public_id = appearance.person, ids.get(appearance.person, "")
        if not public_id:  # named by a source, or a person whose data was erased
            details = appearance.name, appearance.country, appearance.office
        elif public_id in hidden:
            if public_id not in public_forms:
                return None
            person = hidden[public_id]
            key, details = hidden_person_key(meeting, person), (pseudonyms[person.pk], "", "")
        else:
            public = public_forms.get(public_id, UNNAMED)
            details = public.name, public.country, public.organisation
        return PublishedPerson(key, appearance.part, *details, language_name(appearance.language))

    return lookup


def _nested_programmes(user: User, meeting: models.Meeting, keys: set[str]) -> dict[str, NestedProgramme]:
    """Return the meetings held within these sessions that this reader can see, by key of the session."""
    pairs = list(meeting.sessions.filter(holds__isnull=False, public_id__in=keys).values_list("public_id", "holds_id"))
    if not pairs:
        return {}
    meetings = {one.pk: one for one in visible_meetings(user).filter(pk__in=[pk for _key, pk in pairs]).distinct()}
    nested_by_key = {}
    for key, pk in pairs:
        if pk in meetings:
            inner, version = meetings[pk], published_version(meetings[pk])
            sessions: list[VisibleSession] = []
            if version:
                sessions = visible_sessions(user, inner, version, version_programme(version), nested=False)
            nested_by_key[key] = NestedProgramme(inner, tuple(sessions))
    return nested_by_key


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A published session with its documents and what it is about, for one reader."""

    session: VisibleSession
    documents: tuple[models.MeetingDocument, ...]
    articles: tuple[LinkedItem, ...]
    findings: tuple[LinkedItem, ...]
    practices: tuple[LinkedItem, ...]
    version: models.Version
    are_times_final: bool  # see `ProgrammePage`


def session_page(user: User, meeting: models.Meeting, key: str) -> SessionPage | None:
    """Return a published session with its documents; None if it does not exist or this reader may not see it."""
    version = published_version(meeting)
    if version is None:
        return None
    programme = version_programme(version)
    session = next((each for each in programme.sessions if each.key == key), None)
    if session is None:
        return None
    matches = visible_sessions(user, meeting, version, replace(programme, sessions=(session,)))
    if not matches or matches[0].closed:
        return None
    draft_session = meeting.sessions.filter(public_id=key).first()
    links: dict[str, list[LinkedItem]] = defaultdict(list)
    for item in linked_items(meeting, get_language() or "en", draft_session) if draft_session else ():
        links[item.kind].append(item)
    return SessionPage(
        matches[0],
        tuple(session_documents(user, meeting, draft_session)) if draft_session else (),
        tuple(links["article"]),
        tuple(links["finding"]),
        tuple(links["practice"]),
        version,
        _are_times_final(meeting),
    )


def session_documents(user: User, meeting: models.Meeting, session: models.Session) -> QuerySet[models.MeetingDocument]:
    """Return the documents of a session that this reader may see. Only speakers and organisers see embargoed ones."""
    levels = access_levels(user, meeting)
    documents = session.documents.filter(access__in=[one.value for one in levels])
    if AccessLevel.SPEAKERS in levels:
        return documents
    return documents.filter(Q(embargo_until__isnull=True) | Q(embargo_until__lte=timezone.now()))


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person in the programme, with all their sessions that this reader can see."""

    person: PublishedPerson
    sessions: tuple[tuple[str, Session], ...]  # (role, session)


@dataclass(frozen=True, slots=True)
class SpeakersPage:
    """The people in a programme: those with a name, those of whom only the country is known, and a count of others."""

    version: models.Version | None
    named_speakers: tuple[Speaker, ...] = ()
    unnamed_speakers: tuple[Speaker, ...] = ()
    other_count: int = 0


def speakers_page(user: User, meeting: models.Meeting) -> SpeakersPage:
    """Return all people who appear, except interpreters: those with a name, then those with only a country."""
    version = published_version(meeting)
    if version is None:
        return SpeakersPage(None)
    by_key: dict[str, tuple[PublishedPerson, list[tuple[str, Session]]]] = {}
    for visible_session in visible_sessions(user, meeting, version, version_programme(version), nested=False):
        for person in visible_session.people:
            if person.part != "interpreter":
                by_key.setdefault(person.key, (person, []))[1].append((person.part, visible_session.session))
    all_speakers = [Speaker(person, tuple(sessions)) for person, sessions in by_key.values()]
    language = get_language() or "en"
    named = [one for one in all_speakers if one.person.name]
    unnamed = [one for one in all_speakers if one.person.country and not one.person.name]
    return SpeakersPage(
        version,
        tuple(sorted(named, key=lambda one: one.person.name.casefold())),
        tuple(sorted(unnamed, key=lambda one: territory_name(one.person.country, language))),
        len(all_speakers) - len(named) - len(unnamed),
    )


@dataclass(frozen=True, slots=True)
class VisibleVersion:
    """A version with those of its changes that this reader can see."""

    version: models.Version
    changes: tuple[ProgrammeChange, ...]


def list_visible_versions(user: User, meeting: models.Meeting) -> list[VisibleVersion]:
    """Return all versions, newest first, without the changes of sessions that this reader cannot see."""
    versions = list(meeting.versions.defer("programme", "people"))
    levels = access_levels(user, meeting)
    return [
        VisibleVersion(one, tuple(change for change in map(change_from_json, one.changes) if change.access in levels))
        for one in versions
    ]


def public_programme(meeting: models.Meeting, *, address: str) -> tuple[Programme, models.Version] | None:
    """Return the public sessions with current public names, and their version; None if nothing is published."""
    version = published_version(meeting)
    if version is None:
        return None
    programme = version_programme(version)
    public_sessions = tuple(one for one in programme.sessions if one.access == AccessLevel.PUBLIC)
    lookup = _person_lookup(meeting, version, public_sessions)

    def public_appearances(session: Session) -> Iterator[Appearance]:
        for appearance in session.people:
            public = lookup(appearance)
            if public is not None:
                organisation = "" if appearance.office else public.affiliation
                yield replace(
                    appearance, person=public.key, name=public.name, country=public.country, organisation=organisation
                )

    cancelled = meeting.cancelled_at is not None  # none of its sessions will be held
    sessions = tuple(
        replace(session, people=tuple(public_appearances(session)), cancelled=session.cancelled or cancelled)
        for session in public_sessions
    )
    public = replace(programme, sessions=sessions, address=address, version=str(version.number), cancelled=cancelled)
    return public.without_distant_sessions(), version


def session_url(meeting: models.Meeting, key: str) -> str:
    return reverse("meetings:session", args=[meeting.public_id, key])
