"""Actions for delegations: places for a state or an organisation, whose head nominates and replaces people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from samsvar.ids import hash_secret, random_id
from samsvar.meetings.meeting import ParticipantCategory
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.registration.actions.decisions import end_registration
from samsvar.site.meetings.registration.actions.emails import email_delegation_head, email_participant, link_token
from samsvar.site.meetings.registration.actions.invitations import create_invitation, email_invitation
from samsvar.site.meetings.registration.actions.places import (
    can_still_nominate,
    check_not_cancelled,
    lock_registration,
    lock_waiting_list,
    promote_from_waiting_list,
    record_registration_change,
    transfer_quota_places,
)
from samsvar.site.meetings.registration.errors import QuotaFull, RegistrationError, StatusConflict
from samsvar.site.meetings.registration.labels import quota_label
from samsvar.site.meetings.registration.queries.quotas import (
    PLACE_HOLDING_STATUSES,
    delegation_country,
    delegation_quotas,
    registration_quotas,
)
from samsvar.site.network.access.permissions import Account, get_access
from samsvar.site.network.directory.actions.participants import get_or_create_participant


class DelegationFull(RegistrationError):
    """Raised when a delegation has already nominated as many people as it has places."""

    def __init__(self, places: int) -> None:
        super().__init__(
            ngettext(
                "This delegation has %(places)s place, which is taken.",
                "This delegation has %(places)s places, all of which are taken.",
                places,
            )
            % {"places": places},
            _("Withdraw a nomination, or replace one person with another."),
        )


class NominationsClosed(RegistrationError):
    """Raised when nominations for the delegation have closed."""

    message = gettext_lazy("Nominations are closed.")
    advice = gettext_lazy("Contact the organisers.")


class AlreadyNominated(RegistrationError):
    """Raised when the head has already nominated this address and the nomination or place is still active."""

    message = gettext_lazy("You have already nominated someone with this address.")


class FewerPlacesThanTaken(RegistrationError):
    """Raised when the number of places would be lower than the number already taken."""

    def __init__(self, taken: int) -> None:
        super().__init__(
            ngettext(
                "%(taken)s place is already taken, so the number cannot be lower.",
                "%(taken)s places are already taken, so the number cannot be lower.",
                taken,
            )
            % {"taken": taken}
        )
        self.taken = taken


class NotEnoughPlaces(RegistrationError):
    """Raised when a quota has fewer free places than the delegation needs."""

    def __init__(self, quota: models.Quota, needed: int) -> None:
        quota.refresh_from_db()
        self.quota, self.free, self.needed = quota, quota.places - quota.taken, needed
        super().__init__(
            ngettext(
                "%(quota)s: %(free)s place is free, but %(needed)s are needed.",
                "%(quota)s: %(free)s places are free, but %(needed)s are needed.",
                self.free,
            )
            % {"quota": quota_label(quota.kind, quota.key), "free": self.free, "needed": needed},
            _("Give the delegation fewer places, or increase the quota first."),
        )


def create_delegation(
    *,
    meeting: models.Meeting,
    by: Account,
    places: int,
    head_email: str,
    state: str = "",
    organisation: int | None = None,
    nominate_until: datetime | None = None,
    language: str = "",
    note: str = "",
) -> models.Delegation:
    """Create a delegation, reserve its places and email its head the link for nominating people.

    Raises `NotEnoughPlaces` if a quota has too few free places. If `language` is "", emails to the head are in the
    language of their account, or else in the meeting's first language.
    """
    check_can_manage(by, meeting)
    check_not_cancelled(meeting)
    with transaction.atomic():
        lock_waiting_list(meeting)
        delegation = models.Delegation(
            meeting=meeting, state_id=state or None, organisation_id=organisation, places=places,
            head_email=head_email.strip().lower(), nominate_until=nominate_until, language=language, note=note,
        )  # fmt: skip
        delegation.token_hash = hash_secret(link_token(delegation))
        if can_still_nominate(delegation, timezone.now()):
            _reserve_places(delegation, places)
        delegation.save()
        send_head_link(delegation)
        record(
            by=by, verb="created a delegation", subject=f"delegation {delegation.public_id}",
            details={"meeting": meeting.public_id, "places": places, "state": state},
        )  # fmt: skip
    return delegation


def change_delegation(
    *,
    delegation: models.Delegation,
    by: Account,
    places: int,
    nominate_until: datetime | None,
    head_email: str,
    language: str,
    note: str,
) -> models.Delegation:
    """Change a delegation's places (never below those taken), closing date, language, note or head.

    Places that the delegation loses, or for which nominations have closed, go to the waiting list. A new head gets a
    new link, and the previous head's link stops working.
    """
    check_can_manage(by, delegation.meeting)
    with transaction.atomic():
        lock_waiting_list(delegation.meeting)
        delegation.refresh_from_db()
        members = delegation.registrations.filter(status__in=PLACE_HOLDING_STATUSES)
        taken = members.filter(counts_by_country=True).count()  # a member at risk has a place outside the delegation's
        if places < taken:
            raise FewerPlacesThanTaken(taken)
        subject, head_email = f"delegation {delegation.public_id}", head_email.strip().lower()
        other_head = head_email != delegation.head_email
        delegation.places, delegation.nominate_until = places, nominate_until
        delegation.language, delegation.note = language, note
        _reserve_places(delegation, places - taken if can_still_nominate(delegation, timezone.now()) else 0)
        if other_head:
            delegation.head, delegation.head_email, delegation.reminded_at = None, head_email, None
            delegation.public_id = random_id()  # the link is derived from it
            delegation.token_hash = hash_secret(link_token(delegation))
        delegation.save()
        details: dict[str, str | int] = {"places": places, "language": language}
        if other_head:
            details["now"] = delegation.public_id
            email_delegation_head(delegation, "delegation")
        record(by=by, verb="changed a delegation", subject=subject, details=details)
        promote_from_waiting_list(delegation.meeting)
    return delegation


def close_nominations(*, delegation: models.Delegation, by: Account) -> models.Delegation:
    """Close nominations at an organiser's request. Reserved places without a nominee go to the waiting list."""
    check_can_manage(by, delegation.meeting)
    with transaction.atomic():
        return _close_nominations(delegation, timezone.now(), by=by)


