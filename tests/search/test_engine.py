"""Search results, counts, order and highlights, compared with a plain scan of the same paragraphs."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.irregular_words import measure_recall
from samsvar.search.engine import Engine, counting, documents
from samsvar.search.engine.analysis import analysers, build_word_pattern
from samsvar.search.engine.compiling import compile_query
from samsvar.search.engine.marking import Marking, split_at_marks
from samsvar.search.errors import IndexDamaged, TooManyPrefixMatches
from samsvar.search.expansion import expand_query
from samsvar.search.items import FACETS, IndexGroup, SearchItem, Translation
from samsvar.search.query import (
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    Not,
    Phrase,
    Prefix,
    Query,
    QueryTree,
    SearchOrder,
    TextColumn,
    Word,
    parse_query_text,
    positive_terms,
)
from samsvar.search.similar import choose_similar
from samsvar.spans import Span
from samsvar.thesaurus.concepts import concepts, with_narrower
from samsvar.thesaurus.tagging import tag_text

# Words of the test paragraphs, the forms of one English word per row: the scan below knows what stems and base forms
# must join, and that "discriminate" and "discretion" share a beginning but no stem.
STEMS = [
    ["shelter", "shelters", "sheltered", "sheltering"],
    ["discriminate", "discriminates", "discriminated", "discrimination"],
    ["discretion"],
    ["protect", "protected", "protecting", "protection"],
    ["order", "orders", "ordered"],
    ["refugee", "refugees"],
    ["child", "children"],
    ["woman", "women"],
    ["Été"],
    ["Oslo"],
]
STEM_OF = {word.lower(): number for number, row in enumerate(STEMS) for word in row}
WORDS = [word for row in STEMS for word in row]
SIGNS = [" ", " ", " ", ", ", " – ", "-", ". "]  # none of them breaks a phrase
STATES = ["XA", "XB", "XC"]


def make_paragraphs(many: int = 2_000) -> list[SearchItem]:
    """Return short paragraphs from a fixed seed, in three fictional states."""
    draw = random.Random(7)
    made = []
    for number in range(many):
        words = draw.choices(WORDS, k=draw.randint(1, 9))
        text = "".join(word + draw.choice(SIGNS) for word in words)
        made.append(
            SearchItem(
                id=f"passage/{number}",
                group=f"report/{number // 100}",
                kind="passage" if number % 3 else "finding",
                text=text,
                language="en",
                heading=draw.choice(["Shelters (Article 23)", "Women and protection orders (Articles 52 and 53)"]),
                title="Report on children",
                state=draw.choice(STATES),
                articles=tuple(draw.sample(["7", "23", "52", "53"], k=draw.randint(0, 3))),
                strength=draw.choice(["", "urges", "encourages"]),
                body="grevio",
                year=draw.randint(2016, 2020),
                fictional=True,
                ordinal=number % 100,
            )
        )
    return made


PARAGRAPHS = make_paragraphs()


def groups_of(findables: list[SearchItem], fingerprint: str = "1") -> list[IndexGroup]:
    names = dict.fromkeys(findable.group for findable in findables)
    return [IndexGroup(name, fingerprint, [one for one in findables if one.group == name]) for name in names]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine.create(tmp_path_factory.mktemp("index") / "all")
    engine.write(position=1, groups=groups_of(PARAGRAPHS))
    return engine


# --- The plain scan, which does not use the engine --------------------------------------------------------------------


@lru_cache(maxsize=10_000)
def folded_words(text: str) -> list[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return re.findall(r"[a-z0-9]+", plain)


def contains_sequence(sought: list[str], words: list[str]) -> bool:
    def same(pattern: str, word: str) -> bool:
        return word.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == word

    starts = range(len(words) - len(sought) + 1)
    return any(all(map(same, sought, words[start:])) for start in starts)


@lru_cache(maxsize=10_000)
def concepts_in(text: str) -> set[str]:
    named = {mention.key for mention in tag_text(text, "en", with_parts=True)}
    return {key for key in concepts() if not named.isdisjoint(with_narrower(key))}


def matches(tree: QueryTree, one: SearchItem) -> bool:
    match tree:
        case Word(text):
            stems = [STEM_OF.get(word, word) for word in folded_words(one.text)]
            return all(STEM_OF.get(word, word) in stems for word in folded_words(text))
        case Prefix(text):
            return contains_sequence([f"{text.lower()}*"], folded_words(one.text))
        case Phrase(text):
            return contains_sequence([w + "*" * text.endswith("*") for w in folded_words(text)], folded_words(one.text))
        case LabelTerm(LabelName.CONCEPT, key):
            return key in concepts_in(one.text) | concepts_in(one.heading)
        case LabelTerm(name, value):
            return value in one.labels[name]
        case Not(part):
            return not matches(part, one)
        case AllOf(parts):
            return all(matches(part, one) for part in parts)
        case AnyOf(parts):
            return any(matches(part, one) for part in parts)
        case _:
            return True


plain_words = st.sampled_from(WORDS)
leaves = st.one_of(
    plain_words.map(Word),
    st.sampled_from(["dis", "discr", "discriminat", "protecti", "child", "w", "refugees", "zz"]).map(Prefix),
    st.lists(plain_words, min_size=1, max_size=3).map(" ".join).map(Phrase),
    st.sampled_from(STATES).map(lambda code: LabelTerm(LabelName.STATE, code)),
    st.sampled_from(["7", "23", "52"]).map(lambda number: LabelTerm(LabelName.ARTICLE, number)),
    st.sampled_from(["shelters", "specialist-support-services", "protection-orders"]).map(
        lambda key: LabelTerm(LabelName.CONCEPT, key)
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(AllOf),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(AnyOf),
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(trees)
def test_results_and_facets_are_counted_as_in_a_plain_scan(engine, tree):
    found = [one for one in PARAGRAPHS if matches(tree, one)]
    results = engine.search(Query("", tree), limit=5)
    assert results.count == len(found)
    assert {hit.item.id for hit in results.hits} <= {one.id for one in found}
    for facet in FACETS:
        assert results.facets[facet] == dict(Counter(value for one in found for value in one.labels[facet])), facet


@pytest.mark.parametrize(
    ("asked", "filters", "passes"),
    [
        ('"protection orders"', {}, 0),
        ("child refugees Oslo", {}, 0),
        ("shelter", {}, 1),
        ("shelter", {LabelName.STATE: ("XA",), LabelName.YEAR: ("2018",)}, 2),  # one for each facet that is filtered
    ],
)
def test_the_results_of_several_words_are_not_found_again_to_be_counted(engine, asked, filters, passes):
    with patch.object(counting, "_count_values", side_effect=counting._count_values) as counted:
        results = engine.search(parse_query_text(asked), filters)
    assert counted.call_count == passes
    assert results.count == sum(
        matches(parse_query_text(asked).tree, one)
        and all(set(values) & set(one.labels[name]) for name, values in filters.items())
        for one in PARAGRAPHS
    )


@settings(max_examples=60)
@given(trees)
def test_an_expanded_query_is_counted_and_drawn_by_year_as_in_a_plain_scan(engine, tree):
    query = expand_query(Query("", tree)).query
    found = [one for one in PARAGRAPHS if matches(query.tree, one)]
    results = engine.search(query, limit=1)
    assert results.count == len(found)
    by_year = {}
    for one in found:
        if one.strength:
            by_year.setdefault(str(one.year), Counter())[one.strength] += 1
    assert results.count_by_year(LabelName.STRENGTH) == by_year


def test_items_are_read_from_chosen_groups_only(engine):
    query, groups = parse_query_text("shelters"), ["report/3", "report/12"]
    everywhere = [item.id for item in engine.iter_items(query, limit=2_000) if item.group in groups]
    assert everywhere
    assert [item.id for item in engine.iter_items(query, limit=2_000, groups=groups)] == everywhere
    assert [*engine.iter_items(query, limit=2_000, groups=[])] == []


def test_no_page_begins_after_the_last_one_that_can_be_shown(engine, monkeypatch):
    monkeypatch.setattr("samsvar.search.engine.MAX_OFFSET", 10)
    query = parse_query_text("shelters")
    assert engine.search(query, offset=500, limit=3).hits == engine.search(query, offset=10, limit=3).hits


@pytest.mark.parametrize("asked", ["shelter", "women OR children", "state:XA", ""])
def test_results_are_sorted_by_day_or_country_and_downloads_have_the_same_order(engine, asked):
    query = parse_query_text(asked)
    for order, key in {
        SearchOrder.NEWEST: lambda one: -one.year,
        SearchOrder.OLDEST: lambda one: one.year,
        SearchOrder.COUNTRY: lambda one: (one.state != "XA", one.state != "XC", -one.year),  # Nordmark, Ostria, Sudmar
    }.items():
        items = [*engine.iter_items(query, limit=len(PARAGRAPHS), order=order, language="en")]
        assert [key(one) for one in items] == sorted(map(key, items))
        assert {one.id for one in items} == {one.id for one in PARAGRAPHS if matches(query.tree, one)}
        pages = [
            hit.item.id
            for at in (0, 20, 40)
            for hit in engine.search(query, offset=at, order=order, language="en").hits
        ]
        assert pages == [one.id for one in items[:60]]
    by_score = [one.id for one in engine.iter_items(query, limit=30)]
    assert by_score == [hit.item.id for hit in engine.search(query, limit=30).hits]


def test_days_and_months_are_sorted_and_an_unknown_day_comes_last(tmp_path):
    engine = Engine.create(tmp_path / "days")
    days = ["2020-03-02", "2020-11-25", "2020-11", "2021", "", "1999-12-31"]
    items = [SearchItem(f"document/{day}", f"document/{day}", "document", "Report", published=day) for day in days]
    engine.write(position=1, groups=[IndexGroup(item.group, "1", [item]) for item in items])

    def sort_by(order: SearchOrder) -> list[str]:
        found = engine.iter_items(parse_query_text("report"), limit=9, order=order)
        return [one.published for one in found]

    newest = ["2021", "2020-11-25", "2020-11", "2020-03-02", "1999-12-31", ""]
    assert sort_by(SearchOrder.NEWEST) == newest
    assert sort_by(SearchOrder.OLDEST) == [*reversed(newest[:-1]), ""]


@pytest.mark.parametrize(
    ("typed", "similar"),
    [
        ("sheltres", "shelters"),
        ("discrimnation", "discrimination"),
        ("hcildren", "children"),
        ("shelters", ""),
        ("xq", ""),
    ],
)
def test_a_misspelt_word_is_similar_to_one_of_the_texts(engine, typed, similar):
    found = engine.similar_words(typed)
    assert (similar in found) if similar else typed not in found
    assert engine.has_word(typed) == (typed == "shelters")


def test_a_short_word_is_not_the_beginning_of_others_in_a_database():
    pattern = build_word_pattern("law", ("en",))
    assert [bool(re.search(pattern, text)) for text in ("the law", "a lawyer")] == [True, False]
    assert re.search(build_word_pattern("training", ("en",)), "they trained judges")


def test_a_number_is_no_other_spelling_of_a_word():
    assert choose_similar("shelter", {"shelte2": 9, "shelters": 1}, limit=3) == ("shelters",)


def test_a_lettered_point_is_found_by_the_number_of_its_paragraph(tmp_path):
    points = ("57", "57.a", "57.b", "570")
    items = [SearchItem(f"passage/{number}", "g", "passage", "Text.", "en", paragraph=number) for number in points]
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=groups_of(items))

    def found(asked: str) -> set[str]:
        return {hit.item.paragraph for hit in engine.search(parse_query_text(asked)).hits}

    assert found("§ 57") == found("paragraph:57") == {"57", "57.a", "57.b"}
    assert found("paragraph:57.b") == {"57.b"}


@settings(max_examples=60)
@given(
    trees,
    st.dictionaries(
        st.sampled_from([LabelName.STATE, LabelName.YEAR, LabelName.ARTICLE]),
        st.lists(st.sampled_from(["XA", "XB", "2017", "2018", "23", "52"]), min_size=1, max_size=3).map(tuple),
    ),
)
def test_a_facet_counts_the_results_of_choosing_it(engine, tree, narrowed):
    def under(narrowed: dict[LabelName, tuple[str, ...]]) -> list[SearchItem]:
        return [
            one
            for one in PARAGRAPHS
            if matches(tree, one) and all(set(values) & set(one.labels[name]) for name, values in narrowed.items())
        ]

    results = engine.search(Query("", tree), narrowed, limit=1)
    assert results.count == len(under(narrowed))
    for facet in FACETS:
        others = {name: values for name, values in narrowed.items() if name is not facet}
        assert results.facets[facet] == dict(Counter(v for one in under(others) for v in one.labels[facet])), facet


def test_a_missing_label_is_neither_counted_nor_found(engine):
    results = engine.search(parse_query_text(""))
    assert not any("" in counts for counts in results.facets.values())
    assert sum(results.facets[LabelName.STRENGTH].values()) < results.count
    for facet in FACETS:
        assert engine.search(parse_query_text(""), {facet: ("",)}).count == 0
        assert engine.search(Query("", LabelTerm(facet, ""))).count == 0


@settings(max_examples=60)
@given(trees)
def test_every_page_of_results_continues_the_one_before_without_repeats(engine, tree):
    whole = [hit.item.id for hit in engine.search(Query("", tree), limit=60).hits]
    paged = [
        hit.item.id for page in range(6) for hit in engine.search(Query("", tree), offset=page * 10, limit=10).hits
    ]
    assert paged == whole
    assert len(set(whole)) == len(whole)


@settings(max_examples=100)
@given(trees, st.integers(0, 150), st.integers(1, 40))
def test_results_are_in_the_order_of_a_plain_sort(engine, tree, offset, limit):
    """Equal scores, which hundreds of these short paragraphs have, are in the order of kind, year, report and place."""
    searcher = engine._index.searcher()
    query = compile_query(tree, searcher)
    addresses = searcher.search(query, len(PARAGRAPHS), weight_by_field="weight").hits
    by_place = {documents._sort_key(one): one.id for one in PARAGRAPHS}
    places = searcher.fast_field_values("place", [at for _, at in addresses])
    scored = any(
        isinstance(leaf, Word | Phrase) or (isinstance(leaf, LabelTerm) and leaf.name is LabelName.CONCEPT)
        for leaf in positive_terms(tree)
    )
    order = sorted(zip((-score if scored else 0 for score, _ in addresses), places, strict=True))
    hits = engine.search(Query("", tree), offset=offset, limit=limit).hits
    assert [hit.item.id for hit in hits] == [by_place[place] for _, place in order[offset : offset + limit]]


def find_marks_with_analysers(text: str, language: str, terms: list[Word | Phrase]) -> set[int]:
    """Return the places of the marked characters, all found by analysing the whole text, as the index does."""
    written, stemmed = pre_tokenize(text, "written"), pre_tokenize(text, language)
    marked: set[int] = set()
    for term in terms:
        forms = [(written, [word for word, _, _ in pre_tokenize(term.text, "written")])]
        if isinstance(term, Word):
            forms.append((stemmed, [word for word, _, _ in pre_tokenize(term.text, language)]))
        for tokens, sought in forms:
            for start in range(len(tokens) - len(sought) + 1) if sought else ():
                if [word for word, _, _ in tokens[start : start + len(sought)]] == sought:
                    marked.update(range(tokens[start][1], tokens[start + len(sought) - 1][2]))
    return marked


def pre_tokenize(text: str, analyser: str) -> list[tuple[str, int, int]]:
    tokens = analysers()[analyser].pre_tokenize(text.replace("İ", "I")).tokens
    return [(token.text, token.char_offset_from, token.char_offset_to) for token in tokens]


marked_words = st.sampled_from(
    "shelters SHELTERED Straße réfugiées œuvre ½ ⅳ ﬁne ǅ İstanbul ΟΔΟΣ हिन्दी a_b x² Ⓐb".split()
)


@given(
    st.lists(st.one_of(marked_words, st.text(max_size=5), st.sampled_from([" ", "’", "-"])), max_size=12).map("".join),
    st.lists(st.one_of(marked_words.map(Word), marked_words.map(Phrase)), min_size=1, max_size=2),
    st.sampled_from(["en", "fr"]),
)
def test_marks_are_those_of_analysing_the_whole_text(text, terms, language):
    tree = AnyOf((*terms, Word("zz")))
    marks = Marking(tree).find_marks(text, TextColumn.TEXT, language, ())
    assert {place for mark in marks for place in range(mark.start, mark.end)} == find_marks_with_analysers(
        text, language, terms
    )
    assert all(one.end <= other.start for one, other in pairwise(marks))


def test_the_order_of_results_does_not_depend_on_the_order_of_writing(engine, tmp_path):
    other = Engine.create(tmp_path / "reversed")
    for position, group in enumerate(reversed(groups_of(PARAGRAPHS[:1_000]))):
        other.write(position=position, groups=[group])
    same = Engine.create(tmp_path / "same")
    for position, group in enumerate(groups_of(PARAGRAPHS[:1_000])):  # as many commits: scores count deleted markers
        same.write(position=position, groups=[group])
    for asked in ("shelter", "women OR children", "disc*", "", "state:XA"):
        assert [hit.item.id for hit in other.search(parse_query_text(asked), limit=50).hits] == [
            hit.item.id for hit in same.search(parse_query_text(asked), limit=50).hits
        ], asked


def test_a_heading_or_a_title_never_counts_as_a_paragraph(engine):
    with_orders = sum(" ".join(folded_words(one.text)).find("protection orders") >= 0 for one in PARAGRAPHS)
    assert engine.search(parse_query_text('"protection orders"')).count == with_orders
    assert engine.search(parse_query_text('heading:"protection orders"')).count == sum(
        "protection orders" in one.heading for one in PARAGRAPHS
    )
    assert engine.search(parse_query_text("title:children")).count == len(PARAGRAPHS)


def order_by_relevance(folder, question: str, *items: SearchItem) -> list[str]:
    """Return the ids of the items in the order in which an expanded query finds them."""
    engine = Engine.create(folder)
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    query = expand_query(parse_query_text(question)).query
    return [hit.item.id for hit in engine.search(query).hits]


SHELTERS = "D. Shelters (Article 23)"


def test_a_text_about_a_subject_ranks_above_one_that_mentions_it(tmp_path):
    """What is in the section on shelters comes first, named or not, then headings, then what mentions them."""
    items = [
        SearchItem("in passing", "g", "passage", "Violence is discussed with the shelter.", "en", "A. Training"),
        SearchItem("heading", "g", "section", SHELTERS, "en", SHELTERS, articles=("23",)),
        SearchItem("not named", "g", "passage", "There are 780 places for victims of violence.", "en", SHELTERS),
        SearchItem("named", "g", "passage", "Violence: shelters have 780 places for victims.", "en", SHELTERS),
    ]
    expected = ["named", "not named", "heading", "in passing"]
    assert order_by_relevance(tmp_path / "index", "krisesenter", *items) == expected


def test_a_section_on_two_subjects_is_about_the_one_that_a_paragraph_names(tmp_path):
    heading = "D. Shelters (Article 23) and helplines (Article 24)"
    items = [
        SearchItem("helpline", "g", "passage", "The helpline is open at night.", "en", heading, articles=("24",)),
        SearchItem("shelter", "g", "passage", "The shelter is open at night.", "en", heading, articles=("23",)),
        SearchItem("heading", "g", "section", SHELTERS, "en", SHELTERS, articles=("23",)),
    ]
    assert order_by_relevance(tmp_path / "index", "krisesenter", *items) == ["shelter", "heading", "helpline"]


def test_a_concept_ranks_above_its_narrower_ones_and_violence_above_other_subjects(tmp_path):
    items = [
        SearchItem("narrower", "g", "finding", "Prosecute early marriage.", "en", articles=("37",)),
        SearchItem("itself", "g", "finding", "Prosecute forced marriage.", "en", articles=("37",)),
    ]
    assert order_by_relevance(tmp_path / "marriage", "tvangsekteskap", *items) == ["itself", "narrower"]
    items = [
        SearchItem("elsewhere", "g", "finding", "Pay compensation to workers.", "en", body="upr"),
        SearchItem(
            "of violence", "g", "finding", "Pay compensation to victims of domestic violence.", "en", body="upr"
        ),
        SearchItem("article", "g", "finding", "Pay compensation to them all.", "en", body="cedaw", articles=("30",)),
    ]
    assert order_by_relevance(tmp_path / "compensation", "erstatning", *items)[-1] == "elsewhere"


def test_a_conclusion_ranks_above_a_shorter_heading(tmp_path):
    engine = Engine.create(tmp_path / "kinds")
    engine.write(
        position=1,
        groups=[
            IndexGroup(
                "g",
                "1",
                [
                    SearchItem("section/1", "g", "section", "Shelters (Article 23)", "en"),
                    SearchItem("passage/1", "g", "passage", "Shelters are few " + "and far " * 20, "en"),
                    SearchItem("finding/1", "g", "finding", "GREVIO urges to open shelters " + "and more " * 20, "en"),
                ],
            )
        ],
    )
    assert engine.search(parse_query_text("shelters")).hits[0].item.id == "finding/1"


def test_search_terms_are_highlighted_but_not_excluded_ones(tmp_path):
    engine = Engine.create(tmp_path / "one")
    text = "L’Été, GREVIO urges İstanbul to shelter women; sheltered women have protection orders."
    engine.write(
        position=1,
        groups=[
            IndexGroup(
                "report/1", "1", [SearchItem("finding/1", "report/1", "finding", text, "en", heading="Women (23)")]
            )
        ],
    )

    def marked(asked: str) -> list[str]:
        return [
            mark.extract(hit.item.text) for hit in engine.search(parse_query_text(asked)).hits for mark in hit.marks
        ]

    assert marked("sheltering") == ["shelter", "sheltered"]
    assert marked('"shelter women"') == ["shelter women"]
    assert marked('"protection ord*"') == ["protection orders"]
    assert marked("ete istanbul") == ["Été", "İstanbul"]
    assert marked("urges NOT children") == ["urges"]
    assert marked("heading:women") == []
    (hit,) = engine.search(parse_query_text("heading:women")).hits
    assert hit.heading_marks == (Span(0, 5),)


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("fr", "Le GREVIO exhorte les autorités à créer des refuges", "refuge autorité"),
        ("fr", "Les réfugiées et l’hébergement d’urgence", "hébergements réfugié hebergement"),
        ("nb", "Myndighetene må opprette krisesentre og sikre ofrene", "krisesentrene myndighet"),
        ("ro", "Autoritățile trebuie să înființeze adăposturi", "autorități adăposturile"),
        ("de", "Die Behörden", "behorden"),  # we have no stemmer for it: matched as written, without accents
    ],
)
def test_a_word_is_found_in_its_inflected_forms_in_its_own_language(tmp_path, language, text, asked):
    engine = Engine.create(tmp_path / "one")
    engine.write(position=1, groups=[IndexGroup("g", "1", [SearchItem("passage/1", "g", "passage", text, language)])])
    results = engine.search(parse_query_text(asked))
    assert results.count == 1
    assert len(results.hits[0].marks) == 2 - (language == "de")


def test_a_text_in_the_language_that_is_asked_for_is_shown(tmp_path):
    meeting = SearchItem(
        "meeting/1", "g", "meeting", "Shelters", "en", title="Shelters",
        translations=(Translation("fr", "Refuges", "Des refuges"), Translation("nb", "Krisesentre", "Krisesentre")),
    )  # fmt: skip
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=groups_of([meeting]))

    def shown(asked: str, *languages: str) -> list[str]:
        query = expand_query(parse_query_text(asked)).query
        return [hit.item.title for hit in engine.search(query, {LabelName.LANGUAGE: languages}).hits]

    assert shown("shelters") == ["Shelters"]
    assert shown("shelters lang:fr") == shown("shelters", "fr") == ["Refuges"]
    assert shown("lang:nb") == shown("", "nb", "sv") == ["Krisesentre"]
    assert shown("shelters", "de") == []


ACCENTS = {"a": "aàâăåä", "e": "eéèêë", "i": "iîï", "o": "oôøö", "s": "sșş", "t": "tțţ", "u": "uùûü", "c": "cç"}
ROOTS = "deja donnees acces publie ogsa participanti situatia foresla adaposturi ete stress".split()
spellings = st.sampled_from(ROOTS).flatmap(
    lambda root: st.tuples(*(st.sampled_from(ACCENTS.get(letter, letter)) for letter in root)).map("".join)
)


@pytest.fixture(scope="module")
def spelt(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An index of words with and without accents, each in texts of languages with and without a stemmer."""
    draw = random.Random(14)
    words = [
        "".join(draw.choice(ACCENTS.get(letter, letter)) if draw.random() < 0.3 else letter for letter in root)
        for root in ROOTS
        for _ in range(8)
    ]
    items = [
        SearchItem(f"passage/{word} {number} {language}", "g", "passage", f"{word} here", language, ordinal=number)
        for number, word in enumerate(words)
        for language in ("en", "fr", "nb", "ro", "sv", "")
    ]
    engine = Engine.create(tmp_path_factory.mktemp("spelt") / "index")
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    return engine


