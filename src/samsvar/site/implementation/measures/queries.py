"""Queries for plans, measures and the findings that they answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from samsvar.implementation.measures import Stage
from samsvar.site.implementation.measures.models import Answer, Change, Measure, Plan
from samsvar.site.implementation.permissions import visible_to
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import User

OPEN_STAGES = (Stage.PROPOSED, Stage.DECIDED, Stage.UNDER_WAY)  # stages of measures with something left to do

# What the history of a measure and a frozen report contain: plain values by column, amounts as text.
_COLUMNS = (
    "reference", "title", "text", "language", "kind", "begins", "due", "stage", "stop_reason", "currency", "visibility",
)  # fmt: skip


def measure_values(measure: Measure) -> dict[str, Any]:
    """Return what a measure says, as plain values that JSON can hold: for its history and for frozen reports."""
    return {
        **{name: str(getattr(measure, name)) for name in _COLUMNS},
        "budget": "" if measure.budget is None else f"{measure.budget:.2f}",
        "paid": "" if measure.paid is None else f"{measure.paid:.2f}",
        "lead": measure.lead_text,
        "bodies": [body.text for body in measure.bodies.select_related("organisation")],
        "plan": measure.plan.title if measure.plan else "",
        "chapter": measure.chapter.title if measure.chapter else "",
        "region": measure.region.name if measure.region else "",
    }


def visible_measures(user: User, state: str) -> QuerySet[Measure]:
    """Return the measures of a state that a user can see, with lead body, plan and region."""
    return Measure.objects.filter(visible_to(user, state), state_id=state).select_related(
        "lead", "plan", "chapter", "region"
    )


def visible_plans(user: User, state: str) -> QuerySet[Plan]:
    """Return the plans of a state that a user can see."""
    return Plan.objects.filter(visible_to(user, state), state_id=state)


def find_measure(user: User, public_id: str) -> Measure | None:
    """Return a measure with its bodies, or None if the user can see no such measure."""
    measure = (
        Measure.objects.select_related("lead", "plan", "chapter", "region")
        .prefetch_related("bodies__organisation")
        .filter(public_id=public_id)
        .first()
    )
    if measure is None or not Measure.objects.filter(visible_to(user, measure.state_id), pk=measure.pk).exists():
        return None
    return measure


def current_answers(measure: Measure) -> QuerySet[Answer]:
    """Return the links of a measure to public findings that still apply."""
    return (
        measure.answers.filter(ended_at=None, finding__in=Finding.objects.values("public_id"))
        .select_related("finding__report__document")
        .order_by("finding__rank", "-finding__year", "finding__ordinal", "part")
    )


def with_answers(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Return the measures with the links that still apply as `current_answers`."""
    answers = Answer.objects.filter(ended_at=None).select_related("finding")
    return measures.prefetch_related(Prefetch("answers", queryset=answers, to_attr="current_answers"))


def stage_on(changes: Iterable[Change], day: date) -> str:
    """Return the stage of a measure at the end of a day, from its history; "" if it did not exist yet."""
    stage = ""
    for change in changes:
        if change.kind == Change.Kind.MEASURE and change.at.date() <= day:
            stage = change.after.get("stage", stage)
    return stage
