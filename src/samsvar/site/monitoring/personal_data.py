"""Personal data in reports and findings: who uploaded, imported or reviewed them, or proposed corrections."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.monitoring import models
from samsvar.site.network.data_inventory import (
    FINISHED_TASKS,
    FOR_THE_RECORD,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    anonymised,
    data_category,
    deleted,
    keep,
    queued_tasks,
    task_category,
    withhold,
)

KNOWN_EXTENSIONS = {".pdf", ".docx", ".html", ".htm", ".txt"}
GENERIC_NAME = "report"  # replaces the name of a file; only its extension is kept
GENERIC_FILENAMES = [GENERIC_NAME, *(GENERIC_NAME + extension for extension in KNOWN_EXTENSIONS)]
EDITORS = _("editors, and anyone who views the page where this information appears")
KEPT_IN_HISTORY = _("kept with the finding’s public history, attributed to an anonymised account")
report_category = partial(data_category, legal_bases=(LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS))


def generic_filename(file: models.Upload | models.Report) -> str:
    """Return a generic filename with the same extension: "Draft, Anna.pdf" → "report.pdf"."""
    extension = PurePath(file.filename).suffix.lower()
    return GENERIC_NAME + (extension if extension in KNOWN_EXTENSIONS else "")


def _redact_error(upload: models.Upload) -> dict[str, Any]:
    """Return an upload's error without its message, which contains the filename."""
    return {"code": upload.refusal["code"]} if upload.refusal.get("code") else {}


