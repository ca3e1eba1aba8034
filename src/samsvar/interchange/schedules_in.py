"""schedule.xml and schedule.json read back, from us or anybody who gives them out: frab, pretalx, the C3VOC's tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from samsvar.interchange.imported_programme import (
    LARGEST_FILE,
    Account,
    Doubt,
    Keys,
    System,
    Taken,
    UnreadableProgramme,
    day_of,
    kind_of,
    length_of,
    loaded,
    moment_of,
    objects,
    text_of,
    texts_of,
    whole,
    zone_of,
)
from samsvar.interchange.text_cleanup import carried
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Room, Session, Track

OURS = "samsvar"  # the generator that our own files name

# What we take, and what says the same once more
_CONFERENCE = (
    "acronym title start end days daysCount timeslot_duration time_zone_name rooms tracks url base_url colors meta"
).split()
_EVENT = (
    "id guid code date start end duration room slug url title subtitle track type language abstract description persons"
    " recording origin_url feedback_url logo recording_license do_not_record"
).split()
_PERSON = "id guid code name public_name url organisation".split()  # the last is ours


def read_json(content: bytes) -> Taken:
    """A schedule.json. Raises UnreadableProgramme."""
    file = loaded(content)
    schedule = file.get("schedule")
    conference = schedule.get("conference") if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict) or not isinstance(conference, dict):
        raise UnreadableProgramme("it has no schedule with a conference.")
    generator = file.get("generator")
    name = text_of(generator.get("name")).lower() if isinstance(generator, dict) else ""
    account = Account()
    account.leave("conference", conference, _CONFERENCE)
    system = System.PRETALX if name == "pretalx" else System.SCHEDULE_JSON
    version = text_of(schedule.get("version"))
    address = text_of(schedule.get("url") or conference.get("url") or schedule.get("base_url"))
    days = objects(conference.get("days"))
    events = [
        (text_of(room), event)
        for day in days
        for room, there in (day.get("rooms") or {}).items()
        for event in objects(there)
    ]
    if name == OURS:
        _forget_descriptions(events)
    return account.told(system, _programme(conference, events, version, address, account))


def read_xml(content: bytes) -> Taken:
    """A schedule.xml. Document types and entities are refused before anything is expanded."""
    if len(content) > LARGEST_FILE:
        raise UnreadableProgramme(f"it is larger than {LARGEST_FILE // 1024 // 1024} MB.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableProgramme("it declares a document type or entities.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as broken:
        raise UnreadableProgramme("it is broken XML.") from broken
    conference = root.find("conference")
    if root.tag != "schedule" or conference is None:
        raise UnreadableProgramme("it has no schedule with a conference.")
    account = Account()
    facts = {str(child.tag): child.text or "" for child in conference}
    account.leave("conference", facts, _CONFERENCE)
    facts["tracks"] = ""
    events = [
        (room.get("name") or "", dict(_fields(event)))
        for room in root.iterfind("day/room")
        for event in room.iterfind("event")
    ]
    generator = root.find("generator")
    if generator is not None and (generator.get("name") or "").lower() == OURS:
        _forget_descriptions(events)
    address = facts.get("url") or facts.get("base_url") or ""
    programme = _programme(facts, events, root.findtext("version") or "", carried(address), account)
    return account.told(System.SCHEDULE_XML, programme)


def _forget_descriptions(events: list[tuple[str, dict[str, Any]]]) -> None:
    """Ours hold the other languages’ texts, for which the format has no place: they are no part of the abstract."""
    for _room, event in events:
        event["description"] = ""


def _fields(event: etree._Element) -> Iterator[tuple[str, Any]]:
    """An event of XML in the shape that JSON gives it."""
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


def _programme(
    conference: dict[str, Any], events: list[tuple[str, dict[str, Any]]], version: str, address: str, account: Account
) -> Programme:
    more = conference.get("meta")
    named = conference.get("time_zone_name") or (more.get("time_zone_name") if isinstance(more, dict) else "")
    zone = zone_of(text_of(named), account)
    rooms, tracks = Keys("room"), Keys("track")
    capacities: dict[str, int | None] = {}
    for one in objects(conference.get("rooms")):
        seats = one.get("capacity")
        capacities[rooms.of(text_of(one.get("name")))] = (
            seats if isinstance(seats, int) and 0 <= seats < 2**31 else None
        )
    for one in objects(conference.get("tracks")):
        tracks.of(text_of(one.get("name")))
    sessions = [
        session
        for room, event in events
        if (session := _session(room, event, zone, rooms, tracks, account)) is not None
    ]
    return whole(
        meeting=text_of(conference.get("acronym")),
        title=texts_of(conference.get("title"), ""),
        zone=zone,
        begins=day_of(conference.get("start")),
        ends=day_of(conference.get("end")),
        version="" if version == "0" else version,
        rooms=(Room(key, name, capacities.get(key)) for name, key in rooms.by_name.items()),
        tracks=(Track(key, {"en": name}) for name, key in tracks.by_name.items()),
        sessions=sessions,
        address=address,
        account=account,
    )


def _session(
    room: str, event: dict[str, Any], zone: str, rooms: Keys, tracks: Keys, account: Account
) -> Session | None:
    account.leave("event", event, _EVENT)
    starts = moment_of(event.get("date"), zone)
    key = text_of(event.get("guid") or event.get("code") or event.get("id"))
    if starts is None or not key:
        account.doubt(Doubt.NAMELESS)
        return None
    length = length_of(event.get("duration"))
    language = text_of(event.get("language"))[:8]
    title, subtitle = texts_of(event.get("title"), language), text_of(event.get("subtitle"))
    if subtitle:
        title = {code: f"{text}: {subtitle}" for code, text in title.items()}
    abstract = text_of(event.get("abstract"))
    described = text_of(event.get("description"))
    if described and described != abstract:
        abstract = f"{abstract}\n\n{described}" if abstract else described
    try:
        ends = starts + length if length else None
    except OverflowError:
        ends = None
    return Session(
        key=key,
        title=title,
        kind=kind_of(event.get("type"), account),
        starts=starts,
        ends=ends,
        room=rooms.of(room or text_of(event.get("room"))),
        track=tracks.of(text_of(event.get("track"))),
        abstract=texts_of(abstract, language),
        languages=(language,) if language else (),
        people=tuple(_people(event, account)),
    )


def _people(event: dict[str, Any], account: Account) -> Iterator[Appearance]:
    for one in objects(event.get("persons")):
        account.leave("person", one, _PERSON)
        name = text_of(one.get("name") or one.get("public_name")).strip()
        if name:
            # a code or a number of that system; never its guid, which may be computed from an address
            key = text_of(one.get("code") or one.get("id")) or f"name:{name}"
            yield Appearance(key, Part.SPEAKER, name, organisation=text_of(one.get("organisation")).strip())
