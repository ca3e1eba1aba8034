"""A builder that turns the lines between two positions into passages and into the report's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from samsvar.monitoring.markup import format_list_number
from samsvar.monitoring.passages.footnotes import MARK_CHARACTER, MARKS_IN_TEXT, strip_markers
from samsvar.monitoring.passages.joining import join_lines
from samsvar.monitoring.passages.numbers import PrintedNumber
from samsvar.monitoring.passages.sheet import HEADING_NUMBER, RULE, ReportLines, ends_sentence
from samsvar.monitoring.report import Passage, SetAsideReason
from samsvar.spans import Box, Span

_POINT = re.compile(
    r"(?P<open>[(\[]?)(?P<letter>[^\W\d_]|[ivxl]{1,6})(?P<close>[.)\]]{1,2})\s+(?=\S)"
    r"|(?P<bullet>[•‣▪◦●○■□➢➤✓·*\uf0b7\uf0a7–—−-])\s+(?=\S)"
)
_ROMAN_NUMERALS = {format_list_number(number, "i"): number for number in range(1, 40)}
_POINT_OPENINGS: Final = "([•‣▪◦●○■□➢➤✓·*\uf0b7\uf0a7–—−-ivxl"  # of bullets, brackets and Roman numerals
MIN_QUOTATION_INDENT: Final = 8.0  # points further than the text above; a title in the middle of the page has more
MAX_QUOTATION_INDENT: Final = 90.0
MAX_TIGHT_HEADING_LENGTH: Final = 130  # characters, without space around it; Article 42's title in French has 110
MAX_HEADING_LENGTH: Final = 250  # characters: four lines of the narrowest heading seen (2026-11)


class PassageBuilder:
    """A builder of a report's passages and text, which records the position of each passage in the text."""

    def __init__(self, sheet: ReportLines, *, without_headings: bool = False) -> None:
        self.sheet = sheet
        self.without_headings = without_headings
        self.pieces: list[str] = []
        self.length = 0
        self.headings: list[tuple[tuple[object, ...], str]] = []
        self.path: tuple[str, ...] = ()  # the headings' texts
        self.unexplained: set[int] = set()

    def get_text(self) -> str:
        return "\n".join(self.pieces)

    def append_paragraph(self, text: str) -> Span:
        """Append a paragraph to the text and return its span."""
        start = self.length
        self.pieces.append(text)
        self.length += len(text) + 1
        return Span(start, start + len(text))

    def build_passages(self, begin: int, end: int, numbers: dict[int, PrintedNumber]) -> tuple[Passage, ...]:
        """Build the passages from the lines between two positions; `end` is exclusive."""
        sheet = self.sheet
        asides = sheet.asides
        self.headings, self.path = [], ()
        passages: list[Passage] = []
        block: list[int] = []
        number: PrintedNumber | None = None
        position = begin
        while position < end:
            if asides[position] is not None:
                position += 1
                continue
            paragraph_number = numbers.get(position)
            if paragraph_number is not None:
                self.finish_block(block, number, passages)
                block, number = [position], paragraph_number
                position += 1
                continue
            if number is not None and block and sheet.follows_closely(block[-1], position):
                if not self.is_tight_heading(block[-1], position, end, numbers):
                    block.append(position)
                    position += 1
                    continue
            indented = number is None and bool(block) and self.starts_without_space(block[-1], position)
            tight = bool(block) and self.is_tight_heading(block[-1], position, end, numbers)
            if (
                not block
                or indented
                or tight
                or sheet.has_space_above(position)
                or self.has_style_change(block[-1], position)
            ):
                heading = (
                    []
                    if self.without_headings
                    or (
                        number is not None
                        and (
                            self.continues_in_italics(block, position, numbers)
                            or self.continues_quotation(block, position)
                        )
                    )
                    else self.find_heading(position, end, numbers, bool(block) and number is not None)
                )
                if heading:
                    self.finish_block(block, number, passages)
                    block, number = [], None
                    self.add_heading(heading)
                    position = heading[-1] + 1
                    continue
                if block and (
                    self.is_outside_paragraph(block, position)
                    if number is not None
                    else indented or self.starts_paragraph(block[-1], position)
                ):
                    self.finish_block(block, number, passages)
                    block, number = [], None
            block.append(position)
            position += 1
        self.finish_block(block, number, passages)
        return tuple(passages)

    def is_tight_heading(self, before: int, here: int, end: int, numbers: Mapping[int, PrintedNumber]) -> bool:
        """Return whether a line without space around it is a heading between two paragraphs, as in pasted text.

        Such a line has a heading number ("B. Shelters"), follows the end of a sentence, does not end a sentence itself,
        and is followed by a numbered paragraph or another heading number.
        """
        sheet = self.sheet
        text = sheet.lines[here].text
        beginning = text[:12]
        if "." not in beginning and ")" not in beginning:
            return False
        if not (HEADING_NUMBER.match(text) and ends_sentence(sheet.lines[before].text)) or ends_sentence(text):
            return False
        if len(text) > MAX_TIGHT_HEADING_LENGTH:
            return False
        after = next((i for i in range(here + 1, end) if sheet.asides[i] is None), None)
        if after is None:
            return False
        return after in numbers or bool(HEADING_NUMBER.match(sheet.lines[after].text))

    def has_style_change(self, before: int, here: int) -> bool:
        """Return whether the type style changes between two lines, as it does at a heading."""
        previous_line, line = self.sheet.lines[before], self.sheet.lines[here]
        return (
            previous_line.bold != line.bold
            or previous_line.italic != line.italic
            or abs(previous_line.size - line.size) > 0.6
            or line.level > 0
        )

    def continues_in_italics(self, block: Sequence[int], here: int, numbers: Mapping[int, PrintedNumber]) -> bool:
        """Return whether a line only changes to italic or upright type within a sentence, as for a title."""
        if not block or self.sheet.has_space_above(here):
            return False
        before, line = self.sheet.lines[block[-1]], self.sheet.lines[here]
        if (
            before.bold != line.bold
            or abs(before.size - line.size) > 0.6
            or line.level
            or HEADING_NUMBER.match(line.text)
            or ends_sentence(before.text)
        ):
            return False
        if not before.text.endswith((";", ":")):
            return True
        after = next(
            (i for i in range(here + 1, len(self.sheet.lines)) if self.sheet.lines[i].italic != line.italic), None
        )
        return (  # a heading is followed by another paragraph
            after is not None
            and after not in numbers
            and self.sheet.lines[after].box.page == line.box.page
            and not self.sheet.has_space_above(after)
        )

    def is_outside_paragraph(self, block: Sequence[int], here: int) -> bool:
        """Return whether an unnumbered paragraph is outside the numbered one before it: further left, or further down.

        "Further down" means that it is on the same page, with more space above it than above the numbered paragraph.
        """
        sheet = self.sheet
        first, before, line = (sheet.lines[i] for i in (block[0], block[-1], here))
        if not sheet.has_space_above(here) or line.text[0].islower() or not ends_sentence(before.text):
            return False
        if self.continues_quotation(block, here) or self.ends_in_quotation(block):
            return False
        indent = sheet.get_indent(line)
        hangs = min((sheet.get_indent(sheet.lines[i]) for i in block[1:]), default=0.0) - sheet.get_indent(first)
        if indent < sheet.get_indent(first) - 4 or (hangs > 6 and indent < sheet.get_indent(first) + hangs / 2):
            return True
        above = sheet.find_previous_line(block[0])
        if above is None or before.box.page != line.box.page:
            return False
        usual = first.box.top - sheet.lines[above].box.top
        return 0 < usual * 1.12 + 1 < line.box.top - before.box.top

    def continues_quotation(self, block: Sequence[int], here: int) -> bool:
        """Return whether a line begins or continues a quotation in a numbered paragraph, set as an indented block.

        It begins after a colon, or with a quotation mark, and may contain titles ("Article 25") in any type.
        """
        sheet = self.sheet
        if not block:
            return False
        before, line = sheet.lines[block[-1]], sheet.lines[here]
        if _POINT.match(line.text) or HEADING_NUMBER.match(line.text):
            return False
        step = sheet.get_indent(line) - sheet.get_indent(before)
        if before.text.endswith((":", "：")) or line.text[0] in "“«„":
            if MIN_QUOTATION_INDENT <= step <= MAX_QUOTATION_INDENT:
                return True
        is_new_heading = line.bold and not before.bold and ends_sentence(before.text)
        return abs(step) < MIN_QUOTATION_INDENT and not is_new_heading and self.ends_in_quotation(block)

    def ends_in_quotation(self, block: Sequence[int]) -> bool:
        """Return whether the last lines of a numbered paragraph are indented further than those before them.

        Neither the text beside a hanging number nor a list is a quotation.
        """
        sheet = self.sheet
        indents = [sheet.get_indent(sheet.lines[i]) for i in block]
        start = len(block) - 1
        while start and indents[start - 1] > indents[-1] - MIN_QUOTATION_INDENT:
            start -= 1
        if not start or indents[start] - indents[start - 1] > MAX_QUOTATION_INDENT:
            return False
        above, first = (sheet.lines[block[i]].text for i in (start - 1, start))
        introduced = above.endswith((":", "：")) or first[0] in "“«„"
        return introduced and not any(_POINT.match(sheet.lines[i].text) for i in block[start:])

    def starts_paragraph(self, before: int, here: int) -> bool:
        """Return whether an unnumbered line starts a paragraph, instead of continuing one on a new page or column."""
        previous_line, line = self.sheet.lines[before], self.sheet.lines[here]
        if previous_line.box.page != line.box.page or line.box.top < previous_line.box.top:
            if not ends_sentence(previous_line.text) or line.text[:1].islower():
                return False
            return self.sheet.ends_early(before, here) or self.sheet.has_first_line_indent(here)
        return self.sheet.has_space_above(here)

    def starts_without_space(self, before: int, here: int) -> bool:
        """Return whether an unnumbered line starts a paragraph although the space above it is the usual one."""
        return (
            self.starts_indented_paragraph(before, here)
            or self.sheet.starts_after_short_line(before, here)
            or self.starts_on_next_page(before, here)
        )

    def starts_on_next_page(self, before: int, here: int) -> bool:
        """Return whether an unnumbered line starts a paragraph as the first one of a page."""
        lines = self.sheet.lines
        return lines[before].box.page != lines[here].box.page and self.starts_paragraph(before, here)

    def starts_indented_paragraph(self, before: int, here: int) -> bool:
        """Return whether an unnumbered line starts a paragraph that only a first-line indent marks, as in books.

        The previous line ends a sentence at the margin, this line is indented, and the next line is back at the margin.
        """
        sheet = self.sheet
        previous_line, line = sheet.lines[before], sheet.lines[here]
        step = sheet.get_indent(line) - sheet.get_indent(previous_line)
        if (
            previous_line.box.page != line.box.page
            or not 4 < step < 60
            or not ends_sentence(previous_line.text)
            or line.text[0].islower()
        ):
            return False
        after = next((i for i in range(here + 1, len(sheet.lines)) if sheet.asides[i] is None), None)
        if after is None or sheet.lines[after].box.page != line.box.page:
            return True
        next_step = sheet.get_indent(sheet.lines[after]) - sheet.get_indent(previous_line)
        return abs(next_step) < 4 or (abs(next_step - step) < 4 and ends_sentence(line.text))

    def find_heading(self, position: int, end: int, numbers: dict[int, PrintedNumber], inside: bool) -> list[int]:
        """Return the positions of the lines of a heading that starts at `position`; [] if there is none."""
        sheet = self.sheet
        lines = sheet.lines
        line = lines[position]
        if line.level:
            return [position]
        if line.text[0].islower() or not sheet.looks_like_heading(position):
            return []
        positions, length = [position], len(line.text)
        next_position: int | None = None
        for i in range(position + 1, end):
            if sheet.asides[i] is not None:
                continue
            nearby = lines[i]
            if (
                i in numbers
                or nearby.box.page != line.box.page
                or nearby.bold != line.bold
                or nearby.italic != line.italic
                or abs(nearby.size - line.size) > 0.6
                or nearby.level
                or sheet.has_space_above(i)
                or (HEADING_NUMBER.match(nearby.text) and sheet.looks_like_heading(i))
            ):
                next_position = i
                break
            positions.append(i)
            length += len(nearby.text)
            if length > MAX_HEADING_LENGTH:
                return []
        last = lines[positions[-1]].text
        if ends_sentence(last) or last.endswith((";", ",", ":")):
            if not (HEADING_NUMBER.match(line.text) and length < 90 and last.endswith(".")):
                return []
        if not any(map(str.isalpha, line.text)):
            return []
        plain = not (line.bold or line.italic or line.size > sheet.body_size + 0.5 or line.text.isupper())
        if plain and (
            next_position is None
            or next_position not in numbers
            and not HEADING_NUMBER.match(lines[next_position].text)
        ):
            return []
        if inside and _POINT.match(line.text) and not line.text[0].isupper() and not (line.bold or line.italic):
            return []
        return positions

    def add_heading(self, positions: Sequence[int]) -> None:
        """Add a heading to the current path, after removing the last heading of the same kind and all headings below
        it.
        """
        line = self.sheet.lines[positions[0]]
        text = join_lines([self.sheet.lines[i].text for i in positions], self.sheet.hyphens)
        if MARK_CHARACTER.search(text):
            text = MARKS_IN_TEXT.sub("", text).strip()
        self.append_paragraph(text)
        scheme = HEADING_NUMBER.match(text)
        kind: tuple[object, ...]
        if line.level:
            kind = ("level", line.level)
            self.headings = [kept for kept in self.headings if kept[0][0] == "level" and kept[0][1] < line.level]  # type: ignore[operator]
        else:
            style = (round(line.size * 2), line.bold, line.italic, text.isupper())
            kind = ("type", *style, scheme.lastgroup if scheme else None)
            kinds = [kept[0] for kept in self.headings]
            if kind in kinds:
                del self.headings[kinds.index(kind) :]
            else:
                while self.headings and self.headings[-1][0][1] < kind[1]:  # type: ignore[operator]
                    self.headings.pop()
                uncounted = (*kind[:-1], None)  # "Introduction" is a sibling of "I. Purposes" in the same type
                if uncounted in kinds[: len(self.headings)]:
                    del self.headings[kinds.index(uncounted) :]
        self.headings.append((kind, text))
        self.path = tuple(text for _, text in self.headings)

    def finish_block(self, block: Sequence[int], number: PrintedNumber | None, passages: list[Passage]) -> None:
        """Append the passage for a block of lines, and one for each lettered or bulleted point in it."""
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
                if RULE.fullmatch(sheet.lines[i].text):
                    sheet.asides[i] = SetAsideReason.ORNAMENT
                else:
                    self.unexplained.add(i)
            return
        full = number.full_number if number is not None else ""
        headings = self.path
        points = self.find_points(block, texts) if len(block) > 1 else []
        if not points:
            text, notes = strip_markers(sheet, join_lines(texts, sheet.hyphens), sheet.lines[block[0]].box.page)
            passages.append(self.build_passage(full, text, block, headings, self.append_paragraph(text), (), notes))
            return
        parts: list[tuple[str, str, list[int], tuple[str, ...]]] = []  # label, text, positions, notes
        borders = [0, *(at for at, _, _ in points), len(texts)]
        for k, (start, stop) in enumerate(pairwise(borders)):
            label = points[k - 1][1] if k else ""
            if start < stop:
                page = sheet.lines[block[start]].box.page
                text, notes = strip_markers(sheet, join_lines(texts[start:stop], sheet.hyphens), page)
                parts.append((label, text, list(block[start:stop]), notes))
        whole = "\n".join(text for _, text, _, _ in parts)
        span = self.append_paragraph(whole)
        printed = tuple(text for label, text, _, _ in parts if label)
        every_note = tuple(note for part in parts for note in part[3])
        passages.append(self.build_passage(full, whole, block, headings, span, printed, every_note))
        at = span.start
        path: list[str] = []
        for k, (label, text, positions, notes) in enumerate(parts):
            if label:
                depth, marker = points[k - 1][2] if parts[0][0] == "" else points[k][2], _POINT.match(text)
                del path[depth:]
                path.append(label)
                cut = marker.end() if marker else 0
                inner = Span(at + cut, at + len(text))
                if full:  # a point of an unnumbered paragraph cannot be cited
                    passages.append(
                        self.build_passage(".".join((full, *path)), text[cut:], positions, headings, inner, (), notes)
                    )
            at += len(text) + 1

    def find_points(self, block: Sequence[int], texts: Sequence[str]) -> list[tuple[int, str, int]]:
        """Return the points in a block as (index of the line, letter or "•" for a bullet, depth from 0)."""
        sheet = self.sheet
        markers = [
            (k, match)
            for k, text in enumerate(texts)
            if len(text) > 2 and (text[0] in _POINT_OPENINGS or text[1] in ".)") and (match := _POINT.match(text))
        ]
        stack: list[tuple[str, int]] = []  # style, number of the last point
        points: list[tuple[int, str, int]] = []
        for at, (k, match) in enumerate(markers):
            before = texts[k - 1] if k else ""
            opens = (
                k == 0
                or before.endswith((":", ";", ",", ".", "—", "؛", "；", "：", "。"))
                or (
                    sheet.has_space_above(block[k])
                    or sheet.lines[block[k - 1]].box.page != sheet.lines[block[k]].box.page
                )
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
                    points.append((k, "•", depth))
                continue
            letter, style = match["letter"], _get_point_style(match)
            ahead = self.find_continued_depth(stack, letter, style)
            if ahead is not None and letter == "i" and stack[ahead][0].startswith("letter"):
                if _starts_roman_list(style, markers[at + 1 :]):  # (i) below (h), and not after it
                    ahead = None
            if ahead is not None:
                del stack[ahead + 1 :]
                stack[ahead] = (stack[ahead][0], stack[ahead][1] + 1)
                points.append((k, letter, ahead))
            elif opens and letter in ("a", "i", "A", "а", "א", "أ", "ا", "α"):
                kind = "roman" if letter == "i" else "letter"
                stack.append((f"{kind}{style}", 1))
                points.append((k, letter, len(stack) - 1))
            elif opens and not letter.isascii() and style != "x.":
                if not stack:
                    stack.append((f"other{style}", 1))
                points.append((k, letter, 0))
        return points

    @staticmethod
    def find_continued_depth(stack: Sequence[tuple[str, int]], letter: str, style: str) -> int | None:
        """Return the depth at which a letter continues a list (b after a, iv after iii); None if it continues none."""
        for depth in range(len(stack) - 1, -1, -1):
            kind, last = stack[depth]
            if kind == f"roman{style}" and _ROMAN_NUMERALS.get(letter) == last + 1:
                return depth
            if kind == f"letter{style}" and len(letter) == 1:
                first = ord("a" if letter.islower() else "A")
                if letter.isascii() and ord(letter) - first == last:
                    return depth
                if not letter.isascii() and last <= ord(letter.lower()) - ord("а") <= last + 2:
                    return depth  # Cyrillic lists skip й and ё
        return None

    def build_passage(
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


def _get_point_style(match: re.Match[str]) -> str:
    """Return how a point's letter is printed: "x.", "x)", "(x)"."""
    return f"{match['open']}x{match['close']}"


def _starts_roman_list(style: str, following: Sequence[tuple[int, re.Match[str]]]) -> bool:
    """Return whether "ii" comes before "j" among the markers after an "i" that are printed in the same style."""
    for _, match in following:
        if match["letter"] in ("ii", "j") and _get_point_style(match) == style:
            return match["letter"] == "ii"
    return False
