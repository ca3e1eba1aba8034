"""Which articles a text names, and how a provision is written: "30(2);44(1)(e)" read, ordered and shown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from samsvar.errors import ConventionError

LAST_ARTICLE = 81  # of the Istanbul Convention; a mention with a higher number is of another instrument


class UnreadableProvision(ConventionError):
    """A reference to a provision is not written as an article with paragraph and letter."""

    code = "unreadable_provision"
    advice = "Write an article, its paragraph and its letter, parted by semicolons: 30(2);44(1)(e)."

    def __init__(self, written: str) -> None:
        super().__init__(f"“{written}” names no provision of the Convention.")
        self.written = written


@dataclass(frozen=True, slots=True, order=True)
class Provision:
    """An article, or a paragraph or letter of one. Paragraph 0 and letter "" mean the whole of what stands above."""

    article: int
    paragraph: int = 0
    letter: str = ""

    def __str__(self) -> str:
        """As lawyers write it in brief: "44(1)(e)"."""
        paragraph = f"({self.paragraph})" if self.paragraph else ""
        letter = f"({self.letter})" if self.letter else ""
        return f"{self.article}{paragraph}{letter}"

    def covers(self, other: Provision) -> bool:
        """Whether `other` is this provision or a part of it: Article 44 covers 44(1)(e)."""
        return (
            self.article == other.article
            and self.paragraph in (0, other.paragraph)
            and self.letter in ("", other.letter)
        )


_PROVISION = re.compile(r"(\d{1,2})(?:\((\d{1,2})\))?(?:\(([a-z])\))?")


def provisions_in(written: str) -> tuple[Provision, ...]:
    """The provisions of a reference such as "30(2);44(1)(e)", in its order; () for "".

    Raises UnreadableProvision where a part is anything else, or no article of the Convention.
    """
    return tuple(_provision(part.strip()) for part in written.split(";") if part.strip())


def _provision(part: str) -> Provision:
    read = _PROVISION.fullmatch(part)
    if read is None or not 1 <= int(read[1]) <= LAST_ARTICLE:
        raise UnreadableProvision(part)
    return Provision(int(read[1]), int(read[2] or 0), read[3] or "")


def written(provisions: Iterable[Provision]) -> str:
    """The reference that `provisions_in` reads again."""
    return ";".join(map(str, provisions))


def ranges(articles: Iterable[str]) -> str:
    """Article numbers in order, runs of three and more drawn together: 7, 8, 9, 11, 12 → "7–9, 11, 12"."""
    numbers = sorted({int(number) for number in articles})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


@lru_cache(maxsize=20_000)  # headings come back for every passage below them
def articles_named(text: str, last_article: int = LAST_ARTICLE) -> tuple[str, ...]:
    """The numbers of the articles that a heading or sentence names, each once, in the order printed; () for none.

    Reads "(Article 18)", "Articles 22 and 23", "Articles 33 to 35", "Article 55, paragraph 1" and the French forms.
    Articles of other instruments ("Article 3 of the ECHR", "Article 177 of the Criminal Code") are not named: a mention
    that says whose article it is counts only where it says the Convention's. `last_article` is the treaty's last.
    """
    named: dict[str, None] = {}
    at, another = 0, False
    while opened := _words().opener.search(text, at):
        goes_on = another and bool(_words().goes_on.fullmatch(text, at, opened.start()))
        numbers, at = _numbers_at(text, opened.end())
        another = _of_another(text, opened.start(), at, goes_on=goes_on)
        if numbers and 1 <= min(numbers) <= max(numbers) <= last_article and not another:
            named.update(dict.fromkeys(map(str, numbers)))
    return tuple(named)


def _numbers_at(text: str, at: int) -> tuple[list[int], int]:
    """The articles of the list that begins at `at`, ranges written out, and where the list ends."""
    words, numbers, ranged = _words(), list[int](), False
    found = words.number.match(text, at)
    while found:
        number = int(found["article"])
        if ranged and number <= numbers[-1]:  # "Article 7 – 2 …" is no range, and 2 no article
            break
        numbers.extend(range(numbers[-1] + 1, number + 1) if ranged else [number])
        at = found.end()
        joined = words.join.match(text, at)
        ranged = bool(joined and joined["up_to"])
        found = words.number.match(text, joined.end()) if joined else None
    return numbers, at


def _of_another(text: str, start: int, end: int, *, goes_on: bool) -> bool:
    """Whether the words round a mention say that its articles are another instrument's.

    `goes_on` where the mention is read together with one of another instrument: it is that one's unless it says ours.
    """
    words, behind = _words(), text[end : end + 120]
    if words.instrument_behind.match(behind) or words.instrument_before.search(text[max(0, start - 60) : start]):
        return True
    if words.own.match(behind):
        return False
    return goes_on or bool(words.of.match(behind))


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns made of the words in data/mentions.toml."""

    opener: re.Pattern[str]
    number: re.Pattern[str]
    join: re.Pattern[str]
    of: re.Pattern[str]
    own: re.Pattern[str]
    instrument_behind: re.Pattern[str]
    instrument_before: re.Pattern[str]
    goes_on: re.Pattern[str]


