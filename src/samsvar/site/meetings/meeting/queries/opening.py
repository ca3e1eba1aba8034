"""When registration for a meeting opens and closes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from samsvar.meetings.registration import Opening, opening
from samsvar.site.meetings import models


def registration_is_open(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return opening_of(meeting, now) is Opening.OPEN


def opening_of(meeting: models.Meeting, now: datetime | None = None) -> Opening:
    """Whether registration for a meeting is open now, and if not, why."""
    return opening(
        opens=meeting.opens_at,
        closes=meeting.closes_at,
        ends=end_of(meeting),
        cancelled=meeting.cancelled_at is not None,
        now=now or timezone.now(),
    )


def is_over(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return end_of(meeting) <= (now or timezone.now())


def end_of(meeting: models.Meeting) -> datetime:
    """The moment at which a meeting's last day is over, in its own zone."""
    return datetime.combine(meeting.ends + timedelta(days=1), time(0), tzinfo=ZoneInfo(meeting.zone))
