"""Export and erasure of a person's data, category by category as registered by the apps.

Erasure keeps the account and the person as empty rows, so that counts, terms and ratings stay correct. All other data
is handled as its category specifies. The audit log keeps only a public ID, which can no longer be linked to a name.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import ensure_administrator_remains
from samsvar.site.network.access.permissions import can_erase_personal_data, clear_cached_access
from samsvar.site.network.data_inventory import DataCategory, ErasureMethod, SubjectOfRequest, data_categories
from samsvar.site.network.privacy.queries.my_data import my_data
from samsvar.site.shell.errors import SiteError


class SubjectNotFound(SiteError):
    """Raised when there is no data about the person to export or to delete."""

    message = _("This site no longer holds any data about this person.")


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The result of an erasure: how many rows of each category were deleted or anonymised."""

    public_ids: frozenset[str]
    counts: dict[str, int]


def export_personal_data(*, subject: SubjectOfRequest, by: models.Account | None) -> bytes:
    """Return all data about a person as a ZIP file with JSON, HTML and the person's photographs.

    `by` is the person's own account, or None for a command that handles a written request. No one can export another
    person's data.
    """
    if by is not None and by != subject.account:
        raise PermissionDenied
    if subject.account is None and subject.person is None and not subject.addresses:
        raise SubjectNotFound
    language = (subject.account.language if subject.account else "") or get_language() or "en"
    with transaction.atomic(), override(language):
        data = my_data(subject, now=timezone.now())
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("my-data.json", json.dumps(data.to_json_data(), ensure_ascii=False, indent=1))
            context = {"data": data, "language": language}
            archive.writestr("my-data.html", render_to_string("network/privacy/my_data_file.html", context))
            for category in data_categories():
                if category.files:
                    for instance in category.get_exported_rows(subject):
                        for name, content in category.files(instance):
                            archive.writestr(name, content)
        _record(subject, "exported personal data", by=by, details=data.count_rows())
    return buffer.getvalue()


def erase_personal_data(
    *,
    subject: SubjectOfRequest,
    by: models.Account | None,
    channel: str,
    received: date | None = None,
    now: datetime | None = None,
) -> ErasureResult:
    """Erase a person's data in one transaction; their sessions end when it is committed.

    `channel` is how erasure was requested: "on the site", "by letter", or "unused account". `by` is None for a command
    or the daily task. Raises `LastAdministrator` if the site would be left without an administrator, and
    `SubjectNotFound` if there is no data left.
    """
    now = now or timezone.now()
    needs_permission = by is not None and by != subject.account
    if needs_permission and not can_erase_personal_data(by, account=subject.account, person=subject.person):
        raise PermissionDenied
    with transaction.atomic():
        _lock_subject(subject)
        row_ids = {category.key: _row_ids_to_erase(category, subject) for category in data_categories()}
        counts = {
            category.key: _erase_category(category, subject, row_ids[category.key], now)
            for category in data_categories()
        }
        erased = {key: count for key, count in counts.items() if count}
        details = {"asked": channel, "received": received.isoformat() if received else "", "rows": erased}
        _record(subject, "erased a person's data", by=by, details=details)
        transaction.on_commit(purge_deleted_database_pages)
    if subject.account is not None:
        clear_cached_access(subject.account)
    return ErasureResult(subject.public_ids, erased)


def purge_deleted_database_pages() -> None:
    """Checkpoint SQLite and truncate its journal, so that pages blanked by `secure_delete` replace the old ones.

    PostgreSQL does something similar by itself (autovacuum). For backups, see docs/how-to/answer-data-requests.md.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _lock_subject(subject: SubjectOfRequest) -> None:
    """Lock the account and the person. Raises SubjectNotFound (nothing to erase) or LastAdministrator."""
    exists = False
    if subject.account is not None:
        ensure_administrator_remains(accounts=[subject.account.pk])  # first, to lock in the order of the role actions
        account = models.Account.objects.select_for_update().get(pk=subject.account.pk)
        exists = account.erased_at is None
    if subject.person is not None:
        person = models.Person.objects.select_for_update().get(pk=subject.person.pk)
        exists = exists or person.erased_at is None
    if not exists and not any(
        _row_ids_to_erase(category, subject)
        for category in data_categories()
        if category.erasure.method is ErasureMethod.DELETED
    ):
        raise SubjectNotFound


def _row_ids_to_erase(category: DataCategory, subject: SubjectOfRequest) -> list[Any]:
    return list(category.get_erased_rows(subject).values_list("pk", flat=True))


def _erase_category(category: DataCategory, subject: SubjectOfRequest, row_ids: list[Any], now: datetime) -> int:
    """Erase rows of a category, and return their number. All were selected beforehand, so the order is irrelevant."""
    if not row_ids or category.erasure.method is ErasureMethod.KEPT:
        return 0
    rows = category.model._default_manager.filter(pk__in=row_ids)
    if category.erasure.function is not None:
        return category.erasure.function(subject, rows, now)
    if category.erasure.method is ErasureMethod.DELETED:
        deleted, _per_table = rows.delete()
        return deleted
    for instance in rows:
        for column, value in category.erasure.new_values.items():
            setattr(instance, column, value(instance) if callable(value) else value)
        instance.save(update_fields=[*category.erasure.new_values])
    return len(row_ids)


def _record(subject: SubjectOfRequest, verb: str, *, by: models.Account | None, details: dict[str, Any]) -> None:
    person = f"person {subject.person.public_id}" if subject.person else "an address"
    audit_subject = f"account {subject.account.public_id}" if subject.account else person
    person_id = subject.person.public_id if subject.person else ""
    record(by=by, verb=verb, subject=audit_subject, person=person_id, details=details)
