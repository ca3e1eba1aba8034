"""Actions for letters and certificates: issuing them as PDF, with a code that can be checked, and revoking them.

Passport details given for a letter are printed in that letter only; they are neither saved nor logged.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from samsvar.dates import display_date
from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import NothingToPrint, check_printable
from samsvar.site.meetings.fonts import choose_han_family
from samsvar.site.meetings.letters import queries
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.meeting.queries import facts as meeting_facts
from samsvar.site.meetings.pdf import isolate_right_to_left, render_qr_svg, sort_by_name, typeset_pdf
from samsvar.site.meetings.registration.errors import MeetingIsCancelled
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.labels import SEMICOLON
from samsvar.site.shell.site_url import absolute_url
from samsvar.territories import territories, territory_name

Kind = models.IssuedLetter.Kind
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without characters that look alike; 12 characters are 60 bits


class RegistrationNotConfirmed(MeetingRuleError):
    """Raised when a letter is requested for a registration that is not confirmed."""

    message = gettext_lazy("This registration is not confirmed.")
    advice = gettext_lazy("Confirm the registration first.")


class NotCheckedIn(MeetingRuleError):
    """Raised when a certificate of attendance is requested for someone who was not checked in."""

    message = gettext_lazy("This person was not checked in.")
    advice = gettext_lazy("If the person attended, check them in by name and try again.")


class CertificateTooEarly(MeetingRuleError):
    """Raised when a certificate of attendance is requested before the last day of the meeting."""

    message = gettext_lazy("The meeting is not over yet.")

    def __init__(self, meeting: models.Meeting) -> None:
        first_day = display_date(queries.first_certificate_day(meeting), get_language() or "en")
        advice = _("Attendance can be certified from %(day)s.") % {"day": first_day}
        super().__init__(advice=advice)


class NameMissing(MeetingRuleError):
    """Raised when a letter is requested for someone without a name."""

    message = gettext_lazy("This registration has no name.")
    advice = gettext_lazy("Add a name to the registration.")


@dataclass(frozen=True, slots=True)
class Passport:
    """The passport details that consulates expect in a letter; the participant enters them for this letter only."""

    number: str
    nationality: str = ""  # country code; the letter shows the country's name in the letter's language
    born: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LetterPdf:
    """An issued letter with its PDF, which is not saved."""

    letter: models.IssuedLetter
    pdf: bytes

    @property
    def filename(self) -> str:
        return f"{self.letter.meeting.public_id}-{self.letter.kind}-{self.letter.code}.pdf"


def issue_letter(
    *,
    by: Account | None,
    registration: models.Registration,
    kind: str,
    language: str = "",
    passport: Passport | None = None,
    for_themselves: bool = False,
) -> LetterPdf:
    """Issue a letter for a confirmed registration; `for_themselves` is True if the participant requests it.

    Raises RegistrationNotConfirmed, MeetingIsCancelled, CertificateTooEarly, NotCheckedIn, NameMissing and
    UnprintableCharacters.
    """
    with transaction.atomic():
        letter, content = _create_letter(
            by, registration, kind, language=language, passport=passport, for_themselves=for_themselves
        )
        pdf = typeset_pdf("letter", {"title": content["title"], "language": letter.language, "letters": [content]})
    return LetterPdf(letter, pdf)


def issue_certificates(*, by: Account, meeting: models.Meeting, language: str = "") -> tuple[int, bytes]:
    """Issue certificates to everyone who was checked in; return how many, and one PDF sorted by name.

    Each certificate has its own page, in the person's language unless `language` is given. Raises CertificateTooEarly,
    NothingToPrint and UnprintableCharacters.
    """
    _check_not_too_early(meeting)
    checked_in = {"check_ins__undone_at__isnull": True, "check_ins__isnull": False}
    attended = meeting.registrations.filter(
        status=RegistrationStatus.CONFIRMED, person__isnull=False, **checked_in
    ).select_related("person", "meeting")
    with transaction.atomic():
        by_name = [
            (queries.get_addressee(registration, for_themselves=False).name, registration)
            for registration in attended.distinct()
            if queries.list_days_attended(registration) is not None
        ]
        certificates = [
            _create_letter(by, one, Kind.ATTENDANCE, language=language)
            for one in sort_by_name((name, one) for name, one in by_name if name)
        ]
        if not certificates:
            raise NothingToPrint
        first = language or certificates[0][0].language
        with override(first):
            title = _("Certificates of attendance: %(meeting)s") % {"meeting": meeting.get_title(first)}
        contents = [content for _letter, content in certificates]
        pdf = typeset_pdf("letter", {"title": title, "language": first, "letters": contents})
    return len(certificates), pdf


def set_signatory(*, by: Account, meeting: models.Meeting, signatory: str, contact: str) -> models.Meeting:
    """Set the name and office of the person who signs this meeting's letters, and the contact for questions."""
    check_can_manage(by, meeting)
    with transaction.atomic():
        meeting.signatory, meeting.letters_contact = signatory.strip(), contact.strip()
        meeting.save(update_fields=["signatory", "letters_contact"])
        record_change(by, meeting, "set the signatory of letters")
    return meeting


