"""The filters of a list, as a form that is submitted by GET."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from django import forms
from django.utils.translation import gettext as _

from samsvar.site.shell.errors import ErrorText


@dataclass(frozen=True, slots=True)
class FilterValues:
    """Base of the filters of a list as they are in its address: subclasses add a field of text for each, "" for all."""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Self:
        return cls(**{one.name: str(params.get(one.name, ""))[:200].strip() for one in fields(cls)})

    def to_dict(self) -> dict[str, str]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def is_active(self) -> bool:
        return any(self.to_dict().values())


class FilterSelect(forms.Select):
    """A select with many options, rendered with one template; Django's uses one per option.

    That took 40 ms for the filters of the matrix, and 15 ms for a choice of 120 measures.
    """

    template_name = "samsvar/components/filter_select.html"


class FilterForm(forms.Form):
    """The filters of a list. `error` names the values and parameters that the page does not know, or is None."""

    error: ErrorText | None = None


def build_filter_form(
    values: Mapping[str, Any],
    id_prefix: str,
    *,
    also: Collection[str] = ("page",),
    **filters: tuple[Any, Any, Iterable[tuple[Any, Any]]],
) -> FilterForm:
    """Return a form with a select field per filter, given as (label, label of the empty option or None, other options).

    The form is never bound: a value that is not offered selects nothing, and the form's `error` names it, as it names
    every parameter in `values` that is neither a filter nor one of `also`. `id_prefix` is the prefix of the HTML ids.
    """
    form = FilterForm(initial=dict(values), auto_id=f"{id_prefix}-%s")
    not_offered = []
    for name, (label, everything, choices) in filters.items():
        options = [("", everything), *choices] if everything is not None else [*choices]
        form.fields[name] = forms.ChoiceField(label=label, required=False, choices=options, widget=FilterSelect)
        value = str(values.get(name) or "")
        if value and value not in {str(option) for option, _label in options}:
            not_offered.append(value)
    unknown = [name for name, value in values.items() if value and name not in filters and name not in also]
    form.error = describe_unknown(names=unknown, values=not_offered)
    return form


def describe_unknown(
    *, names: Collection[str], values: Collection[str], effect: str = "", advice: str = ""
) -> ErrorText | None:
    """Return the error for parameters and values that the filters of a page do not have, or None without any."""
    messages = []
    if names:
        messages.append(
            _("This page has no filter called %(asked)s, so nothing is filtered by it.") % {"asked": _quote(names)}
        )
    if values:
        messages.append(_("There is no filter option called %(asked)s.") % {"asked": _quote(values)})
    if not messages:
        return None
    return ErrorText(
        " ".join(messages), effect or _("The other filters were kept."), advice or _("Choose from the lists below.")
    )


def _quote(words: Collection[str]) -> str:
    return ", ".join(_("“%(word)s”") % {"word": word[:40]} for word in list(words)[:10])
