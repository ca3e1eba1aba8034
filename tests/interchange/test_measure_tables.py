"""Tests of tables of measures: guessed columns, cells that cannot be read, plans of imports, and export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from samsvar.funding.tables import DateOrder, ImportOptions
from samsvar.implementation.cited_findings import CitableFinding, CitationFit
from samsvar.implementation.measures import MeasureKind, Stage
from samsvar.interchange.measure_import import (
    VALUE_COLUMNS,
    ImportDecisions,
    MeasureImportPlan,
    MeasureRecord,
    plan_measure_import,
)
from samsvar.interchange.measure_tables import (
    COLUMNS,
    MAX_LENGTHS,
    HeadingReason,
    InvalidMeasureTable,
    cell_address,
    export_headings,
    fingerprint_headings,
    format_measure,
    guess_layout,
    match_headings,
    parse_measures,
)
from samsvar.interchange.tables import read_sheets, render_csv, render_xlsx
from samsvar.languages import INTERFACE_LANGUAGES

# --- Columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "column", "reason"),
    [
        ("Nr. crt.", "number", HeadingReason.KNOWN),
        ("TILTAK", "title", HeadingReason.KNOWN),
        ("Instituția responsabilă", "lead", HeadingReason.KNOWN),
        ("Ministère(s) responsable(s) / pilote", "lead", HeadingReason.CONTAINS),
        ("Deadline (latest)", "due", HeadingReason.CONTAINS),
        ("Respnsible body", "lead", HeadingReason.SIMILAR),
        ("Échéance", "due", HeadingReason.KNOWN),
        ("GREVIO recommendation", "findings", HeadingReason.KNOWN),
    ],
)
def test_a_heading_is_recognised_with_its_reason(heading, column, reason):
    (match,) = match_headings([heading])
    assert (match.column, match.reason) == (column, reason)


@pytest.mark.parametrize("heading", ["Remarks of the cabinet", "Land", "", "???", "Hvem er ansvarlig for bilen"])
def test_a_heading_that_no_one_knows_is_left_to_the_person(heading):
    assert not {match.column for match in match_headings([heading])} - {"lead"}


def test_a_column_goes_to_its_surest_heading():
    matches = match_headings(["Measure area", "Measure", "Deadline", "New deadline"])
    assert {match.heading: match.column for match in matches} == {
        "Measure": "title",
        "Deadline": "due",
    }


def test_the_heading_row_is_found_below_a_title_and_the_currency_within_a_heading():
    rows = [["Plan of action 2025"], [], ["Nr.", "Tiltak", "Kostnad (NOK)"], ["1", "A line", "5000"]]
    options, matches = guess_layout(rows)
    assert options == ImportOptions(3, {0: "number", 1: "title", 2: "amount"}, {"currency": "NOK"})
    assert [match.known for match in matches] == ["Nr.", "Tiltak", "Kostnad"]


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_the_headings_of_an_export_are_recognised(language):
    headings = export_headings(language)
    assert {match.column: match.heading for match in match_headings([*headings.values()])} == headings


def test_a_set_of_headings_is_the_same_in_another_order_and_spelling():
    assert fingerprint_headings(["Tiltak ", "Frist", ""]) == fingerprint_headings(["FRIST:", "tiltak"])
    assert fingerprint_headings(["Tiltak"]) != fingerprint_headings(["Tiltak", "Frist"])


def test_the_address_of_a_cell_is_the_one_that_a_spreadsheet_shows():
    assert [cell_address(place, 14) for place in (0, 2, 25, 26, 701, 702)] == [
        "A14", "C14", "Z14", "AA14", "ZZ14", "AAA14",
    ]  # fmt: skip


# --- Cells ------------------------------------------------------------------------------------------------------------


def _parse(bodies=(), options=None, **cells):
    """Parse one row with these cells, below a heading; a title is added."""
    cells = {"title": "A helpline", **cells}
    options = options or ImportOptions()
    options = replace(options, columns=dict(enumerate(cells)))
    return parse_measures([[*cells], [*cells.values()]], options, bodies=bodies).rows[0]


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("due", "31.12.2026", "2026-12-31"),
        ("due", "2026", "2026"),
        ("due", "juin 2026", "2026-06"),
        ("due", "1er juin 2026", "2026-06-01"),
        ("due", "3. februar 2026", "2026-02-03"),
        ("begins", "martie 2025", "2025-03"),
        ("kind", "Modificare legislativă", "law"),
        ("kind", "opplæring", "training"),
        ("kind", "co_ordination", "co_ordination"),
        ("stage", "En cours", "under_way"),
        ("stage", "Gjennomført", "done"),
        ("stage", "not started", "decided"),
        ("amount", "1 234 567,50 lei", "1234567.50"),
        ("amount", "5 000,-", "5000"),
    ],
)
def test_a_cell_is_read_in_any_of_the_four_languages(column, cell, value):
    row = _parse(**{column: cell})
    assert (row.values[column], row.problems) == (value, ())


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("due", "Q2 2026", "date_quarter"),
        ("due", "T3 2026", "date_quarter"),
        ("due", "2. kvartal 2026", "date_quarter"),
        ("due", "trimestrul II 2026", "date_quarter"),
        ("due", "spring 2025", "date_season"),
        ("due", "høsten 2025", "date_season"),
        ("due", "toamna 2025", "date_season"),
        ("due", "2024–2026", "date_range"),
        ("due", "ongoing", "date_open_ended"),
        ("due", "urmează a fi stabilit", "date_open_ended"),
        ("due", "end of 2026", "date_part_of_year"),
        ("due", "45809", "date_number"),
        ("due", "31.02.2026", "date_unreadable"),
        ("due", "when funds allow", "date_unreadable"),
        ("due", "04/06/2026", "date_ambiguous"),
        ("kind", "law, training", "kind_several"),
        ("kind", "miscellaneous", "kind_unknown"),
        ("stage", "65 %", "stage_percent"),
        ("stage", "soon", "stage_unknown"),
        ("amount", "1,234", "amount_ambiguous"),
        ("amount", "a lot", "amount_unreadable"),
        ("amount", "-5", "amount_negative"),
        ("amount", "9" * 14, "amount_too_large"),
        ("currency", "gold", "currency_unknown"),
        ("title", "", "title_missing"),
        *((column, "x" * (limit + 1), "too_long") for column, limit in MAX_LENGTHS.items() if column != "others"),
        ("others", "x" * 201, "too_long"),
        ("others", "; ".join(f"{n} {'x' * 190}" for n in range(11)), "too_long"),
    ],
)
def test_a_cell_that_cannot_be_read_is_a_named_problem_at_its_address(column, cell, code):
    row = _parse(**{"number": "1", column: cell})
    (problem,) = row.problems
    assert (problem.code, problem.column) == (code, column)
    assert problem.address == ("B2" if column == "number" else "A2" if column == "title" else "C2")
    assert problem.message


def test_the_order_of_day_and_month_is_learned_from_the_other_rows_or_told():
    columns = {0: "title", 1: "due"}
    rows = [["t", "d"], ["A", "04/06/2026"], ["B", "31/12/2026"]]
    assert parse_measures(rows, ImportOptions(columns=columns)).rows[0].values["due"] == "2026-06-04"
    told = ImportOptions(columns=columns, days=DateOrder.MONTH_FIRST)
    assert parse_measures(rows[:2], told).rows[0].values["due"] == "2026-04-06"


def test_a_measure_due_before_it_begins_and_two_currencies_are_problems():
    assert [one.code for one in _parse(begins="2026", due="2025").problems] == ["due_before_start"]
    assert [one.code for one in _parse(amount="5 EUR", currency="NOK").problems] == ["different_currencies"]
    assert _parse(amount="5 EUR", currency="eur").values["currency"] == "EUR"


def test_a_period_fills_start_and_due_date_and_excludes_columns_of_their_own():
    values = _parse(period="2024 – juin 2026").values
    assert (values["begins"], values["due"]) == ("2024", "2026-06")
    assert _parse(period="2026").values["due"] == "2026"
    assert [one.code for one in _parse(period="2024 – Q2 2026").problems] == ["date_quarter"]
    with pytest.raises(InvalidMeasureTable) as error:
        _parse(period="2024", due="2026")
    assert error.value.code == "period_and_dates"


@pytest.mark.parametrize(
    ("cell", "bodies", "lead", "others"),
    [
        ("Ministry of Justice", (), "Ministry of Justice", None),
        ("Ministry of Labour, Family and Equality", (), "Ministry of Labour, Family and Equality", None),
        ("Ministry of Justice; Police", (), "Ministry of Justice", "Police"),
        ("Ministry of Justice\n- Police\n- Prosecution", (), "Ministry of Justice", "Police; Prosecution"),
        ("1. Justice / 2. Police", (), "Justice", "Police"),
        ("MoJ, Police", ("MoJ", "Police"), "MoJ", "Police"),
        ("moj and police", ("MoJ", "Police"), "MoJ", "Police"),
        ("MoJ, Police", ("MoJ",), "MoJ, Police", None),  # the second is not known, so the comma may be part of a name
        ("Health / Care", ("Health / Care",), "Health / Care", None),
    ],
)
def test_several_bodies_in_a_cell_are_split_only_where_that_is_certain(cell, bodies, lead, others):
    row = _parse(bodies, lead=cell)
    assert (row.values["lead"], row.values.get("others")) == (lead, others)
    assert row.split_bodies is (others is not None)


@pytest.mark.parametrize(
    ("rows", "columns", "code"),
    [
        ([["t"]], {0: "title"}, "empty_table"),
        ([["t"], *([["A"]] * 2_001)], {0: "title"}, "too_many_rows"),
        ([["t", "u"], ["A", "B"]], {0: "title", 1: "title"}, "column_twice"),
        ([["n"], ["1"]], {0: "number"}, "no_title"),
    ],
)
def test_a_table_that_cannot_be_imported_as_a_whole_is_refused_by_name(rows, columns, code):
    with pytest.raises(InvalidMeasureTable) as error:
        parse_measures(rows, ImportOptions(columns=columns))
    assert error.value.code == code


# --- Plans ------------------------------------------------------------------------------------------------------------

OLD = MeasureRecord("m1", {"number": "1.1", "title": "A helpline", "stage": "decided", "due": "2025"})
COLUMNS_OF_PLAN = {0: "number", 1: "title", 2: "due", 3: "stage", 4: "findings"}
FINDINGS = (
    CitableFinding("a" * 16, "grevio", "57", 2020, articles=frozenset({24})),
    CitableFinding("b" * 16, "grevio", "61", 2020, articles=frozenset({24})),
)


def _plan(*rows, records=(OLD,), decisions=None, columns=None, clears=False, **more) -> MeasureImportPlan:
    options = ImportOptions(columns=columns or COLUMNS_OF_PLAN, clears=clears)
    table = parse_measures([["No.", "Measure", "Due", "Stage", "Findings"], *rows], options)
    return plan_measure_import(table, records, FINDINGS, decisions, **more)


def test_a_plan_shows_every_cell_that_changes_with_its_address():
    (row,) = _plan(["1.1", "A helpline", "2026", "under way", ""]).rows
    assert row.outcome == "changed"
    assert row.record == "m1"
    assert [(one.address, one.column, one.before, one.after) for one in row.changes] == [
        ("C2", "due", "2025", "2026"),
        ("D2", "stage", "decided", "under_way"),
    ]


def test_a_row_is_found_by_its_number_and_without_one_by_its_title():
    assert _plan(["1.1", "Another title", "", "", ""]).rows[0].record == "m1"
    assert _plan(["", "a HELPLINE", "", "", ""]).rows[0].record == "m1"
    assert _plan(["1.2", "A helpline", "", "", ""]).rows[0].record == ""  # another number is another measure
    without = replace(OLD, values={**OLD.values, "number": ""})
    assert _plan(["1.2", "A helpline", "", "", ""], records=[without]).rows[0].record == "m1"
    assert _plan(["11", "X", "", "", ""]).rows[0].record == ""


def test_rows_and_measures_that_cannot_be_told_apart_are_problems():
    plan = _plan(["1.1", "A", "", "", ""], ["1.1", "B", "", "", ""], ["", "C", "", "", ""], ["", "c", "", "", ""])
    assert [[(one.address, one.code) for one in row.problems] for row in plan.rows] == [
        [], [("A3", "row_repeated")], [], [("B5", "row_repeated")],
    ]  # fmt: skip
    twin = replace(OLD, id="m2")
    assert [one.code for one in _plan(["1.1", "A", "", "", ""], records=[OLD, twin]).problems] == ["number_ambiguous"]
    assert [one.code for one in _plan(["", "A helpline", "", "", ""], records=[OLD, twin]).problems] == [
        "title_ambiguous"
    ]


def test_an_empty_cell_keeps_the_value_unless_empty_cells_clear():
    assert _plan(["1.1", "A helpline", "", "", ""]).rows[0].outcome == "same"
    (row,) = _plan(["1.1", "A helpline", "", "", ""], clears=True).rows
    assert [(one.column, one.after) for one in row.changes] == [("due", "")]


def test_a_step_that_needs_a_reason_is_a_problem_without_one():
    assert [one.code for one in _plan(["1.1", "A helpline", "", "stopped", ""]).problems] == ["reason_missing"]
    assert [one.code for one in _plan(["2", "New", "", "stopped", ""]).problems] == ["reason_missing"]
    done = replace(OLD, values={**OLD.values, "stage": "done"})
    (problem,) = _plan(["1.1", "A helpline", "", "decided", ""], records=[done]).problems
    assert (problem.code, problem.detail) == ("step_not_possible", "done")


def test_nothing_is_clean_while_a_row_has_a_problem_unless_it_is_skipped():
    rows = (["1", "A", "Q2 2026", "", ""], ["2", "B", "2026", "", ""])
    plan = _plan(*rows)
    assert not plan.is_clean
    assert [one.address for one in plan.problems] == ["C2"]
    for decisions in (ImportDecisions(skipped=frozenset({2})), ImportDecisions(skip_wrong=True)):
        skipping = _plan(*rows, decisions=decisions)
        assert skipping.is_clean
        assert skipping.counts == {"new": 1, "changed": 0, "same": 0, "wrong": 0, "skipped": 1}


def test_only_a_citation_that_fits_one_finding_is_linked_unasked():
    (row,) = _plan(["2", "New", "", "", "GREVIO § 57; Art. 24; 99"]).rows
    assert row.links == (("a" * 16, "§ 57"),)
    assert [one.fit for one in row.citations] == [CitationFit.ONE, CitationFit.TOPIC]
    declining = ImportDecisions(declined=frozenset({(2, "a" * 16)}), chosen=frozenset({(2, "b" * 16)}))
    (row,) = _plan(["2", "New", "", "", "GREVIO § 57; Art. 24"], decisions=declining).rows
    assert row.links == (("b" * 16, "Art. 24"),)


def test_a_link_that_exists_or_was_declined_before_changes_nothing():
    linked = replace(OLD, findings=frozenset({"a" * 16}))
    cells = ["1.1", "A helpline", "", "", "GREVIO § 57"]
    assert _plan(cells, records=[linked]).rows[0].outcome == "same"
    assert _plan(cells, declined_before={("m1", "a" * 16)}).rows[0].outcome == "same"
    assert _plan(cells).rows[0].outcome == "changed"


def test_an_unknown_region_is_a_problem_and_a_known_one_is_written_as_known():
    columns = {0: "number", 1: "title", 2: "region"}
    assert [one.code for one in _plan(["1", "A", "Atlantis"], columns=columns, regions=["North"]).problems] == [
        "region_unknown"
    ]
    assert _plan(["1", "A", "NORTH"], columns=columns, regions=["North"]).rows[0].values["region"] == "North"


def test_a_chapter_needs_a_plan():
    columns = {0: "number", 1: "title", 2: "chapter"}
    assert [one.code for one in _plan(["1", "A", "I"], columns=columns, has_chapters=False).problems] == [
        "chapter_without_plan"
    ]
    assert _plan(["1", "A", "I"], columns=columns).is_clean


def test_an_import_never_changes_the_currency_of_an_amount_that_was_paid():
    columns = {0: "number", 1: "title", 2: "amount"}
    paid = replace(OLD, values={**OLD.values, "amount": "5", "currency": "NOK"}, paid_currency="NOK")
    assert [one.code for one in _plan(["1.1", "A helpline", "5 EUR"], columns=columns, records=[paid]).problems] == [
        "currency_of_payment"
    ]
    (planned,) = _plan(["1.1", "A helpline", ""], columns=columns, records=[paid], clears=True).rows
    assert [(one.column, one.after) for one in planned.changes if one.column != "due"] == [("amount", "")]
    assert [one.code for one in _plan(["2", "New", "5"], columns=columns).problems] == ["currency_missing"]


def test_the_fingerprint_follows_the_table_and_the_existing_measures():
    row = ["1.1", "A helpline", "2026", "", ""]
    changed = replace(OLD, values={**OLD.values, "due": "2024"})
    marks = {
        _plan(row).fingerprint,
        _plan(row, records=[changed]).fingerprint,
        _plan([*row[:2], "", "", ""]).fingerprint,
    }
    assert len(marks) == 3
    assert _plan(row).fingerprint in marks


# --- Export and import ------------------------------------------------------------------------------------------------

TEXT = some.text(some.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
NAME = TEXT.filter(lambda text: not set(text) & set(";|/,&+") and not text[0].isdigit())
PARTIAL_DATE = some.dates(date(1950, 1, 1), date(2100, 1, 1)).flatmap(
    lambda day: some.sampled_from([f"{day}", f"{day:%Y-%m}", f"{day:%Y}"])
)
VALUES = some.fixed_dictionaries(
    {
        "title": TEXT,
        "stage": some.sampled_from([stage.value for stage in Stage if stage is not Stage.STOPPED]),
        "kind": some.sampled_from(["", *(kind.value for kind in MeasureKind)]),
    },
    optional={
        "description": some.lists(TEXT, max_size=3).map("\n".join),
        "lead": NAME,
        "others": some.lists(NAME, unique=True, max_size=3).map("; ".join),
        "chapter": TEXT,
        "region": TEXT,
        "due": PARTIAL_DATE,
    },
) | some.fixed_dictionaries({"title": TEXT, "stage": some.just("stopped"), "reason": TEXT})
AMOUNT = some.decimals(0, 10**9, places=2).map(str)


@given(
    some.lists(VALUES, min_size=1, max_size=4),
    AMOUNT,
    some.sampled_from(INTERFACE_LANGUAGES),
    some.sampled_from(["csv", "xlsx"]),
)
@settings(deadline=None, max_examples=40)
def test_an_exported_table_changes_nothing_when_it_is_imported(measures, amount, language, file_format):
    records = []
    for number, values in enumerate(measures, start=1):
        values = {**values, "number": f"{number}.{number}", "amount": amount, "currency": "EUR"}
        records.append(MeasureRecord(f"m{number}", values))
    rows = [format_measure(record.values, language) for record in records]
    headings = export_headings(language)
    if file_format == "csv":
        titled = [{headings[column]: cell for column, cell in row.items()} for row in rows]
        content = render_csv(titled, [*headings.values()]).encode("utf-8-sig")
    else:
        content = render_xlsx(rows, headings, numbers=["amount"], dates=["begins", "due"])
    plan = _import(read_sheets(content)[0].rows, records)
    assert [(row.outcome, row.changes, row.problems) for row in plan.rows] == [("same", (), ())] * len(records)


@given(some.lists(some.tuples(VALUES, some.booleans()), min_size=1, max_size=5), some.sampled_from(INTERFACE_LANGUAGES))
@settings(max_examples=40)
def test_the_same_table_imported_twice_changes_nothing(rows_and_numbers, language):
    cells = []
    for place, (values, has_number) in enumerate(rows_and_numbers):
        number = f"{place}." if has_number else ""
        cells.append(format_measure({**values, "title": f"{values['title']} {place}", "number": number}, language))
    rows = [[*export_headings(language).values()], *([row[column] for column in COLUMNS] for row in cells)]
    first = _import(rows, [])
    records = [MeasureRecord(f"m{row.number}", row.values, frozenset(dict(row.links))) for row in first.rows_to_write]
    again = _import(rows, records)
    assert {row.outcome for row in again.rows if row.outcome != "wrong"} <= {"same"}
    assert [row.number for row in first.rows if row.outcome == "wrong"] == [
        row.number for row in again.rows if row.outcome == "wrong"
    ]


def _import(rows, records) -> MeasureImportPlan:
    options, _ = guess_layout(rows)
    known = [record.values.get("lead", "") for record in records]
    known += [name for record in records for name in record.values.get("others", "").split("; ")]
    return plan_measure_import(parse_measures(rows, options, bodies=filter(None, known)), records)


def test_the_value_columns_are_those_that_a_measure_has():
    assert set(VALUE_COLUMNS) == set(COLUMNS) - {"findings"}
