"""What the meeting itself holds of anybody: who brought a document in, who helps with what."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Whose

ORGANISERS = _("those who run the meeting")
_SOURCED = "ours, about the meeting, with its source"
_PLACE = "a place's, not a person's"


def unnamed(row: models.Document) -> str:
    """A file's name without what somebody wrote into it: "Anna's slides.pdf" → "document.pdf"."""
    return f"document{PurePath(row.filename).suffix.lower()[:6]}"


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="meeting_documents",
        model="samsvar_meetings.Document",
        what=_("Documents of meetings that the person brought in"),
        whose=Whose.STAFF,
        through=("uploaded_by",),
        given=("public_id", "meeting", "title", "filename", "format", "size", "at"),
        withheld={"id": INSIDE, "uploaded_by": INSIDE},
        plain=("session", "language", "access", "embargo_until", "content_hash"),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=_("whoever may read the document reads its file’s name; nobody but the site who brought it in"),
        stays=_("with the meeting, until it is withdrawn"),
        fate=Fate.EMPTIED,
        erasure=_("the document stays with its meeting; the name that its file was given is removed"),
        empty={"filename": unnamed},
    ),
    Holding(
        key="meeting_duties",
        model="samsvar_meetings.Duty",
        what=_("What the person helps with at meetings: at the door, at the record, with reviews"),
        whose=Whose.ACCOUNTS,
        through=("account",),
        given=("meeting", "kind", "until", "told_at", "at"),
        withheld={"id": INSIDE, "account": INSIDE, "given_by": _("who gave it is that person’s own")},
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=ORGANISERS,
        stays="meeting_duties",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="meeting_duties_given",
        model="samsvar_meetings.Duty",
        what=_("Duties at meetings that the person gave to others"),
        whose=Whose.STAFF,
        through=("given_by",),
        given=("meeting", "kind", "until", "at"),
        withheld={
            "id": INSIDE,
            "given_by": INSIDE,
            "told_at": _("whose duty it is, is that person’s own"),
            "account": _("whose duty it is, is that person’s own"),
        },
        plain=(),
        purposes=(Purpose.MEETINGS,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=ORGANISERS,
        stays="meeting_duties",
        fate=Fate.KEPT,
        erasure=_("the duty stays with whoever has it until it is over, given by an emptied account"),
    ),
)


def _old_duties(limit: datetime) -> QuerySet[Any]:
    return models.Duty.objects.filter(until__lt=limit)


KINDS: tuple[Kind, ...] = (
    Kind(
        key="meeting_duties",
        what=_("Duties at meetings"),
        days=30,
        after=_("after they were over"),
        why=_("the trail says who gave and ended them; nothing else asks for them any more"),
        rows=_old_duties,
        age="until",
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.Meeting": HoldsNone(
        "meetings; who takes part stands in their registrations",
        {
            "languages": "codes", "title": _SOURCED, "purpose": _SOURCED, "practical": _SOURCED, "city": _PLACE,
            "place": _PLACE, "address": _PLACE, "link": "of an online room", "cancelled_why": _SOURCED,
            "source": _SOURCED, "second_source": _SOURCED, "note": _SOURCED, "zone": "a time zone",
            "signatory": "who signs for the body that holds it, by office", "letters_contact": "that body's own",
        },
    ),
    "samsvar_meetings.MeetingOrganisation": HoldsNone("which body holds, organises or supports a meeting"),
    "samsvar_meetings.InvitedState": HoldsNone("states at a meeting", {"note": "a state's name as a source writes it"}),
    "samsvar_meetings.Link": HoldsNone("what a meeting is about", {"key": "an article's, a finding's, a report's"}),
}  # fmt: skip
