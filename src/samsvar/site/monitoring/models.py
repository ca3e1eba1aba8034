"""Models for the documents of monitoring bodies, imported reports, passages and findings.

`objects` holds only what is public, so that a page cannot show a draft by accident. `everything` holds all rows and is
the default manager: related managers (`report.findings`) and Django itself use it. Code that starts from a single
report has already asked `permissions.can_see_report`.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.convention.models import State


def is_public(*paths: str) -> Q:
    """Return the condition that the reports at these lookup paths are published ("" for a report itself).

    Nothing else decides what is public: `PublicManager` and counts over a relation use this condition.
    """
    return Q(*((f"{path}__status" if path else "status", "published") for path in paths))


class PublicManager(models.Manager):
    """A manager that finds only rows whose reports, at the given lookup paths, are published."""

    def __init__(self, *paths: str, unless: Q | None = None) -> None:
        """`unless` is the condition of rows that are public without a published report."""
        super().__init__()
        self.condition = is_public(*paths) | unless if unless else is_public(*paths)

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(self.condition)


class Document(models.Model):
    """A published document of a monitoring body, whether or not its report has been imported."""

    class Origin(models.TextChoices):
        CATALOGUE = "catalogue"
        HUDOC = "hudoc"
        UPLOAD = "upload"
        DEMO = "demo"

    CATALOGUE_ORIGINS = (Origin.CATALOGUE, Origin.HUDOC)

    public_id = models.CharField(max_length=16, unique=True)
    origin = models.CharField(max_length=12, choices=Origin)
    body = models.CharField(max_length=40)
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="documents")
    procedure = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=40, blank=True)  # "grevio_report", "cop_recommendation" …
    reference = models.CharField(max_length=120, blank=True)
    # the reference of the report that this document replies to or follows up
    answers = models.CharField(max_length=120, blank=True)
    title = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    published = models.CharField(max_length=10, blank=True)  # ISO date, as precise as the source: year, month or day
    link = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    publisher = models.JSONField(default=dict)  # the publisher's own values, in addition to ours
    edited = models.JSONField(default=list)  # the fields that an editor changed, which the catalogue no longer sets

    # A document of the catalogue is public and has a report only while that report is published. The document of an
    # uploaded file is public while its report is.
    everything = models.Manager()
    objects = PublicManager("report", unless=Q(origin__in=CATALOGUE_ORIGINS))

    class Meta:
        ordering = ["-published", "public_id"]
        default_manager_name = "everything"


class Section(models.Model):
    """A section of a document, as its publisher divided it, with a link to the official text."""

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
        constraints = [models.UniqueConstraint(fields=["section", "article"], name="unique_article_per_section")]


class Report(models.Model):
    """An imported report with its file and extraction report. It is stored completely or not at all."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    public_id = models.CharField(max_length=16, unique=True)
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="report")
    content_hash = models.CharField(max_length=64, unique=True)  # identifies a report and names its stored file
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
    revision = models.PositiveIntegerField(default=1)  # incremented when its findings change, for the search index
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, db_index=True)
    published_at = models.DateTimeField(null=True)  # when an editor first published it here
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)  # public
    # what the reader found on the first pages, whatever was typed: body, state, procedure, reference, title …
    title_page = models.JSONField(default=dict)

    everything = models.Manager()
    objects = PublicManager("")

    class Meta:
        default_manager_name = "everything"


class SourceVersion(models.Model):
    """A version of a document that was harvested from its publisher, and the report that was made of it.

    A text or a title that the publisher changed without saying so gives a new version. Its report is a draft, which
    editors compare with the earlier one. A version whose draft was deleted is kept, so that it is not imported again.
    """

    site = models.CharField(max_length=12)  # of HUDOC: "grevio"
    source = models.CharField(max_length=255)  # the publisher's identifier without case, spaces and hyphens, which vary
    identifier = models.CharField(max_length=255)  # as published
    content_hash = models.CharField(max_length=64)
    titles = models.JSONField(default=dict)  # of the sections, as published, by identifier
    harvested_at = models.DateTimeField(default=timezone.now)
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="source_versions")

    changes_no_page = True  # it belongs to a draft; when that is published, its report changes

    class Meta:
        ordering = ["harvested_at", "id"]
        constraints = [models.UniqueConstraint(fields=["site", "source", "content_hash"], name="unique_source_version")]