def expire_nominations(*, now: datetime) -> int:
    """Expire unanswered nominations and free unused reserved places of all future meetings. Run daily.

    A nominee who has not answered in time loses the place, and the head is notified. Once nominations have closed, the
    places reserved for them go to the waiting list. Return the number of nominations and delegations changed.
    """
    count = 0
    for meeting in models.Meeting.objects.filter(begins__gt=now.date(), cancelled_at__isnull=True):
        with transaction.atomic():
            lock_waiting_list(meeting)
            nominations = meeting.registrations.filter(
                status=RegistrationStatus.NOMINATED, invitation__expires_at__lte=now
            )
            for registration in nominations.select_related("meeting", "invitation", "person__account", "delegation"):
                with override(registration.language):
                    reason = _("No reply was received by the date given in the email.")
                end_registration(
                    registration, RegistrationStatus.WITHDRAWN, by=None, verb="a nomination expired", reason=reason
                )
                _close_invitation(registration, now)
                email_participant(registration, "over")
                if registration.delegation is not None:
                    email_delegation_head(registration.delegation, "delegation_ran_out")
                count += 1
            for delegation in meeting.delegations.filter(reserved__gt=0, nominate_until__lte=now):
                _close_nominations(delegation, now, by=None)
                count += 1
            promote_from_waiting_list(meeting)
    return count


def _close_nominations(delegation: models.Delegation, now: datetime, *, by: Account | None) -> models.Delegation:
    lock_waiting_list(delegation.meeting)
    current = models.Delegation.objects.select_related("meeting", "organisation").get(pk=delegation.pk)
    freed = current.reserved
    _reserve_places(current, 0)
    if can_still_nominate(current, now):
        current.nominate_until = now
    current.save(update_fields=["reserved", "nominate_until"])
    subject = f"delegation {current.public_id}"
    record(by=by, verb="released the places of a delegation", subject=subject, details={"freed": freed})
    promote_from_waiting_list(current.meeting)
    return current


def _reserve_places(delegation: models.Delegation, wanted: int) -> None:
    """Reserve exactly `wanted` places, or raise `NotEnoughPlaces`. The waiting list must be locked."""
    quotas = delegation_quotas(delegation, delegation.meeting.quotas.all())
    more = wanted - delegation.reserved
    if more > 0 and (full := transfer_quota_places(take=quotas, number=more)):
        raise NotEnoughPlaces(full, more)
    if more < 0:
        transfer_quota_places(give=quotas, number=-more)
    delegation.reserved = wanted


def send_head_link(delegation: models.Delegation, *, by: Account | None = None) -> None:
    """Email the link to the head of a delegation. `by` is set if an organiser sends it again."""
    if by is not None:
        check_can_manage(by, delegation.meeting)
        check_not_cancelled(delegation.meeting)
        record(by=by, verb="reminded a head of delegation", subject=f"delegation {delegation.public_id}")
    email_delegation_head(delegation, "delegation")


def is_delegation_head(user: Account, delegation: models.Delegation) -> bool:
    """Return whether a signed-in user heads a delegation, by their profile or by the emailed address."""
    if not get_access(user).signed_in:
        return False
    is_head_person = delegation.head_id is not None and get_access(user).person == delegation.head_id
    return is_head_person or (bool(delegation.head_email) and user.email.lower() == delegation.head_email)


