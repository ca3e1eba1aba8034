"""Splitting of a report into numbered passages under their headings; lines that are not text are set aside.

Paragraphs are recognised by their printed numbers, which follow one another at the same margin. A year at the start of
a line or the "1." of a list is not a paragraph number, because the next number does not follow it in the right place.
Only position, size, weight and order are used, so this works in any language.
"""

from __future__ import annotations

from dataclasses import dataclass

from samsvar.monitoring.passages.builder import PassageBuilder
from samsvar.monitoring.passages.footnotes import set_aside_footnotes
from samsvar.monitoring.passages.numbers import find_paragraph_numbers
from samsvar.monitoring.passages.set_aside import (
    find_annex_start,
    set_aside_contents,
    set_aside_cover,
    set_aside_running_heads,
)
from samsvar.monitoring.passages.sheet import ReportLines
from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Line, Passage, Report, SetAsideReason


@dataclass(frozen=True, slots=True)
class SplitReport:
    """A report split into passages. Each line is either part of the text, set aside for a reason, or unexplained."""

    text: str  # the report's own text: headings, passages and annex, rejoined, one paragraph per line
    passages: tuple[Passage, ...]
    annex: tuple[Passage, ...]  # passages of the annexes: used to check the main text, never added to it
    cover: tuple[Line, ...]
    understood: tuple[Line, ...]
    asides: tuple[tuple[Line, SetAsideReason], ...]
    unexplained: tuple[Line, ...]


def split_into_passages(report: Report, profile: Profile) -> SplitReport:
    """Split a report into passages in reading order, and record for each line whether it was used or set aside."""
    sheet = ReportLines(report)
    set_aside_running_heads(sheet)
    if all(sheet.asides):  # nothing but the same few words on every page: those words are the text
        sheet.asides = [line.aside for line in sheet.lines]
    set_aside_contents(sheet)
    set_aside_footnotes(sheet)
    sheet.measure_margins()
    body_end = find_annex_start(sheet, profile)
    numbers = find_paragraph_numbers(sheet, 0, body_end)
    set_aside_cover(sheet, numbers, body_end, profile)
    builder = PassageBuilder(sheet)
    passages = builder.build_passages(0, body_end, numbers)
    if not passages and body_end:  # the report consists of headings only: treat them as text
        builder = PassageBuilder(sheet, without_headings=True)
        passages = builder.build_passages(0, body_end, numbers)
    annex = builder.build_passages(
        body_end, len(sheet.lines), find_paragraph_numbers(sheet, body_end, len(sheet.lines))
    )
    return _build_split_report(sheet, builder, body_end, passages, annex)


def _build_split_report(
    sheet: ReportLines,
    builder: PassageBuilder,
    body_end: int,
    passages: tuple[Passage, ...],
    annex: tuple[Passage, ...],
) -> SplitReport:
    """Assemble the result, dividing the lines into understood, set aside and unexplained ones."""
    asides, understood, unexplained, cover = [], [], [], []
    for position, line in enumerate(sheet.lines):
        aside = sheet.asides[position]
        if aside is not None:
            asides.append((line, aside))
            if aside is SetAsideReason.COVER:
                cover.append(line)
        elif position >= body_end:
            asides.append((line, SetAsideReason.ANNEX))
        elif position in builder.unexplained:
            unexplained.append(line)
        else:
            understood.append(line)
    return SplitReport(
        text=builder.get_text(),
        passages=passages,
        annex=annex,
        cover=tuple(cover),
        understood=tuple(understood),
        asides=tuple(asides),
        unexplained=tuple(unexplained),
    )
