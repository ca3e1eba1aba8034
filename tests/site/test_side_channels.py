"""What betrays somebody sideways: a count, a list, a file or a mark that tells what no page says."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.network.consent import Ground, Purpose, Visibility, current_text
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.access.permissions import forget_access, viewer_of
from samsvar.site.network.accounts.actions.accounts import accept_invitation
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.directory.actions.consent import ReasonIsMissing, end_basis, give_consent, record_basis
from samsvar.site.network.directory.actions.people import end_hiding_for_safety, hide_for_safety
from samsvar.site.network.directory.queries.people import name_in_public, person_for
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.actions.exports import export_members
from samsvar.site.network.messages import actions as asks
from samsvar.site.network.privacy.actions.privacy import hand_out
from samsvar.site.network.privacy.queries.privacy import erasure_page
from tests.factories.people import PASSWORD, join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
DAY = timedelta(days=1)


def in_staff_session(account: models.Account) -> models.Account:
    account.second_factor = True
    account.staff_session = models.StaffSession(ends_at=timezone.now() + DAY)
    forget_access(account)
    return account


def file_of(account: models.Account) -> str:
    packed = hand_out(subject=subject_of(account=account), by=account)
    return zipfile.ZipFile(BytesIO(packed)).read("my-data.json").decode()


@pytest.fixture
def asked() -> models.Ask:
    """A question to a member whose name everybody signed in may see, and their network the secretariat alone."""
    network = make_network("quiet-house")
    member = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Ilvane Brookmantle"},
    )
    models.Detail.objects.create(person=member, field=Field.NETWORKS, value=network.slug)
    join(network, member)
    return asks.ask_member(
        by=make_account(Role.READER), person=member, subject="Forms", text="Which form do you fill in?", site=SITE
    )


# --- Questions --------------------------------------------------------------------------------------------------------


def test_no_line_of_the_trail_in_their_file_tells_a_member_of_a_question_that_was_turned_down(asked: models.Ask):
    secretary = in_staff_session(make_account(Role.SECRETARIAT))
    asks.decline_ask(ask=asked, by=secretary, reason="Not for this network.", site=SITE)
    about = set(Entry.objects.filter(person=asked.to.public_id, saw=False).values_list("verb", flat=True))
    assert about == {"asked a member", "did not forward a question"}
    told = json.loads(file_of(asked.to.account))
    assert {line["verb"] for line in told["data"]["seen"] if not line["saw"]} == set()


def test_a_member_reads_in_their_file_who_did_what_with_a_question_that_reached_them(asked: models.Ask):
    asks.forward_ask(ask=asked, by=in_staff_session(make_account(Role.SECRETARIAT)), site=SITE)
    told = json.loads(file_of(asked.to.account))
    assert [line["verb"] for line in told["data"]["seen"] if not line["saw"]] == [
        "asked a member",
        "forwarded a question",
    ]


def test_what_erasure_would_do_counts_no_question_that_was_turned_down(asked: models.Ask):
    subject = subject_of(person=asked.to)
    counted = {one.holding.key: one.count for one in erasure_page(subject, now=timezone.now()).consequences}
    assert models.Ask.objects.filter(to=asked.to).count() == 1
    assert {key for key in counted if key in {"questions_received", "received_lines"}} == set()


def test_the_file_of_who_asked_does_not_tell_of_which_network_the_member_is(asked: models.Ask):
    assert asked.network is not None
    assert "quiet-house" not in file_of(asked.by).lower()
    assert asked.network.name not in file_of(asked.by)


# --- Those who have left ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begins", "ends"), [(-30, -1), (1, None)])
def test_members_of_a_network_see_what_is_for_members_only_while_somebody_is_one(begins, ends):
    today = timezone.now().date()
    network, fellow = make_network(), make_account(Role.READER)
    join(network, make_person(account=fellow))
    person = make_person(
        visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane Brookmantle"}
    )
    term = join(network, person)
    assert person_for(fellow, person.public_id) is not None
    term.begins, term.ends = today + begins * DAY, today + ends * DAY if ends else None
    term.save()
    assert person_for(fellow, person.public_id) is None
    assert viewer_of(fellow, models.Person.objects.get(pk=person.pk)).shares_network is False
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    assert person_for(secretary, person.public_id) is not None


@pytest.mark.parametrize("opened_by", ["the person's consent", "a ground of the secretariat"])
def test_nothing_is_shown_again_that_was_chosen_under_a_ground_which_has_ended_by_itself(opened_by):
    person = make_person(visibility=Visibility.PUBLIC, details={Field.NAME: "Ilvane Brookmantle"})
    now = timezone.now()
    about = {"person": person, "purpose": Purpose.PUBLIC_ENTRY, "ground": Ground.PUBLIC_TASK, "note": "a decision"}
    basis = models.Basis.objects.create(**about, since=now - 9 * DAY, until=now + DAY)
    assert person_for(AnonymousUser(), person.public_id) is not None
    models.Basis.objects.filter(pk=basis.pk).update(until=now - DAY)  # the day has come; nobody does anything
    assert person_for(AnonymousUser(), person.public_id) is None
    if opened_by == "the person's consent":
        version = current_text(Purpose.PUBLIC_ENTRY).version
        give_consent(person=person, purpose=Purpose.PUBLIC_ENTRY, version=version, by=None)
    else:
        record_basis(**about, by=None)
    assert person_for(AnonymousUser(), person.public_id) is None
    person.details.update(visibility=Visibility.PUBLIC)  # chosen anew
    assert person_for(AnonymousUser(), person.public_id) is not None


# --- The secretariat --------------------------------------------------------------------------------------------------


def test_who_reads_the_list_of_invitations_has_seen_the_addresses_of_those_who_accepted(client):
    network = make_network()
    member = make_person(account=make_account(Role.READER, email="member@sudmar.example"))
    models.Invitation.objects.create(
        token_hash="1" * 64,
        email=member.account.email,
        network=network,
        office="member",
        expires_at=timezone.now() + DAY,
        accepted_at=timezone.now(),
        account=member.account,
    )
    secretary = make_account(Role.SECRETARIAT, network=network)
    page = sign_in(client, secretary, staff_session="invitations").get(reverse("network:invitations"))
    assert "member@sudmar.example" in page.content.decode()
    seen = Entry.objects.filter(saw=True, person=member.public_id, actor=secretary)
    assert [(one.subject, one.details) for one in seen] == [("invitations", {"fields": ["address of the account"]})]


def test_the_mark_of_somebody_at_risk_is_for_those_alone_who_may_see_them(client):
    ours, theirs = make_network("amber"), make_network("beech")
    person = make_person(at_risk=True, pseudonym="A. Heron")
    join(ours, person)
    secretary = make_account(Role.SECRETARIAT, network=ours)
    sign_in(client, secretary, staff_session="members")
    mark = "pill at-risk"
    assert mark in client.get(reverse("network:network-members", args=["amber"])).content.decode()
    join(theirs, person)
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=theirs, since=timezone.now(), reason="a conflict"
    )
    page = client.get(reverse("network:network-members", args=["amber"])).content.decode()
    assert mark not in page
    assert person.public_id not in page


def test_who_is_refused_to_see_members_takes_no_list_of_them(client):
    network = make_network()
    join(network, make_person(at_risk=True, pseudonym="A. Heron"))
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    why = "the meeting of June, for its secretariat"
    how = {"network": network, "by": secretary, "form": "csv", "with_people_at_risk": True, "why": why, "site": SITE}
    assert [row["at_risk"] for row in export_members(**how).rows] == [True]
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=network, since=timezone.now(), reason="a conflict"
    )
    forget_access(secretary)
    with pytest.raises(PermissionDenied):
        export_members(**how)
    sign_in(client, secretary, staff_session="the list")
    assert client.get(reverse("network:export-members", args=[network.slug])).status_code == 403


def test_a_seat_in_ones_own_network_does_not_open_the_words_of_another_one_about_its_organisation():
    ours, theirs = make_network("amber"), make_network("beech")
    about = {"kind": OrganisationKind.SHELTER_NGO, "invented": True}
    house = members.save_organisation(by=None, name="House of the Quiet Lamp", website="https://lamp.example/", **about)
    members.give_seat(network=theirs, organisation=house, by=None)
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=ours))
    members.give_seat(network=ours, organisation=house, by=secretary)  # changes nothing of it
    changed = {"organisation": house, "name": "Another", "website": "https://elsewhere.example/", **about}
    with pytest.raises(PermissionDenied):
        members.save_organisation(by=secretary, **changed)
    members.end_seat(seat=theirs.seats.get(), ends=timezone.now().date(), by=None)
    with pytest.raises(PermissionDenied):  # also of what sat there once
        members.save_organisation(by=secretary, **changed)
    of_both = make_account(Role.SECRETARIAT, network=ours)
    models.RoleGrant.objects.create(account=of_both, role=Role.SECRETARIAT, network=theirs, since=timezone.now() - DAY)
    assert members.save_organisation(by=in_staff_session(of_both), **changed).name == "Another"
    of_the_site = in_staff_session(make_account(Role.SECRETARIAT))
    assert members.save_organisation(by=of_the_site, **{**changed, "name": "A third"}).name == "A third"


def test_nobody_becomes_a_member_without_a_word_on_what_it_stands():
    network = make_network()
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    with pytest.raises(ReasonIsMissing):
        members.add_member(network=network, by=secretary, name="Ilvane Brookmantle", note="  ")
    assert (models.Person.objects.count(), models.Membership.objects.count()) == (0, 0)
    made = members.add_member(network=network, by=secretary, name="Ilvane Brookmantle", note="named by letter")
    assert made.person.bases.get().note == "named by letter"


def test_a_ground_is_ended_with_the_reason_of_who_ends_it():
    network, person = make_network(), make_person()
    join(network, person)
    basis = record_basis(person=person, purpose=Purpose.MEETINGS, ground=Ground.CONTRACT, note="a contract", by=None)
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    with pytest.raises(ReasonTooShort):
        end_basis(basis=basis, by=secretary, why="over")
    end_basis(basis=basis, by=secretary, why="the contract ended in May")
    assert Entry.objects.get(verb="ended a ground").why == "the contract ended in May"


def test_a_second_invitation_does_not_give_back_the_role_that_was_ended(client):
    account = make_account(Role.READER, email="member@sudmar.example")
    account.grants.update(until=timezone.now() - DAY)
    invitation = models.Invitation.objects.create(
        token_hash="1" * 64, email=account.email, network=make_network(), office="member",
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    accept_invitation(invitation=invitation, account=account)
    assert [grant.until is None for grant in account.grants.all()] == [False]


# --- At risk ----------------------------------------------------------------------------------------------------------


def test_ending_the_protection_puts_no_name_into_a_public_programme():
    person = make_person(consents=(Purpose.PROGRAMME,), details={Field.NAME: "Ilvane Brookmantle"})
    assert name_in_public(person) == "Ilvane Brookmantle"
    hide_for_safety(person=person, pseudonym="A. Heron", by=None)
    assert name_in_public(person) == "A. Heron"
    end_hiding_for_safety(person=person, by=None, site=SITE)
    assert name_in_public(person) is None
    assert person.bases.get().until is not None
    consent = {"person": person, "purpose": Purpose.PROGRAMME, "ground": Ground.CONSENT, "text_version": "tests"}
    models.Basis.objects.create(**consent, since=timezone.now())
    assert name_in_public(person) == "Ilvane Brookmantle"


@pytest.fixture
def hidden() -> models.Person:
    """Somebody at risk of two networks, one of which they have left, with an account of their own."""
    person = make_person(
        account=make_account(Role.READER, email="heron@sudmar.example"),
        at_risk=True,
        pseudonym="A. Heron",
        details={Field.NAME: "Ilvane Brookmantle"},
    )
    join(make_network("amber"), person)
    join(make_network("beech"), person, ends=timezone.now().date() - DAY)
    return person


def test_nobody_ends_a_protection_unseen(hidden: models.Person):
    amber, beech = models.Network.objects.order_by("slug")
    one = in_staff_session(make_account(Role.SECRETARIAT, network=amber, email="amber@network.example"))
    make_account(Role.SECRETARIAT, network=beech, email="beech@network.example")
    make_account(Role.SECRETARIAT, email="site@network.example")
    kept_from = make_account(Role.SECRETARIAT, email="refused@network.example")
    make_account(Role.SECRETARIAT, network=make_network("cedar"), email="cedar@network.example")
    models.Refusal.objects.create(
        account=kept_from, claim=Claim.MANAGE_PEOPLE, network=beech, since=timezone.now(), reason="a conflict"
    )
    with pytest.raises(ReasonTooShort):
        end_hiding_for_safety(person=hidden, by=one, site=SITE, why="moved")
    assert (models.Person.objects.get().at_risk, models.Letter.objects.count()) == (True, 0)
    end_hiding_for_safety(person=hidden, by=one, site=SITE, why="she moved abroad in March")
    letters = list(models.Letter.objects.order_by("to"))
    assert [letter.to for letter in letters] == [
        "amber@network.example",
        "beech@network.example",
        "heron@sudmar.example",
        "site@network.example",
    ]
    manage = f"{SITE}en/people/{hidden.public_id}/manage/"
    assert [manage in letter.body for letter in letters] == [True, True, False, True]
    assert f"{SITE}en/entry/" in letters[2].body
    said = " ".join(letter.subject + letter.body for letter in letters)
    assert [word for word in ("Ilvane", "Brookmantle", "Heron", "amber@", "March") if word in said] == []
    assert Entry.objects.get(verb="ended hiding for safety").why == "she moved abroad in March"


def test_letters_about_the_end_of_a_protection_leave_with_it_or_not_at_all(hidden: models.Person):
    make_account(Role.SECRETARIAT)

    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), transaction.atomic():
        end_hiding_for_safety(person=hidden, by=None, site=SITE, why="she moved abroad")
        assert models.Letter.objects.count() == 2
        raise Stopped
    assert (models.Person.objects.get().at_risk, models.Letter.objects.count()) == (True, 0)


def test_whoever_is_hidden_ends_it_themselves_after_showing_that_it_is_them(hidden: models.Person, client):
    secretary = make_account(Role.SECRETARIAT)
    sign_in(client, hidden.account)
    address = reverse("network:end-protection")
    assert address in client.get(reverse("network:entry")).content.decode()
    assert client.post(address)["Location"].startswith(reverse("account_reauthenticate"))
    assert models.Person.objects.get().at_risk is True
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(address).status_code == 200
    assert client.post(address)["Location"] == reverse("network:entry")
    assert models.Person.objects.get().at_risk is False
    assert {letter.account for letter in models.Letter.objects.all()} == {secretary, hidden.account}
    assert client.post(address).status_code == 404


def test_somebody_else_ends_no_protection(hidden: models.Person, client):
    for stranger in (
        make_account(Role.READER),
        in_staff_session(make_account(Role.SECRETARIAT, network=make_network("cedar"))),
    ):
        with pytest.raises(PermissionDenied):
            end_hiding_for_safety(person=hidden, by=stranger, site=SITE, why="because I say so")
    sign_in(client, make_account(Role.READER))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("network:end-protection")).status_code == 404
    assert models.Person.objects.get(pk=hidden.pk).at_risk is True


def test_the_alert_of_a_list_goes_to_those_alone_who_may_see_the_members(hidden: models.Person):
    amber = models.Network.objects.get(slug="amber")
    one = in_staff_session(make_account(Role.SECRETARIAT, network=amber, email="amber@network.example"))
    kept_from = make_account(Role.SECRETARIAT, email="refused@network.example")
    models.Refusal.objects.create(
        account=kept_from, claim=Claim.MANAGE_PEOPLE, network=amber, since=timezone.now(), reason="a conflict"
    )
    why = "the meeting of June, for its secretariat"
    export_members(network=amber, by=one, form="csv", with_people_at_risk=True, why=why, site=SITE)
    letter = models.Letter.objects.get()
    assert (letter.to, letter.subject) == (
        "amber@network.example",
        "Samsvar: A list with people at risk leaves the site",
    )
    assert f"{SITE}en/networks/amber/members/" in letter.body
    assert "Ilvane" not in letter.body


# --- Invitations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_account", [True, False])
def test_who_is_invited_reads_who_will_see_what_before_they_accept(client, has_account):
    invitation = models.Invitation.objects.create(
        token_hash=secret_hash("token"), email="member@sudmar.example", network=make_network(), office="member",
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    if has_account:
        sign_in(client, make_account(Role.READER, email=invitation.email))
    page = client.get(reverse("network:open-invitation", args=["token"]), follow=True).content.decode()
    assert "The secretariat of “Lantern” sees all of your entry" in page
    assert "Members of “Lantern” see what you have opened to members of your networks" in page
    assert (reverse("network:entry") in page.partition("<main")[2]) is has_account
