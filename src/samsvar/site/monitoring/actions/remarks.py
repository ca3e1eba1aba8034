"""Actions on readers' remarks that a label is wrong: making one, and dealing with it. Neither changes the label."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import can_review
from samsvar.site.monitoring.review.queries import get_label
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

MAX_OPEN_REMARKS = 20  # on one finding: no one reads more, and someone who sends more wants to bury the others


class TooManyRemarks(SiteError):
    """The finding has as many open remarks as reviewers can read."""

    message = _("Several readers have already reported this label.")
    effect = _("Your report was not saved.")
    advice = _("A reviewer will look at the label. You do not need to do anything else.")


def remark_on_label(
    *, finding: models.Finding, part: str, comment: str = "", by: Account | None = None
) -> models.LabelRemark:
    """Tell reviewers that a label of a finding is wrong.

    The same remark of the same account is kept once, and so are the same words of readers without an account: a page
    that is loaded again sends them again.
    """
    with transaction.atomic():
        opened = models.LabelRemark.objects.filter(finding=finding, status=models.LabelRemark.Status.OPEN)
        same = {"by": by} if by else {"by": None, "comment": comment.strip()}
        own = opened.filter(part=part, **same).first()
        if own is None and opened.count() >= MAX_OPEN_REMARKS:
            raise TooManyRemarks
        remark = own or models.LabelRemark(report_id=finding.report_id, finding=finding, part=part, by=by)
        remark.label, remark.comment = get_label(finding), comment.strip()
        remark.save()
    return remark


def deal_with_remark(*, remark: models.LabelRemark, by: Account) -> UUID:
    """Mark a remark as dealt with, whether or not the label was changed. Return its key."""
    if not can_review(by, remark.finding):
        raise PermissionDenied
    with transaction.atomic():
        changed = models.LabelRemark.objects.filter(pk=remark.pk, status=models.LabelRemark.Status.OPEN).update(
            status=models.LabelRemark.Status.DEALT_WITH, dealt_with_by=by, dealt_with_at=timezone.now()
        )
        if changed:
            record(by=by, verb="dealt with a reported label", subject=f"finding {remark.finding.public_id}")
    return remark.pk
