"""Loading and validation of the Convention's data files."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from samsvar.convention.provisions import UnreadableProvision, parse_provisions
from samsvar.convention.status import Event, EventKind, SourceConfidence
from samsvar.dates import UnreadableDate, parse_day, parse_partial_date
from samsvar.errors import ConventionError
from samsvar.territories import territory
from samsvar.text import read_data_file


class InvalidEventRow(ConventionError):
    """Raised when a row of a treaty events file is invalid."""

    advice = "Correct the row and load the file again."

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Line {line} of the treaty events: {problem}")
        self.line, self.problem = line, problem


@dataclass(frozen=True, slots=True)
class Coverage:
    """The extent of the treaty events: the last day that they cover, and where to check them."""

    known_until: date  # nothing later is known
    read_on: date  # the day on which the sources were read
    chart: str  # address of the depositary's own chart of signatures and ratifications
    reservations: str  # address of its list of reservations and declarations
    treaty_database: str  # address of the same in the treaty database of the Netherlands


@cache
def coverage() -> Coverage:
    """Return how far the treaty events reach."""
    return Coverage(**tomllib.loads(read_data_file("samsvar.convention", "istanbul/coverage.toml")))


@cache
def treaty_events() -> tuple[Event, ...]:
    """Return every known event of the Istanbul Convention, sorted by state and date."""
    return parse_events(read_data_file("samsvar.convention", "istanbul/events.csv"))


def parse_events(text: str) -> tuple[Event, ...]:
    """Return the events in a CSV text with the columns of istanbul/events.csv.

    Raises InvalidEventRow for the first invalid row.
    """
    rows = csv.DictReader(text.splitlines())
    return tuple(_parse_event(row, line) for line, row in enumerate(rows, start=2))


COLUMNS = ("state", "kind", "date", "effective", "provisions", "basis", "confidence", "source", "second_source", "note")


def _parse_event(row: dict[str, str], line: int) -> Event:
    for problem in _find_row_problems(row):
        raise InvalidEventRow(line, problem)
    try:
        return Event(
            state=row["state"],
            kind=EventKind(row["kind"]),
            date=parse_partial_date(row["date"]),
            effective=parse_day(row["effective"]) if row["effective"] else None,
            provisions=parse_provisions(row["provisions"]),
            basis=parse_provisions(row["basis"]),
            confidence=SourceConfidence(row["confidence"]),
            source=row["source"],
            second_source=row["second_source"],
            note=row["note"],
        )
    except (UnreadableDate, UnreadableProvision) as error:
        raise InvalidEventRow(line, error.message) from error
    except ValueError as unknown:
        raise InvalidEventRow(line, f"{unknown}.") from unknown


def _find_row_problems(row: dict[str, str]) -> Iterator[str]:
    """Yield the problems of a row that can be found without parsing its values."""
    if set(row) != set(COLUMNS) or None in row.values():
        yield f"the columns must be {', '.join(COLUMNS)}."
    elif not territory(row["state"]):
        yield f"“{row['state']}” is not a known state."
    elif not row["source"] and row["confidence"] != SourceConfidence.UNVERIFIED:
        yield "without a source it can only be marked “from-memory”."
