"""A reader compares countries, with JavaScript or without, and follows a cell and an issue to their findings."""

from __future__ import annotations

import csv
import io

import pytest

from tests.journeys.roles import Journey


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_reader_compares_countries_and_follows_an_issue(demo_site, open_page, axe, language):
    journey = Journey(open_page, demo_site, axe)
    has_scripts = language == "en"
    reader = journey.visitor(language, looks=has_scripts, javascript=has_scripts)
    reader.go("countries/XA/")
    reader.follow("Compare")
    assert reader.reads("Choose two to six countries to compare.")
    reader.main.locator("input[name='state'][value='XB']").check()  # the list is open as long as there is no comparison
    reader.choose(chapter="IV")
    reader.press("Compare")
    table = reader.main.locator("table.comparison")
    assert table.locator("thead th").all_inner_texts()[1].startswith("Nordmark")
    assert reader.reads("How rounds are counted")
    cell = table.locator("tbody td a.history-step").first
    count = int(cell.locator("small").inner_text().strip("×*"))
    reader.take(cell)
    assert reader.path == "countries/XA/articles/"
    assert reader.main.locator("details[open] article.finding").count() <= count  # a paragraph may have two findings
    assert reader.main.locator("details[open] article.finding").count() >= 1

    reader.go("compare/?state=XA&state=XB&chapter=IV&on=2021-01-01")
    assert set(reader.main.locator("table.comparison a.history-step b").all_inner_texts()) != set()
    assert "2024" not in reader.main.locator("table.comparison tbody").last.inner_text()
    with reader.page.expect_download() as download:
        reader.main.get_by_role("link", name=reader.say("Download as CSV")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert {(row["as_on"], row["fictional"]) for row in rows} == {("2021-01-01", "yes")}

    reader.go("articles/25/")
    reader.follow("All countries by round, as a table and a chart")
    assert reader.main.locator("table.comparison tbody tr").count() >= 3
    reader.go("countries/XA/rounds/")
    steps = reader.main.locator("ol.issue-line").first.locator("li")
    assert steps.count() >= 2
    reader.take(steps.first.locator("a").first)
    assert reader.main.locator("ol.issue-line [aria-current]").count() == 1
    assert journey.faults() == {}
