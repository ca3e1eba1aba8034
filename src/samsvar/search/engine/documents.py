"""What the index stores of each item: the schema, and the words, labels, concepts and sort keys in its columns."""

from __future__ import annotations

import hashlib
import json
import re
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache, lru_cache

import tantivy

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.search.engine.analysis import (
    STEMMERS,
    clean_text,
    find_irregular_words,
    has_stem_as_written,
    list_base_forms_in_text,
    prepare_for_analysis,
    tokenize,
)
from samsvar.search.errors import IndexDamaged
from samsvar.search.items import COMBINED_LABELS, FACETS, KINDS, SearchItem, Translation
from samsvar.search.query import LabelName, TextColumn
from samsvar.territories import territories, territory_name
from samsvar.text import fold_letters
from samsvar.thesaurus.concepts import ConceptKind, concepts, with_narrower
from samsvar.thesaurus.tagging import tag_text

LABEL_SEPARATOR = "\x1f"
# The keys of these columns are read for each hit of a query that few are expected of: finding the hits of a phrase or
# of several words again in order to count them takes 50 ns to 4 µs a hit (2026-11), reading their keys 0.4 µs.
KEYED_COLUMNS = ("combined", LabelName.STATE, LabelName.ARTICLE)
UNSTEMMED = "unstemmed"  # columns of the words that a query for their stem does not find
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
MENTION_COUNT = 2  # of a concept that a text names itself; one whose narrower concept it names counts once
MAX_MENTIONS = 2  # that count: a text that repeats a word is not more about it for that
# tantivy ranks a text lower the more concepts it names, which here says nothing of how much it is about each. Most
# texts name fewer than this, and are filled up to it so that their scores are equal.
CONCEPT_COLUMN_LENGTH = 8
HEADING_SEPARATOR = "›"  # between the headings of a chapter and its sections
_SORT_FIELDS = ("newest", "oldest", *(f"country_{language}" for language in INTERFACE_LANGUAGES))


@cache
def schema() -> tantivy.Schema:
    """Return the columns of the index."""
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


def build_document(item: SearchItem) -> tantivy.Document:
    """Build what the index has of an item."""
    document = tantivy.Document()
    document.add_text("role", "findable")
    document.add_text("group", item.group)
    columns = {
        TextColumn.TEXT: clean_text(item.text),
        TextColumn.HEADING: clean_text(item.heading),
        TextColumn.TITLE: clean_text(item.title),
    }
    translations = tuple(
        Translation(text.language, clean_text(text.title), clean_text(text.text)) for text in item.translations
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
    by_column = values_by_column(labels)
    document.add_text("combined", LABEL_SEPARATOR.join(by_column["combined"]))
    for column, values in by_column.items():
        document.add_unsigned(f"{column}_key", _label_key(column, values))


def values_by_column(labels: Mapping[LabelName, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
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
    prepared = prepare_for_analysis(text)
    document.add_text(f"{column}_written", prepared)
    if language not in STEMMERS:
        document.add_text(f"{column}_{UNSTEMMED}", prepared)
        return ()
    document.add_text(f"{column}_{language}", prepared)
    if not text.isascii():
        for word in sorted(set(tokenize(text, "lower"))):
            if not has_stem_as_written(word, language):
                document.add_text(f"{column}_{UNSTEMMED}", word)
    base_forms = list_base_forms_in_text(text, language)
    if not base_forms:
        return ()
    document.add_text(f"{column}_{language}", " ".join(base_forms))
    return find_irregular_words(text, language)


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
            subjects = {*_find_heading_mentions(clean_text(item.title), item.language)}
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


def build_marker(role: str, stored: dict[str, str] | dict[str, int], *, group: str = "") -> tantivy.Document:
    """Build what the index stores about a group or about itself, which no search finds."""
    document = tantivy.Document()
    document.add_text("role", role)
    if group:
        document.add_text("group", group)
    _fill_columns(document, {}, place=0, weight=0)
    document.add_bytes("stored", json.dumps(stored).encode())
    return document


def read_stored_values(searcher: tantivy.Searcher, at: tantivy.DocAddress) -> dict[str, typing.Any]:
    """Return what was stored with a document besides its columns."""
    content: bytes = searcher.doc(at).get_first("stored") or b"{}"
    stored: dict[str, typing.Any] = json.loads(content.decode())  # from bytes, json would first detect the encoding
    return stored


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


def read_item(stored: dict[str, typing.Any]) -> SearchItem:
    """Return the item from the values stored with it. Raises IndexDamaged."""
    values: dict[str, typing.Any] = stored["item"]
    for name in ("articles", "concepts"):
        values[name] = tuple(values[name])
    values["translations"] = tuple(Translation(**text) for text in values["translations"])
    try:
        return SearchItem(**values)
    except TypeError as exc:
        raise IndexDamaged("The search index was created by another version of Samsvar.") from exc
