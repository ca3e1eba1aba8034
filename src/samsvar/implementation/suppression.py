"""Suppression of small counts, so that none of them can be calculated from everything that was ever published.

A count from 1 to `MIN_COUNT` - 1 may identify a person. It is not enough to leave it out: it follows from a total and
the other counts, from a second table with the same total, from the total of a region, from last year's cumulative
number or from an earlier revision. All of these are equations between counts, so they are all treated alike: further
counts are suppressed until, for each small member, other numbers fit all published ones as well.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

MIN_COUNT: Final = 5  # no smaller number of people is published, and none can be calculated from what is published
MAX_STEPS: Final = 20_000  # of the search for other numbers that fit; without a result, a count is taken as exposed


@dataclass(frozen=True, slots=True)
class Equation[K: Hashable]:
    """Two groups of counts with the same sum, for example a total and its parts."""

    left: tuple[K, ...]
    right: tuple[K, ...]

    @property
    def signs(self) -> tuple[tuple[K, int], ...]:
        """Each count with 1 if it is on the left, or -1 if it is on the right: their sum is 0."""
        return (*((key, 1) for key in self.left), *((key, -1) for key in self.right))


@dataclass(frozen=True, slots=True)
class Suppression[K: Hashable]:
    """The counts that must be suppressed, and the small ones that are recognised in spite of it.

    `exposed` is empty unless the counts published before already tell too much.
    """

    suppressed: frozenset[K]
    exposed: frozenset[K] = frozenset()


def suppress[K: Hashable](
    counts: Mapping[K, int],
    equations: Iterable[Equation[K]],
    *,
    published: Collection[K] = (),
    withheld: Collection[K] = (),
    derived: Mapping[K, bool] | None = None,
    minimum: int = MIN_COUNT,
) -> Suppression[K]:
    """Return the counts to suppress, so that no reader can tell one from 1 to `minimum` - 1 from a larger one.

    As far as anyone can calculate, each of them may be `minimum`: the other suppressed counts can make up for it. The
    reader knows the equations, every count that is not suppressed, and that a suppressed count is not 0. If that is not
    enough, every count is suppressed that was not published before, zeros too.

    Args:
        counts: every count in the equations, none negative. Of equal candidates, the first is suppressed.
        equations: sums that readers know; all are true of `counts`.
        published: counts that readers already know.
        withheld: counts that were suppressed before.
        derived: counts that are never shown but may be calculated, and whether they too must be protected if small.
    """
    return _Search(counts, equations, published, withheld, derived or {}, minimum).run()


def suppress_small_counts(counts: Mapping[str, int], *, minimum: int = MIN_COUNT) -> dict[str, int | None]:
    """Replace counts from 1 to `minimum` - 1 by None, and as many others that no suppressed one can be calculated.

    The total is taken to be public, so that the sum of all suppressed counts is known. Larger counts are suppressed
    from the smallest on, and zeros only if all counts are. A total below `minimum` must not be published either:
    nothing can protect a table if it is.
    """
    known: dict[str | None, int] = {None: sum(counts.values())}  # None: the total
    known.update(counts)
    result = suppress(known, [Equation((None,), tuple(counts))], published={None}, minimum=minimum)
    return {key: None if key in result.suppressed else count for key, count in counts.items()}


class _Search[K: Hashable]:
    """The search for the counts that have to be suppressed with the small ones. Counts are named by their position."""

    def __init__(
        self,
        counts: Mapping[K, int],
        equations: Iterable[Equation[K]],
        published: Collection[K],
        withheld: Collection[K],
        derived: Mapping[K, bool],
        minimum: int,
    ) -> None:
        self.keys = list(counts)
        self.counts = list(counts.values())
        self.minimum = minimum
        places = {key: place for place, key in enumerate(self.keys)}
        self.equations = [[(places[key], sign) for key, sign in equation.signs] for equation in equations]
        self.equations_with: list[list[int]] = [[] for _ in self.keys]
        for index, members in enumerate(self.equations):
            for member, _ in members:
                self.equations_with[member].append(index)
        self.published = {places[key] for key in published if key in places}
        derived_places = {places[key] for key in derived}
        self.before = derived_places | {places[key] for key in withheld if key in places}
        self.small = [
            place for place, (key, count) in enumerate(counts.items()) if 0 < count < minimum and derived.get(key, True)
        ]
        self.suppressed = self.before | (set(self.small) - self.published)
        self.maybe_zero = derived_places | {place for place, count in enumerate(self.counts) if not count}
        # a suppressed 0 would tell that another number is small; it is of little use either, because it can only grow
        self.candidates = {
            place for place, count in enumerate(self.counts) if count and place not in self.suppressed | self.published
        }
        self.highest = sum(self.counts) + minimum * len(self.counts)  # of any number that is tried

    def run(self) -> Suppression[K]:
        exposed = set(self.small) - self.suppressed
        for count in self.small:  # one that is protected remains so: what fits still does if more is suppressed
            while count not in exposed and not self.fits(count, self.minimum):
                additional = self.next_candidate(count)
                if additional is None:
                    exposed.add(count)
                else:
                    self.candidates.remove(additional)
                    self.suppressed.add(additional)
        if exposed:
            everything = set(range(len(self.counts))) - self.published - self.before
            self.suppressed |= everything
            self.maybe_zero |= everything
            exposed = {
                member for member in exposed if member not in self.suppressed or not self.fits(member, self.minimum)
            }
        return Suppression(
            frozenset(self.keys[member] for member in self.suppressed - self.before),
            frozenset(self.keys[member] for member in exposed),
        )

    def next_candidate(self, count: int) -> int | None:
        """Return the count to suppress next for another: the smallest in the equation with fewest suppressed ones."""
        near = set(self.equations_with[count])
        ranks = []
        for index in self.find_connected(count):
            unknown = sum(member in self.suppressed for member, _ in self.equations[index])
            ranks += [
                (index not in near, unknown, self.counts[member], member)
                for member, _ in self.equations[index]
                if member in self.candidates
            ]
        return min(ranks)[-1] if ranks else None

    def find_connected(self, count: int) -> list[int]:
        """Return the equations that are connected with a count through suppressed ones."""
        seen: dict[int, None] = {}
        stack, visited = [count], {count}
        while stack:
            for index in self.equations_with[stack.pop()]:
                if index not in seen:
                    seen[index] = None
                    members = [
                        member
                        for member, _ in self.equations[index]
                        if member in self.suppressed and member not in visited
                    ]
                    visited.update(members)
                    stack.extend(members)
        return list(seen)

    def fits(self, count: int, number: int) -> bool:
        """Return whether all equations can hold with this number, by changing only suppressed counts.

        True is a proof, because such numbers were found. If there is no result after `MAX_STEPS`, False is returned,
        which suppresses more than necessary but never too little.
        """
        connected = self.find_connected(count)
        unknown: dict[int, list[tuple[int, int]]] = {}
        constants: dict[int, int] = {}
        for index in connected:
            members = self.equations[index]
            unknown[index] = [(member, sign) for member, sign in members if member in self.suppressed]
            constants[index] = sum(
                sign * self.counts[member] for member, sign in members if member not in self.suppressed
            )
        low = {member: int(member not in self.maybe_zero) for members in unknown.values() for member, _ in members}
        high = dict.fromkeys(low, self.highest)
        low[count] = high[count] = number
        steps = 0

        def narrow(low: dict[int, int], high: dict[int, int], queue: list[int]) -> bool:
            """Narrow the numbers that each count may have until nothing changes; return False if one has none left."""
            nonlocal steps
            while queue:
                steps += 1
                index = queue.pop()
                members = unknown[index]
                least = most = constants[index]
                for member, sign in members:
                    least += low[member] if sign > 0 else -high[member]
                    most += high[member] if sign > 0 else -low[member]
                if least > 0 or most < 0 or steps > MAX_STEPS:
                    return False
                for member, sign in members:
                    lowest, highest = low[member], high[member]
                    new_low = max(lowest, highest - most if sign > 0 else highest + least)
                    new_high = min(highest, lowest - least if sign > 0 else lowest + most)
                    if new_low > lowest or new_high < highest:
                        low[member], high[member] = new_low, new_high
                        if new_low > new_high:
                            return False
                        queue += [other for other in self.equations_with[member] if other != index and other in unknown]
            return True

        def solve(low: dict[int, int], high: dict[int, int], queue: list[int]) -> bool:
            if not narrow(low, high, queue):
                return False
            # as few numbers as possible differ from the true ones
            numbers = {member: min(max(self.counts[member], low[member]), high[member]) for member in low}
            for index, members in unknown.items():
                excess = constants[index] + sum(sign * numbers[member] for member, sign in members)
                if excess:
                    break
            else:
                return True
            moves = []
            for member, sign in members:
                moved = min(max(numbers[member] - sign * excess, low[member]), high[member])
                if moved != numbers[member]:
                    moves.append((len(self.equations_with[member]), -abs(moved - numbers[member]), member, moved))
            for *_, member, moved in sorted(moves):
                if solve({**low, member: moved}, {**high, member: moved}, list(self.equations_with[member])):
                    return True
                if steps > MAX_STEPS:
                    return False
            return False

        return solve(low, high, connected)
