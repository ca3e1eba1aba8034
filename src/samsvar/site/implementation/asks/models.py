"""Models for asks: their questions, every version of the answers, and the history of what happened."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.ids import random_id
from samsvar.implementation.asks import AskAct, AskActor, AskStatus
from samsvar.site.convention.models import State
from samsvar.site.monitoring.models import Finding
from samsvar.site.shell.labels import enum_choices


class Ask(models.Model):
    """A request for information that a state's desk sends to a named official of another body.

    The official opens it by a link, without an account. The token of the link is a signature (see `actions.links`) of
    which only a hash is stored. After the first use the link works only in the browser that has the secret whose hash
    is `device_hash`.
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="asks")
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    body_name = models.CharField(max_length=200, blank=True)  # if it is not listed here
    official_name = models.CharField(max_length=200, blank=True)  # "" once the personal data was deleted
    official_email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="en")  # of emails and files for the official
    title = models.CharField(max_length=200)
    message = models.TextField(blank=True)
    due = models.DateField()
    status = models.CharField(max_length=10, choices=partial(enum_choices, AskStatus), default=AskStatus.DRAFTED)
    edition = models.PositiveSmallIntegerField(default=1)  # raised when it is sent back or sent again
    link_number = models.PositiveSmallIntegerField(default=1)  # raised for each new link
    token_hash = models.CharField(max_length=64, blank=True)  # "": there is no link
    device_hash = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True)  # first use of the current link
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)  # the last time that it was sent back
    emailed_at = models.DateTimeField(null=True)  # the last email with the current link
    emails_ended_at = models.DateTimeField(null=True)  # the official has ended the emails about this ask
    due_changed_at = models.DateTimeField(null=True)  # the last time that the due day of the sent ask was changed
    accepted_version = models.PositiveSmallIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)  # accepted, lapsed or withdrawn

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], condition=~Q(token_hash=""), name="one_ask_a_link"),
            models.CheckConstraint(
                condition=Q(status=AskStatus.DRAFTED) | Q(sent_at__isnull=False), name="a_sent_ask_has_its_time"
            ),
            models.CheckConstraint(
                condition=~Q(status=AskStatus.ACCEPTED) | Q(accepted_version__isnull=False),
                name="an_accepted_ask_has_its_version",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "status", "due"], name="asks_of_a_state"),
            models.Index(fields=["official_email", "status"], name="asks_to_a_person"),
        ]

    @property
    def body_text(self) -> str:
        """The name of the body that is asked."""
        return self.organisation.name if self.organisation else self.body_name


class AskQuestion(models.Model):
    """A question of an ask. What it quotes of a finding is stored, because the finding may be read again."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="questions")
    finding = models.ForeignKey(
        Finding,
        to_field="public_id",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="ask_questions",
    )
    citation = models.CharField(max_length=200, blank=True)
    quotation = models.TextField(blank=True)
    quotation_language = models.CharField(max_length=8, blank=True)
    text = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["ask_id", "order", "id"]


class AskSubmission(models.Model):
    """A version of the answers to an ask; the one without a number is the official's draft."""

    changes_no_page = True

    class Via(models.TextChoices):
        LINK = "link"  # typed on the page
        XLSX = "xlsx"
        DOCX = "docx"

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField(null=True)
    edition = models.PositiveSmallIntegerField(default=1)
    via = models.CharField(max_length=4, choices=Via, default=Via.LINK)
    signed_by = models.CharField(max_length=200, blank=True)  # name and function, as the official writes them
    entered_by = models.ForeignKey(  # the member of the desk who entered a returned file
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["ask_id", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ask", "number"], name="one_submission_a_version"),
            models.UniqueConstraint(fields=["ask"], condition=Q(number=None), name="one_draft_an_ask"),
        ]


class AskAnswer(models.Model):
    """The answer to a question in one version."""

    changes_no_page = True

    submission = models.ForeignKey(AskSubmission, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(AskQuestion, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField(blank=True)
    figures = models.TextField(blank=True)
    evidence = models.JSONField(default=list)  # web addresses
    no_answer_because = models.TextField(blank=True)
    # what the desk made of an accepted answer: the public ID of evidence and of a measure
    made_evidence = models.CharField(max_length=16, blank=True)
    made_measure = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["submission_id", "question_id"]
        constraints = [models.UniqueConstraint(fields=["submission", "question"], name="one_answer_a_question")]


class AskEvent(models.Model):
    """A line of the history of an ask: what was done, by which party, and its note."""

    changes_no_page = True

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="events")
    act = models.CharField(max_length=10, choices=partial(enum_choices, AskAct))
    actor = models.CharField(max_length=8, choices=partial(enum_choices, AskActor))
    note = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField(null=True)  # of the answers, if it is about one
    due_before = models.DateField(null=True)  # the due day before and after, if it was changed
    due_after = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["ask_id", "id"]


class AskEmail(models.Model):
    """The day on which a person got an email about asks: they get one a week, whichever desks ask them."""

    changes_no_page = True

    email = models.EmailField(db_index=True)  # in lower case
    sent_on = models.DateField()

    class Meta:
        ordering = ["-sent_on", "id"]