@settings(max_examples=60)
@given(spellings)
def test_a_word_is_counted_however_its_accents_are_written(spelt, word):
    """Counting and sorting read only the stems and what they lack, searching also the words as written."""

    def find(tree: QueryTree, order: SearchOrder = SearchOrder.RELEVANCE) -> set[str]:
        found = {hit.item.id for hit in spelt.search(Query("", tree), limit=1_000, order=order).hits}
        assert spelt.search(Query("", tree), limit=1).count == len(found)  # too many to be counted singly
        return found

    found = find(Word(word))
    assert len(found) >= 48
    assert find(Phrase(word)) <= found
    assert find(AllOf((Word("here"), Word(word)))) == find(Word(word), SearchOrder.NEWEST) == found
    assert find(Word(f"{word}-here")) >= find(Phrase(f"{word} here"))
    assert not spelt.has_word(f"here-{word}")


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", "Two women and their children were given shelter", "woman child be give"),
        ("en", "A woman and her child are safe", "women children were"),
        ("en", "It changes their lives; the wife left", "life wives leave"),
        ("fr", "Les tribunaux peuvent entendre la victime, qui voit de ses yeux", "tribunal pouvoir œil voir"),
        ("nb", "Kvinnene gikk til krisesentre med barna; menn dro", "kvinne gå krisesenter barn mann dra"),
        ("ro", "Oamenii și copiii au fost protejați de legi", "om copil fi lege avea"),
    ],
)
def test_an_irregular_word_is_found_and_highlighted_by_any_of_its_forms(tmp_path, language, text, asked):
    engine = Engine.create(tmp_path / "one")
    item = SearchItem("passage/1", "g", "passage", text, language, heading=text)
    engine.write(position=1, groups=[IndexGroup("g", "1", [item])])
    for word in asked.split():
        (hit,) = engine.search(parse_query_text(word)).hits
        assert hit.marks, word
        (hit,) = engine.search(parse_query_text(f"heading:{word}")).hits
        assert hit.heading_marks, word
    assert engine.search(parse_query_text('"women children"')).count == 0
    assert not engine.search(parse_query_text(f"NOT {asked.split()[0]}")).hits


