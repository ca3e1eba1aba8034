"""Words that are spelt similarly, for “Did you mean”."""

from __future__ import annotations

from collections.abc import Mapping


def choose_similar(word: str, frequencies: Mapping[str, int], *, limit: int) -> tuple[str, ...]:
    """Return the words closest to `word`, of which one letter differs, or two if it has eight or more.

    Two neighbouring letters in the wrong order count as one difference. Upper case and accents count as differences.
    """
    longest = 1 if len(word) < 8 else 2
    close = [
        (distance, -count, known)
        for known, count in frequencies.items()
        if known != word
        and abs(len(known) - len(word)) <= longest
        and not any(map(str.isdigit, known))
        and (distance := _edit_distance(word, known, longest)) <= longest
    ]
    return tuple(known for _, _, known in sorted(close)[:limit])


def _edit_distance(word: str, other: str, longest: int) -> int:
    """Return how many letters differ; two that have changed places count once. Above `longest` it is `longest` + 1."""
    before: list[int] = []
    distances = [*range(len(other) + 1)]
    for place, letter in enumerate(word, 1):
        before, last, distances = distances, before, [place]
        for column, sign in enumerate(other, 1):
            cost = min(before[column] + 1, distances[-1] + 1, before[column - 1] + (letter != sign))
            if place > 1 and column > 1 and letter == other[column - 2] and sign == word[place - 2]:
                cost = min(cost, last[column - 2] + 1)
            distances.append(cost)
        if min(distances) > longest:
            return longest + 1
    distance: int = distances[-1]
    return distance
