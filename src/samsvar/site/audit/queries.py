"""What others ask the trail: the change number, the lines about one thing, and who did or saw what and when."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.utils import timezone

from samsvar.site.audit.models import Entry

CHANGE_NUMBER = "SELECT number FROM samsvar_audit_change WHERE id = 1"


def change_number(using: BaseDatabaseWrapper | None = None) -> int:
    """The number that rises with every change of what the site shows; 0 in a database without the row.

    One query by primary key; read it *before* whatever is to be kept under it, never after.
    """
    with (using or connection).cursor() as cursor:
        cursor.execute(CHANGE_NUMBER)
        row = cursor.fetchone()
    return row[0] if row else 0


def lines_about(subject: str) -> QuerySet[Entry]:
    """The trail of one thing, newest first, with the actors' names in the same query."""
    return Entry.objects.filter(subject=subject).select_related("actor")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of the trail somebody asks for; what is not said narrows nothing."""

    person: str = ""  # public id of whom a line is about
    account: str = ""  # public id of who acted
    subject: str = ""
    verb: str = ""
    saw: bool | None = None  # True: looked at a person's details; False: did something
    since: datetime | None = None  # included
    until: datetime | None = None  # not included
    staff_session: UUID | None = None

    def said(self) -> dict[str, Any]:
        """What narrows, for the trail's own line about being read; the person has a column of their own there."""
        told = {
            "account": self.account,
            "subject": self.subject,
            "verb": self.verb,
            "kind": {None: "", True: "saw", False: "did"}[self.saw],
            "since": _iso(self.since),
            "until": _iso(self.until),
            "staff_session": str(self.staff_session or ""),
        }
        return {key: value for key, value in told.items() if value}


EVERYTHING = Asked()

# What a line is outside the site: no name and no address, only public ids.
COLUMNS = ("at", "account", "kind", "verb", "subject", "person", "details", "why", "staff_session", "kept_until")
SIGHT_COLUMNS = ("at", "account", "fields", "subject", "why", "staff_session")


def lines(asked: Asked = EVERYTHING) -> QuerySet[Entry]:
    """The lines asked for, newest first, with who acted in the same query."""
    found = Entry.objects.select_related("actor")
    exact = {
        "person": asked.person,
        "actor__public_id": asked.account,
        "subject": asked.subject,
        "verb": asked.verb,
        "staff_session": asked.staff_session,
        "at__gte": asked.since,
        "at__lt": asked.until,
    }
    found = found.filter(**{column: value for column, value in exact.items() if value})
    return found if asked.saw is None else found.filter(saw=asked.saw)


def no_lines() -> QuerySet[Entry]:
    return Entry.objects.none()


def upto_now(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """Only the lines that are there now: a file that takes a while to write has the lines it was said to have."""
    last = Entry.objects.order_by("-id").values_list("id", flat=True).first()
    return found.filter(id__lte=last or 0)


def sights(person: str, since: datetime, until: datetime) -> QuerySet[Entry]:
    """Who saw this person between two times (the first included), what of them and why; the earliest first."""
    return lines(Asked(person=person, saw=True, since=since, until=until)).order_by("at", "id")


def old_lines() -> QuerySet[Entry]:
    """The lines whose time is over: what `remove_old_lines` would remove today."""
    return Entry.objects.filter(keep_until__lt=timezone.now().date())


def rows(found: QuerySet[Entry]) -> Iterator[dict[str, Any]]:
    """Lines as rows for a file, read a thousand at a time."""
    for line in found.iterator(chunk_size=1000):
        yield {
            "at": _iso(line.at),
            "account": _account(line),
            "kind": "saw" if line.saw else "did",
            "verb": line.verb,
            "subject": line.subject,
            "person": line.person,
            "details": line.details,
            "why": line.why,
            "staff_session": str(line.staff_session or ""),
            "kept_until": line.keep_until.isoformat(),
        }


def sight_rows(found: QuerySet[Entry]) -> Iterator[dict[str, Any]]:
    """Sights as rows for a file."""
    for line in found.iterator(chunk_size=1000):
        yield {
            "at": _iso(line.at),
            "account": _account(line),
            "fields": line.details.get("fields", []),
            "subject": line.subject,
            "why": line.why,
            "staff_session": str(line.staff_session or ""),
        }


def _account(line: Entry) -> str:
    return getattr(line.actor, "public_id", "")  # "": a command did it


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


class LastingNumber:
    """The change number outside Django's requests, over one lasting connection for each thread; None without an answer.

    Costs some 5 µs on SQLite and 80 µs on PostgreSQL (2026-11), so that it can be asked on every request.
    """

    def __init__(self) -> None:
        self._own = threading.local()

    def __call__(self) -> int | None:
        for _attempt in range(
            2
        ):  # a connection may have died since the last request; a second failure is the database's
            with contextlib.suppress(Exception):
                return self._read()
            self.close()
        return None

    def close(self) -> None:
        """Give this thread's connection back."""
        with contextlib.suppress(Exception):
            self._own.wrapper.close()
        self._own.wrapper = None

    def _read(self) -> int | None:
        if (wrapper := getattr(self._own, "wrapper", None)) is None:
            wrapper = self._own.wrapper = connections.create_connection("default")
            wrapper.ensure_connection()
        # The driver's own connection: Django's cursors cost more than the query. fetchall, not fetchone: an unfinished
        # statement would hold SQLite's view of an older moment.
        rows = wrapper.connection.execute(CHANGE_NUMBER).fetchall()
        return rows[0][0] if rows else None
