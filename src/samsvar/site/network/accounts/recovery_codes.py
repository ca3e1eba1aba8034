"""Recovery codes of which the database holds nothing that opens an account: a salt, and a hash of each.

django-allauth (65.21) draws codes from a seed and keeps the seed, so that it can show them later. Ours are drawn one by
one, shown in the answer to the request that made them, and hashed: nobody sees them a second time. Each works once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from django.db import transaction

BYTES = 10  # 80 bits a code: sixteen letters and figures, in four groups that one can read out
GROUP = 4
# As OWASP's cheat sheet has scrypt at the least memory for what chance has drawn (2026-11); kept beside the hashes, so
# that other numbers here leave older codes as they are. One guess costs one of these, whatever it is.
SCRYPT = {"n": 2**14, "r": 8, "p": 1}
FRESH = "_fresh_recovery_codes"  # where the account of one request holds what it just made


class RecoveryCodes(auth.RecoveryCodes):
    """The codes of one account. A row of before, with a seed in it, opens nothing: new ones are made."""

    instance: Authenticator

    @classmethod
    def activate(cls, user: Any) -> RecoveryCodes:
        there = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
        if there is not None:
            return cls(there)
        codes = [_code() for _ in range(app_settings.RECOVERY_CODE_COUNT)]
        salt = secrets.token_hex(16)
        data = {"salt": salt, "scrypt": SCRYPT, "hashed": [_hash(code, salt, SCRYPT) for code in codes]}
        setattr(user, FRESH, codes)
        made = Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data)
        return cls(made)

    @classmethod
    def generate_seed(cls) -> str:
        raise NotImplementedError("there is no seed")

    def generate_codes(self) -> list[str]:
        raise NotImplementedError("codes are shown when they are made, and by nothing later")

    def get_unused_codes(self) -> list[str]:
        """One entry for each that is left, for whoever counts them; what they are nobody knows any more."""
        return list(self.instance.data.get("hashed", ()))

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Whether it is one that is left; it is not any more after that."""
        plain = _plain(code)
        if len(plain) != len(_plain(_code())):  # six figures of an app come by here too
            return False
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        data = dict(self.instance.data)
        left = data.get("hashed", [])
        if not left:
            return False
        said = _hash(plain, data["salt"], data["scrypt"])
        staying = [one for one in left if not hmac.compare_digest(one, said)]
        if len(staying) == len(left):
            return False
        self.instance.data = {**data, "hashed": staying}
        self.instance.save(update_fields=["data"])
        return True

    @property
    def did_view(self) -> bool:
        """They were shown as they were made, or never will be."""
        return True


def fresh_codes(user: Any) -> list[str]:
    """The codes that this very request has made; nothing at any other time."""
    return list(getattr(user, FRESH, ()))


def are_codes_of(user: Any, codes: list[str]) -> bool:
    """Whether these are codes of an account that are left, as its browser sends them back for a file."""
    row = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None or not 1 <= len(codes) <= len(row.data.get("hashed", ())):
        return False
    hashes = {_hash(_plain(code), row.data["salt"], row.data["scrypt"]) for code in codes}
    return hashes <= set(row.data["hashed"])


def install() -> None:
    """Called once, when the app is ready: where allauth asks for its class of recovery codes, it gets this one."""
    auth.RecoveryCodes = flows.RecoveryCodes = RecoveryCodes


def _code() -> str:
    letters = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def _plain(code: str) -> str:
    """As it was drawn, however somebody has typed it: capitals, blanks, hyphens; 0, 1 and 8 are not among the signs."""
    letters = "".join(one for one in code.lower() if one.isalnum())
    return letters.translate(str.maketrans("018", "olb"))


def _hash(code: str, salt: str, cost: dict[str, int]) -> str:
    return hashlib.scrypt(_plain(code).encode(), salt=bytes.fromhex(salt), dklen=32, **cost).hex()
