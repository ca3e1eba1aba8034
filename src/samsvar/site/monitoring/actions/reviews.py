"""Actions that review findings and link them to those of earlier rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from samsvar.errors import MonitoringError
from samsvar.monitoring.lineage import PublishedFinding, find_links
from samsvar.monitoring.report import Strength
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import can_review
from samsvar.site.monitoring.queries import to_library_finding
from samsvar.site.network.access.permissions import Account


class FindingChanged(MonitoringError):
    """Another reviewer has judged the finding in the meantime."""

    effect = "Your decision was not saved; the other reviewer's was."
    advice = "Check the finding as it is now, and review it again if necessary."


class UnknownLabel(MonitoringError):
    """The given strength or article does not exist."""

    effect = "The finding was not changed."


def review_finding(
    *,
    finding: models.Finding,
    by: Account,
    review: str,
    strength: str | None = None,
    articles: Sequence[int] | None = None,
    note: str = "",
    seen: str | None = None,
) -> models.Finding:
    """Confirm a finding, correct its strength or articles, reject it, or restore the automatic labels.

    `strength` and `articles` are left unchanged if None. `seen` is the `review_state` that the reviewer saw: if someone
    else has judged the finding since, `FindingChanged` is raised and nothing is stored.
    """
    if not can_review(by, finding):
        raise PermissionDenied
    choice = models.Finding.Review(review)
    if strength is not None and strength not in {"", *Strength}:
        raise UnknownLabel(f"There is no strength “{strength}”.")
    if articles is not None and not all(1 <= number <= 81 for number in articles):
        raise UnknownLabel("The Convention has Articles 1 to 81.")
    with transaction.atomic():
        # Write first: this locks the change number, which all other writers wait for (decision 2).
        models.Report.everything.filter(pk=finding.report_id).update(revision=F("revision") + 1)
        finding = models.Finding.everything.prefetch_related("articles").get(pk=finding.pk)
        if seen is not None and seen != review_state(finding):
            raise FindingChanged("Someone else reviewed this finding while you were looking at it.")
        if choice is models.Finding.Review.MACHINE:
            strength, articles = finding.machine.get("strength", ""), finding.machine.get("articles", [])
        finding.review = choice
        finding.note = note
        finding.reviewed_by = by if choice is not models.Finding.Review.MACHINE else None
        finding.reviewed_at = timezone.now() if choice is not models.Finding.Review.MACHINE else None
        if strength is not None:
            finding.strength, finding.rank = strength, strength_rank(strength)
        finding.save()
        if articles is not None:
            finding.articles.all().delete()
            _add_articles(finding, articles)
        record(
            by=by,
            verb={"confirmed": "confirmed", "rejected": "rejected", "machine": "returned a finding for review"}[
                choice.value
            ],
            subject=f"finding {finding.public_id}",
            details={"strength": finding.strength, "articles": sorted(set(articles)) if articles is not None else None},
        )
    return models.Finding.everything.get(pk=finding.pk)


def review_state(finding: models.Finding) -> str:
    """Return a finding's review state as a string for a hidden form field, to detect concurrent reviews."""
    return f"{finding.review}-{finding.reviewed_at.isoformat() if finding.reviewed_at else ''}"


def link_findings(*, state: str | None) -> int:
    """Recompute the links from a state's findings to the earlier findings they take up, and return their number.

    Without a state, nothing is changed and 0 is returned. Citations are certain; similar wording under the same article
    is only a suggestion (`samsvar.monitoring.lineage`). Links about which a reviewer decided are kept.
    """
    if state is None:
        return 0
    findings = models.Finding.objects.filter(state_id=state).exclude(review=models.Finding.Review.REJECTED)
    issued = [
        PublishedFinding(
            key=str(finding.pk),
            finding=to_library_finding(finding),
            reference=finding.report.document.reference or finding.report.document.public_id,
            published=parse_day(finding.report.document.published),
            answers=finding.report.document.answers or None,
        )
        for finding in findings.select_related("report__document").prefetch_related("articles")
    ]
    links = find_links(issued)
    with transaction.atomic():
        models.FindingLink.everything.filter(later__state_id=state, later_text="").delete()
        models.FindingLink.objects.bulk_create(
            [
                models.FindingLink(
                    later_id=int(link.later),
                    earlier_id=int(link.earlier),
                    basis=link.basis.value,
                    certain=link.certain,
                    similarity=link.similarity,
                )
                for link in links
            ],
            batch_size=500,
            ignore_conflicts=True,  # one link if a finding cites a paragraph twice, or if someone decided about it
        )
    return len(links)


def _add_articles(finding: models.Finding, articles: Iterable[int]) -> None:
    models.FindingArticle.objects.bulk_create(
        models.FindingArticle(finding=finding, article=number) for number in sorted(set(articles))
    )


def strength_rank(strength: str) -> int:
    return Strength(strength).rank if strength else 9


def parse_day(iso: str) -> date | None:
    try:
        return datetime.strptime(iso, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None
