"""Forms for uploading a programme file and for importing it, with or without its people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ProgrammeFileForm(forms.Form):
    """Form for uploading a programme file from another system."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A schedule.json or schedule.xml file from pretalx, frab or similar, or an event export or "
            "timetable from Indico."
        ),
    )


class ProgrammeImportForm(forms.Form):
    """Form for importing a file that was previewed."""

    file = forms.CharField(widget=forms.HiddenInput)
    people = forms.BooleanField(
        label=_("Also import people’s names, as participants"),
        required=False,
        help_text=_(
            "Only the organisers see their names until each person agrees to appear in the programme. "
            "Addresses and organisations are not imported."
        ),
    )
    ground = forms.CharField(
        label=_("Legal basis for keeping their names"),
        required=False,
        max_length=300,
        help_text=_("One sentence, for example: they spoke at our 2019 conference, whose programme was public."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("people") and not (cleaned.get("ground") or "").strip():
            self.add_error("ground", _("People’s data cannot be imported without a legal basis."))
        return cleaned
