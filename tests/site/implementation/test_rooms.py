"""An organisation's own room: who can open it, how its members write, and what publishing shows to everyone."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from samsvar.implementation.measures import MeasureVisibility
from samsvar.network.rights import Claim, Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.measures.actions import link_answer
from samsvar.site.implementation.reports.actions import publish_submission
from samsvar.site.implementation.rooms import actions
from samsvar.site.implementation.rooms.models import (
    Room,
    RoomMember,
    RoomPublication,
    RoomSection,
    RoomSectionVersion,
)
from samsvar.site.network.models import FormDraft, Refusal
from tests.factories.implementation import make_measure, make_organisation, make_representative, make_room
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.reports_back import make_draft, make_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A report on a state, an NGO with a room about it, a colleague and another NGO."""
    load_convention()
    it = SimpleNamespace()
    it.report = make_report(reading=make_reading([make_finding(1), make_finding(2)]))
    it.first, it.second = it.report.findings.order_by("ordinal")
    it.ngo, it.other_ngo = make_organisation("Lamp House"), make_organisation("Harbour House")
    it.writer, it.colleague = make_representative(it.ngo), make_representative(it.ngo)
    it.stranger = make_representative(it.other_ngo)
    it.room = make_room(it.writer, it.ngo, report=it.report)
    return it


def write(world, text, *, finding=None, by=None):
    finding = finding or world.first
    section = RoomSection.objects.filter(room=world.room, finding_id=finding.public_id).first()
    section = section or actions.add_section(by=world.writer, room=world.room, finding=finding)
    return actions.save_section(
        by=by or world.writer, room=world.room, section=section, text=text, seen=section.version
    )


def address(name, room, *args):
    return reverse(f"implementation:{name}", args=[room.public_id, *args])


# --- Who can open it --------------------------------------------------------------------------------------------------


