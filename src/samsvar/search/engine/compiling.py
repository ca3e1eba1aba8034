"""Compile a query tree and filters into a query of tantivy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import tantivy

from samsvar.search.engine.analysis import STEMMERS, has_stem_as_written, list_stem_sequences, tokenize
from samsvar.search.engine.documents import UNSTEMMED, schema
from samsvar.search.errors import TooManyPrefixMatches
from samsvar.search.items import LabelFilters
from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    MatchAll,
    Not,
    Phrase,
    Prefix,
    QueryTree,
    Word,
    YearRange,
    positive_terms,
)
from samsvar.thesaurus.concepts import with_narrower

# Each word matched by a star in a phrase is looked up with all its positions: "b* c*" took 1.4 s on 100,000
# paragraphs; with 2,000 words in total a phrase stays below 0.3 s (2026-11). A star outside a phrase has no such
# limit.
MAX_PHRASE_EXPANSIONS = 2_000
EXACT_FORM_BONUS = 0.3  # how much more a word counts that is in the text exactly as typed
# Of a word and the concept that it names, the better score counts, and half of the other: a text in another language
# has only the concept, and would otherwise come after every text that has both.
CONCEPT_TIE_BREAKER = 0.5
# How much more a text counts whose heading or title names the concept than one that only mentions it. On the questions
# of benchmarks/search_meaning a higher boost finds more answers, but lists bare headings before paragraphs.
SUBJECT_BOOST = 2.5


def match_all_query() -> tantivy.Query:
    """Return the query that finds every item."""
    return tantivy.Query.const_score_query(tantivy.Query.term_query(schema(), "role", "findable"), 0.0)


def compile_query(tree: QueryTree, searcher: tantivy.Searcher, *, scored: bool = True) -> tantivy.Query | None:
    """Compile a query tree into a tantivy query; None if it contains no word that the analysers accept.

    One that is not `scored` has the same hits, and counts them in less time.
    """
    compile_part = partial(compile_query, searcher=searcher, scored=scored)
    match tree:
        case Word():
            return _word_query(tree, searcher, scored=scored)
        case Prefix(text, column):
            return _prefix_query(f"{column}_written", phrase_tokens(f"{text}*"), searcher)
        case Phrase(text, column):
            return _prefix_query(f"{column}_written", phrase_tokens(text), searcher)
        case LabelTerm(LabelName.CONCEPT, key):
            named = tantivy.Query.term_query(schema(), LabelName.CONCEPT, key, "freq")
            if not scored or not searcher.doc_freq("subject", key):
                return named
            subject = tantivy.Query.term_query(schema(), "subject", key, "basic")
            return _any_query([named, tantivy.Query.boost_query(subject, SUBJECT_BOOST)])
        case LabelTerm(name, value):
            return _label_query(name, (value,))
        case YearRange(first, last):
            return _label_query(LabelName.YEAR, tuple(str(year) for year in range(first, last + 1)))
        case Not(part):
            inner = compile_query(part, searcher, scored=False)
            return boolean_query([], [inner]) if inner is not None else None
        case AllOf(parts):
            wanted = [
                _required_word_query(part, searcher) if scored and isinstance(part, Word) else compile_part(part)
                for part in parts
                if not isinstance(part, Not)
            ]
            denied = [compile_query(part.part, searcher, scored=False) for part in parts if isinstance(part, Not)]
            return boolean_query([q for q in wanted if q is not None], [q for q in denied if q is not None])
        case AnyOf(parts):
            either = [query for part in parts if (query := compile_part(part)) is not None]
            if either and any(isinstance(part, LabelTerm) and part.name is LabelName.CONCEPT for part in parts):
                return tantivy.Query.disjunction_max_query(either, CONCEPT_TIE_BREAKER)
            return _any_query(either) if either else None
        case MatchAll():
            return match_all_query()


def _word_query(word: Word, searcher: tantivy.Searcher, *, scored: bool) -> tantivy.Query | None:
    """Return the query for a word in any of its forms, of which the typed one scores higher."""
    written = tokenize(word.text)
    if not written:
        return None
    # a language without documents needs no query, and its dictionary 0.1 to 0.4 s to open
    languages = [language for language in STEMMERS if searcher.doc_freq(LabelName.LANGUAGE, language)]
    as_stems = [
        _sequence_query(f"{word.column}_{language}", stems)
        for language in languages
        for stems in list_stem_sequences(word.text, language)
        if len(stems) > 1 or searcher.doc_freq(f"{word.column}_{language}", stems[0])
    ]
    as_written = _sequence_query(f"{word.column}_written", written)
    if scored:
        exact = tantivy.Query.boost_query(as_written, 1 + EXACT_FORM_BONUS)
        return tantivy.Query.disjunction_max_query([exact, *as_stems])
    if len(written) > 1 or not all(has_stem_as_written(word.text, language) for language in languages):
        return _any_query([as_written, *as_stems])
    # every text with the word as written has its stem or is in this column, so that one list is read instead of two
    unstemmed = f"{word.column}_{UNSTEMMED}"
    if searcher.doc_freq(unstemmed, written[0]) or not as_stems:
        as_stems.append(tantivy.Query.term_query(schema(), unstemmed, written[0], "basic"))
    return _any_query(as_stems)


def _required_word_query(word: Word, searcher: tantivy.Searcher) -> tantivy.Query | None:
    """Return the query for a word that every hit has, whose typed form is only looked up in the hits.

    Reading both lists of texts for each of several words takes twice as long as finding the texts in all of them.
    """
    in_any_form = _word_query(word, searcher, scored=False)
    if in_any_form is None:
        return None
    as_written = _sequence_query(f"{word.column}_written", tokenize(word.text))
    exact = tantivy.Query.boost_query(as_written, EXACT_FORM_BONUS)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, in_any_form), (tantivy.Occur.Should, exact)])


def _any_query(queries: list[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def boolean_query(wanted: list[tantivy.Query], denied: list[tantivy.Query]) -> tantivy.Query | None:
    """Return the query for what has all that is wanted and nothing that is denied; None if both are empty."""
    if not wanted and not denied:
        return None
    must = [(tantivy.Occur.Must, query) for query in wanted or [match_all_query()]]
    return tantivy.Query.boolean_query([*must, *((tantivy.Occur.MustNot, query) for query in denied)])


def _sequence_query(field: str, words: list[str]) -> tantivy.Query:
    if len(words) == 1:
        return tantivy.Query.term_query(schema(), field, words[0], "freq")
    return tantivy.Query.phrase_query(schema(), field, [*words])


def phrase_tokens(text: str) -> list[tuple[str, bool]]:
    """Return (word, whether it is a prefix) for each word of a phrase such as `protection ord*`."""
    words: list[tuple[str, bool]] = []
    for part in re.split(r"(?<=\*)|\s+", text):
        part_words = tokenize(part)
        words += [(word, number == len(part_words) and part.endswith("*")) for number, word in enumerate(part_words, 1)]
    return words


def _prefix_query(field: str, words: list[tuple[str, bool]], searcher: tantivy.Searcher) -> tantivy.Query | None:
    if not words:
        return None
    if not any(is_prefix for _, is_prefix in words):
        return _sequence_query(field, [word for word, _ in words])
    if len(words) == 1:  # the same as the regular expression "word.*", which takes 0.2 ms to compile
        return tantivy.Query.fuzzy_term_query(schema(), field, words[0][0], distance=0, prefix=True)
    patterns = [re.escape(word) + (".*" if is_prefix else "") for word, is_prefix in words]
    remaining = MAX_PHRASE_EXPANSIONS
    for word in (word for word, is_prefix in words if is_prefix):
        remaining -= len(searcher.terms_with_prefix(field, word, limit=remaining + 1))
        if remaining < 0:
            raise TooManyPrefixMatches("Too many words start with these letters.")
    return tantivy.Query.regex_phrase_query(schema(), field, [*patterns])


def _label_query(name: LabelName, values: tuple[str, ...]) -> tantivy.Query:
    accepted = [value for value in values if value]  # "" is what documents without the label have
    return tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema(), name, accepted), 0.0)


def apply_filters(tree: tantivy.Query, filters: LabelFilters) -> tantivy.Query:
    """Return the query for those of its hits that have one of the values of each label."""
    if not filters:
        return tree  # as the only clause of another query it would take a tenth longer
    return boolean_query([tree, *(_label_query(name, values) for name, values in filters.items())], []) or tree


def iter_text_terms(tree: QueryTree) -> Iterator[Word | Prefix | Phrase]:
    """Yield the terms that are searched for in text, except negated ones."""
    for part in positive_terms(tree):
        if isinstance(part, Word | Prefix | Phrase):
            yield part


def concepts_sought(tree: QueryTree) -> frozenset[str]:
    """Return the keys of the concepts that are searched for, except negated ones, and of their narrower concepts."""
    return frozenset(
        key
        for part in positive_terms(tree)
        if isinstance(part, LabelTerm) and part.name is LabelName.CONCEPT
        for key in with_narrower(part.value)
    )
