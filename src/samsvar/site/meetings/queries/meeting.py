"""The meeting itself: which there are for whom, and what its pages show."""

from __future__ import annotations

from samsvar.site.meetings import models
from samsvar.site.meetings.permissions import User, can_manage, can_see


def find(user: User, slug: str) -> models.Meeting | None:
    """The meeting with this public id; None where there is none, for this user."""
    meeting = models.Meeting.objects.select_related("inside", "network", "state").filter(public_id=slug).first()
    return meeting if meeting is not None and can_see(user, meeting) else None


def managed(user: User, slug: str) -> models.Meeting | None:
    """The meeting with this public id that this user runs; None for everybody else, as where there is none."""
    meeting = find(user, slug)
    return meeting if meeting is not None and can_manage(user, meeting) else None
