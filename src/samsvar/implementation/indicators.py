"""Indicators of how a state implements the Convention, their values, and the benchmarks they may be compared with.

A value is a number or the reason why there is none: 0 and “not collected” are different statements. Numbers of
different states are never ranked, and a number is compared with a benchmark only if both count the same thing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import Any

from samsvar.convention.treaty import Violence
from samsvar.dates import UnreadableDate, parse_day
from samsvar.implementation.measures import ImplementationError
from samsvar.network.loading import Confidence, Fact
from samsvar.text import read_data_file


class InvalidValue(ImplementationError):
    """Raised when a value of an indicator contradicts itself or its indicator; `code` identifies the reason."""

    advice = "Enter a number that is 0 or more, or choose why there is none."

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidIndicatorFile(ImplementationError):
    """Raised when an entry in a data file of indicators or benchmarks is invalid."""

    advice = "Correct the entry and load the file again."

    def __init__(self, file: str, entry: str, problem: str) -> None:
        super().__init__(f"{file}, {entry}: {problem}")
        self.file, self.entry, self.problem = file, entry, problem


# --- Indicators -------------------------------------------------------------------------------------------------------


class Unit(StrEnum):
    """The thing that an indicator counts. Two numbers can be compared only if their unit is the same."""

    FAMILY_PLACE = "family_place"  # a bed for the mother and the average number of children
    WOMENS_BED = "womens_bed"  # beds for women only, as some states count them
    RAPE_CRISIS_CENTRE = "rape_crisis_centre"
    SEXUAL_ASSAULT_REFERRAL_CENTRE = "sexual_assault_referral_centre"
    SEXUAL_VIOLENCE_CENTRE = "sexual_violence_centre"  # of either kind, as EIGE's thesaurus counts them
    PERSON = "person"
    ORDER = "order"
    CALL = "call"
    INHABITANT = "inhabitant"
    WOMAN = "woman"  # in the population
    OTHER = "other"  # described by the definition; never compared with a benchmark


class Direction(StrEnum):
    """Whether a higher number is an improvement."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"  # more recorded violence may mean more violence, or more trust in the police


class Dimension(StrEnum):
    """A way of breaking down a number (Article 11 and GREVIO's questionnaires ask for these), in the order of cells."""

    SEX = "sex"  # of the victim, or of the person counted
    AGE = "age"
    RELATION = "relation"  # of the perpetrator to the victim
    FORM = "form"  # of violence


NOT_KNOWN = "not_known"
CATEGORIES: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.SEX: ("women", "men", "other", NOT_KNOWN),
    Dimension.AGE: ("0-13", "14-17", "18-24", "25-44", "45-64", "65+", NOT_KNOWN),
    Dimension.RELATION: (
        "current_partner", "former_partner", "other_family", "acquaintance", "person_in_authority", "stranger",
        NOT_KNOWN,
    ),
    Dimension.FORM: (*map(str, Violence), "economic_violence", NOT_KNOWN),
}  # fmt: skip
# One person may suffer several forms of violence, so the parts may add up to more than the total.
OVERLAPPING = frozenset({Dimension.FORM})


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of a disaggregated table: a category in each dimension, or "" for all of them together."""

    sex: str = ""
    age: str = ""
    relation: str = ""
    form: str = ""

    def __post_init__(self) -> None:
        for dimension, category in self.categories.items():
            if category not in CATEGORIES[dimension]:
                raise InvalidValue("unknown_category", f"“{category}” is not a category of “{dimension}”.")

    @property
    def categories(self) -> dict[Dimension, str]:
        """The category in each dimension that the cell is broken down by."""
        return {dimension: category for dimension in Dimension if (category := getattr(self, dimension))}

    @property
    def key(self) -> str:
        """The cell as text, such as "sex=women;age=18-24"; "" for the total."""
        return ";".join(f"{dimension}={category}" for dimension, category in self.categories.items())

    @classmethod
    def from_key(cls, key: str) -> Cell:
        """Return the cell with this key. Raises InvalidValue."""
        try:
            return cls(**dict(part.split("=", 1) for part in key.split(";") if part))
        except (TypeError, ValueError):
            raise InvalidValue("unknown_cell", f"“{key}” is not a cell of a table.") from None

    def without(self, dimensions: Iterable[Dimension]) -> Cell:
        """Return the cell that contains this one and all others that differ only in these dimensions."""
        return Cell(**{str(one): category for one, category in self.categories.items() if one not in set(dimensions)})

    def totals(self) -> Iterator[Cell]:
        """Yield every cell that contains this one, which is not among them."""
        for number in range(1, len(self.categories) + 1):
            for dimensions in combinations(self.categories, number):
                yield self.without(dimensions)


TOTAL = Cell()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator: what is counted, how, and by whom. Texts are (language, text).

    `denominator` is set for a share, whose values then have two numbers: protection orders granted, and applied for.
    """

    key: str
    titles: tuple[tuple[str, str], ...]
    definitions: tuple[tuple[str, str], ...]
    unit: Unit
    direction: Direction
    articles: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    numerator: tuple[tuple[str, str], ...] = ()
    denominator: tuple[tuple[str, str], ...] = ()
    cumulative: bool = False  # each year's number includes those of the years before
    # Whether a small number could point to a person, or to a shelter whose address is secret.
    protected: bool = True
    source_body: str = ""


