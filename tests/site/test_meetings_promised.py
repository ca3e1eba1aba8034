"""Commitments made at meetings are shown on the page of their finding, country and article."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeStatus
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries import commitments as promised
from samsvar.site.monitoring.models import Finding
from tests.factories.meetings import make_meeting
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    return make_meeting()


def make_commitment(
    meeting, text="A shelter within an hour.", *, state="XB", due="", keeping=CommitmentProgress.NOT_REPORTED, **more
):
    columns = {"state": OutcomeStatus.CONFIRMED, "access": AccessLevel.PUBLIC, "article": "23"} | more
    outcome = models.Outcome.objects.create(meeting=meeting, kind="commitment", text=text, **columns)
    models.Commitment.objects.create(outcome=outcome, state_id=state, due=due, keeping=keeping)
    return outcome


def commitment_texts(said) -> list[str]:
    return [] if said is None else [one.outcome.text for one in said[1]["page"].commitments]


def test_a_commitment_is_shown_only_with_its_finding_state_and_article(meeting):
    one = make_commitment(meeting, finding="0123456789abcdef")
    make_commitment(meeting, "Something else.", state=None, article="7")
    found = [
        promised.finding_panel(Finding(public_id="0123456789abcdef")),
        promised.country_panel("XB"),
        promised.article_panel("23"),
    ]
    assert [commitment_texts(said) for said in found] == [[one.text]] * 3
    others = [
        promised.finding_panel(Finding(public_id="fedcba9876543210")),
        promised.country_panel("XA"),
        promised.article_panel("22"),
    ]
    assert others == [None, None, None]


@pytest.mark.parametrize(
    "hidden",
    [
        {"access": AccessLevel.PARTICIPANTS},
        {"access": AccessLevel.SIGNED_IN},
        {"state": OutcomeStatus.RECORDED},
        {"state": OutcomeStatus.RETRACTED},
    ],
    ids=str,
)
def test_a_commitment_that_is_not_public_is_on_no_public_page(meeting, hidden):
    outcome = make_commitment(meeting)
    models.Outcome.objects.filter(pk=outcome.pk).update(**hidden)
    assert promised.article_panel("23") is None


def test_a_commitment_of_a_private_meeting_is_on_no_public_page(meeting):
    make_commitment(make_meeting(access=AccessLevel.NETWORK))
    assert promised.article_panel("23") is None


@pytest.mark.parametrize(("number", "queries"), [(0, 1), (1, 2), (9, 2)])
def test_no_commitments_need_one_query_and_any_number_two(meeting, number, queries, django_assert_num_queries):
    for _one in range(number):
        make_commitment(meeting)
    with django_assert_num_queries(queries):
        panel = promised.country_panel("XB")
        assert len(commitment_texts(panel)) == min(number, promised.COMMITMENTS_SHOWN)
    assert panel is None or panel[1]["page"].has_more is (number > promised.COMMITMENTS_SHOWN)


def test_all_three_pages_show_and_link_to_the_commitment(client):
    load_convention()
    finding = make_report(b"promised", make_reading([make_finding(1)], state="XB")).findings.get()
    meeting = make_meeting(begins=date(2025, 9, 15), ends=date(2025, 9, 17))
    outcome = make_commitment(meeting, due="2026-01", finding=finding.public_id, language="fr")
    address = reverse("meetings:commitment", args=[outcome.public_id])
    for page in (
        reverse("monitoring:finding", args=[finding.public_id]),
        reverse("pages:country-tab", args=["XB", "funding"]),  # its tab “Commitments and funding”
        reverse("pages:article", args=[23]),
    ):
        shown = " ".join(client.get(page).content.decode().split())
        assert "Commitments made at meetings" in shown, page
        assert f'<a href="{address}" lang="fr">A shelter within an hour.</a>' in shown, page
        assert "overdue" in shown, page