def test_the_form_that_was_typed_comes_first_and_phrases_and_prefixes_ignore_base_forms(tmp_path):
    engine = Engine.create(tmp_path / "one")
    texts = ["the woman and the child", "the women and the children", "the man left", "to leave the man"]
    items = [SearchItem(f"passage/{text}", "g", "passage", text, "en") for text in texts]
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])

    def found(asked: str) -> list[str]:
        return [hit.item.text for hit in engine.search(parse_query_text(asked)).hits]

    assert found("woman") == texts[:2]
    assert found("women") == [texts[1], texts[0]]
    assert found("leave") == [texts[3], texts[2]]
    assert found("the woman") == texts[:2]  # so does one of several words
    assert found("the women") == [texts[1], texts[0]]
    assert found('"the woman"') == [texts[0]]
    assert found("childr*") == [texts[1]]
    assert found("women NOT child") == []


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_nearly_all_irregular_forms_of_our_list_are_found(tmp_path, language):
    many, by_base, by_form, first = measure_recall(language, tmp_path / "index")
    assert many >= 200
    assert max(len(by_base), len(by_form)) <= 0.01 * many, (by_base, by_form)
    assert first >= 95


@given(st.text(max_size=80))
def test_no_query_makes_the_engine_fail(engine, text):
    assert engine.search(parse_query_text(text), limit=3).count >= 0


