"""The numbers of an indicator that can be published without revealing a small one, in view of all earlier releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter, itemgetter

from samsvar.implementation.indicators import OVERLAPPING, Cell, Dimension, Place
from samsvar.implementation.suppression import MIN_COUNT, Equation, Suppression, suppress


@dataclass(frozen=True, slots=True)
class ReleasedNumber:
    """A number as it was or will be released. A revised number is another one with the same place and another id."""

    id: Hashable
    place: Place
    number: int
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """The ids of the numbers that must not be shown, and of those that cannot be protected even so."""

    suppressed: frozenset[Hashable]
    exposed: frozenset[Hashable]


def decide_release(
    releases: Sequence[Collection[ReleasedNumber]],
    *,
    published: Collection[Hashable] = (),
    withheld: Collection[Hashable] = (),
    parents: Mapping[str, str],
    cumulative: bool = False,
    minimum: int = MIN_COUNT,
) -> ReleaseDecision:
    """Return what must be suppressed in the last release, if readers have kept all earlier ones.

    Args:
        releases: all numbers that were current at each release, shown or not, in order; the last is the new one.
        published: ids of numbers that earlier releases showed.
        withheld: ids of numbers that earlier releases suppressed; they remain so.
        parents: the territory that contains each region.
        cumulative: whether each year's number includes those of the years before.
    """
    years = {number.place.year for number in releases[-1]}
    parts = [set(years)] if cumulative else [{year} for year in sorted(years)]  # otherwise no year tells about another
    suppressed: set[Hashable] = set()
    exposed: set[Hashable] = set()
    for part in parts:
        result = _suppress_years(
            [[number for number in release if number.place.year in part] for release in releases],
            set(published), set(withheld), _Tables(parents, cumulative), minimum,
        )  # fmt: skip
        suppressed.update(key[1] for key in result.suppressed)
        exposed.update(key[1] for key in result.exposed if key[0] in _PRINTED)
    return ReleaseDecision(frozenset(suppressed), frozenset(exposed))


type Key = tuple[Hashable, ...]

_PRINTED = ("number", "denominator")  # both parts of a share are shown or suppressed together


def _suppress_years(
    releases: Sequence[Collection[ReleasedNumber]],
    published: set[Hashable],
    withheld: set[Hashable],
    tables: _Tables,
    minimum: int,
) -> Suppression[Key]:
    previous: set[ReleasedNumber] = set()
    left_out: set[Key] = set()
    for order, release in enumerate(releases):
        if set(release) != previous:
            remaining = _remove_cyclic_tables(release, published, tables.parents)
            left_out = {(part, number.id) for number in set(release) - set(remaining) for part in _PRINTED}
            tables.add(order, sorted(remaining, key=attrgetter("place")))
        previous = set(release)
    ids = {number.id for release in releases for number in release}
    result = suppress(
        tables.counts,
        tables.equations,
        published={(part, one) for one in published & ids for part in _PRINTED},
        withheld={(part, one) for one in withheld & ids for part in _PRINTED},
        derived=tables.derived,
        minimum=minimum,
    )
    return Suppression(result.suppressed | left_out, result.exposed)


def _remove_cyclic_tables(
    numbers: Iterable[ReleasedNumber], published: set[Hashable], parents: Mapping[str, str]
) -> list[ReleasedNumber]:
    """Return the numbers without the tables that, together with others, tell about a finer table than any of them.

    Region by sex, region by age and sex by age restrict region by sex by age in ways that no sum shows: where one of
    them has zeros, a suppressed number may follow. Any two of them do not (N. N. Vorob'ev 1962: margins that agree
    belong to some table, whatever they are, only if their variables form no cycle). Of a cycle, the table with most
    dimensions is left out, unless it was published before.
    """
    tables: dict[frozenset[str], list[ReleasedNumber]] = {}
    for number in numbers:
        tables.setdefault(_variables(number, parents), []).append(number)
    removable = sorted(
        (table for table, rows in tables.items() if len(table) > 1 and not published & {row.id for row in rows}),
        key=lambda table: (len(table - {_TERRITORY}), sorted(table)),
    )
    while _has_cycle(tables) and removable:
        del tables[removable.pop()]
    return [number for rows in tables.values() for number in rows]


_TERRITORY = "territory"


def _variables(number: ReleasedNumber, parents: Mapping[str, str]) -> frozenset[str]:
    """Return what the table of a number is broken down by."""
    dimensions = frozenset(map(str, number.place.cell.categories))
    return dimensions | {_TERRITORY} if number.place.territory in parents else dimensions


def _has_cycle(tables: Collection[frozenset[str]]) -> bool:
    """Return whether the variables of the tables form a cycle (the reduction of Graham, Yu and Ozsoyoglu)."""
    edges = list(tables)
    while True:
        count = Counter(variable for edge in edges for variable in edge)
        reduced = {frozenset(variable for variable in edge if count[variable] > 1) for edge in edges}
        reduced = {edge for edge in reduced if edge and not any(edge < other for other in reduced)}
        if reduced == set(edges):
            return bool(reduced)
        edges = list(reduced)


class _Tables:
    """All counts that readers can see or calculate, and the equations between them."""

    def __init__(self, parents: Mapping[str, str], cumulative: bool) -> None:
        self.parents = parents
        self.cumulative = cumulative
        self.depths = {territory: len(list(self.ancestors(territory))) for territory in parents}
        self.counts: dict[Key, int] = {}
        self.derived: dict[Key, bool] = {}
        self.equations: dict[Equation[Key], None] = {}

    def add(self, order: int, release: Iterable[ReleasedNumber]) -> None:
        """Add the tables as they were at one release, and the growth from year to year."""
        release = list(release)
        for part in _PRINTED:
            rows: dict[Place, Key] = {}
            for number in release:
                count = number.number if part == "number" else number.denominator
                if count is not None:
                    rows[number.place] = (part, number.id)
                    self.counts[part, number.id] = count
            for year in sorted({place.year for place in rows}):
                self.add_year(order, part, {place: key for place, key in rows.items() if place.year == year})
            if self.cumulative:
                self.add_growth(rows)
        for number in release:
            if number.denominator is not None:
                self.add_difference(("denominator", number.id), (("number", number.id),), "rest", protect=True)

    def ancestors(self, territory: str) -> Iterator[str]:
        while territory in self.parents:
            territory = self.parents[territory]
            yield territory

    def add_year(self, order: int, part: str, rows: Mapping[Place, Key]) -> None:
        """Add every total of the numbers of one year, whether it is printed or only calculated by a reader."""
        nodes = dict(rows)
        for place in rows:
            for territory in (place.territory, *self.ancestors(place.territory)):
                for cell in (place.cell, *place.cell.totals()):
                    total = Place(place.year, territory, cell)
                    nodes.setdefault(total, ("total", order, part, total))
        children: dict[Place, dict[Dimension | None, list[Place]]] = {}
        for place in nodes:
            if (parent := self.parents.get(place.territory)) is not None:
                children.setdefault(Place(place.year, parent, place.cell), {}).setdefault(None, []).append(place)
            for dimension in place.cell.categories:
                total = Place(place.year, place.territory, place.cell.without([dimension]))
                children.setdefault(total, {}).setdefault(dimension, []).append(place)
        # parts before their totals, so that a calculated total has its number when it is needed
        order_of_parts = sorted(
            children, key=lambda place: (self.depths.get(place.territory, 0), len(place.cell.categories)), reverse=True
        )
        for place in order_of_parts:
            total_key = nodes[place]
            groups = {dimension: [nodes[part] for part in parts] for dimension, parts in children[place].items()}
            if place not in rows:
                self.derived[total_key] = False
                self.counts[total_key] = max(
                    (max if dimension in OVERLAPPING else sum)([self.counts[key] for key in keys])
                    for dimension, keys in groups.items()
                )
            for group, keys in groups.items():
                if group in OVERLAPPING:
                    for key in keys:
                        self.add_difference(total_key, (key,), "without", protect=False)
                    self.add_difference(total_key, tuple(keys), "several", protect=False, reverse=True)
                else:
                    self.add_difference(total_key, tuple(keys), "rest", protect=True)

    def add_growth(self, rows: Mapping[Place, Key]) -> None:
        """Add the growth of each cumulative number since the year before for which there is one."""
        series: dict[tuple[str, Cell], list[tuple[int, Key]]] = {}
        for place, key in rows.items():
            series.setdefault((place.territory, place.cell), []).append((place.year, key))
        for numbers in series.values():
            numbers.sort(key=itemgetter(0))
            for (_, earlier), (_, later) in pairwise(numbers):
                self.add_difference(later, (earlier,), "growth", protect=True)

    def add_difference(
        self, total: Key, parts: tuple[Key, ...], name: str, *, protect: bool, reverse: bool = False
    ) -> None:
        """Add the equation of a total and its parts, with the difference between both as a count of its own.

        Without `reverse`, parts that exceed the total contradict it, and there is no equation; with it, a larger total.
        """
        difference = self.counts[total] - sum(self.counts[part] for part in parts)
        if (difference < 0) != reverse and difference:
            return
        if not difference and name not in ("without", "several"):
            self.equations[Equation((total,), parts)] = None
            return
        key = (name, total, parts)
        self.counts[key] = abs(difference)
        self.derived[key] = protect
        equation = Equation((total, key), parts) if reverse else Equation((total,), (*parts, key))
        self.equations[equation] = None
