"""The state of a table import, kept in the form between requests: cells, options, decisions. No file is saved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from samsvar.errors import UnreadableTable
from samsvar.funding import tables
from samsvar.interchange.tables import MAX_TABLE_BYTES, Sheet, read_sheets
from samsvar.site.funding.import_plan import RowDecisions

MAX_CHARACTERS = 3_500_000  # limit for all cells as JSON; a request may contain five million
FIXED_COLUMNS = (
    "kind", "currency", "period", "beneficiaries", "donors", "areas", "part_of", "source", "confidence", "read_on",
    "money_on",
)  # fmt: skip


class InvalidImportState(Exception):
    """Raised when the submitted state cannot have come from the import page."""


@dataclass(frozen=True, slots=True)
class ImportState:
    """An uploaded table with the selected sheet, the options for reading it, and the user's decisions about rows."""

    sheets: tuple[Sheet, ...]
    sheet: int
    options: tables.ImportOptions
    decisions: RowDecisions

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return self.sheets[self.sheet].rows

    @property
    def cells_json(self) -> str:
        """Return the cells as JSON for the form."""
        return json.dumps([[one.name, one.encoding, one.rows] for one in self.sheets], ensure_ascii=False)

    @property
    def shown_for(self) -> str:
        """Return the sheet and header row whose columns the page shows, to detect when the user changes either."""
        return f"{self.sheet}/{self.options.heading}"


def create_import_state(content: bytes) -> ImportState:
    """Read an uploaded table and guess how to interpret it, without saving anything."""
    sheets = read_sheets(content)
    if sum(len(cell) + 4 for one in sheets for row in one.rows for cell in row) > MAX_CHARACTERS:
        raise UnreadableTable("table_too_large", f"The cells contain more than {MAX_CHARACTERS} characters.")
    readings = [tables.guess_options(one.rows) for one in sheets]
    best = max(range(len(sheets)), key=lambda place: (len(readings[place].columns), -place))
    return ImportState(sheets, best, readings[best], RowDecisions())


def restore_import_state(data: QueryDict) -> ImportState:
    """Restore the state from a submitted form, with the user's changes. Raises InvalidImportState."""
    try:
        sheets = tuple(Sheet(str(name), _clean_rows(rows), str(encoding)) for name, encoding, rows in _load_cells(data))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidImportState from error
    if not sheets:
        raise InvalidImportState
    sheet = _parse_number(data.get("sheet", ""), 0, len(sheets) - 1)
    heading = _parse_number(data.get("heading", ""), 1, max(1, len(sheets[sheet].rows)))
    rows = sheets[sheet].rows
    guessed = tables.guess_options(rows) if data.get("shown_for", "").partition("/")[0] != str(sheet) else None
    if guessed is None and data.get("shown_for", "") != f"{sheet}/{heading}":
        guessed = tables.guess_columns(rows, heading)
    reading = guessed or tables.ImportOptions(heading=heading, columns=_parse_columns(data))
    fixed = {name: value[:1000] for name in FIXED_COLUMNS if (value := data.get(f"fixed-{name}", "").strip())}
    reading = replace(
        reading,
        fixed={**reading.fixed, **fixed},
        numbers=_parse_option(tables.NumberFormat, data.get("numbers", "")),
        days=_parse_option(tables.DateOrder, data.get("days", "")),
        clears=data.get("clears") == "on",
    )
    return ImportState(sheets, sheet, reading, _parse_decisions(data))


def _load_cells(data: Mapping[str, Any]) -> list[Any]:
    text = data.get("cells", "")
    if len(text) > 2 * MAX_TABLE_BYTES:
        raise ValueError("too large")
    loaded = json.loads(text)
    if not isinstance(loaded, list):
        raise TypeError("no list")
    return loaded


def _clean_rows(rows: Any) -> tuple[tuple[str, ...], ...]:
    if not all(isinstance(cell, str) for row in rows for cell in row):
        raise TypeError("the cells are not a list")
    return tuple(tuple(_clean_cell(cell) for cell in row) for row in rows)


def _clean_cell(cell: str) -> str:
    """Return the cell without lone surrogates and null characters, which no text file can contain."""
    return cell.encode("utf-8", "replace").decode().replace("\x00", "")


def _parse_columns(data: QueryDict) -> dict[int, str]:
    names = {place: data.get(f"column-{place}", "") for place in range(tables.MAX_COLUMNS)}
    return {place: name for place, name in names.items() if name in tables.MAPPABLE_COLUMNS}


def _parse_decisions(data: QueryDict) -> RowDecisions:
    decisions = {
        name.removeprefix("row-"): str(decision)[:80] for name, decision in data.items() if name.startswith("row-")
    }
    rows = {int(number): decision for number, decision in decisions.items() if decision and _is_number(number)}
    excluded = frozenset(int(number) for number in data.getlist("leave") if _is_number(number))
    return RowDecisions(rows, excluded, exclude_invalid=data.get("leave-wrong") == "on")


def _parse_number(text: str, least: int, most: int) -> int:
    number = int(text) if _is_number(text) else least
    return min(max(number, least), most)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


def _parse_option[Word: (tables.NumberFormat, tables.DateOrder)](options: type[Word], text: str) -> Word:
    try:
        return options(text)
    except ValueError:
        return options.RECOGNISED
