"""Inflected words of queries in all 22 languages, written by hand: none of them is a label as it is here."""

from __future__ import annotations

import pytest

from samsvar.text import fold
from samsvar.thesaurus.analysis import reduce_label, stem
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts
from samsvar.thesaurus.tagging import recognise, tag_text
from tools import word_forms

QUERIES = [
    ("en", "stalked", "stalking"),
    ("en", "shelter’s", "shelters"),
    ("fr", "foyers d’accueils", "shelters"),
    ("fr", "permanences téléphonique", "helplines"),
    ("nb", "krisesentrene", "shelters"),
    ("nb", "besøksforbudene", "protection-orders"),
    ("ro", "adăposturilor", "shelters"),
    ("ro", "violenței domestice", "domestic-violence"),
    ("sv", "kvinnojourernas", "shelters"),
    ("sv", "besöksförbudet", "protection-orders"),
    ("da", "krisecentrenes", "shelters"),
    ("da", "krisetelefonen", "helplines"),
    ("fi", "turvakodeissa", "shelters"),
    ("fi", "perheväkivallan", "domestic-violence"),
    ("is", "nálgunarbanninu", "protection-orders"),
    ("de", "Frauenhäusern", "shelters"),
    ("de", "häuslicher Gewalt", "domestic-violence"),
    ("es", "violencias domésticas", "domestic-violence"),
    ("it", "divieti di avvicinamento", "protection-orders"),
    ("pt", "violências domésticas", "domestic-violence"),
    ("pl", "schroniskach", "shelters"),
    ("pl", "przemocy domowej", "domestic-violence"),
    ("cs", "domácího násilí", "domestic-violence"),
    ("cs", "azylových domů", "shelters"),
    ("sk", "domáceho násilia", "domestic-violence"),
    ("sk", "ochranného príkazu", "protection-orders"),
    ("hu", "menedékházakban", "shelters"),
    ("hu", "távoltartást", "protection-orders"),
    ("hr", "sigurnoj kući", "shelters"),
    ("hr", "obiteljskog nasilja", "domestic-violence"),
    ("sl", "varni hiši", "shelters"),
    ("sl", "družinskega nasilja", "domestic-violence"),
    ("sr", "prihvatilištu", "shelters"),
    ("sr", "porodičnog nasilja", "domestic-violence"),
    ("bg", "приютите", "shelters"),
    ("bg", "кризисните центрове", "shelters"),
    ("lt", "prieglaudose", "shelters"),
    ("lt", "smurto artimoje aplinkoje", "domestic-violence"),
]


@pytest.mark.parametrize(("language", "query", "key"), QUERIES)
def test_an_inflected_query_is_recognised(language: str, query: str, key: str):
    labels = {fold(name) for concept in concepts().values() for name in concept.names(language)}
    assert fold(query) not in labels  # otherwise nothing would be shown about inflection
    assert [match.key for match in recognise(query.split(), [language])] == [key]
    assert key in {match.key for match in recognise(query.split())}
    assert [mention.key for mention in tag_text(f"({query.capitalize()})", language)] == [key]


def test_serbian_is_found_in_both_scripts():
    assert [match.key for match in recognise(["сигурној", "кући"], ["sr"])] == ["shelters"]
    assert [mention.key for mention in tag_text("Насиље у породици", "sr")] == ["domestic-violence"]
    assert [mention.key for mention in tag_text("Otvorene su sigurne kuće.", "sh")] == ["shelters"]


def test_maltese_has_its_labels_only():
    """There is neither a stemmer nor a dictionary: other forms are listed as labels."""
    assert [match.key for match in recognise(["xelters"], ["mt"])] == ["shelters"]
    assert stem("xelters", "mt") == "xelters"


def test_every_language_has_an_inflected_query():
    assert {language for language, _, _ in QUERIES} == set(THESAURUS_LANGUAGES) - {"mt"}


def test_accents_that_were_not_typed_do_not_matter():
    for language, query, key in QUERIES:
        if language != "bg" and not any(sign in query for sign in "øđł"):
            assert key in {match.key for match in recognise(fold(query).split(), [language])}, query


def test_words_are_reduced_in_their_own_language_only():
    assert reduce_label("krisesentrene", "nb") == reduce_label("krisesenter", "nb")
    assert reduce_label("krisesentrene", "en") != reduce_label("krisesenter", "en")


def test_the_forms_were_written_for_the_present_labels(capsys: pytest.CaptureFixture[str]):
    assert word_forms.main("check") == 0, capsys.readouterr().out
