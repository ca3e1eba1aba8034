"""Drafts of a report back as DOCX for offline editing, and the edited file read back into sections.

Bookmarks mark where a section, a field and each sentence of a record begin; everything up to the next mark belongs to
it, so that text typed anywhere is kept. Word and LibreOffice keep bookmarks, also through editing with tracked changes.
Gaps are comments; comments of people, footnotes, text boxes and text outside the fields come back as notes.

An edited file is untrusted: its XML is read in a child process (`read_docx_marks`), and what that returns is matched
with the sections that were exported (`match_sections`).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from samsvar.errors import InterchangeError, MemoryLimitExceeded, ReaderCrashed, TimeLimitExceeded, UnreadableReport
from samsvar.implementation.drafts import Block, Draft, DraftSection, FieldContent, Gap, find_gaps, join_blocks
from samsvar.implementation.forms import Form, FormField
from samsvar.monitoring.sandbox import run_sandboxed
from samsvar.text import choose_text, remove_invalid_xml_characters

MAX_PART_BYTES: Final = 40_000_000  # unpacked; the text of a draft of 60 sections has 0.3 MB
MAX_PARAGRAPHS: Final = 100_000
TIMEOUT_SECONDS: Final = 20.0
MEMORY_LIMIT_MB: Final = 512
COMMENT_AUTHOR: Final = "Samsvar"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_CITATION_STYLE: Final = "Samsvar Citation"
_CITATION_STYLE_ID: Final = "SamsvarCitation"
_CELL_STYLE: Final = "Samsvar Cell"
MAX_UPRIGHT_COLUMNS: Final = 5  # more break words in the middle
# printed after the citation of a record's sentence that someone has edited
_EDITED: Final = {"en": "edited", "fr": "modifié", "nb": "redigert", "ro": "modificat"}
_BULLET = re.compile(r"((?:  ){0,2})- (.*)", re.DOTALL)
_DRAFT_MARK = re.compile(r"svd_([0-9a-zA-Z]{1,20})_(\d{1,6})")
_SECTION_MARK = re.compile(r"svs_([0-9a-z]{1,16})_(\d{1,6})")
_FIELD_MARK = re.compile(r"svf_([0-9a-z]{1,16})_([a-z]{1,12})")
_BLOCK_MARK = re.compile(r"svb_([0-9a-z]{1,16})_([a-z]{1,12})_(\d{1,4})")


class DamagedDraftFile(InterchangeError):
    """Raised when a file is not a DOCX that can be read."""

    message = "The file is damaged, or is not a Word document."
    effect = "The draft was not changed."
    advice = "Open the file in Word or LibreOffice, save it again as DOCX, and upload the new file."


class NotADraftFile(InterchangeError):
    """Raised when a DOCX has no marks of a draft: another document, or a copy without its bookmarks."""

    message = "The file is not a draft that was exported here: its bookmarks are missing."
    effect = "The draft was not changed."
    advice = "Export the draft again and copy your text into the new file. Edit it in Word or LibreOffice."


class FileOfAnotherDraft(InterchangeError):
    """Raised when a file was exported from another draft, or from another version of it."""

    effect = "The draft was not changed."
    advice = "Upload the file to the draft that it was exported from."

    def __init__(self, draft_id: str, number: int) -> None:
        super().__init__("The file was exported from another draft, or from another version of this draft.")
        self.draft_id, self.number = draft_id, number


class DraftFileTooLarge(InterchangeError):
    """Raised when a file has more text than a draft."""

    message = "The file is larger than a draft can be."
    effect = "The draft was not changed."
    advice = "Remove its pictures and embedded files, and upload it again."


# --- Writing ----------------------------------------------------------------------------------------------------------


def write_draft_docx(
    draft: Draft, form: Form, *, subtitle_lines: Sequence[str] = (), gaps: Iterable[Gap] | None = None,
    include_internal: bool = True,
) -> bytes:  # fmt: skip
    """Return a draft as DOCX: headings, quoted recommendations, text with citations, tables, and gaps as comments.

    `gaps` are those of `find_gaps` unless given; pass () for a file without comments. With `include_internal`, internal
    fields are printed too, as in a working copy.
    """
    from docx import Document  # imported here because it is rarely needed

    document: Any = Document()
    _prepare(document, draft)
    _set_page(document, form)
    writer = _Writer(document, draft)
    writer.write_title(subtitle_lines)
    wanted = list(find_gaps(draft, form) if gaps is None else gaps)
    for section in draft.sections:
        writer.write_section_heading(section)
        for form_field in form.part(section.part_id).fields_of(draft.variant):
            if form_field.internal and not include_internal:
                continue
            place = (section.section_id, form_field.field_id)
            gap_texts = [gap.text for gap in wanted if (gap.section_id, gap.field_id) == place]
            writer.write_field(section, form_field, gap_texts)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _prepare(document: Any, draft: Draft) -> None:
    """Set the properties and styles of an empty document."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    properties = document.core_properties
    properties.title = remove_invalid_xml_characters(draft.title)[:255]
    properties.language = draft.language
    properties.author = properties.comments = ""
    style = document.styles.add_style(_CITATION_STYLE, WD_STYLE_TYPE.CHARACTER)
    style.font.size, style.font.color.rgb = Pt(9), RGBColor(0x55, 0x55, 0x55)
    normal = document.styles["Normal"].element.get_or_add_rPr()
    language = normal.find(f"{_W}lang")
    if language is None:
        language = normal.makeelement(f"{_W}lang", {})
        normal.append(language)
    language.set(f"{_W}val", draft.language)


