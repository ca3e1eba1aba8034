"""Template filters for concepts: `{% load thesaurus %}`."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.translation import get_language

from samsvar.languages import display_language
from samsvar.thesaurus.concepts import Concept, concept, language_tag
from samsvar.thesaurus.tagging import tag_text

register = template.Library()

register.filter("language_tag", language_tag)


@register.filter
def concept_name(shown: Concept) -> str:
    """Return the preferred label of a concept in the reader's language."""
    return shown.label(get_language() or "en")


@register.filter
def language_label(code: str) -> str:
    """Return the name of a language in the reader's language."""
    return display_language(code, get_language() or "en")


@register.filter
def concepts_named_in(text: str, language: str) -> tuple[Concept, ...]:
    """Return the concepts that a text names, in its order, each once: `{{ text|concepts_named_in:language }}`."""
    return _tag(text, language)


@lru_cache(maxsize=512)  # findings that are read several times
def _tag(text: str, language: str) -> tuple[Concept, ...]:
    return tuple(map(concept, dict.fromkeys(mention.key for mention in tag_text(text, language))))
