"""Queries for check-in: expected and checked-in people, names for badges, walk-ins, lists for offline devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_manage, registration_by_link
from samsvar.site.meetings.meeting.queries.pseudonyms import get_registration_pseudonyms
from samsvar.site.meetings.pdf import sort_by_name
from samsvar.site.network.access.permissions import get_access
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.text import fold

MAX_SEARCH_RESULTS = 40  # names shown by a search during check-in
OFFLINE_LIST_HOURS = 12  # how long a device may keep the names, unless the helper's duty ends earlier


@dataclass(frozen=True, slots=True)
class Guest:
    """A participant during check-in: the name on their badge, and when they arrived."""

    registration: models.Registration
    name: str
    organisation: str = ""
    came_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.registration.public_id


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The numbers of people expected and checked in, and how many first arrived on each day of the meeting."""

    expected: int
    came: int
    by_day: tuple[tuple[date, int], ...]


def confirmed_registrations(meeting: models.Meeting) -> QuerySet[models.Registration]:
    confirmed = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED, person__isnull=False)
    return confirmed.select_related("person")


def list_guests(
    user: User | None, registrations: Iterable[models.Registration], *, subject: str, with_organisation: bool = False
) -> list[Guest]:
    """Return these participants with the names used for check-in and badges, sorted by name.

    People at risk appear only under their pseudonym. `subject` is recorded in the audit log as the purpose of access.
    """
    with_person = [(one, one.person) for one in registrations if one.person is not None]
    fields = (Field.NAME, Field.ORGANISATION) if with_organisation else (Field.NAME,)
    visible = [person for _registration, person in with_person if not person.at_risk]
    views = get_visible_participants(user, visible, subject=subject, fields=fields)
    pseudonyms = get_registration_pseudonyms(registration for registration, _person in with_person)
    arrivals_by_id = first_arrival_times(registration for registration, _person in with_person)
    result = []
    for registration, person in with_person:
        view = views.get(person.pk)
        name = pseudonyms[registration.pk] if person.at_risk else view.name if view else ""
        organisation = view.organisation.label if view and view.organisation else ""
        result.append(Guest(registration, name, organisation, arrivals_by_id.get(registration.pk)))
    return sort_by_name((guest.name or "\uffff", guest) for guest in result)


def first_arrival_times(registrations: Iterable[models.Registration]) -> dict[int, datetime]:
    """Return when each of these people first arrived, by the primary key of the registration."""
    keys = [one.pk for one in registrations]
    rows = models.CheckIn.objects.filter(registration__in=keys, session__isnull=True, undone_at__isnull=True)
    return dict(rows.order_by().values("registration").annotate(first=Min("at")).values_list("registration", "first"))


def search_guests(user: User, meeting: models.Meeting, query: str) -> list[Guest]:
    """Return confirmed participants whose name contains every word; access is logged only for those returned."""
    wanted = query.casefold().split()
    if not wanted:
        return []
    all_guests = list_guests(None, confirmed_registrations(meeting), subject="")
    matches = [one for one in all_guests if all(word in one.name.casefold() for word in wanted)][:MAX_SEARCH_RESULTS]
    return list_guests(user, [one.registration for one in matches], subject=f"check-in {meeting.public_id}")


def find_registration_by_ticket(meeting: models.Meeting, code: str) -> models.Registration | None:
    """Return the registration with this ticket, whatever its status; None if this meeting has no such ticket."""
    code = code.strip()
    if not code:
        return None
    return meeting.registrations.select_related("person").filter(ticket=code).first()


def find_registration(meeting: models.Meeting, public_id: str) -> models.Registration | None:
    return meeting.registrations.select_related("person").filter(public_id=public_id).first()


