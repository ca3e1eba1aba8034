"""Deletion of data past its retention period: one transaction per rule, one audit log entry with the counts.

What is past its period depends on the clock. If the clock is more than a week ahead of the last deletion, nothing is
deleted until someone confirms the date: the site was switched off for that time, or the clock is wrong.

Owners of unused accounts are warned by email, and the accounts are anonymised at least thirty days later. Deactivated
accounts get no warning, because no one can sign in to keep them. If the person is a current member, only the account is
anonymised, and the profile is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.audit.actions import record, remove_expired_entries
from samsvar.site.audit.models import AuditEntry, RetentionRun
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import LastAdministrator
from samsvar.site.network.access.permissions import has_claim
from samsvar.site.network.accounts.personal_data import unused_accounts
from samsvar.site.network.data_inventory import RetentionRule, resolve_subject, retention_days, retention_rules
from samsvar.site.network.emails.actions import notify
from samsvar.site.network.privacy.actions import privacy
from samsvar.site.network.privacy.queries.files import unreferenced_files
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.models import RateLimitCounter
from samsvar.site.shell.uploads import delete_private_file

WARNING_VERB = "warned of an unused account"
WARNING_PERIOD = timedelta(days=30)  # between the warning and the deletion, to allow for a holiday
CACHE_TABLE = "samsvar_cache"
MAX_PAUSE = timedelta(days=7)  # between two deletions; the daily task can fail or be off for some days


class ClockJumped(SiteError):
    """Raised if more than `MAX_PAUSE` has passed since the last deletion, by the clock of this machine."""

    effect = _("Nothing was deleted.")
    advice = _("Check the date of the machine. If it is right, delete the data once and confirm the date.")

    def __init__(self, last_run: datetime, now: datetime) -> None:
        dates = {"now": now.date().isoformat(), "last": last_run.date().isoformat()}
        super().__init__(
            _("The clock says %(now)s, but data was last deleted on %(last)s: the clock may be wrong.") % dates
        )


def check_clock(now: datetime) -> None:
    """Raise `ClockJumped` if the clock is too far ahead of the last deletion of data."""
    last_run = RetentionRun.objects.values_list("at", flat=True).first()
    if last_run is not None and now - last_run > MAX_PAUSE:
        raise ClockJumped(last_run, now)


def run_retention(
    *, by: models.Account | None, now: datetime | None = None, is_date_confirmed: bool = False
) -> dict[str, int]:
    """Delete data past its retention period, and return the number of deleted rows by rule.

    `by` is None for the daily task or a command. Raises `ClockJumped`, unless someone has confirmed today's date.
    """
    if by is not None and not has_claim(by, Claim.RUN_RETENTION, UNLIMITED_SCOPE):
        raise PermissionDenied
    now = now or timezone.now()
    if not is_date_confirmed:
        check_clock(now)
    counts = {rule.key: _apply_rule(rule, now, by) for rule in retention_rules()}
    counts["unnamed_files"] = _delete_orphaned_files(now)
    _delete_expired_cache_rows(now)
    RetentionRun.objects.update_or_create(pk=1, defaults={"at": now})
    removed = {key: count for key, count in counts.items() if count}
    if removed:
        record(by=by, verb="deleted data past its retention period", subject="retention", details=removed)
        privacy.purge_deleted_database_pages()
    return removed


def warn_owners_of_unused_accounts(*, now: datetime) -> int:
    """Warn the owners of unused accounts that will be anonymised in thirty days, and return how many were warned."""
    rule = next(one for one in retention_rules() if one.key == "unused_accounts")
    limit = now - timedelta(days=retention_days(rule)) + WARNING_PERIOD
    sent = 0
    for account in unused_accounts(limit).filter(is_active=True):
        if _last_warned_at(account, since=account.last_login or account.joined_at) is None:
            with transaction.atomic():
                until = (now + WARNING_PERIOD).date()
                notify(account, "network/unused_account", until=until.isoformat())
                record(by=None, verb=WARNING_VERB, subject=f"account {account.public_id}")
            sent += 1
    return sent


def _apply_rule(rule: RetentionRule, now: datetime, by: models.Account | None) -> int:
    match rule.key:
        case "audit_log":
            return remove_expired_entries(by=by)
        case "unused_accounts":
            return _anonymise_unused_accounts(rule.get_due_rows(now), now)
        case _:
            with transaction.atomic():
                rows = rule.get_due_rows(now)
                if rule.remove is not None:
                    return rule.remove(rows)
                row_ids = list(rows.values_list("pk", flat=True))
                rows.model._default_manager.filter(pk__in=row_ids).delete()
                return len(row_ids)


def _anonymise_unused_accounts(accounts: Iterable[Any], now: datetime) -> int:
    """Anonymise accounts whose owners were warned long enough ago and have not signed in since; return how many."""
    anonymised = 0
    for account in list(accounts):
        warned_at = _last_warned_at(account, since=account.last_login or account.joined_at)
        if account.is_active and (warned_at is None or warned_at > now - WARNING_PERIOD):
            continue  # deactivated accounts do not wait, because no one can sign in to keep them
        memberships = models.Membership.objects.filter(person__account=account)
        is_member = memberships.filter(Q(ends__isnull=True) | Q(ends__gte=now.date())).exists()
        subject = resolve_subject(account=account)
        if is_member:
            subject = replace(subject, person=None)
        try:
            privacy.erase_personal_data(subject=subject, by=None, channel="unused account", now=now)
        except LastAdministrator:  # became the last administrator in the meantime
            continue
        anonymised += 1
    return anonymised


def _last_warned_at(account: models.Account, *, since: datetime) -> datetime | None:
    """Return when the account's owner was last warned; None if they have not been warned since `since`."""
    entries = AuditEntry.objects.filter(verb=WARNING_VERB, subject=f"account {account.public_id}", at__gte=since)
    return entries.order_by("-at").values_list("at", flat=True).first()


def _delete_orphaned_files(now: datetime) -> int:
    """Delete private files that no row refers to, because no one could see or erase them; return their number."""
    orphaned_hashes = unreferenced_files(now)
    for hash_ in orphaned_hashes:
        delete_private_file(hash_)
    return len(orphaned_hashes)


def _delete_expired_cache_rows(now: datetime) -> None:
    """Delete expired rows from the cache table, because its keys contain IP addresses, and empty counters."""
    RateLimitCounter.objects.filter(empty_at__lt=now.timestamp()).delete()
    if CACHE_TABLE in connection.introspection.table_names():
        table = connection.ops.quote_name(CACHE_TABLE)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [connection.ops.adapt_datetimefield_value(now)])
