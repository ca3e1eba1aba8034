"""What the search page shows: what was asked and how it was understood, what was found, and how to narrow it down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
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
    DEEPEST_HIT,
    FACETS,
    Engine,
    Findable,
    Hit,
    IndexDamaged,
    Results,
    SearchError,
    TooManyWords,
    pieces,
)
from samsvar.search.following import Followed, Follower
from samsvar.search.query import Label, LabelName, Query, Word, Years, label_values, parse, parts_of
from samsvar.site.convention.models import State
from samsvar.site.network.access.permissions import User
from samsvar.site.network.directory.queries.directory import people_found
from samsvar.site.network.directory.queries.people import PersonView
from samsvar.site.search import labels as words
from samsvar.site.search.source import Rows
from samsvar.site.shell import labels as shell_words
from samsvar.territories import code_of_adjective, name_of, territory

NOBODY = AnonymousUser()
HITS_A_PAGE = 20
EXCERPT = 480  # characters of a paragraph before it is cut round its marks; half of all findings are shorter
VALUES_SHOWN = 8  # of a facet; the others are folded away
MOST_NARROWINGS = 30  # values in an address; more is no person's question
MOST_SHORTCUTS = 5
MOST_WORDS = 12  # of a question that is asked of the database; all of them have to be there
NARROWED_BY = (*FACETS, LabelName.REVIEW, LabelName.LANGUAGE)
STRENGTH_ORDER = ("urges", "strongly_encourages", "encourages", "invites", "welcomes")
KIND_ORDER = ("finding", "passage", "section", "document")

type Piece = tuple[str, bool]  # text, and whether it is marked


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A page of this site that the question names."""

    href: str
    title: str
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Something of a room above the search that a question finds in the database, as this user may know of it."""

    href: str
    title: str
    language: str  # of the title; "" where it is the reader's
    line: str  # what it is, when and where
    invented: bool = False


type Finder = Callable[[User, str, str], Sequence[Beside]]  # (user, what was asked, the reader's language)
_finders: list[tuple[str | Promise, Finder]] = []


def find_beside(title: str | Promise, finder: Finder) -> None:
    """A room above this one adds what it finds, and is asked in the order in which rooms came; twice is once.

    Meetings, which no index holds because some are for members only, and money, of which there is little.
    """
    if (title, finder) not in _finders:
        _finders.append((title, finder))


def says_all(asked: str, texts: Iterable[str]) -> bool:
    """Whether every word of a question stands in these texts, whatever its case and accents; no word is in none."""
    words_asked = [plain for word in asked.split()[:MOST_WORDS] if (plain := _plain(word))]
    told = " ".join(_plain(word) for text in texts for word in text.split())
    return bool(words_asked) and all(word in told for word in words_asked)


@dataclass(frozen=True, slots=True)
class Found:
    """One hit as the page shows it."""

    kind: str
    href: str
    out: bool  # the link leads to the publisher's own page
    text: tuple[Piece, ...]
    heading: tuple[Piece, ...]
    findable: Findable
    state_name: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: its name, what choosing it would find, and the address that chooses it or lets it go."""

    value: str
    name: str | Promise
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow down; the most frequent values first, or in their own order where they have one."""

    name: str
    title: str | Promise
    shown: tuple[Value, ...]
    folded: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be done, in the reader's language."""

    message: str
    kept: str
    advice: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Everything on the search page."""

    asked: str
    understood: str  # "" where it says no more than what was asked
    notes: tuple[str, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    count: int = 0
    too_deep: bool = False  # there are more hits than pages
    hits: tuple[Found, ...] = ()
    pages: Page | None = None
    facets: tuple[Facet, ...] = ()
    chosen: tuple[Value, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()  # narrowings that the form carries on
    anything: bool = True  # whether the index holds anything at all
    behind: bool = False
    trouble: Trouble | None = None
    unavailable: bool = False
    people: tuple[PersonView, ...] = ()  # asked of the database, never of the index: docs/decisions/0012
    people_count: int = 0
    beside: tuple[tuple[str | Promise, tuple[Beside, ...]], ...] = ()
    examples: tuple[tuple[str, str | Promise], ...] = ()


# --- The index of this machine ----------------------------------------------------------------------------------------


def follower() -> Follower:
    """The index in this machine's folder; one for each process."""
    return _follower(Path(settings.SAMSVAR_SEARCH_INDEX))


