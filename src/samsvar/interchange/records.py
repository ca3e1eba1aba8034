"""Values of the library as plain rows, keys in a fixed order, for commands, exports and the programming interface."""

from __future__ import annotations

from collections.abc import Iterator

from samsvar.convention.status import ENDED, Reservation, StateStatus
from samsvar.monitoring.catalogue import Document, Section, section_link
from samsvar.monitoring.report import Finding
from samsvar.spans import Box
from samsvar.territories import name_of

STATUS_COLUMNS = (
    "state",
    "name",
    "status",
    "signed",
    "ratified",
    "in_force",
    "left",
    "reservations",
    "sources",
    "confidence",
)

FINDING_COLUMNS = (
    "document",
    "body",
    "state",
    "procedure",
    "paragraph",
    "page",
    "pages",
    "boxes",
    "heading",
    "articles",
    "strength",
    "verb",
    "addressee",
    "from_state",
    "actions",
    "text",
    "language",
    "reader",
    "deadline",
    "cites",
)


def status_row(one: StateStatus, language: str = "en") -> dict[str, object]:
    """One state's status: dates in ISO 8601 as exact as they are known, None where there is none.

    Reservations that were withdrawn or have lapsed are left out; of the others `stage` says what is known.
    """
    return {
        "state": one.state,
        "name": name_of(one.state, language),
        "status": one.status.value,
        "signed": str(one.signed) if one.signed else None,
        "ratified": str(one.ratified) if one.ratified else None,
        "in_force": one.in_force.isoformat() if one.in_force else None,
        "left": one.left.isoformat() if one.left else None,
        "reservations": [reservation_row(life) for life in one.reservations if life.stage not in ENDED],
        "sources": list(one.sources),
        "confidence": one.confidence.value,
    }


def reservation_row(life: Reservation) -> dict[str, object]:
    """One reservation: the provision (None where no source names it), its stage, and the end of its five years."""
    return {
        "provision": str(life.provision) if life.provision else None,
        "stage": life.stage.value,
        "made": str(life.made),
        "until": life.until.isoformat() if life.until else None,
        "renewed": [str(when) for when in life.renewed],
        "confidence": life.confidence.value,
    }


def finding_row(finding: Finding) -> dict[str, object]:
    """One finding, in the order of FINDING_COLUMNS; boxes in points from the top left corner of their page."""
    row: dict[str, object] = {column: getattr(finding, column) for column in FINDING_COLUMNS}
    row["strength"] = finding.strength.value if finding.strength else None
    row["boxes"] = [_box_row(box) for box in finding.boxes]
    for column in ("pages", "articles", "from_state", "actions", "cites"):
        row[column] = list(getattr(finding, column))
    return row


def _box_row(box: Box) -> dict[str, object]:
    return {
        "page": box.page,
        "left": round(box.left, 1),
        "top": round(box.top, 1),
        "right": round(box.right, 1),
        "bottom": round(box.bottom, 1),
    }


SECTION_COLUMNS = (
    "id",
    "document",
    "body",
    "state",
    "state_printed",
    "procedure",
    "kind",
    "reference",
    "date",
    "date_printed",
    "language",
    "section",
    "sections",
    "heading",
    "heading_printed",
    "outline",
    "articles",
    "placed",
    "probable_articles",
    "link",
    "link_printed",
    "identifier_printed",
    "corrections",
    "flaws",
)


def document_rows(document: Document) -> Iterator[dict[str, object]]:
    """A document's sections as rows, ours and the publisher's values side by side; one row where it has no sections.

    `section` is None in the row of a document without sections; `state_printed` is "" where the publisher names none.
    """
    wrong = {correction.of: correction.printed for correction in document.corrections}
    own: dict[str, object] = {
        "id": document.id,
        "document": document.id,
        "body": document.body,
        "state": document.state,
        "state_printed": None,
        "procedure": document.procedure,
        "kind": document.kind.value,
        "reference": document.reference,
        "date": str(document.published) if document.published else None,
        "date_printed": wrong.get("date"),
        "language": document.language,
        "section": None,
        "sections": document.expected_sections,
        "heading": None,
        "heading_printed": None,
        "outline": [],
        "articles": [],
        "placed": None,
        "probable_articles": [],
        "link": document.link,
        "link_printed": document.printed.link if document.printed else None,
        "identifier_printed": document.identifier,
        "corrections": [f"{one.of}: {one.printed} → {one.ours} ({one.why})" for one in document.corrections],
        "flaws": list(document.flaws),
    }
    if document.printed:
        own |= {"state_printed": document.printed.state, "date_printed": document.printed.date}
    if not document.sections:
        yield own
    for section in document.sections:
        yield own | _section_part(section)


def _section_part(section: Section) -> dict[str, object]:
    """What a section's row says instead of its document's."""
    part: dict[str, object] = {
        "id": section.id,
        "section": section.number,
        "heading": section.heading,
        "outline": list(section.outline),
        "articles": list(section.articles),
        "placed": section.placed.value,
        "probable_articles": list(section.probable_articles),
        "link": section.link,
    }
    if printed := section.printed:
        part |= {
            "state_printed": printed.state,
            "date_printed": printed.date,
            "heading_printed": printed.title,
            "link_printed": printed.link,
            "identifier_printed": printed.identifier,
        }
    return part


# The compact catalogue: what `samsvar.monitoring.catalogue` reads again. Facts only, no sentence of any report.
CATALOGUE_DOCUMENT_COLUMNS = (
    "id",
    "identifier",
    "body",
    "state",
    "procedure",
    "kind",
    "reference",
    "date",
    "language",
    "link",
    "expected_sections",
    "corrections",
    "flaws",
)
CATALOGUE_SECTION_COLUMNS = (
    "document",
    "id",
    "number",
    "outline",
    "heading",
    "articles",
    "placed",
    "probable_articles",
    "link",
)


def catalogue_document_row(document: Document) -> dict[str, object]:
    """One document of the compact catalogue, every value as text."""
    return {
        "id": document.id,
        "identifier": document.identifier,
        "body": document.body,
        "state": document.state or "",
        "procedure": document.procedure or "",
        "kind": document.kind.value,
        "reference": document.reference or "",
        "date": str(document.published or ""),
        "language": document.language,
        "link": document.link,
        "expected_sections": document.expected_sections or "",
        "corrections": " | ".join(f"{one.of}: {one.printed} → {one.ours} ({one.why})" for one in document.corrections),
        "flaws": "; ".join(document.flaws),
    }


def catalogue_section_rows(document: Document) -> Iterator[dict[str, object]]:
    """The sections of one document for the compact catalogue; a link only where the document's does not give it."""
    for section in document.sections:
        yield {
            "document": document.id,
            "id": section.id,
            "number": section.number,
            "outline": " ".join(section.outline),
            "heading": section.heading,
            "articles": " ".join(section.articles),
            "placed": section.placed.value,
            "probable_articles": " ".join(section.probable_articles),
            "link": "" if section.link == section_link(document.link, section.number) else section.link,
        }
