"""Create, edit, cancel and reinstate a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from samsvar.meetings.meeting import MeetingsError
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import MayNotRun, _check_runs
from samsvar.site.meetings.meeting.permissions import can_manage, can_plan
from samsvar.site.meetings.meeting.queries.opening import is_over
from samsvar.site.meetings.organising.actions.announcements import write_to_everybody
from samsvar.site.meetings.registration.actions.places import lock_line, promote
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.access.permissions import Account, Network

type Part = tuple[str, ...]


class PublicIdIsTaken(MeetingsError):
    """Another meeting, or a page of this site, has this address."""

    code = "public_id_is_taken"


class MeetingEndsBeforeItBegins(MeetingsError):
    """The last day lies before the first."""

    code = "meeting_ends_before_it_begins"


class OutsideTheOuterMeeting(MeetingsError):
    """A meeting inside another would be held on days on which the other is not."""

    code = "outside_the_outer_meeting"


class CancelledAlready(MeetingsError):
    """A meeting is cancelled once."""

    code = "cancelled_already"


class NotCancelled(MeetingsError):
    """Only what was cancelled can be held after all."""

    code = "not_cancelled"


class WhyIsMissing(MeetingsError):
    """Those who were to come are told why it is cancelled."""

    code = "why_is_missing"


# that no meeting can be called
WORDS_OF_ADDRESSES = frozenset({"new", "commitments", "how-it-goes", "letters", "lost-link", "mine", "manage"})


def announce(*, by: Account, public_id: str, network: Network | None, said: Mapping[str, Any]) -> models.Meeting:
    """Announce a meeting of a network, and become its organiser; `said` are columns of the meeting."""
    if not can_plan(by, network):
        raise MayNotRun("You cannot announce meetings of this network.")
    outer = said.get("inside")
    if outer is not None and not can_manage(by, outer):
        raise MayNotRun("You do not run the meeting that it would lie inside of.")
    _check_days(said["begins"], said["ends"], outer)
    if public_id in WORDS_OF_ADDRESSES:
        raise PublicIdIsTaken("This word is an address of the site itself.")
    try:
        with transaction.atomic():
            meeting = models.Meeting.objects.create(public_id=public_id, network=network, **said)
            record(by=by, verb="announced a meeting", subject=f"meeting {public_id}", details={"kind": meeting.kind})
            # the site gives this role, not the person themselves: nobody decides about their own
            give_role(account=by, role=Role.ORGANISER, by=None, reason="announced this meeting", meeting=public_id)
    except IntegrityError as taken:
        raise PublicIdIsTaken("There is a meeting with this address already.") from taken
    return meeting


# What somebody who comes has planned for: a change of it is told to everybody concerned.
DAYS_AND_PLACE = ("begins", "ends", "attendance", "state_id", "city", "place", "address")
ON_LETTERS = ("begins", "ends", "state_id", "city")  # what a consulate reads: letters that say otherwise hold no more


def change(
    *,
    by: Account,
    meeting: models.Meeting,
    said: Mapping[str, Any],
    tell: bool = False,
    why: str = "",
    site: str = "",
) -> bool:
    """Change columns of a meeting; whether anything was other than before.

    With `tell` everybody concerned gets a letter where the days or the place change, with the reason `why`.
    """
    _check_runs(by, meeting)
    outer = said.get("inside", meeting.inside)
    if outer is not None and outer.pk != meeting.inside_id and not can_manage(by, outer):
        raise MayNotRun("You do not run the meeting that it would lie inside of.")
    _check_days(said.get("begins", meeting.begins), said.get("ends", meeting.ends), outer)
    if any(name in said and said[name] != getattr(meeting, name) for name in ("begins", "ends")):
        said = {**said, "precision": models.Meeting.Precision.DAY}  # whoever runs it knows the days that they give
    changed = sorted(name for name, value in said.items() if getattr(meeting, name) != value)
    if not changed:
        return False
    before, details = copy(meeting), dict[str, Any](changed=changed)
    with transaction.atomic():
        for name in changed:
            setattr(meeting, name, said[name])
        meeting.save(update_fields=changed)
        if not set(DAYS_AND_PLACE).isdisjoint(changed) and meeting.cancelled_at is None and not is_over(meeting):
            if not set(ON_LETTERS).isdisjoint(changed):
                papers = meeting.issued.filter(revoked_at__isnull=True)
                papers.exclude(kind=models.IssuedLetter.Kind.ATTENDANCE).update(revoked_at=timezone.now())
            if tell:
                details["letters"] = write_to_everybody(
                    meeting, "moved", site=site, why=why.strip()[:300], before=before
                )
        record(
            by=by,
            verb="changed a meeting",
            subject=f"meeting {meeting.public_id}",
            details=details,
            why=why.strip()[:300],
        )
    return True


def cancel(*, by: Account, meeting: models.Meeting, why: str, site: str) -> int:
    """Cancel a meeting with a reason, which everybody concerned is told; its page stays. How many letters leave."""
    return _hold(by, meeting, why, site, held=False)


def hold_after_all(*, by: Account, meeting: models.Meeting, why: str, site: str) -> int:
    """Take a cancellation back; everybody concerned is told, and whoever had a place has it still."""
    return _hold(by, meeting, why, site, held=True)


def _hold(by: Account, meeting: models.Meeting, why: str, site: str, *, held: bool) -> int:
    _check_runs(by, meeting)
    why = why.strip()[:300]
    if not why:
        raise WhyIsMissing("No reason was given.")
    with transaction.atomic():
        lock_line(meeting)  # nobody is given a place meanwhile
        found = models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=not held)
        now = None if held else timezone.now()
        if not found.update(cancelled_at=now, cancelled_why="" if held else why):
            raise (
                NotCancelled("This meeting is not cancelled.") if held else CancelledAlready("It was cancelled before.")
            )
        meeting.refresh_from_db()
        letters = 0
        if not is_over(meeting):
            letters = write_to_everybody(meeting, "held_after_all" if held else "cancelled", site=site, why=why)
        record(
            by=by,
            verb="held a meeting after all" if held else "cancelled a meeting",
            subject=f"meeting {meeting.public_id}",
            details={"letters": letters},
            why=why,
        )
        if held:
            promote(meeting, site=site)
    return letters


def _check_days(begins: date, ends: date, outer: models.Meeting | None) -> None:
    if ends < begins:
        raise MeetingEndsBeforeItBegins("The last day lies before the first.")
    if outer is not None and not (outer.begins <= begins and ends <= outer.ends):
        raise OutsideTheOuterMeeting(f"The meeting that it lies inside of is held from {outer.begins} to {outer.ends}.")
