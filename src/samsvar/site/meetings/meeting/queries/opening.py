"""Registration periods of meetings, and the time at which a meeting ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from samsvar.meetings.registration import RegistrationPhase, registration_phase
from samsvar.site.meetings import models


def is_registration_open(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return get_registration_phase(meeting, now) is RegistrationPhase.OPEN


def get_registration_phase(meeting: models.Meeting, now: datetime | None = None) -> RegistrationPhase:
    """Return the phase of registration for a meeting: open, or the reason why it is not."""
    return registration_phase(
        opens=meeting.opens_at,
        closes=meeting.closes_at,
        ends=get_meeting_end(meeting),
        cancelled=meeting.cancelled_at is not None,
        now=now or timezone.now(),
    )


def is_over(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return get_meeting_end(meeting) <= (now or timezone.now())


def get_meeting_end(meeting: models.Meeting) -> datetime:
    """Return the end of a meeting's last day, in its own time zone."""
    return end_of_day(meeting, meeting.ends)


def end_of_day(meeting: models.Meeting, day: date) -> datetime:
    """Return the midnight at the end of a day, in the meeting's time zone."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(meeting.zone))
