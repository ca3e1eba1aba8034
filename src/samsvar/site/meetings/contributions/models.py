"""Models of calls for contributions: the call, submission links, contributions, reviews and imported people."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from samsvar.ids import random_id
from samsvar.meetings.contributions import ReviewVisibility
from samsvar.meetings.programme import SessionKind
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.programme.models import Session, Track
from samsvar.site.shell.labels import enum_choices


class ContributionCall(models.Model):
    """A call for contributions to the programme of a meeting."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="call")
    text = models.JSONField(default=dict)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed = models.BooleanField(default=True)
    languages = models.JSONField(default=list)  # languages in which a session can be held, not interface languages
    reviews_seen = models.CharField(
        max_length=10, choices=partial(enum_choices, ReviewVisibility), default=ReviewVisibility.AFTER_OWN
    )  # by other reviewers


class ContributionLink(models.Model):
    """A submission link emailed to a person without an account, valid for one contribution."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    call = models.ForeignKey(ContributionCall, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")  # language of the emails
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["call_id", "sent_at", "id"]


class Contribution(models.Model):
    """A proposal for the programme of a meeting."""

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("a contribution", "awaiting a decision")
        ACCEPTED = "accepted", pgettext_lazy("a contribution", "accepted")
        DECLINED = "declined", pgettext_lazy("a contribution", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("a contribution", "withdrawn")

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    call = models.ForeignKey(ContributionCall, on_delete=models.CASCADE, related_name="contributions")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="contributions"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    link = models.OneToOneField(
        ContributionLink, null=True, blank=True, on_delete=models.SET_NULL, related_name="contribution"
    )
    with_others = models.CharField(max_length=300, blank=True)  # co-presenters, as entered by the author
    title = models.CharField(max_length=200)
    abstract = models.TextField()
    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=20, choices=partial(enum_choices, SessionKind), default=SessionKind.TALK)
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    articles = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=partial(enum_choices, State), default=State.OFFERED)
    reason = models.CharField(max_length=500, blank=True)  # reason for the decision, shown to the author
    session = models.OneToOneField(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="contribution"
    )
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["call_id", "at", "id"]


class ContributionReview(models.Model):
    """A review by one reviewer; the call defines whether others who have reviewed the contribution may see it."""

    changes_no_page = True

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5; None for a declared conflict of interest
    conflict = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["contribution_id", "at"]
        constraints = [models.UniqueConstraint(fields=["contribution", "by"], name="one_review_a_reviewer")]


class ImportedPerson(models.Model):
    """A record of a person from an imported programme, which prevents a second import from creating them again.

    `key` is a hash of the other system's key. The record is kept when the person is deleted, so that someone whose
    data have been erased is not imported again.
    """

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=16)
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_person_a_key")]
