"""Walk-ins: somebody stands at the door without a registration, with or without an address, or a connection.

Whoever stands at the door writes them down. A place is given within the quotas, as to everybody else; where those who
run the meeting decide on each, it is held until they have. A device that is away gives no place: what it saw is brought
later, each with a number of its own, and somebody who came in did come in, whether a place was left or not. Two who
have the same name may be one person entered twice or two people: that is for the organiser to say, and nobody is
merged or lost before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from samsvar.languages import INTERFACE
from samsvar.meetings.meeting import Access, Category
from samsvar.meetings.registration import OPEN, Standing
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import namesakes
from samsvar.site.meetings.meeting.permissions import can_help, can_manage, must_manage
from samsvar.site.meetings.registration.actions.decisions import _end, approve
from samsvar.site.meetings.registration.actions.emails import LETTER_OF, write_to
from samsvar.site.meetings.registration.actions.organising import register_somebody
from samsvar.site.meetings.registration.actions.places import _locked, _take, lock_line, must_be_held, promote
from samsvar.site.meetings.registration.errors import StandsOtherwise
from samsvar.site.network.access.permissions import Account


@dataclass(frozen=True, slots=True)
class Stranger:
    """What is asked of somebody at the door. The organisation is a value of `Field.ORGANISATION`."""

    name: str
    email: str = ""
    organisation: str = ""
    country: str = ""
    group: str = ""
    category: str = Category.PARTICIPANT.value
    listed: str = Access.ORGANISERS.value
    photographs: bool | None = None


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Somebody whom a device without a connection wrote down; `said` None: the name's time on the device was over."""

    id: uuid.UUID
    at: datetime
    said: Stranger | None


def walk_in(*, by: Account, meeting: models.Meeting, said: Stranger, site: str) -> models.Registration:
    """Register somebody who stands at the door, and check them in where a place is free; who gets none waits in line.

    Whoever is registered under the same address already is found by it, and stays as they are.
    """
    _must_stand_at_the_door(by, meeting)
    must_be_held(meeting)
    with transaction.atomic():
        lock_line(meeting)
        found = _registered(meeting, said.email) or _enter(meeting, said, by=by, site=site)
        if found.standing == Standing.ASKED and can_manage(by, meeting):
            found = approve(registration=found, by=by, site=site)
        there = found.check_ins.filter(session__isnull=True, undone_at__isnull=True).exists()
        if found.standing == Standing.CONFIRMED and not there:
            models.CheckIn.objects.create(meeting=meeting, registration=found, at=timezone.now(), by=by, walked_in=True)
            _record(by, "checked somebody in", meeting, found)
    return found


def bring_walk_in(*, by: Account, meeting: models.Meeting, walk_in: WalkIn, device: str, site: str) -> str:
    """What became of somebody whom a device wrote down: one of `day.Met`. Sent twice, they are stored once."""
    _must_stand_at_the_door(by, meeting)
    with transaction.atomic():
        lock_line(meeting)  # the same device, twice at once: one after the other
        known = models.CheckIn.objects.filter(pk=walk_in.id).values_list("meeting", flat=True).first()
        if known is not None:
            return "known" if known == meeting.pk else "unknown"
        found = _enter(meeting, walk_in.said, by=by, site=site) if walk_in.said is not None else None
        models.CheckIn.objects.create(
            id=walk_in.id, meeting=meeting, registration=found, device=device[:40], at=walk_in.at, by=by, walked_in=True
        )
        if found is None:
            return "nameless"
        if found.standing != Standing.CONFIRMED:
            return "no_place"
        return "same_name" if found.pk in namesakes(meeting, [found.pk]) else "stored"


# --- To look at -------------------------------------------------------------------------------------------------------


def leave_as_it_is(*, by: Account, check_in: models.CheckIn) -> models.CheckIn:
    """The organiser has looked: two people who have one name, or somebody whose name is not known."""
    must_manage(by, check_in.meeting)
    with transaction.atomic():
        check_in.looked_at = timezone.now()
        check_in.save(update_fields=["looked_at"])
        _record(by, "looked at a walk-in", check_in.meeting, check_in.registration)
    return check_in


def same_person(
    *, by: Account, check_in: models.CheckIn, registration: models.Registration, site: str
) -> models.Registration:
    """The organiser says that a walk-in is somebody who is registered: their coming is counted there.

    The second registration ends, and the entry that was made of the name at the door goes. They stand in the hall: a
    place that was held for them is confirmed, and where they waited they have that of the second registration.
    """
    must_manage(by, check_in.meeting)
    with transaction.atomic():
        lock_line(check_in.meeting)
        kept = _locked(registration)
        twice = _locked(check_in.registration) if check_in.registration is not None else None
        if twice is None or twice.pk == kept.pk or twice.meeting_id != kept.meeting_id:
            raise StandsOtherwise
        if Standing(twice.standing).is_over or Standing(kept.standing).is_over:
            raise StandsOtherwise
        twice.check_ins.update(registration=kept, looked_at=timezone.now())
        person, had_one = twice.person, Standing(twice.standing).holds_a_place
        _end(twice, Standing.WITHDRAWN, by=by, verb="found somebody entered twice")
        if kept.standing != Standing.CONFIRMED and (Standing(kept.standing).holds_a_place or (had_one and _take(kept))):
            kept.standing, kept.decided_at, kept.decided_by = Standing.CONFIRMED, timezone.now(), by
            kept.save(update_fields=["standing", "decided_at", "decided_by"])
        if person is not None and person.account_id is None and not person.memberships.exists():
            if not person.registrations.exclude(pk=twice.pk).exists():
                person.delete()
        promote(kept.meeting, site=site)
    return kept


# --- Steps ------------------------------------------------------------------------------------------------------------


def _must_stand_at_the_door(by: Account, meeting: models.Meeting) -> None:
    if not can_help(by, meeting, models.Duty.Kind.DOOR):
        raise PermissionDenied


def _registered(meeting: models.Meeting, email: str) -> models.Registration | None:
    """Whoever is registered under an address: the open registration, else the last."""
    if not email:
        return None
    asked = Q(invitation__email=email.lower()) | Q(person__account__email=email.lower())
    rows = meeting.registrations.filter(asked).order_by("-pk")
    return rows.filter(standing__in=OPEN).first() or rows.first()


def _enter(meeting: models.Meeting, said: Stranger, *, by: Account, site: str) -> models.Registration:
    """A registration of its own; confirmed where a place is free and nobody has to decide, or who runs it decides."""
    made = register_somebody(
        meeting=meeting, by=by, now=timezone.now(), note="came to the door without a registration", name=said.name,
        email=said.email.strip().lower(), organisation=said.organisation, country=said.country, group=said.group,
        category=said.category, listed=said.listed, photographs=said.photographs,
        language=next((one for one in meeting.languages if one in INTERFACE), "en"),
    )  # fmt: skip
    if made.standing == Standing.ASKED and can_manage(by, meeting):
        return approve(registration=made, by=by, site=site)
    write_to(made, LETTER_OF[Standing(made.standing)], site=site)
    return made


def _record(by: Account, verb: str, meeting: models.Meeting, row: models.Registration | None) -> None:
    person = row.person.public_id if row is not None and row.person is not None else ""
    record(by=by, verb=verb, subject=f"meeting {meeting.public_id}", person=person)
