"""The thesaurus as a file: SKOS as Turtle, RDF/XML or JSON-LD, or one table with a row for each concept."""

from __future__ import annotations

from dataclasses import dataclass

from samsvar.interchange.tables import render_csv
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, Concept, concepts
from samsvar.thesaurus.loading import SEPARATOR


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format in which the thesaurus is exported."""

    label: str
    extension: str
    media_type: str


EXPORT_FORMATS = {
    "turtle": ExportFormat("Turtle", "ttl", "text/turtle"),
    "rdfxml": ExportFormat("RDF/XML", "rdf", "application/rdf+xml"),
    "jsonld": ExportFormat("JSON-LD", "jsonld", "application/ld+json"),
    "csv": ExportFormat("CSV", "csv", "text/csv"),
}

TABLE_COLUMNS = (
    "key", "uri", "kind", "broader", "related", "articles",
    *(f"{part}_{language}" for language in THESAURUS_LANGUAGES for part in ("preferred", "other")),
)  # fmt: skip


def export_thesaurus(name: str, pages: str = "") -> bytes:
    """Return the thesaurus in one of EXPORT_FORMATS, in UTF-8.

    `pages` is the address of a site's thesaurus, which SKOS then names; it ends with a slash.
    """
    if name == "csv":
        return render_csv(map(_build_row, concepts().values()), TABLE_COLUMNS).encode()
    from samsvar.interchange.skos import SkosFormat, render_skos  # imports rdflib, which takes 0.3 s

    formats = {"turtle": SkosFormat.TURTLE, "rdfxml": SkosFormat.RDF_XML, "jsonld": SkosFormat.JSON_LD}
    return render_skos(formats[name], pages)


def _build_row(concept: Concept) -> dict[str, str]:
    cells = {
        "key": concept.key,
        "uri": concept.uri,
        "kind": concept.kind.value,
        "broader": SEPARATOR.join(concept.broader),
        "related": SEPARATOR.join(concept.related),
        "articles": SEPARATOR.join(concept.articles),
    }
    for language in THESAURUS_LANGUAGES:
        preferred, *others = concept.names(language) or ("",)
        cells |= {f"preferred_{language}": preferred, f"other_{language}": SEPARATOR.join(others)}
    return cells
