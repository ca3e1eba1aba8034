"""The one way a line gets into the trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from samsvar.site.trail.models import Entry


def record(*, by: User | None, verb: str, subject: str, details: dict[str, Any] | None = None) -> Entry:
    """Write who did what to what; call it inside the action's own transaction, so that both happen or neither.

    `by` is None where a command did it. `details` hold values of the record, never anything about a person.
    """
    return Entry.objects.create(actor=by, verb=verb, subject=subject, details=details or {})
