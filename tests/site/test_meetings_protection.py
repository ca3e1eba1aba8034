"""People at risk can attend a meeting: hidden at their request, even without an account."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import list_guests
from samsvar.site.meetings.registration.actions import delegations, invitations
from samsvar.site.meetings.registration.actions import emails as actions
from samsvar.site.network.directory.actions.people import hide_participant_profile
from samsvar.site.network.models import OutgoingEmail, Person
from samsvar.territories import territory_name
from tests.factories.meetings import make_meeting, make_organiser, make_registration
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SAID = {"name": "Ilvane Brookmantle", "country": "XC", "language": "en", "listed": "public", "photographs": "yes"}


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    return make_meeting(opens_at=timezone.now() - timedelta(days=1), begins=in_days(30), ends=in_days(32))


def in_days(number: int) -> Any:
    return (timezone.now() + timedelta(days=number)).date()


def invitation_link(meeting: models.Meeting, **more: Any) -> str:
    invitation = invitations.create_invitation(
        meeting, "guest@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", **more,
    )  # fmt: skip
    return reverse("meetings:invitation", args=[meeting.public_id, actions.link_token(invitation)])


def registration_link(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions.link_token(row)])


def protection_status(row: models.Registration) -> tuple[Any, ...]:
    row.refresh_from_db()
    person = Person.objects.get(pk=row.person_id)
    return person.at_risk, person.pseudonym, row.listed, row.photographs


def test_a_registrant_can_be_hidden_from_the_first_moment(client, meeting):
    where = invitation_link(meeting)
    said = {**SAID, "hide": "on"}
    assert "Choose a name that does not identify you." in client.post(where, said).content.decode()
    assert client.post(where, {**SAID, "pseudonym": "A. Heron"}).status_code == 422
    assert models.Registration.objects.count() == 0
    client.post(where, {**said, "pseudonym": "A. Heron"})
    row = models.Registration.objects.get()
    assert protection_status(row) == (True, "A. Heron", "organisers", False)
    assert [one.name for one in list_guests(None, [row], subject="tests", with_organisation=True)] == ["A. Heron"]
    line = AuditEntry.objects.get(verb="turned on safety protection")
    assert (line.details["meeting"], line.details["asked_by_themselves"]) == (meeting.public_id, True)


def test_a_guest_can_start_and_end_protection_by_link_without_becoming_visible(client, meeting):
    client.post(invitation_link(meeting), SAID)
    row = models.Registration.objects.get()
    models.NetworkingOptIn.objects.create(registration=row, about="Shelters")
    assert protection_status(row) == (False, "", "public", True)
    assert client.post(registration_link(row), {"do": "hide", "pseudonym": " "}).status_code == 422
    client.post(registration_link(row), {"do": "hide", "pseudonym": "A. Heron"})
    assert (protection_status(row), models.NetworkingOptIn.objects.count()) == (
        (True, "A. Heron", "organisers", False),
        0,
    )
    assert "Your identity is hidden for safety reasons" in client.get(registration_link(row)).content.decode()
    client.post(registration_link(row), {**SAID, "language": "fr"})  # other choices do not make them visible
    assert protection_status(row) == (True, "A. Heron", "organisers", False)
    site_secretary = make_account(Role.SECRETARIAT)
    OutgoingEmail.objects.all().delete()
    client.post(registration_link(row), {"do": "show"})
    assert protection_status(row) == (False, "", "organisers", False)
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == sorted(
        [site_secretary.email, "guest@network.example"]
    )
    assert not any("Brookmantle" in letter.body or "Heron" in letter.body for letter in OutgoingEmail.objects.all())


def test_an_account_holder_can_end_protection_only_in_their_account(client, meeting):
    account = make_account(email="guest@network.example")
    make_person(account=account, details={Field.NAME: "Ilvane Brookmantle"})
    sign_in(client, account)
    client.post(invitation_link(meeting), {**SAID, "hide": "on", "pseudonym": "A. Heron"})
    row = models.Registration.objects.get()
    assert protection_status(row) == (True, "A. Heron", "organisers", False)
    page = client.get(reverse("meetings:my-registration", args=[meeting.public_id])).content.decode()
    assert reverse("network:end-protection") in page
    assert client.post(registration_link(row), {"do": "show"}).status_code == 409
    assert protection_status(row) == (True, "A. Heron", "organisers", False)


def test_an_organiser_can_hide_a_guest_with_a_reason_but_cannot_end_protection(client, meeting):
    Client().post(invitation_link(meeting, state="XC"), SAID)
    row = models.Registration.objects.get()
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    where = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    hide = {"do": "hide", "pseudonym": "A. Heron"}
    assert client.post(where, {**hide, "why": "asked"}).status_code == 422
    OutgoingEmail.objects.all().delete()
    client.post(where, {**hide, "why": "they asked us on the telephone"})
    assert protection_status(row) == (True, "A. Heron", "organisers", False)
    (letter,) = OutgoingEmail.objects.all()
    assert (letter.to, "Heron" in letter.body, "hid" in letter.body) == ("guest@network.example", False, False)
    client.post(where, {**hide, "pseudonym": "Another", "why": "they asked us on the telephone"})
    assert protection_status(row)[1] == "A. Heron"  # the pseudonym agreed with them is kept
    page = client.get(where).content.decode().partition("<main")[2]
    assert ("Identity hidden for safety reasons" in page, territory_name("XC", "en") in page) == (True, False)
    client.post(where, {"do": "show"})
    assert protection_status(row)[0] is True


def make_delegation(meeting: models.Meeting, places: int = 2) -> models.Delegation:
    return delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=places, head_email="head@network.example", state="XC",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip


def delegation_link(delegation: models.Delegation) -> str:
    return reverse("meetings:delegation", args=[delegation.meeting.public_id, actions.link_token(delegation)])


def nomination_link(row: models.Registration) -> str:
    assert row.invitation is not None
    return reverse("meetings:invitation", args=[row.meeting.public_id, actions.link_token(row.invitation)])


def test_a_head_of_delegation_sees_the_name_they_entered_and_then_the_pseudonym(client, meeting):
    """The link of the head needs no account, so the name in the nominee's own profile is not for it."""
    account = make_account(email="guest@network.example")
    person = make_person(account=account, details={Field.NAME: "Rodica Felinar"})
    delegation = make_delegation(meeting)
    row = delegations.nominate_person(
        delegation=delegation, by=None, name="Typed Bythehead", email="guest@network.example"
    )
    said = {"language": "en", "listed": "organisers"}
    assert sign_in(Client(), account).post(nomination_link(row), said).status_code == 302
    row.refresh_from_db()
    assert (row.person_id, row.status) == (person.pk, "confirmed")  # there is a name that could leak
    before = client.get(delegation_link(delegation)).content.decode()
    hide_participant_profile(person=row.person, pseudonym="A. Heron", by=account, meeting="meeting", own=True)
    after = client.get(delegation_link(delegation)).content.decode().partition("<main")[2]
    names = ("Typed Bythehead", "Rodica Felinar", "A. Heron")
    assert [name in before for name in names] == [True, False, False]
    assert [name in after for name in names] == [False, False, True]
    assert "risk" not in after
    sights = AuditEntry.objects.filter(verb="saw", person=person.public_id, subject__contains="delegation")
    assert [(line.actor, line.subject, line.details) for line in sights] == [
        (None, f"delegation {delegation.public_id}, by the link of its head", {"fields": ["name"]})
    ] * 2


