"""Export of programmes as schedule.xml and schedule.json, which conference apps and displays read.

The format comes from Pentabarf and frab and is maintained by the C3VOC; our tests validate every file against its
schemas. It allows only one language per session and no cancelled sessions. Titles and abstracts are therefore in one
language, with the others in the description. Cancelled sessions are left out; apps show the sessions that disappear as
cancelled.
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
from samsvar.ids import make_slug
from samsvar.interchange.text_cleanup import MAX_DISTANCE, allocate_unique_number, clean_text, make_guid, select_text
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Session

SCHEMA = "https://c3voc.de/schedule/schema.json"
NO_VERSION = "0"  # the format requires a version, even before the first one
TIMESLOT = "00:05"  # the grid that apps draw; our programmes have none, but sessions start at multiples of this

_ZONE = re.compile(r"[A-Z][a-z]+/[A-Z][a-z]+|UTC$")  # the schema's own pattern, anchored as JSON Schema does
_HTTP = re.compile(r"https?://\S+$")


class NoKnownDay(InterchangeError):
    """Raised when no source gives a date for the meeting, because the format requires one."""

    advice = "Set a time for at least one of its sessions."


@dataclass(frozen=True, slots=True)
class _ScheduledSession:
    """A session with the values that both schedule formats need."""

    session: Session
    guid: uuid.UUID
    number: int
    starts: datetime  # in the meeting's zone
    room: str
    track: str
    slug: str


def export_xml(programme: Programme, *, language: str = "", links: Mapping[str, str] | None = None) -> bytes:
    """Return the programme as schedule.xml.

    `links` maps session keys to the URLs of their pages; the default is the meeting's page. Sessions more than
    `MAX_DISTANCE` away from the meeting are left out. Raises `NoKnownDay` if no date is known, because the format
    requires one.
    """
    programme = programme.without_distant_sessions(MAX_DISTANCE)
    root = etree.Element("schedule")
    etree.SubElement(root, "generator", name="Samsvar", version=__version__)
    _add_element(root, "version", programme.version or NO_VERSION)
    days = _known_days(programme)
    conference = etree.SubElement(root, "conference")
    for name, value in _build_conference(programme, days, language).items():
        _add_element(conference, name, value)
    if _HTTP.match(programme.address):
        _add_element(conference, "base_url", programme.address)
    _add_element(conference, "time_zone_name", programme.zone)
    for index, day, rooms in _group_sessions(programme, language):
        starts, ends = _day_bounds(programme, day)
        marks = {"index": str(index), "date": day.isoformat(), "start": starts.isoformat(), "end": ends.isoformat()}
        day_element = etree.SubElement(root, "day", marks)
        for room, events in rooms.items():
            room_element = etree.SubElement(day_element, "room", name=room)
            for event in events:
                _add_event(room_element, event, programme, language, links or {})
    content: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return content


def export_json(programme: Programme, *, language: str = "", links: Mapping[str, str] | None = None) -> bytes:
    """Return the programme as schedule.json, which is valid under the C3VOC's schema. Raises `NoKnownDay`."""
    programme = programme.without_distant_sessions(MAX_DISTANCE)
    days = _known_days(programme)
    facts = _build_conference(programme, days, language)
    conference: dict[str, Any] = {**facts, "daysCount": int(facts["days"])}
    if _ZONE.match(programme.zone):
        conference["time_zone_name"] = programme.zone
    else:  # the schema does not allow the name, but permits extra fields here
        conference["meta"] = {"time_zone_name": programme.zone}
    if _HTTP.match(programme.address):
        conference["url"] = programme.address
    conference["tracks"] = [{"name": select_text(track.name, language) or track.key} for track in programme.tracks]
    conference["rooms"] = [
        {
            "name": clean_text(room.name),
            "guid": str(make_guid(programme.meeting, f"room/{room.key}")),
            "description": None,
            "capacity": room.capacity,
        }
        for room in programme.rooms
    ]
    conference["days"] = []
    for index, day, rooms in _group_sessions(programme, language):
        starts, ends = _day_bounds(programme, day)
        conference["days"].append(
            {
                "index": index,
                "date": day.isoformat(),
                "day_start": starts.isoformat(),
                "day_end": ends.isoformat(),
                "rooms": {
                    room: [_event_object(event, programme, language, links or {}) for event in events]
                    for room, events in rooms.items()
                },
            }
        )
    schedule: dict[str, Any] = {"version": clean_text(programme.version) or NO_VERSION}
    if _HTTP.match(programme.address):
        schedule["base_url"] = programme.address
    schedule["conference"] = conference
    document = {"$schema": SCHEMA, "generator": {"name": "Samsvar", "version": __version__}, "schedule": schedule}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def make_acronym(meeting: str) -> str:
    """Return the meeting's key in the form that the schema allows: "bucharest-2019" → "bucharest_2019"."""
    return re.sub("[^a-z0-9_]", "_", make_slug(meeting).replace("-", "_")).ljust(4, "_")


def named_people(session: Session) -> Iterator[Appearance]:
    """Yield the people named in the session, without duplicates.

    People without a name are left out, and so are interpreters: the format does not distinguish roles, so they would
    appear as speakers.
    """
    yielded: set[str] = set()
    for appearance in session.people:
        if (
            appearance.part is not ProgrammeRole.INTERPRETER
            and clean_text(appearance.name).strip()
            and appearance.person not in yielded
        ):
            yielded.add(appearance.person)
            yield appearance


