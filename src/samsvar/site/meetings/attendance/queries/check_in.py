"""The door of a meeting: who is expected, who came, and under what name somebody stands on a badge."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.meetings.registration import OPEN, Standing
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_help, can_manage, place_by_link, scopes_of
from samsvar.site.meetings.pdf import in_order
from samsvar.site.network.access.permissions import access_of
from samsvar.site.network.directory.queries.participants import participants_for

__all__ = ["can_help", "can_manage", "scopes_of"]

FOUND_AT_ONCE = 40  # names that a search at the door shows
PEOPLE_KEPT_HOURS = 12  # how long a device keeps the names of a day, if its duty does not end before


def ticket_hash(ticket: str) -> str:
    """What a device without a connection knows a ticket by."""
    return secret_hash(ticket)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody at the door: the name on their badge, and whether they have come."""

    registration: models.Registration
    name: str
    organisation: str = ""
    came_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.registration.public_id

    @property
    def is_confirmed(self) -> bool:
        return self.registration.standing == Standing.CONFIRMED


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many are expected, how many have come, and when the first time of each was, by days of the meeting."""

    expected: int
    came: int
    by_day: tuple[tuple[date, int], ...]


def confirmed(meeting: models.Meeting) -> QuerySet[models.Registration]:
    return meeting.registrations.filter(standing=Standing.CONFIRMED, person__isnull=False).select_related("person")


def guests(
    user: User | None,
    registrations: Iterable[models.Registration],
    *,
    subject: str,
    with_organisation: bool = False,
) -> list[Guest]:
    """Who they are at the door and on badges, in the order of names; people at risk by their pseudonym alone."""
    rows = [one for one in registrations if one.person is not None]
    fields = (Field.NAME, Field.ORGANISATION) if with_organisation else (Field.NAME,)
    views = participants_for(
        user, [one.person for one in rows if one.person and not one.person.at_risk], subject=subject, fields=fields
    )
    came = first_arrivals(rows)
    found = []
    for one in rows:
        view = views.get(one.person_id or 0)
        name = one.person.pseudonym if one.person and one.person.at_risk else view.name if view else ""
        body = view.organisation.shown if view and view.organisation else ""
        found.append(Guest(one, name, body, came.get(one.pk)))
    return in_order((guest.name or "\uffff", guest) for guest in found)


def first_arrivals(registrations: Iterable[models.Registration]) -> dict[int, datetime]:
    """When each of these came in at the door for the first time."""
    keys = [one.pk for one in registrations]
    rows = models.CheckIn.objects.filter(registration__in=keys, session__isnull=True, undone_at__isnull=True)
    return dict(rows.order_by().values("registration").annotate(first=Min("at")).values_list("registration", "first"))


def search_guests(user: User, meeting: models.Meeting, words: str) -> list[Guest]:
    """Confirmed participants in whose name every word stands; only whose name is shown counts as seen."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    everybody = guests(None, confirmed(meeting), subject="")
    found = [one for one in everybody if all(word in one.name.casefold() for word in wanted)][:FOUND_AT_ONCE]
    return guests(user, [one.registration for one in found], subject=f"check-in {meeting.public_id}")


def guest_with_ticket(meeting: models.Meeting, code: str) -> models.Registration | None:
    """Whose ticket this is, whatever became of the registration; None where it is none of this meeting's."""
    code = code.strip()
    if not code:
        return None
    return meeting.registrations.select_related("person").filter(ticket=code).first()


def registration_of(meeting: models.Meeting, public_id: str) -> models.Registration | None:
    return meeting.registrations.select_related("person").filter(public_id=public_id).first()


def arrivals(meeting: models.Meeting) -> Arrivals:
    """The counters of the door. A person counts once, on the day of their first coming."""
    first = (
        meeting.check_ins.filter(session__isnull=True, undone_at__isnull=True, registration__isnull=False)
        .order_by()
        .values("registration")
        .annotate(first=Min("at"))
        .values_list("first", flat=True)
    )
    zone = ZoneInfo(meeting.zone)
    days = Counter(moment.astimezone(zone).date() for moment in first)
    expected = meeting.registrations.filter(standing=Standing.CONFIRMED).count()
    return Arrivals(expected, sum(days.values()), tuple(sorted(days.items())))


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """Somebody who came in although their place was gone, as a device without a connection let them."""

    guest: Guest
    times: int


def to_look_at(user: User, meeting: models.Meeting) -> list[ToLookAt]:
    rows = (
        meeting.registrations.exclude(standing=Standing.CONFIRMED)
        .annotate(times=Count("check_ins", filter=Q(check_ins__undone_at__isnull=True)))
        .filter(times__gt=0)
        .select_related("person")
    )
    times = {one.pk: one.times for one in rows}
    return [
        ToLookAt(one, times[one.registration.pk]) for one in guests(user, rows, subject=f"check-in {meeting.public_id}")
    ]


