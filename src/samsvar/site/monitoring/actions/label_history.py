"""The lines that a reader adds to the public history of labels, when a report is read for the first time or again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from samsvar.site.monitoring import models
from samsvar.site.monitoring.review.queries import get_label

Cause = models.LabelChange.Cause


def record_read_labels(
    report: models.Report, *, before: Mapping[str, models.Finding] = MappingProxyType({})
) -> list[models.LabelChange]:
    """Record the labels of a report's findings as read, within the transaction that stores them.

    `before` has the findings of the reading before, with their articles, by public ID. A finding has a line if it is
    new, if its label or its review has changed, or if a person's decision on it survived another version of the reader,
    which may label it differently. Open proposals on findings that no longer exist become outdated. Four queries.
    """
    changes = []
    for finding in report.findings.prefetch_related("articles"):
        label = get_label(finding)
        previous = before.get(finding.public_id)
        if previous is None:
            changes.append(_build_change(report, finding, Cause.READ, {}, label))
            continue
        previous_label = get_label(previous)
        if label != previous_label:
            changes.append(_build_change(report, finding, Cause.REREAD, previous_label, label))
        elif finding.machine == previous.machine:
            if finding.reader != previous.reader and finding.review != models.Finding.Review.MACHINE:
                changes.append(_build_change(report, finding, Cause.REREAD, previous_label, label))
        else:
            label = {**label, "automatic": finding.machine}
            changes.append(_build_change(report, finding, Cause.REREAD, previous_label, label))
    _mark_outdated_proposals(report)
    return models.LabelChange.objects.bulk_create(changes, batch_size=500)


def _build_change(
    report: models.Report,
    finding: models.Finding,
    cause: models.LabelChange.Cause,
    before: dict[str, Any],
    after: dict[str, Any],
) -> models.LabelChange:
    return models.LabelChange(
        report=report, finding=finding, cause=cause, before=before, after=after, reader=finding.reader
    )


def _mark_outdated_proposals(report: models.Report) -> None:
    proposals = report.proposals.filter(status=models.CorrectionProposal.Status.OPEN)
    proposals.exclude(finding__in=report.findings.values("public_id")).update(
        status=models.CorrectionProposal.Status.OUTDATED
    )
