"""Joining of lines into paragraphs; a hyphen at the end of a line is kept if it is part of the word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

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
_FIRST_WORD = re.compile(r"[^\W\d_]+")
MAX_LOOKUPS: Final = 20_000  # in a report; each may read its whole text
_BEFORE_WORDS = "([“«„\"'‘’/–—"


class HyphenResolver:
    """A resolver that decides, from a report's other words, whether a line-end hyphen is part of the word."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.text = ""
        self.cuts_words = False
        self.answers: dict[str, bool] = {}

    def collect_words(self) -> None:
        """Collect the words of the report; called once, and only if a line ends in a hyphen."""
        lines = [line.text for line in self.lines]
        text = f" {' '.join([line.lower() for line in lines])} "
        for mark in _BEFORE_WORDS:
            text = text.replace(mark, " ")
        self.text = text.replace("- ", "\0 ")  # a word before a hyphen and a space is the half of one
        cut = whole = 0
        for line, next_line in pairwise(lines):
            if line.endswith(("-", "‐")) and next_line[:1].islower():
                left, right = _LAST_WORD.search(line[:-1]), _FIRST_WORD.match(next_line)
                if left and right:
                    cut += self.has_word_with_start(f"{left[0]}{right[0]}".lower())
                    whole += self.has_word_with_start(f"{left[0]}-{right[0]}".lower())
        self.cuts_words = cut > whole

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Return whether “left-right” is a hyphenated word."""
        if not self.text:
            self.collect_words()
        left, right = left.lower(), right.lower()
        if self.has_word_with_start(f"{left}-{right}"):
            return True
        if self.has_word_with_start(f"{left}{right}"):
            return False
        if (left in _KEEP_HYPHEN and (len(left) > 3 or not self.cuts_words)) or self.has_word_with_start(f"{left}-"):
            return True
        left_is_word = len(left) > 2 and self.is_word(left)
        return left_is_word and (not self.cuts_words or (len(right) > 2 and self.is_word(right)))

    def has_word_with_start(self, start: str) -> bool:
        """Return whether a word of the report, or a later part of a hyphenated one, begins with these letters."""
        return self.contains(f" {start}") or self.contains(f"-{start}")

    def is_word(self, word: str) -> bool:
        """Return whether a word occurs on its own in the report."""
        return any(self.contains(f" {word}{after}") for after in " .,;:)")

    def contains(self, part: str) -> bool:
        """Return whether the text of the report contains a part; False if too much was looked for already."""
        answer = self.answers.get(part)
        if answer is None:
            answer = self.answers[part] = len(self.answers) < MAX_LOOKUPS and part in self.text
        return answer


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
