"""Consents given and withdrawn by the person, and other grounds that the secretariat records with a reason.

Nothing is stored wider than it is lawful: a withdrawal narrows what was chosen, so that a later consent to the same use
opens nothing that the person has not chosen anew.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from samsvar.network.consent import Ground, Purpose, Visibility, current_text, effective
from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import reason_in
from samsvar.site.network.access.permissions import access_of, can_manage, in_force
from samsvar.site.network.directory.queries.people import purposes_held


class TextHasChanged(NetworkError):
    """The text that somebody agreed to is not the one that is asked for now."""

    code = "consent_text_has_changed"
    advice = "Read the new text, and agree to that."


class NothingToWithdraw(NetworkError):
    """There is no consent of this person to this use."""

    code = "nothing_to_withdraw"
    kept = "Nothing was changed."


class ConsentIsTheirOwn(NetworkError):
    """Somebody else would consent in a person's place."""

    code = "consent_is_their_own"
    advice = "Ask the person to give it, or record the other ground on which the use stands."


class EndsWithinADay(NetworkError):
    """A basis would end at another moment than midnight, when finished pages are made anew."""

    code = "ends_within_a_day"
    advice = "Let it end at midnight (UTC) of a day to come, or end it now."


class ReasonIsMissing(NetworkError):
    """A ground other than consent stands on something, and nobody said on what."""

    code = "reason_is_missing"
    advice = "Say in a sentence on what it stands, such as the law or the decision."


def is_own(by: models.Account | None, person: models.Person) -> bool:
    """Whether somebody acts about themselves; a command (`by` None) acts for whoever runs the machine."""
    return by is None or access_of(by).person == person.pk


def give_consent(*, person: models.Person, purpose: Purpose, version: str, by: models.Account | None) -> models.Basis:
    """Somebody agrees to one use of their own details, in the words of this version. Nobody does so for another."""
    if not is_own(by, person):
        raise PermissionDenied
    text = current_text(purpose)
    if text is None or version != text.version:
        raise TextHasChanged(f"The text about “{purpose}” is no longer the one that was agreed to.")
    with transaction.atomic():
        now = timezone.now()
        consents = person.bases.filter(in_force(now), purpose=purpose, ground=Ground.CONSENT)
        if same := consents.filter(text_version=version).first():
            return same
        narrow(person, now)  # what a ground had opened that ended by itself: only the choice is left of it
        consents.update(until=now)  # the new text takes the place of the old one
        basis = models.Basis.objects.create(
            person=person, purpose=purpose, ground=Ground.CONSENT, since=now, text_version=version, recorded_by=by
        )
        details = {"purpose": purpose, "text": version}
        record(by=by, verb="consented", subject=_subject(person), person=person.public_id, details=details)
    return basis


def withdraw_consent(*, person: models.Person, purpose: Purpose, by: models.Account | None, why: str = "") -> None:
    """End a consent now, everywhere. By the person, or by the secretariat to whom they wrote."""
    own = is_own(by, person)
    if not own and not (by and can_manage(by, person)):
        raise PermissionDenied
    why = why if own else reason_in(why)
    with transaction.atomic():
        now = timezone.now()
        ended = person.bases.filter(in_force(now), purpose=purpose, ground=Ground.CONSENT).update(until=now)
        if not ended:
            raise NothingToWithdraw(f"There is no consent to “{purpose}” that could be withdrawn.")
        narrow(person, now)
        details = {"purpose": purpose}
        record(by=by, verb="withdrew", subject=_subject(person), person=person.public_id, details=details, why=why)


def record_basis(
    *,
    person: models.Person,
    purpose: Purpose,
    ground: Ground,
    note: str,
    by: models.Account | None,
    until: datetime | None = None,
) -> models.Basis:
    """Write down a ground other than consent for one use, with its reason; the person reads it among their consents."""
    if by is not None and not can_manage(by, person):
        raise PermissionDenied
    if ground is Ground.CONSENT:
        raise ConsentIsTheirOwn("Only the person can consent.")
    if not note.strip():
        raise ReasonIsMissing("Nothing was said about what this use stands on.")
    now = timezone.now()
    if until is not None and (until <= now or until.astimezone(UTC).time() != datetime.min.time()):
        raise EndsWithinADay("A ground ends at midnight of a day to come.")
    with transaction.atomic():
        narrow(person, now)
        basis = models.Basis.objects.create(
            person=person, purpose=purpose, ground=ground, since=now, until=until, note=note.strip(), recorded_by=by
        )
        details = {"purpose": purpose, "ground": ground}
        record(by=by, verb="recorded a ground", subject=_subject(person), person=person.public_id, details=details)
    return basis


def end_basis(*, basis: models.Basis, by: models.Account | None, why: str) -> None:
    """End a ground other than consent now, and say why; a consent is the person's to withdraw."""
    if by is not None and not can_manage(by, basis.person):
        raise PermissionDenied
    reason = reason_in(why)
    if basis.ground == Ground.CONSENT:
        raise ConsentIsTheirOwn("A consent is withdrawn, by the person or on their word.")
    with transaction.atomic():
        now = timezone.now()
        if not models.Basis.objects.filter(in_force(now), pk=basis.pk).update(until=now):
            raise NothingToWithdraw("This ground has ended already.")
        narrow(basis.person, now)
        details = {"purpose": basis.purpose, "ground": basis.ground}
        person = basis.person
        record(
            by=by,
            verb="ended a ground",
            subject=_subject(person),
            person=person.public_id,
            details=details,
            why=reason,
        )


def narrow(person: models.Person, moment: datetime) -> None:
    """Store each choice of visibility no wider than it holds at this moment; within the caller's transaction."""
    held = purposes_held(person, moment)
    for row in person.details.all():
        chosen = Visibility(row.visibility)
        now = effective(Field(row.field), chosen, held, at_risk=person.at_risk)
        if now is not chosen:
            row.visibility = now
            row.save(update_fields=["visibility"])


def _subject(person: models.Person) -> str:
    return f"person {person.public_id}"
