"""Parsing searches: any text is a query, and the result says how it was understood."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samsvar.search.query import (
    MAX_DEPTH,
    MAX_QUERY_LENGTH,
    VALID_YEARS,
    AllOf,
    AnyOf,
    LabelName,
    LabelTerm,
    MatchAll,
    Not,
    NoteKind,
    Phrase,
    Prefix,
    QueryNote,
    TextColumn,
    Word,
    YearRange,
    parse_label_values,
    parse_query_text,
)


@pytest.mark.parametrize(
    ("asked", "tree"),
    [
        ("shelter", Word("shelter")),
        ("women shelters", AllOf((Word("women"), Word("shelters")))),
        ("women AND shelters", AllOf((Word("women"), Word("shelters")))),
        ("women and shelters", AllOf((Word("women"), Word("and"), Word("shelters")))),  # only capitals make an operator
        ("a b OR c d", AnyOf((AllOf((Word("a"), Word("b"))), AllOf((Word("c"), Word("d")))))),
        ("a (b OR c)", AllOf((Word("a"), AnyOf((Word("b"), Word("c")))))),
        ("refugee NOT children", AllOf((Word("refugee"), Not(Word("children"))))),
        ("refugee -children", AllOf((Word("refugee"), Not(Word("children"))))),
        ('-"domestic violence"', Not(Phrase("domestic violence"))),
        ("NOT NOT a", Word("a")),
        ("NOT (NOT a)", Word("a")),
        ("a b a", AllOf((Word("a"), Word("b")))),  # a repeated word counts once
        ("gender-based", Word("gender-based")),  # a hyphen inside a word excludes nothing
        ("discriminat*", Prefix("discriminat")),
        ('"protection ord*"', Phrase("protection ord*")),
        ("“protection orders”", Phrase("protection orders")),
        ("«ordonnance de protection»", Phrase("ordonnance de protection")),
        ("state:NO", LabelTerm(LabelName.STATE, "NO")),
        ("state:norway", LabelTerm(LabelName.STATE, "NO")),
        ("état:Norvège", LabelTerm(LabelName.STATE, "NO")),
        ('land:"Nord-Makedonia"', LabelTerm(LabelName.STATE, "MK")),
        ("article:25", LabelTerm(LabelName.ARTICLE, "25")),
        ("article:25,26", AnyOf((LabelTerm(LabelName.ARTICLE, "25"), LabelTerm(LabelName.ARTICLE, "26")))),
        ("article:25-26", AnyOf((LabelTerm(LabelName.ARTICLE, "25"), LabelTerm(LabelName.ARTICLE, "26")))),
        ('strength:"strongly encourages"', LabelTerm(LabelName.STRENGTH, "strongly_encourages")),
        ("force:exhorte", LabelTerm(LabelName.STRENGTH, "urges")),
        ("year:2020", LabelTerm(LabelName.YEAR, "2020")),
        ("year:2018-2020", YearRange(2018, 2020)),
        ("year:2018..2020", YearRange(2018, 2020)),
        ("year:2020..2018", YearRange(2018, 2020)),
        ("year:2018..", YearRange(2018, VALID_YEARS[1])),
        ("année:..2018", YearRange(VALID_YEARS[0], 2018)),
        ('year:"..2018"', YearRange(VALID_YEARS[0], 2018)),
        ("heading:shelter*", Prefix("shelter", TextColumn.HEADING)),
        ('titre:"premier rapport"', Phrase("premier rapport", TextColumn.TITLE)),
        ("violence ET NON enfants", AllOf((Word("violence"), Not(Word("enfants"))))),
        ("vold ELLER tvang", AnyOf((Word("vold"), Word("tvang")))),
        ("violență ȘI NU copii", AllOf((Word("violență"), Not(Word("copii"))))),
        ("Norvège", AnyOf((Word("Norvège"), LabelTerm(LabelName.STATE, "NO")))),
        ("the Netherlands", AllOf((Word("the"), AnyOf((Word("Netherlands"), LabelTerm(LabelName.STATE, "NL")))))),
        ("NOT United Kingdom", Not(AnyOf((Phrase("United Kingdom"), LabelTerm(LabelName.STATE, "GB"))))),
        ("Sweden’s", AnyOf((Word("Sweden’s"), LabelTerm(LabelName.STATE, "SE")))),
        ("Norges", AnyOf((Word("Norges"), LabelTerm(LabelName.STATE, "NO")))),
        ("suédoises", AnyOf((Word("suédoises"), LabelTerm(LabelName.STATE, "SE")))),
        ("the Dutch", AllOf((Word("the"), AnyOf((Word("Dutch"), LabelTerm(LabelName.STATE, "NL")))))),
        ("Deutschlands", AnyOf((Word("Deutschlands"), LabelTerm(LabelName.STATE, "DE")))),
        ("islands", Word("islands")),  # not the genitive of Iceland's name in Norwegian
        ("grevio", AnyOf((Word("grevio"), LabelTerm(LabelName.BODY, "grevio")))),
        ("comité CEDAW", AnyOf((Phrase("comité CEDAW"), LabelTerm(LabelName.BODY, "cedaw")))),
        ('"Norway"', Phrase("Norway")),  # in quotation marks a name is only a word
        ("tell us", AllOf((Word("tell"), Word("us")))),
        ("Ukraine 1", AllOf((AnyOf((Word("Ukraine"), LabelTerm(LabelName.STATE, "UA"))), Word("1")))),
        ("article 25", AnyOf((Phrase("article 25"), LabelTerm(LabelName.ARTICLE, "25")))),
        ("artikkel 99", AllOf((Word("artikkel"), Word("99")))),
        ("", MatchAll()),
        ("*", MatchAll()),
    ],
)
def test_a_text_is_parsed_into_one_tree(asked, tree):
    assert parse_query_text(asked).tree == tree


@pytest.mark.parametrize(
    ("asked", "understood", "notes"),
    [
        ("AND", "", [(NoteKind.LONE_OPERATOR, "AND"), (NoteKind.NOTHING_TO_SEARCH, "AND")]),
        ("*", "", [(NoteKind.NOTHING_TO_SEARCH, "*")]),
        ("a OR", "a", [(NoteKind.LONE_OPERATOR, "OR")]),
        ("AND a", "a", [(NoteKind.LONE_OPERATOR, "AND")]),
        ("a NOT", "a", [(NoteKind.LONE_OPERATOR, "NOT")]),
        ('"shelters', '"shelters"', [(NoteKind.UNCLOSED_QUOTATION, "shelters")]),
        ('shelters"', "shelters", []),
        ("state:Atlantis", "Atlantis", [(NoteKind.UNKNOWN_VALUE, "state:Atlantis")]),
        ("article:82", "82", [(NoteKind.UNKNOWN_VALUE, "article:82")]),
        ("year:20205", "20205", [(NoteKind.UNKNOWN_VALUE, "year:20205")]),
        ("land: Norge", "land AND (Norge OR state:NO)", [(NoteKind.MISSING_VALUE, "land:")]),
        ("note: rain", "note AND rain", []),
        ("a) b (c", "a AND b AND c", []),
        ("a) OR b", "a OR b", []),  # not “a AND b”, with an OR that connects nothing
    ],
)
def test_changes_to_what_was_written_are_noted(asked, understood, notes):
    query = parse_query_text(asked)
    assert (query.canonical_text, [(note.kind, note.about) for note in query.notes]) == (understood, notes)


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ("GREVIO 2020 § 49, p. 7", "body:grevio AND year:2020 AND paragraph:49"),
        ("nordmark grevio 2020 §49", "(nordmark OR state:XA) AND body:grevio AND year:2020 AND paragraph:49"),
        ("Partskomiteen 2024 § 6, s. 2", "body:committee_of_the_parties AND year:2024 AND paragraph:6"),
        ("Comité des Parties 2024 § 6", "body:committee_of_the_parties AND year:2024 AND paragraph:6"),
        ("(CEDAW-komiteen 2022 §§ 3–4)", "body:cedaw AND year:2022 AND (paragraph:3 OR paragraph:4)"),
        ("GREVIO 2020 shelters", "(GREVIO OR body:grevio) AND 2020 AND shelters"),
        ("report 2020 § 49", "report AND 2020 AND paragraph:49"),
    ],
)
def test_a_citation_as_this_site_prints_it_names_body_year_and_paragraph(asked, labels):
    query = parse_query_text(asked)
    assert query.canonical_text == labels
    assert parse_query_text(labels).tree == query.tree


def test_a_very_long_text_is_cut_between_words_with_a_note():
    query = parse_query_text("".join(f"shelter{number:03} " for number in range(100)))
    assert len(query.typed_text) <= MAX_QUERY_LENGTH
    assert query.tree == AllOf(tuple(Word(f"shelter{number:03}") for number in range((MAX_QUERY_LENGTH + 1) // 11)))
    assert [note.kind for note in query.notes] == [NoteKind.CUT]


def test_parentheses_nested_too_deeply_lose_no_word():
    query = parse_query_text("(" * 200 + "a OR b" + ")" * 200)
    assert (query.tree, query.notes) == (AnyOf((Word("a"), Word("b"))), (QueryNote(NoteKind.TOO_DEEP),))
    assert MAX_DEPTH < 200


def test_a_value_is_understood_in_any_language_of_the_interface():
    assert parse_label_values(LabelName.STATE, "NO,Suède,Danmark") == ("NO", "SE", "DK")
    assert parse_label_values(LabelName.STATE, "NO,Atlantis") == ()


SIGNS = st.sampled_from(
    [
        *"ab é*-–()\"“:,.&|'",
        "AND ",
        "OR ",
        "NOT ",
        "ET ",
        "ȘI ",
        "OR:",
        "NU:",
        ' "x"',
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
def test_any_text_is_a_query(text):
    assert parse_query_text(text).typed_text is not None


@settings(max_examples=400)
@given(QUERIES)
@example('OR:"x"')  # an operator in the place of a field, seen in 3 of 60,000 texts
@example('-AND:"x y" ȘI:"z"')
def test_the_understood_query_is_parsed_into_the_same_tree(text):
    query = parse_query_text(text)
    assert parse_query_text(query.canonical_text).tree == query.tree


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
        ("fictional:yes|inventé:oui|oppdiktet:ja|inventat:da", "fictional:yes"),
        ("kind:measures|type:mesure|slag:tiltak|tip:măsură", "kind:measure"),
        ("kind:practices|type:pratiques|slag:praksis|tip:practică", "kind:practice"),
        ("kind:meetings|type:réunion|slag:møter|tip:reuniune", "kind:meeting"),
        ("round:baseline|cycle:1|runde:grunnlag|ciclu:referință", "round:baseline"),
        ("lang:fr|langue:fr|språk:fr|limba:fr", "language:fr"),
        ("lang:French|langue:français|språk:fransk|limba:franceză", "language:fr"),
        ("lang:no|langue:norvégien|språk:norsk", "language:nb OR language:nn"),
        ("lang:sr", "language:sr OR language:sh"),  # texts in either are hardly told apart
    ],
)
def test_a_label_can_be_written_in_every_language_of_the_interface(written: str, label: str) -> None:
    assert {str(parse_query_text(one).tree) for one in written.split("|")} == {label}


@pytest.mark.parametrize(
    "typed",
    [
        "GREVIO/Inf(2022)30 § 57", "GREVIO/Inf(2022)30, paragraph 57", "GREVIO/Inf (2022) 30 para. 57",
        "GREVIO-Inf(2022)30 §57", "grevio inf 2022 30 avsnitt 57", "grevio/inf(2022)30 paragraphe 57",
        "GREVIO/Inf(2022)30 par. 57", "GREVIO/Inf(2022)30, pct. 57", "GREVIO/Inf(2022)30 pkt. 57",
        "GREVIO/Inf(2022)30 ¶57",
    ],
)  # fmt: skip
def test_a_citation_is_a_document_and_a_paragraph_however_it_is_typed(typed: str) -> None:
    assert str(parse_query_text(typed).tree) == "reference:grevio-inf-2022-30 AND paragraph:57"


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("GREVIO/Inf(2022)30 § 57a", "reference:grevio-inf-2022-30 AND (paragraph:57.a OR paragraph:57)"),
        (
            "GREVIO/Inf(2022)30 §§ 57–2000",  # too many paragraphs
            "reference:grevio-inf-2022-30 AND paragraph:57 AND 2000",
        ),
        (
            "shelters GREVIO/Inf(2022)30 §§ 57–59",
            "shelters AND reference:grevio-inf-2022-30 AND (paragraph:57 OR paragraph:58 OR paragraph:59)",
        ),
        ("CEDAW/C/XXA/CO/9", "reference:cedaw-c-xxa-co-9"),
        ('"GREVIO/Inf(2022)30"', '"GREVIO/Inf(2022)30"'),  # in quotation marks: these characters
        ("women (2020) 14", "women AND 2020 AND 14"),
        ("and/or/not", "and/or/not"),
        ("§", ""),
        ("§ 5", "paragraph:5"),
        ("lang:fr round:1 body:GREVIO", "language:fr AND round:baseline AND body:grevio"),
        ("concept:Shelters", "concept:shelters"),
    ],
)
def test_citations_and_labels_combine_with_words(typed: str, understood: str) -> None:
    assert parse_query_text(typed).canonical_text == understood
    assert parse_query_text(understood).tree == parse_query_text(typed).tree


@pytest.mark.parametrize("name", ["Norwegen", "norwegen", "Norja", "Norwegia", "Norvegia", "Norsko", "Норвегия"])
def test_a_country_is_known_by_its_name_in_the_languages_of_the_thesaurus(name):
    assert parse_query_text(f"shelters {name}").tree == AllOf(
        (Word("shelters"), AnyOf((Word(name), LabelTerm(LabelName.STATE, "NO"))))
    )
