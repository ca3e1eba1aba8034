"""Models for indicators, their values with all revisions, and the releases that made values public."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.implementation.indicators import Direction, GapReason, Unit
from samsvar.site.convention.models import State
from samsvar.site.implementation.measures.models import Region
from samsvar.site.shell.labels import enum_choices


class Indicator(models.Model):
    """An indicator that all states share, from our data file, or one that a state has added for itself."""

    key = models.SlugField(max_length=80, unique=True)
    state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="own_indicators")
    titles = models.JSONField(default=dict)  # by language
    definitions = models.JSONField(default=dict)
    numerator = models.JSONField(default=dict, blank=True)
    denominator = models.JSONField(default=dict, blank=True)  # not empty: each value has two numbers
    unit = models.CharField(max_length=32, choices=partial(enum_choices, Unit))
    direction = models.CharField(max_length=8, choices=partial(enum_choices, Direction))
    articles = models.JSONField(default=list, blank=True)
    dimensions = models.JSONField(default=list, blank=True)
    cumulative = models.BooleanField(default=False)
    protected = models.BooleanField(default=True)  # small numbers are suppressed
    source_body = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["state_id", "id"]


class Release(models.Model):
    """One publication of a state's values of an indicator. Readers may have kept every one."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="releases")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    role = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["indicator_id", "state_id", "number"]
        constraints = [models.UniqueConstraint(fields=["indicator", "state", "number"], name="one_release_of_a_number")]


class IndicatorValue(models.Model):
    """A value in one place, as it was entered; a correction is a new row, and the rows before remain.

    It is public from the release `published_in` until the release `replaced_in`.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="values")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="values")
    year = models.PositiveSmallIntegerField()
    cell = models.CharField(max_length=160, blank=True)  # "sex=women;age=18-24"; "": the total
    number = models.DecimalField(max_digits=16, decimal_places=3, null=True, blank=True)
    denominator = models.DecimalField(max_digits=16, decimal_places=3, null=True, blank=True)
    gap = models.CharField(max_length=16, blank=True, choices=partial(enum_choices, GapReason))
    comparability = models.CharField(max_length=500, blank=True)  # public with the value
    source = models.CharField(max_length=500, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)  # not corrected since
    entered_at = models.DateTimeField(default=timezone.now)
    role = models.CharField(max_length=24, blank=True)
    published_in = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.PROTECT, related_name="published_values"
    )
    replaced_in = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_values"
    )
    suppressed = models.BooleanField(default=False)  # its number must never be shown to readers

    class Meta:
        ordering = ["indicator_id", "state_id", "region_id", "cell", "year", "revision"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__isnull=False, gap="") | (Q(number=None, denominator=None) & ~Q(gap="")),
                name="number_or_reason_for_none",
            ),
            models.UniqueConstraint(
                fields=["indicator", "state", "region", "year", "cell"],
                condition=Q(current=True, region__isnull=False),
                name="one_current_value_of_a_region",
            ),
            models.UniqueConstraint(
                fields=["indicator", "state", "year", "cell"],
                condition=Q(current=True, region=None),
                name="one_current_value_of_a_state",
            ),
            models.UniqueConstraint(
                fields=["indicator", "state", "region", "year", "cell", "revision"],
                condition=Q(region__isnull=False),
                name="one_revision_of_a_region",
            ),
            models.UniqueConstraint(
                fields=["indicator", "state", "year", "cell", "revision"],
                condition=Q(region=None),
                name="one_revision_of_a_state",
            ),
        ]
        indexes = [models.Index(fields=["state", "indicator", "published_in"], name="public_values")]