def count_arrivals(meeting: models.Meeting) -> Arrivals:
    """Count the expected and the checked-in participants; each person is counted once, on the day they first came."""
    first = (
        meeting.check_ins.filter(session__isnull=True, undone_at__isnull=True, registration__isnull=False)
        .order_by()
        .values("registration")
        .annotate(first=Min("at"))
        .values_list("first", flat=True)
    )
    zone = ZoneInfo(meeting.zone)
    days = Counter(moment.astimezone(zone).date() for moment in first)
    expected = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED).count()
    return Arrivals(expected, sum(days.values()), tuple(sorted(days.items())))


@dataclass(frozen=True, slots=True)
class UnconfirmedArrival:
    """A person whom an offline device checked in although their place was not confirmed."""

    guest: Guest
    times: int


def unconfirmed_arrivals(user: User, meeting: models.Meeting) -> list[UnconfirmedArrival]:
    rows = (
        meeting.registrations.exclude(status=RegistrationStatus.CONFIRMED)
        .annotate(times=Count("check_ins", filter=Q(check_ins__undone_at__isnull=True)))
        .filter(times__gt=0)
        .select_related("person")
    )
    times = {one.pk: one.times for one in rows}
    return [
        UnconfirmedArrival(one, times[one.registration.pk])
        for one in list_guests(user, rows, subject=f"check-in {meeting.public_id}")
    ]


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A walk-in with the same name as other participants, who may or may not be the same person."""

    check_in: models.CheckIn
    guest: Guest
    others: tuple[Guest, ...]


def normalise_name(name: str) -> str:
    """Return a form of a name for comparison: without accents, in lower case, with the words in alphabetical order."""
    return " ".join(sorted(fold(name).split()))


def find_namesakes(meeting: models.Meeting, registration_ids: Collection[int]) -> dict[int, list[models.Registration]]:
    """Return, for each of these registrations, the meeting's other active registrations with the same name."""
    rows = meeting.registrations.filter(status__in=ACTIVE_STATUSES, person__isnull=False).select_related("person")
    by_name = [(normalise_name(one.name), one.registration) for one in list_guests(None, rows, subject="") if one.name]
    result: dict[int, list[models.Registration]] = {}
    for name, registration in by_name:
        if registration.pk in registration_ids:
            others = [one for key, one in by_name if key == name and one.pk != registration.pk]
            if others:
                result[registration.pk] = sorted(others, key=lambda one: one.pk)
    return result


def possible_duplicates(user: User, meeting: models.Meeting) -> list[PossibleDuplicate]:
    """Return walk-ins that no organiser has checked, with the participants registered before them who may be the same.

    They have the same name or, for an organiser, the same email address. Others must not learn that the address of a
    walk-in belongs to someone who is listed under a pseudonym.
    """
    rows = meeting.check_ins.filter(
        walked_in=True, undone_at__isnull=True, looked_at__isnull=True, registration__status__in=ACTIVE_STATUSES
    ).select_related("registration")
    walk_ins = {one.registration.pk: one for one in rows.order_by("-at") if one.registration is not None}
    if not walk_ins:
        return []
    candidates: dict[int, dict[int, models.Registration]] = {key: {} for key in walk_ins}
    same_address = _find_address_sharers(meeting, walk_ins) if can_manage(user, meeting) else {}
    for matches in (find_namesakes(meeting, walk_ins), same_address):
        for key, others in matches.items():
            candidates[key] |= {other.pk: other for other in others}
    pairs = {
        key: [other for pk, other in sorted(others.items()) if pk not in walk_ins or pk < key]
        for key, others in candidates.items()
    }
    shown = models.Registration.objects.filter(
        pk__in=[pk for key, others in pairs.items() if others for pk in (key, *(one.pk for one in others))]
    ).select_related("person")
    guests_by_id = {
        one.registration.pk: one
        for one in list_guests(user, shown, subject=f"check-in {meeting.public_id}", with_organisation=True)
    }
    return [
        PossibleDuplicate(
            walk_ins[key], guests_by_id[key], tuple(guests_by_id[one.pk] for one in others if one.pk in guests_by_id)
        )
        for key, others in sorted(pairs.items())
        if others and key in guests_by_id
    ]


