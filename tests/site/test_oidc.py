"""Signing in with OpenID Connect: the full flow with a provider on this machine, and every kind of false answer."""

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

from samsvar.ids import hash_secret
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.settings.accounts import oidc_providers
from tests.factories.oidc import run_provider
from tests.factories.people import (
    PASSWORD,
    authenticator_code,
    make_account,
    make_membership,
    make_network,
    make_person,
)

LOGIN = "/oidc/elsewhere/login/"


@pytest.fixture
def provider(db, settings):
    cache.clear()
    with run_provider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(provider.settings())
        yield provider


def sign_in_with_provider(client, **said):
    """Press the button, let the provider answer, and come back."""
    page = client.post(LOGIN, said)
    assert page.status_code == 200
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page.content.decode())[1])
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def connect(account, sub="p-1"):
    return SocialAccount.objects.create(user=account, provider="elsewhere", uid=sub)


def signed_in_user_id(client):
    return client.session.get("_auth_user_id")


def open_invitation(client, email="ingrid@nordmark.example", **columns):
    from django.utils import timezone

    invitation = models.Invitation.objects.create(
        token_hash=hash_secret("tok"), email=email, expires_at=timezone.now() + timedelta(days=1), **columns
    )
    client.get(reverse("network:open-invitation", args=["tok"]))
    return invitation


def assert_refused(answer, client):
    page = answer.content.decode()
    assert "could not be verified" in page
    assert signed_in_user_id(client) is None


# --- Only if configured -----------------------------------------------------------------------------------------------


def test_an_account_connected_to_the_provider_can_sign_in_with_it(client, provider):
    account = make_account(Role.READER)
    connect(account)
    answer = sign_in_with_provider(client, next="/nb/findings/")
    assert (answer.status_code, answer["Location"]) == (302, "/nb/findings/")
    assert signed_in_user_id(client) == str(account.pk)


def test_the_request_to_the_provider_uses_state_nonce_and_pkce(client, provider):
    connect(make_account())
    sign_in_with_provider(client)
    [(_, asked), (_, token)] = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert sorted(asked["scope"].split()) == ["email", "openid"]
    assert len(asked["nonce"]) >= 43
    assert len(asked["state"]) >= 16
    assert token["code_verifier"]
    assert "nonce" not in token


def test_only_the_subject_and_the_address_of_the_answer_are_stored(client, provider):
    provider.person |= {"phone_number": "+47 000", "name": "Ingrid Fictional", "birthdate": "1970-01-01"}
    account = make_account()
    client.force_login(account)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    sign_in_with_provider(client, process="connect")
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {"userinfo": {"sub": "p-1", "email": "ingrid@nordmark.example", "email_verified": True}}
    assert not SocialToken.objects.exists()
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [account.email]


def test_signing_in_returns_to_the_language_of_the_reader(client, provider):
    connect(make_account())
    assert sign_in_with_provider(client, language="ro")["Location"] == "/ro/"


def test_connecting_the_provider_requires_reauthentication(client, provider):
    account = make_account()
    client.force_login(account)
    answer = sign_in_with_provider(client, process="connect")
    assert answer["Location"] == reverse("account_reauthenticate")
    assert not SocialAccount.objects.exists()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    [connected] = SocialAccount.objects.all()
    assert (connected.user, connected.uid) == (account, "p-1")


def test_a_second_factor_is_also_required_after_signing_in_with_the_provider(client, provider):
    account = make_account(Role.SECRETARIAT)
    connect(account)
    totp.TOTP.activate(account, secret := totp.generate_totp_secret())
    assert sign_in_with_provider(client)["Location"] == reverse("mfa_authenticate")
    assert signed_in_user_id(client) is None
    code = authenticator_code(secret)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in_user_id(client) == str(account.pk)


def test_signing_in_with_the_provider_does_not_count_as_a_second_factor_for_staff(client, provider):
    account = make_account(Role.SECRETARIAT)
    connect(account)
    sign_in_with_provider(client)
    assert signed_in_user_id(client) == str(account.pk)
    answer = client.get(reverse("network:invitations"))
    assert answer["Location"].startswith(reverse("network:second-factor"))


# --- An email address alone gives no access ---------------------------------------------------------------------------


def test_a_matching_address_alone_does_not_sign_in(client, provider):
    make_account(Role.ADMINISTRATOR, email="ingrid@nordmark.example")
    answer = sign_in_with_provider(client)
    assert signed_in_user_id(client) is None
    assert "by invitation" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_signing_in_with_the_provider_does_not_create_an_account(client, provider):
    answer = sign_in_with_provider(client)
    assert "by invitation" in answer.content.decode()
    assert not models.Account.objects.exists()


# --- Accepting an invitation ------------------------------------------------------------------------------------------


