"""What the days of a meeting hold of anybody: who came, what they chose, whom they met, which letters they got."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Whose

OTHER = _("names another person; that is theirs")
OPENS = _("opens the calendar; whoever has the file would have the key")
ORGANISERS = _("who runs the meeting, and helpers at its door while their duty lasts")
THE_TWO = _("the two who meet; who runs the meeting sees how many there are, and nobody’s name")
MEETINGS = (Purpose.MEETINGS,)
TASK = (Ground.PUBLIC_TASK,)

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="came_to_meetings",
        model="samsvar_meetings.CheckIn",
        what=_("When the person came in at the door of a meeting or a session"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("meeting", "session", "at", "received_at", "undone_at", "walked_in"),
        withheld={"id": INSIDE, "registration": INSIDE, "by": OTHER},
        plain=("device", "looked_at"),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=ORGANISERS,
        stays=_("without the person, for the figures of attendance"),
        fate=Fate.EMPTIED,
        erasure=_("that somebody came stays in the count; that it was this person does not"),
        empty={"registration": None},
    ),
    Holding(
        key="checked_in_others",
        model="samsvar_meetings.CheckIn",
        what=_("Whom the person checked in at a door"),
        whose=Whose.STAFF,
        through=("by",),
        given=("meeting", "at", "received_at", "undone_at"),
        withheld={"id": INSIDE, "registration": OTHER, "by": INSIDE, "session": INSIDE},
        plain=("device", "walked_in", "looked_at"),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=ORGANISERS,
        stays=_("for the record, without the name"),
        fate=Fate.KEPT,
        erasure=_("the check-in stays: it is about somebody else; the account that did it is emptied"),
    ),
    Holding(
        key="sessions_chosen",
        model="samsvar_meetings.MySession",
        what=_("Sessions that the person put into their schedule or took a place in"),
        whose=Whose.PEOPLE,
        through=("account", "registration__person"),
        given=("session", "signed_up", "at"),
        withheld={"id": INSIDE, "account": INSIDE, "registration": INSIDE},
        plain=(),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=_("nobody but the person; who runs the meeting sees how many chose a session"),
        stays="sessions_chosen",
        fate=Fate.DELETED,
        erasure=_("deleted; a place in a session becomes free"),
    ),
    Holding(
        key="calendar_links",
        model="samsvar_meetings.ScheduleLink",
        what=_("That the person has a secret address for the calendar of a meeting"),
        whose=Whose.PEOPLE,
        through=("account", "registration__person"),
        given=("meeting", "at"),
        withheld={"id": INSIDE, "account": INSIDE, "registration": INSIDE, "token_hash": OPENS},
        plain=(),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=_("nobody but the person and whoever has the address"),
        stays="calendar_links",
        fate=Fate.DELETED,
        erasure=_("deleted; the address opens nothing any more"),
    ),
    Holding(
        key="open_to_talk",
        model="samsvar_meetings.OpenToTalk",
        what=_("That the person agreed to be asked for one-to-one meetings, and what about"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("about", "at"),
        withheld={"id": INSIDE, "registration": INSIDE},
        plain=(),
        purposes=MEETINGS,
        grounds=(Ground.CONSENT,),
        recipients=_("participants of the same meeting, until the person takes it back"),
        stays="open_to_talk",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="one_to_one_meetings",
        model="samsvar_meetings.Encounter",
        what=_("One-to-one meetings that the person asked for or was asked for"),
        whose=Whose.PEOPLE,
        through=("asker__person", "asked__person"),
        given=("public_id", "meeting", "about", "state", "starts", "table", "at", "answered_at"),
        withheld={"id": INSIDE, "asker": OTHER, "asked": OTHER},
        plain=(),
        purposes=MEETINGS,
        grounds=(Ground.CONSENT,),
        recipients=THE_TWO,
        stays="one_to_one_meetings",
        fate=Fate.DELETED,
        erasure=_("deleted; the table becomes free"),
    ),
    Holding(
        key="seats",
        model="samsvar_meetings.Seat",
        what=_("When the person sits at a table with somebody"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("starts",),
        withheld={"id": INSIDE, "encounter": INSIDE, "registration": INSIDE},
        plain=(),
        purposes=MEETINGS,
        grounds=(Ground.CONSENT,),
        recipients=THE_TWO,
        stays="one_to_one_meetings",
        fate=Fate.DELETED,
        erasure=_("deleted with the one-to-one meeting"),
    ),
    Holding(
        key="letters_got",
        model="samsvar_meetings.IssuedLetter",
        what=_("Letters and certificates that the person got; the papers themselves and passport data are not stored"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("code", "meeting", "kind", "language", "at", "revoked_at"),
        withheld={"id": INSIDE, "registration": INSIDE, "by": OTHER},
        plain=(),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=_("who runs the meeting; whoever has the paper learns whether it holds"),
        stays="letters_got",
        fate=Fate.EMPTIED,
        erasure=_("the code goes on answering whether the paper holds; whose it is is removed"),
        empty={"registration": None},
    ),
    Holding(
        key="letters_issued",
        model="samsvar_meetings.IssuedLetter",
        what=_("Letters and certificates that the person made for somebody"),
        whose=Whose.STAFF,
        through=("by",),
        given=("code", "meeting", "kind", "language", "at", "revoked_at"),
        withheld={"id": INSIDE, "registration": OTHER, "by": INSIDE},
        plain=(),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=_("who runs the meeting"),
        stays="letters_got",
        fate=Fate.KEPT,
        erasure=_("the letter stays: it is somebody else’s; the account that made it is emptied"),
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.EncounterTime": HoldsNone("hours and a number of tables"),
}


def _after_the_meeting(rows: QuerySet[Any], way: str, limit: datetime) -> QuerySet[Any]:
    """Rows of meetings whose last day lies before the limit, with that day as their age."""
    return rows.filter(**{f"{way}__lt": limit.date()}).annotate(ended=F(way))


KINDS: tuple[Kind, ...] = (
    Kind(
        key="sessions_chosen",
        what=_("Sessions in schedules"),
        days=30,
        after=_("after the meeting"),
        why=_("a schedule is of use while the meeting lasts"),
        rows=lambda limit: _after_the_meeting(models.MySession.objects.all(), "session__meeting__ends", limit),
        age="ended",
    ),
    Kind(
        key="calendar_links",
        what=_("Secret addresses of calendars"),
        days=30,
        after=_("after the meeting"),
        why=_("a calendar has its last entry by then"),
        rows=lambda limit: _after_the_meeting(models.ScheduleLink.objects.all(), "meeting__ends", limit),
        age="ended",
    ),
    Kind(
        key="open_to_talk",
        what=_("That somebody agreed to be asked for one-to-one meetings"),
        days=30,
        after=_("after the meeting"),
        why=_("nobody is asked once the meeting is over"),
        rows=lambda limit: _after_the_meeting(models.OpenToTalk.objects.all(), "registration__meeting__ends", limit),
        age="ended",
    ),
    Kind(
        key="one_to_one_meetings",
        what=_("One-to-one meetings"),
        days=90,
        after=_("after the meeting"),
        why=_("the two know by then whom they met"),
        rows=lambda limit: _after_the_meeting(models.Encounter.objects.all(), "meeting__ends", limit),
        age="ended",
    ),
    Kind(
        key="letters_got",
        what=_("Codes of letters and certificates"),
        days=5 * 365,
        after=_("after they were issued"),
        why=_("funders and employers ask for certificates for years; what a code answers says nothing of the person"),
        rows=lambda limit: models.IssuedLetter.objects.filter(at__lt=limit),
        age="at",
    ),
)