class FindingSuccession(models.Model):
    """The finding of a newer version of a text that takes the place of one of an earlier version, for what links to it.

    `later` is null if a person must decide; `is_closed` says that they found that nothing corresponds, so that the
    links stay with the earlier version. As for `CorrectionProposal`, the database does not enforce the relations.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="successions")  # the newer version
    earlier = models.OneToOneField(
        "Finding", to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="succession"
    )
    later = models.ForeignKey(
        "Finding",
        to_field="public_id",
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="predecessors",
    )
    similarity = models.FloatField(default=0.0)  # share of equal words; 1.0 for the same text, 0.0 if a person decided
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["report_id", "id"]


class Passage(models.Model):
    """A numbered paragraph of a report, as published."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="passages")
    ordinal = models.PositiveIntegerField()
    number = models.CharField(max_length=24, blank=True)
    text = models.TextField()
    page = models.PositiveIntegerField()
    boxes = models.JSONField(default=list)  # [[page, left, top, right, bottom], …]
    headings = models.JSONField(default=list)
    footnotes = models.JSONField(default=list)

    everything = models.Manager()
    objects = PublicManager("report")

    class Meta:
        ordering = ["report_id", "ordinal"]
        default_manager_name = "everything"
        constraints = [models.UniqueConstraint(fields=["report", "ordinal"], name="unique_passage_ordinal")]


class Finding(models.Model):
    """A conclusion of a monitoring body. Its labels are automatic until a reviewer has confirmed them."""

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
    boxes = models.JSONField(default=list)  # empty if they are those of its passage
    heading = models.TextField(blank=True)
    strength = models.CharField(max_length=24, blank=True, db_index=True)
    # Strength.rank: the stronger, the smaller; 9 if the body gives no strength
    rank = models.PositiveSmallIntegerField(default=9)
    verb = models.CharField(max_length=80, blank=True)
    addressee = models.CharField(max_length=200, blank=True)
    from_states = models.JSONField(default=list)
    state_position = models.CharField(max_length=24, blank=True)  # StatePosition: of the state under review
    actions = models.JSONField(default=list)
    deadline = models.CharField(max_length=120, blank=True)
    cites = models.JSONField(default=list)
    text = models.TextField()  # its own part of the paragraph: all of it, unless the paragraph has several findings
    start = models.PositiveIntegerField(null=True)  # where the text begins in the passage; null if it is not in it
    language = models.CharField(max_length=8)
    reader = models.CharField(max_length=60)
    # the automatic strength and articles, kept in addition to the reviewer's
    machine = models.JSONField(default=dict)
    review = models.CharField(max_length=12, choices=Review, default=Review.MACHINE)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reviewed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # the reviewer's reason, or why the finding was returned for review

    everything = models.Manager()
    objects = PublicManager("report")

    class Meta:
        ordering = ["report_id", "ordinal"]
        default_manager_name = "everything"
        constraints = [models.UniqueConstraint(fields=["report", "ordinal"], name="unique_finding_ordinal")]


class FindingArticle(models.Model):
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="articles")
    article = models.PositiveSmallIntegerField(db_index=True)

    everything = models.Manager()
    objects = PublicManager("finding__report")

    class Meta:
        default_manager_name = "everything"
        constraints = [models.UniqueConstraint(fields=["finding", "article"], name="unique_article_per_finding")]


