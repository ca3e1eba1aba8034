"""Queries for the search page: how the query was understood, the results, the facets and the chart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from urllib.parse import quote_plus

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from samsvar.citations import match_citation
from samsvar.convention.treaty import ISTANBUL
from samsvar.search.engine import MAX_OFFSET, MIN_MISSPELT_LENGTH, Engine
from samsvar.search.engine.analysis import list_word_stems
from samsvar.search.engine.marking import split_at_marks
from samsvar.search.errors import IndexDamaged, SearchError, TooManyPrefixMatches
from samsvar.search.expansion import ExpandedQuery, Understood, expand_query, recognise_names
from samsvar.search.index_sync import CurrentIndex, IndexUpdater
from samsvar.search.items import KINDS, Hit, SearchItem, SearchResults
from samsvar.search.query import (
    QUOTATION_MARKS,
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    Not,
    NoteKind,
    Phrase,
    Prefix,
    Query,
    QueryTree,
    SearchOrder,
    TextColumn,
    Word,
    YearRange,
    parse_query_text,
    positive_terms,
)
from samsvar.search.similar import choose_similar
from samsvar.site.convention.models import State
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.decisions import proposer_roles
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.rounds import later_texts_of
from samsvar.site.network.access.permissions import User
from samsvar.site.network.directory.queries.directory import search_people
from samsvar.site.network.directory.queries.people import VisiblePerson
from samsvar.site.network.labels import language_name
from samsvar.site.search import labels
from samsvar.site.search.charts import YearChart, build_year_chart
from samsvar.site.search.params import SearchParams
from samsvar.site.search.source import DatabaseSource, find_item_source
from samsvar.site.shell import hooks
from samsvar.site.shell import labels as shell_labels
from samsvar.site.shell.errors import ErrorText, describe_error
from samsvar.site.shell.labels import Label, describe_review
from samsvar.spans import Span
from samsvar.territories import code_by_adjective, is_fictional, territory, territory_name
from samsvar.text import fold_to_plain
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts, language_tag, with_narrower
from samsvar.thesaurus.tagging import tag_text

ANONYMOUS = AnonymousUser()
HITS_PER_PAGE = 20
EXCERPT_LENGTH = 480  # characters; longer paragraphs are cut around their matches (half of all findings are shorter)
VALUES_SHOWN = 8  # per facet; the others are collapsed
MAX_SHORTCUTS = 5
MAX_EXPORTED = 50_000  # results in a download; their addresses take some 10 MB while it is written
MAX_LANGUAGES_NAMED = 3  # of a word that many languages share
MAX_SUGGESTIONS = 3
FEW_RESULTS = 2  # with so few, a misspelt word is looked for
MAX_QUERY_WORDS = 12  # in a query that is run on the database; every word has to match
VALUE_ORDERS = {  # of facets whose values are not ordered by frequency
    LabelName.STRENGTH: ("urges", "strongly_encourages", "encourages", "invites", "welcomes"),
    LabelName.KIND: KINDS,
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


def contains_all_words(query_text: str, texts: Iterable[tuple[str, str]], concepts: Iterable[str] = ()) -> bool:
    """Return whether the texts, pairs of a language and a text, contain every word of a query, in any of its forms.

    Words that name a concept are also found if a text names it in another language, or if it is one of `concepts`, the
    keys that someone gave the object. Case and accents are ignored. An empty query matches nothing. In names, whose
    language is "", only the letters of the query are found.
    """
    texts = list(texts)
    query_words = {word: plain for word in query_text.split()[:MAX_QUERY_WORDS] if (plain := fold_to_plain(word))}
    text_words = " ".join(_fold_words(text) for _language, text in texts)
    missing = {
        word
        for word, plain in query_words.items()
        if plain not in text_words
        and all(list_word_stems(word, language).isdisjoint(list_word_stems(text, language)) for language, text in texts)
    }
    if missing and query_words:
        named = {*concepts, *(key for language, text in texts for key in _concepts_in_text(text, language))}
        for words, keys in _concepts_in_words(tuple(query_words)):
            if not named.isdisjoint(keys):
                missing.difference_update(words)
    return bool(query_words) and not missing


@lru_cache(maxsize=512)  # the same words for every object of a list
def _concepts_in_words(words: tuple[str, ...]) -> list[tuple[tuple[str, ...], frozenset[str]]]:
    """Return the words that name a concept, with the keys of the concept and its narrower ones."""
    return [
        (words[name.start : name.start + name.length], frozenset(with_narrower(name.key)))
        for name in recognise_names(words)
    ]


@lru_cache(maxsize=8_192)  # titles of meetings and projects, which each search reads
def _fold_words(text: str) -> str:
    return " ".join(map(fold_to_plain, text.split()))


@lru_cache(maxsize=8_192)  # the same titles
def _concepts_in_text(text: str, language: str) -> frozenset[str]:
    return frozenset(mention.key for mention in tag_text(text, language))


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A hit as shown on the page."""

    kind: str
    href: str
    external: bool  # the link leads to the publisher's page
    text: tuple[TextPiece, ...]
    heading: tuple[TextPiece, ...]
    title: tuple[TextPiece, ...]  # of what has its own page here, such as a measure; else ()
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
class UnderstoodConcept:
    """Words of the query that were understood as a concept, and the URL that switches this off, or on again."""

    text: str
    language: str  # tag (BCP 47) of the first of its languages
    languages: tuple[str, ...]  # names, in the reader's language
    key: str
    name: str  # of the concept, in the reader's language
    is_used: bool
    href: str


