"""Models for the rooms of organisations: sections, their versions, members, and the copy that is published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.implementation.measures.models import finding_key
from samsvar.site.monitoring.models import Report


class Room(models.Model):
    """A room in which an organisation writes what it has to say about a report on a state.

    No page that others can open reads this table: what is published is a copy (`RoomPublication`).
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    organisation = models.ForeignKey("samsvar_network.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=8, default="en")
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-updated_at", "-id"]


class RoomMember(models.Model):
    """An account that can open a room, for as long as its person also represents the organisation.

    Both are needed: a secretariat records who represents an organisation, and must not be able to let itself in.
    """

    changes_no_page = True

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["room_id", "id"]
        constraints = [models.UniqueConstraint(fields=["room", "account"], name="one_place_in_a_room")]


class RoomSection(models.Model):
    """A section about a finding, or under a heading of the organisation's own. It does not store who wrote it."""

    changes_no_page = True

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="sections")
    finding = finding_key("+", null=True)
    heading = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)  # 0: nothing has been written

    class Meta:
        ordering = ["room_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "finding"], condition=Q(finding__isnull=False), name="one_section_on_a_finding"
            ),
            models.CheckConstraint(
                condition=Q(finding__isnull=False, heading="") | (Q(finding=None) & ~Q(heading="")),
                name="a_finding_or_a_heading",
            ),
        ]


class RoomSectionVersion(models.Model):
    """What a section said from a moment on, until the next version."""

    changes_no_page = True

    section = models.ForeignKey(RoomSection, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["section_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="one_version_of_a_number")]


class RoomPublication(models.Model):
    """The copy of a room that its organisation has published, as it was on that day; public pages read only this."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    room = models.OneToOneField(Room, on_delete=models.CASCADE, related_name="publication")
    number = models.PositiveSmallIntegerField(default=1)  # how often it has been published
    organisation = models.ForeignKey("samsvar_network.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=8)
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # in order: {"finding": public ID or "", "heading": …, "text": …}
    sections = models.JSONField(default=list)
    content_hash = models.CharField(max_length=64)  # SHA-256 of title and sections as JSON, keys in order
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-published_at", "-id"]
