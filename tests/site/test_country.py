"""A country's page: its latest rounds, its tabs, and what each shows."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from samsvar.monitoring.report import Finding as FindingValue
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.models import Document, Finding
from samsvar.site.pages.queries.country import CountryPage, country_page
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.test_pages import day_query, make_document, page_text

pytestmark = pytest.mark.django_db

BOTH = "It welcomes the centres and asks for more."
U, S, E, W = Strength.URGES, Strength.STRONGLY_ENCOURAGES, Strength.ENCOURAGES, Strength.WELCOMES


@pytest.fixture(autouse=True)
def facts() -> None:
    load_convention()


def add_round(year: int, *findings: FindingValue, body: str = "grevio", procedure: str = "baseline") -> None:
    """Import a report on Nordmark of 21 September of the year."""
    make_report(
        f"{body} {procedure} {year}".encode(),
        make_reading(findings, body=body),
        about={"procedure": procedure, "published": f"{year}-09-21"},
    )


@pytest.fixture
def three_rounds() -> None:
    """Load Nordmark's Article 25 as in the demonstration: U 2020, E 2024, S 2025, with a recommendation in 2020."""
    add_round(2020, make_finding(55, strength=U, articles=("25",)), make_finding(60, strength=E, articles=("26",)))
    committee = "committee_of_the_parties"
    add_round(
        2020, make_finding(6, strength=U, articles=("25",), body=committee), body=committee, procedure="recommendation"
    )
    add_round(
        2024,
        make_finding(7, strength=W, articles=("25",), body=committee, text=BOTH),
        make_finding(7, strength=E, articles=("25",), body=committee, text=BOTH),
        body=committee,
        procedure="conclusions",
    )
    add_round(
        2025,
        make_finding(29, strength=W, articles=("25",)),
        make_finding(30, strength=S, articles=("25",)),
        procedure="first_thematic",
    )


def show(tab: str = "", code: str = "XA", **params: str) -> CountryPage:
    page = country_page(code=code, requested=day_query(), language="en", tab=tab, params=params)
    assert page is not None
    return page


def list_rows(**params: str) -> dict[int | None, list[tuple[str, list[str]]]]:
    """Return the rows of the list of articles: the citations in each round, newest first."""
    article_list = show("articles", **params).article_list
    assert article_list is not None
    return {
        line.number: [(one.line.key, [card.citation for card in one.findings]) for one in line.rounds]
        for line in article_list.rows
    }


# --- Overview ---------------------------------------------------------------------------------------------------------


def test_the_overview_has_the_figures_of_the_latest_rounds(three_rounds, client: Client):
    figures = show().figures
    assert (figures.open, figures.articles, figures.welcomed) == (2, 2, 1)
    assert [(count.strength, count.number) for count in figures.open_by_strength] == [(S, 1), (E, 1)]
    assert [(trend.trend, trend.articles) for trend in figures.trends] == [("milder", (25,)), ("new", (26,))]
    words = page_text(client.get("/en/countries/XA/"))
    assert "Nordmark has 2 open recommendations under 2 articles." in words
    assert "The latest round is GREVIO, first thematic evaluation, published on 21 September 2025." in words
    assert "Open: recommended in the latest round on an article" in words


def test_the_strip_shows_the_latest_round_of_each_article_and_its_history():
    add_round(
        2023,
        make_finding(1, strength=E, articles=("7",)),
        make_finding(2, strength=U, articles=("7", "10")),
        make_finding(3, strength=W, articles=("25",)),
        make_finding(4, strength=W, articles=("26",)),
        make_finding(5, strength=None, articles=("26",)),
        make_finding(6, strength=U, articles=("30",)),
    )
    Finding.objects.filter(paragraph="6").update(review="rejected")
    overview = show().overview
    assert overview is not None
    cells = {cell.number: cell for chapter in overview.chapters for cell in chapter.cells}
    assert list(cells) == list(range(7, 12)) + list(range(18, 29))  # the chapters on which something is known
    assert {number: (cell.strength, cell.history) for number, cell in cells.items() if cell.history} == {
        7: ("urges", "urges 2023"),
        10: ("urges", "urges 2023"),
        25: ("welcomes", "welcomes 2023"),
        # a recommendation ranks before praise, even if the body gives no strength
        26: ("", "recommendation (no level given) 2023"),
    }


