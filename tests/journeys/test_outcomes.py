"""What is said in a session is recorded, shown, closed, opened to all and asked after; what was thought is counted."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from tests.journeys.roles import Walks

MEETING = "meetings/demo-harbour-meeting/"  # of a year ago, with outcomes
CONFERENCE = "meetings/demo-meeting/"  # to come, with a programme
VISIT = "meetings/demo-study-visit/"  # over, and its evaluation still to be asked for
PAGES = (
    f"{MEETING}what-came-of-it/",
    f"{MEETING}participants/",
    f"{MEETING}manage/outcomes/",
    f"{MEETING}manage/survey/",
    f"{MEETING}manage/report/",
    "meetings/commitments/",
    "articles/23/",
)


@pytest.fixture
def walks(open_page, demo_site, axe):
    """Visitors of the demonstration; at the end every page that they looked at was without a fault."""
    all_of_them = Walks(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_page_of_what_came_of_it_can_be_looked_at(walks, language):
    visitor = walks.visitor(language)
    visitor.become("organiser")
    for page in PAGES:
        visitor.go(page)
    visitor.go(f"{MEETING}manage/outcomes/")
    visitor.take(visitor.main.locator("tbody a").nth(1))  # the session with most outcomes
    visitor.take(visitor.main.locator('a[href*="/correct/"]').first)
    assert visitor.main.locator('[name="why"]').count() == 1


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ro", False)])
def test_a_promise_goes_from_the_room_to_everybody(walks, language, javascript):
    visitor = walks.visitor(language, looks=language == "en", javascript=javascript)
    visitor.become("organiser")
    visitor.go(f"{CONFERENCE}manage/outcomes/")
    visitor.take(visitor.main.locator("tbody a").nth(1 if language == "en" else 2))
    record = visitor.path
    text = f"A lamp at every landing, said in {language}"
    visitor.choose(kind="commitment", state="XB", article="23")
    visitor.fill(text=text + " and more", due="2031-06")
    visitor.take(visitor.main.locator("form.stack button"))
    assert visitor.sees(text + " and more")

    visitor.press("Close the record")
    assert not visitor.reads("The record of this session is closed.")  # nobody has seen it
    visitor.take(visitor.main.locator('a[href*="/correct/"]').last)
    visitor.fill(text=text)
    visitor.press("Save")
    visitor.press("Show on the screen")
    assert visitor.sees(text)
    visitor.follow("Hold still")
    visitor.go(record)
    visitor.press("Close the record")
    assert visitor.reads("The record of this session is closed.")

    nobody = walks.visitor(language, looks=False)
    nobody.go(f"{CONFERENCE}what-came-of-it/")
    assert not nobody.sees(text)
    visitor.choose(access="public")
    visitor.press("Save")
    nobody.go(f"{CONFERENCE}what-came-of-it/")
    assert nobody.sees(text)
    nobody.go("countries/xb/")
    assert nobody.sees(text)
    nobody.follow(text)
    assert nobody.sees(text)


def test_who_spoke_for_a_promise_is_asked_by_letter_and_answers_without_signing_in(walks):
    """The demonstration's worker asks on its first day: a house of Ostria promised two rooms, a year ago."""
    reader = walks.visitor()
    for _turn in range(60):
        reader.page.goto(f"{reader.site}/en/outbox/")
        letters = reader.main.locator(".letter", has_text="contributor@ostria.example").all_inner_texts()
        found = re.search(r"/how-it-goes/[\w-]+/", "\n".join(letters))
        if found:
            break
        reader.page.wait_for_timeout(1_000)
    assert found is not None
    owner = walks.visitor()
    owner.go("meetings" + found.group())
    promise = "The house in Port-Brume keeps two rooms free for whoever comes without a call."
    owner.follow(promise)
    owner.choose(keeping="under_way")
    owner.fill(text="One room is kept free since spring.", evidence="https://ostria.example/rooms")
    owner.press("Save")
    assert owner.reads("This is how the commitment stands now.")
    assert owner.sees("under way")

    reader.go(f"{MEETING}what-came-of-it/")
    reader.follow(promise)
    assert reader.sees("One room is kept free since spring.")
    assert reader.sees("ostria.example")


def test_the_report_is_taken_away_as_two_files(walks):
    organiser = walks.visitor(looks=False)
    organiser.become("organiser")
    organiser.go(f"{MEETING}manage/report/")
    files = {}
    for name in ("DOCX", "PDF"):
        with organiser.page.expect_download() as download:
            organiser.main.get_by_role("link", name=name).click()
        files[name] = download.value.path().read_bytes()
    with ZipFile(BytesIO(files["DOCX"])) as document:
        assert "Contracts with shelters run for three years" in document.read("word/document.xml").decode()
    assert files["PDF"].startswith(b"%PDF-")


def test_an_evaluation_is_asked_for_and_answered_once(walks):
    organiser = walks.visitor()
    organiser.become("organiser")
    organiser.go(f"{VISIT}manage/survey/")
    now = timezone.now()
    organiser.fill(
        opens_at=(now - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        closes_at=(now + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
    )
    organiser.press("Save")
    organiser.fill(text_en="What will you use of what you saw?")
    organiser.choose(kind="text")
    organiser.press("Add")

    visitor = walks.visitor()
    visitor.become("contributor")
    visitor.go(f"{VISIT}what-came-of-it/")
    visitor.follow("Evaluate this meeting")
    visitor.main.locator("textarea").fill("The map of free places.")
    visitor.press("Send")
    assert visitor.reads("You have answered. Your answers are stored without your name, so they cannot be changed.")
    organiser.go(f"{VISIT}manage/survey/")
    assert not organiser.sees("The map of free places.")  # of one alone nobody is told anything
