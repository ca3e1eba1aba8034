"""Forms for asks: making one for several bodies, deciding on answers, and answering by link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.implementation.asks import AskAnswer, AskQuestion, clean_answer, find_faults
from samsvar.interchange.ask_documents import FIELDS, MAX_FILE_BYTES, AskForm
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.actions.asks import Recipient
from samsvar.site.implementation.asks.labels import FAULTS
from samsvar.site.implementation.asks.labels import FIELDS as FIELD_LABELS
from samsvar.site.implementation.asks.queries import bodies_to_choose
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.shell.uploads import UploadRejected, read_with_limit

MAX_QUESTION_LENGTH = 2_000
MAX_NOTE_LENGTH = 2_000
MAX_RECIPIENTS = 30


def _day_field(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=help_text)


class NewAskForm(forms.Form):
    """What is asked of all recipients alike."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("The subject, as the email shows it."))
    message = forms.CharField(
        label=_("Message to the official"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Shown above the questions."),
    )
    question = forms.CharField(
        label=_("Question"),
        max_length=MAX_QUESTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Asked about each finding that you chose. You can change each one before you send the "
            "request for information."
        ),
    )
    due = _day_field(_("Answer due"), _("The link works for 14 days longer."))


class RecipientForm(forms.Form):
    """One official who is asked. A form of which nothing is filled in is left out."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label=pgettext_lazy("asked for information", "Body"),
        required=False,
        empty_label="–",
    )
    body_name = forms.CharField(label=_("Name of the body, if it is not listed"), required=False, max_length=200)
    name = forms.CharField(label=_("Name of the official"), max_length=200)
    email = forms.EmailField(label=_("Email address"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, state: str, page_language: str, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["language"].initial = page_language
        fields["organisation"].queryset = bodies_to_choose(state)
        fields["organisation"].label_from_instance = lambda organisation: organisation.name

    def has_changed(self) -> bool:
        """Return whether something is filled in; the language always is."""
        return any(name != "language" for name in self.changed_data)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("organisation") and not data.get("body_name"):
            self.add_error("body_name", _("Choose a body, or enter its name."))
        return data

    def recipient(self) -> Recipient:
        data = self.cleaned_data
        return Recipient(data["name"], data["email"], data["language"], data["organisation"], data["body_name"])


class BaseRecipientFormSet(BaseFormSet[RecipientForm]):
    """The officials who are ask_form; at least one."""

    def recipients(self) -> list[Recipient]:
        return [form.recipient() for form in self.forms if form.has_changed()]


RecipientFormSet: Any = formset_factory(
    RecipientForm,
    formset=BaseRecipientFormSet,
    extra=2,
    min_num=1,
    validate_min=True,
    max_num=MAX_RECIPIENTS,
    validate_max=True,
    absolute_max=MAX_RECIPIENTS,
)


class DraftForm(forms.Form):
    """A draft: its texts, its official, and the text of each question."""

    title = forms.CharField(label=_("Title"), max_length=200)
    message = forms.CharField(
        label=_("Message to the official"), required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    due = _day_field(_("Answer due"), _("The link works for 14 days longer."))
    official_name = forms.CharField(label=_("Name of the official"), max_length=200)
    official_email = forms.EmailField(label=_("Email address"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    COLUMNS = ("title", "message", "due", "official_name", "official_email", "language")

    def __init__(self, *args: Any, ask: models.Ask, **more: Any) -> None:
        more["initial"] = {name: getattr(ask, name) for name in self.COLUMNS}
        super().__init__(*args, **more)
        self.questions = list(ask.questions.all())
        for number, question in enumerate(self.questions, start=1):
            self.fields[f"question_{question.pk}"] = forms.CharField(
                label=_("Question %(number)s") % {"number": number}
                if not question.citation
                else _("Question %(number)s, about %(citation)s") % {"number": number, "citation": question.citation},
                required=False,
                max_length=MAX_QUESTION_LENGTH,
                initial=question.text,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("A question without text is removed."),
            )
        self.fields["new_question"] = forms.CharField(
            label=_("Another question"),
            required=False,
            max_length=MAX_QUESTION_LENGTH,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def values(self) -> dict[str, Any]:
        """Return the arguments for `edit_draft`."""
        data = self.cleaned_data
        return {
            "values": {name: data[name] for name in self.COLUMNS},
            "questions": {question.pk: data[f"question_{question.pk}"] for question in self.questions},
            "new_question": data["new_question"],
        }


class SendAgainForm(forms.Form):
    """A new due day for an ask that has lapsed."""

    due = _day_field(_("Answer due"), _("The link works for 14 days longer."))


class DueDayForm(forms.Form):
    """Another due day for an ask that is out."""

    due = _day_field(_("Answer due"), _("The link works for 14 days longer. The next weekly email names the new day."))
    note = forms.CharField(label=_("Note for the desk"), required=False, max_length=MAX_NOTE_LENGTH)


class SendBackForm(forms.Form):
    """What is missing in the answers, and a new due day."""

    note = forms.CharField(
        label=_("What is missing"), max_length=MAX_NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )
    due = _day_field(_("Answer due"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(forms.Form):
    """A note to accepted answers, for the desk."""

    note = forms.CharField(label=_("Note for the desk"), required=False, max_length=MAX_NOTE_LENGTH)
    version = forms.IntegerField(widget=forms.HiddenInput)


class CloseForm(forms.Form):
    """The reason for which an ask is withdrawn."""

    note = forms.CharField(label=_("Reason"), max_length=MAX_NOTE_LENGTH)


class OfficialForm(forms.Form):
    """Another official of the same body."""

    name = forms.CharField(label=_("Name of the official"), max_length=200)
    email = forms.EmailField(label=_("Email address"))


class ReturnedFileForm(forms.Form):
    """A returned file of an ask."""

    file = forms.FileField(
        label=_("Completed file (XLSX or Word)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.docx"}),
    )

    def clean_file(self) -> bytes:
        """Return the content of the file, within its size limit."""
        try:
            return read_with_limit(self.cleaned_data["file"], limit=MAX_FILE_BYTES)
        except UploadRejected as error:
            raise forms.ValidationError(str(error.message)) from error


class OpenLinkForm(forms.Form):
    """The address at which an official received a link."""

    email = forms.EmailField(
        label=_("Your email address"), help_text=_("The address at which you received the email with this link.")
    )


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """A question with the form fields of its answer."""

    number: int
    question: AskQuestion
    language: str  # of the quotation
    text: BoundField
    others: tuple[BoundField, ...]
    is_open: bool  # the other fields contain something


class AnswersForm(forms.Form):
    """The answers to an ask. A draft may leave questions open; answers that are sent may not."""

    via = forms.ChoiceField(
        choices=models.AskSubmission.Via.choices, required=False, widget=forms.HiddenInput, initial="link"
    )

    def __init__(
        self,
        *args: Any,
        ask_form: AskForm,
        answers: Mapping[str, AskAnswer],
        languages: Mapping[str, str],
        signed_by: str = "",
        is_sent: bool = False,
        via: str = "link",
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.ask_form, self.languages, self.is_sent = ask_form, languages, is_sent
        self.initial["via"] = via
        for question in ask_form.questions:
            answer = answers.get(question.id, AskAnswer())
            initial = {
                "text": answer.text,
                "figures": answer.figures,
                "evidence": "\n".join(answer.evidence),
                "no_answer_because": answer.no_answer_because,
            }
            for name in FIELDS:
                self.fields[f"{name}_{question.id}"] = forms.CharField(
                    label=str(FIELD_LABELS[name]),
                    required=False,
                    initial=initial[name],
                    widget=forms.Textarea(attrs={"rows": 6 if name == "text" else 2}),
                    help_text=_HELP.get(name, ""),
                )
        self.fields["signed_by"] = forms.CharField(
            label=_("Signed by"),
            required=is_sent,
            max_length=200,
            initial=signed_by,
            help_text=_("Your name and function, as the national desk should cite them."),
        )

    def groups(self) -> Iterator[QuestionFields]:
        """Yield each question with its fields."""
        for number, question in enumerate(self.ask_form.questions, start=1):
            text, *others = (self[f"{name}_{question.id}"] for name in FIELDS)
            yield QuestionFields(
                number,
                question,
                self.languages.get(question.id, ""),
                text,
                tuple(others),
                any(field.value() or field.errors for field in others),
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        answers = self.answers()
        faults = find_faults(self.ask_form.questions, answers)
        for fault in faults:
            question = self.ask_form.questions[fault.number - 1]
            self.add_error(f"{fault.field}_{question.id}", str(FAULTS[fault.code]))
        if self.is_sent:
            for question in self.ask_form.questions:
                if answers[question.id].is_empty:
                    self.add_error(f"text_{question.id}", _("Answer this question, or give a reason for no answer."))
        return data

    def answers(self) -> dict[str, AskAnswer]:
        """Return the answers by ID of the question."""
        data = self.cleaned_data
        return {
            question.id: clean_answer(*(str(data.get(f"{name}_{question.id}", "")) for name in FIELDS))
            for question in self.ask_form.questions
        }

    def values(self) -> dict[str, Any]:
        """Return the arguments for `save_draft` and `submit_answers`."""
        data = self.cleaned_data
        return {"answers": self.answers(), "signed_by": data["signed_by"], "via": data["via"] or "link"}


_HELP = {
    "text": _("Write nothing that identifies a victim or another private person."),
    "figures": _("One per line, with what is counted and the period. Write 0 only if you know that it is none."),
    "evidence": _("One web address per line."),
    "no_answer_because": _("For example: not collected, or another body is responsible."),
}
