"""Tests of imported tables: headings are recognised, a person can correct them, ambiguous cells are rejected."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.dates import UnreadableDate
from samsvar.funding.amounts import FundingError
from samsvar.funding.loading import CellProblem, InvalidTable, is_source
from samsvar.funding.tables import (
    DateOrder,
    ImportOptions,
    NumberFormat,
    guess_columns,
    guess_options,
    parse_areas,
    parse_date,
    parse_number,
    parse_period,
    parse_rows,
    parse_states,
)

COMPILED_TABLE = Path(__file__).resolve().parents[3] / "shared/data/synergy_programmes.csv"
PORTAL = [
    ["Projects of the fund, all states", "", "", "", ""],
    ["", "", "", "", ""],
    ["Case number", "Title", "Country", "Grant amount (EUR)", "Colour"],
    ["RO-1", "A house", "Romania", "1,234,567.00", "red"],
    ["CZ-2", "A school", "Czech Republic", "1,000", "blue"],
]


def test_a_table_below_a_title_row_is_recognised():
    reading = guess_options(PORTAL)
    assert reading == ImportOptions(
        heading=3, columns={0: "code", 1: "title", 2: "beneficiaries", 3: "grant"}, fixed={"currency": "EUR"}
    )
    read = parse_rows(PORTAL, reading)
    assert (read.ignored_headings, read.numbers) == (("Colour",), NumberFormat.POINT)
    assert [dict(row.values) for row in read.rows] == [
        {"code": "RO-1", "title": "A house", "beneficiaries": "RO", "grant": "1234567.00", "currency": "EUR"},
        {"code": "CZ-2", "title": "A school", "beneficiaries": "CZ", "grant": "1000", "currency": "EUR"},
    ]


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        (["Titre du projet", "Pays bénéficiaire", "Montant", "Date de début"],
         ["title", "beneficiaries", "grant", "begins"]),
        (["Tittel", "Mottakerland", "Tilskuddsbeløp", "Startdato"], ["title", "beneficiaries", "grant", "begins"]),
        (["Titlul proiectului", "Țara", "Valoarea grantului", "Data de început"],
         ["title", "beneficiaries", "grant", "begins"]),
        (["Programme code", "Project code", "Project title", "Paid"], ["part_of", "code", "title", "disbursed"]),
        (["Programme code", "Programme name"], ["code", "title"]),
        (["Programme code", "Programme", "Project code", "Project"], ["part_of", "", "code", "title"]),
    ],
)  # fmt: skip
def test_headings_are_recognised_in_the_languages_of_the_interface(heading, columns):
    known = guess_options([heading, [""] * len(heading)]).columns
    assert [known.get(place, "") for place in range(len(heading))] == columns


def test_another_row_can_be_chosen_as_the_headings():
    assert guess_columns([["Title"], ["Name", "Code"], ["x", "y"]], 2).columns == {0: "title", 1: "code"}


def test_a_fixed_value_applies_to_every_row_unless_a_column_overrides_it():
    reading = ImportOptions(columns={0: "title", 1: "kind"}, fixed={"kind": "project", "period": "2014–2021"})
    (row,) = parse_rows([["Title", "Kind"], ["A house", "call"]], reading).rows
    assert dict(row.values) == {"title": "A house", "kind": "call", "period": "2014-2021"}


NUMBERS = {  # cell: (recognised automatically, with a decimal point, with a decimal comma)
    "1,234,567.00": ("1234567.00", "1234567.00", "unreadable_amount"),
    "1.234.567,50": ("1234567.50", "unreadable_amount", "1234567.50"),
    "92 253,5": ("92253.5", "unreadable_amount", "92253.5"),
    "1'234'567": ("1234567", "1234567", "1234567"),
    "1.000": ("ambiguous_amount", "unreadable_amount", "1000"),
    "1,000": ("ambiguous_amount", "1000", "unreadable_amount"),
    "1234.567": ("unreadable_amount",) * 3,
    "12.34.56": ("unreadable_amount",) * 3,
    "about 5": ("unreadable_amount",) * 3,
    "5 million": ("unreadable_amount",) * 3,
    "5 kr": ("ambiguous_currency",) * 3,
    "$ 5": ("ambiguous_currency",) * 3,
    "-5": ("-5",) * 3,
    "5 000,-": ("5000",) * 3,
}


@pytest.mark.parametrize(("cell", "way"), [(cell, way) for cell in NUMBERS for way in range(3)])
def test_a_number_is_read_unambiguously_or_rejected(cell, way):
    try:
        said = parse_number(cell, list(NumberFormat)[way])[0]
    except FundingError as error:
        said = error.code
    assert said == NUMBERS[cell][way]


@pytest.mark.parametrize(
    ("cell", "currency"),
    [("€ 5", "EUR"), ("5 €", "EUR"), ("NOK 5", "NOK"), ("5 lei", "RON"), ("5 eur", "EUR"), ("5", "")],
)
def test_a_currency_next_to_a_number_is_recognised(cell, currency):
    assert parse_number(cell, NumberFormat.RECOGNISED) == ("5", currency)


@given(some.integers(0, 10**11), some.sampled_from([",", " ", "\u00a0", "'"]))
def test_amounts_with_thousands_separators_are_read_exactly(cents, parted):
    written = f"{cents // 100:,}".replace(",", parted) + f".{cents % 100:02}"
    assert parse_number(written, NumberFormat.RECOGNISED)[0] == f"{cents // 100}.{cents % 100:02}"


def test_an_unambiguous_cell_decides_how_ambiguous_cells_are_read():
    reading = ImportOptions(columns={0: "title", 1: "grant", 2: "begins"}, fixed={"currency": "EUR"})
    table = [["T", "G", "B"], ["a", "1.234.567,50", "31/01/2019"], ["b", "1.000", "04/06/2019"]]
    read = parse_rows(table, reading)
    assert (read.numbers, read.days) == (NumberFormat.COMMA, DateOrder.DAY_FIRST)
    assert (read.rows[1].values["grant"], read.rows[1].values["begins"]) == ("1000", "2019-06-04")
    alone = parse_rows([table[0], table[2]], reading)
    assert [(cell.column, cell.code) for cell in alone.rows[0].problems] == [
        ("grant", "ambiguous_amount"), ("begins", "ambiguous_date"),
    ]  # fmt: skip


def test_a_row_in_two_currencies_is_rejected():
    reading = ImportOptions(columns={0: "title", 1: "grant"}, fixed={"currency": "EUR"})
    (row,) = parse_rows([["T", "G"], ["a", "NOK 5"]], reading).rows
    assert row.problems == (
        CellProblem("currency", "EUR, NOK", "different_currencies", "Several currencies: EUR, NOK."),
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("04.06.2019", "2019-06-04"), ("4.6.2019", "2019-06-04"), ("2019/06/04", "2019-06-04"), ("06/2019", "2019-06"),
        ("4 June 2019", "2019-06-04"), ("June 4, 2019", "2019-06-04"), ("1er août 2019", "2019-08-01"),
        ("4. juni 2019", "2019-06-04"), ("4 iunie 2019", "2019-06-04"), ("juin 2019", "2019-06"), ("2019", "2019"),
        ("2019-06-04 00:00:00", "2019-06-04"), ("13/06/2019", "2019-06-13"), ("06/13/2019", "2019-06-13"),
        ("04/06/2019", "ambiguous_date"), ("05/05/2019", "2019-05-05"), ("31.02.2019", "unreadable_date"),
        ("04/06/19", "unreadable_date"), ("spring 2019", "unreadable_date"),
    ],
)  # fmt: skip
def test_a_date_is_read_unambiguously_or_rejected(cell, said):
    try:
        read = parse_date(cell, DateOrder.RECOGNISED)
    except (FundingError, UnreadableDate) as error:
        read = error.code
    assert read == said


def test_day_first_or_month_first_can_be_chosen():
    assert (parse_date("04/06/2019", DateOrder.DAY_FIRST), parse_date("04/06/2019", DateOrder.MONTH_FIRST)) == (
        "2019-06-04",
        "2019-04-06",
    )


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("Romania", "RO"), ("Roumanie, Bulgarie", "RO BG"), ("RO BG", "RO BG"), ("Bosnia and Herzegovina", "BA"),
        ("Tsjekkia; Polen", "CZ PL"), ("Cehia", "CZ"), ("EL", "GR"), ("Romania | Norway", "RO NO"),
    ],
)  # fmt: skip
def test_states_are_recognised_by_code_or_by_name_in_any_interface_language(cell, codes):
    assert parse_states(cell) == codes


def test_areas_and_periods_are_read_as_printed():
    printed = "PA22 Domestic and gender-based violence"
    assert [parse_areas(cell) for cell in ("PA22", printed, "PA21; PA22", "PA21 PA22")] == [
        "PA22", "PA22", "PA21 PA22", "PA21 PA22",
    ]  # fmt: skip
    assert [parse_period(cell) for cell in ("EEA Grants 2014–2021", "2009 - 2014", "2021")] == [
        "2014-2021", "2009-2014", "2021",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["title"]], "empty_table"),
        ([["title"], *[["x"]] * 2001], "too_many_rows"),
    ],
)
def test_an_empty_or_too_long_table_is_rejected(rows, code):
    with pytest.raises(InvalidTable) as refused:
        parse_rows(rows, guess_options(rows))
    assert refused.value.code == code


def test_two_columns_cannot_have_the_same_meaning():
    with pytest.raises(InvalidTable) as refused:
        parse_rows([["a", "b"], ["1", "2"]], ImportOptions(columns={0: "title", 1: "title"}))
    assert refused.value.code == "column_twice"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://eeagrants.org/x", True), ("http://x.example/", True), ("Annual report 2023, page 14", True),
        ("Annual Report: the year 2023", True), ("n/a", False), ("N/A", False), ("-", False), ("none", False),
        ("not known", False), ("javascript:alert(1)", False), ("https://", False), ("https://nowhere", False),
        ("report", False), ("a b", False), ("data:text/html,hello there", False),
    ],
)  # fmt: skip
def test_a_source_is_a_web_address_or_a_named_document(text, is_one):
    assert is_source(text) is is_one


def test_the_compiled_table_is_recognised_without_changes():
    if not COMPILED_TABLE.exists():
        pytest.skip("the compiled table lies beside the repository on developers' machines only")
    with COMPILED_TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    reading = guess_options(rows)
    assert reading.fixed == {"currency": "EUR"}
    read = parse_rows(rows, reading)
    assert (read.ignored_headings, [row for row in read.rows if row.problems]) == (("donor_partner",), [])
