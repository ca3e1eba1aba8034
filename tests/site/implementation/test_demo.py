"""The demonstration's plan refers only to findings, bodies and chapters that the demonstration has."""

from __future__ import annotations

from samsvar.implementation.measures import MeasureKind, Stage, TriageDecision
from samsvar.site.demo.helpers import load_demo_file


def test_the_plan_of_nordmark_has_forty_measures_in_four_chapters():
    data = load_demo_file("implementation.toml")
    measures = data["measure"]
    numbers = [entry["reference"] for entry in measures]
    assert numbers == [f"{chapter}.{number}" for chapter in range(1, 5) for number in range(1, 11)]
    assert all(entry.get("chapter", 1) == int(entry["reference"][0]) for entry in measures)
    assert len(data["plan"]["chapters"]) == 4
    assert {entry["kind"] for entry in measures} == {kind.value for kind in MeasureKind}
    assert {entry["stage"] for entry in measures} == {stage.value for stage in Stage}
    for entry in measures:
        assert entry.get("lead") or entry.get("lead_name")
        assert bool(entry.get("reason")) == (entry["stage"] == Stage.STOPPED)
    for decision in data["decision"]:
        assert decision.get("reason") or not TriageDecision(decision["decision"]).needs_reason