@cache
def _words() -> _Words:
    raw = files("samsvar.convention").joinpath("data/mentions.toml").read_text(encoding="utf-8")
    any_of = {key: _any_of(words) for key, words in tomllib.loads(raw).items()}
    said = {key: f"(?:{alternatives})" for key, alternatives in any_of.items()}
    no_other = (
        rf"(?![\w°]|\s*%|/\d{{3}}|\s+{said['counted']}\b|\s*(?:bis|ter|quater)\b)"  # what makes a number no article
    )
    bit = r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})(?!\w)\)?"  # a paragraph's number or a letter, with or without brackets
    between = rf"\s*(?:,\s*{said['also']}|,|[-–]|{said['also']}|{said['up_to']})\s*"
    in_brackets = r"\s*\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)"
    in_words = rf",?\s*\(?(?:{said['parts']}\.?\s*{bit}(?:{between}{bit})*|{said['part']}\.?\s*{bit})\)?"
    again = rf"(?:(?:l['’])?{said['article']}\s+)?"  # "Article 7 and Article 10"
    separator = rf"(?P<up_to>{said['up_to']}\b|[-–—])|[,;/]|{said['also']}(?!\w)|(?<=,\s)"
    whose = rf"\s*{said['of']}(?:\s+|['’])"
    the = r"(?:\s*(?:the|this|la|le|les|l['’]|cette)?\s*)"
    few = r"(?:[\w’'-]+\s+){0,4}?"
    within = rf"(?:in|under|from|dans)\s+{few}(?:{said['instruments']}|{said['acts']})"
    patterns = {
        "opener": rf"(?<![\w-]){said['article']}(?!\w)\.?\s*(?:n[o°]\.?\s*)?(?=\d)",
        "number": rf"(?P<article>\d{{1,3}}){no_other}(?:\.\d{{1,2}}(?!\w)|{in_brackets}|{in_words})*",
        "join": rf"\s*(?:,\s*)?(?:{separator})\s*{again}",
        "of": whose,
        "own": rf"{whose}{the}{said['own']}(?!\w)(?!\s*{said['another_convention']}(?!\w))",
        "instrument_behind": rf"\s*,?\s*(?:{said['instruments']}|{within})(?!\w)",
        "goes_on": rf"[^.;]{{0,80}}?(?:{any_of['together']})\s+(?:l['’])?",
        "instrument_before": rf"(?<!\w){said['instruments']}[,:]?\s+$",
    }
    return _Words(**{name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()})


def _any_of(words: Iterable[str]) -> str:
    """An alternation, longest first; a blank stands for blanks, hyphens or an apostrophe."""
    return "|".join(r"[\s'’-]+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True))
