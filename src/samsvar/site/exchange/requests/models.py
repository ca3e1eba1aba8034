"""Models for requests for help to the network, the replies to them, and offers."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.exchange.requests import OfferStatus, RequestStatus, ShownAs
from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.shell.labels import enum_choices


class HelpRequest(models.Model):
    """A request for help. Members and the secretariat see it; members see who asks only as far as the asker chose."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="help_requests")
    # who typed it, if it was not the asker: the secretariat, for someone else
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    network = models.ForeignKey(
        "samsvar_network.Network", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # whose members see it and whose secretariat helps
    state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shown_as = models.CharField(max_length=12, choices=partial(enum_choices, ShownAs), default=ShownAs.NO_ONE)
    problem = models.TextField()  # what do you want to solve?
    situation = models.TextField()  # what is in place, and what has been tried?
    language = models.CharField(max_length=8, default="en")
    finding = models.CharField(max_length=16, blank=True)  # public ID
    measure = models.CharField(max_length=16, blank=True)  # public ID
    articles = models.JSONField(default=list)
    concepts = models.JSONField(default=list)  # topics, groups and forms of violence
    part = models.CharField(max_length=300, blank=True)  # which part of the finding
    help = models.JSONField(default=list)  # values of `HelpForm`; empty: whatever helps
    languages = models.JSONField(default=list)  # in which answers can be read
    needed_by = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=12, choices=partial(enum_choices, RequestStatus), default=RequestStatus.OPEN, db_index=True
    )
    at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(default=timezone.now)  # since it was asked or reopened
    changed_at = models.DateTimeField(default=timezone.now)  # its status, or the last reply
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # who works on it, for the secretariat
    answered_at = models.DateTimeField(null=True, blank=True)  # the first reply
    overdue_notice_at = models.DateTimeField(null=True, blank=True)  # to the secretariat: no one has replied
    follow_up_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judgement = models.TextField(blank=True)  # what came of it, in the asker's words
    counts = models.BooleanField(default=True)  # the asker lets it count in figures and lists without a name
    # a translation by the secretariat, always marked as a draft: the words of the asker are the original
    translation_language = models.CharField(max_length=8, blank=True)
    translated_problem = models.TextField(blank=True)
    translated_situation = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["network", "status"], name="requests_of_a_network")]


class Reply(models.Model):
    """A reply to a request: text, a practice, praise in a report, or the suggestion of a body to ask."""

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="replies")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shown_as = models.CharField(max_length=12, choices=partial(enum_choices, ShownAs), default=ShownAs.ORGANISATION)
    is_asker = models.BooleanField(default=False)  # the asker's own words, such as an answer to a question back
    by_secretariat = models.BooleanField(default=False)  # typed by the secretariat; for `organisation`, if it is set
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    practice = models.ForeignKey(Practice, null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    finding = models.CharField(max_length=16, blank=True)  # public ID of praise
    link = models.URLField(max_length=500, blank=True)
    body = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # "ask this body"
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["request_id", "at", "id"]


class Offer(models.Model):
    """An offer of an organisation to help, with its limits."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="offers"
    )  # None: of the state's national desk
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="offers")
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    articles = models.JSONField(default=list)
    concepts = models.JSONField(default=list)
    help = models.JSONField(default=list)  # values of `HelpForm`
    languages = models.JSONField(default=list)
    per_year = models.PositiveSmallIntegerField(null=True, blank=True)  # None: without a limit, as for documents
    until = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=8, choices=partial(enum_choices, OfferStatus), default=OfferStatus.OPEN, db_index=True
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(per_year=None) | Q(per_year__gte=1), name="an_offer_is_for_once_or_more")
        ]
