"""Export of meeting reports as DOCX, with real headings, lists, tables and languages for screen readers."""

from __future__ import annotations

import io
from typing import Any

from samsvar.meetings.report import BulletList, MeetingReport, Paragraph, ReportHeading, Table
from samsvar.text import remove_invalid_xml_characters

MAX_PROPERTY_LENGTH = 255  # characters, the maximum that python-docx accepts


def render_docx(report: MeetingReport) -> bytes:
    """Return the report as an Office Open XML document. Texts written by participants are inserted as plain text."""
    from docx import Document  # imported here because it is rarely needed

    document: Any = Document()
    document.core_properties.title = remove_invalid_xml_characters(report.title)[:MAX_PROPERTY_LENGTH]
    document.core_properties.language = report.language
    document.core_properties.author = ""
    document.core_properties.comments = ""
    set_language(document.styles["Normal"].element, report.language)
    document.add_heading(remove_invalid_xml_characters(report.title), 0)
    for line in report.subtitle_lines:
        document.add_paragraph(remove_invalid_xml_characters(line))
    if report.notice:
        document.add_paragraph().add_run(remove_invalid_xml_characters(report.notice)).bold = True
    for number, part in report.numbered_blocks():
        match part:
            case ReportHeading():
                document.add_heading(remove_invalid_xml_characters(f"{number} {part.text}"), part.level)
            case Paragraph():
                _write_paragraph(document.add_paragraph(), part)
            case BulletList():
                for item in part.items:
                    _write_paragraph(document.add_paragraph(style="List Bullet"), item)
            case Table():
                _write_table(document, part)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _write_paragraph(paragraph: Any, content: Paragraph) -> None:
    run = paragraph.add_run(remove_invalid_xml_characters(content.text))
    if content.language:
        set_language(run._element, content.language)


def _write_table(document: Any, part: Table) -> None:
    caption = document.add_paragraph()
    caption.add_run(remove_invalid_xml_characters(part.caption)).italic = True
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(part.columns))
    table.style = "Light List"
    for cell, heading in zip(table.rows[0].cells, part.columns, strict=True):
        cell.text = remove_invalid_xml_characters(heading)
    mark_as_header_row(table.rows[0])
    for row in part.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = remove_invalid_xml_characters(value)
    document.add_paragraph()


def mark_as_header_row(row: Any) -> None:
    """Mark a row as the table's header, for printed pages and screen readers."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def set_language(element: Any, language: str) -> None:
    """Set the language of an element, for screen readers and spell checkers."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = element.get_or_add_rPr()
    language_element = properties.find(qn("w:lang"))
    if language_element is None:
        language_element = OxmlElement("w:lang")
        properties.append(language_element)
    language_element.set(qn("w:val"), language)