def test_the_strongest_open_recommendations_are_those_of_the_newest_round(three_rounds):
    add_round(2026, *(make_finding(n, strength=U, articles=(str(n),)) for n in (12, 11, 10)), procedure="thematic")
    overview = show().overview
    assert overview is not None
    assert [(urgent.number, urgent.card.citation) for urgent in overview.urgent] == [
        (10, "GREVIO 2026 § 10, p. 1"),
        (11, "GREVIO 2026 § 11, p. 1"),
        (12, "GREVIO 2026 § 12, p. 1"),
    ]


def test_a_real_country_begins_with_what_is_known(client: Client):
    make_document("NO", "GREVIO/Inf(0000)1", sections=((7,), (8, 9), ()))
    response = client.get("/en/countries/NO/")
    words = page_text(response)
    assert "We know of 1 official document with 3 sections by article." in words
    assert "No report of GREVIO or the Committee of the Parties on Norway has been processed yet." in words
    assert "GREVIO: report, GREVIO/Inf(0000)1" in words
    assert "entry into force" in words
    assert "Upload a report" not in words
    overview = response.context["page"].overview
    assert [cell.number for chapter in overview.chapters for cell in chapter.cells if cell.is_covered] == [7, 8, 9]


def test_only_someone_who_can_upload_is_told_to(client: Client):
    client.force_login(make_account(Role.READER))
    assert "Processing takes about a minute." not in page_text(client.get("/en/countries/NO/"))
    client.force_login(make_account(Role.EDITOR))
    assert "Processing takes about a minute." in page_text(client.get("/en/countries/NO/"))


# --- By article -------------------------------------------------------------------------------------------------------


def test_an_article_has_one_row_with_its_history_and_the_newest_round_first(three_rounds, client: Client):
    assert list_rows()[25] == [
        ("grevio-first_thematic-2025-09-21", ["GREVIO 2025 § 30, p. 1", "GREVIO 2025 § 29, p. 1"]),
        ("committee_of_the_parties-conclusions-2024-09-21", ["Committee of the Parties 2024 § 7, p. 1"]),
        ("grevio-baseline-2020-09-21", ["GREVIO 2020 § 55, p. 1", "Committee of the Parties 2020 § 6, p. 1"]),
    ]
    html = client.get("/en/countries/XA/articles/").content.decode()
    (row,) = re.findall(r'<details class="article-row" id="article-25".*?</summary>', html, re.DOTALL)
    assert re.findall(r"<b>(\w)</b> (\d+)", row) == [("U", "2020"), ("E", "2024"), ("S", "2025")]
    assert "strongly encourages 2025; before: urges 2020, encourages 2024" in row


def test_the_rows_are_folded_except_the_one_asked_for(three_rounds, client: Client):
    html = client.get("/en/countries/XA/articles/", {"article": "25"}).content.decode()
    assert re.findall(r'<details class="article-row" id="article-(\w+)" open>', html) == ["25"]
    assert html.count('<details class="article-row"') == 2


