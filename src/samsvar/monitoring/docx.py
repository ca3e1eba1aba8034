"""Pages of lines from a DOCX: every paragraph a line, with the number that Word would print before it.

Word stores no printed numbers, only which list a paragraph belongs to; they are counted here as Word counts them. A
DOCX knows no pages either: everything stands on page 1, in places that are made up.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from lxml import etree

from samsvar.errors import EncryptedReport, TooLarge, UnreadableReport
from samsvar.monitoring.markup import counted
from samsvar.monitoring.report import Aside, Line, Page
from samsvar.spans import Box

LARGEST_PART: Final = 100_000_000  # bytes unpacked; the text of a long report has 2 MB
WIDTH: Final = 595.0
LINE: Final = 12.0
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FORMATS: Final = {
    "decimal": "1", "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I", "decimalZero": "01",
}  # fmt: skip
_PLACE = re.compile(r"%(\d)")
_HEADING_STYLE = re.compile(r"(?:heading|titre|überschrift|overskrift|título|titlu|заголовок)\s*(\d)", re.IGNORECASE)


def pages_of_docx(content: bytes, document: str) -> tuple[Page, ...]:
    """The paragraphs of a DOCX as the lines of one page, then its notes, heads and feet, each set aside by name."""
    parts = _parts_of(content, document)
    word = _Word(
        styles=_styles_of(parts.get("word/styles.xml")),
        lists=_Lists(parts.get("word/numbering.xml")),
        notes=_notes_of(parts.get("word/footnotes.xml")) | _notes_of(parts.get("word/endnotes.xml"), "end"),
    )
    body = next((child for child in parts["word/document.xml"] if _name(child) == "body"), None)
    lines: list[Line] = []
    top = LINE
    running = (part for name, part in sorted(parts.items()) if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name))
    for printed in (
        *(word.lines_of(body) if body is not None else ()),
        *word.notes_referred_to(),
        *(line for part in running for line in word.running_lines(part)),
    ):
        left = min(printed.indent, WIDTH / 2)
        box = Box(1, left, top, WIDTH, top + LINE - 2)
        lines.append(Line(printed.text, box, printed.size, printed.bold, printed.italic, printed.level, printed.aside))
        top += 2 * LINE
    return (Page(1, WIDTH, top + LINE, tuple(lines)),)


def _parts_of(content: bytes, document: str) -> dict[str, Any]:
    """The XML parts that matter, parsed; named errors for what is damaged, locked or too large."""
    wanted = re.compile(r"word/(?:document|styles|numbering|footnotes|endnotes|header\d*|footer\d*)\.xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=False)
    parts: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for entry in archive.infolist():
                if not wanted.fullmatch(entry.filename):
                    continue
                if entry.flag_bits & 1:
                    raise EncryptedReport(f"“{document}” is protected by a password.")
                if entry.file_size > LARGEST_PART:
                    raise TooLarge(f"“{document}” unpacks to more than {LARGEST_PART / 1e6:.0f} MB.")
                with archive.open(entry) as stream:
                    unpacked = stream.read(LARGEST_PART + 1)  # the size that the archive states may be a lie
                if len(unpacked) > LARGEST_PART:
                    raise TooLarge(f"“{document}” unpacks to more than {LARGEST_PART / 1e6:.0f} MB.")
                parts[entry.filename] = etree.fromstring(unpacked, parser)
    except (
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise UnreadableReport(f"“{document}” is damaged: it begins like a DOCX and cannot be opened.") from error
    if "word/document.xml" not in parts:
        raise UnreadableReport(f"“{document}” is damaged: it holds no text.")
    return parts


@dataclass(frozen=True, slots=True)
class _Printed:
    text: str
    indent: float
    size: float
    bold: bool
    italic: bool
    level: int
    aside: Aside | None


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph or character style says; None where it leaves it to the style below it."""

    name: str
    bold: bool | None = None
    italic: bool | None = None
    size: float | None = None
    level: int = 0
    list_id: str | None = None
    list_level: int = 0
    indent: float | None = None


_PLAIN: Final = _Style("")


