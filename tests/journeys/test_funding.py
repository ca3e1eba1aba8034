"""The secretariat brings a table in, looks at what each row becomes, keeps what came of the money; others follow it."""

from __future__ import annotations

import pytest

from samsvar.funding.loading import COLUMNS
from samsvar.interchange.tables import csv_text, xlsx_bytes
from tests.journeys.roles import Walks


@pytest.fixture
def walks(open_page, demo_site, axe):
    """Visitors of the demonstration; at the end every page that they looked at was without a fault."""
    all_of_them = Walks(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


def a_programme(title: str, **more: str) -> dict[str, str]:
    return {
        "kind": "programme", "title": title, "period": "2021-2028", "beneficiaries": "XA", "donors": "XC",
        "currency": "EUR", "grant": "1000000", "source": "https://nordmark.example/",
        "invented": "yes", **more,
    }  # fmt: skip


@pytest.mark.parametrize("javascript", [True, False])
def test_a_table_becomes_activities_after_somebody_has_looked(walks, tmp_path, javascript):
    visitor = walks.visitor(looks=javascript, javascript=javascript)
    visitor.become("secretariat")
    title = f"Harbour lights {javascript} (invented)"
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.xlsx"
    wrong.write_text(csv_text([a_programme(title, grant="ten")], COLUMNS))
    right.write_bytes(xlsx_bytes([a_programme(title)], {name: name for name in COLUMNS}))
    visitor.go("funding/")
    visitor.follow("Bring in a table")
    visitor.main.locator('input[type="file"]').set_input_files(wrong)
    visitor.press("Look at this table")
    assert visitor.reads(
        "Nothing is stored while a row is in doubt or cannot be taken: say what it is, leave it out, or mend the table."
    )
    assert visitor.sees("“ten”")
    visitor.main.locator('input[type="file"]').set_input_files(right)
    visitor.press("Look at this table")
    visitor.press("Store all of it")
    assert (visitor.path, visitor.sees(title)) == ("funding/", True)

    visitor.take(visitor.main.get_by_role("link", name=title))
    visitor.follow("Add a result")
    visitor.fill(what="Lamps lit", promised_number="12", came_number="11", source="https://nordmark.example/lamps")
    visitor.press("Store")
    assert visitor.sees("11")
    visitor.follow("Add money planned or paid")
    visitor.choose(step="disbursed")
    visitor.fill(amount="250000", source="https://nordmark.example/lamps")
    visitor.press("Store")
    assert visitor.sees("€250,000 paid out")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_money_is_followed_from_its_grant_to_the_finding_that_it_answers_and_back(walks, language):
    visitor = walks.visitor(language)
    visitor.go("funding/xa-twelve-rooms/")
    visitor.take(visitor.main.locator('a[href*="/findings/"]').first)
    visitor.take(visitor.main.locator('a[href$="/funding/xa-twelve-rooms/"]'))
    assert visitor.path == "funding/xa-twelve-rooms/"
    visitor.go("networks/synergy/")
    visitor.take(visitor.main.locator('a[href$="/funding/ro-a-common-voice/"]').first)
    assert visitor.sees("bucharest-2019") or visitor.main.locator('a[href*="/meetings/bucharest-2019/"]').count()
