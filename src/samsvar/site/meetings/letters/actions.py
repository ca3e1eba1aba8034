"""Letters and badges: issued as PDF with a code that the site answers for, revoked when they hold no more.

What somebody gives of their passport for one letter goes into that letter and is stored nowhere, nor written down.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.meetings.meeting import MeetingsError
from samsvar.meetings.registration import Standing
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import NobodyToPrint, _must_be_printable
from samsvar.site.meetings.fonts import han_family
from samsvar.site.meetings.letters import labels as words
from samsvar.site.meetings.letters import queries
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.meeting.queries import facts as meeting_facts
from samsvar.site.meetings.pdf import in_order, isolated, qr, typeset
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.labels import SEMICOLON
from samsvar.territories import name_of, territories

Kind = models.IssuedLetter.Kind
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read as another; 12 of them are 60 bits


class NotConfirmed(MeetingsError):
    """A letter says that somebody has a place, and they have none."""

    code = "letter_without_a_place"
    kept = "No letter was made."
    advice = "Confirm the registration first."


class NotHeld(MeetingsError):
    """A letter says that somebody is expected at a meeting that is not held."""

    code = "letter_for_a_cancelled_meeting"
    kept = "No letter was made."
    advice = "If it is held after all, say so first."


class NotThere(MeetingsError):
    """A certificate of attendance is for those who were checked in."""

    code = "not_checked_in"
    kept = "No certificate was made."
    advice = "If this person was there, check them in by name, and try again."


class NoName(MeetingsError):
    """A letter is for somebody with a name."""

    code = "letter_without_a_name"
    kept = "No letter was made."
    advice = "Write a name on this person’s registration."


@dataclass(frozen=True, slots=True)
class Passport:
    """What a consulate asks to read in a letter, given by the person for this letter alone."""

    number: str
    nationality: str = ""  # a country's code: the letter says its name in its own language
    born: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it leaves: its row, and the PDF, which is not stored."""

    row: models.IssuedLetter
    pdf: bytes

    @property
    def filename(self) -> str:
        return f"{self.row.meeting.public_id}-{self.row.kind}-{self.row.code}.pdf"


def issue_letter(
    *,
    by: Account | None,
    registration: models.Registration,
    kind: str,
    site: str,
    language: str = "",
    passport: Passport | None = None,
    for_themselves: bool = False,
) -> Letter:
    """Make a letter for somebody with a place; `for_themselves` where the person asks for their own."""
    with transaction.atomic():
        row, said = _issue(
            by, registration, kind, site=site, language=language, passport=passport, for_themselves=for_themselves
        )
        pdf = typeset("letter", {"title": said["title"], "language": row.language, "letters": [said]})
    return Letter(row, pdf)


def issue_certificates(*, by: Account, meeting: models.Meeting, site: str, language: str = "") -> tuple[int, bytes]:
    """Certificates for everybody who was checked in, in the order of names: how many, and one PDF with a page for each.

    Each in the language of its person unless one is named. Raises `NobodyToPrint`, `CannotPrint`.
    """
    there = (
        meeting.registrations.filter(
            standing=Standing.CONFIRMED,
            person__isnull=False,
            check_ins__undone_at__isnull=True,
            check_ins__isnull=False,
        )
        .select_related("person", "meeting")
        .distinct()
    )
    with transaction.atomic():
        named = [(queries.addressee(one, for_themselves=False).name, one) for one in there]
        made = [
            _issue(by, one, Kind.ATTENDANCE, site=site, language=language)
            for one in in_order((name, one) for name, one in named if name)
        ]
        if not made:
            raise NobodyToPrint("Nobody was checked in.")
        first = language or made[0][0].language
        with override(first):
            title = _("Certificates of attendance: %(meeting)s") % {"meeting": meeting_facts.title_of(meeting, first)}
        pdf = typeset("letter", {"title": title, "language": first, "letters": [said for _row, said in made]})
    return len(made), pdf


def say_who_signs(*, by: Account, meeting: models.Meeting, signatory: str, contact: str) -> models.Meeting:
    """Who signs this meeting's letters, by name and office, and whom their readers may ask."""
    must_manage(by, meeting)
    with transaction.atomic():
        meeting.signatory, meeting.letters_contact = signatory.strip(), contact.strip()
        meeting.save(update_fields=["signatory", "letters_contact"])
        record(by=by, verb="said who signs letters", subject=f"meeting {meeting.public_id}")
    return meeting


def _issue(
    by: Account | None,
    registration: models.Registration,
    kind: str,
    *,
    site: str,
    language: str,
    passport: Passport | None = None,
    for_themselves: bool = False,
) -> tuple[models.IssuedLetter, dict[str, Any]]:
    """The row of one letter, and what it says."""
    language = language or registration.language
    language = language if language in meeting_facts.LANGUAGES else "en"
    days = queries.days_present(registration) if kind == Kind.ATTENDANCE else ()
    if registration.meeting.cancelled_at is not None and kind != Kind.ATTENDANCE:
        raise NotHeld("This meeting is cancelled.")
    if registration.standing != Standing.CONFIRMED:
        raise NotConfirmed("This registration is not confirmed.")
    if kind == Kind.ATTENDANCE and not days:
        raise NotThere("This person was not checked in.")
    to = queries.addressee(registration, for_themselves=for_themselves)
    _must_be_printable([to.name, to.title, to.organisation])
    if not to.name:
        raise NoName("This person has no name here.")
    row = models.IssuedLetter.objects.create(
        code=_new_code(),
        registration=registration,
        meeting=registration.meeting,
        kind=kind,
        language=language,
        by=by,
    )
    with override(language):
        said = _letter(row, to, days=days, passport=passport, site=site)
    record(
        by=by,
        verb="issued a letter",
        subject=f"meeting {registration.meeting.public_id}",
        details={"kind": str(kind), "language": language},
        person=registration.person.public_id if registration.person else "",
    )
    return row, said


