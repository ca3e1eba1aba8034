"""The spreadsheet of an indicator: a template with one row per value, and the same file read back with a preview."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.errors import SamsvarError, UnreadableTable
from samsvar.ids import stable_id
from samsvar.implementation.indicators import CATEGORIES, TOTAL, Cell, Dimension, GapReason, Place, Value, check_value
from samsvar.interchange.tables import MAX_TABLE_BYTES, read_table, render_xlsx
from samsvar.site.implementation.indicators import queries
from samsvar.site.implementation.indicators.actions import Entry
from samsvar.site.implementation.indicators.models import Indicator, IndicatorValue
from samsvar.site.implementation.indicators.numbers import UnreadableNumber, format_plain, parse_number
from samsvar.site.implementation.measures.models import Region
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.labels import LABELS, Label
from samsvar.text import fold_letters

MAX_ROWS = 5_000


def column_labels(indicator: Indicator) -> dict[str, str]:
    """Return the headings of the template in the reader's language, by column."""
    labels = {"region": pgettext("heading of a spreadsheet", "Region")}
    for dimension in indicator.dimensions:
        labels[dimension] = str(LABELS["Dimension"][dimension])
    labels |= {"year": _("Year"), "number": _("Number")}
    if indicator.denominator:
        labels["denominator"] = _("Out of")
    return labels | {
        "gap": _("Reason for no number"),
        "comparability": _("Note on comparability"),
        "source": pgettext("heading of a spreadsheet", "Source"),
    }


def template(indicator: Indicator, state: str, today: date) -> bytes:
    """Return a workbook with a row for each value to enter, and with the values that were entered before."""
    values = {(value.region_id, value.year, value.cell): value for value in queries.current_values(indicator, state)}
    regions: list[Region | None] = [None, *queries.regions_of(state)]
    cells = sorted({Cell.from_key(cell) for _region, _year, cell in values} | set(suggested_cells(indicator)))
    rows = [
        _template_row(indicator, region, year, cell, values.get((region.pk if region else None, year, cell.key)))
        for cell in cells
        for region in regions
        for year in queries.years_to_enter(indicator, state, today)
    ]
    return render_xlsx(
        rows, column_labels(indicator), sheet=_("Figures"), numbers=("year", "number", "denominator")
    )  # fmt: skip


def suggested_cells(indicator: Indicator) -> list[Cell]:
    """Return the total, and the categories of each dimension for themselves."""
    return [
        TOTAL,
        *(
            Cell(**{dimension: category})
            for dimension in indicator.dimensions
            for category in CATEGORIES[Dimension(dimension)]
        ),
    ]


def _template_row(
    indicator: Indicator, region: Region | None, year: int, cell: Cell, value: IndicatorValue | None
) -> dict[str, object]:
    cells: dict[str, object] = {"region": region.name if region else "", "year": year}
    for dimension, category in cell.categories.items():
        cells[str(dimension)] = str(LABELS["Category"][category])
    if value:
        cells |= {
            "number": format_plain(value.number), "denominator": format_plain(value.denominator),
            "gap": str(LABELS["GapReason"][value.gap]) if value.gap else "",
            "comparability": value.comparability, "source": value.source,
        }  # fmt: skip
    return cells


# --- Import -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """A row of the file: the value before and after, or the problem that prevents its import."""

    row_number: int  # counted from 1, as spreadsheets do
    region: str
    cell: Cell
    year: str
    before: IndicatorValue | None = None
    entry: Entry | None = None
    column: str = ""  # heading of the column with the problem
    problem: Label = ""

    @property
    def outcome(self) -> str:
        """ "new", "changed", "same" or "wrong"."""
        if self.entry is None:
            return "wrong"
        if self.before is None:
            return "new"
        columns = self.entry.columns.items()
        return "same" if all(getattr(self.before, name) == value for name, value in columns) else "changed"


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """Everything that an import would change. `fingerprint` changes with the file and with the values before."""

    rows: tuple[PlannedEntry, ...]
    cells: str  # the file's cells as JSON, which the page carries until the import is confirmed
    fingerprint: str

    @property
    def counts(self) -> dict[str, int]:
        outcomes = [row.outcome for row in self.rows]
        return {name: outcomes.count(name) for name in ("new", "changed", "same", "wrong")}

    @property
    def wrong(self) -> list[PlannedEntry]:
        return [row for row in self.rows if row.outcome == "wrong"]

    @property
    def changes(self) -> list[PlannedEntry]:
        return [row for row in self.rows if row.outcome in ("new", "changed")]

    @property
    def entries(self) -> list[Entry]:
        return [row.entry for row in self.changes if row.entry]


def read_file(content: bytes) -> list[list[str]]:
    """Return the cells of an uploaded CSV or workbook, which is opened in a child process. Raises UnreadableTable."""
    rows = read_table(content)
    if len(rows) > MAX_ROWS:
        raise UnreadableTable("table_too_many_cells", f"The file has more than {MAX_ROWS} rows.")
    return rows


def restore_cells(text: str) -> list[list[str]] | None:
    """Return the cells that a page carried, or None if they cannot be those."""
    try:
        rows = json.loads(text) if len(text) <= 2 * MAX_TABLE_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        return None
    if not all(isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in rows):
        return None
    return [[cell.encode("utf-8", "replace").decode().replace("\x00", "") for cell in row] for row in rows]


