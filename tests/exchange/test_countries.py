"""The table that makes countries comparable: complete, sourced, and used only as far as it was seen."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

import pytest

from samsvar.convention.loading import treaty_events
from samsvar.convention.status import EventKind
from samsvar.exchange import countries
from samsvar.exchange.countries import CountryProfile, country_profile
from samsvar.territories import TerritoryKind, territories
from samsvar.text import read_data_file

FIELDS = ("population", "structure", "legal_family")
WORDS = {
    "structure": {"federal", "unitary"},
    "legal_family": {"civil_law", "common_law", "nordic", "mixed"},
}


def read_table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(read_data_file("samsvar.exchange", name).splitlines(), strict=True))


COUNTRIES = read_table("countries.csv")
SOURCES = {source["key"]: source for source in read_table("sources.csv")}


def codes_of(*kinds: TerritoryKind) -> set[str]:
    return {code for code, territory in territories().items() if territory.kind in kinds}


def test_every_row_has_a_known_code_once() -> None:
    codes = [country["code"] for country in COUNTRIES]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(territories())


def test_every_member_state_and_every_signatory_is_present() -> None:
    codes = {country["code"] for country in COUNTRIES}
    signatories = {event.state for event in treaty_events() if event.kind is EventKind.SIGNATURE}
    assert len(codes_of(TerritoryKind.COUNCIL_OF_EUROPE)) == 46
    assert codes_of(TerritoryKind.COUNCIL_OF_EUROPE, TerritoryKind.FICTIONAL) <= codes
    assert signatories - {"EU"} <= codes


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country["code"])
def test_every_value_is_allowed_and_has_a_source_and_a_confidence(country: dict[str, str]) -> None:
    assert int(country["population"]) > 0
    for field, words in WORDS.items():
        assert country[field] in words
    for field in FIELDS:
        kinds = [SOURCES[key]["kind"] for key in country[f"{field}_source"].split("|")]
        confidence = country[f"{field}_confidence"]
        assert confidence in {"confirmed", "probable", "from-memory"}
        if territories()[country["code"]].kind is TerritoryKind.FICTIONAL:
            assert kinds == ["fictional"]
        else:
            assert "fictional" not in kinds
            assert confidence != "confirmed" or len(kinds) >= 2 or kinds == ["official"]
    if territories()[country["code"]].kind is not TerritoryKind.FICTIONAL:
        assert 2015 <= int(country["population_year"]) <= 2026


def test_every_source_says_what_was_seen_where_and_when_and_is_used() -> None:
    used = {key for country in COUNTRIES for field in FIELDS for key in country[f"{field}_source"].split("|")}
    assert used == set(SOURCES)
    assert len(SOURCES) == len(read_table("sources.csv"))
    for source in SOURCES.values():
        assert source["kind"] in {"official", "secondary", "fictional"}
        assert all(source.values())
        assert date.fromisoformat(source["seen"]) >= date(2026, 11, 27)


def test_a_profile_has_the_values_that_were_seen() -> None:
    for country in COUNTRIES:
        seen = {field: country[field] for field in FIELDS if country[f"{field}_confidence"] != "from-memory"}
        profile = country_profile(country["code"])
        assert (profile.population or 0) == int(seen.get("population") or 0)
        assert profile.structure == seen.get("structure", "")
        assert profile.legal_family == seen.get("legal_family", "")


@pytest.fixture
def _no_stored_profiles() -> Iterator[None]:
    countries._profiles.cache_clear()
    yield
    countries._profiles.cache_clear()


@pytest.mark.usefixtures("_no_stored_profiles")
@pytest.mark.parametrize("field", FIELDS)
def test_a_value_from_memory_is_kept_but_not_used(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    country = next(country for country in COUNTRIES if country["code"] == "XB") | {f"{field}_confidence": "from-memory"}
    text = ",".join(country) + "\n" + ",".join(country.values())
    monkeypatch.setattr(countries, "read_data_file", lambda package, name: text)
    whole = {"population": 9_100_000, "structure": "federal", "legal_family": "civil_law"}
    known = {name: value for name, value in whole.items() if name != field}
    assert country_profile("XB") == CountryProfile("XB", **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "other", "similar"),
    [
        ("AT", "CH", True),  # both federal, of civil law and of one size
        ("NO", "FI", True),
        ("SM", "DE", False),  # nothing but civil law in common
        ("MT", "GB", False),
    ],
)
def test_real_countries_are_compared(code: str, other: str, *, similar: bool) -> None:
    assert country_profile(code).is_similar(country_profile(other)) is similar
    assert country_profile(other).is_similar(country_profile(code)) is similar


def test_a_similar_size_is_within_a_factor_of_three() -> None:
    assert CountryProfile("a", 30_000).similar_size(CountryProfile("b", 90_000)) == 1.0
    assert CountryProfile("a", 30_000).similar_size(CountryProfile("b", 90_001)) == 0.0
