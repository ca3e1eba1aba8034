"""Form for a person's own weekly email."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DigestForm(forms.Form):
    """Form for turning the weekly email on or off, and for snoozing it."""

    is_on = forms.BooleanField(label=_("Send me this email"), required=False)
    snoozed_until = forms.DateField(
        label=_("Snooze until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("No email is sent before this date."),
    )  # fmt: skip

    def clean_snoozed_until(self) -> date | None:
        until: date | None = self.cleaned_data["snoozed_until"]
        if until is not None and until <= timezone.localdate():
            raise forms.ValidationError(_("Choose a date after today, or leave it empty."))
        return until

    def values(self) -> dict[str, Any]:
        return {"is_on": self.cleaned_data["is_on"], "snoozed_until": self.cleaned_data["snoozed_until"]}
