"""Citing a paragraph in every format, and parsing a printed citation."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.citations import Citation, CitedPassage, find_citations
from samsvar.dates import PartialDate

CITED = Citation(
    reference="GREVIO/Inf(2026)1",
    title="Baseline Evaluation Report",
    body="GREVIO",
    permalink="https://example.org/en/findings/7/",
    paragraph="25",
    page=14,
    state="XA",
    published=PartialDate(2026, 6, 4),
)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "GREVIO, Baseline Evaluation Report: Nordmark, GREVIO/Inf(2026)1, 4 June 2026, § 25, p. 14, "),
        ("fr", "GREVIO, Baseline Evaluation Report: Nordmark, GREVIO/Inf(2026)1, 4 juin 2026, § 25, p. 14, "),
        ("nb", "GREVIO, Baseline Evaluation Report: Nordmark, GREVIO/Inf(2026)1, 4. juni 2026, § 25, s. 14, "),
        ("ro", "GREVIO, Baseline Evaluation Report: Nordmark, GREVIO/Inf(2026)1, 4 iunie 2026, § 25, p. 14, "),
    ],
)
def test_a_paragraph_is_cited_in_one_line_in_the_readers_language(language: str, line: str) -> None:
    assert CITED.to_text(language) == line + "https://example.org/en/findings/7/"


def test_a_document_without_date_page_or_paragraph_can_be_cited() -> None:
    bare = Citation(
        "IC-CP/Inf(2026)2", "Recommendation on Ostria", "Committee of the Parties", "https://example.org/2", state="XC"
    )
    assert (
        bare.to_text() == "Committee of the Parties, Recommendation on Ostria, IC-CP/Inf(2026)2, https://example.org/2"
    )
    assert "note" not in bare.to_csl()


def test_ris_is_one_record_that_reference_managers_read() -> None:
    assert CITED.to_ris() == (
        "TY  - RPRT\r\nID  - grevio-inf-2026-1-25\r\nAU  - GREVIO\r\nTI  - Baseline Evaluation Report\r\n"
        "PB  - Council of Europe\r\nPY  - 2026\r\nDA  - 2026/06/04/\r\nSN  - GREVIO/Inf(2026)1\r\nSP  - 14\r\n"
        "N1  - § 25, p. 14\r\nLA  - en\r\nUR  - https://example.org/en/findings/7/\r\nER  - \r\n\r\n"
    )
    assert "DA  - 2026/06//\r\n" in replace(CITED, published=PartialDate(2026, 6)).to_ris()
    assert "DA" not in replace(CITED, published=PartialDate(2026)).to_ris()


def test_bibtex_is_one_entry_with_a_stable_key() -> None:
    assert CITED.to_bibtex() == (
        "@techreport{grevio-inf-2026-1-25,\n"
        "  author = {{GREVIO}},\n"
        "  title = {{Baseline Evaluation Report}},\n"
        "  institution = {Council of Europe},\n"
        "  number = {GREVIO/Inf(2026)1},\n"
        "  year = {2026},\n"
        "  month = {6},\n"
        "  note = {§ 25, p. 14},\n"
        "  url = {https://example.org/en/findings/7/},\n"
        "  language = {en}\n"
        "}\n"
    )


@given(st.text(), st.text())
def test_no_title_breaks_out_of_its_bibtex_field(title: str, body: str) -> None:
    entry = Citation("A/B/1", title, body, "https://example.org/").to_bibtex()
    unescaped = re.sub(r"\\[{}&%$#_]", "", entry)
    depth = 0
    for letter in unescaped[: unescaped.rindex("}")]:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 1 or letter not in "{}"
    assert depth == 1


def test_csl_json_has_the_paragraph_as_its_locator() -> None:
    assert CITED.to_csl() == {
        "id": "grevio-inf-2026-1-25",
        "type": "report",
        "title": "Baseline Evaluation Report",
        "author": [{"literal": "GREVIO"}],
        "publisher": "Council of Europe",
        "number": "GREVIO/Inf(2026)1",
        "URL": "https://example.org/en/findings/7/",
        "language": "en",
        "issued": {"date-parts": [[2026, 6, 4]]},
        "locator": "25",
        "note": "§ 25, p. 14",
        "jurisdiction": "Nordmark",
    }


@pytest.mark.parametrize(
    ("printed", "reference", "paragraph"),
    [
        ("GREVIO/Inf(2020)14, § 25", "GREVIO/Inf(2020)14", "25"),
        ("GREVIO-Inf (2020) 14, paragraph 25", "GREVIO/Inf(2020)14", "25"),
        ("see GREVIO/Inf(2020)14, §§ 25-27", "GREVIO/Inf(2020)14", "25"),
        ("GREVIO(2024)10 § 57.a", "GREVIO(2024)10", "57.a"),
        ("GREVIO/Inf(2020)14, paragraphe 25", "GREVIO/Inf(2020)14", "25"),
        ("IC-CP/Inf(2023)11", "IC-CP/Inf(2023)11", None),
        ("A/HRC/27/5, para. 128.39", "A/HRC/27/5", "128.39"),
        ("CEDAW/C/NOR/CO/9, para. 25", "CEDAW/C/NOR/CO/9", "25"),
        ("GREVIO/Inf(2020)14 and paragraph 9 of another", "GREVIO/Inf(2020)14", None),
    ],
)
def test_printed_citations_are_parsed_in_all_their_variants(
    printed: str, reference: str, paragraph: str | None
) -> None:
    assert find_citations(printed)[0] == CitedPassage(reference, paragraph)


@pytest.mark.parametrize("printed", ["", "§ 25", "the baseline report", "and/or", "GREVIO"])
def test_text_that_cites_no_document_is_refused(printed: str) -> None:
    assert find_citations(printed) == ()


def test_every_citation_in_a_text_is_found_in_order() -> None:
    text = "as in GREVIO/Inf(2020)14, § 25, and in IC-CP/Inf(2023)11; see also GREVIO/Inf(2020)14, § 26."
    assert [str(place) for place in find_citations(text)] == [
        "GREVIO/Inf(2020)14, § 25",
        "IC-CP/Inf(2023)11",
        "GREVIO/Inf(2020)14, § 26",
    ]


PLACES = st.builds(
    lambda series, year, number, paragraph: CitedPassage(f"{series}({year}){number}", paragraph),
    st.sampled_from(["GREVIO/Inf", "GREVIO", "IC-CP/Inf", "IC-CP"]),
    st.integers(2011, 2099),
    st.integers(1, 99),
    st.none() | st.integers(1, 400).map(str) | st.sampled_from(["57.a", "95.39"]),
)


@given(PLACES)
def test_a_cited_place_is_the_same_after_a_round_trip(place: CitedPassage) -> None:
    assert find_citations(str(place)) == (place,)
