"""The meeting itself: who reads of it, what its pages say, and how it is announced and changed."""

from __future__ import annotations

import pytest
from django.test import Client

from samsvar.meetings.loading import meetings as facts
from samsvar.meetings.meeting import Access
from samsvar.site.convention.actions import load_convention
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.meeting import load_meetings
from samsvar.site.network.actions.members import load_networks
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


# --- Meetings that sources tell of ------------------------------------------------------------------------------------


def load_everything() -> dict[str, int]:
    load_convention()
    load_networks()
    return load_meetings()


def test_the_meetings_of_sources_are_loaded_once_and_a_second_time_changes_nothing():
    assert load_everything() == {"meetings": len(facts())}
    assert load_meetings() == {"meetings": 0}


def test_a_fact_that_was_changed_by_hand_is_brought_back_and_what_was_added_stays():
    load_everything()
    bucharest = models.Meeting.objects.get(public_id="bucharest-2019")
    bucharest.links.create(kind="article", key="10")
    bucharest.states.filter(state_id="IS").delete()
    models.Meeting.objects.filter(public_id="sofia-2023").update(city="Plovdiv")
    assert load_meetings() == {"meetings": 2}
    assert models.Meeting.objects.get(public_id="sofia-2023").city == "Sofia"
    assert (bucharest.states.filter(state_id="IS").count(), bucharest.links.count()) == (1, 1)


def test_the_meeting_of_the_network_lies_inside_the_conference_and_is_held_in_a_session_of_it():
    load_everything()
    inside = models.Meeting.objects.get(public_id="synergy-bucharest-2019")
    assert (inside.inside.public_id, inside.days_known, inside.network.slug) == ("bucharest-2019", False, "synergy")
    assert [one.meeting.public_id for one in inside.held_in.all()] == ["bucharest-2019"]
