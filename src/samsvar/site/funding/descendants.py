"""Funding across several activities: the parts of a programme, and what a state gave and received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import Activity, FundingTotals, PartnerSide, totals_by_period
from samsvar.funding.projects import Result, TransactionStep, totals_by_step
from samsvar.site.funding import models, queries
from samsvar.site.shell.compiled_queries import CompiledQuery

MAX_DEPTH = 4  # programme, call, project; anything deeper is a mistake and must not cause an endless loop
MAX_LISTED = 8  # programmes listed on a country's page; the funding list has the others


@dataclass(frozen=True, slots=True)
class ActivityPart:
    """A part of an activity at any level, with the path that leads to it."""

    row: models.Activity
    path: tuple[models.Activity, ...]  # from the first level below the activity down to this part, inclusive


@dataclass(frozen=True, slots=True)
class PartResult:
    part: ActivityPart
    row: models.Result
    result: Result


@dataclass(frozen=True, slots=True)
class LinkWithParts:
    """A link to something funded by one or more parts, with all parts that funded it."""

    line: queries.LinkRow
    parts: tuple[ActivityPart, ...]


@dataclass(frozen=True, slots=True)
class Descendants:
    """The parts of an activity at all levels, with their results, links and sums of money."""

    parts: tuple[ActivityPart, ...]
    money: tuple[tuple[TransactionStep, tuple[Amount, ...]], ...]  # sums over the lowest parts only
    counted_parts: int  # how many parts the sums include
    results: tuple[PartResult, ...]
    links: tuple[LinkWithParts, ...]


def find_descendants(activity: models.Activity) -> Descendants:
    """Return everything attached to the parts of an activity, using at most seven queries for any number of parts.

    Only parts that have no parts of their own are summed, because a call pays what its projects receive.
    """
    parts = _collect_parts(activity)
    by_pk = {part.row.pk: part for part in parts}
    parent_ids = {part.row.part_of_id for part in parts}
    lowest = {part.row.pk for part in parts if part.row.pk not in parent_ids}
    transactions = [
        (record.activity_id, queries.to_library_transaction(record))
        for record in models.Transaction.objects.filter(activity__in=lowest)
    ]
    results = models.Result.objects.filter(activity__in=by_pk).order_by("activity__slug", "pk")
    links = models.Link.objects.filter(activity__in=by_pk).order_by("kind", "key", "activity__slug")
    sums = totals_by_step(tuple(money for _, money in transactions))
    return Descendants(
        parts=tuple(parts),
        money=tuple(sums.items()),
        counted_parts=len({pk for pk, money in transactions if money.counts}),
        results=tuple(
            PartResult(by_pk[record.activity_id], record, queries.to_library_result(record)) for record in results
        ),
        links=_group_links(links, by_pk),
    )


def _collect_parts(activity: models.Activity) -> list[ActivityPart]:
    parts, level = list[ActivityPart](), {activity.pk: ActivityPart(activity, ())}
    seen = {activity.pk}
    for _depth in range(MAX_DEPTH):
        children = models.Activity.objects.filter(part_of__in=level).exclude(pk__in=seen).order_by("kind", "slug")
        level = {one.pk: ActivityPart(one, (*level[one.part_of_id].path, one)) for one in children if one.part_of_id}
        seen |= set(level)
        parts += level.values()
        if not level:
            break
    return parts


def _group_links(links: Iterable[models.Link], by_pk: dict[int, ActivityPart]) -> tuple[LinkWithParts, ...]:
    links_by_target: dict[tuple[str, str], list[models.Link]] = {}
    for link in links:
        links_by_target.setdefault(queries.canonical_target(link), []).append(link)
    shown_links = {
        queries.canonical_target(line.row): line
        for line in queries.link_rows(target_links[0] for target_links in links_by_target.values())
    }
    return tuple(
        LinkWithParts(shown_links[target], tuple(by_pk[link.activity_id] for link in target_links))
        for target, target_links in links_by_target.items()
        if shown_links[target].target
    )


# --- Funding of a state -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FundingSide:
    """The activities in which a state is a beneficiary, or those in which it is a donor, with sums per period."""

    sums: tuple[tuple[str, FundingTotals], ...]
    listed_activities: tuple[Activity, ...]
    count: int
    shared: bool  # whether a sum covers several states, and no source says how much each received


@dataclass(frozen=True, slots=True)
class StateFunding:
    code: str
    as_beneficiary: FundingSide | None
    as_donor: FundingSide | None


_SIDES_QUERY = CompiledQuery(
    lambda code: (
        models.ActivityState.objects.filter(activity__states__state_id=code)
        .order_by("activity_id", "side", "place")
        .values_list("activity_id", "side", "state_id", "place")
        .distinct()
    ),
    str,
)


def country_panel(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return the funding panel of a country's page, or None if there is no funding. Runs two queries."""
    sides: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for activity, side, state, _place in _SIDES_QUERY.fetch_rows(code):
        sides[activity][side].append(state)
    values = [
        queries.build_library_activity(
            activity,
            donors=tuple(sides[activity.pk][PartnerSide.DONOR]),
            beneficiaries=tuple(sides[activity.pk][PartnerSide.BENEFICIARY]),
        )
        for activity in models.Activity.objects.filter(pk__in=sides)
    ]
    received = [one for one in values if code in one.beneficiaries]
    given = [one for one in values if code in one.donors]
    if not values:
        return None
    funding = StateFunding(
        code, _summarise_side(received, PartnerSide.BENEFICIARY), _summarise_side(given, PartnerSide.DONOR)
    )
    return "funding/_country.html", {"funding": funding}


def _summarise_side(values: list[Activity], side: PartnerSide) -> FundingSide | None:
    if not values:
        return None
    ordered = sorted(values, key=lambda one: (one.kind.value != "programme", one.period))
    shared = any(
        len(one.beneficiaries if side is PartnerSide.BENEFICIARY else one.donors) > 1 for one in values if one.grant
    )
    sums = tuple((period, sums) for period, sums in totals_by_period(values).items() if sums.programmes)
    return FundingSide(sums, tuple(ordered[:MAX_LISTED]), len(values), shared)
