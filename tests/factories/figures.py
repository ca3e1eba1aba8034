"""Factories for figures of a fictional state: regions, indicators and values."""

from __future__ import annotations

from decimal import Decimal

from samsvar.implementation.indicators import Cell, GapReason
from samsvar.site.implementation import models
from samsvar.site.implementation.indicators import actions


def make_regions(*names: str, state: str = "XA") -> list[models.Region]:
    return [models.Region.objects.get_or_create(state_id=state, name=name)[0] for name in names]


def shared_indicator(key: str = "family-places") -> models.Indicator:
    """Return a shared indicator from our data file."""
    if not models.Indicator.objects.filter(key=key).exists():
        actions.load_shared_indicators()
    return models.Indicator.objects.get(key=key)


def enter(
    indicator: models.Indicator, year: int, number: float | str | GapReason, *, region: models.Region | None = None,
    cell: str = "", denominator: int | None = None, state: str = "XA", **texts: str,
) -> models.IndicatorValue:  # fmt: skip
    """Enter a value through the site's own action, and return its row."""
    gap = number if isinstance(number, GapReason) else None
    entry = actions.Entry(
        region, year, Cell.from_key(cell), None if gap else Decimal(number),
        None if denominator is None else Decimal(denominator), gap, **texts,
    )  # fmt: skip
    actions.enter_values(by=None, state=state, indicator=indicator, entries=[entry])
    return models.IndicatorValue.objects.get(
        indicator=indicator, state_id=state, region=region, year=year, cell=cell, current=True
    )


def publish(indicator: models.Indicator, *, state: str = "XA") -> models.Release:
    return actions.publish_values(by=None, state=state, indicator=indicator)
