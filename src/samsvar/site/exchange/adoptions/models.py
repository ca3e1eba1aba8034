"""Models for adoptions: a practice that another state takes up as a measure, and the history of it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.exchange.adoptions import AdoptionKind, AdoptionStatus
from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.shell.labels import enum_choices


class Adoption(models.Model):
    """A practice that a state or an organisation takes up, usually as a measure."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="adoptions")
    practice_version = models.PositiveIntegerField()
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="adoptions")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # None: the state's national desk
    measure = models.ForeignKey(Measure, null=True, blank=True, on_delete=models.SET_NULL, related_name="adoptions")
    introduction = models.CharField(max_length=16, blank=True)  # public ID of the introduction that led to it
    kind = models.CharField(max_length=8, choices=partial(enum_choices, AdoptionKind), default=AdoptionKind.ADAPTED)
    status = models.CharField(
        max_length=12, choices=partial(enum_choices, AdoptionStatus), default=AdoptionStatus.CONSIDERED
    )
    changed = models.TextField(blank=True)  # what was changed
    reason = models.TextField(blank=True)  # why it was given up
    evidence_link = models.URLField(max_length=500, blank=True)  # shows that it works, beside the measure's evidence
    language = models.CharField(max_length=8, default="en")
    since = models.CharField(max_length=10, blank=True)  # ISO, as precise as known
    is_public = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    origin_confirmed_at = models.DateTimeField(null=True, blank=True)  # by the practice's owner

    class Meta:
        ordering = ["practice_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=AdoptionStatus.GIVEN_UP) | ~Q(reason=""), name="given_up_with_a_reason"
            ),
            models.UniqueConstraint(
                fields=["practice", "measure"], condition=Q(measure__isnull=False), name="one_adoption_a_measure"
            ),
        ]


class AdoptionEvent(models.Model):
    """A line of the history of an adoption."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="events")
    status = models.CharField(max_length=12, choices=partial(enum_choices, AdoptionStatus))
    reason = models.TextField(blank=True)
    evidence_link = models.URLField(max_length=500, blank=True)
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["adoption_id", "id"]
