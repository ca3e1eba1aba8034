"""What is past its time goes: each kind in its own transaction, and one line in the trail that says how much went.

An account that nobody signs in to gets a letter first, and is emptied thirty days after it at the earliest; a closed
one, which cannot be signed in to, is emptied without. Where it
belongs to somebody who is a member today only the account goes: the entry is the person's and the secretariat's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.network.membership import NetworkError
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.audit.actions import record, remove_old_lines
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.access.permissions import holds
from samsvar.site.network.accounts.personal_data import unused_accounts
from samsvar.site.network.data_inventory import Kind, account_alone, days_of, kinds, subject_of
from samsvar.site.network.emails.actions import post_letter
from samsvar.site.network.privacy.actions import privacy
from samsvar.site.network.privacy.queries.files import unnamed_files
from samsvar.site.shell.uploads import remove_private

WARNED = "warned of an unused account"
WARNING = timedelta(days=30)  # between the letter and the end; somebody may be away for a holiday
CACHE_TABLE = "samsvar_cache"


def run_retention(*, by: models.Account | None, now: datetime | None = None) -> dict[str, int]:
    """Remove what is past its time and say how many rows of each kind went; `by` None: the daily task or a command."""
    if by is not None and not holds(by, Claim.RUN_RETENTION, ANYTHING):
        raise PermissionDenied
    now = now or timezone.now()
    gone = {kind.key: _remove(kind, now, by) for kind in kinds()}
    gone["unnamed_files"] = _remove_unnamed_files(now)
    _forget_limits(now)
    removed = {key: count for key, count in gone.items() if count}
    if removed:
        record(by=by, verb="removed what was past its time", subject="retention", details=removed)
        privacy.forget_pages()
    return removed


def warn_unused(*, now: datetime, host: str) -> int:
    """Write to whoever has not signed in for so long that the account will be emptied in thirty days."""
    kind = next(one for one in kinds() if one.key == "unused_accounts")
    limit = now - timedelta(days=days_of(kind)) + WARNING
    written = 0
    for account in unused_accounts(limit).filter(is_active=True):
        if _warned(account, since=account.last_login or account.joined_at) is None:
            with transaction.atomic():
                until = (now + WARNING).date()
                post_letter(
                    to=account.email,
                    kind="network/unused_account",
                    context={"until": until.isoformat()},
                    host=host,
                    account=account,
                )
                record(by=None, verb=WARNED, subject=f"account {account.public_id}")
            written += 1
    return written


def _remove(kind: Kind, now: datetime, by: models.Account | None) -> int:
    match kind.key:
        case "audit_log":
            return remove_old_lines(by=by)
        case "unused_accounts":
            return _empty_unused(kind.due(now), now)
        case _:
            with transaction.atomic():
                rows = kind.due(now)
                if kind.remove is not None:
                    return kind.remove(rows)
                keys = list(rows.values_list("pk", flat=True))
                rows.model._default_manager.filter(pk__in=keys).delete()
                return len(keys)


def _empty_unused(accounts: Iterable[Any], now: datetime) -> int:
    """Empty those that were warned long enough ago and have not been used since."""
    emptied = 0
    for account in list(accounts):
        warned = _warned(account, since=account.last_login or account.joined_at)
        if account.is_active and (warned is None or warned > now - WARNING):
            continue  # who cannot sign in could not keep the account by signing in
        member = _current_terms(account, now).exists()
        subject = account_alone(account) if member else subject_of(account=account)
        try:
            privacy.erase(subject=subject, by=None, asked="unused account", now=now)
        except NetworkError:  # the last administrator, whoever gave them that role meanwhile
            continue
        emptied += 1
    return emptied


def _current_terms(account: models.Account, now: datetime) -> QuerySet[models.Membership]:
    return models.Membership.objects.filter(person__account=account).filter(
        Q(ends__isnull=True) | Q(ends__gte=now.date())
    )


def _warned(account: models.Account, *, since: datetime) -> datetime | None:
    """When the account was last written to about not being used, after a moment; None where it was not."""
    lines = Entry.objects.filter(verb=WARNED, subject=f"account {account.public_id}", at__gte=since)
    return lines.order_by("-at").values_list("at", flat=True).first()


def _remove_unnamed_files(now: datetime) -> int:
    """Take away private files that no row names; nobody could see or erase them, because nothing leads to them."""
    unnamed = unnamed_files(now)
    for hash_ in unnamed:
        remove_private(hash_)
    return len(unnamed)


def _forget_limits(now: datetime) -> None:
    """Take out of the cache's table what has run out: network addresses stand in its keys."""
    if CACHE_TABLE in connection.introspection.table_names():
        table = connection.ops.quote_name(CACHE_TABLE)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [connection.ops.adapt_datetimefield_value(now)])
