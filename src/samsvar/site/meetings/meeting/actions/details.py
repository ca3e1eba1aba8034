"""Change the countries, organisations and links of a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from samsvar.meetings.meeting import MeetingsError, PlaceOf
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_manage
from samsvar.site.meetings.meeting.queries.meetings import link_leads_somewhere
from samsvar.site.network.access.permissions import Account, Organisation

# --- Announcing and changing ------------------------------------------------------------------------------------------


class MayNotRun(MeetingsError):
    """Somebody would change a meeting that they do not run, or announce one of a network that is not theirs."""

    code = "may_not_run"


class LeadsNowhere(MeetingsError):
    """There is no such article, finding, report or concept."""

    code = "leads_nowhere"


def invite_states(*, by: Account, meeting: models.Meeting, states: Iterable[str]) -> None:
    """The states that are invited, these and no others; from where speakers came, and who is host, stays."""
    _check_runs(by, meeting)
    wanted = set(states)
    with transaction.atomic():
        invited = meeting.states.filter(place=PlaceOf.INVITED)
        there = set(invited.values_list("state_id", flat=True))
        invited.exclude(state__in=wanted).delete()
        models.InvitedState.objects.bulk_create(
            models.InvitedState(meeting=meeting, state_id=code) for code in sorted(wanted - there)
        )
        if wanted != there:
            details = {"added": sorted(wanted - there), "removed": sorted(there - wanted)}
            _told(by, meeting, "changed the invited states", details)


def add_organisation(*, by: Account, meeting: models.Meeting, organisation: Organisation, role: str) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        _row, made = meeting.organisations.get_or_create(organisation=organisation, role=role)
        if made:
            _told(by, meeting, "added an organisation", {"organisation": organisation.public_id, "role": role})


def remove_organisation(*, by: Account, meeting: models.Meeting, row: models.MeetingOrganisation) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        row.delete()
        _told(by, meeting, "removed an organisation", {"organisation": row.organisation.public_id, "role": row.role})


def add_link(*, by: Account, meeting: models.Meeting, kind: str, key: str) -> None:
    """Say that a meeting is about an article, a finding, a report or a concept."""
    _check_runs(by, meeting)
    if not link_leads_somewhere(kind, key):
        raise LeadsNowhere("There is nothing of this name.")
    with transaction.atomic():
        _row, made = meeting.links.get_or_create(session=None, kind=kind, key=key)
        if made:
            _told(by, meeting, "added a link", {"kind": kind, "key": key})


def remove_link(*, by: Account, meeting: models.Meeting, row: models.Link) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        row.delete()
        _told(by, meeting, "removed a link", {"kind": row.kind, "key": row.key})


# --- Steps ------------------------------------------------------------------------------------------------------------


def _check_runs(by: Account, meeting: models.Meeting) -> None:
    if not can_manage(by, meeting):
        raise MayNotRun("You do not run this meeting.")


def _told(by: Account, meeting: models.Meeting, verb: str, details: dict[str, Any]) -> None:
    record(by=by, verb=verb, subject=f"meeting {meeting.public_id}", details=details)
