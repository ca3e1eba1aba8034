"""Commands on the server that create the first administrator's account and assign roles."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.network import models
from tests.factories.people import make_account, make_network

PASSWORD = "seven grey herons at noon"


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    cache.clear()


def run_command(*command, stdin=None, monkeypatch=None):
    out = io.StringIO()
    if stdin is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command(*command, stdout=out)
    return out.getvalue().splitlines()


def assigned_roles():
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


def test_the_first_administrator_sets_a_password_with_a_link_that_works_once(client):
    said = run_command("add_account", "first@ministry.example", "--role", "administrator")
    assert said[0] == "first@ministry.example now has an account."
    assert assigned_roles() == [("first@ministry.example", "administrator", "", "", "")]
    link = urlsplit(said[2]).path
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD})
    client.post(reverse("account_login"), {"login": "first@ministry.example", "password": PASSWORD})
    assert client.session["_auth_user_id"]
    assert "no longer valid" in client.get(link, follow=True).content.decode()


def test_a_password_can_be_entered_on_the_server(monkeypatch):
    said = run_command(
        "add_account", "First@ministry.example", "--ask-password", stdin=f"{PASSWORD}\n", monkeypatch=monkeypatch
    )
    assert said == ["first@ministry.example now has an account."]
    assert models.Account.objects.get().check_password(PASSWORD)


def test_a_weak_password_creates_no_account(monkeypatch):
    with pytest.raises(CommandError, match="No account was created"):
        run_command("add_account", "first@ministry.example", "--ask-password", stdin="short\n", monkeypatch=monkeypatch)
    assert not models.Account.objects.exists()


@pytest.mark.parametrize("email", ["nobody", "made@ministry.example"])
def test_a_used_or_invalid_address_creates_no_account(email):
    make_account(email="made@ministry.example")
    with pytest.raises(CommandError, match="No account was created"):
        run_command("add_account", email)
    assert models.Account.objects.count() == 1


def test_a_country_role_without_a_country_is_rejected_and_creates_no_account():
    with pytest.raises(CommandError, match="one country or one meeting"):
        run_command("add_account", "desk@ministry.example", "--role", "national_desk")
    assert not models.Account.objects.exists()


def test_a_role_is_assigned_with_its_country_or_network():
    State.objects.get_or_create(code="XA")
    make_network("lantern")
    make_account(email="desk@ministry.example")
    assert run_command("give_role", "desk@ministry.example", "national_desk", "--state", "xa") == [
        "desk@ministry.example now has the role national_desk."
    ]
    run_command("give_role", "desk@ministry.example", "secretariat", "--network", "lantern")
    assert assigned_roles() == [
        ("desk@ministry.example", "national_desk", "XA", "", ""),
        ("desk@ministry.example", "secretariat", "", "lantern", ""),
    ]
    assert [(line.actor, line.verb, line.why) for line in AuditEntry.objects.all()] == [
        (None, "assigned a role", "by command")
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
def test_an_invalid_assignment_changes_nothing(command):
    make_account(email="desk@ministry.example")
    with pytest.raises(CommandError):
        run_command("give_role", *command)
    assert assigned_roles() == []


def test_emails_are_not_sent_without_a_mail_server():
    with pytest.raises(CommandError, match="SAMSVAR_SMTP is not set"):
        run_command("send_letters")
