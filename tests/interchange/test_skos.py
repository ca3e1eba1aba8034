"""The thesaurus as SKOS and as a table: out and in again without a difference, and files of strangers read safely."""

from __future__ import annotations

import json
import socket

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS

from samsvar.interchange.imported_thesaurus import UnreadableThesaurus
from samsvar.interchange.skos import SkosFormat, render_skos
from samsvar.interchange.thesaurus_export import EXPORT_FORMATS, export_thesaurus
from samsvar.interchange.thesaurus_import import DifferenceKind, read_thesaurus, render_label_files
from samsvar.thesaurus.concepts import SCHEME_URI, concept, concept_uri, concepts, mappings
from samsvar.thesaurus.loading import RetiredRow

SHELTERS = concept_uri("shelters")
PREFIXES = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"


@pytest.fixture(scope="module")
def exported() -> dict[str, bytes]:
    return {name: export_thesaurus(name, "https://site.example/thesaurus/") for name in EXPORT_FORMATS}


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_our_own_export_differs_in_nothing(exported: dict[str, bytes], name: str):
    comparison = read_thesaurus(exported[name])
    assert sorted(imported.key for imported in comparison.concepts if imported.key in concepts()) == sorted(concepts())
    assert {one.kind for one in comparison.differences} <= {DifferenceKind.RETIRED_KEY}
    assert comparison.ignored_languages == {}
    shelters = next(imported for imported in comparison.concepts if imported.key == "shelters")
    assert {language: set(names) for language, names in shelters.labels.items()} == {
        language: set(concept("shelters").names(language)) for language, _ in concept("shelters").labels
    }


def test_skos_holds_labels_relations_articles_and_pages(exported: dict[str, bytes]):
    graph = Graph().parse(data=exported["turtle"], format="turtle")
    subject = URIRef(SHELTERS)
    assert (URIRef(SCHEME_URI), RDF.type, SKOS.ConceptScheme) in graph
    assert {(label.value, label.language) for label in graph.objects(subject, SKOS.prefLabel)} >= {
        ("shelters", "en"), ("krisesentre", "nb"),
    }  # fmt: skip
    support = URIRef(concept_uri("specialist-support-services"))
    assert support in set(graph.objects(subject, SKOS.broader))
    assert {*graph.subject_objects(SKOS.narrower)} == {
        (broader, own) for own, broader in graph.subject_objects(SKOS.broader)
    }
    assert {*graph.subjects(SKOS.topConceptOf)} == {*graph.objects(URIRef(SCHEME_URI), SKOS.hasTopConcept)}
    assert "CETS 210, Article 23" in exported["turtle"].decode()
    assert "<https://site.example/thesaurus/shelters/>" in exported["turtle"].decode()
    matches = {"exact": SKOS.exactMatch, "close": SKOS.closeMatch, "broad": SKOS.broadMatch, "narrow": SKOS.narrowMatch}
    for mapping in mappings():
        subject, other = URIRef(concept_uri(mapping.key)), URIRef(mapping.uri)
        assert [*graph.predicates(subject, other)] == [matches[mapping.match]]


def test_a_retired_concept_stays_and_names_the_one_that_replaces_it(monkeypatch: pytest.MonkeyPatch):
    retired = {"old": RetiredRow("old", "shelters", "2026-11-27", "a second key")}
    monkeypatch.setattr("samsvar.interchange.skos.retired_concepts", lambda: retired)
    graph = Graph().parse(data=render_skos(SkosFormat.TURTLE), format="turtle")
    subject = URIRef(concept_uri("old"))
    assert [value.toPython() for value in graph.objects(subject, OWL.deprecated)] == [True]
    assert [*graph.objects(subject, DCTERMS.isReplacedBy)] == [URIRef(SHELTERS)]


def test_an_identifier_is_permanent():
    """Files of others hold it: it is the same at every site and in every version."""
    assert SHELTERS == "urn:uuid:eee20626-2371-5014-bb44-0cacee200f6f"


