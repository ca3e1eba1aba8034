"""Mark in each hit of a page what was searched for."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from samsvar.search.engine.analysis import (
    STEMMERS,
    list_base_stems,
    list_stem_sequences,
    list_stems,
    prepare_for_analysis,
    tokenize,
)
from samsvar.search.engine.compiling import concepts_sought, iter_text_terms, phrase_tokens
from samsvar.search.engine.documents import read_item
from samsvar.search.items import Hit, LabelFilters, Translation
from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    Phrase,
    Prefix,
    QueryTree,
    TextColumn,
    Word,
    positive_terms,
)
from samsvar.spans import Span

MAX_ANALYSED_WORDS = 10_000  # per language, about 6 MB
MAX_SHORT_WORD = 3  # characters
type _MarkPattern = tuple[bool, list[tuple[str, bool]]]  # whether the words are stems; (word, whether it is a prefix)


def split_at_marks(text: str, marks: tuple[Span, ...], max_length: int = 0) -> tuple[tuple[str, bool], ...]:
    """Split `text` into pieces and return each with whether it is marked; joined together, the pieces are the text.

    With `max_length` above 0, a longer text is cut at spaces to about that many characters around its first
    mark, with "…" where something is left out.
    """
    start, end = 0, len(text)
    if 0 < max_length < len(text):
        centre = marks[0].start if marks else 0
        start = max(0, min(centre - max_length // 3, len(text) - max_length))
        end = start + max_length
        start = text.find(" ", start, end) + 1 if start else 0
        end = text.rfind(" ", start, end) if end < len(text) and " " in text[start:end] else end
    parts: list[tuple[str, bool]] = [("…", False)] if start else []
    position = start
    for mark in marks:
        if mark.start < position or mark.end > end:
            continue
        parts += [(text[position : mark.start], False), (mark.extract(text), True)]
        position = mark.end
    parts += [(text[position:end], False), ("…" if end < len(text) else "", False)]
    return tuple((piece, marked) for piece, marked in parts if piece)


class Marking:
    """What is marked in the hits of a query; what depends only on the column and the language is computed once."""

    def __init__(self, tree: QueryTree) -> None:
        unmarked = _short_words_of_names(tree)
        self._terms = [term for term in iter_text_terms(tree) if term not in unmarked]
        self.concepts = concepts_sought(tree)
        self._sought: dict[tuple[TextColumn, str], _Sought] = {}

    def find_marks(self, text: str, column: TextColumn, language: str, irregular: Iterable[str]) -> tuple[Span, ...]:
        """Return the spans of the terms in a text of this column, found as the analysers of the index find them.

        `irregular` contains the irregular words of the text, found when it was indexed.
        """
        if (sought := self._sought.get((column, language))) is None:
            terms = [term for term in self._terms if term.column is column]
            sought = self._sought[column, language] = _Sought.of_terms(terms, language)
        if sought.is_empty or not text:
            return ()
        words = tokenize(text, "words")
        bases = {word for word in irregular if not sought.base_stems.isdisjoint(list_base_stems(word, language))}
        marked = sought.find_single(words)
        if bases:
            places = [place for place, word in enumerate(words) if word in marked or word.lower() in bases]
        else:
            places = [place for place, word in enumerate(words) if word in marked] if marked else []
        if not sought.sequences:
            return tuple(Span(*span) for span in _locate_single_words(text, words, places))
        matches = {(place, place + 1) for place in places}
        for is_stemmed, pattern in sought.sequences:
            matches.update(_find_sequences(words, sought.analysed, pattern, is_stemmed=is_stemmed))
        return _merge_spans(Span(start, end) for start, end in _locate_words(text, words, sorted(matches)))


def _short_words_of_names(tree: QueryTree) -> frozenset[QueryTree]:
    """Return the short words of names of concepts: “droit de garde” does not mark every “de” of a text."""
    match tree:
        case AnyOf((AllOf(words), LabelTerm(LabelName.CONCEPT), *_)):
            return frozenset(word for word in words if isinstance(word, Word) and len(word.text) <= MAX_SHORT_WORD)
        case AllOf(parts) | AnyOf(parts):
            return frozenset(word for part in parts for word in _short_words_of_names(part))
        case _:
            return frozenset()


@dataclass(frozen=True, slots=True)
class _Sought:
    """What to mark in texts of one language: single words, longer sequences, and base forms."""

    analysed: _AnalysedWords
    single: tuple[list[str], ...]  # of `analysed`: the words that are written so, or have this stem
    beginnings: tuple[str, ...]
    sequences: tuple[_MarkPattern, ...]
    base_stems: frozenset[str]  # stems of base forms whose irregular words are marked

    @classmethod
    def of_terms(cls, terms: list[Word | Prefix | Phrase], language: str) -> Self:
        """Return what these terms mark."""
        analysed = _analysed_words(language)
        single: list[list[str]] = []
        beginnings: list[str] = []
        sequences: list[_MarkPattern] = []
        for is_stemmed, pattern in (pattern for term in terms for pattern in _list_mark_patterns(term, language)):
            match pattern:
                case [(word, False)]:
                    single.append((analysed.by_stem if is_stemmed else analysed.by_written).setdefault(word, []))
                case [(word, True)]:
                    beginnings.append(word)
                case [_, *_]:
                    sequences.append((is_stemmed, pattern))
        inflected = [term.text for term in terms if isinstance(term, Word) and language in STEMMERS]
        stems = {stem for text in inflected for stem in list_stems(text, language)}
        return cls(analysed, tuple(single), tuple(beginnings), tuple(sequences), frozenset(stems))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is marked."""
        return not (self.single or self.beginnings or self.sequences)

    def find_single(self, words: Iterable[str]) -> set[str]:
        """Return those of a text's words that are marked as written, as a stem or for their beginning."""
        different = set(words)
        self.analysed.add(different)  # which adds new ones to the lists of `single`
        # an intersection, unlike a loop, is not disturbed by another thread that adds a word to the list
        marked = set[str]().union(*(different.intersection(alike) for alike in self.single))
        if self.beginnings:
            marked.update(word for word in different if self.analysed.forms[word][0].startswith(self.beginnings))
        return marked


