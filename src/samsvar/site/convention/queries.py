"""What pages ask about states and the treaty: events as the library's values, and the statuses they give on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db import connection

from samsvar.convention.provisions import provisions_in
from samsvar.convention.status import Confidence, Event, EventKind, StateStatus, Status, status_on
from samsvar.dates import day as whole_day
from samsvar.dates import partial_date
from samsvar.site.audit.queries import change_number
from samsvar.site.convention.models import State, TreatyEvent


def states() -> dict[str, State]:
    """Every state by its code; one query."""
    return {state.code: state for state in State.objects.all()}


def treaty_events(*, states: Iterable[str] | None = None) -> tuple[Event, ...]:
    """Treaty events as the library's values, of all states or of those with these codes; one query."""
    rows = TreatyEvent.objects.all() if states is None else TreatyEvent.objects.filter(state__in=list(states))
    return tuple(event_of(row) for row in rows)


def statuses_on(day: date) -> dict[str, StateStatus]:
    """What every state is to the Convention on `day`, by its code; one query."""
    return status_on(day, treaty_events())


def event_of(row: TreatyEvent) -> Event:
    """The library's value of one row."""
    return Event(
        state=row.state_id,
        kind=EventKind(row.kind),
        date=partial_date(row.day),
        effective=whole_day(row.effective) if row.effective else None,
        provisions=provisions_in(row.provisions),
        basis=provisions_in(row.basis),
        confidence=Confidence(row.confidence),
        source=row.source,
        second_source=row.second_source,
        note=row.note,
    )


# --- The same, read once for each change of the database --------------------------------------------------------------


def all_events() -> tuple[Event, ...]:
    """Every treaty event in the database as the library's values; read again only when the database has changed."""
    if connection.in_atomic_block:  # what this transaction has written may be taken back, and the number with it
        return _events_at.__wrapped__(0)
    return _events_at(change_number())


def all_statuses(day: date) -> dict[str, StateStatus]:
    """The status on `day` of every state that has an event, by code."""
    if connection.in_atomic_block:
        return status_on(day, all_events())
    return _statuses_at(change_number(), day)


@lru_cache(maxsize=2)
def _events_at(number: int) -> tuple[Event, ...]:
    """Every treaty event; `number` is the change number they were read under, so that no stale one is given."""
    return treaty_events()


@lru_cache(maxsize=64)  # a reader who slides through the days asks for many
def _statuses_at(number: int, day: date) -> dict[str, StateStatus]:
    return status_on(day, _events_at(number))


def square_status(status: StateStatus | None) -> str:
    """What a square of the map says: strongest bond first, "ratified" where the day of entry into force lies ahead."""
    if status is None:
        return "none"
    if status.ratified_not_in_force:
        return "ratified"
    match status.status:
        case Status.PARTY:
            return "in_force"
        case Status.SIGNATORY:
            return "signatory"
        case Status.FORMER_PARTY:
            return "former_party"
        case Status.NONE:
            return "none"