class GapReason(StrEnum):
    """The reason why there is no number."""

    NOT_COLLECTED = "not_collected"
    NOT_AVAILABLE = "not_available"  # collected, but we do not have it
    TOO_SMALL = "too_small"  # the source itself does not publish it
    DOES_NOT_APPLY = "does_not_apply"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of a number in all tables of an indicator: year, territory and cell.

    `territory` is a state's code or the code of one of its regions or municipalities.
    """

    year: int
    territory: str
    cell: Cell = TOTAL


MAX_NUMBER = Decimal("1e12")  # a larger one is a typing error


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value of an indicator in one place: a number, or a reason for none; raises InvalidValue.

    `comparability` says what a reader must know before comparing it with another year, place or state.
    """

    place: Place
    number: Decimal | None = None
    denominator: Decimal | None = None
    gap: GapReason | None = None
    comparability: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if (self.number is None) == (self.gap is None):
            raise InvalidValue("number_or_gap", "A value is either a number or a reason why there is none.")
        if self.number is None and self.denominator is not None:
            raise InvalidValue("denominator_without_number", "The denominator has no number.")
        for number in (self.number, self.denominator):
            if number is not None and not 0 <= number < MAX_NUMBER:
                raise InvalidValue(
                    "number_out_of_range", "A number must be 0 or more, and less than a million millions."
                )

    @property
    def share(self) -> Decimal | None:
        """The number as a share of the denominator; None without a denominator, or if it is 0."""
        return self.number / self.denominator if self.number is not None and self.denominator else None


def check_value(indicator: Indicator, value: Value) -> None:
    """Raise InvalidValue if the value does not fit the indicator."""
    unused = set(value.place.cell.categories) - set(indicator.dimensions)
    if unused:
        raise InvalidValue("unexpected_dimension", f"This indicator is not broken down by “{min(unused)}”.")
    if value.number is not None and bool(indicator.denominator) != (value.denominator is not None):
        text = "This indicator needs two numbers." if indicator.denominator else "This indicator has only one number."
        raise InvalidValue("denominator_mismatch", text)
    if value.denominator is not None and value.number is not None and value.number > value.denominator:
        raise InvalidValue("number_exceeds_denominator", "The first number is part of the second and cannot exceed it.")
    if indicator.protected:
        for number in (value.number, value.denominator):
            if number is not None and number != number.to_integral_value():
                raise InvalidValue("not_a_whole_number", "This indicator counts in whole numbers.")


@dataclass(frozen=True, slots=True)
class TotalMismatch:
    """A total that its parts contradict.

    `parts` is their sum. It exceeds the total, or all parts are there and it is smaller.
    """

    total: Place
    dimension: Dimension | None  # None: the parts are territories
    number: Decimal
    parts: Decimal


def check_totals(
    values: Iterable[Value], parents: Mapping[str, str], *, overlapping: Iterable[Dimension] = OVERLAPPING
) -> list[TotalMismatch]:
    """Return the totals that differ from the sum of their parts.

    `parents` gives the territory that contains each region. A smaller sum is a mismatch only where no part is missing:
    all regions have a number, or one category is “not known”, which takes up the rest.
    """
    overlapping = set(overlapping)
    by_place = {value.place: value for value in values}
    regions: dict[str, set[str]] = {}
    for region, parent in parents.items():
        regions.setdefault(parent, set()).add(region)
    mismatches: list[TotalMismatch] = []
    for place, total in by_place.items():
        for dimension in Dimension:
            parts = [
                part
                for category in CATEGORIES[dimension]
                if dimension not in place.cell.categories and dimension not in overlapping
                if (part := by_place.get(_narrow(place, dimension, category)))
            ]
            complete = bool(parts) and parts[-1].place.cell.categories[dimension] == NOT_KNOWN
            mismatches += _compare_total(total, dimension, parts, complete)
        parts = [part for region in sorted(regions.get(place.territory, ()))
                 if (part := by_place.get(Place(place.year, region, place.cell)))]  # fmt: skip
        mismatches += _compare_total(total, None, parts, len(parts) == len(regions.get(place.territory, ())))
    return mismatches


def _narrow(place: Place, dimension: Dimension, category: str) -> Place:
    cell = Cell(**{**{str(one): name for one, name in place.cell.categories.items()}, str(dimension): category})
    return Place(place.year, place.territory, cell)


