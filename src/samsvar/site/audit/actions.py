"""Functions that write to the audit log: actions, and access to people's details."""

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
    """Record who did what to which object; call this inside the action's transaction, so that both succeed or fail.

    `by` is None for a management command. `details` may contain facts about the object, but never about a person;
    `person` is the public id of the person concerned. Within a staff session, the reason of the session is used unless
    another is given.
    """
    return AuditEntry.objects.create(
        verb=verb, subject=subject, details=details or {}, person=person, **_entry_context(by, reason)
    )


def lock_change_number() -> None:
    """Lock the change number early, in a transaction that also takes other locks and may change a page.

    Otherwise the triggers lock it at the first change of a row that is shown on a page. If this transaction then
    already held a lock that the current holder of the change number is waiting for, the two transactions would
    deadlock.
    """
    ChangeNumber.objects.select_for_update().order_by().values_list("number", flat=True).first()


def record_access(
    *, by: AbstractBaseUser | None, fields_by_person: Mapping[str, Iterable[str]], subject: str, reason: str = ""
) -> list[AuditEntry]:
    """Record access to people's non-public details: the fields shown, by public id of the person.

    `by` is None for visitors with a personal link, in which case `subject` says so. One entry is written per
    person, so that a single query lists who accessed a person's details in a given period.
    """
    circumstances = _entry_context(by, reason)
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            verb="saw", subject=subject, details={"fields": sorted(fields)}, saw=True, person=person, **circumstances
        )
        for person, fields in fields_by_person.items()
    )


def remove_expired_entries(*, by: AbstractBaseUser | None) -> int:
    """Remove expired entries, record how many were removed, and return that number. The caller checks the permission.

    The database itself refuses to delete any other entry (see `triggers`).
    """
    with transaction.atomic():
        removed, _each = expired_entries().delete()
        if removed:
            record(by=by, verb="deleted expired entries", subject="audit_log", details={"lines": removed})
    return removed


def record_export(
    *,
    by: AbstractBaseUser | None,
    filters: AuditFilters,
    count: int,
    file_format: str,
    verb: str = "exported the audit log",
) -> AuditEntry:
    """Record which entries of the audit log were exported, because reading the log is logged too."""
    details = {**filters.to_details(), "lines": count, "as": file_format}
    return record(by=by, verb=verb, subject="audit_log", details=details, person=filters.person)


def _entry_context(by: AbstractBaseUser | None, reason: str) -> dict[str, Any]:
    session = getattr(by, "staff_session", None)  # set by site/network's middleware while a staff session is open
    return {
        "actor": by,
        "why": reason or (session.reason if session else ""),
        "staff_session": session.pk if session else None,
        "keep_until": retention_end(timezone.now().date()),
    }


def retention_end(written_on: date) -> date:
    """Return the last day on which an entry written on a given day is guaranteed to be kept."""
    return written_on + timedelta(days=settings.SAMSVAR_AUDIT_LOG_DAYS)
