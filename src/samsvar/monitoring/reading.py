"""Reading of files (PDF, DOCX, HTML and plain text) into pages of lines with position, size and weight.

This is the only module that uses the PDF library. The format is detected from the first bytes, not from the
filename.
"""
# Kept in one module because only one may import the PDF library, and text and page images share its
# documents and its lock.

from __future__ import annotations

import ctypes
import re
import struct
import threading
import zlib
from bisect import bisect_left
from codecs import utf_16_le_decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import inf, sqrt
from pathlib import Path
from typing import Any, Final

import pypdfium2  # noqa: F401  its import starts PDFium
import pypdfium2.raw as pdfium

from samsvar.errors import (
    EmptyReport,
    EncryptedReport,
    NoSuchPage,
    OcrRequired,
    ReportTooLarge,
    UnknownFormat,
    UnreadablePage,
    UnreadableReport,
)
from samsvar.monitoring.markup import SUPERSCRIPT, read_html_pages, read_text_pages
from samsvar.monitoring.report import Line, Page, Report
from samsvar.spans import Box

MAX_FILE_BYTES: Final = 200_000_000  # the largest report with all its images has 60 MB (2026-11)
MAX_PAGES: Final = 5_000

_PDFIUM_LOCK = threading.Lock()  # PDFium has global state and is not thread-safe

