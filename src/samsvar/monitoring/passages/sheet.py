"""The lines of a report in one list, with the report's margins and line spacing and the lines set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from samsvar.monitoring.markup import LINE_HEIGHT
from samsvar.monitoring.passages.joining import HyphenResolver
from samsvar.monitoring.report import Line, Report, SetAsideReason
from samsvar.spans import Box

DIGITS = re.compile(r"\d+")
RULE = re.compile(r"[\W_]+")
_RTL_CHARACTERS = re.compile("[\u0590-\u08ff]")  # Hebrew, Arabic and related scripts
MAY_END = (".", ";", ":", ",", "!", "?", "…", "。", "；", "：", "؛", "؟", "।", ")", "”", "»", "“", '"', "’")
_SENTENCE_END = (".", "!", "?", "…", "。", "؟", "।", ".”", ".»", ".’", ".)")
MAX_MARGIN_DISTANCE = 90  # points between the margins of left and right pages; 43 in reports of 2009 (2026-11)
HEADING_NUMBER = re.compile(
    r"(?:(?P<roman>[IVXL]{1,6})|(?P<capital>[A-ZÀ-ÞА-Я])|(?P<arabic>\d{1,2}(?:\.\d{1,2})*)|(?P<small>[a-z]))[.)]\s+\S"
)


class ReportLines:
    """All lines of a report in one list, with what earlier steps recorded, such as why a line was set aside."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.lines: list[Line] = [line for page in report.pages for line in page.lines]
        self.asides: list[SetAsideReason | None] = [line.aside for line in self.lines]
        # indexes in `lines` at which the pages begin, and the number of lines
        self.page_starts = [0, *accumulate(len(page.lines) for page in report.pages)]
        self.footnotes: dict[tuple[int, str], str] = {}  # (page, marker), or (0, marker) for any page → text of note
        self.hyphens = HyphenResolver(self.lines)
        self.body_size = _body_font_size(self.lines)
        first_texts = [line.text for line in self.lines[:400]]
        self.right_to_left = sum(len(_RTL_CHARACTERS.findall(text)) for text in first_texts if not text.isascii()) > 400
        self.margins = (0.0, 0.0)
        self.line_spacing = self._measure_line_spacing()

    def page_positions(self, number: int) -> range:
        """Return the positions of the lines on a page."""
        return range(self.page_starts[number - 1], self.page_starts[number])

    def get_indent(self, line: Line) -> float:
        """Return a line's indent from the text's margin, in points; left and right pages may have different margins."""
        return self.leading_edge(line.box) - self.margins[line.box.page & 1]

    def leading_edge(self, box: Box) -> float:
        """Return where a line begins: its left edge, or minus its right edge in a right-to-left script."""
        return -box.right if self.right_to_left else box.left

    def measure_margins(self) -> None:
        """Measure the margin of the text on left and right pages, ignoring lines that have been set aside.

        The first page of a longer report is ignored too: the lines of a cover begin further left than the text. Both
        sides are compared to find how far their margins are apart, because one side may contain only lists.
        """
        first = self.page_starts[1] if len(self.report.pages) > 3 else 0
        starts: tuple[list[int], list[int]] = ([], [])  # where lines begin on left and on right pages
        stops: tuple[list[int], list[int]] = ([], [])  # where they end
        largest, right_to_left = self.body_size + 0.5, self.right_to_left
        for line, aside in zip(self.lines[first:], self.asides[first:], strict=True):
            if aside is None and line.size <= largest:
                box = line.box
                side = box.page & 1
                starts[side].append(int(-box.right if right_to_left else box.left))
                stops[side].append(int(-box.left if right_to_left else box.right))
        begins = (Counter(starts[0]), Counter(starts[1]))
        ends = (Counter(stops[0]), Counter(stops[1]))
        left_pages, right_pages = begins
        distance = _find_distance(begins, ends)
        edges = left_pages + Counter({edge - distance: count for edge, count in right_pages.items()})
        enough = max(edges.total() // 50, 2)
        margin = float(min((edge for edge, count in edges.items() if count >= enough), default=0))
        self.margins = (margin, margin + distance)

    def _measure_line_spacing(self) -> float:
        """Return the usual distance between the lines of a paragraph, in points.

        It is the smallest distance that is frequent between lines of the text's own size: lists of short paragraphs
        may have more space between paragraphs than there are lines in them. In formats without pages, Samsvar itself
        assigns the positions, so any larger distance means a blank line.
        """
        if self.report.format != "pdf":
            return LINE_HEIGHT
        size = self.body_size
        most = 1.8 * size if size else 60.0
        tenths: list[int] = []  # of a point
        above = None
        for line in self.lines:
            if abs(line.size - size) > 0.6:
                above = None
                continue
            box = line.box
            if above is not None and above.page == box.page and 3 < (step := box.top - above.top) < most:
                tenths.append(round(step * 10))
            above = box
        steps = Counter(tenths)
        if not steps:
            return 1.25 * size or 12.0
        nearby = {step: sum(steps[step + off] for off in range(-6, 7)) for step in steps}
        frequent = max(nearby.values()) * 0.4
        first = min(step for step, count in nearby.items() if count >= frequent)
        return max((step for step in steps if first <= step <= first + 6), key=steps.__getitem__) / 10

    def find_previous_line(self, position: int) -> int | None:
        """Return the position of the previous text line on the same page; None if there is none."""
        for i in range(position - 1, -1, -1):
            if self.lines[i].box.page != self.lines[position].box.page:
                return None
            if self.asides[i] is None:
                return i
        return None

    def has_space_above(self, position: int) -> bool:
        """Return whether there is more space above a line than between the lines of a paragraph."""
        before = self.find_previous_line(position)
        if before is None:
            return False
        step = self.lines[position].box.top - self.lines[before].box.top
        return step > 1.3 * max(self.line_spacing, 1.05 * self.lines[position].size) or step < -self.line_spacing

    def follows_closely(self, before: int, here: int) -> bool:
        """Return whether a line is the next one of a paragraph, as nearly all are: in its type, without more space."""
        previous_line, line = self.lines[before], self.lines[here]
        if (
            previous_line.box.page != line.box.page
            or previous_line.bold != line.bold
            or previous_line.italic != line.italic
            or line.level
            or abs(previous_line.size - line.size) > 0.6
        ):
            return False
        step, spacing = line.box.top - previous_line.box.top, self.line_spacing
        return -spacing <= step <= 1.3 * max(spacing, 1.05 * line.size)

    def ends_early(self, before: int, here: int) -> bool:
        """Return whether a line ends although the next line's first word fits on it, as the last one of a paragraph."""
        line, following = self.lines[before], self.lines[here]
        if self.report.format != "pdf" or self.right_to_left or abs(line.size - following.size) > 0.6:
            return False
        box, next_box = line.box, following.box
        rights = sorted(
            nearby.right
            for nearby in (self.lines[i].box for i in range(max(before - 25, 0), min(before + 25, len(self.lines))))
            if nearby.page == box.page and abs(nearby.left - box.left) < 40
        )
        margin = rights[-3] if len(rights) > 5 else rights[-1]  # a title may be wider than the column below it
        first_word, _, rest = following.text.partition(" ")
        width = (len(first_word) + 1) / len(following.text) * (next_box.right - next_box.left)
        return bool(rest) and box.right + width < margin - 2

    def starts_after_short_line(self, before: int, here: int) -> bool:
        """Return whether an unnumbered line starts a paragraph because the line before was left unfilled at its end.

        A little more space above is as good a sign, and one that is needed after a comma, a semicolon or a colon, as
        between the clauses of a preamble.
        """
        previous_line, line = self.lines[before], self.lines[here]
        if line.box.page != previous_line.box.page or line.box.top <= previous_line.box.top:
            return False
        step = (line.box.top - previous_line.box.top) / self.line_spacing
        if ends_sentence(previous_line.text):
            return not line.text[0].islower() and (step > 1.2 or self.ends_early(before, here))
        if not previous_line.text.endswith((",", ";", ":")) or step < 1.1:
            return False
        return step > 1.2 or self.ends_early(before, here)

    def has_first_line_indent(self, position: int) -> bool:
        """Return whether a line is indented further than the next line on its page."""
        following = next((i for i in range(position + 1, len(self.lines)) if self.asides[i] is None), None)
        if following is None or self.lines[following].box.page != self.lines[position].box.page:
            return False
        return 4 < self.get_indent(self.lines[position]) - self.get_indent(self.lines[following]) < 60

    def ends_paragraph(self, position: int) -> bool:
        """Return whether the next line starts a new paragraph, or there is no next line."""
        for i in range(position + 1, len(self.lines)):
            if self.asides[i] is None:
                if self.lines[i].box.page != self.lines[position].box.page:
                    return not self.lines[i].text[0].islower()
                line, here = self.lines[i], self.lines[position]
                return self.has_space_above(i) or line.bold != here.bold or line.italic != here.italic
        return True

    def looks_like_heading(self, position: int) -> bool:
        """Return whether a line looks like a heading: larger, bold, italic, in capitals, or with a heading number."""
        line = self.lines[position]
        text = line.text
        return bool(
            line.level
            or line.bold
            or line.italic
            or line.size > self.body_size + 0.5
            or (text.isupper() and len(text) > 3)
            or HEADING_NUMBER.match(text)
        )


def _find_distance(*edges: tuple[Counter[int], Counter[int]]) -> int:
    """Return how far the lines of right pages are to the right of those of left pages, in points.

    `edges` are numbers of lines on left and on right pages by position. The distance is the one at which most lines
    begin and end alike on both sides; 0 if that one is nearly as good.
    """

    usual = [(left_pages.most_common(20), right_pages) for left_pages, right_pages in edges]

    def count_alike(distance: int) -> int:
        return sum(
            min(count, max(right_pages[edge + distance + step] for step in (-1, 0, 1)))
            for left_pages, right_pages in usual
            for edge, count in left_pages
        )

    begins = edges[0]
    possible = {right - left for left, _ in begins[0].most_common(5) for right, _ in begins[1].most_common(5)}
    near = [distance for distance in possible if abs(distance) <= MAX_MARGIN_DISTANCE]
    best = max(near, key=lambda distance: (count_alike(distance), -abs(distance)), default=0)
    return best if count_alike(best) > 1.25 * count_alike(0) else 0


def _body_font_size(lines: Iterable[Line]) -> float:
    """Return the font size of most characters, in points; 0.0 if the format has no sizes."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def ends_sentence(text: str) -> bool:
    """Return whether a text ends with a full stop or similar mark, ignoring footnote markers and closing quotes."""
    return text.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹*†‡ \"'").endswith(_SENTENCE_END)
