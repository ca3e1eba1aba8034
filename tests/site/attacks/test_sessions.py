"""A session is nobody's but the one's who signed in, and what it may do is asked anew at every request."""

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
def the_treaty(db):
    load_convention()


def key_of(client: Client) -> str:
    return client.cookies[configured.SESSION_COOKIE_NAME].value


def signs_in(client: Client, account: models.Account) -> None:
    answer = client.post("/en/sign-in/", {"login": account.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]


def is_in(client: Client) -> bool:
    return client.get("/en/account/email/").status_code == 200 or "confirm" in client.get("/en/account/email/").get(
        "Location", ""
    )


def test_a_session_that_was_there_before_signing_in_is_another_one_afterwards():
    """Who plants a session in somebody's browser and waits gets nothing when they sign in."""
    planted, victim, attacker = Client(), Client(), Client()
    session = planted.session
    session["planted"] = True
    session.save()
    for browser in (victim, attacker):
        browser.cookies[configured.SESSION_COOKIE_NAME] = session.session_key
    assert victim.session["planted"]  # the plant took
    signs_in(victim, make_account(Role.READER))
    assert key_of(victim) != session.session_key
    assert (is_in(victim), is_in(attacker)) == (True, False)


def test_a_session_that_nobody_made_is_taken_from_no_browser():
    """An attacker who chooses the key chooses nothing."""
    victim = Client()
    victim.cookies[configured.SESSION_COOKIE_NAME] = "a" * 32
    signs_in(victim, make_account(Role.READER))
    assert key_of(victim) != "a" * 32


def test_signing_out_ends_the_session_for_whoever_copied_it():
    browser, thief = Client(), Client()
    signs_in(browser, make_account(Role.READER))
    thief.cookies = copy(browser.cookies)
    assert is_in(thief)  # a stolen cookie is worth something
    browser.post("/en/sign-out/")
    assert not is_in(thief)


def test_a_session_in_an_address_is_none():
    browser = Client()
    signs_in(browser, make_account(Role.READER))
    for name in (configured.SESSION_COOKIE_NAME, "sessionid", "PHPSESSID", "sid"):
        assert Client().get("/en/account/email/", {name: key_of(browser)}).status_code == 302


def test_a_role_that_ended_works_no_more_in_the_very_next_request():
    account = make_account(Role.EDITOR)
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    account.grants.update(until=timezone.now() - timedelta(seconds=1))
    assert editor.get("/en/upload/").status_code == 403
    assert editor.post("/en/upload/").status_code == 403


def test_a_refusal_works_in_the_very_next_request_whatever_roles_there_are():
    account = make_account(*(role for role in Role if role not in {Role.NATIONAL_DESK, Role.ORGANISER}))
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    models.Refusal.objects.create(account=account, claim=Claim.UPLOAD_REPORTS, since=timezone.now(), reason="a test")
    assert editor.get("/en/upload/").status_code == 403


def test_a_closed_account_works_no_more_in_the_very_next_request():
    account = make_account(Role.EDITOR)
    editor = sign_in(Client(), account)
    assert editor.get("/en/upload/").status_code == 200
    models.Account.objects.filter(pk=account.pk).update(is_active=False)
    assert editor.get("/en/upload/").status_code == 302


def test_a_role_given_meanwhile_asks_for_its_second_factor():
    """A session that was opened with a password alone does not grow into a staff session."""
    account = make_account(Role.READER)
    browser = sign_in(Client(), account, second_factor=False)
    assert browser.get("/en/staff/audit-log/").status_code == 403
    models.RoleGrant.objects.create(account=account, role=Role.AUDITOR, since=timezone.now())
    answer = browser.get("/en/staff/audit-log/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/account/second-factor/needed/")


# --- Staff sessions -----------------------------------------------------------------------------------------------


def test_a_staff_session_is_open_in_its_own_browser_and_in_no_other(world: World):
    here, account = world.clients["administrator"], world.accounts["administrator"]
    assert here.get("/en/staff/roles/").status_code == 200
    elsewhere = sign_in(Client(), account)  # the same account, with its second factor, in another browser
    answer = elsewhere.get("/en/staff/roles/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/staff/session/")


def test_a_staff_session_of_somebody_else_opens_nothing(world: World):
    """The row in the database belongs to an account and to a browser; with either alone it is worth nothing."""
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
def test_a_staff_session_that_is_over_opens_nothing_in_the_very_next_request(world: World, end):
    browser = world.clients["administrator"]
    assert browser.get("/en/staff/roles/").status_code == 200
    models.StaffSession.objects.filter(account=world.accounts["administrator"]).update(**end)
    assert browser.get("/en/staff/roles/").status_code == 302


def test_a_staff_session_without_a_second_factor_opens_nothing():
    account = make_account(Role.ADMINISTRATOR)
    browser = sign_in(Client(), account, second_factor=False, staff_session="the tests of attacks")
    answer = browser.get("/en/staff/roles/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/en/account/second-factor/needed/")


def test_the_secretariat_of_one_network_is_none_of_another(world: World):
    for address in ("/en/networks/lantern/members/", f"/en/people/{world.ids['person']}/manage/"):
        assert world.clients["secretariat"].get(address).status_code == 200
        assert world.clients["abroad"].get(address).status_code in {403, 404}
