"""Provisions of the Convention: references such as "30(2);44(1)(e)", and the articles mentioned in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from samsvar.errors import ConventionError
from samsvar.text import read_data_file

LAST_ARTICLE = 81  # of the Istanbul Convention; a higher number belongs to another instrument


class UnreadableProvision(ConventionError):
    """Raised when a reference to a provision is not written as article, paragraph and letter."""

    advice = "Write articles with paragraph and letter, separated by semicolons, for example 30(2);44(1)(e)."

    def __init__(self, reference: str) -> None:
        super().__init__(f"“{reference}” is not a provision of the Convention.")
        self.reference = reference


@dataclass(frozen=True, slots=True, order=True)
class Provision:
    """An article, paragraph or letter; paragraph 0 is the whole article, letter "" the whole paragraph."""

    article: int
    paragraph: int = 0
    letter: str = ""

    def __str__(self) -> str:
        """Return the short form that lawyers use: "44(1)(e)"."""
        paragraph = f"({self.paragraph})" if self.paragraph else ""
        letter = f"({self.letter})" if self.letter else ""
        return f"{self.article}{paragraph}{letter}"

    def covers(self, other: Provision) -> bool:
        """Return whether `other` is this provision or part of it: Article 44 covers 44(1)(e)."""
        return (
            self.article == other.article
            and self.paragraph in (0, other.paragraph)
            and self.letter in ("", other.letter)
        )


_PROVISION = re.compile(r"(\d{1,2})(?:\((\d{1,2})\))?(?:\(([a-z])\))?")


def parse_provisions(reference: str) -> tuple[Provision, ...]:
    """Parse a reference such as "30(2);44(1)(e)" into its provisions, in order; () for "".

    Raises UnreadableProvision if a part is not a provision or not an article of the Convention.
    """
    return tuple(_parse_provision(part.strip()) for part in reference.split(";") if part.strip())


def _parse_provision(part: str) -> Provision:
    match = _PROVISION.fullmatch(part)
    if match is None or not 1 <= int(match[1]) <= LAST_ARTICLE:
        raise UnreadableProvision(part)
    return Provision(int(match[1]), int(match[2] or 0), match[3] or "")


def format_provisions(provisions: Iterable[Provision]) -> str:
    """Format provisions as a reference that `parse_provisions` can parse."""
    return ";".join(map(str, provisions))


@lru_cache(maxsize=20_000)  # the same heading is looked up again for every passage below it
def find_article_numbers(text: str, last_article: int = LAST_ARTICLE) -> tuple[str, ...]:
    """Return the numbers of the articles mentioned in a heading or sentence, in the order printed; () for none.

    Each number is returned once. Recognises "(Article 18)", "Articles 22 and 23", "Articles 33 to 35", "Article 55,
    paragraph 1" and the French forms. Articles of other instruments ("Article 3 of the ECHR", "Article 177 of the
    Criminal Code") are ignored: a mention that names an instrument counts only if the instrument is the Convention.
    `last_article` is the number of the treaty's last article.
    """
    article_numbers: dict[str, None] = {}
    position, other_treaty = 0, False
    while match := _mention_patterns().opener.search(text, position):
        continues = other_treaty and bool(_mention_patterns().goes_on.fullmatch(text, position, match.start()))
        numbers, position = _read_number_list(text, match.end())
        other_treaty = _belongs_to_other_treaty(text, match.start(), position, continues=continues)
        if numbers and 1 <= min(numbers) <= max(numbers) <= last_article and not other_treaty:
            article_numbers.update(dict.fromkeys(map(str, numbers)))
    return tuple(article_numbers)


def _read_number_list(text: str, position: int) -> tuple[list[int], int]:
    """Return the article numbers listed at `position`, with ranges expanded, and the position where the list ends."""
    patterns, numbers, in_range = _mention_patterns(), list[int](), False
    match = patterns.number.match(text, position)
    while match:
        number = int(match["article"])
        if in_range and number <= numbers[-1]:  # "Article 7 – 2 …" is not a range, and 2 is not an article
            break
        numbers.extend(range(numbers[-1] + 1, number + 1) if in_range else [number])
        position = match.end()
        joiner = patterns.join.match(text, position)
        in_range = bool(joiner and joiner["up_to"])
        match = patterns.number.match(text, joiner.end()) if joiner else None
    return numbers, position


def _belongs_to_other_treaty(text: str, start: int, end: int, *, continues: bool) -> bool:
    """Return whether the words around a mention attribute its articles to another instrument.

    `continues` is True if the mention continues a mention of another instrument. It then refers to that instrument as
    well, unless it names the Convention.
    """
    patterns, following_text = _mention_patterns(), text[end : end + 120]
    if patterns.instrument_behind.match(following_text) or patterns.instrument_before.search(
        text[max(0, start - 60) : start]
    ):
        return True
    if patterns.own.match(following_text):
        return False
    return continues or bool(patterns.of.match(following_text))


@dataclass(frozen=True, slots=True)
class _MentionPatterns:
    """Compiled patterns for mentions of articles, built from the words in data/mentions.toml."""

    opener: re.Pattern[str]
    number: re.Pattern[str]
    join: re.Pattern[str]
    of: re.Pattern[str]
    own: re.Pattern[str]
    instrument_behind: re.Pattern[str]
    instrument_before: re.Pattern[str]
    goes_on: re.Pattern[str]


@cache
def _mention_patterns() -> _MentionPatterns:
    raw = read_data_file("samsvar.convention", "mentions.toml")
    alternations = {key: _build_alternation(words) for key, words in tomllib.loads(raw).items()}
    groups = {key: f"(?:{alternatives})" for key, alternatives in alternations.items()}
    not_an_article = rf"(?![\w°]|\s*%|/\d{{3}}|\s+{groups['counted']}\b|\s*(?:bis|ter|quater)\b)"
    # the number or letter of a paragraph, with or without brackets
    subdivision = r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})(?!\w)\)?"
    separators = rf"\s*(?:,\s*{groups['also']}|,|[-–]|{groups['also']}|{groups['up_to']})\s*"
    bracketed_part = r"\s*\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)"
    many_parts = rf"{groups['parts']}\.?\s*{subdivision}(?:{separators}{subdivision})*"
    worded_part = rf",?\s*\(?(?:{many_parts}|{groups['part']}\.?\s*{subdivision})\)?"
    repeated_article = rf"(?:(?:l['’])?{groups['article']}\s+)?"  # "Article 7 and Article 10"
    separator = rf"(?P<up_to>{groups['up_to']}\b|[-–—])|[,;/]|{groups['also']}(?!\w)|(?<=,\s)"
    possessive = rf"\s*{groups['of']}(?:\s+|['’])"
    determiner = r"(?:\s*(?:the|this|la|le|les|l['’]|cette)?\s*)"
    few_words = r"(?:[\w’'-]+\s+){0,4}?"
    in_instrument = rf"(?:in|under|from|dans)\s+{few_words}(?:{groups['instruments']}|{groups['acts']})"
    patterns = {
        "opener": rf"(?<![\w-]){groups['article']}(?!\w)\.?\s*(?:n[o°]\.?\s*)?(?=\d)",
        "number": rf"(?P<article>\d{{1,3}}){not_an_article}(?:\.\d{{1,2}}(?!\w)|{bracketed_part}|{worded_part})*",
        "join": rf"\s*(?:,\s*)?(?:{separator})\s*{repeated_article}",
        "of": possessive,
        "own": rf"{possessive}{determiner}{groups['own']}(?!\w)(?!\s*{groups['another_convention']}(?!\w))",
        "instrument_behind": rf"\s*,?\s*(?:{groups['instruments']}|{in_instrument})(?!\w)",
        "goes_on": rf"[^.;]{{0,80}}?(?:{alternations['together']})\s+(?:l['’])?",
        "instrument_before": rf"(?<!\w){groups['instruments']}[,:]?\s+$",
    }
    return _MentionPatterns(**{name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()})


def _build_alternation(words: Iterable[str]) -> str:
    """Return a regex that matches any of the words, longest first; a space also matches hyphens and apostrophes."""
    return "|".join(r"[\s'’-]+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True))
