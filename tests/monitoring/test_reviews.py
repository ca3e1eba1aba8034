"""Recommendations of the Universal Periodic Review: each printed number once, with its words, states and position."""

from __future__ import annotations

import pytest

from samsvar.monitoring import read_report
from samsvar.monitoring.profiles.upr.states import find_recommending_states, parse_bracket_states
from samsvar.monitoring.report import Finding, StatePosition
from tests.factories.reviews import INTRODUCTIONS, ReviewWriter, make_random_review, write_proceedings

HEAD = "I. Summary\n\n1. Chile made recommendations.\n\nII. Conclusions and/or recommendations\n\n"
SUPPORTED = "2. The recommendations listed below enjoy the support of Ostria:\n\n"


def read_conclusions(text: str) -> list[Finding]:
    """Return the findings of a review with these conclusions."""
    return list(read_report((HEAD + text).encode(), document="made", body="upr", state="XC").findings)


def numbers_and_states(findings: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.paragraph, finding.from_state) for finding in findings]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize("seed", range(8))
def test_each_printed_number_is_a_finding_once_in_any_layout(seed):
    review = make_random_review(seed)
    found = read_report(review.pdf, document="made.pdf", body="upr").findings
    assert [(one.paragraph, letters(one.text), one.from_state, one.state_position) for one in found] == [
        (number, letters(text), states, position) for number, text, states, position in review.expected
    ]


# --- (a) alternatives with strokes: see test_single_states ------------------------------------------------------------


# --- (b) replies and commitments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        "With regard to recommendation 2.1, the Government considers that the lakes are protected.",
        "Regarding the recommendations on lakes made by Chile and Peru, Ostria indicates that a law exists;",
        "Recommendation 2.1: the lakes are protected by law.",
        "Ostria explained that the lakes had been protected since 1990;",
        "The delegation of Ostria stated that it would study the matter.",
        "The Republic considers that this is already the case;",
        "En ce qui concerne la recommandation 2.1, le Gouvernement considère que la loi suffit.",
        "Con respecto a la recomendación 2.1, el Gobierno considera que la ley es suficiente.",
    ],
)
def test_a_reply_with_a_number_is_no_recommendation(reply):
    found = read_conclusions(f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. {reply}\n\n2.3. Open schools (Peru).")
    assert numbers_and_states(found) == [("2.1", ("Chile",)), ("2.3", ("Peru",))]


def test_a_recommendation_that_a_reply_quotes_with_its_state_is_found():
    (finding,) = read_conclusions(
        "2. Ostria takes note of the recommendations listed below, and offers the following comments:\n\n"
        "2.1. Regarding the recommendation to protect the lakes (Chile), included in paragraph 1, Ostria considers that"
        " they are protected."
    )
    assert (finding.text, finding.from_state) == ("protect the lakes (Chile)", ("Chile",))
    assert finding.state_position is StatePosition.NOTED


@pytest.mark.parametrize(
    "heading", ["A. Voluntary commitments", "III. Voluntary pledges and commitments", "B. Engagements volontaires"]
)
def test_voluntary_commitments_are_no_recommendations(heading):
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru).\n\n{heading}\n\n3. Ostria commits"
        " itself to:\n\n3.1. Protect the rivers by 2016;\n\n3.2. Visit Chile (Chile)."
    )
    assert numbers_and_states(found) == [("2.1", ("Chile",)), ("2.2", ("Peru",))]


def test_commitments_below_an_introduction_are_no_recommendations():
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru).\n\n"
        "3. Ostria made the following voluntary pledges:\n\n3.1. Protect the rivers by 2016;\n\n3.2. Fund them."
    )
    assert numbers_and_states(found) == [("2.1", ("Chile",)), ("2.2", ("Peru",))]


def test_a_reply_below_a_recommendation_is_not_part_of_it():
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile); Ostria explained that they were protected by its Constitution.\n\n"
        "2.2. Open schools (Peru).\n\n3. The recommendation on lakes was made by one state (Chile)."
    )
    assert [(finding.paragraph, finding.text) for finding in found] == [
        ("2.1", "Protect the lakes (Chile);"), ("2.2", "Open schools (Peru)."),
    ]  # fmt: skip


