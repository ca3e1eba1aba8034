"""Where one paragraph ends and the next begins: numbered passages under their headings, and what was set aside.

The printed number is the unit. Numbers that follow each other at one margin are paragraphs; a year at a line's start
and the "1." of a list are not, since nothing follows on from them in the right place. No word of any language is
needed for that: only place, size, weight and order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from samsvar.monitoring.markup import LINE
from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Aside, Line, Passage, Report
from samsvar.spans import Box, Span


@dataclass(frozen=True, slots=True)
class Split:
    """A report taken apart. Every line has one fate: part of the text, set aside for a reason, or unexplained."""

    text: str  # the report's own text: headings, passages and annex, healed, one paragraph a line
    passages: tuple[Passage, ...]
    annex: tuple[Passage, ...]  # what the annexes repeat: kept to check the body of the report, never added to it
    cover: tuple[Line, ...]
    understood: tuple[Line, ...]
    asides: tuple[tuple[Line, Aside], ...]
    unexplained: tuple[Line, ...]
    notes: tuple[str, ...]


def split_into_passages(report: Report, profile: Profile) -> Split:
    """The passages of a report in reading order, and the fate of each of its lines."""
    sheet = _Sheet(report)
    _set_running_heads_aside(sheet)
    if all(sheet.fate):  # the same few words on every page and nothing else: that is the text
        sheet.fate = [line.aside for line in sheet.lines]
    _set_contents_aside(sheet)
    _set_footnotes_aside(sheet)
    sheet.measure_margins()
    body_end = _start_of_annex(sheet, profile)
    numbers = _numbers_in(sheet, 0, body_end)
    _set_cover_aside(sheet, numbers, body_end, profile)
    writer = _Writer(sheet)
    passages = writer.passages_of(0, body_end, numbers)
    if not passages and body_end:  # headings over nothing are the text
        writer = _Writer(sheet, without_headings=True)
        passages = writer.passages_of(0, body_end, numbers)
    annex = writer.passages_of(body_end, len(sheet.lines), _numbers_in(sheet, body_end, len(sheet.lines)))
    return sheet.split(writer, body_end, passages, annex)


# --- the sheet: all lines, and what is known about each ----------------------------------------------------------


class _Sheet:
    """All lines of a report in one row, with what the steps have found out about each."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.lines: list[Line] = [line for page in report.pages for line in page.lines]
        self.fate: list[Aside | None] = [line.aside for line in self.lines]
        self.starts: list[int] = []  # where each page begins in `lines`
        position = 0
        for page in report.pages:
            self.starts.append(position)
            position += len(page.lines)
        self.starts.append(position)
        self.footnotes: dict[tuple[int, str], str] = {}  # (page, marker) and (0, marker) -> its text
        self.hyphens = _Hyphens(self.lines)
        self.body_size = _most_printed(self.lines)
        self.leftwards = sum(len(_LEFTWARDS.findall(line.text)) for line in self.lines[:400]) > 400
        self.margins = (0.0, 0.0)
        self.pitch = self._pitch()

    def on_page(self, number: int) -> range:
        """The positions of the lines of page `number`."""
        return range(self.starts[number - 1], self.starts[number])

    def indent(self, line: Line) -> float:
        """How far a line begins from the text's margin; left and right pages can have margins of their own."""
        return self.edge(line.box) - self.margins[line.box.page & 1]

    def edge(self, box: Box) -> float:
        """Where a line begins: its left edge, or its right one in a script that is written leftwards."""
        return -box.right if self.leftwards else box.left

    def measure_margins(self) -> None:
        """Finds the text's left margin on right and left pages; running heads, already set aside, have their own."""
        both: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        for line, fate in zip(self.lines, self.fate, strict=True):
            if fate is not None:
                continue
            box = line.box
            both[box.page & 1][int(self.edge(box))] += 1
        margins = []
        for counts in both:
            enough = max(counts.total() // 50, 2)
            margins.append(float(min((left for left, n in counts.items() if n >= enough), default=0)))
        if not both[0] or not both[1]:
            margins = [max(margins)] * 2
        self.margins = (margins[0], margins[1])

    def _pitch(self) -> float:
        """From one line of a paragraph to the next, in points: the most frequent distance.

        Formats without pages are laid out by us: there a line that stands further down has a blank one above it.
        """
        if self.report.format != "pdf":
            return LINE
        steps: Counter[float] = Counter()
        previous = None
        for line in self.lines:
            if previous is not None and previous.page == line.box.page:
                step = round(line.box.top - previous.top, 0)
                if 3 < step < 60 and (not self.body_size or step < 1.8 * self.body_size):
                    steps[step] += 1
            previous = line.box
        return steps.most_common(1)[0][0] if steps else 1.25 * self.body_size or 12.0

    def split(self, writer: _Writer, body_end: int, passages: tuple[Passage, ...], annex: tuple[Passage, ...]) -> Split:
        """The finished answer."""
        asides, understood, unexplained, cover = [], [], [], []
        for position, line in enumerate(self.lines):
            fate = self.fate[position]
            if fate is not None:
                asides.append((line, fate))
                if fate is Aside.COVER:
                    cover.append(line)
            elif position >= body_end:
                asides.append((line, Aside.ANNEX))
            elif position in writer.unexplained:
                unexplained.append(line)
            else:
                understood.append(line)
        return Split(
            text=writer.text(),
            passages=passages,
            annex=annex,
            cover=tuple(cover),
            understood=tuple(understood),
            asides=tuple(asides),
            unexplained=tuple(unexplained),
            notes=tuple(writer.notes),
        )


def _most_printed(lines: Iterable[Line]) -> float:
    """The size in which most characters are printed, in points; 0.0 where the format knows none."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


_LEFTWARDS = re.compile("[\u0590-\u08ff]")  # Hebrew, Arabic and their kin


# --- running heads, contents, footnotes, annex, cover --------------------------------------------------------------

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[^\w]*(?:\d{1,4}|[ivxlc]{1,7})[^\w]*")
_LEADERS = re.compile(r"(?:\.\s?){5,}|(?:…\s?){2,}|_{5,}\s*\d+$")
_ENTRY = re.compile(r".*\S[\s.…]+\d{1,4}(?:\s*[–-]\s*\d{1,4})?$")
_RULE = re.compile(r"[\W_]+")
_MARKER = re.compile(r"(?:([⁰¹²³⁴-⁹]+|[*†‡§]{1,4})\s*|\[?(\d{1,3})[\])]?\s+)(?=\S)")
_MARKS_IN_TEXT = re.compile(
    r"\s?[⁰¹²³⁴-⁹]+(?:[,\s][⁰¹²³⁴-⁹]+)*|(?<=\w)\s?[*∗†‡]{1,4}(?=\s|$)|(?<=[.;:,)])[*∗†‡]{1,4}(?=\s|$)"
)
_A_MARK = re.compile(r"[⁰¹²³⁴-⁹*∗†‡]")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹∗", "0123456789*")
MOST_TITLE_LINES: Final = 12
EDGE: Final = 6  # lines from the top or foot of a page that can be running; reports have up to four (2026-11)


def _set_running_heads_aside(sheet: _Sheet) -> None:
    """Lines that come back at the edge of page after page, and page numbers that count the pages."""
    report = sheet.report
    if len(report.pages) < 2:
        by_height = sorted(range(len(sheet.lines)), key=lambda i: sheet.lines[i].box.top)
        for i in by_height[:2]:
            if not _stands_off(sheet, i, by_height):
                break
            sheet.fate[i] = Aside.RUNNING_HEAD
        if len(by_height) > 1 and report.format == "pdf" and _PAGE_NUMBER.fullmatch(sheet.lines[by_height[-1]].text):
            sheet.fate[by_height[-1]] = Aside.PAGE_NUMBER
        return
    edges: list[tuple[list[int], list[int], list[int], int]] = []  # all lines; from top and foot inwards; page
    seen: Counter[tuple[str, bool]] = Counter()
    offsets: Counter[tuple[int, bool]] = Counter()
    lines = sheet.lines
    for page in report.pages:
        row = [i for i in sheet.on_page(page.number) if sheet.fate[i] is None]
        by_height = sorted(row, key=lambda i: lines[i].box.top)
        half = min((len(row) + 1) // 2, EDGE)
        top, foot = by_height[:half], by_height[max(len(row) - EDGE, half) :][::-1]
        edges.append((by_height, top, foot, page.number))
        for group, at_top in ((top, True), (foot, False)):
            for key in {_DIGITS.sub("#", lines[i].text) for i in group}:
                seen[key, at_top] += 1
            for i in group[:2]:
                if _PAGE_NUMBER.fullmatch(lines[i].text) and (number := _DIGITS.search(lines[i].text)):
                    offsets[int(number[0]) - page.number, at_top] += 1
    needed = 3 if len(report.pages) > 3 else 2
    for by_height, top, foot, number_of_page in edges:
        for group, at_top in ((top, True), (foot, False)):
            running: list[tuple[int, Aside]] = []
            for i in group:  # heads follow each other from the edge: the first other line ends them
                text = lines[i].text
                if _PAGE_NUMBER.fullmatch(text):
                    number = _DIGITS.search(text)
                    roman = number is None and seen[text, at_top] < needed
                    if roman or (number and offsets[int(number[0]) - number_of_page, at_top] >= 2):
                        running.append((i, Aside.PAGE_NUMBER))
                        continue
                repeated = seen[_DIGITS.sub("#", text), at_top] >= needed and not _starts_numbered_text(text)
                if not repeated and not (at_top and number_of_page > 1 and _stands_off(sheet, i, top)):
                    break
                running.append((i, Aside.RUNNING_HEAD))
            while running and not _is_set_off(sheet, running[-1][0], by_height, 1 if at_top else -1):
                running.pop()
            for i, why in running:
                sheet.fate[i] = why


def _is_set_off(sheet: _Sheet, position: int, by_height: Sequence[int], inwards: int) -> bool:
    """Whether the innermost running line is no line of the text: in other type than it, or with room between."""
    line = sheet.lines[position]
    next_at = by_height.index(position) + inwards
    if line.size != sheet.body_size or not 0 <= next_at < len(by_height):
        return True
    beyond = sheet.lines[by_height[next_at]]
    gap = abs(beyond.box.top - line.box.top)
    return gap > 1.2 * sheet.pitch or gap < 2 or line.bold != beyond.bold or line.italic != beyond.italic


def _stands_off(sheet: _Sheet, position: int, top: Sequence[int]) -> bool:
    """Whether a line at the top of a page is small print with room below: a running head of a report of few pages."""
    line = sheet.lines[position]
    if not 0 < line.size < sheet.body_size * 0.93 or len(line.text) > 90 or _MARKER.match(line.text):
        return False
    below = [i for i in top if sheet.lines[i].box.top > line.box.bottom]
    return bool(below) and sheet.lines[below[0]].box.top - line.box.bottom > 0.8 * line.size


def _starts_numbered_text(text: str) -> bool:
    """Whether a line that comes back is a numbered paragraph of a few words ("12. Chile made recommendations.")."""
    return bool(_NUMBER.match(text)) and len(text) > 8 and not text[:1].isalpha()


def _set_contents_aside(sheet: _Sheet) -> None:
    """Pages that list headings with the page they stand on: rows of dots, or short lines that end in a number."""
    lines, open_before = sheet.lines, False
    limit = max(len(sheet.report.pages) // 4, 6)
    for page in sheet.report.pages[:limit] if len(sheet.report.pages) > 1 else sheet.report.pages:
        row = [i for i in sheet.on_page(page.number) if sheet.fate[i] is None]
        dotted = [i for i in row if _LEADERS.search(lines[i].text)]
        entries = dotted
        if len(dotted) < 3:
            ending = [i for i in row if _ENTRY.fullmatch(lines[i].text) and len(lines[i].text) < 140]
            # Without dots only a page that is nearly all entries, with page numbers that never fall, is contents.
            entries = ending if len(ending) >= 5 and len(ending) * 2 > len(row) and _rising(lines, ending) else dotted
        if len(entries) >= 3 or (open_before and entries):
            first = row[0] if open_before else _title_above(sheet, row, entries[0])
            last = entries[-1]
            for i in row:
                if first <= i <= last or (i > last and len(entries) * 3 > len(row)):
                    sheet.fate[i] = Aside.CONTENTS
            open_before = row[-1] - last <= 12 and len(entries) * 3 > len(row)
        else:
            open_before = False


def _rising(lines: Sequence[Line], entries: Sequence[int]) -> bool:
    pages = [int(_DIGITS.findall(lines[i].text)[-1]) for i in entries]
    falls = sum(b < a for a, b in pairwise(pages))
    return falls * 8 < len(pages)


def _title_above(sheet: _Sheet, row: Sequence[int], first_entry: int) -> int:
    """The first line of a contents list: its title and table head stand in the few short lines above its entries."""
    above = [i for i in row if i < first_entry]
    if len(above) <= 8:
        return above[0] if above else first_entry
    first = first_entry
    for i in reversed(above):
        if len(sheet.lines[i].text) > 90:
            break
        first = i
        if sheet.lines[i].size > sheet.body_size + 0.5:
            break
    return first


def _set_footnotes_aside(sheet: _Sheet) -> None:
    """Small print at the foot of a page that begins with a marker, and notes that begin with a raised number."""
    lines, small = sheet.lines, sheet.body_size * 0.93
    _keep_notes(sheet, 1, [i for i, line in enumerate(lines) if line.aside is Aside.FOOTNOTE])
    carried = False  # the last page ended in footnotes, so that small print may go on without a marker
    for page in sheet.report.pages:
        row = [i for i in sheet.on_page(page.number) if sheet.fate[i] is None]
        at_foot: list[int] = []
        for i in reversed(row):
            line = lines[i]
            if 0 < line.size <= small or (_RULE.fullmatch(line.text) and at_foot):
                at_foot.append(i)
            else:
                break
        at_foot.reverse()
        marked = [i for i in at_foot if _MARKER.match(lines[i].text)]
        if not marked and not (carried and at_foot):
            at_foot = []
        elif not carried:
            at_foot = [i for i in at_foot if i >= marked[0] or _RULE.fullmatch(lines[i].text)]
        if len(at_foot) == len(row) and page.number == 1:
            at_foot = []
        for i in at_foot:
            sheet.fate[i] = Aside.FOOTNOTE
        carried = bool(at_foot)
        _keep_notes(sheet, page.number, at_foot)
        _raised_notes(sheet, page.number, row)


def _raised_notes(sheet: _Sheet, page: int, row: Sequence[int]) -> None:
    """Notes in full size that begin with a raised number: endnotes, or the notes of an old typescript."""
    lines, inside, kept = sheet.lines, False, []
    for i in row:
        if sheet.fate[i] is not None:
            inside = False
            continue
        text = lines[i].text
        if text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹" and len(text) > 3:
            inside = True
        elif inside and (_breaks(sheet, i) or _NUMBER.match(text)):
            inside = False
        if inside:
            sheet.fate[i] = Aside.FOOTNOTE
            kept.append(i)
    _keep_notes(sheet, page, kept)


def _keep_notes(sheet: _Sheet, page: int, positions: Sequence[int]) -> None:
    """Remembers the text of each note under its marker."""
    marker = ""
    texts: list[str] = []

    def keep() -> None:
        if marker:
            note = _healed(texts, sheet.hyphens)
            sheet.footnotes[page, marker] = note
            sheet.footnotes.setdefault((0, marker), note)

    for i in positions:
        text = sheet.lines[i].text
        found = _MARKER.match(text)
        if found:
            keep()
            marker, texts = (found[1] or found[2]).translate(_PLAIN_DIGITS), [text[found.end() :]]
        elif not _RULE.fullmatch(text):
            texts.append(text)
    keep()


def _start_of_annex(sheet: _Sheet, profile: Profile) -> int:
    """Where the annexes begin: at a heading that opens with a word that the profile knows, behind a numbered text."""
    if profile.annex is None:
        return len(sheet.lines)
    lines = sheet.lines
    numbered = 0
    for i, line in enumerate(lines):
        if sheet.fate[i] is not None:
            continue
        text = line.text
        if text[0].isdigit():
            numbered += _NUMBER.match(text) is not None
        elif numbered and len(text) < 160 and not text[0].islower() and profile.annex.match(text):
            apart = _breaks(sheet, i) or line.level > 0 or _previous_of(sheet, i) is None
            set_off = line.bold or line.italic or line.level or line.size > sheet.body_size + 0.5
            if (apart and (set_off or (len(text) < 60 and not _ends_sentence(text)))) or (
                line.size > sheet.body_size + 0.5
            ):
                return i
    return len(lines)


def _set_cover_aside(sheet: _Sheet, numbers: dict[int, _Number], body_end: int, profile: Profile) -> None:
    """The title page: the first page of a numbered report, down to its first heading or number."""
    if not numbers:
        return
    first_number = min(numbers)
    if len(sheet.report.pages) < 2:
        _set_title_lines_aside(sheet, first_number, profile)
        return
    row = [i for i in sheet.on_page(1) if sheet.fate[i] is None and i < body_end]
    stop = first_number
    if first_number < sheet.starts[1]:  # a heading right above the first paragraph belongs to the text
        while stop - 1 in row and not _ends_sentence(sheet.lines[stop - 1].text) and _looks_set_apart(sheet, stop - 1):
            stop -= 1
            if first_number - stop >= 3:
                break
    for i in row:
        if i < stop:
            sheet.fate[i] = Aside.COVER


def _set_title_lines_aside(sheet: _Sheet, first_number: int, profile: Profile) -> None:
    """The title of a report without pages: the few lines at its top in which the body gives its name."""
    title: list[int] = []
    for i in range(first_number):
        line = sheet.lines[i]
        if sheet.fate[i] is not None:
            continue
        if _SCHEME.match(line.text) or (line.level > 1) or len(title) > MOST_TITLE_LINES or _ends_sentence(line.text):
            break
        title.append(i)
    text = " ".join(sheet.lines[i].text for i in title)
    if len(title) <= MOST_TITLE_LINES and any(words.search(text) for words in profile.recognised_by):
        for i in title:
            sheet.fate[i] = Aside.COVER


# --- numbers -------------------------------------------------------------------------------------------------------

# "57.", "57", "(57)", "95.39.", "101. 13." before text; the number alone on its line too.
_NUMBER = re.compile(
    r"(?P<open>[(\[]?|[-–.] ?(?=\d))(?P<n>\d{1,4}(?:[.．]\d{1,4}|[.．]\s\d{1,4}(?=\.)|\s\.\d{1,4}){0,4})"
    r"(?P<close>\s?[.)\]．、:°]{1,2}|\s?[-–](?=\s)|(?=\s|$))(?P<gap>\s+|$|(?=[^\W\d_]))"
)
SAME_PLACE: Final = 10.0  # points: hanging numbers of one, two and three digits differ by up to 9 (10 pt type)
# What a row of numbers costs, in members: each number left out, another margin, an earlier start between its members,
# a beginning other than 1. A row that loses a number for good still beats one that borrows it from a list elsewhere.
_COST_OF_A_HEADING: Final = 0.5  # a heading may bear the number that a paragraph has too
_COST_OF_A_GAP, _COST_OF_A_MOVE, _COST_OF_A_RESTART, _COST_OF_A_LATE_START = 0.3, 0.6, 1.0, 0.7
WIDEST_GAP: Final = 6
FARTHEST_HOLDER: Final = 400  # numbers; the longest list under one paragraph has 193 (Costa Rica 2014)
WIDEST_GAP_BELOW: Final = 12  # between "95.3" and "95.9": its first part already says where it belongs


@dataclass(slots=True)
class _Number:
    """A number printed at the start of a line that may count a paragraph."""

    position: int
    printed: tuple[int, ...]
    end: int  # where the text behind it begins in the line
    indent: float
    style: tuple[str, str]
    looks_like_heading: bool = False
    full: str = ""  # with its parents: "95.39"


def _numbers_in(sheet: _Sheet, begin: int, end: int) -> dict[int, _Number]:
    """The numbers that count paragraphs, by position of their line."""
    candidates = _candidates(sheet, begin, end)
    for number in candidates:
        number.looks_like_heading = _is_numbered_heading(sheet, number)
    found = _rows_of([number for number in candidates if len(number.printed) == 1])
    rows = [row for row in found if _is_trusted(sheet, row, len(found) == 1) and not _are_headings(row)]
    numbers = {number.position: number for row in rows for number in row}
    _name_with_parents(rows)
    last: _Number | None = None  # of several parts
    current: _Number | None = None
    for number in candidates:
        if number.position in numbers:
            current = number
        elif len(number.printed) > 1 and _belongs(number, current, last):
            number.full = ".".join(map(str, number.printed))
            numbers[number.position] = last = number
    return numbers


def _candidates(sheet: _Sheet, begin: int, end: int) -> list[_Number]:
    found = []
    for i in range(begin, end):
        if sheet.fate[i] is not None:
            continue
        line = sheet.lines[i]
        text = line.text
        first = text[0]
        if not (first.isdigit() or first in "([" or (sheet.leftwards and first in "-–.")):
            continue
        match = _NUMBER.match(text)
        if match is None:
            continue
        close = match["close"].strip()
        if match["open"] in ("(", "[") and not close:
            continue
        printed = tuple(int(part) for part in _DIGITS.findall(match["n"]))
        if not close and match["gap"] == "" and match.end() < len(text):
            continue  # "2nd", "3D": digits that belong to a word
        style = (match["open"], "." if close and close in ".．、:" else close)
        found.append(_Number(i, printed, match.end(), sheet.indent(line), style))
    return found


def _rows_of(candidates: Sequence[_Number]) -> list[list[_Number]]:
    """Candidates as rows in which each number follows on from the one before: the longest rows first.

    Dynamic programming over candidates in reading order; what a row costs stands above.
    """
    rows: list[list[_Number]] = []
    left = list(candidates)
    for _ in range(8):  # a row that shares members with a better one is sought again among what is left
        if not left:
            break
        scores, before = _best_rows(left)
        used = [False] * len(left)
        shared = False
        for at in sorted(range(len(left)), key=lambda k: (-scores[k], -k)):  # of equals the longer: 107 behind a list
            if used[at]:
                continue
            row, step = [], at
            while step >= 0 and not used[step]:
                row.append(step)
                step = before[step]
            if step >= 0:
                shared = True  # its beginning went to a better row
                continue
            for k in row:
                used[k] = True
            rows.append([left[k] for k in reversed(row)])
        if not shared:
            break
        left = [number for number, taken in zip(left, used, strict=True) if not taken]
    return rows


def _best_rows(candidates: Sequence[_Number]) -> tuple[list[float], list[int]]:
    """For each candidate the score of the best row that ends with it, and its predecessor in that row, or -1."""
    scores: list[float] = []
    before: list[int] = []
    known: dict[tuple[tuple[str, str], int], list[int]] = {}
    starts: dict[tuple[tuple[str, str], int], int] = {}  # style and place → where a row last began with 1
    for at, number in enumerate(candidates):
        n, style, place = number.printed[0], number.style, round(number.indent / SAME_PLACE)
        best, previous = (0.0 if n == 1 else -_COST_OF_A_LATE_START - min(n, 10) * 0.1), -1
        if n > 1:
            for gap in range(1, WIDEST_GAP):
                for k in known.get((style, n - gap), ())[-8:]:
                    moved = abs(candidates[k].indent - number.indent) > SAME_PLACE
                    if moved and gap > 1:
                        continue
                    score = scores[k] - _COST_OF_A_GAP * (gap - 1) - _COST_OF_A_MOVE * moved
                    if starts.get((style, round(candidates[k].indent / SAME_PLACE)), -1) > k:
                        score -= _COST_OF_A_RESTART
                    if score >= best:
                        best, previous = score, k
        elif not number.looks_like_heading:
            starts[style, place] = at
        scores.append(best + 1.0 - _COST_OF_A_HEADING * number.looks_like_heading)
        before.append(previous)
        known.setdefault((style, n), []).append(at)
    return scores, before


EARLIEST_YEAR: Final = 1000  # a first line that begins with "2013." is about a year


def _is_trusted(sheet: _Sheet, row: Sequence[_Number], alone: bool) -> bool:
    """Whether a row counts paragraphs: two from 1, three from elsewhere, or one that a colon announces.

    `alone` says that the text has no other row: then a single paragraph with the number 1 counts too. An excerpt may
    begin anywhere: a text whose very first line is numbered "57." counts from there.
    """
    first = next((i for i, fate in enumerate(sheet.fate) if fate is None), None)
    dotted = "." in sheet.lines[row[0].position].text[: row[0].end]  # "57 women" is no paragraph 57
    excerpt = row[0].position == first and dotted and row[0].printed[0] < EARLIEST_YEAR
    begins_with_one = row[0].printed[0] == 1 or excerpt
    if sum(_may_begin(sheet, number.position) for number in row) * 5 < len(row) * 3:
        return False  # numbers that a text's lines happen to begin with
    if len(row) > 1:
        if not begins_with_one and len(row) == 2:
            return False
        return len({number.position for number in row}) == len(row)
    return begins_with_one and (alone or _announced(sheet, row[0].position))


def _may_begin(sheet: _Sheet, position: int) -> bool:
    """Whether a paragraph may begin at a line: there is room above it, or the line above ends something."""
    before = _previous_of(sheet, position)
    if before is None or _breaks(sheet, position):
        return True
    above, here = sheet.lines[before], sheet.lines[position]
    return above.text.endswith(_MAY_END) or above.bold != here.bold or abs(above.size - here.size) > 0.6


def _announced(sheet: _Sheet, position: int) -> bool:
    """Whether the text before a line ends in a colon."""
    for i in range(position - 1, max(position - 9, -1), -1):
        if sheet.fate[i] is None:
            return sheet.lines[i].text.endswith((":", "："))
    return False


def _are_headings(row: Sequence[_Number]) -> bool:
    """Whether most lines of a row are numbered headings ("1. Data collection"): set apart, short, no sentences."""
    alike = sum(number.looks_like_heading for number in row)
    return alike * 5 > len(row) * 3


def _is_numbered_heading(sheet: _Sheet, number: _Number) -> bool:
    line = sheet.lines[number.position]
    text = line.text
    if len(text) > 120 or _ends_sentence(text) or text.endswith((";", ",")):
        return False
    if text.endswith(")") and not text[text.rfind("(") :].strip("()").rstrip("0123456789").endswith((" ", "/")):
        return False  # "(France)" ends a recommendation, "(Article 18)" a heading
    set_apart = line.bold or line.italic or line.size > sheet.body_size + 0.5 or line.level > 0
    return bool(set_apart) and _next_breaks(sheet, number.position)


def _name_with_parents(rows: Sequence[Sequence[_Number]]) -> None:
    """Gives each number its full name: a list inside paragraph 95 counts 95.1, 95.2 and on.

    A row lies inside another where it stands between two of its numbers, or behind the last one and further in.
    """
    row_of = {number.position: row for row in rows for number in row}
    order = sorted((number for row in rows for number in row), key=lambda number: number.position)
    holders: dict[int, _Number | None] = {}
    for at, number in enumerate(order):
        own = row_of[number.position]
        before = order[at - 1] if at else None
        if before is not None and row_of[before.position] is own:
            holder = holders[before.position]  # nothing stands between: the same list goes on
        else:
            holder = _holder_of(number, own, order, at, row_of)
        holders[number.position] = holder
        printed = str(number.printed[0])
        number.full = f"{holder.full}.{printed}" if holder is not None else printed


def _holder_of(
    number: _Number,
    own: Sequence[_Number],
    order: Sequence[_Number],
    at: int,
    row_of: Mapping[int, Sequence[_Number]],
) -> _Number | None:
    """The nearest number before this one whose row goes round its own; sought among the last few hundred."""
    for held in reversed(order[max(at - FARTHEST_HOLDER, 0) : at]):
        row = row_of[held.position]
        if row is own or row[0].position >= own[0].position:
            continue
        if row[-1].position > own[-1].position or own[0].indent > held.indent + SAME_PLACE:
            return held
    return None


def _belongs(number: _Number, current: _Number | None, last: _Number | None) -> bool:
    """Whether a number of several parts ("101.2") counts a paragraph: below the open one, or next in its own row."""
    prefix, n = number.printed[:-1], number.printed[-1]
    if current is not None and prefix == current.printed:
        return last is None or last.printed[:-1] != prefix or n > last.printed[-1]
    if last is None:
        return n == 1 and current is None
    if prefix == last.printed[:-1]:
        return 0 < n - last.printed[-1] <= WIDEST_GAP_BELOW
    if n != 1:  # the first part misprinted in the middle of a row ("84.93." between 82.92 and 82.94)
        return len(number.printed) == len(last.printed) and n - last.printed[-1] == 1 and n > 2
    upwards = last.printed[: len(prefix)]
    return prefix == last.printed or (prefix[:-1] == upwards[:-1] and 0 < prefix[-1] - upwards[-1] <= 2)


# --- writing -------------------------------------------------------------------------------------------------------

_POINT = re.compile(
    r"(?P<open>[(\[]?)(?P<letter>[^\W\d_]|[ivxl]{1,6})(?P<close>[.)\]]{1,2})\s+(?=\S)"
    r"|(?P<bullet>[•‣▪◦●○■□➢➤✓·*\uf0b7\uf0a7–—−-])\s+(?=\S)"
)
_MAY_END = (".", ";", ":", ",", "!", "?", "…", "。", "；", "：", "؛", "؟", "।", ")", "”", "»", "“", '"', "’")
_SENTENCE_END = (".", "!", "?", "…", "。", "؟", "।", ".”", ".»", ".’", ".)")
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_SCHEME = re.compile(
    r"(?:(?P<roman>[IVXL]{1,6})|(?P<capital>[A-ZÀ-ÞА-Я])|(?P<arabic>\d{1,2}(?:\.\d{1,2})*)|(?P<small>[a-z]))[.)]\s+\S"
)
LONGEST_TIGHT_HEADING: Final = 130  # characters of one without room round it; Article 42's title in French has 110
LONGEST_HEADING: Final = 250  # characters: four lines of the narrowest heading seen (2026-11)


def _ends_sentence(text: str) -> bool:
    return text.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹*†‡ \"'").endswith(_SENTENCE_END)


def _previous_of(sheet: _Sheet, position: int) -> int | None:
    """The line before on the same page that is part of the text."""
    for i in range(position - 1, -1, -1):
        if sheet.lines[i].box.page != sheet.lines[position].box.page:
            return None
        if sheet.fate[i] is None:
            return i
    return None


def _breaks(sheet: _Sheet, position: int) -> bool:
    """Whether there is more room above a line than between the lines of one paragraph."""
    before = _previous_of(sheet, position)
    if before is None:
        return False
    step = sheet.lines[position].box.top - sheet.lines[before].box.top
    return step > 1.3 * max(sheet.pitch, 1.05 * sheet.lines[position].size) or step < -sheet.pitch


def _next_breaks(sheet: _Sheet, position: int) -> bool:
    """Whether the line after is a new paragraph, or there is none on the page."""
    for i in range(position + 1, len(sheet.lines)):
        if sheet.fate[i] is None:
            if sheet.lines[i].box.page != sheet.lines[position].box.page:
                return not sheet.lines[i].text[0].islower()
            line, here = sheet.lines[i], sheet.lines[position]
            return _breaks(sheet, i) or line.bold != here.bold or line.italic != here.italic
    return True


def _looks_set_apart(sheet: _Sheet, position: int) -> bool:
    """Whether a line is printed as a heading is: larger, bold, italic, in capitals, or counted as headings are."""
    line = sheet.lines[position]
    text = line.text
    return bool(
        line.level
        or line.bold
        or line.italic
        or line.size > sheet.body_size + 0.5
        or (text.isupper() and len(text) > 3)
        or _SCHEME.match(text)
    )


# Parts of words that keep their hyphen wherever a line ends ("anti-discrimination", "non-État"): Latin and Greek parts
# that the languages of reports share, and the English ones that form compounds (our list, 2026-11).
_KEEP_HYPHEN = frozenset(
    "all anti auto bi co contre cross demi euro ex extra high inter intra long low macro mi micro mid mini multi near"
    " neo non off on out over pan peer post pre pro pseudo quasi re self semi short socio sous sub sur tri ultra under"
    " up vice well".split()
)
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


class _Hyphens:
    """Whether a hyphen at a line's end belongs to the word or only to the line: the report's other words tell."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.text = ""
        self.cuts_words = False

    def look(self) -> None:
        """Takes the report's words together; only once, and only where a line ends in a hyphen."""
        self.text = f" {' '.join(line.text for line in self.lines)} ".lower()
        cut = whole = 0
        for one, two in pairwise(self.lines):
            if one.text.endswith(("-", "‐")) and two.text[:1].islower():
                left, right = _LAST_WORD.search(one.text[:-1]), _FIRST_WORD.match(two.text)
                if left and right:
                    cut += f"{left[0]}{right[0]}".lower() in self.text
                    whole += f"{left[0]}-{right[0]}".lower() in self.text
        self.cuts_words = cut > whole

    def belongs(self, left: str, right: str) -> bool:
        """Whether “left-right” is a word with a hyphen."""
        if not self.text:
            self.look()
        left, right = left.lower(), right.lower()
        if f"{left}-{right}" in self.text:
            return True
        if f"{left}{right}" in self.text:
            return False
        if (left in _KEEP_HYPHEN and (len(left) > 3 or not self.cuts_words)) or f" {left}-" in self.text.replace(
            f" {left}- ", " "
        ):
            return True
        known = len(left) > 2 and self.stands_alone(left)
        return known and (not self.cuts_words or (len(right) > 2 and self.stands_alone(right)))

    def stands_alone(self, word: str) -> bool:
        """Whether a word occurs by itself in the report."""
        return any(f" {word}{after}" in self.text for after in " .,;:)")


def _healed(texts: Sequence[str], hyphens: _Hyphens) -> str:
    """Lines joined to one text: a word cut by a hyphen is whole again, any other line's end is a space."""
    if len(texts) == 1:
        return texts[0].strip()
    pieces = [texts[0]]
    for text in texts[1:]:
        before = pieces[-1]
        last = before[-1:]
        if last == "\xad":
            pieces[-1] = before[:-1]
        elif last in "-‐" and len(before) > 1 and before[-2].isalnum() and text[:1].isalnum():
            left, right = _LAST_WORD.search(before[:-1]), _FIRST_WORD.match(text)
            if left and right and right[0].islower() and not hyphens.belongs(left[0], right[0]):
                pieces[-1] = before[:-1]
        elif last != "/" and not (last >= "\u2e80" and text[:1] >= "\u2e80"):  # Chinese and Japanese know no spaces
            pieces.append(" ")
        pieces.append(text)
    return "".join(pieces).strip()


class _Writer:
    """Writes the report's own text, passage by passage, and remembers where each stands in it."""

    def __init__(self, sheet: _Sheet, *, without_headings: bool = False) -> None:
        self.sheet = sheet
        self.without_headings = without_headings
        self.pieces: list[str] = []
        self.length = 0
        self.headings: list[tuple[tuple[object, ...], str]] = []
        self.unexplained: set[int] = set()
        self.notes: list[str] = []

    def text(self) -> str:
        return "\n".join(self.pieces)

    def write(self, text: str) -> Span:
        """Adds a paragraph to the text; the span it stands at."""
        start = self.length
        self.pieces.append(text)
        self.length += len(text) + 1
        return Span(start, start + len(text))

    def passages_of(self, begin: int, end: int, numbers: dict[int, _Number]) -> tuple[Passage, ...]:
        """The passages between two positions of the sheet."""
        sheet = self.sheet
        fate = sheet.fate
        self.headings = []
        found: list[Passage] = []
        block: list[int] = []
        number: _Number | None = None
        position = begin
        while position < end:
            if fate[position] is not None:
                position += 1
                continue
            counted = numbers.get(position)
            if counted is not None:
                self.finish(block, number, found)
                block, number = [position], counted
                position += 1
                continue
            steps_in = number is None and bool(block) and self.steps_in(block[-1], position)
            tight = bool(block) and self.stands_between(block[-1], position, end, numbers)
            if not block or steps_in or tight or _breaks(sheet, position) or self.changes(block[-1], position):
                heading = (
                    []
                    if self.without_headings
                    else self.heading_at(position, end, numbers, bool(block) and number is not None)
                )
                if heading:
                    self.finish(block, number, found)
                    block, number = [], None
                    self.enter(heading)
                    position = heading[-1] + 1
                    continue
                if block and (
                    self.leaves(block, position)
                    if number is not None
                    else steps_in or self.starts_paragraph(block[-1], position)
                ):
                    self.finish(block, number, found)
                    block, number = [], None
            block.append(position)
            position += 1
        self.finish(block, number, found)
        return tuple(found)

    def stands_between(self, before: int, here: int, end: int, numbers: Mapping[int, _Number]) -> bool:
        """Whether a line without room round it is a heading between two paragraphs, as in text that was pasted.

        It is counted as headings are ("B. Shelters"), stands behind a sentence's end, ends none, and a number follows.
        """
        sheet = self.sheet
        text = sheet.lines[here].text
        if not (_SCHEME.match(text) and _ends_sentence(sheet.lines[before].text)) or _ends_sentence(text):
            return False
        if len(text) > LONGEST_TIGHT_HEADING:
            return False
        after = next((i for i in range(here + 1, end) if sheet.fate[i] is None), None)
        if after is None:
            return False
        return after in numbers or bool(_SCHEME.match(sheet.lines[after].text))

    def changes(self, before: int, here: int) -> bool:
        """Whether the type changes between two lines, as it does at a heading."""
        one, two = self.sheet.lines[before], self.sheet.lines[here]
        return one.bold != two.bold or one.italic != two.italic or abs(one.size - two.size) > 0.6 or two.level > 0

    def leaves(self, block: Sequence[int], here: int) -> bool:
        """Whether an unnumbered paragraph stands outside the numbered one before it: further left, or further down.

        Further down than the number itself stands below the paragraph before it, on one page and column.
        """
        sheet = self.sheet
        first, before, line = (sheet.lines[i] for i in (block[0], block[-1], here))
        if not _breaks(sheet, here) or line.text[0].islower() or not _ends_sentence(before.text):
            return False
        indent = sheet.indent(line)
        hangs = min((sheet.indent(sheet.lines[i]) for i in block[1:]), default=0.0) - sheet.indent(first)
        if indent < sheet.indent(first) - 4 or (hangs > 6 and indent < sheet.indent(first) + hangs / 2):
            return True
        above = _previous_of(sheet, block[0])
        if above is None or before.box.page != line.box.page:
            return False
        usual = first.box.top - sheet.lines[above].box.top
        return 0 < usual * 1.12 + 1 < line.box.top - before.box.top

    def starts_paragraph(self, before: int, here: int) -> bool:
        """Whether an unnumbered line begins a paragraph of its own and does not go on across a page or column."""
        one, two = self.sheet.lines[before], self.sheet.lines[here]
        if one.box.page != two.box.page or two.box.top < one.box.top:
            return _ends_sentence(one.text) and not two.text[:1].islower()
        return _breaks(self.sheet, here)

    def steps_in(self, before: int, here: int) -> bool:
        """Whether an unnumbered line begins a paragraph by its first line's indent alone, as books print them.

        The line before ends a sentence at the margin, this one begins further in, and the one after is back there.
        """
        sheet = self.sheet
        one, two = sheet.lines[before], sheet.lines[here]
        step = sheet.indent(two) - sheet.indent(one)
        if one.box.page != two.box.page or not 4 < step < 60 or not _ends_sentence(one.text) or two.text[0].islower():
            return False
        after = next((i for i in range(here + 1, len(sheet.lines)) if sheet.fate[i] is None), None)
        if after is None or sheet.lines[after].box.page != two.box.page:
            return True
        back = sheet.indent(sheet.lines[after]) - sheet.indent(one)
        return abs(back) < 4 or (abs(back - step) < 4 and _ends_sentence(two.text))

    def heading_at(self, position: int, end: int, numbers: dict[int, _Number], inside: bool) -> list[int]:
        """The positions of the lines of a heading that begins here; empty where none does."""
        sheet = self.sheet
        lines = sheet.lines
        line = lines[position]
        if line.level:
            return [position]
        if line.text[0].islower() or not _looks_set_apart(sheet, position):
            return []
        rows, length = [position], len(line.text)
        following: int | None = None
        for i in range(position + 1, end):
            if sheet.fate[i] is not None:
                continue
            nearby = lines[i]
            if (
                i in numbers
                or nearby.box.page != line.box.page
                or nearby.bold != line.bold
                or nearby.italic != line.italic
                or abs(nearby.size - line.size) > 0.6
                or nearby.level
                or _breaks(sheet, i)
                or (_SCHEME.match(nearby.text) and _looks_set_apart(sheet, i))
            ):
                following = i
                break
            rows.append(i)
            length += len(nearby.text)
            if length > LONGEST_HEADING:
                return []
        last = lines[rows[-1]].text
        if _ends_sentence(last) or last.endswith((";", ",", ":")):
            if not (_SCHEME.match(line.text) and length < 90 and last.endswith(".")):
                return []
        if not any(map(str.isalpha, line.text)):
            return []
        plain = not (line.bold or line.italic or line.size > sheet.body_size + 0.5 or line.text.isupper())
        if plain and (following is None or following not in numbers and not _SCHEME.match(lines[following].text)):
            return []
        if inside and _POINT.match(line.text) and not line.text[0].isupper() and not (line.bold or line.italic):
            return []
        return rows

    def enter(self, rows: Sequence[int]) -> None:
        """Goes into a heading: out of those of its own kind and below, under those above."""
        line = self.sheet.lines[rows[0]]
        text = _healed([self.sheet.lines[i].text for i in rows], self.sheet.hyphens)
        if _A_MARK.search(text):
            text = _MARKS_IN_TEXT.sub("", text).strip()
        self.write(text)
        scheme = _SCHEME.match(text)
        kind: tuple[object, ...]
        if line.level:
            kind = ("level", line.level)
            self.headings = [kept for kept in self.headings if kept[0][0] == "level" and kept[0][1] < line.level]  # type: ignore[operator]
        else:
            kind = (
                "type",
                round(line.size * 2),
                line.bold,
                line.italic,
                text.isupper(),
                scheme.lastgroup if scheme else None,
            )
            kinds = [kept[0] for kept in self.headings]
            if kind in kinds:
                del self.headings[kinds.index(kind) :]
            else:
                while self.headings and self.headings[-1][0][1] < kind[1]:  # type: ignore[operator]
                    self.headings.pop()
                uncounted = (*kind[:-1], None)  # "Introduction" stands beside "I. Purposes" in the same type, not above
                if uncounted in kinds[: len(self.headings)]:
                    del self.headings[kinds.index(uncounted) :]
        self.headings.append((kind, text))

    def finish(self, block: Sequence[int], number: _Number | None, found: list[Passage]) -> None:
        """Makes the passage of a block of lines, and one of each lettered or bulleted point inside it."""
        if not block:
            return
        sheet = self.sheet
        texts = [sheet.lines[i].text for i in block]
        if number is not None:
            texts[0] = texts[0][number.end :]
            if not texts[0]:
                if len(texts) == 1:
                    self.unexplained.update(block)
                    return
                texts, block = texts[1:], [block[0], *block[2:]]
        elif not any(any(map(str.isalpha, text)) for text in texts):
            for i in block:
                if _RULE.fullmatch(sheet.lines[i].text):
                    sheet.fate[i] = Aside.ORNAMENT
                else:
                    self.unexplained.add(i)
            return
        full = number.full if number is not None else ""
        headings = tuple(text for _, text in self.headings)
        points = self.points_in(block, texts) if len(block) > 1 else []
        if not points:
            text, notes = self.without_markers(_healed(texts, sheet.hyphens), sheet.lines[block[0]].box.page)
            found.append(self.passage(full, text, block, headings, self.write(text), (), notes))
            return
        parts: list[tuple[str, str, list[int], tuple[str, ...]]] = []  # label, text, positions, notes
        borders = [0, *(at for at, _, _ in points), len(texts)]
        for k, (start, stop) in enumerate(pairwise(borders)):
            label = points[k - 1][1] if k else ""
            if start < stop:
                page = sheet.lines[block[start]].box.page
                text, notes = self.without_markers(_healed(texts[start:stop], sheet.hyphens), page)
                parts.append((label, text, list(block[start:stop]), notes))
        whole = "\n".join(text for _, text, _, _ in parts)
        span = self.write(whole)
        printed = tuple(text for label, text, _, _ in parts if label)
        every_note = tuple(note for part in parts for note in part[3])
        found.append(self.passage(full, whole, block, headings, span, printed, every_note))
        at = span.start
        path: list[str] = []
        for k, (label, text, positions, notes) in enumerate(parts):
            if label:
                depth, marker = points[k - 1][2] if parts[0][0] == "" else points[k][2], _POINT.match(text)
                del path[depth:]
                path.append(label)
                cut = marker.end() if marker else 0
                inner = Span(at + cut, at + len(text))
                if full:  # a point of a paragraph without a number could not be cited
                    found.append(
                        self.passage(".".join((full, *path)), text[cut:], positions, headings, inner, (), notes)
                    )
            at += len(text) + 1

    def points_in(self, block: Sequence[int], texts: Sequence[str]) -> list[tuple[int, str, int]]:
        """Where points begin in a block: index of the line, letter ("•" for a bullet), and depth from 0."""
        sheet = self.sheet
        stack: list[tuple[str, int]] = []  # style, count of the last
        found: list[tuple[int, str, int]] = []
        for k, text in enumerate(texts):
            if len(text) < 3 or not (
                text[0] in "([•‣▪◦●○■□➢➤✓·*\uf0b7\uf0a7–—−-" or text[1] in ".)" or ")" in text[:6]
            ):
                continue
            match = _POINT.match(text)
            if match is None:
                continue
            before = texts[k - 1] if k else ""
            opens = (
                k == 0
                or before.endswith((":", ";", ",", ".", "—", "؛", "；", "：", "。"))
                or (_breaks(sheet, block[k]) or sheet.lines[block[k - 1]].box.page != sheet.lines[block[k]].box.page)
            )
            if match["bullet"]:
                if (
                    opens
                    or before.endswith(("and", "or"))
                    or sheet.lines[block[k]].box.left != sheet.lines[block[k - 1]].box.left
                ):
                    style = match["bullet"]
                    depth = next((d for d, (known, _) in enumerate(stack) if known == style), None)
                    if depth is None:
                        if style in "–—−-*·" and not opens:
                            continue
                        depth = len(stack)
                        stack.append((style, 1))
                    del stack[depth + 1 :]
                    found.append((k, "•", depth))
                continue
            letter, style = match["letter"], match["open"] + "x" + match["close"]
            ahead = self.depth_of_next(stack, letter, style)
            if ahead is not None:
                del stack[ahead + 1 :]
                stack[ahead] = (stack[ahead][0], stack[ahead][1] + 1)
                found.append((k, letter, ahead))
            elif opens and letter in ("a", "i", "A", "а", "א", "أ", "ا", "α"):
                kind = "roman" if letter == "i" else "letter"
                stack.append((f"{kind}{style}", 1))
                found.append((k, letter, len(stack) - 1))
            elif opens and not letter.isascii() and style != "x.":
                if not stack:
                    stack.append((f"other{style}", 1))
                found.append((k, letter, 0))
        return found

    @staticmethod
    def depth_of_next(stack: Sequence[tuple[str, int]], letter: str, style: str) -> int | None:
        """The depth at which a letter is the next one of its row: b after a, iv after iii."""
        for depth in range(len(stack) - 1, -1, -1):
            kind, last = stack[depth]
            if kind == f"roman{style}" and _ROMAN.get(letter) == last + 1:
                return depth
            if kind == f"letter{style}" and len(letter) == 1:
                first = ord("a" if letter.islower() else "A")
                if letter.isascii() and ord(letter) - first == last:
                    return depth
                if not letter.isascii() and last <= ord(letter.lower()) - ord("а") <= last + 2:
                    return depth  # Cyrillic lists leave out й and ё
        return None

    def without_markers(self, text: str, page: int) -> tuple[str, tuple[str, ...]]:
        """The text without the markers of its footnotes, and the notes that they point at."""
        if not self.sheet.footnotes or not _A_MARK.search(text):
            return text, ()
        notes: list[str] = []
        known = self.sheet.footnotes

        def point(found: re.Match[str]) -> str:
            kept = False
            for marker in re.findall(r"[0-9]+|[*†‡]+", found[0].translate(_PLAIN_DIGITS)):
                note = known.get((page, marker)) or known.get((page + 1, marker)) or known.get((0, marker))
                if note:
                    notes.append(note)
                else:
                    kept = True
            return found[0] if kept else ""

        return _MARKS_IN_TEXT.sub(point, text).strip(), tuple(notes)

    def passage(
        self,
        number: str,
        text: str,
        block: Sequence[int],
        headings: tuple[str, ...],
        span: Span,
        points: tuple[str, ...],
        notes: tuple[str, ...],
    ) -> Passage:
        lines = self.sheet.lines
        boxes: list[Box] = []
        page = left = top = right = bottom = 0.0
        bold = False
        for i in block:
            line = lines[i]
            box = line.box
            bold = bold or line.bold
            if box.page == page and box.top > top - 4:
                left = box.left if box.left < left else left
                right = box.right if box.right > right else right
                bottom = box.bottom if box.bottom > bottom else bottom
            else:
                if page:
                    boxes.append(Box(int(page), left, top, right, bottom))
                page, left, top, right, bottom = box.page, box.left, box.top, box.right, box.bottom
        boxes.append(Box(int(page), left, top, right, bottom))
        pages = tuple(dict.fromkeys(box.page for box in boxes))
        return Passage(number, text, pages, tuple(boxes), headings, span, points, bold, notes)
