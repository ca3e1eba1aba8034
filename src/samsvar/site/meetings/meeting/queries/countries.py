"""Queries for the countries of a meeting and the articles on which several of them have open findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db import connection

from samsvar.convention.treaty import ISTANBUL
from samsvar.meetings.meeting import CountryRole
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.queries import cached_statuses, tile_status
from samsvar.site.meetings import models
from samsvar.site.monitoring.rounds import round_rows_of_all_states
from samsvar.territories import territory_name

# --- The page of countries --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingCountry:
    """A country at a meeting, with its status under the Convention on the first day and today."""

    code: str
    name: str
    roles: tuple[str, ...]  # values of CountryRole
    name_in_source: str  # the name in the source, if it differs from the state's name
    status_then: str  # status on the first day, as on the map
    status_now: str
    findings: int  # number of open recommendations


@dataclass(frozen=True, slots=True)
class StatusGroup:
    """The countries of a meeting that had the same status on its first day."""

    status: str
    countries: tuple[MeetingCountry, ...]


@dataclass(frozen=True, slots=True)
class SharedArticle:
    """An article on which several of the countries have open findings."""

    article: int
    title: str
    countries: tuple[str, ...]  # country codes
    findings: int


def list_countries(
    meeting: models.Meeting, *, day: date, today: date, language: str, count_findings: bool = True
) -> list[MeetingCountry]:
    """Return the countries of a meeting, sorted by name.

    Runs two queries, or one if `count_findings` is False, which leaves `findings` at 0. The status of each state is
    cached until the database changes.
    """
    places: dict[str, list[str]] = defaultdict(list)
    names_in_source: dict[str, str] = {}
    for state, place, note in meeting.states.values_list("state_id", "place", "note"):
        places[state].append(place)
        names_in_source[state] = names_in_source.get(state) or note
    statuses_then, statuses_now = cached_statuses(day), cached_statuses(today)
    counts = _count_findings(places) if count_findings else {}
    result = [
        MeetingCountry(
            code=code,
            name=territory_name(code, language),
            roles=tuple(sorted(places[code], key=[one.value for one in CountryRole].index)),
            name_in_source=names_in_source[code],
            status_then=tile_status(statuses_then.get(code)),
            status_now=tile_status(statuses_now.get(code)),
            findings=counts.get(code, 0),
        )
        for code in places
    ]
    return sorted(result, key=lambda one: one.name)


def _count_findings(codes: Iterable[str]) -> dict[str, int]:
    """Return the number of open recommendations of each state, as `samsvar.monitoring.rounds` defines them."""
    rows = round_rows_of_all_states()
    return {code: len(rows.build(code).open) for code in codes}


def group_by_status(states: Iterable[MeetingCountry]) -> Iterable[StatusGroup]:
    by_status: dict[str, list[MeetingCountry]] = defaultdict(list)
    for country in states:
        by_status[country.status_then].append(country)
    for status in ("in_force", "ratified", "signatory", "none", "former_party"):
        if status in by_status:
            yield StatusGroup(status, tuple(by_status[status]))


def find_shared_articles(codes: Iterable[str], language: str) -> list[SharedArticle]:
    """Return the articles on which at least two of these states have open findings, most states first.

    Runs three queries; the result is cached until the database changes. Findings are grouped by article only. A planned
    matching function, which will replace this one, will also match findings that ask for the same thing in other words
    or under another article.
    """
    sorted_codes = tuple(sorted(set(codes)))
    if connection.in_atomic_block:
        rows = _load_shared_articles.__wrapped__(0, sorted_codes)
    else:
        rows = _load_shared_articles(get_change_number(), sorted_codes)
    return [
        SharedArticle(article, article_title(article, language), states, findings) for article, states, findings in rows
    ]


@lru_cache(maxsize=256)
def _load_shared_articles(number: int, codes: tuple[str, ...]) -> tuple[tuple[int, tuple[str, ...], int], ...]:
    """Return (article, states, number of findings) for each article with open findings of several of these states.

    `number` is the change number of the database; as part of the cache key, it prevents outdated results.
    """
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = round_rows_of_all_states()
    for code in codes:
        state_rounds = rows.build(code)
        for article in state_rounds.histories:
            number_open = len(state_rounds.open_under(article))
            if article is not None and number_open:
                counts[article][code] = number_open
    shared = [
        (article, tuple(sorted(states)), sum(states.values())) for article, states in counts.items() if len(states) > 1
    ]
    return tuple(sorted(shared, key=lambda one: (-len(one[1]), -one[2], one[0])))


def article_title(article: int | str, language: str) -> str:
    key = str(article)
    return ISTANBUL[key].title(language) if key in ISTANBUL else ""


# --- The countries page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingCountriesPage:
    """The content of the page of a meeting's countries, with all articles on which several have open findings."""

    meeting: models.Meeting
    day: date
    today: date
    countries: tuple[MeetingCountry, ...]
    shared: tuple[SharedArticle, ...]


def countries_page(meeting: models.Meeting, *, today: date, language: str) -> MeetingCountriesPage:
    """Return the content of the page of a meeting's countries.

    Runs three queries; the status of each state is cached until the database changes.
    """
    day = min(meeting.begins, today)
    states = list_countries(meeting, day=day, today=today, language=language)
    return MeetingCountriesPage(
        meeting, day, today, tuple(states), tuple(find_shared_articles([one.code for one in states], language))
    )
