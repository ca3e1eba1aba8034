"""Reading of scanned PDFs with Tesseract, if it is installed: pages of lines, and how sure Tesseract is of each word.

Tesseract is a program of the machine (`apt-get install tesseract-ocr`), not a Python dependency. It gets one page at a
time as an image on its standard input and writes each word with its position and confidence to its standard output.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import statistics
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from samsvar.errors import OcrFailed, OcrRequired, ReportTooLarge
from samsvar.monitoring.report import DoubtfulWord, Line, OcrSummary, Report
from samsvar.spans import Box

MAX_PAGES: Final = 300  # a page takes 2 to 5 seconds; the longest report of GREVIO has 100
PAGE_TIMEOUT_SECONDS: Final = 60.0  # for one page
DPI: Final = 300  # what Tesseract's models were trained for
EM_PER_WORD: Final = 1.25  # the usual height of a word is about four fifths of its font size
A4: Final = (595.0, 842.0)  # points; for a damaged page
DOUBTFUL_BELOW: Final = 0.6  # confidence below which a word is listed for a person to check
MAX_DOUBTFUL_WORDS: Final = 500  # listed; all are counted
# Tesseract's names of the languages in which findings can be found, and of the interface, in order of preference
_TESSERACT_LANGUAGES: Final = {"en": "eng", "fr": "fra", "nb": "nor", "ro": "ron"}


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as Tesseract returns it, in pixels from the top left corner."""

    line: tuple[int, int, int]  # numbers of its block, paragraph and line
    text: str
    confidence: float  # from 0 to 1
    left: int
    top: int
    right: int
    bottom: int


def find_tesseract() -> str | None:
    """Return the path of the command `tesseract`, or None if it is not installed."""
    return shutil.which("tesseract")


def read_scanned_pages(content: bytes, document: str, language: str = "auto") -> tuple[Report, OcrSummary]:
    """Read a scanned PDF with Tesseract; return its pages and a summary of the confidence in its words.

    Raises OcrRequired if Tesseract is not installed or finds no text, OcrFailed if it fails, and ReportTooLarge if
    there are more than MAX_PAGES pages.
    """
    # PDFium, which the sandbox's parent avoids
    from samsvar.monitoring.reading import arrange_lines, list_page_sizes, render_page

    tesseract = find_tesseract()
    if tesseract is None:
        raise OcrRequired(f"“{document}” consists of images of pages, and Tesseract is not installed.")
    sizes = list_page_sizes(content, document)
    if len(sizes) > MAX_PAGES:
        raise ReportTooLarge(f"“{document}” is a scan with {len(sizes)} pages; the limit for scans is {MAX_PAGES}.")
    engine, installed = _list_languages(tesseract)
    languages = _choose_languages(installed, language)
    words_by_page: list[list[_Word]] = []
    pieces_by_page: list[list[Line]] = []
    notes: list[str] = []
    for number, size in enumerate(sizes, 1):
        words: list[_Word] = []
        pixels = 1
        if size is None:
            notes.append(f"Page {number} of {len(sizes)} is damaged. Its text and its conclusions are missing.")
        else:
            image = render_page(content, number, width=max(round(size[0] / 72 * DPI), 1))
            (pixels,) = struct.unpack(">I", image[16:20])  # a PNG's width: less than asked for on a very long page
            words = [*_recognise_words(tesseract, image, languages, f"page {number} of “{document}”")]
        words_by_page.append(words)
        pieces_by_page.append([*_build_lines(words, number, (size or A4)[0] / pixels)])
    if not any(words_by_page):
        raise OcrRequired(f"“{document}” consists of images of pages in which Tesseract found no text.")
    pages = tuple(
        arrange_lines(pieces, number, *(size or A4))
        for number, (pieces, size) in enumerate(zip(_even_out_sizes(pieces_by_page), sizes, strict=True), 1)
    )
    report = Report(document=document, format="pdf", pages=pages, notes=tuple(notes))
    return report, _summarise(words_by_page, engine, languages)


def _list_languages(tesseract: str) -> tuple[str, frozenset[str]]:
    """Return Tesseract's name and version, and its installed languages."""
    version = _run(tesseract, ["--version"], b"", "its version").decode("utf-8", "replace").split()
    listed = _run(tesseract, ["--list-langs"], b"", "its languages").decode("utf-8", "replace").splitlines()
    return f"Tesseract {version[1] if len(version) > 1 else ''}".strip(), frozenset(map(str.strip, listed[1:]))


