"""A call goes out, people offer something, reviewers judge it without names, and a decision says why."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.contributions import ReviewsSeen, Standpoint
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions, queries
from samsvar.site.meetings.contributions.reviewers import tell_of_new_contributions
from samsvar.site.meetings.organising.actions.helpers import NoReviewsAreAsked
from samsvar.site.meetings.organising.actions.helpers import give_duty as give
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.models import Detail, Letter
from samsvar.site.network.privacy.actions.privacy import erase
from tests.factories.meetings import give_duty, make_meeting, organiser_of
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
SAID = {"title": "Counting beds", "abstract": "How many, and where.", "language": "en", "kind": "talk"}
FORM = {**SAID, "name": "Otto Birk", "articles": "23", "with_others": ""}


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def organiser(meeting):
    return organiser_of(meeting)


@pytest.fixture
def call(meeting, organiser):
    return call_for(meeting, organiser)


def call_for(meeting, organiser, **more: Any) -> models.ContributionCall:
    now = timezone.now()
    said = {
        "text": {"en": "Tell us what works."},
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=1),
        "reviewed": True,
        "languages": ["en", "fr"],
    }
    return actions.open_call(by=organiser, meeting=meeting, **(said | more))


@pytest.fixture
def author():
    return make_account()


@pytest.fixture
def offered(call, author):
    return actions.offer(call=call, account=author, name="Otto Birk", said=SAID, site=SITE)


def reviewer_at(meeting, account=None):
    account = account or make_account()
    give_duty(meeting, account, "review")
    return account


def address(name: str, meeting, *more: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.public_id, *more])


# --- To offer something -----------------------------------------------------------------------------------------------


def test_somebody_signed_in_offers_something_and_is_told_that_it_arrived(client, meeting, call, author):
    answer = sign_in(client, author).post(address("offer", meeting), FORM)
    row = models.Contribution.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == address("my-contribution", meeting, row.public_id)
    assert (row.title, row.articles, row.account, row.state) == ("Counting beds", ["23"], author, "offered")
    assert [letter.to for letter in Letter.objects.all()] == [author.email]


def test_an_address_is_sent_a_link_by_which_one_contribution_is_offered_and_changed(client, meeting, call):
    for _again in range(2):  # a second letter within ten minutes is not sent
        client.post(address("offer", meeting), {"email": "Otto@Nordmark.example"})
    letter = Letter.objects.get()
    assert letter.to == "otto@nordmark.example"
    link = re.search(r"https?://\S+/contributions/offer/\S+/", letter.body)[0]
    page = link.split("testserver", 1)[-1]
    assert client.post(page, FORM).status_code == 302
    assert client.post(page, {**FORM, "title": "Counting rooms"}).status_code == 302
    assert [(row.title, row.account, row.link.email) for row in models.Contribution.objects.all()] == [
        ("Counting rooms", None, "otto@nordmark.example")
    ]
    assert client.post(page, {"withdraw": "yes"}).status_code == 302
    assert models.Contribution.objects.get().state == "withdrawn"


def test_a_link_that_nobody_was_sent_opens_nothing(client, meeting, call):
    assert client.get(address("offer-by-link", meeting, "guessed")).status_code == 404


def test_nothing_is_offered_or_changed_after_the_call_has_closed(client, meeting, call, offered, author):
    models.ContributionCall.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    sign_in(client, author)
    assert client.post(address("offer", meeting), FORM).status_code == 409
    mine = address("my-contribution", meeting, offered.public_id)
    assert client.post(mine, {**FORM, "title": "Too late"}).status_code == 409
    assert [row.title for row in models.Contribution.objects.all()] == ["Counting beds"]
    with pytest.raises(actions.CallIsClosed):
        actions.ask_for_link(
            call=models.ContributionCall.objects.get(), address="a@sudmar.example", site=SITE, language="en"
        )


def test_a_language_that_the_call_does_not_name_is_refused(client, meeting, call, author):
    answer = sign_in(client, author).post(address("offer", meeting), {**FORM, "language": "nb"})
    assert answer.status_code == 422
    assert not models.Contribution.objects.exists()


def test_what_somebody_offered_is_nobody_elses_to_see_or_change(client, meeting, offered):
    sign_in(client, make_account())
    mine = address("my-contribution", meeting, offered.public_id)
    assert [client.get(mine).status_code, client.post(mine, {"withdraw": "yes"}).status_code] == [404, 404]
    offered.refresh_from_db()
    assert offered.state == "offered"


def test_the_call_is_read_by_everybody_and_kept_for_all(client, meeting, call):
    answer = client.get(address("call", meeting))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, no-cache")
    assert "Tell us what works." in answer.text


def test_a_meeting_without_a_call_has_no_such_page(client, meeting):
    assert client.get(address("call", meeting)).status_code == 404


# --- To judge ---------------------------------------------------------------------------------------------------------


def test_a_reviewer_reads_what_is_offered_and_not_by_whom(client, meeting, offered):
    sign_in(client, reviewer_at(meeting))
    pages = [
        client.get(address("review-contributions", meeting)).text,
        client.get(address("review-contribution", meeting, offered.public_id)).text,
    ]
    assert Detail.objects.filter(field=Field.NAME, value="Otto Birk").exists()  # there is something to hide
    assert ["Counting beds" in page for page in pages] == [True, True]
    assert ["Otto Birk" in page for page in pages] == [False, False]


def test_a_reviewer_sees_what_others_said_after_their_own_judgement(client, meeting, offered):
    first, second = reviewer_at(meeting), reviewer_at(meeting)
    actions.review(by=first, contribution=offered, score=2, text="Too short by half.")
    sign_in(client, second)
    page = address("review-contribution", meeting, offered.public_id)
    before = client.get(page).text
    client.post(page, {"score": "4", "text": ""})
    assert ("Too short by half." in before, "Too short by half." in client.get(page).text) == (False, True)


def test_never_holds_for_a_reviewer_who_runs_the_meeting_too(meeting, organiser, author):
    call = call_for(meeting, organiser, reviews_seen=ReviewsSeen.NEVER)
    offered = actions.offer(call=call, account=author, name="Otto Birk", said=SAID, site=SITE)
    both = reviewer_at(meeting, organiser_of(meeting))
    actions.review(by=reviewer_at(meeting), contribution=offered, score=2, text="Too short by half.")
    actions.review(by=both, contribution=offered, score=5)
    assert queries.review_page(organiser_of(meeting), offered).others is not None
    assert queries.review_page(both, offered).others is None
    assert [(line.reviews, line.average) for line in queries.all_offered(both, meeting)] == [(None, None)]


def test_whoever_declares_an_interest_reads_no_more_and_decides_nothing_whatever_their_role(
    client, meeting, organiser, offered
):
    sign_in(client, organiser)
    page = address("review-contribution", meeting, offered.public_id)
    client.post(page, {"score": "5", "text": "A friend of mine."})
    client.post(page, {"conflict": "yes"})
    assert [(one.score, one.text, one.conflict) for one in offered.reviews.all()] == [(None, "", True)]
    assert client.get(page).status_code == 404
    deciding = address("decide-contribution", meeting, offered.public_id)
    assert client.post(deciding, {"decision": "accept", "reason": ""}).status_code == 409
    assert "How many, and where." not in client.get(deciding).text
    with pytest.raises(actions.ConflictOfInterest):
        actions.review(by=organiser, contribution=offered, score=5)
    offered.refresh_from_db()
    assert offered.state == "offered"


def test_nobody_judges_or_decides_on_what_they_offered_themselves(meeting, organiser, call):
    own = actions.offer(call=call, account=organiser, name="Ana Zmeu", said=SAID, site=SITE)
    with pytest.raises(actions.ConflictOfInterest):
        actions.review(by=organiser, contribution=own, score=5)
    with pytest.raises(actions.ConflictOfInterest):
        actions.decide(by=organiser, contribution=own, accepted=True, reason="", site=SITE)
    assert queries.to_review(organiser, meeting) == []


def test_without_the_duty_nobody_reviews_and_without_the_role_nobody_decides(client, meeting, offered):
    stranger, reviewer = make_account(Role.EDITOR), reviewer_at(meeting)
    with pytest.raises(PermissionDenied):
        actions.review(by=stranger, contribution=offered, score=1)
    with pytest.raises(PermissionDenied):
        actions.decide(by=reviewer, contribution=offered, accepted=True, reason="", site=SITE)
    sign_in(client, stranger)
    assert client.get(address("review-contributions", meeting)).status_code == 404


@pytest.mark.parametrize("rule", list(ReviewsSeen))
@pytest.mark.parametrize("interest", ["conflict", "own"])
def test_an_interest_is_stronger_than_every_role(rule, interest):
    stands = Standpoint(runs=True, reviews=True, has_reviewed=True, **{interest: True})
    assert (stands.may_review, stands.may_decide, stands.sees_names, stands.sees_reviews(rule)) == (False,) * 4


# --- Without reviews --------------------------------------------------------------------------------------------------


def test_a_call_without_reviews_asks_nobody_and_shows_none_until_it_is_switched_back(
    client, meeting, organiser, offered
):
    reviewer = reviewer_at(meeting)
    actions.review(by=reviewer, contribution=offered, score=2, text="Too short by half.")
    sign_in(client, organiser, staff_session="runs it")
    other = Client()
    sign_in(other, reviewer)

    def seen() -> list[bool]:
        manage, deciding = (
            client.get(address("manage-contributions", meeting)).text,
            client.get(address("decide-contribution", meeting, offered.public_id)).text,
        )
        return [
            "Judged by" in manage,
            "Give somebody the duty to review" in manage,
            "Too short by half." in deciding,
            'value="review"' in client.get(address("manage-helpers", meeting)).text,
            client.get(address("review-contributions", meeting)).status_code == 200,
            other.get(address("review-contributions", meeting)).status_code == 200,
            other.get(address("review-contribution", meeting, offered.public_id)).status_code == 200,
            "Reviewers do not see it." in other.get(address("offer", meeting)).text,
        ]

    assert seen() == [True] * 8
    call_for(meeting, organiser, reviewed=False)
    assert seen() == [False] * 8
    call_for(meeting, organiser, reviewed=True)
    assert seen() == [True] * 8


def test_nobody_is_asked_to_review_where_the_call_asks_for_no_reviews(meeting, organiser):
    call = call_for(meeting, organiser, reviewed=False)
    row = actions.offer(call=call, account=make_account(), name="Otto Birk", said=SAID, site=SITE)
    Letter.objects.all().delete()
    until = timezone.now() + timedelta(days=9)
    with pytest.raises(NoReviewsAreAsked):
        give(by=organiser, meeting=meeting, email=make_account().email, kind="review", until=until, site=SITE)
    reviewer = reviewer_at(meeting)
    with pytest.raises(PermissionDenied):
        actions.review(by=reviewer, contribution=row, score=5)
    assert tell_of_new_contributions(now=timezone.now() + timedelta(days=1), site=SITE) == 0
    assert not Letter.objects.exists()


def test_whoever_runs_a_meeting_decides_at_once_and_by_name_where_no_reviews_are_asked(meeting, organiser):
    call = call_for(meeting, organiser, reviewed=False)
    both = reviewer_at(meeting, organiser_of(meeting))
    row = actions.offer(call=call, account=make_account(), name="Otto Birk", said=SAID, site=SITE)
    assert queries.review_page(both, row).name == "Otto Birk"
    assert actions.decide(by=both, contribution=row, accepted=True, reason="", site=SITE).state == "accepted"


def test_an_interest_is_declared_where_one_decides_and_ends_the_reading(client, meeting, organiser):
    row = actions.offer(
        call=call_for(meeting, organiser, reviewed=False),
        account=make_account(),
        name="Otto Birk",
        said=SAID,
        site=SITE,
    )
    sign_in(client, organiser, staff_session="runs it")
    deciding = address("decide-contribution", meeting, row.public_id)
    assert client.post(deciding, {"conflict": "yes"}).status_code == 302
    assert "How many, and where." not in client.get(deciding).text
    assert client.post(deciding, {"decision": "accept", "reason": ""}).status_code == 409


# --- What reviewers are told ------------------------------------------------------------------------------------------


def test_whoever_gets_the_duty_to_review_is_told_where_their_list_is_once(client, meeting, organiser, offered):
    Letter.objects.all().delete()
    reviewer, helper = make_account(), make_account()
    reviewer.language = "fr"
    reviewer.save()
    until = timezone.now() + timedelta(days=9)
    for account, kind in ((reviewer, "review"), (reviewer, "review")):
        give(by=organiser, meeting=meeting, email=account.email, kind=kind, until=until, site=SITE)
    letter = Letter.objects.get()
    assert letter.to == reviewer.email
    assert f"https://samsvar.example/fr/meetings/{meeting.public_id}/review/" in letter.body
    assert "Otto Birk" not in letter.subject + letter.body
    page = sign_in(client, organiser, staff_session="runs it").post(
        address("manage-helpers", meeting),
        {
            "email": helper.email,
            "kind": "review",
            "until": (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
        },
    )
    assert page.status_code == 302
    assert Letter.objects.latest("pk").to == helper.email


def test_new_contributions_are_told_of_in_one_letter_a_day_and_what_is_judged_in_none(meeting, call, organiser):
    until = timezone.now() + timedelta(days=9)
    reviewer = make_account()
    give(by=organiser, meeting=meeting, email=reviewer.email, kind="review", until=until, site=SITE)
    rows = [
        actions.offer(call=call, account=make_account(), name=f"Guest {number}", said=SAID, site=SITE)
        for number in range(3)
    ]
    own = actions.offer(call=call, account=reviewer, name="Ana Zmeu", said=SAID, site=SITE)
    actions.review(by=reviewer, contribution=rows[0], score=4)
    Letter.objects.all().delete()
    tomorrow = timezone.now() + timedelta(days=1)
    assert tell_of_new_contributions(now=timezone.now(), site=SITE) == 0  # the duty's own letter was today's
    assert [tell_of_new_contributions(now=tomorrow, site=SITE) for _again in range(2)] == [1, 0]
    assert tell_of_new_contributions(now=tomorrow + timedelta(days=1), site=SITE) == 0  # nothing new since
    letter = Letter.objects.get()
    assert (letter.to, "since the last letter to you: 2." in letter.body) == (reviewer.email, True)
    assert [name in letter.subject + letter.body for name in ("Guest", "Zmeu", own.title)] == [False] * 3


def test_a_reviewer_finds_what_waits_on_their_own_page_and_the_meetings_and_sees_how_far_they_are(
    client, meeting, organiser, offered
):
    reviewer = reviewer_at(meeting)
    sign_in(client, reviewer)
    pages = [reverse("network:account"), address("meeting", meeting), address("review-contributions", meeting)]

    def said(done: str) -> list[bool]:
        return [f"{done} of 1 done" in client.get(page).text for page in pages]

    assert said("0") == [True] * 3
    actions.review(by=reviewer, contribution=offered, score=4)
    assert said("1") == [True] * 3
    assert queries.reviewers_of(meeting) == [(reviewer.email, queries.Progress(1, 1))]
    stranger = sign_in(Client(), make_account())
    assert ["of 1 done" in stranger.get(page).text for page in pages] == [False] * 3


# --- To decide --------------------------------------------------------------------------------------------------------


def test_what_is_accepted_becomes_a_draft_with_its_speaker_and_a_letter_says_so(client, meeting, organiser, offered):
    answer = sign_in(client, organiser).post(
        address("decide-contribution", meeting, offered.public_id), {"decision": "accept", "reason": "It fits."}
    )
    offered.refresh_from_db()
    session = offered.session
    assert answer.status_code == 302
    assert (session.title, session.state, session.languages) == ({"en": "Counting beds"}, "draft", ["en"])
    assert [one.person for one in session.appearances.all()] == [offered.person]
    letter = Letter.objects.latest("pk")
    assert (letter.to, "It fits." in letter.body) == (offered.account.email, True)


def test_who_is_declined_is_told_why(client, meeting, organiser, offered):
    deciding = address("decide-contribution", meeting, offered.public_id)
    sign_in(client, organiser)
    assert client.post(deciding, {"decision": "decline", "reason": " "}).status_code == 409
    assert client.post(deciding, {"decision": "decline", "reason": "No room is left."}).status_code == 302
    assert "No room is left." in Letter.objects.latest("pk").body
    mine = sign_in(client, offered.account).get(address("my-contribution", meeting, offered.public_id))
    assert "No room is left." in mine.text


def test_what_was_decided_is_not_decided_again(meeting, organiser, offered):
    actions.decide(by=organiser, contribution=offered, accepted=True, reason="", site=SITE)
    with pytest.raises(actions.IsDecided):
        actions.decide(by=organiser, contribution=offered, accepted=False, reason="No.", site=SITE)
    assert models.Session.objects.count() == 1


def test_the_list_of_an_organiser_asks_the_same_number_of_questions_however_long_it_is(
    meeting, organiser, call, django_assert_max_num_queries
):
    for number in range(6):
        actions.offer(call=call, account=make_account(), name=f"Guest {number}", said=SAID, site=SITE)
    with django_assert_max_num_queries(14):
        lines = queries.all_offered(organiser, meeting)
    assert sorted(line.name for line in lines) == [f"Guest {number}" for number in range(6)]


def test_erasure_takes_what_somebody_offered_with_what_was_said_of_it(meeting, organiser, offered):
    actions.review(by=reviewer_at(meeting), contribution=offered, score=2, text="Too short by half.")
    decided = actions.decide(by=organiser, contribution=offered, accepted=True, reason="", site=SITE)
    erase(subject=subject_of(account=offered.account), by=None, asked="by letter")
    assert (models.Contribution.objects.count(), models.ContributionReview.objects.count()) == (0, 0)
    assert models.Session.objects.get(pk=decided.session_id).appearances.count() == 0
