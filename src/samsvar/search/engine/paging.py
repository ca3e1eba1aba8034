"""Find one page of hits in their order."""

from __future__ import annotations

import tantivy

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.search.engine.compiling import concepts_sought, iter_text_terms
from samsvar.search.query import Phrase, QueryTree, SearchOrder, Word

# Hits fetched beyond a page, for those that tie with its last one: up to six on 200,000 paragraphs (2026-11). More
# cost less than a second search.
EXPECTED_TIES = 16


def _affects_score(tree: QueryTree) -> bool:
    """Return whether a query tree contains a word, phrase or concept, not negated: only these affect the score."""
    return any(isinstance(leaf, Word | Phrase) for leaf in iter_text_terms(tree)) or bool(concepts_sought(tree))


def choose_sort_field(order: SearchOrder, tree: QueryTree, language: str) -> str:
    """Return the field by which results are sorted; "" for their score."""
    match order:
        case SearchOrder.RELEVANCE:
            return "" if _affects_score(tree) else "place"
        case SearchOrder.COUNTRY:
            return f"country_{language if language in INTERFACE_LANGUAGES else 'en'}"
        case _:
            return str(order)


def search_page(
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
