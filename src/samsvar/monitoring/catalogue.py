"""The catalogue of monitoring documents and their sections, with the publisher's data next to ours."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from samsvar.convention.status import SourceConfidence
from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.errors import MonitoringError
from samsvar.ids import stable_id
from samsvar.territories import territory
from samsvar.text import read_data_file


class InvalidCatalogueRow(MonitoringError):
    """Raised when a row in one of the catalogue's files is invalid."""

    advice = "Correct the row and load the file again."

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}, line {line}: {problem}")
        self.file, self.line, self.problem = file, line, problem


class DocumentKind(StrEnum):
    """The kinds of documents."""

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


class SectionPlacement(StrEnum):
    """The ways in which a section was assigned to its articles."""

    BY_HEADING = "heading"  # its own heading names them
    BY_HEADING_ABOVE = "heading_above"  # a heading above it names them
    NOT = "not"


@dataclass(frozen=True, slots=True)
class PublishedMetadata:
    """The publisher's values, unchanged. `state` is the name of the state in the description, or ""."""

    identifier: str
    title: str
    description: str
    date: str
    link: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A published value that we replaced, with our value and the reason."""

    of: str  # the field: "state", "date", "reference"
    printed: str
    ours: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a document as divided by the publisher, numbered up to `total`, which is None if unknown."""

    id: str
    number: int
    total: int | None
    heading: str
    outline: tuple[str, ...]  # ("III", "A", "3")
    articles: tuple[str, ...]
    placement: SectionPlacement
    probable_articles: tuple[str, ...]  # inferred from the neighbouring sections; automatic and unconfirmed
    link: str
    metadata: PublishedMetadata | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a monitoring body, or a reply to one.

    `identifier` is the publisher's, without the section; "" for a document known only from other sources. `corrections`
    lists the published values that we replaced, and `flaws` the errors in how the document is published.
    """

    id: str
    body: str
    state: str | None
    procedure: str | None
    kind: DocumentKind
    reference: str | None
    published: PartialDate | None
    language: str
    link: str
    source: str
    confidence: SourceConfidence  # of the date
    adopted: PartialDate | None = None
    reference_confidence: SourceConfidence | None = None
    second_source: str = ""
    note: str = ""
    identifier: str = ""
    sections: tuple[Section, ...] = ()
    expected_sections: int | None = None
    corrections: tuple[Correction, ...] = ()
    flaws: tuple[str, ...] = ()
    metadata: PublishedMetadata | None = None  # the publisher's entry for the document itself, or for its first section

    @property
    def articles(self) -> tuple[str, ...]:
        """Return the articles under which the document's sections are placed, in the order of the treaty."""
        return tuple(sorted({number for section in self.sections for number in section.articles}, key=int))


@cache
def load_catalogue() -> tuple[Document, ...]:
    """Return the documents in documents.csv merged with those from HUDOC, sorted by body, state and date."""
    names = ("documents.csv", "hudoc_documents.csv", "hudoc_sections.csv")
    known, documents, sections = (read_data_file("samsvar.monitoring", name) for name in names)
    return merge_documents(parse_known_documents(known), parse_published_documents(documents, sections))


def parse_known_documents(text: str) -> tuple[Document, ...]:
    """Parse the documents of a CSV text with the columns of documents.csv. Raises InvalidCatalogueRow."""
    return tuple(_parse_known_document(row, line) for row, line in _read_rows(text, "documents.csv"))


def _parse_known_document(row: dict[str, str], line: int) -> Document:
    try:
        return Document(
            id=stable_id("catalogue", row["body"], row["state"], row["procedure"], row["kind"]),
            body=row["body"],
            state=row["state"],
            procedure=row["procedure"],
            kind=DocumentKind(row["kind"]),
            reference=row["reference"] or None,
            published=parse_partial_date(row["date"]),
            adopted=parse_partial_date(row["adopted"]),
            language="en",
            link=row["source"],
            source=row["source"],
            second_source=row["second_source"],
            confidence=SourceConfidence(row["confidence"]),
            reference_confidence=SourceConfidence(row["reference_confidence"]) if row["reference_confidence"] else None,
            note=row["note"],
        )
    except UnreadableDate as error:
        raise InvalidCatalogueRow("documents.csv", line, error.message) from error
    except ValueError as unknown:
        raise InvalidCatalogueRow("documents.csv", line, f"{unknown}.") from unknown


def parse_published_documents(documents: str, sections: str) -> tuple[Document, ...]:
    """Parse the documents and sections of two CSV texts made from a publisher's feed. Raises InvalidCatalogueRow."""
    sections_by_document: dict[str, list[Section]] = {}
    documents_by_id = {row["id"]: row for row, _ in _read_rows(documents, "hudoc_documents.csv")}
    for row, line in _read_rows(sections, "hudoc_sections.csv"):
        if row["document"] not in documents_by_id:
            raise InvalidCatalogueRow("hudoc_sections.csv", line, f"“{row['document']}” is not a document.")
        section = _parse_section(row, documents_by_id[row["document"]], line)
        sections_by_document.setdefault(row["document"], []).append(section)
    return tuple(
        _parse_published_document(row, line, tuple(sections_by_document.get(row["id"], ())))
        for row, line in _read_rows(documents, "hudoc_documents.csv")
    )


