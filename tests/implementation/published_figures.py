"""An attack on published figures: everything that follows from the sums that a reader can see."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from fractions import Fraction
from math import ceil, floor

type Equation = Mapping[Hashable, int]  # a sum of unknown and known counts, each with its factor, that is 0


class Attacker:
    """A reader who adds up and subtracts everything that was published, and knows that counts are whole numbers."""

    def __init__(
        self, known: Mapping[Hashable, int], lowest: Mapping[Hashable, int], equations: Iterable[Equation]
    ) -> None:
        """Take the published counts, and the lowest number that each unknown one can have."""
        self.low: dict[Hashable, Fraction] = {key: Fraction(number) for key, number in lowest.items()}
        self.high: dict[Hashable, Fraction | None] = dict.fromkeys(lowest)
        rows = []
        for equation in equations:
            row: dict[Hashable, Fraction] = {}
            constant = Fraction(0)
            for key, factor in equation.items():
                if key in known:
                    constant += factor * known[key]
                else:
                    row[key] = row.get(key, Fraction(0)) + factor
            rows.append(({key: factor for key, factor in row.items() if factor}, constant))
        self.rows = [*rows, *_eliminate(rows)]
        self._tighten()

    def bounds(self, key: Hashable) -> tuple[int, int | None]:
        """Return the lowest and the highest number that a count can have; None if there is no highest."""
        high = self.high[key]
        return ceil(self.low[key]), None if high is None else floor(high)

    def _tighten(self) -> None:
        for _ in range(60):
            if sum(self._tighten_row(row, constant) for row, constant in self.rows) == 0:
                return

    def _tighten_row(self, row: Mapping[Hashable, Fraction], constant: Fraction) -> bool:
        changed = False
        for key, factor in row.items():
            low: Fraction | None = -constant
            high: Fraction | None = -constant
            for other, weight in row.items():
                if other != key:
                    ends = (self.low[other], self.high[other])
                    smallest, largest = ends if weight > 0 else ends[::-1]
                    low = None if low is None or largest is None else low - weight * largest
                    high = None if high is None or smallest is None else high - weight * smallest
            if factor < 0:
                low, high = high, low
            if low is not None and (bound := Fraction(ceil(low / factor))) > self.low[key]:
                self.low[key] = bound
                changed = True
            if high is not None:
                bound, before = Fraction(floor(high / factor)), self.high[key]
                if before is None or bound < before:
                    self.high[key] = bound
                    changed = True
        return changed


def _eliminate(rows: Collection[tuple[dict[Hashable, Fraction], Fraction]]) -> list[tuple[dict, Fraction]]:
    """Return the equations solved for as many unknowns as possible (Gauss and Jordan)."""
    solved: list[tuple[Hashable, dict[Hashable, Fraction], Fraction]] = []
    for row, constant in rows:
        row = dict(row)
        for pivot, other, value in solved:
            if factor := row.get(pivot):
                row, constant = _combine(row, other, -factor), constant - factor * value
        if not row:
            continue
        pivot = next(iter(row))
        factor = row[pivot]
        row, constant = {key: number / factor for key, number in row.items()}, constant / factor
        solved = [
            (one, _combine(other, row, -other[pivot]), value - other[pivot] * constant)
            if pivot in other else (one, other, value)
            for one, other, value in solved
        ]  # fmt: skip
        solved.append((pivot, row, constant))
    return [(row, constant) for _, row, constant in solved]


def _combine(
    row: Mapping[Hashable, Fraction], other: Mapping[Hashable, Fraction], factor: Fraction
) -> dict[Hashable, Fraction]:
    total = {key: row.get(key, Fraction(0)) + factor * other.get(key, Fraction(0)) for key in {**row, **other}}
    return {key: number for key, number in total.items() if number}
