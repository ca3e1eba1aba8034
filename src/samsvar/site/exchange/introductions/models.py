"""Models for introductions: the two sides, the reasons as they were, and what the sides write to each other."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.exchange.introductions import IntroductionStatus
from samsvar.exchange.requests import HelpForm, ShownAs
from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.shell.labels import enum_choices


class Introduction(models.Model):
    """An introduction of someone who asks to someone who can help. Neither side sees the other before both agree.

    A side becomes None when its personal data is erased: the introduction still counts, without a name.
    """

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    request = models.ForeignKey(
        HelpRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="introductions"
    )
    network = models.ForeignKey(
        "samsvar_network.Network", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # of the request, whose secretariat makes the introduction
    practice = models.ForeignKey(Practice, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.SET_NULL, related_name="introductions")
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="introductions_asked"
    )
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="introductions"
    )  # None, too, while a member has asked for an introduction and the secretariat has not chosen anyone
    is_by_consent = models.BooleanField(default=False)  # the helper is suggested as a person: ends with the consent
    asker_state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    helper_state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asker_shown_as = models.CharField(
        max_length=12, choices=partial(enum_choices, ShownAs), default=ShownAs.NO_ONE
    )  # to the other side, once both have accepted
    helper_shown_as = models.CharField(max_length=12, choices=partial(enum_choices, ShownAs), default=ShownAs.NO_ONE)
    help = models.CharField(max_length=12, choices=partial(enum_choices, HelpForm), default=HelpForm.CALL)
    articles = models.JSONField(default=list)  # of the request, when it was proposed
    concepts = models.JSONField(default=list)
    # as the matching gave them on that day: [{"feature", "values", "weight"}], so that it can be explained a year later
    reasons = models.JSONField(default=list)
    score = models.FloatField(null=True, blank=True)
    weights = models.JSONField(default=dict)  # as the person who proposed it had set them; 0 is switched off
    changed_weights = models.JSONField(default=list)  # names of the features whose weight was not the usual one
    status = models.CharField(
        max_length=20, choices=partial(enum_choices, IntroductionStatus), default=IntroductionStatus.PROPOSED,
        db_index=True,
    )  # fmt: skip
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    invited_at = models.DateTimeField(null=True, blank=True)
    asker_accepted_at = models.DateTimeField(null=True, blank=True)
    helper_accepted_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    introduced_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # whether it took place, once
    ended_at = models.DateTimeField(null=True, blank=True)
    meeting = models.CharField(max_length=40, blank=True, db_index=True)  # public ID of the meeting that it became
    # public ID of the meeting at which the two sides could talk, if the asker named one
    at_meeting = models.CharField(max_length=40, blank=True)
    held_on = models.DateField(null=True, blank=True)
    follow_up_at = models.DateTimeField(null=True, blank=True)  # when the asker was asked about the outcome, once
    outcome = models.TextField(blank=True)  # in the asker's words

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=IntroductionStatus.INTRODUCED)
                | Q(asker_accepted_at__isnull=False, helper_accepted_at__isnull=False),
                name="introduced_once_both_agree",
            ),
            models.CheckConstraint(
                condition=~Q(status=IntroductionStatus.TOOK_PLACE) | Q(held_on__isnull=False),
                name="took_place_on_a_day",
            ),
        ]


class IntroductionMessage(models.Model):
    """What one side writes to the other once they are introduced. Only the two sides read it."""

    class Side(models.TextChoices):
        ASKER = "asker"
        HELPER = "helper"

    changes_no_page = True

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=8, choices=Side)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["introduction_id", "at", "id"]
