"""How one issue runs through the rounds: which earlier finding a later one takes up.

A citation of the earlier paragraph makes a link certain. The same article and similar words make a link *proposed*:
a person confirms it, and nothing shows it as a fact before.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.monitoring.report import Finding, Strength

ALIKE_FROM = 0.25  # cosine of weighted words; see test_lineage, measured on the three invented states (2026-11)


class Basis(StrEnum):
    """What a link rests on."""

    CITATION = "citation"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Issued:
    """A finding with what is known about its document. `key` is the caller's own name for it, given back in links."""

    key: str
    finding: Finding
    reference: str | None
    published: date | None
    answers: str | None = None  # the reference of the report that this document answers or follows


@dataclass(frozen=True, slots=True)
class Link:
    """`later` takes up `earlier`; both are keys. `likeness` runs from 0 to 1 and is 1 for a citation."""

    later: str
    earlier: str
    basis: Basis
    certain: bool
    likeness: float
    why: str


def links_among(issued: Sequence[Issued]) -> tuple[Link, ...]:
    """The links among findings, certain ones first for each later finding; only within one state, only back in time.

    A finding has at most one proposed link to each earlier document, the likeliest, and none where it cites that
    document.
    """
    weights = _weights(issued)
    words = {one.key: _vector(one.finding, weights) for one in issued}
    links: list[Link] = []
    for later in issued:
        before = [earlier for earlier in issued if _came_before(earlier, later)]
        cited = [_citation(later, earlier) for earlier in before]
        certain = [link for link in cited if link]
        links += certain
        known = {link.earlier for link in certain}
        documents_cited = {earlier.reference for earlier in before if earlier.key in known}
        best: dict[str | None, Link] = {}
        for earlier in before:
            if earlier.reference in documents_cited or not _may_be_alike(later, earlier):
                continue
            likeness = round(_cosine(words[later.key], words[earlier.key]), 3)
            held = best.get(earlier.reference)
            if likeness >= ALIKE_FROM and (held is None or likeness > held.likeness):
                shared = ", ".join(a for a in later.finding.articles if a in earlier.finding.articles)
                why = f"Both are on Article {shared} and their words are alike ({likeness:.0%})."
                best[earlier.reference] = Link(later.key, earlier.key, Basis.WORDING, False, likeness, why)
        links += best.values()
    return tuple(links)


# --- citations -------------------------------------------------------------------------------------------------------


def _came_before(earlier: Issued, later: Issued) -> bool:
    """Whether two findings are on one state, and one's document was published before the other's."""
    return (
        earlier.finding.state is not None
        and earlier.finding.state == later.finding.state
        and earlier.published is not None
        and later.published is not None
        and earlier.published < later.published
        and earlier.reference != later.reference
    )


def _citation(later: Issued, earlier: Issued) -> Link | None:
    """The link that a citation makes; None where `later` does not cite `earlier`."""
    for cited in later.finding.cites:
        reference, _, number = cited.rpartition(" § ")
        if number != earlier.finding.paragraph:
            continue
        if reference and _plain(reference) == _plain(earlier.reference):
            return Link(later.key, earlier.key, Basis.CITATION, True, 1.0, f"It cites {reference}, paragraph {number}.")
        if not reference and _means_the_answered_report(later, earlier):
            why = f"It cites paragraph {number} of the report that it answers, {earlier.reference}."
            return Link(later.key, earlier.key, Basis.CITATION, True, 1.0, why)
    return None


_OLDER_REPORT = re.compile(
    r"baseline|previous|earlier|first report|GREVIO[’']s report|de référence|précédent|rapport du GREVIO",
    re.IGNORECASE,
)
_OWN_RECOMMENDATION = re.compile(r"of (?:the|its) recommendation\b|de (?:la|sa) recommandation\b", re.IGNORECASE)


def _means_the_answered_report(later: Issued, earlier: Issued) -> bool:
    """Whether a bare "paragraph 57" is one of the report that a document answers, and not one of its own.

    A recommendation on a report has no such paragraphs of its own; a later report of the same body has, so that it
    must say which report it means.
    """
    if later.answers is None or _plain(later.answers) != _plain(earlier.reference):
        return False
    if _OWN_RECOMMENDATION.search(later.finding.text):
        return False
    return later.finding.body != earlier.finding.body or bool(_OLDER_REPORT.search(later.finding.text))


def _plain(reference: str | None) -> str:
    return re.sub(r"\W", "", reference or "").lower()


# --- wording ---------------------------------------------------------------------------------------------------------


def _may_be_alike(later: Issued, earlier: Issued) -> bool:
    """Whether two findings can be one issue at all: an article and a language shared, both asking or both praising."""
    return (
        bool(set(later.finding.articles) & set(earlier.finding.articles))
        and later.finding.language == earlier.finding.language
        and (later.finding.strength is Strength.WELCOMES) == (earlier.finding.strength is Strength.WELCOMES)
    )


_STEM = 6  # letters that two forms of one word share, in English and French: "ensure", "ensuring"


def _stems(finding: Finding) -> list[str]:
    asked = " ".join(finding.actions) or finding.text
    plain = unicodedata.normalize("NFKD", asked).encode("ascii", "ignore").decode().lower()
    return [word[:_STEM] for word in re.findall(r"[a-z]{4,}", plain)]


def _weights(issued: Sequence[Issued]) -> dict[str, float]:
    """How much each stem tells: rare ones much, those of every finding ("authorities") little."""
    seen = Counter(stem for one in issued for stem in set(_stems(one.finding)))
    return {stem: math.log(1 + len(issued) / count) for stem, count in seen.items()}


def _vector(finding: Finding, weights: dict[str, float]) -> dict[str, float]:
    counts = Counter(_stems(finding))
    return {stem: (1 + math.log(count)) * weights[stem] for stem, count in counts.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    product = sum(weight * other.get(stem, 0.0) for stem, weight in one.items())
    lengths = math.hypot(*one.values()) * math.hypot(*other.values()) if one and other else 0.0
    return min(1.0, product / lengths) if lengths else 0.0
