"""The search page: what it finds, counts and links to, whatever was saved, changed, damaged or searched for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.ids import stable_id
from samsvar.search.engine import Engine, counting
from samsvar.search.errors import IndexDamaged
from samsvar.search.query import LabelName, parse_query_text
from samsvar.site.convention.models import State
from samsvar.site.monitoring.models import (
    Document,
    Finding,
    FindingArticle,
    Passage,
    Report,
    Section,
    SectionArticle,
)
from samsvar.site.search import queries
from samsvar.site.search.charts import build_year_chart
from samsvar.site.search.params import parse_filters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index_of_its_own(tmp_path: Path, settings: Any) -> Path:
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"
    return tmp_path / "search"


def make_state(code: str = "XA") -> State:
    return State.objects.get_or_create(code=code, defaults={"kind": "fictional" if code[0] == "X" else "other"})[0]


def make_report(name: str, *texts: str, code: str = "XA", strength: str = "urges", language: str = "en") -> Report:
    """Create a report on a fictional state: a passage for each text, a finding for each with “urge” or “exhorte”."""
    document = Document.objects.create(
        public_id=stable_id("document", name),
        origin="demo",
        body="grevio",
        state=make_state(code),
        title=f"Baseline report {name}",
        language=language,
        published="2020-11-25",
    )
    made = Report.objects.create(
        public_id=stable_id("report", name),
        document=document,
        content_hash=stable_id("content", name),
        filename=f"{name}.pdf",
        size=1,
        format="pdf",
        page_count=9,
        language=language,
        reader="grevio 1",
        status=Report.Status.PUBLISHED,
    )
    for ordinal, text in enumerate(texts):
        passage = Passage.objects.create(
            report=made, ordinal=ordinal, number=str(ordinal + 1), text=text, page=3, headings=["Support (Article 25)"]
        )
        if "urge" in text or "exhorte" in text:
            finding = Finding.objects.create(
                public_id=stable_id("finding", name, str(ordinal)),
                report=made,
                passage=passage,
                ordinal=ordinal,
                state=document.state,
                body="grevio",
                year=2020,
                paragraph=str(ordinal + 1),
                page=3,
                heading="Support (Article 25)",
                strength=strength,
                rank=1,
                text=text,
                language=language,
                reader="grevio 1",
            )
            FindingArticle.objects.create(finding=finding, article=25)
    return made


def make_section(heading: str, *articles: int, code: str = "XA") -> Section:
    document, _ = Document.objects.get_or_create(
        public_id=stable_id("catalogue", code),
        defaults={
            "origin": "catalogue",
            "body": "grevio",
            "state": make_state(code),
            "title": "Baseline evaluation",
            "reference": "GREVIO/Inf(2020)99",
            "published": "2020",
            "link": "https://example.org/report",
        },
    )
    made = Section.objects.create(
        public_id=stable_id("section", code, heading),
        document=document,
        heading=heading,
        link="https://example.org/section",
    )
    for article in articles:
        SectionArticle.objects.create(section=made, article=article)
    return made


def search(asked: str = "", language: str = "en", **more: str) -> queries.SearchPage:
    query = QueryDict(mutable=True)
    query["q"] = asked
    for name, value in more.items():
        query.setlist(name, value.split("|"))
    return queries.search_page(params=query, language=language)


def hit_texts(found: queries.SearchPage) -> list[str]:
    return ["".join(piece for piece, _ in hit.text) for hit in found.hits]


def test_a_finding_is_found_once_with_the_match_marked_and_a_link():
    made = make_report("a", "GREVIO urges the authorities to open shelters for women.", "There are two shelters.")
    found = search("shelter")
    assert [(hit.kind, hit.href) for hit in found.hits] == [
        ("finding", f"/en/findings/{stable_id('finding', 'a', '0')}/"),
        ("passage", f"/en/reports/{made.public_id}/text/?at=1#passage-1"),
    ]
    assert found.hits[0].text == (
        ("GREVIO urges the authorities to open ", False),
        ("shelters", True),
        (" for women.", False),
    )
    assert [(facet.name, [(value.value, value.count) for value in facet.visible_values]) for facet in found.facets] == [
        ("kind", [("finding", 1), ("passage", 1)]),
        ("state", [("XA", 2)]),
        ("article", [("25", 1)]),
        ("strength", [("urges", 1)]),
        ("body", [("grevio", 2)]),
        ("year", [("2020", 2)]),
    ]


def test_the_count_next_to_a_filter_value_is_what_its_link_finds(client: Client):
    make_report("a", "GREVIO urges A to train the police.", "The police is trained.")
    make_report("b", "GREVIO urges B to train the police.", code="XB", strength="encourages")
    make_section("Training of professionals (Article 15)", 15, code="XC")
    for start in (search("train"), search("train", state="XB"), search(""), search("", kind="finding|section")):
        for facet in start.facets:
            for value in facet.visible_values + facet.collapsed_values:
                assert value.count > 0 or value.selected
                if not value.selected:
                    query = QueryDict(value.href.removeprefix("?"), mutable=True)
                    alone = query.copy()
                    alone.setlist(facet.name, [value.value])
                    assert queries.search_page(params=alone, language="en").count == value.count, (facet.name, value)


def test_new_changed_and_deleted_reports_show_in_the_next_search():
    made = make_report("a", "GREVIO urges the authorities to open shelters.")
    assert search("shelters").count == 1
    other = make_report("b", "GREVIO urges the authorities to open more shelters.", code="XB")
    assert search("shelters").count == 2
    made.document.delete()
    assert hit_texts(search("shelters")) == ["GREVIO urges the authorities to open more shelters."]
    Document.objects.filter(pk=other.document_id).update(state=make_state("XC"))
    assert search("shelters", state="XB").count == 1  # the finding still says XB …
    assert search("", state="XC", kind="document").count == 1  # … and the document the corrected state


def test_a_section_that_is_placed_under_another_article_shows_in_the_next_search():
    section = make_section("Shelters", 23)
    assert search("shelter", article="23").count == 1
    SectionArticle.objects.filter(section=section).update(article=22)
    assert (search("shelter", article="23").count, search("shelter", article="22").count) == (0, 1)
    Document.objects.update(published="2015-03")
    assert [hit.item.published for hit in search("shelter", year="2015").hits] == ["2015-03"]


def test_a_lettered_point_is_not_found_a_second_time_beside_the_finding_of_its_paragraph():
    make_report("a", "GREVIO urges the authorities to open shelters.")
    Passage.objects.update(number="1.a")
    assert [hit.kind for hit in search("shelters").hits] == ["finding"]


def test_a_report_is_found_only_while_it_is_published():
    made = make_report("a", "GREVIO urges the authorities to open shelters.", "There are two shelters.")
    counts = []
    for status in ("draft", "published", "withdrawn", "published"):
        Report.everything.filter(pk=made.pk).update(status=status)
        counts.append((search("shelters").count, search("", kind="document").count))
    assert counts == [(0, 0), (2, 1), (0, 0), (2, 1)]


def test_a_rejected_finding_is_found_as_a_passage():
    made = make_report("a", "GREVIO urges the authorities to open shelters.")
    assert [hit.kind for hit in search("shelters").hits] == ["finding"]
    Finding.objects.update(review="rejected")
    Report.objects.filter(pk=made.pk).update(revision=2)  # as a review does
    assert [hit.kind for hit in search("shelters").hits] == ["passage"]


def test_only_the_rejected_part_of_a_paragraph_with_findings_is_found_as_a_passage():
    parts = ("GREVIO urges A to open shelters.", "GREVIO urges A to train the police.")
    make_report("a", " ".join(parts))
    finding = Finding.objects.get()
    Finding.objects.filter(pk=finding.pk).update(text=parts[0])
    Finding.objects.create(**{
        **{field.attname: getattr(finding, field.attname) for field in Finding._meta.concrete_fields},
        "id": None, "public_id": stable_id("finding", "second"), "ordinal": 1, "text": parts[1], "review": "rejected",
    })  # fmt: skip
    assert [(hit.kind, hit.item.text) for hit in search("shelters").hits] == [("finding", parts[0])]
    assert [(hit.kind, hit.item.text) for hit in search("police").hits] == [("passage", parts[1])]


def test_one_search_of_the_index_answers_a_page_with_its_facets_and_chart():
    make_report("a", "GREVIO urges the authorities to open shelters.")
    make_report("b", "GREVIO urges the authorities to open shelters.", code="XB")
    Finding.objects.filter(report__public_id=stable_id("report", "b")).update(year=2023)
    search("shelters")
    with (
        patch.object(Engine, "search", autospec=True, side_effect=Engine.search) as asked,
        patch.object(counting, "_count_values", side_effect=counting._count_values) as counted,
    ):
        page = search("shelters")
    assert (page.count, [bar.year for bar in page.chart.bars][-1]) == (2, "2023")
    assert (asked.call_count, counted.call_count <= 1) == (1, True)


def test_the_chart_counts_findings_by_year_and_strength_and_other_results_by_body(client: Client):
    make_report("a", "GREVIO urges A to open shelters.", "GREVIO urges A to fund shelters.", "There are no shelters.")
    make_report("b", "GREVIO urges B to open shelters.", code="XB", strength="invites")
    make_report("c", "GREVIO urges C to open shelters.", code="XC", strength="invites")
    Finding.objects.filter(report__public_id=stable_id("report", "c")).update(year=2022)
    chart = search("shelters").chart
    assert chart.is_by_strength
    assert [value for value, _label in chart.columns] == ["urges", "invites"]
    assert [(bar.year, bar.counts, bar.total) for bar in chart.bars] == [
        ("2020", (2, 1), 3), ("2021", (0, 0), 0), ("2022", (0, 1), 1),
    ]  # fmt: skip
    tallest, empty, last = chart.bars
    assert [(part.value, part.height) for part in tallest.parts] == [("urges", 65), ("invites", 33)]
    assert (empty.parts, [(part.value, part.height) for part in last.parts]) == ((), [("invites", 33)])
    assert "Results by year and strength" in client.get("/en/search/", {"q": "shelters"}).content.decode()
    assert search("shelters", strength="urges").chart is None  # one year
    Document.objects.filter(title="Baseline report b").update(published="2018", body="cedaw")
    by_body = search("shelters OR Baseline", kind="passage|document").chart
    assert not by_body.is_by_strength
    assert [value for value, _label in by_body.columns] == ["cedaw", "grevio"]
    assert [(bar.year, bar.counts) for bar in by_body.bars] == [("2018", (1, 0)), ("2019", (0, 0)), ("2020", (0, 3))]


def test_a_chart_of_more_years_than_fit_says_that_earlier_ones_are_left_out():
    chart = build_year_chart({str(year): {"urges": year - 1989} for year in range(1990, 2020)}, {})
    assert chart.is_cut
    assert [(bar.year, bar.total) for bar in chart.bars] == [(str(year), year - 1989) for year in range(1996, 2020)]
    assert not build_year_chart({"1996": {"urges": 1}, "2019": {"urges": 1}}, {}).is_cut


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_one_query_shows_whether_the_index_is_current(django_assert_num_queries):
    make_report("a", "GREVIO urges the authorities to open shelters.")
    assert search("shelters").count == 1
    # the change number; a person and funding that the query names; later texts
    with django_assert_num_queries(4):
        assert search("shelters").count == 1
    make_report("b", "GREVIO urges the authorities to open shelters.", code="XB")
    assert search("shelters").count == 2
    with transaction.atomic():
        make_report("c", "GREVIO urges the authorities to open shelters.", code="XC")
        assert search("shelters").count == 3
        transaction.set_rollback(True)
    assert search("shelters").count == 2


def test_the_number_of_queries_does_not_grow_with_the_number_of_results(client: Client):
    from django.db import connection

    def queries_of(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    make_report("a", "GREVIO urges the authorities to open shelters.")
    few = queries_of("/en/search/?q=shelters+Norway")
    for number in range(30):
        make_report(f"r{number}", *["GREVIO urges the authorities to open shelters in every region."] * 3, code="XB")
    # in a transaction the index is compared each time: six queries for measures, practices and meetings
    assert queries_of("/en/search/?q=shelters+Norway") == few <= 12


def test_a_result_is_escaped_and_marked_with_the_language_of_its_report(client: Client):
    make_report("a", "Le GREVIO exhorte les autorités à ouvrir des refuges <script>alert(1)</script>.", language="fr")
    html = client.get("/en/search/", {"q": "refuge -enfants"}).content.decode()
    assert '<blockquote class="quotation" lang="fr">' in html
    assert "<mark>refuges</mark>" in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "refuge AND NOT enfants" in html
    assert "fictional state, for demonstration" in html
    assert not re.search(r"\sstyle=|\son\w+=", html)


@pytest.mark.parametrize("asked", ["*", "AND", "gender-based", '"', "((", "state:Atlantis", "NOT", ":", "x" * 5_000])
def test_no_query_is_an_error(client: Client, asked: str):
    make_report("a", "GREVIO urges the authorities to open shelters.")
    assert client.get("/en/search/", {"q": asked}).status_code == 200


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["q", "page", "state", "year", "article", "strength", "kind", "nonsense"]),
        # a NUL character is refused with 400 on every page (shell/requests.py)
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30), max_size=3),
        max_size=4,
    )
)
def test_no_combination_of_query_parameters_is_an_error(client: Client, asked: dict[str, list[str]]):
    assert client.get("/fr/search/", asked).status_code == 200


def test_a_long_query_is_cut_and_the_page_says_so(client: Client):
    html = client.get("/en/search/", {"q": "shelter " * 300}).content.decode()
    assert "Your search was longer than 500 characters" in html


def test_filters_accept_names_codes_and_ranges_of_years():
    asked = QueryDict("state=Norv%C3%A8ge&state=SE&year=2018-2020&article=25&strength=exhorte&state=Atlantis")
    assert parse_filters(asked) == {
        LabelName.STATE: ("NO", "SE", "Atlantis"),
        LabelName.ARTICLE: ("25",),
        LabelName.STRENGTH: ("urges",),
        LabelName.YEAR: ("2018", "2019", "2020"),
    }


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("..2018", 1989, 2018), ("1980-2025", 1996, 2025), ("2018..", 2018, 2047)]
)
def test_a_filter_of_more_years_than_an_address_holds_keeps_those_that_texts_are_of(asked: str, first: int, last: int):
    years = parse_filters(QueryDict(f"year={asked}"))[LabelName.YEAR]
    assert years == tuple(str(year) for year in range(first, last + 1))
    make_report("a", "GREVIO urges the authorities to open shelters.")  # of 2020
    assert search("shelters", year=asked).count == (0 if asked == "..2018" else 1)
    assert search("shelters", year="..2020").count == 1


def test_at_most_thirty_values_of_filters_are_read():
    filters = parse_filters(QueryDict("article=1-20&year=2001-2020&body=grevio"))
    assert {name: len(values) for name, values in filters.items()} == {
        LabelName.ARTICLE: 20,
        LabelName.BODY: 1,
        LabelName.YEAR: 9,
    }


@pytest.mark.parametrize(
    ("asked", "language", "titles"),
    [
        ("Norvège", "en", ["Norway"]),
        ("Norway", "nb", ["Norge"]),
        ("NO", "en", ["Norway"]),
        ("no", "en", []),
        ("shelters norge", "fr", ["Norvège"]),
        ("state:NO article:25", "en", ["Norway", "Article 25"]),
        ("article 25", "en", ["Article 25"]),
        ("artikkel 25", "en", ["Article 25"]),
        ("Articolul 25", "en", ["Article 25"]),
        ("article 99", "en", []),
        ("Nordmark", "en", ["Nordmark"]),
        ("shelters", "en", ["Article 23"]),  # “Shelters” is its title
        ("the of and", "en", []),
    ],
)
def test_a_country_or_article_named_in_the_query_is_offered_as_a_shortcut(asked: str, language: str, titles: list[str]):
    make_state("NO")
    make_state("XA")
    found = queries.find_shortcuts(parse_query_text(asked), language)
    assert [shortcut.title.partition(" – ")[0] for shortcut in found] == titles


def test_results_are_paginated_and_a_page_beyond_the_end_shows_the_last(client: Client):
    make_report("a", *[f"GREVIO urges the authorities to open shelter number {n}." for n in range(45)])
    found = [text for number in (1, 2, 3) for text in hit_texts(search("urges", page=str(number)))]
    assert len(set(found)) == 45
    assert hit_texts(search("urges", page="9999")) == hit_texts(search("urges", page="3"))
    assert hit_texts(search("urges", page="-1")) == hit_texts(search("urges", page="x")) == hit_texts(search("urges"))


def test_results_beyond_the_last_page_are_named(monkeypatch: pytest.MonkeyPatch):
    make_report("a", *(f"GREVIO urges the authorities to open shelter {number}." for number in range(41)))
    monkeypatch.setattr(queries, "MAX_OFFSET", 40)
    page = search("shelters", page="9")
    assert (page.count, page.is_truncated, page.pages.number, page.pages.paginator.num_pages) == (41, True, 2, 2)
    assert not search("shelters 40").is_truncated


def test_sections_and_documents_of_the_catalogue_link_to_the_official_text():
    make_section("Shelters (Article 23)", 23)
    assert [(hit.kind, hit.href, hit.external) for hit in search("shelter").hits] == [
        ("section", "https://example.org/section", True)
    ]
    Section.objects.update(link="")
    assert [hit.href for hit in search("shelter").hits] == ["https://example.org/report"]
    assert [hit.kind for hit in search('"GREVIO/Inf(2020)99"').hits] == ["document"]


def test_a_deleted_or_damaged_index_is_rebuilt_before_the_answer(
    index_of_its_own: Path, client: Client, monkeypatch: pytest.MonkeyPatch
):
    make_report("a", "GREVIO urges the authorities to open shelters.")
    assert search("shelters").count == 1
    shutil.rmtree(index_of_its_own)
    queries._index_updater.cache_clear()  # as after a restart
    assert search("shelters").count == 1
    for file in index_of_its_own.rglob("*.term"):
        file.write_bytes(b"nonsense")
    queries._index_updater.cache_clear()
    assert search("shelters").count == 1
    assert client.get("/en/search/?q=shelters").status_code == 200

    first = queries.get_index_updater().get_current_index().engine
    monkeypatch.setattr(first, "search", lambda *_, **__: (_ for _ in ()).throw(IndexDamaged("it broke in use")))
    assert search("shelters").count == 1
    assert queries.get_index_updater().get_current_index().engine is not first


def test_an_index_folder_that_cannot_be_written_leads_to_an_error_page(settings: Any, tmp_path: Path, client: Client):
    (tmp_path / "file").write_text("")
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "file" / "search"
    response = client.get("/en/search/?q=shelters")
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store"
    assert "The search index cannot be used at the moment." in response.content.decode()


def test_an_empty_site_says_that_there_is_nothing_to_search(client: Client):
    assert "There is nothing to search yet." in client.get("/en/search/").content.decode()


def test_the_command_builds_the_index_and_reports_its_size(capsys: pytest.CaptureFixture[str]):
    make_report("a", "GREVIO urges the authorities to open shelters.", "There are two shelters.")
    call_command("rebuild_search")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "The index is being rebuilt; searches use the old one until it is ready."
    assert second.startswith("3 items indexed")  # a finding, a passage, the document


@pytest.mark.parametrize(
    ("language", "number"), [("en", "1,234"), ("fr", "1\xa0234"), ("nb", "1\xa0234"), ("ro", "1.234")]
)
def test_numbers_of_results_are_written_as_in_the_readers_language_and_years_are_not(
    client: Client, language: str, number: str
):
    """Four digits, without as many results in the index."""
    years = {"2018": {"urges": 1_234}, "2019": {"urges": 1}}
    value = queries.FacetValue("2018", "2018", 1_234, False, "?year=2018")
    page = queries.SearchPage(
        query_text="shelters", interpretation="", count=1_234, people_count=1_234, max_downloaded=1_000,
        facets=(queries.Facet("year", "Year", (value,), ()),), chart=build_year_chart(years, {}),
    )  # fmt: skip
    with patch.object(queries, "search_page", lambda **_: page):
        html = client.get(f"/{language}/search/", {"q": "shelters"}).content.decode()
    (heading,) = re.findall(r'<h2 id="results">(.*?)</h2>', html)
    assert heading.startswith(f"{number} ")
    assert f'<span class="facet-count number">{number}<' in html
    assert html.count(f'<td class="number">{number}</td>') == 2
    assert f"1{number[1]}000" in html  # results in a file
    assert "1234" not in html
    assert '<th scope="row">2018</th>' in html
    assert "<span>2018</span>" in html