def test_a_head_of_delegation_gets_the_same_answer_for_every_address(meeting):
    """Registered, at risk, with an account, nominated by another delegation, or unknown: page and queries are equal."""
    guest = make_registration(meeting, "Ana Moreau", account=make_account(email="registered@network.example"))
    make_registration(
        meeting, "Eva Moreau", account=make_account(email="at-risk@network.example"), at_risk=True, pseudonym="A. Heron"
    )
    make_account(email="account@network.example")
    delegations.nominate_person(
        delegation=make_delegation(meeting), by=None, name="Dora", email="nominated@network.example"
    )
    assert guest.status == "confirmed"
    answers = {}
    for address in ("unknown", "registered", "at-risk", "account", "nominated"):
        delegation, head = make_delegation(meeting), Client()
        head.get(delegation_link(delegation))
        nominee = {
            "name": "Some One",
            "email": f"{address}@network.example",
            "category": "participant",
            "language": "en",
        }
        with CaptureQueriesContext(connection) as queries:
            answer = head.post(delegation_link(delegation), nominee)
        emails = OutgoingEmail.objects.filter(to=nominee["email"]).count()
        page = head.get(delegation_link(delegation)).content.decode().partition("<main")[2]
        shown = (page.count("Some One"), "nominated" in page)
        answers[address] = (answer.status_code, len(queries), emails - (address == "nominated"), shown)
        again = head.post(delegation_link(delegation), nominee)
        assert (again.status_code, "You have already nominated" in again.content.decode()) == (409, True)
    assert set(answers.values()) == {answers["unknown"]}, answers
    assert answers["unknown"][0] == 302


def test_organisers_see_who_may_be_photographed_and_always_no_for_people_at_risk(client, meeting):
    said = {"Ana Moreau": True, "Dorin Kest": False, "Otto Birk": None}
    rows = [make_registration(meeting, name, photographs=yes) for name, yes in said.items()]
    make_registration(meeting, "Ilvane Brookmantle", photographs=True, at_risk=True, pseudonym="A. Heron")
    sign_in(client, make_organiser(meeting), staff_session="preparing the meeting")
    where = reverse("meetings:manage-registrations", args=[meeting.public_id])
    names, found = [*said, "Ilvane Brookmantle"], {}
    for one in ("yes", "no", "unsaid"):
        page = client.get(where, {"photographs": one}).content.decode()
        found[one] = [name for name in names if f">{name}</a>" in page]
    assert found == {"yes": ["Ana Moreau"], "no": ["Dorin Kest", "Ilvane Brookmantle"], "unsaid": ["Otto Birk"]}
    page = client.get(where).content.decode()
    assert [
        f"{word}: {n}" in page for word, n in (("may be photographed", 1), ("no photographs", 2), ("no answer", 1))
    ] == [True] * 3
    own = client.get(
        reverse("meetings:manage-registration", args=[meeting.public_id, rows[0].public_id])
    ).content.decode()
    assert "may be photographed" in own
    taken = client.post(reverse("meetings:export-registrations", args=[meeting.public_id]), {}).content.decode(
        "utf-8-sig"
    )
    assert [(row["name"], row["photographs"]) for row in csv.DictReader(io.StringIO(taken))] == [
        ("Ana Moreau", "yes"),
        ("Dorin Kest", "no"),
        ("Otto Birk", "unsaid"),
    ]
