"""Functions that set aside lines that are not text: running heads, tables of contents, annexes and the cover."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from samsvar.monitoring.passages.footnotes import MARKER
from samsvar.monitoring.passages.numbers import NUMBER, PrintedNumber
from samsvar.monitoring.passages.sheet import DIGITS, HEADING_NUMBER, ReportLines, ends_sentence
from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Line, SetAsideReason

_PAGE_NUMBER = re.compile(r"[^\w]*(?:\d{1,4}|[ivxlc]{1,7})[^\w]*")
_LEADERS = re.compile(r"\.(?:\s?\.){4}|…\s?…|(?<!_)_{5,}+\s*+\d++$")
_CONTENTS_ENTRY = re.compile(r".*\S[\s.…]+\d{1,4}(?:\s*[–-]\s*\d{1,4})?$")
_RepeatedText = tuple[str, int, int, bool]  # text, which of its numbers is a page number, its offset, at the top
MAX_TITLE_LINES: Final = 12
MAX_RUNNING_LENGTH: Final = 90  # characters of a running head with a page number in it
MAX_SHIFT: Final = 15.0  # points by which a running head may move from page to page: little more than a line
MAX_RUNNING_LINES: Final = 6  # lines at the edge of a page that may be running heads; four in reports (2026-11)


def set_aside_running_heads(sheet: ReportLines) -> None:
    """Set aside lines that repeat at the edge of many pages, and page numbers that advance with the pages."""
    report = sheet.report
    if len(report.pages) < 2:
        by_height = sorted(range(len(sheet.lines)), key=lambda i: sheet.lines[i].box.top)
        for i in by_height[:2]:
            if not _is_detached_small_print(sheet, i, by_height):
                break
            sheet.asides[i] = SetAsideReason.RUNNING_HEAD
        if len(by_height) > 1 and report.format == "pdf" and _PAGE_NUMBER.fullmatch(sheet.lines[by_height[-1]].text):
            sheet.asides[by_height[-1]] = SetAsideReason.PAGE_NUMBER
        return
    edges: list[tuple[list[int], list[int], list[int], int]] = []  # all lines; from top and bottom inwards; page
    occurrences: dict[_RepeatedText, list[int]] = defaultdict(list)
    offsets: Counter[tuple[int, bool]] = Counter()
    keys: dict[int, list[_RepeatedText]] = {}  # of each line at an edge
    lines = sheet.lines
    for page in report.pages:
        positions = [i for i in sheet.page_positions(page.number) if sheet.asides[i] is None]
        by_height = sorted(positions, key=lambda i: lines[i].box.top)
        half = min((len(positions) + 1) // 2, MAX_RUNNING_LINES)
        top, foot = by_height[:half], by_height[max(len(positions) - MAX_RUNNING_LINES, half) :][::-1]
        edges.append((by_height, top, foot, page.number))
        for group, at_top in ((top, True), (foot, False)):
            for i in group:
                keys[i] = _list_repeated_texts(lines[i].text, page.number, at_top)
                for key in keys[i]:
                    occurrences[key].append(i)
            for i in group[:2]:
                if _PAGE_NUMBER.fullmatch(lines[i].text) and (number := DIGITS.search(lines[i].text)):
                    offsets[int(number[0]) - page.number, at_top] += 1
    distances: dict[_RepeatedText, list[float]] = {}

    def count_pages(key: _RepeatedText, distance: float) -> int:
        """Return on how many pages a text is repeated at about this distance from the edge."""
        if key not in distances:
            places = {lines[i].box.page: _distance_from_edge(sheet, i, key[-1]) for i in occurrences[key]}
            distances[key] = sorted(places.values())
        near = distances[key]
        return bisect_left(near, distance + MAX_SHIFT) - bisect_right(near, distance - MAX_SHIFT)

    needed = 3 if len(report.pages) > 3 else 2
    for by_height, top, foot, number_of_page in edges:
        for group, at_top in ((top, True), (foot, False)):
            running: list[tuple[int, SetAsideReason]] = []
            for i in group:  # running heads are adjacent, starting at the edge: the first other line ends them
                text = lines[i].text
                repeated = any(
                    count_pages(key, _distance_from_edge(sheet, i, at_top)) >= needed
                    for key in keys[i]
                    if len(occurrences[key]) >= needed
                )
                if _PAGE_NUMBER.fullmatch(text):
                    number = DIGITS.search(text)
                    roman = number is None and not repeated
                    if roman or (number and offsets[int(number[0]) - number_of_page, at_top] >= 2):
                        running.append((i, SetAsideReason.PAGE_NUMBER))
                        continue
                repeated = repeated and not _is_numbered_paragraph(text)
                if not repeated and not (at_top and number_of_page > 1 and _is_detached_small_print(sheet, i, top)):
                    break
                running.append((i, SetAsideReason.RUNNING_HEAD))
            while running and not _is_distinct_from_text(sheet, running[-1][0], by_height, 1 if at_top else -1):
                running.pop()
            for i, reason in running:
                sheet.asides[i] = reason


def _list_repeated_texts(text: str, page: int, at_top: bool) -> list[_RepeatedText]:
    """Return what is the same on every page if a line is a running head: its text, except a number of the page.

    "Article 5" and "Article 7" at the top of pages are headings: neither the text nor the distance between its number
    and the page's stays the same.
    """
    same: list[_RepeatedText] = [(text, 0, 0, at_top)]
    numbers = DIGITS.findall(text) if len(text) < MAX_RUNNING_LENGTH else ()
    if numbers:
        pattern = DIGITS.sub("#", text)
        same += [(pattern, place, int(number[-6:]) - page, at_top) for place, number in enumerate(numbers[:4], 1)]
    return same


def _distance_from_edge(sheet: ReportLines, position: int, at_top: bool) -> float:
    """Return how far from the top of its page a line begins, or how far from the bottom."""
    box = sheet.lines[position].box
    return box.top if at_top else sheet.report.pages[box.page - 1].height - box.top


def _is_distinct_from_text(sheet: ReportLines, position: int, by_height: Sequence[int], inwards: int) -> bool:
    """Return whether a running head's innermost line is clearly not text: in different type, or separated by space."""
    line = sheet.lines[position]
    next_at = by_height.index(position) + inwards
    if line.size != sheet.body_size or not 0 <= next_at < len(by_height):
        return True
    beyond = sheet.lines[by_height[next_at]]
    gap = abs(beyond.box.top - line.box.top)
    other_type = line.bold != beyond.bold or line.italic != beyond.italic or beyond.size < 0.93 * line.size
    return gap > 1.2 * sheet.line_spacing or gap < 2 or other_type  # smaller type beyond: notes above a page number


