"""The filters of a list, as a form that is sent by GET."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms


def filter_form(
    values: Mapping[str, Any], ids: str, **filters: tuple[Any, Any, Iterable[tuple[Any, Any]]]
) -> forms.Form:
    """Return a form with a selection for each filter: its label, the option for everything, and its other options.

    It is never bound: a value that is not offered selects nothing, without an error. `ids` starts the HTML ids.
    """
    form = forms.Form(initial=dict(values), auto_id=f"{ids}-%s")
    for name, (label, everything, choices) in filters.items():
        form.fields[name] = forms.ChoiceField(label=label, required=False, choices=[("", everything), *choices])
    return form
