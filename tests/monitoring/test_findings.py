"""Conclusions: what a body asks for or praises, how strongly, of whom and by when."""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.findings import list_paragraphs, measure_paragraphs, precision_recall_f1, sum_by_body
from samsvar.monitoring.findings import (
    check_bold_paragraphs,
    compare_with_annex,
    extract_findings_in_language,
    find_cited_paragraphs,
    find_deadline,
    parse_conclusions,
    split_points,
)
from samsvar.monitoring.placing import PlacedPassage, PlacementBasis
from samsvar.monitoring.report import Finding, Passage, Strength
from samsvar.monitoring.wording import load_wording
from samsvar.spans import Span

SENTENCES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))["sentence"]
BODIES_WITH_A_SCALE = ("grevio", "committee_of_the_parties", "cedaw")  # their profiles contain [wording.*]
EN, FR = load_wording("grevio", "en"), load_wording("grevio", "fr")


def strengths(body: str, language: str, text: str) -> list[str]:
    """Return the strengths that a text concludes with, as sentences.toml writes them."""
    return [
        c.strength.value if c.strength else "unranked" for c in parse_conclusions(text, load_wording(body, language))
    ]


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: f"{case['body']}-{case['language']}-{case['text'][:60]}")
def test_a_sentence_concludes_with_exactly_these_strengths(case: dict[str, object]) -> None:
    assert strengths(str(case["body"]), str(case["language"]), str(case["text"])) == case["strengths"]


def test_the_sentences_cover_every_body_and_language_and_many_without_conclusions() -> None:
    kinds = Counter((case["body"], case["language"], bool(case["strengths"])) for case in SENTENCES)
    assert set(kinds) == {
        (body, language, concludes)
        for body in BODIES_WITH_A_SCALE
        for language in ("en", "fr")
        for concludes in (True, False)
    }
    assert len(SENTENCES) >= 150
    assert sum(not case["strengths"] for case in SENTENCES) >= len(SENTENCES) / 3


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("body", [*BODIES_WITH_A_SCALE, "special_procedures", "council_of_europe"])
def test_labelled_paragraphs_are_found_precisely_and_nearly_all(body: str, kept: bool) -> None:
    pairs = sum_by_body(measure_paragraphs(kept))[body]
    precision, _, f1 = precision_recall_f1(pairs)
    assert precision >= 0.95, pairs
    assert f1 >= 0.85, pairs


def test_there_are_enough_labelled_paragraphs() -> None:
    cases = [*list_paragraphs(True), *list_paragraphs(False)]
    assert len(cases) >= 150
    assert sum(not case["strengths"] for _, case in cases) >= len(cases) / 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("States should act. They must also train.", [("should", "States should act. They must also train.")]),
        ("The Working Group urges Nordmark to act. It should do so now.", [("urges", "")]),
        ("Shelters should be open. The Working Group invites Nordmark to report.", [("should", ""), ("invites", "")]),
        ("It is strongly recommended that the Government act.", [("strongly recommended", "")]),
    ],
)
def test_sentences_with_should_that_follow_each_other_are_one_conclusion(text, expected) -> None:
    wording = load_wording("special_procedures", "en")
    found = parse_conclusions(text, wording, in_own_conclusions=True)
    assert [c.verb for c in found] == [verb for verb, _ in expected]
    assert all(sentence in ("", c.sentence) for c, (_, sentence) in zip(found, expected, strict=True))
    assert [c.verb for c in parse_conclusions(text, wording)] == [
        verb for verb, _ in expected if verb in ("urges", "invites")
    ]


@pytest.mark.parametrize(
    ("text", "addressee"),
    [
        ("States should fund shelters.", "States"),
        ("In addition, the Government of Nordmark should act.", "the Government of Nordmark"),
        ("The training of the police should be longer.", None),
        ("To the Government of Sudmar:\n(a) Ratify the treaty;\n(b) Act.", "the Government of Sudmar"),
        ("States parties are urged to act.", "States parties"),
    ],
)
def test_a_requirement_names_its_addressee(text, addressee) -> None:
    wording = load_wording("special_procedures", "en")
    assert [c.addressee for c in parse_conclusions(text, wording, in_own_conclusions=True)] == [addressee]


