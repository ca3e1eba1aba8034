"""Models for organisations, networks, seats and memberships."""

from __future__ import annotations

from functools import partial

from django.db import models

from samsvar.ids import random_id
from samsvar.network.membership import Office
from samsvar.network.people import OrganisationKind
from samsvar.site.network.directory.models import Person
from samsvar.site.shell.labels import enum_choices

# --- Organisations and networks ---------------------------------------------------------------------------------------


class Organisation(models.Model):
    """An organisation from a public source or entered by a secretariat; `fictional` marks a fictional one."""

    public_id = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_language = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=30, choices=partial(enum_choices, OrganisationKind))
    # None: international
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    languages = models.JSONField(default=list)  # codes of its working languages
    website = models.URLField(blank=True)
    about = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    fictional = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]


class Network(models.Model):
    """A group of people and organisations that work together; `lead` is the country that leads it, if any."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    lead = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    founded = models.CharField(max_length=10, blank=True)  # ISO date, as precise as the source gives it
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    fictional = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]


class Seat(models.Model):
    """A period during which an organisation has a seat in a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="seats")
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "organisation", "begins"], name="one_seat_a_beginning")
        ]


class Membership(models.Model):
    """A person's term of office in a network; `follows` is the predecessor's term, if known."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL)
    # the country of a national contact point
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    office = models.CharField(max_length=30, choices=partial(enum_choices, Office))
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by")

    class Meta:
        ordering = ["network_id", "office", "begins", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(begins__isnull=True)
                | models.Q(ends__isnull=True)
                | models.Q(ends__gte=models.F("begins")),
                name="a_term_ends_after_it_begins",
            )
        ]
