"""`samsvar-site erase_person`: delete people's data on request, or again after restoring a backup."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from samsvar.site.network.privacy.queries.erasure import erased_public_ids, find_subject


class Command(BaseCommand):
    help = (
        "Delete the personal data of people or accounts, by public id or address. After restoring a backup, run it "
        "again with the list from --list before the restore: ids that no longer exist are skipped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", nargs="*", help="public id of a person or an account, or an email address")
        parser.add_argument(
            "--received", type=date.fromisoformat, help="the day of the request, for example 2026-05-31"
        )
        parser.add_argument("--list", action="store_true", help="print the public ids of people whose data was deleted")

    def handle(self, *, who: list[str], received: date | None, **options: Any) -> None:
        if options["list"]:
            for public_id, _erased_at in erased_public_ids():
                self.stdout.write(public_id)
            return
        if not who:
            raise CommandError("Nothing was deleted: enter a public id or an email address.")
        for identifier in who:
            subject = find_subject(identifier, verified=True)
            if subject is None:
                self.stdout.write(f"{identifier}: no such person or account, or their data has already been deleted.")
                continue
            try:
                result = erase_personal_data(subject=subject, by=None, channel="by letter", received=received)
            except SamsvarError as error:
                raise CommandError(f"{identifier}: {error.full_message()}") from error
            self.stdout.write(f"{identifier}: data deleted, {sum(result.counts.values())} rows.")
