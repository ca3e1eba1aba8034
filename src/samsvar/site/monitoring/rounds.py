"""Rounds of monitoring from the database: what the latest says under each article of a state, and what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils import timezone

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
from samsvar.site.monitoring.models import Document, Finding, FindingLink, LinkDecision, is_public
from samsvar.site.shell.compiled_queries import CompiledQuery


@dataclass(frozen=True, slots=True)
class StateRounds:
    """The rounds of a state, its history under each article (None for no article), and its open findings.

    Every figure, mark and filter of the site takes what is open from here.
    """

    rounds: tuple[Round, ...]  # those with findings, oldest first
    histories: dict[int | None, tuple[ArticleRound, ...]]
    open: dict[Any, str]  # strength by primary key of the finding

    def open_under(self, article: int | None) -> frozenset[Any]:
        """Return the open findings of the latest round under an article (None for no article)."""
        latest = self.histories.get(article, ())[-1:]
        return frozenset(one.finding for result in latest for one in result.findings if one.finding in self.open)


@dataclass(frozen=True, slots=True)
class RoundRows:
    """The rows from which rounds are built."""

    documents: dict[Any, RoundDocument]  # by the primary key of the report, which a finding's row contains
    state_documents: dict[str, list[RoundDocument]]  # by state, whether or not they have findings
    findings: dict[str, list[ArticleFinding]]  # by state
    later_texts: Mapping[int, str]  # what a later text does, by key of the finding, for those with such a decision

    def build(self, state: str, *, is_included: Callable[[RoundDocument], bool] | None = None) -> StateRounds:
        """Return the rounds of a state.

        With a function, only the documents for which it is true have histories. That changes neither the round to which
        a document belongs nor whether a finding is open.
        """
        findings = self.findings.get(state, [])
        documents = {document.key: document for document in self.state_documents.get(state, ())}
        documents |= {one.document: self.documents[one.document] for one in findings if one.document in self.documents}
        rounds = group_into_rounds(documents.values())
        histories = build_histories(rounds, findings)
        open_findings = find_open(histories)
        if is_included is not None:
            included = {key for key, document in documents.items() if is_included(document)}
            findings = [finding for finding in findings if finding.document in included]
            histories = build_histories(rounds, findings)
        with_findings = {finding.document for finding in findings}
        rounds = tuple(one for one in rounds if not with_findings.isdisjoint(one.documents))
        return StateRounds(rounds, histories, open_findings)


# A **day** of the functions below is an earlier one, as on which the rows are returned; None is now. Texts published
# after it and decisions made after it do not count, nor do texts without a date. Labels are those of now.


def round_rows_of_state(state: str, day: date | None = None) -> RoundRows:
    """Return the rows of one state, of all bodies, in three queries."""
    decisions = _STATE_DECISIONS.fetch_rows(state) if day is None else _decisions_on(day, earlier__state_id=state)
    return _build_rows(_STATE_DOCUMENTS.fetch_rows(state), _STATE_FINDINGS.fetch_rows(state), decisions, day)


def round_rows_of_states(states: Collection[str], day: date | None = None) -> RoundRows:
    """Return the rows of several states, of the bodies that monitor the Convention, in three queries."""
    chosen = Q(state_id__in=states, body__in=CONVENTION_BODIES)
    if day is None:
        decisions: Iterable[Sequence[Any]] = _decisions.filter(earlier__state_id__in=states)
    else:
        decisions = _decisions_on(day, earlier__state_id__in=states)
    return _build_rows(_documents.filter(chosen), _findings.filter(chosen), decisions, day)


def round_rows_of_all_states(day: date | None = None) -> RoundRows:
    """Return the rows of all states, of the bodies that monitor the Convention, in three queries."""
    return _build_rows(_ALL_DOCUMENTS.fetch_rows(), _ALL_FINDINGS.fetch_rows(), _all_decisions(day), day)


def round_rows_of_article(number: int, day: date | None = None) -> RoundRows:
    """Return the rows of all states under one article, of the bodies that monitor the Convention, in three queries."""
    return _build_rows(_ALL_DOCUMENTS.fetch_rows(), _article_findings(number).fetch_rows(), _all_decisions(day), day)


def _all_decisions(day: date | None) -> Iterable[Sequence[Any]]:
    return _ALL_DECISIONS.fetch_rows() if day is None else _decisions_on(day)


@lru_cache(maxsize=128)  # articles of the treaty
def _article_findings(number: int) -> CompiledQuery:
    """Return a query of its own: PostgreSQL's small integers have no room for the placeholder of a number."""
    return CompiledQuery(lambda: _findings.filter(body__in=CONVENTION_BODIES, articles__article=number))


