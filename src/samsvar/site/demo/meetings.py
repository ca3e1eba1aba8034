"""The demonstration's meetings: invented ones from meetings.toml, and invented participants of a real one.

What is there is left as somebody changed it. Each topic of a meeting has its own file beside this one
(`meetings_programme.py` and others) with one function `make(meeting)`, which is called on every start and does nothing
the second time.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.meeting import Access, Attendance, Category, Entry, PlaceOf
from samsvar.meetings.registration import Standing
from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field, Group
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.models import Account, Basis, Detail, Network, Organisation, Person

MAIN = "demo-meeting"  # that the organiser of accounts.toml runs
REAL = "bucharest-2019"  # the conference of the source text
TOPICS = ("registration", "programme", "contributions", "day", "after")  # in this order: each may need the one before
PARTICIPANTS = 120  # as the source counts them; who they are is invented


def make_demo_meetings() -> int:
    """The invented meetings with all that each topic adds, and invented participants; how many meetings were added."""
    network = Network.objects.get(slug="lantern")
    there = {one.public_id: one for one in models.Meeting.objects.all()}
    missing = [one for one in _file()["meeting"] if one["key"] not in there]
    with transaction.atomic():
        for said in missing:
            there[said["key"]] = _made(said, network, there)
        if missing:
            record(by=None, verb="loaded", subject="meetings", details={"meetings": len(missing)}, why="demonstration")
    for topic in TOPICS:
        name = f"samsvar.site.demo.meetings_{topic}"
        if find_spec(name) is not None:
            import_module(name).make(there[MAIN])
    if REAL in there:
        _invent_participants(there[REAL])
    return len(missing)


# --- Steps ------------------------------------------------------------------------------------------------------------


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("samsvar.site.demo").joinpath("meetings.toml").read_text(encoding="utf-8"))


def _made(said: Mapping[str, Any], network: Network, there: Mapping[str, models.Meeting]) -> models.Meeting:
    outer = there.get(said.get("inside", ""))
    begins = _first_day(said, outer)
    meeting = models.Meeting.objects.create(
        public_id=said["key"],
        kind=said["kind"],
        inside=outer,
        network=network,
        languages=said["languages"],
        title=said["title"],
        purpose=said["purpose"],
        practical=said.get("practical", {}),
        begins=begins,
        ends=begins + timedelta(days=said["days"] - 1),
        zone=said["zone"] if outer is None else outer.zone,
        attendance=said.get("attendance", Attendance.IN_PERSON),
        state_id=said.get("state") if outer is None else outer.state_id,
        city=said.get("city", outer.city if outer else ""),
        place=said.get("place", outer.place if outer else ""),
        address=said.get("address", outer.address if outer else ""),
        link=said.get("link", ""),
        access=said.get("access", Access.PUBLIC),
        entry=said.get("entry", Entry.INVITED),
        confidence="invented",
        invented=True,
    )
    models.InvitedState.objects.bulk_create(
        models.InvitedState(meeting=meeting, state_id=code, place=PlaceOf(place))
        for code, place in said.get("states", ())
    )
    models.Link.objects.bulk_create(
        models.Link(meeting=meeting, kind=models.Link.Kind.ARTICLE, key=number) for number in said.get("articles", ())
    )
    if host := Organisation.objects.filter(public_id=said.get("host", "")).first():
        meeting.organisations.create(organisation=host, role=models.MeetingOrganisation.Role.HOST)
    return meeting


def _first_day(said: Mapping[str, Any], outer: models.Meeting | None) -> date:
    if outer is not None:
        return outer.begins + timedelta(days=said["day"] - 1)
    week = timezone.now().date() + timedelta(weeks=said["week"])
    return week + timedelta(days=(1 - week.weekday()) % 7)  # Tuesday


# --- The conference of the source text --------------------------------------------------------------------------------


def _invent_participants(meeting: models.Meeting) -> None:
    """As many participants as the source counts, thirty in each of its four groups, every one of them invented.

    The source gives no number for a group, and names nobody whom this would be: each name says that it is invented, no
    country is given to any, and the meeting says so wherever these people or figures of them are shown.
    """
    if meeting.invented_people:
        return
    now = timezone.now()
    with transaction.atomic():
        numbered = list(_numbered())
        Person.objects.bulk_create(Person(public_id=public_id, invented=True) for public_id, _name, _group in numbered)
        rows = Person.objects.in_bulk([public_id for public_id, _name, _group in numbered], field_name="public_id")
        Detail.objects.bulk_create(
            Detail(person=rows[public_id], field=of, value=value, visibility=Visibility.SECRETARIAT)
            for public_id, name, group in numbered
            for of, value in ((Field.NAME, name), (Field.GROUP, group.value))
        )
        Basis.objects.bulk_create(
            Basis(
                person=person,
                purpose=Purpose.MEETINGS,
                ground=Ground.PUBLIC_TASK,
                since=now,
                note="Invented for the demonstration.",
            )
            for person in rows.values()
        )
        models.Registration.objects.bulk_create(_registrations(meeting, numbered, rows, now))
        meeting.invented_people = True
        meeting.save(update_fields=["invented_people"])
        for account in Account.objects.filter(email="organiser@sudmar.example"):
            give_role(account=account, role=Role.ORGANISER, by=None, reason="demonstration", meeting=meeting.public_id)
        record(
            by=None,
            verb="loaded",
            subject=f"meeting {meeting.public_id}",
            details={"invented participants": len(numbered)},
            why="demonstration",
        )


def _numbered() -> Iterator[tuple[str, str, Group]]:
    """(public id, name, group) of each."""
    groups = list(Group)
    for number in range(1, PARTICIPANTS + 1):
        group = groups[(number - 1) % len(groups)]
        yield stable_id("demonstration, participant", str(number)), f"Invented Participant {number:03}", group


def _registrations(
    meeting: models.Meeting, numbered: list[tuple[str, str, Group]], rows: Mapping[str, Person], now: datetime
) -> Iterator[models.Registration]:
    for public_id, _name, group in numbered:
        yield models.Registration(
            public_id=stable_id("demonstration, registration", public_id),
            meeting=meeting,
            person=rows[public_id],
            category=Category.PARTICIPANT,
            group=group.value,
            standing=Standing.CONFIRMED,
            decided_at=now,
        )
