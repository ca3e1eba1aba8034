"""Labels for the fixed values of an extraction report."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SET_ASIDE_LABELS: dict[str, str | Promise] = {  # keys are the values of samsvar.monitoring.report.SetAside
    "running_head": _("Headers and footers"),
    "page_number": _("Page numbers"),
    "footnote": _("Footnotes"),
    "contents": _("Table of contents"),
    "cover": _("Cover"),
    "annex": _("Annexes"),
}
