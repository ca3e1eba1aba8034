"""Expansion of a query by the concepts that its words name, in any language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.search.engine import Engine
from samsvar.search.expansion import Understood, expand_query
from samsvar.search.items import IndexGroup, SearchItem, Translation
from samsvar.search.query import LabelName, parse_query_text
from samsvar.spans import Span

TEXTS = {
    "en": "GREVIO urges the authorities to open shelters for women in every region.",
    "fr": "Le GREVIO exhorte les autorités à ouvrir des refuges dans toutes les régions.",
    "nb": "Kommunene skal ha et krisesenter.",
    "ro": "Autoritățile au deschis un adăpost.",
    "el": "Δεν υπάρχουν ξενώνες.",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine.create(tmp_path_factory.mktemp("index") / "languages")
    items = [SearchItem(f"passage/{code}", "g", "passage", text, code) for code, text in TEXTS.items()]
    items.append(
        SearchItem(
            "practice/1",
            "g",
            "practice",
            "Un toit. Un refuge pour chaque région.",
            "fr",
            title="Un toit.",
            translations=(Translation("en", "A roof.", "A roof. A shelter for every region."),),
        )
    )
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    return engine


def find(engine: Engine, typed: str, *, without: tuple[str, ...] = ()) -> set[str]:
    query = expand_query(parse_query_text(typed), without=without).query
    return {hit.item.id.removeprefix("passage/") for hit in engine.search(query).hits}


@pytest.mark.parametrize("typed", ["krisesenter", "krisesentre", "adăpost", "adapost", "refuge", "shelters"])
def test_a_word_of_any_language_finds_texts_in_every_language(engine: Engine, typed: str) -> None:
    assert find(engine, typed) == {"en", "fr", "nb", "ro", "practice/1"}


def test_a_concept_that_is_switched_off_leaves_the_word_alone(engine: Engine) -> None:
    assert find(engine, "krisesenter", without=("shelters",)) == {"nb"}
    expanded = expand_query(parse_query_text("krisesenter"), without=("shelters",))
    assert expanded.query.tree == parse_query_text("krisesenter").tree
    assert expanded.understood == (Understood("krisesenter", ("nb",), "shelters", is_used=False),)


@pytest.mark.parametrize("typed", ['"krisesenter"', "krisesenter*", "women NOT krisesenter", "title:krisesenter"])
def test_quotations_prefixes_and_excluded_words_are_never_expanded(typed: str) -> None:
    expanded = expand_query(parse_query_text(typed))
    assert expanded.query == parse_query_text(typed)
    assert not any(one.key == "shelters" for one in expanded.understood)


@pytest.mark.parametrize(
    "typed", ["born", "public", "format", "more", "fast", "side", "off", "mere", "batterie", "med"]
)
def test_a_word_is_not_read_as_a_form_of_a_label_in_an_unrelated_language(typed: str) -> None:
    assert expand_query(parse_query_text(typed)).understood == ()


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("børn", "children"), ("barn", "children"), ("barns", "children"),  # English words too, but a label or its form
        ("hjemløs", "homeless-women"),  # of a Danish label, and a Norwegian word
        ("krisesenteret", "shelters"), ("adapostul", "shelters"), ("enfants", "children"),
        ("policjantami", "police-officers"),
    ],
)  # fmt: skip
def test_a_form_of_a_label_in_its_own_or_a_related_language_is_understood(typed: str, key: str) -> None:
    assert [one.key for one in expand_query(parse_query_text(typed)).understood] == [key]


def test_an_item_with_translations_has_each_of_its_languages(engine: Engine) -> None:
    assert find(engine, "lang:en") == {"en", "practice/1"}
    assert find(engine, "lang:fr") == {"fr", "practice/1"}


def test_several_words_name_one_concept_within_a_larger_query() -> None:
    expanded = expand_query(parse_query_text("lawyers free legal aid Norway"))
    assert [(one.text, one.key) for one in expanded.understood if " " in one.text] == [("free legal aid", "legal-aid")]
    assert "free AND legal AND aid OR concept:legal-aid" in str(expanded.query.tree)
    assert "(Norway OR state:NO)" in str(expanded.query.tree)


def test_each_side_of_or_is_understood(engine: Engine) -> None:
    assert find(engine, "krisesenter OR zzz") == find(engine, "zzz OR (krisesenter)") == find(engine, "krisesenter")
    assert len(find(engine, "krisesenter")) > 1


def test_a_concept_also_finds_its_narrower_ones(engine: Engine) -> None:
    assert "en" in find(engine, "spesialiserte støttetjenester")  # shelters are specialist support services
    assert "en" in find(engine, "concept:specialist-support-services")
    (hit,) = engine.search(parse_query_text("concept:specialist-support-services lang:en kind:passage")).hits
    assert [mark.extract(hit.item.text) for mark in hit.marks] == ["shelters"]


def test_hits_found_through_a_concept_have_its_words_marked(engine: Engine) -> None:
    hits = engine.search(expand_query(parse_query_text("krisesenter")).query, language="en").hits
    marked = {hit.item.id: [mark.extract(hit.item.text) for mark in hit.marks] for hit in hits}
    assert marked == {
        "passage/en": ["shelters"], "passage/fr": ["refuges"], "passage/nb": ["krisesenter"],
        "passage/ro": ["adăpost"], "practice/1": ["shelter"],
    }  # fmt: skip


def test_short_words_of_a_name_are_not_marked(engine: Engine) -> None:
    def marked(typed: str) -> list[str]:
        hits = engine.search(
            expand_query(parse_query_text(typed)).query, {LabelName.LANGUAGE: ("fr",)}, language="fr"
        ).hits
        return [mark.extract(hit.item.text) for hit in hits for mark in hit.marks]

    assert marked("services de soutien spécialisés") == ["refuges", "refuge"]
    assert marked("refuges toutes") == ["refuges", "toutes"]


def test_an_item_with_translations_shows_the_text_of_the_reader_or_the_one_that_matches(engine: Engine) -> None:
    def shown(typed: str, language: str) -> tuple[str, str, tuple[Span, ...]]:
        (hit,) = engine.search(parse_query_text(typed), {LabelName.KIND: ("practice",)}, language=language).hits
        return hit.item.language, hit.item.title, hit.marks

    assert shown("roof", "fr") == ("en", "A roof.", (Span(2, 6),))
    assert shown("toit", "en") == ("fr", "Un toit.", (Span(3, 7),))
    assert shown("concept:shelters", "en")[0] == "en"
    assert shown("concept:shelters", "fr")[0] == "fr"
    assert shown("", "nb")[0] == "fr"
    assert shown("concept:shelters lang:fr", "en")[0] == "fr"
    assert shown("lang:en", "fr")[0] == "en"


def test_a_text_that_names_a_concept_more_often_ranks_higher(tmp_path) -> None:
    engine = Engine.create(tmp_path / "often")
    often = "Shelters differ: some shelters are large, other shelters are small. " + "There is more to say. " * 3
    once = "There are shelters, it was said, and no more than that. " + "There is more to say. " * 3
    items = [
        SearchItem("passage/once", "g", "passage", once, "en"),
        SearchItem("passage/often", "g", "passage", often, "en"),
    ]
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    hits = engine.search(expand_query(parse_query_text("krisesenter")).query).hits
    assert [hit.item.id for hit in hits] == ["passage/often", "passage/once"]


def search_texts(tmp_path, typed: str, *items: SearchItem) -> list[str]:
    engine = Engine.create(tmp_path / "texts")
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    return [hit.item.id for hit in engine.search(expand_query(parse_query_text(typed)).query).hits]


def make_passage(name: str, text: str, language: str = "en", heading: str = "") -> SearchItem:
    return SearchItem(name, "g", "passage", text, language, heading=heading)


def test_a_paragraph_is_about_what_the_heading_of_its_section_names(tmp_path) -> None:
    chapter = "Protection and shelters"
    found = search_texts(
        tmp_path,
        "krisesenter",
        make_passage("both", "Shelters are full.", heading=f"{chapter} › Shelters (Article 23)"),
        make_passage("text", "Shelters are full.", heading=f"{chapter} › Police"),
        make_passage("heading", "Half the places are in the capital.", heading=f"{chapter} › Shelters (Article 23)"),
        make_passage("chapter", "Officers patrol at night.", heading=f"{chapter} › Police"),
    )
    assert found[0] == "both"
    assert {*found} == {"both", "text", "heading"}  # a chapter is about much that a paragraph is not


def test_what_a_heading_names_is_marked_in_it(tmp_path) -> None:
    engine = Engine.create(tmp_path / "heading")
    item = make_passage("one", "Half the places are in the capital.", heading="Support › B. Shelters")
    engine.write(position=1, groups=[IndexGroup("g", "1", [item])])
    (hit,) = engine.search(expand_query(parse_query_text("krisesenter")).query).hits
    assert [mark.extract(hit.item.heading) for mark in hit.heading_marks] == ["Shelters"]


def test_a_longer_name_also_counts_for_the_concepts_that_its_parts_name(tmp_path) -> None:
    found = search_texts(
        tmp_path, "dommere", make_passage("en", "Training of judges began."), make_passage("no", "Rain.")
    )
    assert found == ["en"]


def test_a_name_is_also_found_as_the_concepts_of_its_parts(tmp_path) -> None:
    found = search_texts(
        tmp_path,
        "formation des juges",
        make_passage("apart", "Judges decide for themselves whether they attend a training."),
        make_passage("judges", "Judges decide for themselves."),
        make_passage("training", "Nurses attend a training."),
    )
    assert found == ["apart"]


def test_a_concept_that_is_switched_off_is_not_used_as_part_of_a_name() -> None:
    tree = str(expand_query(parse_query_text("formation des juges"), without=("judges",)).query.tree)
    assert "concept:judicial-training" in tree
    assert "concept:judges" not in tree


@pytest.mark.parametrize("typed", ["krisesenter på landet", "krisesenter i distriktet", "krisesenter"])
def test_other_words_beside_a_name_are_only_asked_of_texts_in_its_language(tmp_path, typed: str) -> None:
    english = make_passage("en", "A shelter opened.")
    norwegian = make_passage("nb", "Et krisesenter åpnet.", "nb")
    assert search_texts(tmp_path, typed, english, norwegian) == (["nb", "en"] if typed == "krisesenter" else ["en"])


def test_grammatical_words_beside_a_name_need_not_be_in_a_text() -> None:
    assert expand_query(parse_query_text("shelters in Norway")).query == replace(
        expand_query(parse_query_text("shelters Norway")).query, typed_text="shelters in Norway"
    )
    assert str(expand_query(parse_query_text("in zzz")).query.tree) == "in AND zzz"


@pytest.mark.parametrize(
    ("typed", "words_alone"),
    [
        ("How many shelters does Norway have?", "shelters Norway"),
        ("combien de refuges en Norvège", "refuges Norvège"),
        ("Wie viele Frauenhäuser gibt es in Norwegen", "Frauenhäuser Norwegen"),
        ("hvor mange krisesenter finnes i Norge", "krisesenter Norge"),
        ("câte adăposturi există în Norvegia", "adăposturi Norvegia"),
        ("in Norway shelters", "Norway shelters"),  # also on the other side of a country
    ],
)
def test_the_words_of_a_question_beside_a_name_need_not_be_in_a_text(typed: str, words_alone: str) -> None:
    asked, words = (str(expand_query(parse_query_text(text)).query.tree) for text in (typed, words_alone))
    assert asked == words


def test_a_name_in_capitals_is_no_word_of_a_question() -> None:
    assert str(expand_query(parse_query_text("WHO shelters")).query.tree).startswith("WHO AND ")
    assert str(expand_query(parse_query_text("how many")).query.tree) == "how AND many"  # without a name beside them


def test_a_word_of_a_heading_is_asked_of_texts_in_every_language() -> None:
    assert str(expand_query(parse_query_text("heading:zzz shelters")).query.tree).startswith("heading:zzz AND ")


def test_a_word_that_may_be_a_name_is_asked_of_texts_in_every_language(tmp_path) -> None:
    passages = [make_passage("en", "A shelter opened."), make_passage("named", "A shelter opened in Lillevik.")]
    assert search_texts(tmp_path, "krisesenter Lillevik", *passages) == ["named"]


words = st.sampled_from(
    ["shelters", "krisesenter", "refuge", "women", "in", "autorités", "zzz", "Norway", "NOT", "OR", "(", ")"]
)


@settings(max_examples=60)
@given(st.lists(words, min_size=1, max_size=5).map(" ".join))
def test_an_expanded_query_never_finds_less(engine: Engine, typed: str) -> None:
    plain = {hit.item.id for hit in engine.search(parse_query_text(typed)).hits}
    assert plain <= {hit.item.id for hit in engine.search(expand_query(parse_query_text(typed)).query).hits}


def test_the_subject_of_the_convention_need_not_be_named_beside_another_one(tmp_path) -> None:
    engine = Engine.create(tmp_path / "subjects")
    items = [
        SearchItem("custody", "g", "passage", "Child custody is decided in two months.", "en", body="grevio"),
        SearchItem(
            "both", "g", "passage", "Child custody is often given in spite of domestic violence.", "en", body="grevio"
        ),
        SearchItem("measure", "g", "measure", "Guidance on child custody", "en"),
        SearchItem("elsewhere", "g", "passage", "Child custody is decided in two months.", "en", body="upr"),
        SearchItem("violence", "g", "passage", "Domestic violence is frequent.", "en", body="grevio"),
    ]
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])

    def found(typed: str) -> list[str]:
        return [hit.item.id for hit in engine.search(expand_query(parse_query_text(typed)).query).hits]

    assert found("Sorgerecht häusliche Gewalt")[0] == "both"
    assert {*found("Sorgerecht häusliche Gewalt")} == {"both", "custody", "measure"}
    assert {*found("häusliche Gewalt")} == {"both", "violence"}  # alone, it must be named
    assert {*found("Sorgerecht Mediation")} == set()