# --- (c) margins ------------------------------------------------------------------------------------------------------


def test_a_cover_does_not_move_the_margin_of_right_pages():
    writer = ReviewWriter(cover_lines=40, dotted="{number}.", hang=0)
    write_proceedings(writer, 30)
    writer.add_paragraph(INTRODUCTIONS["en"]["supported"])
    for number in range(1, 100):
        writer.add_listed(number, "Protect the lakes and the rivers of the country (Chile);", ("Chile",))
    writer.add_paragraph("All conclusions reflect the position of the submitting States.")
    found = read_report(writer.write().pdf, document="made.pdf", body="upr").findings
    assert [finding.paragraph for finding in found] == [f"31.{number}" for number in range(1, 100)]


# --- (d) misprinted numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("2-3.", "2.3"), ("2,3.", "2.3"), ("2.3", "2.3"), ("2. 3.", "2.3"), ("2..3.", "2.3"), ("2.3)", "2.3"),
        ("2.3.", "2.3"), ("2 .3.", "2.3"), ("2.33.", "2.33"), ("2.03.", "2.3"), ("3.3.", "3.3"), ("2.2.", "2.2"),
    ],
)  # fmt: skip
def test_a_misprinted_number_does_not_swallow_its_recommendation(printed, number):
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru);\n\n"
        f"{printed} Fund libraries (Mali);\n\n2.4. Build bridges (Kenya);\n\n2.5. Open the archives (Togo)."
    )
    assert numbers_and_states(found) == [
        ("2.1", ("Chile",)), ("2.2", ("Peru",)), (number, ("Mali",)), ("2.4", ("Kenya",)), ("2.5", ("Togo",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "number"), [("3 ", "2.3"), ("3) ", "2.3"), ("3, ", "2.3"), ("30. ", "2.30"), ("2. ", "2.2")]
)
def test_a_misprinted_number_of_a_list_of_its_own_does_not_swallow_its_recommendation(printed, number):
    writer = ReviewWriter(dotted="{number}.")
    writer.add_paragraph("Chile made recommendations.")
    writer.add_heading("II. Conclusions and/or recommendations")
    writer.add_paragraph(INTRODUCTIONS["en"]["supported"])
    for count in range(1, 9):
        text = "Protect the lakes and rivers of the whole country in every season (Chile);"
        writer.add_listed(count, text, printed=printed.strip() if count == 3 else "")
    writer.add_paragraph("All conclusions reflect the position of the submitting States.")
    found = read_report(writer.write().pdf, document="made.pdf", body="upr").findings
    assert [finding.paragraph for finding in found] == ["2.1", "2.2", number, *(f"2.{n}" for n in range(4, 9))]


@pytest.mark.parametrize("separator", [";", "; ", "", " ", ".", ". "])
def test_a_number_in_the_middle_of_a_line_begins_a_recommendation(separator):
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile){separator}2.2. Open schools (Peru);\n\n2.3. Fund libraries (Mali)."
    )
    assert numbers_and_states(found) == [("2.1", ("Chile",)), ("2.2", ("Peru",)), ("2.3", ("Mali",))]
    assert [finding.text for finding in found][:2] == [
        f"Protect the lakes (Chile){separator.strip()}", "Open schools (Peru);",
    ]  # fmt: skip


def test_numbers_in_a_sentence_do_not_begin_a_recommendation():
    sentence = "Amend Article 2.2. of the law on lakes, as paragraph (a) 2.4 of the report (A/HRC/7/2.5) says (Chile);"
    (finding,) = read_conclusions(f"{SUPPORTED}2.1. {sentence}")
    assert finding.text == sentence


def test_lists_may_be_numbered_with_dashes_throughout():
    found = read_conclusions(
        f"{SUPPORTED}2-1. Protect the lakes (Chile);\n\n2-2. Open schools (Peru);\n\n2-3. Fund libraries (Mali).\n\n"
        "3. The recommendation below did not enjoy the support of Ostria:\n\n3-1. Build bridges (Kenya)."
    )
    assert numbers_and_states(found) == [
        ("2.1", ("Chile",)),
        ("2.2", ("Peru",)),
        ("2.3", ("Mali",)),
        ("3.1", ("Kenya",)),
    ]


