"""Model for the steps of a procedure that a national desk has recorded. All others are derived from documents."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.implementation.duties import DueBasis, DutyKind
from samsvar.site.convention.models import State
from samsvar.site.shell.labels import enum_choices


class Duty(models.Model):
    """What a desk has recorded about a step of a procedure. Who recorded it and what it was before: the audit log."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="duties")
    procedure = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=partial(enum_choices, DutyKind))
    # days are ISO, as precise as their source
    due = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=8, choices=partial(enum_choices, DueBasis), blank=True)
    due_source = models.CharField(max_length=500, blank=True)  # the name or address of a text
    due_since = models.CharField(max_length=10, blank=True)  # the day of that text: the due day is not known before it
    done = models.CharField(max_length=10, blank=True)
    done_source = models.CharField(max_length=500, blank=True)
    # the report that was submitted here and completed it; pages name it instead of `done_source`
    done_draft = models.ForeignKey("Draft", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "duties"
        ordering = ["state_id", "procedure", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["state", "procedure", "kind"], name="one_duty_a_step"),
            models.CheckConstraint(
                condition=Q(due="") | (~Q(basis="") & ~Q(due_source="")), name="a_due_day_has_a_source"
            ),
            models.CheckConstraint(condition=Q(done="") | ~Q(done_source=""), name="a_submission_has_a_source"),
            models.CheckConstraint(condition=~Q(due="", done=""), name="a_duty_has_a_day"),
            models.CheckConstraint(condition=Q(done_draft=None) | ~Q(done=""), name="a_draft_of_a_done_duty"),
        ]
