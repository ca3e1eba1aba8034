"""Labels of the fields of practices, of the lines of their history, and of the orders of the list."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

PRACTICE_FIELDS: dict[str, Any] = {
    "title": _("Title"),
    "problem": pgettext_lazy("field of a practice", "Problem"),
    "solution": pgettext_lazy("field of a practice", "Solution"),
    "for_whom": pgettext_lazy("field of a practice", "For whom"),
    "conditions": pgettext_lazy("field of a practice", "Conditions"),
    "went_wrong": pgettext_lazy("field of a practice", "What went wrong"),
    "results": pgettext_lazy("field of a practice", "Results"),
    "legal_basis": pgettext_lazy("field of a practice", "Legal basis"),
    "staff": pgettext_lazy("field of a practice", "Staff"),
    "cost_note": pgettext_lazy("field of a practice", "Note on the cost"),
    "place": _("Region or town"),
    "since": pgettext_lazy("field of a practice", "Since"),
    "articles": _("Articles of the Convention"),
    "concepts": _("Subjects, groups and forms of violence"),
    "evidence_level": _("Evidence level"),
    "cost": pgettext_lazy("field of a practice", "Cost"),
    "currency": _("Currency"),
    "cost_year": _("Year of the cost"),
    "language": _("Language"),
}
PRACTICE_EVENTS: dict[str, Label] = {
    "created": pgettext_lazy("history of a practice", "created"),
    "edited": pgettext_lazy("history of a practice", "edited"),
    "reviewed": pgettext_lazy("history of a practice", "reviewed by a peer"),
    "submit": pgettext_lazy("history of a practice", "submitted for review"),
    "send_back": pgettext_lazy("history of a practice", "sent back"),
    "publish": pgettext_lazy("history of a practice", "published"),
    "revise": pgettext_lazy("history of a practice", "revision started"),
    "confirm": pgettext_lazy("history of a practice", "confirmed"),
    "retire": pgettext_lazy("history of a practice", "retired"),
    "take_up_again": pgettext_lazy("history of a practice", "taken up again"),
}
PRACTICE_ACTORS: dict[str, Label] = {
    "owner": pgettext_lazy("who acts on a practice", "owner"),
    "reviewer": pgettext_lazy("who acts on a practice", "reviewer of another organisation"),
    "secretariat": pgettext_lazy("who acts on a practice", "secretariat"),
}
PRACTICE_ORDERS: dict[str, Label] = {
    "": pgettext_lazy("order of practices", "newest first"),
    "confirmed": pgettext_lazy("order of practices", "confirmed most recently"),
    "evidence": pgettext_lazy("order of practices", "strongest evidence first"),
    "state": pgettext_lazy("order of practices", "by state"),
}

LABELS.update(PracticeField=PRACTICE_FIELDS, PracticeEvent=PRACTICE_EVENTS, PracticeActor=PRACTICE_ACTORS)
