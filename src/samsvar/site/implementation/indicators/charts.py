"""A small bar chart of one series as coordinates, which a template draws as SVG. The table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from babel.numbers import format_decimal

BAR_WIDTH, STEP = 36, 56  # pixels at full size; the whole chart scales with its frame
HEIGHT, TOP, BOTTOM = 120, 22, 22  # room above the bars for numbers, and below them for years


class ChartFigure(Protocol):
    """What a chart shows of a value."""

    @property
    def number(self) -> Decimal | None: ...
    @property
    def suppressed(self) -> bool: ...
    @property
    def gap(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """One year of a chart. `kind` is "number", "suppressed", "gap" or "" if nothing was entered."""

    year: int
    kind: str
    x: int
    middle: int
    y: int
    height: int
    text: str  # the number as a reader writes it
    text_y: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of one series, in a picture of `width` × `height`; `baseline` is the line of 0."""

    width: int
    height: int
    baseline: int
    year_y: int
    bars: tuple[Bar, ...]


def draw(years: Sequence[int], figures: Sequence[ChartFigure | None], highest: Decimal, language: str) -> Chart:
    """Return the bars of a series; all series with the same `highest` number share a scale.

    A gap and a suppressed number are frames of full height, so that neither looks like 0 or like a small number.
    """
    baseline = HEIGHT - BOTTOM
    bars = []
    for index, (year, figure) in enumerate(zip(years, figures, strict=True)):
        x = index * STEP + (STEP - BAR_WIDTH) // 2
        kind, text = "", ""
        height = 0
        if figure is not None and figure.number is not None:
            kind, text = "number", format_decimal(figure.number.normalize(), locale=language)
            height = round(figure.number / highest * (baseline - TOP)) if highest else 0
            height = max(height, 2) if figure.number else 0
        elif figure is not None:
            kind = "suppressed" if figure.suppressed else "gap"
            height = baseline - TOP
        bars.append(Bar(year, kind, x, x + BAR_WIDTH // 2, baseline - height, height, text, baseline - height - 6))
    return Chart(max(1, len(years)) * STEP, HEIGHT, baseline, HEIGHT - 6, tuple(bars))
