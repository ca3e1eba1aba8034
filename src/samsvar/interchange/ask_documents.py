"""Workbooks and Word documents made for one ask: an official fills one in offline and returns it.

Each carries a reference (the id of the ask, its edition, and a checksum of the questions) as visible text, because that
survives every office program; properties and content controls do not. A file that was made for another ask, for an
older edition, or whose questions were changed, is refused by an error that says so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samsvar.errors import (
    InterchangeError,
    MemoryLimitExceeded,
    MonitoringError,
    ReaderCrashed,
    TimeLimitExceeded,
    UnreadableTable,
)
from samsvar.implementation.asks import AskAnswer, AskQuestion, checksum_of_questions, clean_answer
from samsvar.interchange.report_docx import MAX_PROPERTY_LENGTH, mark_as_header_row, set_language
from samsvar.interchange.workbooks import read_workbook
from samsvar.monitoring.docx import parse_docx_parts
from samsvar.monitoring.sandbox import run_sandboxed
from samsvar.text import remove_invalid_xml_characters

MAX_FILE_BYTES: Final = 2 * 1024 * 1024  # sixty long answers have 0.2 MB; the file has no pictures
TIMEOUT_SECONDS: Final = 20.0
MEMORY_LIMIT_MB: Final = 512
FIELDS: Final = ("text", "figures", "evidence", "no_answer_because")  # in the order of columns and rows

_REFERENCE = re.compile(r"SAMSVAR-ASK\s+([0-9a-f]{16})\s+([0-9]{1,4})\s+([0-9a-f]{16})")
# The columns of the workbook: number, finding, question, the four fields, and the id of the question.
_FIRST_FIELD, _ID = 3, 7


class AskDocumentRefused(InterchangeError):
    """Base class of the reasons for which a returned file is refused."""

    advice = "Download the file of this ask again, copy the answers into it, and return that file."


class NotAnAskDocument(AskDocumentRefused):
    """Raised when a file is not one that was made for an ask, or has lost its reference."""

    def __init__(self) -> None:
        super().__init__("The file has no reference to an ask.")


class DocumentOfAnotherAsk(AskDocumentRefused):
    """Raised when a file was made for another ask."""

    advice = "Open the link of the ask that the file belongs to, and upload it there."

    def __init__(self) -> None:
        super().__init__("The file was made for another ask.")


class DocumentOfOlderEdition(AskDocumentRefused):
    """Raised when the ask was sent again, or sent back, after the file was downloaded."""

    def __init__(self) -> None:
        super().__init__("The ask was sent again or sent back after this file was downloaded.")


class QuestionChanged(AskDocumentRefused):
    """Raised when a question in the file has another text than the one that was asked."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The text of question {number} was changed in the file.")
        self.number = number


class QuestionMissing(AskDocumentRefused):
    """Raised when a question is no longer in the file, or its row or table was altered."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Question {number} is missing in the file, or its fields were removed.")
        self.number = number


class QuestionRepeated(AskDocumentRefused):
    """Raised when a question is in the file several times, so that its answer is not certain."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Question {number} is in the file more than once.")
        self.number = number


@dataclass(frozen=True, slots=True)
class AskForm:
    """The questions of one edition of an ask. `ask_id` has 16 hexadecimal digits; editions count from 1."""

    ask_id: str
    edition: int
    questions: tuple[AskQuestion, ...]

    @property
    def reference(self) -> str:
        return f"SAMSVAR-ASK {self.ask_id} {self.edition} {checksum_of_questions(self.questions)}"


@dataclass(frozen=True, slots=True)
class AskDocumentTexts:
    """The texts around the questions, in the language of the official."""

    language: str
    title: str
    instructions: tuple[str, ...]
    number: str
    finding: str
    question: str
    fields: Mapping[str, str]  # by the names in `FIELDS`
    key: str  # the heading of the column of ids
    reference: str


