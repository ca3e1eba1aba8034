"""Money followed further: from a programme through its parts to what they led to; what a state gave and received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import Activity, Side, Sums, sums_by_period
from samsvar.funding.projects import Result, Step, planned_and_paid
from samsvar.site.funding import models, queries

DEEPEST = 4  # a programme, its calls, their projects; more is a mistake that must not go round for ever
MOST_NAMED = 8  # programmes on a country's page; the list of money has the others


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an activity, with the parts between the two."""

    row: models.Activity
    way: tuple[models.Activity, ...]  # from below the activity to this part, itself the last


@dataclass(frozen=True, slots=True)
class PartResult:
    part: Part
    row: models.Result
    result: Result


@dataclass(frozen=True, slots=True)
class PartLink:
    """What parts led to; `parts` are all that did, so that the thing stands there once."""

    line: queries.LinkLine
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ThroughParts:
    """What is known of the money of an activity's parts, of their results, and of what they led to."""

    parts: tuple[Part, ...]
    money: tuple[tuple[Step, tuple[Amount, ...]], ...]  # sums of the lowest parts alone
    counted: int  # of how many parts those are
    results: tuple[PartResult, ...]
    links: tuple[PartLink, ...]


def through_parts(row: models.Activity) -> ThroughParts:
    """Everything that hangs on the parts of an activity: seven questions at most, however many parts there are.

    What a call pays out its projects receive: only parts without parts of their own are added.
    """
    parts = _parts(row)
    by_pk = {part.row.pk: part for part in parts}
    wholes = {part.row.part_of_id for part in parts}
    lowest = {part.row.pk for part in parts if part.row.pk not in wholes}
    transactions = [
        (one.activity_id, queries.transaction_value(one))
        for one in models.Transaction.objects.filter(activity__in=lowest)
    ]
    results = models.Result.objects.filter(activity__in=by_pk).order_by("activity__slug", "pk")
    found = models.Link.objects.filter(activity__in=by_pk).order_by("kind", "key", "activity__slug")
    sums = planned_and_paid(tuple(money for _, money in transactions))
    return ThroughParts(
        parts=tuple(parts),
        money=tuple(sums.items()),
        counted=len({pk for pk, money in transactions if money.counts}),
        results=tuple(PartResult(by_pk[one.activity_id], one, queries.result_value(one)) for one in results),
        links=_links(found, by_pk),
    )


def _parts(row: models.Activity) -> list[Part]:
    parts, level = list[Part](), {row.pk: Part(row, ())}
    seen = {row.pk}
    for _depth in range(DEEPEST):
        below = models.Activity.objects.filter(part_of__in=level).exclude(pk__in=seen).order_by("kind", "slug")
        level = {one.pk: Part(one, (*level[one.part_of_id].way, one)) for one in below if one.part_of_id}
        seen |= set(level)
        parts += level.values()
        if not level:
            break
    return parts


def _links(rows: Iterable[models.Link], by_pk: dict[int, Part]) -> tuple[PartLink, ...]:
    things: dict[tuple[str, str], list[models.Link]] = {}
    for row in rows:
        things.setdefault(queries.thing_of(row), []).append(row)
    firsts = {queries.thing_of(line.row): line for line in queries.link_lines(some[0] for some in things.values())}
    return tuple(
        PartLink(firsts[thing], tuple(by_pk[row.activity_id] for row in some))
        for thing, some in things.items()
        if firsts[thing].target
    )


# --- What a state gave and received -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OneSide:
    """The activities for which a state receives money, or that it pays: sums of each period, and some of them."""

    sums: tuple[tuple[str, Sums], ...]
    named: tuple[Activity, ...]
    count: int
    shared: bool  # whether a sum is of several states, of which no source says each one's part


@dataclass(frozen=True, slots=True)
class OfState:
    code: str
    received: OneSide | None
    given: OneSide | None


def behind_country(code: str) -> tuple[str, dict[str, Any]] | None:
    """What a state's page shows of money."""
    rows = models.Activity.objects.filter(states__state_id=code).distinct()
    values = [queries.value_of(row) for row in queries.with_everything(rows)]
    received = [one for one in values if code in one.beneficiaries]
    given = [one for one in values if code in one.donors]
    if not values:
        return None
    told = OfState(code, _side(received, Side.BENEFICIARY), _side(given, Side.DONOR))
    return "funding/_country.html", {"of": told}


def _side(values: list[Activity], side: Side) -> OneSide | None:
    if not values:
        return None
    ordered = sorted(values, key=lambda one: (one.kind.value != "programme", one.period), reverse=False)
    shared = any(len(one.beneficiaries if side is Side.BENEFICIARY else one.donors) > 1 for one in values if one.grant)
    sums = tuple((period, sums) for period, sums in sums_by_period(values).items() if sums.programmes)
    return OneSide(sums, tuple(ordered[:MOST_NAMED]), len(values), shared)
