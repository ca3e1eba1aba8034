"""Models for people, their details, the legal bases for using them, and photographs."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models

from samsvar.ids import random_id
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.site.shell.labels import enum_choices

# --- People -----------------------------------------------------------------------------------------------------------


class Person(models.Model):
    """A person in a network. The row itself does not identify anyone; all personal details are in `Detail`."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    at_risk = models.BooleanField(default=False)  # then visible only to themselves and the secretariat
    pseudonym = models.CharField(max_length=80, blank=True)  # replaces the name in a public programme
    fictional = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the row is kept, so that counts stay correct

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(at_risk=False) | ~models.Q(pseudonym="") | models.Q(erased_at__isnull=False),
                name="a_person_at_risk_has_a_pseudonym",
            )
        ]


class Detail(models.Model):
    """A value of one of a person's fields, such as a language or an email address, and who may see it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="details")
    field = models.CharField(max_length=20, choices=partial(enum_choices, Field))
    # "organisation": a public id, or a name in “quotation marks”; "expertise": "article:20" or "concept:…";
    # "photograph": a content hash
    value = models.TextField()
    visibility = models.CharField(
        max_length=20, choices=partial(enum_choices, Visibility), default=Visibility.SECRETARIAT
    )

    class Meta:
        ordering = ["person_id", "field", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "field", "value"], name="one_row_a_value")]
        indexes = [models.Index(fields=["field", "value"], name="detail_by_value")]


class Basis(models.Model):
    """The legal basis for one use of a person's details: a consent to a text, or another basis with its reason."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="bases")
    purpose = models.CharField(max_length=20, choices=partial(enum_choices, Purpose))
    ground = models.CharField(max_length=24, choices=partial(enum_choices, LegalBasis))
    since = models.DateTimeField()
    # end or withdrawal; a future end is always at midnight UTC, because of the page cache
    until = models.DateTimeField(null=True, blank=True)
    text_version = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["person_id", "purpose", "since"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(ground=LegalBasis.CONSENT) | ~models.Q(text_version=""),
                name="a_consent_names_its_text",
            ),
            models.CheckConstraint(
                condition=models.Q(ground=LegalBasis.CONSENT) | ~models.Q(note=""), name="another_ground_says_why"
            ),
        ]


class Photograph(models.Model):
    """A photograph, decoded and re-encoded without metadata. Its file is stored under its content hash."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="photographs")
    content_hash = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
