"""Nothing of a room appears anywhere before it is published: not on a page, in a list, search, file, log or export.

The room has a mark in every text column of its tables. The tests first make sure that the marks are in the database,
because they could not fail otherwise. Then every kind of visitor follows every link.
"""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models as columns
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from selectolax.lexbor import LexborHTMLParser

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.models import Room, RoomMember, RoomPublication
from samsvar.site.implementation.rooms import actions
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.models import Account, FormDraft, OutgoingEmail
from samsvar.site.network.privacy.actions.privacy import export_personal_data
from samsvar.site.network.scheduled import run_daily_tasks
from tests.factories.attacks import content_of, routes
from tests.factories.implementation import (
    make_evidence,
    make_measure,
    make_organisation,
    make_representative,
    make_room,
)
from tests.factories.people import make_account, make_person, sign_in
from tests.factories.privacy import dump_database, make_marker
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

PRIVATE_TABLES = ("Room", "RoomMember", "RoomSection", "RoomSectionVersion")
# Columns whose values the site interprets: a language code and the ID in the address.
NOT_TEXT = {("Room", "language"), ("Room", "public_id")}
SAME_PAGES_AS_ANOTHER = {"reader", "ministry", "contributor without an organisation"}
PAGES_OF_A_VISITOR = 250  # a crawl ends long before; more would be a loop


def make_marked_room():
    """Create a room with a mark in every text column, and the visitors."""
    load_convention()
    world = SimpleNamespace(marks={})
    world.report = make_report(reading=make_reading([make_finding(1), make_finding(2)]))
    finding = world.report.findings.first()
    measure = make_measure("Run the helpline day and night")
    world.ngo = make_organisation("Lamp House")
    make_evidence(measure, organisation=world.ngo, side="civil_society")
    make_evidence(finding)
    world.writer = make_representative(world.ngo)
    world.room = make_room(world.writer, world.ngo, report=world.report, title=make_marker())
    world.marks["Room", "title"] = [world.room.title]
    world.marks["Room", "public_id"] = [world.room.public_id]
    world.marks["RoomSection", "heading"], world.marks["RoomSection", "text"] = [make_marker()], []
    world.marks["RoomSectionVersion", "text"] = []
    (heading,) = world.marks["RoomSection", "heading"]
    for section in (
        actions.add_section(by=world.writer, room=world.room, finding=finding),
        actions.add_section(by=world.writer, room=world.room, heading=heading),
    ):
        earlier, current = make_marker(), make_marker()
        for version, text in enumerate((earlier, current)):
            section = actions.save_section(by=world.writer, room=world.room, section=section, text=text, seen=version)
        world.marks["RoomSectionVersion", "text"].append(earlier)
        world.marks["RoomSection", "text"].append(current)
    world.section = section
    unsent = make_marker()
    world.marks["FormDraft", "fields"] = [unsent]
    FormDraft.objects.create(
        account=world.writer, page=path("room-section", world, section.pk), form="0", fields={"text": [unsent]}
    )
    world.visitors = {
        "nobody": None,
        "reader": make_account(Role.READER),
        "contributor without an organisation": make_account(Role.CONTRIBUTOR),
        "colleague who was not let in": make_representative(world.ngo),
        "another NGO": make_representative(make_organisation("Harbour House")),
        "ministry": make_representative(make_organisation("Ministry", kind="ministry")),
        "desk": make_account(Role.NATIONAL_DESK, state="XA"),
        "editor": make_account(Role.EDITOR),
        "reviewer": make_account(Role.REVIEWER),
        "secretariat": make_account(Role.SECRETARIAT),
        "administrator": make_account(Role.ADMINISTRATOR),
        "auditor": make_account(Role.AUDITOR),
    }
    make_person(account=world.visitors["secretariat"])
    return world


def path(name, world, *args):
    return reverse(f"implementation:{name}", args=[world.room.public_id, *args])


@pytest.fixture(scope="module")
def world(module_rows):
    with module_rows():
        yield make_marked_room()


def all_marks(world):
    return [mark for marks in world.marks.values() for mark in marks]


def marks_in(world, text, *, but=()):
    """Return the columns whose marks occur in a text; its own address may be repeated to a visitor who typed it."""
    return sorted(
        f"{table}.{column}"
        for (table, column), marks in world.marks.items()
        if (table, column) not in but and any(mark in text for mark in marks)
    )


def text_of(answer):
    """Return the body of a response as text, with the files in an archive or workbook, and its headers."""
    content = content_of(answer)
    parts = [content, str(answer.headers).encode()]
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(parts).decode("utf-8", "replace")


