"""The catalogue of documents: what is in it, and how our list and the publisher's become one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samsvar.convention.status import Confidence
from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import PartialDate
from samsvar.monitoring.catalogue import (
    BadCatalogueRow,
    Correction,
    Document,
    Kind,
    Placed,
    catalogue,
    joined,
    known_documents,
    published_documents,
)

CATALOGUE = catalogue()


def report(**more: object) -> Document:
    known = Document(
        id="ours",
        body="grevio",
        state="XA",
        procedure="baseline",
        kind=Kind.REPORT,
        reference=None,
        published=PartialDate(2024, 9),
        language="en",
        link="https://example.org/news",
        source="https://example.org/news",
        confidence=Confidence.SINGLE_SOURCE,
        note="Visit in May",
    )
    return replace(known, **more)  # type: ignore[arg-type]


PUBLISHED = report(
    id="publishers",
    published=PartialDate(2024, 9, 17),
    reference="GREVIO(2024)99",
    link="https://example.org/index",
    source="https://example.org/index",
    confidence=Confidence.CONFIRMED,
    note="",
)


def test_the_catalogue_has_every_document_once_under_its_own_id() -> None:
    assert len({document.id for document in CATALOGUE}) == len(CATALOGUE) == 139
    reports = [(d.body, d.state, d.procedure) for d in CATALOGUE if d.kind is Kind.REPORT]
    assert len(set(reports)) == len(reports) == 52


def test_the_norwegian_baseline_report_is_listed_with_its_sections_by_article() -> None:
    (norway,) = [d for d in CATALOGUE if (d.state, d.kind, d.procedure) == ("NO", Kind.REPORT, "baseline")]
    assert (norway.reference, norway.published, len(norway.sections), norway.complete) == (
        "GREVIO/Inf(2022)30",
        PartialDate(2022, 11, 25),
        62,
        True,
    )
    helplines = [section for section in norway.sections if "24" in section.articles]
    assert [(section.placed, section.outline) for section in helplines] == [(Placed.BY_HEADING, ("IV", "F"))]


def test_every_section_is_placed_under_articles_that_there_are() -> None:
    for document in CATALOGUE:
        for section in document.sections:
            assert all(number in ISTANBUL for number in (*section.articles, *section.probable_articles))
            assert bool(section.articles) == (section.placed is not Placed.NOT)
            assert not (section.articles and section.probable_articles)


def test_a_document_without_a_source_is_from_memory() -> None:
    assert [d for d in CATALOGUE if not d.source and d.confidence is not Confidence.FROM_MEMORY] == []


def test_the_publishers_day_takes_the_place_of_a_month_and_our_note_stays() -> None:
    (one,) = joined([report()], [PUBLISHED])
    assert one == replace(PUBLISHED, note="Visit in May", second_source="https://example.org/news")


def test_an_unconfirmed_day_gives_way_and_is_told_of() -> None:
    (one,) = joined([report(published=PartialDate(2024, 9, 10))], [PUBLISHED])
    assert (one.published, one.note, one.corrections) == (
        PartialDate(2024, 9, 17),
        "Visit in May; another source has 2024-09-10",
        (),
    )


def test_a_confirmed_day_stays_and_the_publishers_stands_beside_it() -> None:
    confirmed = report(published=PartialDate(2024, 9, 10), confidence=Confidence.CONFIRMED)
    (one,) = joined([confirmed], [PUBLISHED])
    assert (one.published, one.source, one.corrections) == (
        PartialDate(2024, 9, 10),
        "https://example.org/news",
        (Correction("date", "2024-09-17", "2024-09-10", "a confirmed source has another day"),),
    )


def test_documents_that_do_not_meet_stay_two() -> None:
    other = replace(PUBLISHED, state="XB")
    assert [d.state for d in joined([report()], [other])] == ["XA", "XB"]


HEAD = "body,state,procedure,kind,date,adopted,reference,reference_confidence,confidence,source,second_source,note\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("grevio,QQ,baseline,report,2020,,,,confirmed,https://example.org,,", "“QQ” is no known state."),
        ("grevio,NO,baseline,poem,2020,,,,confirmed,https://example.org,,", "'poem' is not a valid Kind."),
        ("grevio,NO,baseline,report,2020-31,,,,confirmed,https://example.org,,", "“2020-31” is no date."),
        ("grevio,NO,baseline", "it has more or fewer cells than the header."),
    ],
)
def test_a_row_that_cannot_be_believed_is_refused_with_its_line(row: str, problem: str) -> None:
    with pytest.raises(BadCatalogueRow) as refused:
        known_documents(HEAD + row)
    assert (refused.value.line, refused.value.problem) == (2, problem)


def test_a_section_of_no_document_is_refused() -> None:
    sections = "document,id,number,outline,heading,articles,placed,probable_articles,link\nnowhere,s,1,,x,,not,,\n"
    with pytest.raises(BadCatalogueRow, match="“nowhere” is no document"):
        published_documents("id,expected_sections\n", sections)
