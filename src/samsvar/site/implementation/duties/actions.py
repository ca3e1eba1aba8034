"""Actions on the steps of a procedure that a national desk records."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.duties import DueBasis, DutyKind
from samsvar.site.audit.actions import record
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.models import Duty
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

EDITABLE = ("due", "basis", "due_source", "due_since", "done", "done_source")


class DutyIncomplete(SiteError):
    """A day is missing, is not a date, or has no source."""

    message = _("A date or its source is missing.")
    advice = _("Enter the date on which the step is due or the date on which it was done, each with its source.")


def record_duty(
    *,
    by: Account | None,
    state: str,
    procedure: str,
    kind: DutyKind,
    values: Mapping[str, str],
    draft: models.Draft | None = None,
) -> Duty:
    """Record or correct when a step of a procedure is due, or when it was done, each with its source.

    `values` may contain any of `EDITABLE`; what is left out stays as it was. Recording what is already recorded changes
    nothing. `draft` is the report whose submission completes the step; the step refers to it until another source is
    recorded. `by` is None for the demonstration.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    if unknown := set(values) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    with transaction.atomic():
        rows = Duty.objects.select_for_update().filter(state_id=state, procedure=procedure, kind=kind)
        duty = rows.first() or Duty(state_id=state, procedure=procedure, kind=kind)
        before = _values(duty)
        for name, value in values.items():
            setattr(duty, name, str(value).strip())
        if not duty.due:
            duty.basis = duty.due_source = duty.due_since = ""
        if not duty.done:
            duty.done_source = ""
        if draft is not None:
            duty.done_draft = draft
        elif duty.done_source != before["done_source"]:
            duty.done_draft = None
        _check(duty)
        after = _values(duty)
        changed = sorted(name for name in after if before[name] != after[name])
        if duty.pk and not changed:
            return duty
        duty.updated_at = timezone.now()
        verb = "corrected a duty" if duty.pk else "recorded a duty"
        duty.save()
        details = {
            "before": {name: before[name] for name in changed},
            "after": {name: after[name] for name in changed},
        }
        record(by=by, verb=verb, subject=_subject(duty), details=details)
    return duty


def remove_duty(*, by: Account, duty: Duty) -> None:
    """Remove what was recorded about a step. What documents say about it is shown again."""
    if not can_manage_country(by, duty.state_id):
        raise PermissionDenied
    with transaction.atomic():
        record(by=by, verb="removed a duty", subject=_subject(duty), details={"before": _values(duty)})
        duty.delete()


def _values(duty: Duty) -> dict[str, str]:
    report = duty.done_draft.public_id if duty.done_draft else ""
    return {**{name: str(getattr(duty, name)) for name in EDITABLE}, "report": report}


def _subject(duty: Duty) -> str:
    return f"duty {duty.state_id} {duty.procedure} {duty.kind}"


def _check(duty: Duty) -> None:
    try:
        due, done = parse_partial_date(duty.due), parse_partial_date(duty.done)
        parse_partial_date(duty.due_since)
    except UnreadableDate:
        raise DutyIncomplete from None
    is_incomplete = (due and not (duty.basis in set(DueBasis) and duty.due_source)) or (done and not duty.done_source)
    if is_incomplete or not (due or done):
        raise DutyIncomplete
