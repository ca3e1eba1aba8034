"""`samsvar-site work`: read the reports that wait, one after the other, and keep house daily, until told to stop."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from samsvar.site.monitoring import tasks
from samsvar.site.network.emails.tasks import send_what_waits
from samsvar.site.network.scheduled import ensure_daily


class Command(BaseCommand):
    help = (
        "Takes up readings that were cut off and letters that have not left, sweeps up the files that a kill left, "
        "asks for the daily task that removes what is past its time, and then works off the queue. "
        "Run one or more of these beside the web server."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two looks at an empty queue")
        parser.add_argument("--batch", action="store_true", help="stop when the queue is empty")

    def handle(self, *, interval: float, batch: bool, verbosity: int, **_: Any) -> None:
        taken_up = tasks.take_up_unfinished()
        if taken_up and verbosity:
            self.stdout.write(f"{taken_up} unfinished readings taken up again.")
        ensure_daily()
        send_what_waits(forgotten=True)  # whose line of the queue was lost with a worker
        call_command(
            "db_worker", interval=interval, batch=batch, startup_delay=False, verbosity=min(verbosity, 1), reload=False
        )
