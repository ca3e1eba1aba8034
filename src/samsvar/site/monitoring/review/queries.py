"""Queries for labels and their public history, for proposals, and for review in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from samsvar.monitoring.accuracy import Accuracy
from samsvar.network.rights import Claim
from samsvar.site.monitoring.decisions import find_last_decision
from samsvar.site.monitoring.models import (
    CorrectionProposal,
    Finding,
    FindingArticle,
    FindingLink,
    LabelChange,
    LabelRemark,
    LinkDecision,
    Report,
    ReviewSample,
)
from samsvar.site.monitoring.permissions import can_propose, can_review, reviewable_states
from samsvar.site.monitoring.queries import get_article_numbers
from samsvar.site.network.access.permissions import Account, User, has_claim

Label = Mapping[str, Any]  # review, strength and articles


def get_label(finding: Finding) -> dict[str, Any]:
    """Return the label of a finding with prefetched `articles`, as it is kept in its history."""
    return {
        "review": finding.review,
        "strength": finding.strength,
        "articles": list(get_article_numbers(finding)),
    }


def changes_label(before: Label, after: Label) -> bool:
    """Return whether the label itself differs, whether or not a person has confirmed it."""
    rejected = Finding.Review.REJECTED
    return (before["strength"], before["articles"], before["review"] == rejected) != (
        after["strength"],
        after["articles"],
        after["review"] == rejected,
    )


def can_undo(user: User, change: LabelChange) -> bool:
    """Return whether a change is a review by this user; only the last change of a finding can be undone."""
    causes = {LabelChange.Cause.REVIEW, LabelChange.Cause.PROPOSAL, LabelChange.Cause.SAMPLE}
    return change.by_id == user.pk and change.cause in causes


# --- The history of a finding's label ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A line of a label's public history. A declined proposal has no change, an accepted one has both."""

    at: datetime
    change: LabelChange | None
    proposal: CorrectionProposal | None

    @property
    def is_changed(self) -> bool:
        """Whether the label itself changed, and not only its review."""
        change = self.change
        return change is not None and bool(change.before) and changes_label(change.before, change.after)


def label_history(finding: Finding) -> list[HistoryEntry]:
    """Return the public history of a finding's label, oldest first, with the declined proposals. Two queries."""
    entries = [
        HistoryEntry(change.at, change, change.proposal)
        for change in finding.label_changes.select_related("proposal", "sample").defer("previous_note")
    ]
    declined = finding.proposals.filter(status=CorrectionProposal.Status.DECLINED)
    entries += [HistoryEntry(one.decided_at or one.proposed_at, None, one) for one in declined]
    return sorted(entries, key=lambda entry: entry.at)


# --- The review of a finding, on its page -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingReview:
    """The part of a finding's page that concerns its label: its history, and what the visitor can do about it."""

    history: list[HistoryEntry]
    can_review: bool
    can_propose: bool  # False for anyone who can review it
    proposal: CorrectionProposal | None  # waiting for a decision; only for those who can review or propose
    is_own_proposal: bool
    undoable: LabelChange | None  # the last change, if the visitor can undo it
    progress: ReportProgress | None  # of the report; only for those who can review
    sample: ReviewSample | None  # if the label was confirmed together with others
    accepted: CorrectionProposal | None  # if the label is a proposed one that a reviewer accepted
    remarks: list[LabelRemark]  # open ones by readers; only for those who can review

    @property
    def next_id(self) -> str:
        return self.progress.next_id if self.progress else ""


def finding_review(user: User, finding: Finding) -> FindingReview:
    """Return the review of a finding. Two queries for the public, and up to three more for those who work on it."""
    history = label_history(finding)
    reviews = can_review(user, finding)
    proposes = not reviews and can_propose(user, finding)
    proposal = None
    if reviews or proposes:
        proposal = finding.proposals.filter(status=CorrectionProposal.Status.OPEN).first()
    changes = [entry.change for entry in history if entry.change]
    last_review = find_last_decision(changes)
    return FindingReview(
        history=history,
        can_review=reviews,
        can_propose=proposes,
        proposal=proposal,
        is_own_proposal=proposal is not None and proposal.proposed_by_id == user.pk,
        undoable=changes[-1] if reviews and changes and can_undo(user, changes[-1]) else None,
        progress=report_progress(finding.report_id, after=finding.ordinal) if reviews else None,
        sample=last_review.sample if last_review else None,
        accepted=last_review.proposal if last_review else None,
        remarks=list(open_remarks().filter(finding=finding)) if reviews else [],
    )


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """The number of reviewed findings of a report, and the next one to review."""

    reviewed: int
    total: int
    next_id: str  # public id of the next finding that no one has reviewed; "" if there is no other

    @property
    def waiting(self) -> int:
        return self.total - self.reviewed


