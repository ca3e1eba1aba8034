"""Writing to the audit log: actions, and access to people's details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from samsvar.site.audit.models import AuditEntry, ChangeNumber
from samsvar.site.audit.queries import AuditFilters, expired_entries


def record(
    *,
    by: AbstractBaseUser | None,
    verb: str,
    subject: str,
    details: dict[str, Any] | None = None,
    person: str = "",
    reason: str = "",
) -> AuditEntry:
    """Record who did what to which object. Call it inside the action's transaction, so that both succeed or neither.

    `by` is None for a management command. `details` hold values of the record, never anything about a person;
    `person` is the public id of the person concerned. Within a staff session its reason is used unless another is
    given.
    """
    return AuditEntry.objects.create(
        verb=verb, subject=subject, details=details or {}, person=person, **_entry_context(by, reason)
    )


def lock_change_number() -> None:
    """Lock the change number early, in a transaction that takes other locks as well and may change a page.

    The triggers lock it with the first row that is shown on a page. A transaction that reaches it while holding a
    lock that the current holder is waiting for would deadlock.
    """
    ChangeNumber.objects.select_for_update().order_by().values_list("number", flat=True).first()


def record_access(
    *, by: AbstractBaseUser | None, fields_by_person: Mapping[str, Iterable[str]], subject: str, reason: str = ""
) -> list[AuditEntry]:
    """Record access to details of people that are not public: the fields shown, by public id of the person.

    `by` is None for visitors with a personal link, in which case `subject` says so. One entry is written per
    person, so that a single query answers who accessed her details in a given period.
    """
    circumstances = _entry_context(by, reason)
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            verb="saw",
            subject=subject,
            details={"fields": sorted(fields)},
            saw=True,
            person=person,
            **circumstances,
        )
        for person, fields in fields_by_person.items()
    )


def remove_expired_entries(*, by: AbstractBaseUser | None) -> int:
    """Remove expired entries and add one that says how many; the caller has checked the permission.

    The database itself refuses to remove any other entry (`triggers`).
    """
    with transaction.atomic():
        removed, _each = expired_entries().delete()
        if removed:
            record(by=by, verb="removed old lines", subject="audit_log", details={"lines": removed})
    return removed


def record_export(
    *,
    by: AbstractBaseUser | None,
    filters: AuditFilters,
    count: int,
    file_format: str,
    verb: str = "exported the audit log",
) -> AuditEntry:
    """Record that entries of the audit log were exported, and which: readers of the log leave a trace in it too."""
    return record(
        by=by,
        verb=verb,
        subject="audit_log",
        details={**filters.said(), "lines": count, "as": file_format},
        person=filters.person,
    )


def _entry_context(by: AbstractBaseUser | None, reason: str) -> dict[str, Any]:
    session = getattr(by, "staff_session", None)  # set by site/network's middleware while one is open
    return {
        "actor": by,
        "why": reason or (session.reason if session else ""),
        "staff_session": session.pk if session else None,
        "keep_until": retention_end(timezone.now().date()),
    }


def retention_end(written_on: date) -> date:
    """Return the last day on which an entry written on this day is guaranteed to be kept."""
    return written_on + timedelta(days=settings.SAMSVAR_AUDIT_LOG_DAYS)
