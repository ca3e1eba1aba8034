"""Indico: its JSON export of an event read in, and our programmes given out in the same shape.

Structure after Indico's HTTP export (`/export/event/<id>.json?detail=contributions` or `sessions`); no code of theirs.
A contribution becomes a session. A block of Indico's without contributions becomes a session too; of one with
contributions, its title is their track where they have none.
"""

from __future__ import annotations

import html
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.interchange.carried import carried, guid_of, number_of, said
from samsvar.interchange.schedules import people_of
from samsvar.interchange.taken import (
    Account,
    Doubt,
    Keys,
    SeveralMeetings,
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
    whole,
    zone_of,
)
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Room, Session, SessionKind, Track

_EVENT = (
    "_type _fossil id title description startDate endDate timezone room roomFullname location address type url"
    " contributions sessions category categoryId creationDate modificationDate hasAnyProtection visibility language"
).split()
_CONTRIBUTION = (
    "_type _fossil id db_id friendly_id title startDate endDate duration room roomFullname location type description"
    " speakers track session url code"
).split()
_SLOT = (
    "_type _fossil id title slotTitle startDate endDate room roomFullname location address inheritLoc inheritRoom url"
    " contributions session conference conveners description isPoster color textColor numSlots friendly_id db_id"
    " sessionConveners"
).split()
_PERSON = (
    "_type _fossil id db_id person_id fullName first_name last_name firstName familyName name affiliation title".split()
)


def read_indico(content: bytes) -> Taken:
    """An export of one event. Raises UnreadableProgramme, and SeveralMeetings for the export of a category."""
    results = objects(loaded(content).get("results"))
    if not results or text_of(results[0].get("_type")) != "Conference":
        raise UnreadableProgramme("it has no event among its results, as exports of Indico have.")
    if len(results) > 1:
        raise SeveralMeetings(f"it holds {len(results)} events.")
    event, account = results[0], Account()
    account.leave("event", event, _EVENT)
    zone = zone_of(text_of(event.get("timezone")), account)
    rooms, tracks = Keys("room"), Keys("track")
    number = text_of(event.get("id"))
    sessions = [
        session
        for one, block in _blocks(event, account)
        if (session := _session(number, one, block, zone, rooms, tracks, account)) is not None
    ]
    begins, ends = event.get("startDate"), event.get("endDate")
    programme = whole(
        meeting=text_of(event.get("title")),
        title={"en": text_of(event.get("title"))} if text_of(event.get("title")) else {},
        zone=zone,
        begins=day_of(begins.get("date")) if isinstance(begins, dict) else None,
        ends=day_of(ends.get("date")) if isinstance(ends, dict) else None,
        version="",
        rooms=(Room(key, name) for name, key in rooms.by_name.items()),
        tracks=(Track(key, {"en": name}) for name, key in tracks.by_name.items()),
        sessions=sessions,
        place=text_of(event.get("location")),
        address=text_of(event.get("url")),
        account=account,
    )
    return account.told(System.INDICO, programme)


def as_indico(programme: Programme) -> bytes:
    """The programme as Indico exports an event with its contributions; nobody's address stands in it."""
    begins = datetime.combine(programme.begins, datetime.min.time(), programme.timezone)
    ends = datetime.combine(programme.ends, datetime.min.time(), programme.timezone) + timedelta(hours=23, minutes=59)
    numbers: set[int] = set()
    event = {
        "_type": "Conference",
        "_fossil": "conferenceMetadataWithContribs",
        "id": str(number_of(guid_of("", programme.meeting), set())),
        "title": said(programme.title),
        "description": "",
        "startDate": _moment(begins, programme.zone) if programme.precision == "day" else None,
        "endDate": _moment(ends, programme.zone) if programme.precision == "day" else None,
        "timezone": programme.zone,
        "room": "",
        "roomFullname": "",
        "location": carried(programme.place),
        "address": "",
        "type": "conference",
        "url": carried(programme.address),
        "chairs": [],
        "contributions": [_contribution(programme, one, numbers) for one in programme.sessions if not one.cancelled],
    }
    whole_file = {
        "count": 1,
        "additionalInfo": {},
        "_type": "HTTPAPIResult",
        "url": programme.address,
        "results": [event],
    }
    return (json.dumps(whole_file, ensure_ascii=False, indent=1) + "\n").encode()


