"""Models for invitations, delegations, quotas and registrations. None of them affects a public page."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.ids import random_id
from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.meetings.registration import QuotaKind, RegistrationStatus
from samsvar.network.people import Group
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.shell.labels import enum_choices

ENDED_STATUSES = [one.value for one in RegistrationStatus if one.is_over]


class Quota(models.Model):
    """A quota of places. `taken` is incremented by the same query that checks for a free place."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="quotas")
    kind = models.CharField(max_length=10, choices=partial(enum_choices, QuotaKind))
    key = models.CharField(max_length=20, blank=True)  # country code, group or category; "" for the whole meeting
    places = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "kind", "key"], name="unique_quota_per_key"),
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name="quota_not_exceeded"),
        ]


class WaitingList(models.Model):
    """The waiting list of a meeting, with the last number given out. Its row is locked while a status changes."""

    changes_no_page = True

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="line")
    last = models.PositiveIntegerField(default=0)


class Delegation(models.Model):
    """The delegation of a country or an organisation, whose head nominates its members."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="delegations")
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    places = models.PositiveSmallIntegerField()
    # places already counted against the quotas for members still to be nominated
    reserved = models.PositiveSmallIntegerField(default=0)
    head = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="delegations_headed"
    )
    head_email = models.EmailField(blank=True)  # where the link for nominating people was sent
    # language of the emails to the head; "": that of their account, or else of the meeting
    language = models.CharField(max_length=8, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    nominate_until = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "state_id", "id"]


class MeetingInvitation(models.Model):
    """An invitation bound to one email address. The token is in the email; only its hash is stored."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    token_hash = models.CharField(max_length=64, unique=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # only this address can register with it
    language = models.CharField(max_length=8, default="en")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    delegation = models.ForeignKey(
        Delegation, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    category = models.CharField(
        max_length=12, choices=partial(enum_choices, ParticipantCategory), default=ParticipantCategory.PARTICIPANT
    )
    group = models.CharField(max_length=20, choices=partial(enum_choices, Group), blank=True)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # None: the person asked for the link themselves
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "email"]


class Registration(models.Model):
    """A person's registration for a meeting, with its status."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    # hash of the token in the person's own link, if they have no account
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="registrations")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )  # None after erasure; the registration is still counted, without the name
    invitation = models.OneToOneField(
        MeetingInvitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="registration"
    )
    delegation = models.ForeignKey(
        Delegation, null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )
    # as the head of delegation entered it; the head sees no other name, even if the registration changes hands
    nominated_name = models.CharField(max_length=120, blank=True)
    is_head = models.BooleanField(default=False)
    category = models.CharField(
        max_length=12, choices=partial(enum_choices, ParticipantCategory), default=ParticipantCategory.PARTICIPANT
    )
    group = models.CharField(max_length=20, choices=partial(enum_choices, Group), blank=True)
    gender = models.CharField(max_length=20, blank=True)  # optional; only for attendance statistics
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the country whose quota the registration counts against
    # False for people at risk: the quotas would tell the organisers their country, which no list shows
    counts_by_country = models.BooleanField(default=True)
    status = models.CharField(max_length=10, choices=partial(enum_choices, RegistrationStatus))
    waiting_since = models.DateTimeField(null=True, blank=True)
    # number in order of registration, never reused
    waiting_number = models.PositiveIntegerField(null=True, blank=True)
    language = models.CharField(max_length=8, default="en")  # language of the emails
    at = models.DateTimeField(auto_now_add=True)
    told_of_days_at = models.DateTimeField(null=True, blank=True)  # when practical information was emailed
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)  # why it was refused or withdrawn; shown to the person
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    listed = models.CharField(
        max_length=12, choices=partial(enum_choices, AccessLevel), default=AccessLevel.ORGANISERS
    )  # who can see the name
    photographs = models.BooleanField(null=True)  # may be photographed; None: not answered
    # agrees to be suggested to participants whom they could help, or who could help them; never at risk
    is_suggested = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True, blank=True)  # when last reminded of unanswered questions
    ticket = models.CharField(max_length=32, unique=True, null=True, blank=True)  # in the QR code of the badge

    class Meta:
        ordering = ["meeting_id", "at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=~Q(status__in=ENDED_STATUSES), name="unique_active_registration"
            ),
            models.UniqueConstraint(fields=["meeting", "waiting_number"], name="unique_waiting_number"),
        ]
        indexes = [models.Index(fields=["meeting", "status"], name="registration_by_status")]


class LinkRequest(models.Model):
    """A request by someone who entered an email address, deleted as soon as the task has answered it."""

    changes_no_page = True

    # None: for a lost link to any registration
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()  # lower case
    language = models.CharField(max_length=8)  # language of the emails
    at = models.DateTimeField(auto_now_add=True)


class Question(models.Model):
    """An additional registration question, with its purpose and the date on which its answers are deleted."""

    class Kind(models.TextChoices):
        TEXT = "text", _("short text")
        LONG_TEXT = "long_text", _("long text")
        YES_NO = "yes_no", _("yes or no")
        CHOICE = "choice", _("single choice")
        CHOICES = "choices", _("multiple choice")
        LANGUAGE = "language", _("a language")

    class Subject(models.TextChoices):
        DIET = "diet", _("dietary requirements")
        ACCESS_NEEDS = "access_needs", _("access needs")
        INTERPRETATION = "interpretation", _("interpretation")
        TRAVEL = "travel", _("travel")
        OTHER = "other", pgettext_lazy("the subject of a question", "other")

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="questions")
    text = models.JSONField(default=dict)
    help = models.JSONField(default=dict)
    kind = models.CharField(max_length=10, choices=partial(enum_choices, Kind), default=Kind.TEXT)
    options = models.JSONField(default=list)  # [{"key": "vegan", "text": {"en": "Vegan"}}]
    required = models.BooleanField(default=False)
    subject = models.CharField(max_length=15, choices=partial(enum_choices, Subject), default=Subject.OTHER)
    purpose = models.JSONField(default=dict)  # what the answers are used for, shown with the question
    delete_on = models.DateField()  # when the answers are deleted
    of = models.JSONField(default=list)  # categories that are asked; []: all
    after_confirmation = models.BooleanField(default=False)  # asked only once the place is confirmed
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "id"]


class Answer(models.Model):
    """A participant's answer to a question."""

    changes_no_page = True

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    value = models.JSONField()

    class Meta:
        ordering = ["registration_id", "question_id"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="unique_answer_per_question")]
