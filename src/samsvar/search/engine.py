"""The search index: its items, and how a query finds, counts, sorts and marks them.

Only this module uses tantivy.

Each text is indexed in two forms: as written (lower case, without accents) and with the words stemmed in
the language of the text. Phrases and prefixes use the first form, plain words use both. A stemmed index
alone would lose three quarters of the hits for `discriminat*`, because the stem is shorter than the prefix.
The stemmed form also contains the base forms of irregular words ("child" for "children"). A third column has what only
the first form finds, so that hits can be counted without reading it. Headings and titles have their own columns.

The index also stores its change number and a fingerprint of each group, in the same commit as the content
that they describe. Even after a crash, they always match the content.
"""
# Kept in one module because only one may import tantivy, and the schema, queries, counts and marks share
# its columns.

from __future__ import annotations

import hashlib
import json
import math
import re
import typing
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Self

import tantivy

from samsvar.errors import SamsvarError
from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.search.base_forms import list_base_forms, list_irregular_forms
from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    MatchAll,
    Not,
    Phrase,
    Prefix,
    Query,
    QueryTree,
    SearchOrder,
    TextColumn,
    Word,
    YearRange,
    positive_terms,
)
from samsvar.spans import Span
from samsvar.territories import territories, territory_name
from samsvar.text import fold_letters
from samsvar.thesaurus.concepts import ConceptKind, concepts, with_narrower
from samsvar.thesaurus.tagging import tag_text

INDEX_FORMAT = 10  # raise it when an analyser changes; each version of the code has its own index
MAX_OFFSET = 10_000  # no paging beyond this: a user with ten thousand hits needs a narrower query or an export
# in the order used to break ties
KINDS = ("finding", "passage", "measure", "practice", "meeting", "section", "document")
FACETS = (LabelName.KIND, LabelName.STATE, LabelName.ARTICLE, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR)
# Labels with few different combinations, which a column of their own holds. Counting its values counts four facets, and
# the chart by year, at once: counting costs as much for each column as finding the hits of a word.
COMBINED_LABELS = (LabelName.KIND, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR)
LABEL_SEPARATOR = "\x1f"
MAX_COMBINATIONS = 20_000  # real and generated reports have some hundred
# The keys of these columns are read for each hit of a query that few are expected of: finding the hits of a phrase or
# of several words again in order to count them takes 50 ns to 4 µs a hit (2026-11), reading their keys 0.4 µs.
KEYED_COLUMNS = ("combined", LabelName.STATE, LabelName.ARTICLE)
MAX_COUNTED_SINGLY = 50_000  # their addresses take some 5 MB
MIN_HITS_PASSED_OVER = 4  # texts with the rarest word for each expected hit; of fewer, all are found again in less time
MAX_KNOWN_KEYS = 100_000  # some 20 MB
PHRASE_SHARE = 0.1  # of the texts with all its words that have the phrase, roughly
STEMMERS = {"en": "english", "fr": "french", "nb": "norwegian", "ro": "romanian"}
UNSTEMMED = "unstemmed"  # columns of the words that a query for their stem does not find
WRITER_BYTES = 48_000_000  # memory for writing; with 15 MB, building 100,000 paragraphs leaves twice as many segments
# A three-word heading outscores any paragraph because it is short (2.6 times at our lengths), but users look for
# the conclusions of the monitoring bodies. tantivy multiplies a score by log2(2 + weight): 8, 4, 3 and 2. With 2 for a
# section, a recommendation that mentions shelters in a list came before the section on shelters.
KIND_WEIGHTS = {
    "finding": 254, "passage": 14, "measure": 14, "practice": 14, "meeting": 2, "section": 6, "document": 2,
}  # fmt: skip
# Of paragraphs of other bodies that are under no article of the Convention and name no form of violence: “compensation”
# in a review of all human rights is seldom about what the readers look for. They count 4 and 3 instead of 8 and 4.
CONVENTION_BODIES = frozenset({"grevio", "committee_of_the_parties"})
OTHER_FIELD_WEIGHTS = {"finding": 14, "passage": 6}
# Each word matched by a star in a phrase is looked up with all its positions: "b* c*" took 1.4 s on 100,000
# paragraphs; with 2,000 words in total a phrase stays below 0.3 s (2026-11). A star outside a phrase has no such
# limit.
MAX_PHRASE_EXPANSIONS = 2_000
# Hits fetched beyond a page, for those that tie with its last one: up to six on 200,000 paragraphs (2026-11). More
# cost less than a second search.
EXPECTED_TIES = 16
MAX_ANALYSED_WORDS = 10_000  # per language, about 6 MB
MAX_REGULAR_WORDS = 100_000  # per language, about 10 MB; a hundred reports have 30,000 different words
_WORD = re.compile(r"[^\W_]+")  # the same words as those of the analysers, in lower case
EXACT_FORM_BONUS = 0.3  # how much more a word counts that is in the text exactly as typed
# Of a word and the concept that it names, the better score counts, and half of the other: a text in another language
# has only the concept, and would otherwise come after every text that has both.
CONCEPT_TIE_BREAKER = 0.5
# How much more a text counts whose heading or title names the concept than one that only mentions it. On the questions
# of benchmarks/search_meaning a higher boost finds more answers, but lists bare headings before paragraphs.
SUBJECT_BOOST = 2.5
MENTION_COUNT = 2  # of a concept that a text names itself; one whose narrower concept it names counts once
MAX_MENTIONS = 2  # that count: a text that repeats a word is not more about it for that
# tantivy ranks a text lower the more concepts it names, which here says nothing of how much it is about each. Most
# texts name fewer than this, and are filled up to it so that their scores are equal.
CONCEPT_COLUMN_LENGTH = 8
HEADING_SEPARATOR = "›"  # between the headings of a chapter and its sections
MAX_WORDS_COMPARED = 20_000  # words with the same first letter; an index of 200,000 paragraphs has 6,000
MAX_SHORT_WORD = 3  # characters
MIN_MISSPELT_LENGTH = 4  # characters: a shorter word is similar to too many others

type _MarkPattern = tuple[bool, list[tuple[str, bool]]]  # whether the words are stems; (word, whether it is a prefix)
type LabelFilters = Mapping[LabelName, tuple[str, ...]]  # for each label, the values that are accepted


class SearchError(SamsvarError):
    """The base class of errors of the search index."""


class IndexDamaged(SearchError):
    """Raised when the index cannot be read. It is derived data, so rebuilding it loses nothing."""

    effect = "No saved data has been lost; only search is affected."
    advice = "It is rebuilt automatically; `samsvar-site rebuild_search` rebuilds it immediately."


class TooManyPrefixMatches(SearchError):
    """Raised when a prefix in a phrase matches too many words."""

    effect = "Nothing was changed."
    advice = "Type more letters before the asterisk."