@dataclass(frozen=True, slots=True)
class OtherWords:
    """Words beside the name of a concept, which only texts in some languages must contain; both as for readers."""

    words: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """The document that a query cites, and whether it and the cited paragraph are here."""

    reference: str  # as printed, or as typed if it is not here
    is_here: bool = False
    title: str = ""  # "" if it has none but its reference
    language: str = ""
    state_name: str = ""
    href: str = ""
    external: bool = False
    paragraph: str = ""  # "" if none is cited
    has_paragraph: bool = False

    @property
    def details(self) -> tuple[str, ...]:
        """Return what follows the link, whose text is the title or, without one, the reference."""
        paragraph = f"§ {self.paragraph}" if self.paragraph else ""
        return tuple(filter(None, (self.reference if self.title else "", self.state_name, paragraph)))


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the page, with whether it is the current choice."""

    href: str
    title: Label
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The contents of the search page."""

    query_text: str
    interpretation: str  # "" where it is the same as the query
    understood: tuple[UnderstoodConcept, ...] = ()
    other_words: OtherWords | None = None
    suggestions: tuple[Link, ...] = ()  # other spellings, if there are few results or a word is not asked of all
    cited: CitedDocument | None = None
    orders: tuple[Link, ...] = ()
    downloads: tuple[Link, ...] = ()
    feed: str = ""  # URL
    max_downloaded: int = 0  # results in a download
    chart: YearChart | None = None
    notes: tuple[str, ...] = ()
    has_phrase: bool = False  # the query has words in quotation marks
    unknown_labels: tuple[str, ...] = ()  # labels of the query that nothing has, if there are no results
    shortcuts: tuple[Shortcut, ...] = ()
    count: int = 0
    is_truncated: bool = False  # there are more hits than the pages can show
    hits: tuple[SearchHit, ...] = ()
    pages: Page | None = None
    facets: tuple[Facet, ...] = ()
    selected_values: tuple[FacetValue, ...] = ()
    hidden_fields: tuple[tuple[str, str], ...] = ()  # everything but the query, which the form sends too
    index_has_items: bool = True  # whether the index contains anything
    is_outdated: bool = False
    error: ErrorText | None = None
    unavailable: bool = False
    people: tuple[VisiblePerson, ...] = ()  # from the database, never from the index: docs/decisions/0012
    people_count: int = 0
    people_words: str = ""  # by which they were searched
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
    search = SearchParams.from_params(params)
    query, filters = search.query, search.filters
    words = words_for_people(params)
    people, people_count = search_people(user, words) if words else ((), 0)
    expanded = expand_query(query, without=search.without)
    page = SearchPage(
        query_text=query.typed_text,
        interpretation=_describe_interpretation(query, expanded.query),
        understood=describe_understood(
            expanded.understood, language, lambda key: _page_url(search.toggle_concept(key))
        ),
        other_words=_find_other_words(expanded.query.tree),
        orders=tuple(
            Link(_page_url(replace(search, order=order)), labels.ORDERS[order], order is search.order)
            for order in SearchOrder
        ),
        downloads=tuple(
            Link(_url_with_params("search:export", search, file_format), title)
            for file_format, title in labels.DOWNLOADS.items()
        ),
        feed=_url_with_params("search:feed", search),
        max_downloaded=MAX_EXPORTED,
        notes=tuple(_note_texts(query)),
        has_phrase=bool(QUOTATION_MARKS.search(query.typed_text)),
        shortcuts=find_shortcuts(query, language),
        hidden_fields=tuple(pair for pair in search.pairs() if pair[0] != "q"),
        selected_values=tuple(
            FacetValue(value, _value_label(name, value, language), 0, True, _page_url(search.toggle(name, value)))
            for name, values in filters.items()
            for value in values
        ),
        examples=labels.EXAMPLES,
        people=people,
        people_count=people_count,
        people_words=words,
        extra_results=tuple(_extra_results(user, words, language)) if words else (),
    )
    try:
        current_index, answer = with_index(partial(_fetch_results, search, expanded, params.get("page", ""), language))
    except SearchError as exc:
        return replace(page, error=describe_error(exc), unavailable=not isinstance(exc, TooManyPrefixMatches))
    results = answer.results
    pages = Paginator(range(min(results.count, MAX_OFFSET)), HITS_PER_PAGE).get_page(answer.number)
    return replace(
        page,
        count=results.count,
        is_truncated=results.count > MAX_OFFSET,
        hits=tuple(_search_hits(results.hits, language)),
        pages=pages,
        facets=tuple(_build_facets(results, search, language)),
        chart=build_year_chart(results.count_by_year(LabelName.STRENGTH), results.count_by_year(LabelName.BODY)),
        cited=answer.cited,
        unknown_labels=answer.unknown_labels,
        suggestions=tuple(
            Link(_page_url(replace(search, query=parse_query_text(text))), text)
            for text in dict.fromkeys((*_join_filters(query),) or answer.suggestions)
        ),
        index_has_items=results.count > 0 or current_index.engine.has_items(),
        is_outdated=current_index.is_stale,
    )


