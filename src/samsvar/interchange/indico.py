"""Import of events exported by Indico.

The structure follows files exported by an Indico 3.3.14 instance, without using its code: `/export/event/<id>.json`
with `detail=contributions`, `subcontributions` or `sessions`, and `/export/timetable/<id>.json`. A contribution
becomes a session, and so does an Indico session block without contributions. A contribution without a track gets the
title of its Indico session as its track. Breaks occur only in the timetable.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.interchange.imported_programme import (
    LAST_YEAR,
    UNKNOWN_LANGUAGE,
    ImportedProgramme,
    ImportLog,
    ImportWarningKind,
    KeyRegistry,
    SeveralMeetings,
    SourceSystem,
    UnreadableProgramme,
    build_programme,
    extract_json_objects,
    load_json_object,
    parse_duration,
    parse_session_kind,
    parse_time_zone,
    to_plain_text,
    to_text,
)
from samsvar.interchange.text_cleanup import clean_text
from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import Appearance, Room, Session, SessionKind, Track

LECTURE_TYPE = "simple_event"  # an Indico event that is a single session

# Fields that we import, that repeat others, or that only concern storage or layout in Indico
_EVENT_FIELDS = (
    "_type _fossil id title startDate endDate timezone room roomFullname location type url contributions sessions"
    " category categoryId creationDate modificationDate hasAnyProtection visibility language allowed"
).split()
_CONTRIBUTION_FIELDS = (
    "_type _fossil id db_id friendly_id title startDate endDate duration room roomFullname location type description"
    " speakers track session url code allowed"
).split()
_BLOCK_FIELDS = (
    "_type _fossil id title startDate endDate room roomFullname location address inheritLoc inheritRoom url"
    " contributions session conference allowed"
).split()
_SESSION_FIELDS = (
    "_type _fossil id db_id friendly_id title startDate endDate room roomFullname location address url isPoster color"
    " textColor numSlots sessionConveners"
).split()
_PERSON_FIELDS = (
    "_type _fossil id db_id person_id fullName first_name last_name firstName familyName name affiliation".split()
)
_BREAK_FIELDS = (
    "_type _fossil id uniqueId conferenceId entryType title description startDate endDate duration room location"
    " inheritLoc inheritRoom color textColor sessionId sessionCode sessionSlotId sessionSlotEntryId"
).split()


@dataclass(frozen=True, slots=True)
class _IndicoEvent:
    """The data that all sessions of an event share, and the log of its import."""

    number: str
    zone: str
    log: ImportLog
    language: str = UNKNOWN_LANGUAGE
    location: str = ""
    is_protected: bool = False
    rooms: KeyRegistry = field(default_factory=lambda: KeyRegistry("room"))
    tracks: KeyRegistry = field(default_factory=lambda: KeyRegistry("track"))

    def text_by_language(self, text: str) -> dict[str, str]:
        return {self.language: text} if text else {}

    def build_result(
        self, system: SourceSystem, title: str, sessions: list[Session], days: tuple[Any, Any], **more: str
    ) -> ImportedProgramme:
        if not sessions:
            self.log.add_warning(ImportWarningKind.EMPTY)
        programme = build_programme(
            meeting=title,
            title=self.text_by_language(title),
            zone=self.zone,
            begins=days[0],
            ends=days[1],
            version="",
            rooms=(Room(key, name) for name, key in self.rooms.by_name.items()),
            tracks=(Track(key, {self.language: name}) for name, key in self.tracks.by_name.items()),
            sessions=sessions,
            log=self.log,
            **more,
        )
        return self.log.build_result(system, programme)


def read_indico(content: bytes) -> ImportedProgramme:
    """Read the export of one event. Raises UnreadableProgramme, and SeveralMeetings for the export of a category."""
    exported = load_json_object(content).get("results")
    if isinstance(exported, dict):
        return _read_timetable(exported)
    results = extract_json_objects(exported)
    if exported == []:
        raise UnreadableProgramme("it is empty: there is no event with that number, or no access to it.")
    if not results or to_text(results[0].get("_type")) != "Conference":
        raise UnreadableProgramme("its results contain no event, unlike exports of Indico.")
    if len(results) > 1:
        raise SeveralMeetings(f"it contains {len(results)} events.")
    file, log = results[0], ImportLog()
    log.count_unknown_fields("event", file, [*_EVENT_FIELDS, *(("chairs", "description") if _is_lecture(file) else ())])
    zone = parse_time_zone(to_text(file.get("timezone")), log)
    event = _IndicoEvent(
        to_text(file.get("id")),
        zone,
        log,
        to_text(file.get("language")).replace("_", "-").split("-")[0][:8] or UNKNOWN_LANGUAGE,
        to_text(file.get("location")),
        file.get("hasAnyProtection") is True or _is_restricted(file),
    )
    sessions = [session for one in _session_sources(file, event) if (session := _build_session(one, event)) is not None]
    days = _local_day(file.get("startDate"), zone), _local_day(file.get("endDate"), zone)
    title, address = to_text(file.get("title")), to_text(file.get("url"))
    return event.build_result(SourceSystem.INDICO, title, sessions, days, place=event.location, address=address)


@dataclass(frozen=True, slots=True)
class _SessionSource:
    """The source of one of our sessions: a contribution, a block without contributions, or a lecture."""

    value: dict[str, Any]
    kind: str  # used in the session's key
    block: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)  # the session that the block belongs to


def _session_sources(file: dict[str, Any], event: _IndicoEvent) -> Iterator[_SessionSource]:
    """Yield every item in the file that becomes one of our sessions."""
    log = event.log
    contributions, blocks = extract_json_objects(file.get("contributions")), extract_json_objects(file.get("sessions"))
    if _is_lecture(file):
        yield _SessionSource(file, "event")
    for contribution in contributions:
        yield _SessionSource(contribution, "contribution")
    counted_sessions = set()
    for block in blocks:
        inside = extract_json_objects(block.get("contributions"))
        block_session = block.get("session")
        session = block_session if isinstance(block_session, dict) else {}
        # only a block without contributions has its own conveners and description
        log.count_unknown_fields(
            "block", block, _BLOCK_FIELDS if inside else [*_BLOCK_FIELDS, "conveners", "slotTitle"]
        )
        session_fields = _SESSION_FIELDS if inside else [*_SESSION_FIELDS, "description", "type"]
        if (number := to_text(session.get("db_id"))) not in counted_sessions:
            log.count_unknown_fields("session", session, session_fields)
        counted_sessions.add(number)
        for contribution in inside:
            yield _SessionSource(contribution, "contribution", block, session)
        if not inside:
            yield _SessionSource(block, "block", block, session)


def _is_lecture(file: dict[str, Any]) -> bool:
    return to_text(file.get("type")) == LECTURE_TYPE and not (file.get("contributions") or file.get("sessions"))


def _is_restricted(value: dict[str, Any]) -> bool:
    """Return whether access to the event, block or contribution was restricted in Indico.

    The permitted users and groups are listed only in exports made by event managers, and only for restricted items.
    """
    allowed = value.get("allowed")
    return isinstance(allowed, dict) and bool(allowed.get("users") or allowed.get("groups"))


def _build_session(source: _SessionSource, event: _IndicoEvent) -> Session | None:
    value, log = source.value, event.log
    is_not_contribution = source.kind != "contribution"
    number = to_text(value.get("db_id") or value.get("id"))
    if not number:
        log.add_warning(ImportWarningKind.NAMELESS)
        return None
    restricted = event.is_protected or _is_restricted(value) or _is_restricted(source.block)
    if restricted:
        log.add_warning(ImportWarningKind.RESTRICTED_SESSION)
    starts, ends = _session_times(value, event)
    title = to_text(value.get("title") or value.get("slotTitle"))
    return Session(
        key=_session_key(event.number, value, number, source.kind),
        title=event.text_by_language(title),
        kind=_find_session_kind(source, log),
        starts=starts,
        ends=ends,
        room=event.rooms.get_or_create_key(to_text(value.get("roomFullname") or value.get("room"))),
        track="" if is_not_contribution else _find_track_key(source, event, restricted=restricted),
        abstract=event.text_by_language(
            to_plain_text((source.session if source.kind == "block" else value).get("description"))
        ),
        people=tuple(_parse_people(source, log)),
        access=AccessLevel.ORGANISERS if restricted else AccessLevel.PUBLIC,
    )


def _find_track_key(source: _SessionSource, event: _IndicoEvent, *, restricted: bool) -> str:
    """Return the key of the contribution's track; without a track, the title of its session is used instead.

    Track names are public, so the title of a restricted session is never used.
    """
    value, log = source.value, event.log
    log.count_unknown_fields("contribution", value, _CONTRIBUTION_FIELDS)
    track = to_text(value.get("track"))
    session_title = to_text(value.get("session")) or to_text(source.session.get("title"))
    if session_title and (track or restricted):
        log.left_out["contribution.session"] += 1
    if to_text(value.get("location")) not in {"", event.location}:
        log.left_out["contribution.location"] += 1
    if (code := to_text(value.get("code"))) and not _parse_guid(code):
        log.left_out["contribution.code"] += 1
    return event.tracks.get_or_create_key(track or ("" if restricted else session_title))


def _find_session_kind(source: _SessionSource, log: ImportLog) -> SessionKind:
    type_name = source.session.get("type") if source.kind == "block" else source.value.get("type")
    if source.kind == "event":
        return SessionKind.TALK
    if source.session.get("isPoster") and (source.kind == "block" or not to_text(type_name)):
        return SessionKind.POSTERS
    return parse_session_kind(type_name, log)


def _session_key(event: str, value: dict[str, Any], number: str, kind: str) -> str:
    """Return the code if it is a GUID, as in our own exports; otherwise a key made from Indico's ids."""
    return _parse_guid(to_text(value.get("code"))) or f"indico-{event}-{kind}-{number}"


