"""The days of the meeting: who came, which sessions somebody wants to hear, who talks with whom."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from samsvar.ids import random_id
from samsvar.site.meetings.models.meeting import Meeting
from samsvar.site.meetings.models.programme import Session
from samsvar.site.meetings.models.registration import Registration


class CheckIn(models.Model):
    """Somebody came in at a door, as one device saw it. Made once, however often a device sends it."""

    changes_no_page = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the device that saw it
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="check_ins")
    registration = models.ForeignKey(
        Registration, null=True, on_delete=models.SET_NULL, related_name="check_ins"
    )  # None after erasure
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="check_ins")
    device = models.CharField(max_length=40, blank=True)  # random, of one browser for the days of the meeting
    at = models.DateTimeField()  # by the device's clock, corrected by its difference from ours
    received_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "at"]
        indexes = [models.Index(fields=["meeting", "registration"], name="check_in_by_person")]


class MySession(models.Model):
    """A session that somebody has in their own schedule."""

    changes_no_page = True

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="my_sessions"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="wanted_by")
    signed_up = models.BooleanField(default=False)  # holds one of the session's places
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "registration", "session"], name="once_in_a_schedule", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(registration__isnull=True), name="a_schedule_is_one_persons"
            ),
        ]


class EncounterTime(models.Model):
    """When one-to-one meetings can be held, and at how many tables."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="encounter_times")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=20)
    tables = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["meeting_id", "starts"]
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="encounters_end_after")]


class Encounter(models.Model):
    """A one-to-one meeting: asked for, accepted with a time and a table, or declined."""

    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="encounters")
    asker = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="encounters_asked")
    asked = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="encounters_received")
    about = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    starts = models.DateTimeField(null=True, blank=True)
    table = models.PositiveSmallIntegerField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "starts", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "starts", "table"], condition=Q(state="accepted"), name="one_pair_a_table"
            ),
            models.UniqueConstraint(
                fields=["asker", "starts"], condition=Q(state="accepted"), name="the_asker_is_in_one_place"
            ),
            models.UniqueConstraint(
                fields=["asked", "starts"], condition=Q(state="accepted"), name="the_asked_is_in_one_place"
            ),
        ]