@dataclass(frozen=True, slots=True)
class Translation:
    """The title and text of an item in another language than its own."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchItem:
    """A searchable item: a finding, another passage, a section, a document, a measure, a practice or a meeting."""

    id: str  # "finding/3f2a…": the kind and the public id
    group: str  # the group that is added and removed as a whole: "report/3f2a…"
    kind: str  # one of KINDS
    text: str
    language: str = ""
    heading: str = ""
    title: str = ""
    state: str = ""
    articles: tuple[str, ...] = ()
    strength: str = ""
    body: str = ""
    year: int | None = None
    published: str = ""  # ISO, as precise as known; if it is "", results are sorted by year
    round: str = ""  # the procedure of the document: "baseline"
    reference: str = ""  # of the document, as printed: "GREVIO/Inf(2022)30"
    review: str = ""
    fictional: bool = False
    paragraph: str = ""
    page: int | None = None
    ordinal: int = 0  # its position within the group
    link: str = ""
    concepts: tuple[str, ...] = ()  # keys of concepts that a person gave it, besides those that its text names
    translations: tuple[Translation, ...] = ()  # searched like the text; a hit shows the one that matches

    @property
    def labels(self) -> dict[LabelName, tuple[str, ...]]:
        """Return the labels that results can be filtered by."""
        return {
            LabelName.KIND: (self.kind,),
            LabelName.STATE: (self.state,) if self.state else (),
            LabelName.ARTICLE: tuple(dict.fromkeys(self.articles)),
            LabelName.STRENGTH: (self.strength,) if self.strength else (),
            LabelName.BODY: (self.body,) if self.body else (),
            LabelName.YEAR: (str(self.year),) if self.year is not None else (),
            LabelName.REVIEW: (self.review,) if self.review else (),
            LabelName.LANGUAGE: tuple(
                dict.fromkeys(filter(None, (self.language, *(text.language for text in self.translations))))
            ),
            # the point "57.a" is part of the paragraph "57"
            LabelName.PARAGRAPH: tuple(dict.fromkeys((self.paragraph, self.paragraph.partition(".")[0])))
            if self.paragraph
            else (),
            LabelName.FICTIONAL: ("yes" if self.fictional else "no",),
            LabelName.ROUND: (self.round,) if self.round else (),
            LabelName.REFERENCE: (make_slug(self.reference),) if self.reference else (),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result, with the matching spans in its text and its heading, sorted and not overlapping."""

    item: SearchItem
    marks: tuple[Span, ...]
    heading_marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of a query: the total count, one page of hits, and the number of hits for each value of a facet.

    `facets[name][value]` is the number of hits with this value, ignoring the current choice in that facet; the filters
    on other facets still apply.
    """

    count: int
    hits: tuple[Hit, ...]
    facets: dict[LabelName, dict[str, int]]
    combinations: Mapping[tuple[str, ...], int]  # number of hits by their values of COMBINED_LABELS, "" for none

    def count_by_year(self, label: LabelName) -> dict[str, dict[str, int]]:
        """Count the hits by year and by the values of one of COMBINED_LABELS, as {year: {value: count}}.

        Hits without a year or without a value are not counted.
        """
        counts: dict[str, dict[str, int]] = {}
        for combination, number in self.combinations.items():
            values = dict(zip(COMBINED_LABELS, combination, strict=True))
            if (year := values[LabelName.YEAR]) and (value := values[label]):
                by_value = counts.setdefault(year, {})
                by_value[value] = by_value.get(value, 0) + number
        return counts


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """A group of items that are added and removed together, with a fingerprint that changes with their content."""

    name: str
    fingerprint: str
    items: Iterable[SearchItem]


class Engine:
    """A search index in a folder. Many processes can read it at once; `index_sync` ensures that only one writes."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._index = index
        for name, analyser in _analysers().items():
            index.register_tokenizer(name, analyser)
        index.config_reader(reload_policy="manual")
        index.reload()

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Create an empty index in `folder`, which is created if necessary and must not contain an index yet."""
        folder.mkdir(parents=True, exist_ok=True)
        with _translate_errors():
            return cls(folder, tantivy.Index(_schema(), path=str(folder), reuse=False))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`. Raises IndexDamaged if there is no readable index."""
        with _translate_errors():
            if not tantivy.Index.is_compatible(str(folder)):
                raise IndexDamaged("The search index was created by another version of the engine.")
            index = tantivy.Index.open(str(folder))
            if index.schema != _schema():
                raise IndexDamaged("The search index was created by another version of Samsvar.")
            return cls(folder, index)

    def reload(self) -> None:
        """Load the latest commit, whichever process made it."""
        with _translate_errors():
            self._index.reload()

    # --- Position and fingerprints ------------------------------------------------------------------------------------

    def get_change_number(self) -> int | None:
        """Return the change number of the index, or None before the first write."""
        with _translate_errors():
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.term_query(_schema(), "role", "position"), 1).hits
            return int(_read_stored_values(searcher, hits[0][1])["position"]) if hits else None

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each group in the index."""
        with _translate_errors():
            searcher = self._index.searcher()
            query = tantivy.Query.term_query(_schema(), "role", "group")
            count = _total_count(searcher.search(query, 1))
            hits = searcher.search(query, count).hits if count else []
            return {
                stored["group"]: stored["fingerprint"]
                for _, at in hits
                for stored in [_read_stored_values(searcher, at)]
            }

    def write(self, *, position: int, groups: Iterable[IndexGroup] = (), removed: Iterable[str] = ()) -> None:
        """Replace the given groups, remove others and set the change number (`position`), in one commit."""
        with _translate_errors():
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
        try:
            for name in removed:
                writer.delete_documents_by_term("group", name)
            for group in groups:
                writer.delete_documents_by_term("group", group.name)
                for item in group.items:  # runs the caller's code, whose errors are not translated
                    writer.add_document(_build_document(item))
                stored = {"group": group.name, "fingerprint": group.fingerprint}
                writer.add_document(_build_marker("group", stored, group=group.name))
            with _translate_errors():
                writer.delete_documents_by_term("role", "position")
                writer.add_document(_build_marker("position", {"position": position}))
                writer.commit()
        except BaseException:
            writer.rollback()  # half-written changes must not end up in the next commit
            raise
        finally:
            writer.wait_merging_threads()  # releases the writer's lock
        self.reload()

    def has_items(self) -> bool:
        """Return whether the index contains any item."""
        with _translate_errors():
            return bool(self._index.searcher().search(_match_all_query(), 1).hits)

    # --- Searching ----------------------------------------------------------------------------------------------------

    def search(
        self,
        query: Query,
        filters: LabelFilters | None = None,
        *,
        offset: int = 0,
        limit: int = 20,
        order: SearchOrder = SearchOrder.RELEVANCE,
        language: str = "en",
    ) -> SearchResults:
        """Return the results of `query` within the filters: `limit` hits from `offset` (counted from 0), best first.

        By relevance, hits are sorted by score; ties, and queries without a score, by kind, year (newest first), report
        and position in the report. `language` is the reader's: it decides how countries are sorted, and which text of
        an item with translations is shown first. Raises IndexDamaged or TooManyPrefixMatches.
        """
        filters = {name: values for name, values in (filters or {}).items() if values}
        with _translate_errors():
            searcher = self._index.searcher()
            sort_field = _sort_field(order, query.tree, language)
            unscored = _compile_query(query.tree, searcher, scored=False) or _match_all_query()
            tree = unscored if sort_field else _compile_query(query.tree, searcher) or unscored
            filtered = _apply_filters(tree, filters)
            expected = _expect_few_hits(query.tree, filters, searcher)
            addresses, all_hits = _search_page(searcher, filtered, sort_field, min(offset, MAX_OFFSET), limit, expected)
            marking = _Marking(query.tree)
            languages = _find_languages(query.tree, filters)
            hits = tuple(
                _build_hit(_read_stored_values(searcher, place), marking, language, languages) for place in addresses
            )
            combinations, facets = _count_hits(searcher, unscored, filters, all_hits)
            return SearchResults(sum(combinations.values()), hits, facets, combinations)

    def iter_items(
        self,
        query: Query,
        filters: LabelFilters | None = None,
        *,
        limit: int,
        order: SearchOrder = SearchOrder.RELEVANCE,
        language: str = "en",
        groups: Collection[str] | None = None,
    ) -> Iterator[SearchItem]:
        """Return the first `limit` results in the order of `search`, of which only one is in memory at a time.

        With `groups`, only those of these groups. The index is searched at once, so errors are raised by this call.
        """
        filters = {name: values for name, values in (filters or {}).items() if values}
        with _translate_errors():
            searcher = self._index.searcher()
            sort_field = _sort_field(order, query.tree, language)
            tree = _compile_query(query.tree, searcher, scored=not sort_field) or _match_all_query()
            tree = _apply_filters(tree, filters)
            if groups is not None:
                within = tantivy.Query.term_set_query(_schema(), "group", list(groups))
                tree = _boolean_query([tree, tantivy.Query.const_score_query(within, 0.0)], []) or tree
            addresses, _ = _search_page(searcher, tree, sort_field, 0, limit)

        def read_items() -> Iterator[SearchItem]:
            for address in addresses:
                with _translate_errors():
                    item = _read_item(_read_stored_values(searcher, address))
                yield item

        return read_items()

    def has_word(self, word: str) -> bool:
        """Return whether any text contains a word, in any of its forms."""
        with _translate_errors():
            searcher = self._index.searcher()
            query = _compile_query(Word(word), searcher, scored=False)
            return query is not None and bool(searcher.search(query, 1, count=False).hits)

    def similar_words(self, word: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return words of the texts that differ from `word` by one letter, or by two if it is long.

        The most similar comes first, and of equally similar ones the most frequent. They are without accents.
        """
        written = _tokenize(word)
        if len(written) != 1 or len(written[0]) < MIN_MISSPELT_LENGTH:
            return ()
        with _translate_errors():
            searcher = self._index.searcher()
            field = f"{TextColumn.TEXT}_written"
            known = dict(
                chain.from_iterable(
                    searcher.terms_with_prefix(field, letter, limit=MAX_WORDS_COMPARED)
                    for letter in dict.fromkeys(written[0][:2])  # the first two may have changed places
                )
            )
        return choose_similar(written[0], known, limit=limit)


