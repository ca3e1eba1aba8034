"""An account is given by invitation: to one address, once, for two weeks, by who may invite to that network."""

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

from samsvar.ids import secret_hash
from samsvar.network.consent import Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.accounts.actions import accounts as actions
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.privacy.actions.privacy import erase
from tests.factories.people import PASSWORD, join, make_account, make_network, make_person, sign_in

INVITED = "newcomer@network.example"
SAID = {"name": "Newcomer Invented", "password1": "seven grey herons at noon"}


@pytest.fixture(autouse=True)
def no_limit_of_another_test(db):
    cache.clear()


@pytest.fixture
def lantern(db):
    return make_network("lantern")


@pytest.fixture
def secretariat(client, lantern):
    """The browser of this network's secretariat, in a staff session."""
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="inviting new members")
    return client


def invite(browser, network=None, email=INVITED, **said):
    said = {"email": email, "language": "en", "office": "member", **said}
    if network is not None:
        said["network"] = network.pk
    return browser.post(reverse("network:invitations"), said)


def link_in(letter):
    return urlsplit(re.search(r"https?://\S+", letter.body)[0]).path


def the_letter():
    return models.Letter.objects.order_by("-pk")[0]


# --- The way that works -----------------------------------------------------------------------------------------------


def test_who_is_invited_makes_an_account_and_is_a_member(secretariat, lantern):
    assert invite(secretariat, lantern)["Location"] == reverse("network:invitations")
    letter = the_letter()
    assert letter.to == INVITED
    assert letter.subject == "Samsvar: An invitation to “Lantern”"
    newcomer = Client()
    answer = newcomer.get(link_in(letter))
    assert answer["Location"] == reverse("account_signup")  # the token has left the address
    page = newcomer.get(answer["Location"]).content.decode()
    assert "You are invited to the network “Lantern”, as: member." in page
    assert re.search(rf'value="{INVITED}"[^>]*disabled', page)
    answer = newcomer.post(reverse("account_signup"), SAID)
    assert answer.status_code == 302
    account = models.Account.objects.get(email=INVITED)
    assert newcomer.session["_auth_user_id"] == str(account.pk)  # the letter has confirmed the address
    assert list(EmailAddress.objects.filter(user=account).values_list("email", "verified", "primary")) == [
        (INVITED, True, True)
    ]
    person = account.person
    assert [(one.network, one.office) for one in person.memberships.all()] == [(lantern, "member")]
    assert list(person.details.filter(field=Field.NAME).values_list("value", "visibility")) == [
        ("Newcomer Invented", Visibility.SECRETARIAT)
    ]
    assert [grant.role for grant in account.grants.all()] == [Role.READER]
    assert models.Letter.objects.count() == 1  # no second letter asks to confirm


def test_the_database_holds_only_what_the_token_hashes_to(secretariat, lantern):
    invite(secretariat, lantern)
    token = link_in(the_letter()).rstrip("/").rpartition("/")[2]
    assert len(token) >= 43  # 256 bits
    invitation = models.Invitation.objects.get()
    assert invitation.token_hash == secret_hash(token)
    assert token not in str(vars(invitation))


def test_the_trail_says_who_invited_and_who_accepted_and_no_address(secretariat, lantern):
    invite(secretariat, lantern)
    newcomer = Client()
    newcomer.get(link_in(the_letter()))
    newcomer.post(reverse("account_signup"), SAID)
    invitation = models.Invitation.objects.get()
    lines = Entry.objects.filter(subject=f"invitation {invitation.public_id}").order_by("pk")
    assert [(line.verb, line.details) for line in lines] == [
        ("invited", {"network": "lantern", "office": "member"}),
        ("accepted an invitation", {"network": "lantern", "office": "member"}),
    ]
    assert lines[0].why == "inviting new members"
    assert lines[1].person == invitation.account.person.public_id
    assert not any(INVITED in str(vars(line)) or "Newcomer" in str(vars(line)) for line in Entry.objects.all())


@pytest.mark.parametrize(
    ("language", "path"), [("en", "/en/join/with/"), ("fr", "/fr/join/with/"), ("ro", "/ro/join/with/")]
)
def test_the_link_leads_to_pages_in_the_language_of_the_letter(secretariat, lantern, language, path):
    invite(secretariat, lantern, language=language)
    assert link_in(the_letter()).startswith(path)


def test_who_has_an_account_accepts_with_it(secretariat, lantern):
    account = make_account(Role.READER, email=INVITED)
    invite(secretariat, lantern)
    browser = Client()
    browser.get(link_in(the_letter()))
    page = browser.get(reverse("account_signup")).content.decode()
    assert "This address has an account already" in page
    answer = browser.post(
        reverse("account_login"),
        {"login": INVITED, "password": PASSWORD, "next": reverse("network:accept-invitation")},
    )
    assert answer["Location"] == reverse("network:accept-invitation")
    assert "“Lantern”" in browser.get(answer["Location"]).content.decode()
    assert not lantern.memberships.exists()  # a page that is looked at accepts nothing
    browser.post(answer["Location"])
    assert lantern.memberships.get().person.account == account


