"""Attendance figures by group, country and gender, with counts suppressed where they could identify a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samsvar.implementation.suppression import MIN_COUNT, suppress_small_counts
from samsvar.network.people import Group


@dataclass(frozen=True, slots=True)
class Attendee:
    """The details of one participant that are counted; "" if a detail was not given or must not be counted."""

    group: str = ""
    country: str = ""
    gender: str = ""
    checked_in: bool = False


@dataclass(frozen=True, slots=True)
class AttendanceFigures:
    """The attendance figures of a meeting; a suppressed number is None.

    Each of the three breakdowns counts everyone who checked in or, if their number is suppressed, everyone with a
    place; "" means not given. They are empty if too few people had a place.
    """

    places: int | None
    checked_in: int | None  # 0 if no one was checked in
    groups: dict[str, int | None]  # all four groups, then ""
    countries: dict[str, int]  # "": not given, and all suppressed countries together
    genders: dict[str, int | None]


def attendance_figures(attendees: Iterable[Attendee]) -> AttendanceFigures:
    """Return the figures for everyone who checked in, or for everyone with a place if too few were checked in."""
    with_place = list(attendees)
    checked_in = [one for one in with_place if one.checked_in]
    absent = len(with_place) - len(checked_in)
    if len(with_place) < MIN_COUNT:
        return AttendanceFigures(None if with_place else 0, None if checked_in else 0, {}, {}, {})
    counted = checked_in if len(checked_in) >= MIN_COUNT else with_place
    groups = Counter(one.group for one in counted)
    all_groups = {str(one): groups.get(one, 0) for one in Group} | ({"": groups[""]} if groups[""] else {})
    # both numbers together would tell how many did not come
    reveals_absent = counted is checked_in and 0 < absent < MIN_COUNT
    return AttendanceFigures(
        places=None if reveals_absent else len(with_place),
        checked_in=len(checked_in) if not checked_in or counted is checked_in else None,
        groups=suppress_small_counts(all_groups),
        countries=_merge_suppressed_countries(Counter(one.country for one in counted)),
        genders=suppress_small_counts(_sort_by_key(Counter(one.gender for one in counted))),
    )


def _merge_suppressed_countries(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by country, with all suppressed countries in "", so that no one learns which these are.

    People at risk give no country: a single person without a country would be recognised as being at risk by anyone
    who knows who attended.
    """
    shown = suppress_small_counts(counts)
    merged = Counter({country if count is not None else "": 0 for country, count in shown.items()})
    for country, count in counts.items():
        merged[country if shown[country] is not None else ""] += count
    return _sort_by_key(merged)


def _sort_by_key(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts in the order of their keys, with "" at the end."""
    return dict(sorted(counts.items(), key=lambda item: (not item[0], item[0])))
