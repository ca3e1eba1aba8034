"""Queries for states and treaty events (as the library's `Event`), and for the statuses of states on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db import connection

from samsvar.convention.provisions import parse_provisions
from samsvar.convention.status import Event, EventKind, SourceConfidence, StateStatus, Status, status_on
from samsvar.dates import parse_day as whole_day
from samsvar.dates import parse_partial_date
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.models import State, TreatyEvent


def states() -> dict[str, State]:
    """Return every state by code, in one query."""
    return {state.code: state for state in State.objects.all()}


def treaty_events(*, states: Iterable[str] | None = None) -> tuple[Event, ...]:
    """Return the treaty events of all states, or of those with these codes, as library `Event` objects; one query."""
    events = TreatyEvent.objects.all() if states is None else TreatyEvent.objects.filter(state__in=list(states))
    return tuple(to_event(row) for row in events)


def statuses_on(day: date) -> dict[str, StateStatus]:
    """Return the status of every state under the Convention on `day`, by code; one query."""
    return status_on(day, treaty_events())


def to_event(event: TreatyEvent) -> Event:
    """Convert a database row to a library `Event`."""
    return Event(
        state=event.state_id,
        kind=EventKind(event.kind),
        date=parse_partial_date(event.day),
        effective=whole_day(event.effective) if event.effective else None,
        provisions=parse_provisions(event.provisions),
        basis=parse_provisions(event.basis),
        confidence=SourceConfidence(event.confidence),
        source=event.source,
        second_source=event.second_source,
        note=event.note,
    )


# --- Cached until the database changes --------------------------------------------------------------------------------


def cached_events() -> tuple[Event, ...]:
    """Return every treaty event as a library `Event`, cached until the database changes."""
    if connection.in_atomic_block:  # uncommitted changes may be rolled back, and the change number with them
        return _load_events.__wrapped__(0)
    return _load_events(get_change_number())


def cached_statuses(day: date) -> dict[str, StateStatus]:
    """Return the status on `day` of every state that has an event, by code, cached until the database changes."""
    if connection.in_atomic_block:
        return status_on(day, cached_events())
    return _compute_statuses(get_change_number(), day)


@lru_cache(maxsize=2)
def _load_events(number: int) -> tuple[Event, ...]:
    """Return every treaty event; `number` is the change number, used as the cache key."""
    return treaty_events()


@lru_cache(maxsize=64)  # a reader moving the date slider requests many days
def _compute_statuses(number: int, day: date) -> dict[str, StateStatus]:
    return status_on(day, _load_events(number))


def tile_status(status: StateStatus | None) -> str:
    """Return the status shown on a map tile; "ratified" before entry into force, and "none" if there is no status."""
    if status is None:
        return "none"
    if status.is_awaiting_entry_into_force:
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