# --- For that address, once, in time ----------------------------------------------------------------------------------


def test_an_invitation_that_was_passed_on_makes_no_account_for_another_address(secretariat, lantern):
    invite(secretariat, lantern)
    friend = Client()
    friend.get(link_in(the_letter()))
    friend.post(reverse("account_signup"), {**SAID, "email": "friend@elsewhere.example"})
    assert not models.Account.objects.filter(email="friend@elsewhere.example").exists()
    assert models.Invitation.objects.get().account.email == INVITED


def test_an_invitation_that_was_passed_on_is_nothing_to_the_account_of_another(secretariat, lantern):
    invite(secretariat, lantern)
    friend = Client()
    sign_in(friend, make_account(Role.READER))
    answer = friend.get(link_in(the_letter()))
    assert answer["Location"] == reverse("network:accept-invitation")
    page = friend.get(answer["Location"])
    assert page.status_code == 409
    assert "is for another address" in page.content.decode()
    assert friend.post(answer["Location"]).status_code == 409
    assert not lantern.memberships.exists()


def test_it_opens_once(secretariat, lantern):
    invite(secretariat, lantern)
    link = link_in(the_letter())
    first, second = Client(), Client()
    for browser in (first, second):
        assert browser.get(link).status_code == 302
    first.post(reverse("account_signup"), SAID)
    assert models.Account.objects.filter(email=INVITED).exists()
    assert second.get(link).status_code == 404
    assert "by invitation" in second.get(reverse("account_signup")).content.decode()
    second.post(reverse("account_signup"), SAID)
    assert models.Account.objects.filter(email=INVITED).count() == 1


@pytest.mark.parametrize("how", ["run out", "withdrawn", "sent again"])
def test_a_link_that_is_over_opens_nothing_even_where_it_was_opened_before(secretariat, lantern, how):
    invite(secretariat, lantern)
    link = link_in(the_letter())
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
            secretariat.post(reverse("network:invite-again", args=[invitation.public_id]))
    newcomer.post(reverse("account_signup"), SAID)
    assert not models.Account.objects.filter(email=INVITED).exists()
    assert Client().get(link).status_code == 404
    if how == "sent again":
        assert Client().get(link_in(the_letter())).status_code == 302


def test_it_lasts_two_weeks(secretariat, lantern):
    invite(secretariat, lantern)
    left = models.Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


def test_a_guessed_link_opens_nothing_and_guesses_are_limited(client, db):
    answers = [client.get(reverse("network:open-invitation", args=[f"guess-{number}"])) for number in range(22)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 2


def test_without_an_invitation_nobody_makes_an_account(client, db):
    page = client.get(reverse("account_signup")).content.decode()
    assert "Accounts are given by invitation" in page
    client.post(reverse("account_signup"), {**SAID, "email": "stranger@network.example"})
    assert not models.Account.objects.exists()


def test_an_office_that_was_taken_meanwhile_is_said_so_and_leaves_no_account(secretariat, lantern):
    for name in ("first", "second"):
        invite(secretariat, lantern, email=f"{name}@network.example", office="chair")
    letters = models.Letter.objects.order_by("pk")
    first, second = Client(), Client()
    for browser, letter in zip((first, second), letters, strict=True):
        browser.get(link_in(letter))
    first.post(reverse("account_signup"), SAID)
    assert lantern.memberships.get().office == "chair"
    page = second.post(reverse("account_signup"), SAID)
    assert page.status_code == 200
    assert "holds this office at that time already" in page.content.decode()
    assert not models.Account.objects.filter(email="second@network.example").exists()
    assert models.Invitation.objects.get(email="second@network.example").accepted_at is None


# --- By whom ----------------------------------------------------------------------------------------------------------


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


def test_a_secretariat_sees_and_touches_no_invitation_of_another_network(secretariat, lantern):
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
        for name in ("network:withdraw-invitation", "network:invite-again"):
            assert secretariat.post(reverse(name, args=[invitation.public_id])).status_code == 404
    assert models.Letter.objects.count() == 1


def test_an_administrator_invites_anywhere(client, lantern):
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="a new network")
    assert invite(client, lantern).status_code == 302
    assert invite(client, None, email="second@network.example").status_code == 302
    assert set(models.Invitation.objects.values_list("email", "network__slug")) == {
        (INVITED, "lantern"),
        ("second@network.example", None),
    }


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SECRETARIAT, Role.ADMINISTRATOR}], ids=str)
def test_no_other_role_invites(client, lantern, role):
    account = make_account(role, network=lantern, state=None)
    sign_in(client, account)
    assert client.get(reverse("network:invitations")).status_code in {302, 403}
    assert invite(client, lantern).status_code in {302, 403}
    with pytest.raises(PermissionDenied):
        actions.invite(email=INVITED, by=account, network=lantern, host="h", join_url="TOKEN")
    assert not models.Invitation.objects.exists()


