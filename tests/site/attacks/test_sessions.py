"""A session belongs only to the person who signed in, and its permissions are checked at every request."""

from __future__ import annotations

from copy import copy
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.network import models
from tests.factories.attacks import World
from tests.factories.people import PASSWORD, make_account, sign_in


@pytest.fixture(autouse=True)
def treaty(db):
    load_convention()


def session_key_of(client: Client) -> str:
    return client.cookies[configured.SESSION_COOKIE_NAME].value


def sign_in_with_password(client: Client, account: models.Account) -> None:
    answer = client.post("/en/sign-in/", {"login": account.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]


def is_signed_in(client: Client) -> bool:
    return client.get("/en/account/email/").status_code == 200 or "confirm" in client.get("/en/account/email/").get(
        "Location", ""
    )


def test_signing_in_replaces_an_existing_session():
    """Check that planting a session in someone's browser gains an attacker nothing when they sign in."""
    planted, victim, attacker = Client(), Client(), Client()
    session = planted.session
    session["planted"] = True
    session.save()
    for browser in (victim, attacker):
        browser.cookies[configured.SESSION_COOKIE_NAME] = session.session_key
    assert victim.session["planted"]  # the planted session is in use
    sign_in_with_password(victim, make_account(Role.READER))
    assert session_key_of(victim) != session.session_key
    assert (is_signed_in(victim), is_signed_in(attacker)) == (True, False)


def test_a_session_key_chosen_by_the_browser_is_not_used():
    """Check that an attacker who chooses the session key gains nothing."""
    victim = Client()
    victim.cookies[configured.SESSION_COOKIE_NAME] = "a" * 32
    sign_in_with_password(victim, make_account(Role.READER))
    assert session_key_of(victim) != "a" * 32


def test_signing_out_also_ends_a_copied_session():
    browser, thief = Client(), Client()
    sign_in_with_password(browser, make_account(Role.READER))
    thief.cookies = copy(browser.cookies)
    assert is_signed_in(thief)  # a stolen cookie does give access
    browser.post("/en/sign-out/")
    assert not is_signed_in(thief)


def test_a_session_key_in_an_address_is_ignored():
    browser = Client()
    sign_in_with_password(browser, make_account(Role.READER))
    for name in (configured.SESSION_COOKIE_NAME, "sessionid", "PHPSESSID", "sid"):
        assert Client().get("/en/account/email/", {name: session_key_of(browser)}).status_code == 302


def test_a_role_that_ended_no_longer_counts_at_the_next_request():
    account = make_account(Role.EDITOR)
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    account.grants.update(until=timezone.now() - timedelta(seconds=1))
    assert editor.get("/en/upload/").status_code == 403
    assert editor.post("/en/upload/").status_code == 403


def test_a_refusal_takes_effect_at_the_next_request_whatever_the_roles():
    account = make_account(*(role for role in Role if role not in {Role.NATIONAL_DESK, Role.ORGANISER}))
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    models.Refusal.objects.create(account=account, claim=Claim.UPLOAD_REPORTS, since=timezone.now(), reason="a test")
    assert editor.get("/en/upload/").status_code == 403


def test_a_closed_account_no_longer_has_access_at_the_next_request():
    account = make_account(Role.EDITOR)
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    models.Account.objects.filter(pk=account.pk).update(is_active=False)
    assert editor.get("/en/upload/").status_code == 302


def test_a_newly_assigned_role_asks_for_its_second_factor():
    """Check that a session opened with only a password does not become a staff session."""
    account = make_account(Role.READER)
    browser = sign_in(Client(), account, second_factor=False)
    assert browser.get("/en/staff/audit-log/").status_code == 403
    models.RoleGrant.objects.create(account=account, role=Role.AUDITOR, since=timezone.now())
    answer = browser.get("/en/staff/audit-log/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/account/second-factor/required/")


# --- Staff sessions -----------------------------------------------------------------------------------------------


def test_a_staff_session_is_open_only_in_its_own_browser(world: World):
    here, account = world.clients["administrator"], world.accounts["administrator"]
    assert here.get("/en/staff/roles/").status_code == 200
    elsewhere = sign_in(Client(), account)  # the same account, with its second factor, in another browser
    answer = elsewhere.get("/en/staff/roles/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/staff/session/")


def test_a_staff_session_of_someone_else_gives_no_access(world: World):
    """Check that a staff session counts only for both its account and its browser; one of them is not enough."""
    row = models.StaffSession.objects.get(account=world.accounts["administrator"])
    thief = sign_in(Client(), make_account(Role.ADMINISTRATOR))
    assert thief.get("/en/staff/roles/").status_code == 302
    models.StaffSession.objects.filter(pk=row.pk).update(account=world.accounts["secretariat"])
    assert world.clients["administrator"].get("/en/staff/roles/").status_code == 302


@pytest.mark.parametrize(
    "end",
    [
        {"ends_at": timezone.now() - timedelta(seconds=1)},
        {"closed_at": timezone.now()},
    ],
    ids=["its time is over", "it was closed"],
)
def test_an_ended_staff_session_gives_no_access_at_the_next_request(world: World, end):
    browser = world.clients["administrator"]
    assert browser.get("/en/staff/roles/").status_code == 200
    models.StaffSession.objects.filter(account=world.accounts["administrator"]).update(**end)
    assert browser.get("/en/staff/roles/").status_code == 302


def test_a_staff_session_without_a_second_factor_gives_no_access():
    account = make_account(Role.ADMINISTRATOR)
    browser = sign_in(Client(), account, second_factor=False, staff_session="the tests of attacks")
    answer = browser.get("/en/staff/roles/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/account/second-factor/required/")


def test_the_secretariat_of_one_network_has_no_access_to_another(world: World):
    for address in ("/en/networks/lantern/members/", f"/en/people/{world.ids['person']}/manage/"):
        assert world.clients["secretariat"].get(address).status_code == 200
        assert world.clients["abroad"].get(address).status_code in {403, 404}
