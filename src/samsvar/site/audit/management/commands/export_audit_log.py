"""`samsvar-site export_audit_log`: lines of the trail as CSV or JSON lines, to standard output or a file."""

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
    help = "Writes lines of the trail, newest first. The export itself becomes a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--form", choices=list(files.FORMS), default="csv")
        parser.add_argument("--to", type=Path, help="a file that is not there yet; else standard output")
        parser.add_argument("--person", default="", help="public id of whom the lines are about")
        parser.add_argument("--account", default="", help="public id of who acted")
        parser.add_argument("--verb", default="")
        parser.add_argument("--kind", choices=["saw", "did"])
        parser.add_argument("--since", help="first day, as 2026-11-01")
        parser.add_argument("--until", help="last day, included")

    def handle(self, *, form: str, to: Path | None, person: str, account: str, verb: str, **said: Any) -> None:
        last = _day(said["until"])
        asked = queries.Asked(
            person=person,
            account=account,
            verb=verb,
            saw=None if said["kind"] is None else said["kind"] == "saw",
            since=_day(said["since"]),
            until=last + timedelta(days=1) if last else None,
        )
        found = queries.upto_now(queries.lines(asked))
        count = found.count()
        try:
            with to.open("x", encoding="utf-8", newline="") if to else nullcontext(self.stdout) as out:
                record_export(by=None, asked=asked, lines=count, form=form)
                for piece in files.written(queries.rows(found), queries.COLUMNS, form):
                    out.write(piece, ending="") if out is self.stdout else out.write(piece)
        except FileExistsError as there:
            raise CommandError(f"{to} is there already. Nothing was written.") from there
        except OSError as refused:
            raise CommandError(f"{to}: {refused.strerror}.") from refused
        self.stderr.write(f"{count} lines.")


def _day(said: str | None) -> datetime | None:
    if not said:
        return None
    try:
        day = parse_date(said)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"“{said}” is no day. Write it as 2026-11-01.")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
