"""Text functions for finding conclusions: masking, normalising, and splitting into sentences and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

MAX_SENTENCE_LENGTH: Final = 3_000  # characters; longer ones, such as long tables read as text, are read in parts
MAX_ABBREVIATION_LENGTH: Final = 60  # characters before a full stop that may be an abbreviation, with room
# An opening mark, and the first mark behind it that closes or forbids a quotation.
# The pattern begins with a set of characters, which makes it several times as fast as one that begins with a choice.
_OPENING_MARK = re.compile(r"[“«„(\"‘](?:(?<=[“«„(])|(?<=\")(?<!\w\")|(?<=‘)(?<![\w’']‘))")
_NEXT_MARK = {
    mark: re.compile(marks)
    for mark, marks in {"“": "”", "«": "»", "„": "[“”]", '"': '"', "‘": "[‘’]", "(": "[()]"}.items()
}
_OTHER_BLANK = re.compile(r"(?!\n[^\S\n]*\n)[^\S ]")  # white space except plain spaces and blank lines
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
    pieces: list[str] = []
    end = position = 0
    unclosed: set[str] = set()  # marks that no later one closes, so that each is looked for once only
    while opening := _OPENING_MARK.search(text, position):
        start, mark = opening.start(), opening[0]
        position = start + 1
        closing = None if mark in unclosed else _NEXT_MARK[mark].search(text, position)
        if closing is None:
            unclosed.add(mark)
        elif closing[0] not in "‘(" and not (mark in '"‘' and text[closing.end() : closing.end() + 1].isalnum()):
            pieces += (text[end:start], "¤" * (closing.end() - start))
            end = position = closing.end()
    return f"{''.join(pieces)}{text[end:]}" if pieces else text


def normalise_text(text: str) -> str:
    """Normalise spaces and apostrophes without changing the length of the text; blank lines are kept."""
    return _OTHER_BLANK.sub(" ", text).replace("'", "’")


def find_sentence_spans(masked: str, abbreviation: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence; a full stop after an `abbreviation` does not end a sentence.

    A sentence longer than MAX_SENTENCE_LENGTH is cut at spaces, so that reading takes time in proportion to its length.
    """
    start = 0
    for match in _BOUNDARY.finditer(masked):
        if masked[match.start()] == "." and _ends_in_abbreviation(masked, start, match.start(), abbreviation):
            continue
        yield from _cut_long_sentence(masked, start, match.end())
        start = match.end()
    if masked[start:].strip():
        yield from _cut_long_sentence(masked, start, len(masked))


def _ends_in_abbreviation(text: str, start: int, end: int, abbreviation: re.Pattern[str]) -> bool:
    """Return whether a part of a text, the beginning of a sentence, ends in an abbreviation."""
    if end - start <= MAX_ABBREVIATION_LENGTH:
        return abbreviation.search(text[start:end]) is not None
    # a letter in place of what comes before, so that it is neither the start of a sentence nor the end of a word
    return abbreviation.search(f"x{text[end - MAX_ABBREVIATION_LENGTH : end]}") is not None


def _cut_long_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of the parts of a sentence, each at most MAX_SENTENCE_LENGTH characters long."""
    while end - start > MAX_SENTENCE_LENGTH:
        space = text.rfind(" ", start + 1, start + MAX_SENTENCE_LENGTH) + 1
        cut = space or start + MAX_SENTENCE_LENGTH
        yield start, cut
        start = cut
    yield start, end


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
