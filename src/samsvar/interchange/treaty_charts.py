"""Charts of signatures and ratifications that others publish, compared with our treaty events.

Two charts are known. The treaty database of the Netherlands has a table with the columns Party, Signature, Provisional
application, Ratification, Entry into force, Renunciation and Termination, days as 18-11-2015 and a mark such as (R)
after a ratification; tables of other treaties were seen on stored pages (2026-11). Of the depositary's chart, the
Council of Europe Treaty Office, only the order of its columns and the form of its days (18/11/2015) were seen, in a
quotation. Columns are therefore recognised by their headings, in HTML, CSV and spreadsheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from samsvar.convention.status import CONSENT_KINDS, Event, EventKind
from samsvar.errors import InterchangeError, UnreadableTable
from samsvar.interchange.tables import read_table
from samsvar.monitoring.reading import detect_format
from samsvar.territories import code_by_name, territory_name


class UnreadableChart(InterchangeError):
    """Raised when a file contains no table with states and the days of their signatures and ratifications."""

    effect = "Nothing was compared."
    advice = "Save the page of the chart with all its rows as HTML, or its table as CSV, and give that file."

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is not a chart of signatures and ratifications: {reason}")


class ChartColumn(StrEnum):
    """The columns of a chart that are compared with our events."""

    SIGNATURE = "signature"
    CONSENT = "ratification"
    ENTRY_INTO_FORCE = "entry into force"
    DENUNCIATION = "denunciation"
    DENUNCIATION_EFFECTIVE = "end of the denunciation’s period"


# The beginnings of headings, in English, French and Dutch, in small letters
_HEADINGS: Final[Mapping[ChartColumn, tuple[str, ...]]] = {
    ChartColumn.SIGNATURE: ("signature", "ondertekening"),
    ChartColumn.CONSENT: ("ratification", "ratificatie", "accession", "consent"),
    ChartColumn.ENTRY_INTO_FORCE: ("entry into force", "entrée en vigueur", "inwerkingtreding", "in werking"),
    ChartColumn.DENUNCIATION: ("renunciation", "denunciation", "dénonciation", "opzegging"),
    ChartColumn.DENUNCIATION_EFFECTIVE: ("termination", "buitenwerkingtreding", "buiten werking"),
}
_KINDS: Final[Mapping[ChartColumn, frozenset[EventKind]]] = {
    ChartColumn.SIGNATURE: frozenset({EventKind.SIGNATURE}),
    ChartColumn.CONSENT: CONSENT_KINDS,
    ChartColumn.ENTRY_INTO_FORCE: frozenset({EventKind.ENTRY_INTO_FORCE}),
    ChartColumn.DENUNCIATION: frozenset({EventKind.DENUNCIATION}),
    ChartColumn.DENUNCIATION_EFFECTIVE: frozenset({EventKind.DENUNCIATION_EFFECTIVE}),
}
_DAY = re.compile(
    r"(?<!\d)(?:(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})|(?P<iso>\d{4}-\d\d-\d\d))(?!\d)"
)
_NOTES = re.compile(r"[*†‡¹²³\d]+$|\s*[\[(][^\])]*[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as published: the days by state and column, and the names of states that were not recognised."""

    columns: frozenset[ChartColumn]
    days: Mapping[str, Mapping[ChartColumn, date | None]]
    unknown_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartDifference:
    """A difference between a chart and our events, for a person to confirm. A day is None where one has no day."""

    state: str
    column: ChartColumn
    chart_day: date | None
    event: Event | None  # ours; its day may be less precise

    @property
    def is_more_precise(self) -> bool:
        """Whether the chart names a day within the month or year that we have."""
        ours = self.event.date if self.event else None
        return bool(self.chart_day and ours and ours.earliest <= self.chart_day <= ours.latest)


def read_chart(content: bytes) -> Chart:
    """Read a chart from an HTML page, a CSV file or a spreadsheet. Raises UnreadableChart."""
    charts = [chart for rows in read_chart_tables(content) if (chart := _parse_table(rows)) is not None]
    if not charts:
        raise UnreadableChart("no table has a column of states with columns of signatures and ratifications.")
    return max(charts, key=lambda chart: len(chart.days))


