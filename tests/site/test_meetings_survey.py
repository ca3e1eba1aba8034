"""Participants answer the survey once, and nothing that is stored says who gave which answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models as db
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.survey import MIN_ANSWERS, AnswerType
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions import survey as actions
from samsvar.site.meetings.outcomes.queries import survey as queries
from samsvar.site.meetings.registration.actions.emails import link_token
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser, make_registration
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def organiser(meeting):
    return make_organiser(meeting)


@pytest.fixture
def survey(meeting, organiser):
    now = timezone.now()
    made = actions.save_survey(
        by=organiser, meeting=meeting, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1)
    )
    for kind, options in (
        (AnswerType.SCALE, []),
        (AnswerType.TEXT, []),
        (AnswerType.CHOICE, [{"key": "1", "text": {"en": "Yes"}}, {"key": "2", "text": {"en": "No"}}]),
    ):
        actions.add_question(by=organiser, survey=made, text={"en": f"A {kind}?"}, kind=kind, options=options)
    return made


def make_participant(meeting, *, status=RegistrationStatus.CONFIRMED) -> models.Registration:
    person = make_person(account=make_account())
    return models.Registration.objects.create(meeting=meeting, person=person, status=status)


def make_answers(survey, scale="4", text="More time.", choice="1") -> dict[int, str]:
    return dict(zip(survey.questions.values_list("pk", flat=True), (scale, text, choice), strict=True))


def test_a_participant_answers_once(client, meeting, survey):
    one = make_participant(meeting)
    actions.answer_survey(registration=one, answers=make_answers(survey))
    with pytest.raises(actions.ParticipantAlreadyAnswered):
        actions.answer_survey(registration=one, answers=make_answers(survey, scale="1"))
    assert list(models.SurveyTally.objects.order_by("value").values_list("value", "count")) == [("1", 1), ("4", 1)]


def test_survey_answers_have_no_link_to_a_person_and_no_timestamp(survey):
    for table in (models.SurveyTally, models.SurveyText, models.SurveyParticipation):
        kinds = {type(field) for field in table._meta.get_fields()}
        assert not kinds & {db.DateTimeField, db.DateField, db.AutoField} or table is models.SurveyTally
    for table in (models.SurveyTally, models.SurveyText):
        leads_to = {field.related_model for field in table._meta.get_fields() if field.is_relation}
        assert leads_to == {models.SurveyQuestion}


def test_answering_leaves_no_audit_log_entry(meeting, survey):
    before = AuditEntry.objects.count()
    actions.answer_survey(registration=make_participant(meeting), answers=make_answers(survey))
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(("answers", "shown"), [(MIN_ANSWERS - 1, False), (MIN_ANSWERS, True)])
def test_results_are_hidden_with_five_answers_and_shown_with_six(client, meeting, organiser, survey, answers, shown):
    sign_in(client, organiser)
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    for _turn in range(answers):
        actions.answer_survey(
            registration=make_participant(meeting), answers=make_answers(survey, text="A quiet word.")
        )
    models.Survey.objects.update(closes_at=timezone.now())
    assert ("A quiet word." in client.get(page).content.decode()) is shown


def test_an_open_survey_shows_only_how_many_people_have_answered(client, meeting, organiser, survey):
    """Otherwise comparing the results before and after an answer would reveal it."""
    sign_in(client, organiser)
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    seen = []
    for scale, text, choice in [("4", "A quiet word.", "1")] * MIN_ANSWERS + [("1", "The one in the red coat.", "2")]:
        actions.answer_survey(
            registration=make_participant(meeting), answers=make_answers(survey, scale=scale, text=text, choice=choice)
        )
        results = queries.survey_results(survey, "en", timezone.now())
        seen.append([(one.result, one.answer_counts) for one in results.question_results])
        assert "word" not in client.get(page).content.decode().partition('id="results"')[2]
    assert all(one == seen[0] for one in seen)


def test_all_results_are_shown_after_the_survey_closes(meeting, survey):
    for _turn in range(MIN_ANSWERS):
        actions.answer_survey(
            registration=make_participant(meeting), answers=make_answers(survey, text="A quiet word.")
        )
    models.Survey.objects.update(closes_at=timezone.now())
    results = queries.survey_results(queries.find_survey(meeting), "en", timezone.now())
    assert [one.answer_counts for one in results.question_results] == [
        (("1", 0), ("2", 0), ("3", 0), ("4", 6), ("5", 0)),
        (),
        (("Yes", 6), ("No", 0)),
    ]


def test_no_question_can_be_added_after_the_first_answer(organiser, meeting, survey):
    actions.answer_survey(registration=make_participant(meeting), answers=make_answers(survey))
    with pytest.raises(actions.SurveyHasAnswers):
        actions.add_question(by=organiser, survey=survey, text={"en": "One more?"}, kind=AnswerType.SCALE, options=[])


def test_a_closed_survey_accepts_no_answers(organiser, meeting, survey):
    models.Survey.objects.update(closes_at=timezone.now())
    with pytest.raises(actions.SurveyClosed):
        actions.answer_survey(registration=make_participant(meeting), answers=make_answers(survey))


def test_a_value_that_was_not_offered_is_not_counted(meeting, survey):
    actions.answer_survey(
        registration=make_participant(meeting), answers=make_answers(survey, scale="900", choice="none")
    )
    assert not models.SurveyTally.objects.exists()


def test_only_an_organiser_can_add_a_question(meeting, survey):
    stranger = make_account()
    with pytest.raises(PermissionDenied):
        actions.add_question(by=stranger, survey=survey, text={"en": "?"}, kind=AnswerType.TEXT, options=[])


def test_a_participant_can_answer_in_the_browser_but_a_person_on_the_waiting_list_cannot(client, meeting, survey):
    page = reverse("meetings:survey", args=[meeting.public_id])
    waiting = make_participant(meeting, status=RegistrationStatus.WAITING)
    sign_in(client, waiting.person.account)
    assert client.get(page).status_code == 404
    one = make_participant(meeting)
    sign_in(client, one.person.account)
    assert "A scale?" in client.get(page).content.decode()
    fields = {f"question_{key}": value for key, value in make_answers(survey).items()}
    assert client.post(page, fields).status_code == 302
    assert "You have answered." in client.get(page).content.decode()
    assert client.post(page, fields).status_code == 409
    assert models.SurveyText.objects.get().text == "More time."


@pytest.mark.parametrize(("days", "says"), [(2, "Open from"), (-2, "The survey was open from")])
def test_before_and_after_the_survey_the_page_says_when_it_is_or_was_open(client, meeting, survey, days, says):
    moved = timezone.now() + timedelta(days=days)
    models.Survey.objects.update(opens_at=moved, closes_at=moved + timedelta(days=1))
    sign_in(client, make_participant(meeting).person.account)
    page = client.get(reverse("meetings:survey", args=[meeting.public_id])).content.decode()
    assert says in page
    assert "<textarea" not in page


def test_the_registration_link_opens_the_survey_without_an_account(client, meeting, survey):
    one = make_participant(meeting)
    models.Registration.objects.filter(pk=one.pk).update(token_hash=hash_secret("secret-of-a-letter"))
    assert (
        client.get(reverse("meetings:survey-by-link", args=[meeting.public_id, "secret-of-a-letter"])).status_code
        == 200
    )
    assert client.get(reverse("meetings:survey-by-link", args=[meeting.public_id, "guessed"])).status_code == 404
    other = make_meeting()
    models.Survey.objects.create(meeting=other, opens_at=survey.opens_at, closes_at=survey.closes_at)
    assert (
        client.get(reverse("meetings:survey-by-link", args=[other.public_id, "secret-of-a-letter"])).status_code == 404
    )


def test_a_closed_survey_with_answers_cannot_be_reopened_or_changed(client, meeting, organiser, survey):
    for _turn in range(MIN_ANSWERS):
        actions.answer_survey(registration=make_participant(meeting), answers=make_answers(survey))
    now = timezone.now()
    models.Survey.objects.update(closes_at=now)
    models.SurveyParticipation.objects.all().delete()  # as the daily task does, a day after the survey closes
    survey.refresh_from_db()
    with pytest.raises(actions.SurveyClosed):
        actions.save_survey(by=organiser, meeting=meeting, opens_at=now, closes_at=now + timedelta(days=1))
    with pytest.raises(actions.SurveyHasAnswers):
        actions.remove_question(by=organiser, question=survey.questions.first())
    sign_in(client, organiser)
    page = client.get(reverse("meetings:manage-survey", args=[meeting.public_id])).content.decode()
    assert "The list of people who answered was deleted a day after the survey closed." in page
    assert "Add a question" not in page


def test_a_closed_survey_without_answers_can_be_reopened(meeting, organiser, survey):
    now = timezone.now()
    models.Survey.objects.update(closes_at=now)
    again = actions.save_survey(by=organiser, meeting=meeting, opens_at=now, closes_at=now + timedelta(days=1))
    assert again.closes_at == now + timedelta(days=1)


def test_the_registration_page_links_to_the_survey_until_it_is_answered(client, meeting, survey):
    one = make_participant(meeting)
    models.Registration.objects.filter(pk=one.pk).update(token_hash=hash_secret("secret-of-a-letter"))
    own = reverse("meetings:registration-link", args=[meeting.public_id, "secret-of-a-letter"])
    link = reverse("meetings:survey-by-link", args=[meeting.public_id, "secret-of-a-letter"])
    assert link in client.get(own).content.decode()
    actions.answer_survey(registration=one, answers=make_answers(survey))
    assert link not in client.get(own).content.decode()


def test_the_outcomes_page_links_to_the_survey_for_signed_in_participants(client, meeting, survey):
    page, link = (reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("outcomes", "survey"))
    assert link not in client.get(page).content.decode()
    one = make_participant(meeting)
    sign_in(client, one.person.account)
    assert link in client.get(page).content.decode()
    actions.answer_survey(registration=one, answers=make_answers(survey))
    assert link not in client.get(page).content.decode()


# --- The email --------------------------------------------------------------------------------------------------------


def check_in(meeting, row):
    return models.CheckIn.objects.create(meeting=meeting, registration=row, at=timezone.now())


def make_invited_guest(meeting, email: str, language: str = "en") -> models.Registration:
    """Create a guest without an account, with a link to their own registration."""
    now = timezone.now()
    invitation = models.MeetingInvitation.objects.create(
        meeting=meeting, email=email, language=language, token_hash=email, expires_at=now + timedelta(days=9)
    )
    row = make_registration(meeting, invitation=invitation, language=language)
    row.token_hash = hash_secret(link_token(row))
    row.save()
    return row


def test_everyone_checked_in_gets_one_email_in_their_language_even_if_they_have_answered(meeting, survey):
    signed_in, at_home, absent = (
        make_participant(meeting),
        make_invited_guest(meeting, "otto@nordmark.example", "fr"),
        make_participant(meeting),
    )
    waiting = make_participant(meeting, status=RegistrationStatus.WAITING)
    for row in (signed_in, at_home, waiting):
        check_in(meeting, row)
    check_in(meeting, signed_in)
    actions.answer_survey(registration=signed_in, answers=make_answers(survey))
    now = timezone.now()
    assert [actions.announce_surveys(now=now) for _again in range(2)] == [2, 0]
    letters = {letter.to: letter for letter in OutgoingEmail.objects.all()}
    assert sorted(letters) == sorted([signed_in.person.account.email, "otto@nordmark.example"])
    assert absent.person.account.email not in letters
    start = f"https://samsvar.example/{{}}/meetings/{meeting.public_id}/survey/"
    assert start.format("en") + "\n" in letters[signed_in.person.account.email].body
    assert start.format("fr") + link_token(at_home) + "/\n" in letters["otto@nordmark.example"].body
    assert "Des refuges près de chacun" in letters["otto@nordmark.example"].subject
    assert [entry.details for entry in AuditEntry.objects.filter(verb="emailed participants about a survey")] == [
        {"letters": 2}
    ]


def test_without_check_in_everyone_with_a_place_gets_the_survey_email(meeting, survey):
    rows = [make_participant(meeting), make_invited_guest(meeting, "otto@nordmark.example")]
    make_participant(meeting, status=RegistrationStatus.WITHDRAWN)
    assert actions.announce_surveys(now=timezone.now()) == len(rows)


def test_survey_emails_need_an_open_survey_with_questions_and_a_meeting_not_cancelled(meeting, survey):
    make_participant(meeting)
    now = timezone.now()
    times = [survey.opens_at - timedelta(seconds=1), survey.closes_at]
    assert [actions.announce_surveys(now=one) for one in times] == [0, 0]
    models.Meeting.objects.update(cancelled_at=now)
    assert actions.announce_surveys(now=now) == 0
    models.Meeting.objects.update(cancelled_at=None)
    questions = list(survey.questions.all())
    survey.questions.all().delete()
    assert actions.announce_surveys(now=now) == 0
    models.SurveyQuestion.objects.bulk_create(questions)
    assert actions.announce_surveys(now=now) == 1


def test_the_emailed_link_opens_the_survey_of_a_meeting_that_is_not_public(client, meeting, survey):
    row = make_invited_guest(meeting, "otto@nordmark.example")
    models.Meeting.objects.update(access="participants")
    page = reverse("meetings:survey-by-link", args=[meeting.public_id, link_token(row)])
    assert client.get(page).status_code == 200
    assert client.get(reverse("meetings:survey-by-link", args=[meeting.public_id, "guessed"])).status_code == 404
    asked = Client().get(reverse("meetings:survey", args=[meeting.public_id]))  # in another browser
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_the_organiser_sees_when_participants_were_emailed(client, meeting, organiser, survey):
    make_participant(meeting)
    sign_in(client, organiser, staff_session="runs it")
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    assert "The night after the survey opens" in client.get(page).text
    actions.announce_surveys(now=timezone.now())
    assert "Everyone who attended was emailed on" in client.get(page).text