def report_progress(report_id: int, *, after: int = -1) -> ReportProgress:
    """Return the progress of a report. The next finding is the first after an ordinal, or else the first of all."""
    reviews = (
        Finding.everything.filter(report_id=report_id).order_by("ordinal").values_list("ordinal", "public_id", "review")
    )
    waiting = [(ordinal, public_id) for ordinal, public_id, review in reviews if review == Finding.Review.MACHINE]
    others = [public_id for ordinal, public_id in waiting if ordinal > after]
    others += [public_id for ordinal, public_id in waiting if ordinal < after]
    return ReportProgress(len(reviews) - len(waiting), len(reviews), others[0] if others else "")


def find_own_change(user: User, key: str | None) -> LabelChange | None:
    """Return a change of a label by the user, by its key in a URL, if it is still the last one of its finding."""
    if not user.is_authenticated or not key or not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    change = LabelChange.objects.select_related("finding").filter(pk=int(key), by=user).first()
    is_last = change is not None and change.finding.label_changes.last() == change
    return change if is_last else None


def find_own_proposal(user: User, key: UUID) -> CorrectionProposal | None:
    """Return a proposal by the user whose finding still exists, or None."""
    proposal = find_proposal(key)
    return proposal if proposal and proposal.proposed_by_id == user.pk else None


def open_remarks() -> QuerySet[LabelRemark]:
    """Return readers' open remarks on labels, oldest first, without who made them."""
    remarks = LabelRemark.objects.filter(status=LabelRemark.Status.OPEN, report__status=Report.Status.PUBLISHED)
    return remarks.defer("by", "dealt_with_by").order_by("at")


def remarks_to_deal_with(user: User) -> list[LabelRemark]:
    """Return the open remarks on findings that a user can review, with their findings, oldest first. One query."""
    exists = Finding.objects.filter(public_id=OuterRef("finding"))
    remarks = open_remarks().filter(_in_reviewable_states(user, "finding__"), Exists(exists))
    return list(remarks.select_related("finding__report__document")[:REMARKS_SHOWN])


def find_labelled_finding(public_id: str) -> Finding | None:
    """Return a public finding with its articles and its report, or None. Two queries."""
    findings = Finding.objects.select_related("report__document").prefetch_related("articles")
    return findings.filter(public_id=public_id).first()


def find_remark(key: UUID) -> LabelRemark | None:
    """Return a remark whose finding still exists, or None."""
    return LabelRemark.objects.select_related("finding").filter(pk=key, finding__pk__isnull=False).first()


def find_proposal(key: UUID) -> CorrectionProposal | None:
    """Return a proposal whose finding still exists, or None."""
    return CorrectionProposal.objects.select_related("finding", "report").filter(pk=key).first()


# --- Links between findings -------------------------------------------------------------------------------------------

LINKS_A_PAGE = 6  # at most twelve screens of a phone


class LinkStatus(StrEnum):
    """What a reviewer's list of links shows."""

    PROPOSED = "proposed"  # by the computer; no one has decided
    CONFIRMED = "confirmed"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class LinkList:
    """The links between findings that a user can decide about, the most similar first."""

    links: Page[FindingLink]
    undoable: Mapping[int, LinkDecision]  # the user's own last decisions, by key of the link
    counts: Mapping[str, int]  # by `LinkStatus`, of all states
    states: list[str]  # with proposed or decided links


def link_list(user: User, *, status: LinkStatus, state: str = "", page: str | None = None) -> LinkList:
    """Return the links of published reports on the states that a user can review, in at most six queries."""
    links = FindingLink.objects.filter(_in_reviewable_states(user, "later__"), certain=False)
    links = links.exclude(later__review=Finding.Review.REJECTED).exclude(earlier__review=Finding.Review.REJECTED)
    conditions = {
        LinkStatus.PROPOSED: Q(later_text=""),
        LinkStatus.CONFIRMED: Q(later_text__in=FindingLink.SAME_ISSUE),
        LinkStatus.SET_ASIDE: Q(later_text=FindingLink.LaterText.SET_ASIDE),
    }
    counts = links.aggregate(**{name.value: Count("pk", filter=condition) for name, condition in conditions.items()})
    states = list(links.order_by("later__state_id").values_list("later__state_id", flat=True).distinct())
    shown = links.filter(conditions[status], **({"later__state_id": state} if state else {}))
    order = ("-similarity", "pk") if status is LinkStatus.PROPOSED else ("-decided_at", "pk")
    pages = Paginator(
        shown.select_related("later__report__document", "earlier__report__document").order_by(*order), LINKS_A_PAGE
    ).get_page(page)
    decisions = find_own_link_decisions(user, pages.object_list) if status is not LinkStatus.PROPOSED else {}
    return LinkList(pages, decisions, counts, states)


