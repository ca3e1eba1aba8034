"""Daily tasks of implementation, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.implementation.digest.actions import send_digests


def run_implementation_tasks(*, now: datetime) -> dict[str, int]:
    """Send the weekly emails that are due. Return the number of items per task, without the tasks that had none."""
    counts = {"weekly_digests": send_digests(now=now)}
    return {task: count for task, count in counts.items() if count}
