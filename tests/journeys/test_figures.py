"""Journey 5: a desk's figures by region and year, with a gap, a 0, a correction and a number that no one may learn."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils.translation import override, pgettext

from samsvar.interchange.tables import read_table
from tests.journeys.roles import Journey, Visitor

REGIONS = ("Nordland Coast", "Innerdal", "Vesterland")


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    all_of_them = Journey(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


def fill_place(desk: Visitor, place: str, year: int, number: str) -> None:
    desk.main.get_by_label(desk.say("%(place)s, %(year)s", place=place, year=year), exact=True).fill(number)


def choose_reason(desk: Visitor, place: str, year: int, reason: str) -> None:
    label = desk.say("%(place)s, %(year)s: reason for no number", place=place, year=year)
    desk.main.get_by_label(label).select_option(reason)


@pytest.mark.parametrize(("language", "key"), [("en", "emergency-barring-orders"), ("ro", "helpline-calls")])
def test_figures_are_entered_corrected_and_published_without_a_small_number(journey, tmp_path, language, key):
    desk = journey.visitor(language)
    desk.become("national_desk")
    desk.go("figures/XA/")
    desk.follow("Figures to fill")
    desk.go(f"figures/XA/{key}/enter/")
    years = [int(text) for text in desk.main.locator("thead th").all_inner_texts() if text.isdigit()][-4:]
    whole = desk.say("whole state")
    for year, numbers in zip(
        years, [(90, 30, 0, 60), (96, 40, 0, 56), (60, 18, 2, 40), (50, 20, 30, None)], strict=True
    ):
        for place, number in zip((whole, *REGIONS), numbers, strict=True):
            if number is None:
                choose_reason(desk, place, year, "not_collected")
            else:
                fill_place(desk, place, year, str(number))
    desk.fill(source="A fictional register")
    desk.press("Save figures")
    assert not desk.reads("No figures have been published for this.")

    reader = journey.visitor(language)
    assert (
        reader.page.request.get(f"{journey.site}/{language}/figures/XA/{key}/").status == 404
    )  # nothing is public yet

    desk.go(f"figures/XA/{key}/publish/")
    assert desk.reads("Suppressed figures")
    desk.press("Publish figures")
    desk.go(f"figures/XA/{key}/enter/")
    fill_place(desk, REGIONS[0], years[1], "41")
    fill_place(desk, whole, years[1], "97")
    desk.fill(comparability="One office answered late.")
    desk.press("Save figures")
    desk.go(f"figures/XA/{key}/publish/")
    desk.press("Publish figures")

    reader.go(f"figures/XA/{key}/")
    assert reader.sees("One office answered late.")
    table = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in reader.main.locator("tbody tr").all()
    }
    with override(reader.language):
        suppressed = pgettext("a figure", "suppressed")
        gap = pgettext("why there is no figure", "not collected")
    assert [text.split("\n")[0].split(" [")[0] for text in table["Innerdal"]] == ["0", "0", suppressed, "30"]
    assert table["Vesterland"][-1] == gap
    assert suppressed in table["Nordland Coast"][2]
    assert table["Nordland Coast"][1].startswith("41")
    chart = reader.main.locator("svg.bar-chart").nth(2).get_attribute("aria-label")
    assert chart is not None
    assert f"{years[2]}" in chart
    assert suppressed in chart
    file = reader.page.request.get(f"{journey.site}/{language}/figures/XA/{key}/table.csv").text()
    numbers = {(row["region"], row["year"]): row["number"] for row in csv.DictReader(io.StringIO(file))}
    assert [numbers[place, str(years[2])] for place in ("", *REGIONS)] == ["60", "", "", "40"]
    assert numbers["Nordland Coast", str(years[1])] == "41"

    desk.go(f"figures/XA/{key}/import/")
    content = desk.page.request.get(f"{journey.site}/{language}/figures/XA/{key}/template.xlsx").body()
    assert len(read_table(content)) > 16
    template = tmp_path / "template.xlsx"
    template.write_bytes(content)
    desk.main.locator('input[type="file"]').set_input_files(template)
    desk.press("Check spreadsheet")
    assert desk.reads("This file changes nothing.")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_benchmark_is_compared_by_its_definition_only(journey, language):
    reader = journey.visitor(language)
    reader.go("countries/XA/progress/")
    reader.take(reader.main.locator('[aria-labelledby="figures-panel"] a'))
    reader.go("figures/XA/family-places/")
    assert reader.main.locator('[data-comparison="compared"]').count() == 1
    assert reader.sees("151")  # for 1,515,000 inhabitants
    reader.go("figures/XA/womens-beds/")
    assert reader.main.locator('[data-comparison="definition_differs"]').count() == 1
    assert reader.reads("not comparable: the figures count something else")