def choose_similar(word: str, frequencies: Mapping[str, int], *, limit: int) -> tuple[str, ...]:
    """Return the words closest to `word`, of which one letter differs, or two if it has eight or more.

    Two neighbouring letters in the wrong order count as one difference. Upper case and accents count as differences.
    """
    longest = 1 if len(word) < 8 else 2
    close = [
        (distance, -count, known)
        for known, count in frequencies.items()
        if known != word
        and abs(len(known) - len(word)) <= longest
        and not any(map(str.isdigit, known))
        and (distance := _edit_distance(word, known, longest)) <= longest
    ]
    return tuple(known for _, _, known in sorted(close)[:limit])


def _edit_distance(word: str, other: str, longest: int) -> int:
    """Return how many letters differ; two that have changed places count once. Above `longest` it is `longest` + 1."""
    before: list[int] = []
    distances = [*range(len(other) + 1)]
    for place, letter in enumerate(word, 1):
        before, last, distances = distances, before, [place]
        for column, sign in enumerate(other, 1):
            cost = min(before[column] + 1, distances[-1] + 1, before[column - 1] + (letter != sign))
            if place > 1 and column > 1 and letter == other[column - 2] and sign == word[place - 2]:
                cost = min(cost, last[column - 2] + 1)
            distances.append(cost)
        if min(distances) > longest:
            return longest + 1
    distance: int = distances[-1]
    return distance


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


# --- Schema and documents ---------------------------------------------------------------------------------------------


_SORT_FIELDS = ("newest", "oldest", *(f"country_{language}" for language in INTERFACE_LANGUAGES))


