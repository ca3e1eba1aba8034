"""The form for a question asked of participants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.dates import shown_span
from samsvar.ids import slug
from samsvar.meetings.registration import KEPT_AFTER, may_be_kept_until
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.texts import Text, add_texts, languages_of, take_texts
from samsvar.site.meetings.registration import labels as words
from samsvar.site.meetings.registration.forms.registration import categories


class QuestionForm(forms.Form):
    """A question of the meeting's own: its words and what it is for, in each of the meeting's languages.

    Of a question that is there already, each choice has inputs of its own: it keeps its key in whatever words.
    """

    kind = forms.ChoiceField(label=_("Answered with"), choices=list(words.QUESTION_KINDS.items()))
    subject = forms.ChoiceField(label=_("About"), choices=list(words.QUESTION_SUBJECTS.items()))
    required = forms.BooleanField(label=_("has to be answered"), required=False)
    after_confirmation = forms.BooleanField(
        label=_("asked only when the place is confirmed"),
        required=False,
        help_text=_(
            "For travel and the like: the letter that confirms the place says that it is still to be answered."
        ),
    )
    of = forms.MultipleChoiceField(
        label=_("Asked only of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: of everybody."),
    )
    delete_on = forms.DateField(label=_("The answers are deleted on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self,
        *args: Any,
        meeting: models.Meeting,
        question: models.Question | None = None,
        answers: int = 0,
        chosen: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.meeting, self.question = meeting, question
        if question is not None:
            kwargs["initial"] = _said_by(question)
        super().__init__(*args, **kwargs)
        of = self.fields["of"]
        assert isinstance(of, forms.MultipleChoiceField)
        of.choices = categories()
        add_texts(
            self,
            meeting,
            {
                "text": Text(_("Question, %(language)s"), 300, needed=True),
                "help": Text(_("Explained in a line, %(language)s"), 300),
                "purpose": Text(_("What the answers are used for, %(language)s"), 300, needed=True),
            },
        )
        for number, one in enumerate(question.options if question is not None else []):
            self._add_choice(number, (chosen or {}).get(one["key"], 0))
        label = _("Other choices, %(language)s") if question is not None else _("What can be chosen, %(language)s")
        help_text = _("One a line, in the same order in each language.")
        add_texts(self, meeting, {"options": Text(label, 3000, rows=4, help_text=help_text)})
        if question is not None and answers:
            self.fields["anew"] = forms.BooleanField(
                label=ngettext(
                    "ask anew: delete the %(n)s answer given so far",
                    "ask anew: delete the %(n)s answers given so far",
                    answers,
                )
                % {"n": answers},
                required=False,
                help_text=_(
                    "Only then can you change how it is answered and what for, keep answers longer, or take a choice "
                    "away that somebody made."
                ),
            )

    def _add_choice(self, number: int, times: int) -> None:
        label = _now("Choice %(number)s, %(language)s") % {"number": number + 1, "language": "%(language)s"}
        add_texts(self, self.meeting, {f"option{number}": Text(label, 300, needed=True)})
        says = ngettext("%(n)s person chose it.", "%(n)s people chose it.", times) % {"n": times} if times else ""
        self.fields[f"drop{number}"] = forms.BooleanField(
            label=_now("take choice %(number)s away") % {"number": number + 1}, required=False, help_text=says
        )

    def clean_delete_on(self) -> date:
        day: date = self.cleaned_data["delete_on"]
        today = timezone.now().astimezone(ZoneInfo(self.meeting.zone)).date()
        as_it_was = self.question is not None and self.question.delete_on == day
        if not as_it_was and not may_be_kept_until(day, today=today, ends=self.meeting.ends):
            latest = self.meeting.ends + KEPT_AFTER
            raise forms.ValidationError(
                _("Choose a day to come, at the latest %(day)s: half a year after the meeting."),
                code="deleted_too_late",
                params={"day": shown_span(latest, latest, get_language() or "en")},
            )
        return day

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        kind = models.Question.Kind
        if told.get("kind") in {kind.CHOICE, kind.CHOICES} and not self.errors and len(self._options()) < 2:
            self.add_error(f"options_{languages_of(self.meeting)[0]}", _now("Let at least two things be chosen from."))
        return told

    def columns(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        chosen_from = told["kind"] in {models.Question.Kind.CHOICE, models.Question.Kind.CHOICES}
        return {
            "kind": told["kind"],
            "subject": told["subject"],
            "required": told["required"],
            "after_confirmation": told["after_confirmation"],
            "of": told["of"],
            "delete_on": told["delete_on"],
            **{name: self._texts(told, name) for name in ("text", "help", "purpose")},
            "options": self._options() if chosen_from else [],
        }

    def _texts(self, told: dict[str, Any], name: str) -> dict[str, str]:
        """What was written, beside what is said in languages that the meeting has no more."""
        before = getattr(self.question, name) if self.question is not None else {}
        return _elsewhere(before or {}, self.meeting) | take_texts(told, self.meeting, name)

    def _options(self) -> list[dict[str, Any]]:
        """Choices that stay, each with its key, and the new ones after them."""
        told, languages, found = dict(self.cleaned_data), languages_of(self.meeting), []
        for number, one in enumerate(self.question.options if self.question is not None else []):
            if not told[f"drop{number}"]:
                said = take_texts(told, self.meeting, f"option{number}")
                found.append({"key": one["key"], "text": _elsewhere(one["text"], self.meeting) | said})
        lines = {
            code: [one.strip() for one in told[f"options_{code}"].splitlines() if one.strip()] for code in languages
        }
        known = {one["key"] for one in self.question.options} if self.question is not None else set()
        for at, text in enumerate(lines[languages[0]]):
            short = slug(text)[:26] or "choice"
            key = next(one for one in (short, *(f"{short}-{n}" for n in range(2, 999))) if one not in known)
            known.add(key)
            found.append({"key": key, "text": {code: lines[code][at] for code in languages if at < len(lines[code])}})
        return found


def _said_by(question: models.Question) -> dict[str, Any]:
    """What a question says, as its form takes it."""
    said: dict[str, Any] = {
        name: getattr(question, name) for name in ("kind", "subject", "required", "after_confirmation", "of")
    }
    said["delete_on"] = question.delete_on.isoformat()
    for name in ("text", "help", "purpose"):
        said |= {f"{name}_{code}": text for code, text in (getattr(question, name) or {}).items()}
    for number, one in enumerate(question.options):
        said |= {f"option{number}_{code}": text for code, text in one["text"].items()}
    return said


def _elsewhere(texts: Mapping[str, str], meeting: models.Meeting) -> dict[str, str]:
    return {code: said for code, said in texts.items() if code not in languages_of(meeting)}
