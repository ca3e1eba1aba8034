"""What a gap, a practice or an offer is about: articles, topics, groups, forms of violence, and its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from samsvar.exchange.practices import FORMS_OF_VIOLENCE
from samsvar.languages import INTERFACE_LANGUAGES, grammatical_words
from samsvar.search.base_forms import list_base_forms
from samsvar.text import read_data_file
from samsvar.thesaurus.concepts import concepts

# The concepts that name a group that measures must reach. Those that name no form of violence either are topics.
GROUPS = frozenset({
    "lbti-women", "migrant-women", "older-women", "roma-women", "women-with-disabilities",
})  # fmt: skip

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is about. `articles` are numbers of the Convention, most relevant first."""

    articles: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()  # base forms, each with its language: "en:shelter"

    @property
    def all_articles(self) -> tuple[str, ...]:
        """Its articles, followed by the main article of each topic: shelters are a matter of Article 23."""
        known = concepts()
        implied = [number for key in sorted(self.topics) if key in known for number in known[key].articles[:1]]
        return tuple(dict.fromkeys((*self.articles, *implied)))


def make_subject(
    *, articles: Iterable[str] = (), concept_keys: Iterable[str] = (), texts: Mapping[str, str] | None = None
) -> Subject:
    """Return the subject of something with these articles and concepts, and its text by language.

    Without any concept, those whose name is in the text count: a request need not tick any.
    """
    texts = texts or {}
    keys = set(concept_keys) or {key for language, text in texts.items() for key in concepts_named_in(text, language)}
    keys &= concepts().keys()
    return Subject(
        articles=tuple(dict.fromkeys(articles)),
        topics=frozenset(keys.difference(FORMS_OF_VIOLENCE, GROUPS)),
        groups=frozenset(keys & GROUPS),
        forms=frozenset(keys.intersection(FORMS_OF_VIOLENCE)),
        words=frozenset(word for language, text in texts.items() for word in words_of(text, language)),
    )


def concepts_of_article(number: str) -> frozenset[str]:
    """Return the keys of the topics whose main article is this one."""
    topics = set(concepts()).difference(FORMS_OF_VIOLENCE, GROUPS)
    return frozenset(key for key in topics if concepts()[key].articles[:1] == (number,))


def words_of(text: str, language: str) -> frozenset[str]:
    """Return the words of a text that say what it is about, as base forms with their language: "en:shelter"."""
    ignored = _ignored_words(language)
    return frozenset(
        f"{language}:{token}" for token in _tokens(text, language) if token not in ignored and len(token) > 2
    )


@cache
def _ignored_words(language: str) -> frozenset[str]:
    """Return grammatical and general words, such as "the" and "become", with their base forms."""
    words = set(grammatical_words(language))
    if language in INTERFACE_LANGUAGES:
        lines = read_data_file("samsvar.exchange", f"general_words/{language}.txt").splitlines()
        words.update(word for line in lines if not line.startswith("#") for word in line.split())
    return frozenset(words | {_base_form(word, language) for word in words})


def languages_of(words: Iterable[str]) -> frozenset[str]:
    """Return the languages of words as `Subject.words` has them."""
    return frozenset(word.partition(":")[0] for word in words)


def _tokens(text: str, language: str) -> list[str]:
    """Return the words of a text in their order, in lower case and as base forms where the language is known."""
    return [_base_form(word, language) for word in _WORD.findall(text.lower().replace("’", "'"))]


@cache
def _base_form(word: str, language: str) -> str:
    forms = list_base_forms(word, language)
    return forms[0] if forms else word


@cache
def _labels(language: str) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return the concepts' names in a language, as base forms, by the first word of each."""
    names: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    if language not in INTERFACE_LANGUAGES:
        return {}
    for key, concept in concepts().items():
        label = dict(concept.labels).get(language)
        if label and (tokens := tuple(_tokens(label, language))):
            names.setdefault(tokens[0], []).append((tokens, key))
    return {first: tuple(entries) for first, entries in names.items()}


def concepts_named_in(text: str, language: str) -> frozenset[str]:
    """Return the keys of the concepts whose name in a language is in a text, in any inflected form that is known."""
    tokens, labels = _tokens(text, language), _labels(language)
    return frozenset(
        key
        for place, token in enumerate(tokens)
        for name, key in labels.get(token, ())
        if tuple(tokens[place : place + len(name)]) == name
    )
