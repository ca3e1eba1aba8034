"""Tests of HUDOC feeds, written by us in their structure: what is corrected, reported and rejected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.convention.status import SourceConfidence
from samsvar.dates import PartialDate
from samsvar.interchange import hudoc
from samsvar.interchange.hudoc import (
    DUPLICATE_IDENTIFIER,
    DUPLICATE_ITEM,
    EMPTY_HEADING,
    FEED_TRUNCATED,
    MISSING_DATE,
    MISSING_SECTIONS,
    MISSING_STATE,
    UNEVEN_IDENTIFIER,
    WRONG_STATE,
    UnknownSite,
    UnreadableFeed,
    UnsafeFeed,
    parse_outline,
    read_feed,
    read_feeds,
)
from samsvar.monitoring.catalogue import Correction, DocumentKind, SectionPlacement

DAY = "Thu, 04 Jun 2026 00:00:00 GMT"
Item = tuple[str, str, str, str]  # identifier, title, description, date


def make_feed(items: Sequence[Item], key: str = "greviosectionid") -> bytes:
    """Return a feed as HUDOC writes it."""
    body = "".join(
        f"<item><title>{escape(title)}</title><description>{escape(description)}</description><pubDate>{date}</pubDate>"
        f'<link>http://hudoc.example.org/eng#{{"{key}":["{escape(identifier)}"]}}</link></item>'
        for identifier, title, description, date in items
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{body}</channel></rss>".encode()


def grevio_items(base: str, about: str, *headings: str, day: str = DAY) -> list[Item]:
    """Return the items of a document and its sections, in the structure of HUDOC-GREVIO."""
    whole = (f"{base}-0", "", f"{about} - 0", day)
    return [
        whole,
        *((f"{base}-{n}", heading, f"{about} - {n}/{len(headings)}", day) for n, heading in enumerate(headings, 1)),
    ]


NORDMARK = "GREVIO-Inf(2026)1_Nordmark_Baseline_Evaluation_Report_eng"


def placements_of(*headings: str) -> list[tuple[str, str, str]]:
    """Return (articles, how they were placed, probable articles) for each section of a report with these headings."""
    read = read_feed(make_feed(grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", *headings)), "grevio")
    return [(" ".join(s.articles), s.placement.value, " ".join(s.probable_articles)) for s in read.sections]


def test_a_report_is_read_with_its_state_reference_procedure_and_sections() -> None:
    items = grevio_items(
        NORDMARK, "Baseline Evaluation Report - NORDMARK", "Introduction", "II. A. Policies (Article 7)"
    )
    (document,) = read_feed(make_feed(items), "grevio").documents
    assert (document.body, document.state, document.kind, document.procedure, document.reference) == (
        "grevio",
        "XA",
        DocumentKind.REPORT,
        "baseline",
        "GREVIO/Inf(2026)1",
    )
    assert (document.published, document.confidence, document.language) == (
        PartialDate(2026, 6, 4),
        SourceConfidence.CONFIRMED,
        "en",
    )
    assert [(s.number, s.total, s.heading, s.outline, s.articles) for s in document.sections] == [
        (1, 2, "Introduction", (), ()),
        (2, 2, "II. A. Policies (Article 7)", ("II", "A"), ("7",)),
    ]
    assert document.expected_sections == 2
    assert document.flaws == ()
    assert document.link == f"https://hudoc.grevio.coe.int/eng#{{%22greviosectionid%22:[%22{NORDMARK}-0%22]}}"


@pytest.mark.parametrize(
    ("base", "about", "kind_procedure_reference"),
    [
        ("GREVIO(2026)9_Sudmar_First_thematic_evaluation_report_eng", "Report", "report first_thematic GREVIO(2026)9"),
        ("GREVIO(2026)9-Sudmar-Baseline-evaluation_report-eng", "Report SUDMAR", "report baseline GREVIO(2026)9"),
        ("GREVIO-Inf(2026)2_Sudmar_Gov_Comments_eng", "By Sudmar", "government_comments baseline GREVIO/Inf(2026)2"),
        ("Sudmar_Baseline_eng_only", "Government responses to the Committee", "government_response baseline -"),
        ("7_Sudmar_eng", "Focus section of the seventh general report", "general_report - -"),
    ],
)
def test_an_identifier_gives_the_kind_procedure_and_reference_of_a_document(
    base: str, about: str, kind_procedure_reference: str
) -> None:
    (document,) = read_feed(make_feed(grevio_items(base, about)), "grevio").documents
    assert document.state == "XB"
    found = (document.kind.value, document.procedure or "-", document.reference or "-")
    assert " ".join(found) == kind_procedure_reference


def test_a_section_without_a_state_inherits_it_and_keeps_the_printed_value() -> None:
    items = grevio_items(NORDMARK, "Baseline Evaluation Report", "Introduction")
    read = read_feed(make_feed(items), "grevio")
    (document,) = read.documents
    assert document.state == "XA"
    assert document.corrections == (Correction("state", "", "XA", "its identifier names the state"),)
    assert document.sections[0].metadata is not None
    assert (document.sections[0].metadata.state, document.sections[0].metadata.title) == ("", "Introduction")
    assert dict(read.flaws) == {MISSING_STATE: 2}


def test_a_state_named_only_in_other_sections_is_inherited() -> None:
    base = "Report_without_a_name_eng"
    items = [
        (f"{base}-1", "Introduction", "Baseline evaluation report NORDMARK - 1/2", DAY),
        (f"{base}-2", "Aims", "Baseline evaluation report - 2/2", DAY),
    ]
    (document,) = read_feed(make_feed(items), "grevio").documents
    assert document.state == "XA"
    assert document.corrections == (Correction("state", "", "XA", "other sections of the document name the state"),)


def test_a_document_filed_under_the_wrong_state_is_corrected_and_reported() -> None:
    items = grevio_items(
        "GREVIO-Inf(2026)3_Ostria_Baseline_Evaluation_Gov_Comments_eng",
        "Comments submitted by Nordmark on GREVIO's final report",
    )
    read = read_feed(make_feed(items), "grevio")
    assert [(d.state, d.corrections) for d in read.documents] == [
        ("XC", (Correction("state", "Nordmark", "XC", "its identifier names the state"),))
    ]
    assert dict(read.flaws) == {WRONG_STATE: 1}


def test_a_date_in_the_year_1_is_treated_as_missing() -> None:
    read = read_feed(
        make_feed(grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", day="Mon, 01 Jan 0001 00:00:00 GMT")),
        "grevio",
    )
    (document,) = read.documents
    assert document.published is None
    assert document.corrections == (Correction("date", "Mon, 01 Jan 0001 00:00:00 GMT", "", "no document is that old"),)
    assert dict(read.flaws) == {MISSING_DATE: 1}


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Jun 2026 00:00:00 GMT", "4 Jun"])
def test_an_invalid_date_becomes_none(date: str) -> None:
    (document,) = read_feed(
        make_feed(grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", day=date)), "grevio"
    ).documents
    assert document.published is None


def test_repeated_items_count_once_and_are_reported() -> None:
    items = grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", "Introduction")
    read = read_feed(make_feed([*items, items[1]]), "grevio")
    assert (read.items, len(read.sections), dict(read.flaws)) == (3, 1, {DUPLICATE_ITEM: 1})


def test_spaces_case_and_hyphens_do_not_split_a_document() -> None:
    items = [
        ("GREVIO-Inf(2026)1_Nordmark_Report_eng-0", "", "Baseline Evaluation Report NORDMARK - 0", DAY),
        ("GREVIO-Inf(2026)1_Nordmark_Report_Eng-1", "Introduction", "Baseline Evaluation report - NORDMARK - 1/2", DAY),
        ("GREVIO-Inf(2026)1_Nordmark-Report eng-2", "Aims", "Baseline evaluation report -NORDMARK - 2/2", DAY),
    ]
    read = read_feed(make_feed(items), "grevio")
    assert [len(document.sections) for document in read.documents] == [2]
    assert dict(read.flaws) == {UNEVEN_IDENTIFIER: 1}


def test_empty_headings_missing_sections_and_shared_identifiers_are_reported() -> None:
    items = grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", "Introduction", "", "Aims")
    del items[3]
    other = (items[1][0], "Another introduction", items[1][2], DAY)
    read = read_feed(make_feed([*items, other]), "grevio")
    assert dict(read.flaws) == {EMPTY_HEADING: 1, MISSING_SECTIONS: 1, DUPLICATE_IDENTIFIER: 1}
    assert len({section.id for section in read.sections}) == 3


def test_an_id_depends_on_the_printed_text_and_not_on_our_corrections(monkeypatch: pytest.MonkeyPatch) -> None:
    content = make_feed(grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", "Introduction"))
    before = [(d.id, [s.id for s in d.sections]) for d in read_feed(content, "grevio").documents]
    monkeypatch.setattr(hudoc, "code_by_name", lambda _name: "XC")
    after = [(d.id, [s.id for s in d.sections]) for d in read_feed(content, "grevio").documents]
    assert before == after


def test_a_section_gets_its_articles_from_its_own_heading_or_the_one_above() -> None:
    assert placements_of(
        "Executive summary",
        "II. E. Data collection and research (Article 11)",
        "II. E. 1. Files of the police",
        "II. E. 2. Files of the courts (Article 49)",
        "II. E. 2. a. Civil courts",
        "IV. D. Specialist support services (Article 22) and shelters (Article 23)",
        "IV. D. 1. Rooms",
        "VI. C. Orders (Articles 52 to 53)",
        "Concluding remarks",
    ) == [
        ("", "not", ""),
        ("11", "heading", ""),
        ("11", "heading_above", ""),
        ("49", "heading", ""),
        ("49", "heading_above", ""),
        ("22 23", "heading", ""),
        ("22 23", "heading_above", ""),
        ("52 53", "heading", ""),
        ("", "not", ""),
    ]


def test_a_section_never_inherits_from_a_neighbouring_section() -> None:
    assert placements_of("II. D. Co-ordinating body (Article 10)", "V. D. 1. Something else")[1] == ("", "not", "")


def test_nothing_inherits_from_a_chapter_heading_that_follows_its_own_sections() -> None:
    assert placements_of("IV. 6. Shelters (Article 23)", "IV.Investigations (Articles 49 and 50)", "IV. 12. a. Courts")[
        2
    ] == (
        "",
        "not",
        "",
    )


def test_the_only_article_left_between_two_neighbours_is_probable_not_certain() -> None:
    assert placements_of(
        "III. C. Training (Article 15)",
        "III. D. 1. Work with violent men",
        "III. E. The media (Article 17)",
        "IV. A. Duties (Article 18)",
        "IV. B. 1. Benefits",
        "IV. C. Shelters (Article 23)",
    ) == [
        ("15", "heading", ""),
        ("", "not", "16"),
        ("17", "heading", ""),
        ("18", "heading", ""),
        ("", "not", ""),
        ("23", "heading", ""),
    ]


@pytest.mark.parametrize(
    ("heading", "outline"),
    [
        ("III. A. 3. Training of professionals (Article 15)", "III A 3"),
        ("II. D.1. Law enforcement", "II D 1"),
        ("VI. E 1. Ex parte proceedings", "VI E 1"),
        ("V1. Measures", "V 1"),
        ("III. 1. b/ii. Definition", "III 1 b ii"),
        ("IV. I. Reporting (Article 27)", "IV I"),
        ("I.A General principles", "I"),
        ("Introduction", ""),
        ("A general view", ""),
        ("", ""),
    ],
)
def test_an_outline_number_is_read_as_printed(heading: str, outline: str) -> None:
    assert parse_outline(heading) == tuple(outline.split())


def test_greta_identifiers_are_read_and_its_articles_belong_to_its_own_treaty() -> None:
    items = [
        ("NOR-REP-3-2022-07-ENG-1", "I. Introduction", "3 - Norway - Country Reports", DAY),
        ("NOR-REP-3-2022-07-ENG-2", "IV.2. Right to information (Articles 12 and 15)", "3 -  - Country Reports", DAY),
        ("NOR-REP-3-2022-07-ENG-3", "IV.3. Other things (Article 55)", "3 - Norway - Country Reports", DAY),
        ("FRA-DOM--2020-19-0052-ENG", "Judgment", " - France - ", DAY),
        ("GEN--2018--ENG", "8th General Report", " -  - General Reports", DAY),
    ]
    read = read_feed(make_feed(items, "gretaidentifier"), "greta")
    assert [(d.state, d.kind, d.procedure, len(d.sections)) for d in read.documents] == [
        (None, DocumentKind.GENERAL_REPORT, None, 0),
        ("FR", DocumentKind.COURT_DECISION, None, 0),
        ("NO", DocumentKind.REPORT, "third_round", 3),
    ]
    assert [s.articles for s in read.sections] == [(), ("12", "15"), ()]
    assert [s.placement for s in read.sections] == [
        SectionPlacement.NOT,
        SectionPlacement.BY_HEADING,
        SectionPlacement.NOT,
    ]


# --- Real feeds -------------------------------------------------------------------------------------------------------

ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>'
)
EXTERNAL_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel>&x;</channel></rss>'
)


@pytest.mark.parametrize("content", [ENTITY_BOMB, EXTERNAL_ENTITY, b"<!DOCTYPE rss><rss><channel/></rss>"])
def test_a_feed_with_entities_or_a_document_type_is_rejected(content: bytes) -> None:
    with pytest.raises(UnsafeFeed):
        read_feed(content, "grevio")


def test_a_feed_that_would_exhaust_memory_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b"<rss><channel>" + b"<item>" * 50 + b"</item>" * 50 + b"</channel></rss>"
    long = make_feed([("A-1", "x" * 30_000, "d", DAY)])
    for content in (deep, long):
        with pytest.raises(UnsafeFeed):
            read_feed(content, "grevio")
    monkeypatch.setattr(hudoc, "MAX_FEED_BYTES", 100)
    with pytest.raises(UnsafeFeed, match="larger"):
        read_feed(make_feed(grevio_items(NORDMARK, "x")), "grevio")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"not XML",
        b"<rss><channel>",
        b"<rss></rss>",
        b"\xff\xfe\x00",
        b"<?xml version='1.0' encoding='klingon'?><rss/>",
    ],
)
def test_content_that_is_not_a_feed_is_rejected(content: bytes) -> None:
    with pytest.raises(UnreadableFeed):
        read_feed(content, "grevio")


def test_an_unknown_site_is_rejected() -> None:
    with pytest.raises(UnknownSite):
        read_feed(make_feed([]), "echr")


@given(st.binary(max_size=200))
def test_random_bytes_are_rejected_with_an_explanation(content: bytes) -> None:
    with pytest.raises(UnreadableFeed) as refused:  # random bytes are never a feed
        read_feed(content, "grevio")
    assert refused.value.full_message()


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='"\ufffe\uffff'), max_size=40
)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS.map(escape)), max_size=6), st.sampled_from(["grevio", "greta"]))
def test_every_item_of_a_feed_belongs_to_a_document(items: list[Item], site: str) -> None:
    read = read_feed(make_feed(items), site)
    assert read.items == len(items)
    assert len(read.documents) <= len(items)
    assert bool(read.documents) == bool(items)


# --- Slices and the item limit ----------------------------------------------------------------------------------------


def test_a_feed_cut_off_at_its_limit_says_that_more_may_exist() -> None:
    items = [
        (f"{NORDMARK}-{n}", f"Heading {n}", f"Baseline Evaluation Report NORDMARK - {n}/2500", DAY)
        for n in range(1, 2001)
    ]
    assert dict(read_feed(make_feed(items), "grevio").flaws)[FEED_TRUNCATED] == 1
    assert FEED_TRUNCATED not in dict(read_feed(make_feed(items[:-1]), "grevio").flaws)


def test_overlapping_slices_of_a_site_are_merged_without_a_flaw() -> None:
    items = grevio_items(NORDMARK, "Baseline Evaluation Report NORDMARK", "Introduction", "Aims")
    served = {"first": make_feed(items[:2]), "second": make_feed(items[1:])}
    read = read_feeds(served.__getitem__, "grevio", ["first", "second"])
    assert (read.items, [len(d.sections) for d in read.documents], read.flaws) == (3, [2], ())


# --- Real feeds -------------------------------------------------------------------------------------------------------

REAL_FEEDS = Path(__file__).parents[3] / "shared" / "documents" / "hudoc"
needs_real_feeds = pytest.mark.skipif(
    not REAL_FEEDS.exists(), reason="the real feeds are not here; they are not part of the project"
)


@needs_real_feeds
def test_the_real_grevio_feed_is_read_completely() -> None:
    read = read_feed((REAL_FEEDS / "grevio_2025-07-13.rss").read_bytes(), "grevio")
    assert (read.items, len(read.documents), len(read.sections)) == (2000, 71, 1929)
    without = [d for d in read.documents if d.state is None]
    assert {d.kind for d in without} == {DocumentKind.GENERAL_REPORT}
    printed = [s.metadata.state for d in read.documents if d.state for s in d.sections if s.metadata]
    assert printed.count("") == 128
    by = [s.placement for s in read.sections]
    assert (by.count(SectionPlacement.BY_HEADING), by.count(SectionPlacement.BY_HEADING_ABOVE)) == (1342, 27)
    assert sum(len(s.articles) > 1 for s in read.sections) == 63
    assert dict(read.flaws) == {
        FEED_TRUNCATED: 1,
        DUPLICATE_ITEM: 1,
        MISSING_DATE: 1,
        MISSING_STATE: 140,
        WRONG_STATE: 2,
        EMPTY_HEADING: 2,
        UNEVEN_IDENTIFIER: 3,
        MISSING_SECTIONS: 1,
    }


@needs_real_feeds
def test_the_real_greta_feed_is_read_completely() -> None:
    read = read_feed((REAL_FEEDS / "greta.rss").read_bytes(), "greta")
    assert (read.items, len(read.documents), len(read.sections)) == (2000, 123, 1902)
    assert [d.identifier for d in read.documents if d.state is None] == ["GEN--2018--ENG"]
    assert dict(read.flaws) == {
        FEED_TRUNCATED: 1,
        DUPLICATE_ITEM: 45,
        MISSING_STATE: 8,
        EMPTY_HEADING: 10,
        UNEVEN_IDENTIFIER: 6,
    }
