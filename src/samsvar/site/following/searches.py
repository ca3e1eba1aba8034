"""Saved searches: the words of a search, the concepts it could also ask for, and the items that match it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.ids import stable_id
from samsvar.search.expansion import expand_query
from samsvar.search.items import SearchItem
from samsvar.search.query import MAX_QUERY_LENGTH, parse_query_text
from samsvar.site.search.describing import describe_query
from samsvar.site.search.params import SearchParams
from samsvar.site.search.queries import UnderstoodConcept, describe_filters, describe_understood, with_index
from samsvar.site.shell.labels import COLON
from samsvar.thesaurus.concepts import concepts

MAX_MATCHES = 100_000  # new items of a search; far above what a year brings
MAX_SUGGESTIONS = 8


def search_key(query: str) -> str:
    """Return the ID of a canonical query string."""
    return stable_id("search", query)


def describe_search(query: str) -> str:
    """Return a search in words, in the active language: "“shelter” · Country: Norway"."""
    search, language = SearchParams.from_params(QueryDict(query)), get_language() or "en"
    parts = describe_query(search.query, language, is_nested=bool(search.filters or search.without))
    parts += [f"{title}{COLON} {', '.join(values)}" for title, values in describe_filters(search.filters, language)]
    names = [concepts()[key].label(language) for key in search.without if key in concepts()]
    parts += [_("without the concepts: %(names)s") % {"names": ", ".join(names)}] if names else []
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class SuggestedConcept:
    """A concept related to those of a search, and the query string of the search that also asks for it."""

    name: str  # in the reader's language
    query: str


def understood_concepts(query: str) -> tuple[UnderstoodConcept, ...]:
    """Return the concepts that the words of a search name, each with the address of the same page without it."""
    search = SearchParams.from_params(QueryDict(query))
    page = reverse("following:follow-search")
    understood = expand_query(search.query, without=search.without).understood
    return describe_understood(
        understood, get_language() or "en", lambda key: f"{page}?{search.toggle_concept(key).encode()}"
    )


def suggest_concepts(query: str) -> tuple[SuggestedConcept, ...]:
    """Return concepts related to those that a search names, which it does not ask for. None is added by itself."""
    search = SearchParams.from_params(QueryDict(query))
    understood = [concept.key for concept in expand_query(search.query, without=search.without).understood]
    nearby = [key for own in understood for key in (*concepts()[own].related, *concepts()[own].broader)]
    suggestions = []
    for key in dict.fromkeys(nearby):
        if key not in understood and f"concept:{key}" not in search.query_text:
            text = f"({search.query.canonical_text}) OR concept:{key}"
            if len(text) <= MAX_QUERY_LENGTH:
                wider = replace(search, query=parse_query_text(text))
                suggestions.append(SuggestedConcept(concepts()[key].label(get_language() or "en"), wider.encode()))
    return tuple(suggestions[:MAX_SUGGESTIONS])


def count_matches(query: str) -> int:
    """Return the number of items that match a search now."""
    search = SearchParams.from_params(QueryDict(query))
    expanded = expand_query(search.query, without=search.without).query
    return with_index(lambda engine: engine.search(expanded, search.filters, limit=0).count)[1]


def find_matches(query: str, groups: Collection[str]) -> Iterable[SearchItem]:
    """Return the items of these groups of the index that match a search."""
    if not groups:
        return ()
    search = SearchParams.from_params(QueryDict(query))
    expanded = expand_query(search.query, without=search.without).query
    return with_index(lambda engine: engine.iter_items(expanded, search.filters, limit=MAX_MATCHES, groups=groups))[1]
