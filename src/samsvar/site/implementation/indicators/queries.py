"""Queries for indicators: a state's list, one series with its table and chart, a release, and figures to fill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter

from django.db.models import Count, Max, Q, QuerySet

from samsvar.implementation import indicators as library
from samsvar.implementation.indicators import Cell, Comparison, Dimension, Place, Population, TotalMismatch, Value
from samsvar.implementation.releases import ReleasedNumber, decide_release
from samsvar.site.convention.models import State
from samsvar.site.implementation.indicators import charts
from samsvar.site.implementation.indicators.models import Indicator, IndicatorValue
from samsvar.site.implementation.indicators.numbers import format_plain
from samsvar.site.implementation.measures.models import Region
from samsvar.text import choose_language, choose_text

PUBLIC = Q(published_in__isnull=False, replaced_in=None)
# The shared indicators whose values benchmarks are related to
POPULATION_KEYS = {Population.INHABITANTS: "inhabitants", Population.WOMEN: "women"}
YEARS_TO_FILL = 5  # so many past years are asked for, unless the series began later
FIRST_YEAR = 1990


def indicators_of(state: str) -> QuerySet[Indicator]:
    """Return the indicators that a state can have values of: shared ones, and its own."""
    return Indicator.objects.filter(Q(state=None) | Q(state_id=state))


def find_indicator(state: str, key: str) -> Indicator | None:
    return indicators_of(state).filter(key=key).first()


def find_state(code: str) -> State | None:
    return State.objects.filter(code=code.upper()).first()


def regions_of(state: str) -> list[Region]:
    """Return the regions of a state, each followed by its municipalities."""
    regions = list(Region.objects.filter(state_id=state))
    by_parent: dict[int | None, list[Region]] = {}
    for region in regions:
        by_parent.setdefault(region.part_of_id, []).append(region)
    ordered: list[Region] = []
    waiting = list(reversed(by_parent.get(None, [])))
    while waiting:
        region = waiting.pop()
        ordered.append(region)
        waiting += reversed(by_parent.get(region.pk, []))
    return ordered


def title_of(indicator: Indicator, language: str) -> str:
    return choose_text(indicator.titles, language)


def definition_of(indicator: Indicator, language: str) -> str:
    return choose_text(indicator.definitions, language)


def text_language(texts: Mapping[str, str], language: str) -> str:
    """Return the language in which a text is shown, or "" if it is the reader's own."""
    chosen = choose_language(texts, language)
    return "" if chosen == language else chosen


