"""Letters that were issued: what a paper's code answers, and what stands on a letter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from samsvar.languages import best
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import guests
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.network.directory.queries.participants import participants_for


@dataclass(frozen=True, slots=True)
class Paper:
    """What anybody who has the paper may know of it."""

    letter: models.IssuedLetter
    matches: bool | None  # whether the last name that was typed is the letter's; None: none was typed

    @property
    def is_valid(self) -> bool:
        return self.letter.revoked_at is None and not self.is_of_a_cancelled_meeting

    @property
    def is_of_a_cancelled_meeting(self) -> bool:
        """Whoever was there before it was cancelled was there."""
        kind = models.IssuedLetter.Kind.ATTENDANCE
        return self.letter.meeting.cancelled_at is not None and self.letter.kind != kind


def paper(code: str, last_name: str = "") -> Paper | None:
    """The letter with this code; whose it is says only whether a typed last name fits."""
    letter = (
        models.IssuedLetter.objects.filter(code=code.strip().upper())
        .select_related("meeting", "registration__person")
        .first()
    )
    if letter is None:
        return None
    if not last_name.strip():
        return Paper(letter, None)
    names = names_of(letter.registration) if letter.registration else ()
    wanted = _plain(last_name)
    return Paper(letter, any(wanted in {_plain(name), _plain(name.split()[-1])} for name in names if name.split()))


def names_of(registration: models.Registration) -> tuple[str, ...]:
    """What may stand on this person's letters: their name, and the pseudonym of those at risk."""
    if registration.person is None:
        return ()
    view = participants_for(None, [registration.person], subject="").get(registration.person.pk)
    pseudonym = registration.person.pseudonym if registration.person.at_risk else ""
    return tuple(one for one in (view.name if view else "", pseudonym) if one)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is for, as it is printed."""

    name: str
    title: str = ""
    organisation: str = ""
    country: str = ""  # whose forms of Han characters the name is printed in


def addressee(registration: models.Registration, *, for_themselves: bool) -> Addressee:
    """Of people at risk a letter that others make names the pseudonym and nothing else."""
    person = registration.person
    if person is None:
        return Addressee("")
    if person.at_risk and not for_themselves:
        return Addressee(person.pseudonym)
    view = participants_for(None, [person], subject="", fields=(Field.NAME, Field.TITLE, Field.ORGANISATION)).get(
        person.pk
    )
    if view is None:
        return Addressee("")
    organisation = view.organisation.shown if view.organisation else ""
    return Addressee(view.name, view.title, organisation, registration.state_id or "")


def days_present(registration: models.Registration) -> tuple[date, ...]:
    """The days on which somebody was checked in, at the door or at a session, in the meeting's zone."""
    zone = ZoneInfo(registration.meeting.zone)
    moments = registration.check_ins.filter(undone_at__isnull=True).values_list("at", flat=True)
    return tuple(sorted({moment.astimezone(zone).date() for moment in moments}))


def held_by(registration: models.Registration, language: str) -> tuple[str, ...]:
    """What somebody spoke on or led, as the programme says it, without what was cancelled."""
    if registration.person is None:
        return ()
    rows = (
        models.Session.objects.filter(
            meeting=registration.meeting_id,
            appearances__person=registration.person,
            state=models.Session.State.READY,
        )
        .exclude(appearances__part="interpreter")
        .distinct()
    )
    original = (registration.meeting.languages or [""])[0]
    return tuple(best(one.title, language, original)[1] for one in rows)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One registration with the letters that it has."""

    guest: Any
    letters: tuple[models.IssuedLetter, ...]
    may_attest: bool  # was checked in


def letters_to_issue(user: User, meeting: models.Meeting, registrations: Any) -> list[LetterLine]:
    """These registrations with their letters; a sight of each name is written down."""
    rows = list(registrations)
    issued: dict[int, list[models.IssuedLetter]] = {}
    for one in meeting.issued.filter(registration__in=[row.pk for row in rows]):
        issued.setdefault(one.registration_id or 0, []).append(one)
    return [
        LetterLine(guest, tuple(issued.get(guest.registration.pk, ())), guest.came_at is not None)
        for guest in guests(user, rows, subject=f"letters {meeting.public_id}")
    ]


def own_letters(registration: models.Registration) -> list[models.IssuedLetter]:
    return list(registration.issued.all())


def letter_of(meeting: models.Meeting, code: str) -> models.IssuedLetter | None:
    return meeting.issued.filter(code=code).first()


def _plain(text: str) -> str:
    """Without accents, capitals and spaces at the ends: as somebody types a name from a paper."""
    taken_apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(one for one in taken_apart if not unicodedata.combining(one))
