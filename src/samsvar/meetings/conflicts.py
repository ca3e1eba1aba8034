"""What does not fit in a programme: somebody in two sessions at once, two sessions in one room, nobody to interpret."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Programme, Session

type Span = tuple[datetime, datetime]


class ConflictKind(StrEnum):
    """What does not fit, from the worst to what may be meant so."""

    PERSON = "person"  # somebody, interpreters too, is in two sessions at a time
    ROOM = "room"  # two sessions are in one room at a time
    NO_INTERPRETER = "no_interpreter"  # a session says that it is interpreted, and nobody does it
    UNAVAILABLE = "unavailable"  # somebody said that they cannot come then
    OUTSIDE_DAYS = "outside_days"  # not on a day of the meeting
    OUTSIDE_HOST = "outside_host"  # of a meeting inside: not within the session that holds it
    TOO_MANY = "too_many"  # more are expected than the room holds


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that does not fit. `sessions` are keys in the order of time; the rest says who, where or what."""

    kind: ConflictKind
    sessions: tuple[str, ...]
    person: str = ""
    room: str = ""
    language: str = ""
    expected: int = 0


def find_conflicts(
    programme: Programme,
    *,
    available: Mapping[str, Sequence[Span]] | None = None,
    expected: Mapping[str, int] | None = None,
    inside: Mapping[str, Programme] | None = None,
) -> tuple[Conflict, ...]:
    """All that does not fit, the worst first and then in the order of time. Cancelled sessions disturb nobody.

    `available` holds the times of whoever gave any; who gave none can always come. `expected` is how many come to a
    session. `inside` are the programmes of meetings that sessions of this one hold, by the session: their people and
    rooms are looked at with ours, where keys of people and names of rooms are the same.
    """
    inside = inside or {}
    names = {room.key: room.name for room in programme.rooms}
    held = [one for one in programme.sessions if not one.cancelled]
    placed = [(one, names.get(one.room, "")) for one in held if one.key not in inside]
    for nested in inside.values():
        rooms = {room.key: room.name for room in nested.rooms}
        placed += [(one, rooms.get(one.room, "")) for one in nested.sessions if not one.cancelled]
    found = [
        *_twice_at_a_time(one for one, _room in placed),
        *_in_one_room(placed),
        *_without_interpreter(held),
        *_unavailable(held, available or {}),
        *_outside_days(programme, held),
        *_outside_host(held, inside),
        *_too_many(programme, held, expected or {}),
    ]
    at = {one.key: one.starts for one, _room in placed} | {one.key: one.starts for one in held}
    order = list(ConflictKind)

    def place(conflict: Conflict) -> tuple[int, bool, float, tuple[str, ...], str, str]:
        starts = at.get(conflict.sessions[0])
        when = starts.timestamp() if starts else 0.0
        return order.index(conflict.kind), starts is None, when, conflict.sessions, conflict.person, conflict.language

    return tuple(sorted(set(found), key=place))


def conflicts_of(conflicts: Iterable[Conflict]) -> dict[str, list[Conflict]]:
    """The conflicts of each session, to be shown beside it."""
    by_session: dict[str, list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        for key in conflict.sessions:
            by_session[key].append(conflict)
    return dict(by_session)


def _twice_at_a_time(sessions: Iterable[Session]) -> Iterator[Conflict]:
    theirs: dict[str, dict[str, Session]] = defaultdict(dict)
    for session in sessions:
        for one in session.people:
            theirs[one.person][session.key] = session
    for person, by_key in theirs.items():
        for first, second in _overlapping(by_key.values()):
            yield Conflict(ConflictKind.PERSON, (first.key, second.key), person=person)


def _in_one_room(placed: Iterable[tuple[Session, str]]) -> Iterator[Conflict]:
    there: dict[str, list[Session]] = defaultdict(list)
    for session, room in placed:
        if room:
            there[room].append(session)
    for room, sessions in there.items():
        for first, second in _overlapping(sessions):
            yield Conflict(ConflictKind.ROOM, (first.key, second.key), room=room)


def _overlapping(sessions: Iterable[Session]) -> Iterator[tuple[Session, Session]]:
    """Pairs that are held at one moment, the earlier first."""
    timed = [one for one in sessions if one.starts and one.ends]
    timed.sort(key=lambda one: (one.starts.timestamp() if one.starts else 0, one.key))
    return ((first, second) for first, second in combinations(timed, 2) if first.overlaps(second))


def _without_interpreter(sessions: Iterable[Session]) -> Iterator[Conflict]:
    for session in sessions:
        there = {one.language for one in session.people if one.part is Part.INTERPRETER}
        for channel in session.interpreted:
            if channel.language not in there:
                yield Conflict(ConflictKind.NO_INTERPRETER, (session.key,), language=channel.language)


def _unavailable(sessions: Iterable[Session], available: Mapping[str, Sequence[Span]]) -> Iterator[Conflict]:
    for session in sessions:
        if not (session.starts and session.ends):
            continue
        for one in session.people:
            times = available.get(one.person)
            if times and not any(start <= session.starts and session.ends <= end for start, end in _joined(times)):
                yield Conflict(ConflictKind.UNAVAILABLE, (session.key,), person=one.person)


def _joined(times: Iterable[Span]) -> list[Span]:
    """The same times with those that touch made one: free until noon and free from noon is free over noon."""
    joined: list[Span] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _outside_days(programme: Programme, sessions: Iterable[Session]) -> Iterator[Conflict]:
    for session in sessions:
        if session.starts:
            day = session.starts.astimezone(programme.timezone).date()
            if not programme.begins <= day <= programme.ends:
                yield Conflict(ConflictKind.OUTSIDE_DAYS, (session.key,))


def _outside_host(sessions: Iterable[Session], inside: Mapping[str, Programme]) -> Iterator[Conflict]:
    for host in sessions:
        nested = inside.get(host.key)
        if nested is None or not (host.starts and host.ends):
            continue
        for one in nested.sessions:
            if one.cancelled or not (one.starts and one.ends):
                continue
            if one.starts < host.starts or host.ends < one.ends:
                yield Conflict(ConflictKind.OUTSIDE_HOST, (host.key, one.key))


def _too_many(programme: Programme, sessions: Iterable[Session], expected: Mapping[str, int]) -> Iterator[Conflict]:
    rooms = {room.key: room for room in programme.rooms}
    for session in sessions:
        room = rooms.get(session.room)
        coming = expected.get(session.key, 0)
        if room and room.capacity is not None and coming > room.capacity:
            yield Conflict(ConflictKind.TOO_MANY, (session.key,), room=room.name, expected=coming)
