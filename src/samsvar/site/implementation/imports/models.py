"""Models for imports of measures: each import, and the columns that a state's desk chose for a set of headings."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from samsvar.funding.tables import DateOrder, NumberFormat
from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.implementation.measures.models import Plan
from samsvar.site.shell.labels import enum_choices


class MeasureImport(models.Model):
    """An import of measures. Its changes are the lines of history with the same `batch`."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    batch = models.UUIDField(unique=True, default=uuid4)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    linked = models.PositiveIntegerField(default=0)  # findings
    # primary keys of the regions that it created; after an undo, of those that others refer to and that were kept
    regions = models.JSONField(default=list)
    # [measure's public ID, finding's public ID] of certain links that the person left out
    declined = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]


class ColumnMapping(models.Model):
    """The columns, fixed values and formats that a state's desk last chose for tables with a set of headings."""

    state = models.ForeignKey(State, on_delete=models.CASCADE, related_name="+")
    headings = models.CharField(max_length=64)  # hash of the set of headings
    columns = models.JSONField(default=dict)  # our column by normalised heading
    fixed = models.JSONField(default=dict)  # values for every row, by our column
    numbers = models.CharField(max_length=12, choices=partial(enum_choices, NumberFormat))
    days = models.CharField(max_length=12, choices=partial(enum_choices, DateOrder))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "headings"], name="one_mapping_of_headings")]
