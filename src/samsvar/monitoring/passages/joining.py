"""Joining of lines into paragraphs; a hyphen at the end of a line is kept if it is part of the word."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from samsvar.monitoring.report import Line

# Parts of words that keep their hyphen at the end of a line ("anti-discrimination", "non-État"): Latin and
# Greek parts shared by the languages of reports, and English ones that form compounds (our own list,
# 2026-11).
_KEEP_HYPHEN = frozenset(
    "all anti auto bi co contre cross demi euro ex extra high inter intra long low macro mi micro mid mini multi near"
    " neo non off on out over pan peer post pre pro pseudo quasi re self semi short socio sous sub sur tri ultra under"
    " up vice well".split()
)
_LAST_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]+$")
_WORD = re.compile(
    r"(?<![^\W\d_])[^\W\d_]++(?:-[^\W\d_]++)*+(?!-)"
)  # a word before a hyphen at its end is the half of one
_FIRST_WORD = re.compile(r"[^\W\d_]+")


class HyphenResolver:
    """A resolver that decides, from a report's other words, whether a line-end hyphen is part of the word."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.words: list[str] | None = None  # in alphabetical order, with their hyphens; None until a line ends in one
        self.whole_words: frozenset[str] = frozenset()
        self.cuts_words = False

    def collect_words(self) -> list[str]:
        """Collect and return the words of the report; called once, and only if a line ends in a hyphen."""
        text = f" {' '.join(line.text for line in self.lines)} ".lower()
        all_words = _WORD.findall(text)
        self.whole_words = frozenset(word for word in all_words if "-" not in word)
        words = self.words = sorted({part for word in all_words for part in _list_tails(word)})
        cut = whole = 0
        for current_line, next_line in pairwise(self.lines):
            if current_line.text.endswith(("-", "‐")) and next_line.text[:1].islower():
                left, right = _LAST_WORD.search(current_line.text[:-1]), _FIRST_WORD.match(next_line.text)
                if left and right:
                    cut += _has_word_with_start(words, f"{left[0]}{right[0]}".lower())
                    whole += _has_word_with_start(words, f"{left[0]}-{right[0]}".lower())
        self.cuts_words = cut > whole
        return words

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Return whether “left-right” is a hyphenated word."""
        words = self.collect_words() if self.words is None else self.words
        left, right = left.lower(), right.lower()
        if _has_word_with_start(words, f"{left}-{right}"):
            return True
        if _has_word_with_start(words, f"{left}{right}"):
            return False
        if (left in _KEEP_HYPHEN and (len(left) > 3 or not self.cuts_words)) or _has_word_with_start(words, f"{left}-"):
            return True
        left_is_word = len(left) > 2 and left in self.whole_words
        return left_is_word and (not self.cuts_words or (len(right) > 2 and right in self.whole_words))


def _list_tails(word: str) -> list[str]:
    """Return a hyphenated word and what remains of it without its first parts: "non-co-operation", "co-operation"."""
    if "-" not in word:
        return [word]
    parts = word.split("-")
    return ["-".join(parts[start:]) for start in range(min(len(parts), 6))]


def _has_word_with_start(words: Sequence[str], start: str) -> bool:
    """Return whether one of the words, which are in alphabetical order, begins with these letters."""
    at = bisect_left(words, start)
    return at < len(words) and words[at].startswith(start)


def join_lines(texts: Sequence[str], hyphens: HyphenResolver) -> str:
    """Join lines into one text, undoing hyphenation and replacing other line breaks with spaces."""
    if len(texts) == 1:
        return texts[0].strip()
    pieces = [texts[0]]
    for text in texts[1:]:
        before = pieces[-1]
        last = before[-1:]
        if last == "\xad":
            pieces[-1] = before[:-1]
        elif last in "-‐" and len(before) > 1 and before[-2].isalnum() and text[:1].isalnum():
            left, right = _LAST_WORD.search(before[:-1]), _FIRST_WORD.match(text)
            if left and right and right[0].islower() and not hyphens.keeps_hyphen(left[0], right[0]):
                pieces[-1] = before[:-1]
        elif last != "/" and not (last >= "\u2e80" and text[:1] >= "\u2e80"):  # Chinese and Japanese use no spaces
            pieces.append(" ")
        pieces.append(text)
    return "".join(pieces).strip()
