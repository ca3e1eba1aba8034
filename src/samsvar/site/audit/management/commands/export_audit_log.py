"""`samsvar-site export_audit_log`: export audit entries as CSV or JSON lines to standard output or a file."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date

from samsvar.site.audit import files, queries
from samsvar.site.audit.actions import record_export


class Command(BaseCommand):
    help = "Export the audit log, newest entry first. The export itself is logged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--form", choices=list(files.CONTENT_TYPES), default="csv")
        parser.add_argument("--to", type=Path, help="a file that does not exist yet (default: standard output)")
        parser.add_argument("--person", default="", help="public id of the person or thing that the entries are about")
        parser.add_argument("--account", default="", help="public id of the person who acted")
        parser.add_argument("--verb", default="")
        parser.add_argument("--kind", choices=["saw", "did"])
        parser.add_argument("--since", help="first day, for example 2026-11-01")
        parser.add_argument("--until", help="last day, inclusive")

    def handle(self, *, form: str, to: Path | None, person: str, account: str, verb: str, **options: Any) -> None:
        last = _parse_day(options["until"])
        filters = queries.AuditFilters(
            person=person,
            account=account,
            verb=verb,
            saw=None if options["kind"] is None else options["kind"] == "saw",
            since=_parse_day(options["since"]),
            until=last + timedelta(days=1) if last else None,
        )
        entries = queries.limit_to_existing_entries(queries.filtered_entries(filters))
        count = entries.count()
        try:
            with to.open("x", encoding="utf-8", newline="") if to else nullcontext(self.stdout) as out:
                record_export(by=None, filters=filters, count=count, file_format=form)
                for piece in files.stream_export(queries.iter_export_rows(entries), queries.EXPORT_COLUMNS, form):
                    out.write(piece, ending="") if out is self.stdout else out.write(piece)
        except FileExistsError as exists_error:
            raise CommandError(f"{to} already exists. Nothing was written.") from exists_error
        except OSError as os_error:
            raise CommandError(f"{to}: {os_error.strerror}.") from os_error
        self.stderr.write(f"{count} lines.")


def _parse_day(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"“{text}” is not a date. Write it as 2026-11-01.")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