def _page_url(search: SearchParams) -> str:
    encoded = search.encode()
    return f"?{encoded}" if encoded else reverse("search:search")


def _url_with_params(name: str, search: SearchParams, *args: str) -> str:
    encoded = search.encode()
    return reverse(name, args=args) + (f"?{encoded}" if encoded else "")


def describe_understood(
    understood: Iterable[Understood], language: str, toggle_url: Callable[[str], str]
) -> tuple[UnderstoodConcept, ...]:
    """Return concepts for a page; `toggle_url` makes the address that switches one off, or on again, from its key."""
    return tuple(
        UnderstoodConcept(
            text=concept.text,
            language=_language_tag_as_typed(concept),
            key=concept.key,
            languages=tuple(language_name(code) for code in concept.languages[:MAX_LANGUAGES_NAMED]),
            name=concepts()[concept.key].label(language),
            is_used=concept.is_used,
            href=toggle_url(concept.key),
        )
        for concept in understood
    )


def _find_other_words(tree: QueryTree) -> OtherWords | None:
    """Return the words of an expanded query that it only asks of texts in the languages of the names beside them."""
    words: list[str] = []
    languages: dict[str, None] = {}
    for part in tree.parts if isinstance(tree, AllOf) else ():
        match part:
            case AnyOf((Word(text), Not() as other)):
                limits: tuple[QueryTree, ...] = (other,)
            case AnyOf((Word(text), AllOf(limits))):
                pass
            case _:
                continue
        codes = [limit.part.value for limit in limits if isinstance(limit, Not) and isinstance(limit.part, LabelTerm)]
        words.append(text)
        languages.update(dict.fromkeys(codes))
    return OtherWords(tuple(words), tuple(map(language_name, languages))) if words else None


def _language_tag_as_typed(concept: Understood) -> str:
    """Return the tag of the first language of a name; Serbian may be typed in Cyrillic, and our labels are in Latin."""
    language = concept.languages[0]
    return language if re.search("[\u0400-\u04ff]", concept.text) else language_tag(language)


