"""Actions that store the library's catalogue of real documents and their sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from samsvar.monitoring.catalogue import Document, Section, SectionPlacement
from samsvar.monitoring.catalogue import load_catalogue as read_catalogue
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import sync_rows
from samsvar.site.monitoring import models
from samsvar.site.network.access.permissions import Account


def load_catalogue(*, by: Account | None = None) -> dict[str, int]:
    """Store the library's catalogue of real documents and their sections, and return how many rows were written.

    Idempotent. A document whose report has been imported is never deleted and keeps its report.
    """
    documents = read_catalogue()
    with transaction.atomic():
        unread = models.Document.everything.filter(origin__in=models.Document.CATALOGUE_ORIGINS, report__isnull=True)
        written = sync_rows(
            models.Document, "public_id", _keep_edited_values(map(_document_values, documents)),
            delete_missing=True, deletable=unread,
        )  # fmt: skip
        keys = dict(models.Document.everything.values_list("public_id", "pk"))
        sections = [(keys[document.id], section) for document in documents for section in document.sections]
        written_sections = sync_rows(
            models.Section, "public_id", (_section_values(key, one) for key, one in sections), delete_missing=True
        )
        _sync_section_articles([section for _, section in sections])
        if written or written_sections:
            record(
                by=by, verb="loaded", subject="catalogue", details={"documents": written, "sections": written_sections}
            )
    return {"documents": written, "sections": written_sections}


def restore_catalogue_values(document: models.Document) -> None:
    """Give a document of the catalogue its own values again, in the fields that an editor or a report changed."""
    source = next((one for one in read_catalogue() if one.id == document.public_id), None)
    if source is not None:
        for name, value in _document_values(source).items():
            setattr(document, name, value)
    document.edited = []
    document.save()


def _document_values(document: Document) -> dict[str, Any]:
    origin = models.Document.Origin.HUDOC if document.identifier else models.Document.Origin.CATALOGUE
    return {
        "public_id": document.id,
        "origin": origin.value,
        "body": document.body,
        "state_id": document.state,
        "procedure": document.procedure or "",
        "kind": document.kind.value,
        "reference": document.reference or "",
        "language": document.language,
        "published": str(document.published or ""),
        "link": document.link,
        "source": document.source,
        "second_source": document.second_source,
        "confidence": document.confidence.value,
        "note": document.note,
        "publisher": {
            "identifier": document.identifier,
            "expected_sections": document.expected_sections,
            "adopted": str(document.adopted or ""),
            "reference_confidence": document.reference_confidence.value if document.reference_confidence else "",
            "corrections": [asdict(correction) for correction in document.corrections],
            "flaws": list(document.flaws),
        },
    }


def _keep_edited_values(documents: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Replace the catalogue's values in the fields that an editor changed by the editor's."""
    edited = {document.public_id: document for document in models.Document.everything.exclude(edited=[])}
    for values in documents:
        if document := edited.get(values["public_id"]):
            values |= {name: getattr(document, name) for name in document.edited}
        yield values


def _section_values(document_id: int, section: Section) -> dict[str, Any]:
    return {
        "public_id": section.id,
        "document_id": document_id,
        "number": section.number,
        "heading": section.heading,
        "link": section.link,
        "inherited": section.placement is SectionPlacement.BY_HEADING_ABOVE,
        "publisher": {
            "of": section.total,
            "outline": list(section.outline),
            "placed": section.placement.value,
            "probable_articles": list(section.probable_articles),
        },
    }


def _sync_section_articles(sections: Sequence[Section]) -> None:
    """Update the articles of the sections to match the catalogue, changing only what differs."""
    keys = dict(models.Section.objects.values_list("public_id", "pk"))
    wanted = {(keys[section.id], int(number)) for section in sections for number in section.articles}
    stored = {(row.section_id, row.article): row.pk for row in models.SectionArticle.objects.all()}
    if obsolete := [stored[pair] for pair in stored.keys() - wanted]:
        models.SectionArticle.objects.filter(pk__in=obsolete).delete()
    models.SectionArticle.objects.bulk_create(
        [models.SectionArticle(section_id=key, article=number) for key, number in sorted(wanted - stored.keys())],
        batch_size=500,
    )
