"""What the field speaks about, by stable keys: shelters, risk assessment, data collection, each with its articles.

A concept is narrower than an article, or wider: an emergency barring order is half of what Article 52 is about, and
women with disabilities are in every article. People name what they know by concepts, and searches start from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from samsvar.ids import slug
from samsvar.languages import INTERFACE
from samsvar.thesaurus.loading import BadConcept, ThesaurusError, data_file, pairs_in


class NoSuchConcept(ThesaurusError):
    """A concept was asked for that the thesaurus does not have."""

    code = "no_such_concept"
    kept = ""

    def __init__(self, key: str) -> None:
        super().__init__(f"The thesaurus has no concept “{key}”.")
        self.key = key


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that the field has a name for. `key` never changes; labels may."""

    key: str
    labels: tuple[tuple[str, str], ...]  # (language, label), in small letters as within a sentence
    articles: tuple[str, ...]  # numbers of the Istanbul Convention, those it belongs to most first

    def label(self, language: str = "en") -> str:
        """What it is called in `language`, in English where that has no word of ours."""
        labels = dict(self.labels)
        return labels.get(language, labels["en"])


@cache
def concepts() -> Mapping[str, Concept]:
    """Every concept by its key, in the order of the Convention's articles."""
    labels = {language: data_file(f"labels/{language}.csv") for language in INTERFACE}
    return MappingProxyType(concepts_in(data_file("concepts.csv"), labels))


def concept(key: str) -> Concept:
    """The concept with this key. Raises NoSuchConcept."""
    found = concepts().get(key)
    if found is None:
        raise NoSuchConcept(key)
    return found


def concepts_of_article(number: str) -> tuple[Concept, ...]:
    """The concepts that belong to an article."""
    return tuple(one for one in concepts().values() if number in one.articles)


def concepts_in(listed: str, labels: Mapping[str, str]) -> dict[str, Concept]:
    """The concepts of a CSV text (key, articles), with labels from one CSV text a language (key, label).

    A language may lack a label; English may not. Raises BadConcept for the first row that does not hold.
    """
    articles = pairs_in(listed, "concepts.csv")
    named = {language: pairs_in(text, f"labels/{language}.csv") for language, text in labels.items()}
    for language, pairs in named.items():
        if unknown := pairs.keys() - articles.keys():
            raise BadConcept(f"labels/{language}.csv", min(unknown), "there is no such concept")
    for key in articles:
        if key != slug(key):
            raise BadConcept("concepts.csv", key, "a key has small letters, digits and hyphens")
        if key not in named["en"]:
            raise BadConcept("labels/en.csv", key, "it has no English label")
    return {
        key: Concept(
            key=key,
            labels=tuple((language, pairs[key]) for language, pairs in named.items() if key in pairs),
            articles=tuple(numbers.split("|")),
        )
        for key, numbers in articles.items()
    }
