"""`samsvar-site my_data`: everything held of somebody as a file, for a request that came by letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.privacy.actions.privacy import hand_out
from samsvar.site.network.privacy.queries.privacy import somebody_at, somebody_called


class Command(BaseCommand):
    help = "Writes everything held of one person or account into a ZIP, readable by its owner only. Make sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="public id of a person or an account, or an e-mail address")
        parser.add_argument("file", type=Path, help="where to write the ZIP")

    def handle(self, *, who: str, file: Path, **_: Any) -> None:
        subject = (somebody_at(who) or subject_of(address=who)) if "@" in who else somebody_called(who)
        if subject is None:
            raise CommandError(f"{who}: nobody is called so.")
        if file.exists():
            raise CommandError(f"{file} is there already. Nothing was written; name another file.")
        try:
            packed = hand_out(subject=subject, by=None)
        except SamsvarError as error:
            raise CommandError(error.explained()) from error
        file.touch(mode=0o600)
        file.write_bytes(packed)
        self.stdout.write(f"{file}: {len(packed)} bytes. It holds everything: pass it on encrypted, then delete it.")
