"""Models for role grants, refused claims and staff sessions."""

from __future__ import annotations

import uuid
from functools import partial

from django.conf import settings
from django.db import models

from samsvar.network.rights import Claim, Role
from samsvar.site.shell.labels import enum_choices

# --- Permissions ------------------------------------------------------------------------------------------------------


class RoleGrant(models.Model):
    """A role given to an account, optionally limited to a country, network or meeting."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=partial(enum_choices, Role))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    meeting = models.CharField(max_length=40, blank=True)  # the meeting's public id
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["account_id", "role", "since"]


class Refusal(models.Model):
    """A claim refused to an account regardless of its roles, for example after misuse or for a conflict of interest."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refusals")
    claim = models.CharField(max_length=30, choices=partial(enum_choices, Claim))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    meeting = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class StaffSession(models.Model):
    """A limited period in which a staff member can access other people's data, with the reason they gave."""

    changes_no_page = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff_sessions")
    browser = models.CharField(max_length=64)  # hash of the session key of the only browser in which it is valid
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
