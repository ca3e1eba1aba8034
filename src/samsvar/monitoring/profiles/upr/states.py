"""The states named in a recommendation's brackets, as printed, also where a bracket or a name is misprinted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from samsvar.territories import code_by_name, split_state_names, territories
from samsvar.text import fold_letters

# at most one level of nested brackets
_BRACKETS = re.compile(r"[(\[{]((?:[^()\[\]{}]|\([^()]*\)|\[[^\[\]]*\]){2,1200})[)\]}]")
_OPENING = re.compile(r"[(\[{](?=[^\W\d_])")
_WORD_END = re.compile(r"(?<=[^\W\d_])(?![\w’'])|(?<=\))")
_WORD_START = re.compile(r"(?<![^\s;,.])[^\W\d_]")
# "Bolivia (Plurinational Republic of)": the words in brackets are a mistake in the report
_INNER_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
_FORM_OF_STATE = re.compile(
    r"(?:[Tt]he )?(?:[A-Z]\w+ ){0,3}(?:Republic|Kingdom|State|Sultanate|Principality) of (?:the )?(?P<name>.+)"
)
_ON_BEHALF = re.compile(r",?\s*\(?\s*\b(?:on behalf of|au nom d|en nombre d)[^,;()]*\)?", re.IGNORECASE)
_ONLY_LETTERS = re.compile(r"[^\W\d_]+(?:\s[^\W\d_]+)*")
_SHARED = re.compile(r"\b(?:same|similar|idem|also|mêmes?|misma)\b", re.IGNORECASE)
_PROPOSED_BY = re.compile(
    r"^.*\b(?:recommend|propos|suggest|request|made|put forward|read|recommand|recomend|formul)\w*"
    r"(?: in full| out)? (?:by|par|por) (?:the )?",
    re.IGNORECASE | re.DOTALL,
)
_LAST_CONJUNCTION = re.compile(r"\s+(?:and|et|y)\s*(?=[,;])", re.IGNORECASE)  # "Togo and, in part, Kenya"
_NOTE_MARK = re.compile(r"\s*(?:[⁰¹²³⁴-⁹*∗†‡]+|(?<=[^\W\d_])\d{1,2}(?=\s*(?:[,;)&]|and\b|et\b|y\b|$)))")
_LAST_BRACKET = re.compile(r"\(([A-ZÀ-Þ][^\W\d_]{2,}(?:[ ,’'-]+[^\W\d_]+){0,5})\)[\s.;]*$")
_ONLY_PUNCTUATION = re.compile(r"[\s.;,:*/)\]⁰¹²³⁴-⁹\d-]*(?:and|or|et|ou|y|o)?[\s.;,:*/]*$", re.IGNORECASE)
_NAME_LIKE = re.compile(
    r"(?:the |les? |la )?[A-ZÀ-Þ][’'`´.-]?[a-zß-ÿ][\w’'`´.-]*"
    r"(?: (?:and|of|the|et|de|du|des|y|la|el)| [A-ZÀ-Þ(][\w’'.)-]*){0,8}$"
)
MIN_MISPRINTED_LENGTH = 5  # letters; shorter words are too often near a name ("Mail", "Chad")
MAX_NAME_WORDS = 40  # in a bracket without its opening parenthesis
MAX_NAME_CHARACTERS = 300  # in a bracket that lacks one of its parentheses


@dataclass(frozen=True, slots=True)
class StateBracket:
    """A bracket that names states, with its position and the names as printed."""

    start: int
    end: int
    states: tuple[str, ...]


def find_recommending_states(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the states named in brackets, as printed, without duplicates, and whether such a bracket ends the text."""
    names: dict[str, None] = {}
    ends = False
    for bracket in find_state_brackets(text):
        names.update(dict.fromkeys(bracket.states))
        ends = _ONLY_PUNCTUATION.match(text, bracket.end) is not None
    if not names and (last := _LAST_BRACKET.search(text)):  # a misprinted name, or a state that we do not know
        names.update(dict.fromkeys(split_state_names(last[1])))
    return tuple(names), ends


@lru_cache(maxsize=64)  # called many times for each passage
def find_state_brackets(text: str) -> tuple[StateBracket, ...]:
    """Return the brackets of a text that name states, in order; one that is not closed ends after its names."""
    brackets = [StateBracket(b.start(), b.end(), parse_bracket_states(b[1])) for b in _BRACKETS.finditer(text)]
    brackets = [bracket for bracket in brackets if bracket.states]
    if text.count("(") > text.count(")") or not brackets:
        brackets += _find_unclosed_brackets(text, brackets)
    if text.count(")") > text.count("(") or (not brackets and ")" in text):
        brackets += _find_unopened_brackets(text, brackets)
    return tuple(sorted(brackets, key=lambda bracket: bracket.start))


