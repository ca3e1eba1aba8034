"""The time line of a state's procedures: one lane for each, so that rounds that overlap are seen to overlap.

Places are percentages of the width as text, because templates write numbers in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.dates import PartialDate
from samsvar.site.implementation.duties.queries import DutyLine, StateDuties

LANE_HEIGHT = 52  # pixels, with the name of the procedure above its line
TOP = 8
MAX_YEARS_SHOWN = 6  # labels of years that fit on a phone


class MarkKind(StrEnum):
    """What is marked: something that happened, or the day on which it is due."""

    DONE = "done"
    PRINTED = "printed"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on a lane, with the step that it belongs to."""

    place: str
    kind: MarkKind
    line: DutyLine
    day: PartialDate


@dataclass(frozen=True, slots=True)
class Lane:
    """A procedure from its first to its last day."""

    procedure: str
    label_y: int
    y: int
    begins: str
    width: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Year:
    label: str  # text: a template would write a number as an amount
    place: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The lanes of all procedures over the same years."""

    lanes: tuple[Lane, ...]
    years: tuple[Year, ...]
    today: str  # the place of the day of the page
    height: int
    axis: int


def draw_time_line(duties: StateDuties) -> TimeLine | None:
    """Return the time line of the procedures of a state, or None if no day is known."""
    marks = {procedure.procedure: list(_marks(procedure.lines)) for procedure in duties.procedures}
    days = [_middle(day) for lane in marks.values() for _kind, _line, day in lane]
    if not days:
        return None
    first = date(min(*days, duties.day).year, 1, 1)
    last = date(max(*days, duties.day).year + 1, 1, 1)

    def place(day: date) -> float:
        return 100 * (day - first).days / (last - first).days

    lanes = []
    for number, (procedure, steps) in enumerate(marks.items()):
        places = [place(_middle(day)) for _kind, _line, day in steps]
        lanes.append(
            Lane(
                procedure=procedure,
                label_y=TOP + number * LANE_HEIGHT + 14,
                y=TOP + number * LANE_HEIGHT + 32,
                begins=_percent(min(places)),
                width=_percent(max(places) - min(places)),
                marks=tuple(
                    Mark(_percent(x), kind, line, day) for x, (kind, line, day) in zip(places, steps, strict=True)
                ),
            )
        )
    step = -(-(last.year - first.year) // MAX_YEARS_SHOWN)
    axis = TOP + len(lanes) * LANE_HEIGHT + 4
    return TimeLine(
        lanes=tuple(lanes),
        years=tuple(Year(str(year), _percent(place(date(year, 1, 1)))) for year in range(first.year, last.year, step)),
        today=_percent(place(duties.day)),
        height=axis + 22,
        axis=axis,
    )


def _marks(lines: Iterable[DutyLine]) -> Iterable[tuple[MarkKind, DutyLine, PartialDate]]:
    for line in lines:
        duty = line.duty
        if duty.due:
            yield MarkKind.PRINTED if line.is_printed else MarkKind.PROPOSED, line, duty.due
        if happened := duty.done or duty.noted:
            yield MarkKind.DONE, line, happened


def _middle(day: PartialDate) -> date:
    return day.earliest + (day.latest - day.earliest) / 2


def _percent(value: float) -> str:
    return f"{value:.2f}%"
