"""Re-encryption of stored secrets with the current key, so that an old key can be removed."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from samsvar.errors import SamsvarError
from samsvar.site.audit.actions import record

ENCRYPTED_KEY = "secret"  # the encrypted seed of an authenticator app; recovery codes are hashed, not encrypted


@dataclass(frozen=True, slots=True)
class ReencryptionResult:
    """The number of second factors that were re-encrypted, and of those that no configured key can decrypt."""

    reencrypted: int
    unreadable: int


def reencrypt_second_factors() -> ReencryptionResult:
    """Re-encrypt all second factors with the current key, leaving unchanged those that cannot be decrypted."""
    adapter = get_adapter()
    reencrypted = unreadable = 0
    with transaction.atomic():
        for factor in Authenticator.objects.select_for_update().order_by("pk"):
            data = dict(factor.data)
            try:
                if ENCRYPTED_KEY in data:
                    data[ENCRYPTED_KEY] = adapter.encrypt(adapter.decrypt(data[ENCRYPTED_KEY]))
            except SamsvarError:
                unreadable += 1
                continue
            if data != factor.data:
                factor.data = data
                factor.save(update_fields=["data"])
                reencrypted += 1
        record(
            by=None,
            verb="re-encrypted second factors",
            subject="second factors",
            details={"written": reencrypted, "lost": unreadable, "keys": 1 + len(settings.SECRET_KEY_FALLBACKS)},
        )
    return ReencryptionResult(reencrypted, unreadable)