def test_numbers_may_begin_with_the_roman_numeral_of_their_part():
    found = read_conclusions(
        f"{SUPPORTED}II.1 Protect the lakes (Chile);\n\nII.2 Open schools (Peru,\nKenya);\n\n"
        "II.3 Fund libraries (Mali).\n\n3. All conclusions reflect the position of the submitting states."
    )
    assert numbers_and_states(found) == [
        ("II.1", ("Chile",)), ("II.2", ("Peru", "Kenya")), ("II.3", ("Mali",)),
    ]  # fmt: skip
    assert found[1].text == "Open schools (Peru, Kenya);"


@pytest.mark.parametrize(
    "text",
    [
        "II.1 Lakes\n\n2. Lakes are wide.\n\nII.2 Schools\n\n3. Schools are old.\n\nII.3 Books\n\n4. Books are few.",
        "2. Three parts follow.\n\nII.1 Lakes (Chile);\n\nII.3 Schools (Peru);\n\nII.4 Libraries (Mali).",
    ],
)
def test_headings_and_numbers_with_gaps_are_no_list_of_a_part(text):
    passages = read_report((HEAD + text).encode(), document="made", body="upr", state="XC").passages
    assert not any(passage.number.startswith("II") for passage in passages)


def test_lists_are_found_with_their_introductions_below_an_unknown_heading():
    text = (
        "I. Summary\n\n1. Chile recommended that the lakes be protected (Chile).\n\nII. Outcome\n\n"
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru).\n\n"
        "3. The following recommendations did not enjoy the support of Ostria:\n\n3.1. Fund libraries (Mali)."
    )
    found = read_report(text.encode(), document="made", body="upr", state="XC").findings
    assert [(finding.paragraph, finding.state_position) for finding in found] == [
        ("2.1", "supported"), ("2.2", "supported"), ("3.1", "noted"),
    ]  # fmt: skip


def test_a_paragraph_whose_own_number_is_misprinted_does_not_lose_its_list():
    found = read_conclusions(
        "20. The recommendations listed below enjoy the support of Ostria:\n\n2.1. Protect the lakes (Chile);\n\n"
        "2.2. Open schools (Peru)."
    )
    assert numbers_and_states(found) == [("2.1", ("Chile",)), ("2.2", ("Peru",))]


# --- (e) footers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("footer", ["GE.13-15472", "GE.13-15472 (E)", "22 GE.13-15472", "13-15472", "*1315472*"])
def test_the_print_number_of_a_document_is_no_recommendation(footer):
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes and\n{footer}\nthe rivers (Chile);\n\n{footer}\n\n2.2. Open schools (Peru)."
    )
    assert [(finding.paragraph, finding.text) for finding in found] == [
        ("2.1", "Protect the lakes and the rivers (Chile);"), ("2.2", "Open schools (Peru)."),
    ]  # fmt: skip


def test_a_starred_note_in_the_texts_own_size_is_set_aside():
    found = read_conclusions(
        "A. Recommendations**\n\n"
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n** The recommendations have not been edited."
    )
    assert [finding.text for finding in found] == ["Protect the lakes (Chile);"]


# --- (f) italics ------------------------------------------------------------------------------------------------------


def test_an_italic_line_within_a_recommendation_is_no_heading():
    writer = ReviewWriter(bold=False)
    write_proceedings(writer, 30)
    writer.add_paragraph(INTRODUCTIONS["en"]["supported"])
    writer.add_listed(1, "Protect the lakes (Chile);", ("Chile",))
    writer.add_listed(2, "Ratify the LINE Convention on Lakes LINE and Rivers (Peru);", ("Peru",))
    writer.add_listed(
        3, "Fund the schools (Chile); LINE Open the archives of all LINE Towns (Mali);", ("Chile", "Mali")
    )
    writer.parts[-2:] = [
        part.replace(" LINE", r" \ #emph[", 1).replace(" LINE", r"] \ ", 1) for part in writer.parts[-2:]
    ]
    found = read_report(writer.write().pdf, document="made.pdf", body="upr").findings
    assert [(finding.text, finding.from_state) for finding in found] == [
        ("Protect the lakes (Chile);", ("Chile",)),
        ("Ratify the Convention on Lakes and Rivers (Peru);", ("Peru",)),
        ("Fund the schools (Chile); Open the archives of all Towns (Mali);", ("Chile", "Mali")),
    ]


