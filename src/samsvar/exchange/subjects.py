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
from samsvar.thesaurus.concepts import ConceptKind, concepts
from samsvar.thesaurus.tagging import tag_text

# The concepts that name a group of people. Those that name no form of violence either are topics.
GROUPS = frozenset(key for key, known in concepts().items() if known.kind is ConceptKind.GROUP)

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is about. `articles` are numbers of the Convention, most relevant first."""

    articles: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()  # base forms, each with its language: "en:shelter"
    named: frozenset[str] = frozenset()  # the concepts that the text names, whatever its language and what was ticked

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

    Without any concept, those that the text names count: a request need not tick any.
    """
    texts = texts or {}
    named = frozenset(key for language, text in texts.items() for key in concepts_named_in(text, language))
    keys = (set(concept_keys) or named) & concepts().keys()
    return Subject(
        articles=tuple(dict.fromkeys(articles)),
        topics=frozenset(keys.difference(FORMS_OF_VIOLENCE, GROUPS)),
        groups=frozenset(keys & GROUPS),
        forms=frozenset(keys.intersection(FORMS_OF_VIOLENCE)),
        words=frozenset(word for language, text in texts.items() for word in words_of(text, language)),
        named=named,
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


def concepts_named_in(text: str, language: str) -> frozenset[str]:
    """Return the keys of the concepts that a text names, in any inflected form that is known."""
    return frozenset(mention.key for mention in tag_text(text, language))
