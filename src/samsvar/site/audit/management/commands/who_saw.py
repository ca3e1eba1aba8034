"""`samsvar-site who_saw PERSON SINCE UNTIL`: after a breach, every account that saw this person, what, when and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from samsvar.site.audit import files, queries
from samsvar.site.audit.actions import record_export


class Command(BaseCommand):
    help = "Lists who saw details of a person between two times, the earliest first. The question becomes a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="public id of the person")
        parser.add_argument("since", help="a time, as 2026-11-01T08:00 (UTC unless it says otherwise), or a day")
        parser.add_argument("until", help="a time; what was seen at it is not included")
        parser.add_argument("--form", choices=list(files.FORMS), default="csv")

    def handle(self, *, person: str, since: str, until: str, form: str, **_: Any) -> None:
        first, last = _moment(since), _moment(until)
        if last <= first:
            raise CommandError("The second time lies before the first. Nothing was looked up.")
        found = queries.sights(person, first, last)
        count = found.count()
        asked = queries.Asked(person=person, saw=True, since=first, until=last)
        record_export(by=None, asked=asked, lines=count, form=form, verb="traced who saw")
        for piece in files.written(queries.sight_rows(found), queries.SIGHT_COLUMNS, form):
            self.stdout.write(piece, ending="")
        self.stderr.write(f"{count} sights.")


def _moment(said: str) -> datetime:
    try:
        moment = parse_datetime(said)
        if moment is None and (day := parse_date(said)):
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"“{said}” is no time. Write it as 2026-11-01T08:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
