"""Which finding of a newer version of a text takes the place of which one of the version before.

A publisher may change a text without saying so. What people have linked to a finding must follow it to the newer
version, but never to another recommendation: what is not clear is left to a person.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

# Share of words in the same order. Bodies begin most recommendations with the same words, so that two different ones
# share about half of them; below the same number, a text of which two thirds are the same is an edited one.
SIMILAR_IN_PARAGRAPH: Final = 0.7
SIMILAR_ELSEWHERE: Final = 0.9  # a paragraph that was moved or renumbered, and edited a little
CLEAR_MARGIN: Final = 0.05  # of the best candidate over the next
MOST_COMPARED: Final = 10_000  # pairs of texts, about a second: a text that was rewritten needs a person anyway


@dataclass(frozen=True, slots=True)
class VersionFinding:
    """A finding of one version of a text: its ID, the number of its paragraph, and its words."""

    key: str
    paragraph: str
    text: str


@dataclass(frozen=True, slots=True)
class Succession:
    """A finding of the earlier version and the one that takes its place; `later` is None if a person must decide.

    `similarity` is the share of equal words, 1.0 for the same text and 0.0 without a later finding.
    """

    earlier: str
    later: str | None
    similarity: float


def match_versions(earlier: Sequence[VersionFinding], later: Sequence[VersionFinding]) -> tuple[Succession, ...]:
    """Return, for each earlier finding in order, the one that takes its place; no later one is used twice.

    The same text in the same paragraph comes first, then the same text elsewhere if it occurs once in each version,
    then a similar text in the same paragraph, then a nearly equal one elsewhere.
    """
    words = {id(finding): tuple(re.findall(r"\w+", finding.text.casefold())) for finding in (*earlier, *later)}
    left, free = list(earlier), list(later)
    matches: dict[str, Succession] = {}

    def pair(old: VersionFinding, new: VersionFinding, similarity: float) -> None:
        left.remove(old)
        free.remove(new)
        matches[old.key] = Succession(old.key, new.key, similarity)

    def pair_equal(key: Callable[[VersionFinding], Hashable], *, once: bool) -> None:
        by_key: dict[Hashable, list[VersionFinding]] = defaultdict(list)
        for new in free:
            by_key[key(new)].append(new)
        counts = Counter(map(key, left))
        for old in tuple(left):
            candidates = by_key[key(old)]
            if candidates and not (once and (len(candidates) > 1 or counts[key(old)] > 1)):
                pair(old, candidates.pop(0), 1.0)

    def pair_similar(least: float, *, same_paragraph: bool) -> None:
        candidates = [
            (old, new) for old in left for new in free if not same_paragraph or old.paragraph == new.paragraph != ""
        ]
        if len(candidates) > MOST_COMPARED:
            return
        compared = [(_compare(words[id(old)], words[id(new)], least), old, new) for old, new in candidates]
        scored = [(similarity, old, new) for similarity, old, new in compared if similarity >= least]
        for similarity, old, new in sorted(scored, key=lambda match: -match[0]):
            rivals = [
                score
                for score, other_old, other_new in scored
                if (other_old is old) != (other_new is new) and other_old in left and other_new in free
            ]
            if old in left and new in free and max(rivals, default=0.0) <= similarity - CLEAR_MARGIN:
                pair(old, new, similarity)

    pair_equal(lambda finding: (finding.paragraph, words[id(finding)]), once=False)
    pair_equal(lambda finding: words[id(finding)], once=True)
    pair_similar(SIMILAR_IN_PARAGRAPH, same_paragraph=True)
    pair_similar(SIMILAR_ELSEWHERE, same_paragraph=False)
    return tuple(matches.get(old.key, Succession(old.key, None, 0.0)) for old in earlier)


def _compare(before: Sequence[str], after: Sequence[str], least: float) -> float:
    """Return the share of words that two texts have in the same order; 0.0 if it is certainly below `least`."""
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return round(matcher.ratio(), 3)
