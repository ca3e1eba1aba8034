"""Personal data in a meeting's documents and duties."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import (
    DataSubject,
    NoPersonalData,
    RetentionRule,
    anonymised,
    data_category,
    keep,
    staff_category,
    withhold,
)

ORGANISERS = _("the organisers")
MEETINGS = (Purpose.MEETINGS,)
PUBLIC_TASK = (LegalBasis.PUBLIC_TASK,)
MEETING_BASES = (LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS)
meeting_category = partial(
    data_category, data_subject=DataSubject.PEOPLE, purposes=MEETINGS, legal_bases=MEETING_BASES, recipients=ORGANISERS
)
participant_category = partial(meeting_category, legal_bases=PUBLIC_TASK)  # necessary for taking part
_SOURCED = "information about the meeting, with its source"
_PLACE = "about a place, not a person"


def anonymise_filename(document: models.MeetingDocument) -> str:
    """Return the file name without personal data: "Anna's slides.pdf" becomes "document.pdf"."""
    return f"document{PurePath(document.filename).suffix.lower()[:6]}"


DATA_CATEGORIES = (
    meeting_category(
        models.MeetingDocument, "meeting_documents", _("Meeting documents that the person uploaded"),
        exported="public_id meeting title filename format size at", through="uploaded_by",
        not_personal="session language access embargo_until content_hash",
        data_subject=DataSubject.STAFF,
        recipients=_(
            "anyone who can read the document can see its file name; only the system records who uploaded it"
        ),
        retention=_("for as long as the meeting’s record is kept, or until the document is withdrawn"),
        erasure=anonymised(
            _("the document is kept with the meeting; its file name is removed"), {"filename": anonymise_filename}
        ),
    ),
    participant_category(
        models.MeetingPseudonym, "meeting_pseudonyms",
        _("The name used instead of the person’s own at a meeting, if their identity is hidden for safety reasons"),
        exported="meeting name", through="person",
        recipients=_("everyone at the meeting; only the organisers and the secretariat know whose name it is"),
        retention=_("for as long as the meeting’s programme is kept"),
    ),
    meeting_category(
        models.Duty, "meeting_duties",
        _("Tasks the person has at meetings: check-in, keeping the record or reviewing proposals"),
        exported="meeting kind until told_at at",
        withheld={"given_by": _("withheld: it identifies the person who assigned the task")},
        data_subject=DataSubject.ACCOUNTS,
    ),
    staff_category(
        models.Duty, "meeting_duties_given", _("Tasks at meetings that the person assigned to others"),
        exported="meeting kind until at", through="given_by",
        withheld=withhold("told_at account", _("withheld: it identifies the person who has the task")),
        purposes=MEETINGS, legal_bases=MEETING_BASES, recipients=ORGANISERS, retention="meeting_duties",
        erasure=keep(_(
            "the task stays with the person it was assigned to until it ends, and is shown as assigned by an "
            "anonymised account"
        )),
    ),
)  # fmt: skip


RETENTION_RULES = (
    RetentionRule(
        models.Duty, "until", "meeting_duties", _("Tasks at meetings"),
        days=30, after=_("after the tasks end"),
        why=_("the audit log shows who assigned and ended the tasks; the tasks themselves are not needed for "
"anything else"),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_meetings.Meeting": NoPersonalData(
        "meetings; participants are in registrations",
        {
            "languages": "codes", "title": _SOURCED, "purpose": _SOURCED, "practical": _SOURCED, "city": _PLACE,
            "place": _PLACE, "address": _PLACE, "link": "the link to an online room", "cancelled_why": _SOURCED,
            "source": _SOURCED, "second_source": _SOURCED, "note": _SOURCED, "zone": "a time zone",
            "signatory": "the office of the signatory", "letters_contact": "the organiser's contact details",
        },
    ),
    "samsvar_meetings.MeetingOrganisation": NoPersonalData("which body holds, organises or supports a meeting"),
    "samsvar_meetings.InvitedState": NoPersonalData(
        "states at a meeting", {"note": "a state's name as printed in a source"}
    ),
    "samsvar_meetings.MeetingLink": NoPersonalData(
        "the subjects of a meeting", {"key": "the key of an article, a finding, a report or a practice"}
    ),
}  # fmt: skip
