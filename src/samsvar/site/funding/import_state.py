"""A table on its way through the page: its cells, and how they are read, travel in the form; no file is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from samsvar.funding import tables
from samsvar.interchange.tables import MOST_TABLE_BYTES, Sheet, UnreadableTable, sheets_in
from samsvar.site.funding.import_plan import Choices

MOST_CARRIED = 3_500_000  # letters of all cells as JSON; a request has room for five million
FIXED = (
    "kind", "currency", "period", "beneficiaries", "donors", "areas", "part_of", "source", "confidence", "read_on",
    "money_on",
)  # fmt: skip


class NotWhatWasLookedAt(Exception):
    """What came back is not what the page sent."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A table, which of its sheets is meant, how that is read, and what was said of single rows."""

    sheets: tuple[Sheet, ...]
    sheet: int
    reading: tables.Reading
    choices: Choices

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return self.sheets[self.sheet].rows

    @property
    def written(self) -> str:
        """The cells as they travel."""
        return json.dumps([[one.name, one.encoding, one.rows] for one in self.sheets], ensure_ascii=False)

    @property
    def shown_for(self) -> str:
        """The sheet and the heading for which the page shows columns: another one has other columns."""
        return f"{self.sheet}/{self.reading.heading}"


def carried_from(content: bytes) -> Carried:
    """The table in a file that somebody brings, read as far as it can be guessed; stores nothing."""
    sheets = sheets_in(content)
    if sum(len(cell) + 4 for one in sheets for row in one.rows for cell in row) > MOST_CARRIED:
        raise UnreadableTable("table_too_large", f"Its cells have more than {MOST_CARRIED} letters.")
    readings = [tables.guessed(one.rows) for one in sheets]
    best = max(range(len(sheets)), key=lambda place: (len(readings[place].columns), -place))
    return Carried(sheets, best, readings[best], Choices())


def carried_back(said: QueryDict) -> Carried:
    """What a page sent with a table, as somebody changed it. Raises NotWhatWasLookedAt."""
    try:
        sheets = tuple(Sheet(str(name), _rows(rows), str(encoding)) for name, encoding, rows in _loaded(said))
    except (ValueError, TypeError, RecursionError) as other:
        raise NotWhatWasLookedAt from other
    if not sheets:
        raise NotWhatWasLookedAt
    sheet = _number(said.get("sheet", ""), 0, len(sheets) - 1)
    heading = _number(said.get("heading", ""), 1, max(1, len(sheets[sheet].rows)))
    rows = sheets[sheet].rows
    guess = tables.guessed(rows) if said.get("shown_for", "").partition("/")[0] != str(sheet) else None
    if guess is None and said.get("shown_for", "") != f"{sheet}/{heading}":
        guess = tables.guessed_below(rows, heading)
    reading = guess or tables.Reading(heading=heading, columns=_columns(said))
    fixed = {name: word[:1000] for name in FIXED if (word := said.get(f"fixed-{name}", "").strip())}
    reading = replace(
        reading,
        fixed={**reading.fixed, **fixed},
        numbers=_word(tables.Numbers, said.get("numbers", "")),
        days=_word(tables.Days, said.get("days", "")),
        clears=said.get("clears") == "on",
    )
    return Carried(sheets, sheet, reading, _choices(said))


def _loaded(said: Mapping[str, Any]) -> list[Any]:
    text = said.get("cells", "")
    if len(text) > 2 * MOST_TABLE_BYTES:
        raise ValueError("too large")
    loaded = json.loads(text)
    if not isinstance(loaded, list):
        raise TypeError("no list")
    return loaded


def _rows(rows: Any) -> tuple[tuple[str, ...], ...]:
    if not all(isinstance(cell, str) for row in rows for cell in row):
        raise TypeError("a cell is text")
    return tuple(tuple(_letters(cell) for cell in row) for row in rows)


def _letters(cell: str) -> str:
    """The cell without what no text of a file can hold: half a letter, or the sign of nothing."""
    return cell.encode("utf-8", "replace").decode().replace("\x00", "")


def _columns(said: QueryDict) -> dict[int, str]:
    names = {place: said.get(f"column-{place}", "") for place in range(tables.MOST_COLUMNS)}
    return {place: name for place, name in names.items() if name in tables.MAPPED}


def _choices(said: QueryDict) -> Choices:
    told = {name.removeprefix("row-"): str(word)[:80] for name, word in said.items() if name.startswith("row-")}
    rows = {int(number): word for number, word in told.items() if word and _is_number(number)}
    left = frozenset(int(number) for number in said.getlist("leave") if _is_number(number))
    return Choices(rows, left, all_wrong=said.get("leave-wrong") == "on")


def _number(said: str, least: int, most: int) -> int:
    number = int(said) if _is_number(said) else least
    return min(max(number, least), most)


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) < 7


def _word[Word: (tables.Numbers, tables.Days)](words: type[Word], said: str) -> Word:
    try:
        return words(said)
    except ValueError:
        return words.RECOGNISED