def find_own_link_decisions(user: User, links: Iterable[FindingLink]) -> dict[int, LinkDecision]:
    """Return the decisions that a user can undo, by the key of the link: their own ones that came last. One query."""
    by_pair = {(link.later.public_id, link.earlier.public_id): link.pk for link in links}
    lines = LinkDecision.everything.filter(later__in=[later for later, _earlier in by_pair])
    last = {(line.later_id, line.earlier_id): line for line in lines.select_related("later", "earlier")}
    return {
        by_pair[pair]: line
        for pair, line in last.items()
        if pair in by_pair and line.by_id == user.pk and not line.is_undo
    }


def find_own_link_decision(user: User, key: str | None) -> LinkDecision | None:
    """Return a decision of the user about a link, by its key in a URL; whether it is the last is checked by `undo`."""
    if not user.is_authenticated or not key or not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    lines = LinkDecision.everything.select_related("later", "earlier")
    return lines.filter(pk=int(key), by=user, is_undo=False).first()


# --- Work lists -------------------------------------------------------------------------------------------------------

REPORTS_A_PAGE = 50
PROPOSALS_SHOWN = REMARKS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class WorkList:
    """The reports with findings that a user can review, and the proposals that concern the user, newest first."""

    reports: Page[Any]  # each with `total`, `reviewed`, `waiting` and `first_id`, the first finding to review
    proposals_to_decide: list[CorrectionProposal]
    own_proposals: list[CorrectionProposal]
    can_review: bool
    remarks: list[LabelRemark]


def work_list(user: User, page: str | None) -> WorkList:
    """Return a user's work list. Reports that are waiting for a review come first."""
    reviews = has_claim(user, Claim.REVIEW_FINDINGS)
    proposals = CorrectionProposal.objects.filter(report__status=Report.Status.PUBLISHED)
    proposals = proposals.select_related("finding", "report__document")
    to_decide = []
    if reviews:
        opened = proposals.filter(_in_reviewable_states(user, "finding__"), status=CorrectionProposal.Status.OPEN)
        to_decide = list(opened.exclude(proposed_by=user)[:PROPOSALS_SHOWN])
    waiting = Q(findings__review=Finding.Review.MACHINE)
    first = Finding.objects.filter(report=OuterRef("pk"), review=Finding.Review.MACHINE).order_by("ordinal")
    reports = (
        Report.objects.select_related("document")
        .annotate(
            total=Count("findings"),
            waiting=Count("findings", filter=waiting),
            reviewed=Count("findings", filter=~waiting),
            first_id=Subquery(first.values("public_id")[:1]),
        )
        .filter(_in_reviewable_states(user, "document__") if reviews else Q(pk__in=()), total__gt=0)
        .order_by(Case(When(waiting__gt=0, then=0), default=1), "-document__published", "-pk")
    )
    return WorkList(
        reports=Paginator(reports, REPORTS_A_PAGE).get_page(page),
        proposals_to_decide=to_decide,
        own_proposals=list(proposals.filter(proposed_by=user)[:PROPOSALS_SHOWN]),
        can_review=reviews,
        remarks=remarks_to_deal_with(user) if reviews else [],
    )


@dataclass(frozen=True, slots=True)
class ReportWorkList:
    """The findings of a report with their reviews, and its progress."""

    report: Report
    progress: ReportProgress
    findings: list[Finding]  # each with `numbers`, its articles


def report_work_list(user: User, public_id: str) -> ReportWorkList | None:
    """Return the work list of a report, or None if there is no such report or the user cannot review its state."""
    reports = Report.objects.select_related("document").filter(_in_reviewable_states(user, "document__"))
    report = reports.filter(public_id=public_id).first()
    if report is None:
        return None
    findings = list(report.findings.prefetch_related("articles").defer("boxes", "actions", "heading"))
    for finding in findings:
        finding.numbers = get_article_numbers(finding)  # type: ignore[attr-defined]
    return ReportWorkList(report, report_progress(report.pk), findings)


