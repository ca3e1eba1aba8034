"""Queries for the list of countries; they return frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from samsvar.convention.status import StateStatus
from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import cached_statuses, tile_status
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.rounds import round_rows_of_all_states
from samsvar.site.shell import labels
from samsvar.site.shell.labels import Label
from samsvar.territories import Territory, TerritoryKind, territories
from samsvar.text import fold


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A state in the list of countries."""

    code: str
    name: str
    status: str
    open: int  # open recommendations
    documents: int


@dataclass(frozen=True, slots=True)
class CountryGroup:
    kind: str
    title: Label
    rows: tuple[CountryRow, ...]


@dataclass(frozen=True, slots=True)
class CountriesPage:
    day: date
    groups: tuple[CountryGroup, ...]


def countries_page(*, day: date, language: str) -> CountriesPage:
    """Return every state that has data, grouped by kind, in six queries."""
    statuses = cached_statuses(day)
    rounds = round_rows_of_all_states()
    open_counts = {state: len(rounds.build(state).open) for state in rounds.findings}
    documents = _count_by_state(monitoring.Document.objects.all())
    stored = set(convention.State.objects.values_list("code", flat=True))
    groups = []
    for kind in TerritoryKind:
        rows = [
            CountryRow(
                state.code,
                state.name(language),
                tile_status(statuses.get(state.code)),
                open_counts.get(state.code, 0),
                documents.get(state.code, 0),
            )
            for state in territories().values()
            if state.kind is kind and _is_listed(state, stored, statuses, open_counts, documents)
        ]
        if rows:
            title = labels.find_label(labels.STATE_GROUPS, kind.value)
            groups.append(CountryGroup(kind.value, title, tuple(sorted(rows, key=lambda line: fold(line.name)))))
    return CountriesPage(day, tuple(groups))


def _is_listed(
    state: Territory, stored: set[str], *counts: dict[str, object] | dict[str, int] | dict[str, StateStatus]
) -> bool:
    return state.code in stored and (state.tile is not None or any(state.code in codes for codes in counts))


def _count_by_state(rows: QuerySet[Any]) -> dict[str, int]:
    """Return the number of rows for each state."""
    return dict(rows.exclude(state=None).order_by().values_list("state_id").annotate(number=Count("id")))
