"""The programme as it is being made (`Session` and its neighbours) and as it was published (`Version`)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from samsvar.ids import random_id
from samsvar.meetings.meeting import Access, Part
from samsvar.meetings.programme import SessionKind, TrackColour
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.shell.labels import choices


class Room(models.Model):
    """Where sessions are held."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="rooms")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "name"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_room_a_key")]


class Track(models.Model):
    """A thread of subject through a programme."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="tracks")
    key = models.SlugField(max_length=40)
    name = models.JSONField(default=dict)
    colour = models.CharField(max_length=8, choices=choices(TrackColour), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "key"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_track_a_key")]


class Session(models.Model):
    """One session of the programme in work. Readers see the published version, organisers this.

    Where a meeting lies inside another, `holds` is the session of the outer programme in which it takes place.
    """

    class State(models.TextChoices):
        DRAFT = "draft"  # in no published version
        READY = "ready"
        CANCELLED = "cancelled"  # stays in the programme, struck through

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    guid = models.UUIDField(unique=True, default=uuid.uuid4)  # in exports
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="sessions")
    holds = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="held_in")
    title = models.JSONField(default=dict)
    abstract = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=choices(SessionKind), default=SessionKind.TALK)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    starts = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    languages = models.JSONField(default=list)  # spoken
    interpreted = models.JSONField(default=list)  # [{"language": "fr", "channel": "2"}]
    access = models.CharField(max_length=12, choices=choices(Access), default=Access.PUBLIC)
    places = models.PositiveIntegerField(null=True, blank=True)  # None: no sign-up, as many as the room holds
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
    """Somebody in a session: a person of ours, an office-holder with a source, or somebody whom no source names."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="appearances"
    )
    # in published programmes and exports: the same for one person in one meeting, by chance, leading nowhere else
    key = models.CharField(max_length=16, default=random_id)
    part = models.CharField(max_length=12, choices=choices(Part), default=Part.SPEAKER)
    order = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8, blank=True)  # of an interpreter
    # of office-holders in public office only, as the source has it; of persons of ours nothing stands here
    named = models.CharField(max_length=120, blank=True)
    office = models.CharField(max_length=200, blank=True)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when this person was last told of a change

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
    """Whom an organiser put into a session by name and address: asked by a letter whether the programme may name them.

    `person` is made of what the organiser wrote, until whoever has the address shows that they are somebody known.
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speaker_links")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="speaker_links")
    email = models.EmailField()  # in small letters
    language = models.CharField(max_length=8, default="en")  # of letters
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()  # when the last letter was written
    answered_at = models.DateTimeField(null=True, blank=True)  # whether they may be named; what, stands in their bases
    declined_at = models.DateTimeField(null=True, blank=True)  # they do not appear at this meeting

    class Meta:
        ordering = ["meeting_id", "asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "email"], name="one_speaker_an_address")]


class Availability(models.Model):
    """When somebody can appear. Without any row: always."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="availabilities")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "person_id", "starts"]


class Version(models.Model):
    """The programme as it was published once. People stand in it by key: who they are is asked when it is shown."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    programme = models.JSONField()  # samsvar.meetings.programme.Programme without names of persons of ours
    people = models.JSONField(default=dict)  # {key in the programme: public id of a person of ours}
    changes = models.JSONField(default=list)  # samsvar.meetings.versions.Change from the version before
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_version_a_number")]
