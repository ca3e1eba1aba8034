"""The meeting itself: what it is, who holds it, which states it invites, what it is linked to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from samsvar.ids import random_id
from samsvar.meetings.meeting import Access, Attendance, Entry, MeetingKind, PlaceOf
from samsvar.site.shell.labels import choices


class Meeting(models.Model):
    """One meeting. What is said in several languages is `{code: text}`, the original first in `languages`."""

    class Precision(models.TextChoices):
        """How exact the days are: some time between them, where no source says more than the month or the year."""

        DAY = "day"
        MONTH = "month"
        YEAR = "year"

    public_id = models.SlugField(max_length=40, unique=True)  # in its address; what an organiser's role is bound to
    kind = models.CharField(max_length=30, choices=choices(MeetingKind))
    inside = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings_inside")
    network = models.ForeignKey(
        "samsvar_network.Network", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings"
    )
    languages = models.JSONField(default=list)  # of the texts below, original first
    title = models.JSONField(default=dict)
    purpose = models.JSONField(default=dict)  # what it is for, two or three sentences
    practical = models.JSONField(default=dict)  # how to get there, what to bring
    begins = models.DateField()
    ends = models.DateField()
    precision = models.CharField(max_length=5, choices=choices(Precision), default=Precision.DAY)
    zone = models.CharField(max_length=40)  # IANA
    attendance = models.CharField(max_length=12, choices=choices(Attendance), default=Attendance.IN_PERSON)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings_held"
    )
    city = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=300, blank=True)
    link = models.URLField(blank=True)  # of an online room; shown to participants only
    access = models.CharField(max_length=12, choices=choices(Access), default=Access.ORGANISERS)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=300, blank=True)
    signatory = models.CharField(max_length=200, blank=True)  # who signs letters: name and office, as printed
    letters_contact = models.CharField(max_length=200, blank=True)  # whom a consulate or an employer may ask

    entry = models.CharField(max_length=10, choices=choices(Entry), default=Entry.INVITED)
    opens_at = models.DateTimeField(null=True, blank=True)  # registration; None: not yet
    closes_at = models.DateTimeField(null=True, blank=True)
    approval = models.BooleanField(default=False)  # the organiser decides on each
    changes_until = models.DateTimeField(null=True, blank=True)  # people change their own answers until then

    participants = models.PositiveIntegerField(null=True, blank=True)  # as a source puts it; ours are counted
    reckoning = models.CharField(max_length=12, blank=True)  # samsvar.network.loading.Reckoning
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    invented = models.BooleanField(default=False)
    # a real meeting at which a demonstration enters invented participants: every page with figures of them says so
    invented_people = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # number of the programme's published version; 0: none yet
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-begins", "public_id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="a_meeting_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="registration_closes_after_it_opens",
            ),
        ]


class MeetingOrganisation(models.Model):
    """A body that holds, organises or supports a meeting."""

    class Role(models.TextChoices):
        HOST = "host"
        ORGANISER = "organiser"
        SUPPORTER = "supporter"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="organisations")
    organisation = models.ForeignKey("samsvar_network.Organisation", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        ordering = ["meeting_id", "role", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "organisation", "role"], name="one_role_a_body")]


class InvitedState(models.Model):
    """A state that is invited, or from which a source says that speakers came."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="states")
    state = models.ForeignKey("samsvar_convention.State", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=10, choices=choices(PlaceOf), default=PlaceOf.INVITED)
    note = models.CharField(max_length=300, blank=True)  # "England" where the source says so

    class Meta:
        ordering = ["meeting_id", "state_id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "state", "place"], name="one_place_a_state")]


class Link(models.Model):
    """What a meeting, or one session of it, is about: an article, a finding, a report or document."""

    class Kind(models.TextChoices):
        ARTICLE = "article"  # "20"
        FINDING = "finding"  # public id
        REPORT = "report"
        CONCEPT = "concept"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="links")
    session = models.ForeignKey("Session", null=True, blank=True, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80)

    class Meta:
        ordering = ["meeting_id", "session_id", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "session", "kind", "key"], name="one_link_a_thing", nulls_distinct=False
            )
        ]


class Document(models.Model):
    """A file of a meeting or session: slides, a paper, an agenda. It opens at a moment, for some."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="documents")
    session = models.ForeignKey("Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="documents")
    title = models.JSONField(default=dict)
    language = models.CharField(max_length=8, blank=True)  # of the file
    access = models.CharField(max_length=12, choices=choices(Access), default=Access.PARTICIPANTS)
    embargo_until = models.DateTimeField(null=True, blank=True)  # nobody but speakers and organisers before
    content_hash = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["meeting_id", "session_id", "at", "id"]


class Duty(models.Model):
    """What somebody helps with at one meeting, and with nothing else: at the door, at the record, with reviews."""

    class Kind(models.TextChoices):
        DOOR = "door"  # check-in: names and whether somebody has a place, no more
        RECORD = "record"  # outcomes of sessions
        REVIEW = "review"  # contributions

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="duties")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    until = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)  # a letter last said what they help with or what waits
    at = models.DateTimeField(auto_now_add=True)
