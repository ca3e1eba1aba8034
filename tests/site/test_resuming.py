"""What was sent before somebody confirmed who they are goes on afterwards only where its door still opens to them."""

from __future__ import annotations

import json

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.httpkit import serialize_request
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.network import models
from tests.factories.people import PASSWORD, make_account, sign_in


@pytest.fixture
def other(db):
    return make_account(Role.EDITOR)


@pytest.fixture
def administrator(db):
    return make_account(Role.ADMINISTRATOR)


def kept(browser: Client, address: str, said: dict[str, str]) -> Client:
    """A form that was sent, and for which the password is asked before it is taken, as allauth keeps it."""
    session = browser.session
    session[STATE_SESSION_KEY] = {"request": serialize_request(RequestFactory().post(address, said))}
    session.save()
    return browser


def confirmed(browser: Client, address: str) -> object:
    return browser.post(f"{reverse('account_reauthenticate')}?next={address}", {"password": PASSWORD})


def closing(account: models.Account) -> tuple[str, dict[str, str]]:
    return reverse("network:deactivate-account", args=[account.public_id]), {"reason": "left the ministry in May"}


def test_what_was_sent_goes_on_after_the_password(administrator, other):
    """There is something to refuse: with the role that it needs, the form that was kept does its work."""
    address, said = closing(other)
    browser = kept(sign_in(Client(), administrator, staff_session="closing accounts"), address, said)
    assert confirmed(browser, address).status_code == 302
    other.refresh_from_db()
    assert not other.is_active


def a_role_that_ended(account: models.Account) -> None:
    account.grants.update(until=timezone.now())


def a_staff_session_that_ended(account: models.Account) -> None:
    account.staff_sessions.update(closed_at=timezone.now())


def a_refusal(account: models.Account) -> None:
    models.Refusal.objects.create(account=account, claim="give_roles", since=timezone.now(), reason="a conflict")


@pytest.mark.parametrize("meanwhile", [a_role_that_ended, a_staff_session_that_ended, a_refusal])
def test_what_was_sent_does_not_go_on_where_its_door_is_closed_meanwhile(administrator, other, meanwhile):
    make_account(Role.ADMINISTRATOR)  # another one, who could have ended the role
    address, said = closing(other)
    browser = kept(sign_in(Client(), administrator, staff_session="closing accounts"), address, said)
    meanwhile(administrator)
    answer = confirmed(browser, address)
    assert (answer.status_code, answer["Location"]) == (302, address)  # by redirect: the gate stands before it
    assert STATE_SESSION_KEY not in browser.session
    after = browser.get(address)
    assert after.status_code in {302, 403}
    other.refresh_from_db()
    assert other.is_active


def test_what_leads_nowhere_is_forgotten(administrator):
    browser = kept(sign_in(Client(), administrator), "/en/nothing/here/", {})
    assert confirmed(browser, "/en/nothing/here/")["Location"] == "/en/nothing/here/"


def test_one_s_own_page_goes_on_as_before(db):
    """End one session: the password is asked for, and then it ends, without pressing once more."""
    account = make_account()
    elsewhere = sign_in(Client(), account)
    elsewhere.get(reverse("network:account"))
    browser = Client()
    browser.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    pk = account.usersession_set.exclude(session_key=browser.session.session_key).get().pk
    address = reverse("network:end-session", args=[pk])
    asked = browser.post(address)
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert json.loads(browser.session[STATE_SESSION_KEY]["request"])["path"] == address
    assert browser.post(asked["Location"], {"password": PASSWORD})["Location"] == reverse("usersessions_list")
    assert elsewhere.get(reverse("network:account")).status_code == 302
