"""From the bytes of a file to pages of lines with place, size and weight: PDF, DOCX, HTML and plain text.

The only module that knows the PDF library. What a file is, its first bytes say and not its name.
"""

from __future__ import annotations

import ctypes
import re
import struct
import threading
import zlib
from math import sqrt
from pathlib import Path
from typing import Any, Final

import pypdfium2  # noqa: F401  its import starts PDFium
import pypdfium2.raw as pdfium

from samsvar.errors import (
    EmptyReport,
    EncryptedReport,
    NeedsOcr,
    NoSuchPage,
    PageUnreadable,
    TooLarge,
    UnknownFormat,
    UnreadableReport,
)
from samsvar.monitoring.report import Line, Page, Report
from samsvar.spans import Box

LARGEST_FILE: Final = 200_000_000  # bytes; a report with all its pictures has 60 MB at most (2026-11)
MOST_PAGES: Final = 5_000

_PDFIUM = threading.Lock()  # PDFium keeps state of its own and is not safe from two threads at once

# What a file's first bytes say it is, where Samsvar does not read it: the name for a person.
_FOREIGN: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint file"),
    (b"{\\rtf", "a rich text file"),
    (b"PK\x03\x04", "a ZIP archive, or an office document other than DOCX"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"%!PS", "a PostScript file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
)
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|article|main|section|div|p|h[1-6]|ol|ul|table)[\s>]", re.IGNORECASE
)
_WITHOUT_ITS_HEAD = re.compile(rb"\d+\s+\d+\s+obj\s*<<|\bstartxref\s+\d|\btrailer\s*<<")  # a PDF, damaged at its start


def read_pages(content: bytes, document: str, kind: str = "auto") -> Report:
    """The report that `content` holds, as pages of lines in reading order; a named error where it cannot be read.

    `kind` "auto" looks at the content; "pdf", "docx", "html" and "text" take the caller's word for it.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise EmptyReport(f"“{document}” is empty.")
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"“{document}” has {len(content) / 1e6:.0f} MB; at most {LARGEST_FILE / 1e6:.0f} MB are read.")
    if kind == "auto":
        kind = format_of(content)
        suffix = document.rpartition(".")[2].lower()
        if kind == "text" and suffix in ("pdf", "docx"):
            raise UnreadableReport(f"“{document}” is called a {suffix.upper()} and is none.")
    match kind:
        case "pdf":
            pages = _pages_of_pdf(content, document)
        case "docx":
            from samsvar.monitoring.docx import pages_of_docx  # lxml costs 60 ms, which a pile of PDFs need not pay

            pages = pages_of_docx(content, document)
        case "html":
            from samsvar.monitoring.markup import pages_of_html

            pages = pages_of_html(content)
        case "text":
            from samsvar.monitoring.markup import pages_of_text

            if _is_no_text(content):
                raise UnknownFormat(f"“{document}” is no text.")
            pages = pages_of_text(text_of(content))
        case _:
            raise UnknownFormat(f"“{document}” is {kind}.")
    if not any(page.lines for page in pages):
        raise EmptyReport(f"There is no text in “{document}”.")
    return Report(document=document, format=kind, pages=pages)


def format_of(content: bytes) -> str:
    """`"pdf"`, `"docx"`, `"html"` or `"text"`; for anything else, what it is in words a person understands."""
    head = content[:1024]
    if b"%PDF-" in head or _WITHOUT_ITS_HEAD.search(head):
        return "pdf"
    if head.startswith(b"PK\x03\x04") and b"word/document.xml" in content:
        return "docx"
    for start, name in _FOREIGN:
        if head.startswith(start):
            return name
    if _MARKUP.search(content[:4096]):
        return "html"
    if _is_no_text(content):
        return "no format that is read here: neither PDF, DOCX, HTML nor text"
    return "text"


def _is_no_text(content: bytes) -> bool:
    """Whether more than one in fifty of the first bytes is a control character that no text has."""
    sample = content[:65536]
    if _utf_16(sample):  # full of zero bytes and still text
        return False
    return sum(byte < 9 or 13 < byte < 32 for byte in sample) * 50 > len(sample)


def _utf_16(sample: bytes) -> str | None:
    """The kind of UTF-16 that a text is in, by its mark or, without one, by the zero bytes of its Latin letters."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    pairs = len(sample) // 2
    low, high = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if low * 50 < pairs and high * 10 > pairs * 7:
        return "utf-16-le"
    if high * 50 < pairs and low * 10 > pairs * 7:
        return "utf-16-be"
    return None


