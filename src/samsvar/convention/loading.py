"""The Convention's data files as values: events of the treaty, checked row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from samsvar.convention.provisions import UnreadableProvision, provisions_in
from samsvar.convention.status import Confidence, Event, EventKind
from samsvar.dates import UnreadableDate, day, partial_date
from samsvar.errors import ConventionError
from samsvar.territories import territory


class BadEventRow(ConventionError):
    """A row of a file of treaty events cannot be believed."""

    code = "bad_event_row"
    advice = "Mend the row and load the file again."

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Line {line} of the treaty events: {problem}")
        self.line, self.problem = line, problem


@cache
def treaty_events() -> tuple[Event, ...]:
    """Every event of the Istanbul Convention that we know, by state and date."""
    return events_in(data_file("istanbul/events.csv"))


def data_file(name: str) -> str:
    """The text of one of the Convention's own data files."""
    return files("samsvar.convention").joinpath("data", name).read_text(encoding="utf-8")


def events_in(text: str) -> tuple[Event, ...]:
    """The events of a CSV text with the columns of istanbul/events.csv. Raises BadEventRow for the first bad row."""
    rows = csv.DictReader(text.splitlines())
    return tuple(_event(row, line) for line, row in enumerate(rows, start=2))


COLUMNS = ("state", "kind", "date", "effective", "provisions", "basis", "confidence", "source", "second_source", "note")


def _event(row: dict[str, str], line: int) -> Event:
    for problem in _problems(row):
        raise BadEventRow(line, problem)
    try:
        return Event(
            state=row["state"],
            kind=EventKind(row["kind"]),
            date=partial_date(row["date"]),
            effective=day(row["effective"]) if row["effective"] else None,
            provisions=provisions_in(row["provisions"]),
            basis=provisions_in(row["basis"]),
            confidence=Confidence(row["confidence"]),
            source=row["source"],
            second_source=row["second_source"],
            note=row["note"],
        )
    except (UnreadableDate, UnreadableProvision) as unreadable:
        raise BadEventRow(line, unreadable.message) from unreadable
    except ValueError as unknown:
        raise BadEventRow(line, f"{unknown}.") from unknown


def _problems(row: dict[str, str]) -> Iterator[str]:
    """What is wrong with a row, before its values are read."""
    if set(row) != set(COLUMNS) or None in row.values():
        yield f"its columns are not {', '.join(COLUMNS)}."
    elif not territory(row["state"]):
        yield f"“{row['state']}” is no known state."
    elif not row["source"] and row["confidence"] != Confidence.FROM_MEMORY:
        yield "without a source it can only be from memory."
