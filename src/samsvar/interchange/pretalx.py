"""Import of programmes from pretalx, and export of ours in the format of its schedule.json.

The structure follows pretalx's exporters of 2026-08 (schedule.json) and the data of its schedule widget, without
using its code.
"""

from __future__ import annotations

import json
from typing import Any

from samsvar.ids import make_slug, stable_id
from samsvar.interchange.imported_programme import (
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
    to_plain_text,
    to_text,
)
from samsvar.interchange.schedule_import import read_schedule_json
from samsvar.interchange.schedules import export_json, named_people
from samsvar.interchange.text_cleanup import allocate_unique_number, clean_text, make_guid
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Room, Session, Track

_TALK_FIELDS = (
    "code id title abstract description speakers track start end room duration session_type type content_locale updated"
    " state fav_count do_not_record slot_type"
).split()
_SPEAKER_FIELDS = "code name".split()


def read_pretalx(content: bytes, *, title: str = "") -> ImportedProgramme:
    """Read an export of pretalx: schedule.json, or the data of the widget, which lacks the meeting's title."""
    file = load_json_object(content)
    if "schedule" in file:
        return read_schedule_json(content)
    if not isinstance(file.get("talks"), list):
        raise UnreadableProgramme("it has neither a schedule nor talks, unlike exports of pretalx.")
    return _read_widget(file, title)


def export_pretalx(programme: Programme) -> bytes:
    """Return the programme as pretalx's schedule.json: the common format, with codes for sessions and people."""
    file: dict[str, Any] = json.loads(export_json(programme))
    conference = file["schedule"]["conference"]
    file["schedule"]["url"] = programme.address
    for room in [*conference["rooms"], *conference["tracks"]]:
        room["slug"] = make_slug(room["name"])
    appearances = {
        str(make_guid(programme.meeting, f"person/{one.person}")): one
        for session in programme.sessions
        for one in named_people(session)
    }
    for day in conference["days"]:
        for events in day["rooms"].values():
            for event in events:
                event["code"] = _pretalx_code(event["guid"])
                event["origin_url"] = event["url"]
                event["logo"], event["recording_license"], event["do_not_record"] = None, "", True
                for person in event["persons"]:
                    code = _pretalx_code(appearances[person["guid"]].person)
                    person.pop("organisation", None)  # pretalx has none
                    person |= {"code": code, "public_name": person["name"], "avatar": None, "biography": None}
    return (json.dumps(file, ensure_ascii=False, indent=1) + "\n").encode()


def exported_identifiers(meeting: str, person: str) -> frozenset[str]:
    """Return every identifier of a person in our exported files: GUID, number and pretalx code."""
    guid = make_guid(meeting, f"person/{person}")
    return frozenset({str(guid), str(allocate_unique_number(guid, set())), _pretalx_code(person)})


def _pretalx_code(key: str) -> str:
    """Return a code of eight letters and digits like pretalx's own; always the same for the same key."""
    return stable_id(clean_text(key))[:8].upper()


def _read_widget(file: dict[str, Any], title: str) -> ImportedProgramme:
    log = ImportLog()
    log.count_unknown_fields(
        "widget", file, "talks version timezone event_start event_end tracks rooms speakers".split()
    )
    zone = parse_time_zone(to_text(file.get("timezone")), log)
    rooms, tracks = KeyRegistry("room"), KeyRegistry("track")
    room_keys, track_keys, names = {}, {}, {}
    capacities: dict[str, int | None] = {}
    track_texts: dict[str, dict[str, str]] = {}
    for item in extract_json_objects(file.get("rooms")):
        room_keys[to_text(item.get("id"))] = key = rooms.get_or_create_key(to_text(item.get("name")))
        seats = item.get("capacity")
        capacities[key] = seats if isinstance(seats, int) and 0 <= seats < 2**31 else None
        log.count_unknown_fields("room", item, "id name capacity guid".split())
    for item in extract_json_objects(file.get("tracks")):
        track_keys[to_text(item.get("id"))] = key = tracks.get_or_create_key(to_text(item.get("name")))
        track_texts[key] = texts_by_language(item.get("name"), "")
        log.count_unknown_fields("track", item, "id name color".split())
    for item in extract_json_objects(file.get("speakers")):
        names[to_text(item.get("code"))] = to_text(item.get("name")).strip()
        log.count_unknown_fields("speaker", item, _SPEAKER_FIELDS)
    sessions = []
    for talk in extract_json_objects(file.get("talks")):
        log.count_unknown_fields("talk", talk, _TALK_FIELDS)
        session = _session_from_talk(talk, zone, room_keys, track_keys, names, log)
        if session is not None:
            sessions.append(session)
    programme = build_programme(
        meeting=make_slug(title),
        title={"en": clean_text(title)} if title else {},
        zone=zone,
        begins=parse_day(file.get("event_start")),
        ends=parse_day(file.get("event_end")),
        version=to_text(file.get("version")),
        rooms=(Room(key, name, capacities.get(key)) for name, key in rooms.by_name.items()),
        tracks=(Track(key, track_texts.get(key) or {"en": name}) for name, key in tracks.by_name.items()),
        sessions=sessions,
        log=log,
    )
    return log.build_result(SourceSystem.PRETALX_WIDGET, programme)


def _session_from_talk(
    talk: dict[str, Any],
    zone: str,
    room_keys: dict[str, str],
    track_keys: dict[str, str],
    names: dict[str, str],
    log: ImportLog,
) -> Session | None:
    starts, ends = parse_moment(talk.get("start"), zone), parse_moment(talk.get("end"), zone)
    duration = parse_duration(talk.get("duration"))
    if starts and ends is None and duration:
        ends = starts + duration
    if starts and ends and ends <= starts:
        ends = None
        log.add_warning(ImportWarningKind.ENDS_FIRST)
    code = to_text(talk.get("code"))
    key = code or to_text(talk.get("id"))
    if not key:
        log.add_warning(ImportWarningKind.NAMELESS)
        return None
    language = to_text(talk.get("content_locale"))[:8]
    codes = [to_text(one) for one in talk.get("speakers") or [] if isinstance(one, str)]
    return Session(
        key=f"pretalx-{key}",
        title=texts_by_language(talk.get("title"), language),
        # items without a code were never submitted; in this file, they are breaks
        kind=parse_session_kind(
            talk.get("session_type") or talk.get("type") or talk.get("slot_type") or ("" if code else "break"), log
        ),
        starts=starts,
        ends=ends,
        room=room_keys.get(to_text(talk.get("room")), ""),
        track=track_keys.get(to_text(talk.get("track")), ""),
        abstract=texts_by_language(to_plain_text(talk.get("abstract")), language),
        languages=(language,) if language else (),
        people=tuple(Appearance(one, ProgrammeRole.SPEAKER, names[one]) for one in codes if names.get(one)),
    )
