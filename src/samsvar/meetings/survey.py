"""What participants thought of a meeting: counted by nobody's name, and told only where enough have answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

FEWEST = 6  # answers to one question below which nothing of it is told: above five, as the network asked for
SCALE = (1, 2, 3, 4, 5)


class SurveyKind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"  # 1 (not at all) to 5 (wholly)
    CHOICE = "choice"  # one of several
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Result:
    """What came in to one question. Where too few answered only `answers` is not 0, and nothing says how."""

    kind: SurveyKind
    answers: int
    counts: Mapping[str, int]  # every possible value, in its order; empty where too few answered
    texts: tuple[str, ...] = ()  # in the order of the alphabet: an order of arrival would tell who

    @property
    def told(self) -> bool:
        return self.answers >= FEWEST

    @property
    def mean(self) -> float | None:
        """Of a scale, 1 to 5; None for other questions, and where too few answered."""
        if self.kind is not SurveyKind.SCALE or not self.told:
            return None
        return fmean(int(value) for value, count in self.counts.items() for _ in range(count))


def result(kind: SurveyKind, options: Sequence[str], counts: Mapping[str, int], texts: Sequence[str] = ()) -> Result:
    """What may be told of one question; `options` are the values of a choice, in their order."""
    answers = len(texts) if kind is SurveyKind.TEXT else sum(counts.values())
    if answers < FEWEST:
        return Result(kind, answers, {})
    if kind is SurveyKind.TEXT:
        return Result(kind, answers, {}, tuple(sorted(texts, key=lambda one: (one.casefold(), one))))
    values = [str(one) for one in SCALE] if kind is SurveyKind.SCALE else list(options)
    values += sorted(set(counts) - set(values))  # of an option that was taken away since
    return Result(kind, answers, {value: counts.get(value, 0) for value in values})
