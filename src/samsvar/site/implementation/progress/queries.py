"""The three answers for findings in SQL: what is done, what is proven, and what the body said afterwards.

`samsvar.implementation.progress` defines them, and a property test compares the two. Each is one column of a query on
findings, so that fifty countries need one query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from samsvar.implementation.evidence import EvidenceStatus, Side
from samsvar.implementation.measures import AnswerScope, Stage, TriageDecision
from samsvar.implementation.progress import Done, Proven, Verdict
from samsvar.monitoring.rounds import STATE_DOCUMENTS
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.measures.models import Answer
from samsvar.site.implementation.permissions import is_public
from samsvar.site.monitoring.models import Document, Finding, FindingLink, is_same_issue


def with_progress(findings: QuerySet[Finding], day: date, *, only_public: bool = True) -> QuerySet[Any]:
    """Add the columns `done`, `proven` and `verdict` to findings; evidence is valid or expired on `day`.

    With `only_public`, measures count only if they are public, as on public pages; otherwise all do, as for the desk of
    the state. Evidence counts if it is accepted and no accepted revision has replaced it.
    """
    return findings.annotate(
        done=_done_column(only_public=only_public),
        proven=_proven_column(day, only_public=only_public),
        verdict=_verdict_column(),
    )


def current_evidence() -> QuerySet[Evidence]:
    """Return accepted evidence, without what an accepted revision has replaced."""
    accepted = Evidence.objects.filter(status=EvidenceStatus.ACCEPTED)
    return accepted.exclude(Exists(Evidence.objects.filter(status=EvidenceStatus.ACCEPTED, revision_of=OuterRef("pk"))))


class _Switch(Func):
    """`CASE expression WHEN 1 THEN 'a' WHEN … END`, which evaluates the expression once.

    Django's `Case` would repeat a subquery in every branch.
    """

    output_field = CharField()

    def __init__(self, expression: Any, values: Mapping[int, str]) -> None:
        branches = " ".join(f"WHEN {code:d} THEN '{value}'" for code, value in values.items())
        super().__init__(expression, template=f"CASE %(expressions)s {branches} END")


# --- What is done -----------------------------------------------------------------------------------------------------

_WHOLE, _PART = 9, 8  # codes of the furthest answer; higher codes win
_DONE_CODES = {
    _WHOLE: Done.DONE_IN_WHOLE,
    _PART: Done.DONE_IN_PART,
    7: Done.UNDER_WAY,
    6: Done.DECIDED,
    5: Done.PROPOSED,
    4: Done.STOPPED,
    # without an answer, the desk's decision
    3: Done.NO_MEASURE,
    2: Done.NOT_FOR_US,
    1: Done.NO_ONE_HAS_SAID,
}
_STAGE_CODES = {Stage.UNDER_WAY: 7, Stage.DECIDED: 6, Stage.PROPOSED: 5, Stage.STOPPED: 4}


def _done_column(*, only_public: bool) -> Any:
    parts = Coalesce("finding__triage__parts", 1)
    done = Q(measure__stage=Stage.DONE)
    answers = (
        Answer.objects.filter(_visible(only_public, "measure__"), finding_id=OuterRef("public_id"), ended_at=None)
        .order_by()
        .values("finding_id")
        .annotate(
            furthest=Max(
                Case(
                    When(done & Q(scope=AnswerScope.WHOLE), then=_WHOLE),
                    When(done, then=_PART),
                    *(When(measure__stage=stage, then=code) for stage, code in _STAGE_CODES.items()),
                )
            ),
            done_parts=Count("part", filter=done & Q(part__gte=1, part__lte=parts), distinct=True),
            parts=Max(parts),
        )
        .annotate(code=Case(When(furthest=_PART, done_parts__gte=F("parts"), then=_WHOLE), default="furthest"))
        .values("code")
    )
    decision = Case(
        When(triage__decision=TriageDecision.NO_MEASURE, then=3),
        When(triage__decision=TriageDecision.NOT_FOR_US, then=2),
        default=1,
    )
    return _Switch(Coalesce(Subquery(answers), decision), _DONE_CODES)


def _visible(only_public: bool, prefix: str) -> Q:
    return is_public(prefix) if only_public else Q()


# --- What is proven ---------------------------------------------------------------------------------------------------

_EXPIRED, _STATE, _OTHERS, _DISPUTES = 1, 2, 4, 8  # bits of the evidence for a finding


def _proven_code(bits: int) -> Proven:
    """Return what a combination of bits means; the same rules as `samsvar.implementation.progress.assess_proven`."""
    supports = bits & (_STATE | _OTHERS)
    if bits & _DISPUTES:
        return Proven.SIDES_DIFFER if supports else Proven.DISPUTED
    if supports:
        both = supports == _STATE | _OTHERS
        return Proven.BOTH_AGREE if both else Proven.STATE_ONLY if supports == _STATE else Proven.OTHERS_ONLY
    return Proven.EXPIRED if bits else Proven.NO_EVIDENCE


def _proven_column(day: date, *, only_public: bool) -> Any:
    measures = Answer.objects.filter(
        _visible(only_public, "measure__"), finding_id=OuterRef(OuterRef("public_id")), ended_at=None
    )
    evidence = (
        current_evidence()
        .filter(Q(finding_id=OuterRef("public_id")) | Q(measure__in=measures.values("measure")))
        .order_by()
        .values(group=Value(1))
        .annotate(
            bits=Sum(
                Case(
                    When(valid_until__lt=day, then=_EXPIRED),
                    When(supports=False, then=_DISPUTES),
                    When(side=Side.STATE, then=_STATE),
                    default=_OTHERS,
                    output_field=IntegerField(),
                ),
                distinct=True,
            )
        )
        .values("bits")
    )
    return _Switch(Coalesce(Subquery(evidence), 0), {bits: _proven_code(bits) for bits in range(16)})


# --- What the body said afterwards ------------------------------------------------------------------------------------

_AGAIN, _CLOSES, _WELCOMES = 1, 2, 4  # bits of the later findings that take a finding up


def _verdict_code(bits: int) -> Verdict:
    if bits & _AGAIN:
        return Verdict.TAKEN_UP_AGAIN
    return Verdict.CLOSED if bits & _CLOSES else Verdict.WELCOMED


def _verdict_column() -> Any:
    place = (OuterRef("pk"), OuterRef("report__document__published"))
    own, shared = _later_links(is_same_issue(), *place)
    proposed = links_not_set_aside(*place)
    # no text that surely takes it up: -2 if one is proposed, 0 if the body has published a later assessment, else -1
    is_proposed = Q(*(Exists(links) for links in proposed), _connector=Q.OR)
    no_text = Case(When(is_proposed, then=-2), When(Exists(later_assessments()), then=0), default=-1)
    values = {bits: _verdict_code(bits) for bits in range(1, 8)}
    return _Switch(
        Coalesce(_later_bits(own), _later_bits(shared), no_text),
        values | {0: Verdict.NO_LONGER_RAISED, -1: Verdict.NONE_YET, -2: Verdict.UNDECIDED},
    )


def _later_bits(links: QuerySet[FindingLink]) -> Subquery:
    """Return the bits of the later findings of these links; None without any."""
    return Subquery(
        links.order_by()
        .values(group=Value(1))
        .annotate(
            bits=Sum(
                Case(
                    When(later_text=FindingLink.LaterText.CLOSES, then=_CLOSES),
                    When(later__strength="welcomes", then=_WELCOMES),
                    default=_AGAIN,
                    output_field=IntegerField(),
                ),
                distinct=True,
            )
        )
        .values("bits")
    )


def later_links_of(finding: Finding) -> tuple[FindingLink, ...]:
    """Return the links on which the verdict of a finding rests: from later texts that no reviewer rejected."""
    own, shared = _later_links(is_same_issue(), finding.pk, finding.report.document.published)
    either = FindingLink.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=shared.values("pk")))
    links = either.select_related("later__report__document").order_by(
        "later__report__document__published", "later__ordinal"
    )
    return tuple(link for link in links if link.earlier_id == finding.pk) or tuple(links)


def links_not_set_aside(pk: Any, published: Any) -> tuple[QuerySet[FindingLink], QuerySet[FindingLink]]:
    """Return the links, also proposed ones, from later texts to a finding, and those of shared issues."""
    return _later_links(~Q(later_text=FindingLink.LaterText.SET_ASIDE), pk, published)


def _later_links(condition: Q, pk: Any, published: Any) -> tuple[QuerySet[FindingLink], QuerySet[FindingLink]]:
    """Return the links from texts that no reviewer rejected to a finding, and those of shared issues.

    The latter lead from texts after a day to the earlier findings that a finding takes up itself: the Committee of the
    Parties recommends something and asks for it again in its conclusions, and both cite the paragraph of GREVIO's
    report, so that no link leads from one to the other. All links meet the condition.
    """
    links = FindingLink.objects.filter(condition)
    taken_up = links.filter(later_id=OuterRef(pk) if isinstance(pk, OuterRef) else pk)
    own, to_others = links.filter(earlier_id=pk), links.filter(earlier_id__in=taken_up.values("earlier_id"))
    later = to_others.filter(later__report__document__published__gt=published)
    shared = later.exclude(later__report__document__published__startswith=published)  # the same month is not later
    own, shared = (some.exclude(later__review=Finding.Review.REJECTED) for some in (own, shared))
    return own, shared


def later_assessments() -> QuerySet[Document]:
    """Return the later assessments of the outer query's finding, for a subquery."""
    return _later_assessments(OuterRef("report__document__published"), OuterRef("body"), OuterRef("state_id"))


def later_assessments_of(finding: Finding) -> QuerySet[Document]:
    """Return the published assessments of the same state by the same body after that of the finding."""
    return _later_assessments(finding.report.document.published, finding.body, finding.state_id)


def _later_assessments(own: Any, body: Any, state: Any) -> QuerySet[Document]:
    """Return assessments after the day `own`. Dates are as precise as their source: the same month is not later."""
    return (
        Document.objects.filter(report__status="published", body=body, state_id=state, published__gt=own)
        .exclude(published__startswith=own)
        .exclude(kind__in=STATE_DOCUMENTS)
        .exclude(procedure__in=STATE_DOCUMENTS)
    )
