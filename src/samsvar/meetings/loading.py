"""Loading of meetings known from public sources: a network's gatherings, with the data that their pages need."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.dates import parse_day as whole_day
from samsvar.meetings.meeting import AttendanceMode, CountryRole, MeetingKind, MeetingsError
from samsvar.meetings.programme import SessionKind
from samsvar.network.loading import (
    Confidence,
    CountPrecision,
    Gathering,
    GatheringFormat,
    GatheringKind,
    check_state_code,
    gatherings,
    parse_translations,
)
from samsvar.text import read_data_file

_MEETING_KINDS = {
    GatheringKind.CONFERENCE: MeetingKind.CONFERENCE,
    GatheringKind.NETWORK_MEETING: MeetingKind.NETWORK_MEETING,
    GatheringKind.STUDY_VISIT: MeetingKind.STUDY_VISIT,
}
_ATTENDANCE_MODES = {
    None: AttendanceMode.IN_PERSON,
    GatheringFormat.ONLINE: AttendanceMode.ONLINE,
    GatheringFormat.HYBRID: AttendanceMode.HYBRID,
}


# The fields of a meeting that are those of its gathering
_GATHERING_FIELDS = (
    "network", "state", "organisations", "participants", "confidence", "source", "second_source", "note",
)  # fmt: skip


class InvalidMeetingEntry(MeetingsError):
    """Raised when an entry in the file of meetings is invalid."""

    advice = "Correct the entry and load the file again."

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"meetings.toml, {key}: {problem}.")
        self.key, self.problem = key, problem


@dataclass(frozen=True, slots=True)
class SpeakerFact:
    """A public official named in a source."""

    state: str
    name: str
    office: str


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A session of a programme as a source describes it. None of the sources that we read gives a time."""

    key: str
    kind: SessionKind
    title: Mapping[str, str]
    abstract: Mapping[str, str] = field(default_factory=dict)
    source: str = ""  # "" if it is that of the meeting
    people: tuple[SpeakerFact, ...] = ()
    nested_meeting: str = ""  # key of the meeting that was held in this session


@dataclass(frozen=True, slots=True)
class StateFact:
    """A country at the meeting; `printed_name` is its name in the source if it differs from the state's name."""

    state: str
    role: CountryRole
    printed_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFact:
    """A past meeting, as far as sources describe it. `languages` are those of its texts, the original first."""

    key: str
    kind: MeetingKind
    part_of: str
    network: str
    languages: tuple[str, ...]
    title: Mapping[str, str]
    purpose: Mapping[str, str] = field(default_factory=dict)
    begins: date
    ends: date
    precision: str  # "day", or "month" or "year" if it took place at some time between these days
    zone: str
    attendance: AttendanceMode
    state: str
    city: str
    organisations: tuple[str, ...]  # slugs of the organisers that are listed in the network's data
    participants: int | None
    count_precision: CountPrecision | None
    states: tuple[StateFact, ...] = ()
    sessions: tuple[SessionFact, ...] = ()
    confidence: Confidence
    source: str
    second_source: str = ""
    note: str = ""


@cache
def load_meetings() -> dict[str, MeetingFact]:
    """Return every meeting by its key; a meeting that is part of another one comes after it."""
    text = read_data_file("samsvar.meetings", "meetings.toml")
    return parse_meetings(text, {one.meeting: one for one in gatherings() if one.meeting})


def parse_meetings(text: str, gatherings_by_key: Mapping[str, Gathering]) -> dict[str, MeetingFact]:
    """Parse the meetings of a TOML text; `gatherings_by_key` contains the gathering that matches each meeting.

    Raises InvalidMeetingEntry at the first problem.
    """
    entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    if unmatched := sorted(entries.keys() ^ gatherings_by_key.keys()):
        raise InvalidMeetingEntry(unmatched[0], "it is in only one of the two files")
    facts: dict[str, MeetingFact] = {}
    for key, entry in entries.items():
        outer = entry.get("inside", "")
        if outer and outer not in facts:
            raise InvalidMeetingEntry(key, f"it is part of “{outer}”, which must come before it")
        try:
            facts[key] = _parse_meeting(key, dict(entry), gatherings_by_key[key], facts.get(outer))
        except InvalidMeetingEntry:
            raise
        except (KeyError, ValueError, TypeError, MeetingsError) as error:
            raise InvalidMeetingEntry(key, str(error)) from error
    for fact in facts.values():
        for session in fact.sessions:
            if session.nested_meeting and (
                session.nested_meeting not in facts or facts[session.nested_meeting].part_of != fact.key
            ):
                raise InvalidMeetingEntry(fact.key, f"“{session.nested_meeting}” is held during it but not part of it")
    return facts


