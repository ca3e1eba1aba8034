"""Output of rows as CSV (formula-safe), XLSX, JSON or text tables, and reading of uploaded spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain
from typing import BinaryIO

from samsvar.errors import UnreadableTable
from samsvar.interchange.workbooks import read_workbook
from samsvar.text import remove_invalid_xml_characters

TableRow = Mapping[str, object]

# Spreadsheets run cells that start like this as formulas (OWASP, "CSV injection", as of 2026-11); full-width
# characters too.
_FORMULA = re.compile(r"'*[\s\x00]*[=+\-@＝＋－＠|%]|'*[\t\r\n]")

MAX_CELL_LENGTH = 32_767  # characters; the maximum in a spreadsheet cell


def render_csv(rows: Iterable[TableRow], columns: Sequence[str]) -> str:
    """Return the rows as CSV with a header: commas, CR LF line ends (RFC 4180), lists separated by "; "."""
    return "".join(iter_csv(rows, columns))


def render_xlsx(
    rows: Iterable[TableRow],
    columns: Mapping[str, str],
    sheet: str = "Samsvar",
    *,
    numbers: Collection[str] = (),
    dates: Collection[str] = (),
) -> bytes:
    """Return the rows as a workbook with a heading, a filter and fitting widths; `columns` maps keys to headings.

    Cells of the columns in `numbers` and `dates` are numbers and days, so that sums and sorting work; a value that is
    neither, such as the month "2019-06", stays text. Every other cell is text, never a formula, number, date or link,
    whatever it looks like: telephone numbers keep their zeros.
    """
    import xlsxwriter  # imported here because it is slow to import and rarely needed

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        heading = workbook.add_format({"bold": True})
        day_format = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        worksheet = workbook.add_worksheet(sheet)
        for place, title in enumerate(columns.values()):
            worksheet.write_string(0, place, title, heading)
        line = 0
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                text = _to_text(row.get(column))
                if column in numbers and (number := _parse_plain_number(text)) is not None:
                    worksheet.write_number(line, place, number)
                elif column in dates and (day := _parse_iso_day(text)) is not None:
                    worksheet.write_datetime(line, place, day, day_format)
                else:
                    worksheet.write_string(line, place, _to_cell_text(text))
        worksheet.freeze_panes(1, 0)
        worksheet.autofilter(0, 0, line, max(len(columns) - 1, 0))
        worksheet.autofit(MAX_COLUMN_WIDTH)
    return buffer.getvalue()


def iter_csv(rows: Iterable[TableRow], columns: Sequence[str]) -> Iterator[str]:
    """Yield the lines of `render_csv`, for rows that do not fit in memory."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for cells in chain([columns], ([_to_csv_cell(row.get(column)) for column in columns] for row in rows)):
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _to_csv_cell(value: object) -> str:
    return escape_formula(_to_text(value))


def write_xlsx(file: BinaryIO, rows: Iterable[TableRow], columns: Mapping[str, str], sheet: str = "Samsvar") -> None:
    """Write a workbook of text cells row by row, for rows that do not fit in memory; `columns` maps keys to headings.

    Formulas cannot run, as in `render_xlsx`. The columns all have the same width, because no row is remembered.
    """
    import xlsxwriter  # imported here because it is slow to import and rarely needed

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        worksheet = workbook.add_worksheet(sheet)
        worksheet.freeze_panes(1, 0)
        worksheet.set_column(0, max(len(columns) - 1, 0), STREAMED_COLUMN_WIDTH)
        heading = workbook.add_format({"bold": True})
        for place, title in enumerate(columns.values()):
            worksheet.write_string(0, place, title, heading)
        for line, values in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                worksheet.write_string(line, place, _to_cell_text(values.get(column)))


def _to_cell_text(value: object) -> str:
    """Return a value as the text of a cell that `read_table` reads again as it was."""
    text = _to_text(value)
    if unescape_formula(text) != text:  # it would lose its own apostrophe
        text = escape_formula(text)
    return remove_invalid_xml_characters(text)[:MAX_CELL_LENGTH]


_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
MAX_EXACT_DIGITS = 15  # a spreadsheet cell holds that many, so a longer number would change
MAX_COLUMN_WIDTH = 420  # pixels
STREAMED_COLUMN_WIDTH = 24  # characters
FIRST_SPREADSHEET_DAY = date(1900, 3, 1)  # before it, programs count days differently


def _parse_plain_number(text: str) -> float | None:
    """Return a number such as "92253" or "-12.50" as a cell holds it; None if it is none or would lose digits."""
    if not _PLAIN_NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) > MAX_EXACT_DIGITS:
        return None
    return float(text)


