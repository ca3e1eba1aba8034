"""Words and amounts of money in the reader's language: `{% load funding %}`."""

from __future__ import annotations

from functools import partial

from django import template
from django.utils.translation import get_language

from samsvar.funding.amounts import Amount
from samsvar.funding.loading import BadCell, areas
from samsvar.site.funding import words
from samsvar.site.shell.words import word

register = template.Library()

for _name, _words in {
    "funding_kind_word": words.KINDS,
    "funding_form_word": words.FORMS,
    "partner_role_word": words.ROLES,
    "side_word": words.SIDES,
    "step_word": words.STEPS,
    "link_word": words.LINKS,
    "column_word": words.COLUMNS,
}.items():
    register.filter(_name, partial(word, _words))


@register.filter
def money(amount: Amount | None) -> str:
    """An amount as the reader's language writes it; "" for none."""
    return amount.shown(get_language() or "en") if amount else ""


@register.filter
def area_name(key: str) -> str:
    """An area as the funds call it, with its code."""
    known = areas().get(key)
    return (f"{known.code} {known.name}".strip() if known else key) if key else ""


@register.filter
def problem_word(cell: BadCell) -> words.Word:
    """What is wrong in a cell of a table."""
    return words.problem(cell)
