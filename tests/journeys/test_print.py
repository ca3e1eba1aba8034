"""Pages on paper: the PDF that Chromium prints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from samsvar.site.convention.actions import load_convention
from samsvar.territories import territories
from tests.factories.exchange_matching import make_published_practice
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db(transaction=True)

MILLIMETRE = 72 / 25.4  # points


@pytest.fixture
def printed(live_server: Any, open_page: Callable[..., Any]) -> Callable[[str], pypdfium2.PdfDocument]:
    """Return a function that prints an address as a PDF, as the browser's print dialogue does on A4 paper."""
    load_convention()
    make_report(b"xa", make_reading([make_finding(1, articles=("7", "81"))], published=date(2023, 5, 11)))

    def print_page(path: str) -> pypdfium2.PdfDocument:
        page = open_page()
        page.goto(live_server.url + path)
        return pypdfium2.PdfDocument(BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))

    return print_page


def texts_within(page: pypdfium2.PdfPage, margin: float) -> str:
    """Return the text of a page within its margins, in points; what is cut off by a cell is not in it."""
    width, height = page.get_size()
    return page.get_textpage().get_text_bounded(margin, margin, width - margin, height - margin)


@pytest.mark.parametrize("articles", ["", "&articles=all"])
def test_the_printed_matrix_begins_on_its_first_sheet_with_all_names_and_columns(printed, articles):
    document = printed(f"/fr/matrix/?countries=all{articles}")
    pages = [document[number] for number in range(len(document))]
    assert {page.get_size()[0] > page.get_size()[1] for page in pages} == {True}  # landscape, the first one too
    assert "Pays et articles" in texts_within(pages[0], 9 * MILLIMETRE)
    text = " ".join("".join(texts_within(page, 9 * MILLIMETRE) for page in pages).split())
    assert "Ouvertes" in text
    missing = [one.name("fr") for one in territories().values() if one.tile and one.name("fr") not in text]
    assert missing == []
    assert len(pages) <= 3


def test_printed_pages_have_a_margin(printed):
    page = printed("/en/countries/XA/")[0]
    height = page.get_size()[1]
    text_page = page.get_textpage()
    boxes = [text_page.get_charbox(number) for number in range(text_page.count_chars())]
    assert min(left for left, *_ in boxes if left) > 14 * MILLIMETRE
    assert max(top for *_, top in boxes) < height - 14 * MILLIMETRE


def test_a_printed_practice_has_what_went_wrong_and_says_that_it_is_no_endorsement(printed):
    practice = make_published_practice(problem="No one came by bus.", went_wrong="The heating failed.")
    document = printed(f"/en/exchange/practices/{practice.public_id}/")
    pages = [document[number] for number in range(len(document))]
    text = " ".join("".join(texts_within(page, 9 * MILLIMETRE) for page in pages).split())
    for sentence in (
        "A bus with counsellors",
        "No one came by bus.",
        "The heating failed.",
        "Listing is not endorsement",
    ):
        assert sentence in text
    assert "We take this up" not in text
    assert len(pages) <= 2
