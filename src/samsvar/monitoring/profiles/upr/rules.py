"""Which passages of a Universal Periodic Review report recommend, and which states recommended it.

A recommendation is a numbered passage below a paragraph of the conclusions ("95.39."), or such a paragraph itself
where it ends with the state's name in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Finding, Passage
from samsvar.territories import code_of, states_in

_BRACKETS = re.compile(
    r"[(\[]((?:[^()\[\]]|\([^()]*\)|\[[^\[\]]*\]){2,600})[)\]]"
)  # one bracket inside another at most
_SHARED = re.compile(r"\b(?:same|similar|idem|also|mêmes?|misma)\b", re.IGNORECASE)
_ENDS_HERE = re.compile(r"[⁰¹²³⁴-⁹*\d\s]*(?:[;.]|$)|,\s*$")
_MORE_BRACKETS = re.compile(r"(?:[(\[][^()\[\]]{2,200}[)\]][\s,]*)+(?:[;.]|$)")
_SEVERAL_MARKS = re.compile(r"(?:\[…\][\s,]*){2,}(?<!,)(?=\s|$)|(?:\[…\]\s*){2,}")
LONGEST_VERB_PHRASE = 8  # words: “consider extending”, “take the necessary steps in order to ratify”
_REST = re.compile(r"[\s.;,:*/⁰¹²³⁴-⁹\d-]*(?:and|or|et|ou|y|o)?[\s.;,:*/]*$", re.IGNORECASE)


def find_recommendations(
    passages: Sequence[Passage], profile: Profile, *, document: str, state: str | None, language: str
) -> tuple[Finding, ...]:
    """The recommendations of a report, one finding for each; its parts by single states are its actions."""
    found: list[Finding] = []
    for passage in _in_conclusions(passages, profile):
        states, ends = _recommending_states(passage.text)
        deep = "." in passage.number and passage.number.rpartition(".")[2].isdigit()
        if not deep and not (states and ends and passage.number):
            continue
        if deep and not states and passage.text.endswith(":"):
            continue  # announces others
        for text, recommending in _readings(passage.text, states):
            found.append(
                Finding(
                    document=document,
                    body=profile.id,
                    state=state,
                    procedure=profile.procedure,
                    paragraph=passage.number,
                    page=passage.pages[0],
                    pages=passage.pages,
                    boxes=passage.boxes,
                    heading=" › ".join(passage.headings),
                    articles=(),
                    strength=None,
                    verb="",
                    addressee=None,
                    from_state=recommending,
                    actions=_single_recommendations(passage.text),
                    text=text,
                    language=language,
                    reader=profile.reader,
                )
            )
    return tuple(found)


def _in_conclusions(passages: Iterable[Passage], profile: Profile) -> Iterator[Passage]:
    """The passages of the part that concludes."""
    part = profile.part
    answers: dict[tuple[str, ...], bool] = {}
    for passage in passages:
        inside = answers.get(passage.headings)
        if inside is None:
            inside = part is not None and any(map(part.search, passage.headings))
            answers[passage.headings] = inside
        if inside:
            yield passage


def _recommending_states(text: str) -> tuple[tuple[str, ...], bool]:
    """The states named in brackets, as printed and each once; and whether the text ends with such a bracket."""
    names: dict[str, None] = {}
    ends = False
    for bracket in _BRACKETS.finditer(text):
        named = states_named(bracket[1])
        if named:
            names.update(dict.fromkeys(named))
            ends = _REST.match(text, bracket.end()) is not None
    return tuple(names), ends


def states_named(printed: str) -> tuple[str, ...]:
    """The states that a bracket names; () for a bracket that says something else ("(CEDAW)", "(see paragraph 4)")."""
    named = states_in(_SHARED.sub(" ", printed) if _SHARED.search(printed) else printed)
    known = tuple(name for name in named if code_of(name))
    return named if len(known) * 2 > len(named) else known


def _readings(text: str, states: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """What a passage recommends, quoted, and the states that do so: one reading, or one for each alternative.

    “Sign (France)/ratify (Spain) the Convention (France, Spain)” recommends two things. Brackets that interrupt a
    sentence are left out of the quotation and marked […]; whose they are stands beside it.
    """
    readings: list[tuple[str, tuple[str, ...]]] = []
    rest = text
    while True:
        found = _first_alternatives(rest)
        if found is None:
            break
        alternatives, tail = found
        for words, named in alternatives:
            readings.append((_quoted(f"{words} […] {tail}"), named))
        rest = tail
        break
    if readings:
        own = {name for _, named in readings for name in named}
        if not readings[-1][1]:
            readings[-1] = (readings[-1][0].replace("[…] ", "", 1), tuple(n for n in states if n not in own) or states)
        return readings
    return [(_quoted(text), states)]


def _first_alternatives(text: str) -> tuple[list[tuple[str, tuple[str, ...]]], str] | None:
    """The alternatives that a text begins with, each with its states, and what is said after the last of them."""
    alternatives: list[tuple[str, tuple[str, ...]]] = []
    begin = 0
    for bracket in _BRACKETS.finditer(text):
        named = states_named(bracket[1])
        words = text[begin : bracket.start()].strip(" /")
        if not named or ";" in words:
            break
        after = text[bracket.end() :].lstrip()
        if after.startswith("/"):
            alternatives.append((words, named))
            begin = bracket.end()
            continue
        if not alternatives:
            break
        if len(words.split()) <= LONGEST_VERB_PHRASE and after[:1] not in ("", ";", ".", ","):
            return [*alternatives, (words, named)], after
        return [*alternatives, ("", ())], text[begin:].lstrip(" /")
    return None


def _quoted(text: str) -> str:
    """The text with each bracket of states that interrupts a sentence replaced by […]."""
    pieces: list[str] = []
    begin = 0
    for bracket in _BRACKETS.finditer(text):
        after = text[bracket.end() :].lstrip(" ")
        if after[:1] in ("", ";", ".", "/", ")") or _MORE_BRACKETS.match(after) or _ENDS_HERE.match(after) or not states_named(bracket[1]):
            continue
        pieces += [text[begin : bracket.start()], "[…]"]
        begin = bracket.end()
    return _SEVERAL_MARKS.sub("[…]", "".join([*pieces, text[begin:]])).strip()


def _single_recommendations(text: str) -> tuple[str, ...]:
    """The parts of a passage that each end with the state that recommended them."""
    parts: list[str] = []
    begin = 0
    for bracket in _BRACKETS.finditer(text):
        if states_named(bracket[1]):
            part = text[begin : bracket.end()].strip(" ;,.")
            if parts and len(part) - len(bracket[0]) < 4:
                parts[-1] = f"{parts[-1]} {part}"  # "(France) (Iraq)": two brackets for one recommendation
            else:
                parts.append(part)
            begin = bracket.end()
    return tuple(parts) if parts else (text,)