def _create_letter(
    by: Account | None,
    registration: models.Registration,
    kind: str,
    *,
    language: str,
    passport: Passport | None = None,
    for_themselves: bool = False,
) -> tuple[models.IssuedLetter, dict[str, Any]]:
    """Create the database record of a letter; return it with the letter's content."""
    language = language or registration.language
    language = language if language in meeting_facts.LETTER_LANGUAGES else "en"
    days = queries.list_days_attended(registration) if kind == Kind.ATTENDANCE else ()
    if registration.meeting.cancelled_at is not None and kind != Kind.ATTENDANCE:
        raise MeetingIsCancelled
    if registration.status != RegistrationStatus.CONFIRMED:
        raise RegistrationNotConfirmed
    if kind == Kind.ATTENDANCE:
        _check_not_too_early(registration.meeting)
    if days is None:
        raise NotCheckedIn
    to = queries.get_addressee(registration, for_themselves=for_themselves)
    check_printable([to.name, to.title, to.organisation])
    if not to.name:
        raise NameMissing
    meeting, person = registration.meeting, registration.person
    letter = models.IssuedLetter.objects.create(
        code=_generate_code(), registration=registration, printed_name=to.name, meeting=meeting, kind=kind,
        language=language, by=by,
    )  # fmt: skip
    with override(language):
        content = _letter_content(letter, to, days=days, passport=passport)
    details = {"kind": str(kind), "language": language}
    record_change(by, meeting, "issued a letter", details, person=person.public_id if person else "")
    return letter, content


def _check_not_too_early(meeting: models.Meeting) -> None:
    if not queries.can_certify_attendance(meeting):
        raise CertificateTooEarly(meeting)


def revoke_letter(*, by: Account, letter: models.IssuedLetter) -> models.IssuedLetter:
    """Revoke a letter, so that anyone who checks its code sees that it is no longer valid."""
    with transaction.atomic():
        letter = models.IssuedLetter.objects.select_for_update().select_related("meeting").get(pk=letter.pk)
        if letter.revoked_at is None:
            letter.revoked_at = timezone.now()
            letter.save(update_fields=["revoked_at"])
            record_change(by, letter.meeting, "revoked a letter", {"kind": letter.kind})
    return letter


# --- Content ----------------------------------------------------------------------------------------------------------


def _letter_content(
    letter: models.IssuedLetter, addressee: queries.Addressee, *, days: tuple[date, ...], passport: Passport | None
) -> dict[str, Any]:
    """Return the content of a letter in the active language."""
    meeting, language = letter.meeting, letter.language
    title, days_text = meeting.get_title(language), meeting_facts.format_days(meeting, language)
    place_text, bodies = meeting_facts.format_place(meeting), meeting_facts.get_organiser_names(meeting)
    values = {
        "name": isolate_right_to_left(addressee.name),
        "meeting": isolate_right_to_left(title),
        "days": days_text,
        "place": place_text,
    }
    facts: list[tuple[str, str]] = [(_("Meeting"), title), (_("Dates"), days_text)]
    country = territories().get(meeting.state_id or "")
    if place_text or country:
        place = [place_text, country.name(language) if country else ""]
        facts.append((_("Location"), ", ".join(filter(None, place))))
    paragraphs = []
    match letter.kind:
        case Kind.INVITATION:
            paragraphs = [
                _("Dear %(name)s,") % values,
                _("We have the honour to invite you to “%(meeting)s”, %(days)s.") % values,
            ]
        case Kind.VISA:
            paragraphs = [
                _("To whom it may concern,"),
                _("We confirm that %(name)s is registered for “%(meeting)s”, %(days)s, and is expected to attend.")
                % values,
                _("We kindly ask you to support the visa application for these dates."),
            ]
            facts += _passport_facts(passport, language)
        case Kind.CONFIRMATION:
            paragraphs = [_("Dear %(name)s,") % values, _("Your place at “%(meeting)s” is confirmed.") % values]
        case Kind.ATTENDANCE:
            paragraphs = [_("We certify that %(name)s took part in “%(meeting)s”.") % values]
            if days:
                facts.append((_("Days attended"), ", ".join(display_date(day, language) for day in days)))
            if letter.registration and (session_titles := queries.list_session_titles(letter.registration, language)):
                quoted = (_("“%(title)s”") % {"title": isolate_right_to_left(one)} for one in session_titles)
                facts.append((_("Contribution"), f"{SEMICOLON} ".join(quoted)))
    address = absolute_url(reverse("meetings:letter", args=[letter.code]))
    return {
        "title": capfirst(letter.get_kind_display()),
        "language": language,
        "han": choose_han_family(addressee.name + addressee.title + addressee.organisation, addressee.country),
        "from": " · ".join(map(isolate_right_to_left, bodies)) or title,
        "to": [one for one in (addressee.name, addressee.title, addressee.organisation) if one],
        "day": display_date(meeting_facts.get_local_today(meeting), language),
        "paragraphs": paragraphs,
        "facts": [(label, isolate_right_to_left(value)) for label, value in facts],
        "after": [_("Yours sincerely,")],
        "signed": [one for one in (meeting.signatory, *bodies) if one] or [title],
        "contact": f"{_('Questions about this letter:')} {meeting.letters_contact}" if meeting.letters_contact else "",
        "check": _("Check that this letter is genuine:"),
        "address": address,
        "code_label": _("Code:"),
        "code": letter.code,
        "qr": render_qr_svg(address),
        "fictional": _("Fictional example: this meeting does not exist") if meeting.fictional else "",
    }


def _passport_facts(passport: Passport | None, language: str) -> list[tuple[str, str]]:
    if passport is None:
        return []
    born, valid_until = (display_date(day, language) if day else "" for day in (passport.born, passport.valid_until))
    facts = (
        (_("Passport number"), passport.number),
        (_("Nationality"), territory_name(passport.nationality, language) if passport.nationality else ""),
        (_("Date of birth"), born),
        (_("Passport valid until"), valid_until),
    )
    return [(label, value) for label, value in facts if value]


def _generate_code() -> str:
    characters = "".join(secrets.choice(CODE_ALPHABET) for _sign in range(12))
    return "-".join((characters[:4], characters[4:8], characters[8:]))
