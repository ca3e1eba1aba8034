"""Attendance figures by group, country and gender, with counts suppressed where they could identify a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from samsvar.network.people import Group

MIN_COUNT = 5  # smaller counts by gender are suppressed, and never only one; smaller countries are merged


@dataclass(frozen=True, slots=True)
class Attendee:
    """The details of one participant that are counted; "" if a detail was not given or must not be counted."""

    group: str = ""
    country: str = ""
    gender: str = ""
    checked_in: bool = False


@dataclass(frozen=True, slots=True)
class AttendanceFigures:
    """The attendance figures of a meeting. Each of the three breakdowns counts everyone; "" means not given."""

    places: int
    checked_in: int
    groups: dict[str, int]  # all four groups, then ""
    countries: dict[str, int]  # "": not given, merged with the smallest countries so that no one can be identified
    genders: dict[str, int | None]  # None: suppressed because the number is too small


def attendance_figures(attendees: Iterable[Attendee]) -> AttendanceFigures:
    """Return the figures for everyone who checked in, or for everyone with a place if no one was checked in."""
    with_place = list(attendees)
    checked_in = [one for one in with_place if one.checked_in]
    counted = checked_in or with_place
    groups = Counter(one.group for one in counted)
    countries = Counter(one.country for one in counted)
    genders = Counter(one.gender for one in counted)
    return AttendanceFigures(
        places=len(with_place),
        checked_in=len(checked_in),
        groups={str(one): groups.get(one, 0) for one in Group} | ({"": groups[""]} if groups[""] else {}),
        countries=_merge_small_countries(countries),
        genders=_suppress_small_counts(genders),
    )


def _merge_small_countries(counts: Counter[str]) -> dict[str, int]:
    """Sort the counts by country; if only a few people gave no country, merge the smallest countries with them.

    People at risk give no country: a single person without a country would be recognised as being at risk by anyone
    who knows who attended.
    """
    merged = dict(counts)
    while 0 < merged.get("", 0) < MIN_COUNT and len(merged) > 1:
        smallest = min((one for one in merged if one), key=lambda one: (merged[one], one))
        merged[""] += merged.pop(smallest)
    return dict(sorted(merged.items(), key=lambda one: (not one[0], one[0])))


def _suppress_small_counts(counts: Counter[str]) -> dict[str, int | None]:
    """Replace small counts by None: at least two, because a single one could be worked out from the total."""
    ordered: dict[str, int | None] = dict(sorted(counts.items(), key=lambda gender: (not gender[0], gender[0])))
    small = [gender for gender, count in counts.items() if count < MIN_COUNT]
    if len(small) == 1 and len(counts) > 1:
        rest = [gender for gender in counts if gender not in small]
        small.append(min(rest, key=lambda gender: (counts[gender], gender)))
    return {gender: None if gender in small else count for gender, count in ordered.items()}