def _set_page(document: Any, form: Form) -> None:
    """Set the page to A4 with a number, across if a table of the form is too wide for an upright page."""
    from docx.enum.section import WD_ORIENT
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(25)
    if any(len(form_field.columns) > MAX_UPRIGHT_COLUMNS for part in form.parts for form_field in part.fields):
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = page.page_height, page.page_width
        page.left_margin = page.right_margin = Mm(15)
    page.footer.paragraphs[0]._p.append(_element("w:fldSimple", instr="PAGE"))
    cell_style = document.styles.add_style(_CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    cell_style.base_style, cell_style.font.size = document.styles["Normal"], Pt(9)
    cell_style.paragraph_format.space_after = Pt(0)


@dataclass(slots=True)
class _Writer:
    """Writer of one document. Paragraphs are built as XML elements, because python-docx's own calls are slower."""

    document: Any
    draft: Draft
    body: Any = field(init=False)
    end: Any = field(init=False)  # the settings of the page, before which everything is inserted
    bookmarks: int = 0
    style_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.body = self.document.element.body
        self.end = self.body.find(f"{_W}sectPr")

    def write_title(self, subtitle_lines: Sequence[str]) -> None:
        title = self.add_paragraph(self.body, self.draft.title, "Title")
        self.add_bookmark(title, f"svd_{self.draft.draft_id}_{self.draft.number}")
        for line in subtitle_lines:
            self.add_paragraph(self.body, line, "")

    def write_section_heading(self, section: DraftSection) -> None:
        heading = self.add_paragraph(self.body, section.heading, "Heading 1")
        self.add_bookmark(heading, f"svs_{section.section_id}_{section.version}")
        if section.quotation is not None:
            for line in section.quotation.text.split("\n"):
                self.add_paragraph(self.body, line, "Quote", language=section.quotation.language)
            self.add_paragraph(self.body, section.quotation.citation, "Caption")

    def write_field(self, section: DraftSection, form_field: FormField, gap_texts: Sequence[str]) -> None:
        """Write the label of a field, its table and its text. A comment about a gap is anchored to the label."""
        content = section.field(form_field.field_id)
        label = self.add_paragraph(self.body, choose_text(form_field.label, self.draft.language), "Heading 2")
        self.add_bookmark(label, f"svf_{section.section_id}_{form_field.field_id}")
        for text in gap_texts:
            self.add_comment(label, text)
        if form_field.columns:
            self.write_table(form_field, content.rows)
        for number, block in enumerate(content.blocks):
            if block.record is None:
                self.write_own_text(self.body, block.text)
                continue
            paragraph = self.add_paragraph(self.body, block.text, "")
            self.add_run(paragraph, _format_citation(block, self.draft.language), style=_CITATION_STYLE)
            self.add_bookmark(paragraph, f"svb_{section.section_id}_{form_field.field_id}_{number}")
        if not content.blocks:
            self.add_paragraph(self.body, "", "")  # where an author would type

    def write_own_text(self, parent: Any, text: str, style: str = "") -> None:
        """Write a paragraph for each line; a line that begins with "- " is an item of a bulleted list."""
        for line in text.split("\n"):
            if match := _BULLET.fullmatch(line):
                depth = len(match[1]) // 2 + 1
                self.add_paragraph(parent, match[2], "List Bullet" if depth == 1 else f"List Bullet {depth}")
            else:
                self.add_paragraph(parent, line, style)

    def write_table(self, form_field: FormField, rows: Sequence[Sequence[str]]) -> None:
        from docx.oxml import OxmlElement

        headings = [choose_text(column, self.draft.language) for column in form_field.columns]
        table = self.document.add_table(rows=0, cols=len(headings))
        table.style = "Table Grid"
        first = table.columns[0].width
        table.columns[0].width = first * 3 // 2  # it has the longest texts
        for column in list(table.columns)[1:]:
            column.width = column.width - first // (2 * (len(headings) - 1))
        for number, cells in enumerate([headings, *rows]):
            table_row = OxmlElement("w:tr")
            if number == 0:
                properties = OxmlElement("w:trPr")
                properties.append(OxmlElement("w:tblHeader"))
                table_row.append(properties)
            for text in cells:
                cell = OxmlElement("w:tc")
                self.write_own_text(cell, text, _CELL_STYLE)
                table_row.append(cell)
            table._tbl.append(table_row)

    def add_paragraph(self, parent: Any, text: str, style: str, *, language: str = "") -> Any:
        from docx.oxml import OxmlElement

        paragraph = OxmlElement("w:p")
        if style:
            properties = OxmlElement("w:pPr")
            properties.append(_element("w:pStyle", val=self.style_id(style)))
            paragraph.append(properties)
        if text:
            self.add_run(paragraph, text, language=language)
        if parent is self.body:
            self.end.addprevious(paragraph)
        else:
            parent.append(paragraph)
        return paragraph

    def add_run(self, paragraph: Any, text: str, *, style: str = "", language: str = "") -> Any:
        from docx.oxml import OxmlElement

        run = OxmlElement("w:r")
        if style or language:
            properties = OxmlElement("w:rPr")
            if style:
                properties.append(_element("w:rStyle", val=self.style_id(style)))
            if language:
                properties.append(_element("w:lang", val=language))
            run.append(properties)
        for part in re.split(r"([\t\n])", remove_invalid_xml_characters(text)):
            if part == "\t":
                run.append(OxmlElement("w:tab"))
            elif part == "\n":
                run.append(OxmlElement("w:br"))
            elif part:
                element = OxmlElement("w:t")
                element.text = part
                element.set(_XML_SPACE, "preserve")
                run.append(element)
        paragraph.append(run)
        return run

    def add_bookmark(self, paragraph: Any, name: str) -> None:
        """Put a bookmark round the text of a paragraph, behind its properties."""
        start = _element("w:bookmarkStart", id=str(self.bookmarks), name=name)
        properties = paragraph.find(f"{_W}pPr")
        if properties is not None:
            properties.addnext(start)
        else:
            paragraph.insert(0, start)
        paragraph.append(_element("w:bookmarkEnd", id=str(self.bookmarks)))
        self.bookmarks += 1

    def add_comment(self, paragraph: Any, text: str) -> None:
        from docx.text.run import Run

        runs = [Run(run, self.document.part) for run in paragraph.iter(f"{_W}r")]
        self.document.add_comment(runs, text=text, author=COMMENT_AUTHOR, initials=COMMENT_AUTHOR[:1])

    def style_id(self, name: str) -> str:
        if name not in self.style_ids:
            self.style_ids[name] = self.document.styles[name].style_id
        return self.style_ids[name]


def _format_citation(block: Block, language: str) -> str:
    """Return what is printed after a record's sentence; "" after the authors' own words."""
    if block.record is None:
        return ""
    edited = f", {choose_text(_EDITED, language)}" if block.is_edited else ""
    return f" [{block.record.citation}{edited}]"


def _element(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(f"{_W}{name}", value)
    return element


# --- Reading ----------------------------------------------------------------------------------------------------------


class NoteKind(StrEnum):
    """The kind of a note: text of an edited file that belongs to no field."""

    COMMENT = "comment"
    FOOTNOTE = "footnote"
    TEXT_BOX = "text_box"
    HEADING = "heading"  # a heading or quotation that was edited, or text outside the fields
    TABLE = "table"  # a table of another shape than the form's
    PICTURE = "picture"  # not taken over; the text counts them


@dataclass(frozen=True, slots=True)
class Note:
    """A text of an edited file that belongs to no field, with its author if it is a comment.

    `section_id` is "" before the first section.
    """

    kind: NoteKind
    section_id: str
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class EditedSection:
    """A section as it is in an edited file; `version` is the one that was exported."""

    section_id: str
    version: int
    fields: tuple[FieldContent, ...]


@dataclass(frozen=True, slots=True)
class EditedDraft:
    """An edited file: its sections, the notes, and the ids of exported sections that are no longer in it."""

    sections: tuple[EditedSection, ...]
    notes: tuple[Note, ...]
    missing: tuple[str, ...]


type Marks = dict[str, Any]  # built-in types only, because it crosses from the child process; see `_MarkReader`


def read_draft_docx(
    content: bytes, draft: Draft, form: Form, *, find_section: Callable[[str, int], DraftSection | None] | None = None,
    subtitle_lines: Sequence[str] = (),
) -> EditedDraft:  # fmt: skip
    """Return the sections of an edited file of this draft.

    `find_section` returns the section of an id and version as it was exported, if the draft has changed since. Raises
    DamagedDraftFile, DraftFileTooLarge, NotADraftFile or FileOfAnotherDraft.
    """
    marks = read_docx_marks(content)
    return match_sections(marks, draft, form, find_section=find_section, subtitle_lines=subtitle_lines)


def read_docx_marks(content: bytes) -> Marks:
    """Read a file in a child process, because a hostile one may crash or exhaust it."""
    try:
        return run_sandboxed(_read_marks, content, seconds=TIMEOUT_SECONDS, megabytes=MEMORY_LIMIT_MB)
    except (TimeLimitExceeded, MemoryLimitExceeded):
        raise DraftFileTooLarge from None
    except (ReaderCrashed, UnreadableReport):
        raise DamagedDraftFile from None


def match_sections(
    marks: Marks, draft: Draft, form: Form, *, find_section: Callable[[str, int], DraftSection | None] | None = None,
    subtitle_lines: Sequence[str] = (),
) -> EditedDraft:  # fmt: skip
    """Return the sections of a file from its marks. Raises NotADraftFile or FileOfAnotherDraft."""
    if marks["too_large"]:
        raise DraftFileTooLarge
    mark = next((match for name in marks["draft_marks"] if (match := _DRAFT_MARK.fullmatch(name))), None)
    if mark is None:
        raise NotADraftFile
    if (mark[1], int(mark[2])) != (draft.draft_id, draft.number):
        raise FileOfAnotherDraft(mark[1], int(mark[2]))
    return _Matcher(draft, form, find_section, (draft.title, *subtitle_lines)).match(marks)


@dataclass(slots=True)
class _Matcher:
    """Matcher of the pieces of a file with the sections that were exported."""

    draft: Draft
    form: Form
    find_section: Callable[[str, int], DraftSection | None] | None
    front: tuple[str, ...]  # the lines before the first section
    notes: list[Note] = field(default_factory=list)

    def match(self, marks: Marks) -> EditedDraft:
        """Return the sections of the draft that the file contains; everything else becomes a note."""
        sections: dict[str, EditedSection] = {}
        known = {section.section_id: section for section in self.draft.sections}
        gap_texts = {
            choose_text(form_field.gap, self.draft.language)
            for part in self.form.parts
            for form_field in part.fields
            if form_field.gap
        }
        for piece in marks["sections"]:
            match = _SECTION_MARK.fullmatch(piece["name"])
            base = None
            if match and match[1] in known and match[1] not in sections:
                base = self.find_base(known[match[1]], int(match[2]))
            section_id = base.section_id if base else ""
            if base is None:
                self.note_unplaced(piece)
            else:
                sections[section_id] = self.match_section(piece, base, int(match[2]) if match else base.version)
            for kind, author, text in piece["notes"]:
                if kind == NoteKind.COMMENT and author == COMMENT_AUTHOR and text in gap_texts:
                    continue
                self.notes.append(Note(NoteKind(kind), section_id, text, author))
        missing = tuple(one for one in known if one not in sections)
        return EditedDraft(tuple(sections.values()), tuple(self.notes), missing)

    def find_base(self, current: DraftSection, version: int) -> DraftSection:
        if current.version == version or self.find_section is None:
            return current
        return self.find_section(current.section_id, version) or current

    def match_section(self, piece: Marks, base: DraftSection, version: int) -> EditedSection:
        """Return a section; its heading, quotation and labels are ours, so a change to them becomes a note."""
        expected = [base.heading]
        if base.quotation is not None:
            expected += [*base.quotation.text.split("\n"), base.quotation.citation]
        self.note_changes(base.section_id, expected, piece["front"])
        part = self.form.part(base.part_id)
        fields: dict[str, FieldContent] = {}
        for field_piece in piece["fields"]:
            match = _FIELD_MARK.fullmatch(field_piece["name"])
            form_field = next((f for f in part.fields if match and f.field_id == match[2]), None)
            if form_field is None or match is None or match[1] != base.section_id or form_field.field_id in fields:
                text = "\n".join([field_piece["label"], *_lines_of(field_piece["content"])])
                self.notes.append(Note(NoteKind.HEADING, base.section_id, text))
                continue
            fields[form_field.field_id] = self.match_field(field_piece, base, form_field)
        printed = {one.field_id for one in base.fields}
        contents = [
            *(fields.get(one.field_id, one) for one in base.fields),
            *(one for one in fields.values() if one.field_id not in printed),
        ]
        order = [one.field_id for one in part.fields]
        contents.sort(key=lambda content: order.index(content.field_id))
        return EditedSection(base.section_id, version, tuple(one for one in contents if one.blocks or one.rows))

    def match_field(self, piece: Marks, base: DraftSection, form_field: FormField) -> FieldContent:
        """Return a field's content from its paragraphs (["p", mark, text, citation]) and tables (["table", rows])."""
        label = choose_text(form_field.label, self.draft.language)
        self.note_changes(base.section_id, [label], [piece["label"]])
        blocks: list[Block] = []
        lines: list[str] = []  # the authors' own words since the last sentence of a record
        rows: tuple[tuple[str, ...], ...] | None = None
        for paragraph in piece["content"]:
            if paragraph[0] == "table":
                table_rows = self.match_table(paragraph[1], base, form_field) if rows is None else None
                if table_rows is None:
                    text = "\n".join(" | ".join(cells) for cells in paragraph[1])
                    self.notes.append(Note(NoteKind.TABLE, base.section_id, text))
                rows = rows if table_rows is None else table_rows
                continue
            _kind, mark, text, citation = paragraph
            block = self.find_block(mark, base)
            if block is None or block.record is None:
                lines.append(text + citation)
                continue
            blocks.append(Block("\n".join(lines)))
            lines = []
            text = self.remove_citation(text, citation, block, base)
            if text.strip() or not block.text.strip():  # otherwise someone has deleted the sentence
                blocks.append(Block(text, block.record))
        if not piece["label"] and lines and lines[0] == label:
            lines = lines[1:]  # a new line was typed before the label, which moved the label and left the mark
        blocks.append(Block("\n".join(lines)))
        return FieldContent(form_field.field_id, join_blocks(blocks), rows or ())

    def match_table(
        self, cells: list[list[str]], base: DraftSection, form_field: FormField
    ) -> tuple[tuple[str, ...], ...] | None:
        """Return the rows of a table without its header; None if it does not have the form's columns."""
        if not form_field.columns or any(len(texts) != len(form_field.columns) for texts in cells):
            return None
        headings = [choose_text(column, self.draft.language) for column in form_field.columns]
        if cells and set(cells[0]) & set(headings):
            self.note_changes(base.section_id, headings, cells[0])
            cells = cells[1:]
        return tuple(map(tuple, cells))

    def remove_citation(self, text: str, citation: str, block: Block, base: DraftSection) -> str:
        """Return a sentence without the citation that was printed behind it, and with any text typed into that."""
        printed = _format_citation(block, self.draft.language)
        if citation.startswith(printed):
            return text + citation.removeprefix(printed)
        if not citation:
            return text.removesuffix(printed)  # a program that has no character styles
        self.note_changes(base.section_id, [printed.strip()], [citation.strip()])
        return text

    def find_block(self, mark: str, base: DraftSection) -> Block | None:
        match = _BLOCK_MARK.fullmatch(mark)
        if match is None:
            return None
        section = base if match[1] == base.section_id else None
        section = section or next((one for one in self.draft.sections if one.section_id == match[1]), None)
        blocks = section.field(match[2]).blocks if section else ()
        return blocks[int(match[3])] if int(match[3]) < len(blocks) else None

    def note_changes(self, section_id: str, expected: Sequence[str], texts: Sequence[str]) -> None:
        """Keep what was typed into a heading, a quotation or a label."""
        remaining = [remove_invalid_xml_characters(text) for text in expected]
        for text in texts:
            if text in remaining:
                remaining.remove(text)
            elif text.strip():
                self.notes.append(Note(NoteKind.HEADING, section_id, text))

    def note_unplaced(self, piece: Marks) -> None:
        """Keep the text of a piece that is no section: the lines before the first, or a section of another draft."""
        is_front = not piece["name"]
        self.note_changes("", self.front if is_front else (), piece["front"])
        for field_piece in piece["fields"]:
            text = "\n".join([field_piece["label"], *_lines_of(field_piece["content"])])
            if text.strip():
                self.notes.append(Note(NoteKind.HEADING, "", text))


def _lines_of(content: list[Any]) -> list[str]:
    lines: list[str] = []
    for piece in content:
        if piece[0] == "table":
            lines.extend(" | ".join(cells) for cells in piece[1])
        else:
            lines.append(piece[2] + piece[3])
    return lines


# --- Child process ----------------------------------------------------------------------------------------------------

_PARTS = re.compile(r"word/(?:document|numbering|styles|comments|footnotes|endnotes)\.xml")


def _read_marks(content: bytes) -> Marks:
    """Return what a file contains, as built-in types. Raises UnreadableReport."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    parts: dict[str, Any] = {}
    remaining = MAX_PART_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if not _PARTS.fullmatch(member.filename):
                    continue
                with archive.open(member) as stream:
                    text = stream.read(remaining + 1)  # the size stated in the archive may be wrong
                remaining -= len(text)
                if remaining < 0:
                    return {"too_large": True}
                parts[member.filename.removeprefix("word/")] = etree.fromstring(text, parser)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise UnreadableReport("The file is damaged.") from error
    body = parts["document.xml"].find(f"{_W}body") if "document.xml" in parts else None
    if body is None:
        raise UnreadableReport("The file has no text.")
    return _MarkReader(parts).read(body)


def _attribute(element: Any, name: str = "val") -> str:
    return str(element.get(f"{_W}{name}") or "") if element is not None else ""


def _is_end_deleted(properties: Any) -> bool:
    """Return whether a tracked change has deleted the end of a paragraph, or moved it elsewhere."""
    if properties is None:
        return False
    return any(properties.find(f"{_W}rPr/{_W}{name}") is not None for name in ("del", "moveFrom"))


@dataclass(slots=True)
class _Unfinished:
    """A paragraph that is being read: the mark of its record, its list prefix, and (text, is a citation) of pieces."""

    block: str
    prefix: str
    pieces: list[tuple[str, bool]]


class _MarkReader:
    """Reader of the body of a document into sections, fields, paragraphs and tables.

    Tracked changes are accepted: what was inserted is read, what was deleted is not.
    """

    def __init__(self, parts: dict[str, Any]) -> None:
        self.list_styles = _read_list_styles(parts.get("styles.xml"))
        self.list_formats = _read_list_formats(parts.get("numbering.xml"))
        self.citation_styles = _read_citation_styles(parts.get("styles.xml"))
        self.comments = _read_notes(parts.get("comments.xml"), "comment")
        self.footnotes = _read_notes(parts.get("footnotes.xml"), "footnote")
        self.endnotes = _read_notes(parts.get("endnotes.xml"), "endnote")
        self.numbers: dict[tuple[str, int], int] = {}
        self.draft_marks: list[str] = []
        self.sections: list[Marks] = [_new_section("")]
        self.used_marks: set[str] = set()
        self.paragraphs = 0
        self.waiting_marks: list[str] = []
        self.unfinished: _Unfinished | None = None

    def read(self, body: Any) -> Marks:
        stack = list(reversed(body))
        while stack:
            element = stack.pop()
            name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "del"
            if name == "p":
                self.read_paragraph(element)
            elif name == "tbl":
                self.end_paragraph()
                self.add_content(["table", self.read_table(element)])
            elif name == "bookmarkStart":  # between paragraphs: it belongs to the next
                self.waiting_marks.append(_attribute(element, "name"))
            elif name not in ("del", "moveFrom", "sectPr"):
                stack.extend(reversed(element))
            if self.paragraphs > MAX_PARAGRAPHS:
                return {"too_large": True}
        self.end_paragraph()
        self.add_notes([("comment", comment_id) for comment_id in sorted(self.comments)])  # on text that was deleted
        return {"too_large": False, "draft_marks": self.draft_marks, "sections": self.sections}

    def read_paragraph(self, paragraph: Any) -> None:
        """Read a paragraph. One whose end was deleted continues in the next."""
        self.paragraphs += 1
        marks, pieces, notes = _read_inline(paragraph, self.citation_styles)
        marks = [mark for mark in [*self.waiting_marks, *marks] if self.is_new_mark(mark)]
        self.waiting_marks = []
        properties = paragraph.find(f"{_W}pPr")
        structural = next((mark for mark in marks if not mark.startswith("svb_")), "")
        if structural:
            self.end_paragraph()
            self.open_mark(structural, "".join(text for text, _ in pieces))
        else:
            if self.unfinished is None:
                self.unfinished = _Unfinished("", self.list_prefix(properties), [])
            self.unfinished.pieces.extend(pieces)
            block = next(iter(marks), "")
            if block and not self.unfinished.block and any(text for text, _ in pieces):
                self.unfinished.block = block
            if not _is_end_deleted(properties):
                self.end_paragraph()
        self.add_notes(notes)

    def end_paragraph(self) -> None:
        """Add the text that was read since the last end of a paragraph, unless there is none."""
        unfinished, self.unfinished = self.unfinished, None
        if unfinished is not None:
            text = "".join(text for text, is_citation in unfinished.pieces if not is_citation)
            citation = "".join(text for text, is_citation in unfinished.pieces if is_citation)
            prefix = "" if unfinished.block else unfinished.prefix
            self.add_content(["p", unfinished.block, prefix + text, citation])

    def is_new_mark(self, name: str) -> bool:
        """Return whether a bookmark is one of ours that was not met before; a copied one is text."""
        if not name.startswith(("svd_", "svs_", "svf_", "svb_")) or name in self.used_marks:
            return False
        self.used_marks.add(name)
        return True

    def open_mark(self, name: str, text: str) -> None:
        if name.startswith("svd_"):
            self.draft_marks.append(name)
            self.sections[-1]["front"].append(text)
        elif name.startswith("svs_"):
            self.sections.append(_new_section(name))
            self.sections[-1]["front"].append(text)
        elif name.startswith("svf_"):
            self.sections[-1]["fields"].append({"name": name, "label": text, "content": []})

    def add_content(self, piece: list[Any]) -> None:
        section = self.sections[-1]
        if section["fields"]:
            section["fields"][-1]["content"].append(piece)
        else:
            section["front"].extend(_lines_of([piece]))

    def add_notes(self, notes: Iterable[tuple[str, str]]) -> None:
        sources = {"comment": self.comments, "footnote": self.footnotes, "endnote": self.endnotes}
        for kind, value in notes:
            if kind in ("text_box", "picture"):
                self.sections[-1]["notes"].append((kind, "", value))
                continue
            note = sources[kind].pop(value, None)
            if note is not None:
                author, text = note
                self.sections[-1]["notes"].append(("footnote" if kind == "endnote" else kind, author, text))

    def read_table(self, table: Any) -> list[list[str]]:
        rows: list[list[str]] = []
        for table_row in table.iter(f"{_W}tr"):
            if table_row.find(f"{_W}trPr/{_W}del") is not None or _is_inside_other_table(table_row, table):
                continue
            cells: list[str] = []
            for cell in table_row.iterfind(f".//{_W}tc"):
                if _closest(cell, f"{_W}tr") is not table_row:
                    continue
                lines: list[str] = []
                for paragraph in cell.iter(f"{_W}p"):
                    if any(one.tag == f"{_W}txbxContent" for one in paragraph.iterancestors()):
                        continue
                    self.paragraphs += 1
                    _marks, pieces, notes = _read_inline(paragraph, self.citation_styles)
                    lines.append(self.list_prefix(paragraph.find(f"{_W}pPr")) + "".join(text for text, _ in pieces))
                    self.add_notes(notes)
                cells.append("\n".join(lines))
                span = _attribute(cell.find(f"{_W}tcPr/{_W}gridSpan"))
                cells.extend([""] * (min(int(span), 64) - 1 if span.isdecimal() else 0))
            rows.append(cells)
        return rows

    def list_prefix(self, properties: Any) -> str:
        """Return "- " or "1. " for an item of a list, indented by two spaces for each level."""
        if properties is None:
            return ""
        style = _attribute(properties.find(f"{_W}pStyle"))
        number = _attribute(properties.find(f"{_W}numPr/{_W}numId"))
        level = _attribute(properties.find(f"{_W}numPr/{_W}ilvl"))
        depth = int(level) if level.isdecimal() else 0
        list_style = self.list_styles.get(style)
        if list_style is not None and not number:
            number, depth = list_style.number, list_style.level
        if number in ("", "0"):
            return ""
        format_ = self.list_formats.get((number, min(depth, 8)), "bullet")
        if list_style is not None and number == list_style.number:  # LibreOffice repeats the style's list here
            depth += list_style.indent
        depth = min(depth, 8)
        indent = "  " * depth
        if format_ == "bullet":
            return f"{indent}- "
        if format_ == "none":
            return ""
        for deeper in [key for key in self.numbers if key[0] == number and key[1] > depth]:
            del self.numbers[deeper]
        self.numbers[number, depth] = self.numbers.get((number, depth), 0) + 1
        return f"{indent}{self.numbers[number, depth]}. "


def _new_section(name: str) -> Marks:
    return {"name": name, "front": [], "fields": [], "notes": []}


def _read_inline(
    paragraph: Any, citation_styles: frozenset[str]
) -> tuple[list[str], list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return a paragraph's bookmarks, its pieces of text (text, is a citation) and its notes (kind, id or text)."""
    marks: list[str] = []
    pieces: list[tuple[str, bool]] = []
    notes: list[tuple[str, str]] = []
    stack = [(child, False) for child in reversed(paragraph)]
    while stack:
        element, is_citation = stack.pop()
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rpartition("}")[2]
        match name:
            case "del" | "moveFrom" | "pPr" | "rPr" | "instrText" | "delText" | "delInstrText":
                continue
            case "bookmarkStart":
                marks.append(_attribute(element, "name"))
            case "t":
                pieces.append((element.text or "", is_citation))
            case "tab" | "ptab":
                pieces.append(("\t", is_citation))
            case "br" | "cr":
                pieces.append(("\n", is_citation))
            case "noBreakHyphen":
                pieces.append(("\u2011", is_citation))
            case "softHyphen":
                pieces.append(("\u00ad", is_citation))
            case "sym":
                code = _attribute(element, "char")
                if re.fullmatch(r"[0-9A-Fa-f]{4}", code) and not "D800" <= code.upper() <= "DFFF":
                    pieces.append((remove_invalid_xml_characters(chr(int(code, 16))), is_citation))
            case "commentReference":
                notes.append(("comment", _attribute(element, "id")))
            case "footnoteReference":
                notes.append(("footnote", _attribute(element, "id")))
            case "endnoteReference":
                notes.append(("endnote", _attribute(element, "id")))
            case "txbxContent":
                text = "\n".join(
                    "".join(text for text, _ in _read_inline(one, citation_styles)[1]) for one in element.iter(f"{_W}p")
                )
                if text.strip():
                    notes.append(("text_box", text))
            case "blip" | "imagedata":
                notes.append(("picture", "1"))
            case "r":
                style = _attribute(element.find(f"{_W}rPr/{_W}rStyle"))
                stack.extend((child, style in citation_styles) for child in reversed(element))
            case "AlternateContent":
                choice = element.find(f"{_MC}Choice")
                if choice is None:
                    choice = element.find(f"{_MC}Fallback")
                if choice is not None:
                    stack.extend((child, is_citation) for child in reversed(choice))
            case _:
                stack.extend((child, is_citation) for child in reversed(element))
    return marks, pieces, notes


def _closest(element: Any, tag: str) -> Any:
    return next((one for one in element.iterancestors(tag)), None)


def _is_inside_other_table(table_row: Any, table: Any) -> bool:
    return _closest(table_row, f"{_W}tbl") is not table


def _read_notes(part: Any, tag: str) -> dict[str, tuple[str, str]]:
    """Return (author, text) of each comment or footnote by its id; separators have none."""
    notes: dict[str, tuple[str, str]] = {}
    for element in part.iter(f"{_W}{tag}") if part is not None else ():
        text = "\n".join(
            "".join(text for text, _ in _read_inline(paragraph, frozenset())[1]) for paragraph in element.iter(f"{_W}p")
        ).strip()
        if text:
            notes[_attribute(element, "id")] = (_attribute(element, "author"), text)
    return notes


def _iter_styles(part: Any) -> Iterator[tuple[str, str, Any]]:
    for style in part.iter(f"{_W}style") if part is not None else ():
        yield _attribute(style, "styleId"), _attribute(style.find(f"{_W}name")), style


def _read_citation_styles(part: Any) -> frozenset[str]:
    """Return the ids of our citation style: programs may rename the id and keep the name, or the other way round."""
    wanted = {_CITATION_STYLE.casefold(), _CITATION_STYLE_ID.casefold()}
    return frozenset(
        style_id for style_id, name, _ in _iter_styles(part) if {style_id.casefold(), name.casefold()} & wanted
    )


@dataclass(frozen=True, slots=True)
class _ListStyle:
    """A style of list items: its list, their level in it, and how many levels deeper they are shown."""

    number: str
    level: int
    indent: int


def _read_list_styles(part: Any) -> dict[str, _ListStyle]:
    """Return the styles whose paragraphs are items of a list, by their ids.

    "List Bullet 2" and "List Bullet 3" each have a list of their own, of level 0, so their depth is in their name.
    """
    styles: dict[str, _ListStyle] = {}
    for style_id, name, style in _iter_styles(part):
        number = _attribute(style.find(f"{_W}pPr/{_W}numPr/{_W}numId"))
        level = _attribute(style.find(f"{_W}pPr/{_W}numPr/{_W}ilvl"))
        if number and not name.casefold().startswith("heading"):
            suffix = re.search(r" ([2-5])$", name)
            own_level = int(level) if level.isdecimal() else 0
            styles[style_id] = _ListStyle(number, own_level, int(suffix[1]) - 1 - own_level if suffix else 0)
    return styles


def _read_list_formats(part: Any) -> dict[tuple[str, int], str]:
    """Return the format ("bullet", "decimal" …) of each level of each list."""
    if part is None:
        return {}
    abstract = {
        _attribute(numbering, "abstractNumId"): {
            _attribute(level, "ilvl"): _attribute(level.find(f"{_W}numFmt")) for level in numbering.iter(f"{_W}lvl")
        }
        for numbering in part.iter(f"{_W}abstractNum")
    }
    formats: dict[tuple[str, int], str] = {}
    for number in part.iter(f"{_W}num"):
        levels = abstract.get(_attribute(number.find(f"{_W}abstractNumId")), {})
        first = levels.get("0", "bullet")
        for depth in range(9):
            formats[_attribute(number, "numId"), depth] = levels.get(str(depth), first)
    return formats
