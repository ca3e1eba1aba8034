"""A changed key locks no one out: second factors are read with the old key and encrypted again with the new."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from samsvar.errors import SamsvarError
from samsvar.site.audit.queries import AuditFilters, filtered_entries
from samsvar.site.network.accounts.actions.keys import ReencryptionResult, reencrypt_second_factors
from samsvar.site.network.accounts.recovery_codes import RecoveryCodes, newly_generated_codes
from tests.factories.people import make_account

SECRET = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_factors(settings):
    """Return an account with second factors made with the previous key, and its codes; the site has a new key."""
    settings.SECRET_KEY = "the key before"
    account = make_account()
    TOTP.activate(account, SECRET)
    RecoveryCodes.activate(account)
    codes = newly_generated_codes(account)
    Authenticator.objects.create(
        user=account, type="webauthn", data={"name": "Passkey 1", "credential": {"id": "unencrypted"}}
    )
    settings.SECRET_KEY = "the key now"
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    return account, codes


def totp_secret(account):
    from allauth.mfa.utils import decrypt

    return decrypt(Authenticator.objects.get(user=account, type="totp").data["secret"])


def test_second_factors_cannot_be_read_without_the_previous_key(second_factors, settings):
    account, _codes = second_factors
    assert totp_secret(account) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SamsvarError):
        totp_secret(account)


def test_reencrypted_second_factors_need_only_the_current_key(second_factors, settings):
    account, _codes = second_factors
    assert reencrypt_second_factors() == ReencryptionResult(reencrypted=1, unreadable=0)
    settings.SECRET_KEY_FALLBACKS = []
    assert totp_secret(account) == SECRET
    assert Authenticator.objects.get(type="webauthn").data == {
        "name": "Passkey 1",
        "credential": {"id": "unencrypted"},
    }


def test_recovery_codes_need_no_key_and_a_used_one_stays_used(second_factors):
    account, codes = second_factors
    row = Authenticator.objects.get(user=account, type="recovery_codes")
    assert RecoveryCodes(row).validate_code(codes[0])
    reencrypt_second_factors()
    row.refresh_from_db()
    assert not RecoveryCodes(row).validate_code(codes[0])
    assert RecoveryCodes(row).validate_code(codes[1])


def test_second_factors_that_no_key_can_read_are_left_unchanged_and_counted(second_factors, settings, capsys):
    account, _codes = second_factors
    settings.SECRET_KEY_FALLBACKS = []
    before = dict(Authenticator.objects.values_list("pk", "data"))
    with pytest.raises(CommandError, match="1 could not be decrypted"):
        call_command("encrypt_again")
    assert dict(Authenticator.objects.values_list("pk", "data")) == before
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    call_command("encrypt_again")
    assert "1 second factors encrypted with the current key." in capsys.readouterr().out
    assert totp_secret(account) == SECRET


def test_reencryption_is_in_the_audit_log_without_personal_data(second_factors):
    reencrypt_second_factors()
    line = filtered_entries(AuditFilters()).first()
    assert (line.actor, line.verb, line.person, line.details) == (
        None,
        "re-encrypted second factors",
        "",
        {"written": 1, "lost": 0, "keys": 2},
    )
