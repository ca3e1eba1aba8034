"""Detection of conflicts in a programme: people in two sessions at once, double-booked rooms and others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Programme, Session

type TimeSpan = tuple[datetime, datetime]


class ConflictKind(StrEnum):
    """The kinds of conflicts, from serious ones to those that may be intended."""

    PERSON = "person"  # a person, also an interpreter, is in two sessions at once
    ROOM = "room"  # two sessions are in the same room at once
    NO_INTERPRETER = "no_interpreter"  # a session is announced as interpreted, but has no interpreter
    UNAVAILABLE = "unavailable"  # a person is not available at that time
    OUTSIDE_DAYS = "outside_days"  # not on a day of the meeting
    OUTSIDE_HOST = "outside_host"  # a nested meeting's session is outside the session that hosts it
    TOO_MANY = "too_many"  # more people are expected than the room holds


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict. `sessions` are keys in chronological order; which other fields are set depends on the kind."""

    kind: ConflictKind
    sessions: tuple[str, ...]
    person: str = ""
    room: str = ""
    language: str = ""
    expected: int = 0


def find_conflicts(
    programme: Programme,
    *,
    available: Mapping[str, Sequence[TimeSpan]] | None = None,
    expected: Mapping[str, int] | None = None,
    nested_programmes: Mapping[str, Programme] | None = None,
) -> tuple[Conflict, ...]:
    """Return all conflicts, the most serious first and then in chronological order. Cancelled sessions are ignored.

    `available` maps people to the times at which they are available; people without an entry are always available.
    `expected` maps sessions to the number of people expected. `nested_programmes` maps sessions to the programmes of
    the meetings that they host, whose people and rooms are checked together with ours. People are matched by key, rooms
    by name. Sessions and people are identified by their keys.
    """
    nested_programmes = nested_programmes or {}
    names = {room.key: room.name for room in programme.rooms}
    active_sessions = [session for session in programme.sessions if not session.cancelled]
    sessions_with_room = [
        (session, names.get(session.room, "")) for session in active_sessions if session.key not in nested_programmes
    ]
    for nested in nested_programmes.values():
        rooms = {room.key: room.name for room in nested.rooms}
        sessions_with_room += [
            (session, rooms.get(session.room, "")) for session in nested.sessions if not session.cancelled
        ]
    conflicts = [
        *_double_booked_people(session for session, _room in sessions_with_room),
        *_double_booked_rooms(sessions_with_room),
        *_missing_interpreters(active_sessions),
        *_unavailable_people(active_sessions, available or {}),
        *_sessions_outside_days(programme, active_sessions),
        *_sessions_outside_host(active_sessions, nested_programmes),
        *_sessions_over_capacity(programme, active_sessions, expected or {}),
    ]
    start_times = {session.key: session.starts for session, _room in sessions_with_room} | {
        session.key: session.starts for session in active_sessions
    }
    kinds = list(ConflictKind)

    def sort_key(conflict: Conflict) -> tuple[int, bool, float, tuple[str, ...], str, str]:
        starts = start_times.get(conflict.sessions[0])
        when = starts.timestamp() if starts else 0.0
        return kinds.index(conflict.kind), starts is None, when, conflict.sessions, conflict.person, conflict.language

    return tuple(sorted(set(conflicts), key=sort_key))


def conflicts_by_session(conflicts: Iterable[Conflict]) -> dict[str, list[Conflict]]:
    """Group the conflicts by session key, for display next to each session."""
    by_session: dict[str, list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        for key in conflict.sessions:
            by_session[key].append(conflict)
    return dict(by_session)


def _double_booked_people(sessions: Iterable[Session]) -> Iterator[Conflict]:
    sessions_by_person: dict[str, dict[str, Session]] = defaultdict(dict)
    for session in sessions:
        for appearance in session.people:
            sessions_by_person[appearance.person][session.key] = session
    for person, by_key in sessions_by_person.items():
        for first, second in _find_overlaps(by_key.values()):
            yield Conflict(ConflictKind.PERSON, (first.key, second.key), person=person)


def _double_booked_rooms(sessions_with_room: Iterable[tuple[Session, str]]) -> Iterator[Conflict]:
    sessions_by_room: dict[str, list[Session]] = defaultdict(list)
    for session, room in sessions_with_room:
        if room:
            sessions_by_room[room].append(session)
    for room, sessions in sessions_by_room.items():
        for first, second in _find_overlaps(sessions):
            yield Conflict(ConflictKind.ROOM, (first.key, second.key), room=room)


def _find_overlaps(sessions: Iterable[Session]) -> Iterator[tuple[Session, Session]]:
    """Yield the pairs of sessions that overlap, the earlier one first."""
    timed = [one for one in sessions if one.starts and one.ends]
    timed.sort(key=lambda one: (one.starts.timestamp() if one.starts else 0, one.key))
    return ((first, second) for first, second in combinations(timed, 2) if first.overlaps(second))


def _missing_interpreters(sessions: Iterable[Session]) -> Iterator[Conflict]:
    for session in sessions:
        interpreted_languages = {one.language for one in session.people if one.part is ProgrammeRole.INTERPRETER}
        for channel in session.interpreted:
            if channel.language not in interpreted_languages:
                yield Conflict(ConflictKind.NO_INTERPRETER, (session.key,), language=channel.language)


def _unavailable_people(sessions: Iterable[Session], available: Mapping[str, Sequence[TimeSpan]]) -> Iterator[Conflict]:
    for session in sessions:
        if not (session.starts and session.ends):
            continue
        for appearance in session.people:
            times = available.get(appearance.person)
            if times and not any(start <= session.starts and session.ends <= end for start, end in _merge_spans(times)):
                yield Conflict(ConflictKind.UNAVAILABLE, (session.key,), person=appearance.person)


def _merge_spans(times: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Merge adjacent times, so that someone who is free until noon and from noon on is also free across noon."""
    merged: list[TimeSpan] = []
    for start, end in sorted(times):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _sessions_outside_days(programme: Programme, sessions: Iterable[Session]) -> Iterator[Conflict]:
    for session in sessions:
        if session.starts:
            day = session.starts.astimezone(programme.timezone).date()
            if not programme.begins <= day <= programme.ends:
                yield Conflict(ConflictKind.OUTSIDE_DAYS, (session.key,))


def _sessions_outside_host(
    sessions: Iterable[Session], nested_programmes: Mapping[str, Programme]
) -> Iterator[Conflict]:
    for host in sessions:
        nested = nested_programmes.get(host.key)
        if nested is None or not (host.starts and host.ends):
            continue
        for session in nested.sessions:
            if session.cancelled or not (session.starts and session.ends):
                continue
            if session.starts < host.starts or host.ends < session.ends:
                yield Conflict(ConflictKind.OUTSIDE_HOST, (host.key, session.key))


def _sessions_over_capacity(
    programme: Programme, sessions: Iterable[Session], expected: Mapping[str, int]
) -> Iterator[Conflict]:
    rooms = {room.key: room for room in programme.rooms}
    for session in sessions:
        room = rooms.get(session.room)
        expected_people = expected.get(session.key, 0)
        if room and room.capacity is not None and expected_people > room.capacity:
            yield Conflict(ConflictKind.TOO_MANY, (session.key,), room=room.name, expected=expected_people)
