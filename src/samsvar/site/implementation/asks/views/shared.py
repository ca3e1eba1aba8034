"""What the desk's pages and the page of a link share: the preview of a returned file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from samsvar.implementation.asks import AskAnswer, AskQuestion, changed_questions, find_faults
from samsvar.interchange.ask_documents import FIELDS, AskForm
from samsvar.site.implementation.asks import forms, models, queries
from samsvar.site.implementation.asks.labels import FAULTS
from samsvar.site.implementation.asks.labels import FIELDS as FIELD_LABELS


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field of an answer that a returned file changes."""

    label: Any
    before: str
    after: str
    faults: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question whose answer a returned file changes."""

    number: int
    question: AskQuestion
    fields: tuple[ChangedField, ...]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What a returned file would change, and the form that saves it."""

    changes: tuple[ChangedAnswer, ...]
    unchanged: int
    has_faults: bool
    form: forms.AnswersForm


def today() -> date:
    return timezone.now().date()


def answers_form(
    ask: models.Ask,
    data: Any = None,
    *,
    answers: Mapping[str, AskAnswer],
    is_sent: bool = False,
    via: str = "link",
    signed_by: str = "",
) -> forms.AnswersForm:
    """Return the form for the answers to an ask, filled in with `answers`."""
    languages = {question.public_id: question.quotation_language for question in ask.questions.all()}
    return forms.AnswersForm(
        data, ask_form=queries.build_form(ask), answers=answers, languages=languages, is_sent=is_sent, via=via,
        signed_by=signed_by,
    )  # fmt: skip


def preview_file(
    ask: models.Ask, file: tuple[Mapping[str, AskAnswer], str], *, before: Mapping[str, AskAnswer], signed_by: str
) -> FilePreview:
    """Return what a returned file changes: `file` are its answers and its format, `before` the answers so far."""
    after, via = file
    ask_form = queries.build_form(ask)
    changes = tuple(_find_changes(ask_form, before, after))
    return FilePreview(
        changes,
        len(ask_form.questions) - len(changes),
        any(field.faults for change in changes for field in change.fields),
        answers_form(ask, answers=after, via=via, signed_by=signed_by),
    )


def _find_changes(
    ask_form: AskForm, before: Mapping[str, AskAnswer], after: Mapping[str, AskAnswer]
) -> Iterator[ChangedAnswer]:
    faults = find_faults(ask_form.questions, after)
    changed = changed_questions(before, after) | {ask_form.questions[fault.number - 1].id for fault in faults}
    for number, question in enumerate(ask_form.questions, start=1):
        if question.id not in changed:
            continue
        old, new = before.get(question.id, AskAnswer()), after.get(question.id, AskAnswer())
        fields = []
        for name in FIELDS:
            texts = tuple(FAULTS[fault.code] for fault in faults if (fault.number, fault.field) == (number, name))
            if texts or getattr(old, name) != getattr(new, name):
                fields.append(ChangedField(FIELD_LABELS[name], _to_text(old, name), _to_text(new, name), texts))
        yield ChangedAnswer(number, question, tuple(fields))


def _to_text(answer: AskAnswer, name: str) -> str:
    value = getattr(answer, name)
    return value if isinstance(value, str) else "\n".join(value)