@pytest.mark.parametrize("apostrophe", ["’", "'"])
@pytest.mark.parametrize("blank", [" ", "\n", "\u00a0"])
def test_line_breaks_and_apostrophes_do_not_change_the_strength(apostrophe: str, blank: str) -> None:
    for case in SENTENCES:
        text = str(case["text"]).replace("’", apostrophe).replace(" ", blank)
        assert strengths(str(case["body"]), str(case["language"]), text) == case["strengths"], text


@given(st.text(max_size=400))
def test_any_text_is_read_and_contains_its_conclusions(text: str) -> None:
    for body in BODIES_WITH_A_SCALE:
        for language in ("en", "fr"):
            for conclusion in parse_conclusions(text, load_wording(body, language)):
                assert 0 <= conclusion.start < conclusion.end <= len(text)
                assert conclusion.sentence in text


@given(st.lists(st.sampled_from([str(case["text"]) for case in SENTENCES if case["body"] == "grevio"]), max_size=6))
def test_every_conclusion_of_a_paragraph_quotes_its_text(texts: list[str]) -> None:
    joined = " ".join(texts)
    for conclusion in parse_conclusions(joined, EN):
        assert conclusion.sentence in joined


# --- Addressee, actions, deadline, references -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "addressee"),
    [
        ("GREVIO urges the Nordmark authorities to act.", "en", "the Nordmark authorities"),
        ("GREVIO urges the authorities of Sudmar to act.", "en", "the authorities of Sudmar"),
        ("GREVIO encourages the authorities, at all levels, to act.", "en", "the authorities"),
        ("GREVIO invites the competent federal authorities to act.", "en", "the competent federal authorities"),
        ("GREVIO urges, in line with Article 7, the authorities to act.", "en", "the authorities"),
        ("GREVIO urges Nordmark to act.", "en", "Nordmark"),
        ("GREVIO strongly encourages the adoption of a law.", "en", None),
        (
            "GREVIO strongly encourages the Government of the Republic of Ostria to act.",
            "en",
            "the Government of the Republic of Ostria",
        ),
        ("GREVIO urges the police and prosecution services to act.", "en", "the police"),
        ("Le GREVIO exhorte les autorités sudmaraises à agir.", "fr", "les autorités sudmaraises"),
        (
            "Le GREVIO invite les autorités de la Principauté de Sudmar à agir.",
            "fr",
            "les autorités de la Principauté de Sudmar",
        ),
        ("Le GREVIO encourage vivement le Gouvernement de Sudmar à agir.", "fr", "le Gouvernement de Sudmar"),
    ],
)
def test_the_addressee_is_named_as_printed(text: str, language: str, addressee: str | None) -> None:
    assert [c.addressee for c in parse_conclusions(text, load_wording("grevio", language))] == [addressee]


def test_them_refers_to_the_previous_addressee() -> None:
    text = "GREVIO urges the Ostrian authorities to act and strongly encourages them to report on it."
    assert [(c.strength, c.addressee, c.sentence) for c in parse_conclusions(text, EN)] == [
        (Strength.URGES, "the Ostrian authorities", "GREVIO urges the Ostrian authorities to act"),
        (Strength.STRONGLY_ENCOURAGES, "the Ostrian authorities", "and strongly encourages them to report on it."),
    ]


def test_praise_has_no_addressee_and_no_actions() -> None:
    (finding,) = findings_in(make_passage("12", "GREVIO welcomes the work of the authorities of Sudmar in this field."))
    assert (finding.strength, finding.addressee, finding.actions) == (Strength.WELCOMES, None, ())


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("urges the authorities to: a. open beds; b. fund them.", ("a. open beds;", "b. fund them.")),
        ("urges the authorities to: (a) open beds; (b) fund them.", ("(a) open beds;", "(b) fund them.")),
        ("à : a) ouvrir ; b) financer.", ("a) ouvrir ;", "b) financer.")),
        ("to: 1. open beds; 2. fund them, as in 2019.", ("1. open beds;", "2. fund them, as in 2019.")),
        ("to: • open beds; • fund them.", ("• open beds;", "• fund them.")),
        ("by 12:30, to: a. open beds; b. fund them.", ("a. open beds;", "b. fund them.")),
        ("to: a. open beds; b. fund them. It regrets the delay.", ("a. open beds;", "b. fund them.")),
        ("to: a. Open beds. Now. b. Fund them. Too.", ("a. Open beds. Now.", "b. Fund them. Too.")),
        ("to open beds and fund them.", ()),
        ("one thing: a home.", ()),
    ],
)
def test_points_within_the_text_are_the_actions(text: str, points: tuple[str, ...]) -> None:
    assert split_points(text) == points


