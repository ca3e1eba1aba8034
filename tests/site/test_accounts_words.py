"""Every sentence about an account is in our own catalogue, or is translated by Django.

While pages, errors and emails are made in a language, each sentence that comes back in English is recorded.
If it is one of ours, `make check` asks the translators for it; a sentence of another package would stay English.
"""

from __future__ import annotations

import ast
import re
import time
from functools import cache as once
from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from django.utils.translation import _trans

import samsvar.site
from samsvar.network.rights import Role
from samsvar.site.network.emails.email_templates import NOTICES, all_email_templates
from tests.factories.people import PASSWORD, make_account, make_network, sign_in
from tests.site.test_accounts import OPEN_PAGES, OWN_PAGES

SITE = Path(samsvar.site.__file__).parent
# Names and single words are the same in several languages: "minutes" is French as well.
NO_SENTENCE = re.compile(r"^(\S+\s?){0,2}$")


@once
def our_texts() -> frozenset[str]:
    """Return every text of our own code and templates, with whitespace collapsed."""
    texts = set()
    for path in SITE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(" ".join(node.value.split()))
    for path in SITE.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        texts |= set(re.findall(r'{%\s*translate\s+"([^"]+)"', text))
        texts |= set(re.findall(r'_\("([^"]+)"\)', text))
        for block in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", text, re.DOTALL):
            for form in re.split(r"{%\s*plural\s*%}", block):
                texts.add(" ".join(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", form.replace("%", "%%")).split()))
    return frozenset(texts)


@pytest.fixture
def untranslated(monkeypatch, db):
    """Return the sentences left in English although another language is active, except our own."""
    cache.clear()
    left = set()

    def note(message, said):
        language = (translation.get_language() or "en").partition("-")[0]
        flat = " ".join(message.split())
        if language != "en" and said == message and not NO_SENTENCE.match(flat) and flat not in our_texts():
            left.add((language, flat))
        return said

    plain, plural, context = _trans.gettext, _trans.ngettext, _trans.pgettext
    monkeypatch.setattr(_trans, "gettext", lambda message: note(message, plain(message)))
    monkeypatch.setattr(_trans, "pgettext", lambda where, message: note(message, context(where, message)))
    monkeypatch.setattr(
        _trans, "ngettext", lambda one, many, number: note(one if number == 1 else many, plural(one, many, number))
    )
    return left


def localised_address(language, name, *args):
    with translation.override(language):
        return reverse(name, args=args)


def test_a_sentence_of_another_package_in_english_is_detected(untranslated):
    with translation.override("fr"):
        translation.gettext(f"A sentence that nobody has translated, said at {time.time()}.")
    assert len(untranslated) == 1


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_pages_before_sign_in_have_no_untranslated_sentence(client, untranslated, language):
    for name in OPEN_PAGES:
        assert client.get(localised_address(language, name), follow=True).status_code in {200, 401}, name
    assert untranslated == set()


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_account_pages_have_no_untranslated_sentence(client, untranslated, language):
    account = make_account(Role.SECRETARIAT, network=make_network())
    sign_in(client, account, staff_session="looking at pages")
    client.post(localised_address(language, "account_reauthenticate"), {"password": PASSWORD})
    for name in [*OWN_PAGES, "network:invitations"]:
        assert client.get(localised_address(language, name), follow=True).status_code == 200, name
    totp.TOTP.activate(account, totp.generate_totp_secret())
    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_reauthenticate", "mfa_generate_recovery_codes"):
        assert client.get(localised_address(language, name)).status_code == 200, name
    client.post(localised_address(language, "mfa_generate_recovery_codes"))
    assert client.get(localised_address(language, "mfa_view_recovery_codes")).status_code == 200
    assert untranslated == set()


def errors_of(page: str) -> list[str]:
    """Return the errors in the summary above a form."""
    summary = page.partition('data-kind="error" role="alert"')[2].partition("</div>")[0]
    return re.findall(r"<li>(.+?)</li>", summary, re.DOTALL)


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_likely_errors_have_no_untranslated_sentence(client, untranslated, settings, language):
    settings.SAMSVAR_OPEN_SIGN_UP = True
    account = make_account(Role.READER, email="somebody@network.example")
    tries = [
        ("account_login", {}),
        ("account_login", {"login": "no address", "password": "x"}),
        *[("account_login", {"login": account.email, "password": "a guess at a password"})] * 6,
        ("account_reset_password", {}),
        ("account_reset_password", {"email": "no address"}),
        ("account_signup", {}),
        ("account_signup", {"email": "no address", "name": "x" * 500, "password1": "short"}),
        ("account_signup", {"email": "new@network.example", "name": "N", "password1": "password1234"}),
        ("account_signup", {"email": "new@network.example", "name": "N", "password1": "123456789012"}),
        ("account_signup", {"email": "new@network.example", "name": "N", "password1": "new@network.example"}),
    ]
    for name, said in tries:
        answer = client.post(localised_address(language, name), said)
        assert answer.status_code == 200, (name, said)
        assert errors_of(answer.content.decode()), (name, said)
    cache.clear()
    assert (
        client.get(localised_address(language, "account_reset_password_from_key", "1", "x-y"), follow=True).status_code
        == 200
    )
    assert client.get(localised_address(language, "account_confirm_email", "nothing")).status_code == 200
    assert client.get(localised_address(language, "network:open-invitation", "nothing")).status_code == 404
    sign_in(client, account)
    client.post(localised_address(language, "account_reauthenticate"), {"password": PASSWORD})
    tries = [
        ("account_reauthenticate", {"password": "a guess at a password"}),
        ("account_change_password", {"oldpassword": "x", "password1": "short", "password2": "another"}),
        ("account_change_password", {"oldpassword": PASSWORD, "password1": "a" * 13, "password2": "b" * 13}),
        ("account_email", {"email": account.email, "action_add": ""}),
        ("mfa_activate_totp", {"code": "000000"}),
        ("mfa_add_webauthn", {"credential": "no key"}),
        ("mfa_add_webauthn", {"credential": "{}"}),
    ]
    for name, said in tries:
        answer = client.post(localised_address(language, name), said)
        assert answer.status_code == 200, (name, said)
        assert errors_of(answer.content.decode()), (name, said)
    assert untranslated == set()


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_the_page_about_too_many_requests_has_no_untranslated_sentence(client, untranslated, language):
    for _ in range(4):
        answer = client.post(localised_address(language, "account_reset_password"), {"email": "nobody@network.example"})
    assert answer.status_code == 429
    assert untranslated == set()


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_emails_and_messages_have_no_untranslated_sentence(untranslated, language):
    with translation.override(language):
        for form in all_email_templates().values():
            [str(words) for words in (form.subject, form.body, form.footer)]
        [str(words) for words in NOTICES.values()]
    assert untranslated == set()
