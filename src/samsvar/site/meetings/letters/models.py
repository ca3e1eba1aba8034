"""Model of issued letters, which lets anyone check that a letter is genuine."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.registration.models import Registration
from samsvar.site.shell.labels import enum_choices


class IssuedLetter(models.Model):
    """A letter issued as PDF; anyone who has it can check by its code that it is genuine."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("letter of invitation")
        VISA = "visa", _("visa support letter")
        CONFIRMATION = "confirmation", _("confirmation of a place")
        ATTENDANCE = "attendance", _("certificate of attendance")

    changes_no_page = True

    code = models.CharField(max_length=20, unique=True)  # printed on the letter; reveals nothing about the person
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="issued"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="issued")
    # Exactly as printed, a name or a pseudonym: the check must not confirm any other name of the person.
    printed_name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=14, choices=partial(enum_choices, Kind))
    language = models.CharField(max_length=8)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
