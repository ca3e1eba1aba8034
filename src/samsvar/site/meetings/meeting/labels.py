"""What the site calls kinds of meetings, access, parts, standings and outcomes: one table each, for all topics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.errors import SamsvarError
from samsvar.meetings.meeting import Access, Attendance, Category, Entry, MeetingKind, PlaceOf
from samsvar.site.network import labels as network_words
from samsvar.site.shell.labels import Label

type Trouble = tuple[Label, Label, Label]  # what happened, what was kept, what to do next

KINDS: dict[MeetingKind, Label] = {
    MeetingKind.HIGH_LEVEL_CONFERENCE: _("high-level conference"),
    MeetingKind.CONFERENCE: _("conference"),
    MeetingKind.NETWORK_MEETING: _("meeting of the network"),
    MeetingKind.STUDY_VISIT: _("study visit"),
    MeetingKind.WORKSHOP: _("workshop"),
    MeetingKind.WEBINAR: _("webinar"),
}
ATTENDANCES: dict[Attendance, Label] = {
    Attendance.IN_PERSON: pgettext_lazy("a meeting", "in the room"),
    Attendance.ONLINE: pgettext_lazy("a meeting", "online"),
    Attendance.HYBRID: pgettext_lazy("a meeting", "in the room and online"),
}
ACCESSES: dict[Access, Label] = {  # who may read
    Access.PUBLIC: _("everybody"),
    Access.SIGNED_IN: _("everybody who is signed in"),
    Access.NETWORK: _("members of the network"),
    Access.PARTICIPANTS: _("participants"),
    Access.SPEAKERS: _("speakers"),
    Access.ORGANISERS: _("organisers"),
}
ENTRIES: dict[Entry, Label] = {  # who may ask for a place
    Entry.OPEN: _("everybody"),
    Entry.MEMBERS: _("members of the network"),
    Entry.INVITED: _("those who are invited"),
}
CATEGORIES: dict[Category, Label] = {
    Category.PARTICIPANT: pgettext_lazy("takes part as", "participant"),
    Category.SPEAKER: pgettext_lazy("takes part as", "speaker"),
    Category.OBSERVER: pgettext_lazy("takes part as", "observer"),
    Category.PRESS: pgettext_lazy("takes part as", "press"),
    Category.INTERPRETER: pgettext_lazy("takes part as", "interpreter"),
    Category.STAFF: pgettext_lazy("takes part as", "staff"),
}
PLACES_OF: dict[PlaceOf, Label] = {
    PlaceOf.INVITED: pgettext_lazy("a country", "invited"),
    PlaceOf.SPEAKERS: pgettext_lazy("a country", "speakers came from it"),
    PlaceOf.HOST: pgettext_lazy("a country", "host"),
}
ROLES: dict[str, Label] = {  # of a body
    "host": pgettext_lazy("a body", "host"),
    "organiser": pgettext_lazy("a body", "organiser"),
    "supporter": pgettext_lazy("a body", "supported by"),
}
LINKS: dict[str, Label] = {
    "article": _("an article"),
    "finding": _("a finding"),
    "report": _("a report"),
    "concept": _("a subject"),
}
DUTIES: dict[str, Label] = {
    "door": _("at the door"),
    "record": _("at the record"),
    "review": _("reviews contributions"),
}

# The ways through a meeting: the name of the address, and the word. One that has no address yet is not shown.
PUBLIC_WAYS: tuple[tuple[str, Label], ...] = (
    ("meetings:meeting", pgettext_lazy("a meeting", "About")),
    ("meetings:programme", _("Programme")),
    ("meetings:speakers", _("Speakers")),
    ("meetings:countries", _("Countries")),
    ("meetings:documents", _("Documents")),
    ("meetings:what-came", _("What came of it")),
)
OWN_WAYS: tuple[tuple[str, Label], ...] = (("meetings:my-schedule", _("My schedule")),)
LINK_WAYS: tuple[tuple[str, Label], ...] = (("meetings:mine-registration", _("Your registration")),)
# of whoever has a duty at the meeting and does not run it
DUTIES_WAYS: dict[str, tuple[str, Label]] = {
    "door": ("meetings:check-in", _("Check-in")),
    "record": ("meetings:manage-outcomes", _("Record of the sessions")),
    "review": ("meetings:review-contributions", _("Contributions to review")),
}
ORGANISERS_WAYS: tuple[tuple[str, Label], ...] = (
    ("meetings:manage", _("Overview")),
    ("meetings:manage-invitations", _("Invitations")),
    ("meetings:manage-delegations", _("Delegations")),
    ("meetings:manage-registrations", _("Registrations")),
    ("meetings:manage-programme", _("Programme")),
    ("meetings:manage-contributions", _("Contributions")),
    ("meetings:manage-day", pgettext_lazy("of a meeting", "Day")),
    ("meetings:manage-outcomes", _("Outcomes")),
    ("meetings:manage-survey", _("Survey")),
    ("meetings:manage-report", pgettext_lazy("of a meeting", "Report")),
    ("meetings:manage-exchange", _("Import and export")),
)

# --- What could not be done -------------------------------------------------------------------------------------------

_TROUBLES: dict[str, tuple[Label, Label]] = {  # by the code of the error: what happened, what to do next
    "meeting_ends_before_it_begins": (
        _("The meeting would end before it begins."),
        _("Choose a last day that is the first one or later."),
    ),
    "outside_the_outer_meeting": (
        _("A meeting inside another is held on days of the other."),
        _("Choose days among those of the outer meeting."),
    ),
    "cancelled_already": (_("This meeting was cancelled before."), ""),
    "not_cancelled": (_("This meeting is not cancelled."), ""),
    "letter_for_a_cancelled_meeting": (_("This meeting is cancelled."), _("If it is held after all, say so first.")),
    "why_is_missing": (
        _("No reason was given."),
        _("Say in a sentence why it is cancelled; those who were to come read it."),
    ),
    "leads_nowhere": (
        _("There is nothing of this name."),
        _("Write the number of an article, or the last part of the address of a finding or report."),
    ),
    "no_reviews_are_asked": (
        _("The call for contributions to this meeting asks for no reviews."),
        _("Change the call first, where reviewers are wanted."),
    ),
    "nobody_with_this_address": (
        _("No account has this address."),
        _("Invite the person to the site first, or write another address."),
    ),
    "may_not_run": (_("You do not run this meeting."), _("Ask its organiser, or the secretariat of its network.")),
    "public_id_is_taken": (_("There is a meeting with this address already."), _("Choose another address.")),
}


def trouble(error: SamsvarError) -> Trouble:
    """(what happened, what was kept, what to do next), in the reader's language where we have it there."""
    if error.code in _TROUBLES:
        message, advice = _TROUBLES[error.code]
        return message, _("Nothing was stored."), advice
    return network_words.trouble(error)
