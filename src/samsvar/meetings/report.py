"""The report of a meeting as plain parts: headings, paragraphs, lists and tables, whatever they are written as."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3; numbers are given when it is written."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `language` where it is not the report's own."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


type Part = Heading | Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """A whole report in one language. `notice` stands on its first page: that the meeting is invented."""

    title: str
    language: str
    under: tuple[str, ...]  # below the title: days, place, organisers
    parts: tuple[Part, ...]
    notice: str = ""

    def numbered(self) -> tuple[tuple[str, Part], ...]:
        """Each part with its number: "2.1" for headings of levels 1 and 2, "" for everything else."""
        counts = [0, 0, 0]
        found: list[tuple[str, Part]] = []
        for part in self.parts:
            number = ""
            if isinstance(part, Heading):
                counts[part.level - 1] += 1
                counts[part.level :] = [0] * (len(counts) - part.level)
                number = ".".join(str(one) for one in counts[: part.level])
            found.append((number, part))
        return tuple(found)