def _choose_languages(installed: frozenset[str], language: str) -> tuple[str, ...]:
    """Return at most two installed languages: each one more takes as long again. Raises OcrFailed for none."""
    wanted = _TESSERACT_LANGUAGES.get(language)
    known = [code for code in _TESSERACT_LANGUAGES.values() if code in installed]
    chosen = (wanted,) if wanted in installed and wanted else tuple(known[:2])
    if not chosen:
        raise OcrFailed("Tesseract is installed without any of our languages.")
    return chosen


def _recognise_words(tesseract: str, image: bytes, languages: Iterable[str], what: str) -> Iterator[_Word]:
    """Yield the words of a page in reading order."""
    arguments = ["stdin", "stdout", "--dpi", str(DPI), "-l", "+".join(languages), "tsv"]
    table = _run(tesseract, arguments, image, what).decode("utf-8", "replace")
    for cells in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        try:
            confidence = float(cells["conf"])
            block, paragraph, line, left, top, width, height = (
                int(cells[name]) for name in ("block_num", "par_num", "line_num", "left", "top", "width", "height")
            )
        except (KeyError, TypeError, ValueError) as error:
            raise OcrFailed(f"Tesseract’s answer about {what} cannot be read.") from error
        text = (cells["text"] or "").strip()
        if confidence >= 0 and text:  # lines, paragraphs and blocks have −1
            yield _Word(
                (block, paragraph, line), text, min(confidence / 100, 1.0), left, top, left + width, top + height
            )


def _run(tesseract: str, arguments: list[str], data: bytes, what: str) -> bytes:
    """Run Tesseract on one thread and return its standard output. Raises OcrFailed."""
    try:
        done = subprocess.run(
            [tesseract, *arguments],
            input=data,
            capture_output=True,
            timeout=PAGE_TIMEOUT_SECONDS,
            check=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise OcrFailed(f"Tesseract was stopped after {PAGE_TIMEOUT_SECONDS:g} seconds on {what}.") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {error.returncode}"]
        raise OcrFailed(f"Tesseract failed on {what}: {reason[0][:200]}") from error
    except OSError as error:
        raise OcrFailed(f"Tesseract cannot be started: {error.strerror}.") from error
    return done.stdout


def _build_lines(words: list[_Word], page: int, points: float) -> Iterator[Line]:
    """Yield the lines of a page; `points` is the size of a pixel.

    The font size is estimated from the median height of the words, which a tilted page does not change.
    """
    for _, group in groupby(words, key=lambda word: word.line):
        line = [*group]
        box = Box(
            page,
            min(word.left for word in line) * points,
            min(word.top for word in line) * points,
            max(word.right for word in line) * points,
            max(word.bottom for word in line) * points,
        )
        heights = [word.bottom - word.top for word in line if len(word.text) > 3] or [line[0].bottom - line[0].top]
        yield Line(" ".join(word.text for word in line), box, size=statistics.median(heights) * points * EM_PER_WORD)


def _even_out_sizes(pieces_by_page: list[list[Line]]) -> list[list[Line]]:
    """Return the lines with one font size for all of about the usual height.

    The height of a line depends on its letters, that of a short line most. Headings and footnotes keep their own size.
    """
    usual = statistics.median(piece.size for pieces in pieces_by_page for piece in pieces)

    def even_out(piece: Line) -> Line:
        low, high = (0.85, 1.2) if len(piece.text) >= 20 else (0.0, 1.35)
        return replace(piece, size=usual) if low * usual < piece.size < high * usual else piece

    return [[even_out(piece) for piece in pieces] for pieces in pieces_by_page]


def _summarise(words_by_page: list[list[_Word]], engine: str, languages: tuple[str, ...]) -> OcrSummary:
    words = [(number, word) for number, some in enumerate(words_by_page, 1) for word in some]
    doubtful = [
        DoubtfulWord(word.text, number, round(word.confidence, 2))
        for number, word in words
        if word.confidence < DOUBTFUL_BELOW and re.search(r"\w", word.text)
    ]
    return OcrSummary(
        engine=engine,
        languages=languages,
        words=len(words),
        mean_confidence=round(statistics.fmean(word.confidence for _, word in words), 3),
        doubtful_count=len(doubtful),
        doubtful=tuple(doubtful[:MAX_DOUBTFUL_WORDS]),
    )