@cache
def _follower(folder: Path) -> Follower:
    return Follower(folder, Rows())


# --- The page ---------------------------------------------------------------------------------------------------------


def search_page(*, asked: QueryDict, language: str, user: User = NOBODY) -> SearchPage:
    """All that the search page shows. One query for the change number, one more where a country is named, people,
    and one for each room that finds something beside the index.

    People stand above what the index found, as far as this user may see them, on the first page of a question that is
    not narrowed down: what it is narrowed by are labels of reports.
    """
    query = parse(asked.get("q", ""))
    narrowed = narrowings_in(asked)
    address = _Address(query.asked, narrowed)
    people, people_count = people_found(user, query.asked) if asks_about_people(asked) else ((), 0)
    page = SearchPage(
        asked=query.asked,
        understood=query.understood if _worth_saying(query) else "",
        notes=tuple(_note_in_words(query)),
        shortcuts=shortcuts(query, language),
        hidden=tuple((name, value) for name, values in narrowed.items() for value in values),
        chosen=tuple(
            Value(value, _name(name, value, language), 0, True, address.toggled(name, value))
            for name, values in narrowed.items()
            for value in values
        ),
        examples=words.EXAMPLES,
        people=people,
        people_count=people_count,
        beside=tuple(_found_beside(user, query.asked, language)) if asks_about_people(asked) else (),
    )
    try:
        followed, results, number = _asked_twice_if_damaged(query, narrowed, asked.get("page", ""))
    except TooManyWords as error:
        return replace(page, trouble=Trouble(*words.trouble(error)))
    except SearchError as error:
        return replace(page, trouble=Trouble(*words.trouble(error)), unavailable=True)
    pages = Paginator(range(min(results.count, DEEPEST_HIT)), HITS_A_PAGE).get_page(number)
    return replace(
        page,
        count=results.count,
        too_deep=results.count > DEEPEST_HIT,
        hits=tuple(_found(hit, language) for hit in results.hits),
        pages=pages,
        facets=tuple(_facets(results, narrowed, address, language)),
        anything=results.count > 0 or followed.engine.holds_anything(),
        behind=followed.behind,
    )


def _found_beside(user: User, words_asked: str, language: str) -> Iterator[tuple[str | Promise, tuple[Beside, ...]]]:
    for title, finder in _finders:
        if found := tuple(finder(user, words_asked, language)):
            yield title, found


def asks_about_people(asked: QueryDict) -> bool:
    """Whether people may stand above what the index found: for words, not narrowed down, on the first page."""
    return bool(asked.get("q", "").strip()) and not asked.get("page") and not narrowings_in(asked)


def narrowings_in(asked: QueryDict) -> dict[LabelName, tuple[str, ...]]:
    """The values of the address: `?state=norge&state=SE&year=2018-2020`. An unknown value stays, and finds nothing."""
    narrowed: dict[LabelName, tuple[str, ...]] = {}
    left = MOST_NARROWINGS
    for name in NARROWED_BY:
        values: list[str] = []
        for written in asked.getlist(str(name))[:left]:
            written = written.strip()[:60]
            values += _values(name, written) if written else ()
        if values:
            narrowed[name] = tuple(dict.fromkeys(values))[:left]
            left -= len(narrowed[name])
    return narrowed


def _values(name: LabelName, written: str) -> tuple[str, ...]:
    if name is LabelName.YEAR:
        tree = parse(f"year:{written}").tree
        match tree:
            case Label(LabelName.YEAR, value):
                return (value,)
            case Years(first, last):
                return tuple(str(year) for year in range(first, last + 1))
            case _:
                return (written,)
    return label_values(name, written) or (written,)