def _find_reading_tasks(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the queued tasks for a person's uploads."""
    uploads = models.Upload.objects.filter(uploaded_by=subject.account) if subject.account else ()
    return queued_tasks("samsvar.site.monitoring.", uploads)


DATA_CATEGORIES = (
    task_category(
        "reading_tasks", _("Tasks in the queue that processes uploaded reports"),
        erasure=deleted(
            _("deleted when the task is finished; a file that is still waiting will be processed under an "
"anonymised account"),
        ),
        find_rows=_find_reading_tasks,
        find_erased_rows=lambda subject: _find_reading_tasks(subject).filter(status__in=FINISHED_TASKS),
    ),
    report_category(
        models.Upload, "uploads", _("Files that the person uploaded, and the outcome for each"),
        exported="at filename size state published progress refusal report reason", through="uploaded_by",
        not_personal="content_hash body attempts language rereads",
        retention="upload_names",
        erasure=anonymised(
            _("the file name is removed; the record that a report was uploaded is kept, attributed to an "
"anonymised account"),
            {"filename": generic_filename, "refusal": _redact_error, "reason": ""},
        ),
    ),
    report_category(
        models.Report, "reports_read_in", _("Reports that the person uploaded, with the file name they gave"),
        exported="public_id filename size read_at", through="read_by",
        not_personal=(
            "document content_hash format page_count page_sizes language reader account revision status published_at "
            "withdrawn_at withdrawal_reason title_page"
        ),
        recipients=EDITORS, retention=FOR_THE_RECORD,
        erasure=anonymised(
            _("the report is kept because it belongs to a public body; the file name is removed"),
            {"filename": generic_filename},
        ),
    ),
    report_category(
        models.Finding, "findings_judged",
        _("Findings that the person confirmed, corrected or rejected, with the reason they gave"),
        exported="public_id review reviewed_at note", through="reviewed_by",
        not_personal=(
            "report passage ordinal state body procedure year paragraph page pages boxes heading strength rank verb "
            "addressee from_states state_position actions deadline cites text start language reader machine"
        ),
        recipients=EDITORS, retention=FOR_THE_RECORD,
        erasure=keep(_("the decision and its reason are kept with the finding they explain, attributed to an "
"anonymised account")),
    ),
    report_category(
        models.CorrectionProposal, "corrections_proposed",
        _("Corrections to labels that the person proposed, with their reason and the outcome"),
        exported="finding label reason role proposed_at status decided_at decision_reason", through="proposed_by",
        not_personal="report decided_role",
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
    report_category(
        models.CorrectionProposal, "proposals_decided",
        _("Decisions of the person on proposed corrections, with the reason they gave"),
        exported="finding status decided_role decided_at decision_reason", through="decided_by",
        not_personal="report label proposed_at",
        withheld=withhold("reason role"),
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
    report_category(
        models.LabelChange, "label_changes",
        _("Changes that the person made to labels of findings, in the public history of each label"),
        exported="finding cause at before after role reason", through="by",
        not_personal="report reader proposal sample",
        withheld=withhold("previous_reviewer previous_reviewed_at previous_note"),
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
    report_category(
        models.LabelChange, "label_changes_superseded",
        _("Reviews by the person that another reviewer has changed since, kept so that this can be undone"),
        exported="finding previous_reviewed_at previous_note", through="previous_reviewer",
        not_personal="report reader proposal sample cause at before after",
        withheld=withhold("role reason"),
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
    report_category(
        models.DetailsChange, "details_changes",
        _("Changes that the person made to the details of published reports, in the public history of each report"),
        exported="report at before after role reason", through="by",
        not_personal="reader",
        recipients=EDITORS, retention=FOR_THE_RECORD,
        erasure=keep(_("kept with the report’s public history, attributed to an anonymised account")),
    ),
    report_category(
        models.LabelRemark, "labels_reported", _("Labels that the person reported as wrong, with their comment"),
        exported="finding part comment at status dealt_with_at", through="by",
        not_personal="report label",
        recipients=_("reviewers, who are not told who reported it"), retention="label_remarks",
        erasure=anonymised(
            _("the report of the label is kept until a reviewer has dealt with it, without the person and the comment"),
            {"by": None, "comment": ""},
        ),
    ),
    report_category(
        models.LabelRemark, "label_remarks_dealt_with", _("Reported labels that the person dealt with as a reviewer"),
        exported="finding part status dealt_with_at", through="dealt_with_by",
        not_personal="report label at",
        withheld=withhold("comment"),
        recipients=EDITORS, retention="label_remarks",
        erasure=keep(_("kept until the report of the label is deleted, attributed to an anonymised account")),
    ),
    report_category(
        models.ReviewSample, "review_samples",
        _("Samples of findings that the person judged before confirming the other findings"),
        exported="filters finding_ids matching drawn_at confirmed_at confirmed", through="drawn_by",
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
    report_category(
        models.FindingLink, "findings_linked",
        _("Decisions of the person on links between findings, with the reason they gave"),
        exported="later earlier later_text decided_at reason", through="decided_by",
        not_personal="basis certain similarity",
        recipients=EDITORS, retention=FOR_THE_RECORD,
        erasure=keep(_("the decision and its reason are kept with the finding they explain, attributed to an "
"anonymised account")),
    ),
    report_category(
        models.LinkDecision, "link_decisions",
        _("Earlier and current decisions of the person on links between findings, in the public history of each link"),
        exported="later earlier later_text at role reason is_undo", through="by",
        not_personal="report",
        recipients=EDITORS, retention=FOR_THE_RECORD, erasure=keep(KEPT_IN_HISTORY),
    ),
)  # fmt: skip


def _remove_filenames(uploads: QuerySet[Any]) -> int:
    count = 0
    for upload in uploads:
        upload.filename, upload.refusal = generic_filename(upload), _redact_error(upload)
        upload.save(update_fields=["filename", "refusal"])
        count += 1
    return count


RETENTION_RULES = (
    RetentionRule(
        models.Upload, "at", "upload_names", _("Names of uploaded files that have been processed or rejected"),
        days=90, after=_("after they were uploaded"),
        why=_(
            "by then the person who uploaded the file knows the outcome; a file name may reveal more than its "
"owner intended"
        ),
        condition=Q(progress__in=models.Upload.FINISHED) & ~Q(filename__in=GENERIC_FILENAMES), remove=_remove_filenames,
    ),
    RetentionRule(
        models.LabelRemark, "at", "label_remarks", _("Labels that readers reported as wrong"),
        days=365, after=_("after they were reported"),
        why=_("by then a reviewer has dealt with them, or a newer report has replaced the finding"),
    ),
)  # fmt: skip


_AS_PUBLISHED = "as published by a public body; the report records who uploaded it"

NO_PERSONAL_DATA = {
    "samsvar_monitoring.Document": NoPersonalData(
        "documents of public bodies",
        {
            **dict.fromkeys(("title", "link", "source", "second_source"), _AS_PUBLISHED), "body": "which body",
            "note": "our own information about the document", "publisher": "the publisher's own values",
            "edited": "names of fields",
        },
    ),
    "samsvar_monitoring.SourceVersion": NoPersonalData(
        "what a public body has online; no person is recorded",
        {"source": "the publisher's identifier", "identifier": "the publisher's identifier", "titles": _AS_PUBLISHED},
    ),
    "samsvar_monitoring.FindingSuccession": NoPersonalData("which finding takes the place of which", {}),
    "samsvar_monitoring.Section": NoPersonalData(
        _AS_PUBLISHED, {"heading": _AS_PUBLISHED, "link": _AS_PUBLISHED, "publisher": "the publisher's own values"}
    ),
    "samsvar_monitoring.SectionArticle": NoPersonalData(_AS_PUBLISHED),
    "samsvar_monitoring.Passage": NoPersonalData(
        _AS_PUBLISHED, {**dict.fromkeys(("text", "headings", "footnotes"), _AS_PUBLISHED), "boxes": "places on a page"}
    ),
    "samsvar_monitoring.FindingArticle": NoPersonalData("articles of a finding; the finding records its reviewer"),
}  # fmt: skip
