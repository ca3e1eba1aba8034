"""Delegations: so many places for a state or a body, whose head says who comes, and who comes instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from samsvar.ids import random_id, secret_hash
from samsvar.meetings.meeting import Category
from samsvar.meetings.registration import OPEN, Standing
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.registration.actions.decisions import _end
from samsvar.site.meetings.registration.actions.emails import token_of, write_head, write_to
from samsvar.site.meetings.registration.actions.invitations import make_invitation, write_invitation
from samsvar.site.meetings.registration.actions.places import (
    HOLDING,
    _locked,
    _record,
    lock_line,
    must_be_held,
    promote,
    quotas_of,
    quotas_of_delegation,
    state_of,
    still_names,
    swap,
)
from samsvar.site.meetings.registration.errors import NoPlaceLeft, RegistrationError, StandsOtherwise
from samsvar.site.meetings.registration.labels import quota_named
from samsvar.site.network.access.permissions import Account, access_of
from samsvar.site.network.directory.actions.participants import enter_participant


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


class NotSoManyFree(RegistrationError):
    """A delegation would have more places than a quota has free."""

    code = "not_so_many_free"

    def __init__(self, quota: models.Quota, needed: int) -> None:
        quota.refresh_from_db()
        self.quota, self.free, self.needed = quota, quota.places - quota.taken, needed
        super().__init__(
            ngettext(
                "%(quota)s: %(free)s place is free, and %(needed)s are needed.",
                "%(quota)s: %(free)s places are free, and %(needed)s are needed.",
                self.free,
            )
            % {"quota": quota_named(quota.kind, quota.key), "free": self.free, "needed": needed},
            _("Give the delegation fewer places, or set a larger number there first."),
        )


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

    Its places are kept for it from now on: raises `NotSoManyFree` where a quota has not so many.

    `language` "": letters to the head are in the language of their account, else in the meeting's first.
    """
    must_manage(by, meeting)
    must_be_held(meeting)
    with transaction.atomic():
        lock_line(meeting)
        row = models.Delegation(
            meeting=meeting, state_id=state or None, organisation_id=organisation, places=places,
            head_email=head_email.strip().lower(), nominate_until=nominate_until, language=language, note=note,
        )  # fmt: skip
        row.token_hash = secret_hash(token_of(row))
        if still_names(row, timezone.now()):
            _keep(row, places)
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

    Places that it has no more, or that it can no longer name anybody for, go to those who wait.

    Another head gets a link of their own, and the link of the one before opens nothing any more.
    """
    must_manage(by, delegation.meeting)
    with transaction.atomic():
        lock_line(delegation.meeting)
        delegation.refresh_from_db()
        taken = delegation.registrations.filter(standing__in=HOLDING).count()
        if places < taken:
            raise FewerThanTaken(taken)
        subject, head_email = f"delegation {delegation.public_id}", head_email.strip().lower()
        other_head = head_email != delegation.head_email
        delegation.places, delegation.nominate_until = places, nominate_until
        delegation.language, delegation.note = language, note
        _keep(delegation, places - taken if still_names(delegation, timezone.now()) else 0)
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
        promote(delegation.meeting, site=site)
    return delegation


def end_naming(*, delegation: models.Delegation, by: Account, site: str) -> models.Delegation:
    """The organiser says that nobody more is named: places that are kept for nobody go to those who wait."""
    must_manage(by, delegation.meeting)
    with transaction.atomic():
        return _end_naming(delegation, timezone.now(), by=by, site=site)


def let_run_out(*, now: datetime, site: str) -> int:
    """Every day, for each meeting to come: end what nobody has answered in time, and free what is kept for nobody.

    Whoever was named and has not answered holds no place any more, and the head learns of it. Once the day to name
    people is over, what was kept for them goes to those who wait.
    """
    count = 0
    for meeting in models.Meeting.objects.filter(begins__gt=now.date(), cancelled_at__isnull=True):
        with transaction.atomic():
            lock_line(meeting)
            named = meeting.registrations.filter(standing=Standing.NOMINATED, invitation__expires_at__lte=now)
            for row in named.select_related("meeting", "invitation", "person__account", "delegation"):
                with override(row.language):
                    why = _("Nobody has answered until the day that stood in the letter.")
                _end(row, Standing.WITHDRAWN, by=None, verb="let a nomination run out", reason=why)
                _close_invitation(row, now)
                write_to(row, "over", site=site)
                if row.delegation is not None:
                    write_head(row.delegation, "delegation_ran_out", site=site)
                count += 1
            for one in meeting.delegations.filter(reserved__gt=0, nominate_until__lte=now):
                _end_naming(one, now, by=None, site=site)
                count += 1
            promote(meeting, site=site)
    return count


def _end_naming(delegation: models.Delegation, now: datetime, *, by: Account | None, site: str) -> models.Delegation:
    lock_line(delegation.meeting)
    row = models.Delegation.objects.select_related("meeting", "organisation").get(pk=delegation.pk)
    freed = row.reserved
    _keep(row, 0)
    if still_names(row, now):
        row.nominate_until = now
    row.save(update_fields=["reserved", "nominate_until"])
    record(
        by=by, verb="freed the places of a delegation", subject=f"delegation {row.public_id}", details={"freed": freed}
    )
    promote(row.meeting, site=site)
    return row


def _keep(row: models.Delegation, wanted: int) -> None:
    """Keep so many places for those whom the head will name, no more and no fewer. Under the line's lock."""
    quotas = quotas_of_delegation(row, row.meeting.quotas.all())
    more = wanted - row.reserved
    if more > 0 and (full := swap(take=quotas, number=more)):
        raise NotSoManyFree(full, more)
    if more < 0:
        swap(give=quotas, number=-more)
    row.reserved = wanted


