"""The catalogue of documents: its contents, and how our list and the publisher's are merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samsvar.convention.status import SourceConfidence
from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import PartialDate
from samsvar.monitoring.catalogue import (
    Correction,
    Document,
    DocumentKind,
    InvalidCatalogueRow,
    SectionPlacement,
    load_catalogue,
    merge_documents,
    parse_known_documents,
    parse_published_documents,
)

CATALOGUE = load_catalogue()


def make_document(**more: object) -> Document:
    known = Document(
        id="ours",
        body="grevio",
        state="XA",
        procedure="baseline",
        kind=DocumentKind.REPORT,
        reference=None,
        published=PartialDate(2024, 9),
        language="en",
        link="https://example.org/news",
        source="https://example.org/news",
        confidence=SourceConfidence.SINGLE_SOURCE,
        note="Visit in May",
    )
    return replace(known, **more)  # type: ignore[arg-type]


PUBLISHED = make_document(
    id="publishers",
    published=PartialDate(2024, 9, 17),
    reference="GREVIO(2024)99",
    link="https://example.org/index",
    source="https://example.org/index",
    confidence=SourceConfidence.CONFIRMED,
    note="",
)


def test_the_catalogue_has_every_document_once_under_its_own_id() -> None:
    assert len({document.id for document in CATALOGUE}) == len(CATALOGUE) == 139
    reports = [(d.body, d.state, d.procedure) for d in CATALOGUE if d.kind is DocumentKind.REPORT]
    assert len(set(reports)) == len(reports) == 52


def test_the_norwegian_baseline_report_is_listed_with_its_sections_by_article() -> None:
    (norway,) = [d for d in CATALOGUE if (d.state, d.kind, d.procedure) == ("NO", DocumentKind.REPORT, "baseline")]
    assert (norway.reference, norway.published, len(norway.sections), norway.expected_sections) == (
        "GREVIO/Inf(2022)30",
        PartialDate(2022, 11, 25),
        62,
        62,
    )
    helplines = [section for section in norway.sections if "24" in section.articles]
    assert [(section.placement, section.outline) for section in helplines] == [
        (SectionPlacement.BY_HEADING, ("IV", "F"))
    ]


def test_every_section_is_placed_under_existing_articles() -> None:
    for document in CATALOGUE:
        for section in document.sections:
            assert all(number in ISTANBUL for number in (*section.articles, *section.probable_articles))
            assert bool(section.articles) == (section.placement is not SectionPlacement.NOT)
            assert not (section.articles and section.probable_articles)


def test_a_document_without_a_source_is_unverified() -> None:
    assert [d for d in CATALOGUE if not d.source and d.confidence is not SourceConfidence.UNVERIFIED] == []


def test_the_publishers_date_replaces_our_month_and_our_note_is_kept() -> None:
    (one,) = merge_documents([make_document()], [PUBLISHED])
    assert one == replace(PUBLISHED, note="Visit in May", second_source="https://example.org/news")


def test_an_unconfirmed_date_is_replaced_and_mentioned_in_the_note() -> None:
    (one,) = merge_documents([make_document(published=PartialDate(2024, 9, 10))], [PUBLISHED])
    assert (one.published, one.note, one.corrections) == (
        PartialDate(2024, 9, 17),
        "Visit in May; another source gives 2024-09-10",
        (),
    )


def test_a_confirmed_date_is_kept_and_the_publishers_is_listed_beside_it() -> None:
    confirmed = make_document(published=PartialDate(2024, 9, 10), confidence=SourceConfidence.CONFIRMED)
    (one,) = merge_documents([confirmed], [PUBLISHED])
    assert (one.published, one.source, one.corrections) == (
        PartialDate(2024, 9, 10),
        "https://example.org/news",
        (Correction("date", "2024-09-17", "2024-09-10", "a confirmed source differs"),),
    )


def test_documents_that_do_not_match_are_not_merged() -> None:
    other = replace(PUBLISHED, state="XB")
    assert [d.state for d in merge_documents([make_document()], [other])] == ["XA", "XB"]


HEAD = "body,state,procedure,kind,date,adopted,reference,reference_confidence,confidence,source,second_source,note\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("grevio,QQ,baseline,report,2020,,,,confirmed,https://example.org,,", "“QQ” is not a known state."),
        ("grevio,NO,baseline,poem,2020,,,,confirmed,https://example.org,,", "'poem' is not a valid DocumentKind."),
        ("grevio,NO,baseline,report,2020-31,,,,confirmed,https://example.org,,", "“2020-31” is not a date."),
        ("grevio,NO,baseline", "it has more or fewer cells than the header."),
    ],
)
def test_an_invalid_row_is_rejected_with_its_line_number(row: str, problem: str) -> None:
    with pytest.raises(InvalidCatalogueRow) as refused:
        parse_known_documents(HEAD + row)
    assert (refused.value.line, refused.value.problem) == (2, problem)


def test_a_section_of_an_unknown_document_is_rejected() -> None:
    sections = "document,id,number,outline,heading,articles,placed,probable_articles,link\nnowhere,s,1,,x,,not,,\n"
    with pytest.raises(InvalidCatalogueRow, match="“nowhere” is not a document"):
        parse_published_documents("id,expected_sections\n", sections)
