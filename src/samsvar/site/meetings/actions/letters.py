"""Letters and badges: issued as PDF with a code that the site answers for, revoked when they hold no more.

What somebody gives of their passport for one letter goes into that letter and is stored nowhere, nor written down.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from samsvar.meetings.meeting import Category, MeetingsError
from samsvar.meetings.registration import Standing
from samsvar.network.people import Group
from samsvar.site.meetings import models, words
from samsvar.site.meetings.actions.day import ensure_ticket
from samsvar.site.meetings.fonts import han_family, not_printable
from samsvar.site.meetings.papers import CannotPrint, in_order, isolated, qr, typeset
from samsvar.site.meetings.permissions import must_manage
from samsvar.site.meetings.queries import letters as queries
from samsvar.site.meetings.queries.day import Guest, confirmed, guests
from samsvar.site.meetings.queries.registration import photographs_of
from samsvar.site.network import words as network_words
from samsvar.site.network.permissions import Account
from samsvar.site.shell.words import COLON, SEMICOLON
from samsvar.site.trail.actions import record
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


class NobodyToPrint(MeetingsError):
    """There is nobody for whom a badge could be made."""

    code = "nobody_to_print"
    kept = "Nothing was made."
    advice = "Confirm registrations first, or choose others."


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
            title = _("Certificates of attendance: %(meeting)s") % {"meeting": queries.title_of(meeting, first)}
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
    language = language if language in queries.LANGUAGES else "en"
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


def print_badges(
    *, by: Account, meeting: models.Meeting, registrations: Iterable[models.Registration], language: str
) -> bytes:
    """The badges of these people in the order of their names, one on each page of A6."""
    rows = [one for one in registrations if one.person is not None]
    with transaction.atomic():
        for one in rows:
            ensure_ticket(registration=one)
        wearers = guests(by, rows, subject=f"badges {meeting.public_id}", with_organisation=True)
        if not wearers:
            raise NobodyToPrint("There is nobody to print a badge for.")
        texts = [queries.title_of(meeting, language)]
        texts += [text for one in wearers for text in (one.name, one.organisation)]
        _must_be_printable(texts)
        record(
            by=by,
            verb="printed badges",
            subject=f"meeting {meeting.public_id}",
            details={"count": len(wearers)},
        )
    with override(language):
        return typeset("badges", _badges(meeting, wearers, language))


def print_for_photographer(*, by: Account, meeting: models.Meeting, language: str) -> bytes:
    """A sheet of A4: who said no and who has not said, as on their badges; of those who said yes how many there are.

    People at risk stand under "no" by their pseudonym, whatever they said. Raises `NobodyToPrint`, `CannotPrint`.
    """
    must_manage(by, meeting)
    rows = list(confirmed(meeting))
    if not rows:
        raise NobodyToPrint("Nobody has a confirmed place.")
    with transaction.atomic():
        said: dict[str, list[models.Registration]] = {"no": [], "unsaid": [], "yes": []}
        for one in rows:
            said[photographs_of(one)].append(one)
        subject = f"photographs {meeting.public_id}"
        named = {
            answer: guests(by, said[answer], subject=subject, with_organisation=True) for answer in ("no", "unsaid")
        }
        texts = [queries.title_of(meeting, language)]
        texts += [text for wearers in named.values() for one in wearers for text in (one.name, one.organisation)]
        _must_be_printable(texts)
        counts = {answer: len(them) for answer, them in said.items()}
        record(by=by, verb="printed whom not to photograph", subject=f"meeting {meeting.public_id}", details=counts)
    with override(language):
        return typeset("photographs", _photographs(meeting, named, counts["yes"], language))


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
    title, when, where = (
        queries.title_of(meeting, language), queries.days_of(meeting, language), queries.place_of(meeting),
    )  # fmt: skip
    bodies = queries.bodies_of(meeting)
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
            facts.append((_("Present on"), ", ".join(queries.day_in(one, language) for one in days)))
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
        "day": queries.day_in(queries.today_in(meeting), language),
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
            (_("Born on"), queries.day_in(passport.born, language) if passport.born else ""),
            (_("Passport valid until"), queries.day_in(passport.valid_until, language) if passport.valid_until else ""),
        )
        if value
    ]


def _badges(meeting: models.Meeting, wearers: list[Guest], language: str) -> dict[str, Any]:
    badges = [
        {
            **_worn(one, language),
            "photographs": photographs_of(one.registration) == "yes",  # who was not asked yet has not agreed
            "qr": qr(one.registration.ticket) if one.registration.ticket else "",
        }
        for one in wearers
    ]
    return {
        "title": _("Badges: %(meeting)s") % {"meeting": queries.title_of(meeting, language)},
        "language": language,
        "meeting": queries.title_of(meeting, language),
        "days": queries.days_of(meeting, language),
        "badges": badges,
        "may_photograph": _("may be photographed"),
        "no_photograph": _("no photographs"),
        "ticket_word": _("Ticket"),
        "invented": _("Invented example") if meeting.invented else "",
    }


def _worn(one: Guest, language: str) -> dict[str, Any]:
    """Who somebody is on their badge; of people at risk neither country nor organisation."""
    row = one.registration
    hidden = bool(row.person and row.person.at_risk)
    state = territories().get(row.state_id or "")
    return {
        "name": one.name,
        "han": han_family(one.name + one.organisation, "" if hidden else row.state_id or ""),
        "organisation": one.organisation,
        "country": state.name(language) if state and not hidden else "",
        "group": row.group,
        "group_word": str(network_words.GROUPS[Group(row.group)]) if row.group else "",
        "category": str(words.CATEGORIES[Category(row.category)]),
    }


def _photographs(meeting: models.Meeting, named: Mapping[str, list[Guest]], may: int, language: str) -> dict[str, Any]:
    """The photographer's sheet, in the language that is active."""
    parts = (
        ("no", _("Do not photograph"), _("Leave them out of every picture, of groups and halls too.")),
        ("unsaid", _("Not said yet"), _("Ask them first; without an answer it is no.")),
    )
    return {
        "title": _("For the photographer"),
        "language": language,
        "meeting": isolated(queries.title_of(meeting, language)),
        "days": queries.days_of(meeting, language),
        "columns": [
            _("Colour of the badge"), pgettext("of a person", "Name"), _("Organisation, country"), _("Takes part as"),
        ],
        "parts": [
            {
                "word": f"{word}{COLON}",
                "what": what,
                "wearers": [
                    worn | {"group_word": worn["group_word"] or pgettext("a colour", "grey")}
                    for worn in (_worn(one, language) for one in named[answer])
                ],
            }
            for answer, word, what in parts
        ],
        "may": f"{_('May be photographed')}{COLON}",
        "may_count": may,
        "keep": _("For the photographer of this meeting alone. Destroy it when the meeting is over."),
        "invented": _("Invented example") if meeting.invented else "",
    }  # fmt: skip


def _must_be_printable(texts: Iterable[str]) -> None:
    """Raise `CannotPrint` with those that hold a character which no font has, each once."""
    if unprintable := [text for text in dict.fromkeys(texts) if not_printable(text)]:
        raise CannotPrint(unprintable)


def _new_code() -> str:
    signs = "".join(secrets.choice(SIGNS) for _sign in range(12))
    return "-".join((signs[:4], signs[4:8], signs[8:]))
