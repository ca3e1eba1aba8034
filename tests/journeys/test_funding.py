"""Journeys through funding: importing a spreadsheet, recording results, and following funding to findings."""

from __future__ import annotations

import pytest

from samsvar.funding.loading import COLUMNS
from samsvar.interchange.tables import render_csv, render_xlsx
from tests.journeys.roles import Journey


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    all_of_them = Journey(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


def make_programme_row(title: str, **more: str) -> dict[str, str]:
    return {
        "kind": "programme", "title": title, "period": "2021-2028", "beneficiaries": "XA", "donors": "XC",
        "currency": "EUR", "grant": "1000000", "source": "https://nordmark.example/",
        "fictional": "yes", **more,
    }  # fmt: skip


@pytest.mark.parametrize("javascript", [True, False])
def test_a_spreadsheet_is_checked_before_its_activities_are_saved(journey, tmp_path, javascript):
    visitor = journey.visitor(looks=javascript, javascript=javascript)
    visitor.become("secretariat")
    title = f"Harbour lights {javascript} (fictional)"
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.xlsx"
    wrong.write_text(render_csv([make_programme_row(title, grant="ten")], COLUMNS))
    right.write_bytes(render_xlsx([make_programme_row(title)], {name: name for name in COLUMNS}))
    visitor.go("funding/")
    visitor.follow("Import a spreadsheet")
    visitor.main.locator('input[type="file"]').set_input_files(wrong)
    visitor.press("Check spreadsheet")
    assert visitor.reads(
        "Nothing is saved while any row is unclear or has errors. Match the row, skip it, or correct the spreadsheet."
    )
    assert visitor.sees("“ten”")
    visitor.main.locator('input[type="file"]').set_input_files(right)
    visitor.press("Check spreadsheet")
    visitor.press("Save all")
    assert (visitor.path, visitor.sees(title)) == ("funding/", True)

    visitor.take(visitor.main.get_by_role("link", name=title))
    visitor.follow("Add a result")
    visitor.fill(what="Lamps lit", promised_number="12", came_number="11", source="https://nordmark.example/lamps")
    visitor.press("Save")
    assert visitor.sees("11")
    visitor.follow("Add a planned or paid amount")
    visitor.choose(step="disbursed")
    visitor.fill(amount="250000", source="https://nordmark.example/lamps")
    visitor.press("Save")
    assert visitor.sees("€250,000 paid out")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_funding_links_to_the_finding_that_it_answers_and_back(journey, language):
    visitor = journey.visitor(language)
    visitor.go("funding/xa-twelve-rooms/")
    visitor.take(visitor.main.locator('a[href*="/findings/"]').first)
    visitor.take(visitor.main.locator('a[href$="/funding/xa-twelve-rooms/"]'))
    assert visitor.path == "funding/xa-twelve-rooms/"
    visitor.go("networks/synergy/")
    visitor.take(visitor.main.locator('a[href$="/funding/ro-a-common-voice/"]').first)
    assert visitor.sees("bucharest-2018") or visitor.main.locator('a[href*="/meetings/bucharest-2018/"]').count()