def plan_import(indicator: Indicator, state: str, rows: Sequence[Sequence[str]]) -> ImportPreview:
    """Return what importing the cells would change. Raises UnreadableTable if no row is the heading of the template.

    A row without number and reason is left out, so that a template that is filled in part can be imported.
    """
    heading, columns = _find_columns(indicator, rows)
    reader = _RowReader(indicator, state, columns)
    planned = [
        reader.read(number, cells)
        for number, cells in enumerate(rows[heading + 1 :], start=heading + 2)
        if any(cells[place].strip() for place, name in columns.items() if name in _FILLED and place < len(cells))
    ]
    seen: dict[Any, int] = {}
    for index, planned_entry in enumerate(planned):
        if planned_entry.entry:
            key = (planned_entry.entry.region, planned_entry.entry.year, planned_entry.entry.cell)
            if key in seen:
                planned[index] = PlannedEntry(
                    planned_entry.row_number, planned_entry.region, planned_entry.cell, planned_entry.year, column="",
                    problem=_("The same place is in row %(row)d already.") % {"row": seen[key]},
                )  # fmt: skip
            seen.setdefault(key, planned_entry.row_number)
    before = sorted(planned_entry.before.pk for planned_entry in planned if planned_entry.before)
    file = json.dumps([list(row) for row in rows], ensure_ascii=False)
    return ImportPreview(tuple(planned), file, stable_id(file, *map(str, before)))


_FILLED = ("number", "denominator", "gap")


def _find_columns(indicator: Indicator, rows: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    """Return the row of the headings and the column at each place; headings may be in any language of the site."""
    names = {fold_letters(name): name for name in column_labels(indicator)}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {fold_letters(text): name for name, text in column_labels(indicator).items()}
    for index, texts in enumerate(rows[:20]):
        columns = {place: names[folded] for place, cell in enumerate(texts) if (folded := fold_letters(cell)) in names}
        if {"year", "number"} <= set(columns.values()):
            return index, columns
    raise UnreadableTable("table_without_heading", "No row contains the headings of the template.")


class _RowProblem(Exception):
    """A cell that cannot be imported."""

    def __init__(self, column: str, problem: Label) -> None:
        self.column, self.problem = column, problem


class _RowReader:
    """Reads the rows of one file, whose terms may be codes or labels in any language of the site."""

    def __init__(self, indicator: Indicator, state: str, columns: Mapping[int, str]) -> None:
        self.indicator, self.state, self.columns = indicator, state, columns
        self.about = queries.to_library(indicator)
        self.labels = column_labels(indicator)
        self.regions = {fold_letters(region.name): region for region in queries.regions_of(state)}
        self.gaps = _terms("GapReason", map(str, GapReason))
        self.categories = {
            dimension: _terms("Category", CATEGORIES[Dimension(dimension)]) for dimension in indicator.dimensions
        }
        self.current = {
            (value.region_id, value.year, value.cell): value for value in queries.current_values(indicator, state)
        }

    def read(self, number: int, cells: Sequence[str]) -> PlannedEntry:
        texts = {name: cells[place].strip() if place < len(cells) else "" for place, name in self.columns.items()}
        cell = TOTAL
        try:
            cell = self.read_cell(texts)
            entry = self.read_entry(texts, cell)
        except _RowProblem as error:
            column = self.labels.get(error.column, "")
            return PlannedEntry(
                number, texts.get("region", ""), cell, texts["year"], column=column, problem=error.problem
            )
        key = (entry.region.pk if entry.region else None, entry.year, cell.key)
        return PlannedEntry(number, texts.get("region", ""), cell, texts["year"], self.current.get(key), entry)

    def read_cell(self, texts: Mapping[str, str]) -> Cell:
        chosen = {}
        for dimension in self.indicator.dimensions:
            if text := texts.get(dimension, ""):
                if (category := self.categories[dimension].get(fold_letters(text))) is None:
                    raise _RowProblem(dimension, _("“%(text)s” is not a category.") % {"text": text})
                chosen[dimension] = category
        return Cell(**chosen)

    def read_entry(self, texts: Mapping[str, str], cell: Cell) -> Entry:
        region = None
        if name := texts.get("region", ""):
            region = self.regions.get(fold_letters(name))
            if region is None:
                raise _RowProblem("region", _("“%(text)s” is not a region of this state.") % {"text": name})
        year = texts["year"]
        if not (year.isascii() and year.isdigit() and queries.FIRST_YEAR <= int(year[:5]) <= localdate().year):
            raise _RowProblem("year", _("“%(text)s” is not a past year.") % {"text": year})
        gap = None
        if reason := texts.get("gap", ""):
            gap = self.gaps.get(fold_letters(reason))
            if gap is None:
                raise _RowProblem("gap", _("“%(text)s” is not one of the reasons.") % {"text": reason})
        entry = Entry(
            region, int(year), cell, self.read_number(texts, "number"), self.read_number(texts, "denominator"),
            GapReason(gap) if gap else None, texts.get("comparability", "")[:500], texts.get("source", "")[:500],
        )  # fmt: skip
        try:
            check_value(self.about, Value(
                place=Place(entry.year, self.state, cell), number=entry.number, denominator=entry.denominator,
                gap=entry.gap,
            ))  # fmt: skip
        except SamsvarError as error:
            raise _RowProblem("number", describe_error(error).message) from error
        return entry

    def read_number(self, texts: Mapping[str, str], column: str) -> Decimal | None:
        try:
            return parse_number(texts.get(column, ""))
        except UnreadableNumber as error:
            raise _RowProblem(column, error.message) from error


def _terms(vocabulary: str, codes: Iterable[str]) -> dict[str, str]:
    """Return each code by itself and by its label in each language, folded."""
    codes = list(codes)
    return {fold_letters(term): code for code in codes for term in (code, *_labels(vocabulary, code))}


def _labels(vocabulary: str, code: str) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(LABELS[vocabulary][code])
