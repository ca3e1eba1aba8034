"""Personal schedules: adding sessions, signing up for a place in a session, and creating a calendar link."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.ids import hash_secret
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.schedule import ScheduleOwner
from samsvar.site.meetings.meeting.errors import MeetingRuleError


class SessionFull(MeetingRuleError):
    """Raised when all places in the session are taken."""

    message = _("There are no places left in this session.")
    advice = _("Choose another session. A place may become available later.")


class SignUpNotAvailable(MeetingRuleError):
    """Raised when the session has no places to sign up for, or the user has no place at the meeting."""

    message = _("You cannot book a place in this session.")
    advice = _("Add the session to your schedule instead.")


def add_to_schedule(*, owner: ScheduleOwner, session: models.Session) -> models.ScheduleEntry:
    """Add a session to a schedule; adding it again changes nothing."""
    with transaction.atomic():
        entry, created = models.ScheduleEntry.objects.get_or_create(session=session, **owner.owner_fields)
        if created:
            _record_action(owner, "chose a session", session.meeting)
    return entry


def remove_from_schedule(*, owner: ScheduleOwner, session: models.Session) -> None:
    """Remove a session from a schedule and release the place in it."""
    with transaction.atomic():
        deleted, _kinds = models.ScheduleEntry.objects.filter(owner.owner_filter, session=session).delete()
        if deleted:
            _record_action(owner, "removed a session from their schedule", session.meeting)


def sign_up(*, owner: ScheduleOwner, session: models.Session) -> models.ScheduleEntry:
    """Sign up for a place in a session; the session is locked, so that the last place is given only once.

    Raises SignUpNotAvailable and SessionFull.
    """
    with transaction.atomic():
        session = models.Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if session.places is None or owner.registration is None or session.state == models.Session.State.CANCELLED:
            raise SignUpNotAvailable
        entry = models.ScheduleEntry.objects.filter(owner.owner_filter, session=session).order_by("-signed_up").first()
        if entry is not None and entry.signed_up:
            return entry
        if models.ScheduleEntry.objects.filter(session=session, signed_up=True).count() >= session.places:
            raise SessionFull
        entry = entry or models.ScheduleEntry(session=session, **owner.owner_fields)
        entry.signed_up = True
        entry.save()
        _record_action(owner, "signed up for a session", session.meeting)
    return entry


def create_calendar_link(*, owner: ScheduleOwner, meeting: models.Meeting) -> str:
    """Create and return the secret token of a personal calendar; it is shown only once and replaces any older one."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        models.ScheduleLink.objects.filter(meeting=meeting, **owner.owner_fields).delete()
        models.ScheduleLink.objects.create(meeting=meeting, token_hash=hash_secret(token), **owner.owner_fields)
        _record_action(owner, "created a personal calendar", meeting)
    return token


def delete_calendar_link(*, owner: ScheduleOwner, meeting: models.Meeting) -> None:
    with transaction.atomic():
        deleted, _kinds = models.ScheduleLink.objects.filter(meeting=meeting, **owner.owner_fields).delete()
        if deleted:
            _record_action(owner, "deleted a personal calendar", meeting)


def _record_action(owner: ScheduleOwner, verb: str, meeting: models.Meeting) -> None:
    person = owner.registration.person if owner.registration else None
    record(
        by=owner.account, verb=verb, subject=f"meeting {meeting.public_id}", person=person.public_id if person else ""
    )
