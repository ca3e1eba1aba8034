"""ASVS 5.0 requirements on sign-in and errors that no other test covers (docs/explanation/security.md)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.accounts.recovery_codes import RecoveryCodes, newly_generated_codes
from samsvar.site.network.accounts.sessions import STARTED_AT_KEY
from samsvar.site.pages import views
from samsvar.site.settings import accounts
from samsvar.site.shell import json_cache
from tests.factories.people import PASSWORD, authenticator_code, make_account, sign_in


class FormFields(HTMLParser):
    """The input fields of a page's forms, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.found.append(dict(attrs))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [field for field in self.found if field.get("name") in names]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def sign_in_with_password(client: Client, account: models.Account, password: str = PASSWORD) -> Client:
    client.post(reverse("account_login"), {"login": account.email, "password": password})
    return client


@pytest.mark.parametrize(
    ("page", "names", "signed_in"),
    [
        ("account_login", {"password": "current-password"}, False),
        (
            "account_change_password",
            {"oldpassword": "current-password", "password1": "new-password", "password2": "new-password"},
            True,
        ),
    ],
)
def test_password_fields_are_masked_and_can_be_filled_in_by_a_password_manager(
    client, db, settings, page, names, signed_in
):
    settings.SAMSVAR_DEMO_ACCOUNTS = None  # a demonstration shows its passwords and puts them into its buttons
    if signed_in:
        sign_in(client, make_account())
    fields = FormFields(client.get(reverse(page)).text).named(*names)
    assert fields
    for field in fields:
        assert (field["type"], field["autocomplete"]) == ("password", names[str(field["name"])])
        assert {"onpaste", "oncopy", "pattern", "readonly", "disabled", "value"} & field.keys() == set()
        assert int(field.get("maxlength") or 1000) >= 128  # ASVS requires at least 64


def test_a_password_is_compared_exactly_as_typed(db):
    password = "  Blanks at both ends, CAPITALS, æøå and 🦔  " + "x" * 100
    account = make_account(password=password)
    for wrong in (password.strip(), password.lower(), password[:-1], password[:72], password + "x"):
        assert not is_signed_in(sign_in_with_password(Client(), account, wrong)), wrong
    account = make_account(password=password)  # the first account has reached its limit of failed attempts
    assert is_signed_in(sign_in_with_password(Client(), account, password))


@pytest.fixture
def account_with_totp(db):
    """An account with an authenticator app and recovery codes, and the secret of the app."""
    account = make_account()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    return account, secret


def code_at(secret: str, moment: float) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(moment) // 30))


def signs_in_with_code(account: models.Account, code: str) -> bool:
    """Return whether password and code sign the account in, in a new browser."""
    client = sign_in_with_password(Client(), account)
    assert not is_signed_in(client)  # the password alone is not enough
    client.post(reverse("mfa_authenticate"), {"code": code})
    return is_signed_in(client)


def test_a_code_of_an_authenticator_app_works_only_once(account_with_totp):
    account, secret = account_with_totp
    code = authenticator_code(secret)
    assert (signs_in_with_code(account, code), signs_in_with_code(account, code)) == (True, False)


def test_a_used_code_is_refused_even_within_the_clock_tolerance(account_with_totp, monkeypatch, settings):
    """A code is accepted only once, even if it is valid for more than half a minute, as in a demonstration."""
    settings.MFA_TOTP_TOLERANCE = 1
    account, secret = account_with_totp
    began = time.time() // 30 * 30 + 1
    code = code_at(secret, began)

    def it_is(later: int) -> None:
        monkeypatch.setattr(time, "time", lambda: began + later)
        monkeypatch.setattr(json_cache.timezone, "now", lambda: datetime.fromtimestamp(began + later, UTC))

    it_is(0)
    assert signs_in_with_code(account, code)
    for later in (31, 61):
        it_is(later)
        assert not signs_in_with_code(account, code), f"{later} seconds later"


@pytest.mark.parametrize("seconds", [-120, -30, 30, 120])
def test_a_code_of_an_earlier_or_later_half_minute_is_refused(account_with_totp, monkeypatch, seconds):
    account, secret = account_with_totp
    now = time.time() // 30 * 30 + 10
    monkeypatch.setattr(time, "time", lambda: now)
    assert not signs_in_with_code(account, code_at(secret, now + seconds))
    assert signs_in_with_code(account, code_at(secret, now))  # make sure there was something to refuse


