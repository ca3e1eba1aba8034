"""Model for a person's weekly email."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DigestSubscription(models.Model):
    """Whether and when an account gets the weekly email. Without a row, it has never been sent or changed."""

    changes_no_page = True

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest")
    is_on = models.BooleanField(default=True)
    snoozed_until = models.DateField(null=True, blank=True)  # emails start again on this day
    last_sent_on = models.DateField(null=True, blank=True)
    # keys of the lines that were sent and still apply, so that no line is sent twice
    sent_lines = models.JSONField(default=list)
