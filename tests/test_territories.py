"""Names of states: four languages, every printed variant, and lists read name by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.territories import (
    Kind,
    city_in,
    code_of,
    code_of_adjective,
    codes_in,
    name_of,
    states_in,
    territories,
    territory,
)


def of_kind(kind: Kind) -> int:
    return sum(known.kind is kind for known in territories().values())


def test_there_are_46_members_of_the_council_of_europe_and_193_of_the_united_nations() -> None:
    counts = {kind: of_kind(kind) for kind in Kind}
    assert counts == {
        Kind.COUNCIL_OF_EUROPE: 46,
        Kind.EUROPEAN_UNION: 1,
        Kind.MAY_SIGN: 5,
        Kind.UNITED_NATIONS: 193 - 46 - 4,  # four that may sign; the Holy See is no member
        Kind.OTHER: 4,
        Kind.INVENTED: 3,
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
def test_a_state_is_called_by_its_name_in_each_language(code: str, en: str, fr: str, nb: str, ro: str) -> None:
    assert [name_of(code, language) for language in ("en", "fr", "nb", "ro")] == [en, fr, nb, ro]


def test_no_printed_name_means_two_states() -> None:
    for known in territories().values():
        for name in (*(name for _, name in known.names), *known.also):
            assert code_of(name) == known.code, name


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
    assert code_of(printed) == code


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
    assert states_in(printed) == names


OFFICIAL = [known.name() for known in territories().values()]


@given(st.lists(st.sampled_from(OFFICIAL), min_size=1, max_size=8), st.sampled_from([", ", "; ", " and ", "; and "]))
def test_any_list_of_official_names_is_split_again(names: list[str], separator: str) -> None:
    assert codes_in(separator.join(names)) == tuple(code_of(name) for name in names)


@given(st.text(max_size=60))
def test_splitting_any_text_loses_no_letter_but_those_of_separators(text: str) -> None:
    rejoined = "".join("".join(states_in(text)).split())
    letters = iter("".join(text.split()))
    assert all(letter in letters for letter in rejoined)


@pytest.mark.parametrize(
    ("word", "code"),
    [("Danish", "DK"), ("norvégiennes", "NO"), ("françaises", "FR"), ("Sudmarian", "XB"), ("tall", None)],
)
def test_an_adjective_means_a_state(word: str, code: str | None) -> None:
    assert code_of_adjective(word) == code


def test_invented_states_say_that_they_are_invented() -> None:
    assert [known.code for known in territories().values() if known.invented] == ["XA", "XB", "XC"]


def test_every_member_of_the_council_of_europe_and_the_union_has_its_own_tile() -> None:
    tiles = {known.tile: known.code for known in territories().values() if known.tile}
    on_map = [known.code for known in territories().values() if known.tile]
    assert sorted(tiles.values()) == sorted(on_map)
    assert len(on_map) == 47


def test_a_code_is_found_in_small_letters_too_and_an_unknown_one_is_none() -> None:
    assert territory("no") == territory("NO")
    assert territory("QQ") is None


def test_a_city_has_its_name_in_each_language_where_it_is_the_one_of_its_time_zone():
    said = [city_in("Bucharest", "Europe/Bucharest", code) for code in ("en", "fr", "nb", "ro")]
    assert said == ["Bucharest", "Bucarest", "București", "București"]
    assert city_in("Marinoluz", "Europe/Bucharest", "fr") == "Marinoluz"
    assert city_in("Strasbourg", "Europe/Paris", "ro") == "Strasbourg"
