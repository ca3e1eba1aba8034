"""Labels for the fixed values of an extraction report, the details of a report and the history of a label."""

from __future__ import annotations

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.pipeline import UNKNOWN_LANGUAGE
from samsvar.site.monitoring.permissions import STATE_REPRESENTATIVE
from samsvar.site.shell import labels
from samsvar.site.shell.labels import LABELS
from samsvar.territories import territory_name

SET_ASIDE_LABELS: dict[str, str | Promise] = {  # keys are the values of samsvar.monitoring.report.SetAside
    "running_head": _("Headers and footers"),
    "page_number": _("Page numbers"),
    "footnote": _("Footnotes"),
    "contents": _("Table of contents"),
    "cover": _("Cover"),
    "annex": _("Annexes"),
}

DETAIL_LABELS: dict[str, labels.Label] = {
    "body": _("Monitoring body"),
    "state": _("State under review"),
    "procedure": _("Procedure"),
    "reference": _("Reference"),
    "published": _("Date of publication"),
    "title": _("Title"),
    "language": _("Language of the report"),
}


def find_detail_value_label(field: str, value: str) -> labels.Label:
    """Return the label of a detail's value; text that was printed or typed is its own label."""
    language = get_language() or "en"
    match field:
        case "body":
            return labels.find_label(labels.BODIES, value)
        case "procedure":
            return labels.find_label(labels.PROCEDURES, value)
        case "state" if value:
            return territory_name(value, language)
        case "language":
            if value in {"", UNKNOWN_LANGUAGE}:
                return ""
            return language_name(value)
        case _:
            return value


def language_name(code: str) -> str:
    """Return the name of a language in the language of the page."""
    return Locale.parse(code).get_display_name(get_language() or "en") or code


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
