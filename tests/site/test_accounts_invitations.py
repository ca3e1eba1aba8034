"""Account invitations: for one address, once, for two weeks, by someone who may invite to that network."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.network.consent import Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from tests.factories.people import PASSWORD, make_account, make_membership, make_network, make_person, sign_in

INVITED = "newcomer@network.example"
SIGN_UP_DATA = {"name": "Newcomer Fictional", "password1": "seven grey herons at noon"}


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    cache.clear()


@pytest.fixture
def lantern(db):
    return make_network("lantern")


@pytest.fixture
def secretariat(client, lantern):
    """Return the browser of this network's secretariat, with a staff session open."""
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="inviting new members")
    return client


def invite(browser, network=None, email=INVITED, **said):
    said = {"email": email, "language": "en", "office": "member", **said}
    if network is not None:
        said["network"] = network.pk
    return browser.post(reverse("network:invitations"), said)


def link_in(letter):
    return urlsplit(re.search(r"https?://\S+", letter.body)[0]).path


def last_email():
    return models.OutgoingEmail.objects.order_by("-pk")[0]


# --- For that address only, once, and in time -------------------------------------------------------------------------


def test_an_invited_person_creates_an_account_and_becomes_a_member(secretariat, lantern):
    assert invite(secretariat, lantern)["Location"] == reverse("network:invitations")
    letter = last_email()
    assert letter.to == INVITED
    assert letter.subject == "Samsvar: Invitation to join “Lantern”"
    newcomer = Client()
    answer = newcomer.get(link_in(letter))
    assert answer["Location"] == reverse("account_signup")  # the token has been removed from the address
    page = newcomer.get(answer["Location"]).content.decode()
    assert "You have been invited to join the network “Lantern” as: member." in page
    assert re.search(rf'value="{INVITED}"[^>]*disabled', page)
    answer = newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    assert answer.status_code == 302
    account = models.Account.objects.get(email=INVITED)
    assert newcomer.session["_auth_user_id"] == str(account.pk)  # the email has confirmed the address
    assert list(EmailAddress.objects.filter(user=account).values_list("email", "verified", "primary")) == [
        (INVITED, True, True)
    ]
    person = account.person
    assert [(one.network, one.office) for one in person.memberships.all()] == [(lantern, "member")]
    assert list(person.details.filter(field=Field.NAME).values_list("value", "visibility")) == [
        ("Newcomer Fictional", Visibility.SECRETARIAT)
    ]
    assert [grant.role for grant in account.grants.all()] == [Role.READER]
    assert models.OutgoingEmail.objects.count() == 1  # no second email asks for confirmation


def test_the_database_holds_only_the_hash_of_the_token(secretariat, lantern):
    invite(secretariat, lantern)
    token = link_in(last_email()).rstrip("/").rpartition("/")[2]
    assert len(token) >= 43  # 256 bits
    invitation = models.Invitation.objects.get()
    assert invitation.token_hash == hash_secret(token)
    assert token not in str(vars(invitation))


def test_the_audit_log_records_who_invited_and_who_accepted_but_no_address(secretariat, lantern):
    invite(secretariat, lantern)
    newcomer = Client()
    newcomer.get(link_in(last_email()))
    newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    invitation = models.Invitation.objects.get()
    lines = AuditEntry.objects.filter(subject=f"invitation {invitation.public_id}").order_by("pk")
    assert [(line.verb, line.details) for line in lines] == [
        ("invited", {"network": "lantern", "office": "member"}),
        ("accepted an invitation", {"network": "lantern", "office": "member"}),
    ]
    assert lines[0].why == "inviting new members"
    assert lines[1].person == invitation.account.person.public_id
    assert not any(INVITED in str(vars(line)) or "Newcomer" in str(vars(line)) for line in AuditEntry.objects.all())


@pytest.mark.parametrize(
    ("language", "path"), [("en", "/en/join/with/"), ("fr", "/fr/join/with/"), ("ro", "/ro/join/with/")]
)
def test_the_link_leads_to_pages_in_the_language_of_the_email(secretariat, lantern, language, path):
    invite(secretariat, lantern, language=language)
    assert link_in(last_email()).startswith(path)