def intruders(world):
    """Return accounts that must not get in, with each way in which they try."""
    puppet = make_representative(world.ngo)  # appointed by a secretariat that wants to read along
    bound = make_representative(world.ngo, Role.CONTRIBUTOR)
    bound.grants.create(role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    former_desk = make_representative(world.ngo, Role.CONTRIBUTOR)
    former_desk.grants.create(
        role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now() - timedelta(days=90),
        until=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    refused = make_representative(world.ngo)
    Refusal.objects.create(account=refused, claim=Claim.CONTRIBUTE, since=timezone.now(), reason="a conflict")
    former_member = make_representative(world.ngo)
    former_member.person.memberships.update(ends=timezone.localdate() - timedelta(days=1))
    let_in = {
        "desk of another state, in the NGO": make_representative(world.ngo, Role.NATIONAL_DESK, state="XB"),
        "desk and contributor": bound,
        "desk until yesterday": former_desk,
        "secretariat that appointed itself": make_representative(world.ngo, Role.CONTRIBUTOR, Role.SECRETARIAT),
        "administrator in the NGO": make_representative(world.ngo, Role.CONTRIBUTOR, Role.ADMINISTRATOR),
        "auditor in the NGO": make_representative(world.ngo, Role.CONTRIBUTOR, Role.AUDITOR),
        "former member": former_member,
        "refused": refused,
        "reader in the NGO": make_representative(world.ngo, Role.READER),
        "another NGO": world.stranger,
        "ministry": make_representative(make_organisation("Ministry", kind="ministry")),
    }
    for account in let_in.values():  # even one that has a place in the room
        RoomMember.objects.create(room=world.room, account=account)
    return let_in | {
        "colleague who was not let in": world.colleague,
        "account made for the purpose": puppet,
        "contributor without an organisation": make_account(Role.CONTRIBUTOR),
        "desk": make_account(Role.NATIONAL_DESK, state="XA"),
        "editor": make_account(Role.EDITOR),
        "secretariat": make_account(Role.SECRETARIAT),
        "administrator": make_account(Role.ADMINISTRATOR),
        "auditor": make_account(Role.AUDITOR),
        "reader": make_account(Role.READER),
    }


def test_only_a_member_of_the_room_who_represents_the_organisation_can_open_it(world):
    section = write(world, "What we see in our shelters.")
    addresses = [
        address("room", world.room), address("room-section", world.room, section.pk),
        address("room-docx", world.room), address("room-markdown", world.room), address("publish-room", world.room),
        address("delete-room", world.room),
    ]  # fmt: skip
    opened = {}
    for name, account in intruders(world).items():
        staff = "a test of rooms" if account.grants.filter(role__in=("secretariat", "administrator")).exists() else ""
        client = sign_in(Client(), account, staff_session=staff)
        for path in addresses:
            answers = {client.get(path).status_code, client.post(path, {"text": "x", "seen": 1}).status_code}
            if not answers <= {403, 404, 405}:
                opened[name, path] = answers
    assert opened == {}
    assert [sign_in(Client(), world.writer).get(path).status_code for path in addresses] == [200] * 6
    assert Client().get(addresses[0]).status_code in {302, 404}
    assert RoomSection.objects.get().text == "What we see in our shelters."


def test_a_room_that_one_may_not_open_answers_as_one_that_does_not_exist(world):
    for account in (make_account(Role.NATIONAL_DESK, state="XA"), make_account(Role.SECRETARIAT), world.stranger):
        client = sign_in(Client(), account, staff_session="a test")
        theirs, none = client.get(address("room", world.room)), client.get("/en/rooms/0000000000000000/")
        assert (theirs.status_code, none.status_code) == (404, 404)
        contents = [answer.content.decode().split("<main")[1].split("</main>")[0] for answer in (theirs, none)]
        assert contents[0].replace(world.room.public_id, "") == contents[1].replace("0" * 16, "")


def test_no_action_works_for_someone_outside_the_room(world):
    section = write(world, "ours")
    for by in (world.stranger, world.colleague, make_account(Role.NATIONAL_DESK, state="XA")):
        for act in (
            lambda by=by: actions.add_section(by=by, room=world.room, heading="h"),
            lambda by=by: actions.add_outline(by=by, room=world.room),
            lambda by=by: actions.save_section(by=by, room=world.room, section=section, text="theirs", seen=1),
            lambda by=by: actions.delete_section(by=by, room=world.room, section=section),
            lambda by=by: actions.let_in(by=by, room=world.room, email=by.email),
            lambda by=by: actions.remove_member(by=by, room=world.room, member=world.room.members.get()),
            lambda by=by: actions.publish_room(by=by, room=world.room),
            lambda by=by: actions.withdraw_publication(by=by, room=world.room),
            lambda by=by: actions.delete_room(by=by, room=world.room),
        ):
            with pytest.raises(PermissionDenied):
                act()
    with pytest.raises(PermissionDenied):
        make_room(world.stranger, world.ngo)
    assert RoomSection.objects.get().text == "ours"


def test_a_colleague_is_let_in_and_every_other_address_gets_the_same_answer(world):
    others = {name: account.email for name, account in intruders(world).items()} | {"none": "no-one@nordmark.example"}
    del others["colleague who was not let in"], others["account made for the purpose"]  # they are colleagues
    before = set(world.room.members.values_list("account", flat=True))
    for email in others.values():
        with pytest.raises(actions.NoColleague):
            actions.let_in(by=world.writer, room=world.room, email=email)
    assert set(world.room.members.values_list("account", flat=True)) == before
    client = sign_in(Client(), world.writer)
    answer = client.post(address("room-members", world.room), {"email": world.stranger.email}, follow=True)
    assert "No account with this email address can be let in." in answer.content.decode()
    answer = client.post(address("room-members", world.room), {"email": world.colleague.email.upper()}, follow=True)
    assert "Your colleague can open the room now" in answer.content.decode()
    assert sign_in(Client(), world.colleague).get(address("room", world.room)).status_code == 200


def test_a_member_who_is_removed_or_leaves_cannot_open_the_room_and_loses_their_drafts(world):
    member = actions.let_in(by=world.writer, room=world.room, email=world.colleague.email)
    path = address("room", world.room)
    for account in (world.writer, world.colleague):
        FormDraft.objects.create(account=account, page=path, form="0", fields={"heading": ["unsent"]})
    actions.remove_member(by=world.writer, room=world.room, member=member)
    assert sign_in(Client(), world.colleague).get(path).status_code == 404
    assert [draft.account for draft in FormDraft.objects.all()] == [world.writer]
    with pytest.raises(actions.LastMember):
        actions.remove_member(by=world.writer, room=world.room, member=world.room.members.get())


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_a_section_is_written_beside_the_printed_finding_and_the_states_public_measures(world):
    public = make_measure("Run the helpline day and night")
    hidden = make_measure("A plan of the desk", visibility=MeasureVisibility.DESK)
    for measure in (public, hidden):
        link_answer(by=None, measure=measure, finding=world.first)
    client = sign_in(Client(), world.writer)
    answer = client.post(address("room", world.room), {"finding": world.first.public_id, "heading": ""})
    section = RoomSection.objects.get()
    assert answer["Location"] == address("room-section", world.room, section.pk)
    page = client.get(answer["Location"])
    shown = page.content.decode()
    assert world.first.text in shown
    assert "Run the helpline day and night" in shown
    assert "A plan of the desk" not in shown  # a contributor does not see more than the public
    assert page["Cache-Control"] == "private, no-store"
    client.post(answer["Location"], {"text": "Not at night.", "seen": "0"})
    client.post(answer["Location"], {"text": "Not at night, in March.", "seen": "1"})
    section.refresh_from_db()
    assert (section.text, section.version) == ("Not at night, in March.", 2)
    assert [version.text for version in section.versions.all()] == ["Not at night, in March.", "Not at night."]
    assert "Version 1, " in client.get(answer["Location"]).content.decode()


def test_what_the_state_has_published_in_a_report_back_is_shown_beside_the_text(world):
    section = write(world, "It is not.")
    path = address("room-section", world.room, section.pk)
    client = sign_in(Client(), world.writer)
    draft = make_draft(world.report, title="Report back of 2026")
    submission = make_submission(draft, publish=False)  # says “In force.” about the first finding
    assert "In force." not in client.get(path).content.decode()  # submitted, not published
    publish_submission(by=None, draft=submission.draft)
    shown = client.get(path).content.decode()
    assert "In force." in shown
    assert reverse("implementation:published-report", args=[draft.public_id]) in shown


def test_two_members_do_not_overwrite_each_other(world):
    actions.let_in(by=world.writer, room=world.room, email=world.colleague.email)
    section = write(world, "first")
    actions.save_section(by=world.colleague, room=world.room, section=section, text="second", seen=1)
    path = address("room-section", world.room, section.pk)
    answer = sign_in(Client(), world.writer).post(path, {"text": "mine", "seen": "1"})
    assert answer.status_code == 409
    assert "mine" in answer.content.decode()  # the typed text is still there
    assert RoomSection.objects.get().text == "second"


def test_an_outline_has_one_section_for_each_finding_and_keeps_those_that_exist(world):
    write(world, "ours", finding=world.second)
    assert actions.add_outline(by=world.writer, room=world.room) == 1
    assert actions.add_outline(by=world.writer, room=world.room) == 0
    found = [(section.finding_id, section.text) for section in world.room.sections.all()]
    assert found == [(world.second.public_id, "ours"), (world.first.public_id, "")]
    with pytest.raises(actions.SectionExists):
        actions.add_section(by=world.writer, room=world.room, finding=world.first)


def test_an_outline_of_a_shadow_report_has_its_chapters_in_the_language_of_the_room(world):
    room = make_room(world.writer, world.ngo, title="En français", language="fr")
    client = sign_in(Client(), world.writer)
    client.post(address("room-outline", room), {"chapters": "yes"})
    headings = [section.heading for section in room.sections.all()]
    assert headings[:3] == [
        "L’organisation",
        "Politiques, financement et données (articles 7, 8 et 11)",
        "Prévention (articles 12 à 16)",
    ]
    assert actions.add_chapters(by=world.writer, room=room) == 0


def test_a_room_is_about_the_state_of_its_report(world):
    client = sign_in(Client(), world.writer)
    data = {"organisation": world.ngo.public_id, "title": "T", "state": "XB", "report": world.report.public_id,
            "language": "en"}  # fmt: skip
    answer = client.post(reverse("implementation:new-room"), data)
    assert answer.status_code == 422
    assert "This report is about another state." in answer.content.decode()
    answer = client.post(reverse("implementation:new-room"), data | {"state": "XA"})
    assert answer["Location"] == address("room", Room.objects.get(title="T"))
    data["organisation"] = world.other_ngo.public_id
    assert client.post(reverse("implementation:new-room"), data | {"state": "XA"}).status_code == 422


def test_the_export_contains_the_printed_finding_and_the_text_as_text(world):
    write(world, "# Not a heading\n\nWe counted *nine* nights.\n1. one")
    actions.add_section(by=world.writer, room=world.room, heading="What we ask for")
    client = sign_in(Client(), world.writer)
    document = Document(io.BytesIO(client.get(address("room-docx", world.room)).content))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    for words in ("Our comments", "Lamp House", f"“{world.first.text}”", "# Not a heading", "[Nothing written yet]"):
        assert words in paragraphs, words
    answer = client.get(address("room-markdown", world.room))
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    lines = answer.content.decode().splitlines()
    for line in ("# Our comments", "\\# Not a heading", "We counted \\*nine\\* nights.", "1\\. one",
                 "## 2 What we ask for"):  # fmt: skip
        assert line in lines, (line, lines)


# --- Publishing and deleting ------------------------------------------------------------------------------------------


def test_publishing_shows_a_copy_that_later_changes_do_not_touch(world):
    with pytest.raises(actions.NothingWritten):
        actions.publish_room(by=world.writer, room=world.room)
    write(world, "Nine nights without an answer.")
    actions.add_section(by=world.writer, room=world.room, heading="An empty section")
    client = sign_in(Client(), world.writer)
    assert "Nine nights" in client.get(address("publish-room", world.room)).content.decode()
    assert not RoomPublication.objects.exists()  # looking publishes nothing
    answer = client.post(address("publish-room", world.room))
    public, everyone = answer["Location"], Client()
    write(world, "Ten nights, we now know.")
    shown = everyone.get(public).content.decode()
    assert "Nine nights without an answer." in shown
    assert "Lamp House" in shown
    assert "An empty section" not in shown
    assert "Ten nights" not in shown
    assert "The room has changed since." in client.get(address("room", world.room)).content.decode()
    publication = RoomPublication.objects.get()
    copy = json.dumps([publication.title, publication.sections], ensure_ascii=False, sort_keys=True).encode()
    assert hashlib.sha256(copy).hexdigest() == publication.content_hash
    assert publication.content_hash in shown
    listed = everyone.get(reverse("implementation:state-evidence", args=["XA"])).content.decode()
    assert "Our comments" in listed
    client.post(address("publish-room", world.room))
    assert "Ten nights" in everyone.get(public).content.decode()
    client.post(address("withdraw-comment", world.room))
    assert everyone.get(public).status_code == 404
    assert RoomSection.objects.filter(text="Ten nights, we now know.").exists()


def test_deleting_a_room_leaves_nothing_of_it(world):
    section = write(world, "ours")
    actions.publish_room(by=world.writer, room=world.room)
    FormDraft.objects.create(
        account=world.writer, page=address("room-section", world.room, section.pk), form="0", fields={"text": ["x"]}
    )
    client = sign_in(Client(), world.writer)
    client.get(address("delete-room", world.room))
    assert Room.objects.exists()
    client.post(address("delete-room", world.room))
    for model in (Room, RoomMember, RoomSection, RoomSectionVersion, RoomPublication, FormDraft):
        assert not model.objects.exists(), model


def test_a_text_survives_when_its_report_is_withdrawn(world):
    section = write(world, "ours")
    world.report.status = "withdrawn"
    world.report.save()
    client = sign_in(Client(), world.writer)
    shown = client.get(address("room-section", world.room, section.pk)).content.decode()
    assert "ours" in shown
    assert "The report with this finding has been withdrawn or read again." in shown
    assert client.get(address("room", world.room)).status_code == 200
    assert client.get(address("room-docx", world.room)).status_code == 200
