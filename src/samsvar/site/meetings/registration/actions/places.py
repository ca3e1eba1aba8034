"""."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from samsvar.meetings import registration as library
from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.site.audit.actions import lock_changes, record
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions.emails import LETTER_OF, write_to
from samsvar.site.meetings.registration.errors import MeetingIsCancelled
from samsvar.site.network.access.permissions import Account

HOLDING = sorted(one.value for one in Standing if one.holds_a_place)
ORDER = {kind.value: number for number, kind in enumerate(QuotaKind)}


def promote(meeting: models.Meeting, *, site: str) -> list[models.Registration]:
    """Give free places to those who wait, in their order, past those whose quota is full. Under the line's lock.

    None are given at a meeting that is cancelled: whoever waits keeps their turn, in case it is held after all.
    """
    lock_line(meeting)
    if models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=False).exists():
        return []
    quotas = list(meeting.quotas.all())
    waiting = list(
        meeting.registrations.filter(standing=Standing.WAITING).select_related("meeting").order_by("waiting_number")
    )
    given = []
    for row in waiting:
        if any(quota.taken >= quota.places for quota in quotas_of(row, quotas)) or not _take(row, quotas):
            continue
        row.standing = Standing.ASKED if meeting.approval else Standing.CONFIRMED
        row.save(update_fields=["standing"])
        for quota in quotas_of(row, quotas):
            quota.taken += 1
        _record(row, None, "gave a free place on")
        write_to(row, LETTER_OF[Standing(row.standing)], site=site)
        given.append(row)
    return given


# --- Places -----------------------------------------------------------------------------------------------------------


def quotas_of(row: models.Registration, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """The quotas that a place for this registration is taken from, in the one order in which they are taken."""
    return _reached(quotas, country=row.state_id or "", group=row.group, category=row.category)


def quotas_of_delegation(row: models.Delegation, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """Those that a place is taken from before anybody is named: the whole, and that of its country."""
    return _reached(quotas, country=state_of(row), group="", category="")


def state_of(row: models.Delegation) -> str:
    """The country that a delegation counts under: its own, or that of its organisation."""
    return row.state_id or (row.organisation.state_id if row.organisation is not None else None) or ""


def _reached(quotas: Iterable[models.Quota], *, country: str, group: str, category: str) -> list[models.Quota]:
    return _in_order(
        quota
        for quota in quotas
        if library.Quota(QuotaKind(quota.kind), quota.key, quota.places).reaches(
            country=country, group=group, category=category
        )
    )


def _in_order(quotas: Iterable[models.Quota]) -> list[models.Quota]:
    return sorted(quotas, key=lambda quota: (-ORDER[quota.kind], quota.key))  # the whole, which all ask for, last


def swap(
    *, give: Iterable[models.Quota] = (), take: Iterable[models.Quota] = (), number: int = 1
) -> models.Quota | None:
    """So many places of some quotas for as many of others, all or nothing; the quota that had too few, else None.

    Each is looked at and counted in one statement, in the one order. What is given and taken is left alone: its place
    passes from one to the other, and nobody finds it free meanwhile.
    """
    given, wanted = {one.pk: one for one in give}, {one.pk: one for one in take}
    point = transaction.savepoint()
    for quota in _in_order(one for key, one in (given | wanted).items() if not (key in given and key in wanted)):
        row = models.Quota.objects.filter(pk=quota.pk)
        if quota.pk in given:
            row.filter(taken__gte=number).update(taken=F("taken") - number)
        elif not row.filter(taken__lte=F("places") - number).update(taken=F("taken") + number):
            transaction.savepoint_rollback(point)  # gives the locks back too
            return quota
    transaction.savepoint_commit(point)
    return None


def lock_line(meeting: models.Meeting) -> models.WaitingLine:
    """The line of a meeting, locked until the transaction ends: standings change one after another.

    The number of changes comes first: whoever enters a person has its lock before they come to the line.
    """
    lock_changes()
    models.WaitingLine.objects.get_or_create(meeting=meeting)
    return models.WaitingLine.objects.select_for_update().get(meeting=meeting)


def _take_or_wait(row: models.Registration, now: datetime) -> None:
    """A place from every quota, or a number in the line."""
    row.standing = Standing.ASKED if row.meeting.approval else Standing.CONFIRMED
    quotas = list(row.meeting.quotas.all())
    full = any(quota.taken >= quota.places for quota in quotas_of(row, quotas))
    if not full and _take(row, quotas):
        return
    line = lock_line(row.meeting)
    if _take(row):  # one may have become free before we had the lock
        return
    line.last += 1
    line.save(update_fields=["last"])
    row.standing, row.waiting_since, row.waiting_number = Standing.WAITING, now, line.last


def _take(row: models.Registration, quotas: Iterable[models.Quota] | None = None) -> bool:
    """One from every quota, each looked at and counted in one statement; from none where one has none left."""
    return swap(take=quotas_of(row, row.meeting.quotas.all() if quotas is None else quotas)) is None


def _give_back(row: models.Registration) -> None:
    """The place is its delegation's again, as long as that names people; else it is free."""
    quotas = list(row.meeting.quotas.all())
    before, delegation = quotas_of(row, quotas), row.delegation
    if delegation is not None and still_names(delegation, timezone.now()):
        if swap(give=before, take=quotas_of_delegation(delegation, quotas)) is None:
            models.Delegation.objects.filter(pk=delegation.pk).update(reserved=F("reserved") + 1)
            return
    swap(give=before)


def still_names(delegation: models.Delegation, now: datetime) -> bool:
    """Whether the head can still say who comes: until then places are kept for those whom they will name."""
    return delegation.nominate_until is None or delegation.nominate_until > now


def _locked(registration: models.Registration) -> models.Registration:
    """The row as it is now, under the lock of its meeting's line."""
    lock_line(registration.meeting)
    return models.Registration.objects.select_related("meeting", "invitation", "person").get(pk=registration.pk)


def _record(row: models.Registration, by: Account | None, verb: str, *, why: str = "", **more: Any) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"registration {row.public_id}",
        details={"meeting": row.meeting.public_id, "standing": str(row.standing), **more},
        person=row.person.public_id if row.person is not None else "",
        why=why[:300],
    )


def must_be_held(meeting: models.Meeting) -> None:
    if meeting.cancelled_at is not None:
        raise MeetingIsCancelled
