"""Somebody chooses sessions, takes one of a session's places, and gets a calendar of their own."""

from __future__ import annotations

import secrets

from django.db import transaction

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import MeetingsError
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.schedule import Owner


class NoPlaceLeft(MeetingsError):
    """All places of a session are taken."""

    code = "no_place_left"
    kept = "Your schedule is as it was."
    advice = "Choose another session; a place may become free when somebody gives theirs up."


class NoSignUp(MeetingsError):
    """A session has no places to sign up to, or whoever asks has none at the meeting."""

    code = "no_sign_up"
    kept = "Your schedule is as it was."
    advice = "Put it into your schedule instead."


def choose(*, owner: Owner, session: models.Session) -> models.MySession:
    """Put a session into one's schedule; once is enough."""
    with transaction.atomic():
        row, made = models.MySession.objects.get_or_create(session=session, **owner.key)
        if made:
            _record(owner, "chose a session", session.meeting)
    return row


def let_go(*, owner: Owner, session: models.Session) -> None:
    """Take a session out of one's schedule, and give its place up with it."""
    with transaction.atomic():
        gone, _kinds = models.MySession.objects.filter(owner.rows, session=session).delete()
        if gone:
            _record(owner, "let a session go", session.meeting)


def sign_up(*, owner: Owner, session: models.Session) -> models.MySession:
    """Take one of a session's places. Two who ask for the last one at once do not both get it."""
    with transaction.atomic():
        session = models.Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if session.places is None or owner.registration is None or session.state == models.Session.State.CANCELLED:
            raise NoSignUp("There are no places to sign up to here.")
        row = models.MySession.objects.filter(owner.rows, session=session).order_by("-signed_up").first()
        if row is not None and row.signed_up:
            return row
        if models.MySession.objects.filter(session=session, signed_up=True).count() >= session.places:
            raise NoPlaceLeft("All places of this session are taken.")
        row = row or models.MySession(session=session, **owner.key)
        row.signed_up = True
        row.save()
        _record(owner, "took a place in a session", session.meeting)
    return row


def make_calendar(*, owner: Owner, meeting: models.Meeting) -> str:
    """The secret of one's own calendar, shown once; an older one opens nothing any more."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        models.ScheduleLink.objects.filter(meeting=meeting, **owner.key).delete()
        models.ScheduleLink.objects.create(meeting=meeting, token_hash=secret_hash(token), **owner.key)
        _record(owner, "made a calendar of their own", meeting)
    return token


def end_calendar(*, owner: Owner, meeting: models.Meeting) -> None:
    with transaction.atomic():
        gone, _kinds = models.ScheduleLink.objects.filter(meeting=meeting, **owner.key).delete()
        if gone:
            _record(owner, "ended a calendar of their own", meeting)


def _record(owner: Owner, verb: str, meeting: models.Meeting) -> None:
    person = owner.registration.person if owner.registration else None
    record(
        by=owner.account,
        verb=verb,
        subject=f"meeting {meeting.public_id}",
        person=person.public_id if person else "",
    )