def write_ask_xlsx(form: AskForm, answers: Mapping[str, AskAnswer], texts: AskDocumentTexts) -> bytes:
    """Return a workbook with one row per question. Only the cells of answers can be edited; there is no password."""
    import xlsxwriter  # imported here because it is slow to import and rarely needed

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": _clean(texts.title)[:MAX_PROPERTY_LENGTH], "author": ""})
        bold = workbook.add_format({"bold": True})
        heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        fixed = workbook.add_format({"text_wrap": True, "valign": "top"})
        grey = workbook.add_format({"font_color": "#595959", "valign": "top"})
        answer_cell = workbook.add_format(
            {"text_wrap": True, "valign": "top", "locked": False, "border": 1, "num_format": "@"}
        )
        sheet = workbook.add_worksheet()
        sheet.write_string(0, 0, _clean(texts.title), bold)
        lines = [*texts.instructions, f"{texts.reference}: {form.reference}"]
        for line, text in enumerate(lines, start=1):
            sheet.write_string(line, 0, _clean(text))
        top = len(lines) + 2
        headings = [texts.number, texts.finding, texts.question, *(texts.fields[name] for name in FIELDS), texts.key]
        for column, text in enumerate(headings):
            sheet.write_string(top, column, _clean(text), heading)
        for number, question in enumerate(form.questions, start=1):
            line = top + number
            sheet.write_number(line, 0, number, fixed)
            sheet.write_string(line, 1, _finding_text(question), fixed)
            sheet.write_string(line, 2, _clean(question.text), fixed)
            for column, text in enumerate(_to_texts(answers.get(question.id)), start=_FIRST_FIELD):
                # a blank cell, too, has a format: without one it would be locked
                sheet.write_string(line, column, text, answer_cell) if text else sheet.write_blank(
                    line, column, None, answer_cell
                )
            sheet.write_string(line, _ID, question.id, grey)
        for column, width in enumerate((5, 45, 40, 50, 30, 30, 25, 18)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(top + 1, 0)
        sheet.protect("", {"format_rows": True, "format_columns": True, "format_cells": True})
    return buffer.getvalue()


def write_ask_docx(form: AskForm, answers: Mapping[str, AskAnswer], texts: AskDocumentTexts) -> bytes:
    """Return a Word document with one table per question: the question in the first row, the fields below."""
    from docx import Document  # imported here because it is rarely needed
    from docx.shared import Cm, Pt

    document: Any = Document()
    properties = document.core_properties
    properties.title = _clean(texts.title)[:MAX_PROPERTY_LENGTH]
    properties.language, properties.author, properties.comments = texts.language, "", ""
    set_language(document.styles["Normal"].element, texts.language)
    document.add_heading(_clean(texts.title), 0)
    for text in texts.instructions:
        document.add_paragraph(_clean(text))
    document.add_paragraph(f"{_clean(texts.reference)}: {form.reference}")
    for number, question in enumerate(form.questions, start=1):
        document.add_heading(f"{_clean(texts.question)} {number}", 1)
        table = document.add_table(rows=1 + len(FIELDS), cols=2)
        table.style = "Table Grid"
        table.autofit = False
        first = table.rows[0]
        first.cells[0].text = f"{_clean(texts.question)} {number}"
        id_ = first.cells[0].add_paragraph().add_run(question.id)
        id_.font.size = Pt(7)
        first.cells[1].text = _question_text(question)
        mark_as_header_row(first)
        labels = [texts.fields[name] for name in FIELDS]
        for table_row, label, text in zip(table.rows[1:], labels, _to_texts(answers.get(question.id)), strict=True):
            table_row.cells[0].text = _clean(label)
            table_row.cells[1].text = text
        for table_row in table.rows:
            table_row.cells[0].width, table_row.cells[1].width = Cm(4), Cm(12)
        document.add_paragraph()
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read_ask_document(content: bytes, form: AskForm) -> dict[str, AskAnswer]:
    """Return the answers in a returned XLSX or DOCX, by id of the question; each question of the form has one.

    The file is opened only in a child process. Raises AskDocumentRefused if it does not belong to this edition of the
    ask, and UnreadableTable if it cannot be read.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableTable("table_too_large", f"The file is larger than {MAX_FILE_BYTES // 1_048_576} MB.")
    lines, records = _read_records(content)
    _check_reference(lines, form)
    answers: dict[str, AskAnswer] = {}
    for number, question in enumerate(form.questions, start=1):
        matching = [record for record in records if record.id == question.id]
        if len(matching) > 1:
            raise QuestionRepeated(number)
        if not matching or len(matching[0].fields) != len(FIELDS):
            raise QuestionMissing(number)
        if _squeeze(matching[0].question) != _squeeze(_question_text(question)):
            raise QuestionChanged(number)
        answers[question.id] = clean_answer(*matching[0].fields)
    return answers


@dataclass(frozen=True, slots=True)
class _Record:
    """What a file says about one question."""

    id: str
    question: str  # citation, quotation and text
    fields: tuple[str, ...]


def _read_records(content: bytes) -> tuple[list[str], list[_Record]]:
    """Return every text of the file, in which the reference is searched, and the records of its questions."""
    if _is_docx(content):
        lines, tables = _read_docx(content)
        return lines, list(_iter_docx_records(tables))
    rows = [row for _name, rows in read_workbook(content) for row in rows]
    return [cell for row in rows for cell in row], list(_iter_xlsx_records(rows))


def _iter_xlsx_records(rows: Iterable[Sequence[str]]) -> Iterator[_Record]:
    for cells in rows:
        if len(cells) > _ID and cells[_ID].strip():
            fields = tuple(cells[_FIRST_FIELD : _FIRST_FIELD + len(FIELDS)])
            yield _Record(cells[_ID].strip(), f"{cells[1]}\n{cells[2]}", fields)


def _iter_docx_records(tables: Iterable[Sequence[Sequence[str]]]) -> Iterator[_Record]:
    for rows in tables:
        if rows and len(rows[0]) == 2:
            id_ = rows[0][0].rpartition("\n")[2].strip()
            fields = tuple(row[1] for row in rows[1:] if len(row) == 2)
            yield _Record(id_, rows[0][1], fields if len(rows) == 1 + len(fields) else ())


def _check_reference(lines: Iterable[str], form: AskForm) -> None:
    references = {match.groups() for line in lines for match in _REFERENCE.finditer(line)}
    if not references:
        raise NotAnAskDocument
    if len(references) > 1 or any(ask_id != form.ask_id for ask_id, _edition, _checksum in references):
        raise DocumentOfAnotherAsk
    ((_ask_id, edition, checksum),) = references
    if int(edition) != form.edition or checksum != checksum_of_questions(form.questions):
        raise DocumentOfOlderEdition


def _to_texts(answer: AskAnswer | None) -> tuple[str, ...]:
    """Return the four fields as text for cells, links one per line."""
    answer = answer or AskAnswer()
    return answer.text, answer.figures, "\n".join(answer.evidence), answer.no_answer_because


def _finding_text(question: AskQuestion) -> str:
    return "\n".join(filter(None, (_clean(question.citation), _clean(question.quotation))))


def _question_text(question: AskQuestion) -> str:
    return "\n".join(filter(None, (_finding_text(question), _clean(question.text))))


def _clean(text: str) -> str:
    return remove_invalid_xml_characters(text)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _is_docx(content: bytes) -> bool:
    """Return whether the file says that it is a Word document; the child process finds out whether it is one."""
    return content.startswith(b"PK") and b"word/document.xml" in content


# --- Child process ----------------------------------------------------------------------------------------------------

type _Tables = list[list[list[str]]]


def _read_docx(content: bytes) -> tuple[list[str], _Tables]:
    try:
        return run_sandboxed(_read_docx_texts, content, seconds=TIMEOUT_SECONDS, megabytes=MEMORY_LIMIT_MB)
    except (TimeLimitExceeded, MemoryLimitExceeded):
        raise UnreadableTable("table_unpacks_too_large", "The document is too large once it is unpacked.") from None
    except (ReaderCrashed, MonitoringError):
        raise UnreadableTable("table_damaged", "The document is damaged, or protected by a password.") from None


def _read_docx_texts(content: bytes) -> tuple[list[str], _Tables]:
    """Return the text of each paragraph, and the cells of each table: table → row → cell."""
    root = parse_docx_parts(content, "document")["word/document.xml"]
    lines = [_paragraph_text(paragraph) for paragraph in root.iter("{*}p")]
    tables = [
        [
            ["\n".join(map(_paragraph_text, cell.iter("{*}p"))) for cell in _find_below(table_row, "tc", stop="tbl")]
            for table_row in _find_below(table, "tr", stop="tbl")
        ]
        for table in root.iter("{*}tbl")
    ]
    return lines, tables


def _find_below(parent: Any, name: str, *, stop: str) -> Iterator[Any]:
    """Yield the elements with this name below a parent, also inside content controls, but not inside another `stop`."""
    stack = list(reversed(parent))
    while stack:
        element = stack.pop()
        local_name = _local_name(element)
        if local_name == name:
            yield element
        elif local_name not in (stop, "del", "moveFrom"):
            stack.extend(reversed(element))


def _paragraph_text(paragraph: Any) -> str:
    """Return a paragraph's text with tracked insertions and without tracked deletions, as if all were accepted."""
    texts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        match _local_name(element):
            case "t":
                texts.append(element.text or "")
            case "tab":
                texts.append("\t")
            case "br" | "cr":
                texts.append("\n")
            case "noBreakHyphen":
                texts.append("-")
            case "pPr" | "rPr" | "del" | "moveFrom" | "Fallback" | "p":
                pass  # properties, deleted text, a copy for old programs; a paragraph of a text box comes by itself
            case _:
                stack.extend(reversed(element))
    return "".join(texts)


def _local_name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
