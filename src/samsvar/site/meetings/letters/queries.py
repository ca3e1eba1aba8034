"""Queries for letters: checking one by its code, its addressee, and the lists of issued letters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import list_guests
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.facts import get_local_today
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonym
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.text import fold


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """The result of checking a letter by its code."""

    letter: models.IssuedLetter
    matches: bool | None  # whether the last name entered is on the letter; None if none was entered

    @property
    def is_valid(self) -> bool:
        return self.letter.revoked_at is None and not self.is_void_by_cancellation

    @property
    def is_void_by_cancellation(self) -> bool:
        """Return whether the meeting is cancelled and the letter is not a certificate.

        Certificates remain valid, because people may have attended before the cancellation.
        """
        certificate = models.IssuedLetter.Kind.ATTENDANCE
        return self.letter.meeting.cancelled_at is not None and self.letter.kind != certificate


def check_letter(code: str, last_name: str = "") -> LetterCheck | None:
    """Return the letter with this code and whether the last name entered matches; None if there is no such code.

    Only the name printed on the letter is compared, so that a letter under a pseudonym does not confirm a real name.
    Nothing else about the person is returned.
    """
    letter = models.IssuedLetter.objects.select_related("meeting").filter(code=code.strip().upper()).first()
    if letter is None:
        return None
    if not last_name.strip():
        return LetterCheck(letter, None)
    words = fold(letter.printed_name).split()
    endings = [words[start:] for start in range(len(words))]  # a last name can have several words
    return LetterCheck(letter, fold(last_name).split() in endings)


@dataclass(frozen=True, slots=True)
class Addressee:
    """The addressee of a letter, as printed."""

    name: str
    title: str = ""
    organisation: str = ""
    country: str = ""  # determines which national form of Han characters is used for the name


def get_addressee(registration: models.Registration, *, for_themselves: bool) -> Addressee:
    """Return the addressee of a letter; for people at risk only the pseudonym, unless they requested the letter."""
    person = registration.person
    if person is None:
        return Addressee("")
    if person.at_risk and not for_themselves:
        return Addressee(get_pseudonym(registration.meeting, person))
    fields = (Field.NAME, Field.TITLE, Field.ORGANISATION)
    view = get_visible_participants(None, [person], subject="", fields=fields).get(person.pk)
    if view is None:
        return Addressee("")
    organisation = view.organisation.label if view.organisation else ""
    return Addressee(view.name, view.title, organisation, registration.state_id or "")


def list_days_attended(registration: models.Registration) -> tuple[date, ...] | None:
    """Return the meeting's days on which a person was checked in, at the door or to a session, in its time zone.

    None: they were not checked in. (): only after the meeting, by an organiser who recorded their attendance later.
    A check-in before the first day, such as a test, does not count.
    """
    meeting = registration.meeting
    zone = ZoneInfo(meeting.zone)
    moments = registration.check_ins.filter(undone_at__isnull=True).values_list("at", flat=True)
    days = {moment.astimezone(zone).date() for moment in moments}
    if not any(day >= meeting.begins for day in days):
        return None
    return tuple(sorted(day for day in days if meeting.begins <= day <= meeting.ends))


def first_certificate_day(meeting: models.Meeting) -> date:
    """Return the first day on which attendance can be certified: the last day or, if cancelled, the first."""
    return meeting.begins if meeting.cancelled_at is not None else meeting.ends


def can_certify_attendance(meeting: models.Meeting) -> bool:
    return get_local_today(meeting) >= first_certificate_day(meeting)


def list_session_titles(registration: models.Registration, language: str) -> tuple[str, ...]:
    """Return the titles of the sessions in which a person appeared other than as an interpreter.

    Cancelled sessions are omitted.
    """
    if registration.person is None:
        return ()
    sessions = models.Session.objects.filter(
        meeting=registration.meeting_id, appearances__person=registration.person, state=models.Session.State.READY
    )
    sessions = sessions.exclude(appearances__part="interpreter").distinct()
    return tuple(registration.meeting.choose_text(one.title, language) for one in sessions)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A registration with the letters issued for it."""

    guest: Any
    letters: tuple[models.IssuedLetter, ...]
    was_checked_in: bool  # whether they were checked in, so that a certificate can be issued


def letter_rows(user: User, meeting: models.Meeting, registrations: Any) -> list[LetterRow]:
    """Return these registrations with their letters; access to each name is logged."""
    participants = list(registrations)
    issued: dict[int, list[models.IssuedLetter]] = defaultdict(list)
    for letter in meeting.issued.filter(registration__in=[row.pk for row in participants]):
        issued[letter.registration_id or 0].append(letter)
    return [
        LetterRow(guest, tuple(issued[guest.registration.pk]), guest.came_at is not None)
        for guest in list_guests(user, participants, subject=f"letters {meeting.public_id}")
    ]
