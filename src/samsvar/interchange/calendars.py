"""Export of sessions and of due days as iCalendar files (RFC 5545); sessions in the meeting's own time zone.

A file names the zone and includes its rules, so that no calendar program has to guess them: times that are an hour
off are what organisers complain about most (https://github.com/pretalx/pretalx/issues/2081).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from samsvar.interchange.schedules import named_people
from samsvar.interchange.text_cleanup import MAX_DISTANCE, clean_text, make_guid, select_text
from samsvar.meetings.programme import Programme, Session

MAX_LINE_BYTES = 75  # bytes, without the line end (RFC 5545, 3.1)
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # RFC 5545 allows no control character but the tab


def export_ical(
    programme: Programme,
    sessions: Iterable[Session] | None = None,
    *,
    name: str = "",
    language: str = "",
    updated_at: datetime | None = None,
    links: Mapping[str, str] | None = None,
) -> bytes:
    """Return the given sessions, or by default the whole programme, as one calendar.

    Sessions without a time, or more than `MAX_DISTANCE` before or after the meeting, are left out. If no session of a
    whole programme has a time, the calendar contains the meeting itself as an all-day event, if its days are known.
    `links` maps session keys to the URLs of their pages; the default is the meeting's page. `updated_at` is when the
    programme was published or changed: without it no change date is written, and the mandatory time stamp is the
    meeting's first day.
    """
    selected = programme.sessions if sessions is None else sessions
    timed = [one for one in selected if one.starts is not None and programme.is_near_meeting(one, MAX_DISTANCE)]
    include_meeting = sessions is None and not timed and programme.precision == "day"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Samsvar//Programme//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-TIMEZONE:{programme.zone}"]
    title = _escape_text(name or select_text(programme.title, language))
    lines += [f"NAME:{title}", f"X-WR-CALNAME:{title}"]
    lines += _time_zone_lines(programme, timed)
    for session in timed:
        if session.starts is not None:
            address = (links or {}).get(session.key) or programme.address
            lines += _session_lines(programme, session, session.starts, language, updated_at, address)
    if include_meeting:
        lines += _meeting_lines(programme, language, updated_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold_line(line)}\r\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day on which something is due, as an all-day event. `key` identifies it among those of the same calendar."""

    key: str
    day: date
    title: str
    text: str = ""
    link: str = ""
    is_tentative: bool = False  # the day is proposed and may change


