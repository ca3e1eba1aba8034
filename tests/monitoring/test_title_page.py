"""The details that a report's first pages print, to be compared with what a person enters."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.monitoring.pipeline import read_report
from samsvar.monitoring.report import Line, SetAsideReason, TitlePage
from samsvar.monitoring.title_page import find_publication_date, find_title
from samsvar.spans import Box


def lines(*printed: tuple[str, float]) -> list[Line]:
    return [Line(text, Box(1, 0, number, 9, number + 1), size) for number, (text, size) in enumerate(printed)]


def test_the_title_is_the_largest_line_that_names_the_kind_of_document_with_its_neighbours():
    page = lines(
        ("GREVIO/Inf(2023)77", 11), ("NORDMARK", 24), ("Baseline evaluation report on legislative", 18),
        ("and other measures", 18.2), ("This report was adopted by the group.", 11),
    )  # fmt: skip
    assert find_title(page) == "Baseline evaluation report on legislative and other measures"


def test_a_word_broken_at_the_end_of_a_line_of_the_title_is_put_together():
    page = lines(
        ("Recommendation on the implementation of the Con-", 18), ("vention by Nordmark", 18),
        ("The Convention and its follow-up", 11), ("Report on the follow-", 11),
    )  # fmt: skip
    assert find_title(page) == "Recommendation on the implementation of the Convention by Nordmark"
    assert find_title(lines(("Report on the follow-", 18), ("up of 2024", 18), ("The follow-up.", 11))) == (
        "Report on the follow-up of 2024"
    )


@pytest.mark.parametrize(
    "page",
    [
        lines(("Baseline evaluation report", 12), ("1. The authorities have a plan.", 12)),  # one size: plain text
        lines(("NORDMARK", 24), ("A plan for shelters", 18), ("1. It is new.", 11)),  # names no kind of document
        [Line("Evaluation report", Box(1, 0, 0, 9, 1), 20, aside=SetAsideReason.RUNNING_HEAD), *lines(("Text", 11))],
        [],
    ],
)
def test_a_page_without_a_recognisable_title_has_none(page):
    assert find_title(page) == ""


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published on 21 November 2025", date(2025, 11, 21)),
        ("Publié le 1er mars 2019", date(2019, 3, 1)),
        ("Publicado el 4 de junio de 2020", date(2020, 6, 4)),
        ("Adopted on 21 November 2025", None),  # the day of adoption is another day
        ("Published on 31 February 2025", None),
        ("Published every year", None),
    ],
)
def test_the_day_of_publication_is_the_day_after_the_word_published(line, day):
    assert find_publication_date(["GREVIO", line]) == day


def test_a_reading_has_the_title_page_whatever_the_caller_gave():
    text = (
        "GREVIO/Inf(2023)77\n\nGREVIO\n\n(Baseline) Evaluation Report\n\nNordmark\n\nPublished on 11 May 2023\n\n"
        "1. GREVIO urges the Nordmark authorities to train the police.\n"
    )
    given = read_report(text.encode(), body="cedaw", state="XB", language="fr", published=date(2020, 1, 1))
    assert given.title_page == TitlePage(
        body="grevio", state="XA", procedure=None, reference="GREVIO/Inf(2023)77", title="",
        published=date(2023, 5, 11), language="en",
    )  # fmt: skip
    assert (given.body, given.state, given.language, given.published) == ("cedaw", "XB", "fr", date(2020, 1, 1))
