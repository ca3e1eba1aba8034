"""The pages of the thesaurus, its downloads, and the concepts on a finding's page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import escape

from samsvar.interchange.thesaurus_export import EXPORT_FORMATS
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.site.convention.actions import load_convention
from samsvar.site.thesaurus.queries import thesaurus_page
from samsvar.thesaurus.concepts import concept, concepts
from samsvar.thesaurus.loading import RetiredRow
from tests.factories.exchange_practices import publish_practice
from tests.factories.implementation import make_measure, make_organisation
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_every_concept_is_listed_and_has_a_page_in_the_readers_language(client: Client, language: str):
    page = client.get(f"/{language}/thesaurus/").content.decode()
    assert all(f"/{language}/thesaurus/{key}/" in page for key in concepts())
    shelters = client.get(f"/{language}/thesaurus/shelters/").content.decode()
    for name in concept("shelters").names(language):
        assert escape(name).casefold() in shelters.casefold()
    assert f"/{language}/articles/23/" in shelters
    assert f"/{language}/thesaurus/specialist-support-services/" in shelters
    assert f"/{language}/search/?q=concept%3Ashelters" in shelters
    assert concept("shelters").uri in shelters


def test_serbian_names_say_that_they_are_in_latin_script(client: Client):
    shelters = client.get("/en/thesaurus/shelters/").content.decode()
    assert re.search('<dd lang="sr-Latn">[^<]*skloništ', shelters)
    assert 'lang="sr"' not in shelters
    assert '<dd lang="hr">' in shelters
    assert '<span lang="sr-Latn">' in client.get("/en/thesaurus/?q=tužilaštvo").content.decode()


@pytest.mark.parametrize("word", ["laererne", "lærerne", "skolelærerens"])
def test_a_concept_is_found_by_a_form_that_no_label_has(client: Client, word: str):
    assert (
        "/en/thesaurus/teachers/"
        in client.get("/en/thesaurus/", {"q": word}).content.decode().partition("<h2>By kind")[0]
    )


def test_a_concept_is_found_without_the_letters_that_a_keyboard_lacks(client: Client):
    assert "/en/thesaurus/rape/" in client.get("/en/thesaurus/?q=gwalt").content.decode().partition("<h2>By kind")[0]


def test_a_word_of_an_unrelated_language_finds_no_concept_by_its_form(client: Client):
    assert [
        match.concept.key
        for match in client.get("/en/thesaurus/?q=format").context["page"].matches
        if match.label == "format"
    ] == []


def test_pages_need_no_query(client: Client, django_assert_num_queries):
    client.get("/en/thesaurus/")
    for address in ("/en/thesaurus/", "/en/thesaurus/shelters/", "/en/thesaurus/samsvar.csv"):
        with django_assert_num_queries(0):
            assert client.get(address).status_code == 200


def test_a_word_of_any_language_finds_a_concept(client: Client):
    page = client.get("/en/thesaurus/", {"q": "krisesentre"}).content.decode()
    matches = page[page.index('id="matches"') : page.index("</section>", page.index('id="matches"'))]
    assert '<a href="/en/thesaurus/shelters/">shelters</a>' in matches
    assert '<span lang="nb">krisesentre</span>' in matches
    assert "Try a shorter word" in client.get("/en/thesaurus/", {"q": "zzzzzz"}).content.decode()
    assert "<script>" not in client.get("/en/thesaurus/", {"q": "<script>" * 50}).content.decode()


def test_a_list_that_is_cut_says_so(client: Client):
    page = client.get("/en/thesaurus/", {"q": "violence"}).content.decode()
    assert re.search(r"50 of \d+ concepts are shown\.", page)
    assert "concepts are shown" not in client.get("/en/thesaurus/", {"q": "shelters"}).content.decode()


def test_concepts_are_listed_by_how_well_a_word_fits_and_in_the_readers_language_first():
    french = [(match.label, match.language) for match in thesaurus_page(word="police", language="fr").matches]
    assert french[:2] == [("police", "fr"), ("police aux frontières", "fr")]
    labels = [match.label for match in thesaurus_page(word="violence", language="en").matches if match.language == "en"]
    begins = [label.casefold().startswith("violence") for label in labels]
    assert begins == sorted(begins, reverse=True)
    assert len({*begins}) == 2


def test_an_unknown_concept_is_not_found_and_a_retired_one_leads_on(client: Client, monkeypatch):
    assert client.get("/en/thesaurus/refuge/").status_code == 404
    retired = {
        "refuge": RetiredRow("refuge", "shelters", "2026-11-27", "the same"),
        "gone": RetiredRow("gone", "", "2026-11-27", "not a concept"),
    }
    monkeypatch.setattr("samsvar.site.thesaurus.views.retired_concepts", lambda: retired)
    answer = client.get("/en/thesaurus/refuge/")
    assert (answer.status_code, answer["Location"]) == (301, "/en/thesaurus/shelters/")
    assert client.get("/en/thesaurus/gone/").status_code == 404


def test_the_thesaurus_is_downloaded_in_every_format(client: Client):
    for export_format in EXPORT_FORMATS.values():
        answer = client.get(f"/fr/thesaurus/samsvar.{export_format.extension}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(export_format.media_type)
        assert "attachment" in answer["Content-Disposition"]
        assert b"krisesentre" in answer.content
        if export_format.extension != "csv":
            assert b"http://testserver/fr/thesaurus/shelters/" in answer.content
        again = client.get(
            f"/fr/thesaurus/samsvar.{export_format.extension}", headers={"If-None-Match": answer["ETag"]}
        )
        assert again.status_code == 304
    assert client.get("/en/thesaurus/samsvar.exe").status_code == 404


def test_a_finding_shows_the_concepts_that_the_computer_found(client: Client):
    finding = make_finding(1, text="GREVIO urges the authorities to open more shelters and to provide free legal aid.")
    report = make_report(b"one", make_reading([finding]))
    page = client.get(f"/en/findings/{report.findings.get().public_id}/").content.decode()
    assert "Concepts found by the computer" in page
    assert '<a href="/en/thesaurus/shelters/">shelters</a>' in page
    assert '<a href="/en/thesaurus/legal-aid/">' in page


def test_a_measure_shows_the_concepts_that_the_computer_found(client: Client):
    load_convention()
    measure = make_measure("Open a second shelter", text="With free legal aid.")
    page = client.get(f"/en/measures/{measure.public_id}/").content.decode()
    assert "Concepts found by the computer" in page
    assert '<a href="/en/thesaurus/shelters/">shelters</a>' in page
    assert '<a href="/en/thesaurus/legal-aid/">' in page


def test_a_practice_shows_its_own_concepts_or_else_those_that_the_computer_found(client: Client):
    load_convention()
    organisation = make_organisation("Lamp House")
    chosen, without = publish_practice(organisation), publish_practice(organisation, concepts=[])
    page = client.get(f"/en/exchange/practices/{without.public_id}/").content.decode()
    assert "Concepts found by the computer" in page
    assert '<a href="/en/thesaurus/emergency-barring-orders/">' in page
    page = client.get(f"/en/exchange/practices/{chosen.public_id}/").content.decode()
    assert "Concepts found by the computer" not in page
