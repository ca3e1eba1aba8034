"""Issues over the rounds from the database: chains of linked findings, as on any day.

Only certain links and those that a reviewer confirmed join findings to an issue. Links that the computer proposed are
counted, so that a page can say that there are some.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from samsvar.monitoring.issues import IssueFinding, IssueLink, StepChange, trace_issues
from samsvar.monitoring.rounds import Round, RoundDocument, group_into_rounds
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, FindingLink, LinkDecision
from samsvar.site.monitoring.rounds import documents_of_state, end_of, was_published_by
from samsvar.site.shell.compiled_queries import CompiledQuery


class LinkedFinding(NamedTuple):
    """A finding of an issue, with what is needed to cite it."""

    pk: int
    public_id: str
    report_id: int
    body: str
    procedure: str
    published: str
    year: int | None
    paragraph: str
    page: int
    strength: str
    review: str

    @property
    def citation(self) -> str:
        return short_citation(self)


@dataclass(frozen=True, slots=True)
class IssueLineStep:
    """A round in the line of an issue; `strength` is None if the round does not raise it."""

    body: str
    procedure: str
    published: str
    change: StepChange
    strength: str | None
    findings: tuple[LinkedFinding, ...]

    @property
    def year(self) -> str:
        return self.published[:4]

    @property
    def is_confirmed(self) -> bool:
        """Whether a reviewer confirmed all labels of the step."""
        return all(finding.review == Finding.Review.CONFIRMED for finding in self.findings)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """What the rounds say about one issue, oldest first."""

    steps: tuple[IssueLineStep, ...]

    @property
    def findings(self) -> tuple[LinkedFinding, ...]:
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def first(self) -> LinkedFinding:
        return self.findings[0]

    @property
    def latest_change(self) -> StepChange:
        return self.steps[-1].change


@dataclass(frozen=True, slots=True)
class StateIssues:
    """The issues of a state, and the number of links that the computer proposed and no one has decided about."""

    lines: tuple[IssueLine, ...]
    proposed: int


def issues_of_state(state: str, rounds: Sequence[Round], day: date | None = None) -> StateIssues:
    """Return the issues of a state; `rounds` are those with findings. One query, and another for an earlier day."""
    links = _read_links(_STATE_LINKS.fetch_rows(state), day, later__state_id=state)
    return StateIssues(_build_lines(rounds, links.facts), links.proposed)


def issues_of_article(
    number: int, rounds: Mapping[str, Sequence[Round]], day: date | None = None
) -> dict[str, tuple[IssueLine, ...]]:
    """Return the issues of several states under an article, by state; `rounds` are those of each state.

    One query, and another for an earlier day. A link counts if one of its findings is under the article.
    """
    if not rounds:
        return {}
    under = Q(later__articles__article=number) | Q(earlier__articles__article=number)
    rows = _links.filter(under, later__state_id__in=list(rounds)).distinct()
    by_state: dict[str, list[_Link]] = {}
    for link in _read_links(rows, day, later__state_id__in=list(rounds)).facts:
        by_state.setdefault(link.state, []).append(link)
    return {code: _build_lines(rounds[code], links) for code, links in by_state.items()}


def issue_of_finding(finding: Finding, day: date | None = None) -> IssueLine | None:
    """Return the line of the issue to which a finding belongs, or None if no link leads from or to it.

    One query, a second if there is an issue, and another for an earlier day.
    """
    if finding.state_id is None:
        return None
    links = _read_links(_STATE_LINKS.fetch_rows(finding.state_id), day, later__state_id=finding.state_id).facts
    if not any(finding.pk in (link.later.pk, link.earlier.pk) for link in links):
        return None
    lines = _build_lines(group_into_rounds(documents_of_state(finding.state_id, day)), links)
    return next(line for line in lines if finding.pk in {linked.pk for linked in line.findings})


# --- Links ------------------------------------------------------------------------------------------------------------


class _Link(NamedTuple):
    """A link between two findings that is a fact."""

    state: str
    later: LinkedFinding
    earlier: LinkedFinding
    later_text: str


@dataclass(frozen=True, slots=True)
class _Links:
    """The links that are facts, and the number of those that are only proposed."""

    facts: list[_Link]
    proposed: int


def _read_links(rows: Iterable[Sequence[Any]], day: date | None, **conditions: Any) -> _Links:
    """Return the links of rows with the columns of `_links`; as on a day, with the decisions made by then."""
    decisions = None if day is None else decisions_by(day, **conditions)
    facts, proposed = [], 0
    for state, certain, later_text, *columns in rows:
        later, earlier = LinkedFinding(*columns[:_WIDTH]), LinkedFinding(*columns[_WIDTH:])
        if day is not None and not was_published_by(later.published, day):
            continue
        decision = later_text if decisions is None else decisions.get((later.public_id, earlier.public_id), "")
        if decision in FindingLink.SAME_ISSUE or (certain and not decision):
            facts.append(_Link(state, later, earlier, decision))
        elif not decision:
            proposed += 1
    return _Links(facts, proposed)


def decisions_by(day: date, **conditions: Any) -> dict[tuple[Any, Any], str]:
    """Return the decision about each link at the end of a day, by the public ids of its findings. One query."""
    lines = LinkDecision.objects.filter(at__lt=end_of(day), **conditions).order_by("pk")
    return {
        (later, earlier): text for later, earlier, text in lines.values_list("later_id", "earlier_id", "later_text")
    }


def _build_lines(rounds: Sequence[Round], links: Sequence[_Link]) -> tuple[IssueLine, ...]:
    findings: dict[Any, LinkedFinding] = {linked.pk: linked for link in links for linked in (link.earlier, link.later)}
    in_order = sorted(findings.values(), key=lambda linked: (linked.published, linked.report_id, linked.pk))
    documents: dict[Hashable, RoundDocument] = {
        linked.report_id: RoundDocument(linked.report_id, linked.body, linked.procedure, "", linked.published)
        for linked in in_order
    }
    issues = trace_issues(
        rounds,
        documents,
        [IssueFinding(linked.pk, linked.report_id, linked.strength) for linked in in_order],
        [IssueLink(link.later.pk, link.earlier.pk, link.later_text) for link in links],
    )
    return tuple(
        IssueLine(
            tuple(
                IssueLineStep(
                    step.round.body, step.round.procedure, step.round.published, step.change, step.strength,
                    tuple(findings[member.finding] for member in step.findings),
                )
                for step in issue.steps
            )
        )
        for issue in issues
    )  # fmt: skip


_COLUMNS = (
    "pk", "public_id", "report_id", "body", "report__document__procedure", "report__document__published", "year",
    "paragraph", "page", "strength", "review",
)  # fmt: skip
_WIDTH = len(_COLUMNS)
_links: QuerySet[Any, Any] = (
    FindingLink.objects.exclude(later__review=Finding.Review.REJECTED)
    .exclude(earlier__review=Finding.Review.REJECTED)
    .order_by("pk")
    .values_list(
        "later__state_id", "certain", "later_text", *(f"later__{name}" for name in _COLUMNS),
        *(f"earlier__{name}" for name in _COLUMNS),
    )
)  # fmt: skip
_STATE_LINKS = CompiledQuery(lambda state: _links.filter(later__state_id=state), str)
