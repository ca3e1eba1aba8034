"""Text functions for finding conclusions: masking, normalising, and splitting into sentences and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_QUOTATIONS = re.compile(
    r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|(?<![\w])\"[^\"]*\"(?!\w)|(?<![\w’'])‘[^‘’]*’(?![\w])|\([^()]*\)"
)
_BLANK = re.compile(r"(?!\n[^\S\n]*\n)\s")
_BOUNDARY = re.compile(r"(?:[.!?…][”»\")’¤]*(?:\d{1,3})?(?=\s+[\"“«(¤]*[A-ZÀ-ÖØ-Þ0-9•–-])|\n\s*)")


def mask_quotations(text: str) -> str:
    """Mask quotations and brackets without changing the length of the text; an unclosed quotation is not masked.

    A paragraph that is a single quotation is not masked either, because some lists print proposals like that.
    """
    whole = text.strip()
    if (
        len(whole) > 2
        and (whole[0], whole[-1]) in {("“", "”"), ("«", "»"), ('"', '"')}
        and whole.count(whole[0]) == (2 if whole[0] == '"' else 1)
    ):
        return text
    return _QUOTATIONS.sub(lambda match: "¤" * len(match[0]), text)


def normalise_text(text: str) -> str:
    """Normalise spaces and apostrophes without changing the length of the text; blank lines are kept."""
    return _BLANK.sub(" ", text).replace("'", "’")


def find_sentence_spans(masked: str, abbreviation: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence; a full stop after an `abbreviation` does not end a sentence."""
    start = 0
    for match in _BOUNDARY.finditer(masked):
        if masked[match.start()] == "." and abbreviation.search(masked[start : match.start()]):
            continue
        yield start, match.end()
        start = match.end()
    if masked[start:].strip():
        yield start, len(masked)


def expand_paragraph_numbers(printed: str) -> Iterator[str]:
    """Yield the paragraph numbers in a printed list, with "12 to 14" and "12-14" expanded."""
    before: int | None = None
    for joint, number in re.findall(r"(to|à|-|–)?\s*(\d{1,4}(?:\.\d{1,3})*)", printed):
        if joint and before is not None and number.isdigit() and 0 < int(number) - before < 40:
            yield from map(str, range(before + 1, int(number) + 1))
        else:
            yield number
        before = int(number) if number.isdigit() else None


@lru_cache(maxsize=4096)  # every verb in a text is compared with every verb of the profile
def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case."""
    return tuple(re.findall(r"[\wÀ-ÿ]+(?:[’'-][\wÀ-ÿ]+)*", text.lower().replace("'", "’")))


def has_similar_wording(first: str, second: str) -> bool:
    """Return whether nine tenths of the three-word sequences of `first` also occur in `second`."""
    runs = [set(zip(w, w[1:], w[2:], strict=False)) for w in (split_words(first), split_words(second))]
    return not runs[0] or len(runs[0] & runs[1]) >= 0.9 * len(runs[0])
