"""Auditors read and export the audit log and trace who accessed a person: by public ids, and always logged."""

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
from samsvar.site.audit.actions import record, record_access
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

NAME = "Fictional Keeper of the Lamp"


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
    """An account that accessed two details of the person and also reviewed a finding."""
    account = make_account(Role.READER)
    record_access(
        by=account,
        fields_by_person={person.public_id: ["name", "email"]},
        subject="directory",
        reason="=cmd|' /C calc'!A0",
    )
    record(by=account, verb="judged", subject="finding f1", details={"strength": "urges"})
    return account


def listed_entries(client, **asked):
    answer = client.get(reverse("network:audit-log"), asked)
    return [(one.verb, one.subject) for one in answer.context["lines"].object_list]


def time_range(**more):
    now = timezone.now()
    times = {"since": now - timedelta(minutes=5), "until": now + timedelta(minutes=5)}
    return {**{key: f"{moment:%Y-%m-%dT%H:%M}" for key, moment in times.items()}, **more}


def test_the_audit_log_page_can_be_filtered(signed_in, person, reader):
    assert listed_entries(signed_in) == [("judged", "finding f1"), ("saw", "directory")]
    assert listed_entries(signed_in, person=person.public_id) == [("saw", "directory")]
    assert listed_entries(signed_in, account=reader.public_id, kind="did") == [("judged", "finding f1")]
    assert listed_entries(signed_in, verb="judged") == [("judged", "finding f1")]
    today = str(timezone.now().date())
    assert listed_entries(signed_in, since=today, until=today) == [("judged", "finding f1"), ("saw", "directory")]
    assert listed_entries(signed_in, since=str(timezone.now().date() + timedelta(days=1))) == []
    assert signed_in.get(reverse("network:audit-log"), {"since": "yesterday"}).status_code == 422


def test_no_page_and_no_export_of_the_audit_log_names_anyone(signed_in, person, reader, auditor):
    assert NAME in {one.value for one in models.Detail.objects.all()}  # make sure there is something to leak
    addresses = [
        reverse("network:audit-log"),
        reverse("network:export-audit-log", args=["csv"]),
        reverse("network:export-audit-log", args=["jsonl"]),
        reverse("network:all-staff-sessions"),
    ]
    read = [signed_in.get(address) for address in addresses]
    asked = time_range(person=person.public_id)
    read += [signed_in.get(reverse(f"network:{name}"), asked) for name in ("trace-accesses", "export-accesses")]
    for answer in read:
        assert answer.status_code == 200
        # only the auditor's own address is in the header of the page
        text = answer.getvalue().decode().replace(auditor.email, "")
        assert not any(told in text for told in (NAME, "keeper@lamp.example", reader.email, person.account.email))
    assert reader.public_id in read[0].content.decode()


def test_a_long_audit_log_is_split_into_pages(signed_in):
    for number in range(101):
        record(by=None, verb="counted", subject=f"finding {number}")
    assert len(listed_entries(signed_in)) == 100
    assert listed_entries(signed_in, page="2") == [("counted", "finding 0")]


def test_the_csv_export_has_the_filtered_entries_and_no_formulas(signed_in, person, reader, auditor):
    answer = signed_in.get(reverse("network:export-audit-log", args=["csv"]), {"person": person.public_id})
    assert answer["Content-Disposition"] == 'attachment; filename="samsvar-audit-log.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["verb"], row["account"], row["details"], row["why"]) for row in rows] == [
        ("saw", reader.public_id, '{"fields": ["email", "name"]}', "'=cmd|' /C calc'!A0")
    ]
    last = AuditEntry.objects.first()
    assert (last.verb, last.actor, last.person, last.details) == (
        "exported the audit log",
        auditor,
        person.public_id,
        {"lines": 1, "as": "csv"},
    )


def test_the_json_lines_export_has_one_entry_per_line(signed_in, reader):
    answer = signed_in.get(reverse("network:export-audit-log", args=["jsonl"]), {"kind": "did"})
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [(row["verb"], row["details"]) for row in rows] == [("judged", {"strength": "urges"})]
    assert signed_in.get(reverse("network:export-audit-log", args=["xml"])).status_code == 404


def test_an_auditor_can_find_out_who_accessed_a_person_in_a_period(signed_in, person, reader, auditor):
    page = signed_in.get(reverse("network:trace-accesses"), time_range(person=person.public_id))
    assert [(one.actor, one.details["fields"], one.subject) for one in page.context["sights"]] == [
        (reader, ["email", "name"], "directory")
    ]
    rows = signed_in.get(reverse("network:export-accesses"), time_range(person=person.public_id)).getvalue().decode()
    assert [(row["account"], row["fields"]) for row in csv.DictReader(io.StringIO(rows))] == [
        (reader.public_id, "email; name")
    ]
    traced = [(one.verb, one.actor, one.person) for one in AuditEntry.objects.filter(verb="traced access")]
    assert traced == [("traced access", auditor, person.public_id)] * 2


def test_no_access_is_listed_outside_the_period(signed_in, person, reader):
    later = timezone.now() + timedelta(hours=1)
    asked = {"since": f"{later:%Y-%m-%dT%H:%M}", "until": f"{later + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    page = signed_in.get(reverse("network:trace-accesses"), {"person": person.public_id, **asked})
    assert list(page.context["sights"]) == []
    assert "No one accessed" in page.content.decode()
    turned = {"person": person.public_id, "since": asked["until"], "until": asked["since"]}
    assert signed_in.get(reverse("network:trace-accesses"), turned).status_code == 422
    assert signed_in.get(reverse("network:export-accesses"), turned).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECRETARIAT, Role.EDITOR], ids=str)
def test_no_other_role_can_read_the_audit_log(role, reader):
    client = sign_in(Client(), make_account(role), staff_session="to look into the trail")
    names = ("audit-log", "all-staff-sessions", "trace-accesses", "export-accesses")
    assert [client.get(reverse(f"network:{name}")).status_code for name in names] == [403] * 4
    assert client.get(reverse("network:export-audit-log", args=["csv"])).status_code == 403


def test_an_auditor_needs_a_second_factor(auditor, reader):
    client = sign_in(Client(), auditor, second_factor=False)
    assert client.get(reverse("network:audit-log"))["Location"].startswith(reverse("network:second-factor"))
    assert client.get(reverse("network:export-audit-log", args=["csv"])).status_code == 302
    assert AuditEntry.objects.filter(verb="exported the audit log").count() == 0
