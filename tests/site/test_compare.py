"""Comparing countries: article by article and round by round, as on any day, as a page and as a table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.interchange.workbooks import read_workbook
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import CONVENTION_BODIES
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.models import Document, Finding, FindingArticle, Report
from samsvar.site.pages.queries.compare import Comparison
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.test_pages import make_document, page_text

pytestmark = pytest.mark.django_db

ROUNDS = (("grevio", "baseline", 2020), ("committee_of_the_parties", "conclusions", 2024), ("grevio", "thematic", 2025))


@pytest.fixture
def world() -> None:
    """Load Nordmark with three rounds, Ostria with one, Sudmar with none; Norway with an unprocessed report.

    Nordmark: Article 25 urged in 2020, encouraged in 2024, not mentioned in 2025; Article 7 twice in 2025.
    """
    load_convention()
    findings = (
        [make_finding(55, articles=("25",))],
        [make_finding(3, body="committee_of_the_parties", strength=Strength.ENCOURAGES, articles=("25",))],
        [
            make_finding(1, strength=Strength.INVITES, articles=("7",)),
            make_finding(2, strength=None, articles=("7", "8")),
            make_finding(3, strength=Strength.WELCOMES, articles=()),
        ],
    )
    for (body, procedure, year), of_round in zip(ROUNDS, findings, strict=True):
        reading = make_reading(of_round, body=body)
        make_report(f"XA{year}".encode(), reading, about={"procedure": procedure, "published": f"{year}-09-21"})
    ostria = make_reading([make_finding(9, state="XC", articles=("25",))], state="XC", published=date(2022, 1, 31))
    make_report(b"XC", ostria, about={"procedure": "baseline"})
    make_document("NO", sections=((7, 8),))


def compare(client: Client, *states: str, **params: str) -> Comparison:
    found: Comparison = client.get("/en/compare/", {"state": states, **params}).context["page"].comparison
    return found


def steps_of(comparison: Comparison, article: int | None) -> dict[str, list[tuple[str, str, str, int]]]:
    """Return the rounds under an article by state: year, status, strength and number of findings."""
    (row,) = (row for chapter in comparison.chapters for row in chapter.articles if row.number == article)
    return {
        cell.state: [(step.year, step.status.value, step.strength, step.findings) for step in cell.steps]
        for cell in row.cells
    }


def test_each_cell_holds_every_round_of_a_country_under_an_article(world, client: Client):
    comparison = compare(client, "XC", "XA")
    assert [state.code for state in comparison.states] == ["XC", "XA"]  # as chosen, never ranked
    assert steps_of(comparison, 25) == {
        "XC": [("2022", "findings", "urges", 1)],
        "XA": [
            ("2020", "findings", "urges", 1),
            ("2024", "findings", "encourages", 1),
            ("2025", "no_finding", "", 0),
        ],
    }
    assert steps_of(comparison, 7)["XA"][-1] == ("2025", "findings", "invites", 2)
    assert steps_of(comparison, None)["XA"][-1] == ("2025", "findings", "welcomes", 1)


def test_unknown_is_not_the_same_as_none(world, client: Client):
    response = client.get("/en/compare/", {"state": ["XA", "NO", "SE"]})
    comparison = response.context["page"].comparison
    coverage = {state.code: state.coverage.value for state in comparison.states}
    assert coverage == {"XA": "processed", "NO": "not_processed", "SE": "not_monitored"}
    assert steps_of(comparison, 7)["NO"] == [("2022", "not_processed", "", 0)]
    assert steps_of(comparison, 25)["NO"] == steps_of(comparison, 25)["SE"] == []
    words = page_text(response)
    assert "GREVIO, baseline evaluation, 2020: no finding on this article" in words
    assert "covered in an official report that has not been processed" in words
    assert "Monitored, but no report has been processed: its findings are not known here." in words
    assert "Not monitored yet, as far as we know." in words
    assert "not monitored yet, as far as we know" in words


def test_a_cell_leads_to_exactly_its_findings(world, client: Client):
    html = client.get("/en/compare/", {"state": ["XA", "XC"], "on": "2025-12-01"}).content.decode()
    addresses = [
        address.replace("&amp;", "&") for address in re.findall(r'<a class="history-step"[^>]*href="([^"]*)"', html)
    ]
    assert len(addresses) == 6
    for address in addresses:
        page = client.get(address).context["page"]
        (row,) = (row for row in page.article_list.rows if row.is_unfolded)
        (line,) = row.rounds
        assert line.findings
        assert page.on_param == "2025-12-01"
    assert 'href="/en/countries/XA/articles/?article=none' in html


def test_an_older_report_that_is_not_processed_is_no_latest_round(world, client: Client):
    make_document("XA", sections=((7,),))  # of 2022
    assert [step[:2] for step in steps_of(compare(client, "XA", "NO"), 7)["XA"]][1] == ("2022", "not_processed")
    latest = steps_of(compare(client, "XA", "NO", round="latest"), 7)
    assert [step[:2] for step in latest["XA"]] == [("2025", "findings")]
    assert [step[:2] for step in latest["NO"]] == [("2022", "not_processed")]


def test_the_chart_of_a_comparison_has_the_findings_of_each_round_by_strength(world, client: Client):
    response = client.get("/en/compare/", {"state": ["XA", "NO"]})
    nordmark, norway = response.context["page"].comparison.states
    assert [
        (bar.published[:4], bar.total, [(one.strength, one.number, one.x, one.width) for one in bar.segments])
        for bar in nordmark.bars
    ] == [
        ("2020", 1, [("urges", 1, "0.00%", "100.00%")]),
        ("2024", 1, [("encourages", 1, "0.00%", "100.00%")]),
        (
            "2025", 3,
            [("invites", 1, "0.00%", "33.33%"), ("", 1, "33.33%", "33.33%"), ("welcomes", 1, "66.67%", "33.33%")],
        ),
    ]  # fmt: skip
    assert norway.bars == ()
    assert response.content.count(b"<rect data-share=") == 5
    of_chapter = compare(client, "XA", "NO", chapter="II").states[0].bars
    assert [(bar.published[:4], bar.total) for bar in of_chapter] == [("2025", 2)]


def test_a_mixed_comparison_and_unconfirmed_labels_say_so(world, client: Client):
    Finding.objects.filter(report__document__published="2024-09-21").update(review="confirmed")
    response = client.get("/en/compare/", {"state": ["XA", "XC"]})
    words = page_text(response)
    assert "mixes real states with fictional ones" not in words
    assert "urges (GREVIO, baseline evaluation, 2020; 1 finding; automatic label, not yet confirmed)" in words
    assert "encourages (Committee of the Parties, conclusions, 2024; 1 finding; label confirmed by a reviewer)" in words
    assert [(state.confirmed, state.findings) for state in response.context["page"].comparison.states] == [
        (1, 5),
        (0, 1),
    ]
    mixed = page_text(client.get("/en/compare/", {"state": ["XA", "NO"]}))
    assert "mixes real states with fictional ones" in mixed
    assert "Do not rank countries by these numbers." in mixed


def test_rounds_and_chapters_are_filtered_and_the_address_is_permanent(world, client: Client):
    response = client.get("/en/compare/", {"state": ["xa", "XC"], "round": "grevio-baseline", "chapter": "IV"})
    page = response.context["page"]
    assert steps_of(page.comparison, 25) == {
        "XA": [("2020", "findings", "urges", 1)], "XC": [("2022", "findings", "urges", 1)],
    }  # fmt: skip
    assert [chapter.roman for chapter in page.comparison.chapters] == ["IV"]
    latest = compare(client, "XA", "XC", round="latest")
    assert steps_of(latest, 25)["XA"] == [("2024", "findings", "encourages", 1)]
    assert steps_of(latest, 8)["XA"] == [("2025", "findings", "", 1)]
    today = timezone.localdate().isoformat()
    assert page.permalink == f"state=XA&state=XC&round=grevio-baseline&chapter=IV&on={today}"
    assert "IV. Protection et soutien</option>" in client.get(f"/fr/compare/?{page.permalink}").content.decode()
    again = client.get(f"/en/compare/?{page.permalink}").context["page"].comparison
    assert again.chapters == page.comparison.chapters
    rows = [row for chapter in compare(client, "XA", "XC", articles="all").chapters for row in chapter.articles]
    assert len(rows) == 81 + 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"state": ["XA", "ZZ", "XC"]}, "There is no state with the code “ZZ” to compare."),
        ({"state": ["XA", "XC", "NO", "SE", "DK", "FI", "IS"]}, "The first six are shown, without Iceland."),
        ({"state": ["XA", "XC"], "round": "upr"}, "There is no filter option called “upr”."),
        ({"state": ["XA", "XC"], "colour": "red"}, "no filter called “colour”"),
        ({"state": ["XA", "XC"], "on": "yesterday"}, "“yesterday” is not a date."),
        ({"state": ["XA"]}, "Choose two to six countries to compare."),
        ({}, "Choose two to six countries to compare."),
    ],
)
def test_what_cannot_be_compared_is_said(world, client: Client, params, message):
    response = client.get("/en/compare/", params)
    assert message in page_text(response)
    assert (response.context["page"].comparison is None) is (len(params.get("state", ())) < 2)


def test_everything_that_cannot_be_compared_is_said_at_once(world, client: Client):
    states = ["XA", "ZZ", "XC", "NO", "SE", "DK", "FI", "IS"]
    words = page_text(client.get("/en/compare/", {"state": states, "on": "2999-01-01", "round": "upr"}))
    for message in ("That date is in the future.", "the code “ZZ”", "without Iceland.", "no filter option called “upr”",
                    "There is no filter option called “upr”."):  # fmt: skip
        assert message in words


def test_as_on_a_day_later_texts_do_not_count(world, client: Client):
    assert steps_of(compare(client, "XA", "XC", on="2024-09-20"), 25) == {
        "XA": [("2020", "findings", "urges", 1)], "XC": [("2022", "findings", "urges", 1)],
    }  # fmt: skip
    before = compare(client, "XA", "NO", on="2019-01-01")
    assert [state.coverage.value for state in before.states] == ["not_monitored", "not_monitored"]
    assert before.chapters == ()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "jsonl"])
def test_what_is_shown_can_be_downloaded(world, client: Client, file_format):
    params = {"state": ["XA", "NO", "SE"], "chapter": "IV", "format": file_format, "on": "2025-12-01"}
    response = client.get("/nb/compare/", params)
    assert response.headers["Content-Disposition"] == f'attachment; filename="samsvar-comparison.{file_format}"'
    if file_format == "csv":
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    elif file_format == "jsonl":
        rows = [json.loads(line) for line in response.content.splitlines()]
    else:
        ((_name, table),) = read_workbook(response.content)
        rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    keys = ("as_on", "state", "article", "published", "status", "strength")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("2025-12-01", "XA", "25", "2020-09-21", "findings", "urges"),
        ("2025-12-01", "XA", "25", "2024-09-21", "findings", "encourages"),
        ("2025-12-01", "XA", "25", "2025-09-21", "no_finding", ""),
        ("2025-12-01", "NO", "25", "", "not_processed", ""),
        ("2025-12-01", "SE", "25", "", "not_monitored", ""),
    ]
    assert {row["name"] for row in rows} == {"Nordmark", "Norge", "Sverige"}
    assert client.get("/en/compare/", {**params, "format": "pdf"}).status_code == 404


def test_what_is_not_known_is_not_zero_in_a_download(world, client: Client):
    table = client.get("/en/compare/", {"state": ["XA", "NO"], "chapter": "II", "format": "csv"}).content.decode()
    rows = {(row["state"], row["article"], row["published"][:4]): row for row in csv.DictReader(io.StringIO(table))}
    assert (rows["NO", "7", "2022"]["status"], rows["NO", "7", "2022"]["findings"]) == ("not_processed", "")
    assert (rows["XA", "7", "2020"]["status"], rows["XA", "7", "2020"]["findings"]) == ("no_finding", "0")


# --- Counts and speed -------------------------------------------------------------------------------------------------

CODES = ("XA", "XB", "XC", "NO", "SE", "DK")


@pytest.fixture
def convention() -> None:
    load_convention()


def fill(labels: list[tuple[str, int, str, tuple[int, ...], str]]) -> None:
    """Store findings: state, round, strength, articles and review."""
    for code in CODES:
        for number, (body, procedure, year) in enumerate(ROUNDS):
            name = f"{code}-{number}"
            document = Document.everything.create(
                public_id=name, origin="demo", body=body, state_id=code, procedure=procedure, published=f"{year}-01-02"
            )
            Report.everything.create(
                public_id=name, document=document, content_hash=name, size=1, format="pdf", page_count=1,
                language="en", reader="x", status="published",
            )  # fmt: skip
    reports = {report.public_id: report for report in Report.everything.select_related("document")}
    findings = Finding.everything.bulk_create(
        Finding(
            public_id=f"f{place}", report=reports[f"{code}-{number}"], ordinal=place, state_id=code, page=1, rank=1,
            body=ROUNDS[number][0], strength=strength, review=review, text="x", language="en", reader="x",
        )
        for place, (code, number, strength, _articles, review) in enumerate(labels)
    )  # fmt: skip
    FindingArticle.everything.bulk_create(
        FindingArticle(finding=finding, article=article)
        for finding, (*_values, articles, _review) in zip(findings, labels, strict=True)
        for article in articles
    )


LABELS = st.tuples(
    st.sampled_from(CODES),
    st.integers(0, 2),
    st.sampled_from(["urges", "encourages", "", "welcomes"]),
    st.sets(st.sampled_from([7, 25, 81]), max_size=2).map(lambda articles: tuple(sorted(articles))),
    st.sampled_from(["machine", "confirmed", "rejected"]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=st.lists(LABELS, max_size=25), on=st.sampled_from(["", "2024-06-01", "2021-01-01"]))
def test_the_counts_of_all_cells_equal_a_plain_scan(convention, labels, on):
    for model in (FindingArticle, Finding, Report, Document):
        model.everything.all().delete()
    fill(labels)
    shown: Counter[tuple[Any, ...]] = Counter()
    confirmed: Counter[tuple[Any, ...]] = Counter()
    comparison = compare(Client(), *CODES, articles="all", **({"on": on} if on else {}))
    for row in (row for chapter in comparison.chapters for row in chapter.articles):
        for cell in row.cells:
            for step in cell.steps:
                shown[cell.state, step.published, row.number] += step.findings
                confirmed[cell.state, step.published, row.number] += step.confirmed
    counted = [
        (code, f"{ROUNDS[number][2]}-01-02", article, review)
        for code, number, _strength, articles, review in labels
        if review != "rejected" and f"{ROUNDS[number][2]}-01-02" <= (on or "9999")
        for article in articles or (None,)
    ]
    assert +shown == Counter(key for *key, _review in map(tuple, counted) for key in [tuple(key)])
    assert +confirmed == Counter(tuple(key) for *key, review in counted if review == "confirmed")


def test_six_countries_by_81_articles_by_three_rounds_need_at_most_ten_queries(
    convention, client: Client, django_assert_max_num_queries: Any
):
    fill([(code, number, "urges", tuple(range(1, 82)), "machine") for code in CODES for number in range(3)])
    with django_assert_max_num_queries(10):
        response = client.get("/en/compare/", {"state": CODES, "articles": "all", "on": "2025-12-31"})
    assert response.content.count(b'<a class="history-step"') == 6 * 81 * 3
    assert all(body in CONVENTION_BODIES for body, _procedure, _year in ROUNDS)


# --- One article across countries -------------------------------------------------------------------------------------


def test_an_article_across_countries_has_a_column_for_each_kind_of_round(world, client: Client):
    response = client.get("/en/articles/25/countries/", {"on": "2025-12-01"})
    page = response.context["page"]
    assert page.columns == (
        "GREVIO, baseline evaluation", "Committee of the Parties, conclusions", "GREVIO, thematic evaluation",
    )  # fmt: skip
    lines = {
        line.state.code: [[(step.year, step.strength) for step in cell.steps] for _column, cell in line.cells]
        for line in page.lines
    }
    assert lines == {
        "XA": [[("2020", "urges")], [("2024", "encourages")], [("2025", "")]], "XC": [[("2022", "urges")], [], []],
    }  # fmt: skip
    bars = [(bar.total, [(one.strength, one.number) for one in bar.segments]) for bar in page.bars]
    assert bars == [(2, [("urges", 2)]), (1, [("encourages", 1)]), (1, [("no_finding", 1)])]
    words = page_text(response)
    assert "Do not rank countries by these numbers." in words
    assert "no processed report of this kind" in words
    rows = list(csv.DictReader(io.StringIO(client.get(f"{response.request['PATH_INFO']}?format=csv").content.decode())))
    assert [(row["state"], row["published"][:4], row["status"]) for row in rows] == [
        ("XA", "2020", "findings"), ("XA", "2024", "findings"), ("XA", "2025", "no_finding"),
        ("XC", "2022", "findings"),
    ]  # fmt: skip
    assert client.get("/en/articles/82/countries/").status_code == 404


def test_an_article_as_on_a_day_shows_nothing_later(world, client: Client):
    lines = client.get("/en/articles/25/countries/", {"on": "2021-01-01"}).context["page"].lines
    years = {line.state.code: [step.year for _column, cell in line.cells for step in cell.steps] for line in lines}
    assert years == {"XA": ["2020"]}
    cedaw = make_reading([make_finding(4, body="cedaw", articles=("7",))], body="cedaw", published=date(2023, 2, 3))
    make_report(b"cedaw", cedaw)

    def seen(on: str) -> tuple[int, int]:
        page = client.get("/en/articles/7/", {"on": on}).context["page"]
        return page.section_count, len(page.other_bodies)

    assert [seen(on) for on in ("2021-12-31", "2022-12-31", "2023-12-31")] == [(0, 0), (1, 0), (1, 1)]


def test_real_and_fictional_states_are_told_apart_under_an_article(world, client: Client):
    mixed = client.get("/en/articles/7/countries/")
    assert [line.state.name for line in mixed.context["page"].lines] == ["Nordmark", "Norway", "Ostria"]
    assert "mixes real states with fictional ones" in page_text(mixed)
    real = client.get("/en/articles/7/countries/", {"states": "real"})
    assert [line.state.code for line in real.context["page"].lines] == ["NO"]
    assert "mixes real states with fictional ones" not in page_text(real)
    assert "report not processed" in page_text(real)


def test_an_article_across_countries_needs_at_most_eight_queries(
    convention, client: Client, django_assert_max_num_queries: Any
):
    fill([(code, number, "urges", (25,), "machine") for code in CODES for number in range(3)])
    with django_assert_max_num_queries(8):
        response = client.get("/en/articles/25/countries/", {"on": "2025-12-31"})
    assert response.content.count(b'<a class="history-step"') == 6 * 3


def test_a_country_and_an_article_lead_to_the_comparison(world, client: Client):
    assert 'href="/en/compare/?state=XA"' in client.get("/en/countries/XA/").content.decode()
    assert 'href="/en/articles/25/countries/"' in client.get("/en/articles/25/").content.decode()
