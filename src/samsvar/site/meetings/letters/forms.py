"""What is asked before a letter or badges are made, and of whoever holds a paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.meetings import models
from samsvar.site.meetings.letters import labels as words
from samsvar.site.meetings.letters.actions import Passport
from samsvar.site.meetings.meeting.labels import CATEGORIES
from samsvar.site.network.directory.forms import countries


class BadgesForm(forms.Form):
    """Whose badges, and in which language the words beside the names are."""

    category = forms.ChoiceField(label=_("Whose badges"), required=False)
    new = forms.BooleanField(label=_("Only of those who have not come yet"), required=False)
    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.value, word) for one, word in CATEGORIES.items()]
        self.fields["category"].choices = [("", _("everybody’s")), *kinds]  # type: ignore[attr-defined]


class PhotographsForm(forms.Form):
    """In which language the words of the photographer's sheet are."""

    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)


class LetterForm(forms.Form):
    """Which letter, and in which language."""

    kind = forms.ChoiceField(label=_("Letter"))
    language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one, words.LETTERS[one]) for one in models.IssuedLetter.Kind.values]  # type: ignore[attr-defined]


class CertificatesForm(forms.Form):
    """In which language everybody's certificates are."""

    certificates_language = forms.ChoiceField(label=pgettext_lazy("of a paper", "Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["certificates_language"].choices = [  # type: ignore[attr-defined]
            ("", _("each person’s own")), *settings.LANGUAGES,
        ]  # fmt: skip


class SignsForm(forms.Form):
    """Who signs, and whom a consulate or an employer may ask."""

    signatory = forms.CharField(
        label=_("Who signs"),
        required=False,
        max_length=200,
        help_text=_(
            "Name and office, as they stand below a letter. Without them the bodies that hold the meeting sign."
        ),
    )
    contact = forms.CharField(
        label=_("Whom readers of a letter may ask"),
        required=False,
        max_length=200,
        help_text=_("An address or a telephone of the body that holds the meeting."),
    )


class OwnLetterForm(LetterForm):
    """The same for oneself, with what a consulate wants to read, given for this letter alone."""

    passport_number = forms.CharField(label=_("Number of your passport"), required=False, max_length=30)
    nationality = forms.ChoiceField(label=_("Nationality"), required=False)
    born = forms.DateField(label=_("Born on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(
        label=_("Passport valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nationality"].choices = countries()  # type: ignore[attr-defined]
        for name in ("passport_number", "born", "valid_until"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def passport(self) -> Passport | None:
        """What was given for a letter in support of a visa; None for every other letter, whatever was typed."""
        said = self.cleaned_data
        if said["kind"] != models.IssuedLetter.Kind.VISA or not said["passport_number"]:
            return None
        return Passport(
            number=said["passport_number"],
            nationality=said["nationality"],
            born=said["born"],
            valid_until=said["valid_until"],
        )


class LastNameForm(forms.Form):
    """The last name that stands on the paper."""

    last_name = forms.CharField(label=_("Last name on the paper"), max_length=120)
