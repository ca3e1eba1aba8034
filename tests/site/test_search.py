"""The search page: what it finds, counts and links to, whatever was stored, changed, damaged or asked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.ids import stable_id
from samsvar.search.engine import IndexDamaged
from samsvar.search.query import LabelName, parse
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

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index_of_its_own(tmp_path: Path, settings: Any) -> Path:
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"
    return tmp_path / "search"


def state(code: str = "XA") -> State:
    return State.objects.get_or_create(code=code, defaults={"kind": "invented" if code[0] == "X" else "other"})[0]


def report(name: str, *texts: str, code: str = "XA", strength: str = "urges", language: str = "en") -> Report:
    """A report of an invented state: a passage for each text, and a finding for each that says “urges” or so."""
    document = Document.objects.create(
        public_id=stable_id("document", name),
        origin="demo",
        body="grevio",
        state=state(code),
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


def section(heading: str, *articles: int, code: str = "XA") -> Section:
    document, _ = Document.objects.get_or_create(
        public_id=stable_id("catalogue", code),
        defaults={
            "origin": "catalogue",
            "body": "grevio",
            "state": state(code),
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


def page(asked: str = "", language: str = "en", **more: str) -> queries.SearchPage:
    query = QueryDict(mutable=True)
    query["q"] = asked
    for name, value in more.items():
        query.setlist(name, value.split("|"))
    return queries.search_page(asked=query, language=language)


def texts(found: queries.SearchPage) -> list[str]:
    return ["".join(piece for piece, _ in hit.text) for hit in found.hits]


def test_a_finding_is_found_once_marked_and_linked_to_its_paragraph():
    made = report("a", "GREVIO urges the authorities to open shelters for women.", "There are two shelters.")
    found = page("shelter")
    assert [(hit.kind, hit.href) for hit in found.hits] == [
        ("finding", f"/en/findings/{stable_id('finding', 'a', '0')}/"),
        ("passage", f"/en/reports/{made.public_id}/text/?at=1#passage-1"),
    ]
    assert found.hits[0].text == (
        ("GREVIO urges the authorities to open ", False),
        ("shelters", True),
        (" for women.", False),
    )
    assert [(facet.name, [(value.value, value.count) for value in facet.shown]) for facet in found.facets] == [
        ("kind", [("finding", 1), ("passage", 1)]),
        ("state", [("XA", 2)]),
        ("article", [("25", 1)]),
        ("strength", [("urges", 1)]),
        ("body", [("grevio", 2)]),
        ("year", [("2020", 2)]),
    ]


def test_the_count_beside_a_value_is_what_its_link_finds(client: Client):
    report("a", "GREVIO urges A to train the police.", "The police is trained.")
    report("b", "GREVIO urges B to train the police.", code="XB", strength="encourages")
    section("Training of professionals (Article 15)", 15, code="XC")
    for start in (page("train"), page("train", state="XB"), page(""), page("", kind="finding|section")):
        for facet in start.facets:
            for value in facet.shown + facet.folded:
                assert value.count > 0 or value.chosen
                if not value.chosen:
                    query = QueryDict(value.href.removeprefix("?"), mutable=True)
                    alone = query.copy()
                    alone.setlist(facet.name, [value.value])
                    assert queries.search_page(asked=alone, language="en").count == value.count, (facet.name, value)


def test_what_is_written_is_found_by_the_next_question_and_what_is_gone_is_not():
    made = report("a", "GREVIO urges the authorities to open shelters.")
    assert page("shelters").count == 1
    other = report("b", "GREVIO urges the authorities to open more shelters.", code="XB")
    assert page("shelters").count == 2
    made.document.delete()
    assert texts(page("shelters")) == ["GREVIO urges the authorities to open more shelters."]
    Document.objects.filter(pk=other.document_id).update(state=state("XC"))
    assert page("shelters", state="XB").count == 1  # the finding still says XB …
    assert page("", state="XC", kind="document").count == 1  # … and the document what was corrected


def test_a_rejected_finding_is_a_paragraph_again():
    made = report("a", "GREVIO urges the authorities to open shelters.")
    Finding.objects.update(review="rejected")
    Report.objects.filter(pk=made.pk).update(revision=2)
    assert [hit.kind for hit in page("shelters").hits] == ["passage"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_one_number_tells_that_nothing_has_changed(django_assert_num_queries):
    report("a", "GREVIO urges the authorities to open shelters.")
    assert page("shelters").count == 1
    with django_assert_num_queries(4):  # the number, and whether the words name somebody, a meeting, or money
        assert page("shelters").count == 1
    report("b", "GREVIO urges the authorities to open shelters.", code="XB")
    assert page("shelters").count == 2
    with transaction.atomic():
        report("c", "GREVIO urges the authorities to open shelters.", code="XC")
        assert page("shelters").count == 3
        transaction.set_rollback(True)
    assert page("shelters").count == 2


def test_the_number_of_queries_does_not_grow_with_what_is_found(client: Client):
    from django.db import connection

    def queries_of(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    report("a", "GREVIO urges the authorities to open shelters.")
    few = queries_of("/en/search/?q=shelters+Norway")
    for number in range(30):
        report(f"r{number}", *["GREVIO urges the authorities to open shelters in every region."] * 3, code="XB")
    assert queries_of("/en/search/?q=shelters+Norway") == few <= 8


def test_the_page_says_what_it_shows_in_the_language_of_what_was_read(client: Client):
    report("a", "Le GREVIO exhorte les autorités à ouvrir des refuges <script>alert(1)</script>.", language="fr")
    html = client.get("/en/search/", {"q": "refuge -enfants"}).content.decode()
    assert '<blockquote class="quotation" lang="fr">' in html
    assert "<mark>refuges</mark>" in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "refuge AND NOT enfants" in html
    assert "invented state, for demonstration" in html
    assert not re.search(r"\sstyle=|\son\w+=", html)


@pytest.mark.parametrize("asked", ["*", "AND", "gender-based", '"', "((", "state:Atlantis", "NOT", ":", "x" * 5_000])
def test_no_question_is_an_error(client: Client, asked: str):
    report("a", "GREVIO urges the authorities to open shelters.")
    assert client.get("/en/search/", {"q": asked}).status_code == 200


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["q", "page", "state", "year", "article", "strength", "kind", "nonsense"]),
        # a NUL is refused with 400 on every page (shell/requests.py)
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30), max_size=3),
        max_size=4,
    )
)
def test_no_address_is_an_error(client: Client, asked: dict[str, list[str]]):
    assert client.get("/fr/search/", asked).status_code == 200


def test_a_long_question_is_cut_and_says_so(client: Client):
    html = client.get("/en/search/", {"q": "shelter " * 300}).content.decode()
    assert "The question was longer than 500 characters" in html


def test_narrowings_read_names_codes_and_years():
    asked = QueryDict("state=Norv%C3%A8ge&state=SE&year=2018-2020&article=25&strength=exhorte&state=Atlantis")
    assert queries.narrowings_in(asked) == {
        LabelName.STATE: ("NO", "SE", "Atlantis"),
        LabelName.ARTICLE: ("25",),
        LabelName.STRENGTH: ("urges",),
        LabelName.YEAR: ("2018", "2019", "2020"),
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
def test_a_country_or_an_article_that_the_question_names_is_one_step_away(asked: str, language: str, titles: list[str]):
    state("NO")
    state("XA")
    found = queries.shortcuts(parse(asked), language)
    assert [shortcut.title.partition(" – ")[0] for shortcut in found] == titles


def test_pages_follow_each_other_and_a_page_too_far_is_the_last(client: Client):
    report("a", *[f"GREVIO urges the authorities to open shelter number {n}." for n in range(45)])
    found = [text for number in (1, 2, 3) for text in texts(page("urges", page=str(number)))]
    assert len(set(found)) == 45
    assert texts(page("urges", page="9999")) == texts(page("urges", page="3"))
    assert texts(page("urges", page="-1")) == texts(page("urges", page="x")) == texts(page("urges"))


def test_sections_and_documents_of_the_catalogue_lead_to_the_official_text():
    section("Shelters (Article 23)", 23)
    assert [(hit.kind, hit.href, hit.out) for hit in page("shelter").hits] == [
        ("section", "https://example.org/section", True)
    ]
    assert [hit.kind for hit in page('"GREVIO/Inf(2020)99"').hits] == ["document"]


def test_an_index_that_is_deleted_or_damaged_is_built_anew_before_the_answer(
    index_of_its_own: Path, client: Client, monkeypatch: pytest.MonkeyPatch
):
    report("a", "GREVIO urges the authorities to open shelters.")
    assert page("shelters").count == 1
    shutil.rmtree(index_of_its_own)
    queries._follower.cache_clear()  # as after a restart
    assert page("shelters").count == 1
    for file in index_of_its_own.rglob("*.term"):
        file.write_bytes(b"nonsense")
    queries._follower.cache_clear()
    assert page("shelters").count == 1
    assert client.get("/en/search/?q=shelters").status_code == 200

    first = queries.follower().followed().engine
    monkeypatch.setattr(first, "search", lambda *_, **__: (_ for _ in ()).throw(IndexDamaged("it broke in use")))
    assert page("shelters").count == 1
    assert queries.follower().followed().engine is not first


def test_a_folder_that_cannot_be_written_is_a_page_that_says_so(settings: Any, tmp_path: Path, client: Client):
    (tmp_path / "file").write_text("")
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "file" / "search"
    response = client.get("/en/search/?q=shelters")
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store"
    assert "The search index cannot be used at the moment." in response.content.decode()


def test_an_empty_site_says_how_to_fill_it(client: Client):
    assert "There is nothing to search yet." in client.get("/en/search/").content.decode()


def test_the_command_builds_the_index_and_says_what_is_in_it(capsys: pytest.CaptureFixture[str]):
    report("a", "GREVIO urges the authorities to open shelters.", "There are two shelters.")
    call_command("rebuild_search")
    assert capsys.readouterr().out.startswith("3 things can be found")  # a finding, a passage, the document
