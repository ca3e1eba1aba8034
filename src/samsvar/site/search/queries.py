"""Queries for the search page: the interpretation of the query, the results and the facets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.search.engine import (
    FACETS,
    MAX_OFFSET,
    Engine,
    Hit,
    IndexDamaged,
    SearchError,
    SearchItem,
    SearchResults,
    TooManyPrefixMatches,
    list_word_stems,
    split_at_marks,
)
from samsvar.search.index_sync import CurrentIndex, IndexUpdater
from samsvar.search.query import (
    LabelName,
    LabelTerm,
    Query,
    Word,
    YearRange,
    parse_label_values,
    parse_query_text,
    positive_terms,
)
from samsvar.site.convention.models import State
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.decisions import proposer_roles
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.rounds import later_texts_of
from samsvar.site.network.access.permissions import User
from samsvar.site.network.directory.queries.directory import search_people
from samsvar.site.network.directory.queries.people import VisiblePerson
from samsvar.site.search import labels
from samsvar.site.search.source import DatabaseSource
from samsvar.site.shell import hooks
from samsvar.site.shell import labels as shell_labels
from samsvar.site.shell.errors import ErrorText, describe_error
from samsvar.site.shell.labels import Label, describe_review
from samsvar.territories import code_by_adjective, is_fictional, territory, territory_name
from samsvar.text import fold_letters

ANONYMOUS = AnonymousUser()
HITS_PER_PAGE = 20
EXCERPT_LENGTH = 480  # characters; longer paragraphs are cut around their matches (half of all findings are shorter)
VALUES_SHOWN = 8  # per facet; the others are collapsed
MAX_FILTER_VALUES = 30  # values in a URL; no one selects more by hand
MAX_SHORTCUTS = 5
MAX_QUERY_WORDS = 12  # in a query that is run on the database; every word has to match
FILTER_NAMES = (*FACETS, LabelName.REVIEW, LabelName.LANGUAGE)
VALUE_ORDERS = {  # of facets whose values are not ordered by frequency
    LabelName.STRENGTH: ("urges", "strongly_encourages", "encourages", "invites", "welcomes"),
    LabelName.KIND: ("finding", "passage", "section", "document"),
}

type TextPiece = tuple[str, bool]  # (text, whether it is a match)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A country or article page that the query names."""

    href: str
    title: str
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class ExtraResult:
    """A result from another app's own search of the database, visible to this user."""

    href: str
    title: str
    language: str  # of the title; "" for the reader's language
    details: str  # what it is, when and where
    fictional: bool = False


