"""Actions that send, resend, withdraw and decline invitations, each bound to one address, and send reminders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import AccessLevel, ParticipantCategory, RegistrationPolicy
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.meeting.queries.facts import format_when_and_where
from samsvar.site.meetings.meeting.queries.opening import is_registration_open
from samsvar.site.meetings.registration.actions.emails import (
    email_delegation_head,
    email_link,
    email_participant,
    link_token,
)
from samsvar.site.meetings.registration.actions.places import check_not_cancelled, promote_from_waiting_list
from samsvar.site.meetings.registration.errors import MeetingInvitationExpired, RegistrationError, RegistrationNotOpen
from samsvar.site.meetings.registration.queries.own import open_invitations_filter
from samsvar.site.meetings.registration.queries.quotas import PLACE_HOLDING_STATUSES
from samsvar.site.network.access.permissions import Account, Person, term_filter
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.shell.site_url import absolute_url

REQUESTED_LINK_DAYS = 2  # validity of a link that people request themselves
MAX_ADDRESSES = 500
REMIND_AFTER = timedelta(days=7)
MAX_LINKS_RESENT = 5  # per request
LINKS_RESENT_AFTER_MEETING = timedelta(days=365)  # people may still need a certificate
PRACTICAL_EMAIL_BEFORE = timedelta(days=5)  # late enough for the programme to be out, early enough to book a train


class InvalidAddresses(RegistrationError):
    """Raised when some lines of a list are not email addresses. No one is emailed."""

    def __init__(self, lines: Iterable[int]) -> None:
        self.lines = tuple(lines)
        line_numbers = ", ".join(str(one) for one in self.lines[:20])
        super().__init__(_("These lines do not contain an email address: %(lines)s.") % {"lines": line_numbers})


class TooManyAddresses(RegistrationError):
    """Raised when a list has more addresses than are accepted at once."""

    def __init__(self) -> None:
        super().__init__(_("You can enter up to %(most)s addresses at a time.") % {"most": MAX_ADDRESSES})


@dataclass(frozen=True, slots=True)
class InvitationResult:
    """The numbers of people in a list who were emailed and who had already been invited."""

    sent: int
    already_invited: int


def parse_addresses(text: str) -> list[str]:
    """Return the unique addresses in a pasted list, in lower case. Lines, commas and semicolons separate them.

    "Name <address>" is accepted, and the name is ignored. Raises `InvalidAddresses` with the numbers of the lines that
    are not addresses.
    """
    addresses: dict[str, None] = {}
    invalid_lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        for part in re.split(r"[,;]", line):
            part = part.strip()
            if not part:
                continue
            inside = re.search(r"<([^<>]+)>\s*$", part)
            address = (inside[1] if inside else part).strip().lower()
            try:
                validate_email(address)
            except ValidationError:
                invalid_lines.append(number)
            else:
                addresses[address] = None
    if invalid_lines:
        raise InvalidAddresses(sorted(set(invalid_lines)))
    return list(addresses)


def invite_addresses(
    *,
    meeting: models.Meeting,
    addresses: Iterable[str],
    by: Account,
    expires_at: datetime,
    language: str = "en",
    category: str = ParticipantCategory.PARTICIPANT,
    group: str = "",
    state: str = "",
    people: Mapping[str, Person] | None = None,
) -> InvitationResult:
    """Invite each address, except those with an open invitation, a place or a position on the waiting list.

    People who declined, were refused or lost their place are invited again as the same person.
    """
    check_can_manage(by, meeting)
    requested = list(dict.fromkeys(one.strip().lower() for one in addresses))
    if len(requested) > MAX_ADDRESSES:
        raise TooManyAddresses
    with transaction.atomic():
        meeting = models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        check_not_cancelled(meeting)
        invitations = meeting.invitations.filter(open_invitations_filter(timezone.now()), email__in=requested)
        already_invited = {*invitations.values_list("email", flat=True), *registered_addresses(meeting, requested)}
        former_people = former_registrants(meeting, requested)
        sent = 0
        for address in requested:
            if address in already_invited:
                continue
            person = (people or {}).get(address) or former_people.get(address)
            invitation = create_invitation(
                meeting, address, by=by, expires_at=expires_at, language=language, category=category, group=group,
                state=state, person=person,
            )  # fmt: skip
            email_invitation(invitation)
            sent += 1
        if sent:
            record(by=by, verb="invited to a meeting", subject=f"meeting {meeting.public_id}", details={"sent": sent})
    return InvitationResult(sent, len(requested) - sent)


def invite_members(
    *, meeting: models.Meeting, by: Account, expires_at: datetime, language: str = "en"
) -> InvitationResult:
    """Invite all current members of the meeting's network, at the address in their account or profile."""
    check_can_manage(by, meeting)
    if meeting.network is None:
        raise PermissionDenied
    memberships = meeting.network.memberships.filter(term_filter(timezone.now().date()))
    members = Person.objects.filter(pk__in=memberships.values("person"), erased_at__isnull=True)
    members = members.select_related("account")
    views = get_visible_participants(None, members, subject=f"meeting {meeting.public_id}", fields=(Field.EMAIL,))
    people: dict[str, Person] = {}
    for person in members:
        view = views.get(person.pk)
        address = person.account.email if person.account is not None else view.email if view is not None else ""
        if address:
            people.setdefault(address.strip().lower(), person)
    return invite_addresses(
        meeting=meeting, addresses=people, by=by, expires_at=expires_at, language=language, people=people
    )


