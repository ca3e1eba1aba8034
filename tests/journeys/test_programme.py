"""The programme in a browser: a visitor filters it; an organiser publishes a session despite a conflict."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Journey

PROGRAMME = "meetings/demo-meeting/programme/"


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    all_of_them = Journey(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visitor_filters_the_programme_by_day_and_language(journey, javascript):
    visitor = journey.visitor(looks=javascript, javascript=javascript)
    visitor.go(PROGRAMME)
    assert visitor.sees("Opening: three states, one promise")
    assert visitor.sees("Coffee on the quay")
    assert visitor.reads("Closed session")
    visitor.choose(language="fr", day=visitor.main.locator("select[name=day] option").nth(1).get_attribute("value"))
    visitor.press("Show")
    titles = ("Opening: three states", "The night desk of a hospital", "Coffee on the quay")
    assert [visitor.sees(title) for title in titles] == [True, True, False]
    visitor.take(visitor.main.get_by_role("link", name="The night desk of a hospital"))
    assert visitor.main.locator('div[lang="fr"]').inner_text().startswith("Ce que voit une infirmière")


def test_titles_appear_in_the_readers_language(journey):
    visitor = journey.visitor(language="fr")
    visitor.go(PROGRAMME)
    assert visitor.sees("Ouverture : trois États, une promesse")
    assert visitor.main.locator('span[lang="en"]', has_text="Writing the report back").count() == 1


def test_an_organiser_publishes_a_session_despite_its_conflicts(journey):
    visitor = journey.visitor()
    visitor.become("organiser")
    visitor.go("meetings/demo-meeting/manage/programme/")
    visitor.follow("Add a session")
    visitor.choose(state="ready", kind="talk")
    hall = visitor.main.locator("select[name=room] option", has_text="Great hall").get_attribute("value")
    visitor.choose(room=hall)
    quiet = journey.visitor(looks=False)
    quiet.go(PROGRAMME)
    day = quiet.main.locator("select[name=day] option").nth(1).get_attribute("value")
    visitor.fill(title_en="A late question", starts=f"{day}T09:45", ends=f"{day}T10:15")
    visitor.main.locator('[name="languages"][value="en"]').check()
    visitor.press("Save")
    assert visitor.reads("Two sessions are in the same room at the same time")
    visitor.follow("People in this session")
    visitor.main.locator('form:has([name="office-named"]) [name="office-named"]').fill("Solveig Lanternheim")
    visitor.main.locator('[name="office-office"]').fill("Ombudswoman of Nordmark")
    visitor.main.locator('[name="office-source"]').fill("https://nordmark.example/ombudswoman")
    visitor.press("Add", within=visitor.main.locator('form:has([name="office-named"])'))
    assert visitor.sees("Solveig Lanternheim (speaker)")
    visitor.go("meetings/demo-meeting/manage/programme/publish/")
    assert visitor.sees("A late question")
    visitor.press("Publish")
    assert visitor.reads("The programme still has conflicts.")
    visitor.main.locator('[name="with_conflicts"]').check()
    visitor.press("Publish")
    assert visitor.path == "meetings/demo-meeting/manage/programme/"
    quiet.go("meetings/demo-meeting/programme/versions/")
    assert quiet.sees("New: A late question")
    quiet.go("meetings/demo-meeting/speakers/")
    assert quiet.sees("Solveig Lanternheim")
