"""Reading of workbooks (XLSX, XLSB, XLS, ODS) in a child process, with bounds on their cells and texts.

A workbook stores only its filled cells, and each text once. The table made of it is dense: a file of 1.5 kB with one
cell in each corner of its sheet needs 400 GB. Therefore the cells and texts are counted first.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from array import array
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from itertools import chain
from typing import Final

from samsvar.errors import MemoryLimitExceeded, ReaderCrashed, TimeLimitExceeded, UnreadableTable
from samsvar.monitoring.sandbox import run_sandboxed

MAX_UNPACKED_BYTES: Final = 40 * 1024 * 1024  # XLSX, XLSB and ODS are ZIP files and may unpack to any size
MAX_CELLS: Final = 250_000  # from the first to the last filled row and column, on all sheets together
MAX_CHARACTERS: Final = 10_000_000  # in all cells together; imports accept 3.5 million
TIMEOUT_SECONDS: Final = 20.0
MEMORY_LIMIT_MB: Final = 512

type Cells = list[tuple[str, list[list[str]]]]


def read_workbook(content: bytes) -> Cells:
    """Return (name, rows) of each sheet, every cell as text; there is at least one sheet.

    Raises UnreadableTable. The file is opened only in a child process, because a hostile one may crash it.
    """
    try:
        return run_sandboxed(_read_cells, content, seconds=TIMEOUT_SECONDS, megabytes=MEMORY_LIMIT_MB)
    except (TimeLimitExceeded, MemoryLimitExceeded):
        raise UnreadableTable("table_unpacks_too_large", "The workbook is too large once it is unpacked.") from None
    except ReaderCrashed:
        raise UnreadableTable(
            "table_damaged", "The workbook is damaged, or too large for the program that reads it."
        ) from None


# --- Child process ----------------------------------------------------------------------------------------------------


def _read_cells(content: bytes) -> Cells:
    import python_calamine  # imported here because only the child process needs it

    if content.startswith(b"PK"):
        _check_unpacked_size(content)
        _check_stored_cells(content)
    sheets: Cells = []
    count = characters = 0
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:  # several names may mean the same sheet, and formats may be disguised
            sheet = book.get_sheet_by_name(name)
            count += (sheet.total_height + 1) * (sheet.total_width + 1)  # both count from 0
            _check_bounds(count, characters)
            rows = [list(map(_format_cell, cells)) for cells in sheet.to_python(skip_empty_area=False)]
            characters += sum(len(cell) for cell in chain.from_iterable(rows))
            _check_bounds(count, characters)
            sheets.append((name, rows))
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise UnreadableTable("table_damaged", "The workbook is damaged or locked, or has no sheet.") from error
    if not sheets:
        raise UnreadableTable("table_damaged", "The workbook has no sheet.")
    return sheets


def _check_bounds(cells: int, characters: int) -> None:
    if cells > MAX_CELLS:
        raise UnreadableTable(
            "table_too_many_cells",
            f"From the first to the last filled row and column, the workbook has more than {MAX_CELLS:,} cells.",
        )
    if characters > MAX_CHARACTERS:
        raise UnreadableTable(
            "table_too_much_text", f"The cells of the workbook contain more than {MAX_CHARACTERS:,} characters."
        )


_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)


def _check_unpacked_size(content: bytes) -> None:
    """Check a ZIP file's unpacked size by unpacking it up to the limit, because its declared sizes may be false."""
    remaining = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    compressed = _extract_compressed_bytes(content, member)
                    if member.compress_type == zipfile.ZIP_DEFLATED:
                        remaining -= len(zlib.decompressobj(-15).decompress(compressed, remaining + 1))
                    else:
                        remaining -= len(stream.read(remaining + 1))
                if remaining < 0:
                    raise UnreadableTable("table_unpacks_too_large", "The workbook is too large once it is unpacked.")
    except _ZIP_ERRORS as error:
        raise UnreadableTable("table_damaged", "The workbook is damaged or locked.") from error


def _extract_compressed_bytes(content: bytes, member: zipfile.ZipInfo) -> bytes:
    """Return a ZIP member's compressed bytes, which follow its local header of variable length."""
    offset = member.header_offset
    name, extra = struct.unpack_from("<HH", content, offset + 26)
    start = offset + 30 + name + extra
    return content[start : start + member.compress_size]


