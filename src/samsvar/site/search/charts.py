"""The chart of a search: its results by year, and by strength or, if none has one, by body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samsvar.search.query import LabelName
from samsvar.site.search import labels
from samsvar.site.shell.labels import Label, find_label

BAR_WIDTH, STEP = 30, 46  # pixels
HEIGHT, TOP, BOTTOM = 140, 20, 22  # room above the bars for numbers, and below them for years
STRENGTHS = ("urges", "strongly_encourages", "encourages", "invites", "welcomes")  # from the bottom of a bar
MAX_YEARS = 24  # the newest ones; more do not fit a page


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: a rectangle from `y`, `height` pixels high, for one strength or body."""

    value: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The results of a year: where their bar is drawn, and the number of each value in the order of the table."""

    year: str
    total: int
    x: int
    middle: int
    text_y: int
    parts: tuple[Part, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class YearChart:
    """The bars, in a picture of `width` × `height` pixels, and the columns of the table with the same numbers."""

    is_by_strength: bool
    columns: tuple[tuple[str, Label], ...]  # (value, label)
    bars: tuple[Bar, ...]
    width: int
    is_cut: bool  # whether years before the first are left out
    height: int = HEIGHT
    baseline: int = HEIGHT - BOTTOM
    year_y: int = HEIGHT - 6


def build_year_chart(
    strengths: Mapping[str, Mapping[str, int]], bodies: Mapping[str, Mapping[str, int]]
) -> YearChart | None:
    """Return the chart of results counted as {year: {value: number}}; None if fewer than two years have any."""
    by_year = strengths or bodies
    if len(by_year) < 2:
        return None
    label = LabelName.STRENGTH if strengths else LabelName.BODY
    used = {value for counts in by_year.values() for value in counts}
    values = [value for value in STRENGTHS if value in used] + sorted(used.difference(STRENGTHS))
    first, last = min(map(int, by_year)), max(map(int, by_year))
    years = [*range(first, last + 1)][-MAX_YEARS:]
    highest = max(sum(by_year.get(str(year), {}).values()) for year in years)
    return YearChart(
        is_by_strength=bool(strengths),
        columns=tuple((value, find_label(labels.VALUES[label], value)) for value in values),
        bars=tuple(
            _build_bar(place, year, by_year.get(str(year), {}), values, highest) for place, year in enumerate(years)
        ),
        width=len(years) * STEP,
        is_cut=years[0] > first,
    )


def _build_bar(place: int, year: int, counts: Mapping[str, int], values: list[str], highest: int) -> Bar:
    room = HEIGHT - TOP - BOTTOM
    numbers = [counts.get(value, 0) for value in values]
    top = HEIGHT - BOTTOM
    parts = []
    for value, number in zip(values, numbers, strict=True):
        height = round(room * number / max(highest, 1))
        if number:
            height = max(height, 1)
            top -= height
            parts.append(Part(value, top, height))
    x = place * STEP + (STEP - BAR_WIDTH) // 2
    return Bar(str(year), sum(numbers), x, x + BAR_WIDTH // 2, top - 5, tuple(parts), tuple(numbers))