@cache
def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("role", tokenizer_name="raw", index_option="basic")  # "findable", "group" or "position"
    builder.add_text_field("group", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("subject", tokenizer_name="raw", index_option="basic")  # concepts of its heading or title
    builder.add_bytes_field("stored", stored=True)
    for field in ("place", "weight", *_SORT_FIELDS, *(f"{column}_key" for column in KEYED_COLUMNS)):
        builder.add_unsigned_field(field, fast=True)
    for label in LabelName:
        option = "freq" if label is LabelName.CONCEPT else "basic"
        builder.add_text_field(label, fast=label in FACETS, tokenizer_name="raw", index_option=option)
    builder.add_text_field("combined", fast=True, tokenizer_name="raw", index_option="basic")
    for column in TextColumn:
        builder.add_text_field(f"{column}_written", tokenizer_name="written")
        builder.add_text_field(f"{column}_{UNSTEMMED}", tokenizer_name="written", index_option="basic")
        for language in STEMMERS:
            builder.add_text_field(f"{column}_{language}", tokenizer_name=language)
    return builder.build()


@cache
def _analysers() -> dict[str, tantivy.TextAnalyzer]:
    """Return the analysers, which split text at anything but letters and digits, lower-case it and remove accents."""
    make = tantivy.TextAnalyzerBuilder
    lower, plain = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
    words = make(tantivy.Tokenizer.simple()).build()
    written = make(tantivy.Tokenizer.simple()).filter(lower).filter(plain).build()
    stemmed = {
        # remove accents last: the stemmers expect the accented endings of their language
        language: make(tantivy.Tokenizer.simple())
        .filter(lower)
        .filter(tantivy.Filter.stemmer(name))
        .filter(plain)
        .build()
        for language, name in STEMMERS.items()
    }
    in_lower_case = make(tantivy.Tokenizer.simple()).filter(lower).build()
    return {"words": words, "written": written, "lower": in_lower_case, **stemmed}


def _clean_text(text: str) -> str:
    """Return the text in NFC, without soft hyphens and with single spaces, as it is displayed and searched."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\xad", "").replace("\x00", " ")).split())


def _prepare_for_analysis(text: str) -> str:
    """Return the text with İ replaced, because it becomes two characters in lower case and would shift the offsets."""
    return text.replace("İ", "I")


def _build_document(item: SearchItem) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("role", "findable")
    document.add_text("group", item.group)
    columns = {
        TextColumn.TEXT: _clean_text(item.text),
        TextColumn.HEADING: _clean_text(item.heading),
        TextColumn.TITLE: _clean_text(item.title),
    }
    translations = tuple(
        Translation(text.language, _clean_text(text.title), _clean_text(text.text)) for text in item.translations
    )
    irregular: set[str] = set()
    for column, text in columns.items():
        irregular.update(_add_words(document, column, text, item.language))
    for translation in translations:
        irregular.update(_add_words(document, TextColumn.TEXT, translation.text, translation.language))
        irregular.update(_add_words(document, TextColumn.TITLE, translation.title, translation.language))
    for label, values in item.labels.items():
        for value in values:
            document.add_text(label, value)
    mentions = [_find_mentions(columns[TextColumn.TEXT], item.language)]
    mentions += [_find_mentions(translation.text, translation.language) for translation in translations]
    heading_mentions = _find_heading_mentions(columns[TextColumn.HEADING], item.language)
    counts = _count_concepts(item, mentions, heading_mentions)
    for key, count in counts.items():
        for _ in range(count):
            document.add_text(LabelName.CONCEPT, key)
    for _ in range(CONCEPT_COLUMN_LENGTH - sum(counts.values())):
        document.add_text(LabelName.CONCEPT, "")
    for key in counts.keys() & _find_subjects(item, mentions[0].keys(), heading_mentions.keys()):
        document.add_text("subject", key)
    is_in_field = item.body in CONVENTION_BODIES or item.articles or _names_violence(heading_mentions, *mentions)
    weights = KIND_WEIGHTS if is_in_field or not item.body else KIND_WEIGHTS | OTHER_FIELD_WEIGHTS
    _fill_columns(document, item.labels, _sort_key(item), weights[item.kind])
    for field, sort_key in _other_sort_keys(item).items():
        document.add_unsigned(field, sort_key)
    item_values = asdict(replace(item, translations=translations)) | columns
    stored = {
        "item": item_values,
        "irregular": sorted(irregular),
        "mentions": mentions,
        "heading_mentions": heading_mentions,
    }
    document.add_bytes("stored", json.dumps(stored, ensure_ascii=False).encode())
    return document


def _fill_columns(
    document: tantivy.Document, labels: Mapping[LabelName, tuple[str, ...]], place: int, weight: int
) -> None:
    """Give a document a value in each column that is read for every hit, "" in those of facets that it has no label of.

    tantivy reads a column in which every document has a value twice as fast. "" is neither counted nor searched for.
    """
    document.add_unsigned("place", place)
    document.add_unsigned("weight", weight)
    for facet in FACETS:
        if not labels.get(facet):
            document.add_text(facet, "")
    by_column = _values_by_column(labels)
    document.add_text("combined", LABEL_SEPARATOR.join(by_column["combined"]))
    for column, values in by_column.items():
        document.add_unsigned(f"{column}_key", _label_key(column, values))


def _values_by_column(labels: Mapping[LabelName, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the values of an item in each of KEYED_COLUMNS."""
    combined = tuple((*labels.get(label, ()), "")[0] for label in COMBINED_LABELS)
    return {"combined": combined, **{name: labels.get(name, ()) for name in KEYED_COLUMNS[1:]}}


@lru_cache(maxsize=4_096)
def _label_key(column: str, values: tuple[str, ...]) -> int:
    """Return the key of values: 64 bits of a hash, of which no two among 100,000 are the same in practice."""
    return int.from_bytes(hashlib.blake2b(LABEL_SEPARATOR.join((column, *values)).encode(), digest_size=8).digest())


def _add_words(document: tantivy.Document, column: TextColumn, text: str, language: str) -> tuple[str, ...]:
    """Add a text to a column in its two forms; return its irregular words."""
    if not text:
        return ()
    prepared = _prepare_for_analysis(text)
    document.add_text(f"{column}_written", prepared)
    if language not in STEMMERS:
        document.add_text(f"{column}_{UNSTEMMED}", prepared)
        return ()
    document.add_text(f"{column}_{language}", prepared)
    if not text.isascii():
        for word in sorted(set(_tokenize(text, "lower"))):
            if not _has_stem_as_written(word, language):
                document.add_text(f"{column}_{UNSTEMMED}", word)
    base_forms = _list_base_forms_in_text(text, language)
    if not base_forms:
        return ()
    document.add_text(f"{column}_{language}", " ".join(base_forms))
    return _find_irregular_words(text, language)


def _find_mentions(text: str, language: str) -> dict[str, list[tuple[int, int]]]:
    """Return where a text names each concept, or has its name within a longer one, as (start, end) in characters."""
    places: dict[str, list[tuple[int, int]]] = {}
    for mention in tag_text(text, language, with_parts=True):
        places.setdefault(mention.key, []).append((mention.span.start, mention.span.end))
    return places


@lru_cache(maxsize=512)  # headings are repeated
def _find_heading_mentions(heading: str, language: str) -> dict[str, list[tuple[int, int]]]:
    """Return where a heading names each concept, like `_find_mentions`.

    Of the headings of a chapter and its sections only the last counts: a chapter is about much that a paragraph is not.
    """
    start = heading.rfind(HEADING_SEPARATOR) + 1
    mentions = _find_mentions(heading[start:], language)
    return {key: [(start + first, start + end) for first, end in places] for key, places in mentions.items()}


def _count_concepts(
    item: SearchItem,
    mentions: Iterable[dict[str, list[tuple[int, int]]]],
    heading_mentions: dict[str, list[tuple[int, int]]],
) -> dict[str, int]:
    """Return how often an item counts for each concept that it names or a person gave it, and for every broader one.

    A translation repeats what the original names, so the highest counts. The heading counts once more, and alone for a
    paragraph that does not name what its section is about; of a section it is the whole text, and counts once.
    """
    counts: dict[str, int] = {}
    for key in item.concepts:
        _count_with_broader(counts, key, MENTION_COUNT)
    for places in mentions:
        for key, spans in places.items():
            _count_with_broader(counts, key, MENTION_COUNT * min(MAX_MENTIONS, len(spans)))
    if item.kind == "section":
        return dict.fromkeys(counts, 1)
    for key in heading_mentions:
        counts[key] = counts.get(key, 0) + 1
        _count_with_broader(counts, key, 1)
    return counts


def _count_with_broader(counts: dict[str, int], key: str, count: int) -> None:
    """Raise the count of a concept to `count`, and that of every broader one to 1, where they are lower."""
    for broader in _with_broader(key):
        counts[broader] = max(counts.get(broader, 0), count if broader == key else 1)


def _find_subjects(item: SearchItem, named: Collection[str], named_in_heading: Collection[str]) -> frozenset[str]:
    """Return the concepts that an item is about: those that a person gave it, and those of its heading or title.

    Of a heading with several, “Support services and shelters”, a paragraph is about those that it names.
    """
    match item.kind:
        case "section" | "measure" | "document":  # their text is their title
            subjects = {*named}
        case "practice" | "meeting":
            subjects = {*_find_heading_mentions(_clean_text(item.title), item.language)}
        case _:
            subjects = {*named_in_heading}
            broader = {key for name in subjects for key in _with_broader(name) if key != name}
            if len(subjects - broader) > 1:
                subjects &= {key for name in named for key in _with_broader(name)}
    return frozenset((*subjects, *item.concepts))


def _names_violence(*mentions: Mapping[str, object]) -> bool:
    """Return whether any of the concepts is a form of violence."""
    return any(concepts()[key].kind is ConceptKind.VIOLENCE for places in mentions for key in places)


def _with_broader(key: str) -> tuple[str, ...]:
    """Return a key and those of all broader concepts; only the key for a concept that the thesaurus does not have."""
    return _broader_keys().get(key, (key,))


@cache
def _broader_keys() -> dict[str, tuple[str, ...]]:
    broader: dict[str, tuple[str, ...]] = {}
    for key in concepts():
        for narrower in with_narrower(key):
            broader[narrower] = (*broader.get(narrower, ()), key)
    return broader


def _build_marker(role: str, stored: dict[str, str] | dict[str, int], *, group: str = "") -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("role", role)
    if group:
        document.add_text("group", group)
    _fill_columns(document, {}, place=0, weight=0)
    document.add_bytes("stored", json.dumps(stored).encode())
    return document


def _read_stored_values(searcher: tantivy.Searcher, at: tantivy.DocAddress) -> dict[str, typing.Any]:
    content: bytes = searcher.doc(at).get_first("stored") or b"{}"
    stored: dict[str, typing.Any] = json.loads(content.decode())  # from bytes, json would first detect the encoding
    return stored


def _total_count(result: tantivy.SearchResult) -> int:
    count: int = result.count  # type: ignore[attr-defined]  # tantivy 0.27's stubs have forgotten it
    return count


def _sort_key(item: SearchItem) -> int:
    """Return a 62-bit sort key for hits without a score: kind, year (newest first), group, position in the group."""
    year = 9_999 - (item.year or 0)
    return (KINDS.index(item.kind) << 59) | (year << 45) | (_group_key(item, 25) << 20) | _position(item)


def _other_sort_keys(item: SearchItem) -> dict[str, int]:
    """Return the sort keys of the other orders by field: a day in 22 bits, then kind, group and position."""
    day = _day_number(item)
    newest = (((1 << 22) - 1 - day) << 40) | (KINDS.index(item.kind) << 37) | (_group_key(item, 17) << 20)
    oldest = (((day - 1) % (1 << 22)) << 40) | (newest & ((1 << 40) - 1))  # items without a day come last
    ranks = {language: _country_ranks(language).get(item.state, 1_023) for language in INTERFACE_LANGUAGES}
    by_country = {
        f"country_{language}": (rank << 52) | (newest >> 40 << 30) | ((newest >> 20 & 0x3FF) << 20)
        for language, rank in ranks.items()
    }
    return {name: key | _position(item) for name, key in {"newest": newest, "oldest": oldest, **by_country}.items()}


def _position(item: SearchItem) -> int:
    return min(item.ordinal, (1 << 20) - 1)


def _group_key(item: SearchItem, bits: int) -> int:
    """Return a number for the group of an item, so that the items of a group are sorted together."""
    return int.from_bytes(hashlib.blake2b(item.group.encode(), digest_size=4).digest()) >> (32 - bits)


def _day_number(item: SearchItem) -> int:
    """Return a number below 2 ** 22 that grows with the day of publication, or the year; 0 if neither is known."""
    year, month, day = (*map(int, re.findall(r"[0-9]{1,4}", item.published)[:3]), 0, 0, 0)[:3]
    return min(year or item.year or 0, 9_999) * 372 + min(month, 12) * 31 + min(day, 31)


@cache
def _country_ranks(language: str) -> dict[str, int]:
    """Return the place of each country by code when their names in a language are sorted, ignoring accents."""
    codes = sorted(territories(), key=lambda code: fold_letters(territory_name(code, language)))
    return {code: rank for rank, code in enumerate(codes)}


# --- Compiling a query ------------------------------------------------------------------------------------------------


def _tokenize(text: str, analyser: str = "written") -> list[str]:
    words: list[str] = _analysers()[analyser].analyze(_prepare_for_analysis(text))
    return words


@lru_cache(maxsize=50_000)  # the different words of a hundred reports
def _has_stem_as_written(word: str, language: str) -> bool:
    """Return whether a word has the same stem without its accents, as most words do; “déjà” has not."""
    return word.isascii() or _tokenize(word, language) == _tokenize(" ".join(_tokenize(word)), language)


@lru_cache(maxsize=50_000)  # the different words of a hundred reports
def _list_base_stems(word: str, language: str) -> dict[str, str]:
    """Return the base forms of a word in lower case, by their stems, which all differ from the word's own stem."""
    base_forms = list_base_forms(word, language)
    if not base_forms:
        return {}
    own = _tokenize(word, language)
    stems = [(_tokenize(base, language), base) for base in base_forms]
    return {stem[0]: base for stem, base in stems if len(stem) == 1 and stem != own}


@lru_cache(maxsize=512)  # titles and headings are repeated
def _find_irregular_words(text: str, language: str) -> tuple[str, ...]:
    """Return the different words of a text that have a base form with another stem, in lower case."""
    regular = _regular_words(language)
    irregular = []
    for word in set(_WORD.findall(text.lower())) - regular:  # a set spares a lookup for each of 70 words
        if _list_base_stems(word, language):
            irregular.append(word)
        else:
            regular.add(word)
    if len(regular) > MAX_REGULAR_WORDS:
        regular.clear()
    return tuple(sorted(irregular))


@cache
def _regular_words(language: str) -> set[str]:
    """Return the set, filled while texts are indexed, of words without a base form of another stem."""
    return set()


def _list_base_forms_in_text(text: str, language: str) -> list[str]:
    """Return the base forms of the irregular words in a text, each as often as its words occur."""
    irregular = _find_irregular_words(text, language)
    words = _WORD.findall(text.lower()) if irregular else []
    return [base for word in irregular for base in [*_list_base_stems(word, language).values()] * words.count(word)]


def _list_stem_sequences(text: str, language: str) -> list[list[str]]:
    """Return the sequences of stems that match a word of a query; several if it is irregular.

    A word of several parts ("gender-based") has only its stems.
    """
    sequences = [_tokenize(text, language)]
    words = _tokenize(text, "lower")
    if len(words) == 1:
        sequences += [[stem] for stem in _list_base_stems(words[0], language)]
    return sequences


@lru_cache(maxsize=8_192)  # titles of meetings and projects, which each search reads
def list_word_stems(text: str, language: str) -> frozenset[str]:
    """Return the stems of a text's words and of the base forms of irregular ones, as the index has them.

    Empty for a language without a stemmer. For texts that are searched in the database instead of the index.
    """
    if language not in STEMMERS:
        return frozenset()
    text = _clean_text(text)
    bases = _list_base_forms_in_text(text, language)
    return frozenset(_tokenize(" ".join([text, *bases]), language))


MIN_STEM_LENGTH = 4  # characters: a shorter beginning fits too many words


def build_word_pattern(word: str, languages: Iterable[str]) -> str:
    """Return a regular expression for a word of a query in any of its forms, for texts in a database; "" for none.

    It is the same in Python, for SQLite, and in PostgreSQL, and does not tell capitals from small letters.
    """
    whole, stems = set(), set()
    for language in languages:
        if language in STEMMERS and len(words := _tokenize(word, "lower")) == 1:
            whole |= {words[0], *list_irregular_forms(words[0], language)}
            stems |= {stem for form in whole for stem in _tokenize(form, language) if len(stem) >= MIN_STEM_LENGTH}
    parts = [*map(re.escape, sorted(whole)), *(re.escape(stem) + r"\w{0,3}" for stem in sorted(stems))]
    return rf"(^|\W)({'|'.join(parts)})(\W|$)" if parts else ""


@lru_cache(maxsize=512)  # the same for every hit of a page
def _list_stems(text: str, language: str) -> tuple[str, ...]:
    """Return the single stems that match a word of a query."""
    return tuple(stems[0] for stems in _list_stem_sequences(text, language) if len(stems) == 1)


def _match_all_query() -> tantivy.Query:
    return tantivy.Query.const_score_query(tantivy.Query.term_query(_schema(), "role", "findable"), 0.0)


def _compile_query(tree: QueryTree, searcher: tantivy.Searcher, *, scored: bool = True) -> tantivy.Query | None:
    """Compile a query tree into a tantivy query; None if it contains no word that the analysers accept.

    One that is not `scored` has the same hits, and counts them in less time.
    """
    compile_part = partial(_compile_query, searcher=searcher, scored=scored)
    match tree:
        case Word():
            return _word_query(tree, searcher, scored=scored)
        case Prefix(text, column):
            return _prefix_query(f"{column}_written", _phrase_tokens(f"{text}*"), searcher)
        case Phrase(text, column):
            return _prefix_query(f"{column}_written", _phrase_tokens(text), searcher)
        case LabelTerm(LabelName.CONCEPT, key):
            named = tantivy.Query.term_query(_schema(), LabelName.CONCEPT, key, "freq")
            if not scored or not searcher.doc_freq("subject", key):
                return named
            subject = tantivy.Query.term_query(_schema(), "subject", key, "basic")
            return _any_query([named, tantivy.Query.boost_query(subject, SUBJECT_BOOST)])
        case LabelTerm(name, value):
            return _label_query(name, (value,))
        case YearRange(first, last):
            return _label_query(LabelName.YEAR, tuple(str(year) for year in range(first, last + 1)))
        case Not(part):
            inner = _compile_query(part, searcher, scored=False)
            return _boolean_query([], [inner]) if inner is not None else None
        case AllOf(parts):
            wanted = [
                _required_word_query(part, searcher) if scored and isinstance(part, Word) else compile_part(part)
                for part in parts
                if not isinstance(part, Not)
            ]
            denied = [_compile_query(part.part, searcher, scored=False) for part in parts if isinstance(part, Not)]
            return _boolean_query([q for q in wanted if q is not None], [q for q in denied if q is not None])
        case AnyOf(parts):
            either = [query for part in parts if (query := compile_part(part)) is not None]
            if either and any(isinstance(part, LabelTerm) and part.name is LabelName.CONCEPT for part in parts):
                return tantivy.Query.disjunction_max_query(either, CONCEPT_TIE_BREAKER)
            return _any_query(either) if either else None
        case MatchAll():
            return _match_all_query()


def _word_query(word: Word, searcher: tantivy.Searcher, *, scored: bool) -> tantivy.Query | None:
    """Return the query for a word in any of its forms, of which the typed one scores higher."""
    written = _tokenize(word.text)
    if not written:
        return None
    # a language without documents needs no query, and its dictionary 0.1 to 0.4 s to open
    languages = [language for language in STEMMERS if searcher.doc_freq(LabelName.LANGUAGE, language)]
    as_stems = [
        _sequence_query(f"{word.column}_{language}", stems)
        for language in languages
        for stems in _list_stem_sequences(word.text, language)
        if len(stems) > 1 or searcher.doc_freq(f"{word.column}_{language}", stems[0])
    ]
    as_written = _sequence_query(f"{word.column}_written", written)
    if scored:
        exact = tantivy.Query.boost_query(as_written, 1 + EXACT_FORM_BONUS)
        return tantivy.Query.disjunction_max_query([exact, *as_stems])
    if len(written) > 1 or not all(_has_stem_as_written(word.text, language) for language in languages):
        return _any_query([as_written, *as_stems])
    # every text with the word as written has its stem or is in this column, so that one list is read instead of two
    unstemmed = f"{word.column}_{UNSTEMMED}"
    if searcher.doc_freq(unstemmed, written[0]) or not as_stems:
        as_stems.append(tantivy.Query.term_query(_schema(), unstemmed, written[0], "basic"))
    return _any_query(as_stems)


def _required_word_query(word: Word, searcher: tantivy.Searcher) -> tantivy.Query | None:
    """Return the query for a word that every hit has, whose typed form is only looked up in the hits.

    Reading both lists of texts for each of several words takes twice as long as finding the texts in all of them.
    """
    in_any_form = _word_query(word, searcher, scored=False)
    if in_any_form is None:
        return None
    as_written = _sequence_query(f"{word.column}_written", _tokenize(word.text))
    exact = tantivy.Query.boost_query(as_written, EXACT_FORM_BONUS)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, in_any_form), (tantivy.Occur.Should, exact)])


