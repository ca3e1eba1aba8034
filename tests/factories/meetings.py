"""Meetings for tests, each invented. Every topic adds its own functions at the end."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from samsvar.meetings.meeting import Access, MeetingKind
from samsvar.network.rights import Role
from samsvar.site.meetings import models
from samsvar.site.network.permissions import Account
from tests.factories.people import make_account

_numbers = itertools.count(1)


def make_meeting(**more: Any) -> models.Meeting:
    """A public conference of three days in Sudmar, in English and French; anything else by name."""
    columns: dict[str, Any] = {
        "public_id": f"meeting-{next(_numbers)}",
        "kind": MeetingKind.CONFERENCE,
        "languages": ["en", "fr"],
        "title": {"en": "Shelters near everybody", "fr": "Des refuges près de chacun"},
        "begins": date(2026, 9, 15),
        "ends": date(2026, 9, 17),
        "zone": "Europe/Bucharest",
        "city": "Harbour",
        "access": Access.PUBLIC,
        "invented": True,
    }
    return models.Meeting.objects.create(**(columns | more))


def organiser_of(meeting: models.Meeting, **more: Any) -> Account:
    """An account that runs this meeting; sign it in with `sign_in(client, account, staff_session="…")`."""
    return make_account(Role.ORGANISER, meeting=meeting.public_id, **more)