def parse_bracket_states(printed: str) -> tuple[str, ...]:
    """Return the states named in a bracket; () if it contains something else ("(CEDAW)", "(see paragraph 4)")."""
    if code_by_name(printed) and _ONLY_LETTERS.fullmatch(printed):  # one state, as in most brackets
        return (" ".join(printed.split()),)
    printed = _NOTE_MARK.sub("", _LAST_CONJUNCTION.sub("", _ON_BEHALF.sub("", _PROPOSED_BY.sub("", printed))))
    names = split_state_names(_SHARED.sub(" ", printed) if _SHARED.search(printed) else printed)
    known_names = tuple(name for name in names if _is_state(name))
    possible = tuple(name for name in names if name in known_names or _NAME_LIKE.match(name))
    if known_names and (len(possible) == len(names) or len(known_names) * 2 > len(names)):
        return possible  # with a name that we do not know
    return known_names


def find_state_code(printed: str) -> str | None:
    """Return the code of a state for its printed name, also in a longer form ("the Kingdom of Spain"), or None."""
    form = _FORM_OF_STATE.match(printed)
    return code_by_name(printed) or code_by_name(form["name"] if form else _INNER_BRACKET.sub("", printed))


def _is_state(name: str) -> bool:
    return find_state_code(name) is not None or resembles_state(name)


@lru_cache(maxsize=20_000)
def resembles_state(name: str) -> bool:
    """Return whether a name is that of a state but for a few letters ("Phillipines", "Lybia", "Cte d’Ivoire").

    The first letter must be right; two letters may differ, one in a name of fewer than seven letters.
    """
    letters = fold_letters(name)
    if len(letters) < MIN_MISPRINTED_LENGTH or not name[:1].isupper() or len(letters) > 60:
        return False
    most = 1 if len(letters) < 7 else 2
    return any(
        known[0] == letters[0]
        and abs(len(known) - len(letters)) <= most
        and (sorted(known) == sorted(letters) or _count_edits(letters, known) <= most)
        for known in _folded_state_names()
    )


def _count_edits(left: str, right: str) -> int:
    """Return how many letters must be added, removed or replaced to make one word of the other."""
    counts: list[int] = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        before, counts[0] = counts[0], number
        for at, other in enumerate(right, 1):
            before, counts[at] = counts[at], min(counts[at] + 1, counts[at - 1] + 1, before + (letter != other))
    return counts[-1]


@cache
def _folded_state_names() -> tuple[str, ...]:
    return tuple(
        {
            letters
            for state in territories().values()
            for name in (*(name for _, name in state.names), *state.other_names)
            if len(letters := fold_letters(name)) >= MIN_MISPRINTED_LENGTH
        }
    )


def _find_unclosed_brackets(text: str, known: Sequence[StateBracket]) -> Iterator[StateBracket]:
    """Yield the brackets without a closing parenthesis ("(Spain;", "(Chile and the Protocol (Peru)")."""
    for opening in _OPENING.finditer(text):
        if any(bracket.start <= opening.start() < bracket.end for bracket in known):
            continue
        ends = [word.end() for word in _WORD_END.finditer(text, opening.end(), opening.end() + MAX_NAME_CHARACTERS)]
        stop = text.find("(", opening.end())
        for end in reversed(ends):  # the longest list of names that begins here
            names = split_state_names(_NOTE_MARK.sub("", text[opening.end() : end]))
            nested = 0 <= stop < end and text.count("(", stop, end) != text.count(")", stop, end)
            if names and not nested and all(map(code_by_name, names)):
                yield StateBracket(opening.start(), end, names)
                break


def _find_unopened_brackets(text: str, known: Sequence[StateBracket]) -> Iterator[StateBracket]:
    """Yield the brackets without an opening parenthesis ("against torture Spain, Chile);")."""
    depth = 0
    for at, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]" and depth:
            depth -= 1
        elif character in ")]" and (names := _find_names_before(text[:at])):
            start, states = names
            if not any(bracket.start < at and start < bracket.end for bracket in known):
                yield StateBracket(start, at + 1, states)


def _find_names_before(text: str) -> tuple[int, tuple[str, ...]] | None:
    """Return the longest list of known states at the end of a text, with its start; None if there is none."""
    best: tuple[int, tuple[str, ...]] | None = None
    starts = [word.start() for word in _WORD_START.finditer(text)][-MAX_NAME_WORDS:]
    for start in reversed(starts):
        printed = text[start:]
        if not printed[0].isupper() or len(printed) > MAX_NAME_CHARACTERS:
            continue
        names = split_state_names(_NOTE_MARK.sub("", printed))
        if names and all(map(code_by_name, names)):
            best = (start, names)
    return best


def ends_after(text: str, position: int) -> bool:
    """Return whether only punctuation, or a last "and", follows a position."""
    return _ONLY_PUNCTUATION.match(text, position) is not None