def test_a_heading_in_the_type_of_the_parts_does_not_end_the_conclusions():
    writer = ReviewWriter()
    write_proceedings(writer, 30)
    writer.add_paragraph(INTRODUCTIONS["en"]["supported"])
    writer.add_listed(1, "Protect the lakes (Chile);", ("Chile",), "supported")
    writer.add_heading("Recommendations that were noted")
    writer.add_listed(2, "Open schools (Peru);", ("Peru",), "noted")
    found = read_report(writer.write().pdf, document="made.pdf", body="upr").findings
    assert [(finding.text, finding.state_position) for finding in found] == [
        ("Protect the lakes (Chile);", "supported"), ("Open schools (Peru);", "noted"),
    ]  # fmt: skip


# --- (g) lettered points ----------------------------------------------------------------------------------------------


def test_lettered_points_of_a_recommendation_are_not_given_again():
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes, and\n   (a) fund them (Chile);\n   (b) report on:\n   (i) rivers;\n"
        "   (ii) bridges (Peru);\n\n2.2. Open schools: (a) in towns; (b) elsewhere (Mali)."
    )
    assert numbers_and_states(found) == [("2.1", ("Chile", "Peru")), ("2.2", ("Mali",))]


def test_lettered_points_that_each_name_their_states_are_recommendations_below_an_introduction():
    found = read_conclusions(
        "2. In the course of the discussion, the following recommendations were made:\n\n   (a) Protect the lakes"
        " (Chile);\n   (b) Open schools (Peru);\n   (c) Fund libraries (Mali, Togo)."
    )
    assert numbers_and_states(found) == [("2.a", ("Chile",)), ("2.b", ("Peru",)), ("2.c", ("Mali", "Togo"))]


# --- (h) brackets and names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Protect the lakes Spain);", ("Spain",)),
        ("Protect the lakes Spain, Côte d’Ivoire and Chile).", ("Spain", "Côte d’Ivoire", "Chile")),
        ("Protect the lakes (Spain;", ("Spain",)),
        ("Protect the lakes (Spain and Chile", ("Spain", "Chile")),
        ("Protect the lakes (Chile and the rivers (Peru);", ("Chile", "Peru")),
        ("Protect the lakes (Iran (Islamic Republic of);", ("Iran (Islamic Republic of)",)),
        ("Protect the lakes ((Spain);", ("Spain",)),
        ("Protect the lakes (Spain));", ("Spain",)),
        ("Protect the lakes [Spain];", ("Spain",)),
        ("Protect the lakes {Spain};", ("Spain",)),
        ("Protect the lakes (Spain];", ("Spain",)),
        ("Protect the lakes (Spain12);", ("Spain",)),
        ("Protect the lakes (Spain², Chile³);", ("Spain", "Chile")),
        ("Protect the lakes (Spain*);", ("Spain",)),
        ("Protect the lakes ( Spain ) ;", ("Spain",)),
        ("Protect the lakes (Côte d´Ivoire, Lao People´s Democratic Republic);",
         ("Côte d´Ivoire", "Lao People´s Democratic Republic")),
        ("Protect the lakes (Cte d’Ivoire);", ("Cte d’Ivoire",)),
        ("Protect the lakes (Phillipines, Kyrgystan, Lybia);", ("Phillipines", "Kyrgystan", "Lybia")),
        ("Protect the lakes (Morroco);", ("Morroco",)),
        ("Protect the lakes (Republic of Cuba, Egypt on behalf of the African Group);", ("Republic of Cuba", "Egypt")),
        ("Protect the lakes (Chile, Lakeland);", ("Chile", "Lakeland")),
        ("Protect the lakes (recommended by Chile and Peru);", ("Chile", "Peru")),
        ("Protect the lakes (Chile) (Peru);", ("Chile", "Peru")),
        ("Protect the lakes (Chile); (same recommendation made by Peru and Mali);", ("Chile", "Peru", "Mali")),
        ("Protect the lakes (Togo and, in part, Kenya);", ("Togo", "Kenya")),
    ],
)  # fmt: skip
def test_states_are_named_in_misprinted_brackets_too(text, states):
    assert find_recommending_states(text) == (states, True)


