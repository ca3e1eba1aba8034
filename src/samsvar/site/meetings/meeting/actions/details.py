"""Actions that change the invited states, organisations and links of a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import CountryRole
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import User, can_manage
from samsvar.site.meetings.meeting.queries.meetings import link_target_exists
from samsvar.site.network.access.permissions import Account, Organisation


class NotOrganiser(MeetingRuleError):
    """Raised when the user is not an organiser of this meeting, or may not plan meetings of this network."""

    message = _("You are not an organiser of this meeting.")
    advice = _("Contact the organiser of the meeting or the secretariat of its network.")


class LinkTargetNotFound(MeetingRuleError):
    """Raised when there is no article, finding, report, concept or practice with this key."""

    message = _("Nothing was found with this reference.")
    advice = _("Enter an article number, or the last part of the web address of a finding or report.")


def set_invited_states(*, by: Account, meeting: models.Meeting, states: Iterable[str]) -> None:
    """Set the invited states, replacing the previous ones; states with other roles, such as the host, are kept."""
    check_is_organiser(by, meeting)
    new_codes = set(states)
    with transaction.atomic():
        invited = meeting.states.filter(place=CountryRole.INVITED)
        current_codes = set(invited.values_list("state_id", flat=True))
        invited.exclude(state__in=new_codes).delete()
        models.InvitedState.objects.bulk_create(
            models.InvitedState(meeting=meeting, state_id=code) for code in sorted(new_codes - current_codes)
        )
        if new_codes != current_codes:
            details = {"added": sorted(new_codes - current_codes), "removed": sorted(current_codes - new_codes)}
            record_change(by, meeting, "changed the invited states", details)


def add_organisation(*, by: Account, meeting: models.Meeting, organisation: Organisation, role: str) -> None:
    check_is_organiser(by, meeting)
    with transaction.atomic():
        _row, created = meeting.organisations.get_or_create(organisation=organisation, role=role)
        if created:
            record_change(by, meeting, "added an organisation", {"organisation": organisation.public_id, "role": role})


def remove_organisation(
    *, by: Account, meeting: models.Meeting, meeting_organisation: models.MeetingOrganisation
) -> None:
    check_is_organiser(by, meeting)
    with transaction.atomic():
        meeting_organisation.delete()
        details = {"organisation": meeting_organisation.organisation.public_id, "role": meeting_organisation.role}
        record_change(by, meeting, "removed an organisation", details)


def add_link(*, by: Account, meeting: models.Meeting, kind: str, key: str) -> None:
    """Link a meeting to an article, finding, report, concept or practice that it is about.

    Raises LinkTargetNotFound.
    """
    check_is_organiser(by, meeting)
    if not link_target_exists(kind, key):
        raise LinkTargetNotFound
    with transaction.atomic():
        _row, created = meeting.links.get_or_create(session=None, kind=kind, key=key)
        if created:
            record_change(by, meeting, "added a link", {"kind": kind, "key": key})


def remove_link(*, by: Account, meeting: models.Meeting, link: models.MeetingLink) -> None:
    check_is_organiser(by, meeting)
    with transaction.atomic():
        link.delete()
        record_change(by, meeting, "removed a link", {"kind": link.kind, "key": link.key})


# --- Helpers ----------------------------------------------------------------------------------------------------------


def check_is_organiser(by: Account, meeting: models.Meeting) -> None:
    if not can_manage(by, meeting):
        raise NotOrganiser


def record_change(
    by: User, meeting: models.Meeting, verb: str, details: dict[str, Any] | None = None, **more: str
) -> None:
    """Record a change to a meeting in the audit log; `more` may contain `person` and `reason`."""
    record(by=by, verb=verb, subject=f"meeting {meeting.public_id}", details=details, **more)
