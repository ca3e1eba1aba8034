"""Issues over the rounds of monitoring: what each round says about the same thing, from the first text to the last.

An **issue** is a chain of findings that certain or confirmed links join (`samsvar.monitoring.lineage`). Its line has a
step for each round since it was first raised. A round that does not raise it again proves nothing: a body does not
examine everything in every round, so the step says that it is not known whether the issue was resolved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import STRENGTH_ORDER, LaterText, Round, RoundDocument


class StepChange(StrEnum):
    """What the text of a round does to an issue, compared with the last text before it that asks for something."""

    FIRST = "first"
    RESTATED = "restated"  # with the same strength
    STRONGER = "stronger"
    WEAKER = "weaker"
    AGAIN = "again"  # raised again, but one of the texts states no strength
    WELCOMED = "welcomed"  # praise only
    CONCLUDED = "concluded"  # a reviewer confirmed that the text closes it
    PARTLY_CONCLUDED = "partly_concluded"  # it closes some of the earlier findings, not all
    NOT_RAISED = "not_raised"  # whether it was resolved is not known


class IssueFinding(NamedTuple):
    """A finding of an issue; `strength` is a value of `Strength`, or "" if the body gives none."""

    finding: Hashable
    document: Hashable
    strength: str


class IssueLink(NamedTuple):
    """A link between two findings of an issue; `later_text` is "closes", "restates", "takes_up" or ""."""

    later: Hashable
    earlier: Hashable
    later_text: str = ""


@dataclass(frozen=True, slots=True)
class IssueStep:
    """A round in the line of an issue. `strength` is None if the round does not raise it, else as in a finding."""

    round: Round
    change: StepChange
    strength: str | None
    findings: tuple[IssueFinding, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue with its line, oldest step first; there are at least two findings."""

    steps: tuple[IssueStep, ...]

    @property
    def findings(self) -> tuple[IssueFinding, ...]:
        """The findings of all steps, oldest first."""
        return tuple(finding for step in self.steps for finding in step.findings)


def trace_issues(
    rounds: Sequence[Round],
    documents: Mapping[Hashable, RoundDocument],
    findings: Iterable[IssueFinding],
    links: Iterable[IssueLink],
) -> tuple[Issue, ...]:
    """Return the issues of one state, in the order of their first findings.

    `rounds` are those with findings, oldest first, and `documents` those of the findings by key. A document that
    belongs to no round, such as a report of another treaty body, is a step of its own. Links to unknown findings and
    findings without a link are left out.
    """
    known = {finding.finding: finding for finding in findings if finding.document in documents}
    links = [link for link in links if link.later in known and link.earlier in known]
    return tuple(
        Issue(tuple(_trace(rounds, documents, [known[key] for key in chain], links_of_chain)))
        for chain, links_of_chain in _find_chains(list(known), links)
    )


def _find_chains(
    keys: Sequence[Hashable], links: Sequence[IssueLink]
) -> Iterator[tuple[list[Hashable], list[IssueLink]]]:
    """Yield the groups of findings that links join, each with its links; keys keep their order."""
    neighbours: dict[Hashable, list[Hashable]] = defaultdict(list)
    for link in links:
        neighbours[link.later].append(link.earlier)
        neighbours[link.earlier].append(link.later)
    chain_of: dict[Hashable, int] = {}
    chains: list[list[Hashable]] = []
    for key in keys:
        if key in chain_of or key not in neighbours:
            continue
        waiting = [key]
        chain_of[key] = len(chains)
        while waiting:
            for neighbour in neighbours[waiting.pop()]:
                if neighbour not in chain_of:
                    chain_of[neighbour] = len(chains)
                    waiting.append(neighbour)
        chains.append([])
    for key in keys:
        if key in chain_of:
            chains[chain_of[key]].append(key)
    links_by_chain: list[list[IssueLink]] = [[] for _chain in chains]
    for link in links:
        links_by_chain[chain_of[link.later]].append(link)
    yield from zip(chains, links_by_chain, strict=True)


def _trace(
    rounds: Sequence[Round],
    documents: Mapping[Hashable, RoundDocument],
    findings: Sequence[IssueFinding],
    links: Sequence[IssueLink],
) -> Iterator[IssueStep]:
    """Yield the steps of one issue, from the first round with one of its findings to the last round of all."""
    round_of = {document: round_ for round_ in rounds for document in round_.documents}
    by_round: dict[Round, list[IssueFinding]] = defaultdict(list)
    for finding in findings:
        document = documents[finding.document]
        own = Round(document.body, document.procedure, document.published, (document.key,))
        by_round[round_of.get(finding.document, own)].append(finding)
    is_monitored = any(round_ in by_round for round_ in rounds)  # by the bodies that have rounds
    places = {round_: place for place, round_ in enumerate(rounds)}
    shown = sorted(
        {*by_round, *(rounds if is_monitored else ())},
        key=lambda round_: (round_.published, places.get(round_, len(places)), round_.body, round_.procedure),
    )
    first_monitored = min((places[round_] for round_ in by_round if round_ in places), default=0)
    last_strength: str | None = None  # strength of the last text that asks for something
    is_concluded, is_begun = False, False
    for round_ in shown:
        in_round = by_round.get(round_)
        if in_round is None:
            if is_begun and not is_concluded and places[round_] > first_monitored:
                yield IssueStep(round_, StepChange.NOT_RAISED, None, ())
            continue
        strength = min((finding.strength for finding in in_round), key=STRENGTH_ORDER.__getitem__)
        change = _compare(strength, last_strength, in_round, links) if is_begun else StepChange.FIRST
        yield IssueStep(round_, change, strength, tuple(in_round))
        is_begun, is_concluded = True, change is StepChange.CONCLUDED
        if strength != Strength.WELCOMES:
            last_strength = strength


def _compare(
    strength: str, last_strength: str | None, findings: Sequence[IssueFinding], links: Sequence[IssueLink]
) -> StepChange:
    """Return what the findings of a round do to an issue; `last_strength` is that of the last text that asks for it."""
    keys = {finding.finding for finding in findings}
    later_texts = {link.later_text for link in links if link.later in keys and link.earlier not in keys}
    if LaterText.CLOSES in later_texts:
        return StepChange.CONCLUDED if later_texts == {LaterText.CLOSES} else StepChange.PARTLY_CONCLUDED
    if strength == Strength.WELCOMES:
        return StepChange.WELCOMED
    if not strength or not last_strength:
        return StepChange.AGAIN
    difference = STRENGTH_ORDER[strength] - STRENGTH_ORDER[last_strength]
    if difference == 0:
        return StepChange.RESTATED
    return StepChange.WEAKER if difference > 0 else StepChange.STRONGER
