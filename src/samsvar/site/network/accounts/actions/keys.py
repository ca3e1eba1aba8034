"""What is kept encrypted, written anew with the key of today, so that the key of before can go."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from samsvar.errors import SamsvarError
from samsvar.site.audit.actions import record

KEPT = "secret"  # what of a second factor is kept encrypted: the seed of an app; codes for recovery are hashed


@dataclass(frozen=True, slots=True)
class EncryptedAgain:
    """How many second factors were written anew, and how many no key that the site names can read."""

    written: int
    lost: int


def encrypt_again() -> EncryptedAgain:
    """Write the secrets of all second factors with the site's present key; what cannot be read stays as it is."""
    adapter = get_adapter()
    written = lost = 0
    with transaction.atomic():
        for factor in Authenticator.objects.select_for_update().order_by("pk"):
            data = dict(factor.data)
            try:
                if KEPT in data:
                    data[KEPT] = adapter.encrypt(adapter.decrypt(data[KEPT]))
            except SamsvarError:
                lost += 1
                continue
            if data != factor.data:
                factor.data = data
                factor.save(update_fields=["data"])
                written += 1
        record(
            by=None,
            verb="encrypted second factors again",
            subject="second factors",
            details={"written": written, "lost": lost, "keys": 1 + len(settings.SECRET_KEY_FALLBACKS)},
        )
    return EncryptedAgain(written, lost)
