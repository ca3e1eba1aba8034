"""Reading of HTML and plain text into pages of lines; an HTML document is a single page.

HTML and plain text have no positions, so this module assigns positions that let later steps see what a reader sees: a
blank line becomes space above the next line, and leading spaces become an indent. A block of HTML is one line, with
space above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from samsvar.errors import ReportTooLarge
from samsvar.monitoring.report import Line, Page, SetAsideReason
from samsvar.spans import Box

PAGE_WIDTH: Final = 595.0  # points, as on A4
LINE_HEIGHT: Final = 12.0  # points from one line to the next
CHARACTER_WIDTH: Final = 5.0  # points for each leading space
MAX_CHARACTERS: Final = 20_000_000
MAX_NESTING: Final = 1_000  # blocks inside each other; browsers draw about 500

_BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th"
    " thead tr ul".split()
)
_SKIPPED_TAGS = frozenset(
    "script style noscript template head iframe object svg math select button input textarea".split()
)
# Elements whose nesting takes the parser time in proportion to its square: 40,000 take three seconds (2026-11).
_NESTING_TAG = re.compile(
    rb"<(/?)(?:address|article|aside|blockquote|center|details|dialog|div|dl|fieldset|figure|footer|form|h[1-6]|header"
    rb"|main|menu|nav|ol|pre|section|summary|table|ul)[\s>/]",
    re.IGNORECASE,
)
_RUNNING_TAGS = frozenset(("nav", "header", "footer", "menu"))
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS_ONLY = re.compile(r"\[?\(?(\d{1,3})\)?\]?")


# One step of the traversal: node, list marker before it, list depth, bold, italic, heading level, aside. A
# step without a node ends the current block.
_Step = tuple[LexborNode | None, str, int, bool, bool, int, SetAsideReason | None]


def read_text_pages(text: str) -> tuple[Page, ...]:
    """Read plain text as pages separated by form feeds; text without form feeds is a single page."""
    if len(text) > MAX_CHARACTERS:
        raise ReportTooLarge(
            f"The text has {len(text) / 1e6:.0f} million characters; the limit is {MAX_CHARACTERS / 1e6:.0f} million."
        )
    pages = []
    for number, sheet in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\f"), 1):
        lines, top = [], LINE_HEIGHT
        for raw in sheet.split("\n"):
            expanded = raw.expandtabs(8)
            words = " ".join(expanded.split())
            if words:
                left = min((len(expanded) - len(expanded.lstrip())) * CHARACTER_WIDTH, PAGE_WIDTH - CHARACTER_WIDTH)
                right = min(left + len(words) * CHARACTER_WIDTH, PAGE_WIDTH)
                lines.append(Line(words, Box(number, left, top, right, top + LINE_HEIGHT - 2)))
            top += LINE_HEIGHT
        pages.append(Page(number, PAGE_WIDTH, top + LINE_HEIGHT, tuple(lines)))
    return tuple(pages)


def read_html_pages(content: bytes) -> tuple[Page, ...]:
    """Read an HTML document as one page: each block is a line, with its heading level or list marker.

    Raises ReportTooLarge for a page with too many characters, or with too many blocks inside each other.
    """
    lines: list[Line] = []
    top = LINE_HEIGHT
    for block in read_html_blocks(content):
        box = Box(1, min(block.indent * 24.0, PAGE_WIDTH / 2), top, PAGE_WIDTH, top + LINE_HEIGHT - 2)
        lines.append(Line(block.text, box, 0.0, block.bold, block.italic, block.level, block.aside))
        top += 2 * LINE_HEIGHT
    return (Page(1, PAGE_WIDTH, top + LINE_HEIGHT, tuple(lines)),)


def read_html_blocks(content: bytes) -> tuple[HtmlBlock, ...]:
    """Return the blocks of an HTML document or of a part of one, in reading order. Raises ReportTooLarge."""
    if len(content) > MAX_CHARACTERS:
        raise ReportTooLarge(f"The page has {len(content) / 1e6:.0f} MB; the limit is {MAX_CHARACTERS / 1e6:.0f} MB.")
    if _is_nested_deeper_than(content, MAX_NESTING):
        raise ReportTooLarge(
            f"The page has more than {MAX_NESTING:,} blocks inside each other.",
            advice="Save the page as a PDF, and use that.",
        )
    tree = LexborHTMLParser(content)
    if tree.body is None:
        return ()
    classes = _parse_class_styles(tree)
    return tuple(
        HtmlBlock(block.text, block.indent, block.bold, block.italic, block.level, block.aside)
        for block in _iter_blocks(tree.body, classes)
    )


@dataclass(frozen=True, slots=True)
class HtmlBlock:
    """A block of text as a browser shows it: with its list marker, and bold or italic if most of it is."""

    text: str
    indent: int  # the lists and quotations that it is in
    bold: bool
    italic: bool
    level: int  # of a heading, from 1 to 6, else 0
    aside: SetAsideReason | None


@dataclass(frozen=True, slots=True)
class _Emphasis:
    """What a style says about text; None where it says nothing."""

    bold: bool | None = None
    italic: bool | None = None
    hidden: bool = False


_CLASS_RULE = re.compile(r"\.(?P<name>[\w-]+)\s*\{(?P<declarations>[^{}]*)\}")
_WEIGHT = re.compile(r"font-weight\s*:\s*(?:(?P<bold>bold(?:er)?|[6-9]00)|normal|lighter|[1-5]00)", re.IGNORECASE)
_SLANT = re.compile(r"font-style\s*:\s*(?:(?P<italic>italic|oblique)|normal)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def _parse_class_styles(tree: LexborHTMLParser) -> dict[str, _Emphasis]:
    """Return the emphasis of each class: converters of office documents write all styles as classes."""
    rules = (rule for sheet in tree.css("style") for rule in _CLASS_RULE.finditer(sheet.text()))
    return {rule["name"]: _parse_declarations(rule["declarations"]) for rule in rules}


def _parse_declarations(text: str) -> _Emphasis:
    weight, slant = _WEIGHT.search(text), _SLANT.search(text)
    return _Emphasis(
        bold=weight["bold"] is not None if weight else None,
        italic=slant["italic"] is not None if slant else None,
        hidden=_HIDDEN.search(text) is not None,
    )


def _find_emphasis(node: LexborNode, classes: Mapping[str, _Emphasis]) -> _Emphasis:
    """Return the emphasis that an element's tag, classes and style give it; the last of them wins."""
    attributes, tag = node.attributes, node.tag
    emphasis = _Emphasis(True if tag in ("b", "strong", "th") else None, True if tag in ("i", "em", "cite") else None)
    names = (attributes.get("class") or "").split() if classes else []
    style = attributes.get("style")
    for other in (
        *(classes[name] for name in names if name in classes),
        *([_parse_declarations(style)] if style else []),
    ):
        emphasis = _Emphasis(
            emphasis.bold if other.bold is None else other.bold,
            emphasis.italic if other.italic is None else other.italic,
            emphasis.hidden or other.hidden,
        )
    return emphasis


