"""Home, map, countries and articles: what the pages show, about whom, and how many queries they need."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from samsvar.monitoring.report import Strength
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import TreatyEvent
from samsvar.site.convention.query_params import RequestedDay
from samsvar.site.monitoring.models import Document, Report, Section, SectionArticle
from samsvar.site.pages.queries.articles import article_page
from samsvar.site.pages.queries.home import map_page
from samsvar.site.pages.queries.shared import SectionRow
from samsvar.site.shell.html_fragments import render_sections
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

BUCHAREST = date(2019, 6, 4)


def day_query(day: date = BUCHAREST) -> RequestedDay:
    return RequestedDay(day, day, "")


@pytest.fixture
def facts() -> None:
    load_convention()


def make_document(
    state: str = "NO", reference: str = "GREVIO/Inf(0000)1", sections: tuple[tuple[int, ...], ...] = ()
) -> Document:
    """Create a catalogue entry with one section for each tuple of articles."""
    document = Document.objects.create(
        public_id=f"{state}{len(reference)}{Document.objects.count()}"[:16],
        origin="hudoc",
        body="grevio",
        state_id=state,
        procedure="baseline",
        kind="report",
        reference=reference,
        language="en",
        published="2022-11-25",
        link="https://example.org/report",
        confidence="confirmed",
    )
    for number, articles in enumerate(sections, start=1):
        section = Section.objects.create(
            public_id=f"s{document.pk}-{number}",
            document=document,
            number=number,
            heading=f"Section {number}",
            link=f"https://example.org/report#{number}",
        )
        SectionArticle.objects.bulk_create(SectionArticle(section=section, article=article) for article in articles)
    return document


def as_on(day: date) -> RequestedDay:
    """Return a day for reservations, with everything that is known today."""
    return RequestedDay(day, day, "")


def page_text(response: Any) -> str:
    """Return the text of a page without tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- Number of queries ------------------------------------------------------------------------------------------------


def test_the_map_counts_33_parties_on_4_june_2019(facts):
    page = map_page(requested=day_query(), language="en")
    assert [(count.status, count.number) for count in page.counts] == [
        ("in_force", 33),
        ("ratified", 1),
        ("signatory", 12),
        ("none", 1),
    ]
    assert sum(count.number for count in page.counts) == len(page.squares) == 47


def test_turkiye_is_a_party_until_june_2021_and_a_former_party_afterwards(facts):
    def status(day: date) -> str:
        squares = map_page(requested=day_query(day), language="en").squares
        return next(square.status for square in squares if square.code == "TR")

    assert [status(date(2021, 6, 30)), status(date(2021, 7, 1))] == ["in_force", "former_party"]


def test_no_two_squares_of_the_map_overlap(facts):
    squares = map_page(requested=day_query(), language="en").squares
    assert len({(square.column, square.row) for square in squares}) == len(squares)
    assert {square.code for square in squares}.isdisjoint({"XA", "XB", "XC"})


def test_unverified_events_are_not_counted(facts):
    before = map_page(requested=day_query(), language="en").counts
    TreatyEvent.objects.create(
        public_id="remembered", state_id="AZ", kind="signature", day="2015-01-01", confidence="from-memory"
    )
    assert map_page(requested=day_query(), language="en").counts == before


@pytest.mark.django_db(transaction=True)
def test_the_cached_status_of_a_country_follows_every_change_of_the_database():
    load_convention()

    def azerbaijan() -> str:
        squares = map_page(requested=day_query(), language="en").squares
        return next(square.status for square in squares if square.code == "AZ")

    assert [azerbaijan(), azerbaijan()] == ["none", "none"]
    event = TreatyEvent.objects.create(
        public_id="signed", state_id="AZ", kind="signature", day="2015-01-01", source="a test", confidence="confirmed"
    )
    assert azerbaijan() == "signatory"
    event.delete()
    assert azerbaijan() == "none"


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2019-06-31", "“2019-06-31” is not a date."),
        ("yesterday", "“yesterday” is not a date."),
        ("1999-01-01", "The Convention was not yet open for signature on that date."),
        ("2999-01-01", "That date is in the future."),
        ("<script>", "“&lt;script&gt;” is not a date."),
    ],
)
def test_an_invalid_date_is_reported_and_today_is_shown(facts, client: Client, day, sentence):
    response = client.get("/en/map/", {"on": day})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert response.context["page"].day == response.context["page"].today


def test_the_map_and_its_table_show_the_same_status(facts, client: Client):
    page = client.get("/en/map/", {"on": "2019-06-04"}).context["page"]
    rows = {row.code: row.status for row in page.rows}
    assert {square.code: rows[square.code] for square in page.squares} == {
        square.code: square.status for square in page.squares
    }


def test_an_htmx_request_gets_a_fragment_and_a_browser_the_whole_page(facts, client: Client):
    part = client.get("/en/map/", {"on": "2019-06-04"}, headers={"HX-Request": "true"})
    whole = client.get("/en/map/", {"on": "2019-06-04"})
    assert part.content.decode().lstrip().startswith('<div id="on-the-day">')
    assert whole.content.decode().lstrip().lower().startswith("<!doctype html>")
    assert "HX-Request" in part.headers["Vary"]