def _in_reviewable_states(user: User, prefix: str = "") -> Q:
    states = reviewable_states(user)
    return Q() if states is None else Q(**{f"{prefix}state_id__in": states})


# --- Confirming all that match filters, after a sample ----------------------------------------------------------------

SAMPLE_SIZE = 20
SAMPLE_PERIOD = timedelta(days=30)  # no other sample of the same labels is drawn in it
NO_VALUE = "none"  # the filter for findings without a strength


@dataclass(frozen=True, slots=True)
class SampleFilters:
    """Filters for the automatic labels to confirm; "" for no filter. Unknown values match nothing."""

    report: str = ""  # public id
    state: str = ""
    strength: str = ""
    article: str = ""
    procedure: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> SampleFilters:
        given = {name: str(params.get(name, ""))[:40].strip() for name in cls.__slots__}
        return cls(**{**given, "state": given["state"].upper()})

    def to_details(self) -> dict[str, str]:
        """Return the filters that are set."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def findings_to_confirm(user: User, filters: SampleFilters, *, sample: ReviewSample | None = None) -> QuerySet[Finding]:
    """Return the automatic labels that match filters, can be reviewed by the user and have no open proposal.

    With a sample, only those that it was drawn from: they have not been read or reviewed since. The findings of the
    sample itself are excluded.
    """
    opened = CorrectionProposal.objects.filter(finding=OuterRef("public_id"), status=CorrectionProposal.Status.OPEN)
    findings = Finding.objects.filter(_in_reviewable_states(user), ~Exists(opened), review=Finding.Review.MACHINE)
    if filters.report:
        findings = findings.filter(report__public_id=filters.report)
    if filters.state:
        findings = findings.filter(state_id=filters.state.upper())
    if filters.strength:
        findings = findings.filter(strength="" if filters.strength == NO_VALUE else filters.strength)
    if filters.article:
        number = int(filters.article) if filters.article.isascii() and filters.article.isdigit() else 0
        findings = findings.filter(articles__article=number if number < 1000 else 0)
    if filters.procedure:
        findings = findings.filter(procedure=filters.procedure)
    if sample:
        changed = LabelChange.objects.filter(finding=OuterRef("public_id"), at__gt=sample.drawn_at)
        findings = findings.filter(~Exists(changed)).exclude(public_id__in=sample.finding_ids)
    return findings.order_by("public_id")


def order_for_sample(ids: Iterable[str]) -> list[str]:
    """Return public ids in an order that looks random and is always the same, whatever other ids there are."""
    return sorted(ids, key=lambda public_id: hashlib.sha256(f"sample {public_id}".encode()).digest())


def find_kept_sample(user: Account, ids: Collection[str]) -> ReviewSample | None:
    """Return the user's own sample of the labels with these public IDs, if it is kept; None if a new one may be drawn.

    A sample is kept for `SAMPLE_PERIOD`, unless it has been decided before: the other labels were confirmed, or a
    newer reader has changed one of the sample.
    """
    drawn_since = timezone.now() - SAMPLE_PERIOD
    for sample in ReviewSample.objects.filter(drawn_by=user, confirmed_at=None, drawn_at__gt=drawn_since):
        matching = findings_to_confirm(user, SampleFilters(**sample.filters)).values_list("public_id", flat=True)
        if set(matching) == set(ids) and _is_undecided(user, sample):
            return sample
    return None


def _is_undecided(user: User, sample: ReviewSample) -> bool:
    read_again = LabelChange.objects.filter(
        finding__public_id__in=sample.finding_ids, at__gte=sample.drawn_at, cause=LabelChange.Cause.REREAD
    )
    progress = sample_progress(sample)
    if read_again.exists() or any(one.finding is None for one in progress.findings):
        return False
    if progress.is_confirmed:
        return findings_to_confirm(user, SampleFilters(**sample.filters), sample=sample).exists()
    return True


def hash_selection(ids: Iterable[str]) -> str:
    """Return a hash of the findings to be confirmed for a hidden form field, to detect that they have changed."""
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:16]


class Judgement(StrEnum):
    """The judgement of a finding in a sample."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"  # unchanged, by the reviewer who drew the sample
    CHANGED = "changed"  # corrected, rejected, or no longer found by a newer reader


