"""Export of programmes for Indico, as its own export format and as the CSV that it imports.

Tested with Indico 3.3.14. Indico does not import JSON: *Contributions → Import* takes a CSV with one contribution per
line.
"""

from __future__ import annotations

import csv
import html
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.interchange.schedules import named_people
from samsvar.interchange.tables import escape_formula
from samsvar.interchange.text_cleanup import allocate_unique_number, clean_text, make_guid, select_text
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind


def export_indico(programme: Programme) -> bytes:
    """Return the programme in the format of Indico's event export with contributions, without email addresses.

    Sessions far from the meeting's dates are left out, as in the CSV.
    """
    programme = programme.without_distant_sessions()
    begins = datetime.combine(programme.begins, datetime.min.time(), programme.timezone)
    ends = datetime.combine(programme.ends, datetime.min.time(), programme.timezone) + timedelta(hours=23, minutes=59)
    numbers: set[int] = set()
    event = {
        "_type": "Conference",
        "id": str(allocate_unique_number(make_guid("", programme.meeting), set())),
        "title": select_text(programme.title),
        "description": "",
        "startDate": _moment_object(begins, programme.zone) if programme.precision == "day" else None,
        "timezone": programme.zone,
        "endDate": _moment_object(ends, programme.zone) if programme.precision == "day" else None,
        "room": "",
        "location": clean_text(programme.place),
        "address": "",
        "type": "conference",
        "references": [],
        "_fossil": "conferenceMetadataWithContribs",
        "categoryId": None,
        "category": None,
        "note": {},
        "roomFullname": "",
        "url": clean_text(programme.address),
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
        "contributions": [
            _contribution_object(programme, one, numbers) for one in programme.sessions if not one.cancelled
        ],
    }
    export = {
        "count": 1,
        "additionalInfo": {},
        "ts": 0,  # time of the export; fixed, so that the file does not depend on when it is made
        "url": programme.address,
        "results": [event],
        "_type": "HTTPAPIResult",
    }
    return (json.dumps(export, ensure_ascii=False, indent=1) + "\n").encode()


def export_indico_csv(programme: Programme) -> bytes:
    """Return the CSV for Indico's *Contributions → Import*: seven columns, no header.

    The columns are start, minutes, title, first name, last name, affiliation and email address. Indico reads times in
    the event's zone. If a local time occurs twice (clock change), Indico takes the second, so the first is exported
    without a time. Indico ignores speakers without an email address, and we never export email addresses.
    """
    programme = programme.without_distant_sessions()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for session in programme.sessions:
        if session.cancelled or session.kind is SessionKind.BREAK:
            continue
        speaker = next(named_people(session), None)
        first, last = _split_name(speaker.name) if speaker else ("", "")
        cells = (
            _format_local_time(session.starts, programme.zone),
            str(_duration_in_minutes(session) or ""),
            select_text(session.title) or "–",
            first,
            last,
            speaker.organisation if speaker else "",
            "",
        )
        # one line each: Indico splits the file at every line break, even inside quotes
        writer.writerow(escape_formula(" ".join(clean_text(cell).split())) for cell in cells)
    return buffer.getvalue().encode()


def _contribution_object(programme: Programme, session: Session, numbers: set[int]) -> dict[str, Any]:
    guid = make_guid(programme.meeting, session.guid or session.key)
    number = allocate_unique_number(guid, numbers)
    rooms = {room.key: clean_text(room.name) for room in programme.rooms}
    tracks = {track.key: select_text(track.name) for track in programme.tracks}
    return {
        "_type": "Contribution",
        "_fossil": "contributionMetadata",
        "id": str(number),
        "db_id": number,
        "friendly_id": number,
        "title": select_text(session.title),
        "startDate": _moment_object(session.starts, programme.zone) if session.starts else None,
        "endDate": _moment_object(session.ends, programme.zone) if session.ends else None,
        "duration": _duration_in_minutes(session),
        "roomFullname": rooms.get(session.room, ""),
        "room": rooms.get(session.room, ""),
        "note": {},
        "location": clean_text(programme.place),
        "type": session.kind.value,
        "description": html.escape(select_text(session.abstract), quote=False),
        "folders": [],
        "url": clean_text(programme.address),
        "material": [],
        "speakers": [_participation_object(programme, one) for one in named_people(session)],
        "primaryauthors": [],
        "coauthors": [],
        "keywords": [],
        "track": tracks.get(session.track) or None,
        "session": None,
        "references": [],
        "board_number": "",
        "code": str(guid),
    }


def _participation_object(programme: Programme, appearance: Appearance) -> dict[str, Any]:
    first, last = _split_name(appearance.name)
    number = allocate_unique_number(make_guid(programme.meeting, f"person/{appearance.person}"), set())
    return {
        "_type": "ContributionParticipation",
        "_fossil": "contributionParticipationMetadata",
        "first_name": first,
        "last_name": last,
        "fullName": f"{last}, {first}" if first else last,  # as Indico writes it
        "id": str(number),
        "affiliation": clean_text(appearance.organisation),
        "emailHash": None,
        "db_id": number,
        "person_id": number,
    }


def _split_name(name: str) -> tuple[str, str]:
    """Split a name into first and last name, which Indico stores separately; the last word is the last name."""
    first, _, last = clean_text(name).strip().rpartition(" ")
    return first, last


def _duration_in_minutes(session: Session) -> int:
    return int((session.ends - session.starts).total_seconds()) // 60 if session.starts and session.ends else 0


def _moment_object(moment: datetime, zone: str) -> dict[str, str]:
    """Return the date, time and zone of a moment, in UTC if the local time occurs twice (clock change)."""
    local = moment.astimezone(ZoneInfo(zone))
    if _is_ambiguous_time(local):
        local, zone = moment.astimezone(UTC), "UTC"
    return {"date": local.date().isoformat(), "time": local.time().isoformat(), "tz": zone}


def _format_local_time(moment: datetime | None, zone: str) -> str:
    """Format a moment as local date and time; "" for the first of two equal local times (clock change)."""
    local = moment.astimezone(ZoneInfo(zone)) if moment else None
    if local is None or (_is_ambiguous_time(local) and not local.fold):
        return ""
    return local.replace(tzinfo=None).isoformat(timespec="minutes")


def _is_ambiguous_time(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