def test_someone_with_an_account_accepts_with_it(secretariat, lantern):
    account = make_account(Role.READER, email=INVITED)
    invite(secretariat, lantern)
    browser = Client()
    browser.get(link_in(last_email()))
    page = browser.get(reverse("account_signup")).content.decode()
    assert "There is already an account with this address" in page
    answer = browser.post(
        reverse("account_login"),
        {"login": INVITED, "password": PASSWORD, "next": reverse("network:accept-invitation")},
    )
    assert answer["Location"] == reverse("network:accept-invitation")
    assert "“Lantern”" in browser.get(answer["Location"]).content.decode()
    assert not lantern.memberships.exists()  # opening a page accepts nothing
    browser.post(answer["Location"])
    assert lantern.memberships.get().person.account == account


# --- For that address only, once, and in time -------------------------------------------------------------------------


def test_a_forwarded_invitation_creates_no_account_for_another_address(secretariat, lantern):
    invite(secretariat, lantern)
    friend = Client()
    friend.get(link_in(last_email()))
    friend.post(reverse("account_signup"), {**SIGN_UP_DATA, "email": "friend@elsewhere.example"})
    assert not models.Account.objects.filter(email="friend@elsewhere.example").exists()
    assert models.Invitation.objects.get().account.email == INVITED


def test_a_forwarded_invitation_cannot_be_accepted_by_another_account(secretariat, lantern):
    invite(secretariat, lantern)
    friend = Client()
    sign_in(friend, make_account(Role.READER))
    answer = friend.get(link_in(last_email()))
    assert answer["Location"] == reverse("network:accept-invitation")
    page = friend.get(answer["Location"])
    assert page.status_code == 409
    assert "is for a different address" in page.content.decode()
    assert friend.post(answer["Location"]).status_code == 409
    assert not lantern.memberships.exists()


def test_an_invitation_works_once(secretariat, lantern):
    invite(secretariat, lantern)
    link = link_in(last_email())
    first, second = Client(), Client()
    for browser in (first, second):
        assert browser.get(link).status_code == 302
    first.post(reverse("account_signup"), SIGN_UP_DATA)
    assert models.Account.objects.filter(email=INVITED).exists()
    assert second.get(link).status_code == 404
    assert "by invitation" in second.get(reverse("account_signup")).content.decode()
    second.post(reverse("account_signup"), SIGN_UP_DATA)
    assert models.Account.objects.filter(email=INVITED).count() == 1


@pytest.mark.parametrize("how", ["run out", "withdrawn", "sent again"])
def test_an_invalid_link_stops_working_even_if_it_was_opened_before(secretariat, lantern, how):
    invite(secretariat, lantern)
    link = link_in(last_email())
    newcomer = Client()
    assert newcomer.get(link).status_code == 302
    assert newcomer.get(reverse("account_signup")).status_code == 200
    invitation = models.Invitation.objects.get()
    match how:
        case "run out":
            models.Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "withdrawn":
            secretariat.post(reverse("network:withdraw-invitation", args=[invitation.public_id]))
        case "sent again":
            secretariat.post(reverse("network:resend-invitation", args=[invitation.public_id]))
    newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    assert not models.Account.objects.filter(email=INVITED).exists()
    assert Client().get(link).status_code == 404
    if how == "sent again":
        assert Client().get(link_in(last_email())).status_code == 302


def test_an_invitation_lasts_two_weeks(secretariat, lantern):
    invite(secretariat, lantern)
    left = models.Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


