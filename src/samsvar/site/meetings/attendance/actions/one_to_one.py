"""One-to-one meetings: opting in, requesting, accepting, declining and cancelling them, and setting their times."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import record_registration_action
from samsvar.site.meetings.attendance.queries import one_to_one as queries
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.registration.actions.emails import own_registration_url, registration_email_address
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url

State = models.OneToOneMeeting.State


class ParticipantUnavailable(MeetingRuleError):
    """Raised when a participant does not accept meeting requests, or no longer does."""

    message = _("This person does not accept meeting requests.")
    advice = _("Choose someone from the current list.")


class TooManyRequests(MeetingRuleError):
    """Raised when a participant has too many pending requests, or has sent too many at this meeting."""

    message = _("You have reached the limit for meeting requests.")
    advice = _("Wait for replies, or cancel a request.")


class AlreadyRequested(MeetingRuleError):
    """Raised when there is already a pending or accepted request between two participants."""

    message = _("There is already a request between you and this person.")
    advice = _("See your one-to-one meetings.")


class NoFreeTime(MeetingRuleError):
    """Raised when there is no time at which both participants and a table are free."""

    message = _("There is no time when you are both free and a table is available.")
    advice = _("Remove a session from your schedule, or decline the request.")


class RequestNotPending(MeetingRuleError):
    """Raised when a request has already been answered or cancelled."""

    message = _("This request has already been answered or cancelled.")
    advice = _("Check the current status.")


class OverlappingPeriods(MeetingRuleError):
    """Raised when a new period overlaps an existing one, because a table could then be assigned twice."""

    message = _("These times overlap with others.")
    advice = _("Choose a time that does not overlap.")


def opt_in(*, by: Account | None, registration: models.Registration, about: str) -> models.NetworkingOptIn:
    """Opt in to one-to-one requests: other participants see the person's name and the text `about`.

    People at risk are never listed.
    """
    with transaction.atomic():
        consent, _made = models.NetworkingOptIn.objects.update_or_create(
            registration=registration, defaults={"about": about.strip()[:200]}
        )
        record_registration_action(by, "opted in to one-to-one meetings", registration)
    return consent


def opt_out(*, by: Account | None, registration: models.Registration) -> None:
    """Opt out of one-to-one requests; accepted meetings are kept until someone cancels them."""
    with transaction.atomic():
        models.NetworkingOptIn.objects.filter(registration=registration).delete()
        record_registration_action(by, "opted out of one-to-one meetings", registration)


def request_one_to_one(
    *, by: Account | None, requester: models.Registration, recipient: models.Registration, about: str
) -> models.OneToOneMeeting:
    """Request a one-to-one meeting, giving a short reason.

    Raises ParticipantUnavailable, TooManyRequests and AlreadyRequested.
    """
    with transaction.atomic():
        # lock the row, so that simultaneous requests are all counted
        requester = models.Registration.objects.select_for_update().get(pk=requester.pk)
        if requester.status != RegistrationStatus.CONFIRMED or requester.pk == recipient.pk:
            raise PermissionDenied
        if not queries.registrations_open_to_requests(requester.meeting).filter(pk=recipient.pk).exists():
            raise ParticipantUnavailable
        own = models.OneToOneMeeting.objects.filter(asker=requester)
        if own.filter(state=State.ASKED).count() >= queries.MAX_PENDING_REQUESTS or own.count() >= queries.MAX_REQUESTS:
            raise TooManyRequests
        pair = Q(asker=requester, asked=recipient) | Q(asker=recipient, asked=requester)
        if models.OneToOneMeeting.objects.filter(pair, state__in=(State.ASKED, State.ACCEPTED)).exists():
            raise AlreadyRequested
        if models.OneToOneMeeting.objects.filter(asker=requester, asked=recipient, state=State.DECLINED).exists():
            raise ParticipantUnavailable
        encounter = models.OneToOneMeeting.objects.create(
            meeting=requester.meeting, asker=requester, asked=recipient, about=about.strip()[:500]
        )
        record_registration_action(by, "requested a one-to-one meeting", requester)
        _email_participant(recipient, "one_to_one_asked")
    return encounter


def accept_one_to_one(
    *, by: Account | None, encounter: models.OneToOneMeeting, own: models.Registration | None = None
) -> models.OneToOneMeeting:
    """Accept a request and assign the first time at which both participants are free, and the lowest free table.

    Times and tables that are no longer free are skipped. Raises RequestNotPending and NoFreeTime.
    """
    with transaction.atomic():
        current = _lock_received_request(encounter, by, own)
        for seating in queries.free_table_slots(current):
            if _try_seating(current, seating.span.starts, seating.table):
                break
        else:
            raise NoFreeTime
        record_registration_action(by, "accepted a one-to-one meeting", current.asked)
        _email_participant(current.asker, "one_to_one_agreed")
    return current


def decline_one_to_one(
    *, by: Account | None, encounter: models.OneToOneMeeting, own: models.Registration | None = None
) -> models.OneToOneMeeting:
    """Decline a request without giving a reason."""
    with transaction.atomic():
        current = _lock_received_request(encounter, by, own)
        current.state, current.answered_at = State.DECLINED, timezone.now()
        current.save(update_fields=["state", "answered_at"])
        record_registration_action(by, "declined a one-to-one meeting", current.asked)
        _email_participant(current.asker, "one_to_one_news")
    return current


def cancel_one_to_one(
    *, by: Account | None, encounter: models.OneToOneMeeting, own: models.Registration | None = None
) -> models.OneToOneMeeting:
    """Withdraw one's own request, or cancel an accepted meeting as either participant; its table becomes free."""
    with transaction.atomic():
        current = _lock_one_to_one(encounter)
        side = next((one for one in (current.asker, current.asked) if _is_own_registration(one, by, own)), None)
        if side is None:
            raise PermissionDenied
        if current.state not in {State.ASKED, State.ACCEPTED} or (
            current.state == State.ASKED and side.pk != current.asker_id
        ):
            raise RequestNotPending
        current.seats.all().delete()
        current.state, current.answered_at = State.CANCELLED, timezone.now()
        current.save(update_fields=["state", "answered_at"])
        record_registration_action(by, "cancelled a one-to-one meeting", side)
        _email_participant(current.asked if side.pk == current.asker_id else current.asker, "one_to_one_news")
    return current


