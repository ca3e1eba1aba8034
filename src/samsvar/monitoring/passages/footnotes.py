"""Footnotes: functions that set them aside and find the notes that the markers in a text refer to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from samsvar.monitoring.passages.joining import join_lines
from samsvar.monitoring.passages.numbers import NUMBER
from samsvar.monitoring.passages.sheet import RULE, ReportLines
from samsvar.monitoring.report import SetAsideReason

MARKER = re.compile(r"(?:([⁰¹²³⁴-⁹]+|[*†‡§]{1,4})\s*|\[?(\d{1,3})[\])]?\s+)(?=\S)")
MARKS_IN_TEXT = re.compile(
    r"\s?[⁰¹²³⁴-⁹]+(?:[,\s][⁰¹²³⁴-⁹]+)*|(?<=\w)\s?[*∗†‡]{1,4}(?=\s|$)|(?<=[.;:,)])[*∗†‡]{1,4}(?=\s|$)"
)
MARK_CHARACTER = re.compile(r"[⁰¹²³⁴-⁹*∗†‡]")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹∗", "0123456789*")


def set_aside_footnotes(sheet: ReportLines) -> None:
    """Set aside small print with a marker at the bottom of a page, and notes that begin with a superscript number."""
    lines, small = sheet.lines, sheet.body_size * 0.93
    _record_notes(sheet, 1, [i for i, line in enumerate(lines) if line.aside is SetAsideReason.FOOTNOTE])
    previous_page_has_notes = False  # if True, small print may continue without a marker
    for page in sheet.report.pages:
        positions = [i for i in sheet.page_positions(page.number) if sheet.asides[i] is None]
        at_foot: list[int] = []
        for i in reversed(positions):
            line = lines[i]
            if 0 < line.size <= small or (RULE.fullmatch(line.text) and at_foot):
                at_foot.append(i)
            else:
                break
        at_foot.reverse()
        marked = [i for i in at_foot if MARKER.match(lines[i].text)]
        if not marked and not (previous_page_has_notes and at_foot):
            at_foot = []
        elif not previous_page_has_notes:
            at_foot = [i for i in at_foot if i >= marked[0] or RULE.fullmatch(lines[i].text)]
        if len(at_foot) == len(positions) and page.number == 1:
            at_foot = []
        for i in at_foot:
            sheet.asides[i] = SetAsideReason.FOOTNOTE
        previous_page_has_notes = bool(at_foot)
        _record_notes(sheet, page.number, at_foot)
        _set_aside_superscript_notes(sheet, page.number, positions)


def _set_aside_superscript_notes(sheet: ReportLines, page: int, positions: Sequence[int]) -> None:
    """Set aside full-size notes that begin with a superscript number: endnotes, or the notes of an old typescript."""
    lines, inside, note_positions = sheet.lines, False, []
    for i in positions:
        if sheet.asides[i] is not None:
            inside = False
            continue
        text = lines[i].text
        if text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹" and len(text) > 3:
            inside = True
        elif inside and (sheet.has_space_above(i) or NUMBER.match(text)):
            inside = False
        if inside:
            sheet.asides[i] = SetAsideReason.FOOTNOTE
            note_positions.append(i)
    _record_notes(sheet, page, note_positions)


def _record_notes(sheet: ReportLines, page: int, positions: Sequence[int]) -> None:
    """Record the text of each note by page and marker."""
    marker = ""
    texts: list[str] = []

    def record_note() -> None:
        if marker:
            note = join_lines(texts, sheet.hyphens)
            sheet.footnotes[page, marker] = note
            sheet.footnotes.setdefault((0, marker), note)

    for i in positions:
        text = sheet.lines[i].text
        match = MARKER.match(text)
        if match:
            record_note()
            marker, texts = (match[1] or match[2]).translate(_PLAIN_DIGITS), [text[match.end() :]]
        elif not RULE.fullmatch(text):
            texts.append(text)
    record_note()


def strip_markers(sheet: ReportLines, text: str, page: int) -> tuple[str, tuple[str, ...]]:
    """Return the text without its footnote markers, and the notes that these markers refer to."""
    if not sheet.footnotes or not MARK_CHARACTER.search(text):
        return text, ()
    notes: list[str] = []
    known = sheet.footnotes

    def remove_marker(match: re.Match[str]) -> str:
        is_text = False
        for marker in re.findall(r"[0-9]+|[*†‡]+", match[0].translate(_PLAIN_DIGITS)):
            note = known.get((page, marker)) or known.get((page + 1, marker)) or known.get((0, marker))
            if note:
                notes.append(note)
            else:
                is_text = True
        return match[0] if is_text else ""

    return MARKS_IN_TEXT.sub(remove_marker, text).strip(), tuple(notes)