def find_languages(tree: QueryTree, filters: LabelFilters) -> frozenset[str]:
    """Return the languages that texts are asked for in; empty for any."""
    typed = (part for part in positive_terms(tree) if isinstance(part, LabelTerm) and part.name is LabelName.LANGUAGE)
    return frozenset((*(part.value for part in typed), *filters.get(LabelName.LANGUAGE, ())))


def build_hit(stored: dict[str, typing.Any], marking: Marking, language: str, languages: Collection[str]) -> Hit:
    """Build a hit with its marks; of the texts of an item with translations, choose one that matches.

    The text in the reader's language is tried first, then the original. If none has a mark, the first is shown. If
    texts in some `languages` are asked for, only these count.
    """
    item = read_item(stored)
    irregular = stored["irregular"]
    own = Translation(item.language, item.title, item.text)
    texts = [*zip((own, *item.translations), stored["mentions"], strict=True)]
    if item.translations:
        texts = [pair for pair in texts if pair[0].language in languages] or texts
        texts.sort(key=lambda pair: pair[0].language != language)
    for number, (text, places) in enumerate(texts):
        in_text = marking.find_marks(text.text, TextColumn.TEXT, text.language, irregular)
        spans = [*_spans_of(places, marking.concepts)] if marking.concepts else []
        marks = _merge_spans([*in_text, *spans]) if spans else in_text
        if not number or marks:
            shown, shown_marks = text, marks
        if marks:
            break
    if shown is not own:
        item = replace(item, language=shown.language, title=shown.title, text=shown.text)
    heading_marks = marking.find_marks(item.heading, TextColumn.HEADING, own.language, irregular)
    if marking.concepts:
        heading_marks = _merge_spans([*heading_marks, *_spans_of(stored["heading_mentions"], marking.concepts)])
    return Hit(item, shown_marks, heading_marks)