def revoke_letter(*, by: Account, letter: models.IssuedLetter) -> models.IssuedLetter:
    """A letter holds no more: its code says so from now on."""
    with transaction.atomic():
        letter = models.IssuedLetter.objects.select_for_update().select_related("meeting").get(pk=letter.pk)
        if letter.revoked_at is None:
            letter.revoked_at = timezone.now()
            letter.save(update_fields=["revoked_at"])
            record(
                by=by,
                verb="revoked a letter",
                subject=f"meeting {letter.meeting.public_id}",
                details={"kind": letter.kind},
            )
    return letter


# --- What stands on them ----------------------------------------------------------------------------------------------


def _letter(
    row: models.IssuedLetter,
    to: queries.Addressee,
    *,
    days: tuple[date, ...],
    passport: Passport | None,
    site: str,
) -> dict[str, Any]:
    """A letter's words, in the language that is active."""
    meeting, language = row.meeting, row.language
    title, when = meeting_facts.title_of(meeting, language), meeting_facts.days_of(meeting, language)
    where = meeting_facts.place_of(meeting)
    bodies = meeting_facts.bodies_of(meeting)
    known = {"name": isolated(to.name), "meeting": isolated(title), "days": when, "place": where}
    facts: list[tuple[str, str]] = [(_("Meeting"), title), (_("Days"), when)]
    country = territories().get(meeting.state_id or "")
    if where or country:
        place = [where, country.name(language) if country else ""]
        facts.append((_("Place"), ", ".join(one for one in place if one)))
    paragraphs, after = [], [_("Yours sincerely,")]
    match row.kind:
        case Kind.INVITATION:
            paragraphs = [
                _("Dear %(name)s,") % known,
                _("we have the honour to invite you to “%(meeting)s”, %(days)s.") % known,
            ]
        case Kind.VISA:
            paragraphs = [
                _("To whom it may concern,"),
                _("we confirm that %(name)s is registered for “%(meeting)s”, %(days)s, and is expected there.") % known,
                _("We ask you kindly to support the application for a visa for these days."),
            ]
            facts += _passport_facts(passport, language)
        case Kind.CONFIRMATION:
            paragraphs = [
                _("Dear %(name)s,") % known,
                _("your place at “%(meeting)s” is confirmed.") % known,
            ]
        case Kind.ATTENDANCE:
            paragraphs = [_("We certify that %(name)s took part in “%(meeting)s”.") % known]
            facts.append((_("Present on"), ", ".join(meeting_facts.day_in(one, language) for one in days)))
            if row.registration and (held := queries.held_by(row.registration, language)):
                facts.append(
                    (
                        _("Contribution"),
                        f"{SEMICOLON} ".join(_("“%(title)s”") % {"title": isolated(one)} for one in held),
                    )
                )
    address = urljoin(site, reverse("meetings:letter", args=[row.code]))
    return {
        "title": str(words.LETTERS[row.kind])[:1].upper() + str(words.LETTERS[row.kind])[1:],
        "language": language,
        "han": han_family(to.name + to.title + to.organisation, to.country),
        "from": " · ".join(map(isolated, bodies)) or title,
        "to": [one for one in (to.name, to.title, to.organisation) if one],
        "day": meeting_facts.day_in(meeting_facts.today_in(meeting), language),
        "paragraphs": paragraphs,
        "facts": [(word, isolated(value)) for word, value in facts],
        "after": after,
        "signed": [one for one in (meeting.signatory, *bodies) if one] or [title],
        "contact": f"{_('Questions about this letter:')} {meeting.letters_contact}" if meeting.letters_contact else "",
        "check": _("Whether this letter is ours can be asked here:"),
        "address": address,
        "code_word": _("Code:"),
        "code": row.code,
        "qr": qr(address),
        "invented": _("Invented example: no such meeting is held") if meeting.invented else "",
    }


def _passport_facts(passport: Passport | None, language: str) -> list[tuple[str, str]]:
    if passport is None:
        return []
    return [
        (word, value)
        for word, value in (
            (_("Number of the passport"), passport.number),
            (_("Nationality"), name_of(passport.nationality, language) if passport.nationality else ""),
            (_("Born on"), meeting_facts.day_in(passport.born, language) if passport.born else ""),
            (
                _("Passport valid until"),
                meeting_facts.day_in(passport.valid_until, language) if passport.valid_until else "",
            ),
        )
        if value
    ]


def _new_code() -> str:
    signs = "".join(secrets.choice(SIGNS) for _sign in range(12))
    return "-".join((signs[:4], signs[4:8], signs[8:]))
