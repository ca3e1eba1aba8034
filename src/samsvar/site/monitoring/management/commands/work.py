"""`samsvar-site work`: run a worker that reads uploads, sends emails and runs the daily tasks until stopped."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from samsvar.site.monitoring import tasks
from samsvar.site.network.emails.tasks import enqueue_unsent_emails
from samsvar.site.network.scheduled import ensure_daily_run


class Command(BaseCommand):
    help = (
        "Restart interrupted readings and unsent emails, delete temporary files of killed processes, schedule the "
        "daily tasks, and then process the queue. Run one or more of these next to the web server."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between checks of an empty queue")
        parser.add_argument("--batch", action="store_true", help="stop when the queue is empty")

    def handle(self, *, interval: float, batch: bool, verbosity: int, **_: Any) -> None:
        requeued = tasks.requeue_unfinished_uploads()
        if requeued and verbosity:
            self.stdout.write(f"{requeued} unfinished readings restarted.")
        ensure_daily_run()
        enqueue_unsent_emails(only_unscheduled=True)  # emails whose queued task was lost with a worker
        call_command(
            "db_worker", interval=interval, batch=batch, startup_delay=False, verbosity=min(verbosity, 1), reload=False
        )
