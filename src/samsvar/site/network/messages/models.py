"""Models for questions to members and the messages in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from samsvar.ids import random_id
from samsvar.site.network.directory.models import Person
from samsvar.site.network.membership.models import Network


class MemberQuestion(models.Model):
    """A question to a member, sent through the secretariat so that neither side learns the other's email address."""

    class Progress(models.TextChoices):
        WAITING = "waiting"  # for a decision by the secretariat
        FORWARDED = "forwarded"
        ANSWERED = "answered"
        DECLINED = "declined"  # by the member, or by the secretariat with a reason
        CLOSED = "closed"

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asks_made")
    to = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="asks_received")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL)  # its secretariat decides
    subject = models.CharField(max_length=150)
    progress = models.CharField(max_length=12, choices=Progress, default=Progress.WAITING)
    at = models.DateTimeField(auto_now_add=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it was declined

    class Meta:
        ordering = ["-at"]


class QuestionMessage(models.Model):
    """A message in a conversation. It records which side wrote it, but not which person."""

    class Side(models.TextChoices):
        SENDER = "asker"
        MEMBER = "member"
        SECRETARIAT = "secretariat"

    changes_no_page = True

    ask = models.ForeignKey(MemberQuestion, on_delete=models.CASCADE, related_name="lines")
    side = models.CharField(max_length=12, choices=Side)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["ask_id", "at", "id"]
