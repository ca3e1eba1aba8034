"""The demonstration's figures: Nordmark's, by region and year, with a gap, a 0, a correction and a small number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from samsvar.implementation.indicators import Cell, GapReason
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.implementation.indicators import actions
from samsvar.site.implementation.models import Indicator, IndicatorValue, Region

STATE = "XA"


def make_demo_figures() -> None:
    """Create the figures unless there are some already, so that changes made in the demonstration are kept."""
    data = load_demo_file("figures.toml")
    with transaction.atomic():
        if IndicatorValue.objects.filter(state_id=STATE).exists():
            return
        actions.load_shared_indicators()
        regions: dict[str, Region | None] = {
            name: Region.objects.get_or_create(state_id=STATE, name=name)[0] for name in data["regions"]
        }
        regions[""] = None
        for about in data["indicator"]:
            indicator = Indicator.objects.get(key=about["key"])
            _enter(indicator, _series_entries(about, regions, data["source"]))
            if corrections := about.get("corrected"):
                _enter(indicator, (_corrected_entry(correction, regions, data["source"]) for correction in corrections))


def _enter(indicator: Indicator, entries: Iterator[actions.Entry]) -> None:
    actions.enter_values(by=None, state=STATE, indicator=indicator, entries=entries)
    actions.publish_values(by=None, state=STATE, indicator=indicator)


def _series_entries(
    about: Mapping[str, Any], regions: Mapping[str, Region | None], source: str
) -> Iterator[actions.Entry]:
    for key, series in {"": about["values"], **about.get("cells", {})}.items():
        for name, values in series.items():
            for year, value in zip(about["years"], values, strict=True):
                is_gap = isinstance(value, str)
                yield actions.Entry(
                    regions[name], year, Cell.from_key(key), None if is_gap else Decimal(value),
                    gap=GapReason(value) if is_gap else None, source=source,
                )  # fmt: skip


def _corrected_entry(correction: Mapping[str, Any], regions: Mapping[str, Region | None], source: str) -> actions.Entry:
    return actions.Entry(
        regions[correction["region"]], correction["year"], number=Decimal(correction["number"]),
        comparability=correction["comparability"], source=source,
    )  # fmt: skip
