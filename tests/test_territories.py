"""Names of states in four languages, with every printed variant, and splitting printed lists of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.territories import (
    TerritoryKind,
    code_by_adjective,
    code_by_name,
    localised_city,
    split_state_names,
    territories,
    territory,
    territory_name,
)


def count_of_kind(kind: TerritoryKind) -> int:
    return sum(known.kind is kind for known in territories().values())


def test_there_are_46_members_of_the_council_of_europe_and_193_of_the_united_nations() -> None:
    counts = {kind: count_of_kind(kind) for kind in TerritoryKind}
    assert counts == {
        TerritoryKind.COUNCIL_OF_EUROPE: 46,
        TerritoryKind.EUROPEAN_UNION: 1,
        TerritoryKind.MAY_SIGN: 5,
        TerritoryKind.UNITED_NATIONS: 193 - 46 - 4,  # the other four that may sign; the Holy See is not a member
        TerritoryKind.OTHER: 4,
        TerritoryKind.FICTIONAL: 3,
    }


@pytest.mark.parametrize(
    ("code", "en", "fr", "nb", "ro"),
    [
        ("TR", "Türkiye", "Türkiye", "Tyrkia", "Turcia"),
        ("MK", "North Macedonia", "Macédoine du Nord", "Nord-Makedonia", "Macedonia de Nord"),
        ("MD", "Republic of Moldova", "République de Moldova", "Moldova", "Republica Moldova"),
        ("CZ", "Czechia", "Tchéquie", "Tsjekkia", "Cehia"),
        ("NO", "Norway", "Norvège", "Norge", "Norvegia"),
        ("EU", "European Union", "Union européenne", "Den europeiske union", "Uniunea Europeană"),
        ("XC", "Ostria", "Ostrie", "Ostria", "Ostria"),
    ],
)
def test_a_state_has_its_name_in_each_language(code: str, en: str, fr: str, nb: str, ro: str) -> None:
    assert [territory_name(code, language) for language in ("en", "fr", "nb", "ro")] == [en, fr, nb, ro]


def test_no_printed_name_means_two_states() -> None:
    for known in territories().values():
        for name in (*(name for _, name in known.names), *known.other_names):
            assert code_by_name(name) == known.code, name


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Bolivia (Plurinational State of)", "BO"),
        ("Iran (Islamic Republic of)", "IR"),
        ("the Holy See", "VA"),
        ("State of Palestine", "PS"),
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("DPR Korea", "KP"),
        ("Republic of\nKorea", "KR"),
        ("TÜRKIYE", "TR"),
        ("Turkey", "TR"),
        ("“The former Yugoslav Republic of Macedonia”", "MK"),
        ("Cote d'Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("the Nether-\nlands", "NL"),
        ("Ukraine 1", "UA"),
        ("Kosovo*", "XK"),
        ("l’Espagne", "ES"),
        ("la Suisse", "CH"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Papua New Guinea", "PG"),
        ("Nordic countries", None),
        ("", None),
    ],
)
def test_a_printed_name_means_one_state_or_none(printed: str, code: str | None) -> None:
    assert code_by_name(printed) == code


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (
            "France, Bosnia and Herzegovina; Trinidad and Tobago and Chile",
            ("France", "Bosnia and Herzegovina", "Trinidad and Tobago", "Chile"),
        ),
        (
            "Iran (Islamic Republic of), Korea, Republic of and the UK",
            ("Iran (Islamic Republic of)", "Korea, Republic of", "the UK"),
        ),
        (
            "Saint Vincent and the Grenadines, St. Lucia, and Peru",
            ("Saint Vincent and the Grenadines", "St. Lucia", "Peru"),
        ),
        ("Afrique du Sud et Côte d’Ivoire", ("Afrique du Sud", "Côte d’Ivoire")),
        (
            "Republic of Congo and Democratic Republic of the\nCongo",
            ("Republic of Congo", "Democratic Republic of the Congo"),
        ),
        ("Spain France", ("Spain", "France")),
        ("Norway on behalf of others, Chile", ("Norway on behalf of others", "Chile")),
        (" ; ,", ()),
    ],
)
def test_a_printed_list_of_states_is_split_into_its_names(printed: str, names: tuple[str, ...]) -> None:
    assert split_state_names(printed) == names


OFFICIAL = [known.name() for known in territories().values()]


@given(st.lists(st.sampled_from(OFFICIAL), min_size=1, max_size=8), st.sampled_from([", ", "; ", " and ", "; and "]))
def test_any_joined_list_of_official_names_can_be_split(names: list[str], separator: str) -> None:
    split_names = split_state_names(separator.join(names))
    assert [code_by_name(name) for name in split_names] == [code_by_name(name) for name in names]


@given(st.text(max_size=60))
def test_splitting_a_text_never_adds_or_reorders_characters(text: str) -> None:
    rejoined = "".join("".join(split_state_names(text)).split())
    letters = iter("".join(text.split()))
    assert all(letter in letters for letter in rejoined)


@pytest.mark.parametrize(
    ("word", "code"),
    [("Danish", "DK"), ("norvégiennes", "NO"), ("françaises", "FR"), ("Sudmarian", "XB"), ("tall", None)],
)
def test_an_adjective_identifies_a_state(word: str, code: str | None) -> None:
    assert code_by_adjective(word) == code


def test_fictional_states_are_marked_as_fictional() -> None:
    assert [known.code for known in territories().values() if known.fictional] == ["XA", "XB", "XC"]


def test_every_member_of_the_council_of_europe_and_the_union_has_its_own_tile() -> None:
    tiles = {known.tile: known.code for known in territories().values() if known.tile}
    on_map = [known.code for known in territories().values() if known.tile]
    assert sorted(tiles.values()) == sorted(on_map)
    assert len(on_map) == 47


def test_a_code_is_found_in_lower_case_and_an_unknown_code_is_none() -> None:
    assert territory("no") == territory("NO")
    assert territory("QQ") is None


def test_a_city_name_is_translated_only_if_its_time_zone_is_named_after_it():
    said = [localised_city("Bucharest", "Europe/Bucharest", code) for code in ("en", "fr", "nb", "ro")]
    assert said == ["Bucharest", "Bucarest", "București", "București"]
    assert localised_city("Marinoluz", "Europe/Bucharest", "fr") == "Marinoluz"
    assert localised_city("Strasbourg", "Europe/Paris", "ro") == "Strasbourg"