def compare_chart(chart: Chart, events: Iterable[Event]) -> tuple[ChartDifference, ...]:
    """Return where a chart differs from our events, by state. Columns that the chart does not have are not compared.

    Of several events of a kind, the latest counts, as in a chart.
    """
    ours: dict[tuple[str, ChartColumn], Event] = {}
    for event in sorted(events, key=lambda event: event.date.latest if event.date else date.min):
        for column, kinds in _KINDS.items():
            if event.kind in kinds and event.date is not None:
                ours[event.state, column] = event
    differences = []
    for state in sorted({*chart.days, *(code for code, _ in ours)}):
        for column in sorted(chart.columns, key=list(ChartColumn).index):
            day, our_event = chart.days.get(state, {}).get(column), ours.get((state, column))
            if not _is_same_day(day, our_event):
                differences.append(ChartDifference(state, column, day, our_event))
    return tuple(differences)


def _is_same_day(day: date | None, event: Event | None) -> bool:
    if event is None or event.date is None:
        return day is None
    return event.date.earliest == event.date.latest == day


def difference_row(difference: ChartDifference) -> dict[str, object]:
    """Return a difference as a row for a table."""
    event = difference.event
    what = "more precise" if difference.is_more_precise else "differs"
    if difference.chart_day is None:
        what = "only ours"
    elif event is None:
        what = "only the chart"
    return {
        "state": difference.state,
        "name": territory_name(difference.state),
        "event": difference.column.value,
        "difference": what,
        "ours": str(event.date) if event else "",
        "chart": difference.chart_day.isoformat() if difference.chart_day else "",
        "confidence": event.confidence.value if event else "",
        "source": event.source if event else "",
    }


def read_chart_tables(content: bytes) -> list[list[list[str]]]:
    """Return the tables of an HTML page, or the one table of a CSV file or a spreadsheet. Raises UnreadableChart."""
    return list(_read_html_tables(content)) if detect_format(content) == "html" else [_read_file(content)]


def _read_file(content: bytes) -> list[list[str]]:
    try:
        return read_table(content)
    except UnreadableTable as error:
        raise UnreadableChart(str(error.message)) from error


def _read_html_tables(content: bytes) -> Iterator[list[list[str]]]:
    for table in LexborHTMLParser(content).css("table"):
        yield _read_html_table(table)


def _read_html_table(table: LexborNode) -> list[list[str]]:
    rows = [[" ".join(cell.text(separator=" ").split()) for cell in row.css("th, td")] for row in table.css("tr")]
    return [row for row in rows if row]


def remove_charts(content: bytes) -> bytes:
    """Return an HTML page without its charts, whose days are those of signatures and not of other statements."""
    page = LexborHTMLParser(content)
    for table in page.css("table"):
        if any(map(_is_header, _read_html_table(table)[:5])):
            table.decompose()
    return (page.html or "").encode()


def _parse_table(rows: Sequence[Sequence[str]]) -> Chart | None:
    """Return the chart in a table; None if it is another table."""
    start = next((at for at, cells in enumerate(rows[:5], 1) if _is_header(cells)), None)
    if start is None:
        return None
    header = rows[start - 1]
    places = {column: place for column in ChartColumn if (place := _find_column(header, column)) is not None}
    state_place = next(
        (at for at, cell in enumerate(header) if cell.lower().startswith(("party", "partij", "state", "état", "etat"))),
        0,
    )
    days: dict[str, dict[ChartColumn, date | None]] = {}
    unknown: list[str] = []
    for line in rows[start:]:
        cells = [*line, *[""] * (len(header) - len(line))]
        name = cells[state_place].strip()
        values = {column: parse_chart_day(cells[place]) for column, place in places.items()}
        if code := find_state(name):
            days[code] = values
        elif name and any(values.values()):
            unknown.append(name)
    return Chart(frozenset(places), days, tuple(unknown)) if days else None


def _is_header(cells: Sequence[str]) -> bool:
    return all(_find_column(cells, column) is not None for column in (ChartColumn.SIGNATURE, ChartColumn.CONSENT))


def _find_column(header: Sequence[str], column: ChartColumn) -> int | None:
    return next((at for at, cell in enumerate(header) if cell.strip().lower().startswith(_HEADINGS[column])), None)


def find_state(name: str) -> str | None:
    """Return the code of a state as charts print it: "Netherlands, the Kingdom of the", with or without notes."""
    plain = _NOTES.sub("", name).strip()
    first, _, rest = plain.partition(", ")
    return code_by_name(plain) or (code_by_name(f"{rest} {first}") or code_by_name(first) if rest else None)


def parse_chart_day(text: str) -> date | None:
    """Return the first day in figures in a text, as 18/11/2015, 18-11-2015 or 2015-11-18; None if there is none."""
    match = _DAY.search(text)
    if match is None:
        return None
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