def nominate_person(
    *,
    delegation: models.Delegation,
    by: Account | None,
    name: str,
    email: str,
    category: str = ParticipantCategory.PARTICIPANT,
    group: str = "",
    organisation: str = "",
    language: str = "en",
    replaces: models.Registration | None = None,
    now: datetime | None = None,
) -> models.Registration:
    """Nominate a person for a delegation: hold a place for them and email them an invitation.

    `by` is None if the head uses the emailed link. `organisation` is a value of `Field.ORGANISATION`; nominees of an
    organisation's delegation always belong to that organisation. With `replaces`, that registration ends in the same
    transaction, and its place goes to the new nominee.
    """
    now = now or timezone.now()
    email = email.strip().lower()
    with transaction.atomic():
        meeting = delegation.meeting
        lock_waiting_list(meeting)
        delegation = models.Delegation.objects.select_related("meeting", "organisation").get(pk=delegation.pk)
        check_not_cancelled(delegation.meeting)
        if delegation.nominate_until is not None and delegation.nominate_until <= now and replaces is None:
            raise NominationsClosed
        # Only the head's own nominations are checked, so that the answer is the same for every address and tells no
        # one who is registered. If someone with a place accepts a nomination, they keep the place they already have.
        if delegation.registrations.filter(invitation__email=email, status__in=ACTIVE_STATUSES).exists():
            raise AlreadyNominated
        if replaces is not None:
            replaced = lock_registration(replaces)
            if replaced.delegation_id != delegation.pk:
                raise PermissionDenied
            if not RegistrationStatus(replaced.status).has_place:
                raise StatusConflict
            verb = "replaced a nominee"
            end_registration(replaced, RegistrationStatus.REPLACED, by=by, verb=verb, keeps_place=True)
            _close_invitation(replaced, now)
            email_participant(replaced, "over")
            replaces = replaced
        elif delegation.registrations.filter(status__in=PLACE_HOLDING_STATUSES).count() >= delegation.places:
            raise DelegationFull(delegation.places)
        state = delegation_country(delegation)
        person = get_or_create_participant(
            by=by, meeting=meeting.public_id, note="nominated by the head of a delegation", name=name, email=email,
            organisation=delegation.organisation.public_id if delegation.organisation else organisation, country=state,
            group=group, fictional=meeting.fictional,
        )  # fmt: skip
        until = meeting.closes_at or now + timedelta(days=60)
        invitation = create_invitation(
            meeting, email, by=None, expires_at=max(until, now + timedelta(days=7)), language=language,
            category=category, group=group, state=state, person=person, delegation=delegation,
        )  # fmt: skip
        registration = models.Registration(
            meeting=meeting, person=person, invitation=invitation, delegation=delegation,
            nominated_name=name.strip()[:120], category=category,
            group=group, state_id=state or None, status=RegistrationStatus.NOMINATED, language=language,
            replaces=replaces,
        )  # fmt: skip
        registration.token_hash = hash_secret(link_token(registration))
        quotas = list(meeting.quotas.all())
        uses_reserved = delegation.reserved > 0 and (replaces is None or not replaces.counts_by_country)
        released_quotas = delegation_quotas(delegation, quotas) if uses_reserved else []
        if replaces is not None and uses_reserved:
            transfer_quota_places(give=registration_quotas(replaces, quotas))
        elif replaces is not None:
            released_quotas = registration_quotas(replaces, quotas)
        if full := transfer_quota_places(give=released_quotas, take=registration_quotas(registration, quotas)):
            raise QuotaFull(full)
        if uses_reserved:
            delegation.reserved -= 1
            delegation.save(update_fields=["reserved"])
        registration.save()
        email_invitation(invitation, kind="nominated")
        record_registration_change(registration, by, "nominated a member of a delegation")
        if replaces is not None:
            promote_from_waiting_list(meeting)  # the replaced person's place may have been under another quota
    return registration


def withdraw_nomination(*, registration: models.Registration, by: Account | None) -> models.Registration:
    """Withdraw a nomination at the head's request, and release the place. Withdrawing twice has no further effect."""
    with transaction.atomic():
        current = lock_registration(registration)
        if current.delegation_id is None:
            raise PermissionDenied
        if current.status == RegistrationStatus.WITHDRAWN:
            return current
        if RegistrationStatus(current.status).is_over:
            raise StatusConflict
        end_registration(current, RegistrationStatus.WITHDRAWN, by=by, verb="withdrawn by the head of a delegation")
        _close_invitation(current, timezone.now())
        email_participant(current, "over")
        promote_from_waiting_list(current.meeting)
    return current


def _close_invitation(registration: models.Registration, now: datetime) -> None:
    """Withdraw a former nominee's invitation. Its link still shows the status but can no longer be used to register."""
    if registration.invitation is not None and registration.invitation.answered_at is None:
        registration.invitation.withdrawn_at = now
        registration.invitation.save(update_fields=["withdrawn_at"])
