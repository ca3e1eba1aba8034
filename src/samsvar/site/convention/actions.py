"""Functions that load the library's facts about states and the treaty into the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from samsvar.convention.loading import treaty_events
from samsvar.convention.provisions import format_provisions
from samsvar.convention.status import Event
from samsvar.ids import stable_id
from samsvar.site.audit.actions import record
from samsvar.site.convention.models import State, TreatyEvent
from samsvar.territories import territories


def load_convention(*, by: AbstractBaseUser | None = None, extra_events: Iterable[Event] = ()) -> dict[str, int]:
    """Load states and treaty events from the library; return how many rows were written. Idempotent.

    Rows that are already correct are not written, so restarting the site does not raise the change number.
    States that the library no longer lists are kept, because documents may refer to them. `extra_events` are
    events that are not in the library: those of the demonstration's fictional states.
    """
    with transaction.atomic():
        states = sync_rows(
            State,
            "code",
            ({"code": territory.code, **_state_values(territory)} for territory in territories().values()),
        )
        events = sync_rows(
            TreatyEvent, "public_id", _event_rows((*treaty_events(), *extra_events)), delete_missing=True
        )
        if states or events:
            record(by=by, verb="loaded", subject="convention", details={"states": states, "events": events})
    return {"states": states, "events": events}


def _state_values(territory: Any) -> dict[str, Any]:
    column, row = territory.tile or (None, None)
    return {"kind": territory.kind.value, "column": column, "row": row}


def _event_rows(events: Iterable[Event]) -> Iterable[dict[str, Any]]:
    occurrences: Counter[str] = Counter()
    for event in events:
        date, effective = str(event.date or ""), event.effective.isoformat() if event.effective else ""
        provisions = format_provisions(event.provisions)
        raw = (event.state, event.kind.value, date, provisions, event.source)
        occurrences["\x1f".join(raw)] += 1  # two declarations on the same day from the same source are two events
        yield {
            "public_id": stable_id("event", *raw, str(occurrences["\x1f".join(raw)])),
            "state_id": event.state,
            "kind": event.kind.value,
            "day": date,
            "effective": effective,
            "provisions": provisions,
            "basis": format_provisions(event.basis),
            "note": event.note,
            "source": event.source,
            "second_source": event.second_source,
            "confidence": event.confidence.value,
        }


def sync_rows(
    model: type[Model],
    key: str,
    wanted: Iterable[dict[str, Any]],
    *,
    delete_missing: bool = False,
    deletable: QuerySet[Any] | None = None,
) -> int:
    """Make the rows of a table match `wanted`, by key; return how many were written or deleted.

    With `delete_missing`, rows that are not in `wanted` are deleted, but only those in `deletable` if it is
    given.
    """
    manager = model._default_manager
    existing = {getattr(obj, key): obj for obj in manager.all()}
    new, changed, fields = [], [], []
    for values in wanted:
        fields = [name for name in values if name != key]
        obj = existing.pop(values[key], None)
        if obj is None:
            new.append(model(**values))
        elif any(getattr(obj, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(obj, name, value)
            changed.append(obj)
    manager.bulk_create(new, batch_size=200)
    if changed:
        manager.bulk_update(changed, fields, batch_size=50)
    deleted = 0
    if delete_missing and existing:
        removable = (manager.all() if deletable is None else deletable).filter(
            pk__in=[obj.pk for obj in existing.values()]
        )
        deleted = removable.count()
        removable.delete()
    return len(new) + len(changed) + deleted
