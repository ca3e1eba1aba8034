"""Programmes as schedule.xml and schedule.json, which the apps and screens of the conference world read.

The format comes from Pentabarf and frab and is kept by the C3VOC, whose schemas our tests hold every file against. It
knows one language a session and no cancelled sessions: titles and abstracts go out in one language, the others stand in
the description, and what is cancelled is left out, which apps show as cancelled.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lxml import etree

from samsvar import __version__
from samsvar.errors import InterchangeError
from samsvar.ids import slug
from samsvar.interchange.text_cleanup import A_LIFETIME, carried, guid_of, number_of, said
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Session

SCHEMA = "https://c3voc.de/schedule/schema.json"
NO_VERSION = "0"  # a schedule says a version, also before the first
SLOT = "00:05"  # the grid that apps draw by; ours has none, and no session begins between two of these

_ZONE = re.compile(r"[A-Z][a-z]+/[A-Z][a-z]+|UTC$")  # the schema's own pattern, anchored as JSON schema reads it
_HTTP = re.compile(r"https?://\S+$")


class NoDayIsKnown(InterchangeError):
    """No source tells the day of a meeting, and the format has no meeting without a day."""

    code = "no_day_is_known"
    advice = "Give one of its sessions a time."


@dataclass(frozen=True, slots=True)
class _Event:
    """One session as the format has it."""

    session: Session
    guid: uuid.UUID
    number: int
    starts: datetime  # in the meeting's zone
    room: str
    track: str
    slug: str


def as_xml(programme: Programme, *, language: str = "", links: Mapping[str, str] | None = None) -> bytes:
    """The programme as schedule.xml. `links` gives sessions' keys their pages; without, the meeting's page stands.

    What lies a lifetime away from the meeting is left out. The format has no meeting without a day: raises
    `NoDayIsKnown` rather than make one up.
    """
    programme = programme.near(A_LIFETIME)
    root = etree.Element("schedule")
    etree.SubElement(root, "generator", name="Samsvar", version=__version__)
    _put(root, "version", programme.version or NO_VERSION)
    days = _known_days(programme)
    conference = etree.SubElement(root, "conference")
    for name, value in _facts(programme, days, language).items():
        _put(conference, name, value)
    if _HTTP.match(programme.address):
        _put(conference, "base_url", programme.address)
    _put(conference, "time_zone_name", programme.zone)
    for index, day, rooms in _days(programme, language):
        starts, ends = _edges(programme, day)
        marks = {"index": str(index), "date": day.isoformat(), "start": starts.isoformat(), "end": ends.isoformat()}
        here = etree.SubElement(root, "day", marks)
        for room, events in rooms.items():
            place = etree.SubElement(here, "room", name=room)
            for event in events:
                _put_event(place, event, programme, language, links or {})
    content: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return content


def as_json(programme: Programme, *, language: str = "", links: Mapping[str, str] | None = None) -> bytes:
    """The programme as schedule.json, UTF-8, in the shape of the C3VOC's schema. Raises `NoDayIsKnown` likewise."""
    programme = programme.near(A_LIFETIME)
    days = _known_days(programme)
    facts = _facts(programme, days, language)
    conference: dict[str, Any] = {**facts, "daysCount": int(facts["days"])}
    if _ZONE.match(programme.zone):
        conference["time_zone_name"] = programme.zone
    else:  # the schema has no name for it, and lets us say more here
        conference["meta"] = {"time_zone_name": programme.zone}
    if _HTTP.match(programme.address):
        conference["url"] = programme.address
    conference["tracks"] = [{"name": said(track.name, language) or track.key} for track in programme.tracks]
    conference["rooms"] = [
        {
            "name": carried(room.name),
            "guid": str(guid_of(programme.meeting, f"room/{room.key}")),
            "description": None,
            "capacity": room.capacity,
        }
        for room in programme.rooms
    ]
    conference["days"] = []
    for index, day, rooms in _days(programme, language):
        starts, ends = _edges(programme, day)
        conference["days"].append(
            {
                "index": index,
                "date": day.isoformat(),
                "day_start": starts.isoformat(),
                "day_end": ends.isoformat(),
                "rooms": {
                    room: [_json_event(event, programme, language, links or {}) for event in events]
                    for room, events in rooms.items()
                },
            }
        )
    schedule: dict[str, Any] = {"version": carried(programme.version) or NO_VERSION}
    if _HTTP.match(programme.address):
        schedule["base_url"] = programme.address
    schedule["conference"] = conference
    whole = {"$schema": SCHEMA, "generator": {"name": "Samsvar", "version": __version__}, "schedule": schedule}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def acronym_of(meeting: str) -> str:
    """The meeting's key as the schema allows it: "bucharest-2019" → "bucharest_2019"."""
    return re.sub("[^a-z0-9_]", "_", slug(meeting).replace("-", "_")).ljust(4, "_")


def people_of(session: Session) -> Iterator[Appearance]:
    """Whoever is named in the session, once; who is not named stands in no schedule, and whoever interprets neither:
    the format has persons alone, and would make speakers of them."""
    seen: set[str] = set()
    for one in session.people:
        if one.part is not Part.INTERPRETER and carried(one.name).strip() and one.person not in seen:
            seen.add(one.person)
            yield one


