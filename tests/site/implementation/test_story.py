"""What is done about a finding: its panel, its story as on any day, and the tab of its country."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from samsvar.implementation.duties import DutyKind
from samsvar.implementation.evidence import EvidenceStatus, Side
from samsvar.implementation.measures import MeasureVisibility, Stage, TriageDecision
from samsvar.monitoring.report import Strength
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.duties.queries import state_duties
from samsvar.site.implementation.measures import actions
from samsvar.site.implementation.models import Change
from samsvar.site.implementation.progress.story import StoryKind, finding_progress, finding_story
from samsvar.site.monitoring.models import Document, Finding, FindingLink
from tests.factories.implementation import make_duty, make_evidence, make_measure
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def states_and_storage(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()


@pytest.fixture
def finding() -> Finding:
    """§ 1 of a report of 11 May 2023, which urges."""
    return make_report(reading=make_reading([make_finding(1)])).findings.get()


def page_text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.content.decode())).split())


def tell(finding: Finding, day: date = TODAY) -> list[tuple[str, str, str]]:
    progress = finding_progress(finding.public_id, TODAY)
    assert progress
    return [(str(line.day), line.kind.value, line.stage) for line in finding_story(progress, day)]


def move_changes(measure: Any, *days: date) -> None:
    """Give the changes of a measure and its answers the days on which they are meant to have happened."""
    for change, day in zip(Change.objects.filter(measure=measure, kind="measure").order_by("pk"), days, strict=True):
        Change.objects.filter(pk=change.pk).update(at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_a_story_has_a_line_for_each_event_and_can_be_told_as_on_an_earlier_day(finding: Finding) -> None:
    measure = make_measure()
    answer = actions.link_answer(by=None, measure=measure, finding=finding)
    actions.save_measure(by=None, state="XA", values={}, existing=measure, stage=Stage.UNDER_WAY)
    actions.save_measure(by=None, state="XA", values={}, existing=measure, stage=Stage.STOPPED, reason="No money.")
    move_changes(measure, date(2024, 1, 10), date(2025, 2, 1), date(2026, 9, 1))
    type(answer).objects.filter(pk=answer.pk).update(at=datetime(2024, 1, 10, 13, tzinfo=UTC))
    make_evidence(measure, received=date(2025, 6, 2))
    praise = make_finding(2, strength=Strength.WELCOMES)
    later = make_report(b"later", reading=make_reading([praise], published=date(2026, 5, 31))).findings.get()
    FindingLink.objects.create(later=later, earlier=finding, basis="citation", certain=True, similarity=1.0)
    story = [
        ("2023-05-11", "finding", ""),
        ("2024-01-10", "measure", "decided"),
        ("2025-02-01", "measure", "under_way"),
        ("2025-06-02", "evidence", ""),
        ("2026-05-31", "later_text", ""),
        ("2026-09-01", "measure", "stopped"),
    ]
    assert tell(finding) == story
    assert tell(finding, date(2025, 6, 2)) == story[:4]


def test_a_story_tells_nothing_that_is_not_public(finding: Finding) -> None:
    hidden = make_measure("A hidden measure", visibility=MeasureVisibility.DESK)
    actions.link_answer(by=None, measure=hidden, finding=finding)
    make_evidence(hidden, title="A hidden paper")
    make_evidence(finding, title="An offered paper", status=EvidenceStatus.OFFERED)
    client = Client()
    for address in (
        f"/en/findings/{finding.public_id}/", f"/en/findings/{finding.public_id}/story/", "/en/countries/XA/progress/",
    ):  # fmt: skip
        text = page_text(client, address)
        assert "hidden " not in text
        assert "offered paper" not in text
        assert "no one has said" in text


def test_a_decision_that_there_is_no_measure_is_told_with_its_reason(finding: Finding) -> None:
    actions.triage_findings(
        by=None, state="XA", findings=[finding], decision=TriageDecision.NOT_FOR_US, reason="The regions decide."
    )
    told = tell(finding, timezone.localdate())  # the decision has just been made
    assert [kind for _day, kind, _stage in told] == [StoryKind.FINDING, StoryKind.DECISION]
    assert "The regions decide." in page_text(Client(), f"/en/findings/{finding.public_id}/")


def test_both_sides_are_signed_and_their_disagreement_is_said(finding: Finding) -> None:
    make_evidence(finding, title="Open day and night", organisation_name="Ministry of Lamps")
    make_evidence(
        finding, title="Closed in March", side=Side.CIVIL_SOCIETY, supports=False, organisation_name="Lantern League",
        begins="2026-03", received=date(2026, 4, 9),
    )  # fmt: skip
    text = page_text(Client(), f"/en/findings/{finding.public_id}/")
    for words in (
        "the sides differ",
        "Ministry of Lamps (state)",
        "Lantern League (civil society) · Period described: from March 2026",
    ):
        assert words in text


def test_a_verdict_is_quoted_and_not_graded(finding: Finding) -> None:
    again = make_finding(7, text="GREVIO urges the authorities to open the second shelter at last.")
    later = make_report(b"later", reading=make_reading([again], published=date(2026, 5, 31))).findings.get()
    FindingLink.objects.create(later=later, earlier=finding, basis="citation", certain=True, similarity=1.0)
    text = page_text(Client(), f"/en/findings/{finding.public_id}/story/")
    assert "taken up again" in text
    assert "GREVIO urges the authorities to open the second shelter at last." in text


def test_a_later_assessment_that_is_silent_is_named(finding: Finding) -> None:
    make_report(b"later", reading=make_reading([make_finding(9)], published=date(2026, 5, 31), reference="GREVIO/X/9"))
    assert [kind for _day, kind, _stage in tell(finding)] == [StoryKind.FINDING]  # its similar wording may raise it
    assert "No reviewer has decided yet" in page_text(Client(), f"/en/findings/{finding.public_id}/story/")
    FindingLink.objects.all().delete()
    assert [kind for _day, kind, _stage in tell(finding)] == [StoryKind.FINDING, StoryKind.NOT_RAISED]
    assert "does not mean that it is solved" in page_text(Client(), f"/en/findings/{finding.public_id}/story/")


def test_the_tab_counts_and_filters_by_answer(finding: Finding) -> None:
    actions.link_answer(by=None, measure=make_measure(stage=Stage.DONE), finding=finding)
    client = Client()
    assert "1 done as a whole" in page_text(client, "/en/countries/XA/progress/")
    assert "secure what paragraph 1 asks for" in page_text(client, "/en/countries/XA/progress/?done=done_in_whole")
    assert "No recommendations match" in page_text(client, "/en/countries/XA/progress/?done=decided")


def test_the_story_of_an_unknown_finding_or_a_draft_is_not_found() -> None:
    draft = make_report(b"draft", publish=False).findings.first()
    client = Client()
    for key in ("nothing", draft.public_id):
        assert client.get(f"/en/findings/{key}/story/").status_code == 404


# --- The rounds in a story --------------------------------------------------------------------------------------------


@pytest.fixture
def procedure(finding: Finding) -> None:
    """A recommendation after the finding's report, what the desk recorded about its form, and the day of the next."""
    Document.everything.create(
        public_id="r" * 16, origin="catalogue", body="committee_of_the_parties", state_id="XA", procedure="baseline",
        kind="recommendation", published="2023-12-08", reference="IC-CP/Inf(2023)7", confidence="confirmed",
    )  # fmt: skip
    make_duty(DutyKind.STATE_REPORT, done="2022-01-20", done_source="before the finding")
    make_duty(
        due="2026-12-08", basis="printed", due_source="IC-CP/Inf(2023)7, paragraph 3", due_since="2023-12-08",
        done="2026-11-20", done_source="Reporting form",
    )  # fmt: skip


