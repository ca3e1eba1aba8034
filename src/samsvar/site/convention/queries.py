"""What pages ask about states and the treaty: events as the library's values, and the statuses they give on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from samsvar.convention.provisions import provisions_in
from samsvar.convention.status import Confidence, Event, EventKind, StateStatus, status_on
from samsvar.dates import day as whole_day
from samsvar.dates import partial_date
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
