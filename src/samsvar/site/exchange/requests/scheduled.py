"""Daily tasks for requests for help, called by the network's daily task."""

from __future__ import annotations

from datetime import datetime

from samsvar.site.exchange.requests import actions


def run_request_tasks(*, now: datetime) -> dict[str, int]:
    """End what no one answered, tell secretariats what waits, ask askers; return the numbers that are not zero.

    Ending comes first, so that no secretariat is told of a request that ends on the same day.
    """
    counts = {
        "help_requests_ended": actions.end_unanswered_requests(now=now),
        "help_requests_overdue": actions.tell_of_overdue_requests(now=now),
        "help_requests_followed_up": actions.ask_whether_it_helped(now=now),
    }
    return {task: count for task, count in counts.items() if count}
