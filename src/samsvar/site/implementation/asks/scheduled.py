"""Daily tasks for asks, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.implementation.asks.actions.asks import lapse_asks
from samsvar.site.implementation.asks.actions.emails import send_weekly_emails


def run_ask_tasks(*, now: datetime) -> dict[str, int]:
    """Mark expired asks as lapsed and send the weekly emails; return the number of items per task that had any."""
    counts = {"asks_lapsed": lapse_asks(day=now.date()), "asks_emailed": send_weekly_emails(now=now)}
    return {task: count for task, count in counts.items() if count}