def test_a_recovery_code_works_only_once(account_with_totp):
    account, _secret = account_with_totp
    codes = newly_generated_codes(account)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)  # 80 bits each
    assert (signs_in_with_code(account, codes[0]), signs_in_with_code(account, codes[0])) == (True, False)
    assert (signs_in_with_code(account, codes[1].upper().replace("-", " ")), signs_in_with_code(account, codes[1])) == (
        True,
        False,
    )
    assert len(account.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()) == 8


def test_the_secrets_of_second_factors_are_not_stored_in_plain_text(account_with_totp):
    account, secret = account_with_totp
    kept = "".join(str(one.data) for one in account.authenticator_set.all())
    assert len(account.authenticator_set.all()) == 2
    assert secret not in kept


def test_recovery_codes_cannot_be_derived_from_the_database(account_with_totp, settings):
    """Not even together with the site's key: only a salt and a hash of each code are stored, and neither signs in."""
    account, _secret = account_with_totp
    row = account.authenticator_set.get(type="recovery_codes")
    assert sorted(row.data) == ["hashed", "salt", "scrypt"]
    codes = newly_generated_codes(account)
    everywhere = str(row.data) + "".join(str(dict(one.get_decoded())) for one in Session.objects.all())
    assert [code for code in codes if code in everywhere or code.replace("-", "") in everywhere] == []
    assert [one for one in (*row.data["hashed"], row.data["salt"]) if signs_in_with_code(account, one)] == []
    assert (
        newly_generated_codes(models.Account.objects.get(pk=account.pk)) == []
    )  # the codes are not known in any later request
    other = make_account()
    RecoveryCodes.activate(other)
    assert not set(row.data["hashed"]) & set(other.authenticator_set.get().data["hashed"])
    assert row.data["salt"] != other.authenticator_set.get().data["salt"]


def test_a_guess_at_a_recovery_code_takes_as_long_as_owasp_asks(settings, db):
    """Outside tests: theirs are hashed fast. The cost is stored with the hashes, so codes of any cost remain valid."""
    settings.SAMSVAR_RECOVERY_CODE_SCRYPT = accounts.SAMSVAR_RECOVERY_CODE_SCRYPT
    account = make_account()
    row = RecoveryCodes.activate(account)
    assert row.instance.data["scrypt"] == {"n": 2**14, "r": 8, "p": 1}
    settings.SAMSVAR_RECOVERY_CODE_SCRYPT = {"n": 2, "r": 1, "p": 1}
    assert row.validate_code(newly_generated_codes(account)[0])


def test_old_recovery_codes_derived_from_a_seed_are_refused(account_with_totp):
    from allauth.mfa.utils import encrypt

    account, _secret = account_with_totp
    row = account.authenticator_set.get(type="recovery_codes")
    row.data = {"seed": encrypt("00" * 40), "used_mask": 0}
    row.save()
    assert row.wrap().get_unused_codes() == []
    assert not row.wrap().validate_code("1234567890")
    assert not row.wrap().validate_code("aaaa-aaaa-aaaa-aaaa")


