"""Recovery codes stored as salted hashes, so that no one can sign in with the contents of the database.

django-allauth (65.21) derives the codes from a stored seed, so that it can show them again later. Here each code is
random, is shown only in the response to the request that created it, and is then stored as a hash. Each code works
once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from samsvar.site.shell.allauth_internals import BaseRecoveryCodes

CODE_BYTES = 10  # 80 bits: 16 characters in four groups, short enough to read aloud
GROUP_LENGTH = 4
NEW_CODES_ATTRIBUTE = "_fresh_recovery_codes"  # attribute of the user object with the codes created in this request


class RecoveryCodes(BaseRecoveryCodes):
    """The recovery codes of one account.

    Rows in allauth's original format, with a seed, are not accepted; the user has to generate new codes.
    """

    instance: Authenticator

    @classmethod
    def activate(cls, user: Any) -> RecoveryCodes:
        existing = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
        if existing is not None:
            return cls(existing)
        codes = [_generate_code() for _ in range(app_settings.RECOVERY_CODE_COUNT)]
        salt = secrets.token_hex(16)
        data = {
            "salt": salt,
            "scrypt": settings.SAMSVAR_RECOVERY_CODE_SCRYPT,
            "hashed": [_hash_code(code, salt, settings.SAMSVAR_RECOVERY_CODE_SCRYPT) for code in codes],
        }
        setattr(user, NEW_CODES_ATTRIBUTE, codes)
        authenticator = Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data)
        return cls(authenticator)

    @classmethod
    def generate_seed(cls) -> str:
        raise NotImplementedError("there is no seed")

    def generate_codes(self) -> list[str]:
        raise NotImplementedError("codes are only shown when they are generated")

    def get_unused_codes(self) -> list[str]:
        """Return the hashes of the unused codes, for counting them; the codes themselves are not stored."""
        return list(self.instance.data.get("hashed", ()))

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Return whether a code is valid and unused, and mark it as used."""
        normalised = _normalise_code(code)
        if len(normalised) != len(
            _normalise_code(_generate_code())
        ):  # six-digit authenticator codes are passed to this method too
            return False
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        data = dict(self.instance.data)
        hashes = data.get("hashed", [])
        if not hashes:
            return False
        submitted = _hash_code(normalised, data["salt"], data["scrypt"])
        remaining = [one for one in hashes if not hmac.compare_digest(one, submitted)]
        if len(remaining) == len(hashes):
            return False
        self.instance.data = {**data, "hashed": remaining}
        self.instance.save(update_fields=["data"])
        return True

    @property
    def did_view(self) -> bool:
        """Always True, because the codes are shown only when they are created."""
        return True


def newly_generated_codes(user: Any) -> list[str]:
    """Return the recovery codes generated in this request, or an empty list."""
    return list(getattr(user, NEW_CODES_ATTRIBUTE, ()))


def are_valid_codes(user: Any, codes: list[str]) -> bool:
    """Return whether these are unused codes of the account, which the browser posts back to download them as a file."""
    authenticator = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if authenticator is None or not 1 <= len(codes) <= len(authenticator.data.get("hashed", ())):
        return False
    hashes = {
        _hash_code(_normalise_code(code), authenticator.data["salt"], authenticator.data["scrypt"]) for code in codes
    }
    return hashes <= set(authenticator.data["hashed"])


def _generate_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(letters[place : place + GROUP_LENGTH] for place in range(0, len(letters), GROUP_LENGTH))


def _normalise_code(code: str) -> str:
    """Return a typed code in the form in which it was generated, ignoring case, spaces and hyphens.

    The digits 0, 1 and 8 are not in the base32 alphabet, so they are read as o, l and b.
    """
    letters = "".join(one for one in code.lower() if one.isalnum())
    return letters.translate(str.maketrans("018", "olb"))


def _hash_code(code: str, salt: str, cost: dict[str, int]) -> str:
    return hashlib.scrypt(_normalise_code(code).encode(), salt=bytes.fromhex(salt), dklen=32, **cost).hex()
