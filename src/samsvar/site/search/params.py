"""The parameters of a search, from which list, counts, chart, export and feed are all made.

They are in the query string: `q` (the query), the filters by name (`state=NO`), `without` (concepts that are switched
off) and `sort`. A saved search is `canonical_params` of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from samsvar.search.query import (
    VALID_YEARS,
    LabelName,
    LabelTerm,
    Query,
    SearchOrder,
    YearRange,
    parse_label_values,
    parse_query_text,
)

# In the order of the query string. The first six are facets of the page.
FILTER_NAMES = (
    LabelName.KIND, LabelName.STATE, LabelName.ARTICLE, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR,
    LabelName.ROUND, LabelName.REVIEW, LabelName.LANGUAGE,
)  # fmt: skip
MAX_FILTER_VALUES = 30  # values in a URL; no one selects more by hand
MAX_SWITCHED_OFF = 30  # concepts in a URL; a query of 500 characters names fewer
MAX_VALUE_LENGTH = 60  # characters

type Filters = Mapping[LabelName, tuple[str, ...]]


@dataclass(frozen=True)
class SearchParams:
    """A search: its query, filters, concepts that are switched off, and order."""

    query: Query = field(default_factory=partial(parse_query_text, ""))
    filters: Filters = field(default_factory=dict)
    without: tuple[str, ...] = ()
    order: SearchOrder = SearchOrder.RELEVANCE

    @classmethod
    def from_params(cls, params: QueryDict) -> Self:
        """Read a query string; unknown parameters are ignored, and an unknown value of a filter matches nothing."""
        order = params.get("sort", "")
        return cls(
            query=parse_query_text(params.get("q", "")),
            filters=parse_filters(params),
            without=tuple(
                dict.fromkeys(
                    key.strip()[:MAX_VALUE_LENGTH] for key in params.getlist("without")[:MAX_SWITCHED_OFF] if key
                )
            ),
            order=SearchOrder(order) if order in set(SearchOrder) else SearchOrder.RELEVANCE,
        )

    @property
    def query_text(self) -> str:
        """The query as typed, with single spaces, and cut if it was too long."""
        return self.query.typed_text

    def encode(self) -> str:
        """Return the query string, without the number of a page; "" for a search for everything."""
        return urlencode([*self.pairs()])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters as (name, value)."""
        if self.query_text:
            yield "q", self.query_text
        for name, values in self.filters.items():
            yield from ((str(name), value) for value in values)
        yield from (("without", key) for key in self.without)
        if self.order is not SearchOrder.RELEVANCE:
            yield "sort", str(self.order)

    def toggle(self, name: LabelName, value: str) -> Self:
        """Return the search with a value of a filter selected, or deselected if it is selected now."""
        values = self.filters.get(name, ())
        changed = tuple(other for other in values if other != value) if value in values else (*values, value)
        return replace(
            self, filters={label: chosen for label, chosen in {**self.filters, name: changed}.items() if chosen}
        )

    def toggle_concept(self, key: str) -> Self:
        """Return the search with a concept switched off, or on again if it is off now."""
        is_off = key in self.without
        return replace(
            self, without=tuple(other for other in self.without if other != key) if is_off else (*self.without, key)
        )


def canonical_params(params: QueryDict) -> str:
    """Return the query string of a search, the same however its parameters are written: `q=shelters&state=NO&state=SE`.

    Neither the number of a page nor the order of the results is part of it. Its order of parameters is fixed, filters
    are written as they are stored ("norge" → "NO"), and the query has single spaces.
    """
    search = SearchParams.from_params(params)
    filters = {name: tuple(sorted(search.filters[name])) for name in FILTER_NAMES if name in search.filters}
    return SearchParams(search.query, filters, tuple(sorted(search.without))).encode()


def parse_filters(params: QueryDict) -> dict[LabelName, tuple[str, ...]]:
    """Return the filters in the query string: `?state=norge&state=SE&year=2018-2020`.

    An unknown value is kept, and matches nothing.
    """
    filters: dict[LabelName, tuple[str, ...]] = {}
    remaining = MAX_FILTER_VALUES
    for name in FILTER_NAMES:
        values: list[str] = []
        for value in params.getlist(str(name))[:remaining]:
            value = value.strip()[:MAX_VALUE_LENGTH]
            values += _parse_filter_values(name, value) if value else ()
        if values:
            filters[name] = tuple(dict.fromkeys(values))[:remaining]
            remaining -= len(filters[name])
    return filters


def _parse_filter_values(name: LabelName, text: str) -> tuple[str, ...]:
    if name is LabelName.YEAR:
        tree = parse_query_text(f"year:{text}").tree
        match tree:
            case LabelTerm(LabelName.YEAR, value):
                return (value,)
            case YearRange(first, last):
                years = range(first, last + 1)
                # too many years for an address: keep those near the end that was given, from which there are texts
                chosen = years[:MAX_FILTER_VALUES] if last == VALID_YEARS[1] else years[-MAX_FILTER_VALUES:]
                return tuple(map(str, chosen))
            case _:
                return (text,)
    return parse_label_values(name, text) or (text,)
