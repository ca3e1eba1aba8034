"""Rules for finding recommendations in Universal Periodic Review reports, with the states that made them.

A recommendation is a numbered passage below a paragraph of the conclusions ("95.39."), or such a paragraph itself if it
ends with the name of a state in brackets. The state's replies and commitments may be numbered in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice

from samsvar.monitoring.profile import Profile, load_profile_table
from samsvar.monitoring.profiles.upr.single_states import read_single_states
from samsvar.monitoring.profiles.upr.states import find_recommending_states, find_state_brackets
from samsvar.monitoring.report import Finding, Passage, StatePosition
from samsvar.territories import code_by_name

_WORD = re.compile(r"[^\W\d_]{3,}")
_PART_NUMBER = re.compile(r"[IVX]{1,5}\.\s")
_NUMBER_RANGE = re.compile(r"(\d+)\s?[-–]\s?(\d+)")
MAX_STATE_NAME_WORDS = 12  # "the United Kingdom of Great Britain and Northern Ireland" has ten


def find_recommendations(
    passages: Sequence[Passage], profile: Profile, *, document: str, state: str | None, language: str
) -> tuple[Finding, ...]:
    """Return the recommendations of a report as findings; their actions are the parts made by different states.

    Each passage is quoted as printed, with all its states. Before it come readings of single states, where the grammar
    of a shared sentence is certain.
    """
    lists = _RecommendationLists(_compile_patterns(profile.id), state)
    findings: list[Finding] = []
    for passage in _find_conclusion_passages(passages, profile):
        for text, states in lists.read_passage(passage):
            findings.append(
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
                    from_state=states,
                    actions=_split_by_states(text),
                    text=text,
                    language=language,
                    reader=profile.reader,
                    state_position=lists.position,
                )
            )
    return tuple(
        replace(finding, state_position=StatePosition.ALREADY_IMPLEMENTED)
        if finding.paragraph in lists.implemented
        else finding
        for finding in findings
    )


def note_irregularities(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return notes for a person to check: numbers out of order, and recommendations that name no state."""
    notes: list[str] = []
    before: Finding | None = None
    for finding in findings:
        here = f"Recommendation {finding.paragraph} (page {finding.page})"
        if not finding.from_state:
            notes.append(f"{here} names no recommending state.")
        if before is not None and finding.paragraph != before.paragraph:
            first, _, last = finding.paragraph.rpartition(".")
            first_before, _, last_before = before.paragraph.rpartition(".")
            in_order = last.isdigit() and last_before.isdigit() and int(last) == int(last_before) + 1
            if first == first_before and last.isdigit() and not in_order:
                notes.append(f"{here} follows {before.paragraph}. Check whether a number is missing or misprinted.")
            elif first != first_before and in_order and int(last) > 2:
                notes.append(f"{here} continues the list of {before.paragraph}. Its number may be misprinted.")
        before = finding
    return tuple(notes)


def _find_conclusion_passages(passages: Sequence[Passage], profile: Profile) -> Iterator[Passage]:
    """Yield the passages in the part of the report that contains the conclusions.

    A heading within that part may look like one of the report's parts; unless it has a part's Roman number, what is
    below it belongs to the conclusions if it contains a listed recommendation.
    """
    part = profile.recommendations_part
    by_path: dict[tuple[str, ...], list[Passage]] = {}
    for passage in passages:
        by_path.setdefault(passage.headings, []).append(passage)
    inside: set[tuple[str, ...]] = set()
    for path, below in by_path.items():
        if (part is not None and any(map(part.search, path))) or (
            inside and not any(map(_PART_NUMBER.match, path)) and any(map(_is_listed_recommendation, below))
        ):
            inside.add(path)
    if inside:
        yield from (passage for passage in passages if passage.headings in inside)
        return
    # the heading is worded or printed in an unknown way: use the lists with their introductions
    listed = [at for at, passage in enumerate(passages) if _is_listed_recommendation(passage)]
    if listed:
        yield from passages[max(listed[0] - 1, 0) : listed[-1] + 2]


