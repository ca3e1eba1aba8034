"""Forms of personal data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TypedConfirmation(forms.Form):
    """A word to be typed, so that nobody erases somebody with one touch."""

    typed = forms.CharField(max_length=254, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, asked_for: str, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_for = asked_for
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.lower() != self.asked_for.lower():
            raise forms.ValidationError(_("This is not what is asked for. Nothing was erased."), code="not_typed")
        return typed


class FindSomebody(forms.Form):
    """Who asked: by public number, or by an address."""

    who = forms.CharField(
        max_length=254,
        label=_("Public number or e-mail address"),
        help_text=_("The public number stands in the address of a person’s page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ErasureByLetter(TypedConfirmation):
    """When the request came; how somebody made sure who asked is for the secretariat’s own file."""

    received = forms.DateField(
        label=_("The request came on"),
        help_text=_("It has to be answered within a month of this day."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["received", "typed"]

    def clean_received(self) -> date:
        received: date = self.cleaned_data["received"]
        if received > timezone.now().date():
            raise forms.ValidationError(_("This day has not come yet."), code="to_come")
        return received