def _build_rows(
    documents: Iterable[Sequence[Any]],
    findings: Iterable[Sequence[Any]],
    decisions: Iterable[Sequence[Any]],
    day: date | None = None,
) -> RoundRows:
    later_texts = _combine_decisions(decisions)
    by_key: dict[Any, RoundDocument] = {}
    state_documents: dict[str, list[RoundDocument]] = defaultdict(list)
    for state, *columns in documents:
        document = RoundDocument(*columns)
        if day is None or was_published_by(document.published, day):
            by_key[document.key] = document
            state_documents[state].append(document)
    by_state: dict[str, list[ArticleFinding]] = defaultdict(list)
    for state, finding, article, report, strength in findings:
        if day is None or report in by_key:
            by_state[state].append(ArticleFinding(finding, article, report, strength, later_texts.get(finding, "")))
    return RoundRows(by_key, state_documents, by_state, later_texts)


def documents_of_state(state: str, day: date | None = None) -> list[RoundDocument]:
    """Return the processed documents on a state, as on a day. One query."""
    documents = [RoundDocument(*columns) for _state, *columns in _STATE_DOCUMENTS.fetch_rows(state)]
    return [document for document in documents if day is None or was_published_by(document.published, day)]


def was_published_by(published: str, day: date) -> bool:
    """Return whether a text was published by a day, or may have been: a date is as precise as its source.

    A text without a date was not, as far as is known.
    """
    return bool(published) and published <= day.isoformat()[: len(published)]


def end_of(day: date) -> datetime:
    """Return the first moment after a day, in the time zone of the site."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _decisions_on(day: date, **conditions: Any) -> list[tuple[Any, str]]:
    """Return what later texts do to each finding, as it was decided at the end of a day; one query."""
    lines = (
        LinkDecision.objects.filter(at__lt=end_of(day), **conditions)
        .exclude(later__review=Finding.Review.REJECTED)
        .order_by("pk")
        .values_list("later_id", "earlier__pk", "later_text", "later__report__document__published")
    )
    last: dict[tuple[Any, Any], str] = {}
    for later, earlier, later_text, published in lines:
        last[later, earlier] = later_text if was_published_by(published, day) else ""
    superseding = FindingLink.SUPERSEDING
    return [(earlier, later_text) for (_later, earlier), later_text in last.items() if later_text in superseding]


def _combine_decisions(decisions: Iterable[Sequence[Any]]) -> dict[Any, str]:
    """Return what later texts do to each finding: what one closes is closed, whatever restates it."""
    later_texts: dict[Any, str] = {}
    for finding, later_text in decisions:
        if later_texts.get(finding) != LaterText.CLOSES:
            later_texts[finding] = later_text
    return later_texts


def later_texts_of(findings: Collection[str]) -> Mapping[str, str]:
    """Return what a later text does, by public ID, for those of these findings that one closes or restates.

    One query, or none without findings.
    """
    if not findings:
        return {}
    decisions = _decisions.filter(earlier__public_id__in=findings)
    return _combine_decisions(decisions.values_list("earlier__public_id", "later_text"))


def find_open_findings(state: str) -> list[int]:
    """Return the primary keys of the open findings of a state, or of all states for "", in three queries."""
    rows = round_rows_of_state(state) if state else round_rows_of_all_states()
    return [key for code in list(rows.findings) for key in rows.build(code).open]


_documents = (
    Document.objects.filter(is_public("report"))
    .order_by("pk")
    .values_list("state_id", "report__pk", "body", "procedure", "kind", "published", "reference", "answers")
)
_findings = (
    Finding.objects.exclude(review=Finding.Review.REJECTED)
    .exclude(state=None)
    .order_by("pk", "articles__article")
    .values_list("state_id", "pk", "articles__article", "report_id", "strength")
)
_decisions = (
    FindingLink.objects.filter(later_text__in=FindingLink.SUPERSEDING)
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
