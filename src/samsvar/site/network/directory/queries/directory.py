"""Directory search by name, network, country, group, language, expertise and kind of organisation.

All filters use only the details that the viewer may see, never all stored details: people who hide that they speak a
language are not found by it, and no count reveals that someone was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import get_language

from samsvar.convention.treaty import ISTANBUL
from samsvar.languages import grammatical_words
from samsvar.network.people import FREE_TEXT_MARK, Field, Group, OrganisationKind
from samsvar.search.engine.analysis import MIN_STEM_LENGTH, build_word_pattern, list_word_stems
from samsvar.search.expansion import recognise_names
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User
from samsvar.site.network.directory.queries.people import (
    VisiblePerson,
    get_visible_people,
    people_with_visible_name,
    select_person_ids,
    visible_details,
)
from samsvar.text import build_spelling_pattern
from samsvar.thesaurus.concepts import concepts, with_narrower

PEOPLE_PER_PAGE = 24
SEARCH_RESULT_LIMIT = 5
MAX_SEARCH_TERMS = 8  # per search; a longer text is not the name of a person
MAX_TERM_LENGTH = 60
MAX_SQL_PARAMETERS = 900  # per query; the default limit of SQLite used to be 999

# The fields shown in a list. Filters and searches add the fields they use, because a match reveals those too.
LIST_FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.LANGUAGES, Field.EXPERTISE)
FILTERS: Mapping[str, Field] = {
    "network": Field.NETWORKS,
    "country": Field.COUNTRY,
    "group": Field.GROUP,
    "language": Field.LANGUAGES,
    "expertise": Field.EXPERTISE,
    "kind": Field.ORGANISATION,
}
# the name of the organisation is searched too, and expertise by its concepts
TEXT_SEARCH_FIELDS = (Field.NAME, Field.TITLE, Field.ABOUT)

type TermGroup = tuple[tuple[str, ...], tuple[str, ...]]  # words, and the values of expertise that they mean together


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """A page of the directory as shown to one viewer."""

    query: str
    filters: Mapping[str, str]
    choices: Mapping[str, Mapping[str, int]]  # the options of each filter, with the number of people each would find
    paginated_ids: Page  # a page of people's primary keys
    people: tuple[VisiblePerson, ...]
    has_visible_people: bool  # whether the viewer may see anyone at all
    network_names: Mapping[str, str]

    @property
    def count(self) -> int:
        return self.paginated_ids.paginator.count

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or self.filters)


def directory_page(user: User, params: QueryDict) -> DirectoryPage:
    """Return the people whom this user may see and who match the search and filters, ordered by name."""
    terms = parse_search_terms(params.get("q", ""))
    filters = {name: value for name in FILTERS if (value := params.get(name, "").strip()[:120])}
    matches = find_people(user, terms, filters)
    # Evaluated once for the count, the page and the filter options.
    person_ids = list(order_by_name(user, matches, all_named=True).values_list("pk", flat=True))
    pages = Paginator(person_ids, PEOPLE_PER_PAGE).get_page(params.get("page"))
    people_by_id = models.Person.objects.in_bulk(list(pages.object_list))
    people = [people_by_id[key] for key in pages.object_list if key in people_by_id]
    fields = {*LIST_FIELDS, *(FILTERS[name] for name in filters), *(TEXT_SEARCH_FIELDS if terms else ())}
    views = get_visible_people(user, people, subject="directory", fields=fields)
    return DirectoryPage(
        query=" ".join(terms),
        filters=filters,
        choices=_count_filter_options(
            user, person_ids if len(person_ids) <= MAX_SQL_PARAMETERS else matches.values("pk"), filters
        ),
        paginated_ids=pages,
        people=tuple(views),
        has_visible_people=bool(views) or people_with_visible_name(user).exists(),
        network_names=dict(models.Network.objects.values_list("slug", "name")),
    )


def search_people(user: User, query: str) -> tuple[tuple[VisiblePerson, ...], int]:
    """Return the first people who match a search text, and their total number; () and 0 if the text is empty.

    Most searches find no one, which the first of their words tells in one query.
    """
    terms = parse_search_terms(query)
    keys = _find_keys(user, _group_terms(terms))
    if not keys:
        return (), 0
    if len(keys) > MAX_SQL_PARAMETERS:
        matches = find_people(user, terms, {})
    else:
        matches = people_with_visible_name(user).filter(pk__in=keys)
    first = list(order_by_name(user, matches, all_named=True)[: SEARCH_RESULT_LIMIT + 1])
    count = matches.count() if len(first) > SEARCH_RESULT_LIMIT else len(first)
    if not first:
        return (), 0
    first = first[:SEARCH_RESULT_LIMIT]
    fields = [Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.ABOUT]
    if any(expertise for _, expertise in _group_terms(terms)):  # being found by it reveals it
        fields.append(Field.EXPERTISE)
    return tuple(get_visible_people(user, first, subject="search", fields=fields)), count


def _find_keys(user: User, groups: Iterable[TermGroup]) -> set[int]:
    """Return the primary keys of the people of whom this user may see details with every group of terms.

    One query for each word, until there is one that no one has.
    """
    visible = visible_details(user)

    def find(condition: Q) -> set[int]:
        return {*select_person_ids(visible.filter(condition)).values_list("person", flat=True)}

    keys: set[int] | None = None
    for (word, *others), expertise in groups:
        experts = Q(field=Field.EXPERTISE, value__in=expertise)
        if others:
            with_terms = find(_build_detail_filter(word))
            for other in others:
                with_terms = with_terms and with_terms & find(_build_detail_filter(other))
            with_terms |= find(experts)
        else:
            with_terms = find(_build_detail_filter(word) | experts if expertise else _build_detail_filter(word))
        keys = with_terms if keys is None else keys & with_terms
        if not keys:
            break
    return keys or set()


def parse_search_terms(query: str) -> tuple[str, ...]:
    """Split a search text into terms, without field labels and operators (`state:NO`, quotation marks)."""
    parts = query.replace('"', " ").replace("“", " ").replace("”", " ").split()
    words = [part.strip(",;()*") for part in parts if ":" not in part and part not in {"AND", "OR", "NOT"}]
    return tuple(dict.fromkeys(word[:MAX_TERM_LENGTH] for word in words if len(word) > 1))[:MAX_SEARCH_TERMS]


def find_people(user: User, terms: Iterable[str], filters: Mapping[str, str]) -> QuerySet[models.Person]:
    """Return the people who match every term and every filter, within what this user may see.

    Terms that name a concept match as words, or as a subject of the person's expertise; other terms also match the
    words of the names of these subjects.
    """
    matches = people_with_visible_name(user)
    visible = visible_details(user)
    for words, expertise in _group_terms(tuple(terms)):
        condition = Q()
        for term in words:
            condition &= Q(pk__in=select_person_ids(visible.filter(_build_detail_filter(term))))
        if expertise:
            experts = visible.filter(field=Field.EXPERTISE, value__in=expertise)
            condition |= Q(pk__in=select_person_ids(experts))
        matches = matches.filter(condition)
    for name, value in filters.items():
        values: Any = [value]
        if name == "kind":
            values = models.Organisation.objects.filter(kind=value).values("public_id")
        matches = matches.filter(pk__in=select_person_ids(visible.filter(field=FILTERS[name], value__in=values)))
    return matches


def _build_detail_filter(term: str) -> Q:
    """Return a filter for details that have a word: texts, and organisations by their names."""
    matches = _build_word_filter(term, "value")
    organisations = models.Organisation.objects.filter(_build_word_filter(term, "name")).values("public_id")
    unlisted = Q(value__startswith=FREE_TEXT_MARK) & matches
    in_organisation = Q(field=Field.ORGANISATION) & (Q(value__in=organisations) | unlisted)
    return (Q(field__in=TEXT_SEARCH_FIELDS) & matches) | in_organisation


def _group_terms(terms: tuple[str, ...]) -> list[TermGroup]:
    """Return the terms in order, those that name a concept together, with the values of expertise that this means.

    "krisesenter" means the concept of shelters and its narrower ones, whatever the language of the profile.
    """
    groups: list[TermGroup] = []
    position = 0
    language = get_language() or "en"
    names: dict[tuple[int, int], list[str]] = {}
    for name in recognise_names(terms):
        names.setdefault((name.start, name.length), []).extend(with_narrower(name.key))
    for (start, length), keys in sorted(names.items()):
        groups += [((term,), _list_expertise(term, language)) for term in terms[position:start]]
        position = start + length
        groups.append((terms[start:position], tuple(f"concept:{key}" for key in dict.fromkeys(keys))))
    return groups + [((term,), _list_expertise(term, language)) for term in terms[position:]]


def _list_expertise(term: str, language: str) -> tuple[str, ...]:
    """Return the values of expertise whose names contain a word in any form, in English or in a language.

    "custody" means the concept "custody and visitation" and Article 31.
    """
    values = (
        value
        for code in dict.fromkeys(("en", language))
        if term.lower() not in grammatical_words(code)
        for stem in list_word_stems(term, code)
        if len(stem) >= MIN_STEM_LENGTH
        for value in _expertise_by_stem(code).get(stem, ())
    )
    return tuple(dict.fromkeys(values))


@cache
def _expertise_by_stem(language: str) -> dict[str, tuple[str, ...]]:
    """Return the values of expertise by each stem of the words of their names in a language."""
    names = [(f"concept:{key}", name) for key, known in concepts().items() for name in known.names(language)]
    names += [(f"article:{article.number}", article.title(language)) for article in ISTANBUL]
    values: dict[str, dict[str, None]] = {}
    for value, name in names:
        for stem in list_word_stems(name, language):
            values.setdefault(stem, {})[value] = None
    return {stem: tuple(named) for stem, named in values.items()}


def order_by_name(user: User, people: QuerySet[models.Person], *, all_named: bool = False) -> QuerySet[models.Person]:
    """Order people by the name that this user may see; ordering by hidden names would reveal their first letters.

    `all_named` means that this user may see the names of all these people, so that this need not be checked again.
    """
    details = models.Detail.objects.all() if all_named else visible_details(user)
    names = details.filter(person=OuterRef("pk"), field=Field.NAME).values("value")[:1]
    return people.annotate(shown_name=Lower(Subquery(names))).order_by(F("shown_name").asc(nulls_last=True), "pk")


def _build_word_filter(term: str, column: str) -> Q:
    """Return a filter for a word in a text, in any of its forms in English and in the language of the page.

    Case and accents are ignored: "Sorensen" also finds Sørensen.
    """
    matches = Q(**{f"{column}__iregex": build_spelling_pattern(term)})
    if pattern := build_word_pattern(term, ("en", get_language() or "en")):
        matches |= Q(**{f"{column}__iregex": pattern})
    return matches


def _count_filter_options(user: User, matches: Any, filters: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the options of each filter with their counts, using only details of `matches` that a user may see."""
    rows = (
        visible_details(user)
        .filter(field__in=set(FILTERS.values()), person__in=matches)
        .order_by()
        .values_list("field", "value")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, dict[str, int]] = {name: {} for name in FILTERS}
    names = {field: name for name, field in FILTERS.items()}
    for field, value, count in rows:
        counts[names[Field(field)]][value] = count
    kinds = dict(models.Organisation.objects.filter(public_id__in=counts["kind"]).values_list("public_id", "kind"))
    by_kind: dict[str, int] = {}
    for public_id, count in counts["kind"].items():
        if kind := kinds.get(public_id):
            by_kind[kind] = by_kind.get(kind, 0) + count
    counts["kind"] = by_kind
    for name, value in filters.items():
        counts[name].setdefault(value, 0)
    orders: dict[str, list[str]] = {"group": [*Group], "kind": [*OrganisationKind]}
    return {
        name: {value: values[value] for value in sorted(values, key=partial(_option_order, orders.get(name, [])))}
        for name, values in counts.items()
    }


def _option_order(order: list[str], value: str) -> tuple[int, str, str]:
    """Return the sort key of a filter option: its place in `order`, else by text, with articles by their numbers."""
    kind, _colon, number = value.partition(":")
    return order.index(value) if value in order else 99, kind, number.zfill(3) if number.isdecimal() else number
