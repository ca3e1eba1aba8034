"""Helpers for importing programmes from other systems, with a log of what was not understood.

Email addresses, and values computed from them (which pretalx and Indico export), are never imported.
"""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from samsvar.errors import InterchangeError
from samsvar.ids import make_slug
from samsvar.interchange.text_cleanup import clean_text
from samsvar.meetings.programme import Programme, Room, Session, SessionKind, Track
from samsvar.text import read_data_file

MAX_FILE_BYTES = 32 * 1024 * 1024  # bytes; a congress of 1,000 sessions is 3 MB
MAX_MEETING_DAYS = 366  # days
MAX_SESSIONS = 5_000
MAX_NAMES = 1_000  # of rooms, and of tracks
LAST_YEAR = 9_998  # from 9999 on, a time may have no equivalent in another time zone
UNKNOWN_LANGUAGE = "und"  # ISO 639-2 code for a text in an undetermined language
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--")
_LINK = re.compile(r"<(https?://[^<>\s]+)>")  # a Markdown autolink


class SourceSystem(StrEnum):
    """The system and format that a file comes from."""

    PRETALX = "pretalx"
    PRETALX_WIDGET = "pretalx_widget"
    INDICO = "indico"
    INDICO_TIMETABLE = "indico_timetable"
    SCHEDULE_XML = "schedule_xml"
    SCHEDULE_JSON = "schedule_json"


class ImportWarningKind(StrEnum):
    """The kinds of doubts about imported values, each with the text that is reported."""

    NO_ZONE = "no time zone, or an unknown one: UTC was used"
    UNKNOWN_TYPE = "an unknown type: treated as a talk"
    DUPLICATE_SESSION = "a session listed twice: the first was used"
    NAMELESS = "a session without its own time or name: left out"
    ENDS_FIRST = "a session that ends before it begins: its end time was ignored"
    AMBIGUOUS_HOUR = "a time in the hour repeated when clocks go back: the first was used"
    NO_TIME = "a time that could not be read: left out"
    RESTRICTED_SESSION = "a session with restricted access there: here, only the organisers can read it"
    EMPTY = "no sessions: the event was exported without its contributions, or they are not published there"