def _extra_results(
    user: User, query_text: str, language: str
) -> Iterator[tuple[str | Promise, tuple[ExtraResult, ...]]]:
    for title, find in hooks.providers("search_results"):
        if results := tuple(find(user, query_text, language)):
            yield title, results


def words_for_people(params: QueryDict) -> str:
    """Return the words by which to search for people and other things that are not in the index; "" for none.

    Only a query of words, all of which must match, has them, without filters and only on the first page: nothing else
    can be asked of the database.
    """
    if params.get("page"):
        return ""
    search = SearchParams.from_params(params)
    return "" if search.filters else " ".join(_list_words(search.query.tree) or ())


def _list_words(tree: QueryTree) -> tuple[str, ...] | None:
    """Return the words of a query that has nothing but words which must all match; else None.

    A name such as "Norway", which is also searched for as a label, is a word.
    """
    match tree:
        case Word(text, TextColumn.TEXT) | Prefix(text, TextColumn.TEXT) | Phrase(text, TextColumn.TEXT):
            return (text,)
        case AnyOf((Word() | Phrase() as name, LabelTerm())):
            return _list_words(name)
        case AllOf(parts):
            lists = [_list_words(part) for part in parts]
            return None if None in lists else tuple(word for words in lists if words for word in words)
        case _:
            return None


def with_index[Result](ask: Callable[[Engine], Result]) -> tuple[CurrentIndex, Result]:
    """Return the current index and what `ask` returns for it; if it is damaged, rebuild it and ask again."""
    current_index = get_index_updater().get_current_index()
    try:
        return current_index, ask(current_index.engine)
    except IndexDamaged:
        current_index = get_index_updater().replace_damaged_index(current_index.engine)
        return current_index, ask(current_index.engine)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the index answers for one page."""

    results: SearchResults
    number: int  # of the page
    cited: CitedDocument | None
    suggestions: tuple[str, ...]
    unknown_labels: tuple[str, ...]  # labels of the query that nothing has, if there are no results


def _fetch_results(search: SearchParams, expanded: ExpandedQuery, page: str, language: str, engine: Engine) -> _Answer:
    """Ask the index for a page; if its number is too high, for the last page."""
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 and int(page) else 1
    number = min(number, MAX_OFFSET // HITS_PER_PAGE)
    query, filters = expanded.query, search.filters
    search_from = partial(engine.search, query, filters, limit=HITS_PER_PAGE, order=search.order, language=language)
    results = search_from(offset=(number - 1) * HITS_PER_PAGE)
    last = max(1, -(-min(results.count, MAX_OFFSET) // HITS_PER_PAGE))
    if number > last:
        number, results = last, search_from(offset=(last - 1) * HITS_PER_PAGE)
    is_in_doubt = results.count <= FEW_RESULTS or _find_other_words(query.tree) is not None
    return _Answer(
        results=results,
        number=number,
        cited=_find_cited_document(search.query, results, engine, language),
        suggestions=_suggest(search, expanded, engine, language) if is_in_doubt else (),
        unknown_labels=() if results.count else tuple(_list_unknown_labels(search.query, engine)),
    )


def _list_unknown_labels(query: Query, engine: Engine) -> Iterator[str]:
    """Yield the labels that a query asks for and no item has: “lang:xx”. A citation says itself what is not here."""
    for term in positive_terms(query.tree):
        is_label = isinstance(term, LabelTerm) and term.name not in (LabelName.REFERENCE, LabelName.PARAGRAPH)
        if (is_label or isinstance(term, YearRange)) and not _first_hits(engine, term):
            yield str(term)


# --- Citations --------------------------------------------------------------------------------------------------------


def _find_cited_document(query: Query, results: SearchResults, engine: Engine, language: str) -> CitedDocument | None:
    """Return the document that a query cites; None if it cites none, or several."""
    terms = [part for part in positive_terms(query.tree) if isinstance(part, LabelTerm)]
    references = {part.value for part in terms if part.name is LabelName.REFERENCE}
    if len(references) != 1:
        return None
    paragraph = next((part.value for part in terms if part.name is LabelName.PARAGRAPH), "")
    reference = references.pop()
    of_document = LabelTerm(LabelName.REFERENCE, reference)
    hits = _first_hits(engine, AllOf((of_document, LabelTerm(LabelName.KIND, "document"))))
    hits = hits or _first_hits(engine, of_document)
    if not hits:
        return CitedDocument(_cited_as_typed(query) or reference, paragraph=paragraph)
    item = hits[0].item
    href, external = hit_link(item) if item.kind == "document" else ("", False)
    return CitedDocument(
        reference=item.reference,
        is_here=True,
        title="" if item.title == item.reference else item.title.removesuffix(f" · {item.reference}"),
        language=item.language,
        state_name=territory_name(item.state, language) if item.state else "",
        href=href,
        external=external,
        paragraph=paragraph,
        has_paragraph=bool(results.count)
        or bool(_first_hits(engine, AllOf((of_document, LabelTerm(LabelName.PARAGRAPH, paragraph))))),
    )


def _first_hits(engine: Engine, tree: QueryTree) -> tuple[Hit, ...]:
    return engine.search(Query("", tree), limit=1).hits


def _cited_as_typed(query: Query) -> str:
    """Return the reference of the first citation in a query, as its body prints it; "" if it was typed as a label."""
    for place in range(len(query.typed_text)):
        if (place == 0 or not query.typed_text[place - 1].isalnum()) and (
            cited := match_citation(query.typed_text, place)
        ):
            return cited[0].reference
    return ""


# --- Did you mean -----------------------------------------------------------------------------------------------------


def _join_filters(query: Query) -> Iterator[str]:
    """Yield the query without the space after a filter's colon, “state:NO” for “state: NO”, if that is a filter."""
    names = [note.about for note in query.notes if note.kind is NoteKind.MISSING_VALUE]
    joined = query.typed_text
    for name in names:
        joined = joined.replace(f"{name} ", name, 1)
    if names and not {NoteKind.MISSING_VALUE, NoteKind.UNKNOWN_VALUE} & {
        note.kind for note in parse_query_text(joined).notes
    }:
        yield joined


