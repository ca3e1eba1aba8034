"""Bringing the library's facts about states and the treaty into the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from samsvar.convention.loading import treaty_events
from samsvar.convention.provisions import written
from samsvar.convention.status import Event
from samsvar.ids import stable_id
from samsvar.site.audit.actions import record
from samsvar.site.convention.models import State, TreatyEvent
from samsvar.territories import territories


def load_convention(*, by: AbstractBaseUser | None = None, beside: Iterable[Event] = ()) -> dict[str, int]:
    """States and treaty events as the library has them; says how many rows were written. Twice is as good as once.

    Rows that are as they should be are not touched, so that a site that starts again keeps its change number. A state
    that the library no longer knows stays where documents name it. `beside` are events that no library knows: those of
    the demonstration's invented states.
    """
    with transaction.atomic():
        states = bring(State, "code", ({"code": one.code, **_state(one)} for one in territories().values()))
        events = bring(TreatyEvent, "public_id", _events((*treaty_events(), *beside)), forget=True)
        if states or events:
            record(by=by, verb="loaded", subject="convention", details={"states": states, "events": events})
    return {"states": states, "events": events}


def _state(territory: Any) -> dict[str, Any]:
    column, row = territory.tile or (None, None)
    return {"kind": territory.kind.value, "column": column, "row": row}


def _events(events: Iterable[Event]) -> Iterable[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for event in events:
        date, effective = str(event.date or ""), event.effective.isoformat() if event.effective else ""
        provisions = written(event.provisions)
        raw = (event.state, event.kind.value, date, provisions, event.source)
        seen["\x1f".join(raw)] += 1  # two declarations of one day from one source are two events
        yield {
            "public_id": stable_id("event", *raw, str(seen["\x1f".join(raw)])),
            "state_id": event.state,
            "kind": event.kind.value,
            "day": date,
            "effective": effective,
            "provisions": provisions,
            "basis": written(event.basis),
            "note": event.note,
            "source": event.source,
            "second_source": event.second_source,
            "confidence": event.confidence.value,
        }


def bring(
    model: type[Model],
    key: str,
    wanted: Iterable[dict[str, Any]],
    *,
    forget: bool = False,
    among: QuerySet[Any] | None = None,
) -> int:
    """Make the rows of a table what is wanted, by their key; how many were written or removed.

    `forget` removes the rows that nobody wants any more; `among` are those that it may remove, all where it is None.
    """
    manager = model._default_manager
    there = {getattr(row, key): row for row in manager.all()}
    new, changed, fields = [], [], []
    for values in wanted:
        fields = [name for name in values if name != key]
        row = there.pop(values[key], None)
        if row is None:
            new.append(model(**values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    manager.bulk_create(new, batch_size=200)
    if changed:
        manager.bulk_update(changed, fields, batch_size=50)
    gone = 0
    if forget and there:
        removable = (manager.all() if among is None else among).filter(pk__in=[row.pk for row in there.values()])
        gone = removable.count()
        removable.delete()
    return len(new) + len(changed) + gone