def test_there_is_something_to_leak_in_every_text_column(world):
    text_columns = {
        (name, field.name)
        for name in PRIVATE_TABLES
        for field in apps.get_model("samsvar_implementation", name)._meta.local_concrete_fields
        if isinstance(field, columns.CharField | columns.TextField | columns.JSONField)
    }
    assert {key for key in world.marks if key[0] in PRIVATE_TABLES} == text_columns - NOT_TEXT | {("Room", "public_id")}
    stored = dump_database()
    assert [mark for mark in all_marks(world) if mark not in stored] == []
    # and a member does see it, so that a mark on a page would be recognised
    client = sign_in(Client(), world.writer)
    seen = [
        text_of(client.get(path("room", world))),
        text_of(client.get(path("room-section", world, world.section.pk))),
    ]
    seen.append(text_of(client.get(path("room-docx", world))))
    seen.append(
        text_of(client.get(reverse("network:form-drafts"), {"page": path("room-section", world, world.section.pk)}))
    )
    assert marks_in(world, "".join(seen)) == sorted(f"{table}.{column}" for table, column in world.marks)


# A crawl of the whole site takes seconds for each visitor: that is what is tested. Those who reach the same pages as
# another (a reader, a ministry, a contributor without an organisation) only try the addresses of the room.
@pytest.mark.parametrize(
    "name",
    [
        "nobody", "reader", "contributor without an organisation", "colleague who was not let in", "another NGO",
        "ministry", "desk", "editor", "reviewer", "secretariat", "administrator", "auditor",
    ],
)  # fmt: skip
def test_no_page_or_file_that_a_visitor_can_reach_shows_anything_of_a_room(world, name):
    account = world.visitors[name]
    client = Client()
    if account is not None:
        sign_in(client, account, staff_session="a test of rooms" if name in {"secretariat", "administrator"} else "")
    starts = [route.address() for route in routes() if not route.parameters and "sign-out" not in route.pattern]
    starts += [
        reverse("pages:country", args=["XA"]), reverse("pages:country-tab", args=["XA", "progress"]),
        reverse("implementation:state-evidence", args=["XA"]), reverse("network:organisation", args=["lamp-house"]),
        f"{reverse('network:audit-log')}?subject=room", reverse("network:export-audit-log", args=["csv"]),
        reverse("network:export-audit-log", args=["json"]),
    ]  # fmt: skip
    starts += [f"{reverse('search:search')}?q={mark}" for mark in world.marks["RoomSection", "text"]]
    starts += [f"{reverse('monitoring:findings')}?q={mark}" for mark in world.marks["Room", "title"]]
    leaks = crawl(client, world, starts if name not in SAME_PAGES_AS_ANOTHER else [])
    assert leaks == {}
    rooms = [
        path("room", world), path("room-section", world, world.section.pk), path("room-docx", world),
        path("room-markdown", world), path("publish-room", world), path("delete-room", world),
        f"{reverse('network:form-drafts')}?page={path('room-section', world, world.section.pk)}",
    ]  # fmt: skip
    own_words = (("Room", "public_id"),)  # in the address that the visitor typed
    for address in rooms:
        answer = client.get(address)
        assert marks_in(world, text_of(answer), but=own_words) == [], address
        if "drafts" not in address:
            assert answer.status_code in {302, 403, 404}, address
            assert answer.status_code == 404 or name not in {"desk", "secretariat"}, address


@cache
def name_of_page(path):
    """Return the name of the view at a path, or the path if it has none; None if it is not one of the site's."""
    try:
        return resolve(path).view_name or path
    except Resolver404:
        return None


def crawl(client, world, starts):
    """Follow all links from some addresses, one of each kind, and return the columns of a room that each page shows."""
    leaks, visited, waiting = {}, set(), list(starts)
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        page = name_of_page(parts.path)
        kind = (page, parts.query and address in starts and parts.query)
        if page is None or kind in visited:
            continue
        visited.add(kind)
        assert len(visited) < PAGES_OF_A_VISITOR
        answer = client.get(address)
        text = text_of(answer)
        typed = [key for key, marks in world.marks.items() if any(mark in parts.query for mark in marks)]
        allowed = [*typed, ("Room", "public_id")] if "audit" in parts.path else typed  # the log's subject is the ID
        if shown := marks_in(world, text, but=allowed):
            leaks[address] = shown
        if answer.status_code == 302:
            waiting.append(answer["Location"])
        elif answer.get("Content-Type", "").startswith("text/html"):
            links = (node.attributes.get("href") or "" for node in LexborHTMLParser(text).css("a[href]"))
            waiting += [link for link in links if link.startswith("/") and "sign-out" not in link]
    return leaks