def _contribution(programme: Programme, session: Session, numbers: set[int]) -> dict[str, Any]:
    guid = guid_of(programme.meeting, session.guid or session.key)
    number = number_of(guid, numbers)
    rooms = {room.key: carried(room.name) for room in programme.rooms}
    tracks = {track.key: said(track.name) for track in programme.tracks}
    minutes = int((session.ends - session.starts).total_seconds()) // 60 if session.starts and session.ends else 0
    return {
        "_type": "Contribution",
        "_fossil": "contributionMetadata",
        "id": str(number),
        "db_id": number,
        "friendly_id": number,
        "code": str(guid),
        "title": said(session.title),
        "startDate": _moment(session.starts, programme.zone) if session.starts else None,
        "endDate": _moment(session.ends, programme.zone) if session.ends else None,
        "duration": minutes,
        "room": rooms.get(session.room, ""),
        "roomFullname": rooms.get(session.room, ""),
        "location": carried(programme.place),
        "type": session.kind.value,
        "description": html.escape(said(session.abstract), quote=False),
        "speakers": [_participation(programme, one) for one in people_of(session)],
        "primaryauthors": [],
        "coauthors": [],
        "keywords": [],
        "references": [],
        "track": tracks.get(session.track) or None,
        "session": None,
        "url": carried(programme.address),
        "folders": [],
        "material": [],
        "note": {},
    }


def _participation(programme: Programme, one: Appearance) -> dict[str, Any]:
    first, _, last = carried(one.name).strip().rpartition(" ")
    number = number_of(guid_of(programme.meeting, f"person/{one.person}"), set())
    return {
        "_type": "ContributionParticipation",
        "_fossil": "contributionParticipationMetadata",
        "id": str(number),
        "db_id": number,
        "person_id": number,
        "first_name": first,
        "last_name": last,
        "fullName": carried(one.name).strip(),
        "affiliation": carried(one.organisation),
    }


def _moment(moment: datetime, zone: str) -> dict[str, str]:
    """Day, time and zone; in UTC where the clock shows that time twice in its zone."""
    local = moment.astimezone(ZoneInfo(zone))
    if local.fold:
        local, zone = moment.astimezone(UTC), "UTC"
    return {"date": local.date().isoformat(), "time": local.time().isoformat(), "tz": zone}


def _blocks(event: dict[str, Any], account: Account) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Everything that is held, with the block it belongs to; a block without contributions is held itself."""
    for one in objects(event.get("contributions")):
        yield one, {}
    for block in objects(event.get("sessions")):
        inside = objects(block.get("contributions"))
        account.leave("session", block, _SLOT)
        if inside and objects(block.get("conveners")):
            account.left_out["session.conveners"] += 1
        for one in inside:
            yield one, block
        if not inside:
            yield block, block


def _session(
    event: str,
    one: dict[str, Any],
    block: dict[str, Any],
    zone: str,
    rooms: Keys,
    tracks: Keys,
    account: Account,
) -> Session | None:
    if one is not block:
        account.leave("contribution", one, _CONTRIBUTION)
    number = text_of(one.get("db_id") or one.get("id"))
    if not number:
        account.doubt(Doubt.NAMELESS)
        return None
    starts, ends = _read_moment(one.get("startDate"), zone), _read_moment(one.get("endDate"), zone)
    length = length_of(one.get("duration"))
    if starts and ends is None and length:
        ends = starts + length
    if starts and ends and ends <= starts:
        ends = None
        account.doubt(Doubt.ENDS_FIRST)
    session = block.get("session")
    belongs = text_of(one.get("session")) or (text_of(session.get("title")) if isinstance(session, dict) else "")
    title = text_of(one.get("title") or one.get("slotTitle"))
    people = one.get("conveners") if one is block else one.get("speakers")
    poster = bool(block.get("isPoster") or (isinstance(session, dict) and session.get("isPoster")))
    return Session(
        key=_key(event, one, number, "block" if one is block else "contribution"),
        title={"en": title} if title else {},
        kind=SessionKind.POSTERS if poster else kind_of("" if one is block else one.get("type"), account),
        starts=starts,
        ends=ends,
        room=rooms.of(text_of(one.get("roomFullname") or one.get("room"))),
        track=tracks.of(text_of(one.get("track")) or ("" if one is block else belongs)),
        abstract={"en": described} if (described := plain_of(one.get("description"))) else {},
        people=tuple(_people(people, Part.CHAIR if one is block else Part.SPEAKER, account)),
    )


def _key(event: str, one: dict[str, Any], number: str, kind: str) -> str:
    """The code where it is a guid, as in our own exports, else the numbers of Indico."""
    try:
        return str(uuid.UUID(text_of(one.get("code"))))
    except ValueError:
        return f"indico-{event}-{kind}-{number}"


def _read_moment(value: Any, zone: str) -> datetime | None:
    if not isinstance(value, dict):
        return None
    try:
        ZoneInfo(text_of(value.get("tz")) or zone)
    except (ValueError, OSError, KeyError):
        return None
    return moment_of(f"{text_of(value.get('date'))}T{text_of(value.get('time'))}", text_of(value.get("tz")) or zone)


def _people(value: Any, part: Part, account: Account) -> Iterator[Appearance]:
    for one in objects(value):
        account.leave("person", one, _PERSON)
        name = text_of(one.get("fullName") or one.get("name")).strip()
        if not name:
            name = " ".join(text_of(one.get(key)) for key in ("first_name", "last_name")).strip()
        if name:
            key = text_of(one.get("person_id") or one.get("id")) or f"name:{name}"
            yield Appearance(key, part, name, organisation=text_of(one.get("affiliation")))
