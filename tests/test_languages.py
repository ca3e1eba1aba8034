"""Languages: which one a text is in, or none that we know."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from samsvar.languages import INTERFACE_LANGUAGES, detect_language, display_language

SENTENCES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_enough_to_detect_its_language(language):
    texts = [*SENTENCES[language], " ".join(SENTENCES[language])]
    assert [detect_language(text) for text in texts] == [language] * 3


def test_all_languages_of_the_parties_and_of_the_united_nations_are_known():
    council_of_europe = (
        "sq ca de hy az nl fr sh bg el cs da et fi ka hu is ga it lv lt lb mt ro mk pl pt sk sl sv tr uk nb"
    )
    united_nations = "ar zh en fr ru es"
    assert {*council_of_europe.split(), *united_nations.split(), *INTERFACE_LANGUAGES} <= set(SENTENCES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 345 (2019)",
        "Anna Berg, Oslo; Marta Nilsen, Bergen; Jon Aas, Trondheim; Elin Dahl, Molde",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore",
        "Serikali inapaswa kufungua makazi zaidi kwa ajili ya wanawake ambao wameacha nyumba zenye ukatili.",  # Swahili
        "Dowladdu waa inay furto hoy badan oo loogu talagalay haweenka ka tagay guri rabshado leh.",  # Somali
        "Pemerintah harus membuka lebih banyak tempat penampungan bagi perempuan yang telah pergi.",  # Indonesian
    ],
)
def test_a_text_in_none_of_our_languages_has_none(text):
    assert detect_language(text) is None


def test_names_and_titles_in_another_language_do_not_count():
    text = SENTENCES["fr"][0] + " (Straffeloven av 1902, The Act on Shelters, Gesetz über Frauenhäuser)"
    assert detect_language(text) == "fr"


def test_languages_have_names():
    assert (display_language("es"), display_language("es", "fr"), display_language("xx")) == (
        "Spanish",
        "espagnol",
        "xx",
    )
