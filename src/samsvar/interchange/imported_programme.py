"""A programme that another system gave out: read into our values, with an account of what was not understood.

No address of anybody is taken, nor anything made of one: pretalx and Indico give out values computed from addresses.
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
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from samsvar.errors import InterchangeError
from samsvar.ids import slug
from samsvar.interchange.text_cleanup import carried
from samsvar.meetings.programme import Programme, Room, Session, SessionKind, Track

LARGEST_FILE = 32 * 1024 * 1024  # bytes; a congress of 1,000 sessions is 3 MB
LONGEST_MEETING = 366  # days
MOST_SESSIONS = 5_000
UNSAID = "und"  # ISO 639-2: the language of a text whose file does not say it
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--")
_LINK = re.compile(r"<(https?://[^<>\s]+)>")  # as Markdown writes one


class System(StrEnum):
    """Where a file comes from."""

    PRETALX = "pretalx"
    PRETALX_WIDGET = "pretalx_widget"
    INDICO = "indico"
    INDICO_TIMETABLE = "indico_timetable"
    SCHEDULE_XML = "schedule_xml"
    SCHEDULE_JSON = "schedule_json"


class Doubt(StrEnum):
    """What was read in a way that may be wrong."""

    NO_ZONE = "no time zone, or an unknown one: UTC was taken"
    UNKNOWN_TYPE = "a type that is unknown: a talk was taken"
    TWICE = "a session that stands there twice: the first was taken"
    NAMELESS = "a session without a time or a name of its own: left out"
    ENDS_FIRST = "a session that ends before it begins: its end was left out"
    HOUR_TWICE = "a time in the hour that the clock shows twice: the first was taken"
    NO_TIME = "a time that cannot be read: left out"
    PROTECTED = "a session that only some may read there: here only those who run the meeting may"
    EMPTY = "no session: exported without its contributions, or they are not published there"


class UnreadableProgramme(InterchangeError):
    """The file is no programme in any form that we read."""

    code = "unreadable_programme"
    kept = "Nothing was taken in."
    advice = (
        "Save schedule.json or schedule.xml of pretalx or frab, or Indico’s /export/event/…json?detail=contributions."
    )

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no programme that can be read: {why}")
        self.why = why


class SeveralMeetings(UnreadableProgramme):
    """The file holds more than one meeting."""

    code = "several_meetings"
    advice = "Export one event by its number."


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file says, as our values. `left_out` counts what it says besides, by the field's name in that system."""

    system: System
    programme: Programme
    left_out: tuple[tuple[str, int], ...] = ()
    doubts: tuple[tuple[Doubt, str, int], ...] = ()  # with the word that it is about, and how often


