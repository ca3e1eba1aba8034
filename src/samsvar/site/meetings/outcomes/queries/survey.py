"""Queries for the survey: who can answer it, and its results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from samsvar.ids import hash_secret
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.survey import MIN_ANSWERS, AnswerType, QuestionResult, build_question_result
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, registration_by_link
from samsvar.site.network.access.permissions import get_access


@dataclass(frozen=True, slots=True)
class SurveyQuestionResult:
    """A survey question with its results."""

    question: models.SurveyQuestion
    result: QuestionResult
    answer_counts: tuple[tuple[str, int], ...]  # (label of an answer, number of people who chose it)


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """The results of a survey.

    The record of who has answered is deleted a day after the survey closes. `responses` is then 0, although the answers
    remain. No results are shown while the survey is open, because comparing them before and after an answer would
    reveal that answer.
    """

    survey: models.Survey
    responses: int
    question_results: tuple[SurveyQuestionResult, ...]
    closed: bool
    minimum: int = MIN_ANSWERS

    @property
    def has_answers(self) -> bool:
        return self.responses > 0 or any(one.result.answers for one in self.question_results)


def find_survey(meeting: models.Meeting) -> models.Survey | None:
    return models.Survey.objects.filter(meeting=meeting).select_related("meeting").first()


def participant_registration(user: User, meeting: models.Meeting, token: str = "") -> models.Registration | None:
    """Return the confirmed registration for a token or, if it is "", of the current visitor; None if there is none."""
    confirmed = models.Registration.objects.filter(meeting=meeting, status=RegistrationStatus.CONFIRMED)
    if token:
        return confirmed.filter(token_hash=hash_secret(token)).first()
    linked_place = registration_by_link(user, meeting)
    if linked_place is not None:
        return confirmed.filter(pk=linked_place.pk).first()
    access = get_access(user)
    is_known = access.signed_in and access.person is not None
    return confirmed.filter(person=access.person).first() if is_known else None


def attendee_registrations(meeting: models.Meeting) -> QuerySet[models.Registration]:
    """Return the registrations of people who checked in, or all confirmed ones if no one was checked in."""
    confirmed = models.Registration.objects.filter(meeting=meeting, status=RegistrationStatus.CONFIRMED)
    check_ins = models.CheckIn.objects.filter(meeting=meeting, registration__isnull=False)
    return confirmed.filter(pk__in=check_ins.values("registration")) if check_ins.exists() else confirmed


def has_answers(survey: models.Survey) -> bool:
    """Return whether a survey has any answers, even if it is no longer known who answered."""
    return (
        survey.responses.exists()
        or models.SurveyTally.objects.filter(question__survey=survey).exists()
        or models.SurveyText.objects.filter(question__survey=survey).exists()
    )


def has_answered(registration: models.Registration) -> bool:
    return models.SurveyParticipation.objects.filter(registration=registration).exists()


def is_open(survey: models.Survey, now: datetime) -> bool:
    return survey.opens_at <= now < survey.closes_at


def can_still_answer(registration: models.Registration, now: datetime) -> bool:
    """Return whether the survey is open to this participant and they have not answered it yet."""
    if registration.status != RegistrationStatus.CONFIRMED:
        return False
    survey = find_survey(registration.meeting)
    return survey is not None and is_open(survey, now) and not has_answered(registration)


def can_visitor_answer(user: User, meeting: models.Meeting, now: datetime) -> bool:
    """Return whether a visitor, signed in or using their own link, is a participant and can answer the survey now."""
    if not user.is_authenticated and registration_by_link(user, meeting) is None:
        return False
    registration = participant_registration(user, meeting)
    return registration is not None and can_still_answer(registration, now)


def survey_results(survey: models.Survey, language: str, now: datetime) -> SurveyResults:
    """Return the results of a survey. They are empty until it closes, and for questions with too few answers."""
    questions, closed = [], survey.closes_at <= now
    for question in survey.questions.prefetch_related("tallies", "texts"):
        options = {str(one["key"]): one["text"] for one in question.options}
        result = build_question_result(
            AnswerType(question.kind),
            list(options),
            {tally.value: tally.count for tally in question.tallies.all()} if closed else {},
            [one.text for one in question.texts.all()] if closed else [],
        )
        labels = {value: survey.meeting.choose_text(text, language) for value, text in options.items()}
        answer_counts = tuple((labels.get(value) or value, count) for value, count in result.counts.items())
        questions.append(SurveyQuestionResult(question, result, answer_counts))
    return SurveyResults(survey, survey.responses.count(), tuple(questions), closed)
