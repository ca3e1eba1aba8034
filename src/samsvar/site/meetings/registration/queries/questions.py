"""Queries for registration questions and their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils import timezone

from samsvar.meetings.registration import QuotaKind, RegistrationStatus
from samsvar.site.meetings import models
from samsvar.text import choose_text


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with one person's answer as display text."""

    question: models.Question
    answer: str


def category_questions(meeting: models.Meeting, category: str, *, confirmed: bool = False) -> list[models.Question]:
    """Return the questions for a category in order. With `confirmed`, include those asked after confirmation."""
    return [
        question
        for question in meeting.questions.all()
        if (not question.of or category in question.of) and (confirmed or not question.after_confirmation)
    ]


def unanswered_questions(
    meeting: models.Meeting, registration_ids: Iterable[int] | None = None
) -> dict[int, list[models.Question]]:
    """Return the unanswered questions of each confirmed registration, by its primary key.

    These are the required questions and those asked after confirmation, except those whose answers are due for
    deletion. Some people have never seen a question, because they were registered from a table, on site or before it
    was added.
    """
    today = timezone.now().date()
    candidates = [one for one in meeting.questions.all() if one.required or one.after_confirmation]
    candidates = [one for one in candidates if one.delete_on > today]
    if not candidates:
        return {}
    registrations = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED, person__isnull=False)
    if registration_ids is not None:
        registrations = registrations.filter(pk__in=registration_ids)
    answered = set(models.Answer.objects.filter(registration__in=registrations).values_list("registration", "question"))
    unanswered = {
        pk: [one for one in candidates if (not one.of or category in one.of) and (pk, one.pk) not in answered]
        for pk, category in registrations.order_by("pk").values_list("pk", "category")
    }
    return {pk: questions for pk, questions in unanswered.items() if questions}


def questions_with_counts(meeting: models.Meeting) -> list[models.Question]:
    """Return all questions of a meeting in order, each with the number of answers as `answered`."""
    return list(meeting.questions.annotate(answered=Count("answers")))


def has_country_quotas(meeting: models.Meeting) -> bool:
    return meeting.quotas.filter(kind=QuotaKind.COUNTRY).exists()


def registration_answers(registration: models.Registration, language: str) -> tuple[AnsweredQuestion, ...]:
    answers = registration.answers.select_related("question__meeting").order_by("question__order", "question")
    return tuple(AnsweredQuestion(one.question, answer_text(one.question, one.value, language)) for one in answers)


def answer_text(question: models.Question, value: Any, language: str) -> str:
    """Return an answer as text in the given language."""
    from django.utils.translation import gettext

    from samsvar.site.network.labels import language_name

    if question.kind == models.Question.Kind.YES_NO:
        return gettext("yes") if value else gettext("no")
    if question.kind == models.Question.Kind.LANGUAGE:
        return str(language_name(str(value)))
    option_labels = {
        one["key"]: choose_text(one["text"], language, question.meeting.original_language) for one in question.options
    }
    if question.kind == models.Question.Kind.CHOICES:
        return ", ".join(str(option_labels.get(one, one)) for one in value)
    return str(option_labels.get(str(value), value))


FREE_TEXT_KINDS = frozenset({models.Question.Kind.TEXT.value, models.Question.Kind.LONG_TEXT.value})


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """A question with the number of confirmed participants who gave each answer, without their names."""

    question: models.Question
    counts: tuple[tuple[str, int], ...]
    answer_count: int  # number of answers
    is_free_text: bool = False  # only counted, because free text could identify its author


def answer_summaries(meeting: models.Meeting, language: str) -> list[AnswerSummary]:
    counts: dict[int, Counter[str]] = {}
    questions = {item.pk: item for item in meeting.questions.all()}
    answer_counts: Counter[int] = Counter()
    answers = models.Answer.objects.filter(question__in=questions, registration__status=RegistrationStatus.CONFIRMED)
    for question_id, value in answers.values_list("question", "value"):
        answer_counts[question_id] += 1
        if questions[question_id].kind in FREE_TEXT_KINDS:
            continue
        for item in value if isinstance(value, list) else [value]:
            counts.setdefault(question_id, Counter())[
                answer_text(questions[question_id], [item] if isinstance(value, list) else item, language)
            ] += 1
    return [
        AnswerSummary(
            question,
            tuple(sorted(counts.get(question_id, Counter()).items(), key=lambda item: (-item[1], item[0]))),
            answer_counts[question_id],
            question.kind in FREE_TEXT_KINDS,
        )
        for question_id, question in questions.items()
    ]
