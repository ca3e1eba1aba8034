"""`samsvar-site read_in FILE …`: import files from the server in the same way as the upload page does."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.monitoring.actions.ingest import import_report


class Command(BaseCommand):
    help = "Import reports as drafts. Each file is imported completely, or not at all and the reason is shown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--body", default="auto", help="grevio, committee_of_the_parties, cedaw, upr or auto")
        parser.add_argument("--state", help="code of the state under review (default: read from the title page)")
        parser.add_argument("--published", type=date.fromisoformat, help="day of publication, for example 2024-05-31")

        parser.add_argument("--publish", action="store_true", help="publish at once, without an editor's check")

    def handle(
        self, *, files: list[Path], body: str, state: str | None, published: date | None, publish: bool, **_: Any
    ) -> None:
        refused = 0
        for file in files:
            try:
                report = import_report(
                    content=file.read_bytes(),
                    filename=file.name,
                    body=body,
                    state=state,
                    published=published,
                    publish=publish,
                )
            except SamsvarError as error:
                refused += 1
                self.stderr.write(f"{file}: {error.full_message()}")
            except OSError as unreadable:
                refused += 1
                self.stderr.write(f"{file}: {unreadable.strerror}.")
            else:
                self.stdout.write(
                    f"{file}: {report.findings.count()} findings, report {report.public_id} ({report.status})"
                )
        if refused:
            raise CommandError(f"{refused} of {len(files)} files could not be imported.")