def save_link_request(*, address: str, language: str, meeting: models.Meeting | None) -> models.LinkRequest:
    """Save a request for a link, without looking up the address. The caller enqueues the task that answers it."""
    if meeting is not None:
        _check_open_to_everyone(meeting, timezone.now())
    return models.LinkRequest.objects.create(meeting=meeting, email=address.strip().lower(), language=language)


def answer_link_request(*, link_request: models.LinkRequest) -> None:
    """Email what someone asked for, and delete the request. Nothing is sent if registration has closed meanwhile."""
    with transaction.atomic():
        meeting, address = link_request.meeting, link_request.email
        if not models.LinkRequest.objects.filter(pk=link_request.pk).delete()[0]:
            return  # another worker has answered it
        if meeting is None:
            resend_registration_links(address=address)
        else:
            with suppress(RegistrationNotOpen):
                send_requested_link(meeting=meeting, address=address, language=link_request.language)


def _check_open_to_everyone(meeting: models.Meeting, now: datetime) -> None:
    if meeting.entry != RegistrationPolicy.OPEN or not is_registration_open(meeting, now):
        raise RegistrationNotOpen


def send_requested_link(*, meeting: models.Meeting, address: str, language: str) -> None:
    """Email a registration link to any address while registration is open, not revealing whether it is known here."""
    address = address.strip().lower()
    now = timezone.now()
    with transaction.atomic():
        _check_open_to_everyone(meeting, now)
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        has_a_place = Q(registration__status__in=ACTIVE_STATUSES)
        invitations = meeting.invitations.filter(open_invitations_filter(now) | has_a_place, email=address)
        invitation = invitations.order_by("pk").first()
        if invitation is None:
            until = now + timedelta(days=REQUESTED_LINK_DAYS)
            invitation = create_invitation(
                meeting, address, by=None, expires_at=until, language=language,
                person=former_registrants(meeting, [address]).get(address),
            )  # fmt: skip
        email_invitation(invitation, kind="confirm_address")


def resend_invitation(*, invitation: models.MeetingInvitation, by: Account, days: int = 14) -> None:
    """Send an invitation again, and make it valid for at least `days` more days."""
    check_can_manage(by, invitation.meeting)
    check_not_cancelled(invitation.meeting)
    with transaction.atomic():
        current = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
        if current.withdrawn_at or current.answered_at or current.declined_at:
            raise MeetingInvitationExpired
        current.expires_at = max(current.expires_at, timezone.now() + timedelta(days=days))
        current.save(update_fields=["expires_at"])
        email_invitation(current)
        record(by=by, verb="invited to a meeting again", subject=f"meeting invitation {current.public_id}")


def withdraw_invitation(*, invitation: models.MeetingInvitation, by: Account) -> None:
    """Withdraw an unanswered invitation, so that its link stops working. Existing registrations are kept."""
    check_can_manage(by, invitation.meeting)
    with transaction.atomic():
        updated = models.MeetingInvitation.objects.filter(
            pk=invitation.pk, answered_at__isnull=True, withdrawn_at__isnull=True
        ).update(withdrawn_at=timezone.now())
        if not updated:
            raise MeetingInvitationExpired
        record(by=by, verb="withdrew a meeting invitation", subject=f"meeting invitation {invitation.public_id}")


def decline_invitation(*, invitation: models.MeetingInvitation, by: Account | None) -> None:
    """Decline an invitation without registering. Declining twice has no further effect."""
    with transaction.atomic():
        now = timezone.now()
        current = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
        if current.declined_at:
            return
        if current.withdrawn_at or current.answered_at or current.expires_at <= now:
            raise MeetingInvitationExpired
        current.answered_at = current.declined_at = now
        current.save(update_fields=["answered_at", "declined_at"])
        record(by=by, verb="declined a meeting invitation", subject=f"meeting invitation {current.public_id}")