def test_the_audit_log_has_neither_title_nor_text_nor_organisation(world):
    actions.publish_room(by=world.writer, room=world.room)
    actions.let_in(by=world.writer, room=world.room, email=world.visitors["colleague who was not let in"].email)
    actions.delete_room(by=world.writer, room=world.room)
    entries = list(AuditEntry.objects.filter(actor=world.writer).values("verb", "subject", "details", "person", "why"))
    assert {"created a room", "let someone into a room", "deleted a room"} <= {entry["verb"] for entry in entries}
    logged = json.dumps(entries)
    assert marks_in(world, logged) == ["Room.public_id"]
    assert "lamp-house" not in logged
    assert "XA" not in logged


def test_no_email_task_or_log_contains_anything_of_a_room(world, caplog, mailoutbox):
    with caplog.at_level("DEBUG"):
        client = sign_in(Client(), world.writer)
        client.post(path("room-section", world, world.section.pk), {"text": world.room.title, "seen": "2"})
        client.post(path("room-section", world, world.section.pk), {"text": world.room.title, "seen": "not a number"})
        run_daily_tasks.func()
    by_id = (("Room", "public_id"),)  # the log of requests names addresses
    text = "\n".join(
        record.getMessage() + str(record.__dict__) for record in caplog.records if record.name != "django.db.backends"
    )
    assert marks_in(world, text, but=by_id) == []
    assert OutgoingEmail.objects.count() == 0
    assert mailoutbox == []


def test_no_command_of_an_operator_prints_anything_of_a_room(world, capsys):
    """There is no command to back up or restore; these are the ones that follow a restored backup."""
    for command in (["erase_person", "--list"], ["retention"], ["check"], ["makemigrations", "--check", "--dry-run"]):
        call_command(*command)
    printed = capsys.readouterr()
    assert marks_in(world, printed.out + printed.err) == []


def test_the_exported_data_of_no_one_contains_anything_of_a_room(world):
    for account in [*Account.objects.exclude(pk=world.writer.pk)]:
        packed = export_personal_data(subject=resolve_subject(account=account), by=account)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            text = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        assert marks_in(world, text) == [], account.email
    # a member's own export says that they can open a room, and contains only what they have not sent
    packed = export_personal_data(subject=resolve_subject(account=world.writer), by=world.writer)
    text = zipfile.ZipFile(io.BytesIO(packed)).read("my-data.json").decode()
    assert "room_memberships" in text
    assert marks_in(world, text, but=(("Room", "public_id"),)) == ["FormDraft.fields"]


def test_a_room_is_never_in_a_shared_cache_and_does_not_change_the_number_of_the_page_cache(world):
    from samsvar.site.audit.models import ChangeNumber
    from samsvar.site.shell.cache import SHARED_CACHE_CONTROL

    before = ChangeNumber.objects.values_list("number", flat=True).first()
    actions.save_section(by=world.writer, room=world.room, section=world.section, text="again", seen=2)
    assert ChangeNumber.objects.values_list("number", flat=True).first() == before
    client = sign_in(Client(), world.writer)
    for address in (path("room", world), path("room-section", world, world.section.pk), path("room-docx", world)):
        answer = client.get(address)
        assert answer["Cache-Control"] != SHARED_CACHE_CONTROL
        assert "private" in answer["Cache-Control"], address


def test_publishing_shows_only_the_current_texts(world):
    publication = actions.publish_room(by=world.writer, room=world.room)
    shown = text_of(Client().get(reverse("implementation:published-comment", args=[publication.public_id])))
    assert marks_in(world, shown) == ["Room.title", "RoomSection.heading", "RoomSection.text"]
    assert not (set(all_marks(world)) - set(world.marks["Room", "title"])) & set(
        text_of(Client().get(reverse("implementation:state-evidence", args=["XA"]))).split()
    )


def test_nothing_is_left_in_the_database_after_a_room_is_deleted(world):
    actions.publish_room(by=world.writer, room=world.room)
    actions.delete_room(by=world.writer, room=world.room)
    stored = dump_database()
    assert marks_in(world, stored) == ["Room.public_id"]  # in the audit log
    assert not Room.objects.exists()
    assert not RoomMember.objects.exists()
    assert not RoomPublication.objects.exists()


def test_the_permission_of_a_room_is_not_one_that_can_be_granted():
    """No role has a claim to rooms: a place in the room is needed, whatever the claims."""
    assert not [claim for claim in Claim if "room" in claim.value]
