"""What the site calls kinds of meetings, access, parts, standings and outcomes: one table each, for all topics."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.errors import SamsvarError
from samsvar.meetings.conflicts import ConflictKind
from samsvar.meetings.meeting import Access, Attendance, Category, Entry, MeetingKind, Part, PlaceOf
from samsvar.meetings.outcomes import Keeping, OutcomeKind, OutcomeState, SaidAs
from samsvar.meetings.programme import SessionKind, TrackColour
from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.meetings.versions import ChangeKind
from samsvar.site.network import words as network_words

type Word = str | Promise
type Trouble = tuple[Word, Word, Word]  # what happened, what was kept, what to do next

KINDS: dict[MeetingKind, Word] = {
    MeetingKind.HIGH_LEVEL_CONFERENCE: _("high-level conference"),
    MeetingKind.CONFERENCE: _("conference"),
    MeetingKind.NETWORK_MEETING: _("meeting of the network"),
    MeetingKind.STUDY_VISIT: _("study visit"),
    MeetingKind.WORKSHOP: _("workshop"),
    MeetingKind.WEBINAR: _("webinar"),
}
ATTENDANCES: dict[Attendance, Word] = {
    Attendance.IN_PERSON: pgettext_lazy("a meeting", "in the room"),
    Attendance.ONLINE: pgettext_lazy("a meeting", "online"),
    Attendance.HYBRID: pgettext_lazy("a meeting", "in the room and online"),
}
ACCESSES: dict[Access, Word] = {  # who may read
    Access.PUBLIC: _("everybody"),
    Access.SIGNED_IN: _("everybody who is signed in"),
    Access.NETWORK: _("members of the network"),
    Access.PARTICIPANTS: _("participants"),
    Access.SPEAKERS: _("speakers"),
    Access.ORGANISERS: _("organisers"),
}
ENTRIES: dict[Entry, Word] = {  # who may ask for a place
    Entry.OPEN: _("everybody"),
    Entry.MEMBERS: _("members of the network"),
    Entry.INVITED: _("those who are invited"),
}
PARTS: dict[Part, Word] = {
    Part.SPEAKER: pgettext_lazy("in a programme", "speaker"),
    Part.CHAIR: pgettext_lazy("in a programme", "chair"),
    Part.MODERATOR: pgettext_lazy("in a programme", "moderator"),
    Part.PANELLIST: pgettext_lazy("in a programme", "panellist"),
    Part.RAPPORTEUR: pgettext_lazy("in a programme", "rapporteur"),
    Part.INTERPRETER: pgettext_lazy("in a programme", "interpreter"),
}
CATEGORIES: dict[Category, Word] = {
    Category.PARTICIPANT: pgettext_lazy("takes part as", "participant"),
    Category.SPEAKER: pgettext_lazy("takes part as", "speaker"),
    Category.OBSERVER: pgettext_lazy("takes part as", "observer"),
    Category.PRESS: pgettext_lazy("takes part as", "press"),
    Category.INTERPRETER: pgettext_lazy("takes part as", "interpreter"),
    Category.STAFF: pgettext_lazy("takes part as", "staff"),
}
PLACES_OF: dict[PlaceOf, Word] = {
    PlaceOf.INVITED: pgettext_lazy("a country", "invited"),
    PlaceOf.SPEAKERS: pgettext_lazy("a country", "speakers came from it"),
    PlaceOf.HOST: pgettext_lazy("a country", "host"),
}
ROLES: dict[str, Word] = {  # of a body
    "host": pgettext_lazy("a body", "host"),
    "organiser": pgettext_lazy("a body", "organiser"),
    "supporter": pgettext_lazy("a body", "supported by"),
}
LINKS: dict[str, Word] = {
    "article": _("an article"),
    "finding": _("a finding"),
    "report": _("a report"),
    "concept": _("a subject"),
}
DUTIES: dict[str, Word] = {
    "door": _("at the door"),
    "record": _("at the record"),
    "review": _("reviews contributions"),
}
SESSION_KINDS: dict[SessionKind, Word] = {
    SessionKind.OPENING: pgettext_lazy("a session", "opening"),
    SessionKind.KEYNOTE: pgettext_lazy("a session", "keynote"),
    SessionKind.PANEL: pgettext_lazy("a session", "panel"),
    SessionKind.TALK: pgettext_lazy("a session", "talk"),
    SessionKind.WORKSHOP: pgettext_lazy("a session", "workshop"),
    SessionKind.NETWORK_MEETING: pgettext_lazy("a session", "meeting of the network"),
    SessionKind.POSTERS: pgettext_lazy("a session", "posters"),
    SessionKind.ONE_TO_ONE: pgettext_lazy("a session", "one-to-one meetings"),
    SessionKind.CLOSING: pgettext_lazy("a session", "closing"),
    SessionKind.BREAK: pgettext_lazy("a session", "break"),
    SessionKind.SOCIAL: pgettext_lazy("a session", "social programme"),
}
SESSION_STATES: dict[str, Word] = {
    "draft": pgettext_lazy("a session", "draft"),
    "ready": pgettext_lazy("a session", "ready"),
    "cancelled": pgettext_lazy("a session", "cancelled"),
}
CHANGES: dict[ChangeKind, Word] = {
    ChangeKind.CANCELLED: pgettext_lazy("a session", "Cancelled"),
    ChangeKind.HELD_AFTER_ALL: pgettext_lazy("a session", "Held after all"),
    ChangeKind.ADDED: pgettext_lazy("a session", "New"),
    ChangeKind.REMOVED: pgettext_lazy("a session", "Not in the programme any more"),
    ChangeKind.MOVED: pgettext_lazy("a session", "At another time"),
    ChangeKind.ROOM: pgettext_lazy("a session", "In another room"),
    ChangeKind.PEOPLE: pgettext_lazy("a session", "Other people"),
    ChangeKind.LANGUAGES: pgettext_lazy("a session", "Other languages"),
    ChangeKind.TRACK: pgettext_lazy("a session", "In another track"),
    ChangeKind.RENAMED: pgettext_lazy("a session", "Under another title"),
}
TRACK_COLOURS: dict[TrackColour, Word] = {
    TrackColour.TEAL: pgettext_lazy("a colour", "teal"),
    TrackColour.BLUE: pgettext_lazy("a colour", "blue"),
    TrackColour.PLUM: pgettext_lazy("a colour", "plum"),
    TrackColour.BRICK: pgettext_lazy("a colour", "brick red"),
    TrackColour.AMBER: pgettext_lazy("a colour", "amber"),
    TrackColour.MOSS: pgettext_lazy("a colour", "moss green"),
}
CONFLICTS: dict[ConflictKind, Word] = {
    ConflictKind.PERSON: _("Somebody is in two sessions at once"),
    ConflictKind.ROOM: _("Two sessions are in one room at once"),
    ConflictKind.NO_INTERPRETER: _("Nobody interprets"),
    ConflictKind.UNAVAILABLE: _("Somebody cannot come then"),
    ConflictKind.OUTSIDE_DAYS: _("It is not on a day of the meeting"),
    ConflictKind.OUTSIDE_HOST: _("A session of the meeting inside lies outside the time that it has here"),
    ConflictKind.TOO_MANY: _("More are expected than the room holds"),
}
STANDINGS: dict[Standing, Word] = {
    Standing.NOMINATED: pgettext_lazy("a registration", "nominated"),
    Standing.ASKED: pgettext_lazy("a registration", "waits for approval"),
    Standing.WAITING: pgettext_lazy("a registration", "on the waiting list"),
    Standing.CONFIRMED: pgettext_lazy("a registration", "confirmed"),
    Standing.REFUSED: pgettext_lazy("a registration", "refused"),
    Standing.DECLINED: pgettext_lazy("a registration", "declined"),
    Standing.WITHDRAWN: pgettext_lazy("a registration", "withdrawn"),
    Standing.REPLACED: pgettext_lazy("a registration", "replaced by somebody else"),
}
QUOTA_KINDS: dict[QuotaKind, Word] = {
    QuotaKind.WHOLE: pgettext_lazy("a quota", "in all"),
    QuotaKind.COUNTRY: pgettext_lazy("a quota", "country"),
    QuotaKind.GROUP: pgettext_lazy("a quota", "group"),
    QuotaKind.CATEGORY: pgettext_lazy("a quota", "takes part as"),
}
QUESTION_KINDS: dict[str, Word] = {
    "text": _("one line"),
    "long_text": _("several lines"),
    "yes_no": _("yes or no"),
    "choice": _("one of several"),
    "choices": _("any of several"),
    "language": _("a language"),
}
QUESTION_SUBJECTS: dict[str, Word] = {
    "diet": _("diet"),
    "access_needs": _("access needs"),
    "interpretation": _("interpretation"),
    "travel": _("travel"),
    "other": pgettext_lazy("the subject of a question", "other"),
}
LETTERS: dict[str, Word] = {
    "invitation": _("letter of invitation"),
    "visa": _("letter in support of a visa"),
    "confirmation": _("confirmation of a place"),
    "attendance": _("certificate of attendance"),
}
OUTCOME_KINDS: dict[OutcomeKind, Word] = {
    OutcomeKind.DECISION: _("decision"),
    OutcomeKind.COMMITMENT: _("commitment"),
    OutcomeKind.QUESTION: _("open question"),
    OutcomeKind.PRACTICE: _("practice mentioned"),
}
OUTCOME_STATES: dict[OutcomeState, Word] = {
    OutcomeState.RECORDED: pgettext_lazy("an outcome", "recorded"),
    OutcomeState.CONFIRMED: pgettext_lazy("an outcome", "confirmed"),
    OutcomeState.STRUCK: pgettext_lazy("an outcome", "struck"),
}
KEEPINGS: dict[Keeping, Word] = {
    Keeping.PROMISED: pgettext_lazy("a commitment", "promised"),
    Keeping.UNDER_WAY: pgettext_lazy("a commitment", "under way"),
    Keeping.KEPT: pgettext_lazy("a commitment", "kept"),
    Keeping.PARTLY_KEPT: pgettext_lazy("a commitment", "partly kept"),
    Keeping.NOT_KEPT: pgettext_lazy("a commitment", "not kept"),
    Keeping.GIVEN_UP: pgettext_lazy("a commitment", "given up"),
}

SAID_AS: dict[SaidAs, Word] = {
    SaidAs.SPEAKER: _("said by who spoke for it"),
    SaidAs.DESK: _("said by the desk of the state"),
    SaidAs.ORGANISER: _("said by the organiser"),
}

EDITIONS: dict[str, Word] = {  # of a meeting's report
    "everybody": _("everybody"),
    "participants": _("those who took part"),
}

# What of an outcome can be corrected besides its words
OUTCOME_PARTS: dict[str, Word] = {
    "state": _("State"),
    "organisation": _("Organisation"),
    "due": _("Until"),
    "article": _("Article"),
    "finding": _("Finding"),
}

# The ways through a meeting: the name of the address, and the word. One that has no address yet is not shown.
PUBLIC_WAYS: tuple[tuple[str, Word], ...] = (
    ("meetings:meeting", pgettext_lazy("a meeting", "About")),
    ("meetings:programme", _("Programme")),
    ("meetings:speakers", _("Speakers")),
    ("meetings:countries", _("Countries")),
    ("meetings:documents", _("Documents")),
    ("meetings:what-came", _("What came of it")),
)
OWN_WAYS: tuple[tuple[str, Word], ...] = (("meetings:my-schedule", _("My schedule")),)
LINK_WAYS: tuple[tuple[str, Word], ...] = (("meetings:mine-registration", _("Your registration")),)
# of whoever has a duty at the meeting and does not run it
DUTIES_WAYS: dict[str, tuple[str, Word]] = {
    "door": ("meetings:check-in", _("Check-in")),
    "record": ("meetings:manage-outcomes", _("Record of the sessions")),
    "review": ("meetings:review-contributions", _("Contributions to review")),
}
ORGANISERS_WAYS: tuple[tuple[str, Word], ...] = (
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

_TROUBLES: dict[str, tuple[Word, Word]] = {  # by the code of the error: what happened, what to do next
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