def test_a_paragraph_that_praises_and_asks_is_printed_once_with_two_marks(three_rounds, client: Client):
    html = client.get("/en/countries/XA/articles/").content.decode()
    assert html.count(BOTH) == 1
    (card,) = re.findall(r'<article class="finding"(?:(?!</article>).)*It welcomes the centres', html, re.DOTALL)
    assert re.findall(r'data-strength="(\w+)"', card) == ["encourages", "welcomes"]
    links = re.findall(r'href="(/en/findings/\w+/)"', card)
    assert len(set(links)) == 2  # each mark leads to its own finding


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"body": "committee_of_the_parties"}, {25: ["2024"]}),
        ({"round": "grevio-baseline-2020-09-21"}, {25: ["2020"], 26: ["2020"]}),
        ({"strength": "welcomes"}, {25: ["2025", "2024"]}),
        ({"strength": "urges"}, {25: ["2020"]}),
        ({"status": "open"}, {25: ["2025"], 26: ["2020"]}),
        ({"status": "open", "strength": "urges"}, {}),
        ({"body": "nothing"}, {}),
    ],
)
def test_a_filter_keeps_only_matching_findings(three_rounds, params, found):
    assert {
        number: [key.rpartition("-")[0].rpartition("-")[0].rpartition("-")[2] for key, _ in rounds]
        for number, rounds in list_rows(**params).items()
    } == found


@pytest.mark.parametrize("tab", ["articles", "upr", "progress"])
def test_the_lists_of_a_country_name_a_filter_or_value_that_they_do_not_have(three_rounds, client: Client, tab):
    finding = make_finding(1, strength=None, articles=(), body="upr", text="Recommendation 1 (Chile)")
    make_report(b"upr", make_reading([finding], body="upr"), about={"procedure": "upr"})
    html = client.get(f"/en/countries/XA/{tab}/?country=XB&on=2026-01-01&page=1").content.decode()
    assert "This page has no filter called “country”, so nothing is filtered by it." in html
    values = {"articles": "body=bogus", "upr": "position=bogus", "progress": "done=bogus"}[tab]
    html = client.get(f"/en/countries/XA/{tab}/?{values}").content.decode()
    assert "There is no filter option called “bogus”." in html


def test_sections_of_official_reports_are_under_each_of_their_articles(client: Client):
    make_document("NO", sections=((7,), (8, 9), ()))
    article_list = show("articles", "NO").article_list
    assert article_list is not None
    assert [(line.number, len(line.sections)) for line in article_list.rows] == [(7, 1), (8, 1), (9, 1), (None, 1)]
    assert 'href="https://example.org/report#2"' in client.get("/en/countries/NO/articles/").content.decode()


def test_a_newer_report_that_was_not_processed_is_named_in_the_row(three_rounds):
    document = make_document("XA", sections=((25,), (26,)))
    Document.objects.filter(pk=document.pk).update(published="2026-02")
    article_list = show("articles").article_list
    assert article_list is not None
    assert [(line.number, line.unprocessed_year) for line in article_list.rows] == [(25, "2026"), (26, "2026")]


def test_automatic_labels_are_announced_once_and_only_confirmed_ones_are_marked(three_rounds, client: Client):
    Finding.objects.filter(paragraph="30").update(review="confirmed")
    words = page_text(client.get("/en/countries/XA/articles/")).lower()
    assert words.count("automatic") == 2  # the notice, and the sentence at the foot of every page
    assert words.count("confirmed by a reviewer") == 2  # the notice, and the finding that is


def test_links_to_findings_name_body_and_year(three_rounds, client: Client):
    """The same paragraph number occurs in several reports, and no link text leads to two findings."""
    add_round(2026, make_finding(7, articles=("30",)), make_finding(55, articles=("31",)), procedure="thematic")
    for address in ("/en/countries/XA/articles/", "/en/findings/", "/en/articles/25/"):
        html = client.get(address).content.decode()
        links = re.findall(r'<a href="(/en/findings/\w{16}/)">((?:(?!</a>).)*)</a>', html, re.DOTALL)
        targets: dict[str, set[str]] = {}
        for href, text in links:
            targets.setdefault(" ".join(re.sub(r"<[^>]+>", " ", text).split()), set()).add(href)
        assert targets, address
        assert all(re.search(r"(GREVIO|Committee of the Parties) \d{4} § \d+, p\. \d", text) for text in targets)
        shared = {text for text, found in targets.items() if len(found) > 1}
        assert shared <= {"Nordmark, Committee of the Parties 2024 § 7, p. 1"}  # two findings in one paragraph


