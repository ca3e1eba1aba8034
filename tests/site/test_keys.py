"""A changed key locks nobody out: second factors are read with the one before, and written anew with that of today."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from samsvar.errors import SamsvarError
from samsvar.site.audit.queries import lines
from samsvar.site.network.accounts.actions.keys import EncryptedAgain, encrypt_again
from samsvar.site.network.accounts.recovery_codes import RecoveryCodes, fresh_codes
from tests.factories.people import make_account

SECRET = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


@pytest.fixture
def factors(settings):
    """An account whose second factors were made with the key of before; the site now has another one."""
    settings.SECRET_KEY = "the key before"
    account = make_account()
    TOTP.activate(account, SECRET)
    RecoveryCodes.activate(account)
    codes = fresh_codes(account)
    Authenticator.objects.create(
        user=account, type="webauthn", data={"name": "Passkey 1", "credential": {"id": "unencrypted"}}
    )
    settings.SECRET_KEY = "the key now"
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    return account, codes


def secret_of(account):
    from allauth.mfa.utils import decrypt

    return decrypt(Authenticator.objects.get(user=account, type="totp").data["secret"])


def test_without_the_key_before_the_factors_cannot_be_read_so_there_is_something_to_lose(factors, settings):
    account, _codes = factors
    assert secret_of(account) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SamsvarError):
        secret_of(account)


def test_written_anew_they_need_the_key_of_today_only(factors, settings):
    account, _codes = factors
    assert encrypt_again() == EncryptedAgain(written=1, lost=0)
    settings.SECRET_KEY_FALLBACKS = []
    assert secret_of(account) == SECRET
    assert Authenticator.objects.get(type="webauthn").data == {
        "name": "Passkey 1",
        "credential": {"id": "unencrypted"},
    }


def test_recovery_codes_need_no_key_and_a_used_one_stays_used(factors):
    account, codes = factors
    row = Authenticator.objects.get(user=account, type="recovery_codes")
    assert RecoveryCodes(row).validate_code(codes[0])
    encrypt_again()
    row.refresh_from_db()
    assert not RecoveryCodes(row).validate_code(codes[0])
    assert RecoveryCodes(row).validate_code(codes[1])


def test_what_no_key_can_read_stays_as_it_is_and_is_counted(factors, settings, capsys):
    account, _codes = factors
    settings.SECRET_KEY_FALLBACKS = []
    before = dict(Authenticator.objects.values_list("pk", "data"))
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("encrypt_again")
    assert dict(Authenticator.objects.values_list("pk", "data")) == before
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    call_command("encrypt_again")
    assert "1 second factors written with the present key." in capsys.readouterr().out
    assert secret_of(account) == SECRET


def test_it_leaves_a_line_in_the_trail_without_anybody_in_it(factors):
    encrypt_again()
    line = lines().first()
    assert (line.actor, line.verb, line.person, line.details) == (
        None,
        "encrypted second factors again",
        "",
        {"written": 1, "lost": 0, "keys": 2},
    )