def _parse_guid(code: str) -> str:
    try:
        return str(uuid.UUID(code))
    except ValueError:
        return ""


def _parse_people(source: _SessionSource, log: ImportLog) -> Iterator[Appearance]:
    """Yield the people in a session. Names are joined from their parts: Indico's full names are "Last, First"."""
    value = source.value.get({"contribution": "speakers", "block": "conveners", "event": "chairs"}[source.kind])
    part = ProgrammeRole.CHAIR if source.kind == "block" else ProgrammeRole.SPEAKER
    for person in extract_json_objects(value):
        log.count_unknown_fields("person", person, _PERSON_FIELDS)
        first = to_text(person.get("first_name") or person.get("firstName"))
        last = to_text(person.get("last_name") or person.get("familyName"))
        name = f"{first} {last}".strip() or to_text(person.get("fullName") or person.get("name")).strip()
        if name:
            key = to_text(person.get("person_id") or person.get("id")) or f"name:{name}"
            yield Appearance(key, part, name, organisation=to_text(person.get("affiliation")))


def _session_times(value: dict[str, Any], event: _IndicoEvent) -> tuple[datetime | None, datetime | None]:
    """Return the start and end of a session. If a local time occurs twice (clock change), the duration decides."""
    log = event.log
    starts, ends = (_possible_moments(value.get(key), event.zone, log) for key in ("startDate", "endDate"))
    duration = parse_duration(value.get("duration"))  # Indico restarts at zero after a day
    if not starts:
        return None, None
    if not ends:
        first = starts[0]
        if len(starts) > 1:
            log.add_warning(ImportWarningKind.AMBIGUOUS_HOUR)
        return first, first + duration if duration else None
    pairs = [pair for pair in product(starts, ends) if pair[0] < pair[1]]
    if not pairs:
        log.add_warning(ImportWarningKind.ENDS_FIRST)
        return starts[0], None
    day = timedelta(days=1)
    if duration:
        pairs = [pair for pair in pairs if (pair[1] - pair[0]) % day == duration % day] or pairs[:1]
    if len(pairs) > 1:
        log.add_warning(ImportWarningKind.AMBIGUOUS_HOUR)
    return pairs[0]


