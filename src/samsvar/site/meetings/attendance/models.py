"""Models of attendance: check-ins, personal schedules and one-to-one meetings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from samsvar.ids import random_id
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.programme.models import Session
from samsvar.site.meetings.registration.models import Registration


class CheckIn(models.Model):
    """A person who came in at a door, as recorded by one device. Created once, however often the device sends it."""

    changes_no_page = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # created by the device that recorded it
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="check_ins")
    registration = models.ForeignKey(
        Registration, null=True, on_delete=models.SET_NULL, related_name="check_ins"
    )  # None after erasure
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="check_ins")
    device = models.CharField(max_length=40, blank=True)  # a random id of one browser, for the days of the meeting
    at = models.DateTimeField()  # by the device's clock, corrected for its difference from ours
    received_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    walked_in = models.BooleanField(default=False)  # came without a registration
    looked_at = models.DateTimeField(null=True, blank=True)  # by the organiser, if there was something to check

    class Meta:
        ordering = ["meeting_id", "at"]
        indexes = [models.Index(fields=["meeting", "registration"], name="check_in_by_person")]


class ScheduleEntry(models.Model):
    """A session in a personal schedule."""

    changes_no_page = True

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="my_sessions"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="wanted_by")
    signed_up = models.BooleanField(default=False)  # holds one of the places of the session
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


class ScheduleLink(models.Model):
    """The secret address of a personal calendar: anyone who has it can read this schedule, and nothing else.

    It belongs to an account, or to a registration whose person has no account.
    """

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="calendars"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "account"], name="one_calendar_a_meeting"),
            models.UniqueConstraint(fields=["registration"], name="one_calendar_a_registration"),
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(registration__isnull=True), name="a_calendar_is_one_persons"
            ),
        ]


class NetworkingOptIn(models.Model):
    """Consent to one-to-one requests: other participants of the meeting see the person's name."""

    changes_no_page = True

    registration = models.OneToOneField(Registration, on_delete=models.CASCADE, related_name="open_to_talk")
    about = models.CharField(max_length=200, blank=True)  # what they would like to talk about
    at = models.DateTimeField(auto_now_add=True)


class EncounterTime(models.Model):
    """A period in which one-to-one meetings can be held, and at how many tables."""

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
    """A one-to-one meeting: requested, accepted with a time and a table, or declined."""

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
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(starts__isnull=False, table__isnull=False),
                name="who_agreed_has_a_time_and_a_table",
            ),
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="nobody_meets_themselves"),
            models.UniqueConstraint(
                fields=["asker", "asked"], condition=Q(state__in=("asked", "accepted")), name="one_question_a_pair"
            ),
        ]


class EncounterSeat(models.Model):
    """One side of an accepted one-to-one meeting: no one sits at two tables at once, whichever side asked."""

    changes_no_page = True

    encounter = models.ForeignKey(Encounter, on_delete=models.CASCADE, related_name="seats")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="seats")
    starts = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "starts"], name="nobody_sits_at_two_tables")]
