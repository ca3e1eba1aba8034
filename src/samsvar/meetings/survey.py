"""Anonymous results of a meeting's survey, shown only if enough participants answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

MIN_ANSWERS = 6  # with fewer answers, no results of a question are shown: the network asked for more than five
SCALE = (1, 2, 3, 4, 5)


class AnswerType(StrEnum):
    """The types of answers to a question."""

    SCALE = "scale"  # 1 (not at all) to 5 (completely)
    CHOICE = "choice"  # one of several options
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The answers to one question. If there are too few, only their number is set."""

    kind: AnswerType
    answers: int
    counts: Mapping[str, int]  # every possible value, in order; empty if there are too few answers
    texts: tuple[str, ...] = ()  # sorted alphabetically: the order of arrival could identify people

    @property
    def is_shown(self) -> bool:
        return self.answers >= MIN_ANSWERS

    @property
    def mean(self) -> float | None:
        """Return the mean of a scale, 1 to 5; None for other types of answers, or if there are too few."""
        if self.kind is not AnswerType.SCALE or not self.is_shown:
            return None
        return fmean(int(value) for value, count in self.counts.items() for _ in range(count))


def build_question_result(
    kind: AnswerType, options: Sequence[str], counts: Mapping[str, int], texts: Sequence[str] = ()
) -> QuestionResult:
    """Return the results of one question that may be shown; `options` are the values of a choice, in order."""
    answers = len(texts) if kind is AnswerType.TEXT else sum(counts.values())
    if answers < MIN_ANSWERS:
        return QuestionResult(kind, answers, {})
    if kind is AnswerType.TEXT:
        return QuestionResult(kind, answers, {}, tuple(sorted(texts, key=lambda one: (one.casefold(), one))))
    values = [str(one) for one in SCALE] if kind is AnswerType.SCALE else list(options)
    values += sorted(set(counts) - set(values))  # answers for an option that has since been removed
    return QuestionResult(kind, answers, {value: counts.get(value, 0) for value in values})
