"""The languages that Samsvar speaks, and those that the bodies write in."""

from __future__ import annotations

import re
from collections.abc import Mapping

INTERFACE = ("en", "fr", "nb", "ro")  # from the first day; every string is translated into each
READ = ("en", "fr")  # the official languages of the Council of Europe, in which reports are read

_COMMON = {  # short words that carry grammar and no subject, so that they occur in every report
    "en": frozenset("the of and to in that is for with are on by this which from be has not their as".split()),
    "fr": frozenset("le la les des du et en que est pour dans une un par sur aux ce qui sont au ses avec".split()),
}


def probable_language(text: str) -> str | None:
    """`"en"` or `"fr"`, whichever the text's common words speak for; None where neither clearly leads."""
    words = re.findall(r"[a-zà-öø-ÿ]+", text[:200_000].lower())
    counts = {code: sum(word in common for word in words) for code, common in _COMMON.items()}
    best, second = sorted(counts, key=lambda code: -counts[code])
    return best if counts[best] >= 3 and counts[best] > 1.5 * counts[second] else None


def best(texts: Mapping[str, str], language: str, original: str = "") -> tuple[str, str]:
    """(language, text): in the reader's language if it is said in that, else the original, else English, else any.

    ("", "") where nothing is said at all.
    """
    for code in (language, original, "en", *sorted(texts)):
        if texts.get(code):
            return code, texts[code]
    return "", ""
