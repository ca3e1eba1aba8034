"""`samsvar-site encrypt_again`: after a new SAMSVAR_SECRET_KEY, second factors are written with it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from samsvar.site.network.accounts.actions.keys import encrypt_again


class Command(BaseCommand):
    help = "Writes the stored second factors with the present key, so that SAMSVAR_SECRET_KEY_BEFORE can be removed."

    def handle(self, **_: Any) -> None:
        done = encrypt_again()
        self.stdout.write(f"{done.written} second factors written with the present key.")
        if done.lost:
            raise CommandError(
                f"{done.lost} could not be read with any key that the site names, and stay as they are: name the key "
                "they were made with in SAMSVAR_SECRET_KEY_BEFORE and run this again, or let their owners set up new "
                "ones (docs/how-to/help-who-lost-a-factor.md)."
            )
