"""The timetable of one day: time runs downwards, rooms are columns, and a cell's height shows the duration.

Every session is in the column of its own room, and every room of the day has a column. Only a session without a room
that is alone in its time slot (a break) spans all columns. A day without parallel sessions has no room columns and can
be read as a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from samsvar.meetings.programme import Session

DEFAULT_DURATION = timedelta(hours=1)  # shown duration of a session without an end, if nothing follows it


@dataclass(frozen=True, slots=True)
class TimetableCell:
    """A cell in which a session starts; if `key` is "", the room is empty in this time slot."""

    key: str = ""
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """The time slot from `at` to the next start or end of a session; sessions that continue have no cell in it."""

    at: datetime
    cells: tuple[TimetableCell, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """The timetable of one day.

    `rooms` are keys in the programme's order, "" for an unknown room; a room with two sessions at the same time is
    listed twice.
    """

    rooms: tuple[str, ...]
    rows: tuple[TimetableRow, ...]

    @property
    def session_keys(self) -> tuple[str, ...]:
        """The keys of the sessions in chronological order."""
        return tuple(cell.key for row in self.rows for cell in row.cells if cell.key)


def build_timetable(sessions: Iterable[Session], rooms: Sequence[str]) -> Timetable:
    """Arrange the sessions of one day by time and room; sessions without a start time are left out."""
    spans = _session_spans(sessions)
    single_spans, parallel = _separate_parallel_sessions(spans)
    if parallel:  # a session that spans all columns would appear under the headings of other rooms
        parallel = sorted([*parallel, *(one for one in single_spans if one.room)], key=spans.index)
        single_spans = [one for one in single_spans if not one.room]
    lanes = _assign_columns(parallel, rooms)
    moments = sorted({moment for span in spans for moment in (span.starts, span.ends)}, key=datetime.timestamp)
    row_starts = [at for at in moments if any(one.starts <= at < one.ends for one in spans)]
    row_index = {at: place for place, at in enumerate(row_starts)}

    def count_rows(one: _SessionSpan) -> int:
        return sum(1 for at in row_starts if one.starts <= at < one.ends)

    rows = []
    for at in row_starts:
        plenary = next((one for one in single_spans if one.starts <= at < one.ends), None)
        cells: list[TimetableCell] = []
        if plenary is not None:
            if row_index[at] == row_index[plenary.starts]:
                cells.append(TimetableCell(plenary.key, max(len(lanes), 1), count_rows(plenary)))
        else:
            for _room, lane in lanes:
                current = next((one for one in lane if one.starts <= at < one.ends), None)
                if current is None:
                    cells.append(TimetableCell())
                elif current.starts == at:
                    cells.append(TimetableCell(current.key, 1, count_rows(current)))
        rows.append(TimetableRow(at, tuple(cells)))
    return Timetable(tuple(room for room, _lane in lanes), tuple(rows))


@dataclass(frozen=True, slots=True)
class _SessionSpan:
    starts: datetime
    ends: datetime
    key: str
    room: str


def _session_spans(sessions: Iterable[Session]) -> list[_SessionSpan]:
    """Return the time span of each session; one without an end lasts until the next start or end of any session."""
    timed = [(session.starts, session) for session in sessions if session.starts]
    moments = sorted({at for starts, session in timed for at in (starts, session.ends) if at}, key=datetime.timestamp)
    spans = [
        _SessionSpan(
            starts,
            session.ends or next((at for at in moments if at > starts), starts + DEFAULT_DURATION),
            session.key,
            session.room,
        )
        for starts, session in timed
    ]
    return sorted(spans, key=lambda session: (session.starts.timestamp(), session.ends.timestamp(), session.key))


def _separate_parallel_sessions(spans: Sequence[_SessionSpan]) -> tuple[list[_SessionSpan], list[_SessionSpan]]:
    """Separate the sessions that have no parallel session from the others."""
    groups: list[list[_SessionSpan]] = []
    ends: datetime | None = None
    for span in spans:
        if ends is not None and span.starts < ends:
            groups[-1].append(span)
            ends = max(ends, span.ends)
        else:
            groups.append([span])
            ends = span.ends
    single_spans = [group[0] for group in groups if len(group) == 1]
    return single_spans, [span for group in groups if len(group) > 1 for span in group]


def _assign_columns(spans: Iterable[_SessionSpan], rooms: Sequence[str]) -> list[tuple[str, list[_SessionSpan]]]:
    """Assign the sessions to columns: one for each room, and a second one where sessions in a room overlap."""
    lanes: list[tuple[str, list[_SessionSpan]]] = []
    for span in spans:
        free = next((lane for room, lane in lanes if room == span.room and lane[-1].ends <= span.starts), None)
        if free is None:
            lanes.append((span.room, [span]))
        else:
            free.append(span)
    order = {room: place for place, room in enumerate(rooms)}
    return sorted(lanes, key=lambda lane: (lane[0] not in order, order.get(lane[0], 0), not lane[0], lane[0]))
