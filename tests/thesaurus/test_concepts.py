"""The concepts of the field: labelled in every interface language, linked to existing articles, with stable keys."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from samsvar.convention.treaty import ISTANBUL
from samsvar.errors import SamsvarError
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import fold, read_data_file
from samsvar.thesaurus.concepts import (
    THESAURUS_LANGUAGES,
    ConceptKind,
    ConceptNotFound,
    concept,
    concepts,
    list_choices,
    most_used,
    narrower,
    parse_concepts,
    thesaurus_version,
    with_narrower,
)
from samsvar.thesaurus.loading import InvalidConcept

COLUMNS = "key,kind,broader,related,articles\n"
LABELS = "key,preferred,other\n"


def test_every_concept_has_a_label_in_every_language_of_the_interface():
    missing = {
        (concept.key, language)
        for concept in concepts().values()
        for language in INTERFACE_LANGUAGES
        if not concept.names(language)
    }
    assert missing == set()


def test_labels_are_not_left_in_english():
    """A word such as “stalking” is the same in several languages: a fifth of the labels may be."""
    for language in INTERFACE_LANGUAGES[1:]:
        english = {known.key for known in concepts().values() if known.label(language) == known.label()}
        assert len(english) < len(concepts()) / 5, language


def test_every_article_of_a_concept_is_in_the_convention():
    assert {number for known in concepts().values() for number in known.articles if number not in ISTANBUL} == set()


def test_keys_are_short_readable_and_usable_in_an_address():
    assert [key for key in concepts() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) or len(key) > 50] == []


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
    shelters = concept("shelters")
    assert (shelters.key, shelters.kind) == ("shelters", ConceptKind.SERVICE)
    assert shelters.articles[0] == "23"
    assert shelters.label() == "shelters"
    assert shelters.names("en")[0] == "shelters"
    assert shelters.label("nb") == "krisesentre"
    assert "specialist-support-services" in shelters.broader


def test_an_unknown_key_is_an_error():
    with pytest.raises(ConceptNotFound) as told:
        concept("barring")
    assert told.value.full_message() == "The thesaurus has no concept “barring”."
    assert isinstance(told.value, SamsvarError)


def test_narrower_concepts_are_found_directly_and_with_their_own():
    assert "shelters" in narrower("specialist-support-services")
    everything = with_narrower("specialist-support-services")
    assert everything[0] == "specialist-support-services"
    assert {"shelters", "helplines", "rape-crisis-centres"} <= set(everything)
    assert len(everything) == len(set(everything))


def test_a_missing_label_falls_back_to_english_and_has_no_names():
    only_english = parse_concepts(
        COLUMNS + "shelters,service,,,23\n", {"en": LABELS + "shelters,shelters,refuges|safe houses\n", "fr": LABELS}
    )["shelters"]
    assert only_english.label("fr") == "shelters"
    assert only_english.label("de") == "shelters"
    assert only_english.names("en") == ("shelters", "refuges", "safe houses")
    assert only_english.names("fr") == ()


def test_a_relation_that_one_side_names_holds_on_both():
    both = parse_concepts(
        COLUMNS + "shelters,service,,helplines,23\nhelplines,service,,,24\n",
        {"en": LABELS + "shelters,shelters,\nhelplines,helplines,\n"},
    )
    assert both["shelters"].related == ("helplines",)
    assert both["helplines"].related == ("shelters",)


def test_each_article_with_a_service_or_an_offence_has_a_concept():
    with_concept = {number for known in concepts().values() for number in known.articles}
    assert {str(n) for n in [*range(6, 41), *range(50, 62)]} - with_concept <= {"21", "55", "58"}


def test_forms_offer_the_most_used_concepts_and_what_was_chosen_before():
    offered = list_choices("nb")
    assert len(offered) == len(most_used()) == 150
    assert ("shelters", "krisesentre") in offered
    other = next(key for key in concepts() if key not in most_used())
    labels = [label for _, label in list_choices("nb", [other, "no-such-concept"])]
    assert labels == sorted(labels, key=fold)
    assert {key for key, _ in list_choices("nb", [other, "no-such-concept"])} == {*most_used(), other}


def test_the_version_is_a_fingerprint():
    assert re.fullmatch("[0-9a-f]{16}", thesaurus_version())


@pytest.mark.parametrize(
    ("rows", "english", "problem"),
    [
        ("shelters,service,,,23\nshelters,service,,,23\n", "shelters,shelters,\n", "it occurs twice"),
        ("shelters,service,23\n", "shelters,shelters,\n", "a row must have a key and 5 columns"),
        (",service,,,23\n", "shelters,shelters,\n", "a row must have a key and 5 columns"),
        ("shelters,,,,23\n", "shelters,shelters,\n", "a kind is required"),
        ("shelters,house,,,23\n", "shelters,shelters,\n", "“house” is not a kind of concept"),
        ("The Shelters,service,,,23\n", "The Shelters,shelters,\n", "lower-case letters, digits"),
        ("shelters,service,refuges,,23\n", "shelters,shelters,\n", "“refuges” is not another concept"),
        ("shelters,service,,shelters,23\n", "shelters,shelters,\n", "“shelters” is not another concept"),
        ("shelters,service,,,23\n", "", "it has no English label"),
        ("shelters,service,,,23\n", "shelters,,refuges\n", "a preferred label is required"),
        ("shelters,service,,,23\n", "shelters,shelters,\nrefuges,refuges,\n", "there is no such concept"),
    ],
)
def test_an_invalid_row_is_reported(rows: str, english: str, problem: str):
    with pytest.raises(InvalidConcept, match=problem):
        parse_concepts(COLUMNS + rows, {"en": LABELS + english})


def test_other_columns_are_reported():
    with pytest.raises(InvalidConcept, match="the columns must be key,preferred,other"):
        parse_concepts(COLUMNS, {"en": "key,label\n"})


def test_the_data_folder_contains_only_the_expected_files():
    folder = files("samsvar.thesaurus").joinpath("data")
    assert {path.name for path in folder.iterdir()} <= {
        "README.md", "concepts.csv", "labels", "forms", "mappings.csv", "most_used.csv", "retired.csv",
    }  # fmt: skip
    languages = {f"{language}.csv" for language in THESAURUS_LANGUAGES}
    for name in ("labels", "forms"):
        if folder.joinpath(name).is_dir():
            assert {path.name for path in folder.joinpath(name).iterdir()} <= languages
