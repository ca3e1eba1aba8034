"""Forms for uploading reports and for reviewing findings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.profile import known_bodies
from samsvar.monitoring.report import Strength
from samsvar.site.monitoring.models import Finding
from samsvar.site.shell import labels
from samsvar.territories import territories


class UploadForm(forms.Form):
    """Form for uploading a monitoring body's report, with details that are otherwise read from its title page.

    `states` are the codes of the states that the user can choose. If None, any state can be chosen, or the field can be
    left empty to read the state from the title page.
    """

    file = forms.FileField(
        label=_("Report"),
        help_text=_("PDF, DOCX, HTML or plain text."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.html,.htm,.txt"}),
    )
    body = forms.ChoiceField(label=_("Monitoring body"))
    state = forms.ChoiceField(label=_("State under review"), required=False)
    published = forms.DateField(
        label=_("Date of publication"),
        required=False,
        help_text=_("If known."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, states: Collection[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        body, state = self.fields["body"], self.fields["state"]
        assert isinstance(body, forms.ChoiceField)
        assert isinstance(state, forms.ChoiceField)
        body.choices = [
            ("auto", _("Detect from the title page")),
            *((known, labels.find_label(labels.BODIES, known)) for known in known_bodies()),
        ]
        names = sorted(
            (one.name(language), code) for code, one in territories().items() if states is None or code in states
        )
        state.choices = [(code, name) for name, code in names]
        if states is None:
            state.choices = [("", _("Detect from the title page")), *state.choices]
        else:
            state.required = True
            state.help_text = _("You can upload reports on these states.")

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > settings.SAMSVAR_UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("This file is %(size)s. The maximum is %(limit)s. Split the file, or remove its images."),
                params={"size": filesizeformat(file.size), "limit": filesizeformat(settings.SAMSVAR_UPLOAD_LIMIT)},
            )
        return file


class FindingReviewForm(forms.Form):
    """Form for a reviewer's decision on a finding."""

    review = forms.ChoiceField(choices=[(value, value) for value in Finding.Review.values])
    strength = forms.ChoiceField(label=_("Strength"), required=False)
    articles = forms.CharField(
        label=_("Articles"), required=False, max_length=120, help_text=_("Separate numbers with commas: 7, 10")
    )
    note = forms.CharField(label=_("Reason (public)"), required=False, max_length=500)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        strength = self.fields["strength"]
        assert isinstance(strength, forms.ChoiceField)
        strength.choices = [
            (value, labels.find_label(labels.STRENGTHS, value)) for value in ("", *(one.value for one in Strength))
        ]

    def clean_articles(self) -> list[int]:
        numbers = []
        for part in self.cleaned_data["articles"].replace(";", ",").split(","):
            if not (part := part.strip()):
                continue
            if not part.isascii() or not part.isdigit() or not 1 <= int(part) <= 81:
                raise forms.ValidationError(
                    _("“%(part)s” is not an article. Articles are numbered 1 to 81."), params={"part": part}
                )
            numbers.append(int(part))
        return sorted(set(numbers))


class LinkDecisionForm(forms.Form):
    """Form for a reviewer's decision on what a later finding does to an earlier one."""

    later_text = forms.ChoiceField(label=_("The later text"), required=False)
    reason = forms.CharField(
        label=_("Reason (public)"), required=False, max_length=500,
        help_text=_("Required unless the later text restates the earlier one."),
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        later_text = self.fields["later_text"]
        assert isinstance(later_text, forms.ChoiceField)
        later_text.choices = [("", _("no decision")), *labels.LATER_TEXTS.items()]
