"""Template filters for values of measures in imports and their history: `{% load measure_imports %}`."""

from __future__ import annotations

from typing import Any

from django import template

from samsvar.interchange.measure_tables import MeasureCellProblem
from samsvar.site.implementation.imports import labels
from samsvar.site.implementation.labels import MEASURE_KINDS, STAGES, VISIBILITIES
from samsvar.site.shell.templatetags.samsvar import day

register = template.Library()

_VALUES = {"kind": MEASURE_KINDS, "stage": STAGES, "visibility": VISIBILITIES}


@register.filter
def measure_value(value: Any, column: str) -> str:
    """Return the value of a column of a measure in the reader's language; "" if it is empty."""
    if not value:
        return ""
    if column in {"begins", "due"}:
        return day(value)
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(_VALUES.get(column, {}).get(str(value), value))


@register.filter
def problem_label(problem: MeasureCellProblem) -> str:
    """Return what is wrong with a cell of an imported table."""
    return labels.problem_label(problem)