def test_a_prefix_matches_letters_of_any_alphabet_and_length(tmp_path):
    engine = Engine.create(tmp_path / "one")
    long = "a" * 300
    items = [
        SearchItem(f"passage/{n}", "g", "passage", text) for n, text in enumerate(["приют", "приюты", "при", long])
    ]
    engine.write(position=1, groups=[IndexGroup("g", "1", items)])
    counts = {
        asked: engine.search(parse_query_text(asked)).count for asked in ("при*", "прию*", "приютов*", long + "*")
    }
    assert counts == {"при*": 3, "прию*": 2, "приютов*": 0, long + "*": 1}
    assert engine.search(parse_query_text("a" * 250 + "*")).count == 1
    assert engine.search(parse_query_text("a" * 301 + "*")).count == 0


def test_a_prefix_of_too_many_words_is_an_error_in_a_phrase(tmp_path):
    engine = Engine.create(tmp_path / "many")
    many = [SearchItem(f"passage/{n}", "g", "passage", f"x a{n}") for n in range(20_000)]
    engine.write(position=1, groups=[IndexGroup("g", "1", many)])
    assert engine.search(parse_query_text("a*")).count == 20_000
    with pytest.raises(TooManyPrefixMatches):
        engine.search(parse_query_text('"x a*"'))