# --- Other tabs -------------------------------------------------------------------------------------------------------


def test_every_tab_has_an_address_and_is_marked_as_current(three_rounds, client: Client):
    page = show()
    assert [(tab.key, tab.number) for tab in page.tabs] == [
        ("", None), ("articles", None), ("rounds", None), ("progress", None), ("reports", 4), ("events", 0),
        ("meetings", None), ("funding", None),
    ]  # fmt: skip
    for tab in page.tabs:
        html = client.get(tab.href).content.decode()
        assert f'<a href="{tab.href}" aria-current="page">' in html
        assert html.count('aria-current="page"') >= 1


def test_a_country_is_a_signatory_on_a_day_before_it_ratified(client: Client):
    page = client.get("/en/countries/NO/", {"on": "2014-01-01"}).context["page"]
    assert (page.status.status, page.status.signed, page.status.ratified) == ("signatory", "2011-07-07", "")


@pytest.mark.parametrize("tab", ["", "articles/", "upr/"])
def test_a_country_code_in_lower_case_redirects_to_upper_case(client: Client, tab):
    response = client.get(f"/fr/countries/no/{tab}")
    assert (response.status_code, response.headers["Location"]) == (301, f"/fr/countries/NO/{tab}")


@pytest.fixture
def review() -> None:
    """Load a report of the Universal Periodic Review on Norway, and concluding observations of the CEDAW Committee."""
    findings = [
        make_finding(1, strength=None, articles=(), body="upr", state="NO", text=f"Recommendation {number} (Chile)")
        for number in ("95.1", "95.2", "96.1", "97.1")
    ]
    report = make_report(
        b"upr", make_reading(findings, body="upr", state="NO", published=date(2014, 7, 1)), about={"procedure": "upr"}
    )
    values = (
        ("95.1", ["Chile"], "supported"), ("95.2", ["Chile", "Peru"], "supported"),
        ("96.1", ["Peru"], "noted"), ("97.1", ["Spain"], ""),
    )  # fmt: skip
    for finding, (number, states, position) in zip(report.findings.order_by("ordinal"), values, strict=True):
        finding.paragraph, finding.from_states, finding.state_position = number, states, position
        finding.save()
    make_report(
        b"cedaw", make_reading([make_finding(12, body="cedaw", state="NO", articles=())], body="cedaw", state="NO")
    )


def test_recommendations_of_the_universal_periodic_review_have_a_tab_with_states_and_positions(review, client: Client):
    upr = show("upr", "NO").upr
    assert upr is not None
    assert [(line.card.citation, line.from_states, line.position) for line in upr.rows] == [
        ("Universal Periodic Review 2014 § 95.1, p. 1", ("Chile",), "supported"),
        ("Universal Periodic Review 2014 § 95.2, p. 1", ("Chile", "Peru"), "supported"),
        ("Universal Periodic Review 2014 § 96.1, p. 1", ("Peru",), "noted"),
        ("Universal Periodic Review 2014 § 97.1, p. 1", ("Spain",), ""),
    ]
    assert upr.counts == (("supported", 2), ("noted", 1), ("", 1))
    words = page_text(client.get("/en/countries/NO/upr/"))
    assert "2 supported" in words
    assert "position not stated in the report" in words


@pytest.mark.parametrize(
    ("params", "count"),
    [({"position": "noted"}, 1), ({"position": "none"}, 1), ({"by": "Peru"}, 2), ({"by": "Mars"}, 0)],
)
def test_the_recommendations_are_filtered_by_position_and_state(review, params, count):
    upr = show("upr", "NO", **params).upr
    assert upr is not None
    assert len(upr.rows) == count