@pytest.mark.parametrize(
    ("text", "language", "deadline"),
    [
        ("to report by 31 May 2027.", "en", "by 31 May 2027"),
        ("to act within two years.", "en", "within two years"),
        (
            "to act within one year of the publication of this report.",
            "en",
            "within one year of the publication of this report",
        ),
        ("to finish by the end of 2026.", "en", "by the end of 2026"),
        ("adopted by Parliament in 2020", "en", None),
        ("faire rapport d’ici le 30 juin 2028.", "fr", "d’ici le 30 juin 2028"),
        ("agir dans un délai de deux ans.", "fr", "dans un délai de deux ans"),
    ],
)
def test_a_deadline_is_kept_as_printed(text: str, language: str, deadline: str | None) -> None:
    assert find_deadline(text, load_wording("grevio", language)) == deadline


@pytest.mark.parametrize(
    ("text", "language", "cited"),
    [
        ("as set out in paragraph 57", "en", ("57",)),
        ("(paragraphs 12, 14 and 16 to 18)", "en", ("12", "14", "16", "17", "18")),
        ("see GREVIO/Inf(2020)14, paragraph 25, and para. 9", "en", ("GREVIO/Inf(2020)14 § 25", "9")),
        ("GREVIO/Inf(0000)1 § 31", "en", ("GREVIO/Inf(0000)1 § 31",)),
        ("Article 55, paragraph 1, of the convention", "en", ()),
        ("Article 55 paragraph 1", "en", ()),
        ("paragraph 2 of Article 7", "en", ()),
        ("voir le paragraphe 41", "fr", ("41",)),
        ("article 78, paragraphe 2", "fr", ()),
    ],
)
def test_a_paragraph_of_a_report_is_cited_but_not_a_paragraph_of_an_article(
    text: str, language: str, cited: tuple[str, ...]
) -> None:
    assert find_cited_paragraphs(text, load_wording("grevio", language)) == cited


# --- Whole reports ----------------------------------------------------------------------------------------------------


def make_passage(number: str, text: str, *headings: str, points: tuple[str, ...] = (), bold: bool = False) -> Passage:
    return Passage(number, text, (3,), (), headings, Span(0, len(text)), points, bold)


def findings_in(*passages: Passage, body: str = "grevio", language: str = "en") -> tuple[Finding, ...]:
    placed = [PlacedPassage(p, ("23",), PlacementBasis.HEADING) for p in passages]
    return extract_findings_in_language(
        placed, document="d", body=body, state="XA", procedure=None, language=language, reader=f"{body} 1"
    )


def test_lettered_points_become_actions_and_not_findings() -> None:
    text = "GREVIO urges the authorities to: a. open beds; b. encourage GREVIO urges."
    findings = findings_in(
        make_passage("57", text, points=("a. open beds;", "b. encourage the counties.")),
        make_passage("57.a", "open beds;"),
        make_passage("57.b", "encourage the counties. GREVIO urges nobody here."),
    )
    assert [(f.paragraph, f.actions) for f in findings] == [("57", ("a. open beds;", "b. encourage the counties."))]


def test_a_chapeau_gives_its_verb_to_the_numbered_measures_below_it() -> None:
    findings = findings_in(
        make_passage(
            "", "Recommends that the Government of Nordmark take the following measures for immediate action:"
        ),
        make_passage("1", "open a referral centre in every county (paragraph 66);"),
        make_passage("2", "fund shelters for the long term (paragraph 57)."),
        make_passage("", "Requests the Government of Nordmark to report by 31 May 2027."),
        body="committee_of_the_parties",
    )
    assert [(f.paragraph, f.strength, f.addressee, f.cites, f.deadline) for f in findings] == [
        ("1", Strength.URGES, "the Government of Nordmark", ("66",), None),
        ("2", Strength.URGES, "the Government of Nordmark", ("57",), None),
        ("", Strength.STRONGLY_ENCOURAGES, "the Government of Nordmark", (), "by 31 May 2027"),
    ]