def _is_detached_small_print(sheet: ReportLines, position: int, top: Sequence[int]) -> bool:
    """Return whether a line is small print with space below it, as a running head is in a short report."""
    line = sheet.lines[position]
    if not 0 < line.size < sheet.body_size * 0.93 or len(line.text) > 90 or MARKER.match(line.text):
        return False
    below = [i for i in top if sheet.lines[i].box.top > line.box.bottom]
    return bool(below) and sheet.lines[below[0]].box.top - line.box.bottom > 0.8 * line.size


def _is_numbered_paragraph(text: str) -> bool:
    """Return whether a repeated line is a short numbered paragraph ("12. Chile made recommendations.")."""
    return bool(NUMBER.match(text)) and len(text) > 8 and not text[:1].isalpha()


def set_aside_contents(sheet: ReportLines) -> None:
    """Set aside tables of contents: lines with leader dots, or short lines that end in a page number."""
    lines, open_before = sheet.lines, False
    limit = max(len(sheet.report.pages) // 4, 6)
    for page in sheet.report.pages[:limit] if len(sheet.report.pages) > 1 else sheet.report.pages:
        positions = [i for i in sheet.page_positions(page.number) if sheet.asides[i] is None]
        dotted = [i for i in positions if _has_leaders(lines[i].text)]
        entries = dotted
        if len(dotted) < 3:
            ending = [i for i in positions if _is_contents_entry(lines[i].text)]
            # Without leader dots, a page is a table of contents only if most of its lines are entries and their page
            # numbers rise.
            if len(ending) >= 5 and len(ending) * 2 > len(positions) and _has_rising_page_numbers(lines, ending):
                entries = ending
        if len(entries) >= 3 or (open_before and entries):
            first = positions[0] if open_before else _find_contents_start(sheet, positions, entries[0])
            last = entries[-1]
            for i in positions:
                if first <= i <= last or (i > last and len(entries) * 3 > len(positions)):
                    sheet.asides[i] = SetAsideReason.CONTENTS
            open_before = positions[-1] - last <= 12 and len(entries) * 3 > len(positions)
        else:
            open_before = False


def _has_leaders(text: str) -> bool:
    """Return whether a line has leader dots, or a rule before a page number."""
    may_have = text.count(".") > 4 or "…" in text or "_____" in text  # otherwise the pattern cannot match
    return may_have and _LEADERS.search(text) is not None


def _is_contents_entry(text: str) -> bool:
    """Return whether a line may be an entry of a table of contents: a short one that ends in a page number."""
    return len(text) < 140 and text[-1].isdigit() and _CONTENTS_ENTRY.fullmatch(text) is not None


def _has_rising_page_numbers(lines: Sequence[Line], entries: Sequence[int]) -> bool:
    pages = [int(DIGITS.findall(lines[i].text)[-1]) for i in entries]
    falls = sum(b < a for a, b in pairwise(pages))
    return falls * 8 < len(pages)


def _find_contents_start(sheet: ReportLines, positions: Sequence[int], first_entry: int) -> int:
    """Return the position of the first line of a table of contents, which may be a title above its first entry."""
    above = [i for i in positions if i < first_entry]
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


def find_annex_start(sheet: ReportLines, profile: Profile) -> int:
    """Return the position of the first annex heading after numbered text, or the number of lines if none."""
    if profile.annex is None:
        return len(sheet.lines)
    lines = sheet.lines
    numbered = 0
    for i, line in enumerate(lines):
        if sheet.asides[i] is not None:
            continue
        text = line.text
        if text[0].isdigit():
            numbered += NUMBER.match(text) is not None
        elif numbered and len(text) < 160 and not text[0].islower() and profile.annex.match(text):
            apart = sheet.has_space_above(i) or line.level > 0 or sheet.find_previous_line(i) is None
            set_off = line.bold or line.italic or line.level or line.size > sheet.body_size + 0.5
            if (apart and (set_off or (len(text) < 60 and not ends_sentence(text)))) or (
                line.size > sheet.body_size + 0.5
            ):
                return i
    return len(lines)


def set_aside_cover(sheet: ReportLines, numbers: dict[int, PrintedNumber], body_end: int, profile: Profile) -> None:
    """Set aside the title page: the first page of a numbered report, down to its first heading, text or number."""
    if not numbers:
        return
    first_number = min(numbers)
    if len(sheet.report.pages) < 2:
        _set_aside_title_lines(sheet, first_number, profile)
        return
    positions = [i for i in sheet.page_positions(1) if sheet.asides[i] is None and i < body_end]
    text_start = _find_text_start(sheet, [i for i in positions if i < first_number])
    stop = first_number if text_start is None else text_start
    # A heading directly above the text belongs to it. The title above a preamble is no heading.
    is_preamble = text_start is not None and sheet.lines[text_start].text.endswith((",", ";"))
    if stop < sheet.page_starts[1] and not is_preamble:
        first = stop
        while (
            stop - 1 in positions
            and not ends_sentence(sheet.lines[stop - 1].text)
            and sheet.looks_like_heading(stop - 1)
        ):
            stop -= 1
            if first - stop >= 3:
                break
    for i in positions:
        if i < stop:
            sheet.asides[i] = SetAsideReason.COVER


def _find_text_start(sheet: ReportLines, positions: Sequence[int]) -> int | None:
    """Return the position of the first line of text among the lines of a title page; None if there is none.

    Text, such as a preamble or a summary, has lines of the usual size that fill the page, and paragraphs of two lines
    or more that end in a full stop, a comma, a semicolon or a colon. Titles, dates and addresses do not.
    """
    lines = sheet.lines
    widest = max((lines[i].box.right - lines[i].box.left for i in positions), default=0.0)
    paragraph: list[int] = []
    for i in positions:
        line = lines[i]
        plain = not line.bold and 0.93 * sheet.body_size <= line.size <= sheet.body_size + 0.5
        if not plain or line.text.isupper():
            paragraph = []
            continue
        if paragraph and (sheet.has_space_above(i) or sheet.starts_after_short_line(paragraph[-1], i)):
            paragraph = []
        paragraph.append(i)
        first = lines[paragraph[0]]
        fills = first.box.right - first.box.left > 0.7 * widest and len(first.text) > 40
        begins = first.text[0].isalpha() or first.text[0] in '“«„"‘('  # not "* The annex is circulated as received."
        if len(paragraph) > 1 and fills and begins and line.text.endswith((",", ";", ":", ".")):
            return _find_opening(sheet, positions, positions.index(paragraph[0]))
    return None


def _find_opening(sheet: ReportLines, positions: Sequence[int], at: int) -> int:
    """Return the position of the opening words before a text, such as "The Committee of the Parties,"."""
    while (
        at and sheet.lines[positions[at - 1]].text.endswith((",", ";", ":")) and not sheet.lines[positions[at - 1]].bold
    ):
        at -= 1
    return positions[at]


def _set_aside_title_lines(sheet: ReportLines, first_number: int, profile: Profile) -> None:
    """Set aside the title of a report without pages: the first few lines, if they contain the body's name."""
    title: list[int] = []
    for i in range(first_number):
        line = sheet.lines[i]
        if sheet.asides[i] is not None:
            continue
        is_heading = HEADING_NUMBER.match(line.text) or line.level > 1
        if is_heading or len(title) > MAX_TITLE_LINES or ends_sentence(line.text):
            break
        title.append(i)
    text = " ".join(sheet.lines[i].text for i in title)
    if len(title) <= MAX_TITLE_LINES and any(words.search(text) for words in profile.recognition_patterns):
        for i in title:
            sheet.asides[i] = SetAsideReason.COVER
