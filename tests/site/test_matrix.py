"""The matrix: every country by every article, filtered, sorted and exported."""

from __future__ import annotations

import csv
import io
import re
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
        ),
        state="XB",
    )
    Finding.objects.filter(state_id="XB").update(year=2025)
    make_document("NO", sections=((7, 8),))


def filled_cells(**questions: str) -> dict[str, dict[int, str]]:
    """Return the strength, or "." for a dot, in each filled cell, by state and article."""
    page = matrix_page(params=questions, language="en")
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


def test_a_cell_shows_the_strongest_finding_or_a_dot_for_a_section_on_the_article(world):
    assert filled_cells() == {"XA": {7: "urges", 33: "urges"}, "XB": {7: "invites"}, "NO": {7: ".", 8: "."}}


def test_all_81_articles_are_shown_on_demand(world):
    assert filled_cells(articles="all")["XA"] == {7: "urges", 33: "urges", 80: "welcomes"}
    assert len(matrix_page(params={"articles": "all"}, language="en").columns) == 81


@pytest.mark.parametrize(
    ("questions", "answer"),
    [
        ({"strength": "encourages"}, {"XA": {7: "encourages"}}),
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
    assert [row.findings for row in response.context["page"].rows if row.code == "XA"] == [2]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", ["Albania", "Andorra"]), ("findings", ["Nordmark", "Sudmar"]), ("7", ["Nordmark", "Sudmar", "Norway"])],
)
def test_rows_are_sorted_by_name_by_number_or_by_one_article(world, sort, first):
    rows = matrix_page(params={"sort": sort}, language="en").rows
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
    cells = client.get("/nb/matrix/", {"format": "json", "states": "real"}).json()
    assert cells == [
        {
            "state": "NO",
            "name": "Norge",
            "fictional": False,
            "article": article,
            "strongest": None,
            "findings": 0,
            "sections": 1,
        }
        for article in ("7", "8")
    ]


def test_the_table_has_header_cells_for_countries_articles_and_chapters(world, client: Client):
    html = client.get("/en/matrix/").content.decode()
    assert html.count('<th scope="row">') == 49  # 47 on the map, two fictional
    # articles 7 to 65, the country, the number of findings
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
