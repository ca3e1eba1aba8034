"""Labels of the thesaurus that are translated: kinds of concepts, and matches with other vocabularies."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.thesaurus.concepts import ConceptKind, MatchKind

KINDS = {
    ConceptKind.POLICY: _("Policies and principles"),
    ConceptKind.VIOLENCE: _("Forms of violence"),
    ConceptKind.SERVICE: _("Services"),
    ConceptKind.PROCEDURE: _("Procedures and rights"),
    ConceptKind.PROFESSION: _("Professions"),
    ConceptKind.GROUP: _("Groups of people"),
    ConceptKind.MEASURE: _("Measures"),
    ConceptKind.DATA: _("Data and research"),
}

MATCHES = {
    MatchKind.EXACT: _("the same"),
    MatchKind.CLOSE: _("nearly the same"),
    MatchKind.BROAD: _("broader"),
    MatchKind.NARROW: _("narrower"),
}
