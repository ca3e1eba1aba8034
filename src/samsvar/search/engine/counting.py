"""Count hits, for each value of each facet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import tantivy

from samsvar.search.engine.analysis import STEMMERS, tokenize
from samsvar.search.engine.compiling import apply_filters, phrase_tokens
from samsvar.search.engine.documents import (
    KEYED_COLUMNS,
    LABEL_SEPARATOR,
    read_item,
    read_stored_values,
    values_by_column,
)
from samsvar.search.items import COMBINED_LABELS, FACETS, LabelFilters
from samsvar.search.query import AllOf, AnyOf, LabelName, LabelTerm, Not, Phrase, QueryTree, Word

MAX_COMBINATIONS = 20_000  # real and generated reports have some hundred
MAX_COUNTED_SINGLY = 50_000  # their addresses take some 5 MB
MIN_HITS_PASSED_OVER = 4  # texts with the rarest word for each expected hit; of fewer, all are found again in less time
MAX_KNOWN_KEYS = 100_000  # some 20 MB
PHRASE_SHARE = 0.1  # of the texts with all its words that have the phrase, roughly


def expect_few_hits(tree: QueryTree, filters: LabelFilters, searcher: tantivy.Searcher) -> int:
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
            fields = {f"{column}_written": tokenize(text)}
            fields |= {f"{column}_{language}": tokenize(text, language) for language in STEMMERS}
            most = max((searcher.doc_freq(field, word) for field, words in fields.items() for word in words), default=0)
            return [most / total]
        case Phrase(text, column):
            words = phrase_tokens(text)
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


def count_hits(
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
        by_column = _count_values(searcher, apply_filters(tree, filters), columns)
        combinations = {tuple(key.split(LABEL_SEPARATOR)): count for key, count in by_column.pop("combined").items()}
        counts |= {LabelName(name): values for name, values in by_column.items()}
    for place, label in enumerate(COMBINED_LABELS):
        values = counts.setdefault(label, {})
        for combination, count in combinations.items():
            if value := combination[place]:
                values[value] = values.get(value, 0) + count
    for facet in filters.keys() & set(FACETS):
        others = {name: values for name, values in filters.items() if name is not facet}
        counts[facet] = _count_values(searcher, apply_filters(tree, others), [facet])[facet]
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
                item = read_item(read_stored_values(searcher, all_hits[keys.index(key)]))
                values = values_by_column(item.labels)[column]
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
