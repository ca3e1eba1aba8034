"""Queries for the table of a state's measures: filters and rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.measures import MeasureKind, Stage, is_overdue
from samsvar.site.implementation.imports.queries import with_record_parts
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import visible_measures
from samsvar.site.network.access.permissions import User

OVERDUE, UNLINKED = "overdue", "none"  # values of the filters `due` and `findings`


@dataclass(frozen=True, slots=True)
class MeasureFilters:
    """The filters of the table; "" for any. `plan` is a public ID, or "none" for measures without a plan."""

    plan: str = ""
    stage: str = ""
    kind: str = ""
    due: str = ""
    findings: str = ""


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure in the table."""

    measure: Measure
    findings: int  # public ones that it answers
    is_overdue: bool

    @property
    def version(self) -> str:
        """What the table submits for a selected measure: its public ID, and the version that was shown."""
        return f"{self.measure.public_id}:{self.measure.version}"


def clean_filters(data: Mapping[str, str]) -> MeasureFilters:
    """Return the filters in a query; unknown values are ignored."""
    return MeasureFilters(
        plan=data.get("plan", "")[:16],
        stage=data.get("stage", "") if data.get("stage") in {*Stage} else "",
        kind=data.get("kind", "") if data.get("kind") in {*MeasureKind} else "",
        due=data.get("due", "") if data.get("due") == OVERDUE else "",
        findings=data.get("findings", "") if data.get("findings") == UNLINKED else "",
    )


def measure_lines(user: User, state: str, filters: MeasureFilters, day: date) -> list[MeasureLine]:
    """Return the measures of a state that match the filters and that the user can see."""
    condition = Q()
    if filters.plan:
        condition &= Q(plan=None) if filters.plan == "none" else Q(plan__public_id=filters.plan)
    if filters.stage:
        condition &= Q(stage=filters.stage)
    if filters.kind:
        condition &= Q(kind=filters.kind)
    lines = [
        MeasureLine(measure, len({answer.finding_id for answer in measure.current_answers}), _is_overdue(measure, day))  # type: ignore[attr-defined]
        for measure in with_record_parts(visible_measures(user, state).filter(condition))
    ]
    return [
        line for line in lines if (line.is_overdue or not filters.due) and (line.findings == 0 or not filters.findings)
    ]


def _is_overdue(measure: Measure, day: date) -> bool:
    try:
        return is_overdue(parse_partial_date(measure.due), Stage(measure.stage), day)
    except UnreadableDate:
        return False


def selected_measures(state: str, versions: Collection[str]) -> tuple[list[Measure], list[str]]:
    """Return the selected measures of a state, and the titles of those that have changed since they were shown.

    `versions` are as in `MeasureLine.version`; those of other states and unknown ones are left out.
    """
    shown = dict(version.partition(":")[::2] for version in versions)
    measures = list(Measure.objects.filter(state_id=state, public_id__in=shown))
    return measures, [measure.title for measure in measures if shown[measure.public_id] != str(measure.version)]
