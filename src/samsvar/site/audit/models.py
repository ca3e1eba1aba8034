"""The change number that everything derived follows, and the lines of the trail."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Change(models.Model):
    """One row: a number that grows with every change of what the site shows.

    Triggers in the database raise it inside the transaction that changes a row, so no write can forget it, and the
    number is seen exactly when the change is seen. Page cache and search index compare it on every request.
    """

    changes_no_page = True

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_change_number")]


class Entry(models.Model):
    """Who did, or saw, what of what, when and why. Lines are added, never changed, and go when their time is over."""

    changes_no_page = True  # shown to nobody who is not signed in

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )  # None: a command
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)  # "report 3f2a…", the thing's public id
    details = models.JSONField(default=dict)
    saw = models.BooleanField(default=False)  # looked at a person's details; otherwise: did something
    person = models.CharField(max_length=16, blank=True, db_index=True)  # public id of whom it is about
    why = models.CharField(max_length=300, blank=True)
    staff_session = models.UUIDField(null=True, blank=True, db_index=True)
    keep_until = models.DateField()  # the database lets nobody delete the line before

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "saw", "at"], name="who_saw_whom")]