def test_a_guessed_link_does_not_work_and_guesses_are_limited(client, db):
    answers = [client.get(reverse("network:open-invitation", args=[f"guess-{number}"])) for number in range(22)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 2


def test_without_an_invitation_no_account_is_created(client, db):
    page = client.get(reverse("account_signup")).content.decode()
    assert "Accounts are by invitation only" in page
    client.post(reverse("account_signup"), {**SIGN_UP_DATA, "email": "stranger@network.example"})
    assert not models.Account.objects.exists()


def test_an_office_filled_in_the_meantime_is_an_error_and_creates_no_account(secretariat, lantern):
    for name in ("first", "second"):
        invite(secretariat, lantern, email=f"{name}@network.example", office="chair")
    letters = models.OutgoingEmail.objects.order_by("pk")
    first, second = Client(), Client()
    for browser, letter in zip((first, second), letters, strict=True):
        browser.get(link_in(letter))
    first.post(reverse("account_signup"), SIGN_UP_DATA)
    assert lantern.memberships.get().office == "chair"
    page = second.post(reverse("account_signup"), SIGN_UP_DATA)
    assert page.status_code == 200
    assert "already holds this office during that period" in page.content.decode()
    assert not models.Account.objects.filter(email="second@network.example").exists()
    assert models.Invitation.objects.get(email="second@network.example").accepted_at is None


# --- Who may invite ---------------------------------------------------------------------------------------------------


def test_a_secretariat_invites_to_its_own_network_only(secretariat, lantern):
    other = make_network("beacon")
    page = secretariat.get(reverse("network:invitations")).content.decode()
    assert "Lantern" in page
    assert "Beacon" not in page
    assert invite(secretariat, lantern).status_code == 302
    assert models.Invitation.objects.count() == 1
    assert invite(secretariat, other, email="second@network.example").status_code == 200
    assert invite(secretariat, None, email="third@network.example").status_code == 200
    assert models.Invitation.objects.count() == 1


def test_a_secretariat_cannot_see_or_change_invitations_of_another_network(secretariat, lantern):
    other = make_network("beacon")
    theirs = models.Invitation.objects.create(
        token_hash="x", email="hidden@network.example", network=other, expires_at=timezone.now() + timedelta(days=1)
    )
    nobodys = models.Invitation.objects.create(
        token_hash="y", email="apart@network.example", expires_at=timezone.now() + timedelta(days=1)
    )
    invite(secretariat, lantern)
    page = secretariat.get(reverse("network:invitations")).content.decode()
    assert INVITED in page
    assert "hidden@" not in page
    assert "apart@" not in page
    for invitation in (theirs, nobodys):
        for name in ("network:withdraw-invitation", "network:resend-invitation"):
            assert secretariat.post(reverse(name, args=[invitation.public_id])).status_code == 404
    assert models.OutgoingEmail.objects.count() == 1


def test_an_administrator_can_invite_to_any_network(client, lantern):
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="a new network")
    assert invite(client, lantern).status_code == 302
    assert invite(client, None, email="second@network.example").status_code == 302
    assert set(models.Invitation.objects.values_list("email", "network__slug")) == {
        (INVITED, "lantern"),
        ("second@network.example", None),
    }


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SECRETARIAT, Role.ADMINISTRATOR}], ids=str)
def test_no_other_role_can_invite(client, lantern, role):
    account = make_account(role, network=lantern, state=None)
    sign_in(client, account)
    assert client.get(reverse("network:invitations")).status_code in {302, 403}
    assert invite(client, lantern).status_code in {302, 403}
    with pytest.raises(PermissionDenied):
        actions.invite_to_account(email=INVITED, by=account, network=lantern)
    assert not models.Invitation.objects.exists()


def test_inviting_the_same_address_again_is_an_error_and_sends_nothing(secretariat, lantern):
    invite(secretariat, lantern)
    answer = invite(secretariat, lantern)
    assert "already has a pending invitation" in answer.content.decode()
    assert models.OutgoingEmail.objects.count() == 1


def test_inviting_does_not_reveal_whether_there_is_an_account(secretariat, lantern):
    make_account(email="known@network.example")
    answers = [
        (answer.status_code, answer["Location"])
        for answer in (invite(secretariat, lantern, email=f"{name}@network.example") for name in ("known", "unknown"))
    ]
    assert answers[0] == answers[1]


def test_one_person_can_join_two_networks_by_invitation(client, lantern):
    beacon = make_network("beacon")
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="two networks")
    invite(client, lantern)
    first = link_in(last_email())
    invite(client, beacon)
    second = link_in(last_email())
    newcomer = Client()
    newcomer.get(first)
    newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    newcomer.get(second)
    newcomer.post(reverse("network:accept-invitation"))
    person = models.Account.objects.get(email=INVITED).person
    assert {one.network.slug for one in person.memberships.all()} == {"lantern", "beacon"}
    assert person.account.grants.count() == 1


