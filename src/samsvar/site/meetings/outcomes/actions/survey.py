"""Actions for the survey: organisers set the questions, and participants answer once and anonymously."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.dates import display_date
from samsvar.meetings.survey import SCALE, AnswerType
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import User, check_can_manage
from samsvar.site.meetings.outcomes.queries.survey import attendee_registrations, has_answers
from samsvar.site.meetings.registration.actions.emails import link_token, registration_email_address
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url


class SurveyHasAnswers(MeetingRuleError):
    """Raised when the questions would be changed after someone has answered."""

    message = _("Someone has already answered.")
    advice = _("Questions that have been answered cannot be changed. You can close the survey instead.")


class SurveyClosed(MeetingRuleError):
    """Raised when the survey is closed or not yet open, cannot be reopened, or would close before it opens."""

    message = _("The survey is not open.")


class ParticipantAlreadyAnswered(MeetingRuleError):
    """Raised when a participant answers a second time. Answers are anonymous, so they cannot be changed."""

    message = _("You have already answered.")


def save_survey(*, by: User, meeting: models.Meeting, opens_at: datetime, closes_at: datetime) -> models.Survey:
    """Set the period in which participants can answer the survey.

    Raises `SurveyClosed` if the survey has closed and has answers: the record of who has answered is deleted one day
    after the end, so some people could answer twice.
    """
    check_can_manage(by, meeting)
    closed_survey = models.Survey.objects.filter(meeting=meeting, closes_at__lte=timezone.now()).first()
    if closed_survey is not None and has_answers(closed_survey):
        raise SurveyClosed(
            _("The survey has closed."),
            _("Ask further questions by email. In a second survey, we could not tell who had already answered."),
        )
    if closes_at <= opens_at:
        raise SurveyClosed(_("The survey cannot close before it opens."), _("Choose a later closing time."))
    with transaction.atomic():
        survey, _made = models.Survey.objects.update_or_create(
            meeting=meeting, defaults={"opens_at": opens_at, "closes_at": closes_at}
        )
        details = {"opens": opens_at.isoformat(), "closes": closes_at.isoformat()}
        record_change(by, meeting, "created a survey", details)
    return survey


def add_question(
    *, by: User, survey: models.Survey, text: Mapping[str, str], kind: AnswerType, options: list[dict[str, Any]]
) -> models.SurveyQuestion:
    """Add a question at the end of the survey. Raises `SurveyHasAnswers` once someone has answered."""
    _check_can_edit_questions(by, survey)
    with transaction.atomic():
        order = survey.questions.count()
        question = survey.questions.create(text=dict(text), kind=kind, options=options, order=order)
        record_change(by, survey.meeting, "added a question to the survey")
    return question


def remove_question(*, by: User, question: models.SurveyQuestion) -> None:
    """Remove a question from the survey. Raises `SurveyHasAnswers` once someone has answered."""
    _check_can_edit_questions(by, question.survey)
    with transaction.atomic():
        question.delete()
        record_change(by, question.survey.meeting, "removed a question from the survey")


def answer_survey(*, registration: models.Registration, answers: Mapping[int, str]) -> None:
    """Save one participant's answers, given by primary key of the question.

    Nothing links the answers to the person, and the audit log has no entry for them. The fact that the person has
    answered and the answers themselves are saved in one transaction, in rows that contain neither a time nor an order.
    Raises `SurveyClosed`, or `ParticipantAlreadyAnswered` if the person has answered before.
    """
    survey = models.Survey.objects.filter(meeting=registration.meeting).first()
    now = timezone.now()
    if survey is None or not survey.opens_at <= now < survey.closes_at:
        raise SurveyClosed
    questions = {question.pk: question for question in survey.questions.all()}
    with transaction.atomic():
        try:
            with transaction.atomic():
                models.SurveyParticipation.objects.create(survey=survey, registration=registration)
        except IntegrityError as exc:
            raise ParticipantAlreadyAnswered from exc
        for key, value in sorted(answers.items()):
            question = questions.get(key)
            if question is None or not value.strip():
                continue
            if question.kind == AnswerType.TEXT:
                models.SurveyText.objects.create(question=question, text=value.strip())
            elif value in allowed_values(question):
                tally, _made = models.SurveyTally.objects.get_or_create(question=question, value=value)
                models.SurveyTally.objects.filter(pk=tally.pk).update(count=F("count") + 1)


def announce_surveys(*, now: datetime) -> int:
    """Email all attendees once when a survey has opened, and return the number of emails queued. Run daily.

    People who have already answered are emailed too, and no reminders are sent. Emails are stored for thirty days, so
    their recipients would otherwise reveal who had answered, although that record is deleted one day after the survey
    closes.
    """
    opened = models.Survey.objects.filter(
        announced_at=None, opens_at__lte=now, closes_at__gt=now, meeting__cancelled_at=None
    )
    return sum(_announce_survey(pk, now=now) for pk in opened.values_list("pk", flat=True))


def _announce_survey(pk: int, *, now: datetime) -> int:
    with transaction.atomic():
        survey = models.Survey.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=pk)
        if survey.announced_at is not None or not survey.questions.exists():
            return 0
        survey.announced_at = now
        survey.save(update_fields=["announced_at"])
        attended = attendee_registrations(survey.meeting).select_related("meeting", "person__account", "invitation")
        count = sum(_email_participant(survey, row) for row in attended)
        record_change(None, survey.meeting, "emailed participants about a survey", {"letters": count})
    return count


def _email_participant(survey: models.Survey, registration: models.Registration) -> bool:
    """Email one participant a link to the survey. Return False if there is no email address.

    People with an account get the page for signed-in users. Others get a link with the token of their registration.
    """
    address, meeting, language = registration_email_address(registration), registration.meeting, registration.language
    if not address:
        return False
    account = registration.person.account if registration.person is not None else None
    with override(language):
        if account is not None:
            path = reverse("meetings:survey", args=[meeting.public_id])
        else:
            path = reverse("meetings:survey-by-link", args=[meeting.public_id, link_token(registration)])
    until = survey.closes_at.astimezone(ZoneInfo(meeting.zone)).date()
    notify(
        EmailRecipient(address, language, account),
        "meetings/survey_open",
        meeting=meeting.get_title(language),
        until=display_date(until, language),
        page_url=absolute_url(path),
    )
    return True


def allowed_values(question: models.SurveyQuestion) -> list[str]:
    """Return the values that can be chosen for a question."""
    if question.kind == AnswerType.SCALE:
        return [str(one) for one in SCALE]
    return [str(one["key"]) for one in question.options]


def _check_can_edit_questions(by: User, survey: models.Survey) -> None:
    check_can_manage(by, survey.meeting)
    if has_answers(survey):
        raise SurveyHasAnswers
