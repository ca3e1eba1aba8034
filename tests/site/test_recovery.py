"""When what signs people in is lost: a factor is taken away by who may, with a reason and a letter; sessions end."""

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
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.accounts.actions.recovery import (
    NothingToRemove,
    end_all_sessions,
    remove_second_factor,
    sign_out_everywhere,
)
from tests.factories.people import PASSWORD, make_account, sign_in

REASON = "Rang back at the number of her ministry, and her head of section knew of it."


@pytest.fixture
def locked_out(db):
    """An account whose telephone is gone."""
    account = make_account()
    totp.TOTP.activate(account, totp.generate_totp_secret())
    return account


@pytest.fixture
def administrator(db):
    """With a second factor shown and a staff session open, as a request would have it."""
    account = make_account(Role.ADMINISTRATOR)
    account.second_factor = True
    account.staff_session = models.StaffSession.objects.create(
        account=account, browser="x", reason=REASON, ends_at="2100-01-01T00:00Z"
    )
    account.staff_session.refresh_from_db()
    return account


def password_alone_opens(account: models.Account) -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    return "_auth_user_id" in client.session


def test_a_lost_factor_is_taken_away_with_a_reason_and_its_owner_is_told(locked_out, administrator):
    browser = sign_in(Client(), locked_out)
    browser.get("/en/")
    assert not password_alone_opens(locked_out)
    assert UserSession.objects.filter(user=locked_out).exists()
    assert remove_second_factor(account=locked_out, by=administrator, reason=REASON, host="samsvar.example") == 1
    assert not Authenticator.objects.filter(user=locked_out).exists()
    assert not UserSession.objects.filter(user=locked_out).exists()
    assert browser.get(reverse("account_change_password")).status_code == 302
    line = Entry.objects.get(verb="removed a second factor")
    assert (line.actor, line.subject, line.why) == (administrator, f"account {locked_out.public_id}", REASON)
    letter = models.Letter.objects.get(account=locked_out)
    assert letter.to == locked_out.email
    assert "taken away" in letter.subject
    assert password_alone_opens(locked_out)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_takes_a_factor_away(locked_out, role):
    with pytest.raises(PermissionDenied):
        remove_second_factor(account=locked_out, by=make_account(role), reason=REASON, host="samsvar.example")
    assert Authenticator.objects.filter(user=locked_out).count() == 1


def test_an_administrator_without_a_staff_session_takes_none_away(locked_out):
    with pytest.raises(PermissionDenied):
        remove_second_factor(
            account=locked_out, by=make_account(Role.ADMINISTRATOR), reason=REASON, host="samsvar.example"
        )
    assert Authenticator.objects.filter(user=locked_out).count() == 1


def test_nobody_takes_their_own_away_like_this(administrator):
    totp.TOTP.activate(administrator, totp.generate_totp_secret())
    with pytest.raises(PermissionDenied):
        remove_second_factor(account=administrator, by=administrator, reason=REASON, host="samsvar.example")


def test_a_reason_is_asked_for_and_an_account_without_a_factor_loses_nothing(locked_out, administrator):
    with pytest.raises(ReasonTooShort):
        remove_second_factor(account=locked_out, by=administrator, reason="lost", host="samsvar.example")
    other = make_account()
    with pytest.raises(NothingToRemove):
        remove_second_factor(account=other, by=administrator, reason=REASON, host="samsvar.example")
    assert Authenticator.objects.filter(user=locked_out).count() == 1
    assert not models.Letter.objects.exists()


def test_the_command_takes_a_factor_away_and_names_no_address(locked_out):
    said = io.StringIO()
    call_command("remove_second_factor", locked_out.email, reason=REASON, stdout=said)
    assert said.getvalue() == f"account {locked_out.public_id}: 1 removed, sessions ended, a letter is on its way.\n"
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_factor", "nobody@network.example", reason=REASON)


def test_the_sessions_of_one_account_end_and_those_of_others_go_on(db):
    ended, going_on = sign_in(Client(), make_account()), sign_in(Client(), make_account())
    for client in (ended, going_on):
        assert client.get(reverse("account_change_password")).status_code == 200
    account = models.Account.objects.get(pk=ended.session["_auth_user_id"])
    call_command("end_sessions", account.email, reason=REASON, stdout=io.StringIO())
    assert ended.get(reverse("account_change_password")).status_code == 302
    assert going_on.get(reverse("account_change_password")).status_code == 200


