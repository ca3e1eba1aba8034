"""Concepts such as shelters and risk assessment, each with a stable key and its articles of the Convention.

A concept can be narrower or wider than an article: emergency barring orders are only part of Article 52, and women with
disabilities concern every article. People describe their expertise with concepts, and meetings can be linked to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import choose_text, read_data_file
from samsvar.thesaurus.loading import InvalidConcept, ThesaurusError, parse_pairs


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
    labels: tuple[tuple[str, str], ...]  # (language, label), in lower case as within a sentence
    articles: tuple[str, ...]  # numbers of articles of the Istanbul Convention, most relevant first

    def label(self, language: str = "en") -> str:
        return choose_text(dict(self.labels), language)


@cache
def concepts() -> Mapping[str, Concept]:
    """Return every concept by its key, in the order of the Convention's articles."""
    package = "samsvar.thesaurus"
    labels = {language: read_data_file(package, f"labels/{language}.csv") for language in INTERFACE_LANGUAGES}
    return MappingProxyType(parse_concepts(read_data_file(package, "concepts.csv"), labels))


def concept(key: str) -> Concept:
    """Return the concept with this key. Raises ConceptNotFound if there is none."""
    match = concepts().get(key)
    if match is None:
        raise ConceptNotFound(key)
    return match


def parse_concepts(concepts_text: str, labels: Mapping[str, str]) -> dict[str, Concept]:
    """Parse concepts from a CSV text (key, articles) and one CSV text of labels per language (key, label).

    Labels may be missing in any language but English. Raises InvalidConcept for the first invalid row.
    """
    articles = parse_pairs(concepts_text, "concepts.csv")
    labels_by_language = {
        language: parse_pairs(labels_text, f"labels/{language}.csv") for language, labels_text in labels.items()
    }
    for language, pairs in labels_by_language.items():
        if unknown := pairs.keys() - articles.keys():
            raise InvalidConcept(f"labels/{language}.csv", min(unknown), "there is no such concept")
    for key in articles:
        if key != make_slug(key):
            raise InvalidConcept("concepts.csv", key, "a key may only contain lower-case letters, digits and hyphens")
        if key not in labels_by_language["en"]:
            raise InvalidConcept("labels/en.csv", key, "it has no English label")
    return {
        key: Concept(
            key=key,
            labels=tuple((language, pairs[key]) for language, pairs in labels_by_language.items() if key in pairs),
            articles=tuple(numbers.split("|")),
        )
        for key, numbers in articles.items()
    }