class CorrectionProposal(models.Model):
    """A correction to a finding's label, proposed by someone who may not make it, and a reviewer's decision on it.

    A finding is created again when its report is read again, under the same public ID. Therefore the database does
    not enforce the relation.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        OUTDATED = "outdated"  # a newer reader no longer finds the finding

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="proposals")
    finding = models.ForeignKey(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="proposals"
    )
    # for one that rejects the finding, the strength and the articles are those of the label at that time
    label = models.JSONField()  # the proposed label: review ("confirmed" or "rejected"), strength, articles
    reason = models.TextField()  # public once there is a decision
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)  # of the proposer
    proposed_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_role = models.CharField(max_length=24, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)  # public

    class Meta:
        ordering = ["-proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=models.Q(status="open"), name="one_open_proposal_per_finding"
            )
        ]


class LabelRemark(models.Model):
    """A reader's private remark that a label of a finding is wrong, for those who may review it.

    Reviewers see neither who made it nor anything that leads there. As for `CorrectionProposal`, the database does not
    enforce the relation to the finding.
    """

    class Part(models.TextChoices):
        STRENGTH = "strength", _("The strength is wrong")
        ARTICLES = "articles", _("An article is wrong or missing")
        STATE = "state", _("The country is wrong")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("status of a reported label", "open")
        DEALT_WITH = "dealt_with", pgettext_lazy("status of a reported label", "dealt with")

    changes_no_page = True  # only reviewers see it, and no page of theirs is cached

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="label_remarks")
    finding = models.ForeignKey(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="remarks"
    )
    part = models.CharField(max_length=12, choices=Part)
    label = models.JSONField()  # the label that the reader saw: review, strength, articles
    comment = models.TextField(blank=True, max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    dealt_with_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dealt_with_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["status", "finding"], name="open_label_remarks")]


class ReviewSample(models.Model):
    """A random sample of the automatic labels that match filters; if a reviewer confirms all of it, so may the rest be.

    The sample is fixed when it is drawn, and kept for a time, so that no one can draw until it contains no error.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    filters = models.JSONField(default=dict)  # the filters that are set: report, state, strength, article, procedure
    finding_ids = models.JSONField()  # public ids, in the order in which they were drawn
    matching = models.PositiveIntegerField()  # the number of findings it was drawn from
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    confirmed = models.PositiveIntegerField(default=0)  # the number of findings confirmed without having been looked at

    changes_no_page = True  # its reviewer sees it; the findings themselves change with a confirmation

    class Meta:
        ordering = ["-drawn_at", "id"]

    @property
    def others(self) -> int:
        """The number of findings that were confirmed together with one of them."""
        return max(self.confirmed - 1, 0)


class LabelChange(models.Model):
    """A line of the public history of a finding's label: the label before and after, by which role, when and why.

    Labels are objects with review, strength and articles. As for `CorrectionProposal`, the database does not enforce
    the relation to the finding.
    """

    class Cause(models.TextChoices):
        READ = "read"  # the first label, by the reader
        REREAD = "reread"  # another label, or another text, by a newer reader
        REVIEW = "review"
        PROPOSAL = "proposal"  # an accepted proposal
        SAMPLE = "sample"  # confirmed together with others after a sample
        UNDO = "undo"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="label_changes")
    finding = models.ForeignKey(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="label_changes"
    )
    cause = models.CharField(max_length=12, choices=Cause)
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict)  # {} for the first label
    after = models.JSONField(default=dict)
    reader = models.CharField(max_length=60, blank=True)  # if a reader changed it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, blank=True)
    reason = models.TextField(blank=True)  # public
    proposal = models.ForeignKey(CorrectionProposal, null=True, on_delete=models.SET_NULL, related_name="changes")
    sample = models.ForeignKey(ReviewSample, null=True, on_delete=models.SET_NULL, related_name="changes")
    # the review before, which an undo restores exactly
    previous_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    previous_reviewed_at = models.DateTimeField(null=True)
    previous_note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]


