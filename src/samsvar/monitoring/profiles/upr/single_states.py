"""Readings of what a single state recommends, where several states share one sentence and its grammar is certain.

The passage as printed is a finding in any case. A reading quotes only words of its own state, with […] in place of the
words of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from samsvar.monitoring.profile import load_profile_table
from samsvar.monitoring.profiles.upr.states import StateBracket, ends_after, find_state_brackets
from samsvar.territories import code_by_name

_SENTENCE_END = re.compile(r"[⁰¹²³⁴-⁹*\d\s]*(?:[;.]|$)|,\s*$")
_CONTINUES = re.compile(r"\s*;\s*(?:and|et|y)\s", re.IGNORECASE)  # "(France, Spain); and outlaw it (Spain)"
_OBJECT_START = re.compile(r"(?:the|an?|all|its|their|any|every|other|remaining|those|these)\s|[A-ZÀ-Þ]")
_LEADING_CONJUNCTION = re.compile(r"(?:(?:and|or|to|,)\s+)*")
MAX_VERB_PHRASE_WORDS = 8  # “consider extending”, “take the necessary steps in order to ratify”

Readings = list[tuple[str, tuple[str, ...]]]  # text and states


def read_single_states(text: str) -> Readings:
    """Return what single states recommend in a passage, as (text, states); [] if the passage says it by itself.

    There are two kinds. In “Sign (France)/ratify (Spain) the Convention”, the strokes separate verbs with one object.
    In “Train judges (Chile, Peru) in every district (Peru), and report on it (Chile)”, a state is named after a request
    and again after a request that begins with a verb.
    """
    brackets = find_state_brackets(text)
    if len(brackets) < 2:
        return []
    if any(text[bracket.end :].lstrip().startswith("/") for bracket in brackets):
        return _read_alternatives(text, brackets)
    readings: dict[str, tuple[str, ...]] = {}
    for part in _divide_sentences(text, brackets):
        readings.update(_iter_separate_requests(part))
    return list(readings.items())


def _read_alternatives(text: str, brackets: Sequence[StateBracket]) -> Readings:
    """Return the alternatives in “Sign (France)/ratify (Spain) the Statute”, completed; [] if the grammar is unclear.

    Each alternative must be verbs without an object, except the last (“accede to the Statute (Peru)”), and the object
    must follow the last verb at once.
    """
    if ";" in text.rstrip(" ;."):
        return []
    begins = [0, *(bracket.end for bracket in brackets)]
    phrases = [text[begin : bracket.start].strip(" /,") for begin, bracket in zip(begins, brackets, strict=False)]
    rest = text[brackets[-1].end :].strip(" ;.,")
    last = len(brackets) - 1
    states = [bracket.states for bracket in brackets]
    if not rest and len(phrases) > 2 and not _ends_in_verb(phrases[-1]) and _OBJECT_START.match(phrases[-1]):
        # “Sign (France)/ratify (Spain) the Convention (France, Spain)”: the last bracket repeats the states
        if {*states[-1]} == {name for names in states[:-1] for name in names}:
            rest, last = phrases[-1], last - 1
    shared = bool(rest)
    strokes = [text[bracket.end :].lstrip().startswith("/") for bracket in brackets[: last + 1]]
    if not all(strokes[:-1]) or strokes[-1]:
        return []
    verbs, thing = phrases[: last + 1], rest
    if not shared:
        split = _split_verb_and_object(phrases[last])
        if split is None:
            return []
        verbs, thing = [*phrases[:last], split[0]], split[1]
    if not (_OBJECT_START.match(thing) and all(map(_ends_in_verb, verbs))):
        return []
    readings = [(f"{verb} […] {thing}", names) for verb, names in zip(verbs, states, strict=False)]
    return readings if shared else [*readings[:-1], (phrases[last], states[last])]


def _split_verb_and_object(phrase: str) -> tuple[str, str] | None:
    """Split “accede to the Statute” into “accede to” and “the Statute”; None if it does not begin with known verbs."""
    words = phrase.split()
    for count in range(min(len(words) - 1, MAX_VERB_PHRASE_WORDS), 0, -1):
        verb, thing = " ".join(words[:count]), " ".join(words[count:])
        if _OBJECT_START.match(thing) and _ends_in_verb(verb):
            return verb, thing
    return None


def _ends_in_verb(phrase: str) -> bool:
    """Return whether a phrase consists of verbs that wait for an object: “Consider acceding to”, “sign and ratify”."""
    words = phrase.split()
    if not 0 < len(words) <= MAX_VERB_PHRASE_WORDS or any(word[0].isupper() for word in words[1:]):
        return False
    if re.search(r"[^\w\s’'-]", phrase):
        return False
    ending = words[-1].lower()
    before = words[-2].lower() if len(words) > 1 else ""
    return _is_verb(ending) or f"{before} {ending}" in _verbs_with_preposition()


@cache
def _verbs() -> frozenset[str]:
    """Return the verbs of the profile, with their forms in -ing."""
    verbs = load_profile_table("upr")["recommendations"]["verbs"]
    return frozenset(
        form
        for verb in verbs
        for form in (verb, verb + "ing", verb[:-1] + "ing" if verb.endswith("e") else verb + verb[-1] + "ing")
    )


@cache
def _verbs_with_preposition() -> frozenset[str]:
    return frozenset(load_profile_table("upr")["recommendations"]["verbs_with_preposition"])


def _is_verb(word: str) -> bool:
    return word.lower() in _verbs()


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words before a bracket of states, and the states in the bracket."""

    words: str
    states: tuple[str, ...]
    ends: bool = False  # followed by a semicolon

    def is_by(self, state: str) -> bool:
        return state in {code_by_name(name) or name for name in self.states}

    def begins_request(self) -> bool:
        """Return whether the words begin with a verb, if need be after “and” or “to”."""
        start = _LEADING_CONJUNCTION.match(self.words)
        words = self.words[start.end() if start else 0 :].split(" ", 1)
        return len(words) > 1 and _is_verb(words[0])


