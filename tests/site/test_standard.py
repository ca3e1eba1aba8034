"""What ASVS 5.0 asks of signing in and of failing, where no other test carries it (docs/explanation/security.md)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.cache.backends import db as db_cache
from django.test import Client
from django.urls import reverse

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.accounts.recovery_codes import RecoveryCodes, fresh_codes
from samsvar.site.network.accounts.sessions import BEGAN
from samsvar.site.pages import views
from tests.factories.people import PASSWORD, code_of_app, make_account, sign_in


class Fields(HTMLParser):
    """The fields of a page's forms, each with its attributes."""

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


def typed(client: Client, account: models.Account, password: str = PASSWORD) -> Client:
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
def test_a_password_is_hidden_while_it_is_typed_and_a_manager_may_fill_it_in(
    client, db, settings, page, names, signed_in
):
    settings.SAMSVAR_DEMO_ACCOUNTS = None  # a demonstration shows its passwords, and has them in its buttons
    if signed_in:
        sign_in(client, make_account())
    fields = Fields(client.get(reverse(page)).text).named(*names)
    assert fields
    for field in fields:
        assert (field["type"], field["autocomplete"]) == ("password", names[str(field["name"])])
        assert {"onpaste", "oncopy", "pattern", "readonly", "disabled", "value"} & field.keys() == set()
        assert int(field.get("maxlength") or 1000) >= 128  # 64 are asked for


def test_a_password_is_compared_as_it_was_typed(db):
    password = "  Blanks at both ends, CAPITALS, æøå and 🦔  " + "x" * 100
    account = make_account(password=password)
    for wrong in (password.strip(), password.lower(), password[:-1], password[:72], password + "x"):
        assert not is_signed_in(typed(Client(), account, wrong)), wrong
    account = make_account(password=password)  # the limit for the first one is reached
    assert is_signed_in(typed(Client(), account, password))


@pytest.fixture
def seed(db):
    """An account with a code app, and the app's seed."""
    account = make_account()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    return account, secret


def code_at(secret: str, moment: float) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(moment) // 30))


def answered(account: models.Account, code: str) -> bool:
    """Whether password and code sign in, in a browser of their own."""
    client = typed(Client(), account)
    assert not is_signed_in(client)  # the password alone does not
    client.post(reverse("mfa_authenticate"), {"code": code})
    return is_signed_in(client)


def test_a_code_of_an_app_signs_in_once(seed):
    account, secret = seed
    code = code_of_app(secret)
    assert (answered(account, code), answered(account, code)) == (True, False)


def test_a_code_that_was_used_is_not_taken_again_while_clocks_may_differ(seed, monkeypatch, settings):
    """Where a code counts for longer than its half minute, as in a demonstration: once all the same."""
    settings.MFA_TOTP_TOLERANCE = 1
    account, secret = seed
    began = time.time() // 30 * 30 + 1
    code = code_at(secret, began)

    def it_is(later: int) -> None:
        monkeypatch.setattr(time, "time", lambda: began + later)
        monkeypatch.setattr(db_cache, "tz_now", lambda: datetime.fromtimestamp(began + later, UTC))

    it_is(0)
    assert answered(account, code)
    for later in (31, 61):
        it_is(later)
        assert not answered(account, code), f"{later} seconds later"


@pytest.mark.parametrize("seconds", [-120, -30, 30, 120])
def test_a_code_of_the_half_minute_before_or_after_is_none(seed, monkeypatch, seconds):
    account, secret = seed
    now = time.time() // 30 * 30 + 10
    monkeypatch.setattr(time, "time", lambda: now)
    assert not answered(account, code_at(secret, now + seconds))
    assert answered(account, code_at(secret, now))  # there was something to refuse