def write_to_head(row: models.Delegation, *, site: str, by: Account | None = None) -> None:
    """The letter with the link; `by` where somebody sends it again."""
    if by is not None:
        must_manage(by, row.meeting)
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
    organisation: str = "",
    language: str = "en",
    replaces: models.Registration | None = None,
    now: datetime | None = None,
) -> models.Registration:
    """Name somebody: a place is held from now on, and a letter leaves. `by` None: by the link of the head's letter.

    `organisation` is a value of `Field.ORGANISATION`; who is named for a body's delegation comes from that body. With
    `replaces` the other's place is given up in the same step: both happen or neither.
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
        theirs = Q(invitation__email=email) | Q(person__account__email=email)
        # of people at risk no head learns that they come: who accepts a nomination keeps the place they have
        if meeting.registrations.filter(theirs, standing__in=OPEN).exclude(person__at_risk=True).exists():
            raise NamedBefore
        if replaces is not None:
            old = _locked(replaces)
            if old.delegation_id != delegation.pk:
                raise PermissionDenied
            if not Standing(old.standing).holds_a_place:
                raise StandsOtherwise
            _end(old, Standing.REPLACED, by=by, verb="replaced in a delegation", keeps_place=True)
            _close_invitation(old, now)
            write_to(old, "over", site=site)
            replaces = old
        elif delegation.registrations.filter(standing__in=HOLDING).count() >= delegation.places:
            raise DelegationFull(delegation.places)
        state = state_of(delegation)
        person = enter_participant(
            by=by, meeting=meeting.public_id, note="named by the head of a delegation", name=name, email=email,
            organisation=delegation.organisation.public_id if delegation.organisation else organisation, country=state,
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
        quotas = list(meeting.quotas.all())
        if replaces is not None:
            given = quotas_of(replaces, quotas)
        else:
            given = quotas_of_delegation(delegation, quotas) if delegation.reserved else []
        if full := swap(give=given, take=quotas_of(row, quotas)):
            raise NoPlaceLeft(full)
        if replaces is None and delegation.reserved:
            delegation.reserved -= 1
            delegation.save(update_fields=["reserved"])
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
