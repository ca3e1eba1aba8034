"""A report written as DOCX: real headings, lists and tables, each with its language, so that it can be read aloud."""

from __future__ import annotations

import io
import re
from typing import Any

from samsvar.meetings.report import Heading, Items, MeetingReport, Paragraph, Table

LONGEST_PROPERTY = 255  # characters, as python-docx takes them
_XML_HAS_NO = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def docx_bytes(report: MeetingReport) -> bytes:
    """The report as an Office Open XML document. What people wrote is text and nothing else in it."""
    from docx import Document  # here, since few callers write one

    document: Any = Document()
    document.core_properties.title = _plain(report.title)[:LONGEST_PROPERTY]
    document.core_properties.language = report.language
    document.core_properties.author = ""
    document.core_properties.comments = ""
    _speak(document.styles["Normal"].element, report.language)
    document.add_heading(_plain(report.title), 0)
    for line in report.under:
        document.add_paragraph(_plain(line))
    if report.notice:
        document.add_paragraph().add_run(_plain(report.notice)).bold = True
    for number, part in report.numbered():
        match part:
            case Heading():
                document.add_heading(_plain(f"{number} {part.text}"), part.level)
            case Paragraph():
                _write(document.add_paragraph(), part)
            case Items():
                for one in part.items:
                    _write(document.add_paragraph(style="List Bullet"), one)
            case Table():
                _table(document, part)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _write(paragraph: Any, said: Paragraph) -> None:
    run = paragraph.add_run(_plain(said.text))
    if said.language:
        _speak(run._element, said.language)


def _table(document: Any, part: Table) -> None:
    caption = document.add_paragraph()
    caption.add_run(_plain(part.caption)).italic = True
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(part.columns))
    table.style = "Light List"
    for cell, heading in zip(table.rows[0].cells, part.columns, strict=True):
        cell.text = _plain(heading)
    _repeat_on_each_page(table.rows[0])
    for row in part.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = _plain(value)
    document.add_paragraph()


def _repeat_on_each_page(row: Any) -> None:
    """Mark a row as the table's heading, for readers of the page and of the screen."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _speak(element: Any, language: str) -> None:
    """Say in which language something is, so that it is read aloud and spelled as it should be."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = element.get_or_add_rPr()
    said = properties.find(qn("w:lang"))
    if said is None:
        said = OxmlElement("w:lang")
        properties.append(said)
    said.set(qn("w:val"), language)


def _plain(text: str) -> str:
    return _XML_HAS_NO.sub("", text)
