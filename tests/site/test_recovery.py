"""Lost credentials: who may remove a second factor, with a reason and an email, and how sessions are ended."""

from __future__ import annotations

import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.accounts.actions.recovery import (
    NoSecondFactor,
    end_all_sessions,
    remove_second_factor,
    sign_out_everywhere,
)
from tests.factories.people import PASSWORD, make_account, sign_in

REASON = "Rang back at the number of her ministry, and her head of section knew of it."


@pytest.fixture
def locked_out(db):
    """An account whose owner has lost their phone."""
    account = make_account()
    totp.TOTP.activate(account, totp.generate_totp_secret())
    return account


@pytest.fixture
def administrator(db):
    """An administrator with a second factor and an open staff session, as in a request."""
    account = make_account(Role.ADMINISTRATOR)
    account.second_factor = True
    account.staff_session = models.StaffSession.objects.create(
        account=account, browser="x", reason=REASON, ends_at="2100-01-01T00:00Z"
    )
    account.staff_session.refresh_from_db()
    return account


def signs_in_with_password_only(account: models.Account) -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    return "_auth_user_id" in client.session


def test_removing_a_second_factor_is_logged_with_a_reason_and_emailed_to_its_owner(locked_out, administrator):
    browser = sign_in(Client(), locked_out)
    browser.get("/en/")
    assert not signs_in_with_password_only(locked_out)
    assert UserSession.objects.filter(user=locked_out).exists()
    assert remove_second_factor(account=locked_out, by=administrator, reason=REASON) == 1
    assert not Authenticator.objects.filter(user=locked_out).exists()
    assert not UserSession.objects.filter(user=locked_out).exists()
    assert browser.get(reverse("account_change_password")).status_code == 302
    line = AuditEntry.objects.get(verb="removed a second factor")
    assert (line.actor, line.subject, line.why) == (administrator, f"account {locked_out.public_id}", REASON)
    letter = models.OutgoingEmail.objects.get(account=locked_out)
    assert letter.to == locked_out.email
    assert "Your second factor was removed" in letter.subject
    assert signs_in_with_password_only(locked_out)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_can_remove_a_second_factor(locked_out, role):
    with pytest.raises(PermissionDenied):
        remove_second_factor(account=locked_out, by=make_account(role), reason=REASON)
    assert Authenticator.objects.filter(user=locked_out).count() == 1


def test_an_administrator_without_a_staff_session_cannot_remove_a_second_factor(locked_out):
    with pytest.raises(PermissionDenied):
        remove_second_factor(account=locked_out, by=make_account(Role.ADMINISTRATOR), reason=REASON)
    assert Authenticator.objects.filter(user=locked_out).count() == 1


def test_administrators_cannot_remove_their_own_second_factor(administrator):
    totp.TOTP.activate(administrator, totp.generate_totp_secret())
    with pytest.raises(PermissionDenied):
        remove_second_factor(account=administrator, by=administrator, reason=REASON)


def test_removing_a_second_factor_needs_a_reason_and_an_existing_factor(locked_out, administrator):
    with pytest.raises(ReasonTooShort):
        remove_second_factor(account=locked_out, by=administrator, reason="lost")
    other = make_account()
    with pytest.raises(NoSecondFactor):
        remove_second_factor(account=other, by=administrator, reason=REASON)
    assert Authenticator.objects.filter(user=locked_out).count() == 1
    assert not models.OutgoingEmail.objects.exists()


def test_the_command_removes_a_second_factor_without_printing_the_address(locked_out):
    said = io.StringIO()
    call_command("remove_second_factor", locked_out.email, reason=REASON, stdout=said)
    assert said.getvalue() == f"account {locked_out.public_id}: 1 removed, sessions ended, email sent.\n"
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_factor", "nobody@network.example", reason=REASON)


def test_ending_the_sessions_of_one_account_leaves_those_of_others_open(db):
    ended, going_on = sign_in(Client(), make_account()), sign_in(Client(), make_account())
    for client in (ended, going_on):
        assert client.get(reverse("account_change_password")).status_code == 200
    account = models.Account.objects.get(pk=ended.session["_auth_user_id"])
    call_command("end_sessions", account.email, reason=REASON, stdout=io.StringIO())
    assert ended.get(reverse("account_change_password")).status_code == 302
    assert going_on.get(reverse("account_change_password")).status_code == 200