@pytest.mark.parametrize(
    "words", ["CEDAW", "see paragraph 4", "Article 9", "Law No. 7", "women and children", "Algiers"]
)
def test_words_in_brackets_are_no_states(words):
    assert parse_bracket_states(words) == ()


# --- the state's position ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("position", StatePosition)
def test_the_position_of_the_state_is_read_from_the_introduction_of_the_list(language, position):
    text = INTRODUCTIONS[language][position]
    found = read_conclusions(f"2. {text}\n\n2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru).")
    assert [finding.state_position for finding in found] == [position, position]


@pytest.mark.parametrize(
    ("introduction", "position"),
    [
        ("In the course of the discussion, the following recommendations were made:", None),
        ("The recommendations below enjoy the support of Ostria in part:", None),
        ("The following recommendations were rejected by Ostria:", "noted"),
        ("Ostria does not accept the following recommendations:", "noted"),
        ("The following recommendations could not be accepted by Ostria:", "noted"),
        ("The following recommendations have been examined by Ostria and have been noted by Ostria:", "noted"),
        ("Ostria supports the following recommendations:", "supported"),
        ("The recommendations below have been accepted by Ostria:", "supported"),
        ("Ostria will provide its responses to the recommendations below in due time:", "under_consideration"),
    ],
)
def test_a_position_is_printed_in_many_words_or_not_at_all(introduction, position):
    (finding,) = read_conclusions(f"2. {introduction}\n\n2.1. Protect the lakes (Chile).")
    assert finding.state_position == position


def test_each_list_has_its_own_position_also_within_a_paragraph_and_below_a_heading():
    found = read_conclusions(
        "2. The recommendations formulated during the dialogue are listed below.\n\n"
        "A. Recommendations that enjoy the support of Ostria\n\n2.1. Protect the lakes (Chile);\n\n"
        "B. Recommendations that were noted\n\n2.2. Open schools (Peru);\n\n"
        "3. The following recommendation did not enjoy the support of Ostria: fund libraries (Mali).\n\n"
        "4. The recommendations below have been examined:\n\n4.1. The following recommendations enjoy the support of"
        " Ostria:\n\n4.1.1. Build bridges (Kenya);\n\n4.2. The following recommendations did not enjoy its support:\n\n"
        "4.2.1. Open the archives (Togo)."
    )
    assert [(finding.paragraph, finding.state_position) for finding in found] == [
        ("2.1", "supported"), ("2.2", "noted"), ("3", "noted"), ("4.1.1", "supported"), ("4.2.1", "noted"),
    ]  # fmt: skip


def test_recommendations_that_a_later_paragraph_calls_implemented_are_so():
    found = read_conclusions(
        f"{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools (Peru);\n\n2.3. Fund libraries (Mali);\n\n"
        "2.4. Build bridges (Kenya).\n\n3. Ostria considers that recommendations Nos. 1 and 3–4 above have already been"
        " implemented."
    )
    assert [finding.state_position for finding in found] == [
        "already_implemented", "supported", "already_implemented", "already_implemented",
    ]  # fmt: skip


# --- notes for a person to check --------------------------------------------------------------------------------------


def test_numbers_out_of_order_and_recommendations_without_states_are_noted():
    text = (
        f"{HEAD}{SUPPORTED}2.1. Protect the lakes (Chile);\n\n2.2. Open schools;\n\n2.4. Fund libraries (Mali);\n\n"
        "3.5. Build bridges (Kenya);\n\n2.6. Open the archives (Togo)."
    )
    reading = read_report(text.encode(), document="made", body="upr", state="XC")
    assert reading.extraction_report.notes == (
        "Recommendation 2.2 (page 1) names no recommending state.",
        "Recommendation 2.4 (page 1) follows 2.2. Check whether a number is missing or misprinted.",
        "Recommendation 3.5 (page 1) continues the list of 2.4. Its number may be misprinted.",
        "Recommendation 2.6 (page 1) continues the list of 3.5. Its number may be misprinted.",
    )