class UnreadableProgramme(InterchangeError):
    """Raised when a file is not a programme in a supported format."""

    effect = "Nothing was imported."
    advice = (
        "Save schedule.json or schedule.xml of pretalx or frab, or Indico’s /export/event/…json?detail=contributions."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(f"This file cannot be read as a programme: {reason}")
        self.reason = reason


class SeveralMeetings(UnreadableProgramme):
    """Raised when a file contains more than one meeting."""

    advice = "Export one event by its number."


@dataclass(frozen=True, slots=True)
class ImportedProgramme:
    """A programme read from a file.

    `left_out` counts the values that were not imported, by their field's name in the other system.
    """

    system: SourceSystem
    programme: Programme
    left_out: tuple[tuple[str, int], ...] = ()
    doubts: tuple[tuple[ImportWarningKind, str, int], ...] = ()  # with the value in question and the number of times


class ImportLog:
    """A log of the values that were left out or doubtful while a file was read."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.doubts: Counter[tuple[ImportWarningKind, str]] = Counter()

    def count_unknown_fields(self, container: str, value: Mapping[str, Any], known_fields: Iterable[str]) -> None:
        """Count the non-empty fields of a value that are not among the known fields."""
        for name in value.keys() - set(known_fields):
            if value[name] not in (None, "", [], {}, False):
                self.left_out[f"{container}.{clean_text(str(name))[:60]}"] += 1

    def add_warning(self, doubt: ImportWarningKind, detail: str = "") -> None:
        self.doubts[doubt, detail] += 1

    def build_result(self, system: SourceSystem, programme: Programme) -> ImportedProgramme:
        doubts = ((doubt, detail, count) for (doubt, detail), count in sorted(self.doubts.items()))
        return ImportedProgramme(system, programme, tuple(sorted(self.left_out.items())), tuple(doubts))


def load_json_object(content: bytes) -> dict[str, Any]:
    """Parse a file as a JSON object. Raises UnreadableProgramme."""
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableProgramme(f"it is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableProgramme("it is not JSON.") from error
    if not isinstance(value, dict):
        raise UnreadableProgramme("it is not a JSON object.")
    return value


def extract_json_objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects in a list, without its other values; [] if the value is not a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def to_text(value: Any) -> str:
    """Convert a text, a number or the first of several translations to text; anything else is ""."""
    if isinstance(value, Mapping):
        return next((clean_text(one) for one in value.values() if isinstance(one, str) and one), "")
    return clean_text(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def texts_by_language(value: Any, language: str) -> dict[str, str]:
    """Return texts by language; a text without a language gets the key `language`, or "en" if that is empty."""
    if isinstance(value, Mapping):
        return {
            clean_text(str(code)): clean_text(translation)
            for code, translation in value.items()
            if isinstance(translation, str) and translation
        }
    text = to_text(value)
    return {language or "en": text} if text else {}


def to_plain_text(value: Any) -> str:
    """Convert a text that may contain HTML to plain text; Markdown is readable and left as it is."""
    text = _LINK.sub(r"\1", to_text(value))
    if not _TAG.search(text):
        return clean_text(html.unescape(text))
    body = LexborHTMLParser(re.sub(r"(?i)<(/p|/div|/li|br)\b", r"\n<\1", text)).body
    lines = (" ".join(line.split()) for line in (body.text() if body else "").split("\n"))
    return clean_text("\n".join(line for line in lines if line))


def parse_time_zone(name: str, log: ImportLog) -> str:
    """Return the name of the time zone; if it does not exist, log a doubt and return "UTC"."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError is the base class of ZoneInfoNotFoundError
        log.add_warning(ImportWarningKind.NO_ZONE)
        return "UTC"
    return name


def parse_moment(value: Any, zone: str) -> datetime | None:
    """Parse an ISO 8601 date and time, in the meeting's zone if it has no offset; None if it is invalid."""
    try:
        moment = datetime.fromisoformat(to_text(value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1 < moment.year <= LAST_YEAR else None


def parse_duration(value: Any) -> timedelta:
    """Parse "01:30", "01:30:00" or a number of minutes; return zero for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return timedelta(minutes=min(max(value, 0), 100_000))
    match = re.fullmatch(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", to_text(value))
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0)) if match else timedelta()


def parse_day(value: Any) -> date | None:
    """Return the day of an ISO 8601 date or time; None if it is invalid."""
    try:
        day = date.fromisoformat(to_text(value)[:10])
    except ValueError:
        return None
    return day if 1 < day.year <= LAST_YEAR else None


def parse_session_kind(value: Any, log: ImportLog) -> SessionKind:
    """Return our kind of session for the other system's name; if the name is unknown, log a doubt and return TALK."""
    name = to_text(value).strip().lower()
    normalised = name.replace(" ", "_")
    if normalised in SessionKind:
        return SessionKind(normalised)
    for kind, words in _load_kind_words().items():
        if any(re.search(rf"\b{re.escape(one)}\b", name) for one in words):
            return SessionKind(kind)
    if name:
        log.add_warning(ImportWarningKind.UNKNOWN_TYPE, name[:40])
    return SessionKind.TALK


@cache
def _load_kind_words() -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = tomllib.loads(read_data_file("samsvar.interchange", "programmes.toml"))["kinds"]
    return kinds


class KeyRegistry:
    """A registry of keys for rooms or tracks, by name. Keys are short, unique and the same for the same file.

    Raises UnreadableProgramme for more than `MAX_NAMES`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.by_name: dict[str, str] = {}
        self._keys: set[str] = set()
        self._last_numbers: dict[str, int] = {}  # by the key without its number, so that many equal ones cost little

    def get_or_create_key(self, name: str) -> str:
        if not name:
            return ""
        if name not in self.by_name:
            if len(self.by_name) >= MAX_NAMES:
                raise UnreadableProgramme(f"it has more than {MAX_NAMES:,} {self.kind}s.")
            wanted = make_slug(name)[:30].strip("-") or f"{self.kind}-{len(self.by_name) + 1}"
            key, number = wanted, self._last_numbers.get(wanted, 1)
            while key in self._keys:
                number += 1
                key = f"{wanted}-{number}"
            self._last_numbers[wanted] = number
            self._keys.add(key)
            self.by_name[name] = key
        return self.by_name[name]


def build_programme(
    *,
    meeting: str,
    title: Mapping[str, str],
    zone: str,
    begins: date | None,
    ends: date | None,
    version: str,
    rooms: Iterable[Room],
    tracks: Iterable[Track],
    sessions: list[Session],
    place: str = "",
    address: str = "",
    log: ImportLog,
) -> Programme:
    """Build the programme, with its sessions sorted by time and without duplicates. Raises UnreadableProgramme."""
    if len(sessions) > MAX_SESSIONS:
        raise UnreadableProgramme(f"it has more than {MAX_SESSIONS:,} sessions.")
    days = [session.starts.astimezone(ZoneInfo(zone)).date() for session in sessions if session.starts]
    begins, ends = begins or min(days, default=None), ends or max(days, default=None)
    if begins is None or ends is None:
        raise UnreadableProgramme("it has no date.")
    if ends < begins or (ends - begins).days > MAX_MEETING_DAYS:
        raise UnreadableProgramme(f"it would last from {begins} to {ends}.")
    unique: dict[str, Session] = {}
    for session in sessions:
        if session.key in unique:
            log.add_warning(ImportWarningKind.DUPLICATE_SESSION)
        unique.setdefault(session.key, session)
    ordered = sorted(
        unique.values(),
        key=lambda session: (session.starts is None, session.starts or datetime.max.replace(tzinfo=UTC)),
    )
    return Programme(
        meeting=make_slug(meeting)[:40] or "meeting",
        title=title,
        zone=zone,
        begins=begins,
        ends=ends,
        version=version,
        rooms=tuple(rooms),
        tracks=tuple(tracks),
        sessions=tuple(ordered),
        place=place,
        address=address,
    )