def _any_query(queries: list[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _boolean_query(wanted: list[tantivy.Query], denied: list[tantivy.Query]) -> tantivy.Query | None:
    if not wanted and not denied:
        return None
    must = [(tantivy.Occur.Must, query) for query in wanted or [_match_all_query()]]
    return tantivy.Query.boolean_query([*must, *((tantivy.Occur.MustNot, query) for query in denied)])


def _sequence_query(field: str, words: list[str]) -> tantivy.Query:
    if len(words) == 1:
        return tantivy.Query.term_query(_schema(), field, words[0], "freq")
    return tantivy.Query.phrase_query(_schema(), field, [*words])


def _phrase_tokens(text: str) -> list[tuple[str, bool]]:
    """Return (word, whether it is a prefix) for each word of a phrase such as `protection ord*`."""
    words: list[tuple[str, bool]] = []
    for part in re.split(r"(?<=\*)|\s+", text):
        part_words = _tokenize(part)
        words += [(word, number == len(part_words) and part.endswith("*")) for number, word in enumerate(part_words, 1)]
    return words


def _prefix_query(field: str, words: list[tuple[str, bool]], searcher: tantivy.Searcher) -> tantivy.Query | None:
    if not words:
        return None
    if not any(is_prefix for _, is_prefix in words):
        return _sequence_query(field, [word for word, _ in words])
    if len(words) == 1:  # the same as the regular expression "word.*", which takes 0.2 ms to compile
        return tantivy.Query.fuzzy_term_query(_schema(), field, words[0][0], distance=0, prefix=True)
    patterns = [re.escape(word) + (".*" if is_prefix else "") for word, is_prefix in words]
    remaining = MAX_PHRASE_EXPANSIONS
    for word in (word for word, is_prefix in words if is_prefix):
        remaining -= len(searcher.terms_with_prefix(field, word, limit=remaining + 1))
        if remaining < 0:
            raise TooManyPrefixMatches("Too many words start with these letters.")
    return tantivy.Query.regex_phrase_query(_schema(), field, [*patterns])


def _label_query(name: LabelName, values: tuple[str, ...]) -> tantivy.Query:
    accepted = [value for value in values if value]  # "" is what documents without the label have
    return tantivy.Query.const_score_query(tantivy.Query.term_set_query(_schema(), name, accepted), 0.0)


def _apply_filters(tree: tantivy.Query, filters: LabelFilters) -> tantivy.Query:
    if not filters:
        return tree  # as the only clause of another query it would take a tenth longer
    return _boolean_query([tree, *(_label_query(name, values) for name, values in filters.items())], []) or tree


# --- Sorting and counting ---------------------------------------------------------------------------------------------


def _affects_score(tree: QueryTree) -> bool:
    """Return whether a query tree contains a word, phrase or concept, not negated: only these affect the score."""
    return any(isinstance(leaf, Word | Phrase) for leaf in _iter_text_terms(tree)) or bool(_concepts_sought(tree))


def _sort_field(order: SearchOrder, tree: QueryTree, language: str) -> str:
    """Return the field by which results are sorted; "" for their score."""
    match order:
        case SearchOrder.RELEVANCE:
            return "" if _affects_score(tree) else "place"
        case SearchOrder.COUNTRY:
            return f"country_{language if language in INTERFACE_LANGUAGES else 'en'}"
        case _:
            return str(order)


def _search_page(
    searcher: tantivy.Searcher,
    query: tantivy.Query,
    sort_field: str,
    offset: int,
    page_size: int,
    expected: int = 0,
) -> tuple[list[tantivy.DocAddress], list[tantivy.DocAddress] | None]:
    """Return the addresses of the hits on the requested page, and those of all hits if at most `expected`.

    They are sorted by a field, or by their score if `sort_field` is "".
    """
    last = offset + page_size
    if not page_size:
        return [], None
    if sort_field:
        skipped = 0 if expected else offset
        limit = max(last, expected + 1) - skipped
        result = searcher.search(
            query, limit, count=False, order_by_field=sort_field, order=tantivy.Order.Asc, offset=skipped
        )
        in_order = [at for _, at in result.hits]
        return in_order[offset - skipped : last - skipped], None if skipped or len(in_order) >= limit else in_order
    limit = max(last + EXPECTED_TIES, expected + 1)
    while True:  # tantivy breaks ties by storage order: fetch all hits that tie with the last one of the page
        hits = searcher.search(query, limit, count=False, weight_by_field="weight").hits
        if len(hits) < limit or hits[-1][0] < hits[last - 1][0]:
            break
        limit *= 4
    all_hits = [at for _, at in hits] if len(hits) < limit else None
    page = hits[offset:last]
    if not page:
        return [], all_hits
    best, worst = page[0][0], page[-1][0]
    before = sum(score > best for score, _ in hits[:offset])
    tied = [(score, at) for score, at in hits[before:] if score >= worst]
    sort_keys = searcher.fast_field_values("place", [at for _, at in tied])
    by_place = sorted(zip(tied, sort_keys, strict=True), key=lambda pair: (-pair[0][0], pair[1]))
    return [at for (_, at), _ in by_place[offset - before : last - before]], all_hits


def _expect_few_hits(tree: QueryTree, filters: LabelFilters, searcher: tantivy.Searcher) -> int:
    """Return how many hits to fetch of a query of which few are expected, so that they need not be found again.

    0 if many are expected, compared with the texts that have its rarest word: finding those again takes less time.
    """
    if not filters and not isinstance(tree, AllOf | Phrase):
        return 0
    parts = [part for part in (tree.parts if isinstance(tree, AllOf) else [tree]) if not isinstance(part, Not)]
    shares = [share for part in parts for share in _list_shares(part, searcher)]
    shares += [_share_of_labels(name, values, searcher) for name, values in filters.items()]
    share = math.prod(shares)
    if len(shares) < 2 or share * MIN_HITS_PASSED_OVER > min(shares):
        return 0
    expected = int(share * searcher.num_docs * 2) + 500
    return expected if expected <= MAX_COUNTED_SINGLY else 0


def _list_shares(tree: QueryTree, searcher: tantivy.Searcher) -> list[float]:
    """Return the shares of texts with each word of a query, as if they did not depend on each other; 1 if unknown."""
    total = max(searcher.num_docs, 1)
    match tree:
        case Word(text, column):
            fields = {f"{column}_written": _tokenize(text)}
            fields |= {f"{column}_{language}": _tokenize(text, language) for language in STEMMERS}
            most = max((searcher.doc_freq(field, word) for field, words in fields.items() for word in words), default=0)
            return [most / total]
        case Phrase(text, column):
            words = _phrase_tokens(text)
            shares = [1.0 if star else searcher.doc_freq(f"{column}_written", word) / total for word, star in words]
            return [*shares[:-1], shares[-1] * PHRASE_SHARE] if len(shares) > 1 else shares
        case LabelTerm(name, value):
            return [_share_of_labels(name, (value,), searcher)]
        case AllOf(parts):
            return [math.prod(share for part in parts for share in _list_shares(part, searcher))]
        case AnyOf(parts):
            return [min(1.0, sum(math.prod(_list_shares(part, searcher)) for part in parts))]
        case _:
            return [1.0]


def _share_of_labels(name: LabelName, values: tuple[str, ...], searcher: tantivy.Searcher) -> float:
    return min(1.0, sum(searcher.doc_freq(name, value) for value in values) / max(searcher.num_docs, 1))


def _count_hits(
    searcher: tantivy.Searcher, tree: tantivy.Query, filters: LabelFilters, all_hits: list[tantivy.DocAddress] | None
) -> tuple[dict[tuple[str, ...], int], dict[LabelName, dict[str, int]]]:
    """Count the hits by their values of COMBINED_LABELS, and for each value of each facet.

    One pass covers all hits, unless they are known (`all_hits`); each filtered facet needs a pass of its own, without
    its own filter.
    """
    counts: dict[LabelName, dict[str, int]] = {}
    if all_hits is not None:
        combinations, counts[LabelName.STATE], counts[LabelName.ARTICLE] = _count_singly(searcher, all_hits)
    else:
        columns = ["combined", *(facet for facet in KEYED_COLUMNS[1:] if facet not in filters)]
        by_column = _count_values(searcher, _apply_filters(tree, filters), columns)
        combinations = {tuple(key.split(LABEL_SEPARATOR)): count for key, count in by_column.pop("combined").items()}
        counts |= {LabelName(name): values for name, values in by_column.items()}
    for place, label in enumerate(COMBINED_LABELS):
        values = counts.setdefault(label, {})
        for combination, count in combinations.items():
            if value := combination[place]:
                values[value] = values.get(value, 0) + count
    for facet in filters.keys() & set(FACETS):
        others = {name: values for name, values in filters.items() if name is not facet}
        counts[facet] = _count_values(searcher, _apply_filters(tree, others), [facet])[facet]
    return combinations, {facet: counts[facet] for facet in FACETS}


def _count_values(
    searcher: tantivy.Searcher, query: tantivy.Query, columns: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return the number of hits for each value of each column, without "", the most frequent first."""
    aggregations = {str(name): {"terms": {"field": str(name), "size": MAX_COMBINATIONS}} for name in columns}
    answer = searcher.aggregate(query, aggregations)
    return {
        str(name): {bucket["key"]: bucket["doc_count"] for bucket in answer[str(name)]["buckets"] if bucket["key"]}
        for name in columns
    }


def _count_singly(
    searcher: tantivy.Searcher, all_hits: list[tantivy.DocAddress]
) -> tuple[dict[tuple[str, ...], int], dict[str, int], dict[str, int]]:
    """Count hits by their values of COMBINED_LABELS, by state and by article, from the keys of each."""
    counted: list[dict[tuple[str, ...], int]] = []
    for column in KEYED_COLUMNS:
        keys = searcher.fast_field_values(f"{column}_key", all_hits) if all_hits else []
        by_values: dict[tuple[str, ...], int] = {}
        for key, count in Counter(keys).items():
            if (values := _known_labels.get(key)) is None:
                item = _read_item(_read_stored_values(searcher, all_hits[keys.index(key)]))
                values = _values_by_column(item.labels)[column]
                if len(_known_labels) >= MAX_KNOWN_KEYS:
                    _known_labels.clear()
                _known_labels[key] = values
            by_values[values] = count
        counted.append(by_values)
    combinations, states, articles = counted
    by_article: dict[str, int] = {}
    for values, count in articles.items():
        for value in values:
            by_article[value] = by_article.get(value, 0) + count
    return combinations, {values[0]: count for values, count in states.items() if values}, by_article


# the values of the keys that were met, which are the same in every index
_known_labels: dict[object, tuple[str, ...]] = {}


# --- Marking ----------------------------------------------------------------------------------------------------------


def _iter_text_terms(tree: QueryTree) -> Iterator[Word | Prefix | Phrase]:
    """Yield the terms that are searched for in text, except negated ones."""
    for part in positive_terms(tree):
        if isinstance(part, Word | Prefix | Phrase):
            yield part


class _Marking:
    """What is marked in the hits of a query; what depends only on the column and the language is computed once."""

    def __init__(self, tree: QueryTree) -> None:
        unmarked = _short_words_of_names(tree)
        self._terms = [term for term in _iter_text_terms(tree) if term not in unmarked]
        self.concepts = _concepts_sought(tree)
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
        words = _tokenize(text, "words")
        bases = {word for word in irregular if not sought.base_stems.isdisjoint(_list_base_stems(word, language))}
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
        stems = {stem for text in inflected for stem in _list_stems(text, language)}
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


def _concepts_sought(tree: QueryTree) -> frozenset[str]:
    """Return the keys of the concepts that are searched for, except negated ones, and of their narrower concepts."""
    return frozenset(
        key
        for part in positive_terms(tree)
        if isinstance(part, LabelTerm) and part.name is LabelName.CONCEPT
        for key in with_narrower(part.value)
    )


def _read_item(stored: dict[str, typing.Any]) -> SearchItem:
    values: dict[str, typing.Any] = stored["item"]
    for name in ("articles", "concepts"):
        values[name] = tuple(values[name])
    values["translations"] = tuple(Translation(**text) for text in values["translations"])
    try:
        return SearchItem(**values)
    except TypeError as exc:
        raise IndexDamaged("The search index was created by another version of Samsvar.") from exc


def _find_languages(tree: QueryTree, filters: LabelFilters) -> frozenset[str]:
    """Return the languages that texts are asked for in; empty for any."""
    typed = (part for part in positive_terms(tree) if isinstance(part, LabelTerm) and part.name is LabelName.LANGUAGE)
    return frozenset((*(part.value for part in typed), *filters.get(LabelName.LANGUAGE, ())))


def _build_hit(stored: dict[str, typing.Any], marking: _Marking, language: str, languages: Collection[str]) -> Hit:
    """Build a hit with its marks; of the texts of an item with translations, choose one that matches.

    The text in the reader's language is tried first, then the original. If none has a mark, the first is shown. If
    texts in some `languages` are asked for, only these count.
    """
    item = _read_item(stored)
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
            (written,) = _tokenize(word)
            (stem,) = _tokenize(word, self.language) if self.language in STEMMERS else (written,)
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
    prepared = _prepare_for_analysis(text)
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
    text = _prepare_for_analysis(text)
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
            written = [(word, False) for word in _tokenize(text)]
            sequences = _list_stem_sequences(text, language) if language in STEMMERS else []
            return [(False, written), *((True, [(stem, False) for stem in stems]) for stems in sequences)]
        case Prefix(text):
            return [(False, _phrase_tokens(f"{text}*"))]
        case Phrase(text):
            return [(False, _phrase_tokens(text))]


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


# --- Errors -----------------------------------------------------------------------------------------------------------


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate tantivy's exceptions into IndexDamaged, including its panics, which derive from BaseException."""
    try:
        yield
    except SamsvarError:
        raise
    except (ValueError, OSError, KeyError) as problem:
        raise IndexDamaged(f"The search index cannot be used: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":
            raise IndexDamaged("The search index cannot be read.") from problem
        raise