@dataclass(frozen=True, slots=True)
class SampledFinding:
    """A finding of a sample and its judgement; None if a newer reader no longer finds it."""

    finding: Finding | None
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class SampleProgress:
    """The judgements of a sample, in the order in which its findings were drawn."""

    findings: list[SampledFinding]

    @property
    def is_confirmed(self) -> bool:
        return all(one.judgement is Judgement.CONFIRMED for one in self.findings)

    @property
    def is_failed(self) -> bool:
        return any(one.judgement is Judgement.CHANGED for one in self.findings)

    @property
    def judged(self) -> int:
        return sum(one.judgement is not Judgement.WAITING for one in self.findings)


def sample_progress(sample: ReviewSample) -> SampleProgress:
    """Return the judgements of a sample. Confirmations by others, or together with others, do not count."""
    ids = sample.finding_ids
    findings = Finding.objects.select_related("report__document").prefetch_related("articles")
    by_id = {finding.public_id: finding for finding in findings.filter(public_id__in=ids)}
    own = LabelChange.objects.filter(
        finding__in=ids, by=sample.drawn_by_id, cause=LabelChange.Cause.REVIEW, at__gte=sample.drawn_at
    )
    looked_at = set(own.values_list("finding__public_id", flat=True))
    return SampleProgress([SampledFinding(by_id.get(key), _judge(by_id.get(key), looked_at)) for key in ids])


def _judge(finding: Finding | None, looked_at: set[str]) -> Judgement:
    if finding is None or finding.review == Finding.Review.REJECTED:
        return Judgement.CHANGED
    if not _has_automatic_label(finding):
        return Judgement.CHANGED
    is_confirmed = finding.review == Finding.Review.CONFIRMED and finding.public_id in looked_at
    return Judgement.CONFIRMED if is_confirmed else Judgement.WAITING


def _has_automatic_label(finding: Finding) -> bool:
    label = {"strength": finding.strength, "articles": list(get_article_numbers(finding))}
    return label == {name: finding.machine.get(name) for name in label}


@dataclass(frozen=True, slots=True)
class SampleOutcome:
    """What a finished sample says about the automatic labels, and what all reviews one by one said before it."""

    sample: Accuracy
    before: Accuracy  # of other findings, reviewed one by one before the sample was drawn

    @property
    def together(self) -> Accuracy:
        return self.sample + self.before


def sample_outcome(sample: ReviewSample, progress: SampleProgress) -> SampleOutcome | None:
    """Return the accuracy that a sample found; None as long as one of its findings waits. Two queries."""
    if progress.judged < len(progress.findings):
        return None
    right = sum(one.judgement is Judgement.CONFIRMED for one in progress.findings)
    causes = (LabelChange.Cause.REVIEW, LabelChange.Cause.PROPOSAL)
    decisions = LabelChange.objects.filter(finding=OuterRef("public_id"), cause__in=causes, at__lt=sample.drawn_at)
    reviewed = Finding.objects.filter(Exists(decisions)).exclude(review=Finding.Review.MACHINE)
    others = reviewed.exclude(public_id__in=sample.finding_ids).defer("text", "boxes", "pages")
    unchanged = [
        finding.review != Finding.Review.REJECTED and _has_automatic_label(finding)
        for finding in others.prefetch_related("articles")
    ]
    return SampleOutcome(Accuracy(right, progress.judged), Accuracy(sum(unchanged), len(unchanged)))


@dataclass(frozen=True, slots=True)
class SampleChoices:
    """The values that the filters of a sample offer, and the number of automatic labels that match the chosen ones."""

    matching: int
    reports: list[Report]
    states: list[str]
    articles: list[int]
    procedures: list[str]


def sample_choices(user: User, filters: SampleFilters) -> SampleChoices:
    """Return the choices for a sample, from the automatic labels that the user can review. Five queries."""
    waiting = findings_to_confirm(user, SampleFilters()).order_by()
    articles = FindingArticle.objects.filter(finding__in=waiting)
    return SampleChoices(
        matching=findings_to_confirm(user, filters).count(),
        reports=list(Report.objects.select_related("document").filter(pk__in=waiting.values("report_id"))),
        states=list(waiting.exclude(state=None).values_list("state_id", flat=True).distinct().order_by("state_id")),
        articles=list(articles.values_list("article", flat=True).distinct().order_by("article")),
        procedures=list(
            waiting.exclude(procedure="").values_list("procedure", flat=True).distinct().order_by("procedure")
        ),
    )


def find_own_sample(user: User, key: UUID) -> ReviewSample | None:
    """Return a sample that the user has drawn, or None."""
    return ReviewSample.objects.filter(pk=key, drawn_by=user).first()
