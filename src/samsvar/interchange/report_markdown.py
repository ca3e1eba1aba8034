"""Export of reports as Markdown: headings, paragraphs, lists and tables as plain text that any editor opens."""

from __future__ import annotations

import re

from samsvar.meetings.report import BulletList, MeetingReport, Paragraph, ReportHeading, Table

# Characters that would turn a writer's own text into markup, and what makes the start of a line a heading or a list.
_MARKUP = re.compile(r"([\\`*_\[\]<>|])")
_LINE_START = re.compile(r"^ *(\d*)([#+~=.)-])", re.MULTILINE)


def render_markdown(report: MeetingReport) -> str:
    """Return the report as CommonMark with tables. Texts of writers stay text: their special characters are escaped."""
    parts = [f"# {_escape_line(report.title)}", *(_escape_line(line) for line in report.subtitle_lines)]
    if report.notice:
        parts.append(f"**{_escape_line(report.notice)}**")
    for number, block in report.numbered_blocks():
        match block:
            case ReportHeading():
                parts.append(f"{'#' * (block.level + 1)} {number} {_escape_line(block.text)}")
            case Paragraph():
                parts.append(_escape_text(block.text))
            case BulletList():
                parts.append("\n".join(f"- {_escape_line(item.text)}" for item in block.items))
            case Table():
                parts.append(f"*{_escape_line(block.caption)}*")
                rows = [block.columns, ("---",) * len(block.columns), *block.rows]
                parts.append("\n".join(_table_row(row, is_rule=row[:1] == ("---",)) for row in rows))
    return "\n\n".join(parts) + "\n"


def _table_row(cells: tuple[str, ...], *, is_rule: bool) -> str:
    return f"| {' | '.join(cell if is_rule else _escape_line(cell) for cell in cells)} |"


def _escape_text(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.splitlines())  # an indented line would be code
    return _LINE_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", lines)).strip("\n")


def _escape_line(text: str) -> str:
    return _escape_text(" ".join(text.split()))
