"""Accounts: signing in, passwords, second factors and sessions; no page reveals who has an account."""

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
from samsvar.site.audit.queries import get_change_number
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import deactivate_account
from samsvar.site.network.access.middleware import hash_session_key
from samsvar.site.network.accounts.queries import browser_name
from samsvar.site.network.accounts.recovery_codes import RecoveryCodes, newly_generated_codes
from samsvar.site.network.emails import email_templates as letters
from tests.factories.people import PASSWORD, authenticator_code, make_account, sign_in

LANGUAGES = ("en", "fr", "nb", "ro")
NEW_PASSWORD = "seven grey herons at noon"


@pytest.fixture(autouse=True)
def clear_rate_limits(request):
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    cache.clear()


CODES = r"<code>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</code>"


def sign_in_with_password(client, account, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": account.email, "password": password, **more})


def confirm_password(client, password=PASSWORD):
    answer = client.post(reverse("account_reauthenticate"), {"password": password})
    assert answer.status_code == 302


def add_authenticator_app(account):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    return secret


def last_email():
    return models.OutgoingEmail.objects.order_by("-pk")[0]


def link_in(letter):
    found = re.search(r"https?://\S+", letter.body)
    assert found is not None
    parts = urlsplit(found[0])
    return parts.path


# --- Texts ------------------------------------------------------------------------------------------------------------

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
def test_pages_before_sign_in_use_our_layout(client, name, language):
    with translation.override(language):
        address = reverse(name)
    page = client.get(address, follow=True).content.decode()
    assert f'<html lang="{language}"' in page
    assert 'class="site-head"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OWN_PAGES)
def test_account_pages_use_our_layout(client, name, language):
    account = make_account(Role.READER)
    sign_in_with_password(client, account)
    confirm_password(client)
    with translation.override(language):
        address = reverse(name)
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in page
    assert 'class="site-head"' in page
    assert page.count("<h1") == 1
    assert "no-store" in answer["Cache-Control"]


# --- No page reveals who has an account -------------------------------------------------------------------------------


@pytest.fixture
def hasher_runs(monkeypatch):
    """Return a list of all runs of the password hasher."""
    runs = []
    for name in ("encode", "verify"):
        real = getattr(hashers.MD5PasswordHasher, name)

        def counted(self, *args, _real=real, _name=name, **kwargs):
            runs.append(_name)
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(hashers.MD5PasswordHasher, name, counted)
    return runs


def comparable(answer):
    """Return a response without what differs each time for everyone: form tokens, and what was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    headers = {name: value for name, value in answer.items() if name not in {"Content-Length", "Expires"}}
    return answer.status_code, headers, re.sub(r"(known|nobody)@network\.example", "…", page)


def test_signing_in_looks_the_same_whether_or_not_there_is_an_account(db):
    make_account(email="known@network.example")
    found = []
    for address in ("known@network.example", "nobody@network.example"):
        client = Client()
        found.append(
            comparable(client.post(reverse("account_login"), {"login": address, "password": "a guess at one"}))
        )
        assert "_auth_user_id" not in client.session
    assert found[0] == found[1]


def test_signing_in_runs_the_hasher_as_often_for_an_unknown_address(db, hasher_runs):
    make_account(email="known@network.example")
    work = {}
    for address in ("known@network.example", "nobody@network.example"):
        hasher_runs.clear()
        Client().post(reverse("account_login"), {"login": address, "password": "a guess at a password"})
        work[address] = hasher_runs.count("encode")  # `verify` encodes what was typed: one run each
    assert work == {"known@network.example": 1, "nobody@network.example": 1}


def test_a_wrong_password_does_not_reveal_a_closed_account(db, hasher_runs):
    account = make_account(email="known@network.example")
    account.is_active = False
    account.save()
    said = {"password": "a guess at a password"}
    closed = comparable(Client().post(reverse("account_login"), {"login": "known@network.example", **said}))
    assert closed == comparable(Client().post(reverse("account_login"), {"login": "nobody@network.example", **said}))


def test_a_password_reset_looks_the_same_whether_or_not_there_is_an_account(db, hasher_runs):
    make_account(email="known@network.example")
    hasher_runs.clear()
    found, written = [], []
    for address in ("known@network.example", "nobody@network.example"):
        client = Client()
        before = models.OutgoingEmail.objects.count()
        answer = client.post(reverse("account_reset_password"), {"email": address})
        found.append((comparable(answer), comparable(client.get(answer["Location"]))))
        written.append(models.OutgoingEmail.objects.count() - before)
    assert found[0] == found[1]
    assert written == [1, 1]
    assert hasher_runs == []
    known, unknown = models.OutgoingEmail.objects.order_by("pk")
    assert (known.to, unknown.to) == ("known@network.example", "nobody@network.example")
    assert "choose a new password" in known.body
    assert "there is no account with this email address" in unknown.body


def test_open_sign_up_looks_the_same_whether_or_not_there_is_an_account(db, settings, hasher_runs):
    settings.SAMSVAR_OPEN_SIGN_UP = True
    make_account(email="known@network.example")
    found, written, work = [], [], []
    for address in ("known@network.example", "nobody@network.example"):
        client = Client()
        before = models.OutgoingEmail.objects.count()
        hasher_runs.clear()
        said = {"email": address, "name": "Somebody Fictional", "password1": NEW_PASSWORD}
        answer = client.post(reverse("account_signup"), said)
        found.append((comparable(answer), comparable(client.get(answer["Location"]))))
        written.append(models.OutgoingEmail.objects.count() - before)
        work.append(hasher_runs.count("encode"))
        assert "_auth_user_id" not in client.session
    assert found[0] == found[1]
    assert written == [1, 1]
    assert work == [1, 1]


# --- Passwords --------------------------------------------------------------------------------------------------------


def test_a_password_of_128_characters_of_any_kind_is_accepted(client, db):
    long = " så mye at ingen gjetter det: 🌊 " * 4
    assert len(long) >= 128
    account = make_account(password=long)
    sign_in_with_password(client, account, long)
    assert client.session["_auth_user_id"]


def change_password(client, new, again=None, old=PASSWORD):
    said = {"oldpassword": old, "password1": new, "password2": again if again is not None else new}
    return client.post(reverse("account_change_password"), said)


@pytest.mark.parametrize("weak", ["elevenchars", "password1234567", "somebody@network.example"])
def test_a_weak_password_is_rejected_with_the_reason(client, db, weak):
    account = make_account(email="somebody@network.example")
    sign_in_with_password(client, account)
    confirm_password(client)
    answer = change_password(client, weak)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_changing_the_password_ends_every_other_session_and_emails_the_owner(client, db):
    account = make_account()
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in_with_password(browser, account)
        assert browser.get(reverse("network:account")).status_code == 200
    confirm_password(client)
    assert change_password(client, NEW_PASSWORD)["Location"] == reverse("network:account")
    assert client.get(reverse("network:account")).status_code == 200
    assert elsewhere.get(reverse("network:account"))["Location"].startswith(reverse("account_login"))
    assert last_email().to == account.email
    assert "account password was changed" in last_email().body


def test_changing_the_password_requires_the_current_one(client, db):
    account = make_account()
    client.force_login(account)
    answer = change_password(client, NEW_PASSWORD, old="a guess at a password")
    assert "This is not your current password" in answer.content.decode()
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_a_reset_link_works_once_for_an_hour_and_does_not_skip_the_second_factor(client, db, settings):
    account = make_account()
    add_authenticator_app(account)
    client.post(reverse("account_reset_password"), {"email": account.email})
    link = link_in(last_email())
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert "key" not in urlsplit(address).query
    said = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answer = client.post(address, said)
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert "_auth_user_id" not in client.session
    account.refresh_from_db()
    assert account.check_password(NEW_PASSWORD)
    assert "no longer valid" in Client().get(link, follow=True).content.decode()
    assert sign_in_with_password(Client(), account, NEW_PASSWORD)["Location"] == reverse("mfa_authenticate")
    assert settings.PASSWORD_RESET_TIMEOUT == 3600


def test_a_password_reset_ends_all_sessions(client, db):
    account = make_account()
    sign_in_with_password(client, account)
    other = Client()
    other.post(reverse("account_reset_password"), {"email": account.email})
    address = other.get(link_in(last_email()), follow=True).redirect_chain[-1][0]
    other.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert client.get(reverse("network:account")).status_code == 302


# --- The email address ------------------------------------------------------------------------------------------------


def test_an_email_address_changes_once_confirmed_and_the_old_one_is_notified(client, db):
    account = make_account(email="before@network.example")
    sign_in_with_password(client, account)
    confirm_password(client)
    client.post(reverse("account_email"), {"email": "after@network.example", "action_add": ""})
    account.refresh_from_db()
    assert account.email == "before@network.example"
    letter = last_email()
    assert letter.to == "after@network.example"
    page = client.get(link := link_in(letter)).content.decode()
    assert "after@network.example" in page
    account.refresh_from_db()
    assert account.email == "before@network.example"  # opening a link, as mail programs do, confirms nothing
    client.post(link)
    account.refresh_from_db()
    assert account.email == "after@network.example"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("after@network.example", True, True)
    ]
    told = [letter for letter in models.OutgoingEmail.objects.all() if letter.to == "before@network.example"]
    assert "is now after@network.example" in told[0].body


def test_requesting_another_accounts_address_looks_the_same_and_changes_nothing(client, db):
    make_account(email="taken@network.example")
    account = make_account(email="mine@network.example")
    sign_in_with_password(client, account)
    confirm_password(client)
    answers = []
    for wanted in ("taken@network.example", "free@network.example"):
        answer = client.post(reverse("account_email"), {"email": wanted, "action_add": ""})
        answers.append((answer.status_code, answer.get("Location")))
        cache.clear()
    assert answers[0] == answers[1]
    account.refresh_from_db()
    assert account.email == "mine@network.example"


# --- Second factors ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # the test needs what runs after the commit
def test_setting_up_an_app_proves_the_second_factor_without_signing_out(client):
    account = make_account(Role.SECRETARIAT)
    sign_in_with_password(client, account)
    wanted = reverse("network:invitations")
    answer = client.get(wanted)
    assert answer["Location"].startswith(reverse("network:second-factor"))
    assert "Set up an authenticator app" in client.get(answer["Location"]).content.decode()
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'<code class="key">([A-Z2-7]+)</code>', page)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": authenticator_code(secret)})
    codes = answer.content.decode()
    assert len(re.findall(CODES, codes)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert reverse("network:second-factor") in codes
    answer = client.get(reverse("network:second-factor"))
    assert answer["Location"] == wanted
    answer = client.get(wanted)  # only the reason is missing now
    assert answer["Location"].startswith(reverse("network:open-staff-session"))


def test_recovery_codes_are_shown_once(client, db):
    account = make_account()
    sign_in_with_password(client, account)
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'<code class="key">([A-Z2-7]+)</code>', page)[1]
    made = client.post(reverse("mfa_activate_totp"), {"code": authenticator_code(secret)}).content.decode()
    first = re.findall(CODES, made)
    assert len(first) == 10
    assert "They will not be shown again" in made
    assert not re.findall(CODES, client.get(reverse("mfa_view_recovery_codes")).content.decode())
    later = Client()
    sign_in_with_password(later, account)
    later.post(reverse("mfa_authenticate"), {"code": first[0]})
    assert later.session["_auth_user_id"]
    confirm_password(later)
    page = later.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not re.findall(CODES, page)
    assert "You have 9 codes left." in page
    assert reverse("mfa_generate_recovery_codes") in page
    new = re.findall(CODES, later.post(reverse("mfa_generate_recovery_codes")).content.decode())
    assert (len(new), set(new) & set(first)) == (10, set())
    assert Authenticator.objects.get(user=account, type="recovery_codes").wrap().validate_code(first[1]) is False


def test_only_the_browser_that_was_shown_recovery_codes_can_download_them(client, db):
    account = make_account()
    add_authenticator_app(account)
    RecoveryCodes.activate(account)
    codes = newly_generated_codes(account)
    client.force_login(account)
    address = reverse("mfa_download_recovery_codes")
    taken = client.post(address, {"code": codes})
    assert taken.content.decode().split("\n")[2:-1] == codes
    assert taken["Content-Disposition"] == 'attachment; filename="samsvar-recovery-codes.txt"'
    assert "no-store" in taken["Cache-Control"]
    for said in ([], [*codes[:9], "aaaa-aaaa-aaaa-aaaa"], [*codes, codes[0]], ["<b>what somebody else wrote</b>"]):
        assert client.post(address, {"code": said}).status_code == 404
    stranger = Client()
    stranger.force_login(make_account())
    assert stranger.post(address, {"code": codes}).status_code == 404
    assert client.get(address).status_code == 405


def test_a_recovery_code_works_once(client, db):
    account = make_account()
    add_authenticator_app(account)
    RecoveryCodes.activate(account)
    code = newly_generated_codes(account)[0]
    for expected in (True, False):
        browser = Client()
        sign_in_with_password(browser, account)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in browser.session) is expected


def test_an_authenticator_code_works_only_once_while_it_is_valid(client, db, monkeypatch, settings):
    settings.MFA_TOTP_TOLERANCE = 1  # as in the demonstration: a minute and a half
    account = make_account()
    secret = add_authenticator_app(account)
    now = time.time()
    code = totp.format_hotp_value(totp.hotp_value(secret, int(now) // 30 + 1))  # the phone's clock is fast
    for moment, expected in ((now, True), (now + 31, False), (now + 45, False)):
        monkeypatch.setattr(totp.time, "time", lambda moment=moment: moment)
        browser = Client()
        sign_in_with_password(browser, account)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in browser.session) is expected, moment - now


def test_secrets_of_second_factors_are_not_readable_in_the_database(db):
    account = make_account()
    secret = add_authenticator_app(account)
    kept = json.dumps(Authenticator.objects.get(user=account).data)
    assert secret not in kept
    from allauth.mfa.utils import decrypt

    assert decrypt(Authenticator.objects.get(user=account).data["secret"]) == secret


def test_an_older_secret_key_still_decrypts_what_it_encrypted(db, settings):
    from allauth.mfa.utils import decrypt, encrypt

    settings.SECRET_KEY = "the one before"
    closed = encrypt("a secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the one after", ["the one before"]
    assert decrypt(closed) == "a secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Exception, match="cannot be decrypted"):
        decrypt(closed)


def test_the_second_factor_page_redirects_only_within_the_site(client, db):
    account = make_account(Role.SECRETARIAT)
    sign_in(client, account)
    answer = client.get(reverse("network:second-factor"), {"next": "https://elsewhere.example/"})
    assert answer["Location"] == reverse("network:account")
    answer = client.get(reverse("network:second-factor"), {"next": "/nb/findings/"})
    assert answer["Location"] == "/nb/findings/"


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_signing_in_gives_the_browser_a_new_session(client, db):
    account = make_account()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    planted = client.cookies["sessionid"].value if "sessionid" in client.cookies else session.session_key
    sign_in_with_password(client, account)
    assert client.session.session_key != planted


def test_reauthentication_gives_a_new_session_and_keeps_the_staff_session(client, db):
    account = make_account(Role.SECRETARIAT)
    sign_in(client, account, staff_session="a reason")
    client.get(reverse("network:account"))
    before = client.session.session_key
    confirm_password(client)
    after = client.session.session_key
    assert after != before
    assert models.StaffSession.objects.get().browser == hash_session_key(after)
    assert [one.session_key for one in UserSession.objects.filter(user=account)] == [after]


def test_account_holders_see_their_sessions_and_end_one_or_all_others(client, db):
    account = make_account()
    others = [Client(HTTP_USER_AGENT=f"Browser {number}") for number in (1, 2, 3)]
    for browser in (client, *others):
        sign_in_with_password(browser, account)
    confirm_password(client)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert all(f"Browser {number}" in page for number in (1, 2, 3))
    first = UserSession.objects.get(user_agent="Browser 1")
    client.post(reverse("network:end-session", args=[first.pk]))
    assert others[0].get(reverse("network:account")).status_code == 302
    assert others[1].get(reverse("network:account")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert [browser.get(reverse("network:account")).status_code for browser in (client, *others)] == [
        200,
        302,
        302,
        302,
    ]


def test_no_one_can_end_the_session_of_another_account(client, db):
    mine, theirs = make_account(), make_account()
    other = Client()
    sign_in_with_password(other, theirs)
    sign_in_with_password(client, mine)
    confirm_password(client)
    session = UserSession.objects.get(user=theirs)
    assert client.post(reverse("network:end-session", args=[session.pk])).status_code == 404
    assert other.get(reverse("network:account")).status_code == 200


def test_a_session_ends_twelve_hours_after_signing_in_even_if_used(client, db, monkeypatch):
    account = make_account(Role.READER)
    sign_in_with_password(client, account)
    began = time.time()
    for hour in range(1, 12):
        monkeypatch.setattr("samsvar.site.network.accounts.sessions.time.time", lambda hour=hour: began + hour * 3600)
        assert client.get(reverse("network:account")).status_code == 200
    monkeypatch.setattr("samsvar.site.network.accounts.sessions.time.time", lambda: began + 12 * 3600 + 60)
    answer = client.get(reverse("network:account"))
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('network:account')}"
    assert "_auth_user_id" not in client.session
    assert not UserSession.objects.filter(user=account).exists()


@pytest.mark.parametrize(("role", "minutes"), [(Role.SECRETARIAT, 31), (Role.AUDITOR, 31), (Role.READER, 241)])
def test_an_idle_session_ends_and_sooner_for_staff(client, db, monkeypatch, role, minutes):
    sign_in(client, make_account(role))
    assert client.get(reverse("network:account")).status_code == 200
    began = time.time()
    monkeypatch.setattr("samsvar.site.network.accounts.sessions.time.time", lambda: began + (minutes - 2) * 60)
    assert client.get(reverse("network:account")).status_code == 200
    monkeypatch.setattr("samsvar.site.network.accounts.sessions.time.time", lambda: began + (2 * minutes - 1) * 60)
    assert client.get(reverse("network:account")).status_code == 302


def test_closing_an_account_signs_it_out_at_once(client, db):
    account = make_account()
    sign_in_with_password(client, account)
    assert client.get(reverse("network:account")).status_code == 200
    deactivate_account(account=account, by=None, reason="left the ministry")
    assert client.get(reverse("network:account")).status_code == 302
    assert not UserSession.objects.filter(user=account).exists()
    account.is_active = True
    account.save()
    assert client.get(reverse("network:account")).status_code == 302  # its old sessions do not come back


def test_the_session_cookie_is_for_this_site_and_hidden_from_scripts(client, db):
    sign_in_with_password(client, make_account())
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_that_account_only(client, db):
    account, other = make_account(), make_account()
    for _ in range(5):
        sign_in_with_password(client, account, "a guess at a password")
    answer = sign_in_with_password(client, account)
    assert "Too many failed attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    sign_in_with_password(client, other)
    assert client.session["_auth_user_id"] == str(other.pk)


def test_the_same_limit_applies_to_an_address_without_an_account(client, db):
    for _ in range(5):
        client.post(reverse("account_login"), {"login": "nobody@network.example", "password": "a guess at one"})
    answer = client.post(reverse("account_login"), {"login": "nobody@network.example", "password": "a guess at one"})
    assert "Too many failed attempts" in answer.content.decode()


def test_attempts_to_enter_codes_are_limited_too(client, db):
    account = make_account()
    secret = add_authenticator_app(account)
    sign_in_with_password(client, account)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": authenticator_code(secret)})
    assert "_auth_user_id" not in client.session


def test_emails_to_one_address_are_limited(client, db):
    make_account(email="known@network.example")
    for _ in range(3):
        client.post(reverse("account_reset_password"), {"email": "known@network.example"})
    answer = client.post(reverse("account_reset_password"), {"email": "known@network.example"})
    assert answer.status_code == 429
    assert "Too many requests" in answer.content.decode()
    assert 'class="site-head"' in answer.content.decode()
    assert models.OutgoingEmail.objects.count() == 3


def test_a_forged_header_does_not_make_a_new_visitor(client, db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    codes = [
        client.post(
            reverse("account_login"),
            {"login": f"nobody-{number}@network.example", "password": "a guess at one"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).content.decode()
        for number in range(12)
    ]
    assert "Too many failed attempts" not in codes[0]
    assert "Too many failed attempts" in codes[-1]


def test_behind_one_proxy_only_the_last_address_of_the_header_counts(client, db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def guess(number, forwarded):
        said = {"login": f"nobody-{number}@network.example", "password": "a guess at one"}
        return client.post(reverse("account_login"), said, headers={"X-Forwarded-For": forwarded}).content.decode()

    for number in range(12):
        last = guess(number, f"198.51.100.{number}, 192.0.2.7")
    assert "Too many failed attempts" in last
    assert "Too many failed attempts" not in guess(99, "192.0.2.7, 192.0.2.8")


def test_rate_limits_and_used_codes_do_not_raise_the_change_number(client, db):
    account = make_account()
    before = get_change_number()
    for _ in range(3):
        sign_in_with_password(client, account, "a guess at a password")
    sign_in_with_password(client, account)
    client.get(reverse("network:account"))
    assert get_change_number() == before


# --- Texts ------------------------------------------------------------------------------------------------------------


def test_every_email_and_message_of_allauth_has_our_own_text():
    theirs = Path(allauth.__file__).parent / "templates"
    asked = {path.relative_to(theirs).as_posix() for path in theirs.glob("*/*/*.txt")}
    written = {name.removesuffix("_subject.txt") for name in asked if name.endswith("_subject.txt")}
    assert written - letters.UNUSED_TEMPLATES == {
        name for name in letters.EMAIL_TEMPLATES if not name.startswith(("network/", "meetings/"))
    }
    assert {name for name in asked if "/messages/" in name} == set(letters.NOTICES)


def test_every_page_of_allauth_that_has_an_address_here_has_our_template():
    from django.template.loader import get_template

    from samsvar.site.network.accounts import urls_allauth as addresses

    names = set()
    for pattern in addresses.urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        name = getattr(view, "template_name", None)
        if name:
            names.add(name)
    names |= {"account/email_change.html", "account/signup_closed.html", "socialaccount/authentication_error.html"}
    # The first is replaced by another page; the others are not offered.
    names -= {"account/email.html", "account/confirm_login_code.html", "mfa/recovery_codes/download.txt"}
    assert len(names) > 20
    foreign = [name for name in names if "site-packages" in get_template(name).origin.name]
    assert foreign == []


@pytest.mark.parametrize(
    ("itself", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("a script", "a script"),
        ("", "?"),
    ],
)
def test_a_session_is_labelled_by_its_browser_and_system(itself, name):
    assert browser_name(itself) == name


def test_a_button_on_the_second_factor_page_ends_all_other_sessions(client, db):
    account, elsewhere = make_account(), Client()
    sign_in_with_password(elsewhere, account)
    sign_in_with_password(client, account)
    confirm_password(client)
    page = client.get(reverse("mfa_index")).content.decode()
    form = page.partition("End all other sessions")[0].rpartition("<form")[2]
    assert re.search(r'action="([^"]+)"', form)[1] == reverse("usersessions_list")
    assert elsewhere.get(reverse("network:account")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse("network:account")).status_code == 302
    assert client.get(reverse("network:account")).status_code == 200
    assert "End all other sessions" not in client.get(reverse("mfa_index")).content.decode()
