"""Reader of DOCX files: each paragraph becomes a line, with the number that Word would print before it.

A file does not contain these numbers, only which list a paragraph belongs to, so they are counted as Word counts
them. A DOCX has no pages either: every line is on page 1, at an artificial position.
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

from samsvar.errors import EncryptedReport, ReportTooLarge, UnreadableReport
from samsvar.monitoring.markup import LINE_HEIGHT, PAGE_WIDTH, SUPERSCRIPT, format_list_number
from samsvar.monitoring.report import Line, Page, SetAsideReason
from samsvar.spans import Box

MAX_PART_BYTES: Final = 100_000_000  # bytes, unpacked; the text of a long report has 2 MB
_NUMBER_FORMATS: Final = {
    "decimal": "1", "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I", "decimalZero": "01",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%(\d)")
_HEADING_STYLE = re.compile(r"(?:heading|titre|überschrift|overskrift|título|titlu|заголовок)\s*(\d)", re.IGNORECASE)


def read_docx_pages(content: bytes, document: str) -> tuple[Page, ...]:
    """Return a DOCX as one page with a line per paragraph; notes, headers and footers follow and are set aside."""
    parts = parse_docx_parts(content, document)
    reader = _DocumentReader(
        styles=_parse_styles(parts.get("word/styles.xml")),
        lists=_NumberedLists(parts.get("word/numbering.xml")),
        notes=_parse_notes(parts.get("word/footnotes.xml")) | _parse_notes(parts.get("word/endnotes.xml"), "end"),
    )
    body = _find_child(parts["word/document.xml"], "body")
    lines: list[Line] = []
    top = LINE_HEIGHT
    header_footer_parts = (
        part for name, part in sorted(parts.items()) if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name)
    )
    for printed in (
        *(reader.iter_lines(body) if body is not None else ()),
        *reader.iter_note_lines(),
        *(line for part in header_footer_parts for line in reader.iter_header_footer_lines(part)),
    ):
        box = Box(1, min(printed.indent, PAGE_WIDTH / 2), top, PAGE_WIDTH, top + LINE_HEIGHT - 2)
        style = (printed.size, printed.bold, printed.italic, printed.level, printed.aside)
        lines.append(Line(printed.text, box, *style))
        top += 2 * LINE_HEIGHT
    return (Page(1, PAGE_WIDTH, top + LINE_HEIGHT, tuple(lines)),)


def parse_docx_parts(content: bytes, document: str) -> dict[str, Any]:
    """Return the parsed XML parts of a DOCX that hold text, by name.

    Raises UnreadableReport, EncryptedReport or ReportTooLarge.
    """
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
                if entry.file_size > MAX_PART_BYTES:
                    raise ReportTooLarge(f"“{document}” unpacks to more than {MAX_PART_BYTES / 1e6:.0f} MB.")
                with archive.open(entry) as stream:
                    unpacked = stream.read(MAX_PART_BYTES + 1)  # the size stated in the archive may be wrong
                if len(unpacked) > MAX_PART_BYTES:
                    raise ReportTooLarge(f"“{document}” unpacks to more than {MAX_PART_BYTES / 1e6:.0f} MB.")
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
        raise UnreadableReport(f"“{document}” is damaged: it starts like a DOCX file but cannot be opened.") from error
    if "word/document.xml" not in parts:
        raise UnreadableReport(f"“{document}” is damaged: it contains no text.")
    return parts


@dataclass(frozen=True, slots=True)
class _PrintedLine:
    text: str
    indent: float = 0.0
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    level: int = 0
    aside: SetAsideReason | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    """The settings of a paragraph or character style; None where it inherits from the style that it is based on."""

    name: str
    bold: bool | None = None
    italic: bool | None = None
    size: float | None = None
    level: int = 0
    list_id: str | None = None
    list_level: int = 0
    indent: float | None = None


_NO_STYLE: Final = _Style("")


@dataclass(slots=True)
class _DocumentReader:
    """Reader of a document's lines, with its styles, lists and notes, and the notes referenced so far."""

    styles: Mapping[str, _Style]
    lists: _NumberedLists
    notes: Mapping[str, list[Any]]
    referenced_notes: list[str] = field(default_factory=list)

    def iter_lines(self, parent: Any) -> Iterator[_PrintedLine]:
        """Yield the paragraphs below an element in reading order, tables row by row."""
        stack = list(reversed(parent))
        while stack:
            element = stack.pop()
            name = _local_name(element)
            if name == "p":
                yield from self.iter_paragraph_lines(element)
            elif name == "sdt":
                gallery = next((_get_val(e) for e in element.iter() if _local_name(e) == "docPartGallery"), "")
                content = _find_child(element, "sdtContent")
                if content is not None and gallery == "Table of Contents":
                    for printed in self.iter_lines(content):
                        yield _PrintedLine(printed.text, printed.indent, printed.size, aside=SetAsideReason.CONTENTS)
                elif content is not None:
                    stack.extend(reversed(content))
            elif name in ("tbl", "tr", "tc", "customXml", "smartTag", "ins", "moveTo"):
                stack.extend(reversed(element))

    def iter_header_footer_lines(self, part: Any) -> Iterator[_PrintedLine]:
        """Yield the lines of a header or footer."""
        for printed in self.iter_lines(part):
            yield _PrintedLine(printed.text, size=printed.size, aside=SetAsideReason.RUNNING_HEAD)

    def iter_note_lines(self) -> Iterator[_PrintedLine]:
        """Yield the notes in the order in which the text refers to them, each with its superscript number first."""
        for number, key in enumerate(list(self.referenced_notes), 1):
            paragraphs = self.notes.get(key, ())
            texts = [printed.text for paragraph in paragraphs for printed in self.iter_paragraph_lines(paragraph)]
            if texts:
                marker = str(number).translate(SUPERSCRIPT)
                yield _PrintedLine(f"{marker} {' '.join(texts)}", aside=SetAsideReason.FOOTNOTE)

    def iter_paragraph_lines(self, element: Any) -> Iterator[_PrintedLine]:
        """Yield a paragraph as one line, or several if it has line breaks; text boxes inside it come first."""
        properties = _find_child(element, "pPr")
        style = self.styles.get(_get_child_val(properties, "pStyle"), self.styles.get("", _NO_STYLE))
        texts, weights, boxes = self.read_runs(element, style)
        for box in boxes:
            yield from self.iter_lines(box)
        label = self.next_label(properties, style)
        rows = [" ".join(row.split()) for row in "".join(texts).split("\n")]
        if label:
            rows[0] = f"{label} {rows[0]}".strip() if rows[0] else ""
        length, bold, italic, sizes = weights
        level = style.level
        outline = _get_child_val(properties, "outlineLvl")
        if outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        indent = _parse_indent(properties, hanging=not label)  # with a hanging number, use the position of the text
        aside = SetAsideReason.CONTENTS if style.name.startswith(("toc ", "table of figures", "tm ")) else None
        for row in filter(None, rows):
            yield _PrintedLine(
                row,
                indent if indent is not None else style.indent or self.lists.get_indent(properties, style),
                max(sizes, key=lambda size: sizes[size]) if sizes else 0.0,
                bold * 2 > length,
                italic * 2 > length,
                level if len(row) < 300 else 0,
                aside,
            )

    def read_runs(
        self, element: Any, style: _Style
    ) -> tuple[list[str], tuple[int, int, int, dict[float, int]], list[Any]]:
        """Return a paragraph's texts, how many characters are bold, italic and of each size, and its text boxes."""
        texts: list[str] = []
        boxes: list[Any] = []
        length = bold = italic = 0
        sizes: dict[float, int] = {}
        stack = [(child, style.bold, style.italic, style.size) for child in reversed(element)]
        while stack:
            node, is_bold, is_italic, size = stack.pop()
            match _local_name(node):
                case "r":
                    properties = _find_child(node, "rPr")
                    if _get_toggle(properties, "vanish"):
                        continue
                    inner = self.styles.get(_get_child_val(properties, "rStyle"), _NO_STYLE)
                    is_bold = _first_not_none(_get_toggle(properties, "b"), inner.bold, style.bold)
                    is_italic = _first_not_none(_get_toggle(properties, "i"), inner.italic, style.italic)
                    half_points = _get_child_val(properties, "sz")
                    size = float(half_points) / 2 if half_points.isdigit() else inner.size or style.size
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
                    key = ("end" if kind.startswith("end") else "") + _get_attribute(node, "id")
                    self.referenced_notes.append(key)
                    texts.append(str(len(self.referenced_notes)).translate(SUPERSCRIPT))
                case "txbxContent":
                    boxes.append(node)
                case "del" | "moveFrom" | "Fallback" | "pPr" | "rPr" | "instrText":
                    continue
                case _:
                    stack.extend((child, is_bold, is_italic, size) for child in reversed(node))
        return texts, (length, bold, italic, sizes), boxes

    def next_label(self, properties: Any, style: _Style) -> str:
        """Return the number, letter or bullet that Word prints before a paragraph; "" if it prints none."""
        list_id, level = _find_list_and_level(properties, style)
        return self.lists.next_label(list_id, level) if list_id else ""


