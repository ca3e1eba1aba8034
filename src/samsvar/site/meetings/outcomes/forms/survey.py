"""The evaluation: when it is open, what it asks, what somebody answers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.languages import best
from samsvar.meetings.survey import SCALE, SurveyKind
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.texts import Text, add_texts, languages_of, take_texts

LONGEST_ANSWER = 2_000
KINDS = {
    SurveyKind.SCALE: _("a scale from 1 to 5"),
    SurveyKind.CHOICE: _("one of several"),
    SurveyKind.TEXT: _("free text"),
}
ENDS = {1: _("1: not at all"), 5: _("5: wholly")}


class SurveyForm(forms.Form):
    """From when until when participants are asked, in the meeting's own time."""

    opens_at = forms.DateTimeField(
        label=_("Opens"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    closes_at = forms.DateTimeField(
        label=_("Closes"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, meeting: models.Meeting, survey: models.Survey | None = None, **more: Any) -> None:
        self.zone = ZoneInfo(meeting.zone)
        if survey is not None:
            more["initial"] = {
                "opens_at": survey.opens_at.astimezone(self.zone).replace(tzinfo=None),
                "closes_at": survey.closes_at.astimezone(self.zone).replace(tzinfo=None),
            }
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("opens_at", "closes_at"):
            if said.get(name):
                said[name] = said[name].replace(tzinfo=self.zone)
        return said


class QuestionForm(forms.Form):
    """A question of the evaluation, in each language of the meeting."""

    kind = forms.ChoiceField(label=_("Answered by"), choices=list(KINDS.items()))

    def __init__(self, *args: Any, meeting: models.Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        add_texts(self, meeting, {"text": Text(_("Question (%(language)s)"), 300, needed=True)})
        self.fields["options"] = forms.CharField(
            label=_("Choices, one a line"),
            required=False,
            max_length=2_000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Only for “one of several”."),
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        options = [one.strip()[:80] for one in str(said.get("options", "")).splitlines() if one.strip()]
        if said.get("kind") == SurveyKind.CHOICE and len(set(options)) < 2:
            self.add_error("options", _("Give at least two choices."))
        return said | {
            "text": take_texts(dict(said), self.meeting, "text"),
            "choices": [
                {"key": str(place), "text": {languages_of(self.meeting)[0]: one}}
                for place, one in enumerate(dict.fromkeys(options), start=1)
            ],
        }


class AnswerForm(forms.Form):
    """All questions of an evaluation; none has to be answered."""

    def __init__(self, *args: Any, survey: models.Survey, **more: Any) -> None:
        super().__init__(*args, **more)
        language, original = get_language() or "en", str((survey.meeting.languages or ["en"])[0])
        for question in survey.questions.all():
            label = best(question.text, language, original)[1]
            name = f"question_{question.pk}"
            if question.kind == SurveyKind.TEXT:
                self.fields[name] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=LONGEST_ANSWER,
                    widget=forms.Textarea(attrs={"rows": 4}),
                    help_text=_("Write nothing that tells who you are, or who somebody else is."),
                )
                continue
            if question.kind == SurveyKind.SCALE:
                choices: list[tuple[str, Any]] = [(str(one), ENDS.get(one, str(one))) for one in SCALE]
            else:
                choices = [(str(one["key"]), best(one["text"], language, original)[1]) for one in question.options]
            self.fields[name] = forms.ChoiceField(
                label=label, required=False, choices=choices, widget=forms.RadioSelect
            )

    def answers(self) -> dict[int, str]:
        """What was answered, by the key of the question."""
        return {
            int(name.removeprefix("question_")): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("question_") and value
        }