@dataclass(frozen=True, slots=True)
class Twice:
    """A walk-in who has the name of others at this meeting: one person entered twice, or two people."""

    check_in: models.CheckIn
    guest: Guest
    others: tuple[Guest, ...]


def name_key(name: str) -> str:
    """What two spellings of one name have in common: without marks and capitals, in whatever order of its words."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return " ".join(sorted(plain.casefold().split()))


def namesakes(meeting: models.Meeting, among: Collection[int]) -> dict[int, list[models.Registration]]:
    """For each of these registrations the others of the meeting with the same name, none of which is over."""
    rows = meeting.registrations.filter(standing__in=OPEN, person__isnull=False).select_related("person")
    named = [(name_key(one.name), one.registration) for one in guests(None, rows, subject="") if one.name]
    found: dict[int, list[models.Registration]] = {}
    for name, row in named:
        if row.pk in among:
            others = [one for key, one in named if key == name and one.pk != row.pk]
            if others:
                found[row.pk] = sorted(others, key=lambda one: one.pk)
    return found


def entered_twice(user: User, meeting: models.Meeting) -> list[Twice]:
    """Walk-ins at whom nobody has looked yet, with those of their name who were there before them."""
    rows = meeting.check_ins.filter(
        walked_in=True, undone_at__isnull=True, looked_at__isnull=True, registration__standing__in=OPEN
    ).select_related("registration")
    walked = {one.registration.pk: one for one in rows.order_by("-at") if one.registration is not None}
    if not walked:
        return []
    pairs = {
        key: [one for one in others if one.pk not in walked or one.pk < key]
        for key, others in namesakes(meeting, walked).items()
    }
    shown = models.Registration.objects.filter(
        pk__in=[pk for key, others in pairs.items() if others for pk in (key, *(one.pk for one in others))]
    ).select_related("person")
    known = {
        one.registration.pk: one
        for one in guests(user, shown, subject=f"check-in {meeting.public_id}", with_organisation=True)
    }
    return [
        Twice(walked[key], known[key], tuple(known[one.pk] for one in others if one.pk in known))
        for key, others in sorted(pairs.items())
        if others and key in known
    ]


def nameless(meeting: models.Meeting) -> list[models.CheckIn]:
    """Walk-ins whose name is not known, at whom nobody has looked yet."""
    rows = meeting.check_ins.filter(walked_in=True, registration__isnull=True, undone_at__isnull=True)
    return list(rows.filter(looked_at__isnull=True))


@dataclass(frozen=True, slots=True)
class Done:
    """A check-in that can be taken back, and whose it is."""

    check_in: models.CheckIn
    name: str


def latest(meeting: models.Meeting, by: User) -> list[Done]:
    """What this account did last at the door, newest first, to take it back."""
    rows = list(
        meeting.check_ins.filter(by=by, undone_at__isnull=True, registration__isnull=False)
        .select_related("registration__person")
        .order_by("-received_at")[:5]
    )
    people = [row.registration for row in rows if row.registration is not None]
    names = {one.key: one.name for one in guests(by, people, subject=f"check-in {meeting.public_id}")}
    return [Done(row, names.get(row.registration.public_id, "")) for row in rows if row.registration]


def duty_ends(user: User, meeting: models.Meeting) -> datetime:
    """Until when a device of this account may keep the names: its duty's end, or half a day."""
    now = timezone.now()
    limit = now + timedelta(hours=PEOPLE_KEPT_HOURS)
    if can_manage(user, meeting):
        return limit
    ends = meeting.duties.filter(account=user, kind=models.Duty.Kind.DOOR).order_by("-until").first()
    return min(ends.until, limit) if ends else now


def for_a_device(user: User, meeting: models.Meeting) -> dict[str, Any]:
    """What a device needs to go on without a connection: names, hashes of tickets, who has come, until when."""
    people = guests(user, confirmed(meeting), subject=f"check-in {meeting.public_id}, list on a device")
    return {
        "until": duty_ends(user, meeting).isoformat(),
        "people": [
            {
                "id": one.key,
                "name": one.name,
                "ticket": ticket_hash(one.registration.ticket) if one.registration.ticket else "",
                "came": one.came_at is not None,
            }
            for one in people
        ],
    }


def own_registration(user: User, meeting: models.Meeting) -> models.Registration | None:
    """The confirmed place of whoever asks, by their account or their link; None without one."""
    place = place_by_link(user, meeting)
    if place is not None:
        return confirmed(meeting).filter(pk=place.pk).first()
    person = access_of(user).person
    if person is None:
        return None
    return confirmed(meeting).filter(person=person).first()
