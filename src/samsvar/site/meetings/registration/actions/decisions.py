"""Actions that decline, approve, refuse, withdraw and reassign registrations."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from samsvar.meetings import registration as library
from samsvar.meetings.registration import RegistrationStatus, check_transition
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.registration.actions import places
from samsvar.site.meetings.registration.actions.emails import email_participant, notify_delegation_head
from samsvar.site.meetings.registration.errors import StatusConflict
from samsvar.site.network.access.permissions import Account


def decline_registration(*, registration: models.Registration, by: Account | None) -> models.Registration:
    """Decline a place and release it, or leave the waiting list. Declining twice has no further effect."""
    with transaction.atomic():
        current = places.lock_registration(registration)
        if current.status == RegistrationStatus.DECLINED:
            return current
        end_registration(current, RegistrationStatus.DECLINED, by=by, verb="declined a place")
        if current.invitation is not None and current.invitation.answered_at is None:
            current.invitation.answered_at = current.invitation.declined_at = timezone.now()
            current.invitation.save(update_fields=["answered_at", "declined_at"])
        email_participant(current, "declined")
        notify_delegation_head(current)
        places.promote_from_waiting_list(current.meeting)
    return current


# --- Decisions --------------------------------------------------------------------------------------------------------


def approve_registration(*, registration: models.Registration, by: Account) -> models.Registration:
    """Approve a registration, so that the held place is confirmed. Approving twice has no further effect."""
    check_can_manage(by, registration.meeting)
    with transaction.atomic():
        current = places.lock_registration(registration)
        if current.status == RegistrationStatus.CONFIRMED:
            return current
        places.check_not_cancelled(current.meeting)
        if current.status != RegistrationStatus.ASKED:
            raise StatusConflict
        current.status, current.reason = RegistrationStatus.CONFIRMED, ""
        current.decided_at, current.decided_by = timezone.now(), by
        current.save(update_fields=["status", "decided_at", "decided_by", "reason"])
        places.record_registration_change(current, by, "approved a registration")
        email_participant(current, "confirmed")
    return current


def refuse_registration(*, registration: models.Registration, by: Account, reason: str) -> models.Registration:
    """Refuse a registration and release the place it holds, if any. The person can read the reason."""
    return _end_by_organiser(registration, RegistrationStatus.REFUSED, by, reason, "refused a registration")


def withdraw_registration(*, registration: models.Registration, by: Account, reason: str) -> models.Registration:
    """Withdraw a confirmed place. The person can read the reason."""
    return _end_by_organiser(registration, RegistrationStatus.WITHDRAWN, by, reason, "withdrew a registration")


def revert_to_pending(*, registration: models.Registration, by: Account, reason: str) -> models.Registration:
    """Revoke an approval. The place is still held until the next decision."""
    check_can_manage(by, registration.meeting)
    with transaction.atomic():
        current = places.lock_registration(registration)
        if current.status != RegistrationStatus.CONFIRMED:
            raise StatusConflict
        current.status, current.reason = RegistrationStatus.ASKED, reason[:300]
        current.decided_at = current.decided_by = None
        current.save(update_fields=["status", "decided_at", "decided_by", "reason"])
        places.record_registration_change(current, by, "reinstated a registration", reason=reason)
        email_participant(current, "asked")
    return current


def reassign_registration(
    *, registration: models.Registration, by: Account, category: str, group: str, state: str
) -> models.Registration:
    """Move a registration and its place to another country, group or category.

    Raises `QuotaFull`, and changes nothing, if one of the new quotas is full.
    """
    check_can_manage(by, registration.meeting)
    with transaction.atomic():
        current = places.lock_registration(registration)
        if RegistrationStatus(current.status).is_over:
            raise StatusConflict
        places.move_place(current, category=category, group=group, state_id=state or None)
        current.save(update_fields=["category", "group", "state"])
        places.record_registration_change(current, by, "moved a registration")
        places.promote_from_waiting_list(current.meeting)
    return current


def end_registration(
    registration: models.Registration,
    status: RegistrationStatus,
    *,
    by: Account | None,
    verb: str,
    reason: str = "",
    keeps_place: bool = False,
) -> None:
    """End a registration, release its place and revoke its letters, except certificates. Lock the waiting list first.

    The caller then gives the released place to the next person waiting. With `keeps_place`, the place is not released,
    because the caller gives it to a particular person in the same transaction.
    """
    check_transition(RegistrationStatus(registration.status), status)
    if RegistrationStatus(registration.status).has_place and not keeps_place:
        places.release_place(registration)
    registration.status, registration.reason = status, reason[:300]
    registration.decided_at, registration.decided_by = timezone.now(), by
    registration.save(update_fields=["status", "reason", "decided_at", "decided_by"])
    models.ScheduleLink.objects.filter(registration=registration).delete()
    active_letters = registration.issued.filter(revoked_at__isnull=True)
    active_letters = active_letters.exclude(kind=models.IssuedLetter.Kind.ATTENDANCE)
    active_letters.update(revoked_at=registration.decided_at)  # they state that the person is expected
    places.record_registration_change(registration, by, verb, reason=reason)


def _end_by_organiser(
    registration: models.Registration, status: RegistrationStatus, by: Account, reason: str, verb: str
) -> models.Registration:
    check_can_manage(by, registration.meeting)
    with transaction.atomic():
        current = places.lock_registration(registration)
        if current.status == status:
            return current
        if status not in library.ALLOWED_TRANSITIONS[RegistrationStatus(current.status)]:
            raise StatusConflict
        end_registration(current, status, by=by, verb=verb, reason=reason)
        email_participant(current, "over")
        notify_delegation_head(current)
        places.promote_from_waiting_list(current.meeting)
    return current
