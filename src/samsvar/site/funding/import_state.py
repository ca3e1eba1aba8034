"""The state of a table import, kept in the form between requests: cells, options, decisions. No file is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from samsvar.funding import tables
from samsvar.interchange.tables import Sheet
from samsvar.site.funding.import_plan import RowDecisions
from samsvar.site.shell.submitted_sheets import (
    dump_sheets,
    is_plain_number,
    load_sheets,
    parse_place,
    read_uploaded_sheets,
)

FIXED_COLUMNS = (
    "kind", "currency", "period", "beneficiaries", "donors", "areas", "part_of", "source", "confidence", "read_on",
    "money_on",
)  # fmt: skip


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
        return dump_sheets(self.sheets)

    @property
    def shown_for(self) -> str:
        """Return the sheet and header row whose columns the page shows, to detect when the user changes either."""
        return f"{self.sheet}/{self.options.heading}"


def create_import_state(content: bytes) -> ImportState:
    """Read an uploaded table and guess how to interpret it, without saving anything."""
    sheets = read_uploaded_sheets(content)
    readings = [tables.guess_options(one.rows) for one in sheets]
    best = max(range(len(sheets)), key=lambda place: (len(readings[place].columns), -place))
    return ImportState(sheets, best, readings[best], RowDecisions())


def restore_import_state(data: QueryDict) -> ImportState:
    """Restore the state from a submitted form, with the user's changes. Raises InvalidImportState."""
    sheets = load_sheets(data)
    sheet = parse_place(data.get("sheet", ""), 0, len(sheets) - 1)
    heading = parse_place(data.get("heading", ""), 1, max(1, len(sheets[sheet].rows)))
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


def _parse_columns(data: QueryDict) -> dict[int, str]:
    names = {place: data.get(f"column-{place}", "") for place in range(tables.MAX_COLUMNS)}
    return {place: name for place, name in names.items() if name in tables.MAPPABLE_COLUMNS}


def _parse_decisions(data: QueryDict) -> RowDecisions:
    decisions = {
        name.removeprefix("row-"): str(decision)[:80] for name, decision in data.items() if name.startswith("row-")
    }
    rows = {int(number): decision for number, decision in decisions.items() if decision and is_plain_number(number)}
    excluded = frozenset(int(number) for number in data.getlist("leave") if is_plain_number(number))
    return RowDecisions(rows, excluded, exclude_invalid=data.get("leave-wrong") == "on")


def _parse_option[Word: (tables.NumberFormat, tables.DateOrder)](options: type[Word], text: str) -> Word:
    try:
        return options(text)
    except ValueError:
        return options.RECOGNISED