def _has_two_words(text: str) -> bool:
    """Return whether a text has at least two words of three letters or more."""
    return len([*islice(_WORD.finditer(text), 2)]) == 2


def _is_listed_recommendation(passage: Passage) -> bool:
    """Return whether a passage has a number within a paragraph ("95.39") and ends with recommending states."""
    return (
        passage.number.rpartition(".")[2].isdigit()
        and "." in passage.number
        and find_recommending_states(passage.text)[1]
    )


@dataclass(slots=True)
class _RecommendationLists:
    """The lists of recommendations of a report, read passage by passage, with the state's position on each list."""

    patterns: _Patterns
    state: str | None  # under review
    position: StatePosition | None = None
    headings: tuple[str, ...] = ()
    is_commitments: bool = False  # whether the passages are the state's own pledges
    mentions_recommendations: bool = True  # whether the last paragraph before the list did
    numbers: list[str] = field(default_factory=list)  # of the recommendations since the last list began
    begins_list: bool = True  # whether the next recommendation is the first of a list
    implemented: set[str] = field(default_factory=set)  # numbers that a later paragraph calls implemented

    def read_passage(self, passage: Passage) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Return the recommendations in a passage as (text, states), readings of single states first; usually one."""
        if passage.headings != self.headings:
            self.headings = passage.headings
            self.read_heading()
        text, number = passage.text, passage.number
        states, ends = find_recommending_states(text)
        *parents, last = number.split(".")
        if any(".".join(parents[: depth + 1]) in self.numbers[-1:] for depth in range(1, len(parents))):
            return ()  # a lettered point of a recommendation that was returned as a whole
        is_listed = bool(parents) and last.isdigit()
        if not is_listed and (
            not (number and states and ends)
            or self.is_lettered_list(passage)
            or (":" not in text and self.patterns.reply.match(text))
        ):
            self.read_introduction(number, text)
            return ()
        if is_listed and not ends and self.patterns.is_introduction(text, states):
            self.read_introduction(number, text)
            return ()
        if self.is_commitments or not (states or self.mentions_recommendations) or not _has_two_words(text):
            return ()
        if not ends and self.is_reply(text):
            return _quote_recommendation(text, self.patterns)
        if not ends and states:
            text = self.remove_reply(text)
        if not parents:  # a paragraph that introduces and contains one recommendation
            self.read_introduction(number, text.partition(":")[0])
        if self.begins_list:
            self.numbers, self.begins_list = [], False
        self.numbers.append(number)
        return (*read_single_states(text), (text, states))

    def read_heading(self) -> None:
        """Take over what a new heading says about the recommendations below it."""
        heading = self.headings[-1] if self.headings else ""
        self.position = self.patterns.find_position(heading)
        self.is_commitments = self.patterns.is_commitment(heading)
        self.mentions_recommendations = True

    def read_introduction(self, number: str, text: str) -> None:
        """Take over what a passage that is not a recommendation says about those that follow, or those before it."""
        position = self.patterns.find_position(text)
        if numbers := self.patterns.find_numbers_above(text):
            if position is StatePosition.ALREADY_IMPLEMENTED:
                lasts = {number.rpartition(".")[2]: number for number in self.numbers}
                self.implemented.update(lasts[last] for last in numbers if last in lasts)
            return
        if number or position is not None:
            self.position = position
            self.begins_list = True
        if number or self.patterns.is_commitment(text):
            self.is_commitments = self.patterns.is_commitment(text)
            self.mentions_recommendations = (
                position is not None or self.patterns.recommendation.search(text) is not None
            )

    def is_lettered_list(self, passage: Passage) -> bool:
        """Return whether the lettered points of a paragraph are recommendations of their own."""
        return sum(find_recommending_states(point)[1] for point in passage.points) > 1

    def is_reply(self, text: str) -> bool:
        """Return whether a passage that does not end with states is the state's reply to a recommendation."""
        if self.patterns.reply.match(text):
            return True
        words = text.split()[:MAX_STATE_NAME_WORDS]
        names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        return self.state is not None and any(code_by_name(name) == self.state for name in names)

    def remove_reply(self, text: str) -> str:
        """Return a recommendation without the state's reply that follows its last bracket of states."""
        end = find_state_brackets(text)[-1].end if find_state_brackets(text) else len(text)
        rest = text[end:].lstrip(" ;.,")
        return text[: len(text) - len(rest)].rstrip() if rest and self.is_reply(rest) else text


