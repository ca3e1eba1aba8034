"""The questions of a registration and the answers to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils import timezone

from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.site.meetings import models


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what one person answered, in words."""

    question: models.Question
    said: str


def questions_for(meeting: models.Meeting, category: str, *, confirmed: bool = False) -> list[models.Question]:
    """The questions that are asked of a category, in their order; some only of whoever has a place."""
    return [
        one
        for one in meeting.questions.all()
        if (not one.of or category in one.of) and (confirmed or not one.after_confirmation)
    ]


def still_to_answer(meeting: models.Meeting, among: Iterable[int] | None = None) -> dict[int, list[models.Question]]:
    """Of each who has a place the questions that wait for an answer: those that need one, and all that come later.

    Whoever was registered by a table, at the door or before a question was added was never asked.
    """
    today = timezone.now().date()
    asked = [one for one in meeting.questions.all() if one.required or one.after_confirmation]
    asked = [one for one in asked if one.delete_on > today]
    if not asked:
        return {}
    rows = meeting.registrations.filter(standing=Standing.CONFIRMED, person__isnull=False)
    if among is not None:
        rows = rows.filter(pk__in=among)
    given = set(models.Answer.objects.filter(registration__in=rows).values_list("registration", "question"))
    found = {
        pk: [one for one in asked if (not one.of or category in one.of) and (pk, one.pk) not in given]
        for pk, category in rows.order_by("pk").values_list("pk", "category")
    }
    return {pk: questions for pk, questions in found.items() if questions}


def asked_by(meeting: models.Meeting) -> list[models.Question]:
    """Every question of a meeting in its order, with how many have answered it."""
    return list(meeting.questions.annotate(answered=Count("answers")))


def counts_countries(meeting: models.Meeting) -> bool:
    return meeting.quotas.filter(kind=QuotaKind.COUNTRY).exists()


def answers_of(row: models.Registration, language: str) -> tuple[Answered, ...]:
    return tuple(
        Answered(one.question, in_words(one.question, one.value, language))
        for one in row.answers.select_related("question", "question__meeting").order_by("question__order", "question")
    )


def in_words(question: models.Question, value: Any, language: str) -> str:
    """An answer as its reader's language has it."""
    from django.utils.translation import gettext

    from samsvar.site.network.labels import language_name

    if question.kind == models.Question.Kind.YES_NO:
        return gettext("yes") if value else gettext("no")
    if question.kind == models.Question.Kind.LANGUAGE:
        return str(language_name(str(value)))
    words = {one["key"]: one["text"].get(language) or next(iter(one["text"].values()), "") for one in question.options}
    if question.kind == models.Question.Kind.CHOICES:
        return ", ".join(str(words.get(one, one)) for one in value)
    return str(words.get(str(value), value))


WRITTEN = frozenset({models.Question.Kind.TEXT.value, models.Question.Kind.LONG_TEXT.value})


@dataclass(frozen=True, slots=True)
class Summed:
    """A question with how often each answer was given by those who have a place. Nobody's name is in it."""

    question: models.Question
    counts: tuple[tuple[str, int], ...]
    of: int  # how many answered
    written: bool = False  # in their own words, which can tell who wrote them: counted, and read on each registration


def summary(meeting: models.Meeting, language: str) -> list[Summed]:
    found: dict[int, Counter[str]] = {}
    questions = {one.pk: one for one in meeting.questions.all()}
    of: Counter[int] = Counter()
    rows = models.Answer.objects.filter(question__in=questions, registration__standing=Standing.CONFIRMED)
    for key, value in rows.values_list("question", "value"):
        of[key] += 1
        if questions[key].kind in WRITTEN:
            continue
        for one in value if isinstance(value, list) else [value]:
            found.setdefault(key, Counter())[
                in_words(questions[key], [one] if isinstance(value, list) else one, language)
            ] += 1
    return [
        Summed(
            question,
            tuple(sorted(found.get(key, Counter()).items(), key=lambda one: (-one[1], one[0]))),
            of[key],
            question.kind in WRITTEN,
        )
        for key, question in questions.items()
    ]
