"""The journey of a plan: a ministry's spreadsheet of 120 measures with two dates that are no dates, and its undo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from samsvar.interchange.tables import render_xlsx
from tests.journeys.roles import Journey

MEASURES = 120


@dataclass(frozen=True)
class Words:
    """The words of a ministry's table in one language."""

    headings: tuple[str, ...]  # number, title, lead body, due date, stage, cost, finding
    title: str
    bodies: str
    stage: str
    wrong_dates: tuple[str, str]


WORDS = {
    "en": Words(
        (
            "Ref", "Action / activity", "Who is responsible?", "Deadline (latest)", "State of play", "Cost (NOK)",
            "GREVIO",
        ),
        "Open refuge number",
        "Ministry of Lanterns; Harbour Authority",
        "under way",
        ("Q2 2027", "spring 2028"),
    ),
    "nb": Words(
        (
            "Løpenummer", "Tiltak / aktivitet", "Hvem er ansvarlig instans", "Frist (senest)", "Status nå",
            "Kostnad (NOK)", "Anbefaling",
        ),
        "Åpne tilfluktssted nummer",
        "Lyktedepartementet; Havnevesenet",
        "i gang",
        ("2. kvartal 2027", "våren 2028"),
    ),
}  # fmt: skip


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    visits = Journey(open_page, demo_site, axe)
    yield visits
    assert visits.faults() == {}


def _write_table(path: Path, words: Words, *, wrong: bool) -> Path:
    """Write a workbook with a title above its headings; two of its dates are no dates if it is wrong."""
    keys = [f"column {number}" for number in range(len(words.headings))]
    rows = [dict(zip(keys, words.headings, strict=True))]
    for number in range(1, MEASURES + 1):
        due = words.wrong_dates[number - 14] if wrong and number in (14, 15) else f"{2026 + number % 4}-06-30"
        cells = (
            f"{number}.", f"{words.title} {number}", words.bodies, due, words.stage, number * 1000,
            "GREVIO 2020 § 14" if number == 1 else "",
        )  # fmt: skip
        rows.append(dict(zip(keys, cells, strict=True)))
    headings = {key: "Plan (fictional)" if number == 0 else "" for number, key in enumerate(keys)}
    path.write_bytes(render_xlsx(rows, headings, numbers=[keys[5]], dates=[keys[3]]))
    return path


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_plan_of_120_measures_is_imported_once_and_undone(journey, tmp_path, language):
    words, plan = WORDS[language], f"Plan of the lanterns {language} (fictional)"
    visitor = journey.visitor(language)
    visitor.become("national_desk")
    visitor.go("countries/XA/measures/")
    visitor.follow("Import measures")

    def upload(path: Path) -> None:
        visitor.main.locator('input[type="file"]').set_input_files(path)
        visitor.press("Check spreadsheet")

    # The odd headings are explained, and two cells stop everything.
    visitor.fill(new_plan=plan)
    upload(_write_table(tmp_path / "wrong.xlsx", words, wrong=True))
    assert visitor.main.locator('select[name="column-3"]').input_value() == "due"
    assert visitor.main.locator('select[name="column-2"]').input_value() == "lead"
    visitor.press("Check rows")
    for address, text in (("D16", words.wrong_dates[0]), ("D17", words.wrong_dates[1])):
        assert visitor.main.get_by_role("row").filter(has_text=text).get_by_text(address, exact=True).count()
    assert visitor.reads(
        "Nothing is saved while any row has errors. Skip the row, or correct the spreadsheet and upload it again."
    )
    assert visitor.main.get_by_role("button", name=visitor.say("Import all rows")).count() == 0

    # The corrected file is imported as a whole; a finding that it cites is linked.
    visitor.follow("Upload another spreadsheet")
    visitor.fill(new_plan=plan)
    upload(_write_table(tmp_path / "right.xlsx", words, wrong=False))
    visitor.press("Check rows")
    assert visitor.main.locator('input[name="decline"]').count() == 1
    visitor.press("Import all rows")
    assert visitor.page.get_by_text(str(MEASURES)).count()
    page_of_import = visitor.path
    assert visitor.main.locator("table a[href*='/findings/']").count() == 1

    # The same file changes nothing, and its columns are remembered.
    visitor.go("countries/XA/imports/")
    visitor.main.locator('select[name="plan"]').select_option(label=plan)
    upload(tmp_path / "right.xlsx")
    assert visitor.reads("There is nothing to import: everything already matches the spreadsheet.")

    # The measures are in the state's list until the import is undone.
    visitor.go("countries/XA/measures/")
    visitor.main.locator('select[name="plan"]').select_option(label=plan)
    visitor.press("Show")
    assert visitor.sees(f"{words.title} 7")
    visitor.go(page_of_import)
    visitor.press("Undo all changes")
    assert visitor.reads("The measures of this import no longer exist.")
    visitor.go("countries/XA/measures/")
    assert not visitor.sees(f"{words.title} 7")