def _spans_of(places: dict[str, list[list[int]]], keys: frozenset[str]) -> Iterator[Span]:
    for key in keys & places.keys():
        yield from (Span(start, end) for start, end in places[key])


def _merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans sorted, with overlapping ones joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


class _AnalysedWords:
    """The words of a language that were met, each as written in the index and as a stem.

    Looking a word up is faster than analysing it.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.forms: dict[str, tuple[str, str]] = {}
        self.by_written: dict[str, list[str]] = {}
        self.by_stem: dict[str, list[str]] = {}

    def add(self, words: set[str]) -> None:
        """Analyse the words that are new."""
        for word in words.difference(self.forms):  # of a plain dict, which takes 2 µs for a text
            (written,) = tokenize(word)
            (stem,) = tokenize(word, self.language) if self.language in STEMMERS else (written,)
            self.by_written.setdefault(written, []).append(word)
            self.by_stem.setdefault(stem, []).append(word)
            self.forms[word] = (written, stem)


def _analysed_words(language: str) -> _AnalysedWords:
    """Return the words of a language that were met, or none if they have become too many."""
    language = language if language in STEMMERS else ""
    known = _known_words.get(language)
    if known is None or len(known.forms) > MAX_ANALYSED_WORDS:
        known = _known_words[language] = _AnalysedWords(language)
    return known


_known_words: dict[str, _AnalysedWords] = {}


def _locate_single_words(text: str, words: list[str], places: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) in characters of the words at some places, in their order.

    They are searched for themselves, which spares the words between them. Where they are also found within other words,
    so that there are too many, all words are located.
    """
    if not places:
        return
    prepared = prepare_for_analysis(text)
    wanted = {words[place] for place in places}
    spans = sorted(
        (start, start + len(word))
        for word in wanted
        for start in _find_all(prepared, word)
        if not (prepared[start - 1 : start].isalnum() or prepared[start + len(word) : start + len(word) + 1].isalnum())
    )
    if len(spans) == len(places):
        yield from spans
    else:
        yield from _locate_words(text, words, [(place, place + 1) for place in places])


def _find_all(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)


def _locate_words(text: str, words: list[str], matches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) in characters of each match, a range of a text's words; the matches are sorted."""
    text = prepare_for_analysis(text)
    places: list[tuple[int, int]] = []
    position = 0
    for start, end in matches:
        for word in words[len(places) : end]:
            place = text.index(word, position)
            position = place + len(word)
            places.append((place, position))
        yield places[start][0], places[end - 1][1]


@lru_cache(maxsize=512)  # the same for every hit of a page
def _list_mark_patterns(term: Word | Prefix | Phrase, language: str) -> list[_MarkPattern]:
    """Return the word sequences to mark for a term, each with whether its words are stems in this language."""
    match term:
        case Word(text):
            written = [(word, False) for word in tokenize(text)]
            sequences = list_stem_sequences(text, language) if language in STEMMERS else []
            return [(False, written), *((True, [(stem, False) for stem in stems]) for stems in sequences)]
        case Prefix(text):
            return [(False, phrase_tokens(f"{text}*"))]
        case Phrase(text):
            return [(False, phrase_tokens(text))]


def _find_sequences(
    words: Sequence[str], analysed: _AnalysedWords, pattern: list[tuple[str, bool]], *, is_stemmed: bool
) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sequence in `words`, all `analysed`, that matches `pattern`; end is exclusive."""
    (first, is_prefix), *tail = pattern
    if is_prefix:
        starts = [place for place, word in enumerate(words) if analysed.forms[word][0].startswith(first)]
    else:
        alike = frozenset((analysed.by_stem if is_stemmed else analysed.by_written).get(first, ()))
        starts = [place for place, word in enumerate(words) if word in alike]
    for start in starts:
        end = start + len(pattern)
        forms = [analysed.forms[word][is_stemmed] for word in words[start + 1 : end]]
        if end <= len(words) and all(
            form.startswith(text) if is_prefix else form == text
            for form, (text, is_prefix) in zip(forms, tail, strict=True)
        ):
            yield start, end
