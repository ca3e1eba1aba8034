"""Letters that were issued, so that anyone can check that one is genuine."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.registration.models import Registration


class IssuedLetter(models.Model):
    """A letter that somebody got as PDF: who reads the paper can ask whether it is ours by its code."""

    class Kind(models.TextChoices):
        INVITATION = "invitation"
        VISA = "visa"
        CONFIRMATION = "confirmation"
        ATTENDANCE = "attendance"

    changes_no_page = True

    code = models.CharField(max_length=20, unique=True)  # printed on it; says nothing by itself
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="issued"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="issued")
    kind = models.CharField(max_length=14, choices=Kind)
    language = models.CharField(max_length=8)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