def test_operative_points_are_findings_and_their_own_points_are_actions() -> None:
    points = (
        "A. Recommends that the Government of Sudmar:",
        "a. open beds (Article 23; paragraph 38);",
        "b. fund counselling (Article 8; paragraph 14);",
        "B. Invites the Government of Sudmar to go on.",
    )
    text = "\n".join(("The Committee of the Parties, acting under Article 68 of the Convention;", *points))
    placed = [PlacedPassage(make_passage("", text, points=points), ("68", "23", "8"), PlacementBasis.TEXT)]
    findings = extract_findings_in_language(
        placed, document="d", body="committee_of_the_parties", state="XB", procedure=None, language="en", reader="r"
    )
    assert [(f.strength, f.articles, f.actions, f.cites) for f in findings] == [
        (Strength.URGES, ("23", "8"), points[1:3], ("38", "14")),
        (Strength.INVITES, (), (points[3],), ()),
    ]


@pytest.mark.parametrize("heading", ["Executive summary", "Foreword", "Concluding remarks", "I. Introduction"])
def test_introductions_and_summaries_contain_no_findings(heading: str) -> None:
    assert findings_in(make_passage("3", "GREVIO urges the authorities to act.", heading)) == ()


def test_a_date_in_a_narrative_or_in_praise_is_not_a_deadline() -> None:
    text = "The plan ran out before 2020. GREVIO welcomes the new one, due by 2026. It urges the authorities to act."
    assert [f.deadline for f in findings_in(make_passage("9", text))] == [None, None]
    assert [
        f.deadline
        for f in findings_in(make_passage("9", "It ended before 2020. GREVIO urges the State to act by 2027."))
    ] == ["by 2027"]


def test_two_conclusions_in_one_paragraph_are_two_findings_with_the_same_text() -> None:
    text = "GREVIO welcomes the plan. GREVIO urges the authorities to fund it."
    assert [(f.strength, f.text, f.actions) for f in findings_in(make_passage("9", text))] == [
        (Strength.WELCOMES, text, ()),
        (Strength.URGES, text, ("GREVIO urges the authorities to fund it.",)),
    ]


def test_the_appendix_is_compared_but_adds_no_findings() -> None:
    findings = findings_in(
        make_passage("57", "GREVIO urges the authorities to open beds in every county of the country."),
        make_passage("58", "GREVIO encourages the authorities to publish the number of free places each month."),
    )
    annex = [
        make_passage("1", "GREVIO urges the authorities to open beds in every county of the country. (paragraph 57)"),
        make_passage(
            "2",
            "GREVIO strongly encourages the authorities to publish the number of free places each month. (§ 58)",
        ),
        make_passage("3", "GREVIO invites the authorities to rename the form. (paragraph 60)"),
        make_passage(
            "4", "GREVIO urges the authorities to close beds wherever nobody has asked for one. (paragraph 57)"
        ),
    ]
    assert compare_with_annex(findings, annex, EN) == (
        "Appendix, item 2 says “strongly encourages” where paragraph 58 says “encourages”.",
        "Appendix, item 3 repeats paragraph 60, in which no conclusion was found.",
        "Appendix, item 4 words paragraph 57 differently; the paragraph takes precedence.",
    )


def test_a_bold_paragraph_without_a_known_verb_is_reported() -> None:
    paragraphs = [make_passage("5", "GREVIO begs the authorities to act.", bold=True), make_passage("6", "Plain.")]
    assert check_bold_paragraphs(paragraphs, findings_in(*paragraphs)) == (
        "Paragraph 5 (page 3) is in bold, but no conclusion was found in it.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "GREVIO " + "also further therefore " * 2000,
        "GREVIO, a" + ", a" * 10_000,
        "GREVIO urges the authorities to go " + "and, also, " * 4000,
        "“(" * 5000,
        "GREVIO urges " + "the big authorities of X " * 3000,
    ],
    ids=["adverbs", "commas", "joints", "brackets", "addressees"],
)
def test_a_text_designed_to_be_slow_is_read_in_time(text: str) -> None:
    began = time.process_time()
    for body in BODIES_WITH_A_SCALE:
        parse_conclusions(text, load_wording(body, "en"))
    # seconds for all three; the worst once took 57, and now takes 0.7 (2026-11)
    assert time.process_time() - began < 10
