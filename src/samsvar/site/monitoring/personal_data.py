"""What reports and findings hold of anybody: who brought a file in, who read it in, who judged a finding."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from samsvar.network.consent import Ground, Purpose
from samsvar.site.monitoring import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Subject, Whose

FORMATS = {".pdf", ".docx", ".html", ".htm", ".txt"}
UNNAMED = "report"  # what a file is called whose name is gone; nothing else of a name is kept
EDITORS = _("editors, and whoever reads the page where it stands")
FINISHED = (models.Upload.Progress.DONE, models.Upload.Progress.REFUSED)


def unnamed(row: models.Upload | models.Report) -> str:
    """A file's name without what somebody wrote into it: "Draft, Anna.pdf" → "report.pdf"."""
    ending = PurePath(row.filename).suffix.lower()
    return UNNAMED + (ending if ending in FORMATS else "")


def _without_name(row: models.Upload) -> dict[str, Any]:
    """Why a file was refused, without the sentence in which its name stands."""
    return {"code": row.refusal["code"]} if row.refusal.get("code") else {}


def _reading_tasks(subject: Subject) -> QuerySet[Any]:
    """Lines of the queue that ask for the reading of somebody's uploads."""
    if subject.account is None:
        return DBTaskResult.objects.none()
    uploads = {
        str(key) for key in models.Upload.objects.filter(uploaded_by=subject.account).values_list("pk", flat=True)
    }
    own = DBTaskResult.objects.filter(task_path__startswith="samsvar.site.monitoring.").only("pk", "args_kwargs")
    return DBTaskResult.objects.filter(
        pk__in=[line.pk for line in own if uploads & {str(one) for one in line.args_kwargs["args"]}]
    )


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="reading_tasks",
        model="django_tasks_database.DBTaskResult",
        what=_("Lines of the queue that reads uploaded reports"),
        whose=Whose.ACCOUNTS,
        through=(),
        rows=_reading_tasks,
        erases=lambda subject: _reading_tasks(subject).filter(status__in=("SUCCESSFUL", "FAILED")),
        given=("status", "enqueued_at", "started_at", "finished_at", "traceback"),
        withheld={"id": INSIDE, "args_kwargs": INSIDE, "return_value": INSIDE},
        plain=(
            "priority", "task_path", "worker_ids", "queue_name", "backend_name", "run_after", "exception_class_path",
        ),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=_("nobody but the person and the site itself"),
        stays="tasks",
        fate=Fate.DELETED,
        erasure=_("deleted when finished; a file that waits is still read, from an emptied account"),
    ),
    Holding(
        key="uploads",
        model="samsvar_monitoring.Upload",
        what=_("Files that the person brought in, and what became of them"),
        whose=Whose.ACCOUNTS,
        through=("uploaded_by",),
        given=("at", "filename", "size", "state", "published", "progress", "refusal", "report"),
        withheld={"id": INSIDE, "uploaded_by": INSIDE},
        plain=("content_hash", "body", "attempts"),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=_("nobody but the person and the site itself"),
        stays="upload_names",
        fate=Fate.EMPTIED,
        erasure=_("the file’s name is removed; that a report came in stays, with an empty account"),
        empty={"filename": unnamed, "refusal": _without_name},
    ),
    Holding(
        key="reports_read_in",
        model="samsvar_monitoring.Report",
        what=_("Reports that the person read in; the file’s name is as they gave it"),
        whose=Whose.ACCOUNTS,
        through=("read_by",),
        given=("public_id", "filename", "size", "read_at"),
        withheld={"id": INSIDE, "read_by": INSIDE},
        plain=(
            "document", "content_hash", "format", "page_count", "page_sizes", "language", "reader", "account",
            "revision",
        ),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=EDITORS,
        stays=_("for the record, without the name"),
        fate=Fate.EMPTIED,
        erasure=_("the report stays: it is a public body’s; the name that its file was given is removed"),
        empty={"filename": unnamed},
    ),
    Holding(
        key="findings_judged",
        model="samsvar_monitoring.Finding",
        what=_("Findings that the person confirmed, corrected or rejected, with the reason they gave"),
        whose=Whose.ACCOUNTS,
        through=("reviewed_by",),
        given=("public_id", "review", "reviewed_at", "note"),
        withheld={"id": INSIDE, "reviewed_by": INSIDE},
        plain=(
            "report", "passage", "ordinal", "state", "body", "procedure", "year", "paragraph", "page", "pages", "boxes",
            "heading", "strength", "rank", "verb", "addressee", "from_states", "actions", "deadline", "cites", "text",
            "language", "reader", "machine",
        ),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.PUBLIC_TASK, Ground.LEGITIMATE_INTERESTS),
        recipients=EDITORS,
        stays=_("for the record, without the name"),
        fate=Fate.KEPT,
        erasure=_("the judgement and its reason stay with the finding that they explain, from an emptied account"),
    ),
)  # fmt: skip


def _named_uploads(limit: datetime) -> QuerySet[Any]:
    """Finished uploads that still have the name somebody gave them."""
    nameless = Q(filename__in=[UNNAMED, *(UNNAMED + ending for ending in FORMATS)])
    return models.Upload.objects.filter(progress__in=FINISHED, at__lt=limit).exclude(nameless)


def _unname(rows: QuerySet[Any]) -> int:
    count = 0
    for upload in rows:
        upload.filename, upload.refusal = unnamed(upload), _without_name(upload)
        upload.save(update_fields=["filename", "refusal"])
        count += 1
    return count


KINDS: tuple[Kind, ...] = (
    Kind(
        key="upload_names",
        what=_("Names of files that were brought in and are read or refused"),
        days=90,
        after=_("after they were brought in"),
        why=_("its uploader knows by then what became of it; a file’s name may say more than its owner meant"),
        rows=_named_uploads,
        age="at",
        remove=_unname,
    ),
)


_PRINTED = "as a public body published it; who read it in stands at the report"

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_monitoring.Document": HoldsNone(
        "documents of public bodies",
        {
            "body": "which body", "title": _PRINTED, "link": _PRINTED, "source": _PRINTED, "second_source": _PRINTED,
            "note": "ours, about the document", "publisher": "the publisher's own values",
        },
    ),
    "samsvar_monitoring.Section": HoldsNone(
        _PRINTED, {"heading": _PRINTED, "link": _PRINTED, "publisher": "the publisher's own values"}
    ),
    "samsvar_monitoring.SectionArticle": HoldsNone(_PRINTED),
    "samsvar_monitoring.Passage": HoldsNone(
        _PRINTED, {"text": _PRINTED, "boxes": "places on a page", "headings": _PRINTED, "footnotes": _PRINTED}
    ),
    "samsvar_monitoring.FindingArticle": HoldsNone("articles of a finding; who judged it stands at the finding"),
    "samsvar_monitoring.FindingLink": HoldsNone("links between findings, derived by a machine"),
}  # fmt: skip
