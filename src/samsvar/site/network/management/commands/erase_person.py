"""`samsvar-site erase_person`: erase who asked for it, or forget again whom a restored backup remembers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.privacy.actions.privacy import erase
from samsvar.site.network.privacy.queries.privacy import erased_public_ids, somebody_at, somebody_called


class Command(BaseCommand):
    help = (
        "Erases people or accounts by public id or address. After a backup was restored, give the list of those who "
        "had been erased (--list before the restore) once more: who is not there is passed over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", nargs="*", help="public id of a person or an account, or an e-mail address")
        parser.add_argument(
            "--received", type=date.fromisoformat, help="the day on which it was asked for, as 2026-05-31"
        )
        parser.add_argument("--list", action="store_true", help="print the public ids of everybody who was erased")

    def handle(self, *, who: list[str], received: date | None, **options: Any) -> None:
        if options["list"]:
            for public_id, _erased_at in erased_public_ids():
                self.stdout.write(public_id)
            return
        if not who:
            raise CommandError("Nobody was named.")
        for one in who:
            subject = (somebody_at(one) or subject_of(address=one)) if "@" in one else somebody_called(one)
            if subject is None:
                self.stdout.write(f"{one}: nobody is called so, or they are erased already.")
                continue
            try:
                done = erase(subject=subject, by=None, asked="by letter", received=received)
            except SamsvarError as error:
                raise CommandError(f"{one}: {error.explained()}") from error
            self.stdout.write(f"{one}: erased, {sum(done.counts.values())} rows.")
