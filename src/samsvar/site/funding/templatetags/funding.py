"""Template filters for labels and amounts in the reader's language: `{% load funding %}`."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import get_language

from samsvar.funding.amounts import Amount
from samsvar.funding.loading import AMOUNT_COLUMNS, CellProblem, load_areas
from samsvar.funding.tables import TRANSACTION_COLUMNS
from samsvar.site.funding import labels
from samsvar.site.funding.import_plan import ValueChange
from samsvar.site.shell.labels import CONFIDENCES
from samsvar.territories import territory_name

register = template.Library()


@register.filter
def money(amount: Amount | None) -> str:
    """Format an amount in the reader's language, or return "" for None."""
    return amount.to_text(get_language() or "en") if amount else ""


@register.filter
def value_before(change: ValueChange) -> str:
    """Format the current value of a changed column, or return "" if it is empty."""
    return _format_value(change.column, change.before, change.currency_before)


@register.filter
def value_after(change: ValueChange) -> str:
    """Format the new value of a changed column, or return "" if it is cleared."""
    return _format_value(change.column, change.after, change.currency_after)


def _format_value(column: str, cell: str, currency: str) -> str:
    if cell and currency and column in (*AMOUNT_COLUMNS, *TRANSACTION_COLUMNS):
        return money(Amount(Decimal(cell), currency))
    known = {"kind": labels.KINDS, "form": labels.FORMS, "confidence": CONFIDENCES}.get(column)
    if known and cell in known:
        return str(known[cell])
    if column in {"donors", "beneficiaries"}:
        return ", ".join(territory_name(code, get_language() or "en") for code in cell.split())
    return cell


@register.filter
def area_name(key: str) -> str:
    """Return the code and name of a programme area, as used in the funding programmes."""
    known = load_areas().get(key)
    return (f"{known.code} {known.name}".strip() if known else key) if key else ""


@register.filter
def problem_label(cell: CellProblem) -> labels.Label:
    """Return what is wrong with a cell of an imported table."""
    return labels.problem_label(cell)
