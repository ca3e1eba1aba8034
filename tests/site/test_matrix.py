"""The matrix: every country by every article, filtered, sorted and exported."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from samsvar.monitoring.report import Strength
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.models import Finding, FindingArticle, Section, SectionArticle
from samsvar.site.pages.matrix import matrix_page
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.test_pages import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    """Load Nordmark with a report, Sudmar with one by another body a year later, and Norway with sections only."""
    load_convention()
    make_report(
        b"nordmark",
        make_reading(
            [
                make_finding(1, strength=Strength.ENCOURAGES, articles=("7",)),
                make_finding(2, strength=Strength.URGES, articles=("7", "33")),
                make_finding(3, strength=Strength.WELCOMES, articles=("80",)),
            ]
        ),
    )
    make_report(
        b"sudmar",
        make_reading(
            [make_finding(1, state="XB", body="committee_of_the_parties", strength=Strength.INVITES, articles=("7",))],
            state="XB",
            body="committee_of_the_parties",
            published=date(2025, 3, 1),
        ),
        state="XB",
    )
    make_document("NO", sections=((7, 8),))


def filled_cells(**questions: str) -> dict[str, dict[int, str]]:
    """Return the strength, or "." for a dot, in each filled cell, by state and article; all countries are asked for."""
    page = matrix_page(params={"countries": "all", **questions}, language="en")
    filled = {}
    for row in page.rows:
        cells = re.findall(r'<td(?: data-strength="(\w*)")?>(.*?)</td>', row.cells)
        assert len(cells) == len(page.columns)
        said = {
            column.number: strength or "."
            for column, (strength, inside) in zip(page.columns, cells, strict=True)
            if strength or inside
        }
        if said:
            filled[row.code] = said
    return filled


def test_a_cell_shows_the_latest_round_or_a_dot_for_a_section_on_the_article(world):
    assert filled_cells() == {"XA": {7: "urges", 33: "urges"}, "XB": {7: "invites"}, "NO": {7: ".", 8: "."}}


def test_all_81_articles_are_shown_on_demand(world):
    assert filled_cells(articles="all")["XA"] == {7: "urges", 33: "urges", 80: "welcomes"}
    assert len(matrix_page(params={"articles": "all"}, language="en").columns) == 81


@pytest.mark.parametrize(
    ("questions", "answer"),
    [
        ({"strength": "urges"}, {"XA": {7: "urges", 33: "urges"}}),
        ({"strength": "encourages"}, {}),  # it says so under Article 7 too, but it urges there
        ({"body": "grevio"}, {"XA": {7: "urges", 33: "urges"}, "NO": {7: ".", 8: "."}}),
        ({"body": "committee_of_the_parties"}, {"XB": {7: "invites"}}),
        ({"form": "psychological_violence"}, {"XA": {33: "urges"}}),
        ({"since": "2025"}, {"XB": {7: "invites"}}),
        ({"states": "real"}, {"NO": {7: ".", 8: "."}}),
        ({"states": "fictional", "procedure": "baseline"}, {"XA": {7: "urges", 33: "urges"}, "XB": {7: "invites"}}),
    ],
)
def test_a_filter_keeps_only_matching_findings(world, questions, answer):
    assert filled_cells(**questions) == answer


def test_a_rejected_finding_is_in_no_cell(world):
    Finding.objects.filter(state_id="XA", paragraph="2").update(review="rejected")
    assert filled_cells()["XA"] == {7: "encourages"}


def test_an_unknown_filter_option_is_named_and_ignored(world, client: Client):
    response = client.get("/en/matrix/", {"strength": "shouts", "body": "grevio"})
    assert response.status_code == 200
    assert "There is no filter option called “shouts”." in response.content.decode()
    assert [row.open for row in response.context["page"].rows if row.code == "XA"] == [2]


def test_an_unknown_parameter_of_the_matrix_is_named(world, client: Client):
    html = client.get("/en/matrix/", {"country": "XA", "articles": "all"}).content.decode()
    assert "This page has no filter called “country”, so nothing is filtered by it." in html
    assert "The matrix is shown without that filter." in html
    assert "no filter" not in client.get("/en/matrix/", {"articles": "all", "sort": "7"}).content.decode()


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", ["Albania", "Andorra"]), ("open", ["Nordmark", "Sudmar"]), ("7", ["Nordmark", "Sudmar", "Norway"])],
)
def test_rows_are_sorted_by_name_by_number_or_by_one_article(world, sort, first):
    rows = matrix_page(params={"sort": sort, "countries": "all"}, language="en").rows
    assert [row.name for row in rows][: len(first)] == first


def test_the_csv_has_a_row_for_each_country_and_a_column_for_each_article(world, client: Client):
    response = client.get("/en/matrix/", {"format": "csv", "states": "fictional"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="samsvar-matrix.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["state"], row["fictional"], row["article_7"], row["article_33"]) for row in rows] == [
        ("XA", "yes", "urges", "urges"),
        ("XB", "yes", "invites", ""),
    ]
    assert list(rows[0])[4:] == [f"article_{number}" for number in range(7, 66)]


def test_the_json_has_an_object_for_each_filled_cell(world, client: Client):
    cells = client.get("/nb/matrix/", {"format": "json", "states": "real", "countries": "all"}).json()
    assert cells == [
        {
            "state": "NO",
            "name": "Norge",
            "fictional": False,
            "article": article,
            "strength": None,
            "year": None,
            "findings": 0,
            "history": [],
            "sections": 1,
        }
        for article in ("7", "8")
    ]


def test_the_table_has_header_cells_for_countries_articles_and_chapters(world, client: Client):
    html = client.get("/en/matrix/", {"countries": "all"}).content.decode()
    assert html.count('<th scope="row">') == 49 + 1  # 47 on the map, two fictional, and the row of totals
    # articles 7 to 65, the country, the number of open recommendations
    assert len(re.findall(r'<th [^>]*scope="col"', html)) == 59 + 2
    assert len(re.findall(r'<th [^>]*scope="colgroup"', html)) == 7  # chapters II to VIII


def test_a_full_matrix_needs_at_most_five_queries(client: Client, django_assert_max_num_queries: Any):
    """29 countries by 81 articles, each cell with a finding."""
    load_convention()
    make_report(b"one", make_reading([make_finding(1)]))
    document = make_document("XA")
    states = "AL AD AM AT AZ BE BA BG HR CY CZ DK EE FI FR GE DE GR HU IS IE IT LV LI LT LU MT MD MC".split()
    report = document.__class__.objects.exclude(report=None).get().report
    findings = Finding.objects.bulk_create(
        Finding(
            public_id=f"f{place}",
            report=report,
            ordinal=place + 10,
            state_id=code,
            body="grevio",
            page=1,
            strength="urges",
            rank=1,
            text="x",
            language="en",
            reader="x",
        )
        for place, code in enumerate(states)
    )
    FindingArticle.objects.bulk_create(
        FindingArticle(finding=finding, article=article) for finding in findings for article in range(1, 82)
    )
    section = Section.objects.create(public_id="s", document=document)
    SectionArticle.objects.bulk_create(SectionArticle(section=section, article=article) for article in range(1, 82))
    with django_assert_max_num_queries(5):
        response = client.get("/en/matrix/", {"articles": "all"})
    assert response.content.count(b"<td data-strength") == 81 * len(states) + 1


# --- Rounds -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_rounds() -> None:
    """Load Nordmark's Article 25 in three rounds: urged in 2020, encouraged in 2024, strongly encouraged in 2025."""
    load_convention()
    strengths = (Strength.URGES, Strength.ENCOURAGES, Strength.STRONGLY_ENCOURAGES)
    bodies = ("grevio", "committee_of_the_parties", "grevio")
    for year, body, procedure, strength in zip(
        (2020, 2024, 2025), bodies, ("baseline", "conclusions", "first_thematic"), strengths, strict=True
    ):
        make_report(
            str(year).encode(),
            make_reading([make_finding(55, body=body, strength=strength, articles=("25",))], body=body),
            about={"procedure": procedure, "published": f"{year}-09-21"},
        )


