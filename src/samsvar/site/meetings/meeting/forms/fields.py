"""Form fields for times in the zone of a meeting."""

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
from samsvar.territories import Kind, name_of, territories


def _choices(kinds: Any, known: Any) -> list[tuple[str, Any]]:
    return [(one.value, known[one]) for one in kinds]


class ZonedDateTimeField(forms.DateTimeField):
    """A moment as the meeting's clocks show it: read and shown in `zone`, kept as an aware moment."""

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
def zones(language: str) -> list[Any]:
    """The time zones to choose from: those of members of the Council of Europe by their country, then all others."""
    of = get_global("zone_territories")
    known = [one for one in sorted(available_timezones()) if one.startswith(ZONES)]
    near = sorted((f"{name_of(of[one], language)}{COLON} {one}", one) for one in known if of.get(one) in _states())
    names = {one for _label, one in near}
    return [
        (_now("Members of the Council of Europe"), [(one, label) for label, one in near]),
        (_now("All other zones"), [(one, one) for one in known if one not in names]),
    ]


@cache
def _states() -> frozenset[str]:
    return frozenset(code for code, one in territories().items() if one.kind is Kind.COUNCIL_OF_EUROPE)


ZONES = ("Europe/", "Atlantic/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "UTC")