def test_inviting_the_same_address_again_says_so_and_sends_nothing(secretariat, lantern):
    invite(secretariat, lantern)
    answer = invite(secretariat, lantern)
    assert "has an open invitation already" in answer.content.decode()
    assert models.Letter.objects.count() == 1


def test_inviting_says_nothing_of_whether_there_is_an_account(secretariat, lantern):
    make_account(email="known@network.example")
    answers = [
        (answer.status_code, answer["Location"])
        for answer in (invite(secretariat, lantern, email=f"{name}@network.example") for name in ("known", "unknown"))
    ]
    assert answers[0] == answers[1]


def test_two_secretariats_may_invite_one_person(client, lantern):
    beacon = make_network("beacon")
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="two networks")
    invite(client, lantern)
    first = link_in(the_letter())
    invite(client, beacon)
    second = link_in(the_letter())
    newcomer = Client()
    newcomer.get(first)
    newcomer.post(reverse("account_signup"), SAID)
    newcomer.get(second)
    newcomer.post(reverse("network:accept-invitation"))
    person = models.Account.objects.get(email=INVITED).person
    assert {one.network.slug for one in person.memberships.all()} == {"lantern", "beacon"}
    assert person.account.grants.count() == 1


# --- Open sign-up -----------------------------------------------------------------------------------------------------


def test_where_sign_up_is_open_the_address_is_confirmed_first(client, db, settings):
    settings.SAMSVAR_OPEN_SIGN_UP = True
    client.post(reverse("account_signup"), {**SAID, "email": "stranger@network.example"})
    assert "_auth_user_id" not in client.session
    account = models.Account.objects.get()
    assert [grant.role for grant in account.grants.all()] == [Role.READER]
    said = {"login": account.email, "password": SAID["password1"]}
    Client().post(reverse("account_login"), said)
    assert not EmailAddress.objects.get().verified
    Client().post(link_in(models.Letter.objects.order_by("pk")[0]))
    assert EmailAddress.objects.get().verified
    browser = Client()
    browser.post(reverse("account_login"), said)
    assert browser.session["_auth_user_id"] == str(account.pk)


# --- A member whom the secretariat knows already ----------------------------------------------------------------------


@pytest.fixture
def known(lantern):
    """The chair of the network, whom the secretariat wrote down; she has no account."""
    person = make_person(details={Field.NAME: "Ingrid Invented", Field.EMAIL: INVITED, Field.ABOUT: "knows shelters"})
    join(lantern, person, "chair")
    return person


def invite_known(browser, person, network, /, **said):
    said = {"email": INVITED, "language": "en", "network": network.pk, **said}
    return browser.post(reverse("network:invite-person", args=[person.public_id]), said)


def everything_of(person):
    return (
        list(person.memberships.values_list("network__slug", "office")),
        sorted(person.details.values_list("field", "value", "visibility")),
    )


def test_a_member_without_an_account_is_invited_and_is_the_same_person_afterwards(secretariat, lantern, known):
    before = everything_of(known)
    page = secretariat.get(reverse("network:manage-person", args=[known.public_id])).content.decode()
    assert reverse("network:invite-person", args=[known.public_id]) in page
    form = secretariat.get(reverse("network:invite-person", args=[known.public_id])).content.decode()
    assert "Ingrid Invented" in form
    assert f'value="{INVITED}"' in form
    assert invite_known(secretariat, known, lantern).status_code == 302
    newcomer = Client()
    page = newcomer.get(link_in(the_letter()), follow=True).content.decode()
    assert "You are invited to the network “Lantern”, as: chair." in page
    newcomer.post(reverse("account_signup"), SAID)
    account = models.Account.objects.get(email=INVITED)
    known.refresh_from_db()
    assert known.account == account
    assert everything_of(known) == before  # the name that was typed makes no second one
    assert models.Person.objects.exclude(pk=known.pk).exclude(account__isnull=False).count() == 0
    assert newcomer.get(reverse("network:entry")).status_code == 200
    lines = Entry.objects.filter(person=known.public_id, verb__in=["invited", "accepted an invitation"])
    assert sorted(line.verb for line in lines) == ["accepted an invitation", "invited"]
    manage = secretariat.get(reverse("network:manage-person", args=[known.public_id])).content.decode()
    assert reverse("network:invite-person", args=[known.public_id]) not in manage
    assert secretariat.get(reverse("network:invite-person", args=[known.public_id])).status_code == 404


