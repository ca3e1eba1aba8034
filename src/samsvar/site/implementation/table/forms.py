"""The form for changing several measures at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.measures import MeasureKind, MeasureVisibility, Stage
from samsvar.site.shell.labels import enum_choices


def _choices(values: Any) -> list[tuple[str, Any]]:
    return [("", _("unchanged")), *enum_choices(values)]


class BulkEditForm(forms.Form):
    """What to change in the selected measures; an empty field leaves their values as they are."""

    stage = forms.ChoiceField(label=_("Stage"), choices=partial(_choices, Stage), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        required=False,
        help_text=_("Needed to stop a measure or to go back a stage. It appears in the history."),
    )
    due = forms.CharField(
        label=_("Due date"),
        max_length=10,
        required=False,
        help_text=_("A day, month or year: 2027-06-30, 2027-06, 2027."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=partial(_choices, MeasureKind), required=False)
    lead = forms.CharField(label=_("Lead body"), max_length=200, required=False)
    visibility = forms.ChoiceField(label=_("Visible to"), choices=partial(_choices, MeasureVisibility), required=False)

    def clean_due(self) -> str:
        text = str(self.cleaned_data["due"]).strip()
        try:
            return str(parse_partial_date(text) or "")
        except UnreadableDate:
            raise forms.ValidationError(_("This is not a date. Enter it as 2019-06-04, 2019-06 or 2019.")) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Enter at least one value to change."))
        return data

    @property
    def values(self) -> dict[str, str]:
        """The values to change, by field; the stage and its reason are separate."""
        return {
            name: self.cleaned_data[name] for name in ("due", "kind", "lead", "visibility") if self.cleaned_data[name]
        }
