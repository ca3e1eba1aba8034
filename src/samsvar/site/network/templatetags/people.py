"""Words of people, networks and organisations in the reader's language: `{% load people %}`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.network.loading import OrganisationFact
from samsvar.site.network import labels as words
from samsvar.site.shell.labels import word
from samsvar.thesaurus.concepts import concepts

register = template.Library()

_WORDS: dict[
    str, dict[Any, words.Label]
] = {  # {{ organisation.kind|organisation_kind_word }}: the word for a fixed value
    "field_word": words.FIELDS,
    "field_of_others_word": words.FIELDS_OF_OTHERS,
    "visibility_word": words.VISIBILITIES,
    "purpose_word": words.PURPOSES,
    "ground_word": words.GROUNDS,
    "group_word": words.GROUPS,
    "gender_word": words.GENDERS,
    "organisation_kind_word": words.ORGANISATION_KINDS,
    "office_word": words.OFFICES,
    "part_word": words.PARTS,
    "gathering_kind_word": words.GATHERING_KINDS,
    "gathering_form_word": words.GATHERING_FORMS,
    "tie_word": words.TIES,
}
for _name, _words in _WORDS.items():
    register.filter(_name, partial(word, _words))

register.filter("language_name", words.language_name)


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """Languages by their names, in the order of the reader's language."""
    return ", ".join(sorted(map(words.language_name, codes)))


@register.filter
def concept_word(key: str) -> str:
    """What a concept is called in the reader's language; the key itself where the thesaurus no longer has it."""
    known = concepts().get(key)
    return known.label(get_language() or "en") if known else key


@register.filter
def expertise_word(value: str) -> str:
    """ "article:20" and "concept:shelters" as people read them."""
    kind, _colon, key = value.partition(":")
    if kind == "article":
        title = ISTANBUL[key].title(get_language() or "en") if key in ISTANBUL else ""
        return _("Article %(number)s") % {"number": key} + (f" – {title}" if title else "")
    return concept_word(key)


@register.filter
def participants(gathering: object) -> str:
    """How many took part, as the source puts it; "" where none says."""
    number, reckoning = getattr(gathering, "participants", None), getattr(gathering, "reckoning", None)
    if number is None or reckoning is None:
        return ""
    return str(words.RECKONINGS[reckoning]) % {"number": number}


@register.filter
def fact_name(organisation: OrganisationFact) -> str:
    """An organisation's name in the reader's language, where a source prints one."""
    return organisation.name(get_language() or "en")
