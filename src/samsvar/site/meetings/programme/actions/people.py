"""Actions that add people to sessions, remove them and save when they are available."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from samsvar.meetings.meeting import ProgrammeRole
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
from samsvar.site.meetings.meeting.permissions import User, check_can_manage
from samsvar.site.meetings.programme.errors import ItemAlreadyExists, ProgrammeError
from samsvar.site.meetings.programme.queries.speakers import get_appearance_key
from samsvar.site.network.directory.actions.participants import get_or_create_participant


def add_person(
    *, by: User, session: models.Session, person: Any, name: str, part: str = ProgrammeRole.SPEAKER, language: str = ""
) -> models.Appearance:
    """Add a person to a session, making them a participant if necessary. Their name is not public until they agree."""
    meeting = session.meeting
    check_can_manage(by, meeting)
    with transaction.atomic():
        if session.appearances.filter(person=person, part=part).exists():
            raise ItemAlreadyExists
        if not meeting.registrations.filter(person=person).exists():
            get_or_create_participant(
                by=by, meeting=meeting.public_id, note="appears in the programme of a meeting", person=person, name=name
            )
        key, order = get_appearance_key(meeting, person), _next_order(session)
        appearance = models.Appearance.objects.create(
            session=session, person=person, key=key, part=part, language=language, order=order
        )
        keep_pseudonyms(person=person)
        _record_appearance_change(by, session, "added a speaker to a session", person.public_id)
    return appearance


def add_office_holder(
    *,
    by: User,
    session: models.Session,
    named: str,
    office: str,
    state: str = "",
    source: str,
    part: str = ProgrammeRole.SPEAKER,
) -> models.Appearance:
    """Add a holder of public office to a session, named on the basis of a public source."""
    check_can_manage(by, session.meeting)
    if not source.strip() or not office.strip():
        raise ProgrammeError(
            _("Only holders of public office can be named here, and only on the basis of a public source."),
            _(
                "Enter the office and the source. A person who does not hold public office can only be added "
                "as a participant or remain unnamed."
            ),
        )
    with transaction.atomic():
        appearance = models.Appearance.objects.create(
            session=session, named=named.strip(), office=office.strip(), source=source.strip(), part=part,
            state_id=state or None, order=_next_order(session),
        )  # fmt: skip
        _record_appearance_change(by, session, "added an office-holder to a session")
    return appearance


def add_unnamed_person(
    *, by: User, session: models.Session, state: str, part: str = ProgrammeRole.SPEAKER
) -> models.Appearance:
    """Add an unnamed person, of whom only the country is known, to a session."""
    check_can_manage(by, session.meeting)
    with transaction.atomic():
        appearance = models.Appearance.objects.create(
            session=session, state_id=state, part=part, order=_next_order(session)
        )
        _record_appearance_change(by, session, "added an unnamed speaker to a session")
    return appearance


def remove_appearance(*, by: User, appearance: models.Appearance) -> None:
    """Remove an appearance from a session."""
    check_can_manage(by, appearance.session.meeting)
    with transaction.atomic():
        person = appearance.person.public_id if appearance.person else ""
        _record_appearance_change(by, appearance.session, "removed a speaker from a session", person)
        appearance.delete()


def add_availability(
    *, by: User, meeting: models.Meeting, person: Any, starts: datetime, ends: datetime
) -> models.Availability:
    """Save a period in which a person is available. People with no saved periods count as always available."""
    check_can_manage(by, meeting)
    if ends <= starts:
        raise ProgrammeError(_("The end must be after the start."))
    with transaction.atomic():
        availability = models.Availability.objects.create(meeting=meeting, person=person, starts=starts, ends=ends)
        record_change(by, meeting, "set a speaker's availability", person=person.public_id)
    return availability


def remove_availability(*, by: User, availability: models.Availability) -> None:
    """Remove a period in which a person is available."""
    check_can_manage(by, availability.meeting)
    with transaction.atomic():
        person = availability.person.public_id
        record_change(by, availability.meeting, "removed a speaker's availability", person=person)
        availability.delete()


def _record_appearance_change(by: User, session: models.Session, verb: str, person: str = "") -> None:
    record_change(by, session.meeting, verb, {"session": session.public_id}, person=person)


def _next_order(session: models.Session) -> int:
    return session.appearances.count() + 1
