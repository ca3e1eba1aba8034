"""`samsvar-site read_again`: read stored reports again with the current reader, keeping reviewers' decisions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.monitoring.actions.ingest import reread_report
from samsvar.site.monitoring.models import Report


class Command(BaseCommand):
    help = "Read saved reports again after an upgrade of the reader. Decisions by people are never overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reports", nargs="*", help="ids of reports (default: all)")

    def handle(self, *, reports: list[str], **_: Any) -> None:
        selected = Report.everything.select_related("document").order_by("pk")
        failed = 0
        for report in selected.filter(public_id__in=reports) if reports else selected:
            before = report.findings.count()
            try:
                reread_report(report=report)
            except SamsvarError as error:
                failed += 1
                self.stderr.write(f"{report.public_id} {report.filename}: {error.full_message()}")
            else:
                self.stdout.write(
                    f"{report.public_id} {report.filename}: {before} → {report.findings.count()} findings"
                )
        if failed:
            raise CommandError(f"{failed} reports could not be read again and were not changed.")
