"""The thesaurus as SKOS: written as Turtle, RDF/XML and JSON-LD, and read from files of others.

Only this module knows rdflib. A file from elsewhere is data and nothing else: no address in it is opened, a document
type (which could declare entities) is refused, and so is a context of JSON-LD that would have to be fetched.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import Any
from xml.parsers import expat

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DC, DCTERMS, FOAF, OWL, RDF, SKOS
from rdflib.term import Node

from samsvar.interchange.imported_thesaurus import ImportedConcept, UnreadableThesaurus, find_key
from samsvar.thesaurus.concepts import (
    SCHEME_URI,
    Concept,
    ConceptKind,
    concept_uri,
    concepts,
    language_tag,
    mappings,
    narrower,
    retired_concepts,
    thesaurus_version,
)

TITLE = "Samsvar thesaurus of the Istanbul Convention"
LICENCE = "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"
TREATY = "CETS 210"  # the Convention's number, as in “CETS 210, Article 23”

_PREFIXES = {"skos": SKOS, "dct": DCTERMS, "dc": DC, "owl": OWL, "foaf": FOAF}
_MATCHES = {
    "exact": SKOS.exactMatch, "close": SKOS.closeMatch, "broad": SKOS.broadMatch, "narrow": SKOS.narrowMatch,
}  # fmt: skip
_LANGUAGES = {"no": "nb", "nn": ""}  # of tags whose first part is another code with us; "" where we have none


class SkosFormat(StrEnum):
    """A way to write SKOS; the value is rdflib's name for it."""

    TURTLE = "turtle"
    RDF_XML = "xml"
    JSON_LD = "json-ld"


# --- Writing ----------------------------------------------------------------------------------------------------------


def render_skos(skos_format: SkosFormat, pages: str = "") -> bytes:
    """Return the whole thesaurus as SKOS.

    `pages` is the address of a site's thesaurus ("https://site.example/thesaurus/"); each concept then names its page
    there. The concepts' own identifiers never depend on it.
    """
    graph = _build_graph(pages)
    options: dict[str, Any] = {}
    if skos_format is SkosFormat.JSON_LD:
        options["context"] = {prefix: str(namespace) for prefix, namespace in _PREFIXES.items()}
    return bytes(graph.serialize(format=skos_format, encoding="utf-8", **options))


def _build_graph(pages: str) -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in _PREFIXES.items():
        graph.bind(prefix, namespace)
    scheme = URIRef(SCHEME_URI)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(TITLE, lang="en")))
    graph.add((scheme, DCTERMS.license, URIRef(LICENCE)))
    graph.add((scheme, OWL.versionInfo, Literal(thesaurus_version())))
    if pages:
        graph.add((scheme, FOAF.page, URIRef(pages)))
    for kind in ConceptKind:
        collection = URIRef(concept_uri(f"kind:{kind}"))
        graph.add((collection, RDF.type, SKOS.Collection))
        graph.add((collection, SKOS.notation, Literal(kind.value)))
        for concept in concepts().values():
            if concept.kind is kind:
                graph.add((collection, SKOS.member, URIRef(concept.uri)))
    for concept in concepts().values():
        for predicate, value in _describe(concept, pages):
            graph.add((URIRef(concept.uri), predicate, value))
        if not concept.broader:
            graph.add((scheme, SKOS.hasTopConcept, URIRef(concept.uri)))
            graph.add((URIRef(concept.uri), SKOS.topConceptOf, scheme))
    for mapping in mappings():
        graph.add((URIRef(concept_uri(mapping.key)), _MATCHES[mapping.match], URIRef(mapping.uri)))
    for retired in retired_concepts().values():
        subject = URIRef(concept_uri(retired.key))
        graph.add((subject, RDF.type, SKOS.Concept))
        graph.add((subject, SKOS.notation, Literal(retired.key)))
        graph.add((subject, OWL.deprecated, Literal(True)))
        if retired.replaced_by:
            graph.add((subject, DCTERMS.isReplacedBy, URIRef(concept_uri(retired.replaced_by))))
    return graph


def _describe(concept: Concept, pages: str) -> Iterator[tuple[URIRef, Node]]:
    yield RDF.type, SKOS.Concept
    yield SKOS.inScheme, URIRef(SCHEME_URI)
    yield SKOS.notation, Literal(concept.key)
    for language, label in concept.labels:
        yield SKOS.prefLabel, Literal(label, lang=language_tag(language))
    for language, labels in concept.other_labels:
        for label in labels:
            yield SKOS.altLabel, Literal(label, lang=language_tag(language))
    for key in concept.broader:
        yield SKOS.broader, URIRef(concept_uri(key))
    for key in narrower(concept.key):
        yield SKOS.narrower, URIRef(concept_uri(key))
    for key in concept.related:
        yield SKOS.related, URIRef(concept_uri(key))
    for number in concept.articles:
        yield DC.relation, Literal(f"{TREATY}, Article {number}")
    if pages:
        yield FOAF.page, URIRef(f"{pages}{concept.key}/")


