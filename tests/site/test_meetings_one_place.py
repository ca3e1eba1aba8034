"""One human, one place: whoever wrote an address down, and whoever comes back. Nobody learns who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import Entry
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, organising
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.queries import own as queries
from samsvar.site.network.directory.actions.people import hide_participant
from samsvar.site.network.models import Letter, Person
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
ADDRESS = "reader@network.example"


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    first = timezone.now().date() + timedelta(days=90)
    return make_meeting(
        public_id="harbour", begins=first, ends=first, opens_at=timezone.now() - timedelta(days=1), entry=Entry.OPEN
    )


def by_table(meeting: models.Meeting, name: str = "Rodica Written", email: str = ADDRESS) -> organising.Grouped:
    rows = organising.read_group(meeting, [["name", "email"], [name, email]])
    return organising.register_group(meeting=meeting, by=organiser_of(meeting), rows=rows, site=SITE)


def named(meeting: models.Meeting, email: str = ADDRESS) -> models.Registration:
    head = delegations.make_delegation(
        meeting=meeting, by=organiser_of(meeting), site=SITE, places=2, head_email="head@delegations.example",
        nominate_until=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    return delegations.nominate(delegation=head, by=None, site=SITE, name="Lector Nominee", email=email)


def invited(meeting: models.Meeting, email: str = ADDRESS) -> models.MeetingInvitation:
    return invitations.make_invitation(
        meeting, email, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="en"
    )


def name_of(row: models.Registration) -> str:
    return actions.name_written(row.person)


def rows_of(meeting: models.Meeting) -> list[tuple[str, str]]:
    return [(row.standing, name_of(row)) for row in meeting.registrations.order_by("pk")]


def test_what_a_table_wrote_down_is_the_accounts_from_the_moment_that_it_looks_and_not_before(meeting):
    account = make_account(email=ADDRESS)
    own = make_person(account=account, details={Field.NAME: "Rodica Own"})
    by_table(meeting)
    assert rows_of(meeting) == [("confirmed", "Rodica Written")]  # the organiser learns of no account
    client = sign_in(Client(), account)
    assert client.get(reverse("meetings:mine-registration", args=["harbour"])).status_code == 200
    row = meeting.registrations.get()
    assert (row.person, row.standing) == (own, "confirmed")
    assert client.get(reverse("meetings:register", args=["harbour"])).status_code == 302
    assert Person.objects.filter(registrations__meeting=meeting).count() == 1


def test_an_account_without_an_entry_takes_over_the_one_that_was_written_down(meeting):
    account = make_account(email=ADDRESS)
    by_table(meeting)
    sign_in(Client(), account).get(reverse("meetings:register", args=["harbour"]))
    row = meeting.registrations.select_related("person").get()
    assert row.person is not None
    assert (row.person.account, name_of(row)) == (account, "Rodica Written")


def test_an_account_that_registers_beside_a_table_has_one_place(meeting):
    account = make_account(email=ADDRESS)
    by_table(meeting)
    made = actions.register(meeting=meeting, said=actions.Said(name="Reader"), site=SITE, account=account)
    assert (made.pk, meeting.registrations.count()) == (meeting.registrations.get().pk, 1)
    assert by_table(meeting) == organising.Grouped(0, 0, 1)


def test_a_guest_with_two_invitations_has_one_place(meeting):
    first = actions.register(
        meeting=meeting, said=actions.Said(name="Guest"), site=SITE, invitation=invited(meeting, "guest@guests.example")
    )
    again = actions.register(
        meeting=meeting, said=actions.Said(name="Guest"), site=SITE, invitation=invited(meeting, "guest@guests.example")
    )
    assert (again.pk, rows_of(meeting)) == (first.pk, [("confirmed", "Guest")])


def test_who_has_a_place_with_an_account_is_not_named_by_a_head_and_who_is_at_risk_is_not_told_of(meeting):
    account = make_account(email=ADDRESS)
    row = actions.register(meeting=meeting, said=actions.Said(name="Reader"), site=SITE, account=account)
    with pytest.raises(delegations.NamedBefore):
        named(meeting)
    assert row.person is not None
    hide_participant(person=row.person, pseudonym="Fyr", by=account, meeting="harbour", own=True)
    second = named(meeting)  # the head learns nothing
    assert second.invitation is not None
    kept = actions.register(
        meeting=meeting, said=actions.Said(), site=SITE, invitation=second.invitation, account=account
    )
    assert (kept.pk, [standing for standing, _name in rows_of(meeting)]) == (row.pk, ["confirmed", "withdrawn"])


def test_somebody_hidden_stays_hidden_when_the_place_is_taken_over_by_their_account(meeting):
    account = make_account(email=ADDRESS)
    own = make_person(account=account)
    by_table(meeting)
    written = meeting.registrations.get().person
    assert written is not None
    hide_participant(person=written, pseudonym="Fyr", by=None, meeting="harbour", own=True)
    sign_in(Client(), account).get(reverse("meetings:mine-registration", args=["harbour"]))
    own.refresh_from_db()
    assert (meeting.registrations.get().person, own.at_risk, own.pseudonym) == (own, True, "Fyr")


# --- Names ------------------------------------------------------------------------------------------------------------


def accepts(meeting: models.Meeting, row: models.Registration, client: Client, **said: Any) -> models.Registration:
    assert row.invitation is not None
    address = reverse(
        "meetings:invitation", kwargs={"slug": "harbour", "token": actions_emails.token_of(row.invitation)}
    )
    page = client.get(address).content.decode()
    assert 'name="name"' not in page  # the head gave it
    assert client.post(address, {"language": "en", **said}).status_code == 302
    return meeting.registrations.get()


@pytest.mark.parametrize("has_entry", [True, False])
def test_a_nominee_whose_account_has_no_name_keeps_the_one_that_the_head_gave(meeting, has_entry):
    row, account = named(meeting), make_account(email=ADDRESS)
    if has_entry:
        Person.objects.create(account=account, invented=True)
    row = accepts(meeting, row, sign_in(Client(), account))
    assert row.person is not None
    assert (name_of(row), row.person.account, row.standing) == ("Lector Nominee", account, "confirmed")


def test_a_nominee_whose_entry_has_a_name_keeps_their_own(meeting):
    row, account = named(meeting), make_account(email=ADDRESS)
    make_person(account=account, details={Field.NAME: "Lector Own"})
    assert name_of(accepts(meeting, row, sign_in(Client(), account))) == "Lector Own"


def test_an_account_whose_entry_has_no_name_is_asked_for_one(meeting):
    account = make_account(email=ADDRESS)
    Person.objects.create(account=account, invented=True)
    client, address = sign_in(Client(), account), reverse("meetings:register", args=["harbour"])
    assert 'name="name"' in client.get(address).content.decode()
    assert client.post(address, {"language": "en"}).status_code == 422
    assert client.post(address, {"language": "en", "name": "Lector"}).status_code == 302
    assert rows_of(meeting) == [("confirmed", "Lector")]


# --- Coming back ------------------------------------------------------------------------------------------------------


def registered(meeting: models.Meeting, email: str = "guest@guests.example") -> models.Registration:
    return actions.register(
        meeting=meeting, said=actions.Said(name="Guest"), site=SITE, invitation=invited(meeting, email)
    )


@pytest.mark.parametrize("end", ["decline", "withdraw", "refuse"])
def test_whoever_declined_was_refused_or_withdrawn_is_invited_and_registers_anew(meeting, end):
    meeting.approval = end == "refuse"
    meeting.save()
    by, row = organiser_of(meeting), registered(meeting)
    if end == "decline":
        decisions.decline(registration=row, site=SITE, by=None)
    else:
        getattr(decisions, end)(registration=row, by=by, reason="For this session only.", site=SITE)
    until = timezone.now() + timedelta(days=9)
    sent = invitations.invite(meeting=meeting, addresses=["guest@guests.example"], by=by, site=SITE, expires_at=until)
    assert sent == invitations.Sent(1, 0)
    new = meeting.invitations.order_by("-pk")[0]
    page = reverse("meetings:invitation", kwargs={"slug": "harbour", "token": actions_emails.token_of(new)})
    assert 'name="language"' in Client().get(page).content.decode()
    again = actions.register(meeting=meeting, said=actions.Said(name="Guest"), site=SITE, invitation=new)
    assert (again.pk != row.pk, again.person, queries.place_in_line(again)) == (True, row.person, 0)
    known = invitations.invite(meeting=meeting, addresses=["guest@guests.example"], by=by, site=SITE, expires_at=until)
    assert known == invitations.Sent(0, 1)


def test_whoever_declined_asks_anew_where_everybody_may_ask(meeting):
    row = registered(meeting)
    decisions.decline(registration=row, site=SITE, by=None)
    own = Client().get(actions_emails.link_of(row, site="/", language="en")).content.decode()
    assert ("You have declined." in own, f'href="{reverse("meetings:register", args=["harbour"])}"' in own) == (
        True,
        True,
    )
    Letter.objects.all().delete()
    invitations.ask_for_link(meeting=meeting, address="guest@guests.example", site=SITE, language="en")
    assert actions_emails.token_of(meeting.invitations.order_by("-pk")[0]) in Letter.objects.get().body
    account = make_account(email=ADDRESS)
    mine = actions.register(meeting=meeting, said=actions.Said(name="Reader"), site=SITE, account=account)
    decisions.decline(registration=mine, site=SITE, by=account)
    page = sign_in(Client(), account).get(reverse("meetings:register", args=["harbour"]))
    assert (page.status_code, 'name="language"' in page.content.decode()) == (200, True)


def test_a_table_registers_whoever_declined_before_anew(meeting):
    decisions.decline(registration=registered(meeting, ADDRESS), site=SITE, by=None)
    assert by_table(meeting) == organising.Grouped(1, 0, 0)
    assert Person.objects.filter(registrations__meeting=meeting).distinct().count() == 1
