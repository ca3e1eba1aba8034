"""The interface languages, the languages of reports, and detection of a report's language."""

from __future__ import annotations

import re

INTERFACE_LANGUAGES = ("en", "fr", "nb", "ro")  # every string has been translated into each of them from the first day

_COMMON_WORDS = {  # short grammatical words that occur in every report whatever its subject
    "en": frozenset("the of and to in that is for with are on by this which from be has not their as".split()),
    "fr": frozenset("le la les des du et en que est pour dans une un par sur aux ce qui sont au ses avec".split()),
}


def detect_language(text: str) -> str | None:
    """Return "en" or "fr", by the common words in a text; None if neither language clearly predominates."""
    words = re.findall(r"[a-zà-öø-ÿ]+", text[:200_000].lower())
    counts = {code: sum(word in common for word in words) for code, common in _COMMON_WORDS.items()}
    best, second = sorted(counts, key=lambda code: -counts[code])
    return best if counts[best] >= 3 and counts[best] > 1.5 * counts[second] else None
