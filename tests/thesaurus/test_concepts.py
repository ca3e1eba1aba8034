"""The concepts of the field: labelled in every interface language, linked to existing articles, with stable keys."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from samsvar.convention.treaty import ISTANBUL
from samsvar.errors import SamsvarError
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import read_data_file
from samsvar.thesaurus.concepts import Concept, ConceptNotFound, concept, concepts, parse_concepts
from samsvar.thesaurus.loading import InvalidConcept


def test_every_concept_has_a_label_in_every_language_of_the_interface():
    assert {one.key: tuple(language for language, _ in one.labels) for one in concepts().values()} == dict.fromkeys(
        concepts(), INTERFACE_LANGUAGES
    )


def test_no_two_concepts_have_the_same_label_in_a_language():
    for language in INTERFACE_LANGUAGES:
        labels = [one.label(language) for one in concepts().values()]
        assert sorted(set(labels)) == sorted(labels)


def test_labels_are_not_left_in_english():
    english = {
        one.key
        for one in concepts().values()
        for language in INTERFACE_LANGUAGES[1:]
        if one.label(language) == one.label()
    }
    assert english == set()


def test_every_article_of_a_concept_is_in_the_convention():
    assert {number for one in concepts().values() for number in one.articles if number not in ISTANBUL} == set()
    assert all(one.articles for one in concepts().values())


def test_keys_are_short_readable_and_usable_in_an_address():
    assert [key for key in concepts() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", key) or len(key) > 40] == []


def test_keys_that_profiles_may_contain_are_never_removed():
    """Keys may be added here but never removed."""
    assert {
        "risk-assessment",
        "emergency-barring-orders",
        "perpetrator-programmes",
        "shelters",
        "rape-crisis-centres",
        "helplines",
        "stalking",
        "forced-marriage",
        "female-genital-mutilation",
        "digital-violence",
        "data-collection",
        "training-of-professionals",
        "children-as-witnesses",
        "custody-and-visitation",
        "migrant-women",
        "roma-women",
        "women-with-disabilities",
        "gender-responsive-budgeting",
        "co-ordinating-body",
        "multi-agency-work",
        "femicide-review",
    } <= set(concepts())


def test_the_readme_states_the_number_of_concepts():
    assert f"{len(concepts())} keys" in read_data_file("samsvar.thesaurus", "README.md")


def test_a_concept_is_looked_up_by_its_key():
    assert concept("emergency-barring-orders") == Concept(
        key="emergency-barring-orders",
        labels=(
            ("en", "emergency barring orders"),
            ("fr", "ordonnances d’urgence d’interdiction"),
            ("nb", "bortvisning i akutte situasjoner"),
            ("ro", "ordine de interdicție de urgență"),
        ),
        articles=("52",),
    )


def test_an_unknown_key_is_an_error():
    with pytest.raises(ConceptNotFound) as told:
        concept("barring")
    assert told.value.full_message() == "The thesaurus has no concept “barring”."
    assert isinstance(told.value, SamsvarError)


def test_a_missing_label_falls_back_to_english():
    only_english = parse_concepts(
        "key,articles\nshelters,23\n", {"en": "key,label\nshelters,shelters\n", "fr": "key,label\n"}
    )
    assert only_english["shelters"].label("fr") == "shelters"
    assert only_english["shelters"].label("de") == "shelters"


def test_each_article_with_a_service_or_an_offence_has_a_concept():
    with_concept = {number for one in concepts().values() for number in one.articles}
    assert {str(n) for n in [*range(6, 41), *range(50, 62)]} - with_concept == {"21", "55", "58"}


@pytest.mark.parametrize(
    ("listed", "english", "problem"),
    [
        ("key,articles\nshelters,23\nshelters,23\n", "key,label\nshelters,shelters\n", "it occurs twice"),
        ("key,articles\nshelters\n", "key,label\nshelters,shelters\n", "a key and a value are required"),
        ("key,articles\nshelters,\n", "key,label\nshelters,shelters\n", "a key and a value are required"),
        ("key,articles\nThe Shelters,23\n", "key,label\nThe Shelters,shelters\n", "lower-case letters, digits"),
        ("key,articles\nshelters,23\n", "key,label\n", "it has no English label"),
        ("key,articles\nshelters,23\n", "key,label\nshelters,shelters\nrefuges,refuges\n", "there is no such concept"),
    ],
)
def test_an_invalid_row_is_reported(listed: str, english: str, problem: str):
    with pytest.raises(InvalidConcept, match=problem):
        parse_concepts(listed, {"en": english})


def test_the_data_folder_contains_only_the_expected_files():
    folder = files("samsvar.thesaurus").joinpath("data")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "concepts.csv", "labels"]
    assert sorted(path.name for path in folder.joinpath("labels").iterdir()) == [
        f"{one}.csv" for one in sorted(INTERFACE_LANGUAGES)
    ]
