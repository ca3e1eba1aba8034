"""What the pages of the thesaurus show. Nothing here reads the database: the thesaurus is files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import compress, decompress

from samsvar.interchange.thesaurus_export import export_thesaurus
from samsvar.languages import display_language
from samsvar.search.expansion import recognise_names
from samsvar.site.thesaurus.labels import KINDS, MATCHES
from samsvar.text import fold, fold_fully
from samsvar.thesaurus.concepts import (
    THESAURUS_LANGUAGES,
    Concept,
    ConceptKind,
    MatchKind,
    concept,
    concepts,
    mappings,
    narrower,
)
from samsvar.thesaurus.loading import MappingRow

MAX_MATCHES = 50  # concepts shown of those that a word finds
MAX_WORD_LENGTH = 100  # characters


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A concept that a reader's word finds, with the label that contains the word and the code of its language."""

    concept: Concept
    label: str
    language: str


@dataclass(frozen=True, slots=True)
class ThesaurusPage:
    kinds: tuple[tuple[ConceptKind, Any, tuple[Concept, ...]], ...]  # (kind, label, its concepts)
    word: str
    matches: tuple[LabelMatch, ...]
    match_count: int  # those that are not shown included
    concept_count: int
    language_count: int


@dataclass(frozen=True, slots=True)
class ConceptPage:
    concept: Concept
    kind_label: Any
    names: tuple[str, ...]  # in the reader's language, or in English if it has none there
    names_language: str
    other_names: tuple[tuple[str, str, tuple[str, ...]], ...]  # (code, name of the language, names)
    broader: tuple[Concept, ...]
    narrower: tuple[Concept, ...]
    related: tuple[Concept, ...]
    mappings: tuple[tuple[MappingRow, Any], ...]  # (mapping, label of the match)


def thesaurus_page(*, word: str, language: str) -> ThesaurusPage:
    """Return every concept by kind, and those that have a label with this word in any language, if one is given."""
    word = " ".join(word.split())[:MAX_WORD_LENGTH]
    matches = _find_labels(word, language) if word else []
    return ThesaurusPage(
        kinds=_concepts_by_kind(language),
        word=word,
        matches=tuple(matches[:MAX_MATCHES]),
        match_count=len(matches),
        concept_count=len(concepts()),
        language_count=len(THESAURUS_LANGUAGES),
    )


def concept_page(key: str, *, language: str) -> ConceptPage:
    """Return the page of a concept. Raises ConceptNotFound."""
    shown = concept(key)
    names_language = language if shown.names(language) else "en"
    named = [(code, display_language(code, language), shown.names(code)) for code in THESAURUS_LANGUAGES]
    return ConceptPage(
        concept=shown,
        kind_label=KINDS[shown.kind],
        names=shown.names(names_language),
        names_language=names_language,
        other_names=tuple(
            sorted(
                (entry for entry in named if entry[2] and entry[0] != names_language),
                key=lambda entry: fold(entry[1]),
            )
        ),
        broader=tuple(map(concept, shown.broader)),
        narrower=_in_order(map(concept, narrower(key)), language),
        related=_in_order(map(concept, shown.related), language),
        mappings=tuple((mapping, MATCHES[MatchKind(mapping.match)]) for mapping in mappings() if mapping.key == key),
    )


def exported_thesaurus(name: str, pages: str) -> bytes:
    """Return the thesaurus in a format of `EXPORT_FORMATS`; `pages` is the address of the thesaurus on this site."""
    return decompress(_compressed_export(name, pages))


@lru_cache(maxsize=16)  # four formats for each language of the pages; SKOS takes seconds to write and 300 KB compressed
def _compressed_export(name: str, pages: str) -> bytes:
    return compress(export_thesaurus(name, pages))


@lru_cache(maxsize=8)  # one entry a language
def _concepts_by_kind(language: str) -> tuple[tuple[ConceptKind, Any, tuple[Concept, ...]], ...]:
    return tuple(
        (kind, label, _in_order((one for one in concepts().values() if one.kind is kind), language))
        for kind, label in KINDS.items()
    )


def _in_order(some: Iterable[Concept], language: str) -> tuple[Concept, ...]:
    return tuple(sorted(some, key=lambda entry: fold(entry.label(language))))


def _find_labels(word: str, language: str) -> list[LabelMatch]:
    """Return the concepts with a label that contains the word: first exact ones, then by the language and the order.

    The reader's language comes first, then English.
    """
    wanted = fold_fully(word)
    languages = [*dict.fromkeys((language, "en", *THESAURUS_LANGUAGES))]
    best: dict[str, tuple[int, int, LabelMatch]] = {}
    for place, code in enumerate(languages):
        for known in concepts().values():
            for name in known.names(code):
                folded = fold_fully(name)
                if wanted in folded:
                    rank = 0 if folded == wanted else 1 if folded.startswith(wanted) else 2
                    if known.key not in best or (rank, place) < best[known.key][:2]:
                        best[known.key] = (rank, place, LabelMatch(known, name, code))
    for recognition in recognise_names(word.split()):  # a grammatical form that no label has: “krisesentrene”
        if recognition.text == word:
            code = recognition.languages[0]
            match = LabelMatch(concept(recognition.key), word, code)
            best.setdefault(recognition.key, (0, languages.index(code), match))
    ranked = sorted(best.values(), key=lambda entry: (entry[0], entry[1], fold(entry[2].label)))
    return [entry[2] for entry in ranked]
