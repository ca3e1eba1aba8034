"""Actions on places: quotas, the waiting list, and the locks that keep both consistent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions.emails import EMAIL_FOR_STATUS, email_participant
from samsvar.site.meetings.registration.errors import MeetingIsCancelled, QuotaFull
from samsvar.site.meetings.registration.queries.quotas import delegation_quotas, registration_quotas, sort_for_locking
from samsvar.site.network.access.permissions import Account, Person


def promote_from_waiting_list(meeting: models.Meeting) -> list[models.Registration]:
    """Give free places to people on the waiting list, in order, and return their registrations.

    People whose quota is full are skipped. The waiting list is locked. A cancelled meeting gives no places, but
    everyone keeps their position in case the meeting is reinstated.
    """
    lock_waiting_list(meeting)
    if models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=False).exists():
        return []
    quotas = list(meeting.quotas.all())
    waiting = meeting.registrations.filter(status=RegistrationStatus.WAITING).select_related("meeting")
    promoted = []
    for registration in waiting.order_by("waiting_number"):
        needed = registration_quotas(registration, quotas)
        if any(quota.taken >= quota.places for quota in needed) or not take_place(registration, quotas):
            continue
        registration.status = RegistrationStatus.ASKED if meeting.approval else RegistrationStatus.CONFIRMED
        registration.save(update_fields=["status"])
        for quota in needed:
            quota.taken += 1
        record_registration_change(registration, None, "released a place")
        email_participant(registration, EMAIL_FOR_STATUS[RegistrationStatus(registration.status)])
        promoted.append(registration)
    return promoted


# --- Places -----------------------------------------------------------------------------------------------------------


def transfer_quota_places(
    *, give: Iterable[models.Quota] = (), take: Iterable[models.Quota] = (), number: int = 1
) -> models.Quota | None:
    """Move `number` places between quotas atomically. If a quota is full, move none and return that quota.

    Each quota is checked and updated in one statement, in locking order. A quota in both `give` and `take` is skipped,
    so that its place is never free in between.
    """
    released, wanted = {one.pk: one for one in give}, {one.pk: one for one in take}
    savepoint = transaction.savepoint_create()
    for quota in sort_for_locking((released | wanted)[key] for key in released.keys() ^ wanted.keys()):
        quota_rows = models.Quota.objects.filter(pk=quota.pk)
        if quota.pk in released:
            quota_rows.filter(taken__gte=number).update(taken=F("taken") - number)
        elif not quota_rows.filter(taken__lte=F("places") - number).update(taken=F("taken") + number):
            transaction.savepoint_rollback(savepoint)  # releases the locks too
            return quota
    transaction.savepoint_commit(savepoint)
    return None


def lock_waiting_list(meeting: models.Meeting) -> models.WaitingList:
    """Lock the waiting list of a meeting until the transaction ends, so that statuses change one after another.

    The change number is locked first, as in actions that create a person before they lock the waiting list. Otherwise
    two transactions could wait for each other.
    """
    lock_change_number()
    models.WaitingList.objects.get_or_create(meeting=meeting)
    return models.WaitingList.objects.select_for_update().get(meeting=meeting)


def take_place_or_wait(registration: models.Registration, now: datetime) -> None:
    """Give a registration a place, from every quota that it counts against, or a number on the waiting list."""
    registration.status = RegistrationStatus.ASKED if registration.meeting.approval else RegistrationStatus.CONFIRMED
    quotas = list(registration.meeting.quotas.all())
    full = any(quota.taken >= quota.places for quota in registration_quotas(registration, quotas))
    if not full and take_place(registration, quotas):
        return
    waiting_list = lock_waiting_list(registration.meeting)
    if take_place(registration):  # a place may have become free before the lock
        return
    waiting_list.last += 1
    waiting_list.save(update_fields=["last"])
    registration.status = RegistrationStatus.WAITING
    registration.waiting_since, registration.waiting_number = now, waiting_list.last


def take_place(registration: models.Registration, quotas: Iterable[models.Quota] | None = None) -> bool:
    """Take a place from every quota, or from none if any is full, and return whether a place was taken."""
    quotas = registration.meeting.quotas.all() if quotas is None else quotas
    return transfer_quota_places(take=registration_quotas(registration, quotas)) is None


def move_place(registration: models.Registration, **changes: str | bool | None) -> None:
    """Change the country, group or category of a registration, or whether it counts by country, and move its place.

    Raises `QuotaFull` if one of the new quotas is full. The caller saves the registration.
    """
    quotas = list(registration.meeting.quotas.all())
    quotas_before = registration_quotas(registration, quotas)
    for name, value in changes.items():
        setattr(registration, name, value)
    if RegistrationStatus(registration.status).has_place and (
        full := transfer_quota_places(give=quotas_before, take=registration_quotas(registration, quotas))
    ):
        raise QuotaFull(full)


def leave_country_quotas(*, person: Person, meeting: str = "") -> None:
    """Free the places that a person at risk has in country quotas, at all meetings.

    From then on they count towards the whole meeting, their group and their category. The organisers would otherwise
    learn their country from a quota with more places taken than people listed. In a delegation that can still nominate
    people, a reserved place takes theirs. The caller provides the transaction.
    """
    del meeting  # the protection applies everywhere
    registrations = person.registrations.filter(counts_by_country=True).select_related("meeting")
    for registration in registrations.order_by("meeting_id", "pk"):
        current = lock_registration(registration)
        move_place(current, counts_by_country=False)
        current.save(update_fields=["counts_by_country"])
        if current.delegation is not None and RegistrationStatus(current.status).has_place:
            _reserve_place(current.delegation, list(current.meeting.quotas.all()))
        promote_from_waiting_list(current.meeting)


def release_place(registration: models.Registration) -> None:
    """Return a place to its delegation if the delegation can still nominate people; otherwise free it."""
    quotas = list(registration.meeting.quotas.all())
    held_quotas, delegation = registration_quotas(registration, quotas), registration.delegation
    # the delegation already has the place of a member at risk back: `leave_country_quotas`
    if delegation is not None and registration.counts_by_country:
        if _reserve_place(delegation, quotas, give=held_quotas):
            return
    transfer_quota_places(give=held_quotas)


def _reserve_place(
    delegation: models.Delegation, quotas: list[models.Quota], *, give: Iterable[models.Quota] = ()
) -> bool:
    """Reserve a place for a delegation, and return whether it could still use one and one was free."""
    if not can_still_nominate(delegation, timezone.now()):
        return False
    if transfer_quota_places(give=give, take=delegation_quotas(delegation, quotas)) is not None:
        return False
    models.Delegation.objects.filter(pk=delegation.pk).update(reserved=F("reserved") + 1)
    return True


def can_still_nominate(delegation: models.Delegation, now: datetime) -> bool:
    """Return whether the head can still nominate people. Until nominations close, places are reserved."""
    return delegation.nominate_until is None or delegation.nominate_until > now


def lock_registration(registration: models.Registration) -> models.Registration:
    """Lock the meeting's waiting list and return the registration as it is now in the database."""
    lock_waiting_list(registration.meeting)
    return models.Registration.objects.select_related(
        "meeting", "invitation", "person", "delegation__organisation"
    ).get(pk=registration.pk)


def record_registration_change(
    registration: models.Registration, by: Account | None, verb: str, *, reason: str = "", **details: Any
) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"registration {registration.public_id}",
        details={"meeting": registration.meeting.public_id, "status": str(registration.status), **details},
        person=registration.person.public_id if registration.person is not None else "",
        reason=reason[:300],
    )


def check_not_cancelled(meeting: models.Meeting) -> None:
    if meeting.cancelled_at is not None:
        raise MeetingIsCancelled
