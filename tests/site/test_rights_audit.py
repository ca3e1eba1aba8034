"""Auditors read the trail, take it out and find out who saw a person: by public ids, and each time there is a line."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record, record_sight
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

NAME = "Invented Keeper of the Lamp"


@pytest.fixture
def auditor():
    return make_account(Role.AUDITOR)


@pytest.fixture
def signed_in(client, auditor):
    return sign_in(client, auditor)


@pytest.fixture
def person():
    return make_person(account=make_account(), details={Field.NAME: NAME, Field.EMAIL: "keeper@lamp.example"})


@pytest.fixture
def reader(person):
    """Somebody who saw two fields of the person, and did something to another thing."""
    account = make_account(Role.READER)
    record_sight(
        by=account, people={person.public_id: ["name", "email"]}, subject="directory", why="=cmd|' /C calc'!A0"
    )
    record(by=account, verb="judged", subject="finding f1", details={"strength": "urges"})
    return account


def shown(client, **asked):
    answer = client.get(reverse("network:audit-log"), asked)
    return [(one.verb, one.subject) for one in answer.context["lines"].object_list]


def span(**more):
    now = timezone.now()
    times = {"since": now - timedelta(minutes=5), "until": now + timedelta(minutes=5)}
    return {**{key: f"{moment:%Y-%m-%dT%H:%M}" for key, moment in times.items()}, **more}


def test_the_page_shows_lines_by_what_is_asked(signed_in, person, reader):
    assert shown(signed_in) == [("judged", "finding f1"), ("saw", "directory")]
    assert shown(signed_in, person=person.public_id) == [("saw", "directory")]
    assert shown(signed_in, account=reader.public_id, kind="did") == [("judged", "finding f1")]
    assert shown(signed_in, verb="judged") == [("judged", "finding f1")]
    today = str(timezone.now().date())
    assert shown(signed_in, since=today, until=today) == [("judged", "finding f1"), ("saw", "directory")]
    assert shown(signed_in, since=str(timezone.now().date() + timedelta(days=1))) == []
    assert signed_in.get(reverse("network:audit-log"), {"since": "yesterday"}).status_code == 422


def test_no_page_and_no_file_of_the_trail_names_anybody(signed_in, person, reader, auditor):
    assert NAME in {one.value for one in models.Detail.objects.all()}  # there is something to leak
    addresses = [
        reverse("network:audit-log"),
        reverse("network:export-audit-log", args=["csv"]),
        reverse("network:export-audit-log", args=["jsonl"]),
        reverse("network:all-staff-sessions"),
    ]
    read = [signed_in.get(address) for address in addresses]
    asked = span(person=person.public_id)
    read += [signed_in.get(reverse(f"network:{name}"), asked) for name in ("who-saw", "who-saw-file")]
    for answer in read:
        assert answer.status_code == 200
        # the auditor's own address stands in the head of the page, and nobody else's
        text = answer.getvalue().decode().replace(auditor.email, "")
        assert not any(told in text for told in (NAME, "keeper@lamp.example", reader.email, person.account.email))
    assert reader.public_id in read[0].content.decode()


def test_a_long_trail_is_shown_by_the_page(signed_in):
    for number in range(101):
        record(by=None, verb="counted", subject=f"finding {number}")
    assert len(shown(signed_in)) == 100
    assert shown(signed_in, page="2") == [("counted", "finding 0")]


def test_the_file_has_the_lines_of_the_page_and_no_formula(signed_in, person, reader, auditor):
    answer = signed_in.get(reverse("network:export-audit-log", args=["csv"]), {"person": person.public_id})
    assert answer["Content-Disposition"] == 'attachment; filename="samsvar-audit-log.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["verb"], row["account"], row["details"], row["why"]) for row in rows] == [
        ("saw", reader.public_id, '{"fields": ["email", "name"]}', "'=cmd|' /C calc'!A0")
    ]
    last = Entry.objects.first()
    assert (last.verb, last.actor, last.person, last.details) == (
        "exported the audit log",
        auditor,
        person.public_id,
        {"lines": 1, "as": "csv"},
    )


def test_lines_of_json_are_one_line_each(signed_in, reader):
    answer = signed_in.get(reverse("network:export-audit-log", args=["jsonl"]), {"kind": "did"})
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [(row["verb"], row["details"]) for row in rows] == [("judged", {"strength": "urges"})]
    assert signed_in.get(reverse("network:export-audit-log", args=["xml"])).status_code == 404


def test_who_saw_a_person_between_two_times(signed_in, person, reader, auditor):
    page = signed_in.get(reverse("network:who-saw"), span(person=person.public_id))
    assert [(one.actor, one.details["fields"], one.subject) for one in page.context["sights"]] == [
        (reader, ["email", "name"], "directory")
    ]
    rows = signed_in.get(reverse("network:who-saw-file"), span(person=person.public_id)).getvalue().decode()
    assert [(row["account"], row["fields"]) for row in csv.DictReader(io.StringIO(rows))] == [
        (reader.public_id, "email; name")
    ]
    traced = [(one.verb, one.actor, one.person) for one in Entry.objects.filter(verb="traced who saw")]
    assert traced == [("traced who saw", auditor, person.public_id)] * 2


def test_before_and_after_nobody_saw_anything(signed_in, person, reader):
    later = timezone.now() + timedelta(hours=1)
    asked = {"since": f"{later:%Y-%m-%dT%H:%M}", "until": f"{later + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    page = signed_in.get(reverse("network:who-saw"), {"person": person.public_id, **asked})
    assert list(page.context["sights"]) == []
    assert "Nobody saw anything" in page.content.decode()
    turned = {"person": person.public_id, "since": asked["until"], "until": asked["since"]}
    assert signed_in.get(reverse("network:who-saw"), turned).status_code == 422
    assert signed_in.get(reverse("network:who-saw-file"), turned).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECRETARIAT, Role.EDITOR], ids=str)
def test_nobody_else_reads_it(role, reader):
    client = sign_in(Client(), make_account(role), staff_session="to look into the trail")
    names = ("audit-log", "all-staff-sessions", "who-saw", "who-saw-file")
    assert [client.get(reverse(f"network:{name}")).status_code for name in names] == [403] * 4
    assert client.get(reverse("network:export-audit-log", args=["csv"])).status_code == 403


def test_an_auditor_needs_a_second_factor(auditor, reader):
    client = sign_in(Client(), auditor, second_factor=False)
    assert client.get(reverse("network:audit-log"))["Location"].startswith(reverse("network:second-factor"))
    assert client.get(reverse("network:export-audit-log", args=["csv"])).status_code == 302
    assert Entry.objects.filter(verb="exported the audit log").count() == 0
