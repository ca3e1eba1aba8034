"""Links between monitoring rounds: from later findings to the earlier findings that they follow up.

A citation of the earlier paragraph makes a link certain. The same article and similar wording only make a link
*proposed*, so it is not shown as a fact until a person confirms it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.monitoring.report import Finding, Strength
from samsvar.text import fold

# cosine similarity of weighted words; measured on three fictional states, see test_lineage (2026-11)
MIN_SIMILARITY = 0.25


class LinkBasis(StrEnum):
    """The evidence on which a link between findings is based."""

    CITATION = "citation"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class PublishedFinding:
    """A finding with details of its document. `key` is an identifier chosen by the caller and used in links."""

    key: str
    finding: Finding
    reference: str | None
    published: date | None
    answers: str | None = None  # the reference of the report that this document answers or follows up


@dataclass(frozen=True, slots=True)
class FindingLink:
    """A link between two findings, given by their keys. `similarity` is from 0 to 1, and 1 for a citation."""

    later: str
    earlier: str
    basis: LinkBasis
    certain: bool
    similarity: float
    why: str


def find_links(published: Sequence[PublishedFinding]) -> tuple[FindingLink, ...]:
    """Return the links between findings; for each later finding, links from citations come before proposed links.

    Only findings about the same state are linked, and only to earlier ones. A finding has at most one proposed link to
    each earlier document, to the most similar finding there, and none to a document that the later finding cites.
    """
    weights = _compute_weights(published)
    vectors = {one.key: _build_vector(one.finding, weights) for one in published}
    links: list[FindingLink] = []
    for later in published:
        before = [earlier for earlier in published if _came_before(earlier, later)]
        cited = [_find_citation_link(later, earlier) for earlier in before]
        certain = [link for link in cited if link]
        links += certain
        certain_keys = {link.earlier for link in certain}
        documents_cited = {earlier.reference for earlier in before if earlier.key in certain_keys}
        best: dict[str | None, FindingLink] = {}
        for earlier in before:
            if earlier.reference in documents_cited or not _may_concern_same_issue(later, earlier):
                continue
            similarity = round(_cosine_similarity(vectors[later.key], vectors[earlier.key]), 3)
            previous_best = best.get(earlier.reference)
            if similarity >= MIN_SIMILARITY and (previous_best is None or similarity > previous_best.similarity):
                shared = ", ".join(a for a in later.finding.articles if a in earlier.finding.articles)
                explanation = f"Both concern Article {shared} and have similar wording ({similarity:.0%})."
                best[earlier.reference] = FindingLink(
                    later.key, earlier.key, LinkBasis.WORDING, False, similarity, explanation
                )
        links += best.values()
    return tuple(links)


# --- Citations --------------------------------------------------------------------------------------------------------


def _came_before(earlier: PublishedFinding, later: PublishedFinding) -> bool:
    """Return whether both findings are about the same state and `earlier` was published before `later`."""
    return (
        earlier.finding.state is not None
        and earlier.finding.state == later.finding.state
        and earlier.published is not None
        and later.published is not None
        and earlier.published < later.published
        and earlier.reference != later.reference
    )


def _find_citation_link(later: PublishedFinding, earlier: PublishedFinding) -> FindingLink | None:
    """Return the link created by a citation; None if `later` does not cite `earlier`."""
    for cited in later.finding.cites:
        reference, _, number = cited.rpartition(" § ")
        if number != earlier.finding.paragraph:
            continue
        if reference and _normalise_reference(reference) == _normalise_reference(earlier.reference):
            return FindingLink(
                later.key, earlier.key, LinkBasis.CITATION, True, 1.0, f"It cites {reference}, paragraph {number}."
            )
        if not reference and _cites_answered_report(later, earlier):
            explanation = f"It cites paragraph {number} of the report that it answers, {earlier.reference}."
            return FindingLink(later.key, earlier.key, LinkBasis.CITATION, True, 1.0, explanation)
    return None


_OLDER_REPORT = re.compile(
    r"baseline|previous|earlier|first report|GREVIO[’']s report|de référence|précédent|rapport du GREVIO", re.IGNORECASE
)
_OWN_RECOMMENDATION = re.compile(r"of (?:the|its) recommendation\b|de (?:la|sa) recommandation\b", re.IGNORECASE)


def _cites_answered_report(later: PublishedFinding, earlier: PublishedFinding) -> bool:
    """Return whether a bare "paragraph 57" refers to the report that a document answers, not to the document itself.

    A recommendation by another body has no such paragraph of its own. A later report by the same body does, so its text
    must also mention the earlier report.
    """
    if later.answers is None or _normalise_reference(later.answers) != _normalise_reference(earlier.reference):
        return False
    if _OWN_RECOMMENDATION.search(later.finding.text):
        return False
    return later.finding.body != earlier.finding.body or bool(_OLDER_REPORT.search(later.finding.text))


def _normalise_reference(reference: str | None) -> str:
    return re.sub(r"\W", "", reference or "").lower()


# --- Wording ----------------------------------------------------------------------------------------------------------


def _may_concern_same_issue(later: PublishedFinding, earlier: PublishedFinding) -> bool:
    """Return whether two findings share an article and a language, and are either both praise or both not."""
    return (
        bool(set(later.finding.articles) & set(earlier.finding.articles))
        and later.finding.language == earlier.finding.language
        and (later.finding.strength is Strength.WELCOMES) == (earlier.finding.strength is Strength.WELCOMES)
    )


_STEM_LENGTH = 6  # letters that forms of a word share in English and French: "ensure", "ensuring"


def _extract_stems(finding: Finding) -> list[str]:
    text = " ".join(finding.actions) or finding.text
    plain = fold(text).encode("ascii", "ignore").decode()
    return [word[:_STEM_LENGTH] for word in re.findall(r"[a-z]{4,}", plain)]


def _compute_weights(published: Sequence[PublishedFinding]) -> dict[str, float]:
    """Return the weight of each stem: high for rare stems, low for those in every finding ("authorities")."""
    counts = Counter(stem for one in published for stem in set(_extract_stems(one.finding)))
    return {stem: math.log(1 + len(published) / count) for stem, count in counts.items()}


def _build_vector(finding: Finding, weights: dict[str, float]) -> dict[str, float]:
    counts = Counter(_extract_stems(finding))
    return {stem: (1 + math.log(count)) * weights[stem] for stem, count in counts.items()}


def _cosine_similarity(first: dict[str, float], second: dict[str, float]) -> float:
    product = sum(weight * second.get(stem, 0.0) for stem, weight in first.items())
    lengths = math.hypot(*first.values()) * math.hypot(*second.values()) if first and second else 0.0
    return min(1.0, product / lengths) if lengths else 0.0