def add_one_to_one_period(
    *, by: Account, meeting: models.Meeting, starts: datetime, ends: datetime, minutes: int, tables: int
) -> models.OneToOnePeriod:
    """Add a period in which one-to-one meetings can be held."""
    with transaction.atomic():
        models.Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if meeting.encounter_times.filter(starts__lt=ends, ends__gt=starts).exists():
            raise OverlappingPeriods
        period = models.OneToOnePeriod.objects.create(
            meeting=meeting, starts=starts, ends=ends, minutes=minutes, tables=tables
        )
        record(by=by, verb="set hours for one-to-one meetings", subject=f"meeting {meeting.public_id}")
    return period


def remove_one_to_one_period(*, by: Account, period: models.OneToOnePeriod) -> None:
    """Remove a period, cancel the meetings already agreed in it, and notify their participants."""
    with transaction.atomic():
        meeting = period.meeting
        for encounter in meeting.encounters.filter(
            state=State.ACCEPTED, starts__gte=period.starts, starts__lt=period.ends
        ).select_related("asker__person__account", "asked__person__account", "meeting"):
            encounter.seats.all().delete()
            encounter.state = State.CANCELLED
            encounter.save(update_fields=["state"])
            for participant in (encounter.asker, encounter.asked):
                _email_participant(participant, "one_to_one_news")
        period.delete()
        record(by=by, verb="removed hours for one-to-one meetings", subject=f"meeting {meeting.public_id}")


def _try_seating(encounter: models.OneToOneMeeting, starts: datetime, table: int) -> bool:
    """Seat both participants at this time and table; return False if the database constraints prevent it."""
    try:
        with transaction.atomic():
            encounter.state, encounter.answered_at = State.ACCEPTED, timezone.now()
            encounter.starts, encounter.table = starts, table
            encounter.save(update_fields=["state", "starts", "table", "answered_at"])
            pair = (encounter.asker, encounter.asked)
            seats = [models.OneToOneSeat(encounter=encounter, registration=one, starts=starts) for one in pair]
            models.OneToOneSeat.objects.bulk_create(seats)
    except IntegrityError:
        return False
    return True


def _lock_one_to_one(encounter: models.OneToOneMeeting) -> models.OneToOneMeeting:
    models.OneToOneMeeting.objects.select_for_update(of=("self",)).get(pk=encounter.pk)
    return models.OneToOneMeeting.objects.select_related(
        "meeting", "asker__person__account", "asked__person__account"
    ).get(pk=encounter.pk)


def _lock_received_request(
    encounter: models.OneToOneMeeting, by: Account | None, own: models.Registration | None
) -> models.OneToOneMeeting:
    """Lock and return a pending request to the user; raise PermissionDenied or RequestNotPending if it is not one."""
    current = _lock_one_to_one(encounter)
    if not _is_own_registration(current.asked, by, own):
        raise PermissionDenied
    if current.state != State.ASKED:
        raise RequestNotPending
    return current


def _is_own_registration(
    registration: models.Registration, by: Account | None, own: models.Registration | None
) -> bool:
    """Return whether the registration is the acting user's: that of their account, or `own` if they have no account.

    `own` is the registration whose personal link was used; the caller has already verified it.
    """
    if by is None:
        return own is not None and own.pk == registration.pk
    return registration.person is not None and registration.person.account_id == by.pk


def _email_participant(registration: models.Registration, kind: str) -> None:
    """Email a participant a link to their one-to-one meetings, without naming the other person or the subject."""
    address = registration_email_address(registration)
    account = registration.person.account if registration.person is not None else None
    if not address:
        return
    with override(registration.language):
        page = absolute_url(reverse("meetings:one-to-one", args=[registration.meeting.public_id]))
    notify(
        EmailRecipient(address, registration.language, account),
        f"meetings/{kind}",
        meeting=registration.meeting.get_title(registration.language),
        page_url=page if account is not None else own_registration_url(registration),
    )
