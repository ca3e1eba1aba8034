"""Models for drafts of a report back: every saved version of a section, edited files, clearances and submissions."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from samsvar.ids import random_id
from samsvar.implementation.drafts import DraftStatus
from samsvar.implementation.forms import Variant
from samsvar.interchange.report_back_docx import NoteKind
from samsvar.site.convention.models import State
from samsvar.site.monitoring.models import Report
from samsvar.site.shell.labels import enum_choices


class Draft(models.Model):
    """A version of a report that a state's desk writes for a form. A submitted one is changed in a new version only."""

    changes_no_page = True  # only the desk sees it; what is published is in `Submission`

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    # the monitoring report whose recommendations are the sections; null for annexes
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    form_id = models.CharField(max_length=40)
    form_version = models.CharField(max_length=20)
    variant = models.CharField(max_length=8, choices=partial(enum_choices, Variant), default=Variant.FULL)
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=300)
    number = models.PositiveSmallIntegerField(default=1)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="later_versions")
    status = models.CharField(max_length=12, choices=partial(enum_choices, DraftStatus), default=DraftStatus.OPEN)
    # the step of a procedure that its submission completes, "baseline-report_back"; "" if it completes none
    duty = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # who said that it is ready to be cleared, and who therefore cannot clear it
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["state_id", "-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False), name="one_next_version_of_a_draft"
            )
        ]
        indexes = [models.Index(fields=["state", "status"], name="drafts_of_a_state")]


class DraftSection(models.Model):
    """A section as it is now; `SectionVersion` has every version of it, and this one too."""

    changes_no_page = True

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="sections")
    section_id = models.CharField(max_length=16)  # stable within the draft and its later versions
    part_id = models.CharField(max_length=12)
    order = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=300)
    finding = models.CharField(max_length=16, blank=True)  # public ID; "" in parts that occur once
    quotation = models.JSONField(null=True)  # the recommendation as printed: text, citation and language
    version = models.PositiveIntegerField(default=1)
    fields = models.JSONField(default=list)  # `samsvar.implementation.drafts.fields_to_list`

    class Meta:
        ordering = ["draft_id", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["draft", "section_id"], name="one_section_of_an_id")]


class SectionVersion(models.Model):
    """A saved version of a section: its text, who saved it, when and how."""

    class Cause(models.TextChoices):
        START = "start"  # filled from the records, or taken over from the version before
        EDIT = "edit"
        RECORDS = "records"  # newer records were taken over
        WORD = "word"  # from an edited file

    changes_no_page = True

    section = models.ForeignKey(DraftSection, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    fields = models.JSONField(default=list)
    cause = models.CharField(max_length=8, choices=Cause)
    role = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["section_id", "version"]
        constraints = [models.UniqueConstraint(fields=["section", "version"], name="one_text_of_a_version")]


class EditedFile(models.Model):
    """An edited Word file that was read back and waits for someone to accept its differences.

    The file itself is not stored: what it contained is here.
    """

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="edited_files")
    filename = models.CharField(max_length=255)
    sections = models.JSONField(default=list)  # [{"section", "version", "fields"}]: the version is the exported one
    notes = models.JSONField(default=list)  # [{"kind", "section", "text", "author"}]
    missing = models.JSONField(default=list)  # ids of sections that are no longer in the file
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]


class DraftNote(models.Model):
    """A comment, footnote or other text of an edited file that belongs to no field, until someone has dealt with it."""

    changes_no_page = True

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="notes")
    section_id = models.CharField(max_length=16, blank=True)  # of `DraftSection`; "" before the first
    kind = models.CharField(max_length=8, choices=partial(enum_choices, NoteKind))
    text = models.TextField()
    author_name = models.CharField(max_length=120, blank=True)  # as Word stores it in the comment
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")  # uploader
    at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["draft_id", "id"]


class Clearance(models.Model):
    """The clearance of a draft by a second person of the desk on behalf of an office; it ends when the text changes."""

    changes_no_page = True

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="clearances")
    name = models.CharField(max_length=120)  # of the person who cleared it
    office = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=320, blank=True)  # the heading of the section that was changed

    class Meta:
        ordering = ["draft_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["draft"], condition=Q(ended_at=None), name="one_clearance_in_force")
        ]


class Submission(models.Model):
    """The frozen copy of a submitted draft: its JSON with its hash, and the file. It becomes public by publication."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="submission")
    json = models.TextField()  # canonical: `samsvar.implementation.drafts.freeze`
    sha256 = models.CharField(max_length=64)  # of `json`
    docx_hash = models.CharField(max_length=64)  # of the stored file
    # "kind/id" of the cited records that were public: only their later changes are shown to everyone
    public_records = models.JSONField(default=list)
    on_behalf_of = models.CharField(max_length=200)
    cleared_for = models.CharField(max_length=200)  # the office of the clearance
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(published_at__gte=F("submitted_at")),
                name="published_after_submission",
            )
        ]
