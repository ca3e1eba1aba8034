"""Corrections of lines before a review's report is split into passages: misprinted numbers, footers and notes.

A number in the middle of a line ("(Spain);110.44. Train judges") begins a line of its own; a number with another mark
in it ("125-15.") is read like its neighbours; the document's print number ("GE.13-15472") is set aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from samsvar.monitoring.passages.numbers import NOTE_MARKS
from samsvar.monitoring.profiles.upr.states import find_state_brackets
from samsvar.monitoring.report import Line, Page, Report, SetAsideReason

_DIGIT = re.compile(r"\d")
_LISTED_NUMBER = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.|\s)")
_DASHED_NUMBER = re.compile(r"(?P<first>\d{1,3})[-–]\d{1,3}\.\s+[A-ZÀ-Þ]")
_NUMBER_START = re.compile(r"\d{1,3}\.(?:\d{1,3}\.?)?\s+[A-ZÀ-Þ]")
_NUMBER_WITH_COMMA = re.compile(r"\d{1,3}\s?,\s+[A-ZÀ-Þ]")
_MISPRINTED_NUMBER = re.compile(
    r"(?P<first>\d{1,3})(?P<mark>\s?[.,:;·•–-]{1,2}\s?|\s)(?P<second>\d{1,3})(?P<end>\s?[.,:;)]{0,2})\s*(?=[\"“(]?[A-ZÀ-Þ])"
)
_MIDDLE_NUMBER = re.compile(
    r"(?:(?<=[)\].;])(?<!\d\.)[\s.;,:]*(?<!\d\.)"
    r"(?P<number>\d{1,3}\s?[.,–-]\s?\d{1,3}\.?|(?<!\d)\d{1,3}\.)|(?<=:)\s*(?P<first>1\.))\s*(?=[\"“]?[A-ZÀ-Þ])"
)
_PRINT_NUMBER = re.compile(
    r"(?:\d{1,3}\s+)?(?:GE\s?[.,]?\s?\d{2}\s?[-–]\s?\d{4,6}|\d{2}-\d{5})(?:\s*\([A-Z]\))?(?:\s+\d{6})*(?:\s+\d{1,3})?"
    r"|\*\s?\d{7}\s?\*|please recycle\W*",
    re.IGNORECASE,
)
_STARRED_NOTE = re.compile(r"(?P<stars>[*∗]{1,4})\s*(?=[^\W\d_])")


def correct_lines(report: Report) -> Report:
    """Return the report with numbers at the start of lines and with footers and starred notes set aside."""
    # where "101.2" begins a line, "101-3" is a misprinted "101.3"; so it is where "101-1.", "101-2." … begin lines
    texts = [line.text for page in report.pages for line in page.lines if line.text[:1].isdigit()]
    firsts = {match[1] for text in texts if (match := _LISTED_NUMBER.match(text))}
    dashed = Counter(match["first"] for text in texts if (match := _DASHED_NUMBER.match(text)))
    if max(dashed.values(), default=0) > 2:
        firsts |= dashed.keys()
    return replace(report, pages=tuple(_correct_page(page, firsts) for page in report.pages))


def _correct_page(page: Page, firsts: set[str]) -> Page:
    lines: list[Line] = []
    left: float | None = None  # of the last number at the start of a line
    for line in page.lines:
        if line.aside is not None:
            lines.append(line)
            continue
        text = line.text
        if not text[:1].isdigit() and not _may_contain_number(text):  # most lines: nothing to correct
            lines.append(line)
            continue
        if _NUMBER_START.match(text):
            left = line.box.left
        for number, part in enumerate(_split_at_numbers(line, firsts)):
            if number and left is not None:  # its number would be at the margin of the others
                part = replace(part, box=replace(part.box, left=left))
            # the first two lines of a page may be running heads
            if _NUMBER_WITH_COMMA.match(part.text) and (
                len(lines) < 3 or lines[-1].text.rstrip(NOTE_MARKS).endswith((";", ")", "."))
            ):
                part = replace(part, text=part.text.replace(",", ".", 1))
            lines.append(_correct_number(part, firsts))
    for at, line in enumerate(lines):
        first = line.text[:1]
        if first.isalpha() and first not in "GgPp":  # most lines: not a print number
            continue
        if line.aside is None and _PRINT_NUMBER.fullmatch(line.text.strip()):
            lines[at] = replace(line, aside=SetAsideReason.RUNNING_HEAD)
    return replace(page, lines=tuple(_set_aside_notes(lines)))


def _split_at_numbers(line: Line, firsts: set[str]) -> Iterator[Line]:
    """Yield the line, cut before each number that follows the states of a recommendation in the same line."""
    if not _may_contain_number(line.text):
        yield line
        return
    begin = 0
    for match in _MIDDLE_NUMBER.finditer(line.text):
        if match["first"]:
            yield _cut(line, begin, match.start("first"))
            begin = match.start("first")
            continue
        first = re.split(r"\D", match["number"], maxsplit=1)[0]
        is_pair = not match["number"].rstrip(".").isdigit()
        before = find_state_brackets(line.text[begin : match.start("number")])
        follows_states = bool(before) and not line.text[begin + before[-1].end : match.start("number")].strip(" ;.,:")
        if (is_pair and first in firsts) or (not is_pair and follows_states):
            yield _cut(line, begin, match.start("number"))
            begin = match.start("number")
    yield _cut(line, begin, len(line.text)) if begin else line


def _may_contain_number(text: str) -> bool:
    """Return whether a line contains a digit and a mark that may come before a number in the middle of it."""
    return (")" in text or ";" in text or ":" in text or "]" in text) and _DIGIT.search(text) is not None


def _cut(line: Line, begin: int, end: int) -> Line:
    """Return a part of a line; its edges are estimated by the number of characters."""
    width = (line.box.right - line.box.left) / max(len(line.text), 1)
    box = replace(line.box, left=line.box.left + begin * width, right=line.box.left + end * width)
    return replace(line, text=line.text[begin:end].strip(), box=box)


def _correct_number(line: Line, firsts: set[str]) -> Line:
    """Return the line with the number at its start as its neighbours are printed: "125-15. Train" → "125.15. Train".

    The number of characters stays the same, because the extraction report counts them.
    """
    match = _MISPRINTED_NUMBER.match(line.text)
    if match is None or match["first"] not in firsts:
        return line
    marks = len("".join((match["mark"] + match["end"]).split()))
    if not marks:
        return line
    text = f"{match['first']}.{match['second']}{'.' * (marks - 1)} {line.text[match.end() :]}"
    return line if text == line.text else replace(line, text=text)


def _set_aside_notes(lines: Sequence[Line]) -> Sequence[Line]:
    """Set aside the notes at the foot of a page that stars in a heading refer to, where they are not in small print."""
    for at in range(len(lines) - 1, -1, -1):
        if len(lines) - at > 8:
            break
        note = _STARRED_NOTE.match(lines[at].text)
        if note and any(line.text.endswith(note["stars"]) for line in lines[:at]):
            return [
                line
                if k < at or line.aside or line.text.strip().isdigit()
                else replace(line, aside=SetAsideReason.FOOTNOTE)
                for k, line in enumerate(lines)
            ]
    return lines
