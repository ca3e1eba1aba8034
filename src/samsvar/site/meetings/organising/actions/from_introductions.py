"""The action that makes a meeting from an introduction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from samsvar.meetings.meeting import CountryRole
from samsvar.site.exchange.introductions.actions import link_meeting
from samsvar.site.exchange.models import Introduction
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.meetings import create_meeting
from samsvar.site.meetings.organising.introductions import countries_shown, is_between_fictional_states
from samsvar.site.network.access.permissions import Account, Network


def create_meeting_from_introduction(
    *, by: Account, introduction: Introduction, public_id: str, network: Network | None, data: Mapping[str, Any]
) -> models.Meeting:
    """Create the meeting of an introduction, with the user as its organiser, and link both to each other.

    The host's state and the visitors' are added as far as each side agreed to show them. No one is invited by it.
    """
    with transaction.atomic():
        values = {**data, "fictional": is_between_fictional_states(introduction)}
        meeting = create_meeting(by=by, public_id=public_id, network=network, data=values)
        host, visitors = countries_shown(introduction)
        roles = ((host, CountryRole.HOST), (visitors, CountryRole.INVITED))
        models.InvitedState.objects.bulk_create(
            models.InvitedState(meeting=meeting, state_id=code, place=role) for code, role in roles if code
        )
        link_meeting(by=by, introduction=introduction, meeting=public_id)
    return meeting
