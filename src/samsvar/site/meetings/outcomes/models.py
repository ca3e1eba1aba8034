"""What came of it: outcomes, commitments and how they are kept, and what participants thought."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from samsvar.ids import random_id
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeKind, OutcomeState, SaidAs
from samsvar.meetings.survey import SurveyKind
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.programme.models import Session
from samsvar.site.meetings.registration.models import Registration
from samsvar.site.shell.labels import choices


class Outcome(models.Model):
    """Something that was decided, promised, asked or told in a session."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="outcomes")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes")
    kind = models.CharField(max_length=12, choices=choices(OutcomeKind))
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=choices(OutcomeState), default=OutcomeState.RECORDED)
    access = models.CharField(max_length=12, choices=choices(Access), default=Access.PARTICIPANTS)
    article = models.CharField(max_length=12, blank=True)
    finding = models.CharField(max_length=16, blank=True)  # public id of what it answers
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "session_id", "id"]


class OutcomeChange(models.Model):
    """How an outcome stood before it was corrected or taken back: the record's own history."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="changes")
    text_before = models.TextField()
    # what else stood otherwise, by its name: article, finding, state, organisation (as it was called), due
    before = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)
    after_closing = models.BooleanField(default=False)  # then it is shown to everybody who reads the outcome
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["outcome_id", "at", "id"]


class Commitment(models.Model):
    """Who does what until when. A state or a body promises; a person may speak for it, and is asked how it goes."""

    outcome = models.OneToOneField(Outcome, on_delete=models.CASCADE, related_name="commitment")
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    due = models.CharField(max_length=10, blank=True)  # ISO, as precise as it was promised
    keeping = models.CharField(max_length=12, choices=choices(Keeping), default=Keeping.PROMISED)
    next_follow_up = models.DateField(null=True, blank=True)  # None: nobody is asked any more


class Progress(models.Model):
    """What was said of a commitment once: how it stands, in words, with evidence where there is some."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="progress")
    keeping = models.CharField(max_length=12, choices=choices(Keeping))
    # as what somebody said it; "": told before this was kept
    said_as = models.CharField(max_length=10, choices=choices(SaidAs), blank=True)
    text = models.TextField(blank=True)
    evidence = models.URLField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["commitment_id", "at", "id"]


class FollowUp(models.Model):
    """One digest to one person: all their commitments that are open, with a link that answers for these alone."""

    changes_no_page = True

    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    due = models.DateField()
    sent_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    commitments = models.ManyToManyField(Commitment, related_name="follow_ups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "due"], name="one_digest_a_half_year")]


class Survey(models.Model):
    """The evaluation of a meeting. Results are shown above five answers only."""

    changes_no_page = True

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="survey")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)  # when everybody who was there was written to, once


class SurveyQuestion(models.Model):
    """One question of it."""

    changes_no_page = True

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    text = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=choices(SurveyKind), default=SurveyKind.SCALE)
    options = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["survey_id", "order", "id"]


class SurveyTurn(models.Model):
    """That somebody has answered, and nothing of what: no column leads from here to an answer, nor does an order."""

    changes_no_page = True

    id = models.CharField(max_length=16, primary_key=True, default=random_id)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="turns")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "registration"], name="one_turn_a_participant")]


class SurveyTally(models.Model):
    """How often a value was chosen: no row stands for one person, so that none can be put beside a turn."""

    changes_no_page = True

    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="tallies")
    value = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "value"], name="one_tally_a_value")]


class SurveyText(models.Model):
    """What somebody wrote. The key is random and there is no time: it tells no order."""

    changes_no_page = True

    id = models.CharField(max_length=16, primary_key=True, default=random_id)
    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="texts")
    text = models.TextField()
