"""Invitations, delegations, quotas and places. None of it changes a public page."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from samsvar.ids import random_id
from samsvar.meetings.meeting import Access, Category
from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.network.people import Group
from samsvar.site.meetings.meeting.models import Meeting
from samsvar.site.shell.labels import choices

OVER = [one.value for one in Standing if one.is_over]


class Quota(models.Model):
    """So many places of one kind. `taken` is raised in the same statement that looks whether one is left."""

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="quotas")
    kind = models.CharField(max_length=10, choices=choices(QuotaKind))
    key = models.CharField(max_length=20, blank=True)  # country code, group or category; "" for the whole
    places = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "kind", "key"], name="one_quota_a_thing"),
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name="no_place_is_given_twice"),
        ]


class WaitingLine(models.Model):
    """The line of one meeting: its last number, and the lock under which a standing changes."""

    changes_no_page = True

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="line")
    last = models.PositiveIntegerField(default=0)


class Delegation(models.Model):
    """So many places for one state or one body, whose head says who comes."""

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
    # of these, how many are taken from the quotas already for people whom the head has still to name
    reserved = models.PositiveSmallIntegerField(default=0)
    head = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="delegations_headed"
    )
    head_email = models.EmailField(blank=True)  # to whom the nomination link was sent
    language = models.CharField(max_length=8, blank=True)  # of letters to the head; "": their own, else the meeting's
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    nominate_until = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["meeting_id", "state_id", "id"]


class MeetingInvitation(models.Model):
    """An invitation to one address. The letter holds the token; the database holds what it hashes to."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    token_hash = models.CharField(max_length=64, unique=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # nobody else registers with it
    language = models.CharField(max_length=8, default="en")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    delegation = models.ForeignKey(
        Delegation, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    category = models.CharField(max_length=12, choices=choices(Category), default=Category.PARTICIPANT)
    group = models.CharField(max_length=20, choices=choices(Group), blank=True)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # who opened registration themselves with a confirmed address invited themselves
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
    """A person's place at a meeting, or their wait for one."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    # of the person's own link, where they have no account
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="registrations")
    person = models.ForeignKey(
        "samsvar_network.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )  # None after erasure: the count stays, the name does not
    invitation = models.OneToOneField(
        MeetingInvitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="registration"
    )
    delegation = models.ForeignKey(
        Delegation, null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )
    is_head = models.BooleanField(default=False)
    category = models.CharField(max_length=12, choices=choices(Category), default=Category.PARTICIPANT)
    group = models.CharField(max_length=20, choices=choices(Group), blank=True)
    gender = models.CharField(max_length=20, blank=True)  # where given, for figures of attendance alone
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # whose quota
    standing = models.CharField(max_length=10, choices=choices(Standing))
    waiting_since = models.DateTimeField(null=True, blank=True)
    waiting_number = models.PositiveIntegerField(null=True, blank=True)  # in the order of asking, never reused
    language = models.CharField(max_length=8, default="en")  # of letters
    at = models.DateTimeField(auto_now_add=True)
    told_of_days_at = models.DateTimeField(null=True, blank=True)  # some days before they come
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)  # why it was refused or withdrawn; read by the person
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    listed = models.CharField(max_length=12, choices=choices(Access), default=Access.ORGANISERS)  # who sees the name
    photographs = models.BooleanField(null=True)  # may be photographed; None: not asked yet
    reminded_at = models.DateTimeField(null=True, blank=True)  # of questions that are still to be answered
    ticket = models.CharField(max_length=32, unique=True, null=True, blank=True)  # in the QR code of a badge

    class Meta:
        ordering = ["meeting_id", "at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=~Q(standing__in=OVER), name="one_place_a_person"
            ),
            models.UniqueConstraint(fields=["meeting", "waiting_number"], name="one_number_a_wait"),
        ]
        indexes = [models.Index(fields=["meeting", "standing"], name="registration_by_standing")]


class Question(models.Model):
    """Something that the registration asks besides, what for, and when the answers are deleted."""

    class Kind(models.TextChoices):
        TEXT = "text"
        LONG_TEXT = "long_text"
        YES_NO = "yes_no"
        CHOICE = "choice"
        CHOICES = "choices"
        LANGUAGE = "language"

    class Subject(models.TextChoices):
        DIET = "diet"
        ACCESS_NEEDS = "access_needs"
        INTERPRETATION = "interpretation"
        TRAVEL = "travel"
        OTHER = "other"

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="questions")
    text = models.JSONField(default=dict)
    help = models.JSONField(default=dict)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    options = models.JSONField(default=list)  # [{"key": "vegan", "text": {"en": "Vegan"}}]
    required = models.BooleanField(default=False)
    subject = models.CharField(max_length=15, choices=Subject, default=Subject.OTHER)
    purpose = models.JSONField(default=dict)  # what the answers are used for, said beside the question
    delete_on = models.DateField()  # the answers go on this day
    of = models.JSONField(default=list)  # categories that are asked; []: everybody
    after_confirmation = models.BooleanField(default=False)  # asked of nobody before they have a place
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["meeting_id", "order", "id"]


class Answer(models.Model):
    """What somebody answered."""

    changes_no_page = True

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    value = models.JSONField()

    class Meta:
        ordering = ["registration_id", "question_id"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="one_answer_a_question")]
