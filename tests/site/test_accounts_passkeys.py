"""Passkeys: adding them, signing in with one alone, and as a second factor, with a simulated device."""

from __future__ import annotations

import hashlib
import json
import secrets

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from samsvar.network.rights import Role
from tests.factories.people import PASSWORD, make_account

ORIGIN, HOST = "http://testserver", "testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@pytest.fixture(autouse=True)
def clear_rate_limits(request, settings):
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the test's browser connects without TLS
    cache.clear()


class Device:
    """A simulated phone or security key: keeps a private key for one site and signs with it."""

    def __init__(self, *, verifies=True, origin=ORIGIN, host=HOST):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.origin, self.host, self.user = origin, host, b""

    def _said(self, kind, challenge):
        said = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    @property
    def _site(self):
        return hashlib.sha256(self.host.encode()).digest()

    def make(self, options):
        asked = options["publicKey"]
        self.user = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._site, self.flags | ATTESTED, 0, credential)
        said = self._said("create", asked["challenge"])
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "response": {
                "clientDataJSON": websafe_encode(said),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def sign(self, options):
        said = self._said("get", options["publicKey"]["challenge"])
        data = AuthenticatorData.create(self._site, self.flags, 1)
        signature = self.key.sign(bytes(data) + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "response": {
                "clientDataJSON": websafe_encode(said),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user),
            },
            "clientExtensionResults": {},
        }


def passkey_data_in(page):
    text = page.content.decode().partition('<script id="passkey_data" type="application/json">')[2]
    return json.loads(text.partition("</script>")[0])


def sign_in_with_password(browser, account):
    return browser.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})


def add_passkey(browser, device):
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    options = passkey_data_in(browser.get(reverse("mfa_add_webauthn")))["creation_options"]
    said = {"name": "work laptop", "passwordless": "on", "credential": json.dumps(device.make(options))}
    return browser.post(reverse("mfa_add_webauthn"), said)


def sign_in_with_passkey(browser, device):
    options = browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()
    said = {"credential": json.dumps(device.sign(options["request_options"]))}
    return browser.post(reverse("mfa_login_webauthn"), said)


def signed_in_id(browser):
    return browser.session.get("_auth_user_id")


def test_a_passkey_alone_signs_in_and_counts_as_both_factors(client):
    account = make_account(Role.SECRETARIAT)
    sign_in_with_password(client, account)
    device = Device()
    assert add_passkey(client, device).content.decode().count("<code>") == 10  # the recovery codes
    browser = Client()
    sign_in_with_passkey(browser, device)
    assert signed_in_id(browser) == str(account.pk)
    wanted = browser.get(reverse("network:invitations"))["Location"]
    assert wanted.startswith(reverse("network:open-staff-session"))  # a second factor is no longer requested


@pytest.mark.django_db(transaction=True)  # the test needs what runs after the commit
def test_adding_a_passkey_proves_the_second_factor_without_signing_out(client):
    sign_in_with_password(client, make_account(Role.AUDITOR))
    assert client.get(reverse("network:audit-log"))["Location"].startswith(reverse("network:second-factor"))
    add_passkey(client, Device())
    assert client.get(reverse("network:audit-log")).status_code == 200


def test_a_passkey_can_be_the_second_step_after_the_password(client):
    account = make_account()
    sign_in_with_password(client, account)
    device = Device()
    add_passkey(client, device)
    browser = Client()
    assert sign_in_with_password(browser, account)["Location"] == reverse("mfa_authenticate")
    options = passkey_data_in(browser.get(reverse("mfa_authenticate")))["request_options"]
    browser.post(reverse("mfa_authenticate"), {"credential": json.dumps(device.sign(options))})
    assert signed_in_id(browser) == str(account.pk)


def test_the_key_of_someone_else_does_not_sign_in(client):
    account = make_account()
    sign_in_with_password(client, account)
    device, other = Device(), Device()
    add_passkey(client, device)
    other.id, other.user = device.id, device.user
    browser = Client()
    sign_in_with_passkey(browser, other)
    assert signed_in_id(browser) is None
    sign_in_with_passkey(browser, device)
    assert signed_in_id(browser)


def test_a_key_that_asks_for_neither_fingerprint_nor_pin_is_rejected(client):
    sign_in_with_password(client, make_account())
    assert add_passkey(client, Device(verifies=False)).status_code == 200
    assert not Authenticator.objects.exists()
    device = Device()
    add_passkey(client, device)
    assert Authenticator.objects.filter(type="webauthn").exists()
    device.flags = PRESENT
    browser = Client()
    sign_in_with_passkey(browser, device)
    assert signed_in_id(browser) is None


def test_a_signed_answer_is_accepted_once_and_for_this_site_only(client):
    sign_in_with_password(client, make_account())
    device = Device()
    add_passkey(client, device)
    browser = Client()
    options = browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()
    answer = {"credential": json.dumps(device.sign(options["request_options"]))}
    browser.post(reverse("mfa_login_webauthn"), answer)
    assert signed_in_id(browser)
    again = Client()
    again.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    again.post(reverse("mfa_login_webauthn"), answer)
    assert signed_in_id(again) is None
    device.host = "false-site.example"
    sign_in_with_passkey(again, device)
    assert signed_in_id(again) is None


def test_a_passkey_is_renamed_and_removed_only_by_its_owner(client):
    sign_in_with_password(client, make_account())
    add_passkey(client, Device())
    passkey = Authenticator.objects.get(type="webauthn")
    other = Client()
    sign_in_with_password(other, make_account())
    other.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert other.post(reverse("mfa_edit_webauthn", args=[passkey.pk]), {"name": "mine now"}).status_code == 404
    assert other.post(reverse("mfa_remove_webauthn", args=[passkey.pk])).status_code == 404
    client.post(reverse("mfa_edit_webauthn", args=[passkey.pk]), {"name": "key on my ring"})
    assert "key on my ring" in client.get(reverse("mfa_list_webauthn")).content.decode()
    client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))
    assert not Authenticator.objects.filter(type="webauthn").exists()
