"""Models for practices: the text that the owner works on, frozen versions, peer reviews, and the history."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.exchange.practices import EvidenceLevel, PracticeOrigin, PracticeStatus, ReviewVerdict
from samsvar.ids import random_id
from samsvar.site.convention.models import State
from samsvar.site.shell.labels import enum_choices


class Practice(models.Model):
    """A practice: how one problem was solved. Readers see its frozen versions, the owner also the text worked on."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="practices")
    # None: it belongs to the state's national desk
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="practices"
    )
    place = models.CharField(max_length=120, blank=True)  # a region or town; never a shelter's address
    since = models.CharField(max_length=10, blank=True)  # ISO, as precise as known
    articles = models.JSONField(default=list)  # numbers of articles, most relevant first
    concepts = models.JSONField(default=list)  # keys of the thesaurus: topics, groups and forms of violence
    evidence_level = models.CharField(
        max_length=12, choices=partial(enum_choices, EvidenceLevel), default=EvidenceLevel.DESCRIBED
    )
    cost = models.DecimalField(max_digits=17, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    cost_year = models.PositiveSmallIntegerField(null=True, blank=True)
    results = models.JSONField(default=list)  # of {"what", "value", "unit", "period", "source"}, all text
    links = models.JSONField(default=list)  # of {"title", "url"}: evidence and documents
    language = models.CharField(max_length=8, default="en")  # in which the owner writes
    origin = models.CharField(
        max_length=8, choices=partial(enum_choices, PracticeOrigin), default=PracticeOrigin.MEMBER
    )
    praise = models.CharField(max_length=16, blank=True)  # public ID of the finding that welcomes it
    status = models.CharField(
        max_length=10, choices=partial(enum_choices, PracticeStatus), default=PracticeStatus.DRAFT, db_index=True
    )
    status_reason = models.TextField(blank=True)  # why it was sent back or retired
    # public; "" unless it is retired for readers, which it stays until a new version is published
    retired_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)  # of the text worked on: rises with each new review
    revision = models.PositiveIntegerField(default=1)  # rises with each change, so that no one overwrites another's
    published_version = models.PositiveIntegerField(null=True, blank=True)  # the number of the newest `PracticeVersion`
    published_at = models.DateTimeField(null=True, blank=True)  # of the first version
    confirmed_on = models.DateField(null=True, blank=True)  # when the owner last said that it is still done so
    reminded_on = models.DateField(null=True, blank=True)  # when the owner was asked to confirm it again
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost=None) | (~Q(currency="") & Q(cost_year__isnull=False)), name="a_cost_has_its_year"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[PracticeStatus.SENT_BACK, PracticeStatus.RETIRED]) | ~Q(status_reason=""),
                name="a_retired_practice_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=PracticeStatus.PUBLISHED) | Q(published_version__isnull=False),
                name="a_published_practice_has_a_version",
            ),
        ]


class PracticeText(models.Model):
    """The text of a practice in one language, as its owner works on it."""

    changes_no_page = True

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    is_draft_translation = models.BooleanField(default=False)  # marked as such until someone has read it
    title = models.CharField(max_length=120)
    problem = models.TextField(blank=True)
    solution = models.TextField(blank=True)
    for_whom = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    went_wrong = models.TextField(blank=True)
    legal_basis = models.TextField(blank=True)
    staff = models.TextField(blank=True)
    cost_note = models.TextField(blank=True)
    results = models.TextField(blank=True)
    blocks = models.JSONField(default=list)  # building blocks: {"title", "text"}

    class Meta:
        ordering = ["practice_id", "id"]
        constraints = [models.UniqueConstraint(fields=["practice", "language"], name="one_text_a_language")]


class PracticeVersion(models.Model):
    """A published version of a practice, frozen: what was cited stays readable."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # from 1, as readers cite it
    content = models.JSONField()  # everything that the page shows; see `queries.content.frozen_content`
    content_hash = models.CharField(max_length=64)
    tags = models.TextField(default="|")  # what the list filters by, between bars: "|article:20|state:XA|"
    evidence_rank = models.PositiveSmallIntegerField(default=0)  # of its evidence level, for sorting
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["practice_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["practice", "number"], name="one_practice_version_a_number")]


class PracticeReview(models.Model):
    """A peer's review of a version of a practice. The owner reads the comment, and never who wrote it."""

    changes_no_page = True

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="reviews")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("samsvar_network.Organisation", on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=partial(enum_choices, ReviewVerdict))
    checks = models.JSONField(default=list)  # values of `ReviewCheck`
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["practice_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "version", "by"], name="one_review_a_version"),
            models.CheckConstraint(
                condition=~Q(verdict=ReviewVerdict.SEND_BACK) | ~Q(comment=""), name="sent_back_with_a_comment"
            ),
        ]


class PracticeEvent(models.Model):
    """A line of the history of a practice: what was done, in which role, when and why."""

    changes_no_page = True

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="events")
    act = models.CharField(max_length=16)  # a `PracticeAct`, or "created", "edited", "reviewed"
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["practice_id", "id"]


class LeadDecision(models.Model):
    """A desk's decision not to write a practice about something that a report welcomes, with its reason."""

    changes_no_page = True

    finding = models.CharField(max_length=16, unique=True)  # public ID
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["state_id", "id"]
