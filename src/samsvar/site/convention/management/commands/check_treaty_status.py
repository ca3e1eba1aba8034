"""`samsvar-site check-treaty-status`: compare the treaty events with the charts that others publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.convention.loading import coverage
from samsvar.errors import SamsvarError
from samsvar.interchange.fetching import fetch_public_document
from samsvar.interchange.tables import render_csv, render_table
from samsvar.interchange.treaty_charts import compare_chart, difference_row, read_chart
from samsvar.site.convention.models import State
from samsvar.site.convention.queries import treaty_events

COLUMNS = {
    "state": "Code", "name": "State", "event": "Event", "difference": "Difference", "ours": "Ours", "chart": "Chart",
    "confidence": "Confidence", "source": "Our source",
}  # fmt: skip


class Command(BaseCommand):
    help = (
        "Compare the treaty events with the depositary’s chart and the treaty database of the Netherlands, and show "
        "the differences for a person to confirm. Nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        known = "a saved page (HTML), a CSV file, a spreadsheet or a web address; - to leave it out"
        parser.add_argument("--depositary", default=coverage().chart, help=f"the depositary’s chart: {known}")
        parser.add_argument("--netherlands", default=coverage().treaty_database, help=f"the Dutch database: {known}")
        parser.add_argument("--format", choices=("table", "csv"), default="table")

    def handle(self, *, depositary: str, netherlands: str, format: str, **_: Any) -> None:  # noqa: A002
        real = State.objects.exclude(kind="fictional").values_list("code", flat=True)
        events = treaty_events(states=real)
        failed = 0
        for name, place in (("depositary", depositary), ("netherlands", netherlands)):
            if place == "-":
                continue
            try:
                chart = read_chart(_load(place))
            except SamsvarError as error:
                failed += 1
                self.stderr.write(f"{name}: {error.full_message()}")
                continue
            except OSError as error:
                failed += 1
                self.stderr.write(f"{name}: {place}: {error.strerror}.")
                continue
            rows = [difference_row(difference) for difference in compare_chart(chart, events)]
            if format == "csv":
                self.stdout.write(render_csv(rows, tuple(COLUMNS)))
            elif rows:
                self.stdout.write(render_table(rows, COLUMNS))
            for unknown in chart.unknown_names:
                self.stderr.write(f"{name}: “{unknown}” is not a state that we know; its row was not compared.")
            count = "no differences" if not rows else f"{len(rows)} differences to confirm"
            self.stderr.write(f"{name}: {len(chart.days)} states compared, {count}. Nothing was changed.")
        if failed:
            raise CommandError(f"{failed} charts could not be compared.")


def _load(place: str) -> bytes:
    """Return the content of a file, or of a public document at a web address. Raises OSError or a FetchError."""
    if place.startswith(("http://", "https://")):
        return fetch_public_document(place, contact=settings.SAMSVAR_SITE_URL, max_bytes=20_000_000).content
    return Path(place).read_bytes()
