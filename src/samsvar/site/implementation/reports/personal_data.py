"""Personal data in reports back: who on a desk wrote, cleared and submitted them, and names that Word files contain."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.implementation import models
from samsvar.site.implementation.measures.personal_data import DESK, KEPT_WITH_RECORD
from samsvar.site.network.data_inventory import (
    FOR_THE_RECORD,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    anonymised,
    data_category,
    deleted,
    keep,
    withhold,
)

_report_category = partial(
    data_category,
    data_subject=DataSubject.STAFF,
    legal_bases=(LegalBasis.PUBLIC_TASK,),
    recipients=DESK,
    retention=FOR_THE_RECORD,
    erasure=keep(KEPT_WITH_RECORD),
)
_DRAFT = "state report form_id form_version variant language number replaces status duty"
_TEXT = _("the report’s text, which belongs to the state")
_OTHERS = _("withheld: comments may be by other people, and about them")

DATA_CATEGORIES = (
    _report_category(
        models.Draft, "reports_created", _("Draft reports that the person created"),
        exported="public_id title created_at", through="created_by", not_personal=f"{_DRAFT} written_at",
    ),
    _report_category(
        models.Draft, "reports_written", _("Draft reports that the person marked as written"),
        exported="public_id title written_at", through="written_by", not_personal=f"{_DRAFT} created_at",
    ),
    _report_category(
        models.SectionVersion, "report_sections", _("Versions of sections of a report that the person saved"),
        exported="section version cause role at", through="by", withheld=withhold("fields", _TEXT),
    ),
    _report_category(
        models.EditedFile, "report_files", _("Edited Word files of a report that the person uploaded"),
        exported="public_id draft filename at accepted_at", through="by", not_personal="missing",
        withheld={**withhold("sections", _TEXT), **withhold("notes", _OTHERS)}, retention="edited_reports",
        erasure=deleted(_("deleted")),
    ),
    _report_category(
        models.DraftNote, "report_notes", _("Comments and notes from edited Word files that the person uploaded"),
        exported="draft section_id kind at done_at", through="by", withheld=withhold("text author_name", _OTHERS),
        retention="report_notes",
    ),
    _report_category(
        models.Clearance, "reports_cleared", _("Clearances of reports by the person"),
        exported="draft name at ended_at", through="by", not_personal="office end_reason",
        erasure=anonymised(_("the clearance is kept with its office, without the name"), {"name": ""}),
    ),
    _report_category(
        models.Submission, "reports_submitted", _("Reports that the person submitted"),
        exported="draft on_behalf_of submitted_at sha256", through="submitted_by",
        not_personal="docx_hash public_records cleared_for published_at", withheld=withhold("json", _TEXT),
    ),
    _report_category(
        models.Submission, "reports_published", _("Reports that the person published"),
        exported="draft published_at sha256", through="published_by",
        not_personal="docx_hash public_records cleared_for on_behalf_of submitted_at", withheld=withhold("json", _TEXT),
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.EditedFile, "at", "edited_reports", _("Edited Word files of reports"),
        days=90, after=_("after they were uploaded"),
        why=_("long enough to decide about the differences; what was accepted is in the versions of the report"),
    ),
    RetentionRule(
        models.DraftNote, "done_at", "report_notes", _("Notes from Word files of reports"),
        days=365, after=_("after they were marked as done"),
        why=_("long enough to see why a report was changed, and no longer, because they may name people"),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_implementation.DraftSection": NoPersonalData(
        "the text of a state’s report",
        {"heading": "a section's", "quotation": "a published recommendation", "fields": "the text of the report"},
    ),
}