def test_a_recovery_code_signs_in_once(seed):
    account, _secret = seed
    codes = fresh_codes(account)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)  # 80 bits each
    assert (answered(account, codes[0]), answered(account, codes[0])) == (True, False)
    assert (answered(account, codes[1].upper().replace("-", " ")), answered(account, codes[1])) == (True, False)
    assert len(account.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()) == 8


def test_seeds_of_second_factors_are_not_in_the_database_as_they_are(seed):
    account, secret = seed
    kept = "".join(str(one.data) for one in account.authenticator_set.all())
    assert len(account.authenticator_set.all()) == 2
    assert secret not in kept


def test_the_database_holds_nothing_that_gives_a_recovery_code(seed, settings):
    """Not even beside the site's key: what is kept is a salt and what each code hashes to, and neither opens."""
    account, _secret = seed
    row = account.authenticator_set.get(type="recovery_codes")
    assert sorted(row.data) == ["hashed", "salt", "scrypt"]
    codes = fresh_codes(account)
    everywhere = str(row.data) + "".join(str(dict(one.get_decoded())) for one in Session.objects.all())
    assert [code for code in codes if code in everywhere or code.replace("-", "") in everywhere] == []
    assert [one for one in (*row.data["hashed"], row.data["salt"]) if answered(account, one)] == []
    assert fresh_codes(models.Account.objects.get(pk=account.pk)) == []  # of another request nobody knows them
    other = make_account()
    RecoveryCodes.activate(other)
    assert not set(row.data["hashed"]) & set(other.authenticator_set.get().data["hashed"])
    assert row.data["salt"] != other.authenticator_set.get().data["salt"]


def test_recovery_codes_of_before_that_a_seed_gives_open_nothing(seed):
    from allauth.mfa.utils import encrypt

    account, _secret = seed
    row = account.authenticator_set.get(type="recovery_codes")
    row.data = {"seed": encrypt("00" * 40), "used_mask": 0}
    row.save()
    assert row.wrap().get_unused_codes() == []
    assert not row.wrap().validate_code("1234567890")
    assert not row.wrap().validate_code("aaaa-aaaa-aaaa-aaaa")


