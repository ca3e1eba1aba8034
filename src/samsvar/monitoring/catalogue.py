"""Which documents of monitoring there are, section by section, and what the publisher says of each beside ours."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from samsvar.convention.status import Confidence
from samsvar.dates import PartialDate, UnreadableDate, partial_date
from samsvar.errors import MonitoringError
from samsvar.ids import stable_id
from samsvar.territories import territory


class BadCatalogueRow(MonitoringError):
    """A row of a file of the catalogue cannot be believed."""

    code = "bad_catalogue_row"
    advice = "Mend the row and load the file again."

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}, line {line}: {problem}")
        self.file, self.line, self.problem = file, line, problem


class Kind(StrEnum):
    """What a document is."""

    REPORT = "report"
    GOVERNMENT_COMMENTS = "government_comments"
    GOVERNMENT_RESPONSE = "government_response"
    RECOMMENDATION = "recommendation"
    CONCLUSIONS = "conclusions"
    FOLLOW_UP = "follow_up"
    EVALUATION_VISIT = "evaluation_visit"
    PROCEDURE_LAUNCH = "procedure_launch"
    GENERAL_REPORT = "general_report"
    COURT_DECISION = "court_decision"


class Placed(StrEnum):
    """How a section came to its articles."""

    BY_HEADING = "heading"  # its own heading names them
    BY_HEADING_ABOVE = "heading_above"  # the heading that it stands under names them
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Printed:
    """What the publisher gives, letter for letter. `state` is the name in its description, "" where it has none."""

    identifier: str
    title: str
    description: str
    date: str
    link: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A value of the publisher that we do not take over, beside ours and the reason."""

    of: str  # the field: "state", "date", "reference"
    printed: str
    ours: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a document, as the publisher cuts it. `number` of `of`; `of` is None where nobody says."""

    id: str
    number: int
    of: int | None
    heading: str
    outline: tuple[str, ...]  # ("III", "A", "3")
    articles: tuple[str, ...]
    placed: Placed
    probable_articles: tuple[str, ...]  # what it must be about by its place between others; a machine's word
    link: str
    printed: Printed | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a monitoring body or an answer to one.

    `identifier` is the publisher's, without the section; "" for a document known from other sources alone.
    `corrections` set the publisher's value beside ours, `flaws` say what is wrong with how it is published.
    """

    id: str
    body: str
    state: str | None
    procedure: str | None
    kind: Kind
    reference: str | None
    published: PartialDate | None
    language: str
    link: str
    source: str
    confidence: Confidence  # of the date
    adopted: PartialDate | None = None
    reference_confidence: Confidence | None = None
    second_source: str = ""
    note: str = ""
    identifier: str = ""
    sections: tuple[Section, ...] = ()
    expected_sections: int | None = None
    corrections: tuple[Correction, ...] = ()
    flaws: tuple[str, ...] = ()
    printed: Printed | None = None  # the item of the document itself, or of its first section

    @property
    def complete(self) -> bool:
        """Whether every section that the publisher counts is here."""
        here = {section.number for section in self.sections}
        return self.expected_sections is not None and here == set(range(1, self.expected_sections + 1))

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that its sections are placed under, in the order of the treaty."""
        return tuple(sorted({number for section in self.sections for number in section.articles}, key=int))


@cache
def catalogue() -> tuple[Document, ...]:
    """Every document that we know of, by body, state and date: our list and the publisher's, joined where they meet."""
    published = published_documents(_text("hudoc_documents.csv"), _text("hudoc_sections.csv"))
    return joined(known_documents(_text("documents.csv")), published)


def known_documents(text: str) -> tuple[Document, ...]:
    """The documents of a CSV text with the columns of documents.csv. Raises BadCatalogueRow."""
    return tuple(_known(row, line) for row, line in _rows(text, "documents.csv"))


def _known(row: dict[str, str], line: int) -> Document:
    try:
        return Document(
            id=stable_id("catalogue", row["body"], row["state"], row["procedure"], row["kind"]),
            body=row["body"],
            state=row["state"],
            procedure=row["procedure"],
            kind=Kind(row["kind"]),
            reference=row["reference"] or None,
            published=partial_date(row["date"]),
            adopted=partial_date(row["adopted"]),
            language="en",
            link=row["source"],
            source=row["source"],
            second_source=row["second_source"],
            confidence=Confidence(row["confidence"]),
            reference_confidence=Confidence(row["reference_confidence"]) if row["reference_confidence"] else None,
            note=row["note"],
        )
    except UnreadableDate as unreadable:
        raise BadCatalogueRow("documents.csv", line, unreadable.message) from unreadable
    except ValueError as unknown:
        raise BadCatalogueRow("documents.csv", line, f"{unknown}.") from unknown


def published_documents(documents: str, sections: str) -> tuple[Document, ...]:
    """The documents, with sections, of two CSV texts distilled from a publisher's feed. Raises BadCatalogueRow."""
    within: dict[str, list[Section]] = {}
    of = {row["id"]: row for row, _ in _rows(documents, "hudoc_documents.csv")}
    for row, line in _rows(sections, "hudoc_sections.csv"):
        if row["document"] not in of:
            raise BadCatalogueRow("hudoc_sections.csv", line, f"“{row['document']}” is no document.")
        within.setdefault(row["document"], []).append(_section(row, of[row["document"]], line))
    return tuple(
        _published(row, line, tuple(within.get(row["id"], ()))) for row, line in _rows(documents, "hudoc_documents.csv")
    )