def _parse_iso_day(text: str) -> datetime | None:
    """Return a day such as "2019-06-04" as a cell holds it; None for other texts and days before spreadsheets' own."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time()) if len(text) == 10 and day >= FIRST_SPREADSHEET_DAY else None


def escape_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; `unescape_formula` removes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(cell: str) -> str:
    """Return the original of a text escaped by `escape_formula`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def render_json(rows: Iterable[TableRow]) -> str:
    """Return the rows as a JSON array with one row per line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def render_json_line(row: TableRow) -> str:
    """Return one row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def render_table(rows: Iterable[TableRow], columns: Mapping[str, str], max_width: int = 60) -> str:
    """Return the rows as a text table; `columns` maps keys to headings, cells longer than `max_width` end with "…"."""
    cells = [list(columns.values()), *([_to_text(row.get(key)) for key in columns] for row in rows)]
    cut = [[_truncate(cell, max_width) for cell in line] for line in cells]
    widths = [max(map(_display_width, column)) for column in zip(*cut, strict=True)]
    lines = ("  ".join(_pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cut)
    return "\n".join(lines) + "\n"


def _to_text(value: object) -> str:
    """Return a value as text: "" for None, items of lists separated by "; ", values of mappings by spaces."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " ".join(_to_text(part) for part in value.values() if part not in (None, "", [], ()))
    if isinstance(value, list | tuple):
        return "; ".join(map(_to_text, value))
    return str(value)


def _truncate(text: str, max_width: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= max_width else flat[: max_width - 1].rstrip() + "…"


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _display_width(text))


def _display_width(text: str) -> int:
    """Return the width on a terminal: wide characters take two columns, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# --- Reading tables ---------------------------------------------------------------------------------------------------

MAX_TABLE_BYTES = 2 * 1024 * 1024  # two thousand rows with sources take a tenth of it
_SEPARATORS = ",;\t"
_SEP = re.compile(r'"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, or a whole CSV, with every cell as text. `encoding` is set only for a CSV."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    encoding: str = ""


def read_table(content: bytes, *, encoding: str = "") -> list[list[str]]:
    """Return the rows of a CSV or of a workbook's first sheet, with every cell as text.

    The format is detected from the content. Dates are in ISO 8601, whole numbers have no decimal point, and texts
    escaped by `escape_formula` are unescaped.
    """
    return [list(row) for row in read_sheets(content, encoding=encoding)[0].rows]


def is_encoding_certain(content: bytes) -> bool:
    """Return whether the encoding is certain, because the file is a workbook or text in Unicode."""
    if content.startswith(_WORKBOOKS):
        return True
    try:
        return _decode_csv(content, "")[1] != "windows-1252"
    except UnreadableTable as error:
        return error.code != "table_not_utf8"


def read_sheets(content: bytes, *, encoding: str = "") -> tuple[Sheet, ...]:
    """Return every sheet of a workbook, or the single sheet of a CSV; there is always at least one sheet.

    `encoding` is the encoding that the user chose for a CSV that is not Unicode; if it is "", the encoding is guessed.
    """
    if not content.strip():
        raise UnreadableTable("table_empty", "The file is empty.")
    if len(content) > MAX_TABLE_BYTES:
        raise UnreadableTable("table_too_large", f"The file is larger than {MAX_TABLE_BYTES // 1_048_576} MB.")
    if content.startswith(_WORKBOOKS):
        return tuple(Sheet(name, _unescape_rows(rows)) for name, rows in read_workbook(content))
    text, encoding = _decode_csv(content, encoding)
    return (Sheet("", _unescape_rows(_parse_csv(text)), encoding),)


def _unescape_rows(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(unescape_formula(cell) for cell in row) for row in rows)


# In Windows-1250 these characters of Windows-1252 are Romanian, Polish or Czech letters, so they suggest
# Windows-1250.
_WINDOWS_1250_LETTERS = re.compile("[ºªþÞ¹³¿¾]")
_WINDOWS_1252_SYMBOLS = re.compile("[\x80-\x9f¤¦¨¬¯¸×÷]")


def _decode_csv(content: bytes, declared_encoding: str) -> tuple[str, str]:
    """Decode a CSV; return (text, encoding).

    UTF-8 and UTF-16 are recognised with or without a byte order mark. Other content is read with the declared
    encoding, or without one as Windows-1252 if the result is plausible.
    """
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), *((m, "utf-16") for m in _UTF16_MARKS)):
        if content.startswith(mark):
            return _decode(content, encoding)
    if len(content) % 2 == 0 and content.count(b"\x00") * 3 > len(content):  # every second byte of Latin text in UTF-16
        return _decode(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be")
    try:
        return _decode(content, "utf-8")
    except UnreadableTable as error:
        if error.code != "table_not_utf8":
            raise
        if declared_encoding:
            return _decode(content, declared_encoding)
        text, encoding = _decode(content, "windows-1252")
        if _WINDOWS_1250_LETTERS.search(text) or _WINDOWS_1252_SYMBOLS.search(text):
            raise
        return text, encoding


_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _decode(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableTable(
            "table_not_utf8", "The file is neither a spreadsheet nor text in UTF-8, UTF-16 or Windows-1252."
        ) from (error)
    if "\x00" in text:
        raise UnreadableTable("table_damaged", "The file is not text.")
    return text, encoding.removesuffix("-sig")


def _parse_csv(text: str) -> list[list[str]]:
    """Return the rows, split by the separator that gives the most rows the same number of cells.

    The separator need not occur in every row: a title above the heading has none.
    """
    if instruction := _SEP.match(text):  # an instruction to Excel, which does not display it
        text, separators = text[instruction.end() :], instruction[1]
    else:
        separators = _SEPARATORS
    attempts = [_split_rows(text, separator) for separator in separators]
    parsed = [rows for rows in attempts if rows is not None]
    best = max(parsed, key=_measure_column_consistency, default=[])
    if not best or (len(parsed) < len(attempts) and not _measure_column_consistency(best)[0]):
        raise UnreadableTable("table_damaged", "The file ends inside a cell, or its quotation marks do not match.")
    return best


def _split_rows(text: str, separator: str) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None


def _measure_column_consistency(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Return the share of rows with the most common number of cells above one, and that number."""
    widths = Counter(len(row) for row in rows if row)
    width, count = max(((w, n) for w, n in widths.items() if w > 1), key=lambda one: (one[1], one[0]), default=(1, 0))
    return count / max(1, widths.total()), width