def text_of(content: bytes) -> str:
    """The characters of a plain text: UTF-8, UTF-16 with its mark or without, or else what Western Windows wrote."""
    if encoding := _utf_16(content[:65536]):
        return content.decode(encoding, "replace").lstrip("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


# --- PDF ---------------------------------------------------------------------------------------------------------

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Digits that could be a footnote's marker: after a letter, or after what ends a word or a sentence.
_PROBABLE_MARKER = re.compile(
    r"(?:(?<=[^\W\d_])|(?<=[.,;:!?)\]”\"’»*]))( ?)(\d{1,3})(?![\w%])|^()(\d{1,3})(?= ?[^\W\d_“\"«(])"
)
_LINE_NUMBER = re.compile(r"[(\[]?(?:\d{1,4}(?:\. ?\d{1,4}){0,3}|\w)[.)\]]{0,2}|[^\w\s]{1,2}")  # "57.", "(a)", "•"
_A_DIGIT = re.compile(r"\d")  # a plain set of characters is sought ten times as fast as what stands above
_LEFTWARDS = re.compile("[\u0590-\u08ff]{2}")  # Hebrew, Arabic and their kin are written from right to left
_WITHOUT_MEANING = re.compile("[\ufffd\ue000-\uf8ff\0-\x1f]+")  # private use and control characters
_TRIM = " \t\r\n\x00\x02\ufffe\xa0\u200b\ufeff"
_FORCED_BOLD: Final = 1 << 18
_ITALIC: Final = 1 << 6
COLUMN_GAP: Final = 2.2  # widths of an em between words, above which two stretches on one height are two lines


class _Fragment:
    """A stretch of one line as PDFium delivers it; user space of the page, y upwards."""

    __slots__ = ("bold", "bottom", "italic", "left", "right", "sideways", "size", "text", "top")

    def __init__(
        self,
        text: str,
        left: float,
        bottom: float,
        right: float,
        top: float,
        size: float,
        bold: bool,
        italic: bool,
        sideways: bool = False,
    ) -> None:
        self.text, self.left, self.bottom, self.right, self.top = text, left, bottom, right, top
        self.size, self.bold, self.italic, self.sideways = size, bold, italic, sideways


def _open_pdf(content: bytes, document: str) -> Any:
    """A PDFium handle on the document; the caller closes it and keeps `content` alive until then."""
    handle = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    if handle:
        return handle
    if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        raise EncryptedReport(f"“{document}” is protected by a password.")
    raise UnreadableReport(f"“{document}” is damaged: it begins like a PDF and cannot be opened.")


def _pages_of_pdf(content: bytes, document: str) -> tuple[Page, ...]:
    with _PDFIUM:
        handle = _open_pdf(content, document)
        try:
            count = pdfium.FPDF_GetPageCount(handle)
            if count < 1:
                raise EmptyReport(f"“{document}” has no pages.")
            if count > MOST_PAGES:
                raise TooLarge(f"“{document}” has {count} pages; at most {MOST_PAGES} are read.")
            pages, pictured = [], False
            for index in range(count):
                raw_page = pdfium.FPDF_LoadPage(handle, index)
                if not raw_page:
                    raise PageUnreadable(index + 1, count)
                try:
                    page = _page_of(raw_page, index + 1, count)
                    pictured = pictured or (not page.lines and pdfium.FPDFPage_CountObjects(raw_page) > 0)
                finally:
                    pdfium.FPDF_ClosePage(raw_page)
                pages.append(page)
        finally:
            pdfium.FPDF_CloseDocument(handle)
    characters = "".join(line.text for page in pages for line in page.lines)
    if pictured and len(characters) < 20 * count:  # a stamp or a page number on a scan does not make it readable
        raise NeedsOcr(f"“{document}” shows pictures of pages: there is no text in it.")
    if characters and len("".join(_WITHOUT_MEANING.findall(characters))) * 2 > len(characters):
        raise NeedsOcr(f"The text layer of “{document}” does not say which letters it shows.")
    return tuple(pages)


def _page_of(raw_page: Any, number: int, count: int) -> Page:
    raw_text = pdfium.FPDFText_LoadPage(raw_page)
    if not raw_text:
        raise PageUnreadable(number, count)
    try:
        fragments = _fragments_of(raw_text)
    finally:
        pdfium.FPDFText_ClosePage(raw_text)
    width = max(pdfium.FPDF_GetPageWidthF(raw_page), 1.0)
    height = max(pdfium.FPDF_GetPageHeightF(raw_page), 1.0)
    if not fragments:
        return Page(number, width, height, ())
    frame = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(raw_page, ctypes.byref(frame)):
        frame.left, frame.bottom, frame.right, frame.top = 0.0, 0.0, width, height
    turned = pdfium.FPDFPage_GetRotation(raw_page)
    left_edge, top_edge = frame.left, frame.top
    # A page that is shown turned holds its text sideways, so that it is seen upright: turn first, then find lines. Text
    # that stands upright in such a page is seen sideways, and its lines are found where they are still level.
    sideways = turned and sum(piece.sideways for piece in fragments) * 2 > len(fragments)
    if sideways:
        _turn(fragments, turned, frame)
        left_edge, top_edge = 0.0, height
    gutter = _gutter_of(fragments, left_edge, width)
    rows = _joined_by_height(fragments) if gutter is None else _column_by_column(fragments, gutter)
    if turned and not sideways:
        _turn(rows, turned, frame)
        left_edge, top_edge = 0.0, height
    lines = []
    for piece in rows:
        lines.append(
            Line(
                piece.text,
                Box(
                    number,
                    min(max(piece.left - left_edge, 0.0), width),
                    min(max(top_edge - piece.top, 0.0), height),
                    min(max(piece.right - left_edge, 0.0), width),
                    min(max(top_edge - piece.bottom, 0.0), height),
                ),
                piece.size,
                piece.bold,
                piece.italic,
            )
        )
    return Page(number, width, height, tuple(lines))


def _fragments_of(raw_text: Any) -> list[_Fragment]:
    """One fragment for each line that PDFium finds, in the order of the content stream.

    Three characters of each line are asked for their place and font, not all of them: one call costs 0.8 µs, a page
    has 3,000 characters, and plain text extraction of it takes 1,400 µs.
    """
    count = pdfium.FPDFText_CountChars(raw_text)
    if count <= 0:
        return []
    buffer = (ctypes.c_ushort * (count * 2 + 2))()
    written = pdfium.FPDFText_GetText(raw_text, 0, count, buffer)
    text = bytes(memoryview(buffer).cast("B")[: 2 * max(written - 1, 0)]).decode("utf-16-le", "replace")
    # Characters outside the basic plane and characters without a meaning make the two countings differ.
    index_of = None if len(text) == count else pdfium.FPDFText_GetCharIndexFromTextIndex
    if index_of and any(ord(character) > 0xFFFF for character in text):
        text = "".join(character if character <= "\uffff" else "\ufffd\ufffd" for character in text)

    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    box_ref, matrix_ref = ctypes.byref(box), ctypes.byref(matrix)
    box_of, object_of, font_of = (
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetTextObject,
        pdfium.FPDFTextObj_GetFont,
    )
    weights: dict[int, tuple[bool, bool]] = {}
    fragments: list[_Fragment] = []

    def weight_at(index: int) -> tuple[bool, bool]:
        held = object_of(raw_text, index)
        font = font_of(held) if held else None
        if not font:
            return (False, False)
        address = ctypes.addressof(font.contents)
        known = weights.get(address)
        if known is None:
            known = weights[address] = _weight_of(font)
        return known

    start, end = 0, len(text)
    while start < end:
        # PDFium marks a hyphen at a line's end as U+FFFE (older: U+0002) and drops the line's end after it.
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        hyphen = text.find("\ufffe", start, stop)
        hyphen = text.find("\x02", start, stop) if hyphen < 0 else hyphen
        if hyphen >= 0:
            stop = hyphen + 1
        piece = text[start:stop]
        stripped = piece.strip(_TRIM)
        if not stripped:
            start = stop + (hyphen < 0)
            continue
        first = start + piece.index(stripped[0])
        last = first + len(stripped) - 1
        middle = (first + last) >> 1
        while text[middle] == " ":
            middle -= 1
        a, m, z = (first, middle, last) if index_of is None else (index_of(raw_text, i) for i in (first, middle, last))
        if hyphen >= 0:
            stripped += "-"
        box_of(raw_text, z, box_ref)
        left_of_last, right = box.left, box.right
        box_of(raw_text, a, box_ref)
        left = box.left
        if box.right > right:  # written from right to left
            left, right = left_of_last, box.right
        box_of(raw_text, m, box_ref)
        bottom, top = box.bottom, box.top
        pdfium.FPDFText_GetMatrix(raw_text, m, matrix_ref)
        scale = sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
        size = round(pdfium.FPDFText_GetFontSize(raw_text, m) * scale, 1)
        bold, italic = weight_at(m)
        if a != m:
            (bold_a, italic_a), (bold_z, italic_z) = weight_at(a), weight_at(z)
            bold, italic = bold + bold_a + bold_z > 1, italic + italic_a + italic_z > 1
        if _A_DIGIT.search(stripped) and _PROBABLE_MARKER.search(stripped):
            stripped = _with_markers(raw_text, stripped, first, index_of, size, box)
        length = last - first + 1
        if length > 3 and right - left > 0.68 * size * length:  # wider than letters are: is there a gutter inside?
            fragments += _cut_at_gaps(
                raw_text, text[first : last + 1], first, index_of, size, box, (left, bottom, right, top), bold, italic
            )
        else:
            sideways = abs(matrix.b) > abs(matrix.a)
            if sideways:
                left, right, bottom, top = _around(raw_text, (a, m, z), box)
            fragments.append(_Fragment(stripped, left, bottom, right, top, size, bold, italic, sideways))
        start = stop + (hyphen < 0)
    return fragments


def _around(raw_text: Any, indexes: tuple[int, ...], box: Any) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of the smallest box round some characters."""
    edges = []
    for index in indexes:
        pdfium.FPDFText_GetLooseCharBox(raw_text, index, ctypes.byref(box))
        edges.append((box.left, box.right, box.bottom, box.top))
    lefts, rights, bottoms, tops = zip(*edges, strict=True)
    return min(lefts), max(rights), min(bottoms), max(tops)


def _weight_of(font: Any) -> tuple[bool, bool]:
    """Whether a font is bold, and whether it is italic: by its name first, since flags are often left unset.

    Chinese headings are set in a Hei ("black") face where Latin ones are bold.
    """
    name = ctypes.create_string_buffer(160)
    pdfium.FPDFFont_GetBaseFontName(font, name, 160)
    called = name.value.decode("latin-1").lower().rpartition("+")[2]
    flags = pdfium.FPDFFont_GetFlags(font)
    flags = 0 if flags < 0 else flags
    bold = any(word in called for word in ("bold", "black", "heavy", "demi", "hei")) or bool(flags & _FORCED_BOLD)
    if not bold and "regular" not in called:
        bold = pdfium.FPDFFont_GetWeight(font) >= 700
    return bold, "italic" in called or "oblique" in called or bool(flags & _ITALIC)


def _with_markers(raw_text: Any, text: str, first: int, index_of: Any, size: float, box: Any) -> str:
    """The line with its raised small digits written as superscripts, so that later steps see footnote markers."""
    matrix = pdfium.FS_MATRIX()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()

    def raised(found: re.Match[str]) -> str:
        digits = found[2] or found[4]
        index = first + (found.start(2) if found[2] else found.start(4))
        index = index if index_of is None else index_of(raw_text, index)
        pdfium.FPDFText_GetMatrix(raw_text, index, ctypes.byref(matrix))
        scale = sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
        small = pdfium.FPDFText_GetFontSize(raw_text, index) * scale < 0.8 * size
        if not small:  # a font can have raised digits of its own, which are printed in full size and stand high
            pdfium.FPDFText_GetCharBox(
                raw_text, index, ctypes.byref(left), ctypes.byref(right), ctypes.byref(bottom), ctypes.byref(top)
            )
            pdfium.FPDFText_GetCharOrigin(raw_text, index, ctypes.byref(x), ctypes.byref(y))
            small = top.value - bottom.value < 0.56 * size and bottom.value - y.value > 0.15 * size
        return digits.translate(_SUPERSCRIPT) if small else found[0]

    return _PROBABLE_MARKER.sub(raised, text)


def _cut_at_gaps(
    raw_text: Any,
    text: str,
    first: int,
    index_of: Any,
    size: float,
    box: Any,
    frame: tuple[float, float, float, float],
    bold: bool,
    italic: bool,
) -> list[_Fragment]:
    """The stretches of a wide line that a gutter or a table's column parts; one where nothing parts it."""
    left, bottom, right, top = frame
    reference = ctypes.byref(box)
    pieces: list[_Fragment] = []
    begin, position = 0, text.find(" ")
    while 0 < position < len(text) - 1:
        after = position + 1
        while after < len(text) - 1 and text[after] == " ":
            after += 1
        before, behind = first + position - 1, first + after
        if index_of is not None:
            before, behind = index_of(raw_text, before), index_of(raw_text, behind)
        pdfium.FPDFText_GetLooseCharBox(raw_text, before, reference)
        edge = box.right
        pdfium.FPDFText_GetLooseCharBox(raw_text, behind, reference)
        if box.left - edge > COLUMN_GAP * size and not _LINE_NUMBER.fullmatch(text[begin:position]):
            pieces.append(_Fragment(text[begin:position], left, bottom, edge, top, size, bold, italic))
            begin, left = after, box.left
        position = text.find(" ", after)
    pieces.append(_Fragment(text[begin:].rstrip(_TRIM), left, bottom, right, top, size, bold, italic))
    return pieces


def _turn(fragments: list[_Fragment], turned: int, frame: Any) -> None:
    """Moves fragments of a page that is shown turned by 90° × `turned` to where the reader sees them, origin (0, 0)."""
    for piece in fragments:
        left, right = piece.left - frame.left, piece.right - frame.left
        bottom, top = piece.bottom - frame.bottom, piece.top - frame.bottom
        wide, high = frame.right - frame.left, frame.top - frame.bottom
        match turned:
            case 1:
                left, right, bottom, top = bottom, top, wide - right, wide - left
            case 2:
                left, right, bottom, top = wide - right, wide - left, high - top, high - bottom
            case _:
                left, right, bottom, top = high - top, high - bottom, left, right
        piece.left, piece.right, piece.bottom, piece.top = left, right, bottom, top


def _joined_by_height(fragments: list[_Fragment]) -> list[_Fragment]:
    """Fragments that stand on one height joined into one line, from the top of the page to its bottom.

    A number printed apart from its paragraph, or a raised marker, comes back to its line this way.
    """
    previous, ordered = None, True
    if not fragments:
        return []
    for piece in fragments:
        if previous is not None and (piece.top + piece.bottom) / 2 > previous.bottom:
            ordered = False
            break
        previous = piece
    if ordered:
        return list(fragments)
    pieces = sorted(fragments, key=lambda piece: -(piece.top + piece.bottom))
    rows: list[list[_Fragment]] = []
    for piece in pieces:
        middle = (piece.top + piece.bottom) / 2
        if rows and rows[-1][0].bottom < middle < rows[-1][0].top:
            rows[-1].append(piece)
        elif rows and piece.bottom < (rows[-1][0].top + rows[-1][0].bottom) / 2 < piece.top:
            rows[-1].append(piece)  # a raised marker came first
        else:
            rows.append([piece])
    lines: list[_Fragment] = []
    for row in rows:
        if len(row) == 1:
            lines += row
            continue
        leftwards = _LEFTWARDS.search("".join(piece.text for piece in row)) is not None
        row.sort(key=lambda piece: -piece.right if leftwards else piece.left)
        body = max(row, key=lambda piece: len(piece.text))
        current = row[0]
        for piece in row[1:]:
            gap = current.left - piece.right if leftwards else piece.left - current.right
            numbered = _LINE_NUMBER.fullmatch(current.text) is not None
            if gap < (8.0 if numbered else COLUMN_GAP) * max(
                min(current.size, piece.size) if not numbered else body.size, 4.0
            ):
                current = _beside(current, piece)
            else:
                lines.append(current)
                current = piece
        lines.append(current)
    return lines


def _beside(left: _Fragment, right: _Fragment) -> _Fragment:
    """Two fragments of one line as one; small digits beside larger text are markers and written raised."""
    one, two = left.text, right.text
    body = left if len(one) > len(two) or (len(one) == len(two) and left.size >= right.size) else right
    if left is not body and left.size < 0.8 * body.size and one.isdigit():
        one = one.translate(_SUPERSCRIPT)
    if right is not body and right.size < 0.8 * body.size and two.isdigit():
        two = two.translate(_SUPERSCRIPT)
    gap = max(right.left - left.right, left.left - right.right)
    space = "" if gap < 0.12 * body.size and not one.endswith((".", ")")) else " "
    return _Fragment(
        f"{one}{space}{two}",
        min(left.left, right.left),
        body.bottom,
        max(left.right, right.right),
        body.top,
        body.size,
        body.bold,
        body.italic,
    )


def _gutter_of(fragments: list[_Fragment], left_edge: float, width: float) -> float | None:
    """Where the room between two columns is, in user space; None on a page that has one column.

    On a page of two columns most lines stay on one side of a place near the middle, and either side has several.
    """
    long = [piece for piece in fragments if len(piece.text) > 12]
    if len(long) < 10 or sum(piece.right < left_edge + width * 0.58 for piece in long) * 5 < len(long):
        return None  # most pages: nearly every line reaches beyond the middle
    for share in (0.5, 0.48, 0.52, 0.46, 0.54, 0.44, 0.56):
        gutter = left_edge + width * share
        left = sum(piece.right < gutter for piece in long)
        right = sum(piece.left > gutter for piece in long)
        if min(left, right) >= 5 and min(left, right) * 2 > len(long) - left - right:
            return gutter
    return None


def _column_by_column(fragments: list[_Fragment], gutter: float) -> list[_Fragment]:
    """The lines of a page of two columns as they are read: between lines across both, first left, then right."""
    across = _joined_by_height([piece for piece in fragments if piece.left <= gutter <= piece.right])
    left = _joined_by_height([piece for piece in fragments if piece.right < gutter])
    right = _joined_by_height([piece for piece in fragments if piece.left > gutter])
    read: list[_Fragment] = []
    for line in [*sorted(across, key=lambda piece: -piece.top), None]:
        above = -float("inf") if line is None else line.top
        for column in (left, right):
            here = [piece for piece in column if piece.top >= above]
            read += here
            del column[: len(here)]
        if line is not None:
            read.append(line)
    return read


# --- pictures of pages -----------------------------------------------------------------------------------------------

MOST_PIXELS: Final = 25_000_000  # of one picture: 100 MB while it is drawn
_FLAGS: Final = pdfium.FPDF_ANNOT


def page_picture(source: bytes | str | Path, page: int, *, width: int = 1000) -> bytes:
    """The page (counted from 1) of a PDF as a PNG, `width` pixels wide; fewer where the page is very long.

    A box of a passage, in points from the top left corner, lies at the same fraction of width and height.
    """
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    if format_of(content) != "pdf":
        raise UnknownFormat("Only a PDF has pages to draw.", kept="")
    with _PDFIUM:
        handle = _open_pdf(content, "the document")
        try:
            count = pdfium.FPDF_GetPageCount(handle)
            if not 1 <= page <= count:
                raise NoSuchPage(page, count)
            raw_page = pdfium.FPDF_LoadPage(handle, page - 1)
            if not raw_page:
                raise PageUnreadable(page, count)
            try:
                return _drawn(raw_page, page, count, width)
            finally:
                pdfium.FPDF_ClosePage(raw_page)
        finally:
            pdfium.FPDF_CloseDocument(handle)


def _drawn(raw_page: Any, page: int, count: int, width: int) -> bytes:
    across, down = pdfium.FPDF_GetPageWidthF(raw_page), pdfium.FPDF_GetPageHeightF(raw_page)
    if across <= 0 or down <= 0:
        raise PageUnreadable(page, count)
    scale = min(max(width, 1) / across, sqrt(MOST_PIXELS / (across * down)))
    columns, rows = max(round(across * scale), 1), max(round(down * scale), 1)
    if columns * rows > 2 * MOST_PIXELS:  # a page of a point by a mile
        raise TooLarge(f"Page {page} measures {across:.0f} × {down:.0f} points and cannot be drawn.", kept="")
    bitmap = pdfium.FPDFBitmap_Create(columns, rows, 0)
    if not bitmap:
        raise TooLarge(f"There is no memory for a picture of page {page}.", kept="")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, raw_page, 0, 0, columns, rows, 0, _FLAGS)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * rows)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return _png(pixels, columns, rows, stride)


def _png(pixels: bytes, columns: int, rows: int, stride: int) -> bytes:
    """A PNG of pixels that stand as blue, green, red and one byte unused; in greys where there is no colour."""
    blue, green, red = pixels[0::4], pixels[1::4], pixels[2::4]
    across = stride // 4
    if blue == green == red:
        colour, samples, depth = 0, blue, 1
    else:
        mixed = bytearray(len(blue) * 3)
        mixed[0::3], mixed[1::3], mixed[2::3] = red, green, blue
        colour, samples, depth = 2, bytes(mixed), 3
    lines = b"".join(b"\0" + samples[row * across * depth : (row * across + columns) * depth] for row in range(rows))

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(lines, 6)) + part(b"IEND", b"")
