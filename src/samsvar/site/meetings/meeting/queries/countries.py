"""The countries of a meeting and the findings they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db import connection
from django.db.models import QuerySet

from samsvar.convention.treaty import ISTANBUL
from samsvar.meetings.meeting import PlaceOf
from samsvar.monitoring.report import Strength
from samsvar.site.audit.queries import change_number
from samsvar.site.convention.queries import all_statuses, square_status
from samsvar.site.meetings import models
from samsvar.site.monitoring.models import Finding, FindingArticle
from samsvar.territories import name_of

# --- The page of one --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Country:
    """A country at a meeting: what it was to the Convention on the first day, and what it is today."""

    code: str
    name: str
    places: tuple[str, ...]  # PlaceOf
    written: str  # the source's own word where that is not the state's name
    then: str  # as squares of the map say it
    now: str
    findings: int  # open: no praise, none rejected


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the countries had a status."""

    status: str
    countries: tuple[Country, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """An article under which several of the countries have open findings."""

    article: int
    title: str
    countries: tuple[str, ...]  # codes
    findings: int


def countries(meeting: models.Meeting, *, day: date, today: date, language: str, counted: bool = True) -> list[Country]:
    """The countries of a meeting by name; two questions, and the events once for each change of the database.

    `counted` False leaves the findings of each uncounted.
    """
    places: dict[str, list[str]] = defaultdict(list)
    written: dict[str, str] = {}
    for state, place, note in meeting.states.values_list("state_id", "place", "note"):
        places[state].append(place)
        written[state] = written.get(state) or note
    then, now = all_statuses(day), all_statuses(today)
    counts = _finding_counts(places) if counted else {}
    found = [
        Country(
            code=code,
            name=name_of(code, language),
            places=tuple(sorted(places[code], key=[one.value for one in PlaceOf].index)),
            written=written[code],
            then=square_status(then.get(code)),
            now=square_status(now.get(code)),
            findings=counts.get(code, 0),
        )
        for code in places
    ]
    return sorted(found, key=lambda one: one.name)


def _finding_counts(codes: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for code in _open(codes).values_list("state_id", flat=True):
        counts[code or ""] += 1
    return counts


def _open(codes: Iterable[str]) -> QuerySet[Finding]:
    """Findings of these states that ask for something: neither praise, nor rejected by a reviewer."""
    found = Finding.objects.filter(state__in=list(codes)).exclude(review=Finding.Review.REJECTED)
    return found.exclude(strength=Strength.WELCOMES.value).order_by()


def _by_standing(states: Iterable[Country]) -> Iterable[Standing]:
    by_status: dict[str, list[Country]] = defaultdict(list)
    for one in states:
        by_status[one.then].append(one)
    for status in ("in_force", "ratified", "signatory", "none", "former_party"):
        if status in by_status:
            yield Standing(status, tuple(by_status[status]))


def shared_findings(codes: Iterable[str], language: str) -> list[Shared]:
    """Articles under which at least two of these states have open findings, most states first.

    One question for each change of the database.

    By article alone. Findings that ask for the same thing in other words, or under another article, are for the
    matching to find, which takes this function's place when it comes.
    """
    asked = tuple(sorted(set(codes)))
    told = _told_at.__wrapped__(0, asked) if connection.in_atomic_block else _told_at(change_number(), asked)
    return [Shared(article, _title_of(article, language), states, findings) for article, states, findings in told]


@lru_cache(maxsize=256)
def _told_at(number: int, codes: tuple[str, ...]) -> tuple[tuple[int, tuple[str, ...], int], ...]:
    """(article, states, findings); `number` is the change number it was read under, so that no stale one is given."""
    of_article: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = FindingArticle.objects.filter(finding__in=_open(codes)).values_list("article", "finding__state_id")
    for article, state in rows:
        of_article[article][state or ""] += 1
    found = [
        (article, tuple(sorted(states)), sum(states.values()))
        for article, states in of_article.items()
        if len(states) > 1
    ]
    return tuple(sorted(found, key=lambda one: (-len(one[1]), -one[2], one[0])))


def _title_of(article: int | str, language: str) -> str:
    key = str(article)
    return ISTANBUL[key].title(language) if key in ISTANBUL else ""


# --- The countries' page ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountriesPage:
    """The countries of a meeting, and all that they share."""

    meeting: models.Meeting
    day: date
    today: date
    countries: tuple[Country, ...]
    shared: tuple[Shared, ...]


def countries_page(meeting: models.Meeting, *, today: date, language: str) -> CountriesPage:
    """Three questions, and the events once for each change of the database."""
    day = min(meeting.begins, today)
    states = countries(meeting, day=day, today=today, language=language)
    return CountriesPage(
        meeting, day, today, tuple(states), tuple(shared_findings([one.code for one in states], language))
    )
