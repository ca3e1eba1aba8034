"""Actions on adoptions: take up a practice, change an adoption, take a step, and confirm it as the practice's owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.adoptions import AdoptionStatus, check_adoption_step
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.exchange.adoptions.models import Adoption, AdoptionEvent
from samsvar.site.exchange.adoptions.permissions import can_change, can_confirm, possible_adopters
from samsvar.site.exchange.adoptions.queries import has_evidence, measures_to_link
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.implementation.measures import actions as measures
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

# the columns that a form may set; the status changes by `take_step`
EDITABLE = ("kind", "changed", "language", "since", "is_public")


class PracticeNotPublished(SiteError):
    """Raised when a practice is taken up that is not public, or no longer is."""

    message = _("This practice is not published, or has been retired.")
    advice = _("Choose a published practice.")


class MeasureTaken(SiteError):
    """Raised when a measure is already linked to an adoption of the same practice."""

    message = _("This measure is already linked to this practice.")
    advice = _("Open the existing adoption, or choose another measure.")


class MeasureOfOtherState(SiteError):
    """Raised when an adoption would be linked to a measure that belongs to another state, or cannot be seen."""

    message = _("This measure cannot be linked.")
    advice = _("Choose a measure of your own state from the list.")


@dataclass(frozen=True, slots=True)
class NewMeasure:
    """A measure to add with an adoption, in the same step; only a national desk can."""

    title: str
    text: str = ""


def take_up(
    *,
    by: Account | None,
    practice: Practice,
    adopter: Contributor,
    values: Mapping[str, Any],
    measure: Measure | NewMeasure | None = None,
    introduction: str = "",
) -> Adoption:
    """Record that a state or an organisation takes up a practice; it is being considered until a step says more.

    `values` may contain any of `EDITABLE`. `introduction` is the public ID of the introduction that led to it. `by` is
    None for the demonstration.
    """
    if practice.published_version is None or practice.retired_reason:
        raise PracticeNotPublished
    if by is not None and adopter not in possible_adopters(by, practice):
        raise PermissionDenied
    adoption = Adoption(
        practice=practice,
        practice_version=practice.published_version,
        state_id=adopter.state,
        organisation=adopter.organisation,
        introduction=introduction,
        by=by,
    )
    with transaction.atomic():
        _save(by, adoption, values, measure)
        _write_event(by, adoption)
        _record(by, "took up a practice", adoption)
    return adoption


def change_adoption(
    *, by: Account, adoption: Adoption, values: Mapping[str, Any], measure: Measure | NewMeasure | None
) -> Adoption:
    """Change what an adoption says and which measure it is linked to."""
    with transaction.atomic():
        adoption = _lock(adoption)
        if not can_change(by, adoption):
            raise PermissionDenied
        _save(by, adoption, values, measure)
        _record(by, "changed an adoption", adoption)
    return adoption


def take_step(
    *, by: Account | None, adoption: Adoption, status: AdoptionStatus, reason: str = "", evidence_link: str = ""
) -> Adoption:
    """Set the status of an adoption. One that works needs evidence, and one that is given up needs a reason."""
    with transaction.atomic():
        adoption = _lock(adoption)
        if by is not None and not can_change(by, adoption):
            raise PermissionDenied
        adoption.evidence_link = evidence_link or adoption.evidence_link
        check_adoption_step(
            AdoptionStatus(adoption.status),
            status,
            has_evidence=has_evidence(adoption),
            has_reason=bool(reason.strip()),
        )
        adoption.status = status
        adoption.reason = reason.strip() if status is AdoptionStatus.GIVEN_UP else ""
        adoption.save()
        _write_event(by, adoption, reason=reason, evidence_link=evidence_link)
        _record(by, "changed the status of an adoption", adoption)
    return adoption


def confirm_adoption(*, by: Account, adoption: Adoption) -> Adoption:
    """Confirm, as the owner of the practice, that others have taken it up."""
    with transaction.atomic():
        adoption = _lock(adoption)
        if not can_confirm(by, adoption):
            raise PermissionDenied
        if adoption.origin_confirmed_at is None:
            adoption.origin_confirmed_at = timezone.now()
            adoption.save(update_fields=["origin_confirmed_at"])
            _record(by, "confirmed an adoption", adoption)
    return adoption


def _lock(adoption: Adoption) -> Adoption:
    rows = Adoption.objects.select_for_update(of=("self",))
    return rows.select_related("practice__organisation", "organisation", "measure").get(pk=adoption.pk)


def _save(
    by: Account | None, adoption: Adoption, values: Mapping[str, Any], measure: Measure | NewMeasure | None
) -> None:
    if unknown := set(values) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    for name, value in values.items():
        setattr(adoption, name, value)
    if isinstance(measure, NewMeasure):
        if adoption.organisation_id is not None:  # only a desk has measures
            raise PermissionDenied
        adoption.measure = measures.save_measure(
            by=by,
            state=adoption.state_id,
            values={"title": measure.title, "text": measure.text, "language": adoption.language},
        )
    else:
        _check_measure(by, adoption, measure)
        adoption.measure = measure
    try:
        with transaction.atomic():
            adoption.save()
    except IntegrityError as error:
        raise MeasureTaken from error


def _check_measure(by: Account | None, adoption: Adoption, measure: Measure | None) -> None:
    if measure is None or measure.pk == adoption.measure_id:
        return
    is_visible = by is None or measures_to_link(by, adoption.state_id).filter(pk=measure.pk).exists()
    if measure.state_id != adoption.state_id or not is_visible:
        raise MeasureOfOtherState


def _write_event(by: Account | None, adoption: Adoption, *, reason: str = "", evidence_link: str = "") -> None:
    role = Role.NATIONAL_DESK if adoption.organisation_id is None else Role.CONTRIBUTOR
    AdoptionEvent.objects.create(
        adoption=adoption,
        status=adoption.status,
        reason=reason.strip(),
        evidence_link=evidence_link,
        role="" if by is None else role.value,
        by=by,
    )


def _record(by: Account | None, verb: str, adoption: Adoption) -> None:
    record(by=by, verb=verb, subject=f"adoption {adoption.public_id}", details={"status": str(adoption.status)})
