"""Rows given out as CSV that no spreadsheet runs, as JSON or for the eye; and tables of others as rows of text."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from samsvar.errors import InterchangeError

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


# --- Tables that come in ----------------------------------------------------------------------------------------------

MOST_TABLE_BYTES = 2 * 1024 * 1024  # two thousand rows with sources take a tenth of it
MOST_UNPACKED_BYTES = 40 * 1024 * 1024  # of a workbook: it is a ZIP file, and may unpack to anything
_SEPARATORS = ",;\t"
_SEP = re.compile(r'"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class UnreadableTable(InterchangeError):
    """A file is no table that can be read. `code` says in what way."""

    advice = "Save it again from a spreadsheet, as CSV in UTF-8 or as XLSX, and bring that."

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, or a whole CSV: its rows, every cell as text. `encoding` is that of a CSV."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    encoding: str = ""


def table_cells(content: bytes, *, encoding: str = "") -> list[list[str]]:
    """The rows of a CSV or a workbook's first sheet, every cell as text; what the file is, its content says.

    Days come as ISO 8601, whole numbers without a point. What `safe_cell` made safe is plain again.
    """
    return [list(row) for row in sheets_in(content, encoding=encoding)[0].rows]


def is_unicode(content: bytes) -> bool:
    """Whether a file is a workbook, or text that says by itself which letters it has."""
    if content.startswith(_WORKBOOKS):
        return True
    try:
        return _csv_text(content, "")[1] != "windows-1252"
    except UnreadableTable as unreadable:
        return unreadable.code != "table_not_utf8"


def sheets_in(content: bytes, *, encoding: str = "") -> tuple[Sheet, ...]:
    """Every sheet of a workbook, or the one of a CSV; there is always one.

    `encoding` is what somebody said of a CSV that is no Unicode: then nothing is concluded from how it reads.
    """
    if not content.strip():
        raise UnreadableTable("table_empty", "There is nothing in the file.")
    if len(content) > MOST_TABLE_BYTES:
        raise UnreadableTable("table_too_large", f"The file has more than {MOST_TABLE_BYTES // 1_048_576} MB.")
    if content.startswith(_WORKBOOKS):
        return tuple(Sheet(name, _plain_rows(rows)) for name, rows in _workbook_sheets(content))
    text, encoding = _csv_text(content, encoding)
    return (Sheet("", _plain_rows(_csv_cells(text)), encoding),)


def _plain_rows(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(plain_cell(cell) for cell in row) for row in rows)


# What Windows-1250 means by these letters of Windows-1252 is Romanian, Polish or Czech: beside letters they tell of it.
_OF_1250 = re.compile("[ºªþÞ¹³¿¾]")
_NO_LETTER_OF_1252 = re.compile("[\x80-\x9f¤¦¨¬¯¸×÷]")


def _csv_text(content: bytes, said: str) -> tuple[str, str]:
    """(the text, its encoding): UTF-8, UTF-16 marked or not; else as was said, or Windows-1252 where it reads so."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), *((m, "utf-16") for m in _MARKS_OF_16)):
        if content.startswith(mark):
            return _decoded(content, encoding)
    if len(content) % 2 == 0 and content.count(b"\x00") * 3 > len(content):  # every second byte of Latin text
        return _decoded(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be")
    try:
        return _decoded(content, "utf-8")
    except UnreadableTable as unreadable:
        if unreadable.code != "table_not_utf8":
            raise
        if said:
            return _decoded(content, said)
        text, encoding = _decoded(content, "windows-1252")
        if _OF_1250.search(text) or _NO_LETTER_OF_1252.search(text):
            raise
        return text, encoding


_MARKS_OF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _decoded(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as other:
        raise UnreadableTable("table_not_utf8", "The file is neither a workbook nor text in a known encoding.") from (
            other
        )
    if "\x00" in text:
        raise UnreadableTable("table_damaged", "The file is no text.")
    return text, encoding.removesuffix("-sig")


def _csv_cells(text: str) -> list[list[str]]:
    """The rows, parted by the sign that gives the most of them one width: a title above the heading has none."""
    if said := _SEP.match(text):  # a line for Excel, which shows it to nobody
        text, separators = text[said.end() :], said[1]
    else:
        separators = _SEPARATORS
    tried = [_parted(text, separator) for separator in separators]
    read = [rows for rows in tried if rows is not None]
    best = max(read, key=_evenness, default=[])
    if not best or (len(read) < len(tried) and not _evenness(best)[0]):
        raise UnreadableTable("table_damaged", "The file breaks off inside a cell, or its quotes do not match.")
    return best


def _parted(text: str, separator: str) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None


def _evenness(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """(the share of rows that have the commonest width above one, that width)."""
    widths = Counter(len(row) for row in rows if row)
    width, count = max(((w, n) for w, n in widths.items() if w > 1), key=lambda one: (one[1], one[0]), default=(1, 0))
    return count / max(1, widths.total()), width


def _workbook_sheets(content: bytes) -> list[tuple[str, list[list[str]]]]:
    import python_calamine  # here, since few callers read a workbook

    _must_unpack_small(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as damaged:
        raise UnreadableTable("table_damaged", "The workbook is damaged or locked, or has no sheet.") from damaged
    if not sheets:
        raise UnreadableTable("table_damaged", "The workbook has no sheet.")
    return [(name, [[_cell_text(cell) for cell in row] for row in rows]) for name, rows in sheets]


def _must_unpack_small(content: bytes) -> None:
    """Unpack a ZIP file to nowhere, to its limit: what it says of its own sizes may be a lie."""
    if not content.startswith(b"PK"):
        return
    left = MOST_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.infolist():
                with packed.open(member) as raw:
                    compressed = _raw_bytes(content, member)
                    if member.compress_type == zipfile.ZIP_DEFLATED:
                        left -= len(zlib.decompressobj(-15).decompress(compressed, left + 1))
                    else:
                        left -= len(raw.read(left + 1))
                if left < 0:
                    raise UnreadableTable("table_unpacks_too_large", "The workbook unpacks to more than is read.")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as bad:
        raise UnreadableTable("table_damaged", "The workbook is damaged or locked.") from bad


def _raw_bytes(content: bytes, member: zipfile.ZipInfo) -> bytes:
    """A member of a ZIP file as it is packed: behind its own header, whose length stands in it."""
    at = member.header_offset
    name, extra = (
        int.from_bytes(content[at + 26 : at + 28], "little"),
        int.from_bytes(content[at + 28 : at + 30], "little"),
    )
    begins = at + 30 + name + extra
    return content[begins : begins + member.compress_size]


def _cell_text(cell: object) -> str:
    """What a spreadsheet shows in a cell, without a format: 92253.0 → "92253", a day → "2019-06-04"."""
    match cell:
        case bool():
            return "yes" if cell else ""
        case float():
            return f"{Decimal(repr(cell)):f}".removesuffix(".0")
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case _:
            return str(cell)
