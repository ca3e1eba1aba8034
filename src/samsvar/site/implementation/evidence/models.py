"""Models for evidence: who gives it, what it shows, the period it describes, and its file or link."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from samsvar.ids import random_id
from samsvar.implementation.evidence import EvidenceKind, EvidenceStatus, FormFault, Side
from samsvar.site.convention.models import State
from samsvar.site.implementation.measures.models import Measure, finding_key
from samsvar.site.shell.labels import enum_choices


class Evidence(models.Model):
    """Evidence for a measure or a finding. Only the side that gives it can change it, by a new revision."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    series = models.CharField(max_length=16, default=random_id, db_index=True)  # shared by all its revisions
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="evidence")
    measure = models.ForeignKey(Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="evidence")
    finding = finding_key("evidence", null=True)
    side = models.CharField(max_length=20, choices=partial(enum_choices, Side))
    kind = models.CharField(max_length=12, choices=partial(enum_choices, EvidenceKind))
    supports = models.BooleanField(default=True)  # false: it shows that the thing is not done or does not work
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    # the period that it describes, which is not the day on which it was received; ISO, as precise as the source
    begins = models.CharField(max_length=10, blank=True)
    ends = models.CharField(max_length=10, blank=True)
    received = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    link = models.URLField(max_length=500, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the file, which readers can check
    stored_hash = models.CharField(max_length=64, blank=True)  # names the stored file; "" if it was deleted
    format = models.CharField(max_length=10, blank=True)  # a `FileType`
    filename = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    organisation = models.ForeignKey(
        "samsvar_network.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation_name = models.CharField(max_length=200, blank=True)  # if it is not listed here
    revision = models.PositiveSmallIntegerField(default=1)
    revision_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="revisions")
    status = models.CharField(
        max_length=10, choices=partial(enum_choices, EvidenceStatus), default=EvidenceStatus.OFFERED
    )
    status_reason = models.TextField(blank=True)
    # set if a reviewer has set it aside for its form; only a new revision corrects that
    form_fault = models.CharField(max_length=20, choices=partial(enum_choices, FormFault), blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_role = models.CharField(max_length=24, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["-received", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__isnull=False, finding=None) | Q(measure=None, finding__isnull=False),
                name="evidence_is_for_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(status=EvidenceStatus.SET_ASIDE) | ~Q(status_reason=""), name="set_aside_with_a_reason"
            ),
            models.CheckConstraint(condition=Q(link="") | Q(content_hash=""), name="evidence_is_a_link_or_a_file"),
            models.CheckConstraint(
                condition=Q(form_fault="") | Q(status__in=[EvidenceStatus.SET_ASIDE, EvidenceStatus.WITHDRAWN]),
                name="a_faulty_form_is_set_aside",
            ),
            # a new revision replaces the one before
            models.UniqueConstraint(
                fields=["revision_of"], condition=Q(revision_of__isnull=False), name="one_next_revision"
            ),
        ]
        indexes = [
            models.Index(fields=["finding", "status"], name="evidence_for_a_finding"),
            models.Index(fields=["measure", "status"], name="evidence_for_a_measure"),
        ]

    @property
    def organisation_text(self) -> str:
        """The name of the organisation that gives it; "" for the state's national desk itself."""
        return self.organisation.name if self.organisation else self.organisation_name