def section_link(document_link: str, number: int) -> str:
    """Return the URL of a section: the URL of its document with the section's number."""
    return re.sub(r"-0(?=%22\]\}$)", f"-{number}", document_link)


def _parse_section(row: dict[str, str], document: dict[str, str], line: int) -> Section:
    try:
        return Section(
            id=row["id"],
            number=int(row["number"]),
            total=int(document["expected_sections"]) if document["expected_sections"] else None,
            heading=row["heading"],
            outline=tuple(row["outline"].split()),
            articles=tuple(row["articles"].split()),
            placement=SectionPlacement(row["placed"]),
            probable_articles=tuple(row["probable_articles"].split()),
            link=row["link"] or section_link(document["link"], int(row["number"])),
        )
    except ValueError as error:
        raise InvalidCatalogueRow("hudoc_sections.csv", line, f"{error}.") from error


def _parse_published_document(row: dict[str, str], line: int, sections: tuple[Section, ...]) -> Document:
    try:
        return Document(
            id=row["id"],
            body=row["body"],
            state=row["state"] or None,
            procedure=row["procedure"] or None,
            kind=DocumentKind(row["kind"]),
            reference=row["reference"] or None,
            published=parse_partial_date(row["date"]),
            language=row["language"],
            link=row["link"],
            source=row["link"],
            confidence=SourceConfidence.CONFIRMED,  # the Council of Europe's own index
            reference_confidence=SourceConfidence.CONFIRMED if row["reference"] else None,
            identifier=row["identifier"],
            sections=sections,
            expected_sections=int(row["expected_sections"]) if row["expected_sections"] else None,
            corrections=tuple(_parse_corrections(row["corrections"])),
            flaws=tuple(filter(None, row["flaws"].split("; "))),
        )
    except ValueError as error:
        raise InvalidCatalogueRow("hudoc_documents.csv", line, f"{error}.") from error


def _parse_corrections(text: str) -> Iterator[Correction]:
    """Parse corrections such as "state: Albania → DK (its identifier names Denmark)", separated by " | "."""
    for entry in filter(None, text.split(" | ")):
        field, _, rest = entry.partition(": ")
        printed, _, rest = rest.partition(" → ")
        ours, _, reason = rest.partition(" (")
        yield Correction(field, printed, ours, reason.removesuffix(")"))


def merge_documents(our_documents: Iterable[Document], publisher_documents: Iterable[Document]) -> tuple[Document, ...]:
    """Merge our documents with the publisher's; a body's report on a state in one procedure is listed only once.

    The publisher's exact date replaces a month, or a date that we have not confirmed. If it contradicts a date that
    we have confirmed, ours is kept and the publisher's is recorded as a correction.
    """
    unmatched = {_merge_key(document): document for document in publisher_documents}
    merged = []
    for document in our_documents:
        publisher = unmatched.pop(_merge_key(document), None)
        merged.append(_merge_matching_documents(document, publisher) if publisher else document)
    return tuple(sorted([*merged, *unmatched.values()], key=_sort_key))


def _merge_key(document: Document) -> tuple[str, ...]:
    """Return a key that is the same for two entries for the same document."""
    if document.kind is DocumentKind.REPORT and document.state and document.procedure:
        return document.body, document.state, document.procedure
    return document.id, document.body


def _merge_matching_documents(our_document: Document, publisher: Document) -> Document:
    """Merge our entry with the publisher's, keeping the data that only we have and a date that we have confirmed."""
    agrees = _are_dates_consistent(our_document.published, publisher.published)
    merged = replace(publisher, adopted=our_document.adopted, note=our_document.note, second_source=our_document.source)
    if agrees:
        return merged
    if our_document.confidence is not SourceConfidence.CONFIRMED:
        other_date = f"another source gives {our_document.published}"
        return replace(merged, note="; ".join(filter(None, [our_document.note, other_date])))
    correction = Correction("date", str(publisher.published), str(our_document.published), "a confirmed source differs")
    return replace(
        merged,
        published=our_document.published,
        source=our_document.source,
        second_source=our_document.second_source,
        corrections=(*publisher.corrections, correction),
    )


def _are_dates_consistent(our_date: PartialDate | None, publisher_date: PartialDate | None) -> bool:
    """Return whether the publisher's date equals ours or is within it; True if either is unknown."""
    if our_date is None or publisher_date is None:
        return True
    return our_date.earliest <= publisher_date.earliest and publisher_date.latest <= our_date.latest


def _sort_key(document: Document) -> tuple[str, str, str, str, str]:
    return document.body, document.state or "", str(document.published or ""), document.kind, document.id


def _read_rows(text: str, file: str) -> Iterator[tuple[dict[str, str], int]]:
    """Yield rows with their line numbers. Raises InvalidCatalogueRow for an unknown state or missing or extra cells."""
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if None in row or None in row.values():
            raise InvalidCatalogueRow(file, line, "it has more or fewer cells than the header.")
        if row.get("state") and not territory(row["state"]):
            raise InvalidCatalogueRow(file, line, f"“{row['state']}” is not a known state.")
        yield row, line
