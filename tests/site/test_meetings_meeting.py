"""The meeting itself: who reads of it, what its pages say, and how it is announced and changed."""

from __future__ import annotations

import pytest
from django.test import Client

from samsvar.meetings.meeting import Access
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


def test_a_meeting_says_its_title_in_the_readers_language_and_marks_the_original_elsewhere():
    make_meeting(public_id="shelters")
    pages = {code: Client().get(f"/{code}/meetings/shelters/").content.decode() for code in ("en", "fr", "nb")}
    assert "<h1>Shelters near everybody</h1>" in pages["en"]
    assert "<h1>Des refuges près de chacun</h1>" in pages["fr"]
    assert '<h1><span lang="en">Shelters near everybody</span></h1>' in pages["nb"]


@pytest.mark.parametrize("access", [one.value for one in Access])
def test_a_meeting_is_there_for_those_only_who_may_know_of_it(access):
    meeting = make_meeting(public_id="shelters", access=access)
    anybody, somebody, organiser = Client(), Client(), Client()
    sign_in(somebody, make_account())
    sign_in(organiser, organiser_of(meeting), staff_session="runs it")
    answers = [one.get("/en/meetings/shelters/").status_code for one in (anybody, somebody, organiser)]
    wanted = {"public": [200, 200, 200], "signed_in": [404, 200, 200]}
    assert answers == wanted.get(access, [404, 404, 200])


def test_only_its_organiser_runs_a_meeting():
    meeting = make_meeting(public_id="shelters")
    other = make_meeting(public_id="other")
    answers = []
    for account in (organiser_of(meeting), organiser_of(other), make_account()):
        client = sign_in(Client(), account, staff_session="runs it")
        answers.append(client.get("/en/meetings/shelters/manage/").status_code)
    assert answers == [200, 403, 403]
