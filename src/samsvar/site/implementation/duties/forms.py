"""Form for what a desk records about a step of a procedure."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.duties import DueBasis
from samsvar.site.implementation.duties.actions import EDITABLE
from samsvar.site.implementation.duties.models import Duty
from samsvar.site.shell.labels import enum_choices

DATE_HELP = _("A day, a month or a year: 2026-06-01, 2026-06 or 2026.")
SOURCE_HELP = _("The reference or the web address of the text, with the paragraph if it has one.")


class ProcedureStepForm(forms.Form):
    """Form for when a step is due, and when it was done."""

    due = forms.CharField(label=_("Due"), max_length=10, required=False, help_text=DATE_HELP)
    basis = forms.ChoiceField(
        label=_("How the due date is known"), choices=partial(enum_choices, DueBasis), required=False
    )
    due_source = forms.CharField(
        label=_("Source of the due date"), max_length=500, required=False, help_text=SOURCE_HELP
    )
    due_since = forms.CharField(
        label=_("Date of that source"),
        max_length=10,
        required=False,
        help_text=_("If you leave it empty, pages about an earlier day do not show this due date."),
    )
    done = forms.CharField(
        label=_("Submitted, or took place"), max_length=10, required=False,
        help_text=_("Leave it empty if it has not happened yet."),
    )  # fmt: skip
    done_source = forms.CharField(label=_("Source"), max_length=500, required=False, help_text=SOURCE_HELP)

    def __init__(self, *args: Any, duty: Duty | None = None, **kwargs: Any) -> None:
        if duty is not None:
            kwargs["initial"] = {name: getattr(duty, name) for name in EDITABLE}
        super().__init__(*args, **kwargs)

    def clean_due(self) -> str:
        return self._clean_date("due")

    def clean_due_since(self) -> str:
        return self._clean_date("due_since")

    def clean_done(self) -> str:
        return self._clean_date("done")

    def _clean_date(self, name: str) -> str:
        value: str = self.cleaned_data[name].strip()
        try:
            parse_partial_date(value)
        except UnreadableDate:
            raise forms.ValidationError(_("This is not a date. %(help)s") % {"help": DATE_HELP}) from None
        return value

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        due, done = data["due"], data["done"]
        if not (due or done):
            self.add_error("due", _("Enter the date on which it is due, or the date on which it was done."))
        if due and not data["due_source"]:
            self.add_error("due_source", _("Enter the source of the due date."))
        if done and not data["done_source"]:
            self.add_error("done_source", _("Enter the source."))
        return data