def export_due_days(days: Iterable[DueDay], *, calendar: str, name: str, updated_at: datetime) -> bytes:
    """Return due days as one calendar. Its events mark no one as busy.

    `calendar` identifies the calendar: the same key in the same calendar is the same event in every export.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Samsvar//Due days//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"NAME:{_escape_text(name)}", f"X-WR-CALNAME:{_escape_text(name)}"]
    for due in days:
        lines += ["BEGIN:VEVENT", f"UID:{make_guid(calendar, due.key)}@samsvar", f"DTSTAMP:{_format_utc(updated_at)}"]
        lines += [f"DTSTART;VALUE=DATE:{due.day:%Y%m%d}", f"DTEND;VALUE=DATE:{due.day + timedelta(days=1):%Y%m%d}"]
        lines.append(f"SUMMARY:{_escape_text(due.title)}")
        if due.text:
            lines.append(f"DESCRIPTION:{_escape_text(due.text)}")
        lines += _url_lines(due.link)
        lines += [f"STATUS:{'TENTATIVE' if due.is_tentative else 'CONFIRMED'}", "TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold_line(line)}\r\n" for line in lines).encode()


def _session_lines(
    programme: Programme, session: Session, starts: datetime, language: str, updated_at: datetime | None, address: str
) -> Iterator[str]:
    """Yield the lines of one session. Its UID is the same in every version and export."""
    yield "BEGIN:VEVENT"
    yield f"UID:{make_guid(programme.meeting, session.guid or session.key)}@samsvar"
    yield from _timestamp_lines(programme, updated_at)
    yield f"DTSTART{_format_local_time(programme, starts)}"
    if session.ends is not None:
        yield f"DTEND{_format_local_time(programme, session.ends)}"
    yield f"SUMMARY:{_escape_text(select_text(session.title, language))}"
    description = "\n\n".join(
        part for part in (select_text(session.abstract, language), _people_names(session)) if part
    )
    if description:
        yield f"DESCRIPTION:{_escape_text(description)}"
    rooms = {room.key: room.name for room in programme.rooms}
    location = ", ".join(part for part in (rooms.get(session.room, session.room), programme.place) if part)
    if location:
        yield f"LOCATION:{_escape_text(location)}"
    tracks = {track.key: select_text(track.name, language) for track in programme.tracks}
    if tracks.get(session.track):
        yield f"CATEGORIES:{_escape_text(tracks[session.track])}"
    yield from _url_lines(address)
    yield f"STATUS:{'CANCELLED' if session.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _meeting_lines(programme: Programme, language: str, updated_at: datetime | None) -> Iterator[str]:
    """Yield the lines of the meeting as an all-day event. The end is exclusive.

    The event does not mark the reader as busy, because no times are known.
    """
    yield "BEGIN:VEVENT"
    yield f"UID:{make_guid(programme.meeting, 'meeting')}@samsvar"
    yield from _timestamp_lines(programme, updated_at)
    yield f"DTSTART;VALUE=DATE:{programme.begins.strftime('%Y%m%d')}"
    yield f"DTEND;VALUE=DATE:{(programme.ends + timedelta(days=1)).strftime('%Y%m%d')}"
    yield f"SUMMARY:{_escape_text(select_text(programme.title, language))}"
    if programme.place:
        yield f"LOCATION:{_escape_text(programme.place)}"
    yield from _url_lines(programme.address)
    yield f"STATUS:{'CANCELLED' if programme.cancelled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _timestamp_lines(programme: Programme, updated_at: datetime | None) -> Iterator[str]:
    yield f"DTSTAMP:{_format_utc(updated_at or datetime.combine(programme.begins, time.min, UTC))}"
    if updated_at is not None:
        yield f"LAST-MODIFIED:{_format_utc(updated_at)}"
    if programme.version.isdecimal() and programme.version.isascii():
        yield f"SEQUENCE:{int(programme.version)}"


def _url_lines(address: str) -> Iterator[str]:
    if address:
        yield f"URL:{_CONTROL_CHARACTERS.sub('', clean_text(address)).replace(chr(10), '')}"


def _people_names(session: Session) -> str:
    return ", ".join(clean_text(one.name) for one in named_people(session))


def _format_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _format_local_time(programme: Programme, moment: datetime) -> str:
    """Format a moment as the rest of a line: ";TZID=<zone>:<local time>", or ":<UTC>" if the meeting's zone is UTC."""
    if programme.zone == "UTC":
        return f":{_format_utc(moment)}"
    return f";TZID={programme.zone}:{moment.astimezone(programme.timezone).strftime('%Y%m%dT%H%M%S')}"


def _time_zone_lines(programme: Programme, sessions: Iterable[Session]) -> Iterator[str]:
    """Yield the rules of the meeting's time zone for all years that the calendar covers."""
    if programme.zone == "UTC":
        return
    days = [programme.begins, programme.ends, *(one.starts.date() for one in sessions if one.starts)]
    days += [one.ends.date() for one in sessions if one.ends]
    since, until = date(max(min(days).year - 1, 1), 1, 1), date(min(max(days).year + 1, 9998), 12, 31)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{programme.zone}"
    for moment, before, after in _offset_changes(programme.timezone, since, until):
        local = moment.astimezone(programme.timezone)
        kind = "DAYLIGHT" if local.dst() else "STANDARD"
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{(moment + before).strftime('%Y%m%dT%H%M%S')}"
        yield f"TZOFFSETFROM:{_format_offset(before)}"
        yield f"TZOFFSETTO:{_format_offset(after)}"
        yield f"TZNAME:{_escape_text(local.tzname() or programme.zone)}"
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


def _offset_changes(zone: ZoneInfo, since: date, until: date) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Yield each clock change with the offsets before and after it; the first item is the start of the period."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    moment, end = datetime.combine(since, time.min, UTC), datetime.combine(until, time.min, UTC)
    current = offset(moment)
    yield moment, current, current
    while moment < end:
        next_moment = moment + timedelta(days=1)
        if offset(next_moment) != current:
            low, high = moment, next_moment
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            change = high.replace(microsecond=0)
            yield change, current, offset(next_moment)
            current = offset(next_moment)
        moment = next_moment


def _format_offset(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02}{minutes:02}{f'{rest:02}' if rest else ''}"


def _escape_text(text: str) -> str:
    """Escape a value of type TEXT (RFC 5545, 3.3.11)."""
    cleaned = _CONTROL_CHARACTERS.sub("", clean_text(text))
    return cleaned.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold_line(line: str) -> str:
    """Fold a line into pieces of at most 75 bytes (RFC 5545, 3.1).

    Lines are broken only between characters, and every piece but the first starts with a space.
    """
    pieces, piece, length = [], "", 0
    for character in line:
        size = len(character.encode())
        if length + size > MAX_LINE_BYTES:
            pieces.append(piece)
            piece, length = " ", 1
        piece += character
        length += size
    return "\r\n".join([*pieces, piece])
