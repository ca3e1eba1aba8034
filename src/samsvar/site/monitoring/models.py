"""Documents of monitoring bodies, the reports read in, their passages and findings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from samsvar.site.convention.models import State


class Document(models.Model):
    """A document that a body published: what the catalogue knows, whether or not anybody has read it in."""

    class Origin(models.TextChoices):
        CATALOGUE = "catalogue"
        HUDOC = "hudoc"
        UPLOAD = "upload"
        DEMO = "demo"

    public_id = models.CharField(max_length=16, unique=True)
    origin = models.CharField(max_length=12, choices=Origin)
    body = models.CharField(max_length=40)
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="documents")
    procedure = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=40, blank=True)  # "grevio_report", "cop_recommendation" …
    reference = models.CharField(max_length=120, blank=True)
    answers = models.CharField(max_length=120, blank=True)  # the reference of the report that it answers or follows
    title = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    published = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    link = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    publisher = models.JSONField(default=dict)  # the publisher's own values, beside ours

    class Meta:
        ordering = ["-published", "public_id"]


class Section(models.Model):
    """A section of a document as its publisher cut it, with a link to the official text."""

    public_id = models.CharField(max_length=16, unique=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="sections")
    number = models.PositiveSmallIntegerField(null=True)
    heading = models.TextField(blank=True)
    link = models.TextField(blank=True)
    inherited = models.BooleanField(default=False)  # its articles are those of the heading above
    publisher = models.JSONField(default=dict)

    class Meta:
        ordering = ["document_id", "number", "id"]


class SectionArticle(models.Model):
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="articles")
    article = models.PositiveSmallIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "article"], name="one_article_a_section")]


class Report(models.Model):
    """A document that was read in: its file, its text and its closed books. It is there whole or not at all."""

    public_id = models.CharField(max_length=16, unique=True)
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="report")
    content_hash = models.CharField(
        max_length=64, unique=True
    )  # the same file twice is one report; names the stored file
    filename = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    format = models.CharField(max_length=8)
    page_count = models.PositiveIntegerField()
    page_sizes = models.JSONField(default=list)  # [[width, height], …] in points
    language = models.CharField(max_length=8)
    reader = models.CharField(max_length=60)
    account = models.JSONField(default=dict)
    read_at = models.DateTimeField(auto_now_add=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    revision = models.PositiveIntegerField(default=1)  # raised when its findings change: the search index compares it


class Passage(models.Model):
    """One numbered paragraph of a report, as published."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="passages")
    ordinal = models.PositiveIntegerField()
    number = models.CharField(max_length=24, blank=True)
    text = models.TextField()
    page = models.PositiveIntegerField()
    boxes = models.JSONField(default=list)  # [[page, left, top, right, bottom], …]
    headings = models.JSONField(default=list)
    footnotes = models.JSONField(default=list)

    class Meta:
        ordering = ["report_id", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["report", "ordinal"], name="one_place_a_passage")]


class Finding(models.Model):
    """A conclusion of the body. Labels are the machine's until a person has looked."""

    class Review(models.TextChoices):
        MACHINE = "machine"
        CONFIRMED = "confirmed"
        REJECTED = "rejected"

    public_id = models.CharField(max_length=16, unique=True)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="findings")
    passage = models.ForeignKey(Passage, null=True, on_delete=models.SET_NULL, related_name="findings")
    ordinal = models.PositiveIntegerField()
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="findings")
    body = models.CharField(max_length=40)
    procedure = models.CharField(max_length=40, blank=True)
    year = models.PositiveSmallIntegerField(null=True, db_index=True)
    paragraph = models.CharField(max_length=24, blank=True)
    page = models.PositiveIntegerField()
    pages = models.JSONField(default=list)
    boxes = models.JSONField(default=list)
    heading = models.TextField(blank=True)
    strength = models.CharField(max_length=24, blank=True, db_index=True)
    rank = models.PositiveSmallIntegerField(
        default=9
    )  # Strength.rank, 9 where the body gives none: the strongest is the smallest
    verb = models.CharField(max_length=80, blank=True)
    addressee = models.CharField(max_length=200, blank=True)
    from_states = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    deadline = models.CharField(max_length=120, blank=True)
    cites = models.JSONField(default=list)
    text = models.TextField()
    language = models.CharField(max_length=8)
    reader = models.CharField(max_length=60)
    machine = models.JSONField(default=dict)  # the reader's own label, kept beside a person's: strength and articles
    review = models.CharField(max_length=12, choices=Review, default=Review.MACHINE)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reviewed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # the reviewer's reason, or why the finding came back to the list

    class Meta:
        ordering = ["report_id", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["report", "ordinal"], name="one_place_a_finding")]


class FindingArticle(models.Model):
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="articles")
    article = models.PositiveSmallIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "article"], name="one_article_a_finding")]


class FindingLink(models.Model):
    """A later finding takes up an earlier one. Derived: `link_findings` makes a state's links anew at each reading."""

    class Basis(models.TextChoices):
        CITATION = "citation"
        WORDING = "wording"

    later = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="takes_up")
    earlier = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="taken_up_by")
    basis = models.CharField(max_length=12, choices=Basis)
    certain = models.BooleanField()  # a citation is; likeness only proposes, until a person confirms
    likeness = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["later", "earlier"], name="one_link_a_pair")]


class Upload(models.Model):
    """A file on its way in: waiting, being read, done, or refused with the reason. It can be left and come back to."""

    class Progress(models.TextChoices):
        WAITING = "waiting"
        READING = "reading"
        DONE = "done"
        REFUSED = "refused"

    changes_no_page = True  # only its uploader sees it: progress must not empty the page cache (audit/triggers.py)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField(auto_now_add=True)
    content_hash = models.CharField(max_length=64)
    filename = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    body = models.CharField(max_length=40)
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT)
    published = models.DateField(null=True)
    progress = models.CharField(max_length=12, choices=Progress, default=Progress.WAITING)
    attempts = models.PositiveSmallIntegerField(
        default=0
    )  # readings begun; a file that kills its reader is not tried for ever
    refusal = models.JSONField(default=dict)  # code, message, kept, advice of the named error
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-at"]
