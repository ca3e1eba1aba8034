"""The daily task of practices, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.exchange.practices.actions.renewal import send_renewals


def run_practice_tasks(*, now: datetime) -> dict[str, int]:
    """Ask owners to confirm their practices. Return the number of practices, without zero."""
    count = send_renewals(now=now)
    return {"practices_to_confirm": count} if count else {}