def _build_conference(programme: Programme, days: Sequence[date], language: str) -> dict[str, str]:
    """Return the fields of the meeting that both formats have, in the schema's order."""
    return {
        "title": select_text(programme.title, language),
        "acronym": make_acronym(programme.meeting),
        "start": (programme.begins if programme.precision == "day" else days[0]).isoformat(),
        "end": (programme.ends if programme.precision == "day" else days[-1]).isoformat(),
        "days": str(len(days)),
        "timeslot_duration": TIMESLOT,
    }


def _known_days(programme: Programme) -> Sequence[date]:
    days = list(programme.sessions_by_day())
    if not days:
        raise NoKnownDay("No source gives a date for this meeting, and none of its sessions has a time.")
    return days


def _group_sessions(
    programme: Programme, language: str
) -> Iterator[tuple[int, date, dict[str, list[_ScheduledSession]]]]:
    """Yield each day's number, date and sessions by room name, in the order of the programme's rooms."""
    names = {room.key: clean_text(room.name) for room in programme.rooms}
    tracks = {track.key: select_text(track.name, language) or track.key for track in programme.tracks}
    numbers: set[int] = set()
    for index, (day, sessions) in enumerate(programme.sessions_by_day().items(), start=1):
        rooms: dict[str, list[_ScheduledSession]] = {name: [] for name in names.values()}
        for session in sessions:
            if session.cancelled or session.starts is None:
                continue
            guid = make_guid(programme.meeting, session.guid or session.key)
            number = allocate_unique_number(guid, numbers)
            room = names.get(session.room, clean_text(session.room))
            title = make_slug(select_text(session.title, language))[:40]
            address = f"{make_acronym(programme.meeting)}-{number}-{title}".rstrip("-")
            starts = session.starts.astimezone(programme.timezone)
            track = tracks.get(session.track, clean_text(session.track))
            rooms.setdefault(room, []).append(_ScheduledSession(session, guid, number, starts, room, track, address))
        yield index, day, {room: events for room, events in rooms.items() if events}


def _day_bounds(programme: Programme, day: date) -> tuple[datetime, datetime]:
    """Return the start and end of the day in the meeting's zone."""
    begins = datetime.combine(day, time.min, programme.timezone)
    return begins, datetime.combine(day + timedelta(days=1), time.min, programme.timezone)


def _format_duration(session: Session) -> str:
    """Return the duration in hours and minutes; "00:00" if the start or end is not decided."""
    if not (session.starts and session.ends):
        return "00:00"
    minutes = int((session.ends - session.starts).total_seconds()) // 60
    hours = min(minutes // 60, 99)  # the schema allows two digits
    return f"{hours:02}:{minutes % 60:02}"


def _build_description(session: Session, language: str) -> str:
    """Return the title and abstract in the other languages, so that no text is lost in the export."""
    shown_texts = {select_text(session.title, language), select_text(session.abstract, language), ""}
    others = dict.fromkeys([*session.title, *session.abstract])
    texts = [text for code in others for text in (session.title.get(code, ""), session.abstract.get(code, "")) if text]
    return "\n\n".join(text for text in map(clean_text, texts) if text not in shown_texts)


def _event_fields(
    event: _ScheduledSession, programme: Programme, language: str, links: Mapping[str, str]
) -> dict[str, str]:
    """Return the fields of a session that both formats have, in the schema's order; `url` is "" if it is unknown."""
    session = event.session
    address = links.get(session.key) or programme.address
    return {
        "date": event.starts.isoformat(),
        "start": event.starts.strftime("%H:%M"),
        "duration": _format_duration(session),
        "room": event.room,
        "slug": event.slug,
        "url": address if _HTTP.match(address) else "",
        "title": select_text(session.title, language),
        "subtitle": "",
        "track": event.track,
        "type": session.kind.value,
        "language": session.languages[0] if session.languages else "",
        "abstract": select_text(session.abstract, language),
        "description": _build_description(session, language),
    }


def _add_element(parent: etree._Element, name: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = clean_text(text)
    return child


def _add_event(
    parent: etree._Element, event: _ScheduledSession, programme: Programme, language: str, links: Mapping[str, str]
) -> None:
    element = etree.SubElement(parent, "event", id=str(event.number), guid=str(event.guid))
    for name, value in _event_fields(event, programme, language, links).items():
        if value or name != "url":
            _add_element(element, name, value)
    recording = etree.SubElement(element, "recording")
    _add_element(recording, "license", "")
    _add_element(recording, "optout", "true")  # the programme does not ask for consent to recording
    persons = etree.SubElement(element, "persons")
    for appearance in named_people(event.session):
        guid = make_guid(programme.meeting, f"person/{appearance.person}")
        _add_element(persons, "person", appearance.name).set("id", str(allocate_unique_number(guid, set())))
    etree.SubElement(element, "links")
    etree.SubElement(element, "attachments")


def _event_object(
    event: _ScheduledSession, programme: Programme, language: str, links: Mapping[str, str]
) -> dict[str, Any]:
    fields = _event_fields(event, programme, language, links)
    return {
        "id": event.number,
        "guid": str(event.guid),
        **fields,
        "url": fields["url"] or f"urn:uuid:{event.guid}",
        "persons": [_person_object(one, programme) for one in named_people(event.session)],
        "links": [],
        "attachments": [],
    }


def _person_object(appearance: Appearance, programme: Programme) -> dict[str, str]:
    """Return a person, with their organisation as an extra field, which the schema permits."""
    person = {
        "guid": str(make_guid(programme.meeting, f"person/{appearance.person}")),
        "name": clean_text(appearance.name),
    }
    organisation = clean_text(appearance.organisation).strip()
    return person | ({"organisation": organisation} if organisation else {})
