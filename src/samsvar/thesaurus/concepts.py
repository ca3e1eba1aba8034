"""Concepts such as shelters and risk assessment, each with a stable key, its names in 22 languages and its articles.

A concept can be narrower or wider than an article: emergency barring orders are only part of Article 52, and women with
disabilities concern every article. People describe their expertise with concepts, practices and meetings are linked to
them, and search finds what is about them in every language (`samsvar.thesaurus.tagging`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import choose_text, read_data_file
from samsvar.thesaurus.loading import InvalidConcept, ThesaurusError, parse_concept_rows, parse_label_rows

# In full in the languages of the interface; the others name the most used concepts (data/most_used.csv). Serbian is in
# Latin script.
THESAURUS_LANGUAGES = (
    *INTERFACE_LANGUAGES,
    "sv", "da", "fi", "is", "de", "es", "it", "pt", "pl", "cs", "sk", "hu", "hr", "sl", "sr", "bg", "lt", "mt",
)  # fmt: skip

PACKAGE = "samsvar.thesaurus"


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


class ConceptNotFound(ThesaurusError):
    """Raised when the thesaurus has no concept with the requested key."""

    effect = ""

    def __init__(self, key: str) -> None:
        super().__init__(f"The thesaurus has no concept “{key}”.")
        self.key = key


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
    labels = {language: text for language in THESAURUS_LANGUAGES if (text := _read_labels(language))}
    return MappingProxyType(parse_concepts(read_data_file(PACKAGE, "concepts.csv"), labels))


def concept(key: str) -> Concept:
    """Return the concept with this key. Raises ConceptNotFound if there is none."""
    match = concepts().get(key)
    if match is None:
        raise ConceptNotFound(key)
    return match


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
def thesaurus_version() -> str:
    """Return a fingerprint of the data, 16 hexadecimal digits; an index built with another one must be rebuilt."""
    digest = hashlib.sha256()
    folder = files(PACKAGE).joinpath("data")
    names = [
        "concepts.csv",
        *(f"{part}/{language}.csv" for language in THESAURUS_LANGUAGES for part in ("labels", "forms")),
    ]
    for name in names:
        path = folder.joinpath(name)
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"") + b"\0")
    return digest.hexdigest()[:16]


def _read_labels(language: str) -> str:
    """Return the text of the labels of a language; "" if there is no such file yet."""
    path = files(PACKAGE).joinpath("data", "labels", f"{language}.csv")
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
