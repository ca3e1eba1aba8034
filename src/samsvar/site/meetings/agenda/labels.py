"""Sentences of suggested sessions."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.labels import Label
from samsvar.territories import territory_name

# What a country has done about a gap, by kind of evidence; the title of the evidence follows after a colon.
EXPERIENCES: dict[str, Label] = {
    "practice": _("%(country)s has published a practice on this subject"),
    "closed": _("A later text closed a recommendation to %(country)s under this article"),
    "praise": _("A report welcomes something in %(country)s under this article"),
    "measure": _("%(country)s reports that a measure which answers a recommendation as a whole is done"),
}


def experience_sentence(kind: str, state: str) -> str:
    """Return what a country has done as the beginning of a sentence, in the active language."""
    return str(EXPERIENCES[kind]) % {"country": territory_name(state, get_language() or "en")}
