"""The filters of a list, as a form that is submitted by GET."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms


class FilterSelect(forms.Select):
    """A select with many options, rendered with one template; Django's uses one per option.

    That took 40 ms for the filters of the matrix, and 15 ms for a choice of 120 measures.
    """

    template_name = "samsvar/components/filter_select.html"


def build_filter_form(
    values: Mapping[str, Any], id_prefix: str, **filters: tuple[Any, Any, Iterable[tuple[Any, Any]]]
) -> forms.Form:
    """Return a form with a select field per filter, given as (label, label of the empty option or None, other options).

    The form is never bound, so a value that is not offered selects nothing and causes no error. `id_prefix` is the
    prefix of the HTML ids.
    """
    form = forms.Form(initial=dict(values), auto_id=f"{id_prefix}-%s")
    for name, (label, everything, choices) in filters.items():
        options = [("", everything), *choices] if everything is not None else [*choices]
        form.fields[name] = forms.ChoiceField(label=label, required=False, choices=options, widget=FilterSelect)
    return form
