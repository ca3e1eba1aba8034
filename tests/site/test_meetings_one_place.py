"""One person has one place, however they were registered; and no one learns who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import RegistrationPolicy
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, organising
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.queries import own as queries
from samsvar.site.network.directory.actions.people import hide_participant_profile
from samsvar.site.network.models import OutgoingEmail, Person
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

ADDRESS = "reader@network.example"


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    return make_meeting(
        public_id="harbour",
        begins=first,
        ends=first,
        opens_at=timezone.now() - timedelta(days=1),
        entry=RegistrationPolicy.OPEN,
    )


def register_by_table(
    meeting: models.Meeting, name: str = "Rodica Written", email: str = ADDRESS
) -> organising.GroupRegistrationResult:
    rows = organising.parse_group_table(meeting, [["name", "email"], [name, email]])
    return organising.register_group(meeting=meeting, by=make_organiser(meeting), rows=rows)


def nominate(meeting: models.Meeting, email: str = ADDRESS) -> models.Registration:
    head = delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    return delegations.nominate_person(delegation=head, by=None, name="Lector Nominee", email=email)


def make_invitation(meeting: models.Meeting, email: str = ADDRESS) -> models.MeetingInvitation:
    return invitations.create_invitation(
        meeting, email, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="en"
    )


def registered_name(row: models.Registration) -> str:
    return actions.recorded_name(row.person)


def statuses_and_names(meeting: models.Meeting) -> list[tuple[str, str]]:
    return [(row.status, registered_name(row)) for row in meeting.registrations.order_by("pk")]


def test_a_registration_by_table_is_linked_to_the_account_when_its_owner_visits(meeting):
    account = make_account(email=ADDRESS)
    own = make_person(account=account, details={Field.NAME: "Rodica Own"})
    register_by_table(meeting)
    # the organiser does not learn of the account
    assert statuses_and_names(meeting) == [("confirmed", "Rodica Written")]
    client = sign_in(Client(), account)
    assert client.get(reverse("meetings:my-registration", args=["harbour"])).status_code == 200
    row = meeting.registrations.get()
    assert (row.person, row.status) == (own, "confirmed")
    assert client.get(reverse("meetings:register", args=["harbour"])).status_code == 302
    assert Person.objects.filter(registrations__meeting=meeting).count() == 1


def test_an_account_without_a_profile_takes_over_the_one_from_the_table(meeting):
    account = make_account(email=ADDRESS)
    register_by_table(meeting)
    sign_in(Client(), account).get(reverse("meetings:register", args=["harbour"]))
    row = meeting.registrations.select_related("person").get()
    assert row.person is not None
    assert (row.person.account, registered_name(row)) == (account, "Rodica Written")


def test_an_account_that_also_registers_by_itself_has_one_place(meeting):
    account = make_account(email=ADDRESS)
    register_by_table(meeting)
    made = actions.register_person(meeting=meeting, data=actions.RegistrationData(name="Reader"), account=account)
    assert (made.pk, meeting.registrations.count()) == (meeting.registrations.get().pk, 1)
    assert register_by_table(meeting) == organising.GroupRegistrationResult(0, 0, 1)


def test_a_guest_with_two_invitations_has_one_place(meeting):
    first = actions.register_person(
        meeting=meeting,
        data=actions.RegistrationData(name="Guest"),
        invitation=make_invitation(meeting, "guest@guests.example"),
    )
    again = actions.register_person(
        meeting=meeting,
        data=actions.RegistrationData(name="Guest"),
        invitation=make_invitation(meeting, "guest@guests.example"),
    )
    assert (again.pk, statuses_and_names(meeting)) == (first.pk, [("confirmed", "Guest")])


@pytest.mark.parametrize("at_risk", [False, True])
def test_a_registered_person_can_be_nominated_and_keeps_the_place_they_have(meeting, at_risk):
    """The head gets one answer for every address, and so learns of no registration."""
    account = make_account(email=ADDRESS)
    row = actions.register_person(meeting=meeting, data=actions.RegistrationData(name="Reader"), account=account)
    assert row.person is not None
    if at_risk:
        hide_participant_profile(person=row.person, pseudonym="Fyr", by=account, meeting="harbour", own=True)
    second = nominate(meeting)
    assert second.invitation is not None
    kept = actions.register_person(
        meeting=meeting, data=actions.RegistrationData(), invitation=second.invitation, account=account
    )
    assert (kept.pk, [status for status, _name in statuses_and_names(meeting)]) == (row.pk, ["confirmed", "withdrawn"])


def test_a_person_at_risk_stays_hidden_when_their_account_takes_over_the_place(meeting):
    account = make_account(email=ADDRESS)
    own = make_person(account=account)
    register_by_table(meeting)
    written = meeting.registrations.get().person
    assert written is not None
    hide_participant_profile(person=written, pseudonym="Fyr", by=None, meeting="harbour", own=True)
    sign_in(Client(), account).get(reverse("meetings:my-registration", args=["harbour"]))
    own.refresh_from_db()
    assert (meeting.registrations.get().person, own.at_risk, own.pseudonym) == (own, True, "Fyr")


# --- Registering again ------------------------------------------------------------------------------------------------


def accept_nomination(
    meeting: models.Meeting, row: models.Registration, client: Client, **said: Any
) -> models.Registration:
    assert row.invitation is not None
    address = reverse(
        "meetings:invitation", kwargs={"slug": "harbour", "token": actions_emails.link_token(row.invitation)}
    )
    page = client.get(address).content.decode()
    assert 'name="name"' not in page  # the head gave the name
    assert client.post(address, {"language": "en", **said}).status_code == 302
    return meeting.registrations.get()


@pytest.mark.parametrize("has_entry", [True, False])
def test_a_nominee_whose_account_has_no_name_keeps_the_name_given_by_the_head(meeting, has_entry):
    row, account = nominate(meeting), make_account(email=ADDRESS)
    if has_entry:
        Person.objects.create(account=account, fictional=True)
    row = accept_nomination(meeting, row, sign_in(Client(), account))
    assert row.person is not None
    assert (registered_name(row), row.person.account, row.status) == ("Lector Nominee", account, "confirmed")


def test_a_nominee_whose_profile_has_a_name_keeps_that_name(meeting):
    row, account = nominate(meeting), make_account(email=ADDRESS)
    make_person(account=account, details={Field.NAME: "Lector Own"})
    assert registered_name(accept_nomination(meeting, row, sign_in(Client(), account))) == "Lector Own"


def test_an_account_whose_profile_has_no_name_is_asked_for_one(meeting):
    account = make_account(email=ADDRESS)
    Person.objects.create(account=account, fictional=True)
    client, address = sign_in(Client(), account), reverse("meetings:register", args=["harbour"])
    assert 'name="name"' in client.get(address).content.decode()
    assert client.post(address, {"language": "en"}).status_code == 422
    assert client.post(address, {"language": "en", "name": "Lector"}).status_code == 302
    assert statuses_and_names(meeting) == [("confirmed", "Lector")]


# --- Registering again ------------------------------------------------------------------------------------------------


def register_guest(meeting: models.Meeting, email: str = "guest@guests.example") -> models.Registration:
    return actions.register_person(
        meeting=meeting,
        data=actions.RegistrationData(name="Guest"),
        invitation=make_invitation(meeting, email),
    )


@pytest.mark.parametrize("end", ["decline", "withdraw", "refuse"])
def test_a_declined_refused_or_withdrawn_registrant_can_be_invited_again(meeting, end):
    meeting.approval = end == "refuse"
    meeting.save()
    by, row = make_organiser(meeting), register_guest(meeting)
    if end == "decline":
        decisions.decline_registration(registration=row, by=None)
    else:
        getattr(decisions, f"{end}_registration")(registration=row, by=by, reason="For this session only.")
    until = timezone.now() + timedelta(days=9)
    sent = invitations.invite_addresses(meeting=meeting, addresses=["guest@guests.example"], by=by, expires_at=until)
    assert sent == invitations.InvitationResult(1, 0)
    new = meeting.invitations.order_by("-pk")[0]
    page = reverse("meetings:invitation", kwargs={"slug": "harbour", "token": actions_emails.link_token(new)})
    assert 'name="language"' in Client().get(page).content.decode()
    again = actions.register_person(meeting=meeting, data=actions.RegistrationData(name="Guest"), invitation=new)
    assert (again.pk != row.pk, again.person, queries.get_waiting_position(again)) == (True, row.person, 0)
    known = invitations.invite_addresses(meeting=meeting, addresses=["guest@guests.example"], by=by, expires_at=until)
    assert known == invitations.InvitationResult(0, 1)


def test_someone_who_declined_can_register_again_if_registration_is_open_to_all(meeting):
    row = register_guest(meeting)
    decisions.decline_registration(registration=row, by=None)
    own = Client().get(actions_emails.link_url(row, language="en")).content.decode()
    assert ("You have declined." in own, f'href="{reverse("meetings:register", args=["harbour"])}"' in own) == (
        True,
        True,
    )
    OutgoingEmail.objects.all().delete()
    invitations.send_requested_link(meeting=meeting, address="guest@guests.example", language="en")
    assert actions_emails.link_token(meeting.invitations.order_by("-pk")[0]) in OutgoingEmail.objects.get().body
    account = make_account(email=ADDRESS)
    mine = actions.register_person(meeting=meeting, data=actions.RegistrationData(name="Reader"), account=account)
    decisions.decline_registration(registration=mine, by=account)
    page = sign_in(Client(), account).get(reverse("meetings:register", args=["harbour"]))
    assert (page.status_code, 'name="language"' in page.content.decode()) == (200, True)


def test_a_table_can_register_someone_who_declined_earlier(meeting):
    decisions.decline_registration(registration=register_guest(meeting, ADDRESS), by=None)
    assert register_by_table(meeting) == organising.GroupRegistrationResult(1, 0, 0)
    assert Person.objects.filter(registrations__meeting=meeting).distinct().count() == 1
