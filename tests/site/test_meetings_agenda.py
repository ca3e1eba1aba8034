"""Suggested sessions: gaps that countries of a meeting share, who has experience, who could speak, and the draft."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from samsvar.monitoring.report import Strength
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import ChangeNumber
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda import actions, errors, queries
from samsvar.site.meetings.agenda.queries import ExperienceKind
from samsvar.site.monitoring.models import Finding, FindingLink
from samsvar.site.network.models import Network, Organisation, Seat
from tests.factories.exchange_matching import make_published_practice
from tests.factories.implementation import make_measure
from tests.factories.meetings import make_meeting, make_organiser, make_session, publish_programme
from tests.factories.people import make_account, make_membership, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

SHELTERS = "GREVIO urges the authorities to open more shelters for women in the countryside."


def report_on(state, *findings, year=2024, **how):
    reading = make_reading(findings, state=state, published=date(year, 5, 11), **how)
    return make_report(f"{state} {year} {how}".encode(), reading=reading)


@pytest.fixture
def meeting():
    """XA and XB share a gap under Article 23 and are invited with XC, which a report praises; XD is not invited."""
    load_convention()
    report_on(
        "XA",
        make_finding(1, articles=["23"], state="XA", text=SHELTERS),
        make_finding(2, articles=["23"], state="XA", strength=Strength.ENCOURAGES),
        make_finding(3, articles=["7"], state="XA"),
    )
    report_on("XB", make_finding(4, articles=["23"], state="XB", strength=Strength.STRONGLY_ENCOURAGES))
    report_on("XC", make_finding(5, articles=["23"], state="XC", strength=Strength.WELCOMES))
    meeting = make_meeting()
    for code in ("XA", "XB", "XC"):
        meeting.states.create(state_id=code)
    return meeting


def suggestions_of(meeting, user=None):
    return queries.agenda_page(user or AnonymousUser(), meeting, language="en").suggestions


def test_a_gap_that_two_countries_share_is_suggested_with_the_strongest_findings_first(meeting):
    (suggestion,) = suggestions_of(meeting)
    assert (suggestion.article, suggestion.title) == (23, "Shelters")
    assert [(one.state, [each.paragraph for each in one.findings], one.total) for one in suggestion.countries] == [
        ("XA", ["1", "2"], 2),
        ("XB", ["4"], 1),
    ]


def test_gaps_are_ordered_by_countries_and_then_by_strength(meeting):
    report_on("XC", *(make_finding(n, articles=["20"], state="XC") for n in (7, 8)), year=2025)
    report_on("XB", make_finding(9, articles=["20"], state="XB"), body="committee_of_the_parties", year=2025)
    assert [gap.article for gap in queries.shared_gaps(["XA", "XB", "XC"])] == [20, 23]
    report_on("XC", make_finding(10, articles=["23"], state="XC"), body="committee_of_the_parties", year=2025)
    assert [gap.article for gap in queries.shared_gaps(["XA", "XB", "XC"])] == [23, 20]


def test_the_experience_of_countries_at_the_meeting_comes_first_and_of_others_is_marked(meeting):
    make_published_practice("Beds beside farms", state="XD", articles=("23",))
    make_published_practice("A house in each valley", state="XC", articles=("23",))
    make_published_practice("Something else", state="XC", articles=("54",))
    (suggestion,) = suggestions_of(meeting)
    assert [(one.kind, one.state, one.is_at_meeting) for one in suggestion.experiences] == [
        (ExperienceKind.PRACTICE, "XC", True),
        (ExperienceKind.PRAISE, "XC", True),
        (ExperienceKind.PRACTICE, "XD", False),
    ]
    sentences = [reason_sentence(reason, "XC") for reason in suggestion.experiences[0].match.reasons]
    assert "Same article: 23." in sentences


def test_a_finding_that_a_later_text_closed_counts_and_one_that_it_restates_does_not(meeting):
    earlier = report_on("XC", make_finding(20, articles=["23"], state="XC"), year=2018).findings.get()
    later = report_on("XC", make_finding(21, articles=["54"], state="XC"), year=2025, body="committee_of_the_parties")
    link = FindingLink.objects.create(
        later=later.findings.get(), earlier=earlier, basis="citation", certain=True, similarity=1, later_text="restates"
    )
    kinds = [one.kind for one in suggestions_of(meeting)[0].experiences]
    assert kinds == [ExperienceKind.PRAISE]
    link.later_text = "closes"
    link.save()
    closed = suggestions_of(meeting)[0].experiences[0]
    assert (closed.kind, closed.title) == (ExperienceKind.CLOSED, "GREVIO 2018 § 20, p. 1")


def test_only_a_public_measure_that_is_done_and_answers_as_a_whole_counts(meeting):
    finding = Finding.objects.get(paragraph="4")
    measure = make_measure(state="XB", title="Six new shelters", stage="done", visibility="public")
    answer = measure.answers.create(finding=finding, scope="whole")

    def kinds():
        return [one.kind for one in suggestions_of(meeting)[0].experiences if one.state == "XB"]

    assert kinds() == [ExperienceKind.MEASURE]
    for row, changes in (
        (measure, {"visibility": "desk"}),
        (measure, {"visibility": "public", "stage": "under_way"}),
        (measure, {"stage": "done"}),
        (answer, {"scope": "part"}),
    ):
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        assert kinds() == ([ExperienceKind.MEASURE] if changes == {"stage": "done"} else [])


def test_a_network_meeting_without_invited_countries_compares_those_of_its_members():
    load_convention()
    network = Network.objects.create(slug="harbour", name="Harbour")
    ministry = Organisation.objects.create(public_id="ministry", name="Ministry", kind="ministry", state_id="XA")
    Seat.objects.create(network=network, organisation=ministry)
    make_membership(network, make_person(), state_id="XB")
    make_membership(network, make_person(), state_id="XC", ends=timezone.localdate() - timedelta(days=1))
    make_membership(network, make_person(at_risk=True), state_id="XD")
    meeting = make_meeting(network=network)
    assert queries.agenda_countries(meeting) == ["XA", "XB"]
    assert queries.agenda_page(AnonymousUser(), meeting, language="en").are_of_network
    meeting.states.create(state_id="XC")
    assert queries.agenda_countries(meeting) == ["XC"]
