"""The first administrator of a real site is made on the machine itself, by command."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from samsvar.site.audit.models import Entry
from samsvar.site.convention.models import State
from samsvar.site.network import models
from tests.factories.people import make_account, make_network

A_PASSWORD = "seven grey herons at noon"


@pytest.fixture(autouse=True)
def no_limit_of_another_test(db):
    cache.clear()


def run(*command, stdin=None, monkeypatch=None):
    out = io.StringIO()
    if stdin is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command(*command, stdout=out)
    return out.getvalue().splitlines()


def roles():
    return sorted(
        (
            grant.account.email,
            grant.role,
            grant.state_id or "",
            grant.network.slug if grant.network else "",
            grant.meeting,
        )
        for grant in models.RoleGrant.objects.all()
    )


def test_the_first_administrator_chooses_a_password_by_a_link_that_opens_once(client):
    said = run("add_account", "first@ministry.example", "--role", "administrator")
    assert said[0] == "first@ministry.example has an account."
    assert roles() == [("first@ministry.example", "administrator", "", "", "")]
    link = urlsplit(said[2]).path
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": A_PASSWORD, "password2": A_PASSWORD})
    client.post(reverse("account_login"), {"login": "first@ministry.example", "password": A_PASSWORD})
    assert client.session["_auth_user_id"]
    assert "not valid any more" in client.get(link, follow=True).content.decode()


def test_a_password_may_be_given_on_the_machine(monkeypatch):
    said = run(
        "add_account", "First@ministry.example", "--ask-password", stdin=f"{A_PASSWORD}\n", monkeypatch=monkeypatch
    )
    assert said == ["first@ministry.example has an account."]
    assert models.Account.objects.get().check_password(A_PASSWORD)


def test_a_weak_password_makes_no_account(monkeypatch):
    with pytest.raises(CommandError, match="No account was made"):
        run("add_account", "first@ministry.example", "--ask-password", stdin="short\n", monkeypatch=monkeypatch)
    assert not models.Account.objects.exists()


@pytest.mark.parametrize("email", ["nobody", "made@ministry.example"])
def test_no_second_account_and_none_without_an_address(email):
    make_account(email="made@ministry.example")
    with pytest.raises(CommandError, match="No account was made"):
        run("add_account", email)
    assert models.Account.objects.count() == 1


def test_a_role_that_needs_a_country_is_refused_without_one_and_leaves_no_account():
    with pytest.raises(CommandError, match="for which country"):
        run("add_account", "desk@ministry.example", "--role", "national_desk")
    assert not models.Account.objects.exists()


def test_a_role_is_given_with_what_it_is_bound_to():
    State.objects.get_or_create(code="XA")
    make_network("lantern")
    make_account(email="desk@ministry.example")
    assert run("give_role", "desk@ministry.example", "national_desk", "--state", "xa") == [
        "desk@ministry.example is national_desk now."
    ]
    run("give_role", "desk@ministry.example", "secretariat", "--network", "lantern")
    assert roles() == [
        ("desk@ministry.example", "national_desk", "XA", "", ""),
        ("desk@ministry.example", "secretariat", "", "lantern", ""),
    ]
    assert [(line.actor, line.verb, line.why) for line in Entry.objects.all()] == [
        (None, "gave a role", "by command")
    ] * 2


@pytest.mark.parametrize(
    "command",
    [
        ("nobody@ministry.example", "reader"),
        ("desk@ministry.example", "national_desk"),
        ("desk@ministry.example", "national_desk", "--state", "QQ"),
        ("desk@ministry.example", "secretariat", "--network", "nowhere"),
    ],
)
def test_what_cannot_be_given_changes_nothing(command):
    make_account(email="desk@ministry.example")
    with pytest.raises(CommandError):
        run("give_role", *command)
    assert roles() == []


def test_letters_are_not_sent_without_a_mail_server():
    with pytest.raises(CommandError, match="SAMSVAR_SMTP is not set"):
        run("send_letters")
