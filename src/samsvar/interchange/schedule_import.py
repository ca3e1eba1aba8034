"""Import of schedule.xml and schedule.json from Samsvar, frab, pretalx, the C3VOC's tools and other systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from samsvar.interchange.imported_programme import (
    MAX_FILE_BYTES,
    ImportedProgramme,
    ImportLog,
    ImportWarningKind,
    KeyRegistry,
    SourceSystem,
    UnreadableProgramme,
    build_programme,
    extract_json_objects,
    load_json_object,
    parse_day,
    parse_duration,
    parse_moment,
    parse_session_kind,
    parse_time_zone,
    texts_by_language,
    to_text,
)
from samsvar.interchange.text_cleanup import clean_text
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Room, Session, Track

OUR_GENERATOR = "samsvar"  # generator name in our own files

# Fields that we import or that repeat others
_CONFERENCE_FIELDS = (
    "acronym title start end days daysCount timeslot_duration time_zone_name rooms tracks url base_url colors meta"
).split()
_EVENT_FIELDS = (
    "id guid code date start end duration room slug url title subtitle track type language abstract description persons"
    " recording origin_url feedback_url logo recording_license do_not_record"
).split()
_PERSON_FIELDS = "id guid code name public_name url organisation".split()  # the last is our own extension


def read_schedule_json(content: bytes) -> ImportedProgramme:
    """Read a programme from schedule.json. Raises UnreadableProgramme."""
    file = load_json_object(content)
    schedule = file.get("schedule")
    conference = schedule.get("conference") if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict) or not isinstance(conference, dict):
        raise UnreadableProgramme("it has no schedule with a conference.")
    generator = file.get("generator")
    name = to_text(generator.get("name")).lower() if isinstance(generator, dict) else ""
    log = ImportLog()
    log.count_unknown_fields("conference", conference, _CONFERENCE_FIELDS)
    system = SourceSystem.PRETALX if name == "pretalx" else SourceSystem.SCHEDULE_JSON
    version = to_text(schedule.get("version"))
    address = to_text(schedule.get("url") or conference.get("url") or schedule.get("base_url"))
    days = extract_json_objects(conference.get("days"))
    events = [
        (to_text(room), event)
        for day in days
        if isinstance(rooms := day.get("rooms"), dict)
        for room, room_events in rooms.items()
        for event in extract_json_objects(room_events)
    ]
    if name == OUR_GENERATOR:
        _clear_descriptions(events)
    return log.build_result(system, _build_programme(conference, events, version, address, log))


def read_schedule_xml(content: bytes) -> ImportedProgramme:
    """Read a programme from schedule.xml. Raises UnreadableProgramme.

    Files that declare a document type or entities are rejected, in any encoding: entities in attributes are expanded
    whatever the parser is told, though libxml2 limits them.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableProgramme(f"it is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableProgramme("it declares a document type or entities.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableProgramme("it is not valid XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableProgramme("it declares a document type or entities.")
    conference = root.find("conference")
    if root.tag != "schedule" or conference is None:
        raise UnreadableProgramme("it has no schedule with a conference.")
    log = ImportLog()
    facts = {str(child.tag): child.text or "" for child in conference}
    log.count_unknown_fields("conference", facts, _CONFERENCE_FIELDS)
    facts["tracks"] = ""
    events = [
        (room.get("name") or "", dict(_parse_event_fields(event)))
        for room in root.iterfind("day/room")
        for event in room.iterfind("event")
    ]
    generator = root.find("generator")
    if generator is not None and (generator.get("name") or "").lower() == OUR_GENERATOR:
        _clear_descriptions(events)
    address = facts.get("url") or facts.get("base_url") or ""
    programme = _build_programme(facts, events, root.findtext("version") or "", clean_text(address), log)
    return log.build_result(SourceSystem.SCHEDULE_XML, programme)


def _clear_descriptions(events: list[tuple[str, dict[str, Any]]]) -> None:
    """Clear the descriptions in our own files: they contain texts in other languages, not part of the abstract."""
    for _room, event in events:
        event["description"] = ""


def _parse_event_fields(event: etree._Element) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an XML event in the same form as in JSON."""
    yield "id", event.get("id") or ""
    yield "guid", event.get("guid") or ""
    for child in event:
        name = str(child.tag)
        if name == "persons":
            yield name, [{"id": one.get("id") or "", "name": one.text or ""} for one in child]
        elif name in {"links", "attachments"}:
            yield name, [one.get("href") or one.text or "" for one in child]
        else:
            yield name, child.text or ""


def _build_programme(
    conference: dict[str, Any], events: list[tuple[str, dict[str, Any]]], version: str, address: str, log: ImportLog
) -> Programme:
    meta = conference.get("meta")
    zone_name = conference.get("time_zone_name") or (meta.get("time_zone_name") if isinstance(meta, dict) else "")
    zone = parse_time_zone(to_text(zone_name), log)
    rooms, tracks = KeyRegistry("room"), KeyRegistry("track")
    capacities: dict[str, int | None] = {}
    for item in extract_json_objects(conference.get("rooms")):
        seats = item.get("capacity")
        capacities[rooms.get_or_create_key(to_text(item.get("name")))] = (
            seats if isinstance(seats, int) and 0 <= seats < 2**31 else None
        )
    for item in extract_json_objects(conference.get("tracks")):
        tracks.get_or_create_key(to_text(item.get("name")))
    sessions = [
        session
        for room, event in events
        if (session := _build_session(room, event, zone, rooms, tracks, log)) is not None
    ]
    return build_programme(
        meeting=to_text(conference.get("acronym")),
        title=texts_by_language(conference.get("title"), ""),
        zone=zone,
        begins=parse_day(conference.get("start")),
        ends=parse_day(conference.get("end")),
        version="" if version == "0" else version,
        rooms=(Room(key, name, capacities.get(key)) for name, key in rooms.by_name.items()),
        tracks=(Track(key, {"en": name}) for name, key in tracks.by_name.items()),
        sessions=sessions,
        address=address,
        log=log,
    )


def _build_session(
    room: str, event: dict[str, Any], zone: str, rooms: KeyRegistry, tracks: KeyRegistry, log: ImportLog
) -> Session | None:
    log.count_unknown_fields("event", event, _EVENT_FIELDS)
    starts = parse_moment(event.get("date"), zone)
    key = to_text(event.get("guid") or event.get("code") or event.get("id"))
    if starts is None or not key:
        log.add_warning(ImportWarningKind.NAMELESS)
        return None
    duration = parse_duration(event.get("duration"))
    language = to_text(event.get("language"))[:8]
    title, subtitle = texts_by_language(event.get("title"), language), to_text(event.get("subtitle"))
    if subtitle:
        title = {code: f"{text}: {subtitle}" for code, text in title.items()}
    abstract = to_text(event.get("abstract"))
    description = to_text(event.get("description"))
    if description and description != abstract:
        abstract = f"{abstract}\n\n{description}" if abstract else description
    try:
        ends = starts + duration if duration else None
    except OverflowError:
        ends = None
    return Session(
        key=key,
        title=title,
        kind=parse_session_kind(event.get("type"), log),
        starts=starts,
        ends=ends,
        room=rooms.get_or_create_key(room or to_text(event.get("room"))),
        track=tracks.get_or_create_key(to_text(event.get("track"))),
        abstract=texts_by_language(abstract, language),
        languages=(language,) if language else (),
        people=tuple(_parse_appearances(event, log)),
    )


def _parse_appearances(event: dict[str, Any], log: ImportLog) -> Iterator[Appearance]:
    for person in extract_json_objects(event.get("persons")):
        log.count_unknown_fields("person", person, _PERSON_FIELDS)
        name = to_text(person.get("name") or person.get("public_name")).strip()
        if name:
            # the system's code or number; never its guid, which may be computed from an email address
            key = to_text(person.get("code") or person.get("id")) or f"name:{name}"
            yield Appearance(key, ProgrammeRole.SPEAKER, name, organisation=to_text(person.get("organisation")).strip())
