"""Signing in elsewhere: through a provider on this machine, all the way, and all ways in which its answer is false."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.urls import reverse

from samsvar.ids import secret_hash
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.settings.accounts import oidc
from tests.factories.oidc import running
from tests.factories.people import PASSWORD, code_of_app, join, make_account, make_network, make_person

LOGIN = "/oidc/elsewhere/login/"


@pytest.fixture
def provider(db, settings):
    cache.clear()
    with running() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = oidc(provider.settings())
        yield provider


def go(client, **said):
    """Press the button, let the provider answer, and come back."""
    page = client.post(LOGIN, said)
    assert page.status_code == 200
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page.content.decode())[1])
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def connect(account, sub="p-1"):
    return SocialAccount.objects.create(user=account, provider="elsewhere", uid=sub)


def is_in(client):
    return client.session.get("_auth_user_id")


def invited(client, email="ingrid@nordmark.example", **columns):
    from django.utils import timezone

    invitation = models.Invitation.objects.create(
        token_hash=secret_hash("tok"), email=email, expires_at=timezone.now() + timedelta(days=1), **columns
    )
    client.get(reverse("network:open-invitation", args=["tok"]))
    return invitation


def assert_refused(answer, client):
    page = answer.content.decode()
    assert "could not be believed" in page
    assert is_in(client) is None


# --- The way that works -----------------------------------------------------------------------------------------------


def test_who_has_connected_it_signs_in_with_it(client, provider):
    account = make_account(Role.READER)
    connect(account)
    answer = go(client, next="/nb/findings/")
    assert (answer.status_code, answer["Location"]) == (302, "/nb/findings/")
    assert is_in(client) == str(account.pk)


def test_what_is_asked_of_the_provider_is_protected_by_state_nonce_and_proof_key(client, provider):
    connect(make_account())
    go(client)
    [(_, asked), (_, token)] = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert sorted(asked["scope"].split()) == ["email", "openid"]
    assert len(asked["nonce"]) >= 43
    assert len(asked["state"]) >= 16
    assert token["code_verifier"]
    assert "nonce" not in token


def test_nothing_of_the_answer_is_kept_but_who_it_is_and_their_address(client, provider):
    provider.person |= {"phone_number": "+47 000", "name": "Ingrid Invented", "birthdate": "1970-01-01"}
    account = make_account()
    client.force_login(account)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    go(client, process="connect")
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {"userinfo": {"sub": "p-1", "email": "ingrid@nordmark.example", "email_verified": True}}
    assert not SocialToken.objects.exists()
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [account.email]


def test_the_reader_comes_back_in_their_own_language(client, provider):
    connect(make_account())
    assert go(client, language="ro")["Location"] == "/ro/"


def test_a_connection_is_made_by_who_is_signed_in_and_has_confirmed_it(client, provider):
    account = make_account()
    client.force_login(account)
    answer = go(client, process="connect")
    assert answer["Location"] == reverse("account_reauthenticate")
    assert not SocialAccount.objects.exists()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    [connected] = SocialAccount.objects.all()
    assert (connected.user, connected.uid) == (account, "p-1")


def test_a_second_factor_is_asked_for_after_signing_in_elsewhere_too(client, provider):
    account = make_account(Role.SECRETARIAT)
    connect(account)
    totp.TOTP.activate(account, secret := totp.generate_totp_secret())
    assert go(client)["Location"] == reverse("mfa_authenticate")
    assert is_in(client) is None
    code = code_of_app(secret)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client) == str(account.pk)


def test_staff_without_a_second_factor_here_have_none_by_signing_in_elsewhere(client, provider):
    account = make_account(Role.SECRETARIAT)
    connect(account)
    go(client)
    assert is_in(client) == str(account.pk)
    answer = client.get(reverse("network:invitations"))
    assert answer["Location"].startswith(reverse("network:second-factor"))


# --- An address opens nothing -----------------------------------------------------------------------------------------


def test_an_account_is_never_found_by_its_address_alone(client, provider):
    make_account(Role.ADMINISTRATOR, email="ingrid@nordmark.example")
    answer = go(client)
    assert is_in(client) is None
    assert "by invitation" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_a_stranger_is_not_given_an_account(client, provider):
    answer = go(client)
    assert "by invitation" in answer.content.decode()
    assert not models.Account.objects.exists()


# --- Within an invitation ---------------------------------------------------------------------------------------------


def test_who_is_invited_accepts_with_the_address_that_the_provider_vouches_for(client, provider):
    network = make_network()
    invitation = invited(client, network=network, office="member")
    answer = go(client)
    assert answer.status_code == 302
    account = models.Account.objects.get()
    assert (account.email, account.has_usable_password()) == ("ingrid@nordmark.example", False)
    assert is_in(client) == str(account.pk)
    assert SocialAccount.objects.get().user == account
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(account.email, True)]
    assert network.memberships.get().person == account.person
    invitation.refresh_from_db()
    assert (invitation.account, invitation.accepted_at is not None) == (account, True)


def test_an_office_that_was_taken_meanwhile_leaves_neither_account_nor_connection(client, provider):
    network = make_network()
    join(network, make_person(), "chair")
    invited(client, network=network, office="chair")
    answer = go(client)
    assert answer["Location"] == reverse("account_signup")
    assert not models.Account.objects.exists()
    assert not SocialAccount.objects.exists()
    assert "holds this office at that time already" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "p-1", "email": "somebody.else@nordmark.example", "email_verified": True},
        {"sub": "p-1", "email": "ingrid@nordmark.example", "email_verified": False},
        {"sub": "p-1", "email": "ingrid@nordmark.example", "email_verified": "false"},
        {"sub": "p-1", "email": "ingrid@nordmark.example"},
        {"sub": "p-1"},
    ],
    ids=["another address", "unverified", "the word false", "not said", "no address"],
)
def test_no_other_address_accepts_an_invitation(client, provider, person):
    invitation = invited(client)
    provider.person = person
    answer = go(client)
    assert "by invitation" in answer.content.decode()
    assert not models.Account.objects.exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


# --- Answers that are not believed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another request's"},
        {"nonce": None},
        {"iss": "http://elsewhere.example"},
        {"aud": "another site"},
        {"aud": ["samsvar", "another site"], "azp": "another site"},
        {"exp": 1_000_000_000},
        {"signature": "of somebody else"},
        {"signature": "with the secret"},
        {"signature": "none"},
        {"user information": {"sub": "p-2"}},
        {"issuer in its description": "http://elsewhere.example"},
    ],
    ids=str,
)
def test_an_answer_that_is_false_in_any_point_opens_nothing(client, provider, lies):
    connect(make_account())
    assert go(client).status_code == 302
    assert is_in(client)  # the truth opens: there is something to refuse
    client.post(reverse("account_logout"))
    provider.lies = lies
    if "issuer in its description" in lies:
        assert_refused(client.post(LOGIN), client)
    else:
        assert_refused(go(client), client)


def test_an_answer_to_a_request_that_this_browser_did_not_make_opens_nothing(client, provider):
    connect(make_account())
    provider.lies = {"state": "somebody else's"}
    assert_refused(go(client), client)


def test_an_answer_opens_once(client, provider):
    connect(make_account())
    page = client.post(LOGIN).content.decode()
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page)[1])
    parts = urlsplit(requests.get(address, allow_redirects=False, timeout=10).headers["Location"])
    client.get(f"{parts.path}?{parts.query}")
    assert is_in(client)
    client.post(reverse("account_logout"))
    assert_refused(client.get(f"{parts.path}?{parts.query}"), client)


def test_a_code_taken_from_another_browser_opens_nothing(client, provider, client_of_another):
    connect(make_account())
    page = client.post(LOGIN).content.decode()
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page)[1])
    parts = urlsplit(requests.get(address, allow_redirects=False, timeout=10).headers["Location"])
    assert_refused(client_of_another.get(f"{parts.path}?{parts.query}"), client_of_another)


@pytest.fixture
def client_of_another():
    from django.test import Client

    return Client()


def test_who_breaks_off_is_told_so(client, provider):
    provider.breaks_off = True
    answer = go(client)
    assert answer["Location"] == reverse("socialaccount_login_cancelled")
    assert is_in(client) is None


def test_a_strength_that_the_settings_ask_for_is_asked_and_checked(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS = oidc(provider.settings(SAMSVAR_OIDC_ACR="high"))
    settings.SAMSVAR_OIDC_ACR = "high"
    connect(make_account())
    assert_refused(go(client), client)
    assert provider.asked[0][1]["acr_values"] == "high"
    provider.lies = {"acr": "low"}
    assert_refused(go(client), client)
    provider.lies = {"acr": "high"}
    go(client)
    assert is_in(client)


def test_a_provider_that_is_away_is_a_page_and_no_failure_of_ours(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS = oidc(provider.settings(SAMSVAR_OIDC_SERVER="http://127.0.0.1:9"))
    assert_refused(client.post(LOGIN), client)


def test_a_link_alone_starts_nothing(client, provider):
    page = client.get(LOGIN)
    assert page.status_code == 200
    assert provider.asked == []
    assert '<form method="post"' in page.content.decode()


# --- Only where it is set ---------------------------------------------------------------------------------------------


def test_the_button_is_there_only_where_a_provider_is_set(client, provider, settings):
    page = client.get(reverse("account_login")).content.decode()
    assert "Sign in with Nordmark ID" in page
    settings.SOCIALACCOUNT_PROVIDERS = oidc({})
    page = client.get(reverse("account_login")).content.decode()
    assert "Nordmark ID" not in page
    assert client.post(LOGIN).status_code == 404


def test_the_scopes_come_from_the_settings(provider):
    read = oidc(provider.settings(SAMSVAR_OIDC_SCOPES="openid email profile"))
    assert read["openid_connect"]["SCOPE"] == ["openid", "email", "profile"]
