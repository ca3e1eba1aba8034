"""The demonstration of implementation: Nordmark's plan, what its measures answer, and its desk's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage, TriageDecision
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.implementation.measures import actions
from samsvar.site.implementation.measures.models import Measure, Plan, Region
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Organisation

NORDMARK = "XA"
# columns of a measure that an entry may contain as they are
_COLUMNS = ("reference", "title", "kind", "lead_name", "begins", "due", "budget", "paid", "currency")


def make_demo_implementation() -> None:
    """Create the plan with everything about it unless it exists already, so that changes in the demo are kept."""
    data = load_demo_file("implementation.toml")
    with transaction.atomic():
        if Plan.objects.filter(state_id=NORDMARK).exists():
            return
        findings = _findings_by_place()
        measures = _make_measures(data)
        for entry in data["measure"]:
            for answer in entry["answers"]:
                _link(measures[entry["reference"]], answer, findings)
        for entry in data["cluster"]:
            members = _choose(entry["findings"], findings)
            actions.make_cluster(by=None, state=NORDMARK, title=entry["title"], findings=members)
        for entry in data["decision"]:
            actions.triage_findings(
                by=None, state=NORDMARK, findings=_choose(entry["findings"], findings),
                decision=TriageDecision(entry["decision"]), reason=entry.get("reason", ""), body=entry.get("body"),
            )  # fmt: skip


def _findings_by_place() -> dict[str, Finding]:
    """Return the findings on Nordmark by the last figures of the report's reference and the paragraph: "901 § 12"."""
    findings = Finding.objects.filter(state_id=NORDMARK).select_related("report__document").order_by("ordinal")
    return {f"{one.report.document.reference[-3:]} § {one.paragraph}": one for one in findings}


def _choose(places: Iterable[str], findings: Mapping[str, Finding]) -> list[Finding]:
    """Return the findings at these places; a test makes sure that the demonstration has all of them."""
    return [findings[place] for place in places if place in findings]


def _make_measures(data: Mapping[str, Any]) -> dict[str, Measure]:
    values = dict(data["plan"])
    plan = actions.save_plan(by=None, state=NORDMARK, chapters=values.pop("chapters"), values=values)
    chapters = list(plan.chapters.all())
    regions: dict[str, Region] = {}
    for entry in data["region"]:
        columns = {"name": entry["name"], "kind": entry["kind"], "part_of": regions.get(entry.get("part_of", ""))}
        regions[entry["name"]] = actions.save_region(by=None, state=NORDMARK, values=columns)
    organisations = {body.public_id: body for body in Organisation.objects.filter(state_id=NORDMARK)}
    return {
        entry["reference"]: actions.save_measure(
            by=None,
            state=NORDMARK,
            values={
                **{name: entry[name] for name in _COLUMNS if name in entry},
                "lead": organisations.get(entry.get("lead", "")),
                "plan": plan,
                "chapter": chapters[entry.get("chapter", 1) - 1],
                "region": regions.get(entry.get("region", "")),
                "visibility": MeasureVisibility(entry.get("visibility", "public")),
            },
            bodies=entry.get("bodies"),
            stage=Stage(entry["stage"]),
            reason=entry.get("reason", ""),
        )
        for entry in data["measure"]
    }


def _link(measure: Measure, answer: str | Mapping[str, Any], findings: Mapping[str, Finding]) -> None:
    """Link a measure to a finding: as a whole, or in part if the entry has the words or the number of a part."""
    entry: Mapping[str, Any] = {"finding": answer} if isinstance(answer, str) else answer
    for finding in _choose([entry["finding"]], findings):
        is_part = bool(entry.get("part") or entry.get("part_text"))
        actions.link_answer(
            by=None, measure=measure, finding=finding, part=entry.get("part"), part_text=entry.get("part_text", ""),
            scope=AnswerScope.PART if is_part else AnswerScope.WHOLE,
        )  # fmt: skip
