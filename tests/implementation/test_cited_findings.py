"""Tests of citations of findings in tables: what they name, and which findings of a state fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.implementation.cited_findings import (
    CitableFinding,
    CitationFit,
    CitationKind,
    find_cited_findings,
    match_citations,
)


def _name(text: str) -> list[tuple[str, str, str, str, int | None]]:
    return [(one.kind.value, one.number, one.body, one.reference, one.year) for one in find_cited_findings(text)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("GREVIO § 57", [("paragraph", "57", "grevio", "", None)]),
        ("GREVIO (2020), para. 57", [("paragraph", "57", "grevio", "", 2020)]),
        ("GREVIO/Inf(2020)14, § 57", [("paragraph", "57", "", "GREVIO/Inf(2020)14", None)]),
        ("Art. 25", [("article", "25", "", "", None)]),
        ("artiklene 22 og 23", [("article", "22", "", "", None), ("article", "23", "", "", None)]),
        ("articolul 25 alin. (1)", [("article", "25", "", "", None)]),
        ("Comité des Parties, rec. 4", [("recommendation", "4", "committee_of_the_parties", "", None)]),
        ("UPR 2019, recommendation 6.12", [("recommendation", "6.12", "upr", "", 2019)]),
        ("§§ 57–59", [("paragraph", number, "", "", None) for number in ("57", "58", "59")]),
        ("GREVIO § 57; § 61", [("paragraph", "57", "grevio", "", None), ("paragraph", "61", "grevio", "", None)]),
        ("GREVIO § 57; art. 8", [("paragraph", "57", "grevio", "", None), ("article", "8", "", "", None)]),
        ("GREVIO 2020 § 57 [0123abcd0123abcd]", [("finding", "0123abcd0123abcd", "", "", None)]),
        ("57", [("unclear", "", "", "", None)]),
        ("see the strategy", []),
        ("", []),
    ],
)
def test_a_citation_is_read_as_it_is_written(text, named):
    assert _name(text) == named


def test_a_long_range_is_not_a_list_of_findings():
    assert len(find_cited_findings("§§ 1–200")) == 2


FINDINGS = (
    CitableFinding("a" * 16, "grevio", "57", 2020, "GREVIO/Inf(2020)14", frozenset({25})),
    CitableFinding("b" * 16, "grevio", "57", 2025, "GREVIO(2025)3", frozenset({22})),
    CitableFinding("c" * 16, "grevio", "61", 2020, "GREVIO/Inf(2020)14", frozenset({25})),
    CitableFinding("d" * 16, "committee_of_the_parties", "4", 2021, "IC-CP/Inf(2021)2", frozenset({10})),
    CitableFinding("e" * 16, "grevio", "4", 2020, "GREVIO/Inf(2020)14", frozenset({7})),
)


@pytest.mark.parametrize(
    ("text", "fit", "ids"),
    [
        ("GREVIO § 61", CitationFit.ONE, "c"),
        ("GREVIO § 57", CitationFit.SEVERAL, "ab"),  # two rounds have a paragraph 57
        ("GREVIO 2025 § 57", CitationFit.ONE, "b"),
        ("GREVIO/Inf(2020)14 § 57", CitationFit.ONE, "a"),
        ("rec. 4", CitationFit.ONE, "d"),  # GREVIO numbers paragraphs, not proposals
        ("§ 4", CitationFit.SEVERAL, "de"),
        ("Art. 25", CitationFit.TOPIC, "ac"),
        ("Art. 22", CitationFit.TOPIC, "b"),  # one finding, yet the article is only its topic
        ("CEDAW § 57", CitationFit.NONE, ""),
        ("Art. 99", CitationFit.NONE, ""),
        ("57", CitationFit.UNCLEAR, ""),
    ],
)
def test_a_citation_fits_findings_or_says_why_not(text, fit, ids):
    (match,) = match_citations(find_cited_findings(text), FINDINGS)
    assert (match.fit, match.findings) == (fit, tuple(letter * 16 for letter in ids))


@given(some.text(max_size=200))
def test_any_text_is_read_without_error_and_names_only_what_it_contains(text):
    for citation in find_cited_findings(text):
        assert citation.text in " ".join(text.split())
        assert citation.kind is CitationKind.UNCLEAR or citation.number
