"""Form fields and choices for times in a meeting's time zone."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now

from samsvar.site.shell.labels import COLON
from samsvar.territories import TerritoryKind, territories, territory_name


class ZonedDateTimeField(forms.DateTimeField):
    """A datetime that is entered and displayed in the time zone `zone` and returned as an aware datetime."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
        super().__init__(*args, **kwargs)
        self.zone = zone

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(ZoneInfo(self.zone)):
            return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) if isinstance(value, datetime) else value


@lru_cache(maxsize=16)
def time_zone_choices(language: str) -> list[Any]:
    """Return the time zone choices: Council of Europe members first, labelled by country, then all others."""
    country_by_zone = get_global("zone_territories")
    zone_names = [one for one in sorted(available_timezones()) if one.startswith(ZONE_PREFIXES)]
    european = sorted(
        (f"{territory_name(country_by_zone[one], language)}{COLON} {one}", one)
        for one in zone_names
        if country_by_zone.get(one) in _council_of_europe_states()
    )
    names = {one for _label, one in european}
    return [
        (_now("Members of the Council of Europe"), [(one, label) for label, one in european]),
        (_now("Other time zones"), [(one, one) for one in zone_names if one not in names]),
    ]


@cache
def _council_of_europe_states() -> frozenset[str]:
    return frozenset(code for code, one in territories().items() if one.kind is TerritoryKind.COUNCIL_OF_EUROPE)


ZONE_PREFIXES = ("Europe/", "Atlantic/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "UTC")