def test_a_new_password_does_not_open_a_way_round_the_second_factor(seed, client):
    """Reset by letter: afterwards nobody is signed in, and signing in asks for the code."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    account, secret = seed
    key = default_token_generator.make_token(account)
    asked = client.get(
        reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(account), "key": key})
    )
    assert key not in asked["Location"]  # the token leaves the address at once
    new = "seven slow hedgehogs, eleven"
    client.post(asked["Location"], {"password1": new, "password2": new})
    account.refresh_from_db()
    assert account.check_password(new)
    assert not is_signed_in(client)
    assert not is_signed_in(typed(Client(), account, new))
    client = typed(Client(), account, new)
    client.post(reverse("mfa_authenticate"), {"code": code_of_app(secret)})
    assert is_signed_in(client)


def test_a_site_can_ask_a_second_factor_of_everybody(client, db, settings):
    """ASVS V6.3.3 at its second level; staff are asked always."""
    editor = make_account(Role.EDITOR)
    upload, own = reverse("monitoring:upload"), reverse("network:account")
    sign_in(client, editor)
    assert client.get(upload).status_code == 200  # one factor will do
    settings.SAMSVAR_SECOND_FACTOR_OF_ALL = True
    assert client.get(upload)["Location"].startswith(reverse("network:second-factor"))
    assert client.get(own).status_code == 200  # so that one can be set up
    sign_in(client, editor, second_factor=True)
    assert client.get(upload).status_code == 200


CHANGES: dict[str, dict[str, str]] = {
    "account_change_password": {},
    "account_email": {"action_add": "", "email": "elsewhere@network.example"},
    "mfa_activate_totp": {},
    "mfa_deactivate_totp": {},
    "mfa_add_webauthn": {},
    "mfa_generate_recovery_codes": {},
}


@pytest.mark.parametrize("page", CHANGES)
def test_what_signs_one_in_is_changed_by_who_has_confirmed_who_they_are(db, page):
    """ASVS V7.5.1: after ten minutes the session alone does not do; a password, a code or a passkey does."""
    account = make_account()
    if factors := int(page != "account_email"):  # with a second factor the address cannot be changed at all
        totp.TOTP.activate(account, totp.generate_totp_secret())
    client = sign_in(Client(), account, second_factor=True)
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - 3600} for record in session["account_authentication_methods"]
    ]
    session.save()
    answer = client.post(reverse(page), CHANGES[page])
    if answer.status_code == 200:  # the form asks for the password itself
        assert Fields(answer.text).named("oldpassword")
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(
            (reverse("account_reauthenticate"), reverse("mfa_reauthenticate"), reverse("mfa_reauthenticate_webauthn"))
        )
    assert [one.email for one in account.emailaddress_set.all()] == [account.email]
    assert account.authenticator_set.count() == factors


@pytest.mark.parametrize(("ago", "changed"), [(60, True), (3600, False)])
def test_who_signs_in_elsewhere_only_changes_what_signs_them_in_soon_after_signing_in(db, ago, changed):
    account = make_account(password=None)  # with nothing here to confirm with
    client = sign_in(Client(), account)
    session = client.session
    session[BEGAN] = time.time() - ago
    session.save()
    answer = client.post(reverse("account_email"), {"action_add": "", "email": "elsewhere@network.example"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login")) is not changed
    assert is_signed_in(client) is changed
    assert account.emailaddress_set.filter(email="elsewhere@network.example").exists() is changed


def test_what_was_signed_out_opens_nothing_with_its_old_key(client, db):
    sign_in(client, make_account())
    stolen = client.session.session_key
    assert stolen
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not Session.objects.filter(session_key=stolen).exists()
    assert thief.get(reverse("account_change_password")).status_code == 302


def test_keys_of_sessions_are_long_and_never_the_same(db):
    keys = set()
    for _ in range(20):
        client = sign_in(Client(), make_account())
        keys.add(client.session.session_key)
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}  # of 36 letters and figures: 165 bits


def test_a_closed_account_opens_nothing_from_the_next_request_on(client, db):
    account = make_account()
    sign_in(client, account)
    assert client.get(reverse("account_change_password")).status_code == 200
    get_user_model().objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(reverse("account_change_password")).status_code == 302


def test_the_way_to_sign_out_is_on_every_page_for_somebody_signed_in(client, db):
    sign_in(client, make_account())
    out = f'action="{reverse("account_logout")}"'
    pages = ["/en/", "/en/findings/", "/en/search/", "/en/nowhere/", reverse("account_change_password")]
    assert [page for page in pages if out not in client.get(page).text] == []


def test_a_failure_says_nothing_of_our_insides(client, db, monkeypatch):
    def fail(**_: object) -> None:
        raise RuntimeError("SELECT secret FROM inside WHERE key = 'k3y'")

    client.raise_request_exception = False
    monkeypatch.setattr(views.queries, "home_page", fail)
    answer = client.get("/en/")
    assert answer.status_code == 500  # there was a failure to tell of
    assert "Something broke on our side" in answer.text
    assert not [word for word in ("k3y", "SELECT", "Traceback", "RuntimeError", ".py", "django") if word in answer.text]


def test_no_header_of_a_letter_comes_from_a_visitor(db):
    from samsvar.site.network.emails import actions as post

    for to, subject in (
        ("ragna@nordmark.example", "A question\nBcc: another@elsewhere.example"),
        ("ragna@nordmark.example\r\nBcc: another@elsewhere.example", "A question"),
    ):
        with pytest.raises(ValueError, match=r"newlines|linefeed|line"):
            post._as_mail(models.Letter(to=to, subject=subject, body="…")).message().as_bytes()
    assert post._as_mail(models.Letter(to="ragna@nordmark.example", subject="A question", body="…")).message()
