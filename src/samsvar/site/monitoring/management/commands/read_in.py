"""`samsvar-site read_in FILE …`: the same way in as the upload page, for files that lie on the server."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.monitoring.actions import ingest_report


class Command(BaseCommand):
    help = "Reads reports in. Each file is stored whole or refused with its reason; the others go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--body", default="auto", help="grevio, committee_of_the_parties, cedaw, upr or auto")
        parser.add_argument("--state", help="code of the state under review; else it is read from the title page")
        parser.add_argument("--published", type=date.fromisoformat, help="day of publication, as 2024-05-31")

    def handle(self, *, files: list[Path], body: str, state: str | None, published: date | None, **_: Any) -> None:
        refused = 0
        for file in files:
            try:
                report = ingest_report(
                    content=file.read_bytes(), filename=file.name, body=body, state=state, published=published
                )
            except SamsvarError as refusal:
                refused += 1
                self.stderr.write(f"{file}: {refusal.explained()}")
            except OSError as unreadable:
                refused += 1
                self.stderr.write(f"{file}: {unreadable.strerror}.")
            else:
                self.stdout.write(f"{file}: {report.findings.count()} findings, report {report.public_id}")
        if refused:
            raise CommandError(f"{refused} of {len(files)} files were refused.")