def _facts(programme: Programme, days: Sequence[date], language: str) -> dict[str, str]:
    """What both formats say of the meeting, in the schema's order."""
    return {
        "title": said(programme.title, language),
        "acronym": acronym_of(programme.meeting),
        "start": (programme.begins if programme.precision == "day" else days[0]).isoformat(),
        "end": (programme.ends if programme.precision == "day" else days[-1]).isoformat(),
        "days": str(len(days)),
        "timeslot_duration": SLOT,
    }


def _known_days(programme: Programme) -> Sequence[date]:
    days = list(programme.days())
    if not days:
        raise NoDayIsKnown("No source tells a day of this meeting, and none of its sessions has a time.")
    return days


def _days(programme: Programme, language: str) -> Iterator[tuple[int, date, dict[str, list[_Event]]]]:
    """Number and date of each day, and its sessions by their room's name, in the order of the programme's rooms."""
    names = {room.key: carried(room.name) for room in programme.rooms}
    tracks = {track.key: said(track.name, language) or track.key for track in programme.tracks}
    numbers: set[int] = set()
    for index, (day, sessions) in enumerate(programme.days().items(), start=1):
        rooms: dict[str, list[_Event]] = {name: [] for name in names.values()}
        for session in sessions:
            if session.cancelled or session.starts is None:
                continue
            guid = guid_of(programme.meeting, session.guid or session.key)
            number = number_of(guid, numbers)
            room = names.get(session.room, carried(session.room))
            title = slug(said(session.title, language))[:40]
            address = f"{acronym_of(programme.meeting)}-{number}-{title}".rstrip("-")
            starts = session.starts.astimezone(programme.timezone)
            track = tracks.get(session.track, carried(session.track))
            rooms.setdefault(room, []).append(_Event(session, guid, number, starts, room, track, address))
        yield index, day, {room: events for room, events in rooms.items() if events}


def _edges(programme: Programme, day: date) -> tuple[datetime, datetime]:
    """When the day begins and ends, in the meeting's zone."""
    begins = datetime.combine(day, time.min, programme.timezone)
    return begins, datetime.combine(day + timedelta(days=1), time.min, programme.timezone)


def _duration(session: Session) -> str:
    """Hours and minutes; "00:00" where nobody has decided when it ends."""
    if not (session.starts and session.ends):
        return "00:00"
    minutes = int((session.ends - session.starts).total_seconds()) // 60
    hours = min(minutes // 60, 99)  # the schema has two digits
    return f"{hours:02}:{minutes % 60:02}"


def _description(session: Session, language: str) -> str:
    """Title and abstract in the other languages, so that nothing said is lost."""
    shown = {said(session.title, language), said(session.abstract, language), ""}
    others = dict.fromkeys([*session.title, *session.abstract])
    texts = [text for code in others for text in (session.title.get(code, ""), session.abstract.get(code, "")) if text]
    return "\n\n".join(text for text in map(carried, texts) if text not in shown)


def _address(event: _Event, programme: Programme, links: Mapping[str, str]) -> str:
    return links.get(event.session.key) or programme.address


def _put(parent: etree._Element, name: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = carried(text)
    return child


def _put_event(
    parent: etree._Element, event: _Event, programme: Programme, language: str, links: Mapping[str, str]
) -> None:
    session = event.session
    here = etree.SubElement(parent, "event", id=str(event.number), guid=str(event.guid))
    for name, value in {
        "date": event.starts.isoformat(),
        "start": event.starts.strftime("%H:%M"),
        "duration": _duration(session),
        "room": event.room,
        "slug": event.slug,
    }.items():
        _put(here, name, value)
    address = _address(event, programme, links)
    if _HTTP.match(address):
        _put(here, "url", address)
    for name, value in {
        "title": said(session.title, language),
        "subtitle": "",
        "track": event.track,
        "type": session.kind.value,
        "language": session.languages[0] if session.languages else "",
        "abstract": said(session.abstract, language),
        "description": _description(session, language),
    }.items():
        _put(here, name, value)
    recording = etree.SubElement(here, "recording")
    _put(recording, "license", "")
    _put(recording, "optout", "true")  # nobody has agreed to being recorded: the programme asks for no such thing
    persons = etree.SubElement(here, "persons")
    for one in people_of(session):
        person = _put(persons, "person", one.name)
        person.set("id", str(number_of(guid_of(programme.meeting, f"person/{one.person}"), set())))
    etree.SubElement(here, "links")
    etree.SubElement(here, "attachments")


def _json_event(event: _Event, programme: Programme, language: str, links: Mapping[str, str]) -> dict[str, Any]:
    session = event.session
    address = _address(event, programme, links)
    return {
        "id": event.number,
        "guid": str(event.guid),
        "date": event.starts.isoformat(),
        "start": event.starts.strftime("%H:%M"),
        "duration": _duration(session),
        "room": event.room,
        "slug": event.slug,
        "url": address if _HTTP.match(address) else f"urn:uuid:{event.guid}",
        "title": said(session.title, language),
        "subtitle": "",
        "track": event.track,
        "type": session.kind.value,
        "language": session.languages[0] if session.languages else "",
        "abstract": said(session.abstract, language),
        "description": _description(session, language),
        "persons": [_json_person(one, programme) for one in people_of(session)],
        "links": [],
        "attachments": [],
    }


def _json_person(one: Appearance, programme: Programme) -> dict[str, str]:
    """Whoever is named; with their organisation, of which the schema says nothing and which it lets us say."""
    person = {"guid": str(guid_of(programme.meeting, f"person/{one.person}")), "name": carried(one.name)}
    organisation = carried(one.organisation).strip()
    return person | ({"organisation": organisation} if organisation else {})
