"""What makes two countries comparable for the exchange: size, federal or unitary, and family of law.

Source: countries.csv, whose values name theirs by the keys of sources.csv (see data/README.md). A value from memory is
unverified and not used here. The classification only helps to compare countries, never to rank them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from samsvar.text import read_data_file

SIMILAR_SIZE = 3  # populations within this factor


@dataclass(frozen=True, slots=True)
class CountryProfile:
    """What is known of a country; None or "" is unknown."""

    code: str
    population: int | None = None
    structure: str = ""  # "federal" or "unitary"
    legal_family: str = ""  # "civil_law", "common_law", "nordic" or "mixed"

    def similar_size(self, other: CountryProfile) -> float | None:
        """Return 1.0 if the populations are within a factor of 3, else 0.0; None if one is unknown."""
        if not self.population or not other.population:
            return None
        larger, smaller = max(self.population, other.population), min(self.population, other.population)
        return float(larger <= SIMILAR_SIZE * smaller)

    def same_structure(self, other: CountryProfile) -> float | None:
        return float(self.structure == other.structure) if self.structure and other.structure else None

    def same_legal_family(self, other: CountryProfile) -> float | None:
        return float(self.legal_family == other.legal_family) if self.legal_family and other.legal_family else None

    def is_similar(self, other: CountryProfile) -> bool:
        """Return whether two countries are alike in at least two of the three."""
        alike = (self.similar_size(other), self.same_structure(other), self.same_legal_family(other))
        return sum(value or 0.0 for value in alike) >= 2


@cache
def _profiles() -> Mapping[str, CountryProfile]:
    profiles = {}
    for line in csv.DictReader(read_data_file("samsvar.exchange", "countries.csv").splitlines()):
        usable = {
            field
            for field in ("population", "structure", "legal_family")
            if line[f"{field}_confidence"] != "from-memory"
        }
        profiles[line["code"]] = CountryProfile(
            line["code"],
            int(line["population"]) if line["population"] and "population" in usable else None,
            line["structure"] if "structure" in usable else "",
            line["legal_family"] if "legal_family" in usable else "",
        )
    return profiles


def country_profile(code: str) -> CountryProfile:
    """Return what is known of a country, or a profile without anything."""
    return _profiles().get(code) or CountryProfile(code)