def _is_nested_deeper_than(content: bytes, most: int) -> bool:
    """Return whether more blocks than this are open at the same time somewhere in a page."""
    depth = 0
    for closes in _NESTING_TAG.findall(content):
        depth = max(depth - 1, 0) if closes else depth + 1
        if depth > most:
            return True
    return False


class _Block:
    """A block of text in an HTML document, to which text is added until the block is closed."""

    __slots__ = (
        "aside", "bold", "bold_length", "indent", "italic", "italic_length", "length", "level", "mark", "parts",
    )  # fmt: skip

    def __init__(self, level: int = 0, indent: int = 0, aside: SetAsideReason | None = None) -> None:
        self.parts: list[str] = []
        self.level, self.indent, self.aside = level, indent, aside
        self.length = self.bold_length = self.italic_length = 0
        self.bold = self.italic = False
        self.mark = ""  # the list marker before the block

    def add_text(self, text: str, bold: bool, italic: bool) -> None:
        self.parts.append(text)
        printed = len("".join(text.split()))
        self.length += printed
        self.bold_length += printed * bold
        self.italic_length += printed * italic

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    def close(self) -> bool:
        """Set bold and italic by the majority of characters, and return whether the block has any text."""
        self.bold = self.bold_length * 2 > self.length
        self.italic = self.italic_length * 2 > self.length
        return bool(self.text)