# --- One series -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as a reader may see it: a number, a suppressed number, or a reason for none."""

    year: int
    number: Decimal | None = None
    denominator: Decimal | None = None
    gap: str = ""
    suppressed: bool = False
    comparability: str = ""
    source: str = ""
    revised: bool = False
    pending: bool = False  # not yet published; readers never see such a value
    note: int = 0  # number of its note below the table

    @property
    def share(self) -> Decimal | None:
        """The number in per cent of the denominator."""
        return 100 * self.number / self.denominator if self.number is not None and self.denominator else None


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one territory in all years; None where nothing was entered."""

    region: Region | None  # None: the whole state
    years: tuple[int, ...]
    figures: tuple[Figure | None, ...]
    chart: charts.Chart

    @property
    def by_year(self) -> list[tuple[int, Figure | None]]:
        return list(zip(self.years, self.figures, strict=True))


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """The values of an indicator in one cell of its table, and the benchmarks of its articles."""

    indicator: Indicator
    cell: Cell
    cells: tuple[Cell, ...]
    years: tuple[int, ...]
    series: tuple[Series, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    compared_year: int | None

    @property
    def has_suppressed(self) -> bool:
        return any(figure and figure.suppressed for series in self.series for figure in series.figures)

    @property
    def has_revised(self) -> bool:
        return any(figure and figure.revised for series in self.series for figure in series.figures)


def public_values(indicator: Indicator, state: str) -> QuerySet[IndicatorValue]:
    """Return the values that are published now. Suppressed ones are among them: show them by `to_figure` only."""
    return indicator.values.filter(PUBLIC, state_id=state).select_related("region", "published_in")


def current_values(indicator: Indicator, state: str) -> QuerySet[IndicatorValue]:
    """Return the latest value of each place as the desk entered it, published or not."""
    return indicator.values.filter(current=True, state_id=state).select_related("region", "published_in")


def to_figure(value: IndicatorValue, *, desk: bool = False, note: int = 0) -> Figure:
    """Return a value without its numbers if they are suppressed; only the desk sees those, and unpublished ones."""
    hidden = value.suppressed and not desk
    return Figure(
        year=value.year,
        number=None if hidden else value.number,
        denominator=None if hidden else value.denominator,
        gap=value.gap,
        suppressed=value.suppressed,
        comparability=value.comparability,
        source=value.source,
        revised=value.revision > 1,
        pending=value.published_in_id is None,
        note=note,
    )


def series_page(indicator: Indicator, state: str, cell: Cell, language: str) -> SeriesPage:
    """Return what everyone may see of an indicator in one cell."""
    values = list(public_values(indicator, state))
    cells = tuple(sorted({Cell.from_key(value.cell) for value in values}))
    chosen = [value for value in values if value.cell == cell.key]
    years = tuple(range(min(years), max(years) + 1)) if (years := [value.year for value in chosen]) else ()
    notes = tuple(dict.fromkeys(value.comparability for value in chosen if value.comparability))
    figures = {
        (value.region_id, value.year): to_figure(
            value, note=notes.index(value.comparability) + 1 if value.comparability else 0
        )
        for value in chosen
    }
    territories = [region for region in [None, *regions_of(state)] if any(_key(region) == key for key, _ in figures)]
    highest = {
        scale: max((figure.number for (key, _), figure in figures.items()
                    if figure.number is not None and (key is None) == scale), default=Decimal())
        for scale in (True, False)
    }  # fmt: skip
    series = []
    for region in territories:
        of_region = tuple(figures.get((_key(region), year)) for year in years)
        series.append(
            Series(region, years, of_region, charts.draw(years, of_region, highest[region is None], language))
        )
    compared_year, comparisons = _compare(indicator, state, cell, figures)
    return SeriesPage(
        indicator, cell, cells, years, tuple(series), notes,
        tuple(dict.fromkeys(value.source for value in chosen if value.source)), comparisons, compared_year,
    )  # fmt: skip


def _key(region: Region | None) -> int | None:
    return region.pk if region else None


def _compare(
    indicator: Indicator, state: str, cell: Cell, figures: Mapping[tuple[int | None, int], Figure]
) -> tuple[int | None, tuple[Comparison, ...]]:
    """Return the latest year with a number for the whole state, and its comparison with each benchmark."""
    benchmarks = [one for one in library.load_benchmarks().values() if set(one.articles) & set(indicator.articles)]
    if not benchmarks or cell != library.TOTAL:
        return None, ()
    numbers = {year: figure.number for (key, year), figure in figures.items() if key is None}
    year = max((year for year, number in numbers.items() if number is not None), default=None)
    population = _population(state, year) if year else {}
    unit = library.Unit(indicator.unit)
    return year, tuple(
        library.compare_with_benchmark(
            benchmark, unit, numbers.get(year) if year else None, population.get(benchmark.population)
        )
        for benchmark in benchmarks
    )


def _population(state: str, year: int) -> dict[Population, Decimal | None]:
    values = IndicatorValue.objects.filter(
        PUBLIC, indicator__key__in=POPULATION_KEYS.values(), state_id=state, region=None, year=year, cell="",
        suppressed=False,
    )  # fmt: skip
    by_key = dict(values.values_list("indicator__key", "number"))
    return {population: by_key.get(key) for population, key in POPULATION_KEYS.items()}


# --- A state's list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedIndicator:
    """An indicator with the number of its public values, and the latest year among them."""

    indicator: Indicator
    values: int
    latest: int | None
    pending: int  # not yet published values; 0 for everyone but the desk


def list_indicators(state: str, *, desk: bool) -> list[ListedIndicator]:
    """Return the indicators with public values, or for the desk all."""
    of_state = Q(values__state_id=state)
    public = of_state & Q(values__published_in__isnull=False, values__replaced_in=None)
    counted = indicators_of(state).annotate(
        published=Count("values", filter=public),
        latest=Max("values__year", filter=public),
        waiting=Count("values", filter=of_state & Q(values__current=True, values__published_in=None)),
    )
    return [
        ListedIndicator(indicator, indicator.published, indicator.latest, indicator.waiting if desk else 0)
        for indicator in counted
        if indicator.published or desk
    ]


def country_panel(state: str) -> tuple[str, dict[str, object]] | None:
    """Return a panel for the page of a country that leads to its published figures; None if there are none."""
    count = IndicatorValue.objects.filter(PUBLIC, state_id=state).aggregate(count=Count("indicator", distinct=True))
    if not count["count"]:
        return None
    return "implementation/indicators/_country_panel.html", {"state": state, "count": count["count"]}


def public_rows(values: Iterable[IndicatorValue]) -> list[dict[str, object]]:
    """Return values as rows of an export, without suppressed numbers."""
    rows = []
    for value in values:
        figure = to_figure(value)
        cell = {str(dimension): category for dimension, category in Cell.from_key(value.cell).categories.items()}
        rows.append({
            "state": value.state_id, "indicator": value.indicator.key,
            "region": value.region.name if value.region else "", **cell, "year": value.year,
            "number": format_plain(figure.number), "denominator": format_plain(figure.denominator),
            "status": "suppressed" if figure.suppressed else figure.gap or "number",
            "comparability": value.comparability, "source": value.source, "revision": value.revision,
            "published": value.published_in.at.date().isoformat() if value.published_in else "",
        })  # fmt: skip
    return rows


EXPORT_COLUMNS = (
    "state", "indicator", "region", *map(str, Dimension), "year", "number", "denominator", "status", "comparability",
    "source", "revision", "published",
)  # fmt: skip


# --- Entering figures -------------------------------------------------------------------------------------------------


def years_to_enter(indicator: Indicator, state: str, today: date) -> list[int]:
    """Return the past years of the entry form: at least `YEARS_TO_FILL`, and all that have values."""
    entered = current_values(indicator, state).values_list("year", flat=True).distinct()
    last = max([today.year - 1, *entered])
    first = min([last - YEARS_TO_FILL + 1, *entered])
    return list(range(first, last + 1))


@dataclass(frozen=True, slots=True)
class MissingFigures:
    """The places of an indicator for which a year has no value, not even a reason for none."""

    indicator: Indicator
    year: int
    missing: int
    expected: int


def figures_to_fill(state: str, today: date) -> list[MissingFigures]:
    """Return the years in which places that had values before, or have them later, have none; the latest year first.

    A series is expected from its first year to the last year that is over.
    """
    values: dict[int, dict[tuple[int | None, str], set[int]]] = {}
    rows = IndicatorValue.objects.filter(current=True, state_id=state)
    for indicator, region, cell, year in rows.values_list("indicator_id", "region_id", "cell", "year"):
        values.setdefault(indicator, {}).setdefault((region, cell), set()).add(year)
    indicators = Indicator.objects.in_bulk(values)
    missing = []
    for indicator, places in values.items():
        years = set().union(*places.values())
        for year in range(max(min(years), today.year - 2 * YEARS_TO_FILL), max([today.year - 1, *years]) + 1):
            absent = sum(year not in entered for entered in places.values())
            if absent:
                missing.append(MissingFigures(indicators[indicator], year, absent, len(places)))
    return sorted(missing, key=lambda figures: (-figures.year, figures.indicator.pk))


def desk_panel(state: str) -> tuple[str, dict[str, object]]:
    """Return a panel for the desk of a state that leads to its figures. It takes no query; the desk may take twelve."""
    return "implementation/indicators/_desk_panel.html", {"state": state}


# --- A release --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What a release would publish: the new values, those whose numbers are suppressed, and the reasons against it."""

    new: tuple[IndicatorValue, ...]
    suppressed: frozenset[int]
    exposed: tuple[IndicatorValue, ...]
    mismatches: tuple[TotalMismatch, ...]
    territories: Mapping[str, str]  # name by code, for the mismatches

    @property
    def is_possible(self) -> bool:
        return bool(self.new) and not self.exposed and not self.mismatches

    @property
    def suppressed_values(self) -> list[IndicatorValue]:
        return [value for value in self.new if value.pk in self.suppressed]


