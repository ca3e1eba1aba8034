"""Models of activities, with their partners, transactions, results and links, and of totals from factsheets."""

from __future__ import annotations

from functools import partial

from django.db import models

from samsvar.funding.programmes import ActivityFormat, ActivityKind, PartnerRole, PartnerSide
from samsvar.funding.projects import FundingLinkKind, TransactionStep
from samsvar.ids import random_id
from samsvar.network.loading import Confidence
from samsvar.site.shell.labels import enum_choices


def _money_field() -> models.DecimalField:
    return models.DecimalField(max_digits=17, decimal_places=2, null=True, blank=True)


class SourcedFact(models.Model):
    """Abstract base of facts: a note, sources and a level of confidence."""

    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, choices=partial(enum_choices, Confidence))

    class Meta:
        abstract = True


class Activity(SourcedFact):
    """A programme, call, initiative or project.

    Whether a newer data file may overwrite it depends on who maintains it, which is stored in `keeper`.
    """

    class Keeper(models.TextChoices):
        FACTS = "facts"  # the data files of this release
        PERSON = "person"  # changed or imported by a person
        DEMO = "demo"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=partial(enum_choices, ActivityKind))
    code = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=8, default="en")
    form = models.CharField(max_length=16, choices=partial(enum_choices, ActivityFormat), blank=True)
    period = models.CharField(max_length=20, blank=True)
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    currency = models.CharField(max_length=3, blank=True)
    grant = _money_field()
    grant_eea = _money_field()
    grant_norway = _money_field()
    cofinancing = _money_field()
    gbv_share = _money_field()
    valued_on = models.DateField(null=True, blank=True)
    begins = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    ends = models.CharField(max_length=10, blank=True)
    about = models.TextField(blank=True)
    from_memory = models.CharField(max_length=200, blank=True)  # columns without a source, separated by spaces
    read_on = models.DateField(null=True, blank=True)
    fictional = models.BooleanField(default=False)
    keeper = models.CharField(max_length=8, choices=Keeper)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-period", "kind", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(currency="")
                | models.Q(grant=None, grant_eea=None, grant_norway=None, cofinancing=None, gbv_share=None),
                name="an_amount_has_a_currency",
            )
        ]


class ActivityState(models.Model):
    """A state that provides or receives the activity's funding."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="states")
    state = models.ForeignKey("samsvar_convention.State", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=16, choices=partial(enum_choices, PartnerSide))
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["activity_id", "side", "place"]
        constraints = [models.UniqueConstraint(fields=["activity", "state", "side"], name="one_side_a_state")]


class ActivityArea(models.Model):
    """A programme area of an activity; `area` is its key in the library's list of programme areas."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="areas")
    area = models.CharField(max_length=30)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["activity_id", "place"]
        constraints = [models.UniqueConstraint(fields=["activity", "area"], name="one_area_once")]


class Partner(models.Model):
    """An organisation that takes part in an activity, never a person."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="partners")
    place = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=partial(enum_choices, PartnerRole))
    side = models.CharField(max_length=16, choices=partial(enum_choices, PartnerSide))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    organisation = models.CharField(max_length=80, blank=True)  # its public ID, if it is listed on this site

    class Meta:
        ordering = ["activity_id", "place"]


class Transaction(SourcedFact):
    """Money that was planned, committed, paid out or spent."""

    public_id = models.CharField(max_length=60, unique=True, default=random_id)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="transactions")
    step = models.CharField(max_length=10, choices=partial(enum_choices, TransactionStep))
    value = models.DecimalField(max_digits=17, decimal_places=2)
    currency = models.CharField(max_length=3)
    day = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    payer = models.CharField(max_length=200, blank=True)
    receiver = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["activity_id", "day", "id"]


class Result(SourcedFact):
    """A result of an activity, with its expected and achieved values."""

    public_id = models.CharField(max_length=60, unique=True, default=random_id)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="results")
    what = models.CharField(max_length=300)
    promised = models.TextField(blank=True)
    came = models.TextField(blank=True)
    unit = models.CharField(max_length=60, blank=True)
    promised_number = _money_field()
    came_number = _money_field()
    begins = models.CharField(max_length=10, blank=True)
    ends = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["activity_id", "id"]


class Link(models.Model):
    """A link to something that an activity funded.

    The object may be part of an app that is not installed, in which case only its key is known.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=partial(enum_choices, FundingLinkKind))
    key = models.CharField(max_length=120)
    note = models.CharField(max_length=300, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["activity_id", "kind", "key"]
        constraints = [models.UniqueConstraint(fields=["activity", "kind", "key"], name="one_link_to_a_thing")]
        indexes = [models.Index(fields=["kind", "key"], name="money_behind")]


class FactsheetTotal(SourcedFact):
    """A total published in a factsheet, which is not included in any sum."""

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=17, decimal_places=2)
    day = models.CharField(max_length=10, blank=True)
    read_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-period", "kind", "value"]
