"""Actions on consents and other legal bases.

A stored visibility is never wider than is lawful. Withdrawing a consent therefore narrows what the person had chosen,
and a later consent to the same purpose does not widen it again unless the person chooses so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text, effective_visibility
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import validate_reason
from samsvar.site.network.access.permissions import can_manage_person, get_access, in_force_filter
from samsvar.site.network.directory.queries.people import current_purposes
from samsvar.site.shell import hooks
from samsvar.site.shell.errors import SiteError


class ConsentTextChanged(SiteError):
    """Raised when the consent text has changed since the person opened the page."""

    message = _("The text has changed since you opened the page.")
    advice = _("Read the new text and agree to that version.")


class NothingToWithdraw(SiteError):
    """Raised when there is no current consent or protection to end."""

    message = _("This has already ended.")


class ConsentNotDelegable(SiteError):
    """Raised when someone other than the person would give or end a consent."""

    message = _("Only the person concerned can give consent.")
    advice = _("Ask the person for their consent, or record another legal basis for this use.")


class EndNotAtMidnight(SiteError):
    """Raised when a legal basis would not end at a future midnight, which is when cached pages are regenerated."""

    message = _("A legal basis can only end at midnight on a future date.")
    advice = _("Choose a later date, or end the legal basis now.")


class LegalBasisReasonMissing(SiteError):
    """Raised when a legal basis other than consent is recorded without a reason."""

    message = _("The legal basis for this use was not specified.")
    advice = _("State the law or the decision.")


def is_own_person(by: models.Account | None, person: models.Person) -> bool:
    """Return whether a person is the account's own; True for a command (`by` is None)."""
    return by is None or get_access(by).person == person.pk


def give_consent(*, person: models.Person, purpose: Purpose, version: str, by: models.Account | None) -> models.Basis:
    """Record a person's own consent to this version of a text. No one can consent for someone else."""
    if not is_own_person(by, person):
        raise PermissionDenied
    text = current_consent_text(purpose)
    if text is None or version != text.version:
        raise ConsentTextChanged
    with transaction.atomic():
        now = timezone.now()
        consents = person.bases.filter(in_force_filter(now), purpose=purpose, ground=LegalBasis.CONSENT)
        if existing := consents.filter(text_version=version).first():
            return existing
        narrow_visibilities(person, now)  # first narrow the visibilities that depended on an expired basis
        consents.update(until=now)  # the new text replaces the old one
        basis = models.Basis.objects.create(
            person=person, purpose=purpose, ground=LegalBasis.CONSENT, since=now, text_version=version, recorded_by=by
        )
        details = {"purpose": purpose, "text": version}
        record_about_person(person, "consented", by=by, details=details)
    return basis


def withdraw_consent(*, person: models.Person, purpose: Purpose, by: models.Account | None, reason: str = "") -> None:
    """End a consent with immediate effect, as the person or, at their request, as the secretariat."""
    own = is_own_person(by, person)
    if not own and not (by and can_manage_person(by, person)):
        raise PermissionDenied
    reason = reason if own else validate_reason(reason)
    with transaction.atomic():
        now = timezone.now()
        ended = person.bases.filter(in_force_filter(now), purpose=purpose, ground=LegalBasis.CONSENT).update(until=now)
        if not ended:
            raise NothingToWithdraw
        narrow_visibilities(person, now)
        record_about_person(person, "withdrew", by=by, details={"purpose": purpose}, reason=reason)
        _end_what_rests_on_it(person, purpose)


def record_basis(
    *,
    person: models.Person,
    purpose: Purpose,
    ground: LegalBasis,
    note: str,
    by: models.Account | None,
    until: datetime | None = None,
) -> models.Basis:
    """Record a legal basis other than consent, with its reason. The person sees it next to their consents."""
    if by is not None and not can_manage_person(by, person):
        raise PermissionDenied
    if ground is LegalBasis.CONSENT:
        raise ConsentNotDelegable
    if not note.strip():
        raise LegalBasisReasonMissing
    now = timezone.now()
    if until is not None and (until <= now or until.astimezone(UTC).time() != datetime.min.time()):
        raise EndNotAtMidnight
    with transaction.atomic():
        narrow_visibilities(person, now)
        basis = models.Basis.objects.create(
            person=person, purpose=purpose, ground=ground, since=now, until=until, note=note.strip(), recorded_by=by
        )
        record_about_person(person, "recorded a legal basis", by=by, details={"purpose": purpose, "ground": ground})
    return basis


def end_basis(*, basis: models.Basis, by: models.Account | None, why: str) -> None:
    """End a legal basis other than consent, with a reason. Use `withdraw_consent` for consents."""
    if by is not None and not can_manage_person(by, basis.person):
        raise PermissionDenied
    reason = validate_reason(why)
    if basis.ground == LegalBasis.CONSENT:
        raise ConsentNotDelegable
    with transaction.atomic():
        now = timezone.now()
        if not models.Basis.objects.filter(in_force_filter(now), pk=basis.pk).update(until=now):
            raise NothingToWithdraw
        narrow_visibilities(basis.person, now)
        details = {"purpose": basis.purpose, "ground": basis.ground}
        record_about_person(basis.person, "ended a legal basis", by=by, details=details, reason=reason)
        _end_what_rests_on_it(basis.person, Purpose(basis.purpose))


def _end_what_rests_on_it(person: models.Person, purpose: Purpose) -> None:
    """Tell higher-level apps that a purpose has no legal basis left. They end what they do for it, at once."""
    if purpose not in current_purposes(person, timezone.now()):
        for end in hooks.providers("consent_withdrawn"):
            end(person=person, purpose=purpose)


def narrow_visibilities(person: models.Person, moment: datetime) -> None:
    """Narrow each stored visibility to what is lawful at a moment. Must be called within a transaction."""
    purposes = current_purposes(person, moment)
    for detail in person.details.all():
        chosen = Visibility(detail.visibility)
        allowed = effective_visibility(Field(detail.field), chosen, purposes, at_risk=person.at_risk)
        if allowed is not chosen:
            detail.visibility = allowed
            detail.save(update_fields=["visibility"])


def record_about_person(person: models.Person, verb: str, *, by: models.Account | None, **values: Any) -> None:
    """Record an action on a person's data in the audit log; `values` are the `details` and `reason` of `record`."""
    record(by=by, verb=verb, subject=f"person {person.public_id}", person=person.public_id, **values)
