"""The data classes of a processed report: pages, lines, passages, findings and the extraction report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from samsvar.spans import Box, Span


class Strength(StrEnum):
    """The strength of a conclusion, on one scale for all bodies; *welcomes* is praise and marks good practices."""

    URGES = "urges"
    STRONGLY_ENCOURAGES = "strongly_encourages"
    ENCOURAGES = "encourages"
    INVITES = "invites"
    WELCOMES = "welcomes"

    @property
    def rank(self) -> int:
        """Return the rank, from 1 for the strongest (urges) to 5 (welcomes)."""
        return list(Strength).index(self) + 1


class StatePosition(StrEnum):
    """The position of the state under review on a recommendation, where the report prints it.

    A recommendation that the state did not support, or rejected, is *noted*: the Human Rights Council's term for every
    recommendation that does not enjoy support (resolution 5/1, annex, paragraph 32).
    """

    SUPPORTED = "supported"
    NOTED = "noted"
    UNDER_CONSIDERATION = "under_consideration"  # the state will reply by the Council's session
    ALREADY_IMPLEMENTED = "already_implemented"  # supported, and implemented or being implemented


class SetAsideReason(StrEnum):
    """The reason for which a line of the report was set aside."""

    RUNNING_HEAD = "running_head"
    PAGE_NUMBER = "page_number"
    FOOTNOTE = "footnote"
    CONTENTS = "contents"
    COVER = "cover"
    ANNEX = "annex"
    ORNAMENT = "ornament"  # rules, rows of dots or stars


@dataclass(slots=True)  # not frozen: a report has thousands, and building a frozen one takes four times as long
class Line:
    """A line as printed. `size` is the font size in points, 0.0 if the format has none."""

    text: str
    box: Box
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    level: int = 0  # heading level 1 to 9 if the format itself gives one (DOCX, HTML), else 0
    aside: SetAsideReason | None = None  # set if the format itself marks the line as a header, a footer or a note


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its lines in reading order; width and height are in points."""

    number: int  # counted from 1
    width: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A document and its pages. In formats without pages, everything is on page 1."""

    document: str  # the file's name, or the name given by the caller
    format: str  # "pdf" | "docx" | "html" | "text"
    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()  # for a person to check: pages that are damaged or may be in the wrong order


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered paragraph, or a lettered or bulleted point in one, as published."""

    number: str  # "57", "57.a" or "95.39": as printed, never computed; "" if the passage has none
    text: str  # rejoined: line ends joined, hyphenation undone, running heads removed
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]  # one per page and column, in reading order
    headings: tuple[str, ...]  # path, outermost first
    span: Span  # position in the text of the reading
    points: tuple[str, ...] = ()  # its lettered or bulleted points, as printed, in order
    bold: bool = False  # printed in bold, as a whole or in its conclusion
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A conclusion of a monitoring body, with its paragraph and page."""

    document: str
    body: str  # profile id: "grevio" | "committee_of_the_parties" | "upr" | "cedaw" | "special_procedures"
    state: str | None  # ISO 3166 code of the state under review (or EU, or a fictional one)
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
    actions: tuple[str, ...]  # what the body asks for: the lettered points, or the sentence
    text: str
    language: str
    reader: str  # id and version of the profile: "grevio 1"
    deadline: str | None = None  # as printed
    cites: tuple[str, ...] = ()  # paragraph numbers, or "REFERENCE § n", that the text cites
    # its own part of `text`, if the paragraph has several conclusions: their parts follow each other without a gap
    part: Span | None = None
    state_position: StatePosition | None = None  # of the state under review, where a review's report prints it

    @property
    def own_text(self) -> str:
        """The finding's own part of the paragraph, from its sentence to the next conclusion; usually all of it."""
        return self.text if self.part is None else self.text[self.part.start : self.part.end].strip()


@dataclass(frozen=True, slots=True)
class UnexplainedLine:
    """A line that was neither understood nor set aside, and that a person should check."""

    text: str
    page: int


@dataclass(frozen=True, slots=True)
class DoubtfulWord:
    """A word of a scan that the OCR program was not sure of, with its confidence from 0 to 1."""

    text: str
    page: int
    confidence: float


@dataclass(frozen=True, slots=True)
class OcrSummary:
    """How a scan was read: the program, its languages, and its confidence (from 0 to 1) in the words."""

    engine: str  # "Tesseract 5.5.0"
    languages: tuple[str, ...]  # its own codes: "eng"
    words: int
    mean_confidence: float
    doubtful_count: int  # words with a confidence below 0.6
    doubtful: tuple[DoubtfulWord, ...]  # the first of them


@dataclass(frozen=True, slots=True)
class ExtractionReport:
    """The coverage of a reading, in non-space characters: read = understood + set aside + unexplained."""

    read: int
    understood: int
    set_aside: dict[str, int]  # by SetAsideReason value
    unexplained: tuple[UnexplainedLine, ...]
    notes: tuple[str, ...] = ()  # for a person to check: an appendix that differs, missing numbers
    ocr: OcrSummary | None = None  # None unless the report is a scan

    @property
    def unexplained_characters(self) -> int:
        return sum(len("".join(line.text.split())) for line in self.unexplained)


@dataclass(frozen=True, slots=True)
class TitlePage:
    """The details that a report's first pages state, whatever the caller gave; None, or "", for one not stated."""

    body: str  # profile id; "general" if no body is recognised
    state: str | None
    procedure: str | None
    reference: str | None  # as printed
    title: str  # as printed
    published: date | None
    language: str  # of the text; "und" if it was not determined


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a document."""

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
    text: str  # the report's own text, to which the spans of passages refer
    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...]
    extraction_report: ExtractionReport
    reader: str
    source_hash: str = field(default="")
    unexamined: str = ""  # why no findings were looked for: "author" (not recognised), "language" (not in its profile)
    title_page: TitlePage | None = None