# --- Open sign-up -----------------------------------------------------------------------------------------------------


def test_with_open_sign_up_the_address_must_be_confirmed_first(client, db, settings):
    settings.SAMSVAR_OPEN_SIGN_UP = True
    client.post(reverse("account_signup"), {**SIGN_UP_DATA, "email": "stranger@network.example"})
    assert "_auth_user_id" not in client.session
    account = models.Account.objects.get()
    assert [grant.role for grant in account.grants.all()] == [Role.READER]
    said = {"login": account.email, "password": SIGN_UP_DATA["password1"]}
    Client().post(reverse("account_login"), said)
    assert not EmailAddress.objects.get().verified
    Client().post(link_in(models.OutgoingEmail.objects.order_by("pk")[0]))
    assert EmailAddress.objects.get().verified
    browser = Client()
    browser.post(reverse("account_login"), said)
    assert browser.session["_auth_user_id"] == str(account.pk)


# --- A member whom the secretariat already knows ----------------------------------------------------------------------


@pytest.fixture
def known_member(lantern):
    """Return the chair of the network, whom the secretariat recorded; she has no account."""
    person = make_person(details={Field.NAME: "Ingrid Fictional", Field.EMAIL: INVITED, Field.ABOUT: "knows shelters"})
    make_membership(lantern, person, "chair")
    return person


def invite_known_member(browser, person, network, /, **said):
    said = {"email": INVITED, "language": "en", "network": network.pk, **said}
    return browser.post(reverse("network:invite-person", args=[person.public_id]), said)


def profile_of(person):
    return (
        list(person.memberships.values_list("network__slug", "office")),
        sorted(person.details.values_list("field", "value", "visibility")),
    )


def test_an_invited_member_without_an_account_stays_the_same_person(secretariat, lantern, known_member):
    before = profile_of(known_member)
    page = secretariat.get(reverse("network:manage-person", args=[known_member.public_id])).content.decode()
    assert reverse("network:invite-person", args=[known_member.public_id]) in page
    form = secretariat.get(reverse("network:invite-person", args=[known_member.public_id])).content.decode()
    assert "Ingrid Fictional" in form
    assert f'value="{INVITED}"' in form
    assert invite_known_member(secretariat, known_member, lantern).status_code == 302
    newcomer = Client()
    page = newcomer.get(link_in(last_email()), follow=True).content.decode()
    assert "You have been invited to join the network “Lantern” as: chair." in page
    newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    account = models.Account.objects.get(email=INVITED)
    known_member.refresh_from_db()
    assert known_member.account == account
    assert profile_of(known_member) == before  # the typed name does not add a second one
    assert models.Person.objects.exclude(pk=known_member.pk).exclude(account__isnull=False).count() == 0
    assert newcomer.get(reverse("network:profile")).status_code == 200
    lines = AuditEntry.objects.filter(person=known_member.public_id, verb__in=["invited", "accepted an invitation"])
    assert sorted(line.verb for line in lines) == ["accepted an invitation", "invited"]
    manage = secretariat.get(reverse("network:manage-person", args=[known_member.public_id])).content.decode()
    assert reverse("network:invite-person", args=[known_member.public_id]) not in manage
    assert secretariat.get(reverse("network:invite-person", args=[known_member.public_id])).status_code == 404


def test_an_account_without_a_profile_is_linked_to_the_invited_person(secretariat, lantern, known_member):
    account = make_account(email=INVITED)
    invite_known_member(secretariat, known_member, lantern)
    browser = sign_in(Client(), account)
    browser.get(link_in(last_email()))
    assert browser.post(reverse("network:accept-invitation"))["Location"] == reverse("network:account")
    known_member.refresh_from_db()
    assert known_member.account == account


def test_an_account_with_its_own_profile_is_not_linked_to_another_person(secretariat, lantern, known_member):
    own = make_person(account=make_account(email=INVITED))
    before = profile_of(own)
    invite_known_member(secretariat, known_member, lantern)
    browser = sign_in(Client(), own.account)
    browser.get(link_in(last_email()))
    answer = browser.post(reverse("network:accept-invitation"))
    assert answer.status_code == 409
    assert "Your account already has its own profile." in answer.content.decode()
    known_member.refresh_from_db()
    assert (known_member.account, profile_of(own)) == (None, before)
    assert models.Invitation.objects.get().accepted_at is None