def test_resetting_the_password_does_not_bypass_the_second_factor(account_with_totp, client):
    """After a reset by email no one is signed in, and signing in asks for the code."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    account, secret = account_with_totp
    key = default_token_generator.make_token(account)
    asked = client.get(
        reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(account), "key": key})
    )
    assert key not in asked["Location"]  # the token is removed from the address at once
    new = "seven slow hedgehogs, eleven"
    client.post(asked["Location"], {"password1": new, "password2": new})
    account.refresh_from_db()
    assert account.check_password(new)
    assert not is_signed_in(client)
    assert not is_signed_in(sign_in_with_password(Client(), account, new))
    client = sign_in_with_password(Client(), account, new)
    client.post(reverse("mfa_authenticate"), {"code": authenticator_code(secret)})
    assert is_signed_in(client)


def test_a_site_can_require_a_second_factor_from_everyone(client, db, settings):
    """ASVS V6.3.3, level 2; staff always need a second factor."""
    editor = make_account(Role.EDITOR)
    upload, own = reverse("monitoring:upload"), reverse("network:account")
    sign_in(client, editor)
    assert client.get(upload).status_code == 200  # one factor is enough
    settings.SAMSVAR_REQUIRE_SECOND_FACTOR = True
    assert client.get(upload)["Location"].startswith(reverse("network:second-factor"))
    assert client.get(own).status_code == 200  # so that a second factor can be set up
    sign_in(client, editor, second_factor=True)
    assert client.get(upload).status_code == 200


CREDENTIAL_CHANGES: dict[str, dict[str, str]] = {
    "account_change_password": {},
    "account_email": {"action_add": "", "email": "elsewhere@network.example"},
    "mfa_activate_totp": {},
    "mfa_deactivate_totp": {},
    "mfa_add_webauthn": {},
    "mfa_generate_recovery_codes": {},
}


@pytest.mark.parametrize("page", CREDENTIAL_CHANGES)
def test_changing_credentials_requires_reauthentication(db, page):
    """ASVS V7.5.1: after ten minutes the session is not enough; a password, a code or a passkey is required."""
    account = make_account()
    if factors := int(page != "account_email"):  # with a second factor the address cannot be changed at all
        totp.TOTP.activate(account, totp.generate_totp_secret())
    client = sign_in(Client(), account, second_factor=True)
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - 3600} for record in session["account_authentication_methods"]
    ]
    session.save()
    answer = client.post(reverse(page), CREDENTIAL_CHANGES[page])
    if answer.status_code == 200:  # the form asks for the password itself
        assert FormFields(answer.text).named("oldpassword")
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(
            (reverse("account_reauthenticate"), reverse("mfa_reauthenticate"), reverse("mfa_reauthenticate_webauthn"))
        )
    assert [one.email for one in account.emailaddress_set.all()] == [account.email]
    assert account.authenticator_set.count() == factors


@pytest.mark.parametrize(("ago", "changed"), [(60, True), (3600, False)])
def test_an_account_without_a_password_can_change_its_address_only_soon_after_signing_in(db, ago, changed):
    account = make_account(password=None)  # no password or second factor to confirm with
    client = sign_in(Client(), account)
    session = client.session
    session[STARTED_AT_KEY] = time.time() - ago
    session.save()
    answer = client.post(reverse("account_email"), {"action_add": "", "email": "elsewhere@network.example"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login")) is not changed
    assert is_signed_in(client) is changed
    assert account.emailaddress_set.filter(email="elsewhere@network.example").exists() is changed


def test_an_old_session_key_is_useless_after_signing_out(client, db):
    sign_in(client, make_account())
    stolen = client.session.session_key
    assert stolen
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not Session.objects.filter(session_key=stolen).exists()
    assert thief.get(reverse("account_change_password")).status_code == 302


def test_session_keys_are_long_and_unique(db):
    keys = set()
    for _ in range(20):
        client = sign_in(Client(), make_account())
        keys.add(client.session.session_key)
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}  # 32 of 36 letters and digits: 165 bits


def test_a_closed_account_has_no_access_from_the_next_request_on(client, db):
    account = make_account()
    sign_in(client, account)
    assert client.get(reverse("account_change_password")).status_code == 200
    get_user_model().objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(reverse("account_change_password")).status_code == 302


def test_every_page_has_a_sign_out_button_for_signed_in_users(client, db):
    sign_in(client, make_account())
    out = f'action="{reverse("account_logout")}"'
    pages = ["/en/", "/en/findings/", "/en/search/", "/en/nowhere/", reverse("account_change_password")]
    assert [page for page in pages if out not in client.get(page).text] == []


def test_the_error_page_reveals_no_internals(client, db, monkeypatch):
    def fail(**_: object) -> None:
        raise RuntimeError("SELECT secret FROM inside WHERE key = 'k3y'")

    client.raise_request_exception = False
    monkeypatch.setattr(views, "home_page", fail)
    answer = client.get("/en/")
    assert answer.status_code == 500  # make sure there was an error to report
    assert "Something broke on our side" in answer.text
    assert not [word for word in ("k3y", "SELECT", "Traceback", "RuntimeError", ".py", "django") if word in answer.text]


def test_email_headers_cannot_be_injected(db):
    from samsvar.site.network.emails import actions as post

    for to, subject in (
        ("ragna@nordmark.example", "A question\nBcc: another@elsewhere.example"),
        ("ragna@nordmark.example\r\nBcc: another@elsewhere.example", "A question"),
    ):
        with pytest.raises(ValueError, match=r"newlines|linefeed|line"):
            post._build_message(models.OutgoingEmail(to=to, subject=subject, body="…")).message().as_bytes()
    assert post._build_message(
        models.OutgoingEmail(to="ragna@nordmark.example", subject="A question", body="…")
    ).message()
