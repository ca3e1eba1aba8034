"""What is found, counted, ordered and marked: compared with a plain scan of the same paragraphs."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.search.engine import (
    FACETS,
    Engine,
    Findable,
    Group,
    IndexDamaged,
    TooManyWords,
    pieces,
)
from samsvar.search.query import All, Any, Beginning, Label, LabelName, Not, Phrase, Query, Tree, Word, parse
from samsvar.spans import Span

# Words of our own paragraphs, in rows of one English stem each: the scan below knows what the stemmer must join, and
# that "discriminate" and "discretion" share a beginning but no stem.
STEMS = [
    ["shelter", "shelters", "sheltered", "sheltering"],
    ["discriminate", "discriminates", "discriminated", "discrimination"],
    ["discretion"],
    ["protect", "protected", "protecting", "protection"],
    ["order", "orders", "ordered"],
    ["refugee", "refugees"],
    ["child"],
    ["children"],
    ["woman"],
    ["women"],
    ["Été"],
    ["Oslo"],
]
STEM_OF = {word.lower(): number for number, row in enumerate(STEMS) for word in row}
WORDS = [word for row in STEMS for word in row]
SIGNS = [" ", " ", " ", ", ", " – ", "-", ". "]  # none of them parts a phrase
STATES = ["XA", "XB", "XC"]


def paragraphs(many: int = 2_000) -> list[Findable]:
    """Short paragraphs by a fixed seed, in three invented states."""
    draw = random.Random(7)
    made = []
    for number in range(many):
        words = draw.choices(WORDS, k=draw.randint(1, 9))
        text = "".join(word + draw.choice(SIGNS) for word in words)
        made.append(
            Findable(
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
                invented=True,
                ordinal=number % 100,
            )
        )
    return made


PARAGRAPHS = paragraphs()


def groups_of(findables: list[Findable], fingerprint: str = "1") -> list[Group]:
    names = dict.fromkeys(findable.group for findable in findables)
    return [Group(name, fingerprint, [one for one in findables if one.group == name]) for name in names]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine.create(tmp_path_factory.mktemp("index") / "all")
    engine.write(position=1, groups=groups_of(PARAGRAPHS))
    return engine


# --- The plain scan, which knows nothing of the engine ---


@lru_cache(maxsize=10_000)
def folded(text: str) -> list[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return re.findall(r"[a-z0-9]+", plain)


def row_in(sought: list[str], words: list[str]) -> bool:
    def same(pattern: str, word: str) -> bool:
        return word.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == word

    starts = range(len(words) - len(sought) + 1)
    return any(all(map(same, sought, words[start:])) for start in starts)


def holds(tree: Tree, one: Findable) -> bool:
    match tree:
        case Word(text):
            stems = [STEM_OF.get(word, word) for word in folded(one.text)]
            return all(STEM_OF.get(word, word) in stems for word in folded(text))
        case Beginning(text):
            return row_in([f"{text.lower()}*"], folded(one.text))
        case Phrase(text):
            return row_in([w + "*" * text.endswith("*") for w in folded(text)], folded(one.text))
        case Label(name, value):
            return value in one.labels[name]
        case Not(part):
            return not holds(part, one)
        case All(parts):
            return all(holds(part, one) for part in parts)
        case Any(parts):
            return any(holds(part, one) for part in parts)
        case _:
            return True


plain_words = st.sampled_from(WORDS)
leaves = st.one_of(
    plain_words.map(Word),
    st.sampled_from(["dis", "discr", "discriminat", "protecti", "child", "w", "refugees", "zz"]).map(Beginning),
    st.lists(plain_words, min_size=1, max_size=3).map(" ".join).map(Phrase),
    st.sampled_from(STATES).map(lambda code: Label(LabelName.STATE, code)),
    st.sampled_from(["7", "23", "52"]).map(lambda number: Label(LabelName.ARTICLE, number)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Any),
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(trees)
def test_what_is_counted_is_what_a_plain_scan_counts(engine, tree):
    found = [one for one in PARAGRAPHS if holds(tree, one)]
    results = engine.search(Query("", tree), many=5)
    assert results.count == len(found)
    assert {hit.found.id for hit in results.hits} <= {one.id for one in found}
    for facet in FACETS:
        assert results.facets[facet] == dict(Counter(value for one in found for value in one.labels[facet])), facet


@settings(max_examples=60)
@given(
    trees,
    st.dictionaries(
        st.sampled_from([LabelName.STATE, LabelName.YEAR, LabelName.ARTICLE]),
        st.lists(st.sampled_from(["XA", "XB", "2017", "2018", "23", "52"]), min_size=1, max_size=3).map(tuple),
    ),
)
def test_a_facet_counts_what_one_would_find_by_choosing_it(engine, tree, narrowed):
    def under(narrowed: dict[LabelName, tuple[str, ...]]) -> list[Findable]:
        return [
            one
            for one in PARAGRAPHS
            if holds(tree, one) and all(set(values) & set(one.labels[name]) for name, values in narrowed.items())
        ]

    results = engine.search(Query("", tree), narrowed, many=1)
    assert results.count == len(under(narrowed))
    for facet in FACETS:
        others = {name: values for name, values in narrowed.items() if name is not facet}
        assert results.facets[facet] == dict(Counter(v for one in under(others) for v in one.labels[facet])), facet


@settings(max_examples=60)
@given(trees)
def test_every_page_continues_the_one_before_and_repeats_nothing(engine, tree):
    whole = [hit.found.id for hit in engine.search(Query("", tree), many=60).hits]
    paged = [hit.found.id for page in range(6) for hit in engine.search(Query("", tree), first=page * 10, many=10).hits]
    assert paged == whole
    assert len(set(whole)) == len(whole)


def test_the_order_does_not_depend_on_the_order_of_writing(engine, tmp_path):
    other = Engine.create(tmp_path / "reversed")
    for position, group in enumerate(reversed(groups_of(PARAGRAPHS[:1_000]))):
        other.write(position=position, groups=[group])
    same = Engine.create(tmp_path / "same")
    same.write(position=1, groups=groups_of(PARAGRAPHS[:1_000]))
    for asked in ("shelter", "women OR children", "disc*", "", "state:XA"):
        assert [hit.found.id for hit in other.search(parse(asked), many=50).hits] == [
            hit.found.id for hit in same.search(parse(asked), many=50).hits
        ], asked


def test_a_heading_or_a_title_never_counts_as_a_paragraph(engine):
    with_orders = sum(" ".join(folded(one.text)).find("protection orders") >= 0 for one in PARAGRAPHS)
    assert engine.search(parse('"protection orders"')).count == with_orders
    assert engine.search(parse('heading:"protection orders"')).count == sum(
        "protection orders" in one.heading for one in PARAGRAPHS
    )
    assert engine.search(parse("title:children")).count == len(PARAGRAPHS)


def test_a_conclusion_stands_before_a_heading_that_is_shorter(tmp_path):
    engine = Engine.create(tmp_path / "kinds")
    engine.write(
        position=1,
        groups=[
            Group(
                "g",
                "1",
                [
                    Findable("section/1", "g", "section", "Shelters (Article 23)", "en"),
                    Findable("passage/1", "g", "passage", "Shelters are few " + "and far " * 20, "en"),
                    Findable("finding/1", "g", "finding", "GREVIO urges to open shelters " + "and more " * 20, "en"),
                ],
            )
        ],
    )
    assert engine.search(parse("shelters")).hits[0].found.id == "finding/1"


def test_marks_stand_on_what_was_sought_and_on_nothing_that_was_denied(tmp_path):
    engine = Engine.create(tmp_path / "one")
    text = "L’Été, GREVIO urges İstanbul to shelter women; sheltered women have protection orders."
    engine.write(
        position=1,
        groups=[
            Group("report/1", "1", [Findable("finding/1", "report/1", "finding", text, "en", heading="Women (23)")])
        ],
    )

    def marked(asked: str) -> list[str]:
        return [mark.within(hit.found.text) for hit in engine.search(parse(asked)).hits for mark in hit.marks]

    assert marked("sheltering") == ["shelter", "sheltered"]
    assert marked('"shelter women"') == ["shelter women"]
    assert marked('"protection ord*"') == ["protection orders"]
    assert marked("ete istanbul") == ["Été", "İstanbul"]
    assert marked("urges NOT children") == ["urges"]
    assert marked("heading:women") == []
    (hit,) = engine.search(parse("heading:women")).hits
    assert hit.heading_marks == (Span(0, 5),)


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("fr", "Le GREVIO exhorte les autorités à créer des refuges", "refuge autorité"),
        ("fr", "Les réfugiées et l’hébergement d’urgence", "hébergements réfugié hebergement"),
        ("nb", "Myndighetene må opprette krisesentre og sikre ofrene", "krisesentrene myndighet"),
        ("ro", "Autoritățile trebuie să înființeze adăposturi", "autorități adăposturile"),
        ("de", "Die Behörden", "behorden"),  # no stemmer of ours: as written, without accents
    ],
)
def test_a_word_is_found_in_the_forms_of_its_own_language(tmp_path, language, text, asked):
    engine = Engine.create(tmp_path / "one")
    engine.write(position=1, groups=[Group("g", "1", [Findable("passage/1", "g", "passage", text, language)])])
    results = engine.search(parse(asked))
    assert results.count == 1
    assert len(results.hits[0].marks) == 2 - (language == "de")


@given(st.text(max_size=80))
def test_no_text_makes_the_engine_fail(engine, text):
    assert engine.search(parse(text), many=3).count >= 0


def test_a_beginning_that_too_many_words_share_is_refused_by_name_in_a_phrase(tmp_path):
    engine = Engine.create(tmp_path / "many")
    many = [Findable(f"passage/{n}", "g", "passage", f"x a{n}") for n in range(20_000)]
    engine.write(position=1, groups=[Group("g", "1", many)])
    assert engine.search(parse("a*")).count == 20_000
    with pytest.raises(TooManyWords):
        engine.search(parse('"x a*"'))


def test_a_group_that_is_written_again_takes_the_place_of_the_old_one(tmp_path):
    engine = Engine.create(tmp_path / "index")
    assert (engine.position(), engine.fingerprints()) == (None, {})
    one, two = (Findable(f"passage/{n}", f"g{n}", "passage", "shelter") for n in (1, 2))
    engine.write(position=4, groups=[Group("g1", "a", [one]), Group("g2", "b", [two])])
    engine.write(position=7, groups=[Group("g1", "c", [])], gone=["g2"])
    assert (engine.position(), engine.fingerprints()) == (7, {"g1": "c"})
    assert engine.search(parse("")).count == 0


def test_what_fails_while_it_is_written_leaves_the_index_as_it_was(tmp_path):
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=[Group("g", "1", [Findable("passage/1", "g", "passage", "shelter")])])

    def breaks():
        yield Findable("passage/2", "g", "passage", "shelter")
        raise LookupError("the database went away")

    with pytest.raises(LookupError):
        engine.write(position=2, groups=[Group("g", "2", breaks())])
    again = Engine.open(engine.folder)
    assert (again.position(), again.fingerprints()) == (1, {"g": "1"})
    assert [hit.found.id for hit in again.search(parse("shelter")).hits] == ["passage/1"]
    again.write(position=3)
    assert again.search(parse("shelter")).count == 1


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("suffix", ["meta.json", ".store", ".term", ".idx", ".fast"])
def test_a_damaged_index_is_named_when_it_is_opened_or_asked(tmp_path, suffix):
    engine = Engine.create(tmp_path / "index")
    engine.write(position=1, groups=groups_of(PARAGRAPHS[:200]))
    for file in engine.folder.iterdir():
        if file.name.endswith(suffix):
            _cut(file)
    with pytest.raises(IndexDamaged):
        Engine.open(engine.folder).search(parse("shelter"))


def test_no_index_is_a_damaged_index(tmp_path):
    with pytest.raises(IndexDamaged):
        Engine.open(tmp_path / "nothing")


texts = st.text(st.sampled_from("ab é"), max_size=60)


@given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6)), max_size=5), st.sampled_from([0, 20]))
def test_the_pieces_of_a_text_are_the_text(text, drawn, longest):
    marks: list[Span] = []
    for start, length in sorted(drawn):
        if start + length <= len(text) and (not marks or marks[-1].end <= start):
            marks.append(Span(start, start + length))
    shown = pieces(text, tuple(marks), longest)
    joined = "".join(piece for piece, _ in shown)
    if longest == 0:
        assert joined == text
        assert [piece for piece, marked in shown if marked] == [mark.within(text) for mark in marks]
    else:
        assert joined.strip("…") in text
        assert len(joined) <= longest + 2
