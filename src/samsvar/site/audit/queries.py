"""Queries for the change number and the audit log: who did or accessed what and when."""

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

from samsvar.site.audit.models import AuditEntry

CHANGE_NUMBER_SQL = "SELECT number FROM samsvar_audit_changenumber WHERE id = 1"


def get_change_number(using: BaseDatabaseWrapper | None = None) -> int:
    """Return the number that grows with every change to what the site shows; 0 if the database has no such row.

    This is one query by primary key. Read the number *before* the data that is cached under it, never after.
    """
    with (using or connection).cursor() as cursor:
        cursor.execute(CHANGE_NUMBER_SQL)
        result = cursor.fetchone()
    return result[0] if result else 0


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Filters for the audit log; empty values are ignored."""

    person: str = ""  # public id of the person concerned
    account: str = ""  # public id of the account that acted
    subject: str = ""
    verb: str = ""
    saw: bool | None = None  # True: accessed a person's details; False: another action
    since: datetime | None = None  # inclusive
    until: datetime | None = None  # exclusive
    staff_session: UUID | None = None

    def to_details(self) -> dict[str, Any]:
        """Return the filters in use, as details of an audit entry, except the person, who has a separate column."""
        details = {
            "account": self.account,
            "subject": self.subject,
            "verb": self.verb,
            "kind": {None: "", True: "saw", False: "did"}[self.saw],
            "since": _format_time(self.since),
            "until": _format_time(self.until),
            "staff_session": str(self.staff_session or ""),
        }
        return {key: value for key, value in details.items() if value}


# The columns of an exported entry: public ids only, no names and no addresses.
EXPORT_COLUMNS = ("at", "account", "kind", "verb", "subject", "person", "details", "why", "staff_session", "kept_until")
ACCESS_COLUMNS = ("at", "account", "fields", "subject", "why", "staff_session")


def filtered_entries(filters: AuditFilters) -> QuerySet[AuditEntry]:
    """Return the entries that match the filters, newest first, with the actors in the same query."""
    entries = AuditEntry.objects.select_related("actor")
    exact = {
        "person": filters.person,
        "actor__public_id": filters.account,
        "subject": filters.subject,
        "verb": filters.verb,
        "staff_session": filters.staff_session,
        "at__gte": filters.since,
        "at__lt": filters.until,
    }
    entries = entries.filter(**{column: value for column, value in exact.items() if value})
    return entries if filters.saw is None else entries.filter(saw=filters.saw)


def limit_to_existing_entries(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Return only the entries that exist now, so that a file written later has the announced number of entries."""
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first()
    return entries.filter(id__lte=last or 0)


def accesses_to_person(person: str, since: datetime, until: datetime) -> QuerySet[AuditEntry]:
    """Return the accesses to a person's details from `since` (inclusive) to `until` (exclusive), earliest first."""
    return filtered_entries(AuditFilters(person=person, saw=True, since=since, until=until)).order_by("at", "id")


def expired_entries() -> QuerySet[AuditEntry]:
    """Return the entries whose `keep_until` date has passed."""
    return AuditEntry.objects.filter(keep_until__lt=timezone.now().date())


def iter_export_rows(entries: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an export of audit entries; the entries are read a thousand at a time."""
    for entry in entries.iterator(chunk_size=1000):
        yield {
            "at": _format_time(entry.at),
            "account": _account_id(entry),
            "kind": "saw" if entry.saw else "did",
            "verb": entry.verb,
            "subject": entry.subject,
            "person": entry.person,
            "details": entry.details,
            "why": entry.why,
            "staff_session": str(entry.staff_session or ""),
            "kept_until": entry.keep_until.isoformat(),
        }


def iter_access_rows(accesses: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an export of accesses to a person's details."""
    for entry in accesses.iterator(chunk_size=1000):
        yield {
            "at": _format_time(entry.at),
            "account": _account_id(entry),
            "fields": entry.details.get("fields", []),
            "subject": entry.subject,
            "why": entry.why,
            "staff_session": str(entry.staff_session or ""),
        }


def _account_id(entry: AuditEntry) -> str:
    return getattr(entry.actor, "public_id", "")  # "" for a management command


def _format_time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


class ChangeNumberReader:
    """A reader of the change number outside Django's requests, with one persistent connection per thread.

    Calling it returns None if the database does not respond. A call takes about 5 µs on SQLite and 80 µs on
    PostgreSQL (2026-11), so it can be made on every request.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def __call__(self) -> int | None:
        # The connection may have died since the last request; a second failure is the database's fault.
        for _attempt in range(2):
            with contextlib.suppress(Exception):
                return self._read_number()
            self.close()
        return None

    def close(self) -> None:
        """Close this thread's connection."""
        with contextlib.suppress(Exception):
            self._local.wrapper.close()
        self._local.wrapper = None

    def _read_number(self) -> int | None:
        if (wrapper := getattr(self._local, "wrapper", None)) is None:
            wrapper = self._local.wrapper = connections.create_connection("default")
            wrapper.ensure_connection()
        # Use the driver's connection, because Django's cursors cost more than the query. Use fetchall, not
        # fetchone, because an unfinished statement would keep SQLite's snapshot of an earlier moment.
        rows = wrapper.connection.execute(CHANGE_NUMBER_SQL).fetchall()
        return rows[0][0] if rows else None
