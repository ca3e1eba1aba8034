"""Form for a question that participants are asked when they register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.dates import display_date_range
from samsvar.ids import make_slug
from samsvar.meetings.meeting import ParticipantCategory
from samsvar.meetings.registration import ANSWER_RETENTION, is_valid_retention_date
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.texts import (
    TranslatedFieldOptions,
    add_translated_fields,
    get_languages,
    pop_translations,
)
from samsvar.site.meetings.meeting.queries.facts import get_local_today
from samsvar.site.shell.labels import enum_choices

UNTRANSLATED_FIELDS = ("kind", "subject", "required", "after_confirmation", "of")  # and `delete_on`


class QuestionForm(forms.Form):
    """Form for a meeting's own question with its wording and purpose, in each language of the meeting.

    When an existing question is edited, each option has its own inputs, so that it keeps its key if it is reworded.
    """

    kind = forms.ChoiceField(label=_("Answer type"), choices=partial(enum_choices, models.Question.Kind))
    subject = forms.ChoiceField(label=_("About"), choices=partial(enum_choices, models.Question.Subject))
    required = forms.BooleanField(label=_("answer required"), required=False)
    after_confirmation = forms.BooleanField(
        label=_("asked only after the place is confirmed"),
        required=False,
        help_text=_(
            "For questions about travel, for example. The email that confirms the place says that the question "
            "still needs an answer."
        ),
    )
    of = forms.MultipleChoiceField(
        label=_("Asked only of these participants"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=partial(enum_choices, ParticipantCategory),
        help_text=_("To ask everyone, leave all of these unselected."),
    )
    delete_on = forms.DateField(label=_("Delete the answers on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self,
        *args: Any,
        meeting: models.Meeting,
        question: models.Question | None = None,
        answer_count: int = 0,
        chosen_counts: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.meeting, self.question = meeting, question
        if question is not None:
            kwargs["initial"] = initial_data(question)
        super().__init__(*args, **kwargs)
        purpose_label = _("What the answers are used for (%(language)s)")
        texts = {
            "text": TranslatedFieldOptions(_("Question (%(language)s)"), 300, required=True),
            "help": TranslatedFieldOptions(_("Help text (%(language)s)"), 300),
            "purpose": TranslatedFieldOptions(purpose_label, 300, required=True),
        }
        add_translated_fields(self, meeting, texts)
        for number, option in enumerate(question.options if question is not None else []):
            self._add_option_fields(number, (chosen_counts or {}).get(option["key"], 0))
        label = _("Other choices (%(language)s)") if question is not None else _("Choices (%(language)s)")
        help_text = _("Enter one choice per line, in the same order in each language.")
        options = TranslatedFieldOptions(label, 3000, rows=4, help_text=help_text)
        add_translated_fields(self, meeting, {"options": options})
        if question is not None and answer_count:
            ask_again = ngettext(
                "ask again: delete the %(n)s answer given so far",
                "ask again: delete the %(n)s answers given so far",
                answer_count,
            )
            self.fields["ask_again"] = forms.BooleanField(
                label=ask_again % {"n": answer_count},
                required=False,
                help_text=_(
                    "Select this if you want to change the answer type or the purpose, keep answers for "
                    "longer, or remove a choice that someone has made."
                ),
            )

    def _add_option_fields(self, number: int, chosen: int) -> None:
        label = _now("Choice %(number)s (%(language)s)") % {"number": number + 1, "language": "%(language)s"}
        options = TranslatedFieldOptions(label, 300, required=True)
        add_translated_fields(self, self.meeting, {f"option{number}": options})
        chosen_text = ngettext("Chosen by %(n)s person.", "Chosen by %(n)s people.", chosen) % {"n": chosen}
        self.fields[f"drop{number}"] = forms.BooleanField(
            label=_now("remove choice %(number)s") % {"number": number + 1},
            required=False,
            help_text=chosen_text if chosen else "",
        )

    def clean_delete_on(self) -> date:
        day: date = self.cleaned_data["delete_on"]
        today = get_local_today(self.meeting)
        unchanged = self.question is not None and self.question.delete_on == day
        if not unchanged and not is_valid_retention_date(day, today=today, ends=self.meeting.ends):
            latest = self.meeting.ends + ANSWER_RETENTION
            raise forms.ValidationError(
                _("Choose a future date, no later than %(day)s (six months after the meeting)."),
                code="deleted_too_late",
                params={"day": display_date_range(latest, latest, get_language() or "en")},
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kinds = models.Question.Kind
        if data.get("kind") in {kinds.CHOICE, kinds.CHOICES} and not self.errors and len(self._build_options()) < 2:
            self.add_error(f"options_{get_languages(self.meeting)[0]}", _now("Enter at least two choices."))
        return data

    def question_fields(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        has_options = data["kind"] in {models.Question.Kind.CHOICE, models.Question.Kind.CHOICES}
        return {
            **{name: data[name] for name in (*UNTRANSLATED_FIELDS, "delete_on")},
            **{name: self._merge_texts(data, name) for name in ("text", "help", "purpose")},
            "options": self._build_options() if has_options else [],
        }

    def _merge_texts(self, data: dict[str, Any], name: str) -> dict[str, str]:
        """Return the submitted texts, along with those in languages that the meeting no longer uses."""
        stored = getattr(self.question, name) if self.question is not None else {}
        return _texts_in_other_languages(stored or {}, self.meeting) | pop_translations(data, self.meeting, name)

    def _build_options(self) -> list[dict[str, Any]]:
        """Return the remaining options with their keys, followed by the new ones."""
        data, languages, options = dict(self.cleaned_data), get_languages(self.meeting), []
        for number, option in enumerate(self.question.options if self.question is not None else []):
            if not data[f"drop{number}"]:
                texts = _texts_in_other_languages(option["text"], self.meeting)
                texts |= pop_translations(data, self.meeting, f"option{number}")
                options.append({"key": option["key"], "text": texts})
        lines_by_language = {
            code: [option.strip() for option in data[f"options_{code}"].splitlines() if option.strip()]
            for code in languages
        }
        known_keys = {option["key"] for option in self.question.options} if self.question is not None else set()
        for index, text in enumerate(lines_by_language[languages[0]]):
            base_key = make_slug(text)[:26] or "choice"
            candidates = (base_key, *(f"{base_key}-{n}" for n in range(2, 999)))
            key = next(one for one in candidates if one not in known_keys)
            known_keys.add(key)
            texts = {code: lines[index] for code, lines in lines_by_language.items() if index < len(lines)}
            options.append({"key": key, "text": texts})
        return options


def initial_data(question: models.Question) -> dict[str, Any]:
    """Return the initial form data of a question."""
    initial: dict[str, Any] = {name: getattr(question, name) for name in UNTRANSLATED_FIELDS}
    initial["delete_on"] = question.delete_on.isoformat()
    for name in ("text", "help", "purpose"):
        initial |= {f"{name}_{code}": text for code, text in (getattr(question, name) or {}).items()}
    for number, option in enumerate(question.options):
        initial |= {f"option{number}_{code}": text for code, text in option["text"].items()}
    return initial


def _texts_in_other_languages(texts: Mapping[str, str], meeting: models.Meeting) -> dict[str, str]:
    return {code: text for code, text in texts.items() if code not in get_languages(meeting)}
