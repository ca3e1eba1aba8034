"""What an organiser brings in: a file, and whether the people in it come along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    """A programme of another system."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "schedule.json or schedule.xml of pretalx, frab and others, or Indico’s export or timetable of an event."
        ),
    )


class TakeInForm(forms.Form):
    """The file that was looked at, to be taken in."""

    file = forms.CharField(widget=forms.HiddenInput)
    people = forms.BooleanField(
        label=_("Take the people along, as participants"),
        required=False,
        help_text=_(
            "Their names are for those who run the meeting, until each agrees to stand in the programme."
            " Neither addresses nor organisations come along."
        ),
    )
    ground = forms.CharField(
        label=_("Why this meeting may keep their names"),
        required=False,
        max_length=300,
        help_text=_("One sentence, as: they spoke at our conference of 2019, whose programme was public."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("people") and not (cleaned.get("ground") or "").strip():
            self.add_error("ground", _("Nobody is taken in without a ground."))
        return cleaned
