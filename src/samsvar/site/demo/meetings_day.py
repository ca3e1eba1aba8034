"""Demo data for the meeting days: one-to-one meetings with tables and participants, and a check-in helper."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.demo.helpers import local_datetime, record_demo_data
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import ensure_ticket
from samsvar.site.network.models import Account

HELPER = "reader@nordmark.example"  # can check participants in, and has no other permission for this meeting
ABOUT = (
    "Funding a helpline after the first three years",
    "Shelter beds in small towns",
    "What judges read before deciding on a protection order",
    "",
)


def make_demo_data(meeting: models.Meeting) -> None:
    """Create an hour for one-to-one meetings after lunch each day, with eight tables, participants and a helper.

    Does nothing if the meeting already has times for one-to-one meetings.
    """
    if meeting.encounter_times.exists():
        return
    with transaction.atomic():
        day = meeting.begins
        while day <= meeting.ends:
            starts = local_datetime(day, meeting, "13:30")
            models.OneToOnePeriod.objects.create(
                meeting=meeting, starts=starts, ends=starts + timedelta(hours=1), minutes=20, tables=8
            )
            day += timedelta(days=1)
        confirmed = list(
            meeting.registrations.filter(status=RegistrationStatus.CONFIRMED, person__isnull=False)
            .select_related("person")
            .order_by("pk")
        )
        for registration in confirmed:
            ensure_ticket(registration=registration)
        willing = [
            registration for registration in confirmed if registration.person and not registration.person.at_risk
        ][: 3 * len(ABOUT)]
        for number, registration in enumerate(willing):
            models.NetworkingOptIn.objects.create(registration=registration, about=ABOUT[number % len(ABOUT)])
        # half of them also agree to be suggested by needs and offers, which is a consent of its own
        models.Registration.objects.filter(pk__in=[one.pk for one in willing[::2]]).update(is_suggested=True)
        _create_one_to_ones(meeting, willing)
        helper = Account.objects.filter(email=HELPER).first()
        if helper is not None:
            models.Duty.objects.get_or_create(
                meeting=meeting,
                account=helper,
                kind=models.Duty.Kind.DOOR,
                defaults={"until": local_datetime(meeting.ends, meeting, "20:00")},
            )
        record_demo_data(f"meeting {meeting.public_id}", tables=8, open_to_talk=len(willing))


def _create_one_to_ones(meeting: models.Meeting, willing: list[models.Registration]) -> None:
    """Create two pending requests to the first participant, and one accepted meeting between two of the others."""
    if len(willing) < 4:
        return
    first, second, third, fourth = willing[:4]
    for requester, about in ((second, "Your helpline’s night shifts"), (third, "Joint training for the police")):
        models.OneToOneMeeting.objects.create(meeting=meeting, asker=requester, asked=first, about=about)
    hours = meeting.encounter_times.first()
    if hours is not None:
        agreed = models.OneToOneMeeting.objects.create(
            meeting=meeting,
            asker=second,
            asked=fourth,
            about="The members of your survivors’ board",
            state=models.OneToOneMeeting.State.ACCEPTED,
            starts=hours.starts,
            table=1,
            answered_at=timezone.now(),
        )
        for registration in (second, fourth):
            models.OneToOneSeat.objects.create(encounter=agreed, registration=registration, starts=hours.starts)
