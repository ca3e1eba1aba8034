"""`samsvar-site my_data`: export a person's data to a file, for a request that did not come through the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.privacy.actions.privacy import export_personal_data
from samsvar.site.network.privacy.queries.erasure import find_subject


class Command(BaseCommand):
    help = "Export all data about a person or account as a ZIP that only its owner can read. Check who is asking first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="public id of a person or an account, or an email address")
        parser.add_argument("file", type=Path, help="the ZIP file to write")

    def handle(self, *, who: str, file: Path, **_: Any) -> None:
        subject = find_subject(who, verified=True)
        if subject is None:
            raise CommandError(f"{who}: no such person or account.")
        if file.exists():
            raise CommandError(f"{file} already exists. Nothing was written: choose another file.")
        try:
            archive = export_personal_data(subject=subject, by=None)
        except SamsvarError as error:
            raise CommandError(error.full_message()) from error
        file.touch(mode=0o600)
        file.write_bytes(archive)
        self.stdout.write(
            f"{file}: {len(archive)} bytes. It contains personal data: send it encrypted, then delete it."
        )
