"""Events of what people follow, derived from what the site has recorded; nothing is stored for them.

An event has a key that never changes and the moment since which it can be read here. Both come from rows: the day a
report, a version or a measure became public, a reviewer's decision, a change of stage. A decision that is withdrawn
before a digest is sent has therefore no event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from samsvar.convention.status import Status
from samsvar.exchange.practices import PracticeAct
from samsvar.implementation.measures import MeasureVisibility, Stage
from samsvar.search.items import SearchItem
from samsvar.site.convention.queries import cached_statuses
from samsvar.site.exchange.practices.models import PracticeEvent, PracticeVersion
from samsvar.site.following.models import FollowKind
from samsvar.site.following.searches import find_matches
from samsvar.site.following.targets import FollowTarget
from samsvar.site.implementation.measures.models import Change, Measure
from samsvar.site.implementation.permissions import is_public
from samsvar.site.implementation.progress.queries import later_assessments, links_not_set_aside
from samsvar.site.monitoring.models import (
    Finding,
    FindingArticle,
    FindingLink,
    FindingSuccession,
    LabelChange,
    Report,
    is_same_issue,
)

PASSAGE_RANK = 1_000  # after all findings: many passages must not push them out of a digest
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # before anything was published here


class FollowEventKind(StrEnum):
    """What happened, most important first: digests and feeds of one moment are in this order."""

    CONCLUDED = "concluded"  # a later text says that it is settled, as a reviewer confirmed
    TAKEN_UP = "taken_up"  # a later text takes it up again
    WELCOMED = "welcomed"  # a later text praises what was done
    NO_LONGER_RAISED = "no_longer_raised"  # a later assessment does not raise it, which does not mean it is solved
    STAGE_CHANGED = "stage_changed"  # of a measure
    RETIRED = "retired"  # a practice
    LEFT = "left"  # a country is no longer a Party
    NOT_PUBLIC = "not_public"  # what is followed can no longer be read here
    NEW_VERSION = "new_version"  # of a practice
    NEW = "new"


@dataclass(frozen=True, slots=True)
class FollowEvent:
    """An event: what happened to what, and since when it can be read here.

    `subject` is what it is about: a finding, a measure, a version of a practice, an item of the search index, or None
    for an event about what is followed itself. `later` is the finding that takes an earlier one up.
    """

    key: str
    kind: FollowEventKind
    at: datetime
    item: str = ""  # ID in the search index: "finding/3f2a…"
    group: str = ""  # group in the search index: "report/3f2a…"
    state: str = ""
    articles: frozenset[int] = frozenset()
    subject: Finding | Measure | PracticeVersion | SearchItem | None = None
    later: Finding | None = None
    stage: str = ""  # of a measure, after the change

    @property
    def order(self) -> tuple[Any, ...]:
        """A sort key: what matters most first, findings by strength, then the newest; other passages after findings."""
        rank = 0
        if isinstance(self.subject, Finding):
            rank = self.subject.rank
        elif isinstance(self.subject, SearchItem):
            rank = PASSAGE_RANK
        return list(FollowEventKind).index(self.kind), rank, -self.at.timestamp(), self.key

    @property
    def ends(self) -> bool:
        """Whether what it is about is over: finished, stopped, retired, left or no longer public."""
        over = {FollowEventKind.RETIRED, FollowEventKind.LEFT, FollowEventKind.NOT_PUBLIC}
        return self.kind in over or (self.kind is FollowEventKind.STAGE_CHANGED and Stage(self.stage).is_over)

    def concerns(self, target: FollowTarget) -> bool:
        """Return whether the event is about a target; the events of a search come from the index instead."""
        match target.kind:
            case FollowKind.COUNTRY:
                return self.state == target.key
            case FollowKind.ARTICLE:
                return int(target.key) in self.articles
            case FollowKind.SEARCH:
                return False
            case _:
                return self.item == f"{target.kind}/{target.key}"


def find_events(since: datetime, target: FollowTarget | None = None) -> list[FollowEvent]:
    """Return the events since a moment, of one target or of everything that can be followed; in no order."""
    if target is not None and target.kind is FollowKind.SEARCH:
        return list(search_events(target, find_events(since), since))
    events = [
        *_new_findings(since, target),
        *_taken_up_findings(since, target),
        *_taken_up_with_others(since, target),
        *_findings_no_longer_raised(since, target),
        *_measure_events(since, target),
        *_practice_events(since, target),
        *_departures(since, target),
    ]
    return [event for event in events if target is None or event.concerns(target)]


def search_events(target: FollowTarget, events: Iterable[FollowEvent], since: datetime) -> Iterator[FollowEvent]:
    """Yield the events of a followed search: new items that match it, and events of those that do.

    `events` are all events since that moment. One query, and one search in the index.
    """
    of_items: dict[str, list[FollowEvent]] = defaultdict(list)
    for event in events:
        if event.group:
            of_items[event.item].append(event)
    published = {
        f"report/{public_id}": at
        for public_id, at in Report.objects.filter(published_at__gte=since).values_list("public_id", "published_at")
        if at is not None
    }
    groups = {event.group for found in of_items.values() for event in found} | published.keys()
    for item in find_matches(target.query, groups):
        if item.id in of_items:
            yield from of_items[item.id]
        elif item.kind != "finding" and item.group in published:
            yield FollowEvent(
                key=f"new/{item.id}",
                kind=FollowEventKind.NEW,
                at=published[item.group],
                item=item.id,
                group=item.group,
                state=item.state,
                subject=item,
            )


# --- Findings ---------------------------------------------------------------------------------------------------------


def _findings(target: FollowTarget | None) -> QuerySet[Finding]:
    """Return the public findings of a target that no reviewer rejected, as loaded for a line of a digest."""
    findings = Finding.objects.exclude(review=Finding.Review.REJECTED).select_related("report__document")
    match target:
        case None:
            return findings
        case FollowTarget(FollowKind.COUNTRY, key):
            return findings.filter(state_id=key)
        case FollowTarget(FollowKind.ARTICLE, key):
            return findings.filter(Exists(_articles_of("pk", key)))
        case FollowTarget(FollowKind.FINDING, key):
            return findings.filter(public_id=key)
        case _:
            return findings.none()


def _articles_of(column: str, article: str) -> QuerySet[FindingArticle]:
    return FindingArticle.everything.filter(finding_id=OuterRef(column), article=int(article))


def _light(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    return findings.defer("boxes", "pages", "actions", "cites", "machine", "heading", "note").prefetch_related(
        "articles"
    )


def _finding_event(
    key: str, kind: FollowEventKind, at: datetime, finding: Finding, later: Finding | None = None
) -> FollowEvent:
    return FollowEvent(
        key=f"{key}/finding/{finding.public_id}" + (f"/{later.public_id}" if later else ""),
        kind=kind,
        at=at,
        item=f"finding/{finding.public_id}",
        group=f"report/{finding.report.public_id}",
        state=finding.state_id or "",
        articles=frozenset(link.article for shown in (finding, later) if shown for link in shown.articles.all()),
        subject=finding,
        later=later,
    )


def _new_findings(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield the findings of reports published since, and those that a newer reader found since in older reports."""
    read = LabelChange.objects.filter(finding=OuterRef("public_id"), cause=LabelChange.Cause.READ).order_by("pk")
    findings = _light(_findings(target)).annotate(read_at=Subquery(read.values("at")[:1]))
    unchanged = FindingSuccession.objects.filter(
        later=OuterRef("public_id"), similarity=1.0
    )  # told of its earlier text
    for finding in findings.filter(Q(report__published_at__gte=since) | Q(read_at__gte=since), ~Exists(unchanged)):
        published = finding.report.published_at or finding.report.read_at
        at = max(published, finding.read_at or published)
        yield _finding_event("new", FollowEventKind.NEW, at, finding)