# --- Names and texts -------------------------------------------------------------------------------------------------


def test_a_fictional_state_is_marked_as_fictional_wherever_it_is_named(facts, client: Client):
    make_report()
    for address in ("/en/countries/XA/", "/en/countries/", "/en/articles/8/", "/en/matrix/", "/en/map/", "/en/"):
        words = page_text(client.get(address)).lower()
        assert "nordmark" in words, address
        assert "fictional state" in words, address


def test_report_text_is_escaped(facts, client: Client):
    text = "<script>alert(1)</script> & “urges” <b>"
    make_report(reading=make_reading([make_finding(1, text=text)]))
    html = client.get("/en/countries/XA/articles/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert "<script>alert" not in html


def test_a_quotation_is_marked_with_its_language(facts, client: Client):
    make_report(reading=make_reading([make_finding(1, language="fr")], language="fr"))
    assert '<blockquote class="quotation" lang="fr">' in client.get("/nb/countries/XA/articles/").content.decode()


def test_a_javascript_url_does_not_become_a_link(facts, client: Client):
    TreatyEvent.objects.create(
        public_id="bad",
        state_id="NO",
        kind="declaration",
        day="2017-07-05",
        source="javascript:alert(1)",
        confidence="confirmed",
    )
    assert "javascript:" not in client.get("/en/countries/NO/events/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/en/countries/ZZ/",
        "/en/countries/NO/nothing/",
        "/en/articles/0/",
        "/en/articles/82/",
        "/en/nothing/",
        "/nothing/",
        "/en/meetings/nothing/",
    ],
)
def test_the_page_for_an_unknown_address_has_the_design_of_the_site(facts, client: Client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "Page not found" in page_text(response)
    assert "404" not in page_text(response)  # nor the name of an exception if a view gave no message
    assert "data-leave" in response.content.decode()


# --- Articles ---------------------------------------------------------------------------------------------------------


def test_an_article_lists_the_latest_round_of_each_country_strongest_first(facts, client: Client):
    make_report(
        b"earlier",
        make_reading([make_finding(9, strength=Strength.URGES, articles=("25",))], published=date(2020, 5, 1)),
    )
    make_report(
        b"latest",
        make_reading(
            [
                make_finding(1, strength=Strength.WELCOMES, articles=("25",)),
                make_finding(2, strength=Strength.INVITES, articles=("25",)),
                make_finding(3, strength=Strength.ENCOURAGES, articles=("25",)),
            ]
        ),
    )
    make_report(
        b"other",
        make_reading([make_finding(4, state="XB", strength=Strength.URGES, articles=("25",))], state="XB"),
        state="XB",
    )
    page = article_page(number=25, requested=as_on(BUCHAREST), page="", language="en")
    assert page is not None
    assert [
        (state.code, state.history, [card.citation for card in state.findings], state.earlier) for state in page.states
    ] == [
        ("XB", "urges 2023", ["GREVIO 2023 § 4, p. 1"], 0),
        (
            "XA",
            "encourages 2023; before: urges 2020",
            ["GREVIO 2023 § 3, p. 1", "GREVIO 2023 § 2, p. 1", "GREVIO 2023 § 1, p. 1"],
            1,
        ),
    ]
    assert page.open == 3
    assert [card.citation for card in page.welcomed_findings] == ["GREVIO 2023 § 1, p. 1"]
    assert (page.previous_number, page.next_number) == (24, 26)
    words = page_text(client.get("/en/articles/25/"))
    assert words.count("GREVIO welcomes the authorities") == 1  # printed once; among the positive findings as a link


def test_an_article_lists_the_reservations_in_force_on_the_day(facts):
    page = article_page(number=59, requested=as_on(date(2019, 6, 4)), page="", language="en")
    assert page is not None
    assert [(line.code, line.provisions) for line in page.reservations if line.active] == [
        ("CY", "59"),
        ("DE", "59(2)"),
        ("DE", "59(3)"),
        ("RO", "59"),
        ("CH", "59"),
    ]
    assert [(line.code, line.confidence) for line in page.reservations if line.uncertain] == [
        ("MC", "from-memory"),
        ("SI", "from-memory"),
    ]


def test_every_article_has_a_page_in_every_language(facts, client: Client):
    for language in ("en", "fr", "nb", "ro"):
        page = client.get(f"/{language}/articles/7/")
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.content.decode()
    assert {client.get(f"/en/articles/{number}/").status_code for number in range(1, 82)} == {200}


# --- Number of queries ------------------------------------------------------------------------------------------------


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


MAX_QUERIES = {  # the maximum, whatever the amount of data
    "/en/": 6,
    "/en/map/": 3,
    "/en/countries/": 6,
    "/en/countries/XA/": 11,  # one of them for its figures
    "/en/countries/XA/articles/": 10,
    "/en/countries/XA/reports/": 7,
    "/en/countries/XA/meetings/": 8,
    "/en/articles/": 3,
    "/en/articles/7/": 10,
    "/en/matrix/": 5,
    "/en/about-the-data/": 8,
}


@pytest.mark.parametrize("address", MAX_QUERIES)
def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(facts, client: Client, address):
    make_report(b"one", make_reading([make_finding(1)], reference="ONE"))
    make_document("XA", sections=((7,),))
    with_one = count_queries(client, address)
    for number in range(2, 5):
        findings = [make_finding(one, articles=(str(one), "7")) for one in range(1, 30)]
        make_report(str(number).encode(), make_reading(findings, reference=f"MANY {number}"))
        make_document("XA", f"GREVIO/{number}", sections=tuple((article, 7) for article in range(8, 30)))
    with_many = count_queries(client, address)
    assert with_many == with_one
    assert with_many <= MAX_QUERIES[address]
    assert with_many > 0


# --- What is known, and until when ------------------------------------------------------------------------------------

CHART = "module=signatures-by-treaty&amp;treatynum=210"


@pytest.mark.parametrize("address", ["/en/", "/en/map/", "/en/countries/NO/", "/en/countries/LV/"])
def test_a_status_is_shown_with_the_last_day_known_and_the_depositarys_chart(facts, client: Client, address):
    page = client.get(address).content.decode()
    assert "known until 14 January 2026" in page
    assert CHART in page


def test_a_reservation_whose_renewal_was_not_seen_is_not_known_rather_than_absent(facts, client: Client):
    headline = "not known whether its reservations are in force"
    assert headline in client.get("/en/countries/RO/").content.decode()
    assert headline not in client.get("/en/countries/NO/").content.decode()
    rows = map_page(requested=day_query(date(2026, 11, 27)), language="en").rows
    row = next(row for row in rows if row.code == "RO")
    assert not row.reservations
    assert row.uncertain_reservations


@pytest.mark.parametrize(
    ("reference", "title", "named"),
    [("GREVIO/Inf(2023)9", "A title", "GREVIO/Inf(2023)9"), ("", "A title", "A title"), ("", "", "nordmark-2023.pdf")],
)
def test_a_report_in_the_news_has_its_reference_its_title_or_the_name_of_its_file(client, db, reference, title, named):
    load_convention()
    report = make_report()
    Report.objects.filter(pk=report.pk).update(filename="nordmark-2023.pdf")
    Document.objects.filter(pk=report.document_id).update(reference=reference, title=title)
    news = client.get("/en/").context["page"].news
    assert [item.title.rpartition(", ")[2] for item in news if item.href.startswith("/en/reports/")] == [named]


def test_an_article_has_its_own_sections_and_findings_of_other_bodies_after_another_was_shown(client):
    load_convention()
    make_document(reference="GREVIO/Inf(0000)7", sections=((20,), (22,)))
    other = make_finding(5, body="cedaw", articles=("22",), text="The Committee recommends shelters & beds.")
    make_report(b"cedaw", make_reading([other], body="cedaw"))
    shown = {number: client.get(f"/en/articles/{number}/") for number in (20, 22, 20)}
    names = {number: answer.content.decode() for number, answer in shown.items()}
    assert {number: re.findall(r"Section \d", name) for number, name in names.items()} == {
        20: ["Section 1"],
        22: ["Section 2"],
    }
    assert "shelters &amp; beds" in names[22]
    assert "shelters &amp; beds" not in names[20]


def test_a_section_is_escaped_and_links_only_to_the_web():
    line = SectionRow("<b>1</b>", "javascript:alert(1)", "fr", "GREVIO & co", True, "2020", False)
    with override("en"):
        assert render_sections(
            [line, replace(line, heading="", link="https://rm.coe.int/?a=1&b=2", inherited=False)]
        ) == (
            '<p class="section-line"><span lang="fr">&lt;b&gt;1&lt;/b&gt;</span> '
            '<span class="quiet">GREVIO &amp; co · article from the heading above</span></p>'
            '<p class="section-line"><a class="out" rel="noreferrer" href="https://rm.coe.int/?a=1&amp;b=2" lang="fr">'
            'GREVIO &amp; co</a> <span class="quiet">GREVIO &amp; co</span></p>'
        )


def test_an_article_takes_at_most_ten_queries_and_compiles_at_most_three_of_them(client, django_assert_max_num_queries):
    """Compiling took a quarter of the time of the page. Two are those of the cards, one finds the change number."""
    load_convention()
    make_document(sections=((25,), (25,)))
    make_report(b"xa", make_reading([make_finding(1, articles=("25",))]))
    client.get("/en/articles/25/")
    with (
        django_assert_max_num_queries(10),
        patch.object(SQLCompiler, "as_sql", autospec=True, side_effect=SQLCompiler.as_sql) as compiled,
    ):
        article_page(number=25, requested=as_on(BUCHAREST), page="", language="en")
    assert compiled.call_count <= 3