def _check_stored_cells(content: bytes) -> None:
    """Count the cells and characters that the XML of an XLSX or ODS describes, and check them against the bounds."""
    from lxml import etree

    counter = _CellCounter()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            parser = etree.XMLParser(target=counter, resolve_entities=False, no_network=True)
            try:
                parser.feed(archive.read(member))
                parser.close()
            except etree.XMLSyntaxError:
                continue  # a picture, or damaged XML, which is reported when the workbook is read
            except _ZIP_ERRORS as error:
                raise UnreadableTable("table_damaged", "The workbook is damaged or locked.") from error
    _check_bounds(counter.cells, counter.count_characters())


class _CellCounter:
    """A parser target that measures sheets: the extent of their filled cells, and the length of all texts."""

    def __init__(self) -> None:
        self.cells = 0  # of finished sheets
        self._characters = 0  # that are stored in cells
        self._shared_lengths = array("Q")  # of an XLSX's shared texts
        self._shared_uses = array("Q")  # the index of the shared text of each cell that has one
        self._start_sheet()

    def count_characters(self) -> int:
        known = len(self._shared_lengths)
        return self._characters + sum(self._shared_lengths[index] for index in self._shared_uses if index < known)

    def _start_sheet(self) -> None:
        self._row = self._column = self._last_row = self._last_column = 0
        self._row_repeats = self._column_repeats = 1
        self._is_filled = self._is_text = self._is_shared = False
        self._text_length, self._index = 0, ""

    # The methods that the parser calls.

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "worksheet" | "table":
                self._start_sheet()
            case "row":  # XLSX
                self._row, self._column = _to_number(attributes.get("r"), default=self._row + 1), 0
            case "c":
                column, row_number = _split_reference(attributes.get("r", ""))
                self._column, self._row = column or self._column + 1, row_number or self._row
                self._start_cell(is_shared=attributes.get("t") == "s")
            case "v" | "is" | "t" | "p":
                self._is_filled = self._is_text = True
            case "si":
                self._start_cell()
            case "table-row":  # ODS
                self._row, self._column = self._row + self._row_repeats, 0
                self._row_repeats = _to_number(_find_attribute(attributes, "number-rows-repeated"), default=1)
            case "table-cell" | "covered-table-cell":
                self._column += self._column_repeats if self._column else 1
                self._column_repeats = _to_number(_find_attribute(attributes, "number-columns-repeated"), default=1)
                self._start_cell()
                self._is_filled = _find_attribute(attributes, "value-type") is not None

    def data(self, text: str) -> None:
        if self._is_text:
            self._text_length += len(text)
            if self._is_shared and len(self._index) < 20:
                self._index += text

    def end(self, tag: str) -> None:
        match tag.rpartition("}")[2]:
            case "v" | "is" | "t" | "p":
                self._is_text = False
            case "c":
                if self._is_shared and self._index.strip().isdecimal():
                    self._shared_uses.append(int(self._index))
                    self._text_length = 0
                self._end_cell(1, 1)
            case "si":
                self._shared_lengths.append(self._text_length)
            case "table-cell" | "covered-table-cell":
                self._end_cell(self._row_repeats, self._column_repeats)
            case "worksheet" | "table":
                self.cells += self._last_row * self._last_column
                self._start_sheet()

    def close(self) -> None:
        pass

    def _start_cell(self, *, is_shared: bool = False) -> None:
        self._is_filled, self._is_shared, self._text_length, self._index = False, is_shared, 0, ""

    def _end_cell(self, rows: int, columns: int) -> None:
        if self._is_filled:
            self._last_row = max(self._last_row, self._row + rows - 1)
            self._last_column = max(self._last_column, self._column + columns - 1)
            self._characters += self._text_length * rows * columns
            _check_bounds(self.cells + self._last_row * self._last_column, self._characters)


def _find_attribute(attributes: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in attributes.items() if key.rpartition("}")[2] == name), None)


def _to_number(text: str | None, *, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 12 else default


def _split_reference(reference: str) -> tuple[int, int]:
    """Return (column, row) of a reference such as "AB12", from 1; 0 for a part that is missing."""
    letters = reference.rstrip("0123456789")
    column = 0
    if len(letters) <= 4:
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
    return max(column, 0), _to_number(reference[len(letters) :], default=0)


def _format_cell(cell: object) -> str:
    """Return the text that a spreadsheet shows for an unformatted cell: 92253.0 → "92253", a date → "2019-06-04"."""
    match cell:
        case bool():
            return "yes" if cell else ""
        case float():
            return f"{Decimal(repr(cell)):f}".removesuffix(".0")
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case _:
            return str(cell)
