"""Models of the call for contributions: the call, contributions and their reviews."""

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
from samsvar.site.shell.labels import choices_of


class ContributionCall(models.Model):
    """A call for contributions to the programme of a meeting."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="call")
    text = models.JSONField(default=dict)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed = models.BooleanField(default=True)
    languages = models.JSONField(default=list)  # in which a session may be held; not the languages of the interface
    reviews_seen = models.CharField(
        max_length=10, choices=partial(choices_of, ReviewVisibility), default=ReviewVisibility.AFTER_OWN
    )  # by other reviewers


class ContributionLink(models.Model):
    """The link of a person without an account: sent to their address, valid for one contribution."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    call = models.ForeignKey(ContributionCall, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")  # of emails
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["call_id", "sent_at", "id"]


class Contribution(models.Model):
    """A contribution that a person offers to the programme of a meeting."""

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
    with_others = models.CharField(max_length=300, blank=True)  # co-presenters, as the author wrote them
    title = models.CharField(max_length=200)
    abstract = models.TextField()
    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=20, choices=partial(choices_of, SessionKind), default=SessionKind.TALK)
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    articles = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=partial(choices_of, State), default=State.OFFERED)
    reason = models.CharField(max_length=500, blank=True)  # for the decision; the author reads it
    session = models.OneToOneField(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="contribution"
    )
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["call_id", "at", "id"]


class ContributionReview(models.Model):
    """A review by one reviewer; reviewers see each other's reviews only after writing their own."""

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


class ImportedPerson(models.Model):
    """The person created for a person of an imported programme, so that importing the file again creates no duplicate.

    `key` is a hash of the other system's key. The row outlives the person: anyone whose data was erased is not
    imported again.
    """

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=16)
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="one_person_a_key")]