def _divide_sentences(text: str, brackets: Sequence[StateBracket]) -> Iterator[list[_Piece]]:
    """Yield each sentence that brackets of states divide into pieces, as a list of these pieces."""
    part: list[_Piece] = []
    begin = 0
    for at, bracket in enumerate(brackets):
        words = text[begin : bracket.start].strip(" ,")
        if part and len(words) < 3:  # "(France) (Iraq)": two brackets in the same place
            part[-1] = _Piece(part[-1].words, (*part[-1].states, *bracket.states))
        else:
            part.append(_Piece(words, bracket.states, text[bracket.end :].lstrip().startswith(";")))
        begin = bracket.end
        after = _CONTINUES.match(text, begin)
        if after and _ends_for_some_states(text, bracket, brackets[at + 1 :]):
            begin = after.end(0) - len(after[0].split()[-1]) - 1
        elif _SENTENCE_END.match(text, begin):
            if len(part) > 1:
                yield part
            part = []
            begin += len(text[begin:]) - len(text[begin:].lstrip(" ;.,"))
    if len(part) > 1:
        yield part


def _ends_for_some_states(text: str, bracket: StateBracket, later: Sequence[StateBracket]) -> bool:
    """Return whether the next bracket ends the passage and names only some of the states in this bracket."""
    return bool(later) and set(later[0].states) < set(bracket.states) and ends_after(text, later[0].end)


def _iter_separate_requests(part: Sequence[_Piece]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a state asks for in several pieces of a sentence with words of others in between.

    A piece that follows another state's piece must begin a request of its own: in “Train judges (Chile, Peru) in every
    district (Peru) with its own court (Chile)”, it is uncertain what the court belongs to.
    """
    names_of = {code_by_name(name) or name: name for piece in part for name in piece.states}  # each state only once
    by_pieces: dict[tuple[int, ...], list[str]] = {}
    for state, name in names_of.items():
        by_pieces.setdefault(tuple(at for at, piece in enumerate(part) if piece.is_by(state)), []).append(name)
    for pieces, names in by_pieces.items():
        gaps = [at for before, at in pairwise(pieces) if at - before > 1 or part[before].ends]
        first = pieces[0]
        certain = (first == 0 or part[first].begins_request()) and all(part[at].begins_request() for at in gaps)
        if gaps and certain:
            yield " […] ".join(part[at].words for at in pieces), tuple(names)
