"""Labels of asks in the reader's language, and texts of the errors of their files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

STATUSES: dict[str, Label] = {
    "drafted": pgettext_lazy("status of a request", "draft"),
    "sent": pgettext_lazy("status of a request", "sent"),
    "answered": pgettext_lazy("status of a request", "answered"),
    "sent_back": pgettext_lazy("status of a request", "sent back"),
    "accepted": pgettext_lazy("status of a request", "accepted"),
    "lapsed": pgettext_lazy("status of a request", "lapsed"),
    "withdrawn": pgettext_lazy("status of a request", "withdrawn"),
}
ACTS: dict[str, Label] = {
    "send": pgettext_lazy("history of a request", "sent"),
    "answer": pgettext_lazy("history of a request", "answered"),
    "send_back": pgettext_lazy("history of a request", "sent back"),
    "accept": pgettext_lazy("history of a request", "accepted"),
    "lapse": pgettext_lazy("history of a request", "lapsed"),
    "withdraw": pgettext_lazy("history of a request", "withdrawn"),
    "change_due": pgettext_lazy("history of a request", "due day changed"),
}
ACTORS: dict[str, Label] = {
    "desk": _("the national desk"),
    "official": _("the official asked"),
    "clock": _("the system"),
}
VIAS: dict[str, Label] = {
    "link": _("on the page of the link"),
    "xlsx": _("in the spreadsheet"),
    "docx": _("in the Word document"),
}
# The fields of an answer, on the page and in files.
FIELDS: dict[str, Label] = {
    "text": pgettext_lazy("to a question", "Answer"),
    "figures": _("Figures"),
    "evidence": _("Links to evidence"),
    "no_answer_because": _("Reason for no answer"),
}
REMINDERS: dict[str, Label] = {
    "new": _("New: “%(title)s”, for %(state)s, due %(due)s"),
    "sent_back": _("Sent back with a note: “%(title)s”, for %(state)s, due %(due)s"),
    "due_changed": _("New due day: “%(title)s”, for %(state)s, now due %(due)s"),
    "overdue": _("Overdue: “%(title)s”, for %(state)s, was due %(due)s"),
    "due_soon": _("Due soon: “%(title)s”, for %(state)s, due %(due)s"),
    "from_desk": _("Reminder: “%(title)s”, for %(state)s, due %(due)s"),
}
FAULTS: dict[str, Label] = {
    "too_long": _("This is too long. Shorten it, or give a link to the text."),
    "contradictory": _("Give an answer or a reason for no answer, not both."),
    "too_many_links": _("Give at most 20 links."),
    "not_a_link": _("Enter one web address per line, each beginning with https://."),
}

LABELS.update({
    "AskStatus": STATUSES,
    "AskAct": ACTS,
    "AskActor": ACTORS,
    "AskVia": VIAS,
    "AskField": FIELDS,
})  # fmt: skip

ERROR_TEXTS = {
    "act_not_possible": (
        _("This is not possible: the request for information has another status."),
        _("Reload the page: someone may have decided on it in the meantime."),
    ),
    "answer_incomplete": (
        _("Some questions have neither an answer nor a reason for no answer."),
        _("Answer each question, or say why there is no answer. You can save a draft at any time."),
    ),
}
