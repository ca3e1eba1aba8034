"""The demonstration's past meeting has data of every kind and is not created twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind, OutcomeStatus
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.meetings import make_demo_meetings
from samsvar.site.demo.people import make_demo_network, make_demo_people
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.report import get_attendance_figures, listed_participants
from samsvar.site.meetings.outcomes.queries.survey import survey_results

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo_meetings(module_rows: Any) -> Iterator[None]:
    with module_rows():
        load_convention()
        make_demo_network()
        make_demo_accounts()
        make_demo_people()
        make_demo_meetings()
        yield


@pytest.fixture
def meeting(demo_meetings: None, db: None) -> models.Meeting:
    return models.Meeting.objects.get(public_id="demo-harbour-meeting")


def object_counts(meeting) -> dict[str, int]:
    return {
        "outcomes": meeting.outcomes.count(),
        "progress": models.ProgressReport.objects.filter(commitment__outcome__meeting=meeting).count(),
        "places": meeting.registrations.count(),
        "came": meeting.check_ins.count(),
        "texts": models.SurveyText.objects.count(),
        "sessions": meeting.sessions.count(),
    }


def test_the_meeting_has_every_kind_of_outcome_and_of_commitment_progress(meeting):
    confirmed = meeting.outcomes.filter(state=OutcomeStatus.CONFIRMED)
    assert set(confirmed.values_list("kind", flat=True)) == set(OutcomeKind)
    promised = models.Commitment.objects.filter(outcome__in=confirmed)
    assert set(promised.values_list("keeping", flat=True)) == set(CommitmentProgress)


def test_attendance_and_survey_results_are_shown_except_answers_of_too_few_people(meeting):
    numbers = get_attendance_figures(meeting)
    assert (numbers.places, numbers.checked_in) == (None, 18)  # 21 had a place: that three did not come is not shown
    asked = survey_results(meeting.survey, "en", timezone.now()).question_results
    assert [(one.result.answers, one.result.is_shown) for one in asked] == [(9, True)] * 4 + [(4, False)]


def test_the_person_at_risk_is_in_no_list_of_the_meeting(meeting):
    names = [
        name
        for name, _body, _state in listed_participants(
            meeting, frozenset({AccessLevel.PUBLIC, AccessLevel.PARTICIPANTS})
        )
    ]
    at_risk = [one.person for one in meeting.registrations.select_related("person") if one.person.at_risk]
    assert len(at_risk) == 1
    told = {*at_risk[0].details.filter(field="name").values_list("value", flat=True), at_risk[0].pseudonym}
    assert not told & set(names)
    assert len(names) == 15


def test_creating_the_demo_meetings_again_adds_nothing(meeting):
    before = object_counts(meeting)
    make_demo_meetings()
    assert object_counts(meeting) == before
