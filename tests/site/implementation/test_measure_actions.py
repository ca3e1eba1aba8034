"""Actions on measures, answers to findings and the desk's decisions: history, conflicts, all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from samsvar.implementation.measures import (
    AnswerScope,
    MeasureVisibility,
    ReasonRequired,
    Stage,
    TriageDecision,
    UnknownTransition,
)
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation import models
from samsvar.site.implementation.measures import actions
from samsvar.site.implementation.measures.queries import find_measure, visible_measures
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Account
from tests.factories.implementation import make_measure
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def states_and_storage(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()


@pytest.fixture
def desk() -> Account:
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def other_desk() -> Account:
    return make_account(Role.NATIONAL_DESK, state="XB")


@pytest.fixture
def findings() -> list[Finding]:
    parts = make_finding(3, actions=["open a shelter", "staff it"])
    return list(make_report(reading=make_reading([make_finding(1), make_finding(2), parts])).findings.all())


def history(measure: models.Measure) -> list[tuple[int, list[str], str]]:
    return [
        (change.version, sorted(change.after), change.reason)
        for change in measure.changes.filter(kind=models.Change.Kind.MEASURE)
    ]


def test_every_change_raises_the_version_and_writes_what_changed(desk: Account) -> None:
    measure = make_measure(by=desk)
    saved = actions.save_measure(by=desk, state="XA", values={"due": "2027-06"}, existing=measure, seen=1)
    actions.save_measure(by=desk, state="XA", values={}, existing=saved, stage=Stage.STOPPED, reason="No money.")
    measure.refresh_from_db()
    assert (measure.version, measure.stage, measure.stop_reason) == (3, "stopped", "No money.")
    assert history(measure)[1:] == [
        (2, ["due"], ""),
        (3, ["stage", "stop_reason"], "No money."),
    ]
    assert AuditEntry.objects.filter(subject=f"measure {measure.public_id}", actor=desk).count() == 3


def test_a_change_that_changes_nothing_writes_nothing(desk: Account) -> None:
    measure = make_measure(due="2027-06")
    actions.save_measure(by=desk, state="XA", values={"due": "2027-06"}, existing=measure, stage=Stage.DECIDED)
    measure.refresh_from_db()
    assert (measure.version, len(history(measure))) == (1, 1)


def test_a_change_of_an_older_version_is_refused(desk: Account) -> None:
    measure = make_measure()
    actions.save_measure(by=desk, state="XA", values={"title": "Open two shelters"}, existing=measure, seen=1)
    with pytest.raises(actions.MeasureChanged):
        actions.save_measure(by=desk, state="XA", values={"title": "Open none"}, existing=measure, seen=1)
    measure.refresh_from_db()
    assert measure.title == "Open two shelters"


def test_only_the_desk_of_the_state_changes_its_measures(desk: Account, other_desk: Account) -> None:
    measure = make_measure()
    for account in (other_desk, make_account(Role.EDITOR), make_account(Role.SECRETARIAT)):
        with pytest.raises(PermissionDenied):
            actions.save_measure(by=account, state="XA", values={"title": "Mine"}, existing=measure)
    with pytest.raises(models.Measure.DoesNotExist):  # nor by calling it its own
        actions.save_measure(by=other_desk, state="XB", values={"title": "Mine"}, existing=measure)


def test_a_plan_or_region_of_another_state_is_refused(desk: Account) -> None:
    plan = models.Plan.objects.create(state_id="XB", title="The plan of another state")
    with pytest.raises(actions.OtherState):
        make_measure(by=desk, plan=plan)


def test_a_bulk_edit_changes_all_or_none(desk: Account) -> None:
    measures = [make_measure(), make_measure("Train the police"), make_measure("Fund a helpline", stage=Stage.DONE)]
    with pytest.raises(UnknownTransition):  # what is done cannot become decided
        actions.change_measures(
            by=desk, state="XA", measures=measures, values={"due": "2028"}, stage=Stage.DECIDED, reason="Begin again."
        )
    assert not models.Measure.objects.exclude(due="").exists()
    assert actions.change_measures(by=desk, state="XA", measures=measures, values={"due": "2028"}) == 3
    batches = models.Change.objects.filter(cause="bulk").values_list("batch", flat=True)
    assert (len(batches), len(set(batches))) == (3, 1)


def test_a_new_measure_cannot_begin_as_stopped_without_a_reason() -> None:
    with pytest.raises(ReasonRequired):
        make_measure(stage=Stage.STOPPED)


def test_a_measure_is_the_desks_own_until_it_is_published(desk: Account, other_desk: Account) -> None:
    measure = make_measure(visibility=MeasureVisibility.DESK)
    assert find_measure(desk, measure.public_id) == measure
    assert find_measure(other_desk, measure.public_id) is None
    assert list(visible_measures(other_desk, "XA")) == []
    actions.save_measure(by=desk, state="XA", values={"visibility": MeasureVisibility.PUBLIC}, existing=measure)
    assert find_measure(other_desk, measure.public_id) == measure


def test_a_measure_answers_a_finding_once_as_a_whole_and_once_for_each_part(
    desk: Account, findings: list[Finding]
) -> None:
    measure, finding = make_measure(), findings[2]
    link = {"by": desk, "measure": measure, "finding": finding}
    actions.link_answer(**link)
    with pytest.raises(actions.AnswerExists):
        actions.link_answer(**link)
    actions.link_answer(**link, scope=AnswerScope.PART, part=2, part_text="staff it")
    with pytest.raises(actions.AnswerExists):
        actions.link_answer(**link, scope=AnswerScope.PART, part=2)
    triage = models.Triage.objects.get(finding=finding)
    assert (triage.decision, triage.parts) == ("in_hand", 2)


def test_an_answer_that_ended_stays_in_the_history_and_can_be_given_again(
    desk: Account, findings: list[Finding]
) -> None:
    measure = make_measure()
    answer = actions.link_answer(by=desk, measure=measure, finding=findings[0])
    actions.end_answer(by=desk, answer=answer, reason="It was about another law.")
    actions.link_answer(by=desk, measure=measure, finding=findings[0])
    assert [change.reason for change in measure.changes.filter(kind="answer")] == ["", "It was about another law.", ""]
    assert measure.answers.filter(ended_at=None).count() == 1


def test_a_finding_of_another_state_cannot_be_answered_or_triaged(desk: Account) -> None:
    other = make_report(reading=make_reading([make_finding(1, state="XB")], state="XB")).findings.get()
    with pytest.raises(actions.OtherState):
        actions.link_answer(by=desk, measure=make_measure(), finding=other)
    with pytest.raises(actions.OtherState):
        actions.triage_findings(by=desk, state="XA", findings=[other], body="Ministry of Lamps")


@pytest.mark.parametrize("decision", [TriageDecision.NOT_FOR_US, TriageDecision.NO_MEASURE])
def test_a_refusal_needs_a_reason(desk: Account, findings: list[Finding], decision: TriageDecision) -> None:
    with pytest.raises(ReasonRequired):
        actions.triage_findings(by=desk, state="XA", findings=findings, decision=decision, reason=" ")
    assert not models.Triage.objects.exists()


def test_a_cluster_is_handled_once_and_breaking_it_up_loses_nothing(desk: Account, findings: list[Finding]) -> None:
    cluster = actions.make_cluster(by=desk, state="XA", title="Shelters", findings=findings[:2])
    changed = actions.triage_findings(
        by=desk, state="XA", findings=findings[:1], decision=TriageDecision.NOT_FOR_US, reason="The regions decide."
    )
    assert changed == 2  # the other finding of the cluster too
    assert actions.break_up_cluster(by=desk, cluster=cluster) == 2
    decided = models.Triage.objects.filter(decision="not_for_us", reason="The regions decide.", cluster=None)
    assert set(decided.values_list("finding_id", flat=True)) == {finding.public_id for finding in findings[:2]}


def test_assigning_a_body_takes_a_finding_in_hand_and_is_in_its_history(desk: Account, findings: list[Finding]) -> None:
    actions.triage_findings(by=desk, state="XA", findings=findings[:1], body="Ministry of Lamps")
    triage = models.Triage.objects.get()
    assert (triage.decision, triage.body_text) == ("in_hand", "Ministry of Lamps")
    change = models.Change.objects.get(kind="triage")
    assert change.after == {"body": "Ministry of Lamps", "decision": "in_hand"}
    assert (change.role, change.by) == ("national_desk", desk)