def plan_release(indicator: Indicator, state: str) -> ReleasePlan:
    """Return what the next release of an indicator would publish, in view of all earlier ones."""
    everything = list(indicator.values.filter(state_id=state).select_related("region", "published_in", "replaced_in"))
    current = [value for value in everything if value.current]
    new = tuple(value for value in current if value.published_in_id is None)
    regions = regions_of(state)
    parents = {str(region.pk): str(region.part_of_id) if region.part_of_id else state for region in regions}
    mismatches = library.check_totals(map(to_value, current), parents)
    names = {str(region.pk): region.name for region in regions}
    if not indicator.protected:
        return ReleasePlan(new, frozenset(), (), tuple(mismatches), names)
    published = [value for value in everything if value.published_in_id]
    releases = sorted({value.published_in.number for value in published if value.published_in})
    past = [[value for value in published if _is_public_at(value, number)] for number in releases]
    roots = _unchanged_since(everything)
    withheld = {roots[value.pk] for value in published if value.suppressed}
    decision = decide_release(
        [_released(values, roots) for values in [*past, current]],
        published={roots[value.pk] for value in published if not value.suppressed},
        withheld=withheld,
        parents=parents,
        cumulative=indicator.cumulative,
    )
    suppressed = frozenset(value.pk for value in new if roots[value.pk] in decision.suppressed | withheld)
    exposed = tuple(value for value in everything if value.pk in decision.exposed)
    return ReleasePlan(new, suppressed, exposed, tuple(mismatches), names)


