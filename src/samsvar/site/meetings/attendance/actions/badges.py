"""Printing of badges and of the photographer's sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext

from samsvar.meetings.meeting import ParticipantCategory
from samsvar.network.people import Group
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import ensure_ticket
from samsvar.site.meetings.attendance.queries.check_in import Guest, confirmed_registrations, list_guests
from samsvar.site.meetings.fonts import choose_han_family, unprintable_characters
from samsvar.site.meetings.meeting import labels
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.meeting.queries import facts as queries
from samsvar.site.meetings.pdf import UnprintableCharacters, isolate_right_to_left, render_qr_svg, typeset_pdf
from samsvar.site.meetings.registration.queries.registrations import photo_answer
from samsvar.site.network import labels as network_labels
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.labels import COLON
from samsvar.territories import territories


class NothingToPrint(MeetingRuleError):
    """Raised when there is no one to print a badge, sheet or certificate for."""

    message = gettext_lazy("There is nothing to print for the people you chose.")
    advice = gettext_lazy("Confirm the registrations first, or choose other participants.")


def render_badges(
    *, by: Account, meeting: models.Meeting, registrations: Iterable[models.Registration], language: str
) -> bytes:
    """Render these people's badges as PDF, sorted by name, one A6 page per person.

    Raises NothingToPrint and UnprintableCharacters.
    """
    with_person = [one for one in registrations if one.person is not None]
    with transaction.atomic():
        for registration in with_person:
            ensure_ticket(registration=registration)
        wearers = list_guests(by, with_person, subject=f"badges {meeting.public_id}", with_organisation=True)
        if not wearers:
            raise NothingToPrint
        _check_guests_printable(meeting, wearers, language)
        record(by=by, verb="printed badges", subject=f"meeting {meeting.public_id}", details={"count": len(wearers)})
    with override(language):
        return typeset_pdf("badges", _badges_content(meeting, wearers, language))


def render_photographer_sheet(*, by: Account, meeting: models.Meeting, language: str) -> bytes:
    """Render an A4 PDF listing who refused photographs and who has not answered; those who agreed are only counted.

    People are named as on their badges. People at risk are listed under "no" with their pseudonym, whatever their
    answer was. Raises NothingToPrint and UnprintableCharacters.
    """
    check_can_manage(by, meeting)
    participants = list(confirmed_registrations(meeting))
    if not participants:
        raise NothingToPrint
    with transaction.atomic():
        by_answer: dict[str, list[models.Registration]] = {"no": [], "unsaid": [], "yes": []}
        for registration in participants:
            by_answer[photo_answer(registration)].append(registration)
        list_by_answer = partial(list_guests, by, subject=f"photographs {meeting.public_id}", with_organisation=True)
        listed = {answer: list_by_answer(by_answer[answer]) for answer in ("no", "unsaid")}
        _check_guests_printable(meeting, [*listed["no"], *listed["unsaid"]], language)
        counts = {answer: len(registrations) for answer, registrations in by_answer.items()}
        record(by=by, verb="printed the photography list", subject=f"meeting {meeting.public_id}", details=counts)
    with override(language):
        return typeset_pdf("photographs", _photographer_sheet_content(meeting, listed, counts["yes"], language))


def _badges_content(meeting: models.Meeting, guests: list[Guest], language: str) -> dict[str, Any]:
    badges = [
        {
            **_badge_content(one, language),
            "photographs": photo_answer(one.registration) == "yes",  # no answer counts as no
            "qr": render_qr_svg(one.registration.ticket) if one.registration.ticket else "",
        }
        for one in guests
    ]
    return {
        "title": _("Badges: %(meeting)s") % {"meeting": meeting.get_title(language)},
        "language": language,
        "meeting": meeting.get_title(language),
        "days": queries.format_days(meeting, language),
        "badges": badges,
        "may_photograph": _("may be photographed"),
        "no_photograph": _("no photographs"),
        "ticket_label": _("Ticket"),
        "fictional": _("Fictional example") if meeting.fictional else "",
    }


def _badge_content(guest: Guest, language: str) -> dict[str, Any]:
    """Return the content of a person's badge; for people at risk, it has no country or organisation."""
    registration = guest.registration
    hidden = bool(registration.person and registration.person.at_risk)
    state = territories().get(registration.state_id or "")
    return {
        "name": guest.name,
        "han": choose_han_family(guest.name + guest.organisation, "" if hidden else registration.state_id or ""),
        "organisation": guest.organisation,
        "country": state.name(language) if state and not hidden else "",
        "group": registration.group,
        "group_label": str(network_labels.GROUPS[Group(registration.group)]) if registration.group else "",
        "category": str(labels.CATEGORIES[ParticipantCategory(registration.category)]),
    }


def _photographer_sheet_content(
    meeting: models.Meeting, listed: Mapping[str, list[Guest]], permitted_count: int, language: str
) -> dict[str, Any]:
    """Return the content of the photographer's sheet in the active language."""
    parts = (
        (
            "no",
            _("Do not photograph"),
            _("These people must not appear in any photograph, including photographs of groups and rooms."),
        ),
        ("unsaid", _("No answer yet"), _("Ask first. If there is no answer, take no photographs.")),
    )
    return {
        "title": _("For the photographer"),
        "language": language,
        "meeting": isolate_right_to_left(meeting.get_title(language)),
        "days": queries.format_days(meeting, language),
        "columns": [
            _("Badge colour"), pgettext("of a person", "Name"), _("Organisation, country"), _("Category"),
        ],
        "parts": [
            {
                "word": f"{label}{COLON}",
                "what": explanation,
                "wearers": [
                    badge | {"group_label": badge["group_label"] or pgettext("a colour", "grey")}
                    for badge in (_badge_content(one, language) for one in listed[answer])
                ],
            }
            for answer, label, explanation in parts
        ],
        "may": f"{_('May be photographed')}{COLON}",
        "may_count": permitted_count,
        "keep": _("For this meeting’s photographer only. Destroy this sheet after the meeting."),
        "fictional": _("Fictional example") if meeting.fictional else "",
    }  # fmt: skip


def _check_guests_printable(meeting: models.Meeting, guests: Iterable[Guest], language: str) -> None:
    check_printable([meeting.get_title(language), *(text for one in guests for text in (one.name, one.organisation))])


def check_printable(texts: Iterable[str]) -> None:
    """Raise UnprintableCharacters with the texts that contain a character missing from all fonts."""
    if unprintable := [text for text in dict.fromkeys(texts) if unprintable_characters(text)]:
        raise UnprintableCharacters(unprintable)