def test_an_invitation_can_be_accepted_with_an_address_verified_by_the_provider(client, provider):
    network = make_network()
    invitation = open_invitation(client, network=network, office="member")
    answer = sign_in_with_provider(client)
    assert answer.status_code == 302
    account = models.Account.objects.get()
    assert (account.email, account.has_usable_password()) == ("ingrid@nordmark.example", False)
    assert signed_in_user_id(client) == str(account.pk)
    assert SocialAccount.objects.get().user == account
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(account.email, True)]
    assert network.memberships.get().person == account.person
    invitation.refresh_from_db()
    assert (invitation.account, invitation.accepted_at is not None) == (account, True)


def test_an_invitation_to_an_office_filled_meanwhile_creates_no_account(client, provider):
    network = make_network()
    make_membership(network, make_person(), "chair")
    open_invitation(client, network=network, office="chair")
    answer = sign_in_with_provider(client)
    assert answer["Location"] == reverse("account_signup")
    assert not models.Account.objects.exists()
    assert not SocialAccount.objects.exists()
    assert "already holds this office during that period" in client.get(answer["Location"]).content.decode()


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
def test_an_invitation_cannot_be_accepted_with_another_or_unverified_address(client, provider, person):
    invitation = open_invitation(client)
    provider.person = person
    answer = sign_in_with_provider(client)
    assert "by invitation" in answer.content.decode()
    assert not models.Account.objects.exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


# --- Answers that are refused -----------------------------------------------------------------------------------------


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
def test_an_answer_that_is_false_in_any_point_is_refused(client, provider, lies):
    connect(make_account())
    assert sign_in_with_provider(client).status_code == 302
    assert signed_in_user_id(client)  # a true answer signs in, so there is something to refuse
    client.post(reverse("account_logout"))
    provider.lies = lies
    if "issuer in its description" in lies:
        assert_refused(client.post(LOGIN), client)
    else:
        assert_refused(sign_in_with_provider(client), client)


def test_an_answer_with_a_state_that_this_browser_did_not_send_is_refused(client, provider):
    connect(make_account())
    provider.lies = {"state": "somebody else's"}
    assert_refused(sign_in_with_provider(client), client)


def test_an_answer_can_be_used_only_once(client, provider):
    connect(make_account())
    page = client.post(LOGIN).content.decode()
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page)[1])
    parts = urlsplit(requests.get(address, allow_redirects=False, timeout=10).headers["Location"])
    client.get(f"{parts.path}?{parts.query}")
    assert signed_in_user_id(client)
    client.post(reverse("account_logout"))
    assert_refused(client.get(f"{parts.path}?{parts.query}"), client)


def test_a_code_stolen_from_another_browser_is_refused(client, provider, other_client):
    connect(make_account())
    page = client.post(LOGIN).content.decode()
    address = html.unescape(re.search(r'class="ds-button"\s+href="([^"]+)"', page)[1])
    parts = urlsplit(requests.get(address, allow_redirects=False, timeout=10).headers["Location"])
    assert_refused(other_client.get(f"{parts.path}?{parts.query}"), other_client)


@pytest.fixture
def other_client():
    from django.test import Client

    return Client()


def test_cancelling_at_the_provider_leads_to_a_page_that_says_so(client, provider):
    provider.breaks_off = True
    answer = sign_in_with_provider(client)
    assert answer["Location"] == reverse("socialaccount_login_cancelled")
    assert signed_in_user_id(client) is None


def test_the_configured_assurance_level_is_requested_and_checked(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(provider.settings(SAMSVAR_OIDC_ACR="high"))
    settings.SAMSVAR_OIDC_ACR = "high"
    connect(make_account())
    assert_refused(sign_in_with_provider(client), client)
    assert provider.asked[0][1]["acr_values"] == "high"
    provider.lies = {"acr": "low"}
    assert_refused(sign_in_with_provider(client), client)
    provider.lies = {"acr": "high"}
    sign_in_with_provider(client)
    assert signed_in_user_id(client)


def test_an_unreachable_provider_leads_to_an_error_page(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(provider.settings(SAMSVAR_OIDC_SERVER="http://127.0.0.1:9"))
    assert_refused(client.post(LOGIN), client)


def test_a_get_request_does_not_contact_the_provider(client, provider):
    page = client.get(LOGIN)
    assert page.status_code == 200
    assert provider.asked == []
    assert '<form method="post"' in page.content.decode()


# --- Only if configured -----------------------------------------------------------------------------------------------


def test_the_button_is_shown_only_if_a_provider_is_configured(client, provider, settings):
    page = client.get(reverse("account_login")).content.decode()
    assert "Sign in with Nordmark ID" in page
    settings.SOCIALACCOUNT_PROVIDERS = oidc_providers({})
    page = client.get(reverse("account_login")).content.decode()
    assert "Nordmark ID" not in page
    assert client.post(LOGIN).status_code == 404


def test_the_scopes_come_from_the_settings(provider):
    read = oidc_providers(provider.settings(SAMSVAR_OIDC_SCOPES="openid email profile"))
    assert read["openid_connect"]["SCOPE"] == ["openid", "email", "profile"]
