"""Actions that review findings, undo a review, and link findings to those of earlier rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.lineage import FindingLink, PublishedFinding, find_links
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import can_review, get_acting_role
from samsvar.site.monitoring.queries import to_library_finding
from samsvar.site.monitoring.review.queries import can_undo, changes_label, get_label
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError


class FindingChanged(SiteError):
    """Another reviewer has judged the finding in the meantime, or a newer reader has read it."""

    message = _("Someone else reviewed this finding while you were looking at it.")
    effect = _("Your decision was not saved; the other reviewer’s was.")
    advice = _("Check the finding as it is now, and review it again if necessary.")


class UnknownLabel(SiteError):
    """The given strength or article does not exist."""

    message = _("This strength or article does not exist.")
    effect = _("The finding was not changed.")


class ReasonMissing(SiteError):
    """A label is changed without a reason."""

    message = _("A changed label needs a reason, because everyone can read why it was changed.")
    effect = _("The finding was not changed.")
    advice = _("Enter a reason.")


class NothingToUndo(SiteError):
    """The change to be undone is not the last one of its finding, or not the user's own."""

    message = _("The label has been changed again since, so this review cannot be undone.")
    effect = _("The finding was not changed.")
    advice = _("Check the finding as it is now, and review it again if necessary.")


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

    `strength` and `articles` are left unchanged if None. `note` is the public reason; `ReasonMissing` is raised without
    one if the label changes. `seen` is the `review_state` that the reviewer saw: if someone else has judged the finding
    since, `FindingChanged` is raised and nothing is stored.
    """
    if not can_review(by, finding):
        raise PermissionDenied
    choice = models.Finding.Review(review)
    check_label(strength, articles)
    with transaction.atomic():
        finding = lock_finding(finding, seen)
        label = get_label(finding)
        if choice is models.Finding.Review.MACHINE:
            strength, articles = finding.machine.get("strength", ""), finding.machine.get("articles", [])
        new_label = {
            "review": choice.value,
            "strength": label["strength"] if strength is None else strength,
            "articles": label["articles"] if articles is None else sorted(set(articles)),
        }
        if changes_label(label, new_label) and not note.strip():
            raise ReasonMissing
        change_label(finding, by=by, cause=models.LabelChange.Cause.REVIEW, label=new_label, reason=note)
        record(
            by=by,
            verb={"confirmed": "confirmed", "rejected": "rejected", "machine": "returned a finding for review"}[
                choice.value
            ],
            subject=f"finding {finding.public_id}",
            details={"strength": finding.strength, "articles": sorted(set(articles)) if articles is not None else None},
        )
    return models.Finding.everything.get(pk=finding.pk)


def undo_review(*, change: models.LabelChange, by: Account) -> models.Finding:
    """Restore a finding exactly as it was before the user's own last review, and reopen the proposal it accepted.

    The history keeps both. Raises `NothingToUndo` if the label has been changed since.
    """
    if not can_review(by, change.finding):
        raise PermissionDenied
    with transaction.atomic():
        finding = lock_finding(change.finding)
        last = finding.label_changes.last()
        if last is None or last.pk != change.pk or not can_undo(by, last):
            raise NothingToUndo
        change_label(finding, by=by, cause=models.LabelChange.Cause.UNDO, label=last.before)
        finding.note, finding.reviewed_by_id = last.previous_note, last.previous_reviewer_id
        finding.reviewed_at = last.previous_reviewed_at
        finding.save()
        if last.proposal_id:
            models.CorrectionProposal.objects.filter(pk=last.proposal_id).update(
                status=models.CorrectionProposal.Status.OPEN,
                decided_by=None,
                decided_role="",
                decided_at=None,
                decision_reason="",
            )
        record(by=by, verb="undid a review", subject=f"finding {finding.public_id}", details={"label": last.before})
    return models.Finding.everything.get(pk=finding.pk)


def check_label(strength: str | None, articles: Sequence[int] | None) -> None:
    """Raise `UnknownLabel` unless the strength and the articles exist; None is not checked."""
    if strength is not None and strength not in {"", *Strength}:
        raise UnknownLabel(_("There is no strength “%(strength)s”.") % {"strength": strength})
    if articles is not None and not all(1 <= number <= 81 for number in articles):
        raise UnknownLabel(_("The Convention has Articles 1 to 81."))


def lock_finding(finding: models.Finding, seen: str | None = None) -> models.Finding:
    """Lock a finding against other writers and return it as it is now. Raises `FindingChanged` if it is not as `seen`.

    Call it first in the transaction: the write locks the change number, which all other writers wait for (decision 2).
    """
    models.Report.everything.filter(pk=finding.report_id).update(revision=F("revision") + 1)
    current = models.Finding.everything.prefetch_related("articles").get(public_id=finding.public_id)
    if seen is not None and seen != review_state(current):
        raise FindingChanged
    return current


def change_label(
    finding: models.Finding,
    *,
    by: Account,
    cause: models.LabelChange.Cause,
    label: Mapping[str, Any],
    reason: str = "",
    proposal: models.CorrectionProposal | None = None,
) -> models.LabelChange:
    """Give a locked finding a label, and add a line to its history. The caller checks permission and records it."""
    change = models.LabelChange.objects.create(
        report_id=finding.report_id,
        finding=finding,
        cause=cause,
        before=get_label(finding),
        after=dict(label),
        by=by,
        role=get_acting_role(by, Claim.REVIEW_FINDINGS, finding.state_id),
        reason=reason,
        proposal=proposal,
        previous_reviewer_id=finding.reviewed_by_id,
        previous_reviewed_at=finding.reviewed_at,
        previous_note=finding.note,
    )
    is_reviewed = label["review"] != models.Finding.Review.MACHINE
    finding.review = label["review"]
    finding.note = reason
    finding.reviewed_by = by if is_reviewed else None
    finding.reviewed_at = change.at if is_reviewed else None
    finding.strength, finding.rank = label["strength"], strength_rank(label["strength"])
    finding.save()
    if label["articles"] != change.before["articles"]:
        finding.articles.all().delete()
        _add_articles(finding, label["articles"])
    return change


def review_state(finding: models.Finding) -> str:
    """Return a finding's label and review as a string for a hidden form field, to detect concurrent changes."""
    label = get_label(finding)
    reviewed_at = finding.reviewed_at.isoformat() if finding.reviewed_at else ""
    return f"{label['review']}-{reviewed_at}-{label['strength']}-{','.join(map(str, label['articles']))}"


