"""Rounds of monitoring from the database: what the latest says under each article of a state, and what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from samsvar.monitoring.rounds import (
    CONVENTION_BODIES,
    ArticleFinding,
    ArticleRound,
    LaterText,
    Round,
    RoundDocument,
    build_histories,
    find_open,
    group_into_rounds,
)
from samsvar.site.monitoring.models import Document, Finding, FindingLink
from samsvar.site.shell.compiled_queries import CompiledQuery


@dataclass(frozen=True, slots=True)
class StateRounds:
    """The rounds of a state, its history under each article (None for no article), and its open findings."""

    rounds: tuple[Round, ...]  # oldest first
    histories: dict[int | None, tuple[ArticleRound, ...]]
    open: dict[Any, str]  # strength by primary key of the finding


@dataclass(frozen=True, slots=True)
class RoundRows:
    """The rows from which rounds are built."""

    documents: dict[Any, RoundDocument]  # by the primary key of the report, which a finding's row contains
    findings: dict[str, list[ArticleFinding]]  # by state

    def build(self, state: str, *, is_included: Callable[[RoundDocument], bool] | None = None) -> StateRounds:
        """Return the rounds of a state, built from all its documents or from those for which the function is true."""
        findings = self.findings.get(state, [])
        keys = dict.fromkeys(finding.document for finding in findings)
        documents = [self.documents[key] for key in keys if key in self.documents]
        rounds = group_into_rounds(filter(is_included, documents))
        histories = build_histories(rounds, findings)
        return StateRounds(rounds, histories, find_open(histories))


def round_rows_of_state(state: str) -> RoundRows:
    """Return the rows of one state, of all bodies, in three queries."""
    return _build_rows(
        _STATE_DOCUMENTS.fetch_rows(state), _STATE_FINDINGS.fetch_rows(state), _STATE_DECISIONS.fetch_rows(state)
    )


def round_rows_of_all_states() -> RoundRows:
    """Return the rows of all states, of the bodies that monitor the Convention, in three queries."""
    return _build_rows(_ALL_DOCUMENTS.fetch_rows(), _ALL_FINDINGS.fetch_rows(), _ALL_DECISIONS.fetch_rows())


def round_rows_of_article(number: int) -> RoundRows:
    """Return the rows of all states under one article, of the bodies that monitor the Convention, in three queries."""
    # not compiled: PostgreSQL's small integers have no room for the placeholder of a number
    findings = _findings.filter(body__in=CONVENTION_BODIES, articles__article=number)
    return _build_rows(_ALL_DOCUMENTS.fetch_rows(), findings, _ALL_DECISIONS.fetch_rows())


def _build_rows(
    documents: Iterable[Sequence[Any]], findings: Iterable[Sequence[Any]], decisions: Iterable[Sequence[Any]]
) -> RoundRows:
    later_texts: dict[int, str] = {}
    for finding, later_text in decisions:  # what is closed is not open, whatever restates it
        if later_texts.get(finding) != LaterText.CLOSES:
            later_texts[finding] = later_text
    by_state: dict[str, list[ArticleFinding]] = defaultdict(list)
    for state, finding, article, report, strength in findings:
        by_state[state].append(ArticleFinding(finding, article, report, strength, later_texts.get(finding, "")))
    return RoundRows({columns[0]: RoundDocument(*columns) for columns in documents}, by_state)


_documents = (
    Document.objects.filter(report__isnull=False)
    .order_by("pk")
    .values_list("report__pk", "body", "procedure", "kind", "published", "reference", "answers")
)
_findings = (
    Finding.objects.exclude(review=Finding.Review.REJECTED)
    .exclude(state=None)
    .order_by("pk", "articles__article")
    .values_list("state_id", "pk", "articles__article", "report_id", "strength")
)
_decisions = (
    FindingLink.objects.exclude(later_text="")
    .exclude(later__review=Finding.Review.REJECTED)
    .order_by("pk")
    .values_list("earlier_id", "later_text")
)
_ALL_DOCUMENTS = CompiledQuery(lambda: _documents.filter(body__in=CONVENTION_BODIES))
_ALL_FINDINGS = CompiledQuery(lambda: _findings.filter(body__in=CONVENTION_BODIES))
_ALL_DECISIONS = CompiledQuery(lambda: _decisions)
_STATE_DOCUMENTS = CompiledQuery(lambda state: _documents.filter(state_id=state), str)
_STATE_FINDINGS = CompiledQuery(lambda state: _findings.filter(state_id=state), str)
_STATE_DECISIONS = CompiledQuery(lambda state: _decisions.filter(earlier__state_id=state), str)