@dataclass(slots=True)
class _ListLevel:
    start: int
    format: str
    text: str
    indent: float | None
    legal: bool
    restarts_after: int | None = None


class _NumberedLists:
    """The lists of numbering.xml, counted as in Word: lists with the same abstract definition share counters."""

    def __init__(self, part: Any) -> None:
        self.levels_by_definition: dict[str, dict[int, _ListLevel]] = {}
        self.definitions: dict[str, str] = {}
        self.overrides: dict[str, dict[int, int]] = {}
        self.counters: dict[str, dict[int, int]] = {}
        self.started_lists: set[str] = set()
        links: dict[str, str] = {}
        styled: dict[str, str] = {}
        for element in part if part is not None else ():
            if _local_name(element) == "abstractNum":
                kind = _get_attribute(element, "abstractNumId")
                self.levels_by_definition[kind] = {
                    int(_get_attribute(child, "ilvl") or 0): _parse_list_level(child)
                    for child in element
                    if _local_name(child) == "lvl"
                }
                if link := _get_child_val(element, "numStyleLink"):
                    links[kind] = link
                if link := _get_child_val(element, "styleLink"):
                    styled[link] = kind
            elif _local_name(element) == "num":
                number = _get_attribute(element, "numId")
                self.definitions[number] = _get_child_val(element, "abstractNumId")
                for override in element:
                    if _local_name(override) != "lvlOverride":
                        continue
                    start = _get_child_val(override, "startOverride")
                    if start.isdigit():
                        self.overrides.setdefault(number, {})[int(_get_attribute(override, "ilvl") or 0)] = int(start)
        for number, kind in self.definitions.items():
            self.definitions[number] = styled.get(links.get(kind, ""), kind)

    def next_label(self, list_id: str, level: int) -> str:
        """Advance a list by one item and return its label."""
        kind = self.definitions.get(list_id)
        levels = self.levels_by_definition.get(kind or "", {})
        definition = levels.get(level)
        if kind is None or definition is None:
            return ""
        counters = self.counters.setdefault(kind, {})
        if list_id not in self.started_lists:
            self.started_lists.add(list_id)
            for at, start in self.overrides.get(list_id, {}).items():
                counters[at] = start - 1
        for above in range(level):
            counters.setdefault(above, levels[above].start if above in levels else 1)
        counters[level] = counters.get(level, definition.start - 1) + 1
        for below in [at for at in counters if at > level]:
            if levels.get(below) is None or levels[below].restarts_after != 0:
                del counters[below]
        if definition.format == "bullet":
            return "•"
        if definition.format == "none":
            return ""

        def format_placeholder(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            way = "decimal" if definition.legal or at not in levels else levels[at].format
            number = counters.get(at, 1)
            shape = _NUMBER_FORMATS.get(way, "1")
            return f"{number:02d}" if shape == "01" else format_list_number(number, shape)

        return _PLACEHOLDER.sub(format_placeholder, definition.text).strip()

    def get_indent(self, properties: Any, style: _Style) -> float:
        """Return the indent set by a paragraph's list, for a paragraph that sets none itself; 0 if there is none."""
        list_id, level = _find_list_and_level(properties, style)
        definition = self.levels_by_definition.get(self.definitions.get(list_id or "", ""), {}).get(level)
        return definition.indent if definition is not None and definition.indent is not None else 0.0


def _parse_list_level(element: Any) -> _ListLevel:
    start = _get_child_val(element, "start")
    restart = _get_child_val(element, "lvlRestart")
    properties = _find_child(element, "pPr")
    return _ListLevel(
        start=int(start) if start.lstrip("-").isdigit() else 1,
        format=_get_child_val(element, "numFmt") or "decimal",
        text=_get_child_val(element, "lvlText"),
        indent=_parse_indent(properties),
        legal=bool(_get_toggle(element, "isLgl")),
        restarts_after=int(restart) if restart.isdigit() else None,
    )


def _find_list_and_level(properties: Any, style: _Style) -> tuple[str | None, int]:
    """Return the list id and level of a paragraph, from itself or else its style; the id is None without a list."""
    own = _find_child(properties, "numPr")
    list_id = _get_child_val(own, "numId") or style.list_id
    printed = _get_child_val(own, "ilvl")
    level = int(printed) if printed.isdigit() else style.list_level
    return (None if list_id in (None, "0") else list_id), level


def _parse_styles(part: Any) -> dict[str, _Style]:
    """Return every style by its id, with inherited settings; "" is the default paragraph style."""
    raw: dict[str, Any] = {}
    default = ""
    size = None
    for element in part if part is not None else ():
        if _local_name(element) == "docDefaults":
            size = next(
                (float(_get_val(e)) / 2 for e in element.iter() if _local_name(e) == "sz" and _get_val(e).isdigit()),
                None,
            )
        if _local_name(element) != "style":
            continue
        raw[_get_attribute(element, "styleId")] = element
        if _get_attribute(element, "type") == "paragraph" and _get_attribute(element, "default") in ("1", "true"):
            default = _get_attribute(element, "styleId")
    default_style = _Style("", size=size)
    styles: dict[str, _Style] = {}

    def resolve_style(style_id: str, depth: int = 0) -> _Style:
        if style_id in styles:
            return styles[style_id]
        element = raw.get(style_id)
        if element is None or depth > 20:  # a style must not be based on itself, but some are
            return default_style
        based_on = _get_child_val(element, "basedOn")
        base = resolve_style(based_on, depth + 1) if based_on else default_style
        paragraph = _find_child(element, "pPr")
        run = _find_child(element, "rPr")
        numbering = _find_child(paragraph, "numPr")
        name = _get_child_val(element, "name").lower()
        heading = _HEADING_STYLE.match(name)
        outline = _get_child_val(paragraph, "outlineLvl")
        half_points = _get_child_val(run, "sz")
        list_level = _get_child_val(numbering, "ilvl")
        indent = _parse_indent(paragraph)
        styles[style_id] = _Style(
            name=name,
            bold=_first_not_none(_get_toggle(run, "b"), base.bold),
            italic=_first_not_none(_get_toggle(run, "i"), base.italic),
            size=float(half_points) / 2 if half_points.isdigit() else base.size,
            level=_find_heading_level(heading, outline, name) or base.level,
            list_id=_get_child_val(numbering, "numId") or base.list_id,
            list_level=int(list_level) if list_level.isdigit() else base.list_level,
            indent=indent if indent is not None else base.indent,
        )
        return styles[style_id]

    for style_id in raw:
        resolve_style(style_id)
    styles[""] = styles.get(default, default_style)
    return styles


def _find_heading_level(heading: re.Match[str] | None, outline: str, name: str) -> int:
    if heading:
        return int(heading[1])
    if outline.isdigit() and int(outline) < 9:
        return int(outline) + 1
    return 1 if name == "title" else 0


def _parse_notes(part: Any, prefix: str = "") -> dict[str, list[Any]]:
    """Return the paragraphs of each note by its id, without the separators that Word stores among the notes."""
    return {
        prefix + _get_attribute(note, "id"): [child for child in note if _local_name(child) == "p"]
        for note in (part if part is not None else ())
        if _local_name(note) in ("footnote", "endnote") and not _get_attribute(note, "type")
    }


# --- Helpers for reading XML; by local name, since Word writes two families of namespaces -----------------------------


def _local_name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _get_attribute(element: Any, name: str) -> str:
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def _get_val(element: Any) -> str:
    return _get_attribute(element, "val")


def _find_child(parent: Any, name: str) -> Any:
    """Return the first child element with this name; None if there is none, or no parent."""
    return next((child for child in (parent if parent is not None else ()) if _local_name(child) == name), None)


def _get_child_val(parent: Any, name: str) -> str:
    """Return the value of a child element; "" if there is none."""
    child = _find_child(parent, name)
    return "" if child is None else _get_val(child)


def _get_toggle(parent: Any, name: str) -> bool | None:
    """Return whether a property is switched on; None if it is not set."""
    child = _find_child(parent, name)
    return None if child is None else _get_val(child) not in ("0", "false", "off")


def _first_not_none(*answers: bool | None) -> bool | None:
    """Return the first value that is not None."""
    return next((answer for answer in answers if answer is not None), None)


def _parse_indent(properties: Any, *, hanging: bool = False) -> float | None:
    """Return the indent of the text, or with `hanging` of its first line, in points; None if it is not set."""
    child = _find_child(properties, "ind")
    if child is None:
        return None
    left = _get_attribute(child, "left") or _get_attribute(child, "start")
    hangs, first = _get_attribute(child, "hanging"), _get_attribute(child, "firstLine")
    if not (left or hangs or first):
        return None
    twentieths = [int(part) if part.lstrip("-").isdigit() else 0 for part in (left, hangs, first)]
    return max((twentieths[0] - twentieths[1] * hanging + twentieths[2]) / 20, 0.0)