def _taken_up_findings(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield what later texts do to earlier findings: what they cite, and what a reviewer decided about the others."""
    links = _later_links(since)
    match target:
        case None:
            pass
        case FollowTarget(FollowKind.COUNTRY, key):
            links = links.filter(earlier__state_id=key)
        case FollowTarget(FollowKind.ARTICLE, key):
            links = links.filter(Exists(_articles_of("earlier_id", key)) | Exists(_articles_of("later_id", key)))
        case FollowTarget(FollowKind.FINDING, key):
            links = links.filter(earlier__public_id=key)
        case _:
            return
    for link in links:
        if event := _later_event(link, link.earlier, since):
            yield event


def _taken_up_with_others(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield what later texts do to findings by citing the paragraph that these cite themselves.

    Only those who follow such a finding are told: others are told of the paragraph, which is the same issue.
    """
    if target is not None and target.kind is not FollowKind.FINDING:
        return
    taken_up = FindingLink.objects.filter(is_same_issue()).exclude(later__review=Finding.Review.REJECTED)
    has_own = FindingLink.objects.filter(is_same_issue(), earlier=OuterRef("later"))
    citing = taken_up.filter(~Exists(has_own.exclude(later__review=Finding.Review.REJECTED)))
    citing = citing.exclude(later__strength="welcomes")
    if target is not None:
        citing = citing.filter(later__public_id=target.key)
    links: dict[int, list[FindingLink]] = defaultdict(list)
    for link in _later_links(since).filter(earlier__in=citing.values("earlier")):
        links[link.earlier_id].append(link)
    citing = citing.filter(earlier__in=links).select_related("later__report__document")
    for own in citing.prefetch_related("later__articles"):
        published = own.later.report.document.published
        for link in links[own.earlier_id]:
            day = link.later.report.document.published
            if day > published and not day.startswith(published):  # the same month is not later
                if event := _later_event(link, own.later, since):
                    yield replace(event, state="", group="", articles=frozenset())


def _later_links(since: datetime) -> QuerySet[FindingLink]:
    """Return the links of later texts that may have become known since, with their findings."""
    decided = ~Q(later_text="")
    return (
        FindingLink.objects.filter(is_same_issue())
        .exclude(Q(earlier__review=Finding.Review.REJECTED) | Q(later__review=Finding.Review.REJECTED))
        .exclude(earlier__strength="welcomes")  # praise asks for nothing that could be taken up or settled
        .filter(
            Q(later__report__published_at__gte=since)
            | decided & (Q(decided_at__gte=since) | Q(earlier__report__published_at__gte=since))
        )
        .select_related("earlier__report__document", "later__report__document")
        .prefetch_related("earlier__articles", "later__articles")
    )


def _later_event(link: FindingLink, earlier: Finding, since: datetime) -> FollowEvent | None:
    """Return what the later text of a link does to a finding, if that has become known since; else None."""
    later, known = link.later, _published_at(link.later)
    if link.later_text:
        known = max(known, _published_at(earlier), link.decided_at or known)
    elif known < _published_at(earlier):
        return None  # history that came with the earlier report: nothing has happened to what was known here
    if known < since:
        return None
    if link.later_text == FindingLink.LaterText.CLOSES:
        key, kind = "concluded", FollowEventKind.CONCLUDED
    elif later.strength == "welcomes":
        key, kind = "taken-up", FollowEventKind.WELCOMED
    else:
        key, kind = "taken-up", FollowEventKind.TAKEN_UP
    return _finding_event(key, kind, known, earlier, later)


def _findings_no_longer_raised(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield the recommendations that no text of a later assessment takes up, not even one that is only proposed."""
    new_reports = Report.objects.filter(published_at__gte=since).exclude(document__state=None)
    states = set(new_reports.values_list("document__state_id", flat=True))
    if not states:
        return
    assessments = later_assessments().filter(report__published_at__isnull=False).order_by("report__published_at")
    links = links_not_set_aside(OuterRef("pk"), OuterRef("report__document__published"))
    findings = (
        _light(_findings(target))
        .filter(*(~Exists(one) for one in links), state__in=states)
        .exclude(strength="welcomes")
        .annotate(later_at=Subquery(assessments.values("report__published_at")[:1]))
        .filter(later_at__gte=since, later_at__gt=F("report__published_at"))
    )
    for finding in findings:
        yield _finding_event(
            "not-raised",
            FollowEventKind.NO_LONGER_RAISED,
            finding.later_at,
            finding,
        )


def _published_at(finding: Finding) -> datetime:
    return finding.report.published_at or finding.report.read_at


# --- Measures and practices -------------------------------------------------------------------------------------------


def _measure_events(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield the measures that became public, and their changes of stage as readers could see them."""
    measures = Measure.objects.filter(is_public())
    match target:
        case None:
            pass
        case FollowTarget(FollowKind.COUNTRY, key):
            measures = measures.filter(state_id=key)
        case FollowTarget(FollowKind.MEASURE, key):
            measures = measures.filter(public_id=key)
        case _:
            return
    changes = Change.objects.filter(kind=Change.Kind.MEASURE)
    changed = measures.filter(pk__in=changes.filter(at__gte=since).values("measure"))
    history: dict[int, list[Change]] = defaultdict(list)
    for change in changes.filter(measure__in=changed).only("measure_id", "after", "at").order_by("pk"):
        history[change.measure_id or 0].append(change)
    for measure in changed:
        for event in _visible_stages(measure, history[measure.pk]):
            if event.at >= since:
                yield event


def _visible_stages(measure: Measure, changes: Iterable[Change]) -> Iterator[FollowEvent]:
    """Yield when a measure became public, and each stage that differs from the last one that readers saw.

    What was changed while it was not public is never told; the stage is, once it is public again.
    """
    is_visible, stage, shown = False, "", ""
    for change in changes:
        stage = change.after.get("stage", stage)
        visibility = change.after.get("visibility")
        is_visible = is_visible if visibility is None else visibility == MeasureVisibility.PUBLIC
        if not is_visible or stage == shown:
            continue
        is_first, shown = not shown, stage
        yield FollowEvent(
            key=f"new/measure/{measure.public_id}" if is_first else f"stage/{change.pk}/measure/{measure.public_id}",
            kind=FollowEventKind.NEW if is_first else FollowEventKind.STAGE_CHANGED,
            at=change.at,
            item=f"measure/{measure.public_id}",
            group=f"measure/{measure.state_id}",
            state=measure.state_id,
            subject=measure,
            stage=stage,
        )


def _practice_events(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield the versions of practices that were published, and the practices that were retired."""
    newest = PracticeVersion.objects.filter(number=F("practice__published_version")).select_related("practice")
    match target:
        case None:
            pass
        case FollowTarget(FollowKind.COUNTRY, key):
            newest = newest.filter(practice__state_id=key)
        case FollowTarget(FollowKind.ARTICLE, key):
            newest = newest.filter(tags__contains=f"|article:{int(key)}|")
        case FollowTarget(FollowKind.PRACTICE, key):
            newest = newest.filter(practice__public_id=key)
        case _:
            return
    for version in newest.filter(published_at__gte=since, practice__retired_reason=""):
        number, public_id = version.number, version.practice.public_id
        key, kind = "new", FollowEventKind.NEW
        if number > 1:
            key, kind = f"version/{number}", FollowEventKind.NEW_VERSION
        yield _practice_event(f"{key}/practice/{public_id}", kind, version.published_at, version)
    retired = newest.exclude(practice__retired_reason="")
    acts = PracticeEvent.objects.filter(
        practice__in=retired.values("practice"), act=PracticeAct.RETIRE, at__gte=since
    ).order_by("practice_id", "pk")
    latest = {act.practice_id: act for act in acts}
    for version in retired.filter(practice__in=latest):
        act = latest[version.practice_id]
        key = f"retired/{act.pk}/practice/{version.practice.public_id}"
        yield _practice_event(key, FollowEventKind.RETIRED, act.at, version)


def _practice_event(key: str, kind: FollowEventKind, at: datetime, version: PracticeVersion) -> FollowEvent:
    content = version.content
    return FollowEvent(
        key=key,
        kind=kind,
        at=at,
        item=f"practice/{version.practice.public_id}",
        group=f"practice/{version.practice.public_id}",
        state=content["state"],
        articles=frozenset(map(int, content["articles"])),
        subject=version,
    )


# --- Countries --------------------------------------------------------------------------------------------------------


def _departures(since: datetime, target: FollowTarget | None) -> Iterator[FollowEvent]:
    """Yield the countries that have ceased to be Parties."""
    if target is not None and target.kind is not FollowKind.COUNTRY:
        return
    for code, status in cached_statuses(timezone.localdate()).items():
        if status.status is Status.FORMER_PARTY and status.left:
            at = datetime.combine(status.left, time(), UTC)
            if at >= since:
                yield FollowEvent(
                    key=f"left/{status.left}/country/{code}", kind=FollowEventKind.LEFT, at=at, state=code
                )
