"""Delegations: so many places for a state or a body, whose head says who comes, and who comes instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samsvar.ids import random_id, secret_hash
from samsvar.meetings.meeting import Category
from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.registration import (
    HOLDING,
    OPEN,
    NoPlaceLeft,
    RegistrationError,
    StandsOtherwise,
    _end,
    _locked,
    _must_manage,
    _record,
    _take,
    lock_line,
    must_be_held,
    promote,
    token_of,
    write_head,
    write_to,
)
from samsvar.site.meetings.actions.registration_invitations import make_invitation, write_invitation
from samsvar.site.network.actions.participants import enter_participant
from samsvar.site.network.permissions import Account, access_of
from samsvar.site.trail.actions import record


class DelegationFull(RegistrationError):
    """The delegation has named as many people as it has places."""

    code = "delegation_full"

    def __init__(self, places: int) -> None:
        super().__init__(
            ngettext(
                "The %(places)s place of this delegation is taken.",
                "All %(places)s places of this delegation are taken.",
                places,
            )
            % {"places": places},
            _("Withdraw somebody, or name somebody in another’s place."),
        )


class NominationOver(RegistrationError):
    """The day until which the delegation names people is over."""

    code = "nomination_over"

    def __init__(self) -> None:
        super().__init__(_("People can no longer be named here."), _("Write to those who run the meeting."))


class NamedBefore(RegistrationError):
    """The address has a registration or an open nomination for this meeting."""

    code = "named_before"

    def __init__(self) -> None:
        super().__init__(_("Somebody with this address is named or registered already."))


class FewerThanTaken(RegistrationError):
    """A number of places below what is taken already."""

    code = "fewer_than_taken"

    def __init__(self, taken: int) -> None:
        super().__init__(
            ngettext(
                "%(taken)s place is taken already, and there cannot be fewer.",
                "%(taken)s places are taken already, and there cannot be fewer.",
                taken,
            )
            % {"taken": taken}
        )
        self.taken = taken


def make_delegation(
    *,
    meeting: models.Meeting,
    by: Account,
    site: str,
    places: int,
    head_email: str,
    state: str = "",
    organisation: int | None = None,
    nominate_until: datetime | None = None,
    language: str = "",
    note: str = "",
) -> models.Delegation:
    """A delegation of a state or a body; its head gets a letter with the link to name people.

    `language` "": letters to the head are in the language of their account, else in the meeting's first.
    """
    _must_manage(by, meeting)
    must_be_held(meeting)
    with transaction.atomic():
        row = models.Delegation(
            meeting=meeting, state_id=state or None, organisation_id=organisation, places=places,
            head_email=head_email.strip().lower(), nominate_until=nominate_until, language=language, note=note,
        )  # fmt: skip
        row.token_hash = secret_hash(token_of(row))
        row.save()
        write_to_head(row, site=site)
        record(
            by=by, verb="made a delegation", subject=f"delegation {row.public_id}",
            details={"meeting": meeting.public_id, "places": places, "state": state},
        )  # fmt: skip
    return row


def change_delegation(
    *,
    delegation: models.Delegation,
    by: Account,
    site: str,
    places: int,
    nominate_until: datetime | None,
    head_email: str,
    language: str,
    note: str,
) -> models.Delegation:
    """Other places, never fewer than are taken, another day, language or head.

    Another head gets a link of their own, and the link of the one before opens nothing any more.
    """
    _must_manage(by, delegation.meeting)
    with transaction.atomic():
        lock_line(delegation.meeting)
        taken = delegation.registrations.filter(standing__in=HOLDING).count()
        if places < taken:
            raise FewerThanTaken(taken)
        subject, head_email = f"delegation {delegation.public_id}", head_email.strip().lower()
        other_head = head_email != delegation.head_email
        delegation.places, delegation.nominate_until = places, nominate_until
        delegation.language, delegation.note = language, note
        if other_head:
            delegation.head, delegation.head_email, delegation.reminded_at = None, head_email, None
            delegation.public_id = random_id()  # of which the link is made
            delegation.token_hash = secret_hash(token_of(delegation))
        delegation.save()
        details: dict[str, str | int] = {"places": places, "language": language}
        if other_head:
            details["now"] = delegation.public_id
            write_head(delegation, "delegation", site=site)
        record(by=by, verb="changed a delegation", subject=subject, details=details)
    return delegation


def write_to_head(row: models.Delegation, *, site: str, by: Account | None = None) -> None:
    """The letter with the link; `by` where somebody sends it again."""
    if by is not None:
        _must_manage(by, row.meeting)
        must_be_held(row.meeting)
        record(by=by, verb="wrote to a head of delegation again", subject=f"delegation {row.public_id}")
    write_head(row, "delegation", site=site)


def is_head(user: Account, delegation: models.Delegation) -> bool:
    """Whether somebody who is signed in heads it: as its head, or by the address that the letter went to."""
    if not access_of(user).signed_in:
        return False
    named = delegation.head_id is not None and access_of(user).person == delegation.head_id
    return named or (bool(delegation.head_email) and user.email.lower() == delegation.head_email)


def nominate(
    *,
    delegation: models.Delegation,
    by: Account | None,
    site: str,
    name: str,
    email: str,
    category: str = Category.PARTICIPANT,
    group: str = "",
    language: str = "en",
    replaces: models.Registration | None = None,
    now: datetime | None = None,
) -> models.Registration:
    """Name somebody: a place is held from now on, and a letter leaves. `by` None: by the link of the head's letter.

    With `replaces` the other's place is given up in the same step: both happen or neither.
    """
    now = now or timezone.now()
    email = email.strip().lower()
    with transaction.atomic():
        meeting = delegation.meeting
        lock_line(meeting)
        delegation = models.Delegation.objects.select_related("meeting", "organisation").get(pk=delegation.pk)
        must_be_held(delegation.meeting)
        if delegation.nominate_until is not None and delegation.nominate_until <= now and replaces is None:
            raise NominationOver
        if meeting.registrations.filter(standing__in=OPEN, invitation__email=email).exists():
            raise NamedBefore
        if replaces is not None:
            old = _locked(replaces)
            if old.delegation_id != delegation.pk:
                raise PermissionDenied
            if not Standing(old.standing).holds_a_place:
                raise StandsOtherwise
            _end(old, Standing.REPLACED, by=by, verb="replaced in a delegation")
            _close_invitation(old, now)
            write_to(old, "over", site=site)
            replaces = old
        elif delegation.registrations.filter(standing__in=HOLDING).count() >= delegation.places:
            raise DelegationFull(delegation.places)
        state = delegation.state_id or (delegation.organisation.state_id if delegation.organisation else None) or ""
        person = enter_participant(
            by=by, meeting=meeting.public_id, note="named by the head of a delegation", name=name, email=email,
            organisation=delegation.organisation.public_id if delegation.organisation else "", country=state,
            group=group, invented=meeting.invented,
        )  # fmt: skip
        until = meeting.closes_at or now + timedelta(days=60)
        invitation = make_invitation(
            meeting, email, by=None, expires_at=max(until, now + timedelta(days=7)), language=language,
            category=category, group=group, state=state, person=person, delegation=delegation,
        )  # fmt: skip
        row = models.Registration(
            meeting=meeting, person=person, invitation=invitation, delegation=delegation, category=category,
            group=group, state_id=state or None, standing=Standing.NOMINATED, language=language, replaces=replaces,
        )  # fmt: skip
        row.token_hash = secret_hash(token_of(row))
        if not _take(row):
            raise NoPlaceLeft
        row.save()
        write_invitation(invitation, site=site, kind="nominated")
        _record(row, by, "named somebody of a delegation")
        if replaces is not None:
            promote(meeting, site=site)  # the other's place may have been under another quota
    return row


def withdraw_nominee(*, registration: models.Registration, by: Account | None, site: str) -> models.Registration:
    """The head takes somebody back; the place is free again. Twice does no harm."""
    with transaction.atomic():
        row = _locked(registration)
        if row.delegation_id is None:
            raise PermissionDenied
        if row.standing == Standing.WITHDRAWN:
            return row
        if Standing(row.standing).is_over:
            raise StandsOtherwise
        _end(row, Standing.WITHDRAWN, by=by, verb="withdrawn by the head of a delegation")
        _close_invitation(row, timezone.now())
        write_to(row, "over", site=site)
        promote(row.meeting, site=site)
    return row


def _close_invitation(row: models.Registration, now: datetime) -> None:
    """The link of somebody who is no longer named shows how it stands, and registers nobody."""
    if row.invitation is not None and row.invitation.answered_at is None:
        row.invitation.withdrawn_at = now
        row.invitation.save(update_fields=["withdrawn_at"])