def test_a_member_of_another_network_cannot_be_linked(secretariat, lantern):
    """Try IDOR: by their address, and with ids added to the form for an own member or a newcomer."""
    harbour = make_network("harbour")
    theirs = make_person(details={Field.NAME: "Solveig Fictional"})
    make_membership(harbour, theirs)
    own = make_person(details={Field.NAME: "Ragna Fictional"})
    make_membership(lantern, own)
    for network in (lantern, harbour):
        assert invite_known_member(secretariat, theirs, network).status_code == 404
    assert secretariat.get(reverse("network:invite-person", args=[theirs.public_id])).status_code == 404
    assert invite_known_member(secretariat, own, harbour).status_code == 422  # a network that is not the secretariat's
    assert not models.Invitation.objects.exists()
    smuggled = {"person": theirs.pk, "public_id": theirs.public_id}
    invite(secretariat, lantern, **smuggled)
    invite_known_member(secretariat, own, lantern, email="ragna@network.example", **smuggled)
    assert sorted(models.Invitation.objects.values_list("email", "person")) == [
        (INVITED, None),
        ("ragna@network.example", own.pk),
    ]


def test_the_action_itself_rejects_people_who_cannot_be_linked(lantern, known_member):
    """Try people of another network, people in no such network, and people who already have an account."""
    harbour = make_network("harbour")
    elsewhere = make_account(Role.SECRETARIAT, network=harbour)
    elsewhere.second_factor = True
    elsewhere.staff_session = models.StaffSession.objects.create(
        account=elsewhere, browser="x", reason="inviting", ends_at=timezone.now() + timedelta(hours=1)
    )
    how = {"email": INVITED}
    with pytest.raises(PermissionDenied):
        actions.invite_to_account(by=elsewhere, network=harbour, person=known_member, **how)
    for network in (harbour, None):
        with pytest.raises(actions.PersonNotInvitable):
            actions.invite_to_account(by=None, network=network, person=known_member, **how)
    known_member.account = make_account()
    known_member.save()
    with pytest.raises(actions.PersonNotInvitable):
        actions.invite_to_account(by=None, network=lantern, person=known_member, **how)
    assert not models.Invitation.objects.exists()


def test_a_person_has_only_one_pending_invitation_at_a_time(secretariat, lantern, known_member):
    """Withdraw a mistyped first invitation before sending another; its link then stops working."""
    invite_known_member(secretariat, known_member, lantern, email="wrong@network.example")
    wrong = link_in(last_email())
    answer = invite_known_member(secretariat, known_member, lantern)
    assert "This person already has a pending invitation." in answer.content.decode()
    secretariat.post(reverse("network:withdraw-invitation", args=[models.Invitation.objects.get().public_id]))
    assert invite_known_member(secretariat, known_member, lantern).status_code == 302
    assert Client().get(wrong).status_code == 404


@pytest.mark.parametrize("meanwhile", ["has an account", "was erased"])
def test_an_invitation_is_invalid_once_the_person_has_an_account_or_was_erased(
    secretariat, lantern, known_member, meanwhile
):
    invite_known_member(secretariat, known_member, lantern)
    link = link_in(last_email())
    newcomer = Client()
    newcomer.get(link)
    if meanwhile == "has an account":
        known_member.account = make_account()
    else:
        known_member.erased_at = timezone.now()
    known_member.save()
    answer = newcomer.post(reverse("account_signup"), SIGN_UP_DATA)
    assert "This invitation is no longer valid." in answer.content.decode()
    assert not models.Account.objects.filter(email=INVITED).exists()


def test_erasing_a_person_deletes_their_invitation(secretariat, lantern, known_member):
    known_member.details.filter(field=Field.EMAIL).delete()  # only the invitation leads to the address
    invite_known_member(secretariat, known_member, lantern)
    assert models.Invitation.objects.count() == 1
    erase_personal_data(subject=resolve_subject(person=known_member), by=None, channel="by letter")
    assert models.Invitation.objects.count() == 0
