"""Programmes, calls, initiatives and projects with their partners, money, results and links; totals of factsheets."""

from __future__ import annotations

from django.db import models

from samsvar.funding.programmes import Form, Kind, Role, Side
from samsvar.funding.projects import LinkKind, Step
from samsvar.ids import random_id
from samsvar.network.loading import Confidence
from samsvar.site.shell.labels import choices


def _money() -> models.DecimalField:
    return models.DecimalField(max_digits=17, decimal_places=2, null=True, blank=True)


class Sourced(models.Model):
    """What every fact carries."""

    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, choices=choices(Confidence))

    class Meta:
        abstract = True


class Activity(Sourced):
    """A programme, call, initiative or project. Who keeps it decides whether a newer file of facts may overwrite it."""

    class Keeper(models.TextChoices):
        FACTS = "facts"  # the files of this version
        PERSON = "person"  # somebody changed it, or brought it in
        DEMO = "demo"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=choices(Kind))
    code = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=8, default="en")
    form = models.CharField(max_length=16, choices=choices(Form), blank=True)
    period = models.CharField(max_length=20, blank=True)
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    currency = models.CharField(max_length=3, blank=True)
    grant = _money()
    grant_eea = _money()
    grant_norway = _money()
    cofinancing = _money()
    gbv_share = _money()
    valued_on = models.DateField(null=True, blank=True)
    begins = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    ends = models.CharField(max_length=10, blank=True)
    about = models.TextField(blank=True)
    from_memory = models.CharField(max_length=200, blank=True)  # columns that no source says, with blanks between
    read_on = models.DateField(null=True, blank=True)
    invented = models.BooleanField(default=False)
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
    """A state that gives the money or receives it."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="states")
    state = models.ForeignKey("samsvar_convention.State", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=16, choices=choices(Side))
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["activity_id", "side", "place"]
        constraints = [models.UniqueConstraint(fields=["activity", "state", "side"], name="one_side_a_state")]


class ActivityArea(models.Model):
    """What an activity is for: a key of the library's areas."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="areas")
    area = models.CharField(max_length=30)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["activity_id", "place"]
        constraints = [models.UniqueConstraint(fields=["activity", "area"], name="one_area_once")]


class Partner(models.Model):
    """A body that takes part: an organisation, never a person."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="partners")
    place = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=choices(Role))
    side = models.CharField(max_length=16, choices=choices(Side))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    organisation = models.CharField(max_length=80, blank=True)  # its public id, where we list it

    class Meta:
        ordering = ["activity_id", "place"]


class Transaction(Sourced):
    """Money that was planned, promised, paid out or spent."""

    public_id = models.CharField(max_length=60, unique=True, default=random_id)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="transactions")
    step = models.CharField(max_length=10, choices=choices(Step))
    value = models.DecimalField(max_digits=17, decimal_places=2)
    currency = models.CharField(max_length=3)
    day = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    payer = models.CharField(max_length=200, blank=True)
    receiver = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["activity_id", "day", "id"]


class Result(Sourced):
    """What was promised and what came."""

    public_id = models.CharField(max_length=60, unique=True, default=random_id)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="results")
    what = models.CharField(max_length=300)
    promised = models.TextField(blank=True)
    came = models.TextField(blank=True)
    unit = models.CharField(max_length=60, blank=True)
    promised_number = _money()
    came_number = _money()
    begins = models.CharField(max_length=10, blank=True)
    ends = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["activity_id", "id"]


class Link(models.Model):
    """What the money led to. The thing itself may be of a room that is not here: then its key is all there is."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=choices(LinkKind))
    key = models.CharField(max_length=120)
    note = models.CharField(max_length=300, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["activity_id", "kind", "key"]
        constraints = [models.UniqueConstraint(fields=["activity", "kind", "key"], name="one_link_to_a_thing")]
        indexes = [models.Index(fields=["kind", "key"], name="money_behind")]


class Figure(Sourced):
    """A total as a factsheet gives it, counted nowhere."""

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
