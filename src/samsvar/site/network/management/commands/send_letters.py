"""`samsvar-site send_letters`: ask once more for the sending of every letter of the last two days that has not left."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from samsvar.site.network.emails.tasks import send_what_waits


class Command(BaseCommand):
    help = "Hands letters that wait to the queue: after SAMSVAR_SMTP was set, or after a mail server was away for long."

    def handle(self, **_: Any) -> None:
        if not settings.SAMSVAR_SMTP:
            raise CommandError("Nothing was sent: SAMSVAR_SMTP is not set.")
        self.stdout.write(f"{send_what_waits()} letters are on their way.")
