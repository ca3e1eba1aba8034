"""Models for outcomes, commitments and their progress, and for surveys of participants."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models

from samsvar.ids import random_id
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind, OutcomeStatus, ReporterRole
from samsvar.meetings.survey import AnswerType
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.meetings.programme.models import Session
from samsvar.site.meetings.registration.models import Registration
from samsvar.site.shell.labels import enum_choices


class Outcome(models.Model):
    """A decision, commitment, open question or practice recorded in a session."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="outcomes")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes")
    kind = models.CharField(max_length=12, choices=partial(enum_choices, OutcomeKind))
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(
        max_length=10, choices=partial(enum_choices, OutcomeStatus), default=OutcomeStatus.RECORDED
    )
    access = models.CharField(
        max_length=12, choices=partial(enum_choices, AccessLevel), default=AccessLevel.PARTICIPANTS
    )
    article = models.CharField(max_length=12, blank=True)
    finding = models.CharField(max_length=16, blank=True)  # public ID of the finding that the outcome addresses
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "session_id", "id"]


class OutcomeChange(models.Model):
    """The previous values of an outcome that was corrected or retracted."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="changes")
    text_before = models.TextField()
    # other previous values by field name: article, finding, state, organisation (its name at the time), due
    before = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)
    after_closing = models.BooleanField(default=False)  # such changes are shown to everyone who reads the outcome
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["outcome_id", "at", "id"]


class Commitment(models.Model):
    """A commitment by a state or an organisation. The person who presented it, if known, may report its progress."""

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
    due = models.CharField(max_length=10, blank=True)  # ISO date: a year, a month or a day
    keeping = models.CharField(
        max_length=12, choices=partial(enum_choices, CommitmentProgress), default=CommitmentProgress.NOT_REPORTED
    )
    next_follow_up = models.DateField(null=True, blank=True)  # None: no further requests for progress


class ProgressReport(models.Model):
    """A progress report on a commitment, with a status, a text and optional evidence."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="progress")
    keeping = models.CharField(max_length=12, choices=partial(enum_choices, CommitmentProgress))
    # role in which the report was made; "" if it was made before roles were recorded
    said_as = models.CharField(max_length=10, choices=partial(enum_choices, ReporterRole), blank=True)
    text = models.TextField(blank=True)
    evidence = models.URLField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["commitment_id", "at", "id"]


class FollowUp(models.Model):
    """A request for progress, emailed to one person. Its link allows reports only on the commitments listed in it."""

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
    """The survey about a meeting. The results of a question are shown only if it has more than five answers."""

    changes_no_page = True

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="survey")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)  # when attendees were emailed, which happens once


class SurveyQuestion(models.Model):
    """A question in a survey."""

    changes_no_page = True

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    text = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=partial(enum_choices, AnswerType), default=AnswerType.SCALE)
    options = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["survey_id", "order", "id"]


class SurveyParticipation(models.Model):
    """A record that a participant has answered a survey. No column or ordering links it to an answer."""

    changes_no_page = True

    id = models.CharField(max_length=16, primary_key=True, default=random_id)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "registration"], name="one_turn_a_participant")]


class SurveyTally(models.Model):
    """The number of times an answer was chosen. Nothing links it to a person or to a `SurveyParticipation`."""

    changes_no_page = True

    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="tallies")
    value = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "value"], name="one_tally_a_value")]


class SurveyText(models.Model):
    """A free-text answer. Its key is random and it has no timestamp, so that nothing reveals the order of answers."""

    changes_no_page = True

    id = models.CharField(max_length=16, primary_key=True, default=random_id)
    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="texts")
    text = models.TextField()
