"""Outcomes in a browser: recording, publishing and following up commitments, the report and the survey."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from tests.journeys.roles import Journey

MEETING = "meetings/demo-harbour-meeting/"  # a year ago, with outcomes
CONFERENCE = "meetings/demo-meeting/"  # upcoming, with a programme
VISIT = "meetings/demo-study-visit/"  # over, with a survey that has not been opened yet
PAGES = (
    f"{MEETING}outcomes/",
    f"{MEETING}participants/",
    f"{MEETING}manage/outcomes/",
    f"{MEETING}manage/survey/",
    f"{MEETING}manage/report/",
    "meetings/commitments/",
    "articles/23/",
)


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    all_of_them = Journey(open_page, demo_site, axe)
    yield all_of_them
    assert all_of_them.faults() == {}


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_page_about_outcomes_opens(journey, language):
    visitor = journey.visitor(language)
    visitor.become("organiser")
    for page in PAGES:
        visitor.go(page)
    visitor.go(f"{MEETING}manage/outcomes/")
    visitor.take(visitor.main.locator("tbody a").nth(1))  # the session with the most outcomes
    visitor.take(visitor.main.locator('a[href*="/correct/"]').first)
    assert visitor.main.locator('[name="why"]').count() == 1


@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("ro", False)])
def test_a_commitment_recorded_in_a_session_can_be_made_public(journey, language, javascript):
    visitor = journey.visitor(language, looks=language == "en", javascript=javascript)
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
    assert not visitor.reads("The record of this session is closed.")  # it has not been shown on screen yet
    visitor.take(visitor.main.locator('a[href*="/correct/"]').last)
    visitor.fill(text=text)
    visitor.press("Save")
    visitor.press("Show on screen", look=False)  # the same page is checked when its updates are paused
    assert visitor.sees(text)
    visitor.follow("Pause updates")
    visitor.go(record)
    visitor.press("Close the record")
    assert visitor.reads("The record of this session is closed.")

    nobody = journey.visitor(language, looks=False)
    nobody.go(f"{CONFERENCE}outcomes/")
    assert not nobody.sees(text)
    visitor.choose(access="public")
    visitor.press("Save")
    nobody.go(f"{CONFERENCE}outcomes/")
    assert nobody.sees(text)
    nobody.go("countries/xb/funding/")
    assert nobody.sees(text)
    nobody.follow(text)
    assert nobody.sees(text)


def test_progress_is_reported_from_a_link_in_an_email_without_signing_in(journey):
    """Wait for the demonstration's worker, which asks on its first day about two rooms in Ostria.

    A house there promised them a year ago.
    """
    reader = journey.visitor()
    for _turn in range(60):
        reader.page.goto(f"{reader.site}/en/outbox/")
        letters = reader.main.locator(".letter", has_text="contributor@ostria.example").all_inner_texts()
        found = re.search(r"/commitments/progress/[\w-]+/", "\n".join(letters))
        if found:
            break
        reader.page.wait_for_timeout(1_000)
    assert found is not None
    owner = journey.visitor()
    owner.go("meetings" + found.group())
    promise = "The house in Port-Brume keeps two rooms free for whoever comes without a call."
    owner.follow(promise)
    owner.choose(keeping="under_way")
    owner.fill(text="One room is kept free since spring.", evidence="https://ostria.example/rooms")
    owner.press("Save")
    assert owner.reads("Progress saved.")
    assert owner.sees("under way")

    reader.go(f"{MEETING}outcomes/")
    reader.follow(promise)
    assert reader.sees("One room is kept free since spring.")
    assert reader.sees("ostria.example")


def test_the_report_downloads_as_docx_and_pdf(journey):
    organiser = journey.visitor(looks=False)
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


def test_a_survey_is_opened_and_answered_once(journey):
    organiser = journey.visitor()
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

    visitor = journey.visitor()
    visitor.become("contributor")
    visitor.go(f"{VISIT}outcomes/")
    visitor.follow("Answer the survey")
    visitor.main.locator("textarea").fill("The map of free places.")
    visitor.press("Send")
    assert visitor.reads("You have answered. Your answers are saved without your name, so they cannot be changed.")
    organiser.go(f"{VISIT}manage/survey/")
    assert not organiser.sees("The map of free places.")  # no figure is shown for one person only
