"""Forms for uploading reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator, format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.monitoring.pipeline import UNKNOWN_LANGUAGE
from samsvar.monitoring.profile import GENERAL, known_bodies
from samsvar.site.monitoring.actions.succession import CLOSED
from samsvar.site.monitoring.labels import language_name
from samsvar.site.monitoring.models import Document, Finding
from samsvar.site.shell import labels
from samsvar.territories import territories

MAX_FILES = 20  # at once; the size of the request is limited as well
# The languages of the Council of Europe, the United Nations and the interface; a report's own is added.
REPORT_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "nb", "ro", "ru", "tr", "zh")


def refuse_future_day(day: date) -> None:
    """Raise ValidationError for a day after today: a report that is dated so would be the latest of its country."""
    if day > timezone.localdate():
        raise forms.ValidationError(_("This date is in the future."))


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """A field for one or several files; its value is the list of files, which may be empty files."""

    widget = MultipleFileInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(MultipleFileField, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    """Form for uploading reports of one monitoring body, with details that are otherwise read from the title page.

    `states` are the codes of the states that the user can choose. If None, any state can be chosen, or the field can be
    left empty to read the state from the title page.

    A file that cannot be accepted does not stop the others: `cleaned_data["file"]` is the list of the accepted files,
    and `file_errors` says what is wrong with each of the rest. The form is invalid only if no file can be accepted.
    """

    file = MultipleFileField(
        label=_("Report"),
        widget=MultipleFileInput(attrs={"accept": ".pdf,.docx,.html,.htm,.txt"}),
    )
    body = forms.ChoiceField(label=_("Monitoring body"))
    state = forms.ChoiceField(label=_("State under review"), required=False)
    published = forms.DateField(
        label=_("Date of publication"),
        required=False,
        help_text=_("If known."),
        validators=[refuse_future_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, states: Collection[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_errors: list[forms.ValidationError] = []
        language = get_language() or "en"
        body, state = self.fields["body"], self.fields["state"]
        assert isinstance(body, forms.ChoiceField)
        assert isinstance(state, forms.ChoiceField)
        self.fields["file"].help_text = _(
            "PDF, DOCX, HTML or plain text. Up to %(number)s files at once, together %(size)s at most."
        ) % {"number": MAX_FILES, "size": filesizeformat(settings.SAMSVAR_UPLOAD_LIMIT)}
        body.choices = [("auto", _("Detect from the title page")), *_body_choices()]
        state.choices = _state_choices(states, language)
        if states is None:
            state.choices = [("", _("Detect from the title page")), *state.choices]
        else:
            state.required = True
            state.help_text = _("You can upload reports on these states.")

    def clean_file(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["file"]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(
                _("You chose %(number)s files. Upload at most %(limit)s at once."),
                params={"number": len(files), "limit": MAX_FILES},
            )
        errors = {file: error for file in files if (error := _file_error(file))}
        self.file_errors = list(errors.values())
        if len(errors) == len(files):
            raise forms.ValidationError(self.file_errors)
        return [file for file in files if file not in errors]

    def clean(self) -> None:
        if self.errors and "file" in self.cleaned_data:  # no file is accepted, so all errors are shown at once
            for error in self.file_errors:
                self.add_error("file", error)


class DetailsForm(forms.Form):
    """Form for the details of a report: what the reader found on its title page, or what a person entered.

    It asks a reason if the report is or was published.
    """

    body = forms.ChoiceField(label=_("Monitoring body"))
    state = forms.ChoiceField(label=_("State under review"), required=False)
    procedure = forms.ChoiceField(label=_("Procedure"), required=False)
    reference = forms.CharField(label=_("Reference"), required=False, max_length=120)
    published = forms.CharField(
        label=_("Date of publication"),
        required=False,
        max_length=10,
        help_text=_("A day, a month or a year, as precisely as it is known: 2019-06-04, 2019-06 or 2019."),
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    language = forms.ChoiceField(label=_("Language of the report"), required=False)
    reason = forms.CharField(
        label=_("Reason (public)"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everyone can read it in the history of this report, with your role and without your name."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, states: Collection[str] | None, document: Document, asks_reason: bool, **kwargs: Any
    ) -> None:
        """`states` is as in `UploadForm`; the values of `document` can be chosen in any case."""
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
        language = get_language() or "en"
        allowed = None if states is None else {*states, document.state_id}
        procedures = {**labels.PROCEDURES, document.procedure: labels.find_label(labels.PROCEDURES, document.procedure)}
        languages = sorted(
            (language_name(code), code) for code in {*REPORT_LANGUAGES, document.language} - {"", UNKNOWN_LANGUAGE}
        )
        choices: dict[str, list[tuple[str, Any]]] = {
            "body": [*_body_choices(), (GENERAL, _("another body (no conclusions are extracted)"))],
            "state": [*([("", _("not specified"))] if states is None else []), *_state_choices(allowed, language)],
            "procedure": [("", _("not specified")), *((code, name) for code, name in procedures.items() if code)],
            "language": [("", _("not specified")), *((code, name) for name, code in languages)],
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = values

    def clean_published(self) -> str:
        text: str = self.cleaned_data["published"].strip()
        try:
            published = parse_partial_date(text)
        except UnreadableDate as error:
            raise forms.ValidationError(
                _("“%(text)s” is not a date. Write a day as 2019-06-04, a month as 2019-06 or a year as 2019."),
                params={"text": text},
            ) from error
        if published:
            refuse_future_day(published.earliest)
        return text

    def details(self) -> dict[str, Any]:
        """Return the cleaned details as `publishing.save_details` expects them."""
        data = self.cleaned_data
        names = ("procedure", "reference", "published", "title", "language")
        return {"state_id": data["state"] or None, **{name: data[name] for name in names}}


class WithdrawalForm(forms.Form):
    """Form for withdrawing a published report."""

    reason = forms.CharField(
        label=_("Reason (public)"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The address of the report shows it. Do not name private persons."),
    )


def _file_error(file: UploadedFile) -> forms.ValidationError | None:
    """Return why a file cannot be accepted, by its size alone, or None."""
    if not file.size:
        return forms.ValidationError(_("“%(name)s” is empty."), params={"name": file.name})
    if file.size > settings.SAMSVAR_UPLOAD_LIMIT:
        return forms.ValidationError(
            _("“%(name)s” is %(size)s. The maximum is %(limit)s. Split the file, or remove its images."),
            params={
                "name": file.name,
                "size": filesizeformat(file.size),
                "limit": filesizeformat(settings.SAMSVAR_UPLOAD_LIMIT),
            },
        )
    return None


def _body_choices() -> list[tuple[str, labels.Label]]:
    return [(known, labels.find_label(labels.BODIES, known)) for known in known_bodies()]


def _state_choices(states: Collection[str | None] | None, language: str) -> list[tuple[str, str]]:
    """Return the states with these codes, or all if None, sorted by name."""
    names = ((one.name(language), code) for code, one in territories().items() if states is None or code in states)
    return [(code, name) for name, code in sorted(names)]


class SuccessionForm(forms.Form):
    """Form with a question for each finding of an earlier version that nothing clearly replaces.

    `undecided` are those findings, `findings` those of the newer version, and `links` what links to the former. The
    name of a field is the public ID of the earlier finding; a field left empty is decided later.
    """

    def __init__(
        self,
        *args: Any,
        undecided: Collection[Finding],
        findings: Collection[Finding],
        links: Mapping[str, Sequence[tuple[labels.Label, int]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", _("Decide later")),
            (CLOSED, _("Nothing corresponds: leave the links with the earlier version")),
            *((one.public_id, Truncator(f"{_place(one)} – {one.text}").chars(90)) for one in findings),
        ]
        for finding in sorted(undecided, key=lambda finding: finding.public_id not in links):
            linked = ", ".join(f"{heading} ({count})" for heading, count in links.get(finding.public_id, ()))
            self.fields[finding.public_id] = forms.ChoiceField(
                label=format_html(
                    '{} – <span lang="{}">{}</span>',
                    _place(finding),
                    finding.language,
                    Truncator(finding.text).chars(400),
                ),
                help_text=format_lazy("{}{} {}", _("Linked to it"), labels.COLON, linked) if linked else "",
                choices=choices,
                required=False,
            )

    def decisions(self) -> dict[str, str]:
        """Return what was decided, by public ID of the earlier finding."""
        return {earlier: later for earlier, later in self.cleaned_data.items() if later}


def _place(finding: Finding) -> str:
    """Return where the finding is in its text, for a list in which each finding's own words follow."""
    return f"§ {finding.paragraph}" if finding.paragraph else _("p. %(page)s") % {"page": finding.page}