def _compare_total(
    total: Value, dimension: Dimension | None, parts: list[Value], complete: bool
) -> Iterator[TotalMismatch]:
    numbers = [part.number for part in parts if part.number is not None]
    subtotal = sum(numbers, Decimal())
    if total.number is None:
        return
    if subtotal > total.number or (numbers and complete and len(numbers) == len(parts) and subtotal < total.number):
        yield TotalMismatch(total.place, dimension, total.number, subtotal)


# --- Benchmarks -------------------------------------------------------------------------------------------------------


class Population(StrEnum):
    """The people to whom a benchmark relates. Inhabitants and women are never mixed."""

    INHABITANTS = "inhabitants"
    WOMEN = "women"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark(Fact):
    """A published minimum standard: `number` of `unit` per `per` inhabitants or women, with its own definition.

    Texts are (language, text). `read_on` is the day on which the source was read.
    """

    key: str
    standard: tuple[tuple[str, str], ...]  # whose standard it is
    definitions: tuple[tuple[str, str], ...]
    unit: Unit
    number: Decimal
    per: int
    population: Population
    articles: tuple[str, ...]
    read_on: date


class NotComparable(StrEnum):
    """The reason why a number cannot be compared with a benchmark."""

    DEFINITION_DIFFERS = "definition_differs"
    UNVERIFIED = "unverified"  # the benchmark has no source
    NO_NUMBER = "no_number"
    NO_POPULATION = "no_population"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number beside a benchmark, or the reason why the two cannot be compared; then both numbers are None."""

    benchmark: Benchmark
    number: Decimal | None = None
    required: Decimal | None = None  # exact, so it may have decimals
    reason: NotComparable | None = None

    @property
    def is_met(self) -> bool | None:
        return None if self.number is None or self.required is None else self.number >= self.required


def compare_with_benchmark(
    benchmark: Benchmark, unit: Unit, number: Decimal | None, population: Decimal | None
) -> Comparison:
    """Compare the number of a territory with what the benchmark requires for its population.

    `number` counts `unit`. `population` is the number of people that the benchmark relates to, in the same territory
    and year; None if it is not known.
    """
    if benchmark.unit != unit or unit is Unit.OTHER:
        return Comparison(benchmark, reason=NotComparable.DEFINITION_DIFFERS)
    if not benchmark.counts:
        return Comparison(benchmark, reason=NotComparable.UNVERIFIED)
    if number is None:
        return Comparison(benchmark, reason=NotComparable.NO_NUMBER)
    if population is None:
        return Comparison(benchmark, reason=NotComparable.NO_POPULATION)
    return Comparison(benchmark, number, population * benchmark.number / benchmark.per)


# --- Data files -------------------------------------------------------------------------------------------------------


@cache
def load_indicators() -> dict[str, Indicator]:
    """Return the indicators that all states share (indicators.toml), by key."""
    return dict(_parse_file("indicators.toml", _indicator_from_entry))


@cache
def load_benchmarks() -> dict[str, Benchmark]:
    """Return every benchmark (benchmarks.toml), by key, including unverified ones."""
    return dict(_parse_file("benchmarks.toml", _benchmark_from_entry))


def _parse_file[T](name: str, parse: Callable[[str, dict[str, Any]], T]) -> Iterator[tuple[str, T]]:
    for key, entry in tomllib.loads(read_data_file("samsvar.implementation", name)).items():
        try:
            yield key, parse(key, entry)
        except (TypeError, ValueError, KeyError, UnreadableDate) as error:
            raise InvalidIndicatorFile(name, key, str(error)) from error


def _indicator_from_entry(key: str, entry: dict[str, Any]) -> Indicator:
    return Indicator(
        key=key,
        titles=_texts(entry, "title"),
        definitions=_texts(entry, "definition"),
        unit=Unit(entry["unit"]),
        direction=Direction(entry["direction"]),
        articles=tuple(entry["articles"]),
        dimensions=tuple(map(Dimension, entry.get("dimensions", ()))),
        numerator=_texts(entry, "numerator") if "numerator" in entry else (),
        denominator=_texts(entry, "denominator") if "denominator" in entry else (),
        cumulative=entry.get("cumulative", False),
        protected=entry["protected"],
    )


def _benchmark_from_entry(key: str, entry: dict[str, Any]) -> Benchmark:
    return Benchmark(
        key=key,
        standard=_texts(entry, "standard"),
        definitions=_texts(entry, "definition"),
        unit=Unit(entry["unit"]),
        number=Decimal(entry["number"]),
        per=int(entry["per"]),
        population=Population(entry["population"]),
        articles=tuple(entry["articles"]),
        read_on=parse_day(entry["read_on"]),
        source=entry.get("source", ""),
        second_source=entry.get("second_source", ""),
        confidence=Confidence(entry["confidence"]),
        note=entry.get("note", ""),
    )


def _texts(entry: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    """Return (language, text) of a table such as `title.en`; English must be there."""
    texts: dict[str, str] = entry[name]
    if not texts.get("en"):
        raise ValueError(f"“{name}” has no English text")
    return tuple(texts.items())
