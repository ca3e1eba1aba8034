"""Rows given out as CSV that no spreadsheet runs, as JSON, as JSON lines, or as a table for the eye."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

Row = Mapping[str, object]

# A spreadsheet runs a cell that begins so as a formula (OWASP, "CSV injection"; full-width forms count too). 2026-11.
_RUNS = re.compile(r"'*[\s\x00]*[=+\-@＝＋－＠|%]|'*[\t\r\n]")

LONGEST_CELL = 32_767  # characters; a spreadsheet has no longer cell
_XML_HAS_NO = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_text(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """The rows as CSV with a header: UTF-8 text, commas, lines ending in CR LF (RFC 4180). Lists are parted by "; "."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe_cell(_flat(row.get(column))) for column in columns] for row in rows)
    return out.getvalue()


def xlsx_bytes(rows: Iterable[Row], columns: Mapping[str, str], sheet: str = "Samsvar") -> bytes:
    """The rows as a workbook with a heading: `columns` gives each key its heading. Every cell is a text.

    A text is never a formula, a number, a day or a link, whatever it looks like: what was typed is what is read, and a
    telephone number keeps its zeros.
    """
    import xlsxwriter  # here, since it takes a while to import and few callers write a workbook

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        heading = workbook.add_format({"bold": True})
        page = workbook.add_worksheet(sheet)
        for place, title in enumerate(columns.values()):
            page.write_string(0, place, title, heading)
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                page.write_string(line, place, _XML_HAS_NO.sub("", _flat(row.get(column)))[:LONGEST_CELL])
        page.freeze_panes(1, 0)
    return out.getvalue()


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it; `plain_cell` takes that away again."""
    return f"'{text}" if _RUNS.match(text) else text


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` made safe."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell[1:]) else cell


def json_text(rows: Iterable[Row]) -> str:
    """The rows as one JSON array, one row a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def json_line(row: Row) -> str:
    """One row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def table_text(rows: Iterable[Row], columns: Mapping[str, str], widest: int = 60) -> str:
    """The rows as columns for the eye: `columns` gives each key its heading, `widest` cuts long cells with "…"."""
    cells = [list(columns.values()), *([_flat(row.get(key)) for key in columns] for row in rows)]
    cut = [[_shortened(cell, widest) for cell in line] for line in cells]
    widths = [max(map(_width, column)) for column in zip(*cut, strict=True)]
    lines = ("  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cut)
    return "\n".join(lines) + "\n"


def _flat(value: object) -> str:
    """One value as text: nothing for None, lists parted by "; ", values with keys by their first value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " ".join(_flat(part) for part in value.values() if part not in (None, "", [], ()))
    if isinstance(value, list | tuple):
        return "; ".join(map(_flat, value))
    return str(value)


def _shortened(text: str, widest: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= widest else flat[: widest - 1].rstrip() + "…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: wide letters take two, marks that combine none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