def cell_of(html: str, article: int) -> tuple[str, str, str]:
    """Return the strength, the address and the text of Nordmark's cell under an article."""
    found = re.search(rf'<td data-strength="(\w*)"><a href="([^"]*article={article}#[^"]*)" title="([^"]*)">', html)
    assert found is not None
    return found[1], found[2], found[3]


def test_a_cell_shows_the_latest_round_and_names_country_article_and_history(three_rounds, client: Client):
    html = client.get("/en/matrix/").content.decode()
    strength, href, title = cell_of(html, 25)
    assert strength == "strongly_encourages"
    assert href == "/en/countries/XA/articles/?article=25#article-25"
    assert title == (
        "Nordmark, Article 25 – Support for victims of sexual violence: "
        "strongly encourages 2025; before: urges 2020, encourages 2024"
    )
    assert html.count(title) == 2  # as a title, and as the text that a screen reader speaks


@pytest.mark.parametrize(
    ("questions", "strength", "before"),
    [
        ({"procedure": "baseline"}, "urges", ""),
        ({"body": "grevio"}, "strongly_encourages", "before: urges 2020"),
        ({"since": "2024"}, "strongly_encourages", "before: encourages 2024"),
    ],
)
def test_filters_by_document_choose_among_the_rounds(three_rounds, client: Client, questions, strength, before):
    found, _href, title = cell_of(client.get("/en/matrix/", questions).content.decode(), 25)
    assert (found, before in title) == (strength, True)


