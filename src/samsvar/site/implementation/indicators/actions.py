"""Actions on indicators: load the shared ones, add a state's own, enter values, and release them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.ids import random_id
from samsvar.implementation import indicators as library
from samsvar.implementation.indicators import Cell, GapReason, Place, Unit, Value, check_value, load_indicators
from samsvar.site.audit.actions import record
from samsvar.site.implementation.indicators import models, queries
from samsvar.site.implementation.measures.actions import OtherState, acting_role
from samsvar.site.implementation.measures.models import Region
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError


class TotalsDiffer(SiteError):
    """A total differs from the sum of its parts."""

    message = _("Some totals differ from the sum of their parts.")
    advice = _("Correct them, or enter the rest as “not known”, and publish again.")
    effect = _("Nothing was published.")


class SmallNumbersExposed(SiteError):
    """A small number would follow from what was published before, whatever is suppressed now."""

    message = _("Together with what was published before, these figures would reveal a small number.")
    advice = _("Leave out the breakdowns that are new, or ask the body that collects the figures.")
    effect = _("Nothing was published.")


class NothingToPublish(SiteError):
    """All values are published already."""

    message = _("All figures are published already.")
    effect = _("Nothing was published.")


class IndicatorInUse(SiteError):
    """What an indicator counts cannot change once it has values."""

    message = _("This indicator already has values, so what it counts can no longer change.")
    advice = _("Change only its title, definition, articles and source, or add another indicator.")


# --- Indicators -------------------------------------------------------------------------------------------------------


def load_shared_indicators(*, by: Account | None = None) -> dict[str, int]:
    """Load the indicators that all states share from our data file; return how many were saved. Safe to run again."""
    saved = 0
    with transaction.atomic():
        for indicator in load_indicators().values():
            values = {
                "titles": dict(indicator.titles), "definitions": dict(indicator.definitions),
                "numerator": dict(indicator.numerator), "denominator": dict(indicator.denominator),
                "unit": indicator.unit.value, "direction": indicator.direction.value,
                "articles": list(indicator.articles), "dimensions": list(map(str, indicator.dimensions)),
                "cumulative": indicator.cumulative, "protected": indicator.protected,
            }  # fmt: skip
            stored = models.Indicator.objects.filter(key=indicator.key).first()
            if stored is None or any(getattr(stored, name) != value for name, value in values.items()):
                models.Indicator.objects.update_or_create(key=indicator.key, defaults=values)
                saved += 1
        if saved:
            record(by=by, verb="loaded", subject="indicators", details={"indicators": saved})
    return {"indicators": saved}


ALWAYS_PROTECTED = frozenset({Unit.PERSON, Unit.ORDER, Unit.CALL, Unit.FAMILY_PLACE, Unit.WOMENS_BED})
# what an indicator counts; a value means something else once one of these has changed
_MEANING = ("unit", "dimensions", "denominator", "cumulative", "protected")


def save_indicator(
    *, by: Account, state: str, values: Mapping[str, Any], existing: models.Indicator | None = None
) -> models.Indicator:
    """Add an indicator of a state's own, or change one. Small numbers of people and places are always protected."""
    if not can_manage_country(by, state):
        raise PermissionDenied
    if existing is not None and existing.state_id != state:
        raise PermissionDenied
    with transaction.atomic():
        indicator = existing or models.Indicator(state_id=state, key=random_id())
        before = {name: getattr(indicator, name) for name in _MEANING}
        for name, value in values.items():
            setattr(indicator, name, value)
        indicator.protected = indicator.protected or Unit(indicator.unit) in ALWAYS_PROTECTED
        in_use = existing is not None and existing.values.exists()
        if in_use and any(getattr(indicator, name) != value for name, value in before.items()):
            raise IndicatorInUse
        indicator.save()
        record(
            by=by, verb="changed an indicator" if existing else "added an indicator",
            subject=f"indicator {indicator.key}", details={"state": state},
        )  # fmt: skip
    return indicator


# --- Values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as the desk enters it: a number, or a reason for none."""

    region: Region | None
    year: int
    cell: Cell = library.TOTAL
    number: Decimal | None = None
    denominator: Decimal | None = None
    gap: GapReason | None = None
    comparability: str = ""
    source: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "number": self.number, "denominator": self.denominator, "gap": self.gap or "",
            "comparability": self.comparability.strip(), "source": self.source.strip(),
        }  # fmt: skip


def enter_values(*, by: Account | None, state: str, indicator: models.Indicator, entries: Iterable[Entry]) -> int:
    """Save values, all or none; return how many are new or changed. Nothing is published by it.

    A changed value is a new revision, and the one before is kept. `by` is None for the demonstration. Raises
    InvalidValue for a value that does not fit the indicator.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    if indicator.state_id not in (None, state):
        raise OtherState
    entries = list(entries)
    about = queries.to_library(indicator)
    for entry in entries:
        if entry.region and entry.region.state_id != state:
            raise OtherState
        place = Place(entry.year, str(entry.region.pk) if entry.region else state, entry.cell)
        check_value(about, Value(place=place, number=entry.number, denominator=entry.denominator, gap=entry.gap))
    changed = 0
    with transaction.atomic():
        _lock(indicator)
        current = {
            (value.region_id, value.year, value.cell): value for value in queries.current_values(indicator, state)
        }
        for entry in entries:
            key = (entry.region.pk if entry.region else None, entry.year, entry.cell.key)
            before = current.get(key)
            if before and all(getattr(before, name) == value for name, value in entry.columns.items()):
                continue
            if before:
                before.current = False
                before.save(update_fields=["current"])
            current[key] = models.IndicatorValue.objects.create(
                indicator=indicator, state_id=state, region=entry.region, year=entry.year, cell=entry.cell.key,
                revision=before.revision + 1 if before else 1, role=acting_role(by), **entry.columns,
            )  # fmt: skip
            changed += 1
        if changed:
            record(
                by=by, verb="entered figures", subject=f"indicator {indicator.key}",
                details={"state": state, "values": changed},
            )  # fmt: skip
    return changed


def publish_values(*, by: Account | None, state: str, indicator: models.Indicator) -> models.Release:
    """Publish all current values of a state. Numbers are suppressed so that no small one follows from any release.

    Raises NothingToPublish, TotalsDiffer or SmallNumbersExposed.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        _lock(indicator)
        plan = queries.plan_release(indicator, state)
        if not plan.new:
            raise NothingToPublish
        if plan.mismatches:
            raise TotalsDiffer
        if plan.exposed:
            raise SmallNumbersExposed
        last = models.Release.objects.filter(indicator=indicator, state_id=state).last()
        release = models.Release.objects.create(
            indicator=indicator, state_id=state, number=last.number + 1 if last else 1, role=acting_role(by)
        )
        outdated = indicator.values.filter(queries.PUBLIC, state_id=state, current=False)
        outdated.update(replaced_in=release)
        for value in plan.new:
            value.published_in = release
            value.suppressed = value.pk in plan.suppressed
        models.IndicatorValue.objects.bulk_update(plan.new, ["published_in", "suppressed"])
        record(
            by=by, verb="published figures", subject=f"indicator {indicator.key}",
            details={"state": state, "values": len(plan.new), "suppressed": len(plan.suppressed)},
        )  # fmt: skip
    return release


def _lock(indicator: models.Indicator) -> None:
    """Let only one person at a time enter or publish values of an indicator."""
    models.Indicator.objects.select_for_update().get(pk=indicator.pk)