def test_who_has_an_account_but_no_entry_becomes_the_person(secretariat, lantern, known):
    account = make_account(email=INVITED)
    invite_known(secretariat, known, lantern)
    browser = sign_in(Client(), account)
    browser.get(link_in(the_letter()))
    assert browser.post(reverse("network:accept-invitation"))["Location"] == reverse("network:account")
    known.refresh_from_db()
    assert known.account == account


def test_who_has_an_entry_of_their_own_does_not_become_somebody_else(secretariat, lantern, known):
    own = make_person(account=make_account(email=INVITED))
    before = everything_of(own)
    invite_known(secretariat, known, lantern)
    browser = sign_in(Client(), own.account)
    browser.get(link_in(the_letter()))
    answer = browser.post(reverse("network:accept-invitation"))
    assert answer.status_code == 409
    assert "Your account has an entry of its own already." in answer.content.decode()
    known.refresh_from_db()
    assert (known.account, everything_of(own)) == (None, before)
    assert models.Invitation.objects.get().accepted_at is None


def test_the_member_of_another_network_cannot_be_bound(secretariat, lantern):
    """IDOR: neither by their address, nor smuggled into the form of one's own member or of a newcomer."""
    harbour = make_network("harbour")
    theirs = make_person(details={Field.NAME: "Solveig Invented"})
    join(harbour, theirs)
    own = make_person(details={Field.NAME: "Ragna Invented"})
    join(lantern, own)
    for network in (lantern, harbour):
        assert invite_known(secretariat, theirs, network).status_code == 404
    assert secretariat.get(reverse("network:invite-person", args=[theirs.public_id])).status_code == 404
    assert invite_known(secretariat, own, harbour).status_code == 422  # a network that is not theirs
    assert not models.Invitation.objects.exists()
    smuggled = {"person": theirs.pk, "public_id": theirs.public_id}
    invite(secretariat, lantern, **smuggled)
    invite_known(secretariat, own, lantern, email="ragna@network.example", **smuggled)
    assert sorted(models.Invitation.objects.values_list("email", "person")) == [
        (INVITED, None),
        ("ragna@network.example", own.pk),
    ]


def test_the_action_itself_binds_nobody_else(lantern, known):
    """Whoever calls it: a stranger's person, a person in no such network, one who has an account."""
    harbour = make_network("harbour")
    elsewhere = make_account(Role.SECRETARIAT, network=harbour)
    elsewhere.second_factor = True
    elsewhere.staff_session = models.StaffSession.objects.create(
        account=elsewhere, browser="x", reason="inviting", ends_at=timezone.now() + timedelta(hours=1)
    )
    how = {"email": INVITED, "host": "s.test", "join_url": "https://s.test/TOKEN"}
    with pytest.raises(PermissionDenied):
        actions.invite(by=elsewhere, network=harbour, person=known, **how)
    for network in (harbour, None):
        with pytest.raises(actions.HasAccountAlready):
            actions.invite(by=None, network=network, person=known, **how)
    known.account = make_account()
    known.save()
    with pytest.raises(actions.HasAccountAlready):
        actions.invite(by=None, network=lantern, person=known, **how)
    assert not models.Invitation.objects.exists()


def test_of_two_addresses_for_one_person_only_one_is_ever_open(secretariat, lantern, known):
    """The first was mistyped: it is withdrawn before another letter goes out, and then opens nothing."""
    invite_known(secretariat, known, lantern, email="wrong@network.example")
    wrong = link_in(the_letter())
    answer = invite_known(secretariat, known, lantern)
    assert "This person has an open invitation already." in answer.content.decode()
    secretariat.post(reverse("network:withdraw-invitation", args=[models.Invitation.objects.get().public_id]))
    assert invite_known(secretariat, known, lantern).status_code == 302
    assert Client().get(wrong).status_code == 404


@pytest.mark.parametrize("meanwhile", ["has an account", "was erased"])
def test_an_invitation_for_a_person_opens_nothing_where_there_is_nobody_to_be_bound(
    secretariat, lantern, known, meanwhile
):
    invite_known(secretariat, known, lantern)
    link = link_in(the_letter())
    newcomer = Client()
    newcomer.get(link)
    if meanwhile == "has an account":
        known.account = make_account()
    else:
        known.erased_at = timezone.now()
    known.save()
    answer = newcomer.post(reverse("account_signup"), SAID)
    assert "This invitation is not valid any more." in answer.content.decode()
    assert not models.Account.objects.filter(email=INVITED).exists()


def test_an_erased_person_s_invitation_goes_with_them(secretariat, lantern, known):
    known.details.filter(field=Field.EMAIL).delete()  # nothing but the invitation leads to the address
    invite_known(secretariat, known, lantern)
    assert models.Invitation.objects.count() == 1
    erase(subject=subject_of(person=known), by=None, asked="by letter")
    assert models.Invitation.objects.count() == 0
