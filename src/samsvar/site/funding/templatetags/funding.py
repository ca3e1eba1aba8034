"""Words and amounts of money in the reader's language: `{% load funding %}`."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from django import template
from django.utils.translation import get_language

from samsvar.funding.amounts import Amount
from samsvar.funding.loading import AMOUNTS, BadCell, areas
from samsvar.funding.tables import MONEY
from samsvar.site.funding import labels as words
from samsvar.site.funding.import_plan import Change
from samsvar.site.shell.labels import CONFIDENCES, word
from samsvar.territories import name_of

register = template.Library()

for _name, _words in {
    "funding_kind_word": words.KINDS,
    "funding_form_word": words.FORMS,
    "partner_role_word": words.ROLES,
    "side_word": words.SIDES,
    "step_word": words.STEPS,
    "link_word": words.LINKS,
    "column_word": words.MAPPED,
    "numbers_word": words.NUMBERS,
    "days_word": words.DAYS,
}.items():
    register.filter(_name, partial(word, _words))


@register.filter
def money(amount: Amount | None) -> str:
    """An amount as the reader's language writes it; "" for none."""
    return amount.shown(get_language() or "en") if amount else ""


@register.filter
def was(change: Change) -> str:
    """What stands there, as a reader writes it; "" where nothing does."""
    return _value(change.column, change.before, change.currency_before)


@register.filter
def becomes(change: Change) -> str:
    """What would stand there; "" where it becomes empty."""
    return _value(change.column, change.after, change.currency_after)


def _value(column: str, cell: str, currency: str) -> str:
    if cell and currency and column in (*AMOUNTS, *MONEY):
        return money(Amount(Decimal(cell), currency))
    known = {"kind": words.KINDS, "form": words.FORMS, "confidence": CONFIDENCES}.get(column)
    if known and cell in known:
        return str(known[cell])
    if column in {"donors", "beneficiaries"}:
        return ", ".join(name_of(code, get_language() or "en") for code in cell.split())
    return cell


@register.filter
def area_name(key: str) -> str:
    """An area as the funds call it, with its code."""
    known = areas().get(key)
    return (f"{known.code} {known.name}".strip() if known else key) if key else ""


@register.filter
def problem_word(cell: BadCell) -> words.Label:
    """What is wrong in a cell of a table."""
    return words.problem(cell)
