"""The evaluation as participants answer it and as the organiser reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from samsvar.ids import secret_hash
from samsvar.languages import best
from samsvar.meetings.registration import Standing
from samsvar.meetings.survey import FEWEST, Result, SurveyKind, result
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, place_by_link
from samsvar.site.network.access.permissions import access_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what came in to it."""

    question: models.SurveyQuestion
    result: Result
    rows: tuple[tuple[str, int], ...]  # what people read, and how many chose it


@dataclass(frozen=True, slots=True)
class Results:
    """The whole evaluation. Who has answered is deleted a day after it closes: then `turns` is 0, and answers stand.

    While it is open nothing that came in is told, to nobody: two looks would differ by what one person said.
    """

    survey: models.Survey
    turns: int
    asked: tuple[Asked, ...]
    over: bool
    fewest: int = FEWEST

    @property
    def answered(self) -> bool:
        return self.turns > 0 or any(one.result.answers for one in self.asked)


def survey_of(meeting: models.Meeting) -> models.Survey | None:
    return models.Survey.objects.filter(meeting=meeting).select_related("meeting").first()


def registration_of(user: User, meeting: models.Meeting, token: str = "") -> models.Registration | None:
    """Whose turn it is: the participant who is signed in, or whose own link this is."""
    confirmed = models.Registration.objects.filter(meeting=meeting, standing=Standing.CONFIRMED)
    if token:
        return confirmed.filter(token_hash=secret_hash(token)).first()
    place = place_by_link(user, meeting)
    if place is not None:
        return confirmed.filter(pk=place.pk).first()
    access = access_of(user)
    if not access.signed_in or access.person is None:
        return None
    return confirmed.filter(person=access.person).first()


def who_was_there(meeting: models.Meeting) -> QuerySet[models.Registration]:
    """Whoever came in at a door; where no door was kept, whoever had a place."""
    confirmed = models.Registration.objects.filter(meeting=meeting, standing=Standing.CONFIRMED)
    came = models.CheckIn.objects.filter(meeting=meeting, registration__isnull=False)
    return confirmed.filter(pk__in=came.values("registration")) if came.exists() else confirmed


def is_answered(survey: models.Survey) -> bool:
    """Whether anybody has answered, also where it is no longer known who."""
    return (
        survey.turns.exists()
        or models.SurveyTally.objects.filter(question__survey=survey).exists()
        or models.SurveyText.objects.filter(question__survey=survey).exists()
    )


def has_answered(registration: models.Registration) -> bool:
    return models.SurveyTurn.objects.filter(registration=registration).exists()


def is_open(survey: models.Survey, now: datetime) -> bool:
    return survey.opens_at <= now < survey.closes_at


def awaits(registration: models.Registration, now: datetime) -> bool:
    """Whether the evaluation of a meeting is open for this participant, and they have not answered it yet."""
    if registration.standing != Standing.CONFIRMED:
        return False
    survey = survey_of(registration.meeting)
    return survey is not None and is_open(survey, now) and not has_answered(registration)


def may_answer(user: User, meeting: models.Meeting, now: datetime) -> bool:
    """The same of whoever is signed in or came by their link, where they took part."""
    if not user.is_authenticated and place_by_link(user, meeting) is None:
        return False
    registration = registration_of(user, meeting)
    return registration is not None and awaits(registration, now)


def results_of(survey: models.Survey, language: str, now: datetime) -> Results:
    """What came in, once it is over. A question that too few have answered says only that."""
    asked = []
    original = str((survey.meeting.languages or [""])[0])
    over = survey.closes_at <= now
    for question in survey.questions.prefetch_related("tallies", "texts"):
        options = {str(one["key"]): one["text"] for one in question.options}
        found = result(
            SurveyKind(question.kind),
            list(options),
            {tally.value: tally.count for tally in question.tallies.all()} if over else {},
            [one.text for one in question.texts.all()] if over else [],
        )
        rows = tuple(
            (best(options.get(value, {}), language, original)[1] or value, count)
            for value, count in found.counts.items()
        )
        asked.append(Asked(question, found, rows))
    return Results(survey, survey.turns.count(), tuple(asked), over)
