"""`samsvar-site retention`: what is past its time, kind by kind; with --apply it goes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from samsvar.errors import SamsvarError
from samsvar.site.network.privacy.actions.retention import run_retention
from samsvar.site.network.privacy.queries.files import unnamed_files
from samsvar.site.network.privacy.queries.privacy import period_words, what_is_due


class Command(BaseCommand):
    help = "Shows what is past its time and would go; with --apply removes it, as the daily task of `work` does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="remove it")

    def handle(self, *, apply: bool, **_: Any) -> None:
        try:
            with override("en"):
                for due in what_is_due(timezone.now()):
                    oldest = f", the oldest of {due.oldest}" if due.oldest else ""
                    self.stdout.write(f"{due.kind.key}: {due.count}{oldest} (kept {period_words(due.kind)})")
                self.stdout.write(f"unnamed_files: {len(unnamed_files(timezone.now()))} (kept 1 day)")
            if apply:
                gone = run_retention(by=None)
                self.stdout.write("Removed: " + (", ".join(f"{key} {n}" for key, n in gone.items()) or "nothing") + ".")
            else:
                self.stdout.write("Nothing was removed; --apply removes it.")
        except SamsvarError as error:
            raise CommandError(error.explained()) from error
