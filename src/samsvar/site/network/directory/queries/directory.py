"""Finding people: by words, network, country, group, language, expertise and kind of organisation.

Every question is asked of the details that this viewer may see, never of what is stored: whoever hides that they speak
a language is not found by it, and no count tells that somebody was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import QueryDict

from samsvar.network.people import IN_WORDS, Field, Group, OrganisationKind
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User
from samsvar.site.network.directory.queries.people import PersonView, details_for, holders, seen_by, with_a_name

PEOPLE_A_PAGE = 24
PEOPLE_IN_SEARCH = 5
MOST_WORDS = 8  # of one question; more is no person's name
LONGEST_WORD = 60
MOST_KEYS = 900  # in one question; SQLite was made with a limit of 999 for long

# What a line of a list shows. A filter or a word adds the field that it asked: what somebody was found by is seen too.
IN_A_LIST = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.LANGUAGES, Field.EXPERTISE)
FILTERS: Mapping[str, Field] = {
    "network": Field.NETWORKS,
    "country": Field.COUNTRY,
    "group": Field.GROUP,
    "language": Field.LANGUAGES,
    "expertise": Field.EXPERTISE,
    "kind": Field.ORGANISATION,
}
BY_WORDS = (Field.NAME, Field.TITLE, Field.ABOUT)  # and the name of the organisation


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with how many people it would find."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """What the directory shows to one viewer."""

    asked: str
    filters: Mapping[str, str]
    choices: Mapping[str, tuple[Choice, ...]]
    pages: Page  # of people
    people: tuple[PersonView, ...]
    anybody: bool  # whether this viewer may see anybody at all
    network_names: Mapping[str, str]

    @property
    def count(self) -> int:
        return self.pages.paginator.count

    @property
    def narrowed(self) -> bool:
        return bool(self.asked or self.filters)


def directory_page(user: User, asked: QueryDict) -> DirectoryPage:
    """The people whom this user may see and who answer to all that was asked, by name."""
    words = words_of(asked.get("q", ""))
    filters = {name: value for name in FILTERS if (value := asked.get(name, "").strip()[:120])}
    found = find(user, words, filters)
    keys = list(by_name(user, found, named=True).values_list("pk", flat=True))  # once: count, page and choices use it
    pages = Paginator(keys, PEOPLE_A_PAGE).get_page(asked.get("page"))
    rows = models.Person.objects.in_bulk(list(pages.object_list))
    people = [rows[key] for key in pages.object_list if key in rows]
    fields = {*IN_A_LIST, *(FILTERS[name] for name in filters), *(BY_WORDS if words else ())}
    views = details_for(user, people, subject="directory", fields=fields)
    return DirectoryPage(
        asked=" ".join(words),
        filters=filters,
        choices=_choices(user, keys if len(keys) <= MOST_KEYS else found.values("pk"), filters),
        pages=pages,
        people=tuple(views),
        anybody=bool(views) or with_a_name(user).exists(),
        network_names=dict(models.Network.objects.values_list("slug", "name")),
    )


def people_found(user: User, asked: str) -> tuple[tuple[PersonView, ...], int]:
    """The first few people whom a question on the search page names, and how many there are; none for no words."""
    words = words_of(asked)
    if not words:
        return (), 0
    found = find(user, words, {})
    first = list(by_name(user, found, named=True)[: PEOPLE_IN_SEARCH + 1])
    count = found.count() if len(first) > PEOPLE_IN_SEARCH else len(first)
    first = first[:PEOPLE_IN_SEARCH]
    fields = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.ABOUT)
    return tuple(details_for(user, first, subject="search", fields=fields)), count


def words_of(asked: str) -> tuple[str, ...]:
    """The words of a question; labels and operators of the search page (`state:NO`, quotation marks) name nobody."""
    parts = asked.replace('"', " ").replace("“", " ").replace("”", " ").split()
    words = [part.strip(",;()*") for part in parts if ":" not in part and part not in {"AND", "OR", "NOT"}]
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in words if len(word) > 1))[:MOST_WORDS]


def find(user: User, words: Iterable[str], filters: Mapping[str, str]) -> QuerySet[models.Person]:
    """The people with a name for this user who answer to every word and every filter, by what this user may see."""
    found = with_a_name(user)
    seen = seen_by(user)
    for word in words:
        organisations = models.Organisation.objects.filter(_written(word, "name")).values("public_id")
        written = Q(field__in=BY_WORDS) & _written(word, "value")
        in_words = Q(value__startswith=IN_WORDS) & _written(word, "value")
        named = Q(field=Field.ORGANISATION) & (Q(value__in=organisations) | in_words)
        found = found.filter(pk__in=holders(seen.filter(written | named)))
    for name, value in filters.items():
        values: Any = [value]
        if name == "kind":
            values = models.Organisation.objects.filter(kind=value).values("public_id")
        found = found.filter(pk__in=holders(seen.filter(field=FILTERS[name], value__in=values)))
    return found


def by_name(user: User, people: QuerySet[models.Person], *, named: bool = False) -> QuerySet[models.Person]:
    """People by the name that this user may see: an order by hidden names would tell their first letters.

    `named` says that every one of these people has a name for this user, so that it need not be asked again.
    """
    details = models.Detail.objects.all() if named else seen_by(user)
    names = details.filter(person=OuterRef("pk"), field=Field.NAME).values("value")[:1]
    return people.annotate(shown_name=Lower(Subquery(names))).order_by(F("shown_name").asc(nulls_last=True), "pk")


def _written(word: str, column: str) -> Q:
    """A word inside a text in small or capital letters; SQLite alone knows no other letters than English ones."""
    forms = {word, word.lower(), word.upper(), word.capitalize()}
    matches = Q()
    for form in forms if not word.isascii() else {word}:
        matches |= Q(**{f"{column}__icontains": form})
    return matches


def _choices(user: User, found: Any, filters: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    """What could be chosen now, with counts, over what this user may see of `found`: keys, or a question for them."""
    rows = (
        seen_by(user)
        .filter(field__in=set(FILTERS.values()), person__in=found)
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
    orders = {"group": [*Group], "kind": [*OrganisationKind]}
    return {
        name: tuple(
            Choice(value, count, filters.get(name) == value)
            for value, count in sorted(
                values.items(),
                key=lambda one: (orders[name].index(one[0]) if one[0] in orders.get(name, ()) else 99, one[0]),
            )
        )
        for name, values in counts.items()
    }
