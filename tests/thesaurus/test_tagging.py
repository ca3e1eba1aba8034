"""Concepts named in texts and queries: inflected, without accents, longest first, and never across a full stop."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.spans import Span
from samsvar.text import fold, fold_fully
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES, concepts
from samsvar.thesaurus.tagging import Mention, recognise, tag_text

LABELS = [
    (language, name, concept.key)
    for concept in concepts().values()
    for language in THESAURUS_LANGUAGES
    for name in concept.names(language)
]


def keys(text: str, language: str) -> list[str]:
    return [mention.key for mention in tag_text(text, language)]


def test_a_mention_has_the_place_in_the_text():
    assert tag_text("Two shelters opened.", "en") == (Mention(Span(4, 12), "shelters"),)


def test_an_inflected_word_is_found_in_its_language_only():
    assert keys("Un adăpost nou", "ro") == ["shelters"]
    assert keys("Un adăpost nou", "en") == []
    assert keys("anything", "xx") == []


def test_a_name_does_not_run_over_the_end_of_a_sentence():
    assert keys("They need legal aid.", "en") == ["legal-aid"]
    assert keys("Nothing was legal. Aid came.", "en") == []


def test_a_name_with_a_comma_or_brackets_is_found_and_others_do_not_run_over_a_comma():
    assert keys("End child, early and forced marriage.", "en") == ["early-marriage"]
    assert keys("Transpose Directive (EU) 2024/1385 now.", "en") == ["eu-directive-on-violence-against-women"]
    assert keys("It was legal, aid came.", "en") == []


@pytest.mark.parametrize(
    "text", ["emergency-barring orders", "Emergency\nbarring orders", "emer\xadgency barring orders"]
)
def test_hyphens_line_breaks_and_soft_hyphens_do_not_hide_a_name(text: str):
    assert keys(text, "en") == ["emergency-barring-orders"]


def test_accents_may_be_combining_characters():
    assert keys("ada\u0306post", "ro") == ["shelters"]


@given(st.sampled_from(LABELS))
def test_every_label_is_recognised_as_its_concept(label: tuple[str, str, str]):
    language, name, key = label
    assert key in {found.key for found in recognise(name.split(), [language])}
    assert key in {mention.key for mention in tag_text(name, language)}
    assert key in {mention.key for mention in tag_text(f"Before, {name.upper()}; after.", language)}


@given(st.lists(st.sampled_from(LABELS), max_size=6), st.text(max_size=40), st.sampled_from(THESAURUS_LANGUAGES))
def test_mentions_are_in_order_and_never_overlap(labels: list[tuple[str, str, str]], noise: str, language: str):
    text = noise.join(name for _, name, _ in labels)
    mentions = tag_text(text, language)
    for before, after in pairwise(mentions):
        assert before.span.end <= after.span.start
    assert all(mention.span.extract(text).strip() for mention in mentions)


def test_a_query_in_any_language_is_recognised_with_its_words_and_languages():
    (found,) = recognise(["new", "adăposturi", "for", "everyone"])
    assert (found.start, found.length, found.text, found.key) == (1, 1, "adăposturi", "shelters")
    assert "ro" in found.languages


@pytest.mark.parametrize(
    ("word", "key"), [("refuge", "shelters"), ("bot", "fines"), ("mediere", "mediation"), ("Anklage", "prosecution")]
)
def test_a_label_does_not_also_count_as_a_form_of_another_concept_in_another_language(word: str, key: str):
    """“Bot” is a fine in Norwegian; only a stemmer takes it for a form of the Icelandic word for compensation."""
    assert {recognition.key for recognition in recognise([word])} == {key}


def test_a_query_may_lack_accents():
    assert [found.key for found in recognise(["adapost"])] == ["shelters"]


@pytest.mark.parametrize(
    ("query", "language", "key"),
    [
        ("gwalt", "pl", "rape"),
        ("szkolach", "pl", "schools"),  # of “szkoła”
        ("przemoc ze wzgledu na plec", "pl", "gender-based-violence"),
        ("uhodenje", "hr", "stalking"),
        ("samvaersrett", "nb", "custody-and-visitation"),
        ("laererne", "nb", "teachers"),
        ("voldtaegterne", "da", "rape"),
        ("naudgun", "is", "rape"),
        ("imhallef", "mt", "judges"),
    ],
)
def test_a_query_may_lack_letters_that_have_no_separable_accent(query: str, language: str, key: str):
    assert [found.key for found in recognise(query.split(), [language])] == [key]
    assert keys(query, language) == [key]


def test_every_label_is_recognised_without_such_letters():
    for language, name, key in LABELS:
        if fold_fully(name) != fold(name):
            assert key in {found.key for found in recognise(fold_fully(name).split(), [language])}, name


def test_an_article_written_together_with_its_word_is_passed_over():
    (found,) = recognise(["d’ordonnances", "d’urgence", "d’interdiction"])
    assert (found.key, found.start, found.length) == ("emergency-barring-orders", 0, 3)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_words_can_be_given(words: list[str]):
    recognitions = recognise(words)
    assert all(0 <= found.start < found.start + found.length <= len(words) for found in recognitions)


def test_the_parts_of_a_longer_name_are_found_on_request():
    def named(text: str, **options: bool) -> list[tuple[str, str, bool]]:
        return [
            (mention.key, mention.span.extract(text), mention.is_part) for mention in tag_text(text, "en", **options)
        ]

    assert named("Training of judges.") == [("judicial-training", "Training of judges", False)]
    assert named("Training of judges.", with_parts=True) == [
        ("judicial-training", "Training of judges", False),
        ("training-of-professionals", "Training", True),
        ("judges", "judges", True),
    ]
    overlapping = named("Support for child witnesses.", with_parts=True)
    assert ("children-as-witnesses", "child witnesses", False) in overlapping  # begins within “support for child”
    assert (
        len(named("persons with disabilities", with_parts=True)) == 1
    )  # a part with the same concept says nothing new
