"""Meetings that public sources tell of: a row of the network's gatherings, and what a meeting's page needs besides."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.dates import day as whole_day
from samsvar.languages import INTERFACE
from samsvar.meetings.meeting import Attendance, MeetingKind, MeetingsError, PlaceOf
from samsvar.meetings.programme import SessionKind
from samsvar.network.loading import Confidence, Form, Gathering, GatheringKind, Reckoning, gatherings
from samsvar.territories import territory

_KINDS = {
    GatheringKind.CONFERENCE: MeetingKind.CONFERENCE,
    GatheringKind.NETWORK_MEETING: MeetingKind.NETWORK_MEETING,
    GatheringKind.STUDY_VISIT: MeetingKind.STUDY_VISIT,
}
_FORMS = {None: Attendance.IN_PERSON, Form.ONLINE: Attendance.ONLINE, Form.HYBRID: Attendance.HYBRID}


class BadMeeting(MeetingsError):
    """An entry of the file of meetings cannot be believed."""

    code = "bad_meeting"
    advice = "Mend the entry and load the file again."

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"meetings.toml, {key}: {problem}.")
        self.key, self.problem = key, problem


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody in public office whom the source names; with `named` "", somebody whom it does not."""

    state: str
    named: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class SessionFact:
    """What a source says of one part of a programme. No source that we read gives an hour."""

    key: str
    kind: SessionKind
    title: Mapping[str, str]
    people: tuple[Named, ...] = ()
    holds: str = ""  # key of the meeting that was held in it


@dataclass(frozen=True, slots=True)
class StateFact:
    """A country at the meeting; `written` is the source's own word where that is not the state's name."""

    state: str
    place: PlaceOf
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFact:
    """A meeting that was held, as far as sources go. `languages` are those of its texts, the original first."""

    key: str
    kind: MeetingKind
    inside: str
    network: str
    languages: tuple[str, ...]
    title: Mapping[str, str]
    purpose: Mapping[str, str] = field(default_factory=dict)
    begins: date
    ends: date
    precision: str  # "day", or "month" or "year" where no source is more exact: it was some time between these days
    zone: str
    attendance: Attendance
    state: str
    city: str
    organisations: tuple[str, ...]  # slugs of those among its organisers that the network's facts list
    participants: int | None
    reckoning: Reckoning | None
    states: tuple[StateFact, ...] = ()
    sessions: tuple[SessionFact, ...] = ()
    confidence: Confidence
    source: str
    second_source: str = ""
    note: str = ""


@cache
def meetings() -> dict[str, MeetingFact]:
    """Every meeting by its key; one that lies inside another stands behind it."""
    text = files("samsvar.meetings").joinpath("data", "meetings.toml").read_text(encoding="utf-8")
    return meetings_in(text, {one.meeting: one for one in gatherings() if one.meeting})


def meetings_in(text: str, held: Mapping[str, Gathering]) -> dict[str, MeetingFact]:
    """The meetings of a TOML text, with the gatherings that they are by key. Raises BadMeeting at the first flaw."""
    entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    if lost := sorted(entries.keys() ^ held.keys()):
        raise BadMeeting(lost[0], "it stands in one of the two files only")
    found: dict[str, MeetingFact] = {}
    for key, entry in entries.items():
        outer = entry.get("inside", "")
        if outer and outer not in found:
            raise BadMeeting(key, f"it lies inside “{outer}”, which does not stand before it")
        try:
            found[key] = _meeting(key, dict(entry), held[key], found.get(outer))
        except BadMeeting:
            raise
        except (KeyError, ValueError, TypeError, MeetingsError) as wrong:
            raise BadMeeting(key, str(wrong)) from wrong
    for fact in found.values():
        for session in fact.sessions:
            if session.holds and (session.holds not in found or found[session.holds].inside != fact.key):
                raise BadMeeting(fact.key, f"“{session.holds}” is held in it and does not lie inside it")
    return found


def _meeting(key: str, entry: dict[str, Any], held: Gathering, outer: MeetingFact | None) -> MeetingFact:
    begins, ends, precision = _days(entry.pop("between", None), held)
    if outer and not (outer.begins <= begins and ends <= outer.ends):
        raise ValueError("its days are not among those of the meeting it lies inside of")
    printed = {held.language: held.title} if held.title else {}
    title = printed or _sentence(entry.pop("title"))
    purpose = _sentence(entry.pop("purpose")) if "purpose" in entry else {}
    host, speakers, written = entry.pop("host", ""), entry.pop("speakers", []), entry.pop("written", {})
    if host and host != held.state:
        raise ValueError("its host is not where it was held")
    if not written.keys() <= set(speakers):
        raise ValueError("a country's name as it was written is that of no country here")
    states = [StateFact(_real(host), PlaceOf.HOST)] if host else []
    states += [StateFact(_real(code), PlaceOf.SPEAKERS, written.get(code, "")) for code in speakers]
    zone = entry.pop("zone", outer.zone if outer else "")
    ZoneInfo(zone)
    fact = MeetingFact(
        key=key,
        kind=MeetingKind(entry.pop("kind", _KINDS[held.kind])),
        inside=entry.pop("inside", ""),
        network=held.network,
        languages=tuple(dict.fromkeys([*title, *purpose])),
        title=title,
        purpose=purpose,
        begins=begins,
        ends=ends,
        precision=precision,
        zone=zone,
        attendance=_FORMS[held.form],
        state=held.state,
        city=held.place,
        organisations=held.organisations,
        participants=held.participants,
        reckoning=held.reckoning,
        states=tuple(states),
        sessions=tuple(_session(one, speakers) for one in entry.pop("session", [])),
        confidence=held.confidence,
        source=held.source,
        second_source=held.second_source,
        note=held.note,
    )
    if entry:
        raise ValueError(f"nothing is known of “{min(entry)}”")
    return fact


def _days(between: list[str] | None, held: Gathering) -> tuple[date, date, str]:
    """The first and the last day, and how exact the source is; else the days between which it was held."""
    if held.begins is None or held.ends is None or not held.counts:
        raise ValueError("no source says when it was held")
    if held.precision == "day":
        if between:
            raise ValueError("its days are known, and need no others between which they lie")
        return held.begins.earliest, held.ends.latest, held.precision
    if between is None:
        raise ValueError("its days are not known, and nothing says between which it was held")
    begins, ends = (whole_day(one) for one in between)
    if not held.begins.earliest <= begins <= ends <= held.ends.latest:
        raise ValueError("the days between which it was held are not in the month that the source gives")
    return begins, ends, held.precision


def _session(entry: Mapping[str, Any], speakers: list[str]) -> SessionFact:
    people = [Named(_real(one["state"]), one["named"], one["office"]) for one in entry.get("people", [])]
    if entry.get("unnamed"):
        people += [Named(_real(code)) for code in speakers]
    return SessionFact(
        entry["key"], SessionKind(entry["kind"]), _sentence(entry["title"]), tuple(people), entry.get("holds", "")
    )


def _sentence(entry: Mapping[str, str]) -> dict[str, str]:
    if tuple(entry) != INTERFACE:
        raise ValueError(f"a sentence is asked for in {', '.join(INTERFACE)}, and in this order")
    return dict(entry)


def _real(code: str) -> str:
    known = territory(code)
    if known is None or known.code != code or known.invented:
        raise ValueError(f"“{code}” is no known state")
    return code