def test_writing_a_group_again_replaces_the_old_one(tmp_path):
    engine = Engine.create(tmp_path / "index")
    assert (engine.get_change_number(), engine.fingerprints()) == (None, {})
    one, two = (SearchItem(f"passage/{n}", f"g{n}", "passage", "shelter") for n in (1, 2))
    engine.write(position=4, groups=[IndexGroup("g1", "a", [one]), IndexGroup("g2", "b", [two])])
    engine.write(position=7, groups=[IndexGroup("g1", "c", [])], removed=["g2"])
    assert (engine.get_change_number(), engine.fingerprints()) == (7, {"g1": "c"})
    assert engine.search(parse_query_text("")).count == 0


def test_a_failed_write_leaves_the_index_unchanged(tmp_path):
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=[IndexGroup("g", "1", [SearchItem("passage/1", "g", "passage", "shelter")])])

    def breaks():
        yield SearchItem("passage/2", "g", "passage", "shelter")
        raise LookupError("the database went away")

    with pytest.raises(LookupError):
        engine.write(position=2, groups=[IndexGroup("g", "2", breaks())])
    again = Engine.open(engine.folder)
    assert (again.get_change_number(), again.fingerprints()) == (1, {"g": "1"})
    assert [hit.item.id for hit in again.search(parse_query_text("shelter")).hits] == ["passage/1"]
    again.write(position=3)
    assert again.search(parse_query_text("shelter")).count == 1


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("suffix", ["meta.json", ".store", ".term", ".idx", ".fast"])
def test_a_damaged_index_is_an_error_when_it_is_opened_or_searched(tmp_path, suffix):
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=groups_of(PARAGRAPHS[:200]))
    for file in engine.folder.iterdir():
        if file.name.endswith(suffix):
            _truncate(file)
    with pytest.raises(IndexDamaged):
        Engine.open(engine.folder).search(parse_query_text("shelter"))


