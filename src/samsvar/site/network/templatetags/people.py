"""Template filters for the labels of people, networks and organisations: `{% load people %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.network.loading import OrganisationFact
from samsvar.site.network import labels
from samsvar.thesaurus.concepts import concepts

register = template.Library()

register.filter("language_name", labels.language_name)


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """Return the names of the languages in the reader's language, sorted and separated by commas."""
    return ", ".join(sorted(map(labels.language_name, codes)))


@register.filter
def concept_label(key: str) -> str:
    """Return the label of a concept, or its key if the thesaurus no longer has it."""
    concept = concepts().get(key)
    return concept.label(get_language() or "en") if concept else key


@register.filter
def expertise_label(value: str) -> str:
    """Return the label of an area of expertise, given as "article:20" or "concept:shelters"."""
    kind, _colon, key = value.partition(":")
    if kind == "article":
        title = ISTANBUL[key].title(get_language() or "en") if key in ISTANBUL else ""
        return _("Article %(number)s") % {"number": key} + (f" – {title}" if title else "")
    return concept_label(key)


@register.filter
def participants_label(gathering: object) -> str:
    """Return the number of participants as the source gives it ("about 40 participants"), or "" if it gives none."""
    number, reckoning = getattr(gathering, "participants", None), getattr(gathering, "reckoning", None)
    if number is None or reckoning is None:
        return ""
    return str(labels.COUNT_PRECISIONS[reckoning]) % {"number": number}


@register.filter
def organisation_name(organisation: OrganisationFact) -> str:
    """Return the organisation's name in the reader's language if a source gives one, otherwise in English."""
    return organisation.name(get_language() or "en")
