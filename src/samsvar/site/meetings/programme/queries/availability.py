"""When speakers are available."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.programme.queries.draft import names_for, sessions_of


@dataclass(frozen=True, slots=True)
class AvailabilityPage:
    """Who is in the programme in work, and the times at which they can appear."""

    people: Mapping[str, str]  # public id → name
    rows: Mapping[str, Any]
    times: tuple[tuple[str, models.Availability], ...]


def availability(user: User, meeting: models.Meeting) -> AvailabilityPage:
    """Times of people in the programme, by name: a sight."""
    sessions = list(sessions_of(meeting))
    named = [one for one in names_for(user, meeting, sessions).values() if one.row.person is not None]
    by_key = {one.row.person.pk: (one.row.person, one.name) for one in named if one.row.person is not None}
    order = sorted(by_key.values(), key=lambda one: (one[1].casefold(), one[0].pk))
    times = tuple(
        (by_key[time.person_id][1], time) for time in meeting.availabilities.all() if time.person_id in by_key
    )
    return AvailabilityPage(
        {person.public_id: name for person, name in order}, {person.public_id: person for person, _name in order}, times
    )
