"""What was promised at meetings stands on the page of the finding, the country and the article that it is about."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeState
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries import commitments as promised
from tests.factories.meetings import make_meeting
from tests.factories.reports import a_finding, a_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    State.objects.get_or_create(code="XB", defaults={"kind": "invented"})
    return make_meeting()


def a_promise(meeting, text="A shelter within an hour.", *, state="XB", due="", keeping=Keeping.PROMISED, **more):
    columns = {"state": OutcomeState.CONFIRMED, "access": Access.PUBLIC, "article": "23"} | more
    outcome = models.Outcome.objects.create(meeting=meeting, kind="commitment", text=text, **columns)
    models.Commitment.objects.create(outcome=outcome, state_id=state, due=due, keeping=keeping)
    return outcome


def texts(said) -> list[str]:
    return [] if said is None else [one.outcome.text for one in said[1]["page"].commitments]


def test_a_promise_stands_at_its_finding_its_state_and_its_article_and_at_no_other(meeting):
    one = a_promise(meeting, finding="0123456789abcdef")
    a_promise(meeting, "Something else.", state=None, article="7")
    found = [promised.about_finding("0123456789abcdef"), promised.by_state("XB"), promised.under_article("23")]
    assert [texts(said) for said in found] == [[one.text]] * 3
    others = [promised.about_finding("fedcba9876543210"), promised.by_state("XA"), promised.under_article("22")]
    assert others == [None, None, None]


@pytest.mark.parametrize(
    "hidden",
    [
        {"access": Access.PARTICIPANTS},
        {"access": Access.SIGNED_IN},
        {"state": OutcomeState.RECORDED},
        {"state": OutcomeState.STRUCK},
    ],
    ids=str,
)
def test_what_not_everybody_may_read_stands_on_no_page_of_everybodys(meeting, hidden):
    outcome = a_promise(meeting)
    models.Outcome.objects.filter(pk=outcome.pk).update(**hidden)
    assert promised.under_article("23") is None


def test_a_promise_of_a_meeting_that_not_everybody_knows_of_stands_nowhere(meeting):
    a_promise(make_meeting(access=Access.NETWORK))
    assert promised.under_article("23") is None


@pytest.mark.parametrize("number", [0, 1, 9])
def test_however_much_was_promised_it_is_one_question_to_the_database(meeting, number, django_assert_num_queries):
    for _one in range(number):
        a_promise(meeting)
    with django_assert_num_queries(1):
        said = promised.by_state("XB")
        assert len(texts(said)) == min(number, promised.SHOWN)
    assert said is None or said[1]["page"].more is (number > promised.SHOWN)


def test_all_three_pages_show_it_and_lead_to_the_commitment(client):
    load_convention()
    finding = make_report(b"promised", a_reading([a_finding(1)], state="XB")).findings.get()
    meeting = make_meeting(begins=date(2025, 9, 15), ends=date(2025, 9, 17))
    outcome = a_promise(meeting, due="2026-01", finding=finding.public_id, language="fr")
    address = reverse("meetings:commitment", args=[outcome.public_id])
    for page in (
        reverse("monitoring:finding", args=[finding.public_id]),
        reverse("pages:country", args=["XB"]),
        reverse("pages:article", args=[23]),
    ):
        shown = " ".join(client.get(page).content.decode().split())
        assert "Promised at meetings" in shown, page
        assert f'<a href="{address}" lang="fr">A shelter within an hour.</a>' in shown, page
        assert "overdue" in shown, page
