"""Labels for the fixed values of an extraction report, and for the details of a report."""

from __future__ import annotations

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell import labels
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
        case "language" if value:
            return language_name(value)
        case _:
            return value


def language_name(code: str) -> str:
    """Return the name of a language in the language of the page."""
    return Locale.parse(code).get_display_name(get_language() or "en") or code
