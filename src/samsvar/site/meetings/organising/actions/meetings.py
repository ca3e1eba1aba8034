"""Actions that create, edit, cancel and reinstate a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import AccessLevel
from samsvar.network.rights import Role
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import NotOrganiser, check_is_organiser, record_change
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import can_manage, can_plan
from samsvar.site.meetings.meeting.queries.opening import is_over
from samsvar.site.meetings.organising.actions.announcements import email_everyone_concerned
from samsvar.site.meetings.registration.actions.places import lock_waiting_list, promote_from_waiting_list
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.access.permissions import Account, Network

type RelatedRow = tuple[str, ...]


class PublicIdTaken(MeetingRuleError):
    """Raised when the address is already used by another meeting or by a page of this site."""

    message = _("A meeting with this web address already exists.")
    advice = _("Choose another web address.")


class EndsBeforeStart(MeetingRuleError):
    """Raised when a meeting's last day is before its first."""

    message = _("The last day is before the first day.")
    advice = _("Choose a last day on or after the first day.")


class OutsideOuterMeeting(MeetingRuleError):
    """Raised when the dates of a meeting inside another are not within the dates of the other."""

    message = _("A meeting that is part of another meeting must take place within its dates.")
    advice = _("Choose dates within those of the parent meeting.")


class AlreadyCancelled(MeetingRuleError):
    """Raised when a meeting that is to be cancelled has already been cancelled."""

    message = _("This meeting has already been cancelled.")


class NotCancelled(MeetingRuleError):
    """Raised when a meeting that is to be reinstated has not been cancelled."""

    message = _("This meeting has not been cancelled.")


class ReasonMissing(MeetingRuleError):
    """Raised when a meeting is cancelled or reinstated without a reason, which everyone concerned would read."""

    message = _("No reason was given.")
    advice = _("Explain in one sentence why the meeting is cancelled. Everyone who was due to attend will read this.")


class AudienceNotPossible(MeetingRuleError):
    """Raised when a meeting is published for an audience that it cannot have."""

    message = _("This meeting cannot be shown to these people only.")
    advice = _("Choose one of the audiences on the page.")


# addresses of other pages, which no meeting can have
RESERVED_PUBLIC_IDS = frozenset({"new", "commitments", "commitment-progress", "letters", "lost-link", "mine", "manage"})


def create_meeting(*, by: Account, public_id: str, network: Network | None, data: Mapping[str, Any]) -> models.Meeting:
    """Create a meeting with the user as its organiser; `data` contains the values of its fields.

    Only its organisers can see it until it is published (`publish_meeting`).
    Raises NotOrganiser, EndsBeforeStart, OutsideOuterMeeting and PublicIdTaken.
    """
    if not can_plan(by, network):
        raise NotOrganiser
    outer = data.get("inside")
    if outer is not None and not can_manage(by, outer):
        raise NotOrganiser
    _check_days(data["begins"], data["ends"], outer)
    if public_id in RESERVED_PUBLIC_IDS:
        raise PublicIdTaken
    try:
        with transaction.atomic():
            values = {**data, "access": AccessLevel.ORGANISERS}
            meeting = models.Meeting.objects.create(public_id=public_id, network=network, **values)
            record_change(by, meeting, "announced a meeting", {"kind": meeting.kind})
            # `by` is None because users never give themselves a role; the site gives this one
            give_role(account=by, role=Role.ORGANISER, by=None, reason="announced this meeting", meeting=public_id)
    except IntegrityError as exc:
        raise PublicIdTaken from exc
    return meeting


# Fields that people's travel plans depend on; changes to them can be emailed to everyone concerned.
DATE_AND_PLACE_FIELDS = ("begins", "ends", "attendance", "state_id", "city", "place", "address")
LETTER_FIELDS = ("begins", "ends", "state_id", "city")  # read by consulates; letters with other values are revoked


