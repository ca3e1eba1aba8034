"""The call for contributions: what was offered, and what reviewers said of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from samsvar.ids import random_id
from samsvar.meetings.contributions import ReviewsSeen
from samsvar.meetings.programme import SessionKind
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.programme.models import Session, Track
from samsvar.site.shell.labels import choices


class ContributionCall(models.Model):
    """An invitation to offer something for the programme."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="call")
    text = models.JSONField(default=dict)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed = models.BooleanField(default=True)
    languages = models.JSONField(default=list)  # in which something may be held; not those of the interface
    reviews_seen = models.CharField(
        max_length=10, choices=choices(ReviewsSeen), default=ReviewsSeen.AFTER_OWN
    )  # by other reviewers


class ContributionLink(models.Model):
    """The link of somebody without an account: sent to their address, good for one contribution."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    call = models.ForeignKey(ContributionCall, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")  # of letters
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["call_id", "sent_at", "id"]


class Contribution(models.Model):
    """Something that somebody offers to hold."""

    class State(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

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
    with_others = models.CharField(max_length=300, blank=True)  # who would hold it too, as whoever offers it wrote
    title = models.CharField(max_length=200)
    abstract = models.TextField()
    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=20, choices=choices(SessionKind), default=SessionKind.TALK)
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    articles = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    reason = models.CharField(max_length=500, blank=True)  # of the decision; read by whoever offered it
    session = models.OneToOneField(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="contribution"
    )
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["call_id", "at", "id"]


class ContributionReview(models.Model):
    """What one reviewer says; reviewers see each other's only after they have written their own."""

    changes_no_page = True

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5; None: declared a conflict of interest
    conflict = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["contribution_id", "at"]
        constraints = [models.UniqueConstraint(fields=["contribution", "by"], name="one_review_a_reviewer")]


class TakenPerson(models.Model):
    """Who somebody of another system's programme is here, so that the same file taken in twice makes nobody twice.

    `key` is what that system's key hashes to. The row outlives the person: who was erased is not taken in again.
    """

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=16)
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_person_a_key")]