class DetailsChange(models.Model):
    """A line of the public history of a report's details, once it has been public: by which role, when and why.

    `before` and `after` have the details that changed, by the names of `labels.DETAIL_LABELS`.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="details_changes")
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reader = models.CharField(max_length=60, blank=True)  # if the report was read again
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, blank=True)
    reason = models.TextField(blank=True)  # public

    class Meta:
        ordering = ["id"]


class FindingLink(models.Model):
    """A link from a finding to an earlier one that it takes up, and what a reviewer decided about it.

    `link_findings` recomputes a state's links and keeps those that someone has decided about.
    """

    class Basis(models.TextChoices):
        CITATION = "citation"
        WORDING = "wording"

    class LaterText(models.TextChoices):
        CLOSES = "closes"
        RESTATES = "restates"
        TAKES_UP = "takes_up"  # the same issue, which is neither closed nor asked for in the same way
        SET_ASIDE = "set_aside"  # another issue: the link is not shown

    SUPERSEDING = (LaterText.CLOSES, LaterText.RESTATES)  # after them, the earlier finding is no longer open
    SAME_ISSUE = (LaterText.CLOSES, LaterText.RESTATES, LaterText.TAKES_UP)

    later = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="takes_up")
    earlier = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="taken_up_by")
    basis = models.CharField(max_length=12, choices=Basis)
    certain = models.BooleanField()  # true for citations; similar wording is only a suggestion
    similarity = models.FloatField()
    # what the later finding does to the earlier one, as decided by a reviewer; "" while it is only proposed
    later_text = models.CharField(max_length=12, choices=LaterText, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # public

    everything = models.Manager()
    objects = PublicManager("later__report", "earlier__report")

    class Meta:
        default_manager_name = "everything"
        constraints = [models.UniqueConstraint(fields=["later", "earlier"], name="unique_finding_link")]

    @property
    def is_fact(self) -> bool:
        """Whether the link is certain or confirmed by a reviewer, and not set aside; see `is_same_issue`."""
        return self.later_text in self.SAME_ISSUE or (self.certain and not self.later_text)

    @property
    def percent(self) -> int:
        """The similarity of the wording in percent."""
        return round(100 * self.similarity)

    @property
    def is_proposed(self) -> bool:
        """Whether only the computer proposed the link so far."""
        return not self.certain and not self.later_text


def is_same_issue() -> Q:
    """Return the condition that a link is a fact: certain, or confirmed by a reviewer, and not set aside."""
    return Q(later_text__in=FindingLink.SAME_ISSUE) | Q(certain=True, later_text="")


class LinkDecision(models.Model):
    """A line of the public history of a link: what a reviewer decided about it, in which role, when and why.

    The last line of a link is its decision; pages as on an earlier day take the last one by then. As for
    `CorrectionProposal`, the database does not enforce the relations to the findings.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="link_decisions")  # of the later finding
    later = models.ForeignKey(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    earlier = models.ForeignKey(
        Finding, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="link_decisions"
    )
    later_text = models.CharField(max_length=12, choices=FindingLink.LaterText, blank=True)  # "" withdraws a decision
    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, blank=True)
    reason = models.TextField(blank=True)  # public
    is_undo = models.BooleanField(default=False)  # it restores the decision before the last one

    everything = models.Manager()
    objects = PublicManager("later__report", "earlier__report")

    class Meta:
        ordering = ["id"]
        default_manager_name = "everything"


class Upload(models.Model):
    """A file that waits to be read, and the progress and outcome of reading it: done, or refused with a reason.

    One without a report becomes a draft. One that `rereads` means that the stored file of its report is read again, as
    the body and in the language given here.
    """

    class Progress(models.TextChoices):
        WAITING = "waiting"
        READING = "reading"
        DONE = "done"
        REFUSED = "refused"

    FINISHED = (Progress.DONE, Progress.REFUSED)
    changes_no_page = True  # only its uploader sees it, so progress must not clear the page cache (audit/triggers.py)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField(auto_now_add=True)
    content_hash = models.CharField(max_length=64)
    filename = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    body = models.CharField(max_length=40)
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT)
    published = models.DateField(null=True)
    language = models.CharField(max_length=8, blank=True)
    rereads = models.BooleanField(default=False)  # the stored file of a report is read again
    reason = models.TextField(blank=True)  # for reading a published report again; public in its history
    progress = models.CharField(max_length=12, choices=Progress, default=Progress.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)  # a file that crashes its reader is not retried for ever
    refusal = models.JSONField(default=dict)  # code, message, effect and advice of the error
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-at"]
