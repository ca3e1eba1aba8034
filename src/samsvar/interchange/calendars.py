"""Sessions as an iCalendar file (RFC 5545), which every calendar reads, with times in the meeting's own zone.

A zone is named and its rules come along, so that no calendar has to guess: an hour's error is what organisers complain
about most (https://github.com/pretalx/pretalx/issues/2081).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from samsvar.interchange.schedules import people_of
from samsvar.interchange.text_cleanup import A_LIFETIME, carried, guid_of, said
from samsvar.meetings.programme import Programme, Session

LONGEST_LINE = 75  # bytes without the line's end (RFC 5545, 3.1)
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # RFC 5545 knows no control character but the tab


def calendar(
    programme: Programme,
    sessions: Iterable[Session] | None = None,
    *,
    name: str = "",
    language: str = "",
    at: datetime | None = None,
    links: Mapping[str, str] | None = None,
) -> bytes:
    """The sessions, or all of the programme, as one calendar; without a time one stands in none.

    Of a programme of which no session has a time the meeting itself stands in it, on its days where they are known.
    `links` gives sessions' keys their pages; without, the meeting's page stands. What lies a lifetime away is left out.

    `at` is the moment at which the programme was published or changed: without it no change is dated, and the stamp
    that the format demands is the meeting's first day.
    """
    chosen = programme.sessions if sessions is None else sessions
    dated = [one for one in chosen if one.starts is not None and programme.has_near(one, A_LIFETIME)]
    whole = sessions is None and not dated and programme.precision == "day"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Samsvar//Programme//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-TIMEZONE:{programme.zone}"]
    title = _text(name or said(programme.title, language))
    lines += [f"NAME:{title}", f"X-WR-CALNAME:{title}"]
    lines += _zone(programme, dated)
    for session in dated:
        if session.starts is not None:
            address = (links or {}).get(session.key) or programme.address
            lines += _event(programme, session, session.starts, language, at, address)
    if whole:
        lines += _meeting(programme, language, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _event(
    programme: Programme, session: Session, starts: datetime, language: str, at: datetime | None, address: str
) -> Iterator[str]:
    """One session. Its UID is the same in every version and export."""
    yield "BEGIN:VEVENT"
    yield f"UID:{guid_of(programme.meeting, session.guid or session.key)}@samsvar"
    yield from _stamps(programme, at)
    yield f"DTSTART{_local(programme, starts)}"
    if session.ends is not None:
        yield f"DTEND{_local(programme, session.ends)}"
    yield f"SUMMARY:{_text(said(session.title, language))}"
    described = "\n\n".join(part for part in (said(session.abstract, language), _people(session)) if part)
    if described:
        yield f"DESCRIPTION:{_text(described)}"
    rooms = {room.key: room.name for room in programme.rooms}
    where = ", ".join(part for part in (rooms.get(session.room, session.room), programme.place) if part)
    if where:
        yield f"LOCATION:{_text(where)}"
    tracks = {track.key: said(track.name, language) for track in programme.tracks}
    if tracks.get(session.track):
        yield f"CATEGORIES:{_text(tracks[session.track])}"
    yield from _url(address)
    yield f"STATUS:{'CANCELLED' if session.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _meeting(programme: Programme, language: str, at: datetime | None) -> Iterator[str]:
    """The meeting on its days, which leaves the reader free: nobody says at which hours. The end is the day after."""
    yield "BEGIN:VEVENT"
    yield f"UID:{guid_of(programme.meeting, 'meeting')}@samsvar"
    yield from _stamps(programme, at)
    yield f"DTSTART;VALUE=DATE:{programme.begins.strftime('%Y%m%d')}"
    yield f"DTEND;VALUE=DATE:{(programme.ends + timedelta(days=1)).strftime('%Y%m%d')}"
    yield f"SUMMARY:{_text(said(programme.title, language))}"
    if programme.place:
        yield f"LOCATION:{_text(programme.place)}"
    yield from _url(programme.address)
    yield f"STATUS:{'CANCELLED' if programme.cancelled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _stamps(programme: Programme, at: datetime | None) -> Iterator[str]:
    yield f"DTSTAMP:{_utc(at or datetime.combine(programme.begins, time.min, UTC))}"
    if at is not None:
        yield f"LAST-MODIFIED:{_utc(at)}"
    if programme.version.isdecimal() and programme.version.isascii():
        yield f"SEQUENCE:{int(programme.version)}"


def _url(address: str) -> Iterator[str]:
    if address:
        yield f"URL:{_NOT_IN_TEXT.sub('', carried(address)).replace(chr(10), '')}"


def _people(session: Session) -> str:
    return ", ".join(carried(one.name) for one in people_of(session))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _local(programme: Programme, moment: datetime) -> str:
    """A parameter and a value: the time of the clock in the meeting's zone, or in UTC where that is its zone."""
    if programme.zone == "UTC":
        return f":{_utc(moment)}"
    return f";TZID={programme.zone}:{moment.astimezone(programme.timezone).strftime('%Y%m%dT%H%M%S')}"


def _zone(programme: Programme, sessions: Iterable[Session]) -> Iterator[str]:
    """The rules of the meeting's zone for all the years that the calendar speaks of."""
    if programme.zone == "UTC":
        return
    days = [programme.begins, programme.ends, *(one.starts.date() for one in sessions if one.starts)]
    days += [one.ends.date() for one in sessions if one.ends]
    since, until = date(max(min(days).year - 1, 1), 1, 1), date(min(max(days).year + 1, 9998), 12, 31)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{programme.zone}"
    for moment, before, after in _changes(programme.timezone, since, until):
        local = moment.astimezone(programme.timezone)
        kind = "DAYLIGHT" if local.dst() else "STANDARD"
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{(moment + before).strftime('%Y%m%dT%H%M%S')}"
        yield f"TZOFFSETFROM:{_offset(before)}"
        yield f"TZOFFSETTO:{_offset(after)}"
        yield f"TZNAME:{_text(local.tzname() or programme.zone)}"
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


def _changes(zone: ZoneInfo, since: date, until: date) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """The moments at which the clock is changed, with the offsets before and after; first, where we begin to look."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    moment, end = datetime.combine(since, time.min, UTC), datetime.combine(until, time.min, UTC)
    now = offset(moment)
    yield moment, now, now
    while moment < end:
        following = moment + timedelta(days=1)
        if offset(following) != now:
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == now else (low, middle)
            exact = high.replace(microsecond=0)
            yield exact, now, offset(following)
            now = offset(following)
        moment = following


def _offset(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02}{minutes:02}{f'{rest:02}' if rest else ''}"


def _text(text: str) -> str:
    """A value of type TEXT, escaped (RFC 5545, 3.3.11)."""
    plain = _NOT_IN_TEXT.sub("", carried(text))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in pieces of 75 bytes, broken between characters, each but the first after a blank (RFC 5545, 3.1)."""
    pieces, piece, length = [], "", 0
    for character in line:
        size = len(character.encode())
        if length + size > LONGEST_LINE:
            pieces.append(piece)
            piece, length = " ", 1
        piece += character
        length += size
    return "\r\n".join([*pieces, piece])