# --- Reading ----------------------------------------------------------------------------------------------------------


def read_skos(content: bytes) -> list[ImportedConcept]:
    """Return the concepts of a SKOS file in the order of their identifiers; the format is detected.

    Raises UnreadableThesaurus for anything else, for a document type in XML and for a context to be fetched in JSON-LD.
    """
    skos_format = _detect_format(content)
    if skos_format is SkosFormat.RDF_XML:
        _refuse_document_type(content)
    if skos_format is SkosFormat.JSON_LD:
        _refuse_remote_contexts(content)
    graph = Graph(bind_namespaces="none")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about doubtful values, and about rdflib's own older parts
            graph.parse(data=content, format=skos_format)
    except RecursionError as error:
        raise UnreadableThesaurus("The file is nested too deeply.") from error
    except Exception as error:  # rdflib raises errors of many kinds, among them plain Exception
        raise UnreadableThesaurus(f"The file is not valid {_FORMAT_LABELS[skos_format]}.") from error
    return [_read_concept(graph, subject) for subject in sorted(set(_iter_concepts(graph)), key=str)]


_FORMAT_LABELS = {SkosFormat.TURTLE: "Turtle", SkosFormat.RDF_XML: "RDF/XML", SkosFormat.JSON_LD: "JSON-LD"}


def _detect_format(content: bytes) -> SkosFormat:
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"<?xml", b"<rdf:", b"<!", b"<RDF")) or content.startswith((b"\xfe\xff", b"\xff\xfe")):
        return SkosFormat.RDF_XML
    if text.startswith(b"{") or _is_json_list(text):
        return SkosFormat.JSON_LD
    return SkosFormat.TURTLE


def _is_json_list(text: bytes) -> bool:
    """Return whether a text is a list in JSON: a blank node of Turtle begins with the same bracket."""
    return text.startswith(b"[") and text[1:].lstrip().startswith((b"{", b"]"))


def _refuse_document_type(content: bytes) -> None:
    """Raise UnreadableThesaurus if an XML file has a document type, which could declare entities that grow or fetch."""

    def refuse(*_arguments: object) -> None:
        raise UnreadableThesaurus(
            "The file has a document type (DOCTYPE), which is not accepted.",
            advice="Save it as Turtle or without entities and try again.",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableThesaurus("The file is not valid RDF/XML.") from error


def _refuse_remote_contexts(content: bytes) -> None:
    """Raise UnreadableThesaurus if a JSON-LD file has a context that would have to be fetched."""
    try:
        waiting = [json.loads(content)]
    except (ValueError, RecursionError) as error:
        raise UnreadableThesaurus("The file is not valid JSON-LD.") from error
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            contexts = part.get("@context", [])
            contexts = contexts if isinstance(contexts, list) else [contexts]
            if "@import" in part or any(isinstance(context, str) for context in contexts):
                raise UnreadableThesaurus(
                    "The file refers to a context elsewhere, and nothing is fetched.",
                    advice="Save it with the context inside, or as Turtle, and try again.",
                )
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _iter_concepts(graph: Graph) -> Iterator[URIRef]:
    for predicate in (SKOS.prefLabel, SKOS.altLabel):
        yield from (subject for subject in graph.subjects(predicate) if isinstance(subject, URIRef))
    yield from (subject for subject in graph.subjects(RDF.type, SKOS.Concept) if isinstance(subject, URIRef))


def _read_concept(graph: Graph, subject: URIRef) -> ImportedConcept:
    notations = [str(value) for value in graph.objects(subject, SKOS.notation)]
    in_ours = (subject, SKOS.inScheme, URIRef(SCHEME_URI)) in graph
    preferred, others = _read_labels(graph, subject, SKOS.prefLabel), _read_labels(graph, subject, SKOS.altLabel)
    labels = {}
    for language in sorted({*preferred, *others}):
        names = [*preferred.get(language, ()), *others.get(language, ())]
        labels[language] = tuple(dict.fromkeys(names))
    broader = [str(value) for value in graph.objects(subject, SKOS.broader) if isinstance(value, URIRef)]
    same = [str(value) for value in graph.objects(subject, SKOS.exactMatch) if isinstance(value, URIRef)]
    key = find_key(str(subject), [*same, *(notations if in_ours else ())])
    return ImportedConcept(str(subject), key, labels, tuple(sorted(broader)))


def _read_labels(graph: Graph, subject: URIRef, predicate: URIRef) -> dict[str, list[str]]:
    """Return the labels of a concept by language, sorted; labels without a language count as English."""
    labels: dict[str, list[str]] = defaultdict(list)
    for value in graph.objects(subject, predicate):
        if isinstance(value, Literal):
            tag = (value.language or "en").lower()
            code = tag.split("-")[0]
            language = "sr-cyrl" if tag.startswith("sr-cyrl") else _LANGUAGES.get(code, code) or code
            if name := " ".join(str(value).split()):
                labels[language].append(name)
    return {language: sorted(names) for language, names in labels.items()}
