"""The evaluation: the organiser asks, participants answer once, and no name stands with what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from samsvar.meetings.meeting import MeetingsError
from samsvar.meetings.survey import SCALE, SurveyKind
from samsvar.site.meetings import models
from samsvar.site.meetings.permissions import User, can_manage
from samsvar.site.meetings.queries.survey import is_answered
from samsvar.site.trail.actions import record


class SurveyIsRunning(MeetingsError):
    """Questions would change under those who have answered."""

    code = "survey_is_running"
    kept = "The questions stand as they were asked."
    advice = "Close the survey; a question that was answered is not changed afterwards."


class SurveyIsClosed(MeetingsError):
    """Nobody can answer before the survey opens or after it closes."""

    code = "survey_is_closed"


class AnsweredAlready(MeetingsError):
    """Each participant answers once; since answers are nobody's, none can be changed."""

    code = "answered_already"
    kept = "Your first answers count."


def save_survey(*, by: User, meeting: models.Meeting, opens_at: datetime, closes_at: datetime) -> models.Survey:
    """Say from when until when participants are asked.

    What was closed and answered is not opened again: a day later nobody knows any more who has answered, and some would
    answer twice.
    """
    if not can_manage(by, meeting):
        raise PermissionDenied
    there = models.Survey.objects.filter(meeting=meeting, closes_at__lte=timezone.now()).first()
    if there is not None and is_answered(there):
        raise SurveyIsClosed(
            "The survey is over.",
            kept="Its answers stand.",
            advice="Ask what else you want to know in a letter: nobody would know who has answered already.",
        )
    if closes_at <= opens_at:
        raise SurveyIsClosed("The survey would close before it opens.", advice="Let it close later.")
    with transaction.atomic():
        survey, _made = models.Survey.objects.update_or_create(
            meeting=meeting, defaults={"opens_at": opens_at, "closes_at": closes_at}
        )
        details = {"opens": opens_at.isoformat(), "closes": closes_at.isoformat()}
        record(by=by, verb="asked for an evaluation", subject=f"meeting {meeting.public_id}", details=details)
    return survey


def add_question(
    *, by: User, survey: models.Survey, text: Mapping[str, str], kind: SurveyKind, options: list[dict[str, Any]]
) -> models.SurveyQuestion:
    """One question more; at its end, and only while nobody has answered."""
    _must_be_unanswered(by, survey)
    with transaction.atomic():
        order = survey.questions.count()
        question = models.SurveyQuestion.objects.create(
            survey=survey, text=dict(text), kind=kind, options=options, order=order
        )
        record(by=by, verb="added a question to the evaluation", subject=f"meeting {survey.meeting.public_id}")
    return question


def remove_question(*, by: User, question: models.SurveyQuestion) -> None:
    """Take a question away, while nobody has answered."""
    _must_be_unanswered(by, question.survey)
    with transaction.atomic():
        question.delete()
        record(
            by=by,
            verb="removed a question from the evaluation",
            subject=f"meeting {question.survey.meeting.public_id}",
        )


def answer_survey(*, registration: models.Registration, answers: Mapping[int, str]) -> None:
    """Count what one participant answers, by question. Nothing joins it with them, and the trail has no line of it.

    That they have answered, and what they answered, are written in one transaction and into rows that have neither a
    time nor an order. Raises `SurveyIsClosed`, `AnsweredAlready`.
    """
    survey = models.Survey.objects.filter(meeting=registration.meeting).first()
    now = timezone.now()
    if survey is None or not survey.opens_at <= now < survey.closes_at:
        raise SurveyIsClosed("The survey is not open.")
    questions = {question.pk: question for question in survey.questions.all()}
    with transaction.atomic():
        try:
            with transaction.atomic():
                models.SurveyTurn.objects.create(survey=survey, registration=registration)
        except IntegrityError as again:
            raise AnsweredAlready("You have answered already.") from again
        for key, value in sorted(answers.items()):
            question = questions.get(key)
            if question is None or not value.strip():
                continue
            if question.kind == SurveyKind.TEXT:
                models.SurveyText.objects.create(question=question, text=value.strip())
            elif value in values_of(question):
                tally, _made = models.SurveyTally.objects.get_or_create(question=question, value=value)
                models.SurveyTally.objects.filter(pk=tally.pk).update(count=F("count") + 1)


def values_of(question: models.SurveyQuestion) -> list[str]:
    """What can be chosen in a question."""
    if question.kind == SurveyKind.SCALE:
        return [str(one) for one in SCALE]
    return [str(one["key"]) for one in question.options]


def _must_be_unanswered(by: User, survey: models.Survey) -> None:
    if not can_manage(by, survey.meeting):
        raise PermissionDenied
    if is_answered(survey):
        raise SurveyIsRunning("Somebody has answered already.")
