"""Actions that draw a sample of automatic labels, and confirm the others once a reviewer has confirmed all of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Claim
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import get_acting_role
from samsvar.site.monitoring.review.queries import (
    SAMPLE_SIZE,
    SampleFilters,
    find_kept_sample,
    findings_to_confirm,
    hash_selection,
    order_for_sample,
    sample_progress,
)
from samsvar.site.network.access.permissions import Account, has_claim
from samsvar.site.shell.errors import SiteError


class NothingToConfirm(SiteError):
    """No automatic label matches the filters."""

    message = _("No automatic label that you can review matches these filters.")
    advice = _("Remove one of the filters.")


class SampleNotConfirmed(SiteError):
    """Findings of the sample have not been judged, or not all of them were confirmed."""

    message = _("The other findings can be confirmed only after every finding of the sample was confirmed unchanged.")
    advice = _("Judge the rest of the sample. If its labels contain errors, review the other findings one by one.")


class SelectionChanged(SiteError):
    """The findings to be confirmed are no longer those that the reviewer saw."""

    message = _("Some of these findings were reviewed or read again while you were looking at the sample.")
    advice = _("Check the number of findings, and confirm again.")


class SampleClosed(SiteError):
    """The findings of the sample's filters have been confirmed already."""

    message = _("The other findings have already been confirmed after this sample.")
    advice = ""


def draw_sample(*, filters: SampleFilters, by: Account) -> models.ReviewSample:
    """Draw at most 20 of the automatic labels that match the filters and that the account may review.

    The order is that of a hash of the public IDs, so that anyone can draw the same sample again, whatever the filters
    that match the same labels. A sample of the account that was drawn from these labels and is kept is returned instead
    of another (see `find_kept_sample`).
    """
    if not has_claim(by, Claim.REVIEW_FINDINGS):
        raise PermissionDenied
    with transaction.atomic():
        lock_change_number()
        ids = order_for_sample(findings_to_confirm(by, filters).values_list("public_id", flat=True))
        if not ids:
            raise NothingToConfirm
        if earlier := find_kept_sample(by, ids):
            return earlier
        sample = models.ReviewSample.objects.create(
            filters=filters.to_details(), finding_ids=ids[:SAMPLE_SIZE], matching=len(ids), drawn_by=by
        )
        details = {"filters": sample.filters, "matching": len(ids)}
        record(by=by, verb="drew a sample", subject=f"sample {sample.pk}", details=details)
    return sample


def confirm_after_sample(*, sample: models.ReviewSample, by: Account, seen: str) -> models.ReviewSample:
    """Confirm all automatic labels that the sample was drawn from and that have not changed since, at once.

    Findings with an open proposal are left out, and those on states that the account is bound to. `seen` is the
    `hash_selection` of the findings whose number the reviewer saw. The number of statements does not depend on theirs.
    """
    if sample.drawn_by_id != by.pk or not has_claim(by, Claim.REVIEW_FINDINGS):
        raise PermissionDenied
    filters = SampleFilters(**sample.filters)
    with transaction.atomic():
        # Write first: this locks the change number, which all other writers wait for (decision 2).
        reports = findings_to_confirm(by, filters, sample=sample).values("report_id")
        models.Report.objects.filter(pk__in=reports).update(revision=F("revision") + 1)
        sample = models.ReviewSample.objects.get(pk=sample.pk)
        if sample.confirmed_at:
            raise SampleClosed
        if not sample_progress(sample).is_confirmed:
            raise SampleNotConfirmed
        waiting = findings_to_confirm(by, filters, sample=sample)
        findings = list(waiting.only("public_id", "report_id", "state_id", "strength", "note"))
        if hash_selection([finding.public_id for finding in findings]) != seen:
            raise SelectionChanged
        if not findings:
            raise NothingToConfirm
        articles = defaultdict(list)
        links = models.FindingArticle.objects.filter(finding__in=waiting).order_by("article")
        for finding_id, article in links.values_list("finding_id", "article"):
            articles[finding_id].append(article)
        now = timezone.now()
        waiting.update(review=models.Finding.Review.CONFIRMED, reviewed_by=by, reviewed_at=now, note="")
        roles = {
            state: get_acting_role(by, Claim.REVIEW_FINDINGS, state) for state in {one.state_id for one in findings}
        }
        models.LabelChange.objects.bulk_create(
            (
                _build_change(finding, articles[finding.pk], sample, by, roles[finding.state_id], now)
                for finding in findings
            ),
            batch_size=1000,
        )
        sample.confirmed_at, sample.confirmed = now, len(findings)
        sample.save(update_fields=["confirmed_at", "confirmed"])
        details = {"filters": sample.filters, "confirmed": len(findings), "sample": len(sample.finding_ids)}
        record(by=by, verb="confirmed findings after a sample", subject=f"sample {sample.pk}", details=details)
    return sample


def _build_change(
    finding: models.Finding, articles: list[int], sample: models.ReviewSample, by: Account, role: str, now: datetime
) -> models.LabelChange:
    label = {"strength": finding.strength, "articles": articles}
    return models.LabelChange(
        report_id=finding.report_id,
        finding_id=finding.public_id,
        cause=models.LabelChange.Cause.SAMPLE,
        at=now,
        before={"review": models.Finding.Review.MACHINE.value, **label},
        after={"review": models.Finding.Review.CONFIRMED.value, **label},
        by=by,
        role=role,
        sample=sample,
        previous_note=finding.note,
    )