def _suggest(search: SearchParams, expanded: ExpandedQuery, engine: Engine, language: str) -> tuple[str, ...]:
    """Return up to MAX_SUGGESTIONS queries in which a word that is nowhere is replaced by a similar one that is known.

    Known are the words of the texts and those of the thesaurus, in all its languages. Nothing is searched for but what
    was typed: the suggestions are links.
    """
    understood = {word for concept in expanded.understood for word in concept.text.split()}
    filter_words = {
        note.about.rpartition(":")[2] or note.about.removesuffix(":")
        for note in search.query.notes
        if note.kind in (NoteKind.UNKNOWN_VALUE, NoteKind.MISSING_VALUE)
    }
    suggestions: list[str] = []
    for term in positive_terms(search.query.tree):
        if not isinstance(term, Word) or term.column is not TextColumn.TEXT or term.text in understood:
            continue
        if engine.has_word(term.text) or term.text in filter_words:
            continue
        for similar in _similar_words(term.text, engine, language):
            pattern = rf"(?<!\w){re.escape(term.text)}(?!\w)"
            suggestions.append(re.sub(pattern, lambda _: similar, search.query_text, count=1))  # noqa: B023 - used at once
    return tuple(text for text in dict.fromkeys(suggestions) if text != search.query_text)[:MAX_SUGGESTIONS]


def _similar_words(word: str, engine: Engine, language: str) -> tuple[str, ...]:
    """Return the words most similar to one: labels in the reader's language first, then the more frequent words."""
    folded = fold_to_plain(word)
    labels_by_folded = _label_words()
    candidates = {plain: 2 if language in languages else 1 for plain, (_, languages) in labels_by_folded.items()}
    similar = choose_similar(folded, candidates, limit=MAX_SUGGESTIONS) if len(folded) >= MIN_MISSPELT_LENGTH else ()
    in_texts = engine.similar_words(word, limit=MAX_SUGGESTIONS)
    return tuple(
        labels_by_folded[plain][0] if plain in labels_by_folded else plain
        for plain in dict.fromkeys((*similar, *in_texts))
    )[:MAX_SUGGESTIONS]


@cache
def _label_words() -> dict[str, tuple[str, frozenset[str]]]:
    """Return the words of all labels of the thesaurus by their letters without accents, with their languages."""
    words: dict[str, tuple[str, frozenset[str]]] = {}
    for concept in concepts().values():
        for language in THESAURUS_LANGUAGES:
            for name in concept.names(language):
                for word in re.findall(r"[^\W\d_]{4,}", name.lower()):
                    known = words.get(fold_to_plain(word), (word, frozenset()))
                    words[fold_to_plain(word)] = (known[0], known[1] | {language})
    return words


