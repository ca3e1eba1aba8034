"""Pages of lines from HTML and from plain text, which know no pages: everything stands on page 1.

Places are made up so that the later steps see what a reader sees: a blank line is room above a line, spaces before a
line are an indent. A block of HTML is one line of its own, with room above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from samsvar.errors import TooLarge
from samsvar.monitoring.report import Aside, Line, Page
from samsvar.spans import Box

WIDTH: Final = 595.0  # points, as A4
LINE: Final = 12.0  # points from one line to the next
CHARACTER: Final = 5.0  # points that a space before a line counts for
MOST_CHARACTERS: Final = 20_000_000

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th"
    " thead tr ul".split()
)
_LEFT_OUT = frozenset("script style noscript template head iframe object svg math select button input textarea".split())
_RUNNING = frozenset(("nav", "header", "footer", "menu"))
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS_ONLY = re.compile(r"\[?\(?(\d{1,3})\)?\]?")


# One step of a walk: a node, the mark before it, list depth, bold, italic, level, aside; no node closes a block.
_Step = tuple[LexborNode | None, str, int, bool, bool, int, Aside | None]


def pages_of_text(text: str) -> tuple[Page, ...]:
    """A plain text as pages: a form feed ends one, otherwise there is one."""
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(
            f"The text has {len(text) / 1e6:.0f} million characters; at most {MOST_CHARACTERS / 1e6:.0f} are read."
        )
    sheets = text.replace("\r\n", "\n").replace("\r", "\n").split("\f")
    pages = []
    for number, sheet in enumerate(sheets, 1):
        lines, top = [], LINE
        printed = sheet.split("\n")
        for raw in printed:
            expanded = raw.expandtabs(8)
            words = " ".join(expanded.split())
            if words:
                left = min((len(expanded) - len(expanded.lstrip())) * CHARACTER, WIDTH - CHARACTER)
                right = min(left + len(words) * CHARACTER, WIDTH)
                lines.append(Line(words, Box(number, left, top, right, top + LINE - 2)))
            top += LINE
        pages.append(Page(number, WIDTH, top + LINE, tuple(lines)))
    return tuple(pages)


def pages_of_html(content: bytes) -> tuple[Page, ...]:
    """An HTML document as one page: each block a line, headings with their level, list points with their mark."""
    if len(content) > MOST_CHARACTERS:
        raise TooLarge(f"The page has {len(content) / 1e6:.0f} MB; at most {MOST_CHARACTERS / 1e6:.0f} are read.")
    tree = LexborHTMLParser(content)
    root = tree.body
    lines: list[Line] = []
    top = LINE
    if root is not None:
        for block in _blocks_of(root):
            left = min(block.indent * 24.0, WIDTH / 2)
            lines.append(
                Line(
                    block.text,
                    Box(1, left, top, WIDTH, top + LINE - 2),
                    0.0,
                    block.bold,
                    block.italic,
                    block.level,
                    block.aside,
                )
            )
            top += 2 * LINE
    return (Page(1, WIDTH, top + LINE, tuple(lines)),)


class _Block:
    """A stretch of text between the borders of blocks, as it grows."""

    __slots__ = (
        "aside", "bold", "bold_length", "indent", "italic", "italic_length", "length", "level", "mark", "parts",
    )  # fmt: skip

    def __init__(self, level: int = 0, indent: int = 0, aside: Aside | None = None) -> None:
        self.parts: list[str] = []
        self.level, self.indent, self.aside = level, indent, aside
        self.length = self.bold_length = self.italic_length = 0
        self.bold = self.italic = False
        self.mark = ""  # what a list prints before it

    def add(self, text: str, bold: bool, italic: bool) -> None:
        self.parts.append(text)
        printed = len("".join(text.split()))
        self.length += printed
        self.bold_length += printed * bold
        self.italic_length += printed * italic

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    def closed(self) -> bool:
        """Whether anything is in it; sets its weight by the greater part."""
        self.bold = self.bold_length * 2 > self.length
        self.italic = self.italic_length * 2 > self.length
        return bool(self.text)


def _blocks_of(root: LexborNode) -> Iterator[_Block]:
    """The blocks of a tree in reading order. A stack instead of recursion: nothing nests too deep for it."""
    current = _Block()
    steps: list[_Step] = [(root, "", 0, False, False, 0, None)]
    while steps:
        node, mark, depth, bold, italic, level, aside = steps.pop()
        if node is None:
            if current.closed():
                yield current
            current = _Block(level, depth, aside)
            continue
        tag = node.tag or ""
        if tag == "-text":
            current.add(node.text_content or "", bold, italic)
            continue
        if tag in _LEFT_OUT or tag.startswith(("-", "!")) or "hidden" in node.attributes:
            continue
        if tag == "br":
            if current.closed():
                yield current
            current = _Block(level, depth, aside)
            continue
        if tag == "sup":
            marker = _DIGITS_ONLY.fullmatch(node.text(strip=True))
            current.add(marker[1].translate(_SUPERSCRIPT) if marker else node.text(), bold, italic)
            continue
        is_block = tag in _BLOCKS
        if is_block:
            inner_level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else level
            inner_aside = Aside.RUNNING_HEAD if tag in _RUNNING and tag != "header" else aside
            inner_depth = depth + (tag in ("ol", "ul", "blockquote", "dd"))
            steps.append((None, "", depth, bold, italic, level, aside))  # closes it once its children are done
            has_mark_only = bool(current.mark) and current.parts == [current.mark]
            if current.closed() and not has_mark_only:
                yield current
            mark = mark or (current.mark if has_mark_only else "")
            current = _Block(inner_level, inner_depth, inner_aside)
            if mark:  # <li><p>: the point's mark stands before its first paragraph
                current.add(mark, bold, italic)
                current.mark = mark
        else:
            inner_level, inner_aside, inner_depth = level, aside, depth
        inner_bold = bold or tag in ("b", "strong", "th")
        inner_italic = italic or tag in ("i", "em", "cite")
        marks = _marks_of(node) if tag in ("ol", "ul") else None
        children: list[_Step] = []
        child = node.child
        while child is not None:
            opening = next(marks) if marks is not None and child.tag == "li" else ""
            children.append((child, opening, inner_depth, inner_bold, inner_italic, inner_level, inner_aside))
            child = child.next
        steps.extend(reversed(children))
    if current.closed():
        yield current


def _marks_of(node: LexborNode) -> Iterator[str]:
    """What a browser prints before each point of a list."""
    if node.tag == "ul":
        while True:
            yield "• "
    attributes = node.attributes
    start = attributes.get("start") or "1"
    number = int(start) if start.lstrip("-").isdigit() and len(start) < 9 else 1
    kind = attributes.get("type") or "1"
    while True:
        yield f"{counted(number, kind)}. "
        number += 1


def counted(number: int, kind: str) -> str:
    """A number as a list prints it: kind "1", "a", "A", "i" or "I"; what letters cannot count is printed in digits."""
    if kind in ("a", "A") and number > 0:
        letters = ""
        while number > 0:
            number, place = divmod(number - 1, 26)
            letters = chr(ord(kind) + place) + letters
        return letters
    if kind in ("i", "I") and 0 < number < 4000:
        text = ""
        for value, roman in _ROMAN:
            text += roman * (number // value)
            number %= value
        return text if kind == "i" else text.upper()
    return str(number)


_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