def test_a_file_of_others_is_compared_and_changes_nothing():
    mine = f"<{SHELTERS}>"
    comparison = read_thesaurus(
        f"""{PREFIXES}
        {mine} a skos:Concept ; skos:prefLabel "safe places"@en, "Frauenheime"@de-AT, "άσυλα"@el ;
            skos:altLabel "helplines"@en ; skos:broader <urn:other> .
        <urn:other> a skos:Concept ; skos:prefLabel "legal aid"@en .
        <urn:mapped> skos:prefLabel "x"@sr-Cyrl ; skos:exactMatch {mine} .
        """.encode()
    )
    kinds = {(one.key, one.language, one.kind): one.detail for one in comparison.differences}
    assert "ours: “shelters”; the file: “safe places”" in kinds["shelters", "en", DifferenceKind.PREFERRED_LABEL]
    assert "is a label of helplines" in kinds["shelters", "en", DifferenceKind.COLLISION]
    assert ("shelters", "", DifferenceKind.BROADER) in kinds
    assert "its labels are those of legal-aid" in kinds["urn:other", "", DifferenceKind.UNKNOWN_CONCEPT]
    assert {one.id: one.key for one in comparison.concepts} == {
        "urn:other": "", "urn:mapped": "shelters", SHELTERS: "shelters",
    }  # fmt: skip
    assert comparison.ignored_languages == {"el": 1, "sr-cyrl": 1}


def test_a_notation_of_others_is_no_key_of_ours_and_norwegian_is_bokmaal():
    comparison = read_thesaurus(
        f"""{PREFIXES}
        <urn:other> skos:prefLabel "hytter"@no, "hytte"@nn ; skos:notation "shelters" .
        <urn:ours> skos:prefLabel "x"@en ; skos:notation "shelters" ; skos:inScheme <{SCHEME_URI}> .
        """.encode()
    )
    assert {one.id: one.key for one in comparison.concepts} == {"urn:other": "", "urn:ours": "shelters"}
    (other,) = (one for one in comparison.concepts if one.id == "urn:other")
    assert other.labels == {"nb": ("hytter",), "nn": ("hytte",)}
    assert comparison.ignored_languages == {"nn": 1}


def test_labels_that_one_side_lacks_and_a_retired_key_are_differences(monkeypatch: pytest.MonkeyPatch):
    retired = {"old": RetiredRow("old", "shelters", "2026-11-27", "a second key")}
    for module in ("imported_thesaurus", "thesaurus_import"):
        monkeypatch.setattr(f"samsvar.interchange.{module}.retired_concepts", lambda: retired)
    comparison = read_thesaurus(b"key,preferred_en,other_en\nshelters,shelters,havens of rest\nold,refuge houses,\n")
    assert {(one.key, one.kind, one.detail) for one in comparison.differences} == {
        ("shelters", DifferenceKind.NEW_LABEL, "“havens of rest”"),
        ("old", DifferenceKind.RETIRED_KEY, "use shelters"),
        *(("shelters", DifferenceKind.MISSING_LABEL, f"“{name}”") for name in concept("shelters").names("en")[1:]),
    }
    assert len(concept("shelters").names("en")) > 1


def test_labels_of_a_file_become_label_files_of_known_concepts():
    table = "key,preferred_de,other_de\nshelters,Frauenhäuser,Frauenhaus|Schutzwohnung\nunknown,Unbekannt,\n"
    assert render_label_files(read_thesaurus(table.encode()).concepts) == {
        "de.csv": "key,preferred,other\nshelters,Frauenhäuser,Frauenhaus|Schutzwohnung\n"
    }


