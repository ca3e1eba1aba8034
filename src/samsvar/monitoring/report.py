"""The values of a report that was read: pages of lines, passages, findings and the account of it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from samsvar.spans import Box, Span


class Strength(StrEnum):
    """How strongly a body asks, in one order for all bodies; *welcomes* is praise, where practices come from."""

    URGES = "urges"
    STRONGLY_ENCOURAGES = "strongly_encourages"
    ENCOURAGES = "encourages"
    INVITES = "invites"
    WELCOMES = "welcomes"

    @property
    def rank(self) -> int:
        """1 for the strongest (urges) to 5 (welcomes)."""
        return list(Strength).index(self) + 1


class Aside(StrEnum):
    """Why a line of the report is set aside on purpose."""

    RUNNING_HEAD = "running_head"
    PAGE_NUMBER = "page_number"
    FOOTNOTE = "footnote"
    CONTENTS = "contents"
    COVER = "cover"
    ANNEX = "annex"
    ORNAMENT = "ornament"  # rules, rows of dots or stars


@dataclass(frozen=True, slots=True)
class Line:
    """One line as printed. `size` is the font's size in points, 0.0 where the format knows none."""

    text: str
    box: Box
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    level: int = 0  # heading level 1..9 where the format itself says so (DOCX, HTML); 0 where it does not
    aside: Aside | None = None  # where the format itself says that the line is a head, a foot or a note


@dataclass(frozen=True, slots=True)
class Page:
    """One page of lines in reading order; width and height in points."""

    number: int  # counted from 1
    width: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A document as it was read. For formats without pages everything stands on page 1."""

    document: str  # the file's name, or what the caller calls it
    format: str  # "pdf" | "docx" | "html" | "text"
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered paragraph, or a lettered or bulleted point inside one, as published."""

    number: str  # "57", "57.a" or "95.39": kept as printed, never computed; "" where the passage has none
    text: str  # healed: line ends joined, hyphenation undone, running heads gone
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]  # one a page and column, in reading order
    headings: tuple[str, ...]  # path, outermost first
    span: Span  # where it stands in the reading's own text
    points: tuple[str, ...] = ()  # its lettered or bulleted points, as printed, in order
    bold: bool = False  # printed in bold, wholly or in its conclusion
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A conclusion of a monitoring body, pointing at its paragraph and page."""

    document: str
    body: str  # profile id: "grevio" | "committee_of_the_parties" | "upr" | "cedaw"
    state: str | None  # ISO 3166 code of the state under review (or EU, or an invented one)
    procedure: str | None  # "baseline" | "first_thematic" | "recommendation" | "conclusions" | "upr" …
    paragraph: str
    page: int
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]
    heading: str  # the path, joined with " › "
    articles: tuple[str, ...]  # numbers as strings: ("7", "10")
    strength: Strength | None
    verb: str  # the body's own word, as printed
    addressee: str | None  # as printed: "the authorities", "the Norwegian authorities"
    from_state: tuple[str, ...]  # recommending states (Universal Periodic Review), names as printed
    actions: tuple[str, ...]  # what is asked for: the lettered points, or the one sentence
    text: str
    language: str
    reader: str  # version of reader and profile, "grevio 1"
    deadline: str | None = None  # as printed
    cites: tuple[str, ...] = ()  # paragraph numbers, or "REFERENCE § n", that the text points at


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A line that was neither understood nor set aside: a person should look."""

    text: str
    page: int


@dataclass(frozen=True, slots=True)
class Account:
    """The closed books of a reading, in characters without white space: read = understood + set aside + unexplained."""

    read: int
    understood: int
    set_aside: dict[str, int]  # by Aside value
    unexplained: tuple[Unexplained, ...]
    notes: tuple[str, ...] = ()  # what a person should know: an appendix that disagrees, numbers that jump

    @property
    def unexplained_characters(self) -> int:
        return sum(len("".join(line.text.split())) for line in self.unexplained)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one document."""

    document: str
    body: str
    state: str | None
    procedure: str | None
    reference: str | None  # as printed: "GREVIO/Inf(2020)14"
    published: date | None
    language: str
    format: str
    page_count: int
    page_sizes: tuple[tuple[float, float], ...]
    text: str  # the report's own text, in which every passage's span stands
    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...]
    account: Account
    reader: str
    source_hash: str = field(default="")
