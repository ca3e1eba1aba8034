"""Accounts: signing in, passwords, second factors, sessions, and that a page tells nobody who has an account."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from samsvar.network.rights import Role
from samsvar.site.network import letters, models
from samsvar.site.network.actions import accounts as actions
from samsvar.site.network.gate import browser_of
from samsvar.site.trail.queries import change_number
from tests.factories.people import PASSWORD, make_account, make_network, sign_in

LANGUAGES = ("en", "fr", "nb", "ro")
A_NEW_PASSWORD = "seven grey herons at noon"  # noqa: S105 - opens nothing outside this file


@pytest.fixture(autouse=True)
def no_limit_of_another_test(db):
    cache.clear()


def enter(client, account, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": account.email, "password": password, **more})


def confirm(client, password=PASSWORD):
    answer = client.post(reverse("account_reauthenticate"), {"password": password})
    assert answer.status_code == 302


def code_of(secret, step=0):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + step))


def give_app(account):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    return secret


def last_letter():
    return models.Letter.objects.order_by("-pk")[0]


def link_in(letter):
    found = re.search(r"https?://\S+", letter.body)
    assert found is not None
    parts = urlsplit(found[0])
    return parts.path


# --- Pages ------------------------------------------------------------------------------------------------------------

OPEN_PAGES = [
    "account_login",
    "account_logout",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
]
OWN_PAGES = [
    "network:account",
    "network:second-factor",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "usersessions_list",
    "socialaccount_connections",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OPEN_PAGES)
def test_pages_before_signing_in_are_in_our_frame(client, name, language):
    with translation.override(language):
        address = reverse(name)
    page = client.get(address, follow=True).content.decode()
    assert f'<html lang="{language}"' in page
    assert 'class="site-head"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OWN_PAGES)
def test_pages_of_ones_own_account_are_in_our_frame(client, name, language):
    account = make_account(Role.READER)
    enter(client, account)
    confirm(client)
    with translation.override(language):
        address = reverse(name)
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in page
    assert 'class="site-head"' in page
    assert page.count("<h1") == 1
    assert "no-store" in answer["Cache-Control"]
