"""Saved searches: the canonical query string of a search, its words, and the items of the index that match it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.ids import stable_id
from samsvar.search.engine import IndexDamaged, SearchItem
from samsvar.search.query import parse_query_text
from samsvar.site.search.queries import describe_filters, get_index_updater, parse_filters
from samsvar.site.shell.labels import COLON


def to_query_string(params: QueryDict) -> str:
    """Return the canonical query string of a search: its words and filters, without page and order; "" for none."""
    query_text = parse_query_text(params.get("q", "")).typed_text
    pairs = [("q", query_text)] if query_text else []
    pairs += [(str(name), value) for name, values in parse_filters(params).items() for value in values]
    return urlencode(pairs)


def search_key(query: str) -> str:
    """Return the ID of a canonical query string."""
    return stable_id("search", query)


def describe_search(query: str) -> str:
    """Return a search in words, in the active language: "shelter; Country: Norway"."""
    params = QueryDict(query)
    parts = [f"“{query_text}”"] if (query_text := params.get("q", "")) else []
    filters = describe_filters(parse_filters(params), get_language() or "en")
    parts += [f"{title}{COLON} {', '.join(values)}" for title, values in filters]
    return " · ".join(parts) or _("everything")


def count_matches(query: str) -> int:
    """Return the number of items that match a search now."""
    params = QueryDict(query)
    engine = get_index_updater().get_current_index().engine
    return engine.search(parse_query_text(params.get("q", "")), parse_filters(params), limit=0).count


def find_matches(query: str, groups: Collection[str]) -> Iterator[SearchItem]:
    """Yield the items of these groups of the index that match a search."""
    if not groups:
        return
    params = QueryDict(query)
    parsed, filters = parse_query_text(params.get("q", "")), parse_filters(params)
    index = get_index_updater().get_current_index()
    try:
        yield from index.engine.find_items(parsed, filters, groups=groups)
    except IndexDamaged:
        index = get_index_updater().replace_damaged_index(index.engine)
        yield from index.engine.find_items(parsed, filters, groups=groups)
