"""Concepts such as shelters and risk assessment, each with a stable key, its names in 22 languages and its articles.

A concept can be narrower or wider than an article: emergency barring orders are only part of Article 52, and women with
disabilities concern every article. People describe their expertise with concepts, practices and meetings are linked to
them, and search finds what is about them in every language (`samsvar.thesaurus.tagging`).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import choose_text, fold, read_data_file
from samsvar.thesaurus.loading import (
    InvalidConcept,
    MappingRow,
    RetiredRow,
    ThesaurusError,
    parse_concept_rows,
    parse_label_rows,
    parse_mapping_rows,
    parse_retired_rows,
    parse_table,
)

# In full in the languages of the interface; the others name the most used concepts (data/most_used.csv). Serbian is in
# Latin script.
THESAURUS_LANGUAGES = (
    *INTERFACE_LANGUAGES,
    "sv", "da", "fi", "is", "de", "es", "it", "pt", "pl", "cs", "sk", "hu", "hr", "sl", "sr", "bg", "lt", "mt",
)  # fmt: skip

PACKAGE = "samsvar.thesaurus"

# Those whose tag in HTML and SKOS also says the script.
_LANGUAGE_TAGS = {"sr": "sr-Latn"}

# The names of our concepts outside Samsvar are UUIDs made from their keys (docs/decisions/0028); never change this one.
_URI_NAMESPACE = uuid.UUID("c2f3a1de-5a0b-4b7e-9a53-6f6f0f1c28d4")


class ConceptKind(StrEnum):
    """What a concept is: the kinds by which the thesaurus is browsed."""

    POLICY = "policy"
    VIOLENCE = "violence"
    SERVICE = "service"
    PROCEDURE = "procedure"
    PROFESSION = "profession"
    GROUP = "group"
    MEASURE = "measure"
    DATA = "data"


class MatchKind(StrEnum):
    """How a term of another vocabulary relates to a concept of ours, in the words of SKOS."""

    EXACT = "exact"
    CLOSE = "close"
    BROAD = "broad"  # the other term is broader
    NARROW = "narrow"


class ConceptNotFound(ThesaurusError):
    """Raised when the thesaurus has no concept with the requested key."""

    effect = ""

    def __init__(self, key: str) -> None:
        super().__init__(f"The thesaurus has no concept “{key}”.")
        self.key = key


def concept_uri(key: str) -> str:
    """Return the permanent identifier of a concept, which is the same at every site and is no web address."""
    return uuid.uuid5(_URI_NAMESPACE, key).urn


SCHEME_URI = concept_uri("")  # of the thesaurus as a whole


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept, such as shelters. `key` never changes; labels may."""

    key: str
    kind: ConceptKind
    labels: tuple[tuple[str, str], ...]  # (language, preferred label), in lower case as within a sentence
    other_labels: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (language, labels), only languages that have any
    broader: tuple[str, ...] = ()  # keys
    related: tuple[str, ...] = ()  # keys; mutual, also where the data name it on one side only
    articles: tuple[str, ...] = ()  # numbers of articles of the Istanbul Convention, most relevant first

    @property
    def uri(self) -> str:
        return concept_uri(self.key)

    def label(self, language: str = "en") -> str:
        """Return the preferred label in a language, in English if it has none there."""
        return choose_text(dict(self.labels), language)

    def names(self, language: str) -> tuple[str, ...]:
        """Return every label in a language, the preferred one first; () if it has none there."""
        preferred = dict(self.labels).get(language)
        return (preferred, *dict(self.other_labels).get(language, ())) if preferred else ()


@cache
def concepts() -> Mapping[str, Concept]:
    """Return every concept by its key, in the order of the Convention's articles."""
    labels = {language: text for language in THESAURUS_LANGUAGES if (text := _read_data(f"labels/{language}.csv"))}
    return MappingProxyType(parse_concepts(read_data_file(PACKAGE, "concepts.csv"), labels))


def language_tag(language: str) -> str:
    """Return the tag (BCP 47) of our labels in a language: "fr", and "sr-Latn" for Serbian."""
    return _LANGUAGE_TAGS.get(language, language)


def concept(key: str) -> Concept:
    """Return the concept with this key. Raises ConceptNotFound if there is none."""
    match = concepts().get(key)
    if match is None:
        raise ConceptNotFound(key)
    return match


