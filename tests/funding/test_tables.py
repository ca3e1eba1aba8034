"""Tables of others: what they mean is guessed by their names, said by a person, and refused where it is two things."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.dates import UnreadableDate
from samsvar.funding.amounts import FundingError
from samsvar.funding.loading import BadCell, BadTable, is_source
from samsvar.funding.tables import (
    Days,
    Numbers,
    Reading,
    areas_said,
    day_in,
    guessed,
    guessed_below,
    number_in,
    period_said,
    rows_told,
    states_said,
)

SHARED = Path(__file__).resolve().parents[3] / "shared/data/synergy_programmes.csv"
PORTAL = [
    ["Projects of the fund, all states", "", "", "", ""],
    ["", "", "", "", ""],
    ["Case number", "Title", "Country", "Grant amount (EUR)", "Colour"],
    ["RO-1", "A house", "Romania", "1,234,567.00", "red"],
    ["CZ-2", "A school", "Czech Republic", "1,000", "blue"],
]


def test_a_portals_table_is_understood_below_its_title():
    reading = guessed(PORTAL)
    assert reading == Reading(
        heading=3, columns={0: "code", 1: "title", 2: "beneficiaries", 3: "grant"}, fixed={"currency": "EUR"}
    )
    read = rows_told(PORTAL, reading)
    assert (read.unread, read.numbers) == (("Colour",), Numbers.POINT)
    assert [dict(row.said) for row in read.rows] == [
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
def test_headings_are_known_in_the_languages_of_the_interface(heading, columns):
    known = guessed([heading, [""] * len(heading)]).columns
    assert [known.get(place, "") for place in range(len(heading))] == columns


def test_another_row_can_hold_the_headings():
    assert guessed_below([["Title"], ["Name", "Code"], ["x", "y"]], 2).columns == {0: "title", 1: "code"}


def test_what_holds_for_every_row_is_said_once_and_a_column_goes_before_it():
    reading = Reading(columns={0: "title", 1: "kind"}, fixed={"kind": "project", "period": "2014–2021"})
    (row,) = rows_told([["Title", "Kind"], ["A house", "call"]], reading).rows
    assert dict(row.said) == {"title": "A house", "kind": "call", "period": "2014-2021"}


NUMBERS = {  # cell: (recognised by itself, with a point before cents, with a comma before cents)
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
def test_a_number_is_read_in_one_way_or_refused_by_name(cell, way):
    try:
        said = number_in(cell, list(Numbers)[way])[0]
    except FundingError as error:
        said = error.code
    assert said == NUMBERS[cell][way]


@pytest.mark.parametrize(
    ("cell", "currency"),
    [("€ 5", "EUR"), ("5 €", "EUR"), ("NOK 5", "NOK"), ("5 lei", "RON"), ("5 eur", "EUR"), ("5", "")],
)
def test_a_currency_beside_a_number_is_read(cell, currency):
    assert number_in(cell, Numbers.RECOGNISED) == ("5", currency)


@given(some.integers(0, 10**11), some.sampled_from([",", " ", "\u00a0", "'"]))
def test_every_amount_with_thousands_parted_is_the_amount(cents, parted):
    written = f"{cents // 100:,}".replace(",", parted) + f".{cents % 100:02}"
    assert number_in(written, Numbers.RECOGNISED)[0] == f"{cents // 100}.{cents % 100:02}"


def test_a_cell_that_can_be_read_in_one_way_says_how_the_others_are_meant():
    reading = Reading(columns={0: "title", 1: "grant", 2: "begins"}, fixed={"currency": "EUR"})
    table = [["T", "G", "B"], ["a", "1.234.567,50", "31/01/2019"], ["b", "1.000", "04/06/2019"]]
    read = rows_told(table, reading)
    assert (read.numbers, read.days) == (Numbers.COMMA, Days.DAY_FIRST)
    assert (read.rows[1].said["grant"], read.rows[1].said["begins"]) == ("1000", "2019-06-04")
    alone = rows_told([table[0], table[2]], reading)
    assert [(cell.column, cell.code) for cell in alone.rows[0].wrong] == [
        ("grant", "ambiguous_amount"), ("begins", "ambiguous_date"),
    ]  # fmt: skip


def test_a_row_in_two_currencies_is_refused():
    reading = Reading(columns={0: "title", 1: "grant"}, fixed={"currency": "EUR"})
    (row,) = rows_told([["T", "G"], ["a", "NOK 5"]], reading).rows
    assert row.wrong == (BadCell("currency", "EUR, NOK", "different_currencies", "The row has EUR, NOK."),)


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
def test_a_day_is_read_in_one_way_or_refused_by_name(cell, said):
    try:
        read = day_in(cell, Days.RECOGNISED)
    except (FundingError, UnreadableDate) as error:
        read = error.code
    assert read == said


def test_which_stands_first_can_be_said():
    assert (day_in("04/06/2019", Days.DAY_FIRST), day_in("04/06/2019", Days.MONTH_FIRST)) == (
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
def test_states_are_named_by_code_or_in_the_languages_of_the_interface(cell, codes):
    assert states_said(cell) == codes


def test_areas_and_periods_are_read_as_they_are_printed():
    printed = "PA22 Domestic and gender-based violence"
    assert [areas_said(cell) for cell in ("PA22", printed, "PA21; PA22", "PA21 PA22")] == [
        "PA22", "PA22", "PA21 PA22", "PA21 PA22",
    ]  # fmt: skip
    assert [period_said(cell) for cell in ("EEA Grants 2014–2021", "2009 - 2014", "2021")] == [
        "2014-2021", "2009-2014", "2021",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["title"]], "empty_table"),
        ([["title"], *[["x"]] * 2001], "too_many_rows"),
    ],
)
def test_what_is_no_table_is_refused_by_name(rows, code):
    with pytest.raises(BadTable) as refused:
        rows_told(rows, guessed(rows))
    assert refused.value.code == code


def test_two_columns_cannot_be_the_same():
    with pytest.raises(BadTable) as refused:
        rows_told([["a", "b"], ["1", "2"]], Reading(columns={0: "title", 1: "title"}))
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
def test_a_source_is_a_web_address_or_a_document_with_a_name(text, is_one):
    assert is_source(text) is is_one


def test_the_compiled_table_is_understood_as_it_is():
    if not SHARED.exists():
        pytest.skip("the compiled table lies beside the repository on developers' machines only")
    with SHARED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    reading = guessed(rows)
    assert reading.fixed == {"currency": "EUR"}
    read = rows_told(rows, reading)
    assert (read.unread, [row for row in read.rows if row.wrong]) == (("donor_partner",), [])
