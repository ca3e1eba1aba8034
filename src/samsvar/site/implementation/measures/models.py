"""Models for plans and measures, the findings they answer, the desk's decisions on findings, and the history of all."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.ids import random_id
from samsvar.implementation.measures import (
    AnswerScope,
    ChangeCause,
    MeasureKind,
    MeasureVisibility,
    PlanKind,
    RegionKind,
    Stage,
    TriageDecision,
)
from samsvar.site.convention.models import State
from samsvar.site.monitoring.models import Finding
from samsvar.site.shell.labels import enum_choices


def finding_key(related_name: str, *, null: bool = False) -> models.ForeignKey:
    """Return a foreign key to a finding by its public ID.

    A finding is created again when its report is read again, under the same public ID. Therefore the database does
    not enforce the relation.
    """
    return models.ForeignKey(
        Finding,
        to_field="public_id",
        null=null,
        blank=null,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name=related_name,
    )


class Region(models.Model):
    """A region or municipality of a state, which a measure or a figure is about."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="regions")
    kind = models.CharField(max_length=12, choices=partial(enum_choices, RegionKind), default=RegionKind.REGION)
    name = models.CharField(max_length=120)
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        ordering = ["state_id", "kind", "name"]
        constraints = [models.UniqueConstraint(fields=["state", "kind", "name"], name="one_region_of_a_name")]


class Plan(models.Model):
    """A strategy, action plan or law that measures belong to."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=12, choices=partial(enum_choices, PlanKind), default=PlanKind.ACTION_PLAN)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=8, default="en")
    adopted = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    begins = models.CharField(max_length=10, blank=True)
    ends = models.CharField(max_length=10, blank=True)
    source = models.URLField(max_length=500, blank=True)
    visibility = models.CharField(
        max_length=8, choices=partial(enum_choices, MeasureVisibility), default=MeasureVisibility.DESK
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "-begins", "title"]


class PlanChapter(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="chapters")
    title = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["plan_id", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["plan", "title"], name="one_chapter_of_a_title")]


class Measure(models.Model):
    """What a state does or plans to do. `version` rises with every change, so that a report can name what it used."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="measures")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="measures")
    reference = models.CharField(max_length=40, blank=True)  # its number in the plan, as printed: "3.2"
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    kind = models.CharField(max_length=16, choices=partial(enum_choices, MeasureKind), blank=True)
    lead = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lead_name = models.CharField(max_length=200, blank=True)  # as the plan prints it, if it is not listed here
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="measures")
    chapter = models.ForeignKey(PlanChapter, null=True, blank=True, on_delete=models.PROTECT, related_name="measures")
    begins = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    due = models.CharField(max_length=10, blank=True)
    stage = models.CharField(max_length=12, choices=partial(enum_choices, Stage), default=Stage.PROPOSED, db_index=True)
    stage_since = models.DateField(null=True)
    stop_reason = models.TextField(blank=True)  # public with the measure
    budget = models.DecimalField(max_digits=17, decimal_places=2, null=True, blank=True)
    paid = models.DecimalField(max_digits=17, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    visibility = models.CharField(
        max_length=8, choices=partial(enum_choices, MeasureVisibility), default=MeasureVisibility.DESK
    )
    commitment = models.CharField(max_length=16, blank=True)  # public ID of the meeting's outcome that it fulfils
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "plan_id", "reference", "title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(currency="") | Q(budget=None, paid=None), name="a_budget_has_a_currency"
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.STOPPED) | ~Q(stop_reason=""), name="a_stopped_measure_has_a_reason"
            ),
            models.UniqueConstraint(
                fields=["commitment"], condition=~Q(commitment=""), name="one_measure_a_commitment"
            ),
        ]
        indexes = [models.Index(fields=["state", "visibility"], name="measures_of_a_state")]

    @property
    def lead_text(self) -> str:
        """The name of the lead body, listed here or as printed; "" if none is named."""
        return self.lead.name if self.lead else self.lead_name


class MeasureBody(models.Model):
    """A body that carries out a measure together with its lead body."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="bodies")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)  # if it is not listed here
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["measure_id", "order", "id"]

    @property
    def text(self) -> str:
        """The name of the body."""
        return self.organisation.name if self.organisation else self.name


class Answer(models.Model):
    """A measure that answers a finding in whole or in part, according to the state's desk.

    One that no longer applies gets an end and is kept, so that a page can be shown as on an earlier day.
    """

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="answers")
    finding = finding_key("answers")
    scope = models.CharField(max_length=8, choices=partial(enum_choices, AnswerScope), default=AnswerScope.WHOLE)
    part = models.PositiveSmallIntegerField(null=True, blank=True)  # from 1: of the parts that `Triage.parts` counts
    part_text = models.CharField(max_length=300, blank=True)  # the words of the finding that it answers
    reason = models.TextField(blank=True)
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["finding_id", "measure_id", "part", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "finding"],
                condition=Q(ended_at=None, part=None),
                name="one_answer_to_a_finding",
            ),
            models.UniqueConstraint(
                fields=["measure", "finding", "part"],
                condition=Q(ended_at=None, part__isnull=False),
                name="one_answer_to_a_part",
            ),
            models.CheckConstraint(
                condition=Q(scope=AnswerScope.PART) | Q(part=None, part_text=""), name="a_whole_has_no_part"
            ),
        ]
        indexes = [models.Index(fields=["finding", "ended_at"], name="answers_to_a_finding")]


class Cluster(models.Model):
    """Findings that ask for the same, which a desk handles together. What it decides is stored with each finding."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "title", "id"]


class Triage(models.Model):
    """What the desk of a state decided about a finding: who deals with it, or why no one does."""

    finding = models.OneToOneField(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="triage"
    )
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.SET_NULL, related_name="triages")
    decision = models.CharField(
        max_length=12, choices=partial(enum_choices, TriageDecision), default=TriageDecision.OPEN
    )
    reason = models.TextField(blank=True)  # public
    body = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    body_name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)  # for the desk only
    parts = models.PositiveSmallIntegerField(default=1)  # how many parts the finding has
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["finding_id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision__in=[one.value for one in TriageDecision if one.needs_reason]) | ~Q(reason=""),
                name="a_refusal_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(parts__gte=1), name="a_finding_has_a_part"),
        ]

    @property
    def body_text(self) -> str:
        """The name of the body that deals with the finding; "" if none does."""
        return self.body.name if self.body else self.body_name


class Change(models.Model):
    """A line of the history of a measure, an answer or a triage: what changed, in which role, when and why."""

    class Kind(models.TextChoices):
        MEASURE = "measure"
        ANSWER = "answer"
        TRIAGE = "triage"

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    measure = models.ForeignKey(Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="changes")
    finding = models.CharField(max_length=16, blank=True, db_index=True)  # public ID
    version = models.PositiveIntegerField(default=0)  # of the measure, after the change
    cause = models.CharField(max_length=12, choices=partial(enum_choices, ChangeCause), default=ChangeCause.EDIT)
    batch = models.UUIDField(null=True, blank=True, db_index=True)  # shared by all lines of one bulk edit or import
    before = models.JSONField(default=dict)  # by field, as plain values; {} for something new
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["measure", "id"], name="history_of_a_measure")]
