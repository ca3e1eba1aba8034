"""Findings that a table cites, such as "GREVIO 2020 § 57", "Art. 25" or "rec. 4".

A citation is only ever a proposal: it names what was printed, the findings that fit, and whether exactly one fits. A
person decides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from samsvar.citations import find_citations
from samsvar.text import fold, read_data_file


class CitationKind(StrEnum):
    """What a citation names."""

    FINDING = "finding"  # its public ID in square brackets, as our exports write it
    PARAGRAPH = "paragraph"
    RECOMMENDATION = "recommendation"
    ARTICLE = "article"
    UNCLEAR = "unclear"  # a number without a sign


class CitationFit(StrEnum):
    """How well a citation identifies a finding."""

    ONE = "one"  # exactly one finding of the state fits
    SEVERAL = "several"  # several findings fit
    TOPIC = "topic"  # an article names a topic, so every finding about it is only a suggestion
    NONE = "none"  # the state has no such finding
    UNCLEAR = "unclear"  # the citation does not say what its number means


@dataclass(frozen=True, slots=True)
class CitedFinding:
    """A citation as written (`text`), and what it names; `body`, `reference` and `year` are empty if it names none."""

    text: str
    kind: CitationKind
    number: str
    body: str = ""
    reference: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class CitableFinding:
    """The facts about a finding that citations are compared with."""

    id: str
    body: str
    paragraph: str
    year: int | None = None
    reference: str = ""
    articles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CitationMatch:
    """A citation with the IDs of the findings that fit it, in the order given, and how well they fit."""

    citation: CitedFinding
    fit: CitationFit
    findings: tuple[str, ...] = ()


MAX_NUMBERS_IN_RANGE = 30  # "§§ 57–59"; a longer range is a chapter, not a list of findings

_NUMBER = r"\d{1,4}(?:\.\d{1,3})*(?:\s?[a-z](?![a-z]))?"
_POINT = r"(?:\s?\(\d+\))?"  # "25(1)"
_AND = r"(?:,|&|\+|\b(?:and|et|og|și|si)\b)"
_TO = r"(?:-|–|—|\b(?:to|a|à|til|pana la)\b)"
_NUMBERS = rf"{_NUMBER}{_POINT}(?:\s*(?:{_AND}|{_TO})\s*(?:§+\s*)?{_NUMBER}{_POINT})*"
_YEAR = re.compile(r"\(?\b((?:19|20)\d\d)\b\)?")


def find_cited_findings(text: str) -> tuple[CitedFinding, ...]:
    """Return the findings that a text cites, in order and without repetitions.

    A body, a year and a document apply to the paragraphs after them, until another body or document is named. They
    apply to an article only if no semicolon or line break is between them. If the text has digits and none of them is
    part of a citation, the text itself is an unclear citation.
    """
    citations = dict.fromkeys(_find_citations(text))
    if not citations and re.search(r"\d", text):
        return (CitedFinding(" ".join(text.split()), CitationKind.UNCLEAR, ""),)
    return tuple(citations)


def match_citations(citations: Iterable[CitedFinding], findings: Sequence[CitableFinding]) -> tuple[CitationMatch, ...]:
    """Return for each citation the findings that fit it.

    A recommendation without a body may be one of any body except GREVIO, which numbers paragraphs and not proposals.
    """
    return tuple(_match_citation(citation, findings) for citation in citations)


def _match_citation(citation: CitedFinding, findings: Sequence[CitableFinding]) -> CitationMatch:
    if citation.kind is CitationKind.UNCLEAR:
        return CitationMatch(citation, CitationFit.UNCLEAR)
    fitting = tuple(finding.id for finding in findings if _fits(citation, finding))
    if not fitting:
        return CitationMatch(citation, CitationFit.NONE)
    if citation.kind is CitationKind.ARTICLE:
        return CitationMatch(citation, CitationFit.TOPIC, fitting)
    return CitationMatch(citation, CitationFit.ONE if len(fitting) == 1 else CitationFit.SEVERAL, fitting)


def _fits(citation: CitedFinding, finding: CitableFinding) -> bool:
    if citation.kind is CitationKind.FINDING:
        return finding.id == citation.number
    if citation.body and citation.body != finding.body:
        return False
    if citation.reference and citation.reference != finding.reference.replace(" ", ""):
        return False
    if citation.year and citation.year != finding.year:
        return False
    if citation.kind is CitationKind.ARTICLE:
        return int(citation.number) in finding.articles
    if citation.kind is CitationKind.RECOMMENDATION and not citation.body and finding.body == "grevio":
        return False
    return _normalise_number(finding.paragraph) == citation.number


def _normalise_number(number: str) -> str:
    return fold(number).replace(" ", "").rstrip(".")


def _find_citations(text: str) -> Iterator[CitedFinding]:
    """Yield the citations of a text, reading it from mark to mark."""
    body, year, reference = "", None, ""
    segment = body_segment = 0
    folded = _fold_keeping_length(text)
    for match in _pattern().finditer(folded):
        if match.lastgroup == "end":
            segment += 1
        elif match.lastgroup == "body":
            body, year, reference, body_segment = _bodies()[match["body"]], None, "", segment
            year = _find_year_after(folded, match.end())
        elif match.lastgroup == "document":
            if printed := find_citations(text[match.start() : match.end()]):
                body, year, reference, body_segment = "", None, printed[0].reference, segment
        elif match.lastgroup == "id":
            yield CitedFinding(text[match.start() : match.end()], CitationKind.FINDING, match["id"][1:-1])
        else:
            kind = _kinds()[match["sign"]]
            written = " ".join(text[match.start() : match.end()].split())
            near = body_segment == segment
            if _is_followed_by_id(folded, match.end()):
                continue  # our own export, whose ID says the same and is exact
            for number in _split_numbers(match["numbers"]):
                if kind is CitationKind.ARTICLE:
                    if number.isdecimal():
                        yield CitedFinding(written, kind, number, body if near else "", reference if near else "")
                else:
                    yield CitedFinding(written, kind, number, body, reference, None if reference else year)


def _fold_keeping_length(text: str) -> str:
    """Return the text without case and accents, with as many characters, so that positions are those of the text."""
    return "".join(folded if len(folded := fold(c)) == 1 else c for c in text)


def _find_year_after(folded: str, end: int) -> int | None:
    """Return the year that directly follows a body: "GREVIO 2020", "GREVIO (2020)", "GREVIO/Inf(2020)14" has none."""
    match = _YEAR.match(folded, end + len(folded[end:]) - len(folded[end:].lstrip(" ,:-–")))
    return int(match[1]) if match else None


def _is_followed_by_id(folded: str, end: int) -> bool:
    return bool(re.match(r"\s*\[[0-9a-z]{8,16}\]", folded[end:]))


def _split_numbers(numbers: str) -> Iterator[str]:
    """Yield each number of "57, 61 and 64–66"; the points in brackets of an article ("25(1)") are left out."""
    flat = re.sub(r"\(\d+\)", "", numbers).replace("§", " ")
    parts = re.split(rf"\s*{_AND}\s*", flat)
    for part in parts:
        ends = [end.strip() for end in re.split(rf"\s*{_TO}\s*", part)]
        if (
            len(ends) == 2
            and all(end.isdecimal() for end in ends)
            and 0 < int(ends[1]) - int(ends[0]) < MAX_NUMBERS_IN_RANGE
        ):
            yield from (str(number) for number in range(int(ends[0]), int(ends[1]) + 1))
        else:
            yield from (_normalise_number(end) for end in ends if end)


# --- Words that introduce a citation ----------------------------------------------------------------------------------


@cache
def _load_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(read_data_file("samsvar.implementation", "cited_findings.toml"))


@cache
def _bodies() -> Mapping[str, str]:
    return {fold(name): body for body, names in _load_words()["bodies"].items() for name in names}


@cache
def _kinds() -> Mapping[str, CitationKind]:
    return {fold(sign): CitationKind(kind) for kind, signs in _load_words()["signs"].items() for sign in signs}


@cache
def _pattern() -> re.Pattern[str]:
    bodies = "|".join(re.escape(name) for name in sorted(_bodies(), key=len, reverse=True))
    signs = "|".join(re.escape(sign) for sign in sorted(_kinds(), key=len, reverse=True))
    return re.compile(
        rf"(?P<document>(?<![\w/])[a-z]+(?:-[a-z]+)*(?:\s*[/-]\s*(?:inf|rec))?\s*\(\d{{4}}\)\s*\d+|(?<![\w/])[a-z]+(?:/[a-z0-9.]+){{2,}})"
        rf"|(?P<body>(?<!\w)(?:{bodies})(?!\w))"
        rf"|(?P<id>\[[0-9a-z]{{8,16}}\])"
        rf"|(?P<end>[;|\n])"
        rf"|(?P<citation>(?<!\w)(?P<sign>{signs})\s*(?:nr\.?|no\.?|n°)?\s*(?P<numbers>{_NUMBERS}))"
    )