# --- Hits -------------------------------------------------------------------------------------------------------------


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
    item, text, marks = hit.item, hit.item.text, hit.marks
    href, external = hit_link(item)
    heading = "" if item.kind in {"section", "document"} else item.heading
    title: tuple[TextPiece, ...] = ()
    if find_item_source(item.kind) is not None:  # its text begins with its title, which is the link to its page
        split = len(item.title)
        title = split_at_marks(item.title, tuple(mark for mark in marks if mark.end <= split))
        marks = tuple(Span(mark.start - split, mark.end - split) for mark in marks if mark.start >= split)
        text = text[split:]
    return SearchHit(
        kind=item.kind,
        href=href,
        external=external,
        text=split_at_marks(text, marks, EXCERPT_LENGTH),
        title=title,
        heading=split_at_marks(heading, hit.heading_marks) if heading else (),
        item=item,
        state_name=territory_name(item.state, language) if item.state else "",
        citation=short_citation(item),
    )


def hit_link(item: SearchItem) -> tuple[str, bool]:
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
        case _ if (source := find_item_source(kind)) is not None:
            return source.get_url(public_id), False
        case _:
            safe = item.link.startswith(("https://", "http://"))
            return (item.link, True) if safe else ("", False)


# --- Facets -----------------------------------------------------------------------------------------------------------


def _build_facets(results: SearchResults, search: SearchParams, language: str) -> Iterator[Facet]:
    for facet, counts in results.facets.items():
        selected = search.filters.get(facet, ())
        build_url = _facet_url_builder(search, facet)
        values = [
            FacetValue(
                value, _value_label(facet, value, language), counts.get(value, 0), value in selected, build_url(value)
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


def _facet_url_builder(search: SearchParams, facet: LabelName) -> Callable[[str], str]:
    """Return a function that builds the URL which selects or deselects a value of a facet.

    The parameters around the value are the same for all values of a facet of which none is selected.
    """
    if facet in search.filters:
        return lambda value: _page_url(search.toggle(facet, value))
    before, name, after = search.toggle(facet, "").encode().rpartition(f"{facet}=")
    return lambda value: f"?{before}{name}{quote_plus(value)}{after}"


def _sorted_values(facet: LabelName, counts: Mapping[str, int]) -> list[str]:
    if facet is LabelName.YEAR:
        return sorted(counts, reverse=True)
    if order := VALUE_ORDERS.get(facet):
        return sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))
    return sorted(counts, key=lambda value: (-counts[value], value.zfill(3)))


def describe_filters(filters: Mapping[LabelName, tuple[str, ...]], language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the title of each filter and the labels of its values, in a language."""
    return [
        (str(labels.FILTERS[name]), tuple(str(_value_label(name, value, language)) for value in values))
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
            return language_name(value)
        case LabelName.ROUND:
            return shell_labels.find_label(shell_labels.PROCEDURES, value)
        case LabelName.CONCEPT if value in concepts():
            return concepts()[value].label(language)
        case _ if facet in labels.VALUES:
            return shell_labels.find_label(labels.VALUES[facet], value)
        case _:
            return value


# --- Notes about the query --------------------------------------------------------------------------------------------


def _describe_interpretation(query: Query, expanded: Query) -> str:
    """Return the query as parsed, without words that no text needs to contain; "" if that is what was typed."""
    if query.canonical_text in (query.typed_text, "") or isinstance(query.tree, Word):
        return ""
    if not isinstance(query.tree, AllOf):
        return query.canonical_text
    needed = {*positive_terms(expanded.tree)}
    parts = tuple(part for part in query.tree.parts if not isinstance(part, Word) or part in needed)
    return str(parts[0] if len(parts) == 1 else AllOf(parts))


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
    query_words = [fold_to_plain(word) for word in query.plain_words]
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
            frozenset(fold_to_plain(word) for word in re.findall(r"\w+", article.title(language)))
            for language in shell_labels.LANGUAGES
        )
        for article in ISTANBUL
    }
