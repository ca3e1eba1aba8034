"""Labels for kinds, states and changes of sessions, and for conflicts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.conflicts import ConflictKind
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import SessionKind, TrackColour
from samsvar.meetings.versions import ChangeKind
from samsvar.site.shell.labels import Label

PARTS: dict[Part, Label] = {
    Part.SPEAKER: pgettext_lazy("in a programme", "speaker"),
    Part.CHAIR: pgettext_lazy("in a programme", "chair"),
    Part.MODERATOR: pgettext_lazy("in a programme", "moderator"),
    Part.PANELLIST: pgettext_lazy("in a programme", "panellist"),
    Part.RAPPORTEUR: pgettext_lazy("in a programme", "rapporteur"),
    Part.INTERPRETER: pgettext_lazy("in a programme", "interpreter"),
}
SESSION_KINDS: dict[SessionKind, Label] = {
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
SESSION_STATES: dict[str, Label] = {
    "draft": pgettext_lazy("a session", "draft"),
    "ready": pgettext_lazy("a session", "ready"),
    "cancelled": pgettext_lazy("a session", "cancelled"),
}
CHANGES: dict[ChangeKind, Label] = {
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
TRACK_COLOURS: dict[TrackColour, Label] = {
    TrackColour.TEAL: pgettext_lazy("a colour", "teal"),
    TrackColour.BLUE: pgettext_lazy("a colour", "blue"),
    TrackColour.PLUM: pgettext_lazy("a colour", "plum"),
    TrackColour.BRICK: pgettext_lazy("a colour", "brick red"),
    TrackColour.AMBER: pgettext_lazy("a colour", "amber"),
    TrackColour.MOSS: pgettext_lazy("a colour", "moss green"),
}
CONFLICTS: dict[ConflictKind, Label] = {
    ConflictKind.PERSON: _("Somebody is in two sessions at once"),
    ConflictKind.ROOM: _("Two sessions are in one room at once"),
    ConflictKind.NO_INTERPRETER: _("Nobody interprets"),
    ConflictKind.UNAVAILABLE: _("Somebody cannot come then"),
    ConflictKind.OUTSIDE_DAYS: _("It is not on a day of the meeting"),
    ConflictKind.OUTSIDE_HOST: _("A session of the meeting inside lies outside the time that it has here"),
    ConflictKind.TOO_MANY: _("More are expected than the room holds"),
}