# First bytes of unsupported formats, with a description for the error message.
_UNSUPPORTED_FORMATS: Final = (
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
_DAMAGED_PDF = re.compile(rb"\d+\s+\d+\s+obj\s*<<|\bstartxref\s+\d|\btrailer\s*<<")  # a PDF damaged at the start


def read_pages(content: bytes, document: str, kind: str = "auto") -> Report:
    """Read `content` into pages of lines in reading order. Raises a MonitoringError if it cannot be read.

    `kind` is "auto" to detect the format, or "pdf", "docx", "html" or "text" to set it.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise EmptyReport(f"“{document}” is empty.")
    if len(content) > MAX_FILE_BYTES:
        raise ReportTooLarge(
            f"“{document}” has {len(content) / 1e6:.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:.0f} MB."
        )
    if kind == "auto":
        kind = detect_format(content)
        suffix = document.rpartition(".")[2].lower()
        if kind == "text" and suffix in ("pdf", "docx"):
            raise UnreadableReport(f"“{document}” has the extension of a {suffix.upper()} file but is not one.")
    notes: tuple[str, ...] = ()
    match kind:
        case "pdf":
            pages, notes = _read_pdf_pages(content, document)
        case "docx":
            from samsvar.monitoring.docx import read_docx_pages  # importing lxml takes 60 ms, which PDFs do not need

            pages = read_docx_pages(content, document)
        case "html":
            pages = read_html_pages(content)
        case "text":
            if _is_binary(content):
                raise UnknownFormat(f"“{document}” is not text.")
            pages = read_text_pages(decode_text(content))
        case _:
            raise UnknownFormat(f"“{document}” is {kind}.")
    if not any(page.lines for page in pages):
        raise EmptyReport(f"“{document}” contains no text.")
    return Report(document=document, format=kind, pages=pages, notes=notes)


def detect_format(content: bytes) -> str:
    """Return `"pdf"`, `"docx"`, `"html"` or `"text"`; for anything else, a description for the error message."""
    head = content[:1024]
    if b"%PDF-" in head or _DAMAGED_PDF.search(head):
        return "pdf"
    if head.startswith(b"PK\x03\x04") and b"word/document.xml" in content:
        return "docx"
    for start, name in _UNSUPPORTED_FORMATS:
        if head.startswith(start):
            return name
    if _MARKUP.search(content[:4096]):
        return "html"
    if _is_binary(content):
        return "not in a supported format (PDF, DOCX, HTML or plain text)"
    return "text"


def _is_binary(content: bytes) -> bool:
    """Return whether more than one in fifty of the first bytes is a control character that does not occur in text."""
    sample = content[:65536]
    if _detect_utf_16_variant(sample):  # full of zero bytes, but still text
        return False
    return sum(byte < 9 or 13 < byte < 32 for byte in sample) * 50 > len(sample)


def _detect_utf_16_variant(sample: bytes) -> str | None:
    """Return the UTF-16 variant of a text, from its byte order mark or its zero bytes; None if it is not UTF-16."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    pairs = len(sample) // 2
    low, high = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if low * 50 < pairs and high * 10 > pairs * 7:
        return "utf-16-le"
    if high * 50 < pairs and low * 10 > pairs * 7:
        return "utf-16-be"
    return None


def decode_text(content: bytes) -> str:
    """Decode plain text as UTF-8, as UTF-16 with or without a byte order mark, or otherwise as Windows-1252."""
    if encoding := _detect_utf_16_variant(content[:65536]):
        return content.decode(encoding, "replace").lstrip("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


# --- PDF ---------------------------------------------------------------------------------------------------------

# Digits that may be a footnote marker: after a letter or the end of a sentence, or at the start of a line before a
# word. The pattern begins with a digit, which makes it ten times as fast as one that begins with a choice.
_PROBABLE_MARKER = re.compile(
    r"\d(?:(?:(?<=[^\W\d_]\d)|(?<=[^\W\d_] \d)|(?<=[.,;:!?)\]”\"’»*]\d)|(?<=[.,;:!?)\]”\"’»*] \d))\d{0,2}(?![\w%])"
    r"|(?<![\s\S]\d)\d{0,2}(?= ?[^\W\d_“\"«(]))"
)
_LINE_NUMBER = re.compile(r"[(\[]?(?:\d{1,4}(?:\. ?\d{1,4}){0,3}|\w)[.)\]]{0,2}|[^\w\s]{1,2}")  # "57.", "(a)", "•"
_RTL_CHARACTERS = re.compile("[\u0590-\u08ff]{2}")  # Hebrew, Arabic and related scripts are written from right to left
_UNMAPPED_CHARACTERS = re.compile("[\ufffd\ue000-\uf8ff\0-\x1f]+")  # private use and control characters
_TRIM = " \t\r\n\x00\x02\ufffe\xa0\u200b\ufeff"
_FORCED_BOLD: Final = 1 << 18
_ITALIC: Final = 1 << 6
A4_WIDTH, A4_HEIGHT = 595.28, 841.89  # points, of a page that could not be opened
MAX_COLUMNS: Final = 6
MIN_GUTTER: Final = 6.0  # points between columns; newspapers have 10 or more
COLUMN_GAP: Final = 2.2  # em widths between words, above which two pieces at the same height are two lines


@dataclass(slots=True, eq=False)
class _Fragment:
    """A piece of a line as PDFium returns it, in the user space of the page (y upwards)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    italic: bool
    sideways: bool = False


@contextmanager
def _open_pdf(content: bytes, document: str) -> Iterator[Any]:
    """Hold PDFium's lock while a document is open."""
    with _PDFIUM_LOCK:
        handle = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
        if not handle:
            if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
                raise EncryptedReport(f"“{document}” is protected by a password.")
            raise UnreadableReport(f"“{document}” is damaged: it starts like a PDF but cannot be opened.")
        try:
            yield handle
        finally:
            pdfium.FPDF_CloseDocument(handle)


@contextmanager
def _open_page(handle: Any, number: int, count: int) -> Iterator[Any]:
    raw_page = pdfium.FPDF_LoadPage(handle, number - 1)
    if not raw_page:
        raise UnreadablePage(number, count)
    try:
        yield raw_page
    finally:
        pdfium.FPDF_ClosePage(raw_page)


def _read_pdf_pages(content: bytes, document: str) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """Return the pages of a PDF, and notes about those that could not be read or put in order."""
    with _open_pdf(content, document) as handle:
        count = pdfium.FPDF_GetPageCount(handle)
        if count < 1:
            raise EmptyReport(f"“{document}” has no pages.")
        if count > MAX_PAGES:
            raise ReportTooLarge(f"“{document}” has {count} pages; the limit is {MAX_PAGES}.")
        pages: list[Page] = []
        notes: list[str] = []
        has_images, damaged, buffers = False, None, _Buffers()
        for number in range(1, count + 1):
            try:
                with _open_page(handle, number, count) as raw_page:
                    page = _read_page(raw_page, number, count, buffers)
                    has_images = has_images or (not page.lines and pdfium.FPDFPage_CountObjects(raw_page) > 0)
            except UnreadablePage as error:
                damaged = damaged or error
                notes.append(f"{error.message} Its text and its conclusions are missing.")
                width, height = (pages[-1].width, pages[-1].height) if pages else (A4_WIDTH, A4_HEIGHT)
                page = Page(number, width, height, ())
            pages.append(page)
    if damaged is not None and not any(page.lines for page in pages):
        raise damaged
    if mixed := [str(number) for number in buffers.mixed_pages]:
        notes.append(
            f"Text is side by side, in a table or in columns, on {len(mixed)} of {count} pages"
            f" ({', '.join(mixed[:20])}{' …' if len(mixed) > 20 else ''}): it was read line by line across the page,"
            " which may be the wrong order."
        )
    characters = "".join(line.text for page in pages for line in page.lines)
    if has_images and len(characters) < 20 * count:  # a stamp or a page number does not make a scan readable
        raise OcrRequired(f"“{document}” consists of images of pages and contains no text.")
    sample = characters[:: len(characters) // 20_000 + 1]
    may_be_unmapped = "\ufffd" in sample or not sample.isprintable()  # otherwise the pattern cannot match
    if may_be_unmapped and len("".join(_UNMAPPED_CHARACTERS.findall(sample))) * 2 > len(sample):
        raise OcrRequired(f"The fonts of “{document}” do not map to characters, so its text cannot be read.")
    return tuple(pages), tuple(notes)


def _are_side_by_side(pieces: Sequence[_Fragment]) -> bool:
    """Return whether a fifth of a page's long lines have another long line to their right, which comes next."""
    pairs = sum(
        len(piece.text) > 30 < len(following.text)
        and following.left > piece.right
        and abs(piece.top - following.top) < 2
        for piece, following in pairwise(pieces)
    )
    return pairs >= 5 and pairs * 5 > sum(len(piece.text) > 30 for piece in pieces)


def _read_page(raw_page: Any, number: int, count: int, buffers: _Buffers) -> Page:
    raw_text = pdfium.FPDFText_LoadPage(raw_page)
    if not raw_text:
        raise UnreadablePage(number, count)
    try:
        fragments = _read_fragments(_TextPage(raw_text, buffers))
    finally:
        pdfium.FPDFText_ClosePage(raw_text)
    width = max(pdfium.FPDF_GetPageWidthF(raw_page), 1.0)
    height = max(pdfium.FPDF_GetPageHeightF(raw_page), 1.0)
    if not fragments:
        return Page(number, width, height, ())
    frame = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(raw_page, ctypes.byref(frame)):
        frame.left, frame.bottom, frame.right, frame.top = 0.0, 0.0, width, height
    rotation = pdfium.FPDFPage_GetRotation(raw_page)
    left_edge, top_edge = frame.left, frame.top
    # A page displayed rotated stores its text sideways so that it appears upright: rotate first, then find
    # lines. Text stored upright on such a page appears sideways: find its lines first, while they are still
    # horizontal.
    sideways = rotation and sum(piece.sideways for piece in fragments) * 2 > len(fragments)
    if sideways:
        _rotate_fragments(fragments, rotation, frame)
        left_edge, top_edge = 0.0, height
    gutters = _find_gutters(fragments, left_edge, width)
    if gutters:
        buffers.gutters = gutters
    elif buffers.gutters and _fit_gutters(fragments, buffers.gutters):
        gutters = buffers.gutters
    if gutters:
        ordered = _order_columns(fragments, gutters)
    elif _are_in_lines(fragments):
        ordered = fragments
    else:
        ordered = _join_by_height(fragments)
        if _are_side_by_side(ordered):
            buffers.mixed_pages.append(number)
    if rotation and not sideways:
        _rotate_fragments(ordered, rotation, frame)
        left_edge, top_edge = 0.0, height
    lines = []
    for piece in ordered:
        left, right = piece.left - left_edge, piece.right - left_edge
        top, bottom = top_edge - piece.top, top_edge - piece.bottom
        if not (0.0 <= left <= width and 0.0 <= right <= width and top >= 0.0 and bottom <= height):
            left, right = (min(max(edge, 0.0), width) for edge in (left, right))
            top, bottom = (min(max(edge, 0.0), height) for edge in (top, bottom))
        box = Box(number, left, top, right, bottom)
        lines.append(Line(piece.text, box, piece.size, piece.bold, piece.italic))
    return Page(number, width, height, tuple(lines))


# PDFium's functions for single characters, which are called for every line. Without ctypes' conversion of each
# argument, and without releasing Python's lock, a call takes 0.2 µs instead of 0.5 (2026-11). Callers wrap
# addresses in `c_void_p` and hold _PDFIUM_LOCK.
def _get_quick_function(function: Any, result: Any = ctypes.c_int) -> Any:
    return ctypes.PYFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_get_loose_box = _get_quick_function(pdfium.FPDFText_GetLooseCharBox)
_get_matrix = _get_quick_function(pdfium.FPDFText_GetMatrix)
_get_font_size = _get_quick_function(pdfium.FPDFText_GetFontSize, ctypes.c_double)
_get_text_object = _get_quick_function(pdfium.FPDFText_GetTextObject, ctypes.c_void_p)
_get_font_name = _get_quick_function(pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t)
_get_font_flags = _get_quick_function(pdfium.FPDFFont_GetFlags)
_get_font_weight = _get_quick_function(pdfium.FPDFFont_GetWeight)
_get_font = _get_quick_function(pdfium.FPDFTextObj_GetFont, ctypes.c_void_p)
_get_character_index = _get_quick_function(pdfium.FPDFText_GetCharIndexFromTextIndex)
_get_glyph_box = _get_quick_function(pdfium.FPDFText_GetCharBox)
_get_origin = _get_quick_function(pdfium.FPDFText_GetCharOrigin)

_Style = tuple[bool, bool]  # bold, italic


class _Buffers:
    """What the pages of a document share: memory that PDFium writes its answers to, and the last page's columns."""

    def __init__(self) -> None:
        self.text = (ctypes.c_ushort * 16_384)()
        self.font_name = ctypes.create_string_buffer(160)
        box, matrix, numbers = pdfium.FS_RECTF(), pdfium.FS_MATRIX(), (ctypes.c_double * 6)()
        self.box_reference, self.matrix_reference = ctypes.byref(box), ctypes.byref(matrix)
        self.glyph_references = tuple(ctypes.byref(numbers, 8 * place) for place in range(6))
        self.box = memoryview(box).cast("B").cast("f")  # left, top, right, bottom
        self.matrix = memoryview(matrix).cast("B").cast("f")  # a, b, c, d, e, f
        self.glyph = memoryview(numbers).cast("B").cast("d")  # left, right, bottom, top; x and y of the origin
        self.gutters: list[float] = []  # of the last page with columns, for a page with few lines after it
        self.mixed_pages: list[int] = []  # pages with text side by side that was not put in order

    def read_text(self, raw_text: Any, count: int) -> tuple[str, int]:
        """Return the text of a page with this number of characters, as PDFium orders them, and its UTF-16 units."""
        if 2 * count + 2 > len(self.text):  # up to two units for each character, and an end
            self.text = (ctypes.c_ushort * (4 * count + 2))()
        written = pdfium.FPDFText_GetText(raw_text, 0, count, self.text) if count > 0 else 0
        units = max(written - 1, 0)
        return utf_16_le_decode(ctypes.string_at(self.text, 2 * units), "replace")[0], units


class _TextPage:
    """The text of a page as PDFium returns it, whose characters are asked for their place and type."""

    def __init__(self, raw_text: Any, buffers: _Buffers) -> None:
        self.handle = ctypes.cast(raw_text, ctypes.c_void_p)
        self.buffers = buffers
        # By address, which another page may use for something else.
        self.styles_by_font: dict[int, _Style] = {}
        self.styles_by_object: dict[int | None, _Style] = {None: (False, False)}
        count = pdfium.FPDFText_CountChars(raw_text)
        self.text, units = buffers.read_text(raw_text, count)
        # PDFium counts characters outside the basic plane twice, and unmapped characters are not in the text.
        self.double_units = [i for i, char in enumerate(self.text) if char > "\uffff"] if len(self.text) < units else []
        self.has_unmapped_characters = units != count
        self.has_other_indexes = self.has_unmapped_characters or bool(self.double_units)

    def get_index(self, text_index: int) -> int:
        """Return the index by which PDFium knows the character at a place in the text."""
        unit = text_index + bisect_left(self.double_units, text_index)
        return int(_get_character_index(self.handle, unit)) if self.has_unmapped_characters else unit

    def measure_box(self, index: int) -> memoryview[float]:
        """Return the left, top, right and bottom edge of a character; the next call overwrites them."""
        _get_loose_box(self.handle, index, self.buffers.box_reference)
        return self.buffers.box

    def find_style(self, text_object: int | None) -> _Style:
        """Return whether the font of a text object is bold, and whether it is italic."""
        style = self.styles_by_object.get(text_object)
        if style is None:
            font = _get_font(ctypes.c_void_p(text_object))
            style = self.styles_by_font.get(font) if font else (False, False)
            if style is None:
                style = self.styles_by_font[font] = _read_font_style(font, self.buffers.font_name)
            self.styles_by_object[text_object] = style
        return style

    def measure_size(self, index: int) -> tuple[float, bool]:
        """Return the font size of a character in points, and whether it is printed sideways."""
        handle, buffers = self.handle, self.buffers
        _get_matrix(handle, index, buffers.matrix_reference)
        a, b, c, d, _, _ = buffers.matrix
        return _get_font_size(handle, index) * sqrt(abs(a * d - b * c)), abs(b) > abs(a)

    def has_raised_glyph(self, index: int, size: float) -> bool:
        """Return whether a digit is printed small and high in its place, as the raised digits of some fonts are."""
        left, right, bottom, top, x, y = self.buffers.glyph_references
        _get_glyph_box(self.handle, index, left, right, bottom, top)
        _get_origin(self.handle, index, x, y)
        _, _, foot, head, _, baseline = self.buffers.glyph
        return head - foot < 0.56 * size and foot - baseline > 0.15 * size


def _read_fragments(page: _TextPage) -> list[_Fragment]:
    """Return a fragment for each line that PDFium finds, in the order of the content stream.

    Position and font are read for only three characters of each line, because a page has 3,000 characters.
    """
    text, handle = page.text, page.handle
    get_index = page.get_index if page.has_other_indexes else None
    box, box_reference = page.buffers.box, page.buffers.box_reference
    find_style, measure_size, known_styles = page.find_style, page.measure_size, page.styles_by_object
    hyphenated = "\ufffe" in text or "\x02" in text
    fragments: list[_Fragment] = []
    start, end = 0, len(text)
    while start < end:
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        following, hyphen = stop + 1, ""
        if hyphenated:
            # PDFium marks a hyphen at the end of a line as U+FFFE (older: U+0002) and drops the line break after it.
            mark = text.find("\ufffe", start, stop)
            mark = text.find("\x02", start, stop) if mark < 0 else mark
            if mark >= 0:
                stop = following = mark + 1
                hyphen = "-"
        piece = text[start:stop]
        stripped = piece.strip(_TRIM)
        if not stripped:
            start = following
            continue
        first = start + piece.index(stripped[0])
        start = following
        length = len(stripped)
        last = first + length - 1
        middle = (first + last) >> 1
        while text[middle] == " ":
            middle -= 1
        a, m, z = first, middle, last
        if get_index is not None:
            a, m, z = get_index(a), get_index(m), get_index(z)
        _get_loose_box(handle, z, box_reference)
        left_of_last, _, right, _ = box
        _get_loose_box(handle, a, box_reference)
        left, _, right_of_first, _ = box
        if right_of_first > right:  # text written from right to left
            left, right = left_of_last, right_of_first
        _get_loose_box(handle, m, box_reference)
        _, top, _, bottom = box
        text_object = _get_text_object(handle, m)
        exact_size, sideways = measure_size(m)
        size = round(exact_size, 1)
        style = known_styles.get(text_object) or find_style(text_object)
        first_object = _get_text_object(handle, a)
        if first_object != text_object:
            style_of_first = known_styles.get(first_object) or find_style(first_object)
            if style_of_first != style:  # the last character decides
                style_of_last = find_style(_get_text_object(handle, z))
                style = _get_majority_style(style_of_first, style, style_of_last)
        bold, italic = style
        if length > 3 and right - left > 0.52 * size * length:  # one line in a hundred: there may be a gutter inside
            frame = (left, bottom, right, top)
            pieces = _split_at_gaps(page, text[first : last + 1], first, size, frame, bold, italic)
            if len(pieces) > 1:
                fragments += pieces
                continue
        if _PROBABLE_MARKER.search(stripped):
            stripped = _mark_superscripts(page, stripped, first, size)
        if sideways:
            left, right, bottom, top = _bounding_box(page, (a, m, z))
        fragments.append(_Fragment(stripped + hyphen, left, bottom, right, top, size, bold, italic, sideways))
    return fragments


def _get_majority_style(*styles: _Style) -> _Style:
    """Return what two of three characters say about a line."""
    return sum(bold for bold, _ in styles) > 1, sum(italic for _, italic in styles) > 1


def _bounding_box(page: _TextPage, indexes: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Return the left, right, bottom and top edges of the smallest box around some characters."""
    lefts, tops, rights, bottoms = zip(*(page.measure_box(index).tolist() for index in indexes), strict=True)
    return min(lefts), max(rights), min(bottoms), max(tops)


def _read_font_style(address: int, name: Any) -> _Style:
    """Return whether a font is bold and whether it is italic, by its name first because flags are often missing.

    Chinese headings use a Hei ("black") typeface where Latin ones are bold. `name` is memory for the font's name.
    """
    font = ctypes.c_void_p(address)
    name[0] = b"\0"
    _get_font_name(font, name, ctypes.c_size_t(len(name)))
    font_name = name.value.decode("latin-1").lower().rpartition("+")[2]
    flags = _get_font_flags(font)
    flags = 0 if flags < 0 else flags
    bold = any(word in font_name for word in ("bold", "black", "heavy", "demi", "hei")) or bool(flags & _FORCED_BOLD)
    if not bold and "regular" not in font_name:
        bold = _get_font_weight(font) >= 700
    return bold, "italic" in font_name or "oblique" in font_name or bool(flags & _ITALIC)


def _mark_superscripts(page: _TextPage, text: str, first: int, size: float) -> str:
    """Replace small raised digits with superscripts, so that later steps recognise footnote markers."""
    pieces: list[str] = []
    end = 0
    for match in _PROBABLE_MARKER.finditer(text):
        start = match.start()
        index = page.get_index(first + start)
        own_size, _ = page.measure_size(index)
        if own_size < 0.8 * size or page.has_raised_glyph(index, size):
            before = text[end:start]
            pieces += (before.removesuffix(" "), match[0].translate(SUPERSCRIPT))
            end = match.end()
    return f"{''.join(pieces)}{text[end:]}" if pieces else text


def _split_at_gaps(
    page: _TextPage,
    text: str,
    first: int,
    size: float,
    frame: tuple[float, float, float, float],
    bold: bool,
    italic: bool,
) -> list[_Fragment]:
    """Split a wide line at a gutter or at the columns of a table; return a single fragment if there are none."""
    left, bottom, right, top = frame
    pieces: list[_Fragment] = []
    begin, position = 0, text.find(" ")
    while 0 < position < len(text) - 1:
        after = position + 1
        while after < len(text) - 1 and text[after] == " ":
            after += 1
        edge = page.measure_box(page.get_index(first + position - 1))[2]
        left_of_next = page.measure_box(page.get_index(first + after))[0]
        if left_of_next - edge > COLUMN_GAP * size and not _LINE_NUMBER.fullmatch(text[begin:position]):
            pieces.append(_Fragment(text[begin:position], left, bottom, edge, top, size, bold, italic))
            begin, left = after, left_of_next
        position = text.find(" ", after)
    pieces.append(_Fragment(text[begin:].rstrip(_TRIM), left, bottom, right, top, size, bold, italic))
    return pieces


def _rotate_fragments(fragments: list[_Fragment], rotation: int, frame: Any) -> None:
    """Move the fragments to where a page rotated by 90° × `rotation` displays them, with the origin at (0, 0)."""
    for piece in fragments:
        left, right = piece.left - frame.left, piece.right - frame.left
        bottom, top = piece.bottom - frame.bottom, piece.top - frame.bottom
        wide, high = frame.right - frame.left, frame.top - frame.bottom
        match rotation:
            case 1:
                left, right, bottom, top = bottom, top, wide - right, wide - left
            case 2:
                left, right, bottom, top = wide - right, wide - left, high - top, high - bottom
            case _:
                left, right, bottom, top = high - top, high - bottom, left, right
        piece.left, piece.right, piece.bottom, piece.top = left, right, bottom, top


def _are_in_lines(fragments: Sequence[_Fragment]) -> bool:
    """Return whether fragments are whole lines already, each below the one before it, as on most pages."""
    foot = inf
    for piece in fragments:
        if piece.top + piece.bottom > 2 * foot:
            return False
        foot = piece.bottom
    return True


def _join_by_height(fragments: list[_Fragment]) -> list[_Fragment]:
    """Join fragments at the same height into lines, from the top of the page to the bottom.

    A number printed apart from its paragraph, or a raised marker, is thereby joined to its line.
    """
    if _are_in_lines(fragments):
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
        right_to_left = _RTL_CHARACTERS.search("".join(piece.text for piece in row)) is not None
        row.sort(key=lambda piece: -piece.right if right_to_left else piece.left)
        body = max(row, key=lambda piece: len(piece.text))
        current = row[0]
        for piece in row[1:]:
            gap = current.left - piece.right if right_to_left else piece.left - current.right
            numbered = _LINE_NUMBER.fullmatch(current.text) is not None
            if gap < (8.0 if numbered else COLUMN_GAP) * max(
                min(current.size, piece.size) if not numbered else body.size, 4.0
            ):
                current = _merge_fragments(current, piece)
            else:
                lines.append(current)
                current = piece
        lines.append(current)
    return lines


def _merge_fragments(left: _Fragment, right: _Fragment) -> _Fragment:
    """Merge two fragments of a line; small digits next to larger text are footnote markers and become superscripts."""
    left_text, right_text = left.text, right.text
    body = (
        left
        if len(left_text) > len(right_text) or (len(left_text) == len(right_text) and left.size >= right.size)
        else right
    )
    if left is not body and left.size < 0.8 * body.size and left_text.isdigit():
        left_text = left_text.translate(SUPERSCRIPT)
    if right is not body and right.size < 0.8 * body.size and right_text.isdigit():
        right_text = right_text.translate(SUPERSCRIPT)
    gap = max(right.left - left.right, left.left - right.right)
    space = "" if gap < 0.12 * body.size and not left_text.endswith((".", ")")) else " "
    return _Fragment(
        f"{left_text}{space}{right_text}",
        min(left.left, right.left),
        body.bottom,
        max(left.right, right.right),
        body.top,
        body.size,
        body.bold,
        body.italic,
    )


def _find_gutters(fragments: list[_Fragment], left_edge: float, width: float) -> list[float]:
    """Return the positions of the gaps between columns, in user space, from left to right; [] if there is one column.

    Columns have about the same width and are filled with lines, several on each side of a gap, while few lines extend
    across it.
    """
    long = [piece for piece in fragments if len(piece.text) > 12]
    limit = left_edge + width * 0.58
    if len(long) < 10 or len([1 for piece in long if piece.right < limit]) * 5 < len(long):
        return []  # most pages: nearly every line extends beyond the middle
    narrow = [piece for piece in long if piece.right - piece.left < 0.58 * width]
    for most in sorted({0, len(narrow) // 25}):  # lines that extend across, such as a headline over two columns
        gaps = sorted(_find_gaps(narrow, most), key=lambda gap: gap[0] - gap[1])[: MAX_COLUMNS - 1]
        for count in range(len(gaps), 0, -1):  # as many columns as possible
            for chosen in combinations(sorted(gaps), count):
                gutters = [(start + end) / 2 for start, end in chosen]
                columns = _divide(narrow, gutters)
                across = len(long) - sum(map(len, columns))
                if _are_columns(columns) and len(columns[0]) * 2 > across:
                    return gutters
    return []


def _fit_gutters(fragments: list[_Fragment], gutters: Sequence[float]) -> bool:
    """Return whether a page with few lines continues the columns of an earlier one: no long line extends across."""
    long = [piece for piece in fragments if len(piece.text) > 12]
    columns = _divide(long, gutters)
    return len(columns[0]) > 1 and sum(map(len, columns)) == len(long) > len(columns[0])


def _find_gaps(pieces: Sequence[_Fragment], most: int) -> list[tuple[float, float]]:
    """Return the vertical strips, at least MIN_GUTTER points wide, that at most this many pieces extend across."""
    edges = sorted([*((piece.left, 1) for piece in pieces), *((piece.right, -1) for piece in pieces)])
    gaps: list[tuple[float, float]] = []
    depth, left_behind, start = 0, 0, None
    for place, change in edges:
        if depth <= most and start is not None and place - start >= MIN_GUTTER:
            gaps.append((start, place))
        depth += change
        left_behind += change < 0
        if depth > most or left_behind <= most:
            start = None
        elif start is None:
            start = place
    return [gap for at, gap in enumerate(gaps) if at + 1 == len(gaps) or gaps[at + 1][0] != gap[0]]


def _divide(pieces: Sequence[_Fragment], gutters: Sequence[float]) -> list[list[_Fragment]]:
    """Return the pieces that lie between the gutters, by column; pieces that extend across one are left out."""
    borders = [-inf, *gutters, inf]
    return [
        [piece for piece in pieces if left < piece.left and piece.right < right] for left, right in pairwise(borders)
    ]


def _are_columns(columns: Sequence[Sequence[_Fragment]]) -> bool:
    """Return whether groups of pieces are columns of text: of similar width, and filled by most of their lines.

    Each has several lines, except the last of three or more, where a text may end, or the last after a long one.
    """
    *others, last = map(len, columns)
    if min(others) < 5 or (last < 5 and len(others) == 1 and others[0] < 15) or not last:
        return False
    widths = []
    for column in columns[:-1] if len(columns[-1]) < 5 else columns:
        lengths = sorted(piece.right - piece.left for piece in column)
        width = lengths[-1 - len(lengths) // 10]  # the longest may belong to something else
        if lengths[len(lengths) // 2] < 0.7 * width:
            return False  # the cells of a table
        widths.append(width)
    return max(widths) < 1.5 * min(widths)


def _order_columns(fragments: list[_Fragment], gutters: Sequence[float]) -> list[_Fragment]:
    """Order the lines of a page with columns: between full-width lines, column by column from the left."""
    tops = [piece.top for column in _divide(fragments, gutters) for piece in column if len(piece.text) > 30]
    top = max(tops, default=inf)
    head = [
        piece for piece in fragments if piece.bottom >= top
    ]  # short lines above all columns: running heads, a title
    below = [piece for piece in fragments if piece.bottom < top]
    columns = [_join_by_height(column) for column in _divide(below, gutters)]
    across = _join_by_height(
        [piece for piece in below if any(piece.left <= gutter <= piece.right for gutter in gutters)]
    )
    ordered = _join_by_height(head)
    for line in [*sorted(across, key=lambda piece: -piece.top), None]:
        above = -inf if line is None else line.top
        for column in columns:
            here = [piece for piece in column if piece.top >= above]
            ordered += here
            del column[: len(here)]
        if line is not None:
            ordered.append(line)
    return ordered


# --- Page images ------------------------------------------------------------------------------------------------------

MAX_PIXELS: Final = 25_000_000  # of one image, which takes 100 MB in memory while it is rendered
_RENDER_FLAGS: Final = pdfium.FPDF_ANNOT


def render_page(source: bytes | str | Path, page: int, *, width: int = 1000) -> bytes:
    """Render a page of a PDF (counted from 1) as a PNG, `width` pixels wide; narrower if the page is very long.

    The box of a passage, in points from the top left corner, has the same relative position in the image.
    """
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    if detect_format(content) != "pdf":
        raise UnknownFormat("Only pages of a PDF can be shown as images.", effect="")
    with _open_pdf(content, "the document") as handle:
        count = pdfium.FPDF_GetPageCount(handle)
        if not 1 <= page <= count:
            raise NoSuchPage(page, count)
        with _open_page(handle, page, count) as raw_page:
            return _render_bitmap(raw_page, page, count, width)


def list_page_sizes(content: bytes, document: str) -> tuple[tuple[float, float] | None, ...]:
    """Return the width and height of each page of a PDF, in points; None for a damaged page."""
    with _open_pdf(content, document) as handle:
        count = pdfium.FPDF_GetPageCount(handle)
        sizes: list[tuple[float, float] | None] = []
        for number in range(1, count + 1):
            try:
                with _open_page(handle, number, count) as raw_page:
                    width, height = pdfium.FPDF_GetPageWidthF(raw_page), pdfium.FPDF_GetPageHeightF(raw_page)
            except UnreadablePage:
                sizes.append(None)
            else:
                sizes.append((max(width, 1.0), max(height, 1.0)))
        return tuple(sizes)


def arrange_lines(pieces: Sequence[Line], number: int, width: float, height: float) -> Page:
    """Return a page of the pieces of lines that an OCR program found, in the order in which a PDF's text is read."""
    fragments = [
        _Fragment(
            piece.text, piece.box.left, height - piece.box.bottom, piece.box.right, height - piece.box.top, piece.size,
            bold=False, italic=False,
        )
        for piece in pieces
    ]  # fmt: skip
    gutters = _find_gutters(fragments, 0.0, width)
    ordered = _order_columns(fragments, gutters) if gutters else _join_by_height(fragments)
    lines = (
        Line(piece.text, Box(number, piece.left, height - piece.top, piece.right, height - piece.bottom), piece.size)
        for piece in ordered
    )
    return Page(number, width, height, tuple(lines))


def _render_bitmap(raw_page: Any, page: int, count: int, width: int) -> bytes:
    across, down = pdfium.FPDF_GetPageWidthF(raw_page), pdfium.FPDF_GetPageHeightF(raw_page)
    if across <= 0 or down <= 0:
        raise UnreadablePage(page, count)
    scale = min(max(width, 1) / across, sqrt(MAX_PIXELS / (across * down)))
    columns, rows = max(round(across * scale), 1), max(round(down * scale), 1)
    if columns * rows > 2 * MAX_PIXELS:  # a page one point wide and a mile long
        raise ReportTooLarge(
            f"Page {page} measures {across:.0f} × {down:.0f} points: too large for an image.", effect=""
        )
    bitmap = pdfium.FPDFBitmap_Create(columns, rows, 0)
    if not bitmap:
        raise ReportTooLarge(f"There is not enough memory for an image of page {page}.", effect="")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, raw_page, 0, 0, columns, rows, 0, _RENDER_FLAGS)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * rows)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return _encode_png(pixels, columns, rows, stride)


def _encode_png(pixels: bytes, columns: int, rows: int, stride: int) -> bytes:
    """Encode pixels (blue, green, red and an unused byte) as a PNG; in greyscale if no pixel is coloured."""
    blue, green, red = pixels[0::4], pixels[1::4], pixels[2::4]
    across = stride // 4
    if blue == green == red:
        colour, samples, depth = 0, blue, 1
    else:
        mixed = bytearray(len(blue) * 3)
        mixed[0::3], mixed[1::3], mixed[2::3] = red, green, blue
        colour, samples, depth = 2, bytes(mixed), 3
    lines = b"".join(b"\0" + samples[row * across * depth : (row * across + columns) * depth] for row in range(rows))

    def build_chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + build_chunk(b"IHDR", head)
        + build_chunk(b"IDAT", zlib.compress(lines, 6))
        + build_chunk(b"IEND", b"")
    )
