"""Journey 6: a report back is drafted, edited in Word, cleared by a second person, frozen and published.

It completes a duty of the state, and cites a figure.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document

from tests.journeys.roles import Journey, Visitor

DESK, SECOND_PERSON = "desk@nordmark.example", "desk-2@nordmark.example"
FIGURE = "Rape crisis centres (Nordmark, 2025): 3. Source: Fictional register"
SENTENCE = "Eleven counties have a place of their own."


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey; fail if a page had an axe violation or was wider than its window."""
    journey = Journey(open_page, demo_site, axe)
    yield journey
    assert journey.faults() == {}


def sign_in_as(visitor: Visitor, email: str) -> None:
    visitor.go("sign-in/")
    visitor.press("Sign in", within=visitor.main.locator(".demo-accounts li", has_text=email))


def edit_in_word(content: bytes) -> bytes:
    """Write a sentence under the label of the remaining work of the first recommendation, and a comment about it."""
    document = Document(io.BytesIO(content))
    paragraphs = document.paragraphs
    starts = [number for number, one in enumerate(paragraphs) if one.style.name == "Heading 1"]
    labels = [one for one in paragraphs[starts[1] :] if one.style.name == "Heading 2"]
    written = labels[4].insert_paragraph_before(SENTENCE)  # before the label that follows the remaining work
    document.add_comment(written.runs, text="Is that so in the north too?", author="Minister’s office", initials="MO")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_report_back_goes_to_word_and_back_is_cleared_frozen_and_published(journey, language, tmp_path: Path):
    desk = journey.visitor(language)
    sign_in_as(desk, DESK)
    desk.go("report-drafts/XA/")
    desk.follow("Create a draft")
    title = f"Journey to Word ({language})"
    desk.fill(title=title)
    desk.choose(form="report-back", language="en")
    duty = desk.main.locator("[name=duty]").input_value()
    assert duty == "first_thematic-report_back"  # the only open one
    desk.press("Create draft")
    assert desk.reads("Draft created.")
    draft = desk.path

    # Word out: the gaps are comments; edited offline; Word in
    with desk.page.expect_download() as download:
        desk.main.get_by_role("link", name=desk.say("Download DOCX")).click()
    exported = Path(download.value.path()).read_bytes()
    gaps = [comment.text for comment in Document(io.BytesIO(exported)).comments]
    assert "Say what remains to be done and by when, or that nothing remains." in gaps
    edited = tmp_path / "edited.docx"
    edited.write_bytes(edit_in_word(exported))
    desk.main.locator("input[type=file]").set_input_files(edited)
    desk.press("Compare with draft")
    assert desk.main.locator("ins", has_text=SENTENCE).is_visible()
    assert desk.sees("Is that so in the north too?")
    desk.press("Accept chosen sections and notes")
    desk.take(desk.main.locator("table a").nth(1))
    assert desk.main.locator("textarea", has_text=SENTENCE).is_visible()
    assert desk.sees("Is that so in the north too?")

    # a published figure about the article, with its source
    desk.go(draft)
    desk.take(desk.main.locator("table a", has_text="(Article 25)"))
    desk.main.get_by_label(FIGURE).check()
    desk.press("Save section")
    assert desk.sees("[figure XA/rape-crisis-centres/2025, version 1]")

    # a second person clears it; the first cannot
    desk.go(draft)
    desk.press("Mark as written")
    assert desk.main.get_by_role("link", name=desk.say("Clear report")).count() == 0
    second = journey.visitor(language)
    sign_in_as(second, SECOND_PERSON)
    second.go(draft)
    second.follow("Clear report")
    second.fill(name="Sunniva Lyktestrand", office="Directorate for Co-ordination")
    second.press("Clear report")
    assert second.reads("Report cleared.")

    # frozen and published
    second.follow("Submit report")
    second.fill(on_behalf_of="Government of Nordmark")
    second.press("Submit report")
    assert second.reads("Report submitted. Its text is frozen.")
    assert second.reads("The duty is recorded as done today.")
    second.press("Publish report")
    second.follow("Published report")
    reader = journey.visitor(language, looks=False)
    reader.go(second.path)
    assert reader.sees(SENTENCE)
    assert reader.sees("Government of Nordmark")
    assert reader.reads("Changed since submission")
    assert reader.sees(FIGURE)
    assert not reader.sees("Is that so in the north too?")

    # the page of duties leads to the report; the desk takes the day back, and the report stays
    reader.go("countries/XA/duties/")
    assert reader.main.get_by_role("link", name=title).is_visible()
    desk.go("countries/XA/duties/first_thematic/report_back/")
    desk.fill(done="", done_source="")
    desk.press("Save")
    assert desk.reads(
        "Saved. The report that completed this step stays submitted, but the step no longer refers to it."
    )
    assert desk.main.get_by_role("link", name=title).count() == 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_measure_stopped_after_submission_is_shown_beside_the_frozen_text(journey, language):
    desk = journey.visitor(language)
    sign_in_as(desk, DESK)
    desk.go("report-drafts/XA/")
    desk.take(desk.main.get_by_role("link", name="Nordmark: report on measures taken (fictional)"))
    desk.follow("Published report")
    reader = journey.visitor(language)
    reader.go(desk.path)
    assert reader.reads("The report stays as it was submitted. The records that it cites have changed:")
    change = reader.main.locator(".notice ins")
    assert "The landlord ended the lease" in change.inner_text()
    assert "The landlord ended the lease" not in reader.main.locator("section .measure").first.inner_text()
