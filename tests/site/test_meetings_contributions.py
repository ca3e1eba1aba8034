"""A call is published, people submit, reviewers rate without seeing names, and decisions have a reason."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.contributions import ContributionAccess, ReviewVisibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions, queries
from samsvar.site.meetings.contributions.reviewers import email_reviewers
from samsvar.site.meetings.organising.actions.helpers import ReviewsNotRequested
from samsvar.site.meetings.organising.actions.helpers import assign_duty as give
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.models import Detail, OutgoingEmail
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from tests.factories.meetings import make_duty, make_meeting, make_organiser
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SAID = {"title": "Counting beds", "abstract": "How many, and where.", "language": "en", "kind": "talk"}
FORM = {**SAID, "name": "Otto Birk", "articles": "23", "with_others": ""}


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def organiser(meeting):
    return make_organiser(meeting)


@pytest.fixture
def call(meeting, organiser):
    return open_call(meeting, organiser)


def open_call(meeting, organiser, **more: Any) -> models.ContributionCall:
    now = timezone.now()
    said = {
        "text": {"en": "Tell us what works."},
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=1),
        "reviewed": True,
        "languages": ["en", "fr"],
    }
    return actions.save_call(by=organiser, meeting=meeting, **(said | more))


@pytest.fixture
def author():
    return make_account()


@pytest.fixture
def contribution(call, author):
    return actions.submit_contribution(call=call, account=author, name="Otto Birk", data=SAID)


def make_reviewer(meeting, account=None):
    account = account or make_account()
    make_duty(meeting, account, "review")
    return account


def meeting_url(name: str, meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_a_signed_in_author_can_submit_a_contribution_and_gets_an_email(client, meeting, call, author):
    answer = sign_in(client, author).post(meeting_url("submit-contribution", meeting), FORM)
    row = models.Contribution.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == meeting_url("my-contribution", meeting, row.public_id)
    assert (row.title, row.articles, row.account, row.state) == ("Counting beds", ["23"], author, "offered")
    assert [letter.to for letter in OutgoingEmail.objects.all()] == [author.email]


def test_an_emailed_link_allows_submitting_and_editing_one_contribution(client, meeting, call):
    for _again in range(2):  # a second email within ten minutes is not sent
        client.post(meeting_url("submit-contribution", meeting), {"email": "Otto@Nordmark.example"})
    letter = OutgoingEmail.objects.get()
    assert letter.to == "otto@nordmark.example"
    link = re.search(r"https?://\S+/contributions/submit/\S+/", letter.body)[0]
    page = link.split("samsvar.example", 1)[-1]
    assert client.post(page, FORM).status_code == 302
    assert client.post(page, {**FORM, "title": "Counting rooms"}).status_code == 302
    assert [(row.title, row.account, row.link.email) for row in models.Contribution.objects.all()] == [
        ("Counting rooms", None, "otto@nordmark.example")
    ]
    assert client.post(page, {"withdraw": "yes"}).status_code == 302
    assert models.Contribution.objects.get().state == "withdrawn"


def test_an_unknown_link_opens_nothing(client, meeting, call):
    assert client.get(meeting_url("submit-by-link", meeting, "guessed")).status_code == 404


def test_nothing_can_be_submitted_or_edited_after_the_call_has_closed(client, meeting, call, contribution, author):
    models.ContributionCall.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    sign_in(client, author)
    assert client.post(meeting_url("submit-contribution", meeting), FORM).status_code == 409
    mine = meeting_url("my-contribution", meeting, contribution.public_id)
    assert client.post(mine, {**FORM, "title": "Too late"}).status_code == 409
    assert [row.title for row in models.Contribution.objects.all()] == ["Counting beds"]
    with pytest.raises(actions.CallClosed):
        actions.send_submission_link(
            call=models.ContributionCall.objects.get(), address="a@sudmar.example", language="en"
        )


def test_a_language_that_the_call_does_not_accept_is_rejected(client, meeting, call, author):
    answer = sign_in(client, author).post(meeting_url("submit-contribution", meeting), {**FORM, "language": "nb"})
    assert answer.status_code == 422
    assert not models.Contribution.objects.exists()


def test_a_contribution_can_be_seen_and_edited_only_by_its_author(client, meeting, contribution):
    sign_in(client, make_account())
    mine = meeting_url("my-contribution", meeting, contribution.public_id)
    assert [client.get(mine).status_code, client.post(mine, {"withdraw": "yes"}).status_code] == [404, 404]
    contribution.refresh_from_db()
    assert contribution.state == "offered"


def test_the_call_is_public_and_can_be_cached(client, meeting, call):
    answer = client.get(meeting_url("call", meeting))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, no-cache")
    assert "Tell us what works." in answer.text


def test_a_meeting_without_a_call_has_no_call_page(client, meeting):
    assert client.get(meeting_url("call", meeting)).status_code == 404


# --- Reviewing --------------------------------------------------------------------------------------------------------


def test_a_reviewer_sees_contributions_but_not_their_authors(client, meeting, contribution):
    sign_in(client, make_reviewer(meeting))
    pages = [
        client.get(meeting_url("review-contributions", meeting)).text,
        client.get(meeting_url("review-contribution", meeting, contribution.public_id)).text,
    ]
    assert Detail.objects.filter(field=Field.NAME, value="Otto Birk").exists()  # the check is not vacuous
    assert ["Counting beds" in page for page in pages] == [True, True]
    assert ["Otto Birk" in page for page in pages] == [False, False]


def test_a_reviewer_sees_other_reviews_only_after_submitting_their_own(client, meeting, contribution):
    first, second = make_reviewer(meeting), make_reviewer(meeting)
    actions.review_contribution(by=first, contribution=contribution, score=2, text="Too short by half.")
    sign_in(client, second)
    page = meeting_url("review-contribution", meeting, contribution.public_id)
    before = client.get(page).text
    client.post(page, {"score": "4", "text": ""})
    assert ("Too short by half." in before, "Too short by half." in client.get(page).text) == (False, True)


def test_reviews_that_are_never_shown_stay_hidden_from_a_reviewing_organiser(meeting, organiser, author):
    call = open_call(meeting, organiser, reviews_seen=ReviewVisibility.NEVER)
    offered = actions.submit_contribution(call=call, account=author, name="Otto Birk", data=SAID)
    both = make_reviewer(meeting, make_organiser(meeting))
    actions.review_contribution(by=make_reviewer(meeting), contribution=offered, score=2, text="Too short by half.")
    actions.review_contribution(by=both, contribution=offered, score=5)
    assert queries.review_page(make_organiser(meeting), offered).others is not None
    assert queries.review_page(both, offered).others is None
    assert [(line.reviews, line.average) for line in queries.list_contributions(both, meeting)] == [(None, None)]


def test_a_declared_conflict_of_interest_ends_reading_and_deciding_for_every_role(
    client, meeting, organiser, contribution
):
    sign_in(client, organiser)
    page = meeting_url("review-contribution", meeting, contribution.public_id)
    client.post(page, {"score": "5", "text": "A friend of mine."})
    client.post(page, {"conflict": "yes"})
    assert [(one.score, one.text, one.conflict) for one in contribution.reviews.all()] == [(None, "", True)]
    assert client.get(page).status_code == 404
    deciding = meeting_url("decide-contribution", meeting, contribution.public_id)
    assert client.post(deciding, {"decision": "accept", "reason": ""}).status_code == 409
    assert "How many, and where." not in client.get(deciding).text
    with pytest.raises(actions.ConflictOfInterest):
        actions.review_contribution(by=organiser, contribution=contribution, score=5)
    contribution.refresh_from_db()
    assert contribution.state == "offered"


def test_no_one_can_review_or_decide_on_their_own_contribution(meeting, organiser, call):
    own = actions.submit_contribution(call=call, account=organiser, name="Ana Zmeu", data=SAID)
    with pytest.raises(actions.ConflictOfInterest):
        actions.review_contribution(by=organiser, contribution=own, score=5)
    with pytest.raises(actions.ConflictOfInterest):
        actions.decide_contribution(by=organiser, contribution=own, accepted=True, reason="")
    assert queries.contributions_to_review(organiser, meeting) == []


def test_reviewing_requires_the_duty_and_deciding_requires_the_role(client, meeting, contribution):
    stranger, reviewer = make_account(Role.EDITOR), make_reviewer(meeting)
    with pytest.raises(PermissionDenied):
        actions.review_contribution(by=stranger, contribution=contribution, score=1)
    with pytest.raises(PermissionDenied):
        actions.decide_contribution(by=reviewer, contribution=contribution, accepted=True, reason="")
    sign_in(client, stranger)
    assert client.get(meeting_url("review-contributions", meeting)).status_code == 404


@pytest.mark.parametrize("rule", list(ReviewVisibility))
@pytest.mark.parametrize("interest", ["has_conflict", "is_author"])
def test_a_conflict_of_interest_overrides_every_role(rule, interest):
    access = ContributionAccess(is_organiser=True, is_reviewer=True, has_reviewed=True, **{interest: True})
    assert (access.can_review, access.can_decide, access.can_see_author, access.can_see_reviews(rule)) == (False,) * 4


# --- Reviews switched off ---------------------------------------------------------------------------------------------


def test_switching_reviews_off_hides_them_until_they_are_switched_on_again(client, meeting, organiser, contribution):
    reviewer = make_reviewer(meeting)
    actions.review_contribution(by=reviewer, contribution=contribution, score=2, text="Too short by half.")
    sign_in(client, organiser, staff_session="runs it")
    other = Client()
    sign_in(other, reviewer)

    def seen() -> list[bool]:
        manage, deciding = (
            client.get(meeting_url("manage-contributions", meeting)).text,
            client.get(meeting_url("decide-contribution", meeting, contribution.public_id)).text,
        )
        return [
            "Reviews" in manage,
            "Assign a reviewer" in manage,
            "Too short by half." in deciding,
            'value="review"' in client.get(meeting_url("manage-helpers", meeting)).text,
            client.get(meeting_url("review-contributions", meeting)).status_code == 200,
            other.get(meeting_url("review-contributions", meeting)).status_code == 200,
            other.get(meeting_url("review-contribution", meeting, contribution.public_id)).status_code == 200,
            "Reviewers do not see your name." in other.get(meeting_url("submit-contribution", meeting)).text,
        ]

    assert seen() == [True] * 8
    open_call(meeting, organiser, reviewed=False)
    assert seen() == [False] * 8
    open_call(meeting, organiser, reviewed=True)
    assert seen() == [True] * 8


def test_no_one_can_be_asked_to_review_when_reviews_are_off(meeting, organiser):
    call = open_call(meeting, organiser, reviewed=False)
    row = actions.submit_contribution(call=call, account=make_account(), name="Otto Birk", data=SAID)
    OutgoingEmail.objects.all().delete()
    until = timezone.now() + timedelta(days=9)
    with pytest.raises(ReviewsNotRequested):
        give(by=organiser, meeting=meeting, email=make_account().email, kind="review", until=until)
    reviewer = make_reviewer(meeting)
    with pytest.raises(PermissionDenied):
        actions.review_contribution(by=reviewer, contribution=row, score=5)
    assert email_reviewers(now=timezone.now() + timedelta(days=1)) == 0
    assert not OutgoingEmail.objects.exists()


def test_an_organiser_sees_names_and_can_decide_at_once_when_reviews_are_off(meeting, organiser):
    call = open_call(meeting, organiser, reviewed=False)
    both = make_reviewer(meeting, make_organiser(meeting))
    row = actions.submit_contribution(call=call, account=make_account(), name="Otto Birk", data=SAID)
    assert queries.review_page(both, row).name == "Otto Birk"
    assert actions.decide_contribution(by=both, contribution=row, accepted=True, reason="").state == "accepted"


def test_a_conflict_of_interest_can_be_declared_on_the_decision_page(client, meeting, organiser):
    row = actions.submit_contribution(
        call=open_call(meeting, organiser, reviewed=False),
        account=make_account(),
        name="Otto Birk",
        data=SAID,
    )
    sign_in(client, organiser, staff_session="runs it")
    deciding = meeting_url("decide-contribution", meeting, row.public_id)
    assert client.post(deciding, {"conflict": "yes"}).status_code == 302
    assert "How many, and where." not in client.get(deciding).text
    assert client.post(deciding, {"decision": "accept", "reason": ""}).status_code == 409


# --- Emails to reviewers ----------------------------------------------------------------------------------------------


def test_a_new_reviewer_gets_one_email_with_a_link_to_their_list(client, meeting, organiser, contribution):
    OutgoingEmail.objects.all().delete()
    reviewer, helper = make_account(), make_account()
    reviewer.language = "fr"
    reviewer.save()
    until = timezone.now() + timedelta(days=9)
    for account, kind in ((reviewer, "review"), (reviewer, "review")):
        give(by=organiser, meeting=meeting, email=account.email, kind=kind, until=until)
    letter = OutgoingEmail.objects.get()
    assert letter.to == reviewer.email
    assert f"https://samsvar.example/fr/meetings/{meeting.public_id}/review/" in letter.body
    assert "Otto Birk" not in letter.subject + letter.body
    page = sign_in(client, organiser, staff_session="runs it").post(
        meeting_url("manage-helpers", meeting),
        {
            "email": helper.email,
            "kind": "review",
            "until": (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
        },
    )
    assert page.status_code == 302
    assert OutgoingEmail.objects.latest("pk").to == helper.email


def test_new_contributions_are_emailed_once_a_day_and_reviewed_ones_not_at_all(meeting, call, organiser):
    until = timezone.now() + timedelta(days=9)
    reviewer = make_account()
    give(by=organiser, meeting=meeting, email=reviewer.email, kind="review", until=until)
    rows = [
        actions.submit_contribution(call=call, account=make_account(), name=f"Guest {number}", data=SAID)
        for number in range(3)
    ]
    own = actions.submit_contribution(call=call, account=reviewer, name="Ana Zmeu", data=SAID)
    actions.review_contribution(by=reviewer, contribution=rows[0], score=4)
    OutgoingEmail.objects.all().delete()
    tomorrow = timezone.now() + timedelta(days=1)
    assert email_reviewers(now=timezone.now()) == 0  # today's email was the one about the task
    assert [email_reviewers(now=tomorrow) for _again in range(2)] == [1, 0]
    assert email_reviewers(now=tomorrow + timedelta(days=1)) == 0  # nothing new since
    letter = OutgoingEmail.objects.get()
    assert (letter.to, "received since our last email to you: 2." in letter.body) == (reviewer.email, True)
    assert [name in letter.subject + letter.body for name in ("Guest", "Zmeu", own.title)] == [False] * 3


def test_a_reviewer_sees_their_progress_on_their_account_and_on_the_meeting_page(
    client, meeting, organiser, contribution
):
    reviewer = make_reviewer(meeting)
    sign_in(client, reviewer)
    pages = [reverse("network:account"), meeting_url("meeting", meeting), meeting_url("review-contributions", meeting)]

    def reviewed(number: str) -> list[bool]:
        return [f"{number} of 1 reviewed" in client.get(page).text for page in pages]

    assert reviewed("0") == [True] * 3
    actions.review_contribution(by=reviewer, contribution=contribution, score=4)
    assert reviewed("1") == [True] * 3
    assert queries.list_reviewers(meeting) == [(reviewer.email, queries.ReviewProgress(1, 1))]
    stranger = sign_in(Client(), make_account())
    assert ["of 1 reviewed" in stranger.get(page).text for page in pages] == [False] * 3


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_an_accepted_contribution_becomes_a_draft_session_and_its_author_is_emailed(
    client, meeting, organiser, contribution
):
    answer = sign_in(client, organiser).post(
        meeting_url("decide-contribution", meeting, contribution.public_id),
        {"decision": "accept", "reason": "It fits."},
    )
    contribution.refresh_from_db()
    session = contribution.session
    assert answer.status_code == 302
    assert (session.title, session.state, session.languages) == ({"en": "Counting beds"}, "draft", ["en"])
    assert [one.person for one in session.appearances.all()] == [contribution.person]
    letter = OutgoingEmail.objects.latest("pk")
    assert (letter.to, "It fits." in letter.body) == (contribution.account.email, True)


def test_a_declined_author_gets_the_reason(client, meeting, organiser, contribution):
    deciding = meeting_url("decide-contribution", meeting, contribution.public_id)
    sign_in(client, organiser)
    assert client.post(deciding, {"decision": "decline", "reason": " "}).status_code == 409
    assert client.post(deciding, {"decision": "decline", "reason": "No room is left."}).status_code == 302
    assert "No room is left." in OutgoingEmail.objects.latest("pk").body
    mine = sign_in(client, contribution.account).get(meeting_url("my-contribution", meeting, contribution.public_id))
    assert "No room is left." in mine.text


def test_a_contribution_cannot_be_decided_twice(meeting, organiser, contribution):
    actions.decide_contribution(by=organiser, contribution=contribution, accepted=True, reason="")
    with pytest.raises(actions.AlreadyDecided):
        actions.decide_contribution(by=organiser, contribution=contribution, accepted=False, reason="No.")
    assert models.Session.objects.count() == 1


def test_the_organisers_list_needs_at_most_14_queries(meeting, organiser, call, django_assert_max_num_queries):
    for number in range(6):
        actions.submit_contribution(call=call, account=make_account(), name=f"Guest {number}", data=SAID)
    with django_assert_max_num_queries(14):
        lines = queries.list_contributions(organiser, meeting)
    assert sorted(line.name for line in lines) == [f"Guest {number}" for number in range(6)]


def test_erasure_deletes_contributions_together_with_their_reviews(meeting, organiser, contribution):
    actions.review_contribution(
        by=make_reviewer(meeting), contribution=contribution, score=2, text="Too short by half."
    )
    decided = actions.decide_contribution(by=organiser, contribution=contribution, accepted=True, reason="")
    erase_personal_data(subject=resolve_subject(account=contribution.account), by=None, channel="by letter")
    assert (models.Contribution.objects.count(), models.ContributionReview.objects.count()) == (0, 0)
    assert models.Session.objects.get(pk=decided.session_id).appearances.count() == 0
