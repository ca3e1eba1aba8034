"""`samsvar-site encrypt_again`: re-encrypt second factors after a change of SAMSVAR_SECRET_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from samsvar.site.network.accounts.actions.keys import reencrypt_second_factors


class Command(BaseCommand):
    help = "Encrypt the second factors with the current key, so that SAMSVAR_SECRET_KEY_BEFORE can be removed."

    def handle(self, **_: Any) -> None:
        result = reencrypt_second_factors()
        self.stdout.write(f"{result.reencrypted} second factors encrypted with the current key.")
        if result.unreadable:
            raise CommandError(
                f"{result.unreadable} could not be decrypted with any key of the site and were not changed. Set their "
                "former key in SAMSVAR_SECRET_KEY_BEFORE and run this again, or ask their owners to set up new ones "
                "(docs/how-to/help-who-lost-a-factor.md)."
            )
