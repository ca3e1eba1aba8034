"""Forms for letters, certificates and badges, and for checking a letter."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.meeting import ParticipantCategory
from samsvar.site.meetings import models
from samsvar.site.meetings.letters.actions import Passport
from samsvar.site.network.directory.forms import country_choices
from samsvar.site.shell.labels import enum_choices


class BadgesForm(forms.Form):
    """Form for printing badges: for which participants, and in which language."""

    category = forms.ChoiceField(
        label=_("Print badges for"),
        required=False,
        choices=lambda: [("", _("all categories")), *enum_choices(ParticipantCategory)],
    )
    new = forms.BooleanField(label=_("Only people who have not checked in yet"), required=False)
    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)


class PhotographerSheetForm(forms.Form):
    """Form for the language of the photographer's sheet."""

    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)


class UnsignedLetterForm(forms.Form):
    """Base of the organiser's forms that create letters: without a signatory, they must be confirmed as unsigned."""

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not meeting.signatory:
            self.fields["unsigned"] = forms.BooleanField(
                label=_("Create without a signatory"),
                help_text=_("No signatory has been entered above. No person will be named at the end."),
                error_messages={"required": _("Enter a signatory first, or tick this box.")},
            )

    def get_letter_values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "unsigned"}


class LetterForm(forms.Form):
    """Form for the kind and the language of a letter."""

    kind = forms.ChoiceField(label=_("Letter"), choices=partial(enum_choices, models.IssuedLetter.Kind))
    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)


class OrganiserLetterForm(UnsignedLetterForm, LetterForm):
    """Form with which an organiser creates a letter for one person."""


class CertificatesForm(UnsignedLetterForm):
    """Form for the language of certificates of attendance."""

    certificates_language = forms.ChoiceField(
        label=pgettext_lazy("of a paper", "Language"),
        required=False,
        choices=[("", _("each participant’s own language")), *settings.LANGUAGES],
    )


class SignatoryForm(forms.Form):
    """Form for the signatory of letters, and for the contact whom consulates and employers can ask."""

    signatory = forms.CharField(
        label=_("Signatory"),
        required=False,
        max_length=200,
        help_text=_(
            "Name and position, as they should appear at the end of a letter. If left empty, letters are "
            "signed on behalf of the organising bodies."
        ),
    )
    contact = forms.CharField(
        label=_("Contact for questions about letters"),
        required=False,
        max_length=200,
        help_text=_("An address or telephone number of the body organising the meeting."),
    )


class OwnLetterForm(LetterForm):
    """Form for one's own letter; the passport details that consulates expect are used for this letter only."""

    passport_number = forms.CharField(label=_("Your passport number"), required=False, max_length=30)
    nationality = forms.ChoiceField(label=_("Nationality"), required=False, choices=country_choices)
    born = forms.DateField(label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(
        label=_("Passport valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("passport_number", "born", "valid_until"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def get_passport(self) -> Passport | None:
        """Return the passport details for a visa support letter; None for other kinds, whatever was entered."""
        data = self.cleaned_data
        if data["kind"] != models.IssuedLetter.Kind.VISA or not data["passport_number"]:
            return None
        return Passport(data["passport_number"], data["nationality"], data["born"], data["valid_until"])


class LastNameForm(forms.Form):
    """Form for the last name printed on a letter."""

    last_name = forms.CharField(label=_("Last name on the letter"), max_length=120)
