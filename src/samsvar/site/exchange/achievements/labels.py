"""Labels of what the network achieved."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.labels import LABELS, Label

ACHIEVEMENTS: dict[str, Label] = {
    "asked": _("Requests for help"),
    "answered": _("Answered"),
    "helped": _("Answers that helped"),
    "calls": _("Calls held"),
    "visits": _("Visits and peer reviews held"),
    "adopted": _("Practices taken up"),
    "given_up": _("Practices given up"),
}
LABELS.update(Achievement=ACHIEVEMENTS)
