"""Accept, refuse, withdraw and move registrations."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from samsvar.meetings import registration as library
from samsvar.meetings.registration import Standing, check_step
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.registration.actions.emails import tell_head, write_to
from samsvar.site.meetings.registration.actions.places import (
    _give_back,
    _locked,
    _record,
    must_be_held,
    promote,
    quotas_of,
    swap,
)
from samsvar.site.meetings.registration.errors import NoPlaceLeft, StandsOtherwise
from samsvar.site.network.access.permissions import Account


def decline(*, registration: models.Registration, site: str, by: Account | None) -> models.Registration:
    """The person does not come, or waits no longer; the place goes to the next who fits. Twice does no harm."""
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == Standing.DECLINED:
            return row
        _end(row, Standing.DECLINED, by=by, verb="declined a place")
        if row.invitation is not None and row.invitation.answered_at is None:
            row.invitation.answered_at = row.invitation.declined_at = timezone.now()
            row.invitation.save(update_fields=["answered_at", "declined_at"])
        write_to(row, "declined", site=site)
        tell_head(row, site=site)
        promote(row.meeting, site=site)
    return row


# --- To decide --------------------------------------------------------------------------------------------------------


def approve(*, registration: models.Registration, by: Account, site: str) -> models.Registration:
    """Confirm the place that is held."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == Standing.CONFIRMED:
            return row
        must_be_held(row.meeting)
        if row.standing != Standing.ASKED:
            raise StandsOtherwise
        row.standing, row.decided_at, row.decided_by, row.reason = Standing.CONFIRMED, timezone.now(), by, ""
        row.save(update_fields=["standing", "decided_at", "decided_by", "reason"])
        _record(row, by, "approved a registration")
        write_to(row, "confirmed", site=site)
    return row


def refuse(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Refuse somebody, with a reason that they read; a held place goes to the next who fits."""
    return _end_by_organiser(registration, Standing.REFUSED, by, reason, site, "refused a registration")


def withdraw(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Take a place back that was confirmed, with a reason that the person reads."""
    return _end_by_organiser(registration, Standing.WITHDRAWN, by, reason, site, "withdrew a registration")


def put_back(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Take an approval back: the place is still held, and decided upon anew."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing != Standing.CONFIRMED:
            raise StandsOtherwise
        row.standing, row.decided_at, row.decided_by, row.reason = Standing.ASKED, None, None, reason[:300]
        row.save(update_fields=["standing", "decided_at", "decided_by", "reason"])
        _record(row, by, "put a registration back", why=reason)
        write_to(row, "asked", site=site)
    return row


def move(
    *, registration: models.Registration, by: Account, category: str, group: str, state: str, site: str
) -> models.Registration:
    """Count somebody under another country, group or category; the place is taken anew there, or stays as it was."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if Standing(row.standing).is_over:
            raise StandsOtherwise
        quotas = list(row.meeting.quotas.all())
        before = quotas_of(row, quotas)
        row.category, row.group, row.state_id = category, group, state or None
        if Standing(row.standing).holds_a_place and (full := swap(give=before, take=quotas_of(row, quotas))):
            raise NoPlaceLeft(full)
        row.save(update_fields=["category", "group", "state"])
        _record(row, by, "moved a registration")
        promote(row.meeting, site=site)
    return row


def _end(
    row: models.Registration,
    standing: Standing,
    *,
    by: Account | None,
    verb: str,
    reason: str = "",
    keeps_place: bool = False,
) -> None:
    """To an end, under the line's lock; the place is free, and who calls this gives it on.

    `keeps_place`: who calls this gives the place to somebody in particular, in one step.
    """
    check_step(Standing(row.standing), standing)
    if Standing(row.standing).holds_a_place and not keeps_place:
        _give_back(row)
    row.standing, row.reason = standing, reason[:300]
    row.decided_at, row.decided_by = timezone.now(), by
    row.save(update_fields=["standing", "reason", "decided_at", "decided_by"])
    models.ScheduleLink.objects.filter(registration=row).delete()
    expected = row.issued.filter(revoked_at__isnull=True).exclude(kind=models.IssuedLetter.Kind.ATTENDANCE)
    expected.update(revoked_at=row.decided_at)  # who has no place is expected nowhere
    _record(row, by, verb, why=reason)


def _end_by_organiser(
    registration: models.Registration, standing: Standing, by: Account, reason: str, site: str, verb: str
) -> models.Registration:
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == standing:
            return row
        if standing not in library.FOLLOWS[Standing(row.standing)]:
            raise StandsOtherwise
        _end(row, standing, by=by, verb=verb, reason=reason)
        write_to(row, "over", site=site)
        tell_head(row, site=site)
        promote(row.meeting, site=site)
    return row