def _parse_meeting(key: str, entry: dict[str, Any], gathering: Gathering, outer: MeetingFact | None) -> MeetingFact:
    begins, ends, precision = _parse_days(entry.pop("between", None), gathering)
    if outer and not (outer.begins <= begins and ends <= outer.ends):
        raise ValueError("its dates are outside those of the meeting that it is part of")
    printed = {gathering.language: gathering.title} if gathering.title else {}
    title = printed or parse_translations(entry.pop("title"))
    purpose = parse_translations(entry.pop("purpose")) if "purpose" in entry else {}
    host, speakers, printed_names = entry.pop("host", ""), entry.pop("speakers", []), entry.pop("written", {})
    if host and host != gathering.state:
        raise ValueError("its host is not the state where it was held")
    if not printed_names.keys() <= set(speakers):
        raise ValueError("a printed country name does not belong to any of its countries")
    states = [StateFact(check_state_code(host), CountryRole.HOST)] if host else []
    states += [
        StateFact(check_state_code(code), CountryRole.SPEAKERS, printed_names.get(code, "")) for code in speakers
    ]
    zone = entry.pop("zone", outer.zone if outer else "")
    ZoneInfo(zone)
    fact = MeetingFact(
        key=key,
        kind=MeetingKind(entry.pop("kind", _MEETING_KINDS[gathering.kind])),
        part_of=entry.pop("inside", ""),
        **{name: getattr(gathering, name) for name in _GATHERING_FIELDS},
        languages=tuple(dict.fromkeys([*title, *purpose])),
        title=title,
        purpose=purpose,
        begins=begins,
        ends=ends,
        precision=precision,
        zone=zone,
        attendance=_ATTENDANCE_MODES[gathering.form],
        city=gathering.place,
        count_precision=gathering.reckoning,
        states=tuple(states),
        sessions=tuple(_parse_session(one) for one in entry.pop("session", [])),
    )
    if entry:
        raise ValueError(f"there is no field “{min(entry)}”")
    return fact


def _parse_days(between: list[str] | None, gathering: Gathering) -> tuple[date, date, str]:
    """Return the first and last day of a gathering, or the earliest and latest possible day, and the precision.

    Raises ValueError if no source gives a date, or if `between` is missing, not needed or outside that date.
    """
    if gathering.begins is None or gathering.ends is None or not gathering.counts:
        raise ValueError("no source gives its date")
    if gathering.precision == "day":
        if between:
            raise ValueError("its dates are known, so a range must not be given")
        return gathering.begins.earliest, gathering.ends.latest, gathering.precision
    if between is None:
        raise ValueError("its dates are unknown, so a range is required")
    begins, ends = (whole_day(one) for one in between)
    if not gathering.begins.earliest <= begins <= ends <= gathering.ends.latest:
        raise ValueError("its date range is outside the month given by the source")
    return begins, ends, gathering.precision


def _parse_session(entry: Mapping[str, Any]) -> SessionFact:
    people = (
        SpeakerFact(check_state_code(person["state"]), person["named"], person["office"])
        for person in entry.get("people", [])
    )
    return SessionFact(
        key=entry["key"],
        kind=SessionKind(entry["kind"]),
        title=parse_translations(entry["title"]),
        abstract=parse_translations(entry["abstract"]) if "abstract" in entry else {},
        source=entry.get("source", ""),
        people=tuple(people),
        nested_meeting=entry.get("holds", ""),
    )
