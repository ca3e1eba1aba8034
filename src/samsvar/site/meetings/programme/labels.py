"""Labels for the programme: roles, sessions, changes, tracks, conflicts, imports and exports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.interchange.imported_programme import ImportWarningKind, SourceSystem
from samsvar.meetings.conflicts import ConflictKind
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import SessionKind, TrackColour
from samsvar.meetings.versions import ChangeKind
from samsvar.site.shell.labels import LABELS, Label

PARTS: dict[ProgrammeRole, Label] = {
    ProgrammeRole.SPEAKER: pgettext_lazy("in a programme", "speaker"),
    ProgrammeRole.CHAIR: pgettext_lazy("in a programme", "chair"),
    ProgrammeRole.MODERATOR: pgettext_lazy("in a programme", "moderator"),
    ProgrammeRole.PANELLIST: pgettext_lazy("in a programme", "panellist"),
    ProgrammeRole.RAPPORTEUR: pgettext_lazy("in a programme", "rapporteur"),
    ProgrammeRole.INTERPRETER: pgettext_lazy("in a programme", "interpreter"),
}
SESSION_KINDS: dict[SessionKind, Label] = {
    SessionKind.OPENING: pgettext_lazy("a session", "opening"),
    SessionKind.KEYNOTE: pgettext_lazy("a session", "keynote"),
    SessionKind.PANEL: pgettext_lazy("a session", "panel"),
    SessionKind.TALK: pgettext_lazy("a session", "talk"),
    SessionKind.WORKSHOP: pgettext_lazy("a session", "workshop"),
    SessionKind.NETWORK_MEETING: pgettext_lazy("a session", "network meeting"),
    SessionKind.POSTERS: pgettext_lazy("a session", "posters"),
    SessionKind.ONE_TO_ONE: pgettext_lazy("a session", "one-to-one meetings"),
    SessionKind.CLOSING: pgettext_lazy("a session", "closing"),
    SessionKind.BREAK: pgettext_lazy("a session", "break"),
    SessionKind.SOCIAL: pgettext_lazy("a session", "social programme"),
}
CHANGES: dict[ChangeKind, Label] = {
    ChangeKind.CANCELLED: pgettext_lazy("a session", "Cancelled"),
    ChangeKind.REINSTATED: pgettext_lazy("a session", "Reinstated"),
    ChangeKind.ADDED: pgettext_lazy("a session", "New"),
    ChangeKind.REMOVED: pgettext_lazy("a session", "No longer in the programme"),
    ChangeKind.MOVED: pgettext_lazy("a session", "Time changed"),
    ChangeKind.ROOM: pgettext_lazy("a session", "Room changed"),
    ChangeKind.PEOPLE: pgettext_lazy("a session", "Speakers or roles changed"),
    ChangeKind.LANGUAGES: pgettext_lazy("a session", "Languages changed"),
    ChangeKind.TRACK: pgettext_lazy("a session", "Track changed"),
    ChangeKind.RENAMED: pgettext_lazy("a session", "Title changed"),
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
    ConflictKind.PERSON: _("Someone is in two sessions at the same time"),
    ConflictKind.ROOM: _("Two sessions are in the same room at the same time"),
    ConflictKind.NO_INTERPRETER: _("No interpreter"),
    ConflictKind.UNAVAILABLE: _("Someone is not available at this time"),
    ConflictKind.OUTSIDE_DAYS: _("Not on one of the meeting’s days"),
    ConflictKind.OUTSIDE_HOST: _(
        "A session of a meeting held as part of this one is outside the time slot for that meeting"
    ),
    ConflictKind.TOO_MANY: _("More people are expected than the room holds"),
}
SYSTEMS: dict[SourceSystem, Label] = {
    SourceSystem.PRETALX: _("schedule.json from pretalx"),
    SourceSystem.PRETALX_WIDGET: _("data from pretalx’s schedule widget"),
    SourceSystem.INDICO: _("Indico event export"),
    SourceSystem.INDICO_TIMETABLE: _("Indico event timetable"),
    SourceSystem.SCHEDULE_XML: "schedule.xml",
    SourceSystem.SCHEDULE_JSON: "schedule.json",
}

EXPORT_FORMATS: dict[str, Label] = {
    "schedule.xml": _("schedule.xml, for conference apps and screens"),
    "schedule.json": _("schedule.json, also for conference apps and screens"),
    "schedule.ics": _("a calendar (.ics)"),
    "pretalx.json": _("schedule.json in pretalx’s format"),
    "indico.json": _("an event in Indico’s export format"),
    "indico.csv": _("a spreadsheet for Indico (Contributions → Import)"),
}
IMPORT_WARNINGS: dict[ImportWarningKind, Label] = {
    ImportWarningKind.NO_ZONE: _("no time zone, or an unknown one: UTC was used"),
    ImportWarningKind.UNKNOWN_TYPE: _("an unknown type: treated as a talk"),
    ImportWarningKind.DUPLICATE_SESSION: _("a session listed twice: the first one was used"),
    ImportWarningKind.NAMELESS: _("a session without a time or name of its own: left out"),
    ImportWarningKind.ENDS_FIRST: _("a session that ends before it begins: its end time was ignored"),
    ImportWarningKind.AMBIGUOUS_HOUR: _(
        "a time in the hour that is repeated when the clocks go back: the first occurrence was used"
    ),
    ImportWarningKind.NO_TIME: _("a time that could not be read: left out"),
    ImportWarningKind.RESTRICTED_SESSION: _(
        "a session with restricted access in the original system: here, only the organisers can read it"
    ),
    ImportWarningKind.EMPTY: _(
        "no sessions: the event was exported without its contributions, or the contributions have "
        "not been published in Indico"
    ),
}
IMPORT_STATUSES: dict[str, Label] = {
    "new": pgettext_lazy("a session of a file", "new, as a draft"),
    "changed": pgettext_lazy("a session of a file", "changed"),
    "same": pgettext_lazy("a session of a file", "unchanged"),
}
COLUMNS: dict[str, Label] = {
    "title": pgettext_lazy("of a session", "title"),
    "abstract": pgettext_lazy("of a session", "description"),
    "kind": pgettext_lazy("of a session", "type"),
    "time": pgettext_lazy("of a session", "time"),
    "room": pgettext_lazy("of a session", "room"),
    "track": pgettext_lazy("of a session", "track"),
    "languages": pgettext_lazy("of a session", "languages"),
}
LABELS.update(
    ProgrammeRole=PARTS, SessionKind=SESSION_KINDS, ChangeKind=CHANGES, TrackColour=TRACK_COLOURS,
    ConflictKind=CONFLICTS, SourceSystem=SYSTEMS, ImportWarningKind=IMPORT_WARNINGS, ImportStatus=IMPORT_STATUSES,
    export_format=EXPORT_FORMATS, session_column=COLUMNS,
)  # fmt: skip
