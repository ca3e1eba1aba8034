"""Personal data in check-ins, schedules, one-to-one meetings and issued letters."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.personal_data import ORGANISERS, participant_category
from samsvar.site.network.data_inventory import (
    CONSENT,
    FOR_THE_RECORD,
    INTERNAL_ID,
    OTHER_PERSON,
    NoPersonalData,
    RetentionRule,
    anonymised,
    deleted,
    keep,
    staff_category,
    withhold,
)

OPENS = _("withheld: anyone with the file could open the calendar")
CHECK_IN_TEAM = _("the organisers, and check-in helpers while they are on duty")
THE_TWO = _("the two people who meet; the organisers see how many meetings there are, but no names")
DATA_CATEGORIES = (
    participant_category(
        models.CheckIn, "came_to_meetings", _("Times of the person’s check-ins at meetings and sessions"),
        exported="meeting session at received_at undone_at walked_in", through="registration__person",
        not_personal="device looked_at",
        recipients=CHECK_IN_TEAM, retention=_("kept for attendance figures, without the link to the person"),
        erasure=anonymised(
            _("the attendance is still counted, but no longer linked to the person"), {"registration": None}
        ),
    ),
    staff_category(
        models.CheckIn, "checked_in_others", _("Check-ins made by the person for others"),
        exported="meeting at received_at undone_at", through="by",
        withheld=withhold("registration") | {"session": INTERNAL_ID},
        not_personal="device walked_in looked_at",
        recipients=CHECK_IN_TEAM, retention=FOR_THE_RECORD,
        erasure=keep(
            _("the check-in is kept because it concerns someone else; the account that recorded it is anonymised"),
        ),
    ),
    participant_category(
        models.ScheduleEntry, "sessions_chosen", _("Sessions the person added to their schedule or booked a place in"),
        exported="session signed_up at", through="account registration__person",
        recipients=_("only the person; the organisers see how many people chose a session"),
        erasure=deleted(_("deleted; the place in the session is released")),
    ),
    participant_category(
        models.ScheduleLink, "calendar_links", _("Private calendar address for a meeting (whether the person "
"has one)"),
        exported="meeting at", through="account registration__person",
        withheld={"token_hash": OPENS},
        recipients=_("only the person and anyone who has the address"),
        erasure=deleted(_("deleted; the address no longer works")),
    ),
    participant_category(
        models.NetworkingOptIn, "open_to_talk",
        _("The person’s agreement to receive requests for one-to-one meetings, and the topics"),
        exported="about at", through="registration__person",
        legal_bases=CONSENT,
        recipients=_("participants in the same meeting, until the person withdraws their agreement"),
    ),
    participant_category(
        models.OneToOneMeeting, "one_to_one_meetings", _("One-to-one meetings the person requested or was invited to"),
        exported="public_id meeting about state starts table at answered_at", through="asker__person asked__person",
        withheld={"asker": OTHER_PERSON, "asked": OTHER_PERSON},
        legal_bases=CONSENT, recipients=THE_TWO,
        erasure=deleted(_("deleted; the time and table can be booked by other participants")),
    ),
    participant_category(
        models.OneToOneSeat, "seats", _("Times of the person’s one-to-one meetings"),
        exported="starts", through="registration__person",
        withheld={"encounter": INTERNAL_ID},
        legal_bases=CONSENT, recipients=THE_TWO, retention="one_to_one_meetings",
        erasure=deleted(_("deleted with the one-to-one meeting")),
    ),
    participant_category(
        models.IssuedLetter, "letters_got",
        _("Letters and certificates issued to the person; the documents themselves and passport details are not kept"),
        exported="code printed_name meeting kind language at revoked_at", through="registration__person",
        recipients=_("the organisers; anyone who has the document can check whether it is valid"),
        erasure=anonymised(
            _("the code still shows whether the document is valid; the name and the link to the person are removed"),
            {"registration": None, "printed_name": ""},
        ),
    ),
    staff_category(
        models.IssuedLetter, "letters_issued", _("Letters and certificates the person issued for others"),
        exported="code meeting kind language at revoked_at", through="by",
        withheld=withhold("registration printed_name"),
        recipients=ORGANISERS, retention="letters_got",
        erasure=keep(
            _("the letter is kept because it belongs to someone else; the account that issued it is anonymised"),
        ),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {"samsvar_meetings.OneToOnePeriod": NoPersonalData("times and the number of tables")}


RETENTION_RULES = (
    RetentionRule(
        models.ScheduleEntry, "session__meeting__ends", "sessions_chosen", _("Sessions in personal schedules"),
        days=30, after=_("after the meeting"), why=_("a schedule is needed only during the meeting"),
    ),
    RetentionRule(
        models.ScheduleLink, "meeting__ends", "calendar_links", _("Private calendar addresses"),
        days=30, after=_("after the meeting"), why=_("the calendar has no further entries by then"),
    ),
    RetentionRule(
        models.NetworkingOptIn, "registration__meeting__ends", "open_to_talk",
        _("Agreement to receive requests for one-to-one meetings"),
        days=30, after=_("after the meeting"), why=_("no requests are sent after the meeting has ended"),
    ),
    RetentionRule(
        models.OneToOneMeeting, "meeting__ends", "one_to_one_meetings", _("One-to-one meetings"),
        days=90, after=_("after the meeting"), why=_("both people know by then who they met"),
    ),
    RetentionRule(
        models.IssuedLetter, "at", "letters_got", _("Codes on letters and certificates"),
        days=5 * 365, after=_("after they were issued"),
        why=_(
            "funders and employers ask for certificates for years afterwards; checking a code reveals nothing about "
            "the person"
        ),
    ),
)  # fmt: skip