def tell_steps(finding: Finding, day: date) -> list[tuple[str, str]]:
    progress = finding_progress(finding.public_id, TODAY)
    assert progress
    lines = finding_story(progress, day, state_duties("XA", day))
    return [(str(line.day), line.step.duty.kind.value) for line in lines if line.step]


@pytest.mark.usefixtures("procedure")
def test_a_story_has_the_steps_of_the_procedures_since_the_finding_as_on_a_day(finding: Finding) -> None:
    both = [("2023-12-08", "recommendation"), ("2026-11-20", "report_back")]
    assert tell_steps(finding, TODAY) == both
    assert tell_steps(finding, date(2026, 11, 19)) == both[:1]
    assert tell_steps(finding, date(2023, 12, 7)) == []


@pytest.mark.usefixtures("procedure")
def test_a_story_names_the_next_duty_as_on_its_day(client: Client, finding: Finding) -> None:
    address = f"/en/findings/{finding.public_id}/story/"
    text = page_text(client, f"{address}?on=2024-01-01")
    assert "Next: report on the measures taken (baseline evaluation), due 8 December 2026, as printed" in text
    assert "Baseline evaluation: recommendation of the Committee of the Parties · IC-CP/Inf(2023)7" in text
    assert "Next:" not in page_text(client, f"{address}?on=2023-12-07")