def section_link(document_link: str, number: int) -> str:
    """The address of a section, which is that of its document with another number."""
    return re.sub(r"-0(?=%22\]\}$)", f"-{number}", document_link)


def _section(row: dict[str, str], document: dict[str, str], line: int) -> Section:
    try:
        return Section(
            id=row["id"],
            number=int(row["number"]),
            of=int(document["expected_sections"]) if document["expected_sections"] else None,
            heading=row["heading"],
            outline=tuple(row["outline"].split()),
            articles=tuple(row["articles"].split()),
            placed=Placed(row["placed"]),
            probable_articles=tuple(row["probable_articles"].split()),
            link=row["link"] or section_link(document["link"], int(row["number"])),
        )
    except ValueError as unknown:
        raise BadCatalogueRow("hudoc_sections.csv", line, f"{unknown}.") from unknown


def _published(row: dict[str, str], line: int, sections: tuple[Section, ...]) -> Document:
    try:
        return Document(
            id=row["id"],
            body=row["body"],
            state=row["state"] or None,
            procedure=row["procedure"] or None,
            kind=Kind(row["kind"]),
            reference=row["reference"] or None,
            published=partial_date(row["date"]),
            language=row["language"],
            link=row["link"],
            source=row["link"],
            confidence=Confidence.CONFIRMED,  # the Council of Europe's own index
            reference_confidence=Confidence.CONFIRMED if row["reference"] else None,
            identifier=row["identifier"],
            sections=sections,
            expected_sections=int(row["expected_sections"]) if row["expected_sections"] else None,
            corrections=tuple(_corrections(row["corrections"])),
            flaws=tuple(filter(None, row["flaws"].split("; "))),
        )
    except ValueError as unknown:
        raise BadCatalogueRow("hudoc_documents.csv", line, f"{unknown}.") from unknown


def _corrections(written: str) -> Iterator[Correction]:
    """Corrections written one behind the other: "state: Albania → DK (its identifier names Denmark)"."""
    for one in filter(None, written.split(" | ")):
        of, _, rest = one.partition(": ")
        printed, _, rest = rest.partition(" → ")
        ours, _, why = rest.partition(" (")
        yield Correction(of, printed, ours, why.removesuffix(")"))


def joined(ours: Iterable[Document], publishers: Iterable[Document]) -> tuple[Document, ...]:
    """Our documents and the publisher's as one list, in which the report of one procedure on one state stands once.

    The publisher's day takes the place of a month, and of a day that we did not confirm; where it contradicts one that
    we did, ours stays and the publisher's stands beside it as a correction.
    """
    left = {_meeting_point(document): document for document in publishers}
    found = []
    for document in ours:
        publisher = left.pop(_meeting_point(document), None)
        found.append(_both(document, publisher) if publisher else document)
    return tuple(sorted([*found, *left.values()], key=_place))


def _meeting_point(document: Document) -> tuple[str, ...]:
    """What two entries of the same document have in common."""
    if document.kind is Kind.REPORT and document.state and document.procedure:
        return document.body, document.state, document.procedure
    return document.id, document.body


def _both(ours: Document, publisher: Document) -> Document:
    """One document out of our entry and the publisher's; what only we know stays, and a day that we confirmed."""
    agrees = _agrees(ours.published, publisher.published)
    known = replace(publisher, adopted=ours.adopted, note=ours.note, second_source=ours.source)
    if agrees:
        return known
    if ours.confidence is not Confidence.CONFIRMED:
        return replace(known, note="; ".join(filter(None, [ours.note, f"another source has {ours.published}"])))
    kept = Correction("date", str(publisher.published), str(ours.published), "a confirmed source has another day")
    return replace(
        known,
        published=ours.published,
        source=ours.source,
        second_source=ours.second_source,
        corrections=(*publisher.corrections, kept),
    )


def _agrees(ours: PartialDate | None, publishers: PartialDate | None) -> bool:
    """Whether the publisher's date is ours or one within ours."""
    if ours is None or publishers is None:
        return True
    return ours.earliest <= publishers.earliest and publishers.latest <= ours.latest


def _place(document: Document) -> tuple[str, str, str, str, str]:
    return document.body, document.state or "", str(document.published or ""), document.kind, document.id


def _rows(text: str, file: str) -> Iterator[tuple[dict[str, str], int]]:
    """Rows with their lines; a row of an unknown state or with a missing column is refused."""
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if None in row or None in row.values():
            raise BadCatalogueRow(file, line, "it has more or fewer cells than the header.")
        if row.get("state") and not territory(row["state"]):
            raise BadCatalogueRow(file, line, f"“{row['state']}” is no known state.")
        yield row, line


def _text(name: str) -> str:
    return files("samsvar.monitoring").joinpath("data", name).read_text(encoding="utf-8")
