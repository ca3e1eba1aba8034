"""The evaluation: the organiser asks, participants answer once, and no name stands with what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.dates import shown
from samsvar.meetings.meeting import MeetingsError
from samsvar.meetings.survey import SCALE, SurveyKind
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, must_manage
from samsvar.site.meetings.outcomes.queries.survey import is_answered, who_was_there
from samsvar.site.meetings.registration.actions.emails import address_of, title_of, token_of
from samsvar.site.network.emails.actions import post_letter


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
    must_manage(by, meeting)
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


def announce_surveys(*, now: datetime, site: str) -> int:
    """Every day: tell everybody who was there of an evaluation that has opened, once; how many letters were written.

    Whoever has answered by then gets the letter too, and nobody is reminded: letters stay in a table for thirty days,
    and those of a reminder would say for all of them who had answered, which the site forgets a day after the end.
    """
    opened = models.Survey.objects.filter(
        announced_at=None, opens_at__lte=now, closes_at__gt=now, meeting__cancelled_at=None
    )
    return sum(_announce(pk, now=now, site=site) for pk in opened.values_list("pk", flat=True))


def _announce(pk: int, *, now: datetime, site: str) -> int:
    with transaction.atomic():
        survey = models.Survey.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=pk)
        if survey.announced_at is not None or not survey.questions.exists():
            return 0
        survey.announced_at = now
        survey.save(update_fields=["announced_at"])
        there = who_was_there(survey.meeting).select_related("meeting", "person__account", "invitation")
        count = sum(_ask(survey, row, site=site) for row in there)
        details = {"letters": count}
        record(by=None, verb="told participants of an evaluation", subject=_of(survey.meeting), details=details)
    return count


def _ask(survey: models.Survey, row: models.Registration, *, site: str) -> bool:
    """One letter, with the way that this participant has anyway: signed in, or by the link of their registration."""
    address, meeting, language = address_of(row), row.meeting, row.language
    if not address:
        return False
    with override(language):
        if row.person is not None and row.person.account_id is not None:
            path = reverse("meetings:survey", args=[meeting.public_id])
        else:
            path = reverse("meetings:survey-by-link", args=[meeting.public_id, token_of(row)])
    until = survey.closes_at.astimezone(ZoneInfo(meeting.zone)).date()
    post_letter(
        to=address,
        kind="meetings/survey_open",
        context={
            "meeting": title_of(meeting, language),
            "until": shown(until, language),
            "page_url": urljoin(site, path),
        },
        host=urlsplit(site).netloc,
        language=language,
        account=row.person.account if row.person is not None else None,
    )
    return True


def _of(meeting: models.Meeting) -> str:
    return f"meeting {meeting.public_id}"


def values_of(question: models.SurveyQuestion) -> list[str]:
    """What can be chosen in a question."""
    if question.kind == SurveyKind.SCALE:
        return [str(one) for one in SCALE]
    return [str(one["key"]) for one in question.options]


def _must_be_unanswered(by: User, survey: models.Survey) -> None:
    must_manage(by, survey.meeting)
    if is_answered(survey):
        raise SurveyIsRunning("Somebody has answered already.")
