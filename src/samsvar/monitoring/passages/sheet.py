"""The lines of a report in one list, with the report's margins and line spacing and the lines set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, pairwise

from samsvar.monitoring.markup import LINE_HEIGHT
from samsvar.monitoring.passages.joining import HyphenResolver
from samsvar.monitoring.report import Line, Report, SetAsideReason
from samsvar.spans import Box

DIGITS = re.compile(r"\d+")
RULE = re.compile(r"[\W_]+")
_RTL_CHARACTERS = re.compile("[\u0590-\u08ff]")  # Hebrew, Arabic and related scripts
MAY_END = (".", ";", ":", ",", "!", "?", "…", "。", "；", "：", "؛", "؟", "।", ")", "”", "»", "“", '"', "’")
_SENTENCE_END = (".", "!", "?", "…", "。", "؟", "।", ".”", ".»", ".’", ".)")
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
        self.right_to_left = sum(len(_RTL_CHARACTERS.findall(line.text)) for line in self.lines[:400]) > 400
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

        The first page of a longer report is ignored too: the lines of a cover begin further left than the text, so that
        only right pages would have their margin.
        """
        both: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        first = self.page_starts[1] if len(self.report.pages) > 3 else 0
        for position, line in enumerate(self.lines):
            if position >= first and self.asides[position] is None and line.size <= self.body_size + 0.5:
                both[line.box.page & 1][int(self.leading_edge(line.box))] += 1
        margins = []
        for counts in both:
            enough = max(counts.total() // 50, 2)
            margins.append(float(min((left for left, n in counts.items() if n >= enough), default=0)))
        if not both[0] or not both[1]:
            margins = [max(margins)] * 2
        self.margins = (margins[0], margins[1])

    def _measure_line_spacing(self) -> float:
        """Return the most frequent distance between the lines of a paragraph, in points.

        In formats without pages, Samsvar itself assigns the positions, so any larger distance means a blank line.
        """
        if self.report.format != "pdf":
            return LINE_HEIGHT
        steps: Counter[float] = Counter()
        for above, below in pairwise(line.box for line in self.lines):
            step = round(below.top - above.top, 0)
            if above.page == below.page and 3 < step < 60 and (not self.body_size or step < 1.8 * self.body_size):
                steps[step] += 1
        return steps.most_common(1)[0][0] if steps else 1.25 * self.body_size or 12.0

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


def _body_font_size(lines: Iterable[Line]) -> float:
    """Return the font size of most characters, in points; 0.0 if the format has no sizes."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def ends_sentence(text: str) -> bool:
    """Return whether a text ends with a full stop or similar mark, ignoring footnote markers and closing quotes."""
    return text.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹*†‡ \"'").endswith(_SENTENCE_END)