@dataclass(slots=True)
class _Word:
    """A document's styles, lists and notes, and how far its notes have been counted."""

    styles: Mapping[str, _Style]
    lists: _Lists
    notes: Mapping[str, list[Any]]
    referred: list[str] = field(default_factory=list)

    def lines_of(self, parent: Any) -> Iterator[_Printed]:
        """The paragraphs below an element in reading order, tables row by row."""
        stack = list(reversed(parent))
        while stack:
            element = stack.pop()
            name = _name(element)
            if name == "p":
                yield from self.paragraph(element)
            elif name == "sdt":
                gallery = next((_value(e) for e in element.iter() if _name(e) == "docPartGallery"), "")
                content = next((child for child in element if _name(child) == "sdtContent"), None)
                if content is not None and gallery == "Table of Contents":
                    for printed in self.lines_of(content):
                        yield _Printed(printed.text, printed.indent, printed.size, False, False, 0, Aside.CONTENTS)
                elif content is not None:
                    stack.extend(reversed(content))
            elif name in ("tbl", "tr", "tc", "customXml", "smartTag", "ins", "moveTo"):
                stack.extend(reversed(element))

    def running_lines(self, part: Any) -> Iterator[_Printed]:
        """The lines of a head or foot."""
        for printed in self.lines_of(part):
            yield _Printed(printed.text, 0.0, printed.size, False, False, 0, Aside.RUNNING_HEAD)

    def notes_referred_to(self) -> Iterator[_Printed]:
        """The notes in the order in which the text points at them, each behind its raised number."""
        for number, key in enumerate(list(self.referred), 1):
            texts = [printed.text for paragraph in self.notes.get(key, ()) for printed in self.paragraph(paragraph)]
            if texts:
                marker = str(number).translate(_SUPERSCRIPT)
                yield _Printed(f"{marker} {' '.join(texts)}", 0.0, 0.0, False, False, 0, Aside.FOOTNOTE)

    def paragraph(self, element: Any) -> Iterator[_Printed]:
        """One paragraph as a line, or as several where it breaks lines itself; text boxes inside it come after."""
        properties = next((child for child in element if _name(child) == "pPr"), None)
        style = self.styles.get(_child_value(properties, "pStyle"), self.styles.get("", _PLAIN))
        texts, weights, boxes = self.runs(element, style)
        for box in boxes:
            yield from self.lines_of(box)
        label = self.label_of(properties, style)
        rows = [" ".join(row.split()) for row in "".join(texts).split("\n")]
        if label:
            rows[0] = f"{label} {rows[0]}".strip() if rows[0] else ""
        length, bold, italic, sizes = weights
        level = style.level
        outline = _child_value(properties, "outlineLvl")
        if outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        indent = _indent_of(properties, hanging=not label)  # a number hangs out of its text: the text's place counts
        aside = Aside.CONTENTS if style.name.startswith(("toc ", "table of figures", "tm ")) else None
        for row in filter(None, rows):
            yield _Printed(
                row,
                indent if indent is not None else style.indent or self.lists.indent_of(properties, style),
                max(sizes, key=lambda size: sizes[size]) if sizes else 0.0,
                bold * 2 > length,
                italic * 2 > length,
                level if len(row) < 300 else 0,
                aside,
            )

    def runs(self, element: Any, style: _Style) -> tuple[list[str], tuple[int, int, int, dict[float, int]], list[Any]]:
        """The text of a paragraph, how much of it is bold, italic and of which size, and the text boxes inside it."""
        texts: list[str] = []
        boxes: list[Any] = []
        length = bold = italic = 0
        sizes: dict[float, int] = {}
        stack = [(child, style.bold, style.italic, style.size) for child in reversed(element)]
        while stack:
            node, is_bold, is_italic, size = stack.pop()
            match _name(node):
                case "r":
                    properties = next((child for child in node if _name(child) == "rPr"), None)
                    if _switch(properties, "vanish"):
                        continue
                    inner = self.styles.get(_child_value(properties, "rStyle"), _PLAIN)
                    is_bold = _first(_switch(properties, "b"), inner.bold, style.bold)
                    is_italic = _first(_switch(properties, "i"), inner.italic, style.italic)
                    printed = _child_value(properties, "sz")
                    size = float(printed) / 2 if printed.isdigit() else inner.size or style.size
                    stack.extend((child, is_bold, is_italic, size) for child in reversed(node))
                case "t":
                    text = node.text or ""
                    texts.append(text)
                    printed_length = len("".join(text.split()))
                    length += printed_length
                    bold += printed_length * bool(is_bold)
                    italic += printed_length * bool(is_italic)
                    if size:
                        sizes[size] = sizes.get(size, 0) + printed_length
                case "tab" | "ptab":
                    texts.append(" ")
                case "br" | "cr":
                    kind = next((v for k, v in node.attrib.items() if k.endswith("}type")), "")
                    texts.append(" " if kind == "page" else "\n")
                case "noBreakHyphen":
                    texts.append("-")
                case "softHyphen":
                    texts.append("\xad")
                case "sym":
                    texts.append("•")
                case "footnoteReference" | "endnoteReference" as kind:
                    key = ("end" if kind.startswith("end") else "") + _attribute(node, "id")
                    self.referred.append(key)
                    texts.append(str(len(self.referred)).translate(_SUPERSCRIPT))
                case "txbxContent":
                    boxes.append(node)
                case "del" | "moveFrom" | "Fallback" | "pPr" | "rPr" | "instrText":
                    continue
                case _:
                    stack.extend((child, is_bold, is_italic, size) for child in reversed(node))
        return texts, (length, bold, italic, sizes), boxes

    def label_of(self, properties: Any, style: _Style) -> str:
        """The number, letter or bullet that Word prints before a paragraph; "" where it prints none."""
        list_id, level = _list_of(properties, style)
        return self.lists.next_label(list_id, level) if list_id else ""


