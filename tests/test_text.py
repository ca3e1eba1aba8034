"""Text is compared without accents, cleaned for XML, and shown in one language by one rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from samsvar.text import choose_language, choose_text, fold, fold_letters, remove_invalid_xml_characters


@pytest.mark.parametrize(
    ("text", "folded", "letters"),
    [
        ("État", "etat", "etat"),
        ("Țările de Jos", "tarile de jos", "tariledejos"),
        ("E-mail ", "e-mail ", "email"),
        ("Øst", "øst", "øst"),  # not an O with an accent
        ("Straße", "strasse", "strasse"),
        ("ＷＨＯ", "who", "who"),
        ("İzmir", "izmir", "izmir"),
    ],
)
def test_text_is_compared_without_accents_and_case(text, folded, letters):
    assert (fold(text), fold_letters(text)) == (folded, letters)


@given(st.text(st.characters(exclude_categories=[])))
def test_text_without_xml_controls_can_be_parsed_again(text):
    element = etree.Element("text")
    element.text = remove_invalid_xml_characters(text)
    assert etree.fromstring(etree.tostring(element)).text in (element.text, None)


@pytest.mark.parametrize(
    ("texts", "language", "original", "chosen"),
    [
        ({"en": "A", "fr": "B"}, "fr", "en", ("fr", "B")),  # the reader's language
        ({"en": "A", "fr": "B"}, "nb", "fr", ("fr", "B")),  # else the original
        ({"en": "A", "fr": "B"}, "nb", "", ("en", "A")),  # else English
        ({"ro": "D", "fr": "B"}, "nb", "", ("fr", "B")),  # else the first by language code
        ({"ro": "D", "fr": "B"}, "nb", "de", ("fr", "B")),
        ({"en": "", "fr": "B"}, "en", "en", ("fr", "B")),  # an empty text is no text
        ({}, "en", "en", ("", "")),
    ],
)
def test_text_is_shown_by_one_rule_if_the_readers_language_is_missing(texts, language, original, chosen):
    assert (choose_language(texts, language, original), choose_text(texts, language, original)) == chosen
