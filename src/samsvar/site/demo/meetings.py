"""Demo meetings: fictional meetings from meetings.toml, and fictional participants of one real meeting.

Meetings that already exist are left as users changed them. Each topic has its own module next to this one
(`meetings_programme.py` and others) with an idempotent function `make(meeting)`, which is called on every start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.meeting import AccessLevel, AttendanceMode, CountryRole, ParticipantCategory, RegistrationPolicy
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field, Group
from samsvar.network.rights import Role
from samsvar.site.demo.helpers import SOURCE, load_demo_file, record_demo_data
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.models import Account, Basis, Detail, Network, Organisation, Person

MAIN_MEETING = "demo-meeting"  # its organiser is the one in accounts.toml
REAL_MEETING = "bucharest-2019"  # a real conference, known from the source document
# In this order, because a topic may depend on those before it.
TOPICS = ("registration", "programme", "contributions", "day", "after")
PARTICIPANT_COUNT = 120  # as reported by the source; the people are fictional


def make_demo_meetings() -> int:
    """Create the demo meetings that are missing, with all their data, and return how many were created."""
    network = Network.objects.get(slug="lantern")
    meetings = {one.public_id: one for one in models.Meeting.objects.all()}
    missing = [one for one in load_demo_file("meetings.toml")["meeting"] if one["key"] not in meetings]
    with transaction.atomic():
        for data in missing:
            meetings[data["key"]] = _create_meeting(data, network, meetings)
        if missing:
            record_demo_data("meetings", meetings=len(missing))
    for topic in TOPICS:
        name = f"samsvar.site.demo.meetings_{topic}"
        if find_spec(name) is not None:
            import_module(name).make_demo_data(meetings[MAIN_MEETING])
    if REAL_MEETING in meetings:
        _create_fictional_participants(meetings[REAL_MEETING])
    for person in Person.objects.filter(at_risk=True):
        keep_pseudonyms(person=person)
    return len(missing)


# --- The real conference ----------------------------------------------------------------------------------------------


def _create_meeting(
    data: Mapping[str, Any], network: Network, meetings: Mapping[str, models.Meeting]
) -> models.Meeting:
    parent = meetings.get(data.get("inside", ""))
    begins = _first_day(data, parent)
    meeting = models.Meeting.objects.create(
        public_id=data["key"],
        kind=data["kind"],
        inside=parent,
        network=network,
        languages=data["languages"],
        title=data["title"],
        purpose=data["purpose"],
        practical=data.get("practical", {}),
        begins=begins,
        ends=begins + timedelta(days=data["days"] - 1),
        zone=data["zone"] if parent is None else parent.zone,
        attendance=data.get("attendance", AttendanceMode.IN_PERSON),
        state_id=data.get("state") if parent is None else parent.state_id,
        city=data.get("city", parent.city if parent else ""),
        place=data.get("place", parent.place if parent else ""),
        address=data.get("address", parent.address if parent else ""),
        link=data.get("link", ""),
        access=data.get("access", AccessLevel.PUBLIC),
        entry=data.get("entry", RegistrationPolicy.INVITED),
        confidence="fictional",
        fictional=True,
    )
    models.InvitedState.objects.bulk_create(
        models.InvitedState(meeting=meeting, state_id=code, place=CountryRole(place))
        for code, place in data.get("states", ())
    )
    models.MeetingLink.objects.bulk_create(
        models.MeetingLink(meeting=meeting, kind=models.MeetingLink.Kind.ARTICLE, key=number)
        for number in data.get("articles", ())
    )
    if host := Organisation.objects.filter(public_id=data.get("host", "")).first():
        meeting.organisations.create(organisation=host, role=models.MeetingOrganisation.Role.HOST)
    return meeting


def _first_day(data: Mapping[str, Any], parent: models.Meeting | None) -> date:
    if parent is not None:
        return parent.begins + timedelta(days=data["day"] - 1)
    week = timezone.now().date() + timedelta(weeks=data["week"])
    return week + timedelta(days=(1 - week.weekday()) % 7)  # the first Tuesday on or after that day


# --- The conference of the source text --------------------------------------------------------------------------------


def _create_fictional_participants(meeting: models.Meeting) -> None:
    """Create 120 fictional participants, the number reported by the source: thirty in each of the four groups.

    The source gives neither names nor numbers per group. Each name therefore says that the person is fictional, no one
    has a country, and every page that shows these people or figures about them says that they are fictional.
    """
    if meeting.fictional_people:
        return
    now = timezone.now()
    with transaction.atomic():
        participants = list(_fictional_participants())
        public_ids = [public_id for public_id, _name, _group in participants]
        Person.objects.bulk_create(Person(public_id=public_id, fictional=True) for public_id in public_ids)
        people = Person.objects.in_bulk(public_ids, field_name="public_id")
        Detail.objects.bulk_create(
            Detail(person=people[public_id], field=field, value=value, visibility=Visibility.SECRETARIAT)
            for public_id, name, group in participants
            for field, value in ((Field.NAME, name), (Field.GROUP, group.value))
        )
        Basis.objects.bulk_create(
            Basis(person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=now, note=SOURCE)
            for person in people.values()
        )
        models.Registration.objects.bulk_create(_build_registrations(meeting, participants, people, now))
        meeting.fictional_people = True
        meeting.save(update_fields=["fictional_people"])
        for account in Account.objects.filter(email="organiser@sudmar.example"):
            give_role(account=account, role=Role.ORGANISER, by=None, reason="demonstration", meeting=meeting.public_id)
        record_demo_data(f"meeting {meeting.public_id}", **{"fictional participants": len(participants)})


def _fictional_participants() -> Iterator[tuple[str, str, Group]]:
    """Yield the public ID, name and group of each fictional participant."""
    groups = list(Group)
    for number in range(1, PARTICIPANT_COUNT + 1):
        group = groups[(number - 1) % len(groups)]
        yield stable_id("demonstration, participant", str(number)), f"Fictional Participant {number:03}", group


def _build_registrations(
    meeting: models.Meeting, participants: list[tuple[str, str, Group]], people: Mapping[str, Person], now: datetime
) -> Iterator[models.Registration]:
    for public_id, _name, group in participants:
        yield models.Registration(
            public_id=stable_id("demonstration, registration", public_id),
            meeting=meeting,
            person=people[public_id],
            category=ParticipantCategory.PARTICIPANT,
            group=group.value,
            status=RegistrationStatus.CONFIRMED,
            decided_at=now,
        )
