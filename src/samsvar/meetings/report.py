"""The report of a meeting as plain blocks (headings, paragraphs, lists, tables), independent of the file format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportHeading:
    """A heading of level 1 to 3; its number is added when the report is written."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `language` is set only where it differs from the report's language."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class BulletList:
    """A bulleted list."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with column headings."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


type ReportBlock = ReportHeading | Paragraph | BulletList | Table


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """A report in one language. `notice` is printed on the first page, for example if the meeting is fictional."""

    title: str
    language: str
    subtitle_lines: tuple[str, ...]  # printed below the title: dates, place, organisers
    blocks: tuple[ReportBlock, ...]
    notice: str = ""

    def numbered_blocks(self) -> tuple[tuple[str, ReportBlock], ...]:
        """Return each block with its number: "2.1" for headings of levels 1 and 2, "" for everything else."""
        counts = [0, 0, 0]
        blocks: list[tuple[str, ReportBlock]] = []
        for block in self.blocks:
            number = ""
            if isinstance(block, ReportHeading):
                counts[block.level - 1] += 1
                counts[block.level :] = [0] * (len(counts) - block.level)
                number = ".".join(str(one) for one in counts[: block.level])
            blocks.append((number, block))
        return tuple(blocks)
