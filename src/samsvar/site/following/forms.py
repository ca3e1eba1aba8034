"""Forms for following a thing, for changing a follow, and for a person's digest."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.site.following.models import DigestFrequency, Follow
from samsvar.site.shell.labels import enum_choices

NOTE_LABEL, NOTE_HELP = _("Why I follow this"), _("Only you see this note. It is not in the email.")
NOTE_LENGTH = Follow._meta.get_field("note").max_length


def _check_day(until: date | None) -> date | None:
    if until is not None and until <= timezone.localdate():
        raise forms.ValidationError(_("Choose a date after today, or leave it empty."))
    return until


def _date_field(**options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, widget=widget, **options)


class FollowForm(forms.Form):
    """Form for following a thing."""

    note = forms.CharField(label=NOTE_LABEL, help_text=NOTE_HELP, required=False, max_length=NOTE_LENGTH)


class FollowChangeForm(FollowForm):
    """Form for the note of a follow, and for pausing it."""

    paused_until = _date_field(
        label=_("Pause until"), help_text=_("Nothing is lost: what happens until then is in a digest after that date.")
    )

    def clean_paused_until(self) -> date | None:
        return _check_day(self.cleaned_data["paused_until"])


class FollowDigestForm(forms.Form):
    """Form for how often a person gets their digest."""

    frequency = forms.ChoiceField(label=_("Send me the digest"), choices=lambda: enum_choices(DigestFrequency))
    paused_until = _date_field(label=_("Pause the digest until"), help_text=_("No digest is sent before this date."))

    def clean_paused_until(self) -> date | None:
        return _check_day(self.cleaned_data["paused_until"])