@cache
def most_used() -> tuple[str, ...]:
    """Return the keys of the concepts that are named in all languages, which people choose from in forms."""
    text = _read_data("most_used.csv")
    return tuple(key for (key,) in parse_table(text, "most_used.csv", ("key",))) if text else ()


def list_choices(language: str, selected: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (key, label) of the most used concepts and of those selected before, in the order of their labels."""
    keys = dict.fromkeys((*most_used(), *(key for key in selected if key in concepts())))
    return sorted(((key, concept(key).label(language)) for key in keys), key=lambda choice: fold(choice[1]))


def narrower(key: str) -> tuple[str, ...]:
    """Return the keys of the concepts that are directly narrower than this one, in their usual order."""
    return _narrower().get(key, ())


@cache
def with_narrower(key: str) -> tuple[str, ...]:
    """Return the key itself and those of all narrower concepts, direct and indirect, each once."""
    keys = [key]
    for known in keys:  # grows while it is read
        keys += [child for child in narrower(known) if child not in keys]
    return tuple(keys)


@cache
def _narrower() -> Mapping[str, tuple[str, ...]]:
    children: dict[str, list[str]] = {}
    for child in concepts().values():
        for parent in child.broader:
            children.setdefault(parent, []).append(child.key)
    return {parent: tuple(keys) for parent, keys in children.items()}


@cache
def mappings() -> tuple[MappingRow, ...]:
    """Return the terms of other vocabularies that are mapped to our concepts."""
    text = _read_data("mappings.csv")
    return tuple(parse_mapping_rows(text)) if text else ()


@cache
def retired_concepts() -> Mapping[str, RetiredRow]:
    """Return the keys that were given up, each with the one that replaces it, if any. They are never used again."""
    text = _read_data("retired.csv")
    return {row.key: row for row in parse_retired_rows(text)} if text else {}


@cache
def thesaurus_version() -> str:
    """Return a fingerprint of the data, 16 hexadecimal digits; an index built with another one must be rebuilt."""
    parts = [f"{part}/{language}.csv" for part in ("labels", "forms") for language in THESAURUS_LANGUAGES]
    digest = hashlib.sha256()
    for name in ("concepts.csv", *parts):
        digest.update(f"{name}\x1f{_read_data(name)}\x1f".encode())
    return digest.hexdigest()[:16]


def _read_data(name: str) -> str:
    """Return the text of a data file; "" if there is no such file."""
    path = files(PACKAGE).joinpath("data", *name.split("/"))
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def parse_concepts(concepts_text: str, labels: Mapping[str, str]) -> dict[str, Concept]:
    """Parse concepts from a CSV text of concepts and one of labels per language (`loading` has their columns).

    Labels may be missing in any language but English. Raises InvalidConcept for the first invalid row.
    """
    concept_rows = {row.key: row for row in parse_concept_rows(concepts_text)}
    label_rows = {
        language: {row.key: row for row in parse_label_rows(text, f"labels/{language}.csv")}
        for language, text in labels.items()
    }
    for language, named in label_rows.items():
        if unknown := named.keys() - concept_rows.keys():
            raise InvalidConcept(f"labels/{language}.csv", min(unknown), "there is no such concept")
    related: dict[str, list[str]] = {key: [] for key in concept_rows}
    for key, concept_row in concept_rows.items():
        if key != make_slug(key):
            raise InvalidConcept("concepts.csv", key, "a key may only contain lower-case letters, digits and hyphens")
        if concept_row.kind not in ConceptKind:
            raise InvalidConcept("concepts.csv", key, f"“{concept_row.kind}” is not a kind of concept")
        if key not in label_rows.get("en", {}):
            raise InvalidConcept("labels/en.csv", key, "it has no English label")
        for other in (*concept_row.broader, *concept_row.related):
            if other not in concept_rows or other == key:
                raise InvalidConcept("concepts.csv", key, f"“{other}” is not another concept")
        for other in concept_row.related:
            related[key].append(other)
            related[other].append(key)
    return {
        key: Concept(
            key=key,
            kind=ConceptKind(concept_row.kind),
            labels=tuple((language, named[key].preferred) for language, named in label_rows.items() if key in named),
            other_labels=tuple(
                (language, named[key].other)
                for language, named in label_rows.items()
                if key in named and named[key].other
            ),
            broader=concept_row.broader,
            related=tuple(dict.fromkeys(related[key])),
            articles=concept_row.articles,
        )
        for key, concept_row in concept_rows.items()
    }
