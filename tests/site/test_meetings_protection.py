"""Who must not be found can come to a meeting: hidden as they ask, also without an account."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import guests
from samsvar.site.meetings.registration.actions import delegations, invitations
from samsvar.site.meetings.registration.actions import emails as actions
from samsvar.site.network.models import Letter, Person
from samsvar.territories import name_of
from tests.factories.meetings import make_guest, make_meeting, organiser_of
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
SAID = {"name": "Ilvane Brookmantle", "country": "XC", "language": "en", "listed": "public", "photographs": "yes"}


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    return make_meeting(opens_at=timezone.now() - timedelta(days=1), begins=in_days(30), ends=in_days(32))


def in_days(number: int) -> Any:
    return (timezone.now() + timedelta(days=number)).date()


def letter_link(meeting: models.Meeting, **more: Any) -> str:
    invitation = invitations.make_invitation(
        meeting, "guest@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", **more,
    )  # fmt: skip
    return reverse("meetings:invitation", args=[meeting.public_id, actions.token_of(invitation)])


def own_page(row: models.Registration) -> str:
    return reverse("meetings:registration-link", args=[row.meeting.public_id, actions.token_of(row)])


def stands(row: models.Registration) -> tuple[Any, ...]:
    row.refresh_from_db()
    person = Person.objects.get(pk=row.person_id)
    return person.at_risk, person.pseudonym, row.listed, row.photographs


def test_whoever_registers_asks_to_be_hidden_and_is_from_the_first_moment(client, meeting):
    where = letter_link(meeting)
    said = {**SAID, "hide": "on"}
    assert "Choose a name that leads nobody to you." in client.post(where, said).content.decode()
    assert client.post(where, {**SAID, "pseudonym": "A. Heron"}).status_code == 422
    assert models.Registration.objects.count() == 0
    client.post(where, {**said, "pseudonym": "A. Heron"})
    row = models.Registration.objects.get()
    assert stands(row) == (True, "A. Heron", "organisers", False)
    assert [one.name for one in guests(None, [row], subject="tests", with_organisation=True)] == ["A. Heron"]
    line = Entry.objects.get(verb="hid for safety")
    assert (line.details["meeting"], line.details["asked_by_themselves"]) == (meeting.public_id, True)


def test_a_guest_hides_and_ends_it_on_the_page_of_their_link_and_nothing_is_shown_by_that(client, meeting):
    client.post(letter_link(meeting), SAID)
    row = models.Registration.objects.get()
    models.OpenToTalk.objects.create(registration=row, about="Shelters")
    assert stands(row) == (False, "", "public", True)
    assert client.post(own_page(row), {"do": "hide", "pseudonym": " "}).status_code == 422
    client.post(own_page(row), {"do": "hide", "pseudonym": "A. Heron"})
    assert (stands(row), models.OpenToTalk.objects.count()) == ((True, "A. Heron", "organisers", False), 0)
    assert "You are hidden for your safety" in client.get(own_page(row)).content.decode()
    client.post(own_page(row), {**SAID, "language": "fr"})  # what they choose besides shows them nowhere
    assert stands(row) == (True, "A. Heron", "organisers", False)
    site_secretary = make_account(Role.SECRETARIAT)
    Letter.objects.all().delete()
    client.post(own_page(row), {"do": "show"})
    assert stands(row) == (False, "", "organisers", False)
    assert sorted(Letter.objects.values_list("to", flat=True)) == sorted(
        [site_secretary.email, "guest@network.example"]
    )
    assert not any("Brookmantle" in letter.body or "Heron" in letter.body for letter in Letter.objects.all())


def test_who_has_an_account_ends_it_where_they_show_who_they_are(client, meeting):
    account = make_account(email="guest@network.example")
    make_person(account=account, details={Field.NAME: "Ilvane Brookmantle"})
    sign_in(client, account)
    client.post(letter_link(meeting), {**SAID, "hide": "on", "pseudonym": "A. Heron"})
    row = models.Registration.objects.get()
    assert stands(row) == (True, "A. Heron", "organisers", False)
    page = client.get(reverse("meetings:mine-registration", args=[meeting.public_id])).content.decode()
    assert reverse("network:end-protection") in page
    assert client.post(own_page(row), {"do": "show"}).status_code == 409
    assert stands(row) == (True, "A. Heron", "organisers", False)


def test_whoever_runs_the_meeting_hides_somebody_with_a_reason_and_ends_it_not(client, meeting):
    Client().post(letter_link(meeting, state="XC"), SAID)
    row = models.Registration.objects.get()
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    where = reverse("meetings:manage-registration", args=[meeting.public_id, row.public_id])
    hide = {"do": "hide", "pseudonym": "A. Heron"}
    assert client.post(where, {**hide, "why": "asked"}).status_code == 422
    Letter.objects.all().delete()
    client.post(where, {**hide, "why": "they asked us on the telephone"})
    assert stands(row) == (True, "A. Heron", "organisers", False)
    (letter,) = Letter.objects.all()
    assert (letter.to, "Heron" in letter.body, "hid" in letter.body) == ("guest@network.example", False, False)
    client.post(where, {**hide, "pseudonym": "Another", "why": "they asked us on the telephone"})
    assert stands(row)[1] == "A. Heron"  # what was agreed with them stays
    page = client.get(where).content.decode().partition("<main")[2]
    assert ("Hidden for their safety" in page, name_of("XC", "en") in page) == (True, False)
    client.post(where, {"do": "show"})
    assert stands(row)[0] is True


def test_the_head_who_named_somebody_learns_nothing_of_their_protection(client, meeting):
    delegation = delegations.make_delegation(
        meeting=meeting, by=organiser_of(meeting), site=SITE, places=2, head_email="head@network.example", state="XC",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    row = delegations.nominate(
        delegation=delegation, by=None, site=SITE, name="Ilvane Brookmantle", email="guest@network.example"
    )
    heads = reverse("meetings:delegation", args=[meeting.public_id, actions.token_of(delegation)])
    nominee = reverse("meetings:invitation", args=[meeting.public_id, actions.token_of(row.invitation)])
    Client().post(nominee, {"name": "Ilvane Brookmantle", "language": "en", "listed": "organisers"})
    before = client.get(heads).content.decode()
    Client().post(own_page(row), {"do": "hide", "pseudonym": "A. Heron"})
    after = client.get(heads).content.decode()
    assert stands(row)[0] is True
    assert ("Ilvane Brookmantle" in before, "Ilvane Brookmantle" in after, "Heron" in after) == (True, True, False)
    assert "risk" not in after.partition("<main")[2]


def test_whoever_runs_the_meeting_reads_who_may_be_photographed_and_of_people_at_risk_always_no(client, meeting):
    said = {"Ana Moreau": True, "Dorin Kest": False, "Otto Birk": None}
    rows = [make_guest(meeting, name, photographs=yes) for name, yes in said.items()]
    make_guest(meeting, "Ilvane Brookmantle", photographs=True, at_risk=True, pseudonym="A. Heron")
    sign_in(client, organiser_of(meeting), staff_session="preparing the meeting")
    where = reverse("meetings:manage-registrations", args=[meeting.public_id])
    names, found = [*said, "Ilvane Brookmantle"], {}
    for one in ("yes", "no", "unsaid"):
        page = client.get(where, {"photographs": one}).content.decode()
        found[one] = [name for name in names if f">{name}</a>" in page]
    assert found == {"yes": ["Ana Moreau"], "no": ["Dorin Kest", "Ilvane Brookmantle"], "unsaid": ["Otto Birk"]}
    page = client.get(where).content.decode()
    assert [
        f"{word}: {n}" in page for word, n in (("may be photographed", 1), ("no photographs", 2), ("has not said", 1))
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