def test_a_key_or_column_that_a_table_has_twice_is_named():
    twice = "key,preferred_en\nshelters,safe places\nshelters,havens\n"
    comparison = read_thesaurus(twice.encode())
    assert [one.key for one in comparison.differences if one.kind is DifferenceKind.REPEATED] == ["shelters"]
    assert "havens" not in render_label_files(comparison.concepts)["en.csv"]
    with pytest.raises(UnreadableThesaurus, match="the column “preferred_en” twice"):
        read_thesaurus(b"key,preferred_en,Preferred_EN\nshelters,a,b\n")


def test_a_label_file_has_the_language_of_its_name():
    content = "key,preferred,other\nshelters,Frauenhäuser,\n".encode()
    assert read_thesaurus(content, "de.csv").concepts[0].labels == {"de": ("Frauenhäuser",)}
    with pytest.raises(UnreadableThesaurus, match="must be named by its language"):
        read_thesaurus(content, "labels.csv")


# --- Files of strangers -----------------------------------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="urn:x"><skos:prefLabel>&b;</skos:prefLabel></skos:Concept></rdf:RDF>"""
EXTERNAL = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="urn:x">&x;</rdf:Description></rdf:RDF>"""
EXTERNAL_SUBSET = b"""<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>"""


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The addresses that something tried to connect to."""
    attempts: list[object] = []

    def refuse(_socket: socket.socket, address: object) -> None:
        attempts.append(address)
        raise OSError("no connection is made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **_: attempts.append(where) or [])
    return attempts


@pytest.mark.parametrize("content", [BOMB, EXTERNAL, EXTERNAL_SUBSET, BOMB.decode().encode("utf-16")])
def test_a_document_type_is_refused(content: bytes, no_connections: list[object]):
    with pytest.raises(UnreadableThesaurus, match="document type"):
        read_thesaurus(content)
    assert no_connections == []


@pytest.mark.parametrize(
    "document",
    [
        {"@context": "http://127.0.0.1:9/context.jsonld", "@id": "urn:x"},
        {"@context": [{"skos": "http://www.w3.org/2004/02/skos/core#"}, "http://127.0.0.1:9/c"], "@id": "urn:x"},
        {"@context": {"@import": "http://127.0.0.1:9/c"}, "@id": "urn:x"},
        {"@context": {"p": {"@id": "urn:p", "@context": "http://127.0.0.1:9/c"}}, "@id": "urn:x"},
        {"@graph": [{"@id": "urn:x", "urn:p": {"@context": "../c", "@id": "urn:y"}}]},
        [{"@context": "file:///etc/passwd"}],
    ],
)
def test_a_context_elsewhere_is_never_fetched(document: object, no_connections: list[object]):
    with pytest.raises(UnreadableThesaurus, match="context elsewhere"):
        read_thesaurus(json.dumps(document).encode())
    assert no_connections == []


def test_addresses_in_a_file_are_not_opened(no_connections: list[object]):
    turtle = (
        f"{PREFIXES}@base <http://127.0.0.1:9/> . <x> skos:prefLabel 'x'@en ; skos:inScheme <y> ; skos:broader <z> ."
    )
    assert read_thesaurus(turtle.encode()).concepts[0].id == "http://127.0.0.1:9/x"
    assert no_connections == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"<html><body>no</body></html>",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"@prefix : <urn:> . :a :b " + b"[ :b " * 50_000,
        b"@prefix : <urn:> . :a :b " + b"(" * 50_000,
        b"<?xml version='1.0'?>" + b"<a>" * 50_000,
        b"<urn:a> <urn:b> <urn:c> .",
        b"key,name\nshelters,x\n",
        b"@prefix skos: <http://www.w3.org/2004/02/skos/core#> . _:x skos:prefLabel 'x'@en .",
    ],
)
def test_anything_else_is_a_named_error(content: bytes):
    with pytest.raises(UnreadableThesaurus):
        read_thesaurus(content)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("samsvar.interchange.thesaurus_import.MAX_FILE_BYTES", 10)
    with pytest.raises(UnreadableThesaurus, match="larger than"):
        read_thesaurus(b"x" * 11)
