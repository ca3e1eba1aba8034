"""Models for the draft programme (`Session` and related models) and its published versions (`Version`)."""

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
from samsvar.site.shell.labels import enum_choices


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
    """A theme that groups sessions of a programme."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="tracks")
    key = models.SlugField(max_length=40)
    name = models.JSONField(default=dict)
    colour = models.CharField(max_length=8, choices=partial(enum_choices, TrackColour), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "key"]
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_track_a_key")]


class Session(models.Model):
    """A session of the draft programme. Organisers see it; readers see the published version.

    If another meeting is held in this session, `holds` refers to that meeting.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("a session", "draft")  # not in any published version
        READY = "ready", pgettext_lazy("a session", "ready")
        CANCELLED = "cancelled", pgettext_lazy("a session", "cancelled")  # stays in the programme, crossed out

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    guid = models.UUIDField(unique=True, default=uuid.uuid4)  # the identifier in exports
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="sessions")
    holds = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="held_in")
    title = models.JSONField(default=dict)
    abstract = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=partial(enum_choices, SessionKind), default=SessionKind.TALK)
    state = models.CharField(max_length=10, choices=partial(enum_choices, State), default=State.DRAFT)
    starts = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    languages = models.JSONField(default=list)  # spoken languages
    interpreted = models.JSONField(default=list)  # [{"language": "fr", "channel": "2"}]
    access = models.CharField(max_length=12, choices=partial(enum_choices, AccessLevel), default=AccessLevel.PUBLIC)
    # None: no booking is needed, and only the room limits the number of people
    places = models.PositiveIntegerField(null=True, blank=True)
    source = models.TextField(blank=True)  # where a fact about a real meeting is from
    # when the outcomes were shown to the participants, and when the record was closed
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
    """An appearance in a session: of a person known here, an office holder named by a source, or someone unnamed."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="appearances"
    )
    # random key for published programmes and exports: the same for one person at one meeting, and different at any
    # other meeting
    key = models.CharField(max_length=16, default=random_id)
    part = models.CharField(max_length=12, choices=partial(enum_choices, ProgrammeRole), default=ProgrammeRole.SPEAKER)
    order = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8, blank=True)  # for interpreters: the language they interpret into
    # only for holders of public office, as named by the source; empty for people known here
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
    """A link emailed to a person added to a session by name and address, to ask whether they may be named.

    `person` is created from what the organiser entered. It is replaced if the owner of the address signs in and already
    has a profile.
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speaker_links")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="speaker_links")
    email = models.EmailField()  # lower case
    language = models.CharField(max_length=8, default="en")  # language of the emails
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()  # when the last email was sent
    answered_at = models.DateTimeField(null=True, blank=True)  # when they answered; `person.bases` has the answer
    declined_at = models.DateTimeField(null=True, blank=True)  # when they declined to appear at this meeting

    class Meta:
        ordering = ["meeting_id", "asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "email"], name="one_speaker_an_address")]


class Availability(models.Model):
    """A period in which a person is available. People with no saved periods count as always available."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="availabilities")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "person_id", "starts"]


class Version(models.Model):
    """A published version of the programme. It contains people by key; their names are looked up when it is shown."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    programme = models.JSONField()  # a `samsvar.meetings.programme.Programme` without the names of people known here
    people = models.JSONField(default=dict)  # {key in the programme: public ID of the person}
    changes = models.JSONField(default=list)  # `ProgrammeChange` items since the previous version
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["meeting_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_version_a_number")]
