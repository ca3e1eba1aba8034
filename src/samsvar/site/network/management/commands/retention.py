"""`samsvar-site retention`: list data past its retention period by rule, and delete it with --apply."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from samsvar.errors import SamsvarError
from samsvar.site.network.privacy.actions.retention import run_retention
from samsvar.site.network.privacy.queries.files import unreferenced_files
from samsvar.site.network.privacy.queries.processing import overdue_summaries


class Command(BaseCommand):
    help = "Show data whose retention period has ended; --apply deletes it, as the daily task of `work` does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="delete the data")

    def handle(self, *, apply: bool, **_: Any) -> None:
        try:
            with override("en"):
                for due in overdue_summaries(timezone.now()):
                    oldest = f", the oldest of {due.oldest}" if due.oldest else ""
                    self.stdout.write(f"{due.rule.key}: {due.count}{oldest} (kept {due.period})")
                self.stdout.write(f"unnamed_files: {len(unreferenced_files(timezone.now()))} (kept 1 day)")
            if apply:
                removed = run_retention(by=None)
                self.stdout.write(
                    "Deleted: " + (", ".join(f"{key} {n}" for key, n in removed.items()) or "nothing") + "."
                )
            else:
                self.stdout.write("Nothing was deleted. Use --apply to delete this data.")
        except SamsvarError as error:
            raise CommandError(error.full_message()) from error