def _unchanged_since(values: Iterable[IndicatorValue]) -> dict[int, int]:
    """Return, for each value, the earliest revision since which its numbers are the same: to a reader they are one."""
    roots: dict[int, int] = {}
    last: dict[Place, IndicatorValue] = {}
    for value in sorted(values, key=attrgetter("revision")):
        before = last.get(place_of(value))
        same = before and (before.number, before.denominator) == (value.number, value.denominator)
        roots[value.pk] = roots[before.pk] if before and same else value.pk
        last[place_of(value)] = value
    return roots


def to_value(value: IndicatorValue) -> Value:
    """Return a value of the library. A territory is a region's ID, or the state's code."""
    return Value(
        place=place_of(value), number=value.number, denominator=value.denominator,
        gap=library.GapReason(value.gap) if value.gap else None, comparability=value.comparability, source=value.source,
    )  # fmt: skip


def place_of(value: IndicatorValue) -> Place:
    return Place(value.year, str(value.region_id) if value.region_id else value.state_id, Cell.from_key(value.cell))


def _is_public_at(value: IndicatorValue, release: int) -> bool:
    assert value.published_in
    ended = value.replaced_in
    return value.published_in.number <= release and (ended is None or ended.number > release)


def _released(values: Collection[IndicatorValue], roots: Mapping[int, int]) -> Sequence[ReleasedNumber]:
    return [
        ReleasedNumber(
            roots[value.pk], place_of(value), int(value.number),
            None if value.denominator is None else int(value.denominator),
        )
        for value in values
        if value.number is not None
    ]  # fmt: skip


def to_library(indicator: Indicator) -> library.Indicator:
    """Return the indicator as the library's value."""
    return library.Indicator(
        key=indicator.key, titles=tuple(indicator.titles.items()), definitions=tuple(indicator.definitions.items()),
        unit=library.Unit(indicator.unit), direction=library.Direction(indicator.direction),
        articles=tuple(indicator.articles), dimensions=tuple(map(Dimension, indicator.dimensions)),
        numerator=tuple(indicator.numerator.items()), denominator=tuple(indicator.denominator.items()),
        cumulative=indicator.cumulative, protected=indicator.protected, source_body=indicator.source_body,
    )  # fmt: skip
