"""Handing somebody's data out, and erasing somebody: both by what the apps have registered, row by row.

Erasure keeps the record consistent. Account and person stay as empty rows, so that counts, terms and judgements stay
true; everything else goes as its holding says. What is written down of it is a public id that leads to no name.
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

from samsvar.network.membership import NetworkError
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import must_leave_an_administrator
from samsvar.site.network.access.permissions import can_erase, forget_access
from samsvar.site.network.data_inventory import Fate, Holding, Subject, holdings
from samsvar.site.network.privacy.queries.privacy import my_data


class NobodyThere(NetworkError):
    """There is nothing left, or never was anything, to hand out or to erase."""

    code = "nobody_there"
    kept = "Everything is as it was."


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: how many rows of each holding were deleted or emptied."""

    public_ids: frozenset[str]
    counts: dict[str, int]


def hand_out(*, subject: Subject, by: models.Account | None) -> bytes:
    """Everything the site holds of somebody as one ZIP: for machines, for people, and their photographs.

    `by` is the account itself; None is a command, for a request that came by letter. Nobody gets another's.
    """
    if by is not None and by != subject.account:
        raise PermissionDenied
    if subject.account is None and subject.person is None and not subject.addresses:
        raise NobodyThere("There is nobody of whom data could be handed out.")
    language = (subject.account.language if subject.account else "") or get_language() or "en"
    with transaction.atomic(), override(language):
        data = my_data(subject, now=timezone.now())
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("my-data.json", json.dumps(data.as_json(), ensure_ascii=False, indent=1))
            page = {"data": data, "language": language}
            archive.writestr("my-data.html", render_to_string("network/privacy_my_data_file.html", page))
            for holding in holdings():
                if holding.files:
                    for row in holding.handed_to(subject):
                        for name, content in holding.files(row):
                            archive.writestr(name, content)
        record(
            by=by,
            verb="handed out data",
            subject=_named(subject),
            person=subject.person.public_id if subject.person else "",
            details=data.counts(),
        )
    return packed.getvalue()


def erase(
    *,
    subject: Subject,
    by: models.Account | None,
    asked: str,
    received: date | None = None,
    now: datetime | None = None,
) -> Erased:
    """Erase somebody, in one transaction; their browsers are signed out the moment it ends.

    `asked` says how it was asked for: "on the site", "by letter", or "unused account". Raises `LastAdministrator`
    before the site is left without one, and `NobodyThere` where there is nobody any more.
    """
    now = now or timezone.now()
    if by is not None and by != subject.account and not _may_erase(by, subject):
        raise PermissionDenied
    with transaction.atomic():
        _lock(subject)
        found = {holding.key: _rows(holding, subject) for holding in holdings()}
        counts = {holding.key: _erase(holding, subject, found[holding.key], now) for holding in holdings()}
        done = {key: count for key, count in counts.items() if count}
        record(
            by=by,
            verb="erased somebody",
            subject=_named(subject),
            person=subject.person.public_id if subject.person else "",
            details={"asked": asked, "received": received.isoformat() if received else "", "rows": done},
        )
        transaction.on_commit(forget_pages)
    if subject.account is not None:
        forget_access(subject.account)
    return Erased(subject.public_ids, done)


def forget_pages() -> None:
    """Let SQLite write what is in its journal over the old pages, which `secure_delete` has blanked, and empty it.

    PostgreSQL does the like by itself (autovacuum); backups are spoken of in docs/how-to/answer-data-requests.md.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _may_erase(by: models.Account, subject: Subject) -> bool:
    return can_erase(by, account=subject.account, person=subject.person)


def _lock(subject: Subject) -> None:
    """Hold account and person, and see that they are there and may go."""
    there = False
    if subject.account is not None:
        must_leave_an_administrator(accounts=[subject.account.pk])  # first: the order of locks in actions.rights
        account = models.Account.objects.select_for_update().get(pk=subject.account.pk)
        there = account.erased_at is None
    if subject.person is not None:
        person = models.Person.objects.select_for_update().get(pk=subject.person.pk)
        there = there or person.erased_at is None
    if not there and not any(_rows(holding, subject) for holding in holdings() if holding.fate is Fate.DELETED):
        raise NobodyThere("There is nothing to erase.")


def _rows(holding: Holding, subject: Subject) -> list[Any]:
    return list(holding.erased_with(subject).values_list("pk", flat=True))


def _erase(holding: Holding, subject: Subject, keys: list[Any], now: datetime) -> int:
    """What one holding says is done; the rows were found before anything went, so that no order is wrong."""
    if not keys or holding.fate is Fate.KEPT:
        return 0
    rows = holding.table._default_manager.filter(pk__in=keys)
    if holding.erase is not None:
        return holding.erase(subject, rows, now)
    if holding.fate is Fate.DELETED:
        gone, _per_table = rows.delete()
        return gone
    for row in rows:
        for column, value in holding.empty.items():
            setattr(row, column, value(row) if callable(value) else value)
        row.save(update_fields=[*holding.empty])
    return len(keys)


def _named(subject: Subject) -> str:
    if subject.account is not None:
        return f"account {subject.account.public_id}"
    return f"person {subject.person.public_id}" if subject.person else "an address"