def contains_all_words(query_text: str, texts: Iterable[tuple[str, str]]) -> bool:
    """Return whether the texts, pairs of a language and a text, contain every word of a query, in any of its forms.

    Case and accents are ignored. An empty query matches nothing. In names, whose language is "", only the letters of
    the query are found.
    """
    texts = list(texts)
    query_words = {word: plain for word in query_text.split()[:MAX_QUERY_WORDS] if (plain := fold_letters(word))}
    text_words = " ".join(fold_letters(word) for _language, text in texts for word in text.split())
    return bool(query_words) and all(
        plain in text_words
        or any(
            not list_word_stems(word, language).isdisjoint(list_word_stems(text, language)) for language, text in texts
        )
        for word, plain in query_words.items()
    )


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A hit as shown on the page."""

    kind: str
    href: str
    external: bool  # the link leads to the publisher's page
    text: tuple[TextPiece, ...]
    heading: tuple[TextPiece, ...]
    item: SearchItem
    state_name: str
    citation: str
    review: Label = ""  # what a person decided about the label of a finding
    later_text: Label = ""  # for a finding that a later text closes or restates


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet: its label, the number of results, and the URL that selects or deselects it."""

    value: str
    name: str | Promise
    count: int
    selected: bool
    href: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet for narrowing the results.

    The most frequent values come first, unless the values have an order of their own.
    """

    name: str
    title: str | Promise
    visible_values: tuple[FacetValue, ...]
    collapsed_values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The contents of the search page."""

    query_text: str
    interpretation: str  # "" where it is the same as the query
    notes: tuple[str, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    count: int = 0
    is_truncated: bool = False  # there are more hits than the pages can show
    hits: tuple[SearchHit, ...] = ()
    pages: Page | None = None
    facets: tuple[Facet, ...] = ()
    selected_values: tuple[FacetValue, ...] = ()
    hidden_fields: tuple[tuple[str, str], ...] = ()  # filters that the form sends as hidden fields
    index_has_items: bool = True  # whether the index contains anything
    is_outdated: bool = False
    error: ErrorText | None = None
    unavailable: bool = False
    people: tuple[VisiblePerson, ...] = ()  # from the database, never from the index: docs/decisions/0012
    people_count: int = 0
    extra_results: tuple[tuple[str | Promise, tuple[ExtraResult, ...]], ...] = ()
    examples: tuple[tuple[str, str | Promise], ...] = ()


# --- The index of this machine ----------------------------------------------------------------------------------------


def get_index_updater() -> IndexUpdater:
    """Return the updater of this machine's index; there is one per process."""
    return _index_updater(Path(settings.SAMSVAR_SEARCH_INDEX))


@cache
def _index_updater(folder: Path) -> IndexUpdater:
    return IndexUpdater(folder, DatabaseSource())


# --- The page ---------------------------------------------------------------------------------------------------------


def search_page(*, params: QueryDict, language: str, user: User = ANONYMOUS) -> SearchPage:
    """Return the search page.

    This takes one query for the change number, one more if a country is named, the queries for people, and those of
    each app that adds results of its own. People whom the user may see are listed above the indexed results, but only
    on the first page of an unfiltered search, because the filters are labels of reports.
    """
    query = parse_query_text(params.get("q", ""))
    filters = parse_filters(params)
    url = _SearchUrl(query.typed_text, filters)
    people, people_count = search_people(user, query.typed_text) if should_search_people(params) else ((), 0)
    page = SearchPage(
        query_text=query.typed_text,
        interpretation=query.canonical_text if _should_show_interpretation(query) else "",
        notes=tuple(_note_texts(query)),
        shortcuts=find_shortcuts(query, language),
        hidden_fields=tuple((name, value) for name, values in filters.items() for value in values),
        selected_values=tuple(
            FacetValue(value, _value_label(name, value, language), 0, True, url.get_toggle_url(name, value))
            for name, values in filters.items()
            for value in values
        ),
        examples=labels.EXAMPLES,
        people=people,
        people_count=people_count,
        extra_results=tuple(_extra_results(user, query.typed_text, language)) if should_search_people(params) else (),
    )
    try:
        current_index, results, number = _search_and_repair(query, filters, params.get("page", ""))
    except SearchError as exc:
        return replace(page, error=describe_error(exc), unavailable=not isinstance(exc, TooManyPrefixMatches))
    pages = Paginator(range(min(results.count, MAX_OFFSET)), HITS_PER_PAGE).get_page(number)
    return replace(
        page,
        count=results.count,
        is_truncated=results.count > MAX_OFFSET,
        hits=tuple(_search_hits(results.hits, language)),
        pages=pages,
        facets=tuple(_build_facets(results, filters, url, language)),
        index_has_items=results.count > 0 or current_index.engine.has_items(),
        is_outdated=current_index.is_stale,
    )


def _extra_results(
    user: User, query_text: str, language: str
) -> Iterator[tuple[str | Promise, tuple[ExtraResult, ...]]]:
    for title, find in hooks.providers("search_results"):
        if results := tuple(find(user, query_text, language)):
            yield title, results


def should_search_people(params: QueryDict) -> bool:
    """Return whether to search for people: only if there are words and no filters, and only on the first page."""
    return bool(params.get("q", "").strip()) and not params.get("page") and not parse_filters(params)


def parse_filters(params: QueryDict) -> dict[LabelName, tuple[str, ...]]:
    """Return the filters in the query string: `?state=norge&state=SE&year=2018-2020`.

    An unknown value is kept, and matches nothing.
    """
    filters: dict[LabelName, tuple[str, ...]] = {}
    remaining = MAX_FILTER_VALUES
    for name in FILTER_NAMES:
        values: list[str] = []
        for value in params.getlist(str(name))[:remaining]:
            value = value.strip()[:60]
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
                return tuple(str(year) for year in range(first, last + 1))
            case _:
                return (text,)
    return parse_label_values(name, text) or (text,)


def _search_and_repair(
    query: Query, filters: Mapping[LabelName, tuple[str, ...]], page: str
) -> tuple[CurrentIndex, SearchResults, int]:
    """Search the index; if it is damaged, rebuild it and search again."""
    current_index = get_index_updater().get_current_index()
    try:
        return current_index, *_fetch_results_page(current_index.engine, query, filters, page)
    except IndexDamaged:
        current_index = get_index_updater().replace_damaged_index(current_index.engine)
        return current_index, *_fetch_results_page(current_index.engine, query, filters, page)


def _fetch_results_page(
    engine: Engine, query: Query, filters: Mapping[LabelName, tuple[str, ...]], page: str
) -> tuple[SearchResults, int]:
    """Return the results of a page and its number; if that is too high, those of the last page."""
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 and int(page) else 1
    number = min(number, MAX_OFFSET // HITS_PER_PAGE)
    search_from = partial(engine.search, query, filters, limit=HITS_PER_PAGE)
    results = search_from(offset=(number - 1) * HITS_PER_PAGE)
    last = max(1, -(-min(results.count, MAX_OFFSET) // HITS_PER_PAGE))
    return (results, number) if number <= last else (search_from(offset=(last - 1) * HITS_PER_PAGE), last)


def _search_hits(hits: Sequence[Hit], language: str) -> Iterator[SearchHit]:
    """Yield the hits as shown on the page, with what people decided about the findings, in at most two queries."""
    reviews = {hit.item.id.partition("/")[2]: hit.item.review for hit in hits if hit.item.kind == "finding"}
    later_texts = later_texts_of(list(reviews))
    roles = proposer_roles([public_id for public_id, review in reviews.items() if review != Finding.Review.MACHINE])
    for hit in hits:
        public_id = hit.item.id.partition("/")[2]
        review = reviews.get(public_id, Finding.Review.MACHINE)
        yield replace(
            _search_hit(hit, language),
            review="" if review == Finding.Review.MACHINE else describe_review(review, roles.get(public_id, "")),
            later_text=shell_labels.find_label(shell_labels.EARLIER_FINDINGS, later_texts.get(public_id)),
        )


def _search_hit(hit: Hit, language: str) -> SearchHit:
    item = hit.item
    href, external = _hit_link(item)
    heading = "" if item.kind in {"section", "document"} else item.heading
    return SearchHit(
        kind=item.kind,
        href=href,
        external=external,
        text=split_at_marks(item.text, hit.marks, EXCERPT_LENGTH),
        heading=split_at_marks(heading, hit.heading_marks) if heading else (),
        item=item,
        state_name=territory_name(item.state, language) if item.state else "",
        citation=short_citation(item),
    )


def _hit_link(item: SearchItem) -> tuple[str, bool]:
    """Return (URL of the hit, whether it is on another site); the URL is an empty string if there is none."""
    kind, _stroke, public_id = item.id.partition("/")
    home, _stroke, report = item.group.partition("/")
    match kind:
        case "finding":
            return reverse("monitoring:finding", args=[public_id]), False
        case "passage":
            text = reverse("monitoring:text", args=[report])
            return f"{text}?at={item.ordinal}#passage-{item.ordinal}", False
        case "document" if home == "report":
            return reverse("monitoring:report", args=[report]), False
        case _:
            safe = item.link.startswith(("https://", "http://"))
            return (item.link, True) if safe else ("", False)


# --- Facets -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _SearchUrl:
    """The URL of the search page, with the current query and filters."""

    query_text: str
    filters: Mapping[LabelName, tuple[str, ...]]

    def get_toggle_url(self, name: LabelName, value: str) -> str:
        """Return the URL of the first page with this value selected, or deselected if it is selected now."""
        pairs = [("q", self.query_text)] if self.query_text else []
        for other, values in self.filters.items():
            pairs += [(str(other), filter_value) for filter_value in values if (other, filter_value) != (name, value)]
        if value not in self.filters.get(name, ()):
            pairs.append((str(name), value))
        encoded = urlencode(pairs)
        return f"?{encoded}" if encoded else reverse("search:search")


def _build_facets(
    results: SearchResults, filters: Mapping[LabelName, tuple[str, ...]], url: _SearchUrl, language: str
) -> Iterator[Facet]:
    for facet, counts in results.facets.items():
        selected = filters.get(facet, ())
        values = [
            FacetValue(
                value,
                _value_label(facet, value, language),
                counts.get(value, 0),
                value in selected,
                url.get_toggle_url(facet, value),
            )
            for value in _sorted_values(facet, {**counts, **{value: counts.get(value, 0) for value in selected}})
        ]
        if facet is LabelName.STATE:
            values.sort(key=lambda value: (-value.count, str(value.name)))
        if values:
            visible = [value for position, value in enumerate(values) if position < VALUES_SHOWN or value.selected]
            collapsed = [value for value in values if value not in visible]
            if len(collapsed) == 1:  # collapsing a single value saves no space
                visible, collapsed = values, []
            yield Facet(str(facet), labels.FACETS[facet], tuple(visible), tuple(collapsed))


def _sorted_values(facet: LabelName, counts: Mapping[str, int]) -> list[str]:
    if facet is LabelName.YEAR:
        return sorted(counts, reverse=True)
    if order := VALUE_ORDERS.get(facet):
        return sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))
    return sorted(counts, key=lambda value: (-counts[value], value.zfill(3)))


def describe_filters(filters: Mapping[LabelName, tuple[str, ...]], language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the title of each filter and the labels of its values, in a language."""
    titles = {**labels.FACETS, LabelName.REVIEW: _("Review"), LabelName.LANGUAGE: _("Language")}
    return [
        (str(titles[name]), tuple(str(_value_label(name, value, language)) for value in values))
        for name, values in filters.items()
    ]


def _value_label(facet: LabelName, value: str, language: str) -> str | Promise:
    match facet:
        case LabelName.STATE:
            return territory_name(value, language)
        case LabelName.ARTICLE:
            title = ISTANBUL[value].title(language) if value in ISTANBUL else ""
            return _("Article %(number)s") % {"number": value} + (f" – {title}" if title else "")
        case LabelName.LANGUAGE:
            return shell_labels.LANGUAGES.get(value, value)
        case _ if facet in labels.VALUES:
            return shell_labels.find_label(labels.VALUES[facet], value)
        case _:
            return value


# --- Notes about the query --------------------------------------------------------------------------------------------


def _should_show_interpretation(query: Query) -> bool:
    """Return whether to show the interpretation: only if it differs from the query and is not a single plain word."""
    return query.canonical_text not in (query.typed_text, "") and not isinstance(query.tree, Word)


def _note_texts(query: Query) -> Iterator[str]:
    for note in query.notes:
        yield str(labels.NOTES[note.kind]) % {"about": note.about[:80]}


def find_shortcuts(query: Query, language: str) -> tuple[Shortcut, ...]:
    """Return the countries and articles that the query names in any interface language, in at most one query."""
    codes = [*dict.fromkeys(_named_state_codes(query))][:MAX_SHORTCUTS]
    existing = set(State.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    countries = [
        Shortcut(reverse("pages:country", args=[code]), territory_name(code, language), is_fictional(code))
        for code in codes
        if code in existing
    ]
    articles = [
        Shortcut(reverse("pages:article", args=[number]), str(_value_label(LabelName.ARTICLE, number, language)))
        for number in dict.fromkeys(_named_article_numbers(query))
    ]
    return tuple([*countries, *articles][:MAX_SHORTCUTS])


def _named_state_codes(query: Query) -> Iterator[str]:
    """Yield the codes of states named by a label or a name in the query, or by the whole query ("NO", "Danish")."""
    yield from (
        part.value
        for part in positive_terms(query.tree)
        if isinstance(part, LabelTerm) and part.name is LabelName.STATE
    )
    if len(query.typed_text) == 2 and query.typed_text.isupper() and (state := territory(query.typed_text)):
        yield state.code
    if query.plain_words and (code := code_by_adjective(query.typed_text)):
        yield code


def _named_article_numbers(query: Query) -> Iterator[str]:
    """Yield the numbers of articles named by a label, by "article 25", or by words of a title in any language."""
    for part in positive_terms(query.tree):
        if isinstance(part, LabelTerm) and part.name is LabelName.ARTICLE:
            yield part.value
    query_words = [fold_letters(word) for word in query.plain_words]
    if any(len(word) > 3 for word in query_words):  # “rape” occurs in one title, “of the” in many
        numbers = [
            number
            for number, titles in _title_words().items()
            if any(title_words.issuperset(query_words) for title_words in titles)
        ]
        yield from numbers if len(numbers) <= 3 else ()


@cache
def _title_words() -> dict[str, tuple[frozenset[str], ...]]:
    """Return the words of each article's title, as one set per language."""
    return {
        article.number: tuple(
            frozenset(fold_letters(word) for word in re.findall(r"\w+", article.title(language)))
            for language in shell_labels.LANGUAGES
        )
        for article in ISTANBUL
    }