def _iter_blocks(root: LexborNode, classes: Mapping[str, _Emphasis]) -> Iterator[_Block]:
    """Yield the blocks of a tree in reading order, using a stack so that nesting can be of any depth."""
    current = _Block()
    steps: list[_Step] = [(root, "", 0, False, False, 0, None)]
    while steps:
        node, mark, depth, bold, italic, level, aside = steps.pop()
        if node is None:
            if current.close():
                yield current
            current = _Block(level, depth, aside)
            continue
        tag = node.tag or ""
        if tag == "-text":
            current.add_text(node.text_content or "", bold, italic)
            continue
        if tag in _SKIPPED_TAGS or tag.startswith(("-", "!")) or "hidden" in node.attributes:
            continue
        emphasis = _find_emphasis(node, classes)
        if emphasis.hidden:
            continue
        if tag == "br":
            if current.close():
                yield current
            current = _Block(level, depth, aside)
            continue
        if tag == "sup":
            marker = _DIGITS_ONLY.fullmatch(node.text(strip=True))
            current.add_text(marker[1].translate(SUPERSCRIPT) if marker else node.text(), bold, italic)
            continue
        is_block = tag in _BLOCK_TAGS
        if is_block:
            inner_level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else level
            inner_aside = SetAsideReason.RUNNING_HEAD if tag in _RUNNING_TAGS and tag != "header" else aside
            inner_depth = depth + (tag in ("ol", "ul", "blockquote", "dd"))
            steps.append((None, "", depth, bold, italic, level, aside))  # closes the block after its children
            has_mark_only = bool(current.mark) and current.parts == [current.mark]
            if current.close() and not has_mark_only:
                yield current
            mark = mark or (current.mark if has_mark_only else "")
            current = _Block(inner_level, inner_depth, inner_aside)
            if mark:  # <li><p>: the marker comes before the first paragraph of the item
                current.add_text(mark, bold, italic)
                current.mark = mark
        else:
            inner_level, inner_aside, inner_depth = level, aside, depth
        inner_bold = bold if emphasis.bold is None else emphasis.bold
        inner_italic = italic if emphasis.italic is None else emphasis.italic
        marks = _iter_list_markers(node) if tag in ("ol", "ul") else None
        children: list[_Step] = []
        child = node.child
        while child is not None:
            opening = next(marks) if marks is not None and child.tag == "li" else ""
            children.append((child, opening, inner_depth, inner_bold, inner_italic, inner_level, inner_aside))
            child = child.next
        steps.extend(reversed(children))
    if current.close():
        yield current


def _iter_list_markers(node: LexborNode) -> Iterator[str]:
    """Yield the marker that a browser displays before each item of a list."""
    if node.tag == "ul":
        while True:
            yield "• "
    attributes = node.attributes
    start = attributes.get("start") or "1"
    number = int(start) if start.lstrip("-").isdigit() and len(start) < 9 else 1
    kind = attributes.get("type") or "1"
    while True:
        yield f"{format_list_number(number, kind)}. "
        number += 1


def format_list_number(number: int, kind: str) -> str:
    """Format a list number in style "1", "a", "A", "i" or "I"; in digits if the style cannot express the number."""
    if kind in ("a", "A") and number > 0:
        letters = ""
        while number > 0:
            number, place = divmod(number - 1, 26)
            letters = chr(ord(kind) + place) + letters
        return letters
    if kind in ("i", "I") and 0 < number < 4000:
        text = ""
        for value, roman in _ROMAN_NUMERALS:
            text += roman * (number // value)
            number %= value
        return text if kind == "i" else text.upper()
    return str(number)


_ROMAN_NUMERALS: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