def _find_address_sharers(
    meeting: models.Meeting, registration_ids: Collection[int]
) -> dict[int, list[models.Registration]]:
    """Return, for each of these registrations, the meeting's other active registrations with the same email address."""
    rows = meeting.registrations.filter(status__in=ACTIVE_STATUSES, person__isnull=False)
    by_address: dict[str, list[models.Registration]] = {}
    for registration in rows.select_related("person__account", "invitation"):
        account = registration.person.account if registration.person is not None else None
        invited = registration.invitation.email if registration.invitation is not None else ""
        for address in {invited, account.email.lower() if account is not None else ""} - {""}:
            by_address.setdefault(address, []).append(registration)
    result: dict[int, list[models.Registration]] = {}
    for sharers in by_address.values():
        for registration in sharers:
            if registration.pk in registration_ids and len(sharers) > 1:
                others = [other for other in sharers if other.pk != registration.pk]
                result.setdefault(registration.pk, []).extend(others)
    return result


def nameless_walk_ins(meeting: models.Meeting) -> list[models.CheckIn]:
    """Return the walk-ins without a name that no organiser has checked yet."""
    rows = meeting.check_ins.filter(walked_in=True, registration__isnull=True, undone_at__isnull=True)
    return list(rows.filter(looked_at__isnull=True))


@dataclass(frozen=True, slots=True)
class RecentCheckIn:
    """A check-in with the person's name, shown so that it can be undone."""

    check_in: models.CheckIn
    name: str


def recent_check_ins(meeting: models.Meeting, by: User) -> list[RecentCheckIn]:
    """Return the five latest check-ins made by this account, newest first.

    Walk-ins that an organiser has checked are left out: after a merge, they would have the name of the other
    registration, which may be a pseudonym.
    """
    rows = list(
        meeting.check_ins.filter(by=by, undone_at__isnull=True, registration__isnull=False)
        .exclude(walked_in=True, looked_at__isnull=False)
        .select_related("registration__person")
        .order_by("-received_at")[:5]
    )
    people = [row.registration for row in rows if row.registration is not None]
    names = {one.key: one.name for one in list_guests(by, people, subject=f"check-in {meeting.public_id}")}
    return [RecentCheckIn(row, names.get(row.registration.public_id, "")) for row in rows if row.registration]


def get_offline_list_expiry(user: User, meeting: models.Meeting) -> datetime:
    """Return when the user's device must delete the names: after 12 hours or, if earlier, when their duty ends."""
    now = timezone.now()
    limit = now + timedelta(hours=OFFLINE_LIST_HOURS)
    if can_manage(user, meeting):
        return limit
    duty = meeting.duties.filter(account=user, kind=models.Duty.Kind.DOOR).order_by("-until").first()
    return min(duty.until, limit) if duty else now


def offline_guest_list(user: User, meeting: models.Meeting) -> dict[str, Any]:
    """Return what a device needs to work offline: names, ticket hashes, arrivals, and when it must delete them."""
    subject = f"check-in {meeting.public_id}, list on a device"
    return {
        "until": get_offline_list_expiry(user, meeting).isoformat(),
        "people": [
            {
                "id": one.key,
                "name": one.name,
                "ticket": hash_secret(one.registration.ticket) if one.registration.ticket else "",
                "came": one.came_at is not None,
            }
            for one in list_guests(user, confirmed_registrations(meeting), subject=subject)
        ],
    }


def find_own_registration(user: User, meeting: models.Meeting) -> models.Registration | None:
    """Return the user's confirmed registration, found by personal link or by account; None if there is none."""
    by_link = registration_by_link(user, meeting)
    if by_link is not None:
        return confirmed_registrations(meeting).filter(pk=by_link.pk).first()
    person = get_access(user).person
    return confirmed_registrations(meeting).filter(person=person).first() if person is not None else None