def _asked_twice_if_damaged(
    query: Query, narrowed: Mapping[LabelName, tuple[str, ...]], page: str
) -> tuple[Followed, Results, int]:
    """The index's answer; where the index is damaged it is built anew and asked once more."""
    followed = follower().followed()
    try:
        return followed, *_answer(followed.engine, query, narrowed, page)
    except IndexDamaged:
        followed = follower().mended(followed.engine)
        return followed, *_answer(followed.engine, query, narrowed, page)


def _answer(
    engine: Engine, query: Query, narrowed: Mapping[LabelName, tuple[str, ...]], page: str
) -> tuple[Results, int]:
    """The hits of a page, and its number: that of the last page where there are not so many."""
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 and int(page) else 1
    number = min(number, DEEPEST_HIT // HITS_A_PAGE)
    results = engine.search(query, narrowed, first=(number - 1) * HITS_A_PAGE, many=HITS_A_PAGE)
    last = max(1, -(-min(results.count, DEEPEST_HIT) // HITS_A_PAGE))
    if number > last:
        number = last
        results = engine.search(query, narrowed, first=(number - 1) * HITS_A_PAGE, many=HITS_A_PAGE)
    return results, number


def _found(hit: Hit, language: str) -> Found:
    findable = hit.found
    href, out = _link(findable)
    heading = "" if findable.kind in {"section", "document"} else findable.heading
    return Found(
        kind=findable.kind,
        href=href,
        out=out,
        text=pieces(findable.text, hit.marks, EXCERPT),
        heading=pieces(heading, hit.heading_marks) if heading else (),
        findable=findable,
        state_name=name_of(findable.state, language) if findable.state else "",
    )


def _link(findable: Findable) -> tuple[str, bool]:
    """(where the hit leads, whether that is another site); "" where there is nowhere to go."""
    kind, _stroke, public_id = findable.id.partition("/")
    home, _stroke, report = findable.group.partition("/")
    match kind:
        case "finding":
            return reverse("monitoring:finding", args=[public_id]), False
        case "passage":
            text = reverse("monitoring:text", args=[report])
            return f"{text}?at={findable.ordinal}#passage-{findable.ordinal}", False
        case "document" if home == "report":
            return reverse("monitoring:report", args=[report]), False
        case _:
            safe = findable.link.startswith(("https://", "http://"))
            return (findable.link, True) if safe else ("", False)


# --- Narrowing down ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Address:
    """The page's own address, as a set of choices."""

    asked: str
    narrowed: Mapping[LabelName, tuple[str, ...]]

    def toggled(self, name: LabelName, value: str) -> str:
        """With this value chosen, or let go where it is chosen; on the first page of what is found then."""
        pairs = [("q", self.asked)] if self.asked else []
        for other, values in self.narrowed.items():
            pairs += [(str(other), one) for one in values if (other, one) != (name, value)]
        if value not in self.narrowed.get(name, ()):
            pairs.append((str(name), value))
        encoded = urlencode(pairs)
        return f"?{encoded}" if encoded else reverse("search:search")


def _facets(
    results: Results, narrowed: Mapping[LabelName, tuple[str, ...]], address: _Address, language: str
) -> Iterator[Facet]:
    for facet, counts in results.facets.items():
        chosen = narrowed.get(facet, ())
        values = [
            Value(
                value,
                _name(facet, value, language),
                counts.get(value, 0),
                value in chosen,
                address.toggled(facet, value),
            )
            for value in _in_order(facet, {**counts, **{value: counts.get(value, 0) for value in chosen}})
        ]
        if facet is LabelName.STATE:
            values.sort(key=lambda value: (-value.count, str(value.name)))
        if values:
            shown = [value for place, value in enumerate(values) if place < VALUES_SHOWN or value.chosen]
            folded = [value for value in values if value not in shown]
            if len(folded) == 1:  # a fold that hides one line saves none
                shown, folded = values, []
            yield Facet(str(facet), words.FACETS[facet], tuple(shown), tuple(folded))


def _in_order(facet: LabelName, counts: Mapping[str, int]) -> list[str]:
    match facet:
        case LabelName.STRENGTH:
            return sorted(counts, key=lambda value: _place(STRENGTH_ORDER, value))
        case LabelName.KIND:
            return sorted(counts, key=lambda value: _place(KIND_ORDER, value))
        case LabelName.YEAR:
            return sorted(counts, reverse=True)
        case _:
            return sorted(counts, key=lambda value: (-counts[value], value.zfill(3)))


def _place(order: Sequence[str], value: str) -> tuple[int, str]:
    return (order.index(value) if value in order else len(order)), value


def _name(facet: LabelName, value: str, language: str) -> str | Promise:
    match facet:
        case LabelName.STATE:
            return name_of(value, language)
        case LabelName.ARTICLE:
            title = ISTANBUL[value].title(language) if value in ISTANBUL else ""
            return _("Article %(number)s") % {"number": value} + (f" – {title}" if title else "")
        case LabelName.STRENGTH:
            return shell_words.word(shell_words.STRENGTHS, value)
        case LabelName.BODY:
            return shell_words.word(shell_words.BODIES, value)
        case LabelName.KIND:
            return shell_words.word(words.KINDS, value)
        case LabelName.REVIEW:
            return shell_words.word(shell_words.REVIEWS, value)
        case LabelName.LANGUAGE:
            return shell_words.LANGUAGES.get(value, value)
        case _:
            return value


# --- Words about the question -----------------------------------------------------------------------------------------


def _worth_saying(query: Query) -> bool:
    """Whether how it was understood says more than what was asked: one plain word understands itself."""
    return query.understood not in (query.asked, "") and not isinstance(query.tree, Word)


def _note_in_words(query: Query) -> Iterator[str]:
    for note in query.notes:
        yield str(words.NOTES[note.kind]) % {"about": note.about[:80]}


def shortcuts(query: Query, language: str) -> tuple[Shortcut, ...]:
    """The countries and articles that the question names, in any language of the interface. One query at most."""
    codes = [*dict.fromkeys(_states_named(query))][:MOST_SHORTCUTS]
    there = set(State.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    countries = [
        Shortcut(reverse("pages:country", args=[code]), name_of(code, language), _is_invented(code))
        for code in codes
        if code in there
    ]
    articles = [
        Shortcut(reverse("pages:article", args=[number]), str(_name(LabelName.ARTICLE, number, language)))
        for number in dict.fromkeys(_articles_named(query))
    ]
    return tuple([*countries, *articles][:MOST_SHORTCUTS])


def _is_invented(code: str) -> bool:
    known = territory(code)
    return bool(known and known.invented)


def _states_named(query: Query) -> Iterator[str]:
    """By a label or a name among the words, which the query has understood; by the whole question: "NO", "Danish"."""
    yield from (part.value for part in parts_of(query.tree) if isinstance(part, Label) and part.name is LabelName.STATE)
    if len(query.asked) == 2 and query.asked.isupper() and (known := territory(query.asked)):
        yield known.code
    if query.plain_words and (code := code_of_adjective(query.asked)):
        yield code


def _articles_named(query: Query) -> Iterator[str]:
    """By a label or "article 25", which the query has understood; by the words of a title in any of the languages."""
    for part in parts_of(query.tree):
        if isinstance(part, Label) and part.name is LabelName.ARTICLE:
            yield part.value
    wanted = [_plain(word) for word in query.plain_words]
    if any(len(word) > 3 for word in wanted):  # “rape” names one; “of the” stands in many
        named = [number for number, titles in _titles().items() if any(titled.issuperset(wanted) for titled in titles)]
        yield from named if len(named) <= 3 else ()


@cache
def _titles() -> dict[str, tuple[frozenset[str], ...]]:
    """The words of each article's title, one set for each language."""
    return {
        article.number: tuple(
            frozenset(_plain(word) for word in re.findall(r"\w+", article.title(language)))
            for language in shell_words.LANGUAGES
        )
        for article in ISTANBUL
    }


def _plain(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if sign.isalnum())
