"""Add people to sessions and remove them, and record when they are available."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from samsvar.ids import random_id
from samsvar.meetings.meeting import Part
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, must_manage
from samsvar.site.meetings.programme.actions.sessions import _of
from samsvar.site.meetings.programme.errors import IsThereAlready, ProgrammeError
from samsvar.site.network.directory.actions.participants import enter_participant

# --- People -----------------------------------------------------------------------------------------------------------


def add_person(
    *, by: User, session: models.Session, person: Any, name: str, part: str = Part.SPEAKER, language: str = ""
) -> models.Appearance:
    """Somebody appears in a session: a participant, or somebody of a network who becomes one by it.

    Their name stands in the public programme when they agree to it, and not before.
    """
    meeting = session.meeting
    must_manage(by, meeting)
    with transaction.atomic():
        if session.appearances.filter(person=person, part=part).exists():
            raise IsThereAlready
        if not meeting.registrations.filter(person=person).exists():
            enter_participant(
                by=by,
                meeting=meeting.public_id,
                note="appears in the programme of a meeting",
                person=person,
                name=name,
            )
        known = models.Appearance.objects.filter(session__meeting=meeting, person=person).order_by("pk").first()
        added = models.Appearance.objects.create(
            session=session,
            person=person,
            key=known.key if known else random_id(),
            part=part,
            language=language,
            order=_next_order(session),
        )
        _record_person(by, session, "added somebody to a session", person.public_id)
    return added


def add_office_holder(
    *,
    by: User,
    session: models.Session,
    named: str,
    office: str,
    state: str = "",
    source: str,
    part: str = Part.SPEAKER,
) -> models.Appearance:
    """A holder of public office appears, whom a public source names in that office."""
    must_manage(by, session.meeting)
    if not source.strip() or not office.strip():
        raise ProgrammeError(
            _("Only a holder of public office is named here, and only from a public source."),
            _("Write the office and the source; whoever holds none is a participant, or stays without a name."),
        )
    with transaction.atomic():
        added = models.Appearance.objects.create(
            session=session,
            named=named.strip(),
            office=office.strip(),
            state_id=state or None,
            source=source.strip(),
            part=part,
            order=_next_order(session),
        )
        _record_person(by, session, "added an office-holder to a session")
    return added


def add_unnamed(*, by: User, session: models.Session, state: str, part: str = Part.SPEAKER) -> models.Appearance:
    """Somebody from a country appears whom nobody names yet."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        added = models.Appearance.objects.create(session=session, state_id=state, part=part, order=_next_order(session))
        _record_person(by, session, "added somebody without a name to a session")
    return added


def remove_appearance(*, by: User, appearance: models.Appearance) -> None:
    """Somebody does not appear in a session after all."""
    must_manage(by, appearance.session.meeting)
    with transaction.atomic():
        person = appearance.person.public_id if appearance.person else ""
        _record_person(by, appearance.session, "took somebody out of a session", person)
        appearance.delete()


def say_available(
    *, by: User, meeting: models.Meeting, person: Any, starts: datetime, ends: datetime
) -> models.Availability:
    """Write down a time at which somebody can appear; who has none can always."""
    must_manage(by, meeting)
    if ends <= starts:
        raise ProgrammeError(_("The end does not lie after the beginning."))
    with transaction.atomic():
        said = models.Availability.objects.create(meeting=meeting, person=person, starts=starts, ends=ends)
        record(by=by, verb="said when somebody can appear", subject=_of(meeting), person=person.public_id)
    return said


def forget_available(*, by: User, availability: models.Availability) -> None:
    """Take back a time at which somebody can appear."""
    must_manage(by, availability.meeting)
    with transaction.atomic():
        record(
            by=by,
            verb="took back when somebody can appear",
            subject=_of(availability.meeting),
            person=availability.person.public_id,
        )
        availability.delete()


def _record_person(by: User, session: models.Session, verb: str, person: str = "") -> None:
    record(by=by, verb=verb, subject=_of(session.meeting), details={"session": session.public_id}, person=person)


def _next_order(session: models.Session) -> int:
    return session.appearances.count() + 1
