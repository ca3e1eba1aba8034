"""The draft programme (`Session` and related models) and its published versions (`Version`)."""

from __future__ import annotations

import uuid
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from samsvar.ids import random_id
from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import SessionKind, TrackColour
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.shell.labels import choices_of


class Room(models.Model):
    """A room in which sessions are held."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="rooms")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "name"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_room_a_key")]


class Track(models.Model):
    """A theme that runs through a programme."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="tracks")
    key = models.SlugField(max_length=40)
    name = models.JSONField(default=dict)
    colour = models.CharField(max_length=8, choices=partial(choices_of, TrackColour), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "key"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_track_a_key")]


class Session(models.Model):
    """A session of the draft programme. Organisers see this; readers see the published version.

    If a meeting takes place within another, `holds` is set on the session of the outer programme that it occupies.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("a session", "draft")  # in no published version
        READY = "ready", pgettext_lazy("a session", "ready")
        CANCELLED = "cancelled", pgettext_lazy("a session", "cancelled")  # stays in the programme, crossed out

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    guid = models.UUIDField(unique=True, default=uuid.uuid4)  # in exports
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="sessions")
    holds = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="held_in")
    title = models.JSONField(default=dict)
    abstract = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=partial(choices_of, SessionKind), default=SessionKind.TALK)
    state = models.CharField(max_length=10, choices=partial(choices_of, State), default=State.DRAFT)
    starts = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    languages = models.JSONField(default=list)  # spoken languages
    interpreted = models.JSONField(default=list)  # [{"language": "fr", "channel": "2"}]
    access = models.CharField(max_length=12, choices=partial(choices_of, AccessLevel), default=AccessLevel.PUBLIC)
    places = models.PositiveIntegerField(null=True, blank=True)  # None: no sign-up, as many as fit in the room
    source = models.TextField(blank=True)  # of a fact about a real meeting
    # when its outcomes were shown to those present, and when the record was closed
    outcomes_shown_at = models.DateTimeField(null=True, blank=True)
    outcomes_closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "starts", "room__order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gt=F("starts")),
                name="a_session_ends_after_it_begins",
            )
        ]
        indexes = [models.Index(fields=["meeting", "starts"], name="session_by_time")]


class Appearance(models.Model):
    """An appearance in a session: a person of ours, an office-holder with a source, or a person no source names."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="appearances"
    )
    # used in published programmes and exports: random, the same for one person within one meeting, and linked to no
    # other
    key = models.CharField(max_length=16, default=random_id)
    part = models.CharField(max_length=12, choices=partial(choices_of, ProgrammeRole), default=ProgrammeRole.SPEAKER)
    order = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8, blank=True)  # that an interpreter interprets into
    # only for holders of public office, as the source has it; empty for persons of ours
    named = models.CharField(max_length=120, blank=True)
    office = models.CharField(max_length=200, blank=True)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when this person was last notified of a change

    class Meta:
        ordering = ["session_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person", "part"], name="one_part_a_person"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | (Q(named="") & Q(office="") & Q(source="")),
                name="a_person_of_ours_is_named_by_the_door",
            ),
            models.CheckConstraint(condition=Q(named="") | ~Q(source=""), name="who_is_named_has_a_source"),
        ]


class SpeakerLink(models.Model):
    """A request for consent to be named, to a person whom an organiser added to a session by name and address.

    `person` is created from what the organiser wrote, until the owner of the address turns out to be a known person.
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speaker_links")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="speaker_links")
    email = models.EmailField()  # lower case
    language = models.CharField(max_length=8, default="en")  # of emails
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()  # when the last email was sent
    answered_at = models.DateTimeField(null=True, blank=True)  # may they be named; the answer is in their bases
    declined_at = models.DateTimeField(null=True, blank=True)  # when they declined to appear at this meeting

    class Meta:
        ordering = ["meeting_id", "asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "email"], name="one_speaker_an_address")]


class Availability(models.Model):
    """A time at which a person is available. A person without any row is always available."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="availabilities")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "person_id", "starts"]


class Version(models.Model):
    """A published version of the programme. People appear by key; their names are looked up when it is shown."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    programme = models.JSONField()  # samsvar.meetings.programme.Programme without names of our persons
    people = models.JSONField(default=dict)  # {key in the programme: public id of our person}
    changes = models.JSONField(default=list)  # samsvar.meetings.versions.Change since the previous version
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_version_a_number")]
