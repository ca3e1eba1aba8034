"""Who took part, in numbers: by group, country and gender, without a number so small that it names somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from samsvar.network.people import Group

FEWEST = 5  # of a gender below which its number is kept back, with one kept back a second too; and of no country


@dataclass(frozen=True, slots=True)
class Attendee:
    """What counts of one participant; "" where it was not given, or must not be counted."""

    group: str = ""
    country: str = ""
    gender: str = ""
    came: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of a meeting. Everybody is in each of the three divisions; "" stands for what was not given."""

    places: int
    came: int
    groups: dict[str, int]  # all four, then ""
    countries: dict[str, int]  # "": not given, with so many others that nobody who did not give one stands out
    genders: dict[str, int | None]  # None: too few to be told


def figures(attendees: Iterable[Attendee]) -> Figures:
    """The numbers of those who came; where nobody was checked in, of those with a place."""
    held = list(attendees)
    came = [one for one in held if one.came]
    counted = came or held
    groups = Counter(one.group for one in counted)
    countries = Counter(one.country for one in counted)
    genders = Counter(one.gender for one in counted)
    return Figures(
        places=len(held),
        came=len(came),
        groups={str(one): groups.get(one, 0) for one in Group} | ({"": groups[""]} if groups[""] else {}),
        countries=_nobody_alone(countries),
        genders=_kept_back(genders),
    )


def _nobody_alone(counts: Counter[str]) -> dict[str, int]:
    """Countries in their order. Where few have none, as those at risk have, the smallest countries join them.

    A single one without a country would be known for being at risk, whoever knows who was there.
    """
    told = dict(counts)
    while 0 < told.get("", 0) < FEWEST and len(told) > 1:
        smallest = min((one for one in told if one), key=lambda one: (told[one], one))
        told[""] += told.pop(smallest)
    return dict(sorted(told.items(), key=lambda one: (not one[0], one[0])))


def _kept_back(counts: Counter[str]) -> dict[str, int | None]:
    """Small numbers kept back; where only one would be, the next smallest too: else the sum would tell it."""
    told: dict[str, int | None] = dict(sorted(counts.items(), key=lambda one: (not one[0], one[0])))
    small = [one for one, count in counts.items() if count < FEWEST]
    if len(small) == 1 and len(counts) > 1:
        rest = [one for one in counts if one not in small]
        small.append(min(rest, key=lambda one: (counts[one], one)))
    return {one: None if one in small else count for one, count in told.items()}
