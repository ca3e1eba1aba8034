"""pretalx: its exports read in, and our programmes given out in the shape of its schedule.json.

Structure after pretalx's exporters of 2026-08 (schedule.json) and the data of its schedule widget; no code of theirs.
"""

from __future__ import annotations

import json
from typing import Any

from samsvar.ids import slug, stable_id
from samsvar.interchange.imported_programme import (
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
    plain_of,
    text_of,
    texts_of,
    whole,
    zone_of,
)
from samsvar.interchange.schedules import as_json, people_of
from samsvar.interchange.schedules_in import read_json
from samsvar.interchange.text_cleanup import carried, guid_of, number_of
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Room, Session, Track

_TALK = (
    "code id title abstract description speakers track start end room duration session_type type content_locale updated"
    " state fav_count do_not_record slot_type"
).split()
_SPEAKER = "code name".split()


def read_pretalx(content: bytes, *, title: str = "") -> Taken:
    """An export of pretalx: schedule.json, or the data of the widget, which does not say what the meeting is called."""
    file = loaded(content)
    if "schedule" in file:
        return read_json(content)
    if not isinstance(file.get("talks"), list):
        raise UnreadableProgramme("it has neither a schedule nor talks, as exports of pretalx have.")
    return _widget(file, title)


def as_pretalx(programme: Programme) -> bytes:
    """The programme as pretalx gives out schedule.json: the common format, with codes of sessions and people."""
    file: dict[str, Any] = json.loads(as_json(programme))
    conference = file["schedule"]["conference"]
    file["schedule"]["url"] = programme.address
    for room in [*conference["rooms"], *conference["tracks"]]:
        room["slug"] = slug(room["name"])
    named = {
        str(guid_of(programme.meeting, f"person/{one.person}")): one
        for session in programme.sessions
        for one in people_of(session)
    }
    for day in conference["days"]:
        for events in day["rooms"].values():
            for event in events:
                event["code"] = _code(event["guid"])
                event["origin_url"] = event["url"]
                event["logo"], event["recording_license"], event["do_not_record"] = None, "", True
                for person in event["persons"]:
                    code = _code(named[person["guid"]].person)
                    person.pop("organisation", None)  # pretalx has none
                    person |= {"code": code, "public_name": person["name"], "avatar": None, "biography": None}
    return (json.dumps(file, ensure_ascii=False, indent=1) + "\n").encode()


def called_in_files(meeting: str, person: str) -> frozenset[str]:
    """All that somebody of our programme is called in the files that we give out, by the formats' own kinds of keys."""
    guid = guid_of(meeting, f"person/{person}")
    return frozenset({str(guid), str(number_of(guid, set())), _code(person)})


def _code(key: str) -> str:
    """Eight letters and digits, as pretalx names things; the same for the same key."""
    return stable_id(carried(key))[:8].upper()


def _widget(file: dict[str, Any], title: str) -> Taken:
    account = Account()
    account.leave("widget", file, "talks version timezone event_start event_end tracks rooms speakers".split())
    zone = zone_of(text_of(file.get("timezone")), account)
    rooms, tracks = Keys("room"), Keys("track")
    room_of, track_of, names = {}, {}, {}
    capacities: dict[str, int | None] = {}
    track_texts: dict[str, dict[str, str]] = {}
    for one in objects(file.get("rooms")):
        room_of[text_of(one.get("id"))] = key = rooms.of(text_of(one.get("name")))
        seats = one.get("capacity")
        capacities[key] = seats if isinstance(seats, int) and 0 <= seats < 2**31 else None
        account.leave("room", one, "id name capacity guid".split())
    for one in objects(file.get("tracks")):
        track_of[text_of(one.get("id"))] = key = tracks.of(text_of(one.get("name")))
        track_texts[key] = texts_of(one.get("name"), "")
        account.leave("track", one, "id name color".split())
    for one in objects(file.get("speakers")):
        names[text_of(one.get("code"))] = text_of(one.get("name")).strip()
        account.leave("speaker", one, _SPEAKER)
    sessions = []
    for talk in objects(file.get("talks")):
        account.leave("talk", talk, _TALK)
        session = _talk(talk, zone, room_of, track_of, names, account)
        if session is not None:
            sessions.append(session)
    programme = whole(
        meeting=slug(title),
        title={"en": carried(title)} if title else {},
        zone=zone,
        begins=day_of(file.get("event_start")),
        ends=day_of(file.get("event_end")),
        version=text_of(file.get("version")),
        rooms=(Room(key, name, capacities.get(key)) for name, key in rooms.by_name.items()),
        tracks=(Track(key, track_texts.get(key) or {"en": name}) for name, key in tracks.by_name.items()),
        sessions=sessions,
        account=account,
    )
    return account.told(System.PRETALX_WIDGET, programme)


def _talk(
    talk: dict[str, Any],
    zone: str,
    room_of: dict[str, str],
    track_of: dict[str, str],
    names: dict[str, str],
    account: Account,
) -> Session | None:
    starts, ends = moment_of(talk.get("start"), zone), moment_of(talk.get("end"), zone)
    length = length_of(talk.get("duration"))
    if starts and ends is None and length:
        ends = starts + length
    if starts and ends and ends <= starts:
        ends = None
        account.doubt(Doubt.ENDS_FIRST)
    code = text_of(talk.get("code"))
    key = code or text_of(talk.get("id"))
    if not key:
        account.doubt(Doubt.NAMELESS)
        return None
    language = text_of(talk.get("content_locale"))[:8]
    codes = [text_of(one) for one in talk.get("speakers") or [] if isinstance(one, str)]
    return Session(
        key=f"pretalx-{key}",
        title=texts_of(talk.get("title"), language),
        # what has no code was never submitted: pretalx keeps breaks so, in this file alone
        kind=kind_of(
            talk.get("session_type") or talk.get("type") or talk.get("slot_type") or ("" if code else "break"), account
        ),
        starts=starts,
        ends=ends,
        room=room_of.get(text_of(talk.get("room")), ""),
        track=track_of.get(text_of(talk.get("track")), ""),
        abstract=texts_of(plain_of(talk.get("abstract")), language),
        languages=(language,) if language else (),
        people=tuple(Appearance(one, Part.SPEAKER, names[one]) for one in codes if names.get(one)),
    )