def _possible_moments(value: Any, zone: str, log: ImportLog) -> list[datetime]:
    """Return the moments that a local time can mean: two if it occurs twice, none if it is invalid."""
    if not isinstance(value, dict) or not to_text(value.get("date")):
        return []
    try:
        time_zone = ZoneInfo(to_text(value.get("tz")) or zone)
        local_time = datetime.fromisoformat(f"{to_text(value['date'])}T{to_text(value.get('time')) or '00:00:00'}")
        if not 1 < local_time.year <= LAST_YEAR:
            raise OverflowError
        local_time = local_time.replace(tzinfo=time_zone)
        first, second = (local_time.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == second or first.astimezone(time_zone).replace(tzinfo=None) != local_time.replace(tzinfo=None):
            return [first]
    except (ValueError, OSError, KeyError, OverflowError):
        log.add_warning(ImportWarningKind.NO_TIME)
        return []
    return [first, second]


def _local_day(value: Any, zone: str) -> date | None:
    """Return the day in the event's own zone: Indico exports times in its server's zone, where the day may differ."""
    moments = _possible_moments(value, zone, ImportLog())
    return moments[0].astimezone(ZoneInfo(zone)).date() if moments else None


def _read_timetable(results: dict[str, Any]) -> ImportedProgramme:
    """Read the timetable of an event for its breaks, which are in no other export.

    All other entries are counted as left out, because the event's export contains them, with ids for the people.
    """
    if len(results) > 1:
        raise SeveralMeetings(f"it contains the timetables of {len(results)} events.")
    number, days = next(iter(results.items()), ("", {}))
    entries = list({to_text(entry.get("id")): entry for entry in _timetable_entries(days)}.values())
    if not entries:
        raise UnreadableProgramme("its results contain no event and no timetable with entries.")
    log = ImportLog()
    zones = [to_text(moment.get("tz")) for entry in entries if isinstance(moment := entry.get("startDate"), dict)]
    event = _IndicoEvent(clean_text(str(number)), parse_time_zone(zones[0] if zones else "", log), log)
    sessions = []
    for entry in entries:
        if to_text(entry.get("entryType")) != "Break":
            log.left_out[f"timetable.{to_text(entry.get('entryType'))[:20] or 'entry'}"] += 1
            continue
        log.count_unknown_fields("break", entry, _BREAK_FIELDS)
        starts, ends = _session_times(entry, event)
        title = to_text(entry.get("title"))
        sessions.append(
            Session(
                key=f"indico-{event.number}-break-{to_text(entry.get('id')).removeprefix('b')}",
                title=event.text_by_language(title),
                kind=SessionKind.BREAK,
                starts=starts,
                ends=ends,
                room=event.rooms.get_or_create_key(to_text(entry.get("room"))),
                abstract=event.text_by_language(to_plain_text(entry.get("description"))),
            )
        )
    spans = [day for entry in entries if (day := _local_day(entry.get("startDate"), event.zone))]
    return event.build_result(
        SourceSystem.INDICO_TIMETABLE, "", sessions, (min(spans, default=None), max(spans, default=None))
    )


def _timetable_entries(days: Any) -> Iterator[dict[str, Any]]:
    """Yield every timetable entry, also inside blocks. Entries that pass midnight are yielded for both days."""
    for day in (days if isinstance(days, dict) else {}).values():
        for entry in extract_json_objects(list(day.values()) if isinstance(day, dict) else []):
            yield entry
            nested = entry.get("entries")
            yield from extract_json_objects(list(nested.values()) if isinstance(nested, dict) else [])