def test_the_command_can_end_all_sessions_at_once(db):
    clients = [sign_in(Client(), make_account()) for _ in range(3)]
    sign_in(Client(), make_account(Role.SECRETARIAT), staff_session=REASON)
    for client in clients:
        assert client.get(reverse("account_change_password")).status_code == 200
    said = io.StringIO()
    call_command("end_sessions", all=True, reason=REASON, stdout=said)
    assert said.getvalue() == "4 sessions ended.\n"
    assert [client.get(reverse("account_change_password")).status_code for client in clients] == [302, 302, 302]
    assert not models.StaffSession.objects.filter(closed_at__isnull=True).exists()
    assert not Session.objects.exclude(session_key__in=[client.session.session_key for client in clients]).exists()
    assert AuditEntry.objects.get(verb="ended all sessions").why == REASON


def test_only_an_administrator_can_end_all_sessions(db):
    sign_in(Client(), make_account())
    with pytest.raises(PermissionDenied):
        end_all_sessions(by=make_account(Role.SECRETARIAT))
    assert Session.objects.count() == 1


def test_the_command_ends_no_sessions_if_its_arguments_are_unclear(db):
    sign_in(Client(), make_account())
    for wrong in ({}, {"email": ["somebody@network.example"], "all": True}):
        with pytest.raises(CommandError, match="No session was ended"):
            call_command("end_sessions", **wrong)
    assert Session.objects.count() == 1


# --- On the account page ----------------------------------------------------------------------------------------------


@pytest.fixture
def admin_client(db):
    """A browser signed in as an administrator in a staff session."""
    return sign_in(Client(), make_account(Role.ADMINISTRATOR), staff_session="helping who lost a telephone")


def test_an_administrator_can_remove_a_second_factor_on_the_account_page(locked_out, admin_client):
    page = reverse("network:account-rights", args=[locked_out.public_id])
    assert "Remove the second factor" in admin_client.get(page).content.decode()
    assert not signs_in_with_password_only(locked_out)
    answer = admin_client.post(reverse("network:remove-second-factor", args=[locked_out.public_id]), {"reason": REASON})
    assert answer["Location"] == page
    assert not Authenticator.objects.filter(user=locked_out).exists()
    assert "Remove the second factor" not in admin_client.get(page).content.decode()
    assert signs_in_with_password_only(locked_out)
    assert list(models.OutgoingEmail.objects.values_list("account", "subject")) == [
        (locked_out.pk, "Samsvar: Your second factor was removed")
    ]
    line = AuditEntry.objects.get(verb="removed a second factor")
    assert (line.subject, line.why) == (f"account {locked_out.public_id}", REASON)


def test_an_administrator_can_sign_out_an_account_everywhere_on_the_account_page(locked_out, admin_client):
    browsers = [sign_in(Client(), locked_out), sign_in(Client(), locked_out)]
    assert [browser.get(reverse("network:account")).status_code for browser in browsers] == [200, 200]
    address = reverse("network:sign-out-everywhere", args=[locked_out.public_id])
    assert admin_client.post(address, {"reason": REASON}).status_code == 302
    assert [browser.get(reverse("network:account")).status_code for browser in browsers] == [302, 302]
    assert admin_client.get(reverse("network:account")).status_code == 200  # other sessions stay open
    assert Authenticator.objects.filter(user=locked_out).count() == 1
    assert list(models.OutgoingEmail.objects.values_list("account", "subject")) == [
        (locked_out.pk, "Samsvar: You have been signed out everywhere")
    ]
    line = AuditEntry.objects.get(verb="ended sessions")
    assert (line.subject, line.details, line.why) == (f"account {locked_out.public_id}", {"sessions": 2}, REASON)


@pytest.mark.parametrize("name", ["network:remove-second-factor", "network:sign-out-everywhere"])
def test_the_account_page_requires_a_reason_and_refuses_ones_own_account(locked_out, admin_client, name):
    own = models.Account.objects.get(pk=admin_client.session["_auth_user_id"])
    totp.TOTP.activate(own, totp.generate_totp_secret())
    assert admin_client.post(reverse(name, args=[locked_out.public_id]), {"reason": "lost"}).status_code == 422
    assert admin_client.post(reverse(name, args=[own.public_id]), {"reason": REASON}).status_code == 403
    assert Authenticator.objects.count() == 2
    assert admin_client.get(reverse("network:account")).status_code == 200
    assert not models.OutgoingEmail.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_can_sign_out_another_account(locked_out, role):
    with pytest.raises(PermissionDenied):
        sign_out_everywhere(account=locked_out, by=make_account(role), reason=REASON)
