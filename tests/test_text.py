"""Text is compared without accents, cleaned for XML, and shown in one language by one rule."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from samsvar.search.engine.analysis import tokenize
from samsvar.text import (
    build_spelling_pattern,
    choose_language,
    choose_text,
    fold,
    fold_fully,
    fold_letters,
    fold_to_plain,
    remove_invalid_xml_characters,
)


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


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Łódź", "lodz"),
        ("Sørensen", "sorensen"),
        ("uhođenje", "uhodenje"),
        ("ÆRESVOLD", "aeresvold"),
        ("Straße", "strasse"),
        ("Diyarbakır", "diyarbakir"),
        ("Þingvellir, nauðgun", "thingvellir, naudgun"),
        ("imħallef", "imhallef"),
    ],
)
def test_what_people_type_without_the_right_keyboard_is_the_same_text(text, plain):
    assert fold_fully(text) == plain == fold_fully(plain)
    assert fold_to_plain(f"{text}.") == re.sub(r"\W", "", plain)
    for typed in (plain, text, text.upper(), text.lower()):
        assert re.search(build_spelling_pattern(typed), text), typed


def test_letters_are_replaced_as_in_the_search_index():
    letters = {chr(code): fold_fully(chr(code)) for code in range(0xC0, 0x180) if chr(code).isalpha()}
    assert {letter: tokenize(letter) for letter in letters if letter not in "ĸĿŀŉ"} == {
        letter: [plain] for letter, plain in letters.items() if letter not in "ĸĿŀŉ"
    }


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_spelling_pattern_matches_exactly_the_texts_that_differ_only_in_spelling(text, other):
    text, other = unicodedata.normalize("NFC", text), unicodedata.normalize("NFC", other)
    if re.fullmatch(build_spelling_pattern(text), other):
        assert fold_fully(text) == fold_fully(other)


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
