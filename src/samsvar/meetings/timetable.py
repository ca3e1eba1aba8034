"""A day of a programme as a table: time goes down, rooms stand beside each other, and a session is as long as it lasts.

What is alone in its time goes over all rooms: a plenary, a break. A day on which nothing is held beside anything else
has no rooms at all and reads as a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from samsvar.meetings.programme import Session

UNTOLD = timedelta(hours=1)  # how long a session without an end is drawn where nothing comes after it


@dataclass(frozen=True, slots=True)
class Cell:
    """A session where it begins, or with the key "" a time at which nothing is held in that room."""

    key: str = ""
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """From this moment to the next at which a session begins or ends; what is covered from above has no cell."""

    at: datetime
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A day. `rooms` are keys in the programme's order, "" for what tells no room; a room in which two sessions are
    held at a time stands there twice."""

    rooms: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The sessions in the order of time."""
        return tuple(cell.key for row in self.rows for cell in row.cells if cell.key)


def timetable(sessions: Iterable[Session], rooms: Sequence[str]) -> Timetable:
    """These sessions of one day by time and room; those without a beginning are left out."""
    spans = _spans(sessions)
    alone, beside = _apart(spans)
    lanes = _lanes(beside, rooms)
    moments = sorted({moment for span in spans for moment in (span.starts, span.ends)}, key=datetime.timestamp)
    held = [at for at in moments if any(one.starts <= at < one.ends for one in spans)]
    number = {at: place for place, at in enumerate(held)}

    def rows_of(one: _Span) -> int:
        return sum(1 for at in held if one.starts <= at < one.ends)

    rows = []
    for at in held:
        plenary = next((one for one in alone if one.starts <= at < one.ends), None)
        cells: list[Cell] = []
        if plenary is not None:
            if number[at] == number[plenary.starts]:
                cells.append(Cell(plenary.key, max(len(lanes), 1), rows_of(plenary)))
        else:
            for _room, lane in lanes:
                here = next((one for one in lane if one.starts <= at < one.ends), None)
                if here is None:
                    cells.append(Cell())
                elif here.starts == at:
                    cells.append(Cell(here.key, 1, rows_of(here)))
        rows.append(Row(at, tuple(cells)))
    return Timetable(tuple(room for room, _lane in lanes), tuple(rows))


@dataclass(frozen=True, slots=True)
class _Span:
    starts: datetime
    ends: datetime
    key: str
    room: str


def _spans(sessions: Iterable[Session]) -> list[_Span]:
    """When each is held. Without an end it is drawn until something else begins or ends: nobody said how long."""
    timed = [(one.starts, one) for one in sessions if one.starts]
    moments = sorted({at for starts, one in timed for at in (starts, one.ends) if at}, key=datetime.timestamp)
    spans = [
        _Span(starts, one.ends or next((at for at in moments if at > starts), starts + UNTOLD), one.key, one.room)
        for starts, one in timed
    ]
    return sorted(spans, key=lambda one: (one.starts.timestamp(), one.ends.timestamp(), one.key))


def _apart(spans: Sequence[_Span]) -> tuple[list[_Span], list[_Span]]:
    """Those during which nothing else is held, and the others."""
    groups: list[list[_Span]] = []
    ends: datetime | None = None
    for one in spans:
        if ends is not None and one.starts < ends:
            groups[-1].append(one)
            ends = max(ends, one.ends)
        else:
            groups.append([one])
            ends = one.ends
    alone = [group[0] for group in groups if len(group) == 1]
    return alone, [one for group in groups if len(group) > 1 for one in group]


def _lanes(spans: Iterable[_Span], rooms: Sequence[str]) -> list[tuple[str, list[_Span]]]:
    """A column for each room, and one more wherever two sessions would be in it at a time."""
    lanes: list[tuple[str, list[_Span]]] = []
    for span in spans:
        free = next((lane for room, lane in lanes if room == span.room and lane[-1].ends <= span.starts), None)
        if free is None:
            lanes.append((span.room, [span]))
        else:
            free.append(span)
    order = {room: place for place, room in enumerate(rooms)}
    return sorted(lanes, key=lambda lane: (lane[0] not in order, order.get(lane[0], 0), not lane[0], lane[0]))
