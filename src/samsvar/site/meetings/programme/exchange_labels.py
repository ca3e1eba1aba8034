"""Labels for the formats of imported and exported programmes, and for what an import leaves out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.interchange.imported_programme import Doubt, System
from samsvar.site.shell.labels import Label

SYSTEMS: dict[System, Label] = {
    System.PRETALX: _("schedule.json of pretalx"),
    System.PRETALX_WIDGET: _("data of pretalx’s schedule widget"),
    System.INDICO: _("Indico’s export of an event"),
    System.INDICO_TIMETABLE: _("Indico’s timetable of an event"),
    System.SCHEDULE_XML: "schedule.xml",
    System.SCHEDULE_JSON: "schedule.json",
}

FORMS_OUT: dict[str, Label] = {
    "schedule.xml": _("schedule.xml, for apps and screens of conferences"),
    "schedule.json": _("schedule.json, for the same"),
    "schedule.ics": _("a calendar (.ics)"),
    "pretalx.json": _("schedule.json as pretalx writes it"),
    "indico.json": _("an event as Indico exports it"),
    "indico.csv": _("a table that Indico takes in: Contributions → Import"),
}
DOUBTS: dict[Doubt, Label] = {
    Doubt.NO_ZONE: _("no time zone, or an unknown one: UTC was taken"),
    Doubt.UNKNOWN_TYPE: _("a type that is unknown: a talk was taken"),
    Doubt.TWICE: _("a session that stands there twice: the first was taken"),
    Doubt.NAMELESS: _("a session without a time or a name of its own: left out"),
    Doubt.ENDS_FIRST: _("a session that ends before it begins: its end was left out"),
    Doubt.HOUR_TWICE: _("a time in the hour that the clock shows twice: the first was taken"),
    Doubt.NO_TIME: _("a time that cannot be read: left out"),
    Doubt.PROTECTED: _("a session that only some may read there: here only those who run the meeting may"),
    Doubt.EMPTY: _("no session: exported without its contributions, or they are not published there"),
}
FATES: dict[str, Label] = {
    "new": pgettext_lazy("a session of a file", "new, as a draft"),
    "changed": pgettext_lazy("a session of a file", "changed"),
    "same": pgettext_lazy("a session of a file", "as it is"),
}
COLUMNS: dict[str, Label] = {
    "title": pgettext_lazy("of a session", "title"),
    "abstract": pgettext_lazy("of a session", "what it is about"),
    "kind": pgettext_lazy("of a session", "kind"),
    "time": pgettext_lazy("of a session", "time"),
    "room": pgettext_lazy("of a session", "room"),
    "track": pgettext_lazy("of a session", "track"),
    "languages": pgettext_lazy("of a session", "languages"),
}
