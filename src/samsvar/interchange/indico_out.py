"""Our programmes for Indico: in the shape of its own export of an event, and as the table that it takes in.

Measured with Indico 3.3.14. Its instances read no JSON: *Contributions → Import* takes a CSV, one contribution a line.
"""

from __future__ import annotations

import csv
import html
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.interchange.schedules import people_of
from samsvar.interchange.tables import safe_cell
from samsvar.interchange.text_cleanup import carried, guid_of, number_of, said
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind


def as_indico(programme: Programme) -> bytes:
    """The programme as Indico exports an event with its contributions; nobody's address stands in it.

    What lies far from the meeting is left out, here and in the table.
    """
    programme = programme.near()
    begins = datetime.combine(programme.begins, datetime.min.time(), programme.timezone)
    ends = datetime.combine(programme.ends, datetime.min.time(), programme.timezone) + timedelta(hours=23, minutes=59)
    numbers: set[int] = set()
    event = {
        "_type": "Conference",
        "id": str(number_of(guid_of("", programme.meeting), set())),
        "title": said(programme.title),
        "description": "",
        "startDate": _moment(begins, programme.zone) if programme.precision == "day" else None,
        "timezone": programme.zone,
        "endDate": _moment(ends, programme.zone) if programme.precision == "day" else None,
        "room": "",
        "location": carried(programme.place),
        "address": "",
        "type": "conference",
        "references": [],
        "_fossil": "conferenceMetadataWithContribs",
        "categoryId": None,
        "category": None,
        "note": {},
        "roomFullname": "",
        "url": carried(programme.address),
        "creationDate": None,
        "creator": None,
        "hasAnyProtection": False,
        "roomMapURL": "",
        "folders": [],
        "chairs": [],
        "material": [],
        "keywords": [],
        "organizer": "",
        "language": None,
        "label": None,
        "visibility": {"id": "", "name": "Everywhere"},
        "contributions": [_contribution(programme, one, numbers) for one in programme.sessions if not one.cancelled],
    }
    whole_file = {
        "count": 1,
        "additionalInfo": {},
        "ts": 0,  # the second of the export: ours is the same whenever it is made
        "url": programme.address,
        "results": [event],
        "_type": "HTTPAPIResult",
    }
    return (json.dumps(whole_file, ensure_ascii=False, indent=1) + "\n").encode()


def as_indico_csv(programme: Programme) -> bytes:
    """The seven columns of *Contributions → Import* in Indico, without a heading: begins, minutes, title, one speaker.

    Indico reads the time in the zone of its event. In the hour that comes twice it takes the second, so that the first
    stands here without a time. A speaker without an address it passes over; we give out none.
    """
    programme = programme.near()
    out = io.StringIO()
    writer = csv.writer(out)
    for one in programme.sessions:
        if one.cancelled or one.kind is SessionKind.BREAK:
            continue
        speaker = next(people_of(one), None)
        first, last = _names(speaker.name) if speaker else ("", "")
        cells = (
            _local(one.starts, programme.zone),
            str(_minutes(one) or ""),
            said(one.title) or "–",
            first,
            last,
            speaker.organisation if speaker else "",
            "",
        )
        # one line each: Indico parts the file at every end of a line, also inside quotation marks
        writer.writerow(safe_cell(" ".join(carried(cell).split())) for cell in cells)
    return out.getvalue().encode()


def _contribution(programme: Programme, session: Session, numbers: set[int]) -> dict[str, Any]:
    guid = guid_of(programme.meeting, session.guid or session.key)
    number = number_of(guid, numbers)
    rooms = {room.key: carried(room.name) for room in programme.rooms}
    tracks = {track.key: said(track.name) for track in programme.tracks}
    return {
        "_type": "Contribution",
        "_fossil": "contributionMetadata",
        "id": str(number),
        "db_id": number,
        "friendly_id": number,
        "title": said(session.title),
        "startDate": _moment(session.starts, programme.zone) if session.starts else None,
        "endDate": _moment(session.ends, programme.zone) if session.ends else None,
        "duration": _minutes(session),
        "roomFullname": rooms.get(session.room, ""),
        "room": rooms.get(session.room, ""),
        "note": {},
        "location": carried(programme.place),
        "type": session.kind.value,
        "description": html.escape(said(session.abstract), quote=False),
        "folders": [],
        "url": carried(programme.address),
        "material": [],
        "speakers": [_participation(programme, one) for one in people_of(session)],
        "primaryauthors": [],
        "coauthors": [],
        "keywords": [],
        "track": tracks.get(session.track) or None,
        "session": None,
        "references": [],
        "board_number": "",
        "code": str(guid),
    }


def _participation(programme: Programme, one: Appearance) -> dict[str, Any]:
    first, last = _names(one.name)
    number = number_of(guid_of(programme.meeting, f"person/{one.person}"), set())
    return {
        "_type": "ContributionParticipation",
        "_fossil": "contributionParticipationMetadata",
        "first_name": first,
        "last_name": last,
        "fullName": f"{last}, {first}" if first else last,  # as Indico writes it
        "id": str(number),
        "affiliation": carried(one.organisation),
        "emailHash": None,
        "db_id": number,
        "person_id": number,
    }


def _names(name: str) -> tuple[str, str]:
    """The name in the two parts that Indico has: the last word is taken for the last name."""
    first, _, last = carried(name).strip().rpartition(" ")
    return first, last


def _minutes(session: Session) -> int:
    return int((session.ends - session.starts).total_seconds()) // 60 if session.starts and session.ends else 0


def _moment(moment: datetime, zone: str) -> dict[str, str]:
    """Day, time and zone; in UTC where the clock shows that time twice in its zone."""
    local = moment.astimezone(ZoneInfo(zone))
    if _comes_twice(local):
        local, zone = moment.astimezone(UTC), "UTC"
    return {"date": local.date().isoformat(), "time": local.time().isoformat(), "tz": zone}


def _local(moment: datetime | None, zone: str) -> str:
    """Day and time by the clock of the zone; nothing in the first of the hours that come twice."""
    local = moment.astimezone(ZoneInfo(zone)) if moment else None
    if local is None or (_comes_twice(local) and not local.fold):
        return ""
    return local.replace(tzinfo=None).isoformat(timespec="minutes")


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
