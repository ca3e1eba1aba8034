"""Models for the audit log, and for the change number that shows when derived data is out of date."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ChangeNumber(models.Model):
    """A single row with a number that grows with every change to what the site shows.

    Database triggers raise it inside the transaction that changes a row. No write can therefore be missed, and
    the number becomes visible together with the change. The page cache and the search index check it on every
    request.
    """

    changes_no_page = True

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_change_number")]


class RetentionRun(models.Model):
    """A single row with the time of the last deletion of expired data, to notice a clock that has jumped since."""

    changes_no_page = True

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_retention_run")]


class AuditEntry(models.Model):
    """An entry of the audit log, for an action or an access to personal details: who, what, when and why.

    Entries are never changed, and they are removed only when they have expired.
    """

    changes_no_page = True  # shown only to users who are signed in

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    # None for a management command
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)  # kind and public id of the object: "report 3f2a…"
    details = models.JSONField(default=dict)
    saw = models.BooleanField(default=False)  # True: accessed a person's details; False: another action
    person = models.CharField(max_length=16, blank=True, db_index=True)  # public id of the person concerned
    why = models.CharField(max_length=300, blank=True)
    staff_session = models.UUIDField(null=True, blank=True, db_index=True)
    keep_until = models.DateField()  # the database refuses to delete the entry before this date

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "saw", "at"], name="who_saw_whom")]
