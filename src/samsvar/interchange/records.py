"""Conversion of library values to plain rows with keys in a fixed order, for commands, exports and the API."""

from __future__ import annotations

from collections.abc import Iterator

from samsvar.convention.status import ENDED_STAGES, Reservation, StateStatus
from samsvar.monitoring.catalogue import Document, Section, section_link
from samsvar.monitoring.report import Finding
from samsvar.spans import Box
from samsvar.territories import territory_name

STATUS_COLUMNS = (
    "state", "name", "status", "signed", "ratified", "in_force", "left", "reservations", "sources", "confidence",
)  # fmt: skip

FINDING_COLUMNS = (
    "document", "body", "state", "procedure", "paragraph", "page", "pages", "boxes", "heading", "articles", "strength",
    "verb", "addressee", "from_state", "actions", "text", "language", "reader", "deadline", "cites",
    "state_position",
)  # fmt: skip


def status_row(status: StateStatus, language: str = "en") -> dict[str, object]:
    """Return a state's status as a row; dates are in ISO 8601, as precisely as they are known, or None.

    Withdrawn and lapsed reservations are left out; the `stage` of every other reservation says what is known about it.
    """
    return {
        "state": status.state,
        "name": territory_name(status.state, language),
        "status": status.status.value,
        "signed": str(status.signed) if status.signed else None,
        "ratified": str(status.ratified) if status.ratified else None,
        "in_force": status.in_force.isoformat() if status.in_force else None,
        "left": status.left.isoformat() if status.left else None,
        "reservations": [reservation_row(life) for life in status.reservations if life.stage not in ENDED_STAGES],
        "sources": list(status.sources),
        "confidence": status.confidence.value,
    }


def reservation_row(reservation: Reservation) -> dict[str, object]:
    """Return a reservation as a row. `provision` is None if unnamed; `until` is the end of its five-year period."""
    return {
        "provision": str(reservation.provision) if reservation.provision else None,
        "stage": reservation.stage.value,
        "made": str(reservation.made_on),
        "until": reservation.until.isoformat() if reservation.until else None,
        "renewed": [str(when) for when in reservation.renewal_dates],
        "confidence": reservation.confidence.value,
    }


def finding_row(finding: Finding) -> dict[str, object]:
    """Return a finding as a row; boxes are in points from the top left corner of the page."""
    row: dict[str, object] = {column: getattr(finding, column) for column in FINDING_COLUMNS}
    row["strength"] = finding.strength.value if finding.strength else None
    row["state_position"] = finding.state_position.value if finding.state_position else None
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
    "id", "document", "body", "state", "state_printed", "procedure", "kind", "reference", "date", "date_printed",
    "language", "section", "sections", "heading", "heading_printed", "outline", "articles", "placed",
    "probable_articles", "link", "link_printed", "identifier_printed", "corrections", "flaws",
)  # fmt: skip


def document_rows(document: Document) -> Iterator[dict[str, object]]:
    """Yield one row for each section of the document, with our values and the publisher's side by side.

    A document without sections has one row with `section` None. `state_printed` is "" if the publisher names no state.
    """
    published_values = {correction.of: correction.printed for correction in document.corrections}
    document_part: dict[str, object] = {
        "id": document.id,
        "document": document.id,
        "body": document.body,
        "state": document.state,
        "state_printed": None,
        "procedure": document.procedure,
        "kind": document.kind.value,
        "reference": document.reference,
        "date": str(document.published) if document.published else None,
        "date_printed": published_values.get("date"),
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
        "link_printed": document.metadata.link if document.metadata else None,
        "identifier_printed": document.identifier,
        "corrections": [f"{one.of}: {one.printed} → {one.ours} ({one.why})" for one in document.corrections],
        "flaws": list(document.flaws),
    }
    if document.metadata:
        document_part |= {"state_printed": document.metadata.state, "date_printed": document.metadata.date}
    if not document.sections:
        yield document_part
    for section in document.sections:
        yield document_part | _section_values(section)


def _section_values(section: Section) -> dict[str, object]:
    """Return the values of a section that replace those of its document."""
    part: dict[str, object] = {
        "id": section.id,
        "section": section.number,
        "heading": section.heading,
        "outline": list(section.outline),
        "articles": list(section.articles),
        "placed": section.placement.value,
        "probable_articles": list(section.probable_articles),
        "link": section.link,
    }
    if printed := section.metadata:
        part |= {
            "state_printed": printed.state,
            "date_printed": printed.date,
            "heading_printed": printed.title,
            "link_printed": printed.link,
            "identifier_printed": printed.identifier,
        }
    return part


# The compact catalogue that `samsvar.monitoring.catalogue` reads. It contains facts only, no text from reports.
CATALOGUE_DOCUMENT_COLUMNS = (
    "id", "identifier", "body", "state", "procedure", "kind", "reference", "date", "language", "link",
    "expected_sections", "corrections", "flaws",
)  # fmt: skip
CATALOGUE_SECTION_COLUMNS = (
    "document", "id", "number", "outline", "heading", "articles", "placed", "probable_articles", "link",
)  # fmt: skip


def catalogue_document_row(document: Document) -> dict[str, object]:
    """Return a document's row for the compact catalogue, with every value as text."""
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
    """Yield a document's section rows for the compact catalogue; links that can be derived are omitted."""
    for section in document.sections:
        yield {
            "document": document.id,
            "id": section.id,
            "number": section.number,
            "outline": " ".join(section.outline),
            "heading": section.heading,
            "articles": " ".join(section.articles),
            "placed": section.placement.value,
            "probable_articles": " ".join(section.probable_articles),
            "link": "" if section.link == section_link(document.link, section.number) else section.link,
        }