def test_a_missing_index_counts_as_damaged(tmp_path):
    with pytest.raises(IndexDamaged):
        Engine.open(tmp_path / "nothing")


texts = st.text(st.sampled_from("ab é"), max_size=60)


@given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6)), max_size=5), st.sampled_from([0, 20]))
def test_the_pieces_of_a_text_add_up_to_the_text(text, drawn, longest):
    marks: list[Span] = []
    for start, length in sorted(drawn):
        if start + length <= len(text) and (not marks or marks[-1].end <= start):
            marks.append(Span(start, start + length))
    shown = split_at_marks(text, tuple(marks), longest)
    joined = "".join(piece for piece, _ in shown)
    if longest == 0:
        assert joined == text
        assert [piece for piece, marked in shown if marked] == [mark.extract(text) for mark in marks]
    else:
        assert joined.strip("…") in text
        assert len(joined) <= longest + 2


def test_a_long_text_is_cut_around_its_first_mark_and_later_marks_are_left_out():
    text = "There are many words before a shelter and many more words before another shelter in this text."
    marks = tuple(Span(found.start(), found.end()) for found in re.finditer("shelter", text))
    shown = split_at_marks(text, marks, 40)
    assert [piece for piece, marked in shown if marked] == ["shelter"]
    assert "".join(piece for piece, _ in shown) == "…before a shelter and many more…"
