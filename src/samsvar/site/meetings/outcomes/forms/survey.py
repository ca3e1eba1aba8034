"""Forms for the survey: its opening period, its questions and a participant's answers."""

from __future__ import annotations

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.survey import SCALE, AnswerType
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.fields import ZonedDateTimeField
from samsvar.site.meetings.meeting.forms.texts import (
    TranslatedFieldOptions,
    add_translated_fields,
    get_languages,
    pop_translations,
)
from samsvar.site.shell.labels import enum_choices

MAX_ANSWER_LENGTH = 2_000
SCALE_ENDS = {1: _("1: not at all"), 5: _("5: completely")}


class SurveyForm(forms.Form):
    """Form for the times at which the survey opens and closes, in the meeting's time zone."""

    opens_at = forms.DateTimeField(label=_("Opens"), widget=ZonedDateTimeField.widget)
    closes_at = forms.DateTimeField(label=_("Closes"), widget=ZonedDateTimeField.widget)

    def __init__(self, *args: Any, meeting: models.Meeting, survey: models.Survey | None = None, **more: Any) -> None:
        self.zone = ZoneInfo(meeting.zone)
        if survey is not None:
            more["initial"] = {
                "opens_at": survey.opens_at.astimezone(self.zone).replace(tzinfo=None),
                "closes_at": survey.closes_at.astimezone(self.zone).replace(tzinfo=None),
            }
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("opens_at", "closes_at"):
            if data.get(name):
                data[name] = data[name].replace(tzinfo=self.zone)
        return data


class SurveyQuestionForm(forms.Form):
    """Form for a survey question, in each language of the meeting."""

    kind = forms.ChoiceField(label=_("Answer type"), choices=partial(enum_choices, AnswerType))

    def __init__(self, *args: Any, meeting: models.Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        question = TranslatedFieldOptions(_("Question (%(language)s)"), 300, required=True)
        add_translated_fields(self, meeting, {"text": question})
        self.fields["options"] = forms.CharField(
            label=_("Choices, one per line"),
            required=False,
            max_length=2_000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Only for “single choice”."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        options = [one.strip()[:80] for one in str(data.get("options", "")).splitlines() if one.strip()]
        if data.get("kind") == AnswerType.CHOICE and len(set(options)) < 2:
            self.add_error("options", _("Enter at least two choices."))
        return data | {
            "text": pop_translations(dict(data), self.meeting, "text"),
            "choices": [
                {"key": str(place), "text": {get_languages(self.meeting)[0]: one}}
                for place, one in enumerate(dict.fromkeys(options), start=1)
            ],
        }


class SurveyAnswerForm(forms.Form):
    """Form for a participant's answers to a survey. No question is required."""

    def __init__(self, *args: Any, survey: models.Survey, **more: Any) -> None:
        super().__init__(*args, **more)
        language, meeting = get_language() or "en", survey.meeting
        for question in survey.questions.all():
            label, name = meeting.choose_text(question.text, language), f"question_{question.pk}"
            if question.kind == AnswerType.TEXT:
                self.fields[name] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=MAX_ANSWER_LENGTH,
                    widget=forms.Textarea(attrs={"rows": 4}),
                    help_text=_("Do not write anything that identifies you or anyone else."),
                )
                continue
            if question.kind == AnswerType.SCALE:
                choices: list[tuple[str, Any]] = [(str(one), SCALE_ENDS.get(one, str(one))) for one in SCALE]
            else:
                choices = [(str(one["key"]), meeting.choose_text(one["text"], language)) for one in question.options]
            widget = forms.RadioSelect
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices, widget=widget)

    def answers(self) -> dict[int, str]:
        """Return the answers, by primary key of the question."""
        return {
            int(name.removeprefix("question_")): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("question_") and value
        }