def test_all_sessions_end_at_once(db):
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
    assert Entry.objects.get(verb="ended all sessions").why == REASON


def test_only_an_administrator_ends_everybodys_sessions(db):
    sign_in(Client(), make_account())
    with pytest.raises(PermissionDenied):
        end_all_sessions(by=make_account(Role.SECRETARIAT))
    assert Session.objects.count() == 1


def test_the_command_ends_nothing_by_mistake(db):
    sign_in(Client(), make_account())
    for wrong in ({}, {"email": ["somebody@network.example"], "all": True}):
        with pytest.raises(CommandError, match="Nothing was ended"):
            call_command("end_sessions", **wrong)
    assert Session.objects.count() == 1


# --- The same on the page of an account -------------------------------------------------------------------------------


@pytest.fixture
def at_the_page(db):
    """The browser of an administrator in a staff session."""
    return sign_in(Client(), make_account(Role.ADMINISTRATOR), staff_session="helping who lost a telephone")


def test_an_administrator_takes_a_factor_away_on_the_page_of_the_account(locked_out, at_the_page):
    page = reverse("network:account-rights", args=[locked_out.public_id])
    assert "Take the second factor away" in at_the_page.get(page).content.decode()
    assert not password_alone_opens(locked_out)
    answer = at_the_page.post(reverse("network:remove-second-factor", args=[locked_out.public_id]), {"reason": REASON})
    assert answer["Location"] == page
    assert not Authenticator.objects.filter(user=locked_out).exists()
    assert "Take the second factor away" not in at_the_page.get(page).content.decode()
    assert password_alone_opens(locked_out)
    assert list(models.Letter.objects.values_list("account", "subject")) == [
        (locked_out.pk, "Samsvar: Your second factor was taken away")
    ]
    line = Entry.objects.get(verb="removed a second factor")
    assert (line.subject, line.why) == (f"account {locked_out.public_id}", REASON)


def test_an_administrator_signs_somebody_out_everywhere_on_the_page_of_the_account(locked_out, at_the_page):
    browsers = [sign_in(Client(), locked_out), sign_in(Client(), locked_out)]
    assert [browser.get(reverse("network:account")).status_code for browser in browsers] == [200, 200]
    address = reverse("network:sign-out-everywhere", args=[locked_out.public_id])
    assert at_the_page.post(address, {"reason": REASON}).status_code == 302
    assert [browser.get(reverse("network:account")).status_code for browser in browsers] == [302, 302]
    assert at_the_page.get(reverse("network:account")).status_code == 200  # others go on
    assert Authenticator.objects.filter(user=locked_out).count() == 1
    assert list(models.Letter.objects.values_list("account", "subject")) == [
        (locked_out.pk, "Samsvar: You were signed out everywhere")
    ]
    line = Entry.objects.get(verb="ended sessions")
    assert (line.subject, line.details, line.why) == (f"account {locked_out.public_id}", {"sessions": 2}, REASON)


@pytest.mark.parametrize("name", ["network:remove-second-factor", "network:sign-out-everywhere"])
def test_on_the_page_too_a_reason_is_asked_for_and_nobody_decides_about_themselves(locked_out, at_the_page, name):
    own = models.Account.objects.get(pk=at_the_page.session["_auth_user_id"])
    totp.TOTP.activate(own, totp.generate_totp_secret())
    assert at_the_page.post(reverse(name, args=[locked_out.public_id]), {"reason": "lost"}).status_code == 422
    assert at_the_page.post(reverse(name, args=[own.public_id]), {"reason": REASON}).status_code == 403
    assert Authenticator.objects.count() == 2
    assert at_the_page.get(reverse("network:account")).status_code == 200
    assert not models.Letter.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_signs_somebody_else_out(locked_out, role):
    with pytest.raises(PermissionDenied):
        sign_out_everywhere(account=locked_out, by=make_account(role), reason=REASON, host="samsvar.test")
