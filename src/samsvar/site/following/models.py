"""Models for what a person follows, for their digest, and for the events that a digest has already told them.

Events themselves are not stored: `events.py` derives them from what the site has recorded.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from samsvar.site.shell.labels import enum_choices


class FollowKind(StrEnum):
    """What can be followed. An event is told under the most specific follow, in this order."""

    FINDING = "finding"
    MEASURE = "measure"
    PRACTICE = "practice"
    SEARCH = "search"
    ARTICLE = "article"
    COUNTRY = "country"


class DigestFrequency(StrEnum):
    """How often a person gets their digest, at most."""

    OFF = "off"
    WEEKLY = "weekly"
    DAILY = "daily"


class Follow(models.Model):
    """Something that an account follows. Only the account itself sees it."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    kind = models.CharField(max_length=8, choices=partial(enum_choices, FollowKind))
    # public ID, code of a country or number of an article; of a search, the ID of its query
    key = models.CharField(max_length=16)
    query = models.TextField(blank=True)  # of a search: its canonical query string, "q=shelter&state=NO"
    note = models.CharField(max_length=300, blank=True)  # why the person follows it
    paused_until = models.DateField(null=True, blank=True)  # its events are told from this day on
    since = models.DateTimeField(default=timezone.now)  # earlier events are not told

    class Meta:
        ordering = ["account_id", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "kind", "key"], name="one_follow_of_a_thing")]


class FollowDigest(models.Model):
    """When an account gets its digest. Without a row, the account has never followed anything."""

    changes_no_page = True

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follow_digest")
    frequency = models.CharField(
        max_length=6, choices=partial(enum_choices, DigestFrequency), default=DigestFrequency.WEEKLY
    )
    paused_until = models.DateField(null=True, blank=True)  # digests start again on this day
    last_sent_on = models.DateField(null=True, blank=True)


class DeliveredEvent(models.Model):
    """The mark that an account has been told of an event, so that no digest tells it again."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delivered_events")
    event = models.CharField(max_length=80)  # `FollowEvent.key`
    at = models.DateTimeField()  # of the event

    class Meta:
        ordering = ["account_id", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "event"], name="no_event_is_told_twice")]