def send_reminders(*, meeting: models.Meeting, now: datetime | None = None) -> int:
    """Send reminders to people invited or nominated a week ago, and to heads of delegation with unfilled places.

    People are reminded only once, heads every week. Invited people are reminded only while registration is open;
    nominees can also answer before and after. Return the number of emails.
    """
    now = now or timezone.now()
    if meeting.cancelled_at:
        return 0
    count, recipients = 0, Q(delegation__isnull=False)
    if is_registration_open(meeting, now):
        recipients |= Q(invited_by__isnull=False)
    with transaction.atomic():
        waiting = meeting.invitations.filter(
            open_invitations_filter(now), recipients, reminded_at__isnull=True, at__lte=now - REMIND_AFTER
        ).select_for_update()
        for invitation in waiting:
            invitation.reminded_at = now
            invitation.save(update_fields=["reminded_at"])
            kind = "invitation_reminder" if invitation.delegation_id is None else "nominated_reminder"
            email_invitation(invitation, kind=kind)
            count += 1
        heads = meeting.delegations.filter(nominate_until__gt=now).exclude(head_email="")
        for delegation in heads.filter(
            Q(reminded_at__isnull=True) | Q(reminded_at__lte=now - REMIND_AFTER), at__lte=now - REMIND_AFTER
        ):
            if delegation.registrations.filter(status__in=PLACE_HOLDING_STATUSES).count() >= delegation.places:
                continue
            delegation.reminded_at = now
            delegation.save(update_fields=["reminded_at"])
            email_delegation_head(delegation, "delegation_reminder")
            count += 1
    return count


def send_practical_information(*, meeting: models.Meeting, now: datetime) -> int:
    """Email participants the time, place, programme and their ticket once, up to five days before the meeting."""
    if meeting.begins > now.date() + PRACTICAL_EMAIL_BEFORE:
        return 0
    count = 0
    with transaction.atomic():
        participants = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED, told_of_days_at__isnull=True)
        participants = participants.select_related("person__account", "invitation", "meeting")
        for registration in participants.select_for_update(of=("self",)):
            registration.told_of_days_at = now
            registration.save(update_fields=["told_of_days_at"])
            with override(registration.language):
                programme = ""
                if meeting.version and meeting.access == AccessLevel.PUBLIC:
                    page = absolute_url(reverse("meetings:programme", args=[meeting.public_id]))
                    programme = "\n\n" + _("Programme: %(page)s") % {"page": page}
            when = format_when_and_where(meeting, registration.language)
            email_participant(registration, "coming", when=when, programme=programme)
            count += 1
    return count


def send_daily_reminders(*, now: datetime) -> int:
    """Send the reminders of all future meetings, and fill places freed by the erasure of personal data. Run daily."""
    count = 0
    for meeting in models.Meeting.objects.filter(begins__gt=now.date(), cancelled_at__isnull=True):
        count += send_reminders(meeting=meeting, now=now) + send_practical_information(meeting=meeting, now=now)
        with transaction.atomic():
            promote_from_waiting_list(meeting)
    return count


# --- Helpers ----------------------------------------------------------------------------------------------------------


def registered_addresses(meeting: models.Meeting, addresses: Sequence[str]) -> set[str]:
    """Return which of these addresses have an open registration, by invitation or by account."""
    registrations = meeting.registrations.filter(status__in=ACTIVE_STATUSES)
    by_invitation = registrations.filter(invitation__email__in=addresses).values_list("invitation__email", flat=True)
    by_account = registrations.filter(person__account__email__in=addresses)
    return {*by_invitation, *by_account.values_list("person__account__email", flat=True)}


def former_registrants(meeting: models.Meeting, addresses: Sequence[str]) -> dict[str, Person]:
    """Return the person last registered under each address, so that no second person is created for them."""
    registrations = meeting.registrations.filter(invitation__email__in=addresses, person__isnull=False)
    return {
        row.invitation.email: row.person
        for row in registrations.select_related("invitation", "person").order_by("pk")
        if row.invitation is not None and row.person is not None
    }


def create_invitation(
    meeting: models.Meeting,
    address: str,
    *,
    by: Account | None,
    expires_at: datetime,
    language: str,
    category: str = ParticipantCategory.PARTICIPANT,
    group: str = "",
    state: str = "",
    person: Person | None = None,
    delegation: models.Delegation | None = None,
) -> models.MeetingInvitation:
    invitation = models.MeetingInvitation(
        meeting=meeting, email=address, language=language, category=category, group=group, state_id=state or None,
        person=person, delegation=delegation, invited_by=by, expires_at=expires_at,
    )  # fmt: skip
    invitation.token_hash = hash_secret(link_token(invitation))
    invitation.save()
    return invitation


def email_invitation(invitation: models.MeetingInvitation, *, kind: str = "invitation") -> None:
    email_link(invitation, invitation.email, kind, invitation.language, invitation.expires_at)


def resend_registration_links(*, address: str, now: datetime | None = None) -> int:
    """Send the links of all open registrations under this address again; return their number, for tests only.

    People with an account get the address of the page in their account. The number must not be shown to the requester.
    """
    now = now or timezone.now()
    address = address.strip().lower()
    matches = models.Registration.objects.filter(
        Q(person__account__isnull=True, invitation__email=address) | Q(person__account__email=address),
        status__in=ACTIVE_STATUSES,
        person__isnull=False,
        meeting__ends__gte=(now - LINKS_RESENT_AFTER_MEETING).date(),
    ).exclude(status=RegistrationStatus.NOMINATED)
    matches = matches.select_related("meeting", "person__account", "invitation")
    registrations = list(matches.order_by("-at")[:MAX_LINKS_RESENT])
    with transaction.atomic():
        for registration in registrations:
            email_participant(registration, "link_again")
    return len(registrations)