@dataclass(slots=True)
class _Level:
    start: int
    format: str
    text: str
    indent: float | None
    legal: bool
    restarts_after: int | None = None


class _Lists:
    """The lists of numbering.xml, counted as Word counts: lists of one kind share their counters."""

    def __init__(self, part: Any) -> None:
        self.kinds: dict[str, dict[int, _Level]] = {}
        self.kind_of: dict[str, str] = {}
        self.overrides: dict[str, dict[int, int]] = {}
        self.counters: dict[str, dict[int, int]] = {}
        self.begun: set[str] = set()
        links: dict[str, str] = {}
        styled: dict[str, str] = {}
        for element in part if part is not None else ():
            if _name(element) == "abstractNum":
                kind = _attribute(element, "abstractNumId")
                self.kinds[kind] = {
                    int(_attribute(child, "ilvl") or 0): _level_of(child) for child in element if _name(child) == "lvl"
                }
                if link := _child_value(element, "numStyleLink"):
                    links[kind] = link
                if link := _child_value(element, "styleLink"):
                    styled[link] = kind
            elif _name(element) == "num":
                number = _attribute(element, "numId")
                self.kind_of[number] = _child_value(element, "abstractNumId")
                for override in element:
                    if _name(override) != "lvlOverride":
                        continue
                    start = _child_value(override, "startOverride")
                    if start.isdigit():
                        self.overrides.setdefault(number, {})[int(_attribute(override, "ilvl") or 0)] = int(start)
        for number, kind in self.kind_of.items():
            self.kind_of[number] = styled.get(links.get(kind, ""), kind)

    def next_label(self, list_id: str, level: int) -> str:
        """Counts one on in a list and gives what is printed."""
        kind = self.kind_of.get(list_id)
        levels = self.kinds.get(kind or "", {})
        here = levels.get(level)
        if kind is None or here is None:
            return ""
        counters = self.counters.setdefault(kind, {})
        if list_id not in self.begun:
            self.begun.add(list_id)
            for at, start in self.overrides.get(list_id, {}).items():
                counters[at] = start - 1
        for above in range(level):
            counters.setdefault(above, levels[above].start if above in levels else 1)
        counters[level] = counters.get(level, here.start - 1) + 1
        for below in [at for at in counters if at > level]:
            if levels.get(below) is None or levels[below].restarts_after != 0:
                del counters[below]
        if here.format == "bullet":
            return "•"
        if here.format == "none":
            return ""

        def printed(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            way = "decimal" if here.legal or at not in levels else levels[at].format
            number = counters.get(at, 1)
            shape = _FORMATS.get(way, "1")
            return f"{number:02d}" if shape == "01" else counted(number, shape)

        return _PLACE.sub(printed, here.text).strip()

    def indent_of(self, properties: Any, style: _Style) -> float:
        """How far in a list stands that does not say so at its paragraph."""
        list_id, level = _list_of(properties, style)
        here = self.kinds.get(self.kind_of.get(list_id or "", ""), {}).get(level)
        return here.indent if here is not None and here.indent is not None else 0.0


def _level_of(element: Any) -> _Level:
    start = _child_value(element, "start")
    restart = _child_value(element, "lvlRestart")
    properties = next((child for child in element if _name(child) == "pPr"), None)
    return _Level(
        start=int(start) if start.lstrip("-").isdigit() else 1,
        format=_child_value(element, "numFmt") or "decimal",
        text=_child_value(element, "lvlText"),
        indent=_indent_of(properties),
        legal=bool(_switch(element, "isLgl")),
        restarts_after=int(restart) if restart.isdigit() else None,
    )


def _list_of(properties: Any, style: _Style) -> tuple[str | None, int]:
    """The list and level of a paragraph: its own word first, then its style's; list 0 means none."""
    own = next((child for child in properties if _name(child) == "numPr"), None) if properties is not None else None
    list_id = _child_value(own, "numId") or style.list_id
    printed = _child_value(own, "ilvl")
    level = int(printed) if printed.isdigit() else style.list_level
    return (None if list_id in (None, "0") else list_id), level


def _styles_of(part: Any) -> dict[str, _Style]:
    """Every style by its id, with what it takes over from the style it is based on; "" is the paragraphs' default."""
    raw: dict[str, Any] = {}
    default = ""
    size = None
    for element in part if part is not None else ():
        if _name(element) == "docDefaults":
            size = next(
                (float(_value(e)) / 2 for e in element.iter() if _name(e) == "sz" and _value(e).isdigit()), None
            )
        if _name(element) != "style":
            continue
        raw[_attribute(element, "styleId")] = element
        if _attribute(element, "type") == "paragraph" and _attribute(element, "default") in ("1", "true"):
            default = _attribute(element, "styleId")
    ground = _Style("", size=size)
    styles: dict[str, _Style] = {}

    def resolve(style_id: str, depth: int = 0) -> _Style:
        if style_id in styles:
            return styles[style_id]
        element = raw.get(style_id)
        if element is None or depth > 20:  # a style may not be based on itself, and some are
            return ground
        based_on = _child_value(element, "basedOn")
        base = resolve(based_on, depth + 1) if based_on else ground
        paragraph = next((child for child in element if _name(child) == "pPr"), None)
        run = next((child for child in element if _name(child) == "rPr"), None)
        numbering = next((c for c in paragraph if _name(c) == "numPr"), None) if paragraph is not None else None
        name = _child_value(element, "name").lower()
        heading = _HEADING_STYLE.match(name)
        outline = _child_value(paragraph, "outlineLvl")
        printed = _child_value(run, "sz")
        list_level = _child_value(numbering, "ilvl")
        indent = _indent_of(paragraph)
        styles[style_id] = _Style(
            name=name,
            bold=_first(_switch(run, "b"), base.bold),
            italic=_first(_switch(run, "i"), base.italic),
            size=float(printed) / 2 if printed.isdigit() else base.size,
            level=_level_named(heading, outline, name) or base.level,
            list_id=_child_value(numbering, "numId") or base.list_id,
            list_level=int(list_level) if list_level.isdigit() else base.list_level,
            indent=indent if indent is not None else base.indent,
        )
        return styles[style_id]

    for style_id in raw:
        resolve(style_id)
    styles[""] = styles.get(default, ground)
    return styles


def _level_named(heading: re.Match[str] | None, outline: str, name: str) -> int:
    if heading:
        return int(heading[1])
    if outline.isdigit() and int(outline) < 9:
        return int(outline) + 1
    return 1 if name == "title" else 0


def _notes_of(part: Any, prefix: str = "") -> dict[str, list[Any]]:
    """The paragraphs of each note by its id; separators are no notes."""
    return {
        prefix + _attribute(note, "id"): [child for child in note if _name(child) == "p"]
        for note in (part if part is not None else ())
        if _name(note) in ("footnote", "endnote") and not _attribute(note, "type")
    }


# --- small questions to XML; by local name, since Word writes two families of namespaces ---------------------------


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attribute(element: Any, name: str) -> str:
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def _value(element: Any) -> str:
    return _attribute(element, "val")


def _child_value(parent: Any, name: str) -> str:
    """The value of a child element; "" where there is none."""
    for child in parent if parent is not None else ():
        if _name(child) == name:
            return _value(child)
    return ""


def _switch(parent: Any, name: str) -> bool | None:
    """Whether a property is switched on; None where it is not mentioned."""
    for child in parent if parent is not None else ():
        if _name(child) == name:
            return _value(child) not in ("0", "false", "off")
    return None


def _first(*answers: bool | None) -> bool | None:
    """The first answer that is one."""
    return next((answer for answer in answers if answer is not None), None)


def _indent_of(properties: Any, *, hanging: bool = False) -> float | None:
    """Where the text begins, or with `hanging` its first line, in points from the margin; None where it is not said."""
    for child in properties if properties is not None else ():
        if _name(child) == "ind":
            left = _attribute(child, "left") or _attribute(child, "start")
            hangs, first = _attribute(child, "hanging"), _attribute(child, "firstLine")
            if not (left or hangs or first):
                return None
            twentieths = [int(part) if part.lstrip("-").isdigit() else 0 for part in (left, hangs, first)]
            return max((twentieths[0] - twentieths[1] * hanging + twentieths[2]) / 20, 0.0)
    return None
