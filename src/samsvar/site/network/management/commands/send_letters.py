"""`samsvar-site send_letters`: queue all unsent emails of the last two days again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from samsvar.site.network.emails.tasks import enqueue_unsent_emails


class Command(BaseCommand):
    help = "Queue unsent emails, for example after SAMSVAR_SMTP was set or after a long failure of the mail server."

    def handle(self, **_: Any) -> None:
        if not settings.SAMSVAR_SMTP:
            raise CommandError("Nothing was sent: SAMSVAR_SMTP is not set.")
        self.stdout.write(f"{enqueue_unsent_emails()} emails queued.")
