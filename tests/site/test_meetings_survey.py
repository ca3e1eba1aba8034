"""Participants answer once, and nothing that the site keeps tells who answered what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models as db
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.meetings.registration import Standing
from samsvar.meetings.survey import FEWEST, SurveyKind
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions import survey as actions
from samsvar.site.meetings.outcomes.queries import survey as queries
from samsvar.site.meetings.registration.actions.emails import token_of
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_guest, make_meeting, organiser_of
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def organiser(meeting):
    return organiser_of(meeting)


@pytest.fixture
def survey(meeting, organiser):
    now = timezone.now()
    made = actions.save_survey(
        by=organiser, meeting=meeting, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1)
    )
    for kind, options in (
        (SurveyKind.SCALE, []),
        (SurveyKind.TEXT, []),
        (SurveyKind.CHOICE, [{"key": "1", "text": {"en": "Yes"}}, {"key": "2", "text": {"en": "No"}}]),
    ):
        actions.add_question(by=organiser, survey=made, text={"en": f"A {kind}?"}, kind=kind, options=options)
    return made


def participant(meeting, *, standing=Standing.CONFIRMED) -> models.Registration:
    person = make_person(account=make_account())
    return models.Registration.objects.create(meeting=meeting, person=person, standing=standing)


def said(survey, scale="4", text="More time.", choice="1") -> dict[int, str]:
    return dict(zip(survey.questions.values_list("pk", flat=True), (scale, text, choice), strict=True))


def test_a_participant_answers_once(client, meeting, survey):
    one = participant(meeting)
    actions.answer_survey(registration=one, answers=said(survey))
    with pytest.raises(actions.AnsweredAlready):
        actions.answer_survey(registration=one, answers=said(survey, scale="1"))
    assert list(models.SurveyTally.objects.order_by("value").values_list("value", "count")) == [("1", 1), ("4", 1)]


def test_no_row_of_an_answer_leads_to_anybody_or_has_a_time(survey):
    for table in (models.SurveyTally, models.SurveyText, models.SurveyTurn):
        kinds = {type(field) for field in table._meta.get_fields()}
        assert not kinds & {db.DateTimeField, db.DateField, db.AutoField} or table is models.SurveyTally
    for table in (models.SurveyTally, models.SurveyText):
        leads_to = {field.related_model for field in table._meta.get_fields() if field.is_relation}
        assert leads_to == {models.SurveyQuestion}


def test_the_trail_says_nothing_of_who_answers(meeting, survey):
    before = Entry.objects.count()
    actions.answer_survey(registration=participant(meeting), answers=said(survey))
    assert Entry.objects.count() == before


@pytest.mark.parametrize(("answers", "shown"), [(FEWEST - 1, False), (FEWEST, True)])
def test_five_answers_show_the_organiser_nothing_and_six_show_all(client, meeting, organiser, survey, answers, shown):
    sign_in(client, organiser)
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    for _turn in range(answers):
        actions.answer_survey(registration=participant(meeting), answers=said(survey, text="A quiet word."))
    models.Survey.objects.update(closes_at=timezone.now())
    assert ("A quiet word." in client.get(page).content.decode()) is shown


def test_two_looks_at_an_open_survey_differ_in_nothing_but_how_many_have_answered(client, meeting, organiser, survey):
    """Else whoever looks before and after somebody answers knows what that one person said."""
    sign_in(client, organiser)
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    seen = []
    for scale, text, choice in [("4", "A quiet word.", "1")] * FEWEST + [("1", "The one in the red coat.", "2")]:
        actions.answer_survey(
            registration=participant(meeting), answers=said(survey, scale=scale, text=text, choice=choice)
        )
        results = queries.results_of(survey, "en", timezone.now())
        seen.append([(one.result, one.rows) for one in results.asked])
        assert "word" not in client.get(page).content.decode().partition('id="results"')[2]
    assert all(one == seen[0] for one in seen)


def test_everything_that_came_in_is_told_once_it_is_over(meeting, survey):
    for _turn in range(FEWEST):
        actions.answer_survey(registration=participant(meeting), answers=said(survey, text="A quiet word."))
    models.Survey.objects.update(closes_at=timezone.now())
    results = queries.results_of(queries.survey_of(meeting), "en", timezone.now())
    assert [one.rows for one in results.asked] == [
        (("1", 0), ("2", 0), ("3", 0), ("4", 6), ("5", 0)),
        (),
        (("Yes", 6), ("No", 0)),
    ]


def test_a_question_is_not_changed_under_those_who_answered(organiser, meeting, survey):
    actions.answer_survey(registration=participant(meeting), answers=said(survey))
    with pytest.raises(actions.SurveyIsRunning):
        actions.add_question(by=organiser, survey=survey, text={"en": "One more?"}, kind=SurveyKind.SCALE, options=[])


def test_nobody_answers_outside_its_time(organiser, meeting, survey):
    models.Survey.objects.update(closes_at=timezone.now())
    with pytest.raises(actions.SurveyIsClosed):
        actions.answer_survey(registration=participant(meeting), answers=said(survey))


def test_a_value_that_was_not_offered_is_not_counted(meeting, survey):
    actions.answer_survey(registration=participant(meeting), answers=said(survey, scale="900", choice="none"))
    assert not models.SurveyTally.objects.exists()


def test_only_the_organiser_makes_it(meeting, survey):
    stranger = make_account()
    with pytest.raises(PermissionDenied):
        actions.add_question(by=stranger, survey=survey, text={"en": "?"}, kind=SurveyKind.TEXT, options=[])


def test_a_participant_answers_in_the_browser_and_somebody_on_the_waiting_list_finds_no_page(client, meeting, survey):
    page = reverse("meetings:survey", args=[meeting.public_id])
    waiting = participant(meeting, standing=Standing.WAITING)
    sign_in(client, waiting.person.account)
    assert client.get(page).status_code == 404
    one = participant(meeting)
    sign_in(client, one.person.account)
    assert "A scale?" in client.get(page).content.decode()
    fields = {f"question_{key}": value for key, value in said(survey).items()}
    assert client.post(page, fields).status_code == 302
    assert "You have answered." in client.get(page).content.decode()
    assert client.post(page, fields).status_code == 409
    assert models.SurveyText.objects.get().text == "More time."


@pytest.mark.parametrize(("days", "says"), [(2, "Open from"), (-2, "It was open from")])
def test_outside_its_time_the_page_says_when_it_is_or_was_open(client, meeting, survey, days, says):
    moved = timezone.now() + timedelta(days=days)
    models.Survey.objects.update(opens_at=moved, closes_at=moved + timedelta(days=1))
    sign_in(client, participant(meeting).person.account)
    page = client.get(reverse("meetings:survey", args=[meeting.public_id])).content.decode()
    assert says in page
    assert "<textarea" not in page


def test_a_link_of_ones_own_registration_opens_it_without_an_account(client, meeting, survey):
    one = participant(meeting)
    models.Registration.objects.filter(pk=one.pk).update(token_hash=secret_hash("secret-of-a-letter"))
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


def test_once_it_is_over_it_is_not_opened_again_nor_changed_though_nobody_knows_who_has_answered(
    client, meeting, organiser, survey
):
    for _turn in range(FEWEST):
        actions.answer_survey(registration=participant(meeting), answers=said(survey))
    now = timezone.now()
    models.Survey.objects.update(closes_at=now)
    models.SurveyTurn.objects.all().delete()  # as the daily task does, a day later
    survey.refresh_from_db()
    with pytest.raises(actions.SurveyIsClosed):
        actions.save_survey(by=organiser, meeting=meeting, opens_at=now, closes_at=now + timedelta(days=1))
    with pytest.raises(actions.SurveyIsRunning):
        actions.remove_question(by=organiser, question=survey.questions.first())
    sign_in(client, organiser)
    page = client.get(reverse("meetings:manage-survey", args=[meeting.public_id])).content.decode()
    assert "Who has answered was deleted a day after the survey closed." in page
    assert "One question more" not in page


def test_a_survey_that_nobody_has_answered_may_be_opened_again(meeting, organiser, survey):
    now = timezone.now()
    models.Survey.objects.update(closes_at=now)
    again = actions.save_survey(by=organiser, meeting=meeting, opens_at=now, closes_at=now + timedelta(days=1))
    assert again.closes_at == now + timedelta(days=1)


def test_the_page_of_ones_own_registration_leads_to_it_until_it_is_answered(client, meeting, survey):
    one = participant(meeting)
    models.Registration.objects.filter(pk=one.pk).update(token_hash=secret_hash("secret-of-a-letter"))
    own = reverse("meetings:registration-link", args=[meeting.public_id, "secret-of-a-letter"])
    link = reverse("meetings:survey-by-link", args=[meeting.public_id, "secret-of-a-letter"])
    assert link in client.get(own).content.decode()
    actions.answer_survey(registration=one, answers=said(survey))
    assert link not in client.get(own).content.decode()


def test_whoever_took_part_and_is_signed_in_is_led_to_it(client, meeting, survey):
    page, link = (reverse(f"meetings:{name}", args=[meeting.public_id]) for name in ("what-came", "survey"))
    assert link not in client.get(page).content.decode()
    one = participant(meeting)
    sign_in(client, one.person.account)
    assert link in client.get(page).content.decode()
    actions.answer_survey(registration=one, answers=said(survey))
    assert link not in client.get(page).content.decode()


# --- The letter -------------------------------------------------------------------------------------------------------

SITE = "https://samsvar.example/"


def came_in(meeting, row):
    return models.CheckIn.objects.create(meeting=meeting, registration=row, at=timezone.now())


def invited(meeting, email: str, language: str = "en") -> models.Registration:
    """A guest without an account, with the link of their own registration."""
    now = timezone.now()
    invitation = models.MeetingInvitation.objects.create(
        meeting=meeting, email=email, language=language, token_hash=email, expires_at=now + timedelta(days=9)
    )
    row = make_guest(meeting, invitation=invitation, language=language)
    row.token_hash = secret_hash(token_of(row))
    row.save()
    return row


def test_everybody_who_came_in_gets_one_letter_in_their_language_whether_they_have_answered_or_not(meeting, survey):
    signed_in, at_home, absent = (
        participant(meeting),
        invited(meeting, "otto@nordmark.example", "fr"),
        participant(meeting),
    )
    waiting = participant(meeting, standing=Standing.WAITING)
    for row in (signed_in, at_home, waiting):
        came_in(meeting, row)
    came_in(meeting, signed_in)
    actions.answer_survey(registration=signed_in, answers=said(survey))
    now = timezone.now()
    assert [actions.announce_surveys(now=now, site=SITE) for _again in range(2)] == [2, 0]
    letters = {letter.to: letter for letter in Letter.objects.all()}
    assert sorted(letters) == sorted([signed_in.person.account.email, "otto@nordmark.example"])
    assert absent.person.account.email not in letters
    start = f"https://samsvar.example/{{}}/meetings/{meeting.public_id}/survey/"
    assert start.format("en") + "\n" in letters[signed_in.person.account.email].body
    assert start.format("fr") + token_of(at_home) + "/\n" in letters["otto@nordmark.example"].body
    assert "Des refuges près de chacun" in letters["otto@nordmark.example"].subject
    assert [entry.details for entry in Entry.objects.filter(verb="told participants of an evaluation")] == [
        {"letters": 2}
    ]


def test_without_a_door_everybody_with_a_place_is_asked(meeting, survey):
    rows = [participant(meeting), invited(meeting, "otto@nordmark.example")]
    participant(meeting, standing=Standing.WITHDRAWN)
    assert actions.announce_surveys(now=timezone.now(), site=SITE) == len(rows)


def test_no_letter_goes_out_before_it_opens_after_it_closes_without_questions_or_when_the_meeting_is_cancelled(
    meeting, survey
):
    participant(meeting)
    now = timezone.now()
    times = [survey.opens_at - timedelta(seconds=1), survey.closes_at]
    assert [actions.announce_surveys(now=one, site=SITE) for one in times] == [0, 0]
    models.Meeting.objects.update(cancelled_at=now)
    assert actions.announce_surveys(now=now, site=SITE) == 0
    models.Meeting.objects.update(cancelled_at=None)
    questions = list(survey.questions.all())
    survey.questions.all().delete()
    assert actions.announce_surveys(now=now, site=SITE) == 0
    models.SurveyQuestion.objects.bulk_create(questions)
    assert actions.announce_surveys(now=now, site=SITE) == 1


def test_the_letters_link_opens_a_meeting_that_not_everybody_may_know_of(client, meeting, survey):
    row = invited(meeting, "otto@nordmark.example")
    models.Meeting.objects.update(access="participants")
    page = reverse("meetings:survey-by-link", args=[meeting.public_id, token_of(row)])
    assert client.get(page).status_code == 200
    assert client.get(reverse("meetings:survey-by-link", args=[meeting.public_id, "guessed"])).status_code == 404
    asked = Client().get(reverse("meetings:survey", args=[meeting.public_id]))  # in another browser
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_the_organiser_reads_that_participants_were_written_to(client, meeting, organiser, survey):
    participant(meeting)
    sign_in(client, organiser, staff_session="runs it")
    page = reverse("meetings:manage-survey", args=[meeting.public_id])
    assert "In the night after it opens" in client.get(page).text
    actions.announce_surveys(now=timezone.now(), site=SITE)
    assert "Everybody who was there was written to on" in client.get(page).text