def link_findings(*, state: str | None) -> int:
    """Recompute the links from a state's findings to the earlier findings they take up, and return their number.

    Without a state, nothing is changed and 0 is returned. Citations are certain; similar wording under the same article
    is only a suggestion (`samsvar.monitoring.lineage`). Links about which a reviewer decided are kept. Call this after
    the transaction that changed the findings: the links are computed without one, because all other writers would wait
    for it, and only the difference is written.
    """
    if state is None:
        return 0
    for last_try in (False, False, True):
        edition = _linked_edition(state)
        wanted = {(int(link.later), int(link.earlier)): link for link in reversed(_compute_links(state))}
        if _write_links(state, wanted, edition=None if last_try else edition):
            break
    return len(wanted)


def _compute_links(state: str) -> tuple[FindingLink, ...]:
    findings = models.Finding.objects.filter(state_id=state).exclude(review=models.Finding.Review.REJECTED)
    return find_links(
        [
            PublishedFinding(
                key=str(finding.pk),
                finding=to_library_finding(finding),
                reference=finding.report.document.reference or finding.report.document.public_id,
                published=parse_day(finding.report.document.published),
                answers=finding.report.document.answers or None,
            )
            for finding in findings.select_related("report__document").prefetch_related("articles")
        ]
    )


def _linked_edition(state: str) -> list[tuple[int, int]]:
    """Return the revisions of a state's public reports, which change with everything that links depend on."""
    return sorted(models.Report.objects.filter(document__state_id=state).values_list("pk", "revision"))


def _write_links(
    state: str, wanted: dict[tuple[int, int], FindingLink], *, edition: list[tuple[int, int]] | None
) -> bool:
    """Write the links of a state that differ from those stored; return False if its findings are of another edition."""
    with transaction.atomic():
        lock_change_number()
        if edition is not None and edition != _linked_edition(state):
            return False
        existing = set(models.Finding.objects.filter(state_id=state).values_list("pk", flat=True))
        links = models.FindingLink.everything.filter(later__state_id=state)
        stored = {(link.later_id, link.earlier_id): link for link in links}
        # a link about which someone decided has the texts that they saw
        obsolete = [link.pk for pair, link in stored.items() if pair not in wanted and not link.later_text]
        new, changed = [], []
        for (later, earlier), computed in wanted.items():
            values = {"basis": computed.basis.value, "certain": computed.certain, "similarity": computed.similarity}
            link = stored.get((later, earlier))
            if link is None and {later, earlier} <= existing:
                new.append(models.FindingLink(later_id=later, earlier_id=earlier, **values))
            elif (
                link is not None
                and not link.later_text
                and any(getattr(link, name) != value for name, value in values.items())
            ):
                for name, value in values.items():
                    setattr(link, name, value)
                changed.append(link)
        models.FindingLink.everything.filter(pk__in=obsolete).delete()
        models.FindingLink.everything.bulk_create(new, batch_size=500)
        models.FindingLink.everything.bulk_update(changed, ["basis", "certain", "similarity"], batch_size=200)
    return True


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