def test_a_recommending_state_has_one_name_however_it_is_printed(review, client: Client):
    recommendations = Finding.objects.filter(body="upr").order_by("ordinal")
    printed = (
        ["United States"], ["the United States of America", "Spain"],
        ["United Kingdom of Great Britain and Northern Ireland", "United Kingdom"], ["Kingdom of Spain", "Atlantis"],
    )  # fmt: skip
    for recommendation, names in zip(recommendations, printed, strict=True):
        recommendation.from_states = names
        recommendation.save()
    upr = show("upr", "NO").upr
    assert upr is not None
    assert [line.from_states for line in upr.rows] == [
        ("United States of America",), ("United States of America", "Spain"), ("United Kingdom",),
        ("Spain", "Atlantis"),
    ]  # fmt: skip
    assert upr.filters.fields["by"].choices[1:] == [  # type: ignore[attr-defined]
        ("Atlantis", "Atlantis"), ("ES", "Spain"), ("GB", "United Kingdom"), ("US", "United States of America"),
    ]  # fmt: skip
    for value in ("US", "United States", "United States of America"):
        filtered = show("upr", "NO", by=value).upr
        assert filtered is not None
        assert [line.card.citation.partition(" § ")[2] for line in filtered.rows] == ["95.1, p. 1", "95.2, p. 1"]
    html = client.get("/fr/countries/NO/upr/?by=US").content.decode()
    assert "<span>États-Unis d’Amérique</span>" in html
    assert "<span>États-Unis d’Amérique, Espagne</span>" in html
    assert [names for (names,) in recommendations.values_list("from_states")] == [*printed]


def test_other_bodies_neither_colour_a_cell_nor_count_as_open(review):
    page = show("", "NO")
    assert (page.figures.open, page.figures.latest, page.finding_count) == (0, None, 0)
    assert [tab.key for tab in page.tabs if tab.key in ("upr", "other-bodies")] == ["upr", "other-bodies"]
    other = show("other-bodies", "NO").other_bodies
    assert other is not None
    assert [card.citation for card in other.findings] == ["CEDAW Committee 2023 § 12, p. 1"]


def test_documents_are_listed_newest_first(three_rounds):
    assert [document.published[:4] for document in show("reports").documents] == ["2025", "2024", "2020", "2020"]


def test_the_tab_of_funding_says_if_there_is_nothing(client: Client):
    assert "No commitments and no funding known." in page_text(client.get("/en/countries/XA/funding/"))


def test_two_sentences_of_one_paragraph_are_on_one_card_in_the_order_of_the_report(client: Client):
    add_round(
        2024,
        make_finding(7, strength=W, articles=("25",), text="GREVIO welcomes the centres."),
        make_finding(7, strength=E, articles=("25",), text="It encourages the authorities to open more."),
    )
    html = client.get("/en/countries/XA/articles/").content.decode()
    (card,) = re.findall(r'<article class="finding".*?</article>', html, re.DOTALL)
    assert re.findall(r'data-strength="(\w+)"', card) == ["encourages", "welcomes"]
    assert re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", card) == [
        "GREVIO welcomes the centres.",
        "It encourages the authorities to open more.",
    ]


def test_the_reading_of_a_single_state_is_shown_with_the_whole_recommendation(review):
    whole = Finding.objects.get(paragraph="95.2")
    Finding.objects.filter(pk=whole.pk).update(text="Ratify the Protocol (Chile) and the Statute (Peru)")
    Finding.objects.create(
        public_id="reading", report=whole.report, ordinal=90, state_id="NO", body="upr", year=2014, page=1,
        paragraph="95.2", from_states=["Peru"], state_position="supported", text="Ratify […] the Statute (Peru)",
        language="en", reader="upr 1",
    )  # fmt: skip
    upr = show("upr", "NO").upr
    assert upr is not None
    assert [(line.text, line.from_states) for line in upr.rows if "95.2" in line.card.citation] == [
        ("Ratify the Protocol (Chile) and the Statute (Peru)", ("Chile", "Peru"))
    ]
