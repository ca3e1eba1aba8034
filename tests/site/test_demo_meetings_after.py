"""The demonstration's meeting of the past has something of every kind, and is not made twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeKind, OutcomeState
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.meetings import make_demo_meetings
from samsvar.site.demo.people import make_demo_network, make_demo_people
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.report import figures_of, listed
from samsvar.site.meetings.outcomes.queries.survey import results_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(rows_of_the_module: Any) -> Iterator[None]:
    with rows_of_the_module():
        load_convention()
        make_demo_network()
        make_demo_accounts()
        make_demo_people()
        make_demo_meetings()
        yield


@pytest.fixture
def meeting(made: None, db: None) -> models.Meeting:
    return models.Meeting.objects.get(public_id="demo-harbour-meeting")


def everything(meeting) -> dict[str, int]:
    return {
        "outcomes": meeting.outcomes.count(),
        "progress": models.Progress.objects.filter(commitment__outcome__meeting=meeting).count(),
        "places": meeting.registrations.count(),
        "came": meeting.check_ins.count(),
        "texts": models.SurveyText.objects.count(),
        "sessions": meeting.sessions.count(),
    }


def test_it_shows_every_kind_and_every_standing(meeting):
    confirmed = meeting.outcomes.filter(state=OutcomeState.CONFIRMED)
    assert set(confirmed.values_list("kind", flat=True)) == set(OutcomeKind)
    promised = models.Commitment.objects.filter(outcome__in=confirmed)
    assert set(promised.values_list("keeping", flat=True)) == set(Keeping)


def test_its_figures_and_its_evaluation_stand_and_what_too_few_said_is_kept_back(meeting):
    numbers = figures_of(meeting)
    assert (numbers.places, numbers.came) == (21, 18)
    asked = results_of(meeting.survey, "en", timezone.now()).asked
    assert [(one.result.answers, one.result.told) for one in asked] == [(9, True)] * 4 + [(4, False)]


def test_who_is_at_risk_is_in_no_list_of_it(meeting):
    names = [name for name, _body, _state in listed(meeting, frozenset({Access.PUBLIC, Access.PARTICIPANTS}))]
    at_risk = [one.person for one in meeting.registrations.select_related("person") if one.person.at_risk]
    assert len(at_risk) == 1
    told = {*at_risk[0].details.filter(field="name").values_list("value", flat=True), at_risk[0].pseudonym}
    assert not told & set(names)
    assert len(names) == 15


def test_a_second_start_adds_nothing(meeting):
    before = everything(meeting)
    make_demo_meetings()
    assert everything(meeting) == before