def update_meeting(
    *, by: Account, meeting: models.Meeting, data: Mapping[str, Any], tell: bool = False, why: str = ""
) -> bool:
    """Change fields of a meeting; return whether anything changed.

    If the dates or the place change and `tell` is True, everyone concerned is emailed, with the reason `why`. Letters
    that state the old dates or place are revoked.
    """
    check_is_organiser(by, meeting)
    outer = data.get("inside", meeting.inside)
    if outer is not None and outer.pk != meeting.inside_id and not can_manage(by, outer):
        raise NotOrganiser
    _check_days(data.get("begins", meeting.begins), data.get("ends", meeting.ends), outer)
    if any(name in data and data[name] != getattr(meeting, name) for name in ("begins", "ends")):
        # an organiser who edits the dates knows the exact days
        data = {**data, "precision": models.Meeting.Precision.DAY}
    changed = sorted(name for name, value in data.items() if getattr(meeting, name) != value)
    if not changed:
        return False
    before, details = copy(meeting), dict[str, Any](changed=changed)
    with transaction.atomic():
        for name in changed:
            setattr(meeting, name, data[name])
        meeting.save(update_fields=changed)
        if not set(DATE_AND_PLACE_FIELDS).isdisjoint(changed) and meeting.cancelled_at is None and not is_over(meeting):
            if not set(LETTER_FIELDS).isdisjoint(changed):
                letters = meeting.issued.filter(revoked_at__isnull=True)
                letters.exclude(kind=models.IssuedLetter.Kind.ATTENDANCE).update(revoked_at=timezone.now())
            if tell:
                details["letters"] = email_everyone_concerned(meeting, "moved", reason=why.strip()[:300], before=before)
        record_change(by, meeting, "changed a meeting", details, reason=why.strip()[:300])
    return True


def publish_meeting(*, by: Account, meeting: models.Meeting, access: str) -> models.Meeting:
    """Show the page of a meeting to an audience, or only to its organisers again. Programme versions do not change."""
    check_is_organiser(by, meeting)
    level = AccessLevel(access)
    if level is AccessLevel.SPEAKERS or (level is AccessLevel.NETWORK and meeting.network_id is None):
        raise AudienceNotPossible
    with transaction.atomic():
        before, meeting.access = meeting.access, level.value
        meeting.save(update_fields=["access"])
        verb = "published a meeting" if meeting.is_published else "withdrew a meeting from publication"
        record_change(by, meeting, verb, {"before": before, "access": level.value})
    return meeting


def cancel_meeting(*, by: Account, meeting: models.Meeting, why: str) -> int:
    """Cancel a meeting and, unless it is over, email everyone concerned the reason; return the number of emails.

    The meeting's page remains online.
    """
    return _cancel_or_reinstate(by, meeting, why, reinstating=False)


def reinstate_meeting(*, by: Account, meeting: models.Meeting, why: str) -> int:
    """Reinstate a cancelled meeting and, unless it is over, email everyone concerned; return the number of emails.

    Confirmed places are still valid.
    """
    return _cancel_or_reinstate(by, meeting, why, reinstating=True)


def _cancel_or_reinstate(by: Account, meeting: models.Meeting, why: str, *, reinstating: bool) -> int:
    check_is_organiser(by, meeting)
    why = why.strip()[:300]
    if not why:
        raise ReasonMissing
    with transaction.atomic():
        lock_waiting_list(meeting)  # no place is given in the meantime
        matching = models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=not reinstating)
        now = None if reinstating else timezone.now()
        if not matching.update(cancelled_at=now, cancelled_why="" if reinstating else why):
            raise (NotCancelled if reinstating else AlreadyCancelled)
        meeting.refresh_from_db()
        kind = "held_after_all" if reinstating else "cancelled"
        verb = "reinstated a meeting" if reinstating else "cancelled a meeting"
        email_count = 0 if is_over(meeting) else email_everyone_concerned(meeting, kind, reason=why)
        record_change(by, meeting, verb, {"letters": email_count}, reason=why)
        if reinstating:
            promote_from_waiting_list(meeting)
    return email_count


def _check_days(begins: date, ends: date, outer: models.Meeting | None) -> None:
    if ends < begins:
        raise EndsBeforeStart
    if outer is not None and not (outer.begins <= begins and ends <= outer.ends):
        raise OutsideOuterMeeting
