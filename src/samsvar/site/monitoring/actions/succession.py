"""Actions that let links follow to a newer version of a text, when it is published in place of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.succession import VersionFinding, match_versions
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.finding_links import move_links
from samsvar.site.monitoring.permissions import can_publish
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

type Actor = Account | None


class SuccessionChanged(SiteError):
    """Someone else decided in the meantime, or one of the findings is no longer in this report."""

    message = _("Someone else decided about these findings while you were looking at them.")
    advice = _("Check the list as it is now, and decide again if necessary.")


def replace_versions(*, report: models.Report, earlier: Sequence[models.Report], by: Actor) -> None:
    """Let what links to earlier versions of a text follow to the newest, within the transaction that publishes it.

    Links to a finding move to the one that takes its place (`samsvar.monitoring.succession`). A finding without one is
    listed for a person, and its links stay where they are until then. Links to the report itself always move.
    """
    models.FindingSuccession.objects.filter(earlier__report=report).delete()  # it was replaced before, and is back
    undecided = models.FindingSuccession.objects.filter(report__in=earlier, later=None, is_closed=False)
    findings = models.Finding.everything.filter(
        Q(report__in=earlier) | Q(public_id__in=list(undecided.values_list("earlier_id", flat=True)))
    )
    matched = match_versions(_version_findings(findings), _version_findings(report.findings.all()))
    models.FindingSuccession.objects.filter(earlier_id__in=[one.earlier for one in matched]).delete()
    models.FindingSuccession.objects.bulk_create(
        [
            models.FindingSuccession(
                report=report, earlier_id=one.earlier, later_id=one.later, similarity=one.similarity
            )
            for one in matched
        ],
        batch_size=200,
    )
    pairs = {one.earlier: one.later for one in matched if one.later}
    counts = move_links("finding_links", pairs, report=report.pk)
    counts += move_links("report_links", {one.public_id: report.public_id for one in earlier}, report=report.pk)
    counts += move_links("report_rows", {one.pk: report.pk for one in earlier}, report=report.pk)
    same = {one.earlier: one.later for one in matched if one.later and one.similarity == 1.0}
    _move_decisions_on_links({one.earlier for one in matched}, same, report)
    record(
        by=by, verb="moved links to a newer version", subject=f"report {report.public_id}",
        details={"findings": len(pairs), "undecided": len(matched) - len(pairs), **counts},
    )  # fmt: skip


def _version_findings(findings: QuerySet[models.Finding]) -> list[VersionFinding]:
    rows = findings.order_by("report_id", "ordinal").values_list("public_id", "paragraph", "text")
    return [VersionFinding(*values) for values in rows]


def _move_decisions_on_links(earlier: set[str], same: Mapping[str, str], report: models.Report) -> None:
    """Move reviewers' decisions on links between rounds to the newer version, where the text is the same.

    Those on another text stay with the earlier version and are in the audit log: the link is proposed again.
    """
    keys = dict(models.Finding.everything.filter(public_id__in=[*same, *same.values()]).values_list("public_id", "pk"))
    decided = models.FindingLink.everything.exclude(later_text="").select_related("later", "earlier")
    for link in decided.filter(Q(later__public_id__in=earlier) | Q(earlier__public_id__in=earlier)):
        ends = {"later": link.later.public_id, "earlier": link.earlier.public_id}
        new = {name: same.get(end, "" if end in earlier else end) for name, end in ends.items()}
        if not all(new.values()):
            record(
                by=None, verb="dropped a decision on a later text", subject=f"finding {ends['earlier']}",
                details={"later": ends["later"], "decision": link.later_text, "decided_at": str(link.decided_at)},
            )  # fmt: skip
            continue
        try:
            with transaction.atomic():
                moved = {f"{name}_id": keys.get(end) or getattr(link, name).pk for name, end in new.items()}
                models.FindingLink.everything.filter(pk=link.pk).update(**moved)
        except IntegrityError:  # decided about there too
            continue
        history = models.LinkDecision.everything.filter(
            later__public_id=ends["later"], earlier__public_id=ends["earlier"]
        )
        is_later = {"report": report} if ends["later"] in same else {}
        history.update(later_id=new["later"], earlier_id=new["earlier"], **is_later)


CLOSED = "none"  # the choice that nothing corresponds


def decide_successions(*, report: models.Report, by: Account, choices: Mapping[str, str]) -> dict[str, int]:
    """Decide which findings of a report take the place of earlier ones that were left to a person, and move the links.

    `choices` maps public IDs of earlier findings to one of the report's, or to `CLOSED` if nothing corresponds: then
    the links stay with the earlier version. Returns the counts "moved" and "left" of links. Raises SuccessionChanged.
    """
    if not can_publish(by, report):
        raise PermissionDenied
    with transaction.atomic():
        lock_change_number()
        open_ones = {one.earlier_id: one for one in open_successions(report)}
        own = set(report.findings.values_list("public_id", flat=True))
        pairs = {earlier: later for earlier, later in choices.items() if later != CLOSED}
        if not open_ones.keys() >= choices.keys() or not own >= set(pairs.values()):
            raise SuccessionChanged
        for earlier, later in choices.items():
            succession = open_ones[earlier]
            succession.later_id, succession.is_closed = (None, True) if later == CLOSED else (later, False)
            succession.save(update_fields=["later", "is_closed"])
        counts = dict(move_links("finding_links", pairs, report=report.pk))
        record(
            by=by, verb="decided where links of an earlier version belong", subject=f"report {report.public_id}",
            details={"findings": dict(choices), **counts},
        )  # fmt: skip
    return counts


def open_successions(report: models.Report) -> QuerySet[models.FindingSuccession]:
    """Return the findings of earlier versions of a report for which a person must decide, with the finding."""
    return report.successions.filter(later=None, is_closed=False).select_related("earlier")
