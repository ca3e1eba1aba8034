"""What the call for contributions and the exchange of programmes say: states, kinds, letters."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.interchange.taken import Doubt, System
from samsvar.meetings.contributions import ReviewsSeen
from samsvar.meetings.programme import SessionKind
from samsvar.site.network.letters import Form

type Word = str | Promise

STATES: dict[str, Word] = {
    "offered": pgettext_lazy("a contribution", "waits for a decision"),
    "accepted": pgettext_lazy("a contribution", "accepted"),
    "declined": pgettext_lazy("a contribution", "declined"),
    "withdrawn": pgettext_lazy("a contribution", "withdrawn"),
}
SEEN: dict[ReviewsSeen, Word] = {
    ReviewsSeen.AFTER_OWN: _("after they have written their own"),
    ReviewsSeen.NEVER: pgettext_lazy("reviewers see others’ reviews", "never"),
}
OFFERED_KINDS = (SessionKind.TALK, SessionKind.PANEL, SessionKind.WORKSHOP, SessionKind.POSTERS)
SYSTEMS: dict[System, Word] = {
    System.PRETALX: _("schedule.json of pretalx"),
    System.PRETALX_WIDGET: _("data of pretalx’s schedule widget"),
    System.INDICO: _("Indico’s export of an event"),
    System.INDICO_TIMETABLE: _("Indico’s timetable of an event"),
    System.SCHEDULE_XML: "schedule.xml",
    System.SCHEDULE_JSON: "schedule.json",
}

FORMS_OUT: dict[str, Word] = {
    "schedule.xml": _("schedule.xml, for apps and screens of conferences"),
    "schedule.json": _("schedule.json, for the same"),
    "schedule.ics": _("a calendar (.ics)"),
    "pretalx.json": _("schedule.json as pretalx writes it"),
    "indico.json": _("an event as Indico exports it"),
    "indico.csv": _("a table that Indico takes in: Contributions → Import"),
}
DOUBTS: dict[Doubt, Word] = {
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
FATES: dict[str, Word] = {
    "new": pgettext_lazy("a session of a file", "new, as a draft"),
    "changed": pgettext_lazy("a session of a file", "changed"),
    "same": pgettext_lazy("a session of a file", "as it is"),
}
COLUMNS: dict[str, Word] = {
    "title": pgettext_lazy("of a session", "title"),
    "abstract": pgettext_lazy("of a session", "what it is about"),
    "kind": pgettext_lazy("of a session", "kind"),
    "time": pgettext_lazy("of a session", "time"),
    "room": pgettext_lazy("of a session", "room"),
    "track": pgettext_lazy("of a session", "track"),
    "languages": pgettext_lazy("of a session", "languages"),
}

_FOR_YOU = _("The link is for you alone: whoever has it can answer in your place.")

LETTERS: Mapping[str, Form] = {
    "meetings/contribution_link": Form(
        _("Offer a contribution to “%(meeting)s”"),
        _("Somebody, probably you, wants to offer a contribution to “%(meeting)s”. Open this to go on:"),
        "page_url",
        _("If this was not you, you need do nothing."),
    ),
    "meetings/contribution_received": Form(
        _("Your contribution to “%(meeting)s” has arrived"),
        _("Your contribution to “%(meeting)s” has arrived. Open this to change or withdraw it:"),
        "page_url",
        _FOR_YOU,
    ),
    "meetings/contribution_accepted": Form(
        _("Your contribution to “%(meeting)s” is accepted"),
        _("Your contribution “%(title)s” to “%(meeting)s” is accepted. %(reason)s"),
        "page_url",
    ),
    "meetings/asked_to_review": Form(
        _("You are asked to review contributions to “%(meeting)s”"),
        _(
            "Those who run “%(meeting)s” ask you to judge what is offered for its programme. Sign in to read it, "
            "without the names of those who offer it:"
        ),
        "page_url",
        _("When something new has come in, you get a letter, one a day at most."),
    ),
    "meetings/contributions_to_review": Form(
        _("New contributions to “%(meeting)s” wait for your judgement"),
        _("What has come in since the last letter to you: %(count)s. Sign in to read and judge it:"),
        "page_url",
    ),
    "meetings/contribution_declined": Form(
        _("Your contribution to “%(meeting)s” is not in the programme"),
        _("Your contribution “%(title)s” to “%(meeting)s” was not chosen for the programme. The reason: %(reason)s"),
        "page_url",
    ),
}
