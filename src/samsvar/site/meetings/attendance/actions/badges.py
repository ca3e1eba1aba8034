"""Print badges, and the sheet for the photographer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from samsvar.meetings.meeting import Category, MeetingsError
from samsvar.network.people import Group
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.check_in import ensure_ticket
from samsvar.site.meetings.attendance.queries.check_in import Guest, confirmed, guests
from samsvar.site.meetings.fonts import han_family, not_printable
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.meeting.queries import facts as queries
from samsvar.site.meetings.pdf import CannotPrint, isolated, qr, typeset
from samsvar.site.meetings.registration.queries.registrations import photographs_of
from samsvar.site.network import labels as network_words
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.labels import COLON
from samsvar.territories import territories


class NobodyToPrint(MeetingsError):
    """There is nobody for whom a badge could be made."""

    code = "nobody_to_print"
    kept = "Nothing was made."
    advice = "Confirm registrations first, or choose others."


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
