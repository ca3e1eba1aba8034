"""A desk asks nine bodies about ten findings; they answer by link, in Word and in a spreadsheet, or not at all."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from django.utils import timezone
from django.utils.translation import override, pgettext
from docx import Document

from samsvar.interchange.workbooks import read_workbook
from tests.journeys.roles import Journey, Visitor

TABLE = "countries/XA/requests/"
DUE = (timezone.now().date() + timedelta(days=30)).isoformat()


@pytest.fixture
def journey(open_page, demo_site, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    visits = Journey(open_page, demo_site, axe)
    yield visits
    assert visits.faults() == {}


def address_of(number: int, language: str) -> str:
    return f"official-{number}-{language}@journey.example"


def emails_to(visitor: Visitor, address: str) -> Any:
    visitor.page.goto(f"{visitor.site}/en/outbox/")
    return visitor.main.locator("article.letter", has_text=f"{address},")


def open_request(journey: Journey, number: int, language: str, **browser: Any) -> Visitor:
    """Open the link in the only email to an official, and return the browser in which it is bound."""
    official = journey.visitor(language, looks=number == 2, **browser)  # axe needs JavaScript
    letters = emails_to(official, address_of(number, language))
    assert letters.count() == 1
    link = urlsplit(letters.locator("a").first.get_attribute("href")).path
    official.go(link.removeprefix(f"/{language}/"))
    official.fill(email=address_of(number, language))
    official.press("Open request for information")
    return official


def answer_all(official: Visitor, text: str) -> None:
    for field in official.main.locator('textarea[name^="text_"]').all():
        field.fill(text)
    official.press("Send answers")


def download(visitor: Visitor, name: str) -> bytes:
    link = visitor.main.locator(f'a[href$="file.{name}"]').first.get_attribute("href")
    return visitor.page.context.request.get(f"{visitor.site}{link}").body()


def fill_docx(content: bytes, text: str) -> bytes:
    document = Document(io.BytesIO(content))
    for table in document.tables:
        table.cell(1, 1).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def fill_xlsx(content: bytes, text: str) -> bytes:
    """Return the workbook as another program saves it, with a reason for no answer in each row of a question."""
    ((_name, rows),) = read_workbook(content)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for line, cells in enumerate(rows):
            is_question = cells[0].isdecimal()
            for column, cell in enumerate(cells):
                sheet.write_string(line, column, text if is_question and column == 6 else cell)
    return buffer.getvalue()


def upload(visitor: Visitor, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    visitor.main.locator('input[type="file"]').set_input_files(file)
    visitor.press("Upload file")


def open_ask(desk: Visitor, body: str) -> None:
    desk.go(TABLE)
    desk.take(desk.main.locator("tbody tr", has_text=body).get_by_role("link"))


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_desk_collects_answers_from_nine_bodies(journey, language):
    desk = journey.visitor(language)
    desk.become("national_desk")
    desk.go(f"{TABLE}new/")
    for box in desk.main.locator('[name="finding"]').all()[:10]:
        box.check()
    desk.press("Continue")
    bodies = [f"Ministry {number} {language}" for number in range(1, 7)]
    bodies += [f"Region {number} {language}" for number in range(7, 10)]
    desk.fill(title=f"Recommendations {language}", due=DUE)
    for count in range(3, 10, 3):
        for number in range(count - 2, count + 1):
            row = f"recipients-{number - 1}-"
            desk.fill(**{
                f"{row}body_name": bodies[number - 1],
                f"{row}name": f"Official {number}",
                f"{row}email": address_of(number, language),
            })  # fmt: skip
        if count < 9:
            desk.press("Add three more officials")
    desk.press("Save drafts")
    for box in desk.main.locator('[name="ask"]').all():
        box.set_checked(box.locator("xpath=..").inner_text().strip() in bodies)
    desk.press("Send ticked drafts")

    # the first answers on a phone, without JavaScript
    phone = open_request(journey, 1, language, width=320, height=700, javascript=False)
    answer_all(phone, "Two officers in each district were trained.")
    assert phone.reads("You can correct them here until the desk has decided.")
    # no other browser opens the link
    other = journey.visitor(language, looks=False)
    other.page.goto(phone.page.url)
    assert not other.sees("Two officers")
    # the second answers in Word, on the page of the link
    second = open_request(journey, 2, language)
    second.main.locator("details summary").first.click()
    word = download(second, "docx")
    upload(second, "answers.docx", fill_docx(word, "A law was adopted."))
    assert second.sees("A law was adopted.")
    second.press("Save as draft")
    second.press("Send answers")
    # the third returns a spreadsheet by email, and the desk enters it
    open_ask(desk, bodies[2])
    workbook = download(desk, "xlsx")
    desk.follow("Enter a returned file")
    upload(desk, "wrong.docx", fill_docx(word, "A law was adopted."))
    assert desk.reads("This file was made for another request for information.")
    upload(desk, "answers.xlsx", fill_xlsx(workbook, "Not collected before 2027."))
    assert desk.sees("Not collected before 2027.")
    desk.press("Save answers")
    # the fourth is sent back, and the fifth lapses
    answer_all(open_request(journey, 4, language), "Many.")
    open_ask(desk, bodies[3])
    desk.follow("Send back with a note")
    desk.fill(note="Please give the number.", due=DUE)
    desk.press("Send back")
    open_ask(desk, bodies[4])
    desk.press("Mark as lapsed")
    # what was sent is accepted, and used as evidence and as a measure
    for body in bodies[:3]:
        open_ask(desk, body)
        desk.press("Accept answers")
    open_ask(desk, bodies[0])
    desk.press("Add as evidence")
    desk.press("Propose as a measure")
    assert desk.reads("Used as evidence")
    assert desk.reads("Proposed as a measure")

    desk.go(TABLE)
    statuses = ["accepted"] * 3 + ["sent back", "lapsed"] + ["sent"] * 4
    for body, status in zip(bodies, statuses, strict=True):
        with override(language):
            label = pgettext("status of a request", status)
        assert label in desk.main.locator("tbody tr", has_text=body).inner_text()
    for number in range(1, 10):  # the note waits for the next weekly email
        assert emails_to(desk, address_of(number, language)).count() == 1
