"""What came of it, in a browser: each number opens its list, and someone who withdraws leaves both at once."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Journey, Visitor

ASKER = "contributor@ostria.example"  # whose request led to a study visit


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def number_of(visitor: Visitor, kind: str) -> int:
    """Return a total of the page of achievements."""
    visitor.go("exchange/achievements/")
    line = visitor.main.locator("table.tally tr", has=visitor.page.get_by_role("rowheader", name=visitor.say(kind)))
    return int(line.locator("td").inner_text())


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_minister_opens_the_list_behind_each_number_and_a_withdrawal_shows_at_once(journey, language):
    minister, asker = journey.visitor(language), journey.visitor(language)
    minister.go("exchange/")
    minister.take(minister.main.locator('a[href$="/exchange/achievements/"]'))
    visits = number_of(minister, "Visits and peer reviews held")
    assert visits == 1
    for link in [str(one.get_attribute("href")) for one in minister.main.locator("table a").all()]:
        minister.page.goto(minister.site + link)
        listed = minister.main.locator("ul.lines > li").count()
        assert f"{listed} " in minister.main.locator("p.quiet").first.inner_text(), link
        assert "permanence" not in minister.main.inner_text()  # the words of a request are for members

    # the asker of the visit no longer wants to count: the number and the list change at once, and back
    asker.become(ASKER)
    asker.go("exchange/requests/own/")
    asker.take(asker.main.locator('a[href*="/exchange/requests/"]', has_text="permanence").first)
    asker.press("Exclude from figures")
    assert number_of(minister, "Visits and peer reviews held") == 0
    minister.go("exchange/achievements/visits/")
    assert minister.reads("Nothing is counted here.")
    asker.press("Include in figures")
    assert number_of(minister, "Visits and peer reviews held") == visits
