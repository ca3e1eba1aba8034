"""A form sent before reauthentication is submitted afterwards only if the person still has permission."""

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


def store_pending_form(browser: Client, address: str, said: dict[str, str]) -> Client:
    """Store a submitted form in the session as allauth does while it asks for the password."""
    session = browser.session
    session[STATE_SESSION_KEY] = {"request": serialize_request(RequestFactory().post(address, said))}
    session.save()
    return browser


def reauthenticate(browser: Client, address: str) -> object:
    return browser.post(f"{reverse('account_reauthenticate')}?next={address}", {"password": PASSWORD})


def deactivation_form(account: models.Account) -> tuple[str, dict[str, str]]:
    return reverse("network:deactivate-account", args=[account.public_id]), {"reason": "left the ministry in May"}


def test_a_pending_form_is_submitted_after_reauthentication(administrator, other):
    """With the required role, the pending form takes effect; so there is something to refuse."""
    address, said = deactivation_form(other)
    browser = store_pending_form(sign_in(Client(), administrator, staff_session="closing accounts"), address, said)
    assert reauthenticate(browser, address).status_code == 302
    other.refresh_from_db()
    assert not other.is_active


def end_roles(account: models.Account) -> None:
    account.grants.update(until=timezone.now())


def end_staff_sessions(account: models.Account) -> None:
    account.staff_sessions.update(closed_at=timezone.now())


def add_refusal(account: models.Account) -> None:
    models.Refusal.objects.create(account=account, claim="give_roles", since=timezone.now(), reason="a conflict")


@pytest.mark.parametrize("meanwhile", [end_roles, end_staff_sessions, add_refusal])
def test_a_pending_form_is_dropped_if_the_permission_was_lost_meanwhile(administrator, other, meanwhile):
    make_account(Role.ADMINISTRATOR)  # another administrator, who could have ended the role
    address, said = deactivation_form(other)
    browser = store_pending_form(sign_in(Client(), administrator, staff_session="closing accounts"), address, said)
    meanwhile(administrator)
    answer = reauthenticate(browser, address)
    assert (answer.status_code, answer["Location"]) == (302, address)  # by redirect: the permission check comes first
    assert STATE_SESSION_KEY not in browser.session
    after = browser.get(address)
    assert after.status_code in {302, 403}
    other.refresh_from_db()
    assert other.is_active


def test_a_pending_form_for_an_unknown_address_redirects_there(administrator):
    browser = store_pending_form(sign_in(Client(), administrator), "/en/nothing/here/", {})
    assert reauthenticate(browser, "/en/nothing/here/")["Location"] == "/en/nothing/here/"


def test_ending_ones_own_session_continues_after_reauthentication(db):
    """Ending a session asks for the password and then ends it, without another click."""
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
