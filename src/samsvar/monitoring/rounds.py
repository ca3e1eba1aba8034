"""Rounds of monitoring under the Convention: what the latest one says under an article, and which findings are open.

A **round** is one assessment of a state: a document of GREVIO or of the Committee of the Parties with its procedure and
date. The Committee's recommendation on a GREVIO report selects from that report, so it belongs to the report's round;
its conclusions are an assessment of their own. Other bodies monitor other treaties and have no rounds here.

The **latest round** on an article is the newest one with a finding under it. Its strength is that of its strongest
demand that no later text closes, or *welcomes* if it only praises.

A finding is **open** if it asks for something, belongs to the latest round on one of its articles, and no later text
closes or restates it. A person decides whether a later text does; the links of `lineage` only propose it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from samsvar.monitoring.report import Strength

# the bodies that monitor the Convention: its Articles 66 and 67
CONVENTION_BODIES = ("grevio", "committee_of_the_parties")
# kinds and procedures of documents in which the state speaks, not the body
STATE_DOCUMENTS = frozenset({"government_comments", "government_response", "state_report", "report_back"})
_RECOMMENDATION = "recommendation"


class LaterText(StrEnum):
    """What a later text does to an earlier finding, as decided by a person."""

    CLOSES = "closes"  # the state has done what was asked, or it is no longer asked
    RESTATES = "restates"  # the later finding asks for the same and counts in its place


class RoundDocument(NamedTuple):
    """A document of a state; `published` is an ISO date as precise as the source ("2020", "2020-09"), or ""."""

    key: Hashable
    body: str
    procedure: str
    kind: str  # "recommendation", "conclusions" …; "" if the procedure says it
    published: str
    reference: str = ""
    answers: str = ""  # reference of the report that the document follows


@dataclass(frozen=True, slots=True)
class Round:
    """A round of monitoring, named by the document that opens it; `documents` holds the keys of all its documents."""

    body: str
    procedure: str
    published: str
    documents: tuple[Hashable, ...]

    @property
    def year(self) -> int | None:
        """Return the year of the round, or None if its date is unknown."""
        return int(self.published[:4]) if self.published[:4].isdigit() else None


class ArticleFinding(NamedTuple):
    """A finding under one article; `article` is None for a finding under no article."""

    finding: Hashable
    article: int | None
    document: Hashable
    strength: str  # a value of `Strength`, or "" if the body gives no strength
    later_text: str = ""  # a value of `LaterText`, or "" if no later text closes or restates the finding


@dataclass(frozen=True, slots=True)
class ArticleRound:
    """What one round says under one article. `strength` is None if the body gives no strength."""

    round: Round
    strength: Strength | None
    is_closed: bool  # a later text closes everything that the round asks for, and the round praises nothing
    findings: tuple[ArticleFinding, ...]


class Trend(StrEnum):
    """How the wording under an article changed from one round to the next."""

    MILDER = "milder"
    SAME = "same"
    STRONGER = "stronger"
    NEW = "new"  # there is no earlier round on the article


# Order of strengths within a round: demands come before praise, so a demand to which the body gives no strength comes
# after "invites" and before "welcomes".
STRENGTH_ORDER: Mapping[str, int] = {
    value: place
    for place, value in enumerate(("urges", "strongly_encourages", "encourages", "invites", "", "welcomes"))
}


def group_into_rounds(documents: Iterable[RoundDocument]) -> tuple[Round, ...]:
    """Return the rounds of one state, oldest first; those without a date come before all others.

    Documents of one body, procedure and date form one round, such as the language versions of a report.
    """
    assessments: dict[tuple[str, str, str], list[RoundDocument]] = defaultdict(list)
    recommendations: list[RoundDocument] = []
    for document in documents:
        procedure = _procedure_of(document)
        if document.body not in CONVENTION_BODIES or procedure in STATE_DOCUMENTS or document.kind in STATE_DOCUMENTS:
            continue
        if procedure == _RECOMMENDATION:
            recommendations.append(document)
        else:
            assessments[document.published, document.body, procedure].append(document)
    for recommendation in recommendations:
        opened_by = _find_followed_report(recommendation, assessments)
        own_round = recommendation.published, recommendation.body, _RECOMMENDATION
        assessments[opened_by or own_round].append(recommendation)
    return tuple(
        Round(body, procedure, published, tuple(document.key for document in members))
        for (published, body, procedure), members in sorted(assessments.items(), key=lambda item: _time_order(item[0]))
    )


def _time_order(key: tuple[str, str, str]) -> tuple[str, int, str]:
    published, body, procedure = key
    return published, CONVENTION_BODIES.index(body), procedure


def _procedure_of(document: RoundDocument) -> str:
    """Return the procedure, or the kind where the catalogue names the Committee's documents by their report's."""
    is_named_by_kind = document.kind in {_RECOMMENDATION, "conclusions", "follow_up"}
    return document.kind if is_named_by_kind else document.procedure


def _find_followed_report(
    recommendation: RoundDocument, assessments: Mapping[tuple[str, str, str], Sequence[RoundDocument]]
) -> tuple[str, str, str] | None:
    """Return the round of the GREVIO report that a recommendation follows: the one it names, or the last before it."""
    reports = [key for key in assessments if key[1] == "grevio"]
    if answered := normalise_reference(recommendation.answers):
        for key in reports:
            if any(normalise_reference(report.reference) == answered for report in assessments[key]):
                return key
    return max((key for key in reports if key[0] <= recommendation.published), default=None)


def normalise_reference(reference: str) -> str:
    """Return a reference without spaces and punctuation, in lower case, to compare it with another."""
    return re.sub(r"\W", "", reference).lower()


def build_histories(
    rounds: Sequence[Round], findings: Iterable[ArticleFinding]
) -> dict[int | None, tuple[ArticleRound, ...]]:
    """Return what each round says under each article of one state, oldest first; findings of no round are left out."""
    places = {document: place for place, one in enumerate(rounds) for document in one.documents}
    grouped: dict[int | None, dict[int, list[ArticleFinding]]] = {}
    for finding in findings:
        place = places.get(finding.document)
        if place is not None:
            grouped.setdefault(finding.article, {}).setdefault(place, []).append(finding)
    return {
        article: tuple(_summarise(rounds[place], tuple(by_round[place])) for place in sorted(by_round))
        for article, by_round in grouped.items()
    }


def _summarise(round_: Round, findings: tuple[ArticleFinding, ...]) -> ArticleRound:
    remaining = [finding.strength for finding in findings if finding.later_text != LaterText.CLOSES]
    strengths = remaining or [finding.strength for finding in findings]
    strongest = min(strengths, key=STRENGTH_ORDER.__getitem__)
    return ArticleRound(round_, Strength(strongest) if strongest else None, not remaining, findings)


def find_open(histories: Mapping[int | None, Sequence[ArticleRound]]) -> dict[Hashable, str]:
    """Return the open findings of one state, each with its strength ("" if the body gives none)."""
    return {
        finding.finding: finding.strength
        for history in histories.values()
        for finding in history[-1].findings
        if finding.strength != Strength.WELCOMES and not finding.later_text
    }


def compare_with_earlier(history: Sequence[ArticleRound]) -> Trend:
    """Return how the latest round differs from the one before it by the same body, or else from the one before it."""
    latest, earlier = history[-1], history[:-1]
    if not earlier:
        return Trend.NEW
    same_body = [one for one in earlier if one.round.body == latest.round.body]
    change = _weight(latest) - _weight((same_body or earlier)[-1])
    return Trend.MILDER if change > 0 else Trend.STRONGER if change < 0 else Trend.SAME


def _weight(result: ArticleRound) -> int:
    return len(STRENGTH_ORDER) if result.is_closed else STRENGTH_ORDER[result.strength or ""]
