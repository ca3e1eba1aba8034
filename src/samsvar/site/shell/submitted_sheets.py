"""Sheets of an uploaded table that a form carries from page to page, so that no file is saved before it is imported."""

from __future__ import annotations

import json
from typing import Any

from django.http import QueryDict

from samsvar.errors import UnreadableTable
from samsvar.interchange.tables import MAX_TABLE_BYTES, Sheet, read_sheets

MAX_CHARACTERS = 3_500_000  # limit for all cells as JSON; a request may contain five million


class InvalidImportState(Exception):
    """Raised when submitted sheets or settings cannot have come from the page of an import."""


def read_uploaded_sheets(content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of an uploaded table. Raises UnreadableTable, also if they are too large for a form."""
    sheets = read_sheets(content)
    if sum(len(cell) + 4 for sheet in sheets for cells in sheet.rows for cell in cells) > MAX_CHARACTERS:
        raise UnreadableTable("table_too_large", f"The cells contain more than {MAX_CHARACTERS} characters.")
    return sheets


def dump_sheets(sheets: tuple[Sheet, ...]) -> str:
    """Return the sheets as JSON for a hidden field."""
    return json.dumps([[sheet.name, sheet.encoding, sheet.rows] for sheet in sheets], ensure_ascii=False)


def load_sheets(data: QueryDict, field: str = "cells") -> tuple[Sheet, ...]:
    """Return the sheets in a submitted form. Raises InvalidImportState."""
    try:
        sheets = tuple(
            Sheet(str(name), _clean_rows(rows), str(encoding)) for name, encoding, rows in _load_list(data.get(field))
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidImportState from error
    if not sheets:
        raise InvalidImportState
    return sheets


def parse_place(text: str, least: int, most: int) -> int:
    """Return a submitted number within its limits; the least one if it is no number."""
    return min(max(int(text), least), most) if is_plain_number(text) else least


def is_plain_number(text: str) -> bool:
    """Return whether a submitted text is a short whole number."""
    return text.isascii() and text.isdigit() and len(text) < 7


def _load_list(text: str | None) -> list[Any]:
    if text is None or len(text) > 2 * MAX_TABLE_BYTES:
        raise ValueError("missing or too large")
    loaded = json.loads(text)
    if not isinstance(loaded, list):
        raise TypeError("no list")
    return loaded


def _clean_rows(rows: Any) -> tuple[tuple[str, ...], ...]:
    if not all(isinstance(cell, str) for cells in rows for cell in cells):
        raise TypeError("the cells are not a list")
    return tuple(tuple(_clean_cell(cell) for cell in cells) for cells in rows)


def _clean_cell(cell: str) -> str:
    """Return the cell without lone surrogates and null characters, which no text file can contain."""
    return cell.encode("utf-8", "replace").decode().replace("\x00", "")
