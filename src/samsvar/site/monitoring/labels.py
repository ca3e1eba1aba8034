"""What pages call the fixed values of a reading's account, in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ASIDES: dict[str, str | Promise] = {  # samsvar.monitoring.report.Aside
    "running_head": _("Running heads and feet"),
    "page_number": _("Page numbers"),
    "footnote": _("Footnotes"),
    "contents": _("Table of contents"),
    "cover": _("Cover"),
    "annex": _("Annexes"),
}