def _quote_recommendation(text: str, patterns: _Patterns) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Return the recommendation that a reply quotes with its state, or () if it quotes none.

    “Regarding the recommendation to outlaw it (Chile), included in paragraph 33, the Government …” quotes one.
    """
    for bracket in find_state_brackets(text)[:1]:
        if quoted := patterns.quoted.search(text, 0, bracket.start):
            return ((text[quoted.end() : bracket.end], bracket.states),)
    return ()


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The words of the profile by which introductions, replies and commitments are recognised."""

    positions: tuple[tuple[re.Pattern[str], StatePosition | None], ...]  # the first match wins
    recommendation: re.Pattern[str]
    introduction: re.Pattern[str]
    reply: re.Pattern[str]
    quoted: re.Pattern[str]
    commitment: re.Pattern[str]
    numbers_above: re.Pattern[str]

    def find_position(self, text: str) -> StatePosition | None:
        """Return the position that an introduction or a heading prints; None if it prints none or a mixed one."""
        return next((position for words, position in self.positions if words.search(text)), None)

    def is_introduction(self, text: str, states: Sequence[str]) -> bool:
        """Return whether a passage that does not end with states introduces other recommendations."""
        return (text.endswith(":") and not states) or self.introduction.search(text) is not None

    def is_commitment(self, text: str) -> bool:
        return self.commitment.search(text) is not None and not self.recommendation.search(text)

    def find_numbers_above(self, text: str) -> tuple[str, ...]:
        """Return the last parts of the numbers in “recommendations Nos. 7, 95.8 and 10–12 above”, or ()."""
        listed = self.numbers_above.search(text)
        if listed is None:
            return ()
        spread = _NUMBER_RANGE.sub(
            lambda pair: " ".join(map(str, range(int(pair[1]), min(int(pair[2]), int(pair[1]) + 500) + 1))), listed[1]
        )
        return tuple(number.rpartition(".")[2] for number in re.findall(r"\d+(?:\.\d+)*", spread))


@cache
def _compile_patterns(body: str) -> _Patterns:
    table = load_profile_table(body)["recommendations"]

    def compile_words(words: Sequence[str]) -> re.Pattern[str]:
        return re.compile("|".join(words), re.IGNORECASE)

    return _Patterns(
        positions=tuple(
            (compile_words(entry["words"]), StatePosition(entry["position"]) if entry["position"] else None)
            for entry in table["positions"]
        ),
        **{
            name: compile_words(table[name])
            for name in ("recommendation", "introduction", "reply", "quoted", "commitment", "numbers_above")
        },
    )


def _split_by_states(text: str) -> tuple[str, ...]:
    """Split a passage into parts that each end with their recommending states; one part if it names no states."""
    parts: list[str] = []
    begin = 0
    for bracket in find_state_brackets(text):
        part = text[begin : bracket.end].strip(" ;,.")
        if parts and len(part) - (bracket.end - bracket.start) < 4:
            parts[-1] = f"{parts[-1]} {part}"  # "(France) (Iraq)": two brackets for one recommendation
        else:
            parts.append(part)
        begin = bracket.end
    return tuple(parts) if parts else (text,)
