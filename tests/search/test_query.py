"""What a search means: any text is a query, and says how it was understood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samsvar.search.query import (
    DEEPEST,
    LONGEST_QUERY,
    All,
    Any,
    Beginning,
    Column,
    Everything,
    Label,
    LabelName,
    Not,
    Note,
    NoteKind,
    Phrase,
    Word,
    Years,
    label_values,
    parse,
)


@pytest.mark.parametrize(
    ("asked", "tree"),
    [
        ("shelter", Word("shelter")),
        ("women shelters", All((Word("women"), Word("shelters")))),
        ("women AND shelters", All((Word("women"), Word("shelters")))),
        ("women and shelters", All((Word("women"), Word("and"), Word("shelters")))),  # only capitals join
        ("a b OR c d", Any((All((Word("a"), Word("b"))), All((Word("c"), Word("d")))))),
        ("a (b OR c)", All((Word("a"), Any((Word("b"), Word("c")))))),
        ("refugee NOT children", All((Word("refugee"), Not(Word("children"))))),
        ("refugee -children", All((Word("refugee"), Not(Word("children"))))),
        ('-"domestic violence"', Not(Phrase("domestic violence"))),
        ("NOT NOT a", Word("a")),
        ("a b a", All((Word("a"), Word("b")))),  # twice is once
        ("gender-based", Word("gender-based")),  # a hyphen inside a word denies nothing
        ("discriminat*", Beginning("discriminat")),
        ('"protection ord*"', Phrase("protection ord*")),
        ("“protection orders”", Phrase("protection orders")),
        ("«ordonnance de protection»", Phrase("ordonnance de protection")),
        ("state:NO", Label(LabelName.STATE, "NO")),
        ("state:norway", Label(LabelName.STATE, "NO")),
        ("état:Norvège", Label(LabelName.STATE, "NO")),
        ('land:"Nord-Makedonia"', Label(LabelName.STATE, "MK")),
        ("article:25", Label(LabelName.ARTICLE, "25")),
        ("article:25,26", Any((Label(LabelName.ARTICLE, "25"), Label(LabelName.ARTICLE, "26")))),
        ("article:25-26", Any((Label(LabelName.ARTICLE, "25"), Label(LabelName.ARTICLE, "26")))),
        ('strength:"strongly encourages"', Label(LabelName.STRENGTH, "strongly_encourages")),
        ("force:exhorte", Label(LabelName.STRENGTH, "urges")),
        ("year:2020", Label(LabelName.YEAR, "2020")),
        ("year:2018-2020", Years(2018, 2020)),
        ("year:2018..2020", Years(2018, 2020)),
        ("heading:shelter*", Beginning("shelter", Column.HEADING)),
        ('titre:"premier rapport"', Phrase("premier rapport", Column.TITLE)),
        ("violence ET NON enfants", All((Word("violence"), Not(Word("enfants"))))),
        ("vold ELLER tvang", Any((Word("vold"), Word("tvang")))),
        ("violență ȘI NU copii", All((Word("violență"), Not(Word("copii"))))),
        ("Norvège", Any((Word("Norvège"), Label(LabelName.STATE, "NO")))),
        ("the Netherlands", All((Word("the"), Any((Word("Netherlands"), Label(LabelName.STATE, "NL")))))),
        ("NOT United Kingdom", Not(Any((Phrase("United Kingdom"), Label(LabelName.STATE, "GB"))))),
        ('"Norway"', Phrase("Norway")),  # in quotation marks a name is a word only
        ("tell us", All((Word("tell"), Word("us")))),
        ("Ukraine 1", All((Any((Word("Ukraine"), Label(LabelName.STATE, "UA"))), Word("1")))),
        ("article 25", Any((Phrase("article 25"), Label(LabelName.ARTICLE, "25")))),
        ("artikkel 99", All((Word("artikkel"), Word("99")))),
        ("", Everything()),
        ("*", Everything()),
    ],
)
def test_a_text_means_one_tree(asked, tree):
    assert parse(asked).tree == tree


@pytest.mark.parametrize(
    ("asked", "understood", "notes"),
    [
        ("AND", "", [(NoteKind.LONE_OPERATOR, "AND"), (NoteKind.NOTHING_TO_SEARCH, "AND")]),
        ("*", "", [(NoteKind.NOTHING_TO_SEARCH, "*")]),
        ("a OR", "a", [(NoteKind.LONE_OPERATOR, "OR")]),
        ("AND a", "a", [(NoteKind.LONE_OPERATOR, "AND")]),
        ("a NOT", "a", [(NoteKind.LONE_OPERATOR, "NOT")]),
        ('"shelters', '"shelters"', [(NoteKind.UNCLOSED_QUOTATION, "shelters")]),
        ("state:Atlantis", "Atlantis", [(NoteKind.UNKNOWN_VALUE, "state:Atlantis")]),
        ("article:82", "82", [(NoteKind.UNKNOWN_VALUE, "article:82")]),
        ("year:20205", "20205", [(NoteKind.UNKNOWN_VALUE, "year:20205")]),
        ("a) b (c", "a AND b AND c", []),
    ],
)
def test_what_is_not_taken_as_written_is_said(asked, understood, notes):
    query = parse(asked)
    assert (query.understood, [(note.kind, note.about) for note in query.notes]) == (understood, notes)


def test_a_very_long_text_is_cut_between_words_and_says_what_was_left_out():
    query = parse("".join(f"shelter{number:03} " for number in range(100)))
    assert len(query.asked) <= LONGEST_QUERY
    assert query.tree == All(tuple(Word(f"shelter{number:03}") for number in range((LONGEST_QUERY + 1) // 11)))
    assert [note.kind for note in query.notes] == [NoteKind.CUT]


def test_parentheses_deeper_than_we_follow_lose_no_word():
    query = parse("(" * 200 + "a OR b" + ")" * 200)
    assert (query.tree, query.notes) == (Any((Word("a"), Word("b"))), (Note(NoteKind.TOO_DEEP),))
    assert DEEPEST < 200


def test_a_value_in_any_language_of_the_interface_is_the_stored_one():
    assert label_values(LabelName.STATE, "NO,Suède,Danmark") == ("NO", "SE", "DK")
    assert label_values(LabelName.STATE, "NO,Atlantis") == ()


SIGNS = st.sampled_from(
    [
        *"ab é*-–()\"“:,.&|'",
        "AND ",
        "OR ",
        "NOT ",
        "ET ",
        "ȘI ",
        "state:",
        "article:",
        "year:",
        "heading:",
        "NO",
        "25",
        "2020",
        "\x00",
    ]
)
QUERIES = st.lists(SIGNS, max_size=18).map("".join)


@given(st.text(max_size=700))
def test_any_text_whatsoever_is_a_query(text):
    assert parse(text).asked is not None


@settings(max_examples=400)
@given(QUERIES)
def test_what_was_understood_is_understood_the_same_again(text):
    query = parse(text)
    assert parse(query.understood).tree == query.tree


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("kind:finding|type:constat|type:constats|slag:funn|tip:constatare|tip:constatări", "kind:finding"),
        ("kind:passage|type:paragraphe|slag:avsnitt|tip:paragraf", "kind:passage"),
        ("kind:sections|type:sections|slag:seksjon|tip:secțiune", "kind:section"),
        ("kind:document|type:documents|slag:dokumenter|tip:documente", "kind:document"),
        ('strength:urges|force:exhorte|styrke:"henstiller innstendig"|tărie:"îndeamnă ferm"', "strength:urges"),
        (
            'force:"encourage vivement"|styrke:"oppfordrer sterkt"|tărie:"încurajează puternic"',
            "strength:strongly_encourages",
        ),
        ("force:encourage|styrke:oppfordrer|tărie:încurajează", "strength:encourages"),
        ("force:invite|styrke:inviterer|tărie:invită", "strength:invites"),
        ('force:salue|styrke:"ønsker velkommen"|tărie:salută', "strength:welcomes"),
        ("review:machine|revue:automatique|gjennomgang:maskin|revizuire:automată", "review:machine"),
        ("review:confirmed|revue:confirmé|gjennomgang:bekreftet|revizuire:confirmată", "review:confirmed"),
        ("review:rejected|revue:rejeté|gjennomgang:avvist|revizuire:respinsă", "review:rejected"),
        ("invented:yes|inventé:oui|oppdiktet:ja|inventat:da", "invented:yes"),
    ],
)
def test_a_label_may_be_written_in_each_language_of_the_interface(written: str, label: str) -> None:
    assert {str(parse(one).tree) for one in written.split("|")} == {label}
