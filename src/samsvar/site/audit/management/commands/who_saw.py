"""`samsvar-site who_saw PERSON SINCE UNTIL`: after a breach, list every access to a person's details."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from samsvar.site.audit import files, queries
from samsvar.site.audit.actions import record_export


class Command(BaseCommand):
    help = "List who accessed a person's details in a period, oldest first. The query itself is logged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="public id of the person")
        parser.add_argument("since", help="a day, or a time such as 2026-11-01T08:00 (UTC by default)")
        parser.add_argument("until", help="a time, exclusive")
        parser.add_argument("--form", choices=list(files.CONTENT_TYPES), default="csv")

    def handle(self, *, person: str, since: str, until: str, form: str, **_: Any) -> None:
        first, last = _parse_moment(since), _parse_moment(until)
        if last <= first:
            raise CommandError("The second time is before the first. Nothing was searched.")
        accesses = queries.accesses_to_person(person, first, last)
        count = accesses.count()
        filters = queries.AuditFilters(person=person, saw=True, since=first, until=last)
        record_export(by=None, filters=filters, count=count, file_format=form, verb="traced access")
        for piece in files.stream_export(queries.iter_access_rows(accesses), queries.ACCESS_COLUMNS, form):
            self.stdout.write(piece, ending="")
        self.stderr.write(f"{count} accesses.")


def _parse_moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is None and (day := parse_date(text)):
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"“{text}” is not a time. Write it as 2026-11-01T08:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