class Account:
    """Collects what was left out and what was doubtful while a file is read."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.doubts: Counter[tuple[Doubt, str]] = Counter()

    def leave(self, where: str, value: Mapping[str, Any], known: Iterable[str]) -> None:
        """Count every field of the value that says something and that we know no place for."""
        for name in value.keys() - set(known):
            if value[name] not in (None, "", [], {}, False):
                self.left_out[f"{where}.{carried(str(name))[:60]}"] += 1

    def doubt(self, what: Doubt, word: str = "") -> None:
        self.doubts[what, word] += 1

    def told(self, system: System, programme: Programme) -> Taken:
        doubts = ((what, word, count) for (what, word), count in sorted(self.doubts.items()))
        return Taken(system, programme, tuple(sorted(self.left_out.items())), tuple(doubts))


def loaded(content: bytes) -> dict[str, Any]:
    """The one JSON object in the file."""
    if len(content) > LARGEST_FILE:
        raise UnreadableProgramme(f"it is larger than {LARGEST_FILE // 1024 // 1024} MB.")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as broken:
        raise UnreadableProgramme("it is no JSON.") from broken
    if not isinstance(value, dict):
        raise UnreadableProgramme("it is JSON of another kind.")
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands there is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A text, a number as text, or the first of several languages; "" for everything else."""
    if isinstance(value, Mapping):
        return next((carried(one) for one in value.values() if isinstance(one, str) and one), "")
    return carried(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def texts_of(value: Any, language: str) -> dict[str, str]:
    """A text in its language, or texts by language as they stand."""
    if isinstance(value, Mapping):
        return {carried(str(code)): carried(one) for code, one in value.items() if isinstance(one, str) and one}
    text = text_of(value)
    return {language or "en": text} if text else {}


def plain_of(value: Any) -> str:
    """A text that may be HTML or Markdown, as plain text; the marks of Markdown stay, which are read as they stand."""
    text = _LINK.sub(r"\1", text_of(value))
    if not _TAG.search(text):
        return carried(html.unescape(text))
    body = LexborHTMLParser(re.sub(r"(?i)<(/p|/div|/li|br)\b", r"\n<\1", text)).body
    lines = (" ".join(line.split()) for line in (body.text() if body else "").split("\n"))
    return carried("\n".join(line for line in lines if line))


def zone_of(name: str, account: Account) -> str:
    """The zone's name, or UTC where there is no such zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError is ZoneInfoNotFoundError's parent
        account.doubt(Doubt.NO_ZONE)
        return "UTC"
    return name


def moment_of(value: Any, zone: str) -> datetime | None:
    """An ISO moment; one without offset is meant in the meeting's zone. None where it is none."""
    try:
        moment = datetime.fromisoformat(text_of(value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def length_of(value: Any) -> timedelta:
    """ "01:30" or "01:30:00" or minutes; nothing where it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return timedelta(minutes=min(max(value, 0), 100_000))
    found = re.fullmatch(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", text_of(value))
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3] or 0)) if found else timedelta()


def day_of(value: Any) -> date | None:
    """The day at which an ISO date or moment begins."""
    try:
        return date.fromisoformat(text_of(value)[:10])
    except ValueError:
        return None


def kind_of(value: Any, account: Account) -> SessionKind:
    """What happens in the session, by the other system's word for it; a talk where we do not know the word."""
    word = text_of(value).strip().lower()
    whole = word.replace(" ", "_")
    if whole in SessionKind:
        return SessionKind(whole)
    for kind, words in _words().items():
        if any(re.search(rf"\b{re.escape(one)}\b", word) for one in words):
            return SessionKind(kind)
    if word:
        account.doubt(Doubt.UNKNOWN_TYPE, word[:40])
    return SessionKind.TALK


@cache
def _words() -> dict[str, list[str]]:
    text = (files("samsvar.interchange") / "data" / "programmes.toml").read_text(encoding="utf-8")
    kinds: dict[str, list[str]] = tomllib.loads(text)["kinds"]
    return kinds


class Keys:
    """Keys for rooms and tracks, from their names: short, unique, the same for the same file."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.by_name: dict[str, str] = {}

    def of(self, name: str) -> str:
        if not name:
            return ""
        if name not in self.by_name:
            wanted = slug(name)[:30].strip("-") or f"{self.kind}-{len(self.by_name) + 1}"
            key, number = wanted, 1
            while key in self.by_name.values():
                number += 1
                key = f"{wanted}-{number}"
            self.by_name[name] = key
        return self.by_name[name]


def whole(
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
    account: Account,
) -> Programme:
    """The programme, its sessions in the order of time and each once."""
    if len(sessions) > MOST_SESSIONS:
        raise UnreadableProgramme(f"it has more than {MOST_SESSIONS:,} sessions.")
    days = [one.starts.astimezone(ZoneInfo(zone)).date() for one in sessions if one.starts]
    begins, ends = begins or min(days, default=None), ends or max(days, default=None)
    if begins is None or ends is None:
        raise UnreadableProgramme("it says no day.")
    if ends < begins or (ends - begins).days > LONGEST_MEETING:
        raise UnreadableProgramme(f"it would last from {begins} to {ends}.")
    unique: dict[str, Session] = {}
    for one in sessions:
        if one.key in unique:
            account.doubt(Doubt.TWICE)
        unique.setdefault(one.key, one)
    ordered = sorted(
        unique.values(), key=lambda one: (one.starts is None, one.starts or datetime.max.replace(tzinfo=UTC))
    )
    return Programme(
        meeting=slug(meeting)[:40] or "meeting",
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
