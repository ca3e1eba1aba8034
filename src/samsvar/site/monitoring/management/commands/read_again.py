"""`samsvar-site read_again`: every stored report anew with the reader of today; what persons decided stays."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.monitoring.actions import reread_report
from samsvar.site.monitoring.models import Report


class Command(BaseCommand):
    help = "Reads stored reports again after an upgrade of the reader. A person's decision is never overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reports", nargs="*", help="ids of reports; all where none is given")

    def handle(self, *, reports: list[str], **_: Any) -> None:
        chosen = Report.objects.select_related("document").order_by("pk")
        failed = 0
        for report in chosen.filter(public_id__in=reports) if reports else chosen:
            before = report.findings.count()
            try:
                reread_report(report=report)
            except SamsvarError as refusal:
                failed += 1
                self.stderr.write(f"{report.public_id} {report.filename}: {refusal.explained()}")
            else:
                self.stdout.write(
                    f"{report.public_id} {report.filename}: {before} → {report.findings.count()} findings"
                )
        if failed:
            raise CommandError(f"{failed} reports could not be read again and are as they were.")
