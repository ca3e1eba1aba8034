"""Meeting pages in a browser: reading about a past meeting; creating, running and cancelling a new one."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Journey

BUCHAREST = "meetings/bucharest-2019/"


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_visitor_reads_about_bucharest_2019_and_who_was_a_party_at_the_time(journey, language):
    visitor = journey.visitor(language)
    visitor.go("meetings/")
    visitor.take(visitor.main.get_by_role("link", name="Towards a Europe free from violence").first)
    assert visitor.path == BUCHAREST
    assert visitor.sees("120")
    day = {"en": "4 June 2019", "nb": "4. juni 2019"}[language]
    assert visitor.sees(day)
    purpose = {"en": "To help more states ratify", "nb": "Å hjelpe flere stater til å ratifisere"}[language]
    assert visitor.sees(purpose)
    visitor.go(f"{BUCHAREST}countries/")
    rows = visitor.main.locator("tbody tr")
    assert rows.count() == 22
    kingdom = rows.filter(has_text={"en": "United Kingdom", "nb": "Storbritannia"}[language]).inner_text()
    assert ("England" in kingdom, visitor.say("signed only") in kingdom) == (True, True)
    visitor.go(f"{BUCHAREST}programme/")
    assert visitor.sees("Thor Kleppen Sættem")


def test_without_javascript_a_visitor_filters_the_list_and_opens_a_meeting(journey):
    visitor = journey.visitor(looks=False, javascript=False)
    visitor.go("meetings/")
    visitor.choose(kind="study_visit", state="FR")
    visitor.press("Show")
    visitor.follow("Visit of members of the SYNERGY network to the Council of Europe")
    assert visitor.path == "meetings/strasbourg-2022/"


def test_the_secretariat_creates_a_meeting_and_cancels_it(journey):
    visitor = journey.visitor()
    visitor.become("secretariat")
    visitor.go("meetings/")
    visitor.follow("Create a meeting")
    visitor.fill(public_id="journey-2031", begins="2031-05-06", ends="2031-05-07", city="Fyrvik")
    visitor.fill(title_en="Announced by a journey")
    visitor.choose(network="lantern", kind="workshop", zone="Europe/Oslo", entry="members")
    visitor.press("Create meeting")
    assert visitor.path == "meetings/journey-2031/manage/"
    visitor.follow("Title, dates, location and languages")
    visitor.main.locator("details summary").first.click()
    visitor.main.locator('[name="languages"][value="fr"]').check()
    visitor.press("Save")
    visitor.fill(title_fr="Annoncée par un parcours")
    visitor.press("Save")
    visitor.go("meetings/journey-2031/manage/details/")
    visitor.fill(key="20")
    visitor.press("Add subject")
    visitor.go("meetings/journey-2031/manage/documents/")
    visitor.main.locator('input[type="file"]').set_input_files(
        {"name": "agenda.txt", "mimeType": "text/plain", "buffer": b"What is on the agenda."}
    )
    visitor.fill(title="Agenda")
    visitor.choose(access="public")
    visitor.press("Add document")
    visitor.go("meetings/journey-2031/manage/helpers/")
    visitor.go("meetings/journey-2031/manage/")

    reader = journey.visitor("fr")
    reader.go("meetings/")
    assert not reader.sees("Annoncée par un parcours")
    visitor.follow("Publish this meeting")
    visitor.main.locator('[name="access"][value="public"]').check()
    visitor.press("Publish")
    reader.go("meetings/journey-2031/")
    assert (reader.sees("Annoncée par un parcours"), reader.sees("Agenda")) == (True, True)

    visitor.follow("Cancel this meeting")
    visitor.fill(why="The journey has ended.")
    visitor.press("Cancel this meeting")
    reader.go("meetings/journey-2031/")
    assert reader.sees("The journey has ended.")
