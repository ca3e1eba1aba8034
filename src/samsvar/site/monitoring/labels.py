"""Labels for the fixed values of an extraction report, and of the history of a finding's label."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.monitoring.permissions import STATE_REPRESENTATIVE
from samsvar.site.shell.labels import LABELS

SET_ASIDE_LABELS: dict[str, str | Promise] = {  # keys are the values of samsvar.monitoring.report.SetAside
    "running_head": _("Headers and footers"),
    "page_number": _("Page numbers"),
    "footnote": _("Footnotes"),
    "contents": _("Table of contents"),
    "cover": _("Cover"),
    "annex": _("Annexes"),
}

ACTING_ROLES: dict[str, str | Promise] = {  # in sentences: "Confirmed by a reviewer"
    "reviewer": _("a reviewer"),
    "editor": _("an editor"),
    "national_desk": _("the national desk of the state concerned"),
    STATE_REPRESENTATIVE: _("a representative of the state concerned"),
}
PROPOSAL_STATUSES: dict[str, str | Promise] = {
    "open": pgettext_lazy("proposal", "not decided yet"),
    "accepted": pgettext_lazy("proposal", "accepted"),
    "declined": pgettext_lazy("proposal", "declined"),
    "outdated": pgettext_lazy("proposal", "outdated: the finding is no longer found in the report"),
}

LABELS.update(ActingRole=ACTING_ROLES, proposal_status=PROPOSAL_STATUSES)
