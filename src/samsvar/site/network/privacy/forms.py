"""Forms for the erasure of personal data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TypedConfirmationForm(forms.Form):
    """A form that requires typing a given text, so that erasure cannot be confirmed by a single click."""

    typed = forms.CharField(max_length=254, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, expected: str, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_text = expected
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.lower() != self.expected_text.lower():
            raise forms.ValidationError(
                _("This does not match what you were asked to type. Nothing was deleted."), code="confirmation_mismatch"
            )
        return typed


class FindPersonForm(forms.Form):
    """A form for finding a person by public ID or email address."""

    identifier = forms.CharField(
        max_length=254,
        label=_("Public ID or email address"),
        help_text=_("The public ID is in the address of the person’s page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class WrittenErasureRequestForm(TypedConfirmationForm):
    """A form for an erasure request that was received in writing, with the date of receipt.

    How the requester's identity was verified is kept in the secretariat's own records, not here.
    """

    received = forms.DateField(
        label=_("Date the request was received"),
        help_text=_("The request must be answered within one month of this date."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["received", "typed"]

    def clean_received(self) -> date:
        received: date = self.cleaned_data["received"]
        if received > timezone.now().date():
            raise forms.ValidationError(_("This date is in the future."), code="date_in_future")
        return received
