"""Model for outgoing emails."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class OutgoingEmail(models.Model):
    """An outgoing email. A task sends it, so that response times do not reveal whether an email was sent."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    body = models.TextField()
    html = models.TextField(blank=True)
    end_url = models.CharField(max_length=500, blank=True)  # of the page that ends emails of this kind; has a token
    at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusal = models.CharField(max_length=250, blank=True)  # the mail server's error

    class Meta:
        ordering = ["-at", "-id"]
