"""What the search page says about a query: the concepts, the document that it cites, and other spellings."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from samsvar.site.monitoring.models import Document
from tests.site.test_search import hit_texts, index_of_its_own, make_report, make_section, search

__all__ = ["index_of_its_own"]  # a fixture

pytestmark = pytest.mark.django_db

ENGLISH = "GREVIO urges the authorities to open shelters."
FRENCH = "Le GREVIO exhorte les autorités à ouvrir des refuges."


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


@pytest.mark.parametrize(
    ("language", "asked", "language_name", "concept"),
    [
        ("en", "krisesenter", "Norwegian Bokmål", "shelters"),
        ("fr", "krisesenter", "norvégien bokmål", "refuges"),
        ("nb", "shelters", "engelsk", "krisesentre"),
        ("ro", "refuges", "franceză", "adăposturi"),
    ],
)
def test_the_page_says_as_which_concept_a_word_was_understood_in_the_readers_language(
    client: Client, language: str, asked: str, language_name: str, concept: str
):
    make_report("a", ENGLISH)
    make_report("b", FRENCH, code="XB", language="fr")
    page = search(asked, language)
    assert sorted(hit_texts(page)) == sorted([ENGLISH, FRENCH])
    html = client.get(f"/{language}/search/", {"q": asked}).content.decode()
    assert "<mark>shelters</mark>" in html
    assert "<mark>refuges</mark>" in html
    assert re.search(rf"{asked} \([^)]*{language_name}[^)]*\) → {concept} ", text_of(html))


@pytest.mark.parametrize(("asked", "tag"), [("склоништа", "sr"), ("deca", "sr-Latn"), ("skloništa", "hr")])
def test_serbian_words_have_the_tag_of_their_script(client: Client, asked: str, tag: str):
    html = client.get("/en/search/", {"q": asked}).content.decode()
    assert re.findall(rf'<span lang="([^"]*)">{asked}</span>', html) == [tag]


def test_a_concept_is_switched_off_and_on_again_by_its_link(client: Client):
    make_report("a", ENGLISH)
    make_report("b", FRENCH, code="XB", language="fr")
    (concept,) = search("refuges", state="XA").understood
    assert concept.is_used
    assert concept.href == "?q=refuges&state=XA&without=shelters"
    off = search("refuges", without="shelters")
    assert hit_texts(off) == [FRENCH]
    assert [(one.is_used, one.href) for one in off.understood] == [(False, "?q=refuges")]
    assert off.hidden_fields == (("without", "shelters"),)
    assert (
        "off: only this word is searched for" in client.get("/en/search/?q=refuges&without=shelters").content.decode()
    )
    assert search("refuges", without="nonsense").count == 2


def test_the_page_says_which_words_only_texts_in_one_language_must_contain(client: Client):
    make_report("a", ENGLISH)
    make_report("b", FRENCH, code="XB", language="fr")
    page = search("krisesenter nabo")
    assert sorted(hit_texts(page)) == sorted([ENGLISH, FRENCH])
    assert "Only texts in Norwegian Bokmål must also contain: nabo" in text_of(
        client.get("/en/search/", {"q": "krisesenter nabo"}).content.decode()
    )
    assert search("krisesenter").other_words is None
    assert search("nabo autorités").other_words is None


def test_a_citation_goes_to_the_paragraph_and_names_the_document(client: Client):
    made = make_report("a", "There are rules.", ENGLISH, "There is more.")
    Document.objects.filter(pk=made.document_id).update(
        reference="GREVIO/Inf(2022)30", title="Baseline report on Nordmark"
    )
    for asked in ("GREVIO/Inf(2022)30 § 2", "grevio inf 2022 30, paragraph 2", "GREVIO-Inf(2022)30 avsnitt 2"):
        page = search(asked)
        assert hit_texts(page) == [ENGLISH], asked
        assert page.cited is not None
        assert (page.cited.reference, page.cited.title, page.cited.state_name, page.cited.has_paragraph) == (
            "GREVIO/Inf(2022)30", "Baseline report on Nordmark", "Nordmark", True,
        )  # fmt: skip
        assert page.cited.href == f"/en/reports/{made.public_id}/"
    assert search("GREVIO/Inf(2022)30").count == 4  # three paragraphs and the document
    assert hit_texts(search("shelters GREVIO/Inf(2022)30")) == [ENGLISH]
    html = client.get("/en/search/", {"q": "GREVIO/Inf(2022)30 § 2"}).content.decode()
    assert "Baseline report on Nordmark" in html
    assert "(GREVIO/Inf(2022)30, Nordmark, § 2)" in text_of(html)


def test_an_unknown_citation_says_what_is_not_here(client: Client):
    make_section("Shelters (Article 23)", 23)  # of GREVIO/Inf(2020)99, whose paragraphs are not here
    unknown = text_of(client.get("/en/search/", {"q": "grevio/inf(2022)31 § 57"}).content.decode())
    assert "No document with the reference GREVIO/Inf(2022)31 is here." in unknown
    without_text = text_of(client.get("/en/search/", {"q": "GREVIO/Inf(2020)99 § 57"}).content.decode())
    assert "Cited: Baseline evaluation" in without_text
    assert "Its paragraph 57 is not here." in without_text
    assert "Leave out the number of the paragraph" in without_text
    assert "Check the reference" in unknown
    assert "asterisk" not in without_text[: without_text.index("How to search")]
    assert search("GREVIO/Inf(2020)99 § 57", state="XA").count == 0
    Document.objects.update(title="")  # as in the catalogue
    untitled = text_of(client.get("/en/search/", {"q": "GREVIO/Inf(2020)99"}).content.decode())
    assert "Cited: GREVIO/Inf(2020)99 (Nordmark) " in untitled
    assert "No document" not in untitled


def test_a_quotation_that_finds_nothing_says_why(client: Client):
    make_report("a", ENGLISH)
    for asked in ("„häusliche Gewalt“ shelters", '"häusliche Gewalt'):
        page = text_of(client.get("/en/search/", {"q": asked}).content.decode())
        assert "Words in quotation marks are found only exactly as they are written." in page
    assert "Words in quotation marks" not in text_of(client.get("/en/search/", {"q": "zzz"}).content.decode())


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ("¿Cuántas casas de acogida hay en España?", "casas AND de AND acogida AND (España OR state:ES)"),
        ("how many shelters", "shelters"),
        ("krisesenter i distriktene", "krisesenter AND distriktene"),
        ("how many zzz", "how AND many AND zzz"),
        ("the shelters OR in refuges", "the AND shelters OR in AND refuges"),
        ("shelters", ""),
    ],
)
def test_the_page_says_only_what_it_searched_for(asked: str, searched: str):
    assert search(asked).interpretation == searched


@pytest.mark.parametrize(("asked", "key"), [("poliție", "police-officers"), ("politie", "police-officers")])
def test_a_plain_romanian_word_is_understood_as_romanian(asked: str, key: str):
    (concept,) = search(asked).understood
    assert (concept.key, "Romanian" in concept.languages) == (key, True)


def test_a_filter_without_a_value_is_not_called_unknown(client: Client):
    assert [link.title for link in search("krisesenter land: Norge år: 2020").suggestions] == [
        "krisesenter land:Norge år:2020"
    ]
    assert "state:Atlantis" not in [link.title for link in search("state: Atlantis").suggestions]
    assert search("shelters state:").suggestions == ()
    page = text_of(client.get("/en/search/", {"q": "land: Norge"}).content.decode())
    assert "“land:” has no value directly after the colon" in page
    assert "not a known filter" not in page


def test_the_value_of_an_unknown_filter_is_no_misspelt_word():
    make_report("a", ENGLISH)
    assert search("strength:urgent").suggestions == ()
    assert search("urgent").suggestions != ()


def test_a_misspelt_word_gets_suggestions_and_nothing_else_is_searched(client: Client):
    make_report("a", ENGLISH, "The police is trained.")
    page = search("sheltres state:XA")
    assert page.count == 0
    assert page.suggestions[0].title == "shelters state:XA"
    assert page.suggestions[0].href == "?q=shelters+state%3AXA"
    assert search("polcie").suggestions[0].title == "police"
    assert str(search("krisessenter", "nb").suggestions[0].title).startswith("krisesent")  # a label of the thesaurus
    assert search("police").suggestions == ()
    assert search("krisesenter", without="shelters").suggestions == ()  # a correct word without texts
    assert search('"sheltres"').suggestions == ()
    assert "Did you mean" in client.get("/en/search/?q=sheltres").content.decode()


def test_a_misspelt_word_beside_a_concept_gets_suggestions_however_many_texts_in_other_languages_are_found():
    make_report("a", ENGLISH, "The police is trained.")
    make_report("b", *[f"{FRENCH} {number}" for number in range(4)], code="XB", language="fr")
    page = search("shelters polcie")
    assert page.count == 4
    assert page.suggestions[0].title == "shelters police"
    assert search("shelters police").suggestions == ()


def test_search_labels_for_round_body_years_and_language():
    made = make_report("a", ENGLISH)
    make_report("b", FRENCH, code="XB", language="fr")
    Document.objects.filter(pk=made.document_id).update(procedure="baseline")
    for asked, texts in {
        "round:baseline kind:finding": [ENGLISH],
        "lang:fr kind:finding": [FRENCH],
        "body:grevio year:2018..2022 article:25 state:XA kind:finding": [ENGLISH],
        "year:2021..2022": [],
        "round:thematic": [],
    }.items():
        assert hit_texts(search(asked)) == texts, asked
    assert hit_texts(search("", round="1", kind="finding")) == [ENGLISH]


def test_a_label_that_nothing_has_is_named_if_there_are_no_results(client: Client):
    make_report("a", ENGLISH)
    for asked, label in {
        "shelters lang:xx": "language:xx", "round:nonsense": "round:nonsense", "state:SE": "state:SE",
        "body:zzz OR year:2001": "body:zzz, year:2001",
    }.items():  # fmt: skip
        words = text_of(client.get("/en/search/", {"q": asked}).content.decode())
        assert f"Nothing matches {label}. Remove this filter, or choose another value." in words, asked
    assert "Nothing matches" not in text_of(client.get("/en/search/", {"q": "zzz body:grevio"}).content.decode())
