"""Queries for the availability of speakers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.programme.queries.draft import draft_sessions, people_in_sessions


@dataclass(frozen=True, slots=True)
class AvailabilityPage:
    """The people in the draft programme and the times when they are available."""

    people: Mapping[str, str]  # public ID → name
    persons: Mapping[str, Any]
    times: tuple[tuple[str, models.Availability], ...]


def availability_page(user: User, meeting: models.Meeting) -> AvailabilityPage:
    """Return the times when people in the programme are available. Access to their names is logged."""
    draft_people = people_in_sessions(user, meeting, list(draft_sessions(meeting))).values()
    pairs = [(one.appearance.person, one.name) for one in draft_people]
    by_key = {person.pk: (person, name) for person, name in pairs if person is not None}
    order = sorted(by_key.values(), key=lambda one: (one[1].casefold(), one[0].pk))
    times = [(by_key[time.person_id][1], time) for time in meeting.availabilities.all() if time.person_id in by_key]
    names = {person.public_id: name for person, name in order}
    return AvailabilityPage(names, {person.public_id: person for person, _name in order}, tuple(times))
