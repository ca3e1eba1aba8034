"""`samsvar-site retention`: list data past its retention period by rule, and delete it with --apply."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from samsvar.errors import SamsvarError
from samsvar.site.network.privacy.actions.retention import ClockJumped, check_clock, run_retention
from samsvar.site.network.privacy.queries.files import unreferenced_files
from samsvar.site.network.privacy.queries.processing import overdue_summaries


class Command(BaseCommand):
    help = "Show data whose retention period has ended; --apply deletes it, as the daily task of `work` does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="delete the data")
        parser.add_argument(
            "--date-is-right",
            action="store_true",
            help="delete although the last deletion was more than a week ago, because you have checked the date",
        )

    def handle(self, *, apply: bool, date_is_right: bool, **_: Any) -> None:
        try:
            with override("en"):
                for due in overdue_summaries(timezone.now()):
                    oldest = f", the oldest of {due.oldest}" if due.oldest else ""
                    self.stdout.write(f"{due.rule.key}: {due.count}{oldest} (kept {due.period})")
                self.stdout.write(f"unnamed_files: {len(unreferenced_files(timezone.now()))} (kept 1 day)")
            if apply:
                removed = run_retention(by=None, is_date_confirmed=date_is_right)
                self.stdout.write(
                    "Deleted: " + (", ".join(f"{key} {n}" for key, n in removed.items()) or "nothing") + "."
                )
            else:
                check_clock(timezone.now())
                self.stdout.write("Nothing was deleted. Use --apply to delete this data.")
        except ClockJumped as error:
            raise CommandError(f"{error.full_message()} (retention --apply --date-is-right)") from error
        except SamsvarError as error:
            raise CommandError(error.full_message()) from error
