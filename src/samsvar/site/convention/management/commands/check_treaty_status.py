"""`samsvar-site check-treaty-status`: compare the treaty events with the charts that others publish."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.convention.loading import coverage
from samsvar.convention.status import Event
from samsvar.errors import SamsvarError
from samsvar.interchange.fetching import fetch_public_document
from samsvar.interchange.reservation_lists import compare_reservations, read_reservation_list, reservation_row
from samsvar.interchange.tables import render_csv, render_table
from samsvar.interchange.treaty_charts import UnreadableChart, compare_chart, difference_row, read_chart
from samsvar.site.convention.models import State
from samsvar.site.convention.queries import treaty_events

COLUMNS = {
    "state": "Code", "name": "State", "event": "Event", "difference": "Difference", "ours": "Ours", "chart": "Chart",
    "confidence": "Confidence", "source": "Our source", "compared": "Compared with",
}  # fmt: skip


class Command(BaseCommand):
    help = (
        "Compare the treaty events with the depositary’s chart, its list of reservations and declarations, and the "
        "treaty database of the Netherlands, and show the differences for a person to confirm. Nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        known = "a saved page (HTML), a CSV file, a spreadsheet or a web address; - to leave it out"
        parser.add_argument("--depositary", default=coverage().chart, help=f"the depositary’s chart: {known}")
        parser.add_argument(
            "--reservations",
            default=coverage().reservations,
            help=f"the depositary’s list of reservations and declarations: {known}",
        )
        parser.add_argument("--netherlands", default=coverage().treaty_database, help=f"the Dutch database: {known}")
        parser.add_argument("--format", choices=("table", "csv"), default="table")

    def handle(self, *, depositary: str, reservations: str, netherlands: str, format: str, **_: Any) -> None:  # noqa: A002
        real = State.objects.exclude(kind="fictional").values_list("code", flat=True)
        events = treaty_events(states=real)
        rows: list[dict[str, object]] = []
        failed = 0
        given = {"depositary": depositary, "reservations": reservations, "netherlands": netherlands}
        places = {name: place for name, place in given.items() if place != "-"}
        if not places:
            raise CommandError("Nothing was compared: every source was left out. Give at least one of them.")
        for name, place in places.items():
            try:
                rows += [{**row, "compared": name} for row in self._compare(name, _load(place), events)]
            except SamsvarError as error:
                failed += 1
                self.stderr.write(f"{name}: {error.full_message()}")
            except OSError as error:
                failed += 1
                self.stderr.write(f"{name}: {place}: {error.strerror}.")
        if format == "csv":
            self.stdout.write(render_csv(rows, tuple(COLUMNS)))
        elif rows:
            self.stdout.write(render_table(rows, COLUMNS))
        self.stderr.write("Nothing was changed.")
        if failed:
            raise CommandError(f"{failed} of {len(places)} sources could not be compared.")

    def _compare(self, name: str, content: bytes, events: Sequence[Event]) -> list[dict[str, object]]:
        """Compare all that a source has: a chart, a list of reservations or both. UnreadableChart if neither."""
        rows: list[dict[str, object]] = []
        listed = read_reservation_list(content)
        try:
            chart = read_chart(content)
        except UnreadableChart:
            if listed is None:
                raise
        else:
            compared = compare_chart(chart, events)
            differences = [difference_row(difference) for difference in compared]
            rows += differences
            if missing := {difference.state for difference in compared} - chart.days.keys():
                number = len(missing)
                states = f"{number} states on which we have events are" if number > 1 else "1 state with events is"
                self.stderr.write(
                    f"{name}: {states} not in the chart. It may be cut off: compare again with all its rows before you "
                    "believe that these differ."
                )
            for unknown in chart.unknown_names:
                self.stderr.write(f"{name}: “{unknown}” is not a state that we know; its row was not compared.")
            self._say(name, "signatures and ratifications", len(chart.days), len(differences))
        if listed is None:
            if name != "depositary":  # whose list is another page
                self.stderr.write(f"{name}: no reservations or declarations were found there, so none were compared.")
            return rows
        differences = [reservation_row(difference) for difference in compare_reservations(listed, events)]
        what = "reservations and declarations" if listed.statements else "marks of reservations and declarations"
        self._say(name, what, len(listed.states), len(differences))
        return rows + differences

    def _say(self, name: str, what: str, states: int, differences: int) -> None:
        count = "no differences" if not differences else f"{differences} to confirm"
        self.stderr.write(f"{name}: {what} of {states} state{'' if states == 1 else 's'} compared: {count}.")


def _load(place: str) -> bytes:
    """Return the content of a file, or of a public document at a web address. Raises OSError or a FetchError."""
    if place.startswith(("http://", "https://")):
        return fetch_public_document(place, contact=settings.SAMSVAR_SITE_URL, max_bytes=20_000_000).content
    return Path(place).read_bytes()