def test_the_filter_by_strength_asks_for_the_latest_round(three_rounds):
    assert filled_cells(strength="urges") == {}
    assert filled_cells(strength="strongly_encourages") == {"XA": {25: "strongly_encourages"}}


def test_the_exports_contain_the_latest_round_and_the_history(three_rounds, client: Client):
    (cell,) = client.get("/en/matrix/", {"format": "json"}).json()
    assert (cell["strength"], cell["year"], cell["findings"]) == ("strongly_encourages", 2025, 1)
    assert [(step["strength"], step["published"]) for step in cell["history"]] == [
        ("urges", "2020-09-21"),
        ("encourages", "2024-09-21"),
        ("strongly_encourages", "2025-09-21"),
    ]
    (row,) = csv.DictReader(io.StringIO(client.get("/en/matrix/", {"format": "csv"}).content.decode()))
    assert (row["article_25"], row["open_recommendations"]) == ("strongly_encourages", "1")


def test_countries_without_findings_are_shown_only_on_request(three_rounds, client: Client):
    response = client.get("/en/matrix/")
    assert [row.name for row in response.context["page"].rows] == ["Nordmark"]
    assert "47 countries without findings are not shown." in response.content.decode()
    assert len(client.get("/en/matrix/", {"countries": "all"}).context["page"].rows) == 48


def test_all_countries_are_shown_while_there_is_no_finding_at_all():
    load_convention()
    make_document("NO", sections=((7, 8),))
    assert len(matrix_page(params={}, language="en").rows) == 47


def test_the_last_row_counts_the_countries_with_an_open_recommendation(world):
    page = matrix_page(params={}, language="en")
    cells = re.findall(r'<td(?: title="([^"]*)")?>(\d*)', page.totals)
    totals = {column.number: cell for column, cell in zip(page.columns, cells, strict=True)}
    assert [totals[number] for number in (7, 8, 33)] == [("urges 1, invites 1", "2"), ("", ""), ("urges 1", "1")]
    assert page.open == 3


def test_findings_of_other_treaties_colour_no_cell(three_rounds):
    """A reviewer can place them under an article; they are monitoring of another treaty nevertheless."""
    make_report(
        b"upr",
        make_reading(
            [make_finding(1, body="upr", strength=Strength.URGES, articles=("25", "30"))],
            body="upr",
            published=date(2026, 3, 1),
        ),
    )
    assert filled_cells() == {"XA": {25: "strongly_encourages"}}


def test_a_dot_is_a_character_and_links_to_the_sections(world, client: Client):
    """Forced colours and print remove backgrounds."""
    html = client.get("/en/matrix/", {"countries": "all"}).content.decode()
    found = re.search(r'<td><a href="/en/countries/NO/articles/\?article=7#article-7" title="([^"]*)">(.*?)</a>', html)
    assert found is not None
    assert found[1] == "Norway, Article 7 – Comprehensive and co-ordinated policies: covered in an official report"
    assert found[2].startswith('<span class="dot" aria-hidden="true">●</span>')
