"""Links between monitoring rounds: from later findings to the earlier findings that they follow up.

A citation of the earlier paragraph makes a link certain. The same article and similar wording only make a link
*proposed*, so it is not shown as a fact until a person confirms it.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from heapq import nlargest

from samsvar.monitoring.report import Finding, Strength
from samsvar.text import fold

# cosine similarity of weighted words; measured on three fictional states, see test_lineage (2026-11)
MIN_SIMILARITY = 0.25
# Bounds on the work for one finding, which texts written to exceed them cannot exceed; no report comes near.
MAX_CITED = 100  # findings with one paragraph number
MAX_COMPARED = 200  # findings whose wording is compared with it
MAX_LOOKED_AT = 20_000  # findings that share a rare word with it


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

    Not every pair is compared: citations are found by paragraph number, and similar wording by shared rare words. The
    result is that of comparing every pair, unless a finding has more than `MAX_COMPARED` candidates.
    """
    by_paragraph = _index_by_paragraph(published)
    candidates = _CandidateIndex(published)
    links: list[FindingLink] = []
    for position, later in enumerate(published):
        cited = [published[number] for number in _find_cited(later, by_paragraph)]
        certain = [
            link
            for earlier in cited
            if _came_before(earlier, later) and (link := _find_citation_link(later, earlier)) is not None
        ]
        links += certain
        certain_keys = {link.earlier for link in certain}
        documents_cited = {earlier.reference for earlier in cited if earlier.key in certain_keys}
        best: dict[str | None, FindingLink] = {}
        for number in candidates.find(position):
            earlier = published[number]
            if earlier.reference in documents_cited:
                continue
            similarity = candidates.compare(position, number)
            previous_best = best.get(earlier.reference)
            if similarity >= MIN_SIMILARITY and (previous_best is None or similarity > previous_best.similarity):
                shared = ", ".join(a for a in later.finding.articles if a in earlier.finding.articles)
                explanation = f"Both concern Article {shared} and have similar wording ({similarity:.0%})."
                best[earlier.reference] = FindingLink(
                    later.key, earlier.key, LinkBasis.WORDING, False, similarity, explanation
                )
        links += best.values()
    return tuple(links)


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two findings with a common article and similar wording, given by their positions; the first comes earlier."""

    first: int
    second: int
    similarity: float  # from 0 to 1


def find_similar(findings: Sequence[Finding]) -> tuple[SimilarPair, ...]:
    """Return the pairs of findings that may ask for the same, the most similar first, also within one document.

    Only findings about the same state, in the same language and under a common article are compared, each with at most
    `MAX_COMPARED` of those before it.
    """
    stems = [_extract_stems(finding) for finding in findings]
    weights = _compute_weights(stems)
    vectors = [_build_vector(one, weights) for one in stems]
    lengths = [math.hypot(*vector.values()) for vector in vectors]
    before: dict[tuple[object, ...], list[int]] = defaultdict(list)
    pairs = []
    for position, finding in enumerate(findings):
        keys = [(*_issue(finding), article) for article in set(finding.articles)]
        for number in sorted({number for key in keys for number in before[key][-MAX_COMPARED:]}):
            product = lengths[position] * lengths[number]
            similarity = round(_cosine_similarity(vectors[position], vectors[number], product), 3)
            if similarity >= MIN_SIMILARITY:
                pairs.append(SimilarPair(number, position, similarity))
        for key in keys:
            before[key].append(position)
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, pair.first, pair.second)))


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


def _index_by_paragraph(published: Sequence[PublishedFinding]) -> dict[tuple[str | None, str], list[int]]:
    """Return the positions of the findings by state and paragraph number, at most `MAX_CITED` of them for each."""
    index: dict[tuple[str | None, str], list[int]] = {}
    for number, candidate in enumerate(published):
        positions = index.setdefault((candidate.finding.state, candidate.finding.paragraph), [])
        if len(positions) < MAX_CITED:
            positions.append(number)
    return index


def _find_cited(later: PublishedFinding, index: Mapping[tuple[str | None, str], list[int]]) -> list[int]:
    """Return the positions of the findings whose paragraph number a finding cites, in order."""
    numbers = {cite.rpartition(" § ")[2] for cite in later.finding.cites}
    return sorted(position for number in numbers for position in index.get((later.finding.state, number), ()))


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


class _CandidateIndex:
    """An index of findings by their articles and words, which finds those that may be similar to a later one.

    For each finding, its words are looked up, the rarest first, until the rest of its vector is short. The product with
    another vector is at most the product of the words looked up plus the length of that rest (Bayardo et al., WWW
    2007), so that only findings that could still reach the smallest similarity are compared.
    """

    def __init__(self, published: Sequence[PublishedFinding]) -> None:
        stems = [_extract_stems(one.finding) for one in published]
        self.published = published
        self.weights = _compute_weights(stems)
        self.vectors = [_build_vector(one, self.weights) for one in stems]
        self.lengths = [math.hypot(*vector.values()) for vector in self.vectors]
        self.keys = [[(*_issue(one.finding), article) for article in set(one.finding.articles)] for one in published]
        self.postings: dict[tuple[object, ...], dict[str, list[int]]] = {}
        indexed = set()
        for number, candidate in enumerate(published):
            words = sorted(self.vectors[number])
            for key in self.keys[number]:
                # of findings of one document in the same words, the first is the most similar one
                same = (key, candidate.reference, candidate.published, tuple(sorted(stems[number])))
                if same not in indexed:
                    indexed.add(same)
                    by_word = self.postings.setdefault(key, {})
                    for word in words:
                        by_word.setdefault(word, []).append(number)

    def find(self, position: int) -> list[int]:
        """Return the positions of the earlier findings that may have similar wording, in order."""
        later, vector, length = self.published[position], self.vectors[position], self.lengths[position]
        products: dict[int, float] = defaultdict(float)
        rest, looked_at = length * length, 0
        for word in sorted(vector, key=lambda word: (-self.weights[word], word)) if self.keys[position] else ():
            if rest <= (_REST * length) ** 2 or looked_at >= MAX_LOOKED_AT:
                break
            weight = vector[word]
            for key in self.keys[position]:
                numbers = self.postings[key].get(word, ())
                looked_at += len(numbers)
                for number in numbers:  # one with two shared articles counts twice, and is then compared
                    products[number] += weight * self.vectors[number][word]
            rest = max(0.0, rest - weight * weight)
        # similarity is rounded to three digits
        needed = (MIN_SIMILARITY - 0.001) * length - math.sqrt(rest)
        possible = [
            (product, number)
            for number, product in products.items()
            if product >= needed * self.lengths[number] and _came_before(self.published[number], later)
        ]
        if len(possible) > MAX_COMPARED:
            possible = nlargest(MAX_COMPARED, possible)
        return sorted(number for _product, number in possible)

    def compare(self, position: int, number: int) -> float:
        """Return the similarity of two findings by their positions, rounded to three digits."""
        lengths = self.lengths[position] * self.lengths[number]
        return round(_cosine_similarity(self.vectors[position], self.vectors[number], lengths), 3)


def _issue(finding: Finding) -> tuple[object, ...]:
    """Return what two similar findings have in common: state, language, and whether they are praise."""
    return finding.state, finding.language, finding.strength is Strength.WELCOMES


_REST = 0.05  # of a vector's length: what is left when enough of its words have been looked up
_STEM_LENGTH = 6  # letters that forms of a word share in English and French: "ensure", "ensuring"


def _extract_stems(finding: Finding) -> list[str]:
    text = " ".join(finding.actions) or finding.text
    plain = fold(text).encode("ascii", "ignore").decode()
    return [word[:_STEM_LENGTH] for word in re.findall(r"[a-z]{4,}", plain)]


def _compute_weights(findings: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the weight of each stem: high for rare stems, low for those in every finding ("authorities")."""
    counts = Counter(stem for stems in findings for stem in set(stems))
    return {stem: math.log(1 + len(findings) / count) for stem, count in counts.items()}


def _build_vector(stems: Sequence[str], weights: dict[str, float]) -> dict[str, float]:
    return {stem: (1 + math.log(count)) * weights[stem] for stem, count in Counter(stems).items()}


def _cosine_similarity(first: dict[str, float], second: dict[str, float], lengths: float) -> float:
    """Return the cosine of the angle between two vectors; `lengths` is the product of their lengths."""
    product = sum(weight * second.get(stem, 0.0) for stem, weight in first.items())
    return min(1.0, product / lengths) if lengths else 0.0
