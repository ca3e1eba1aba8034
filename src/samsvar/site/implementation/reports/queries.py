"""Queries for drafts of a report back, and for submitted and published ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from samsvar.implementation.drafts import (
    FROZEN,
    Block,
    Draft,
    DraftSection,
    FieldContent,
    FieldDifference,
    FrozenDraft,
    Gap,
    Quotation,
    Record,
    RecordChange,
    RecordKey,
    RecordKind,
    changed_since,
    compare_fields,
    find_gaps,
    parse_fields,
)
from samsvar.implementation.duties import DutyKind
from samsvar.implementation.forms import Form, FormField, FormUse, Variant, find_form, load_forms
from samsvar.interchange.report_back_docx import write_draft_docx
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.queries import (
    PROCEDURES,
    DutyLine,
    find_line,
    parse_step_key,
    state_duties,
    step_key,
)
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.implementation.reports.permissions import can_clear_reports, can_submit_reports
from samsvar.site.implementation.reports.records import (
    figures_about,
    figures_with_correction,
    find_records,
    records_about,
)
from samsvar.site.monitoring.models import Finding, FindingArticle, Report
from samsvar.site.monitoring.queries import find_earlier_ids
from samsvar.site.network.access.permissions import User
from samsvar.text import choose_text

DRAFTS_ON_DESK = 5
COMPLETED_BY_REPORT = (DutyKind.REPORT_BACK, DutyKind.SECOND_REPORT_BACK)
DESK_USES = (FormUse.REPORT_BACK, FormUse.STATE_REPORT_ANNEX)  # a shadow report is not the desk's


def desk_forms() -> tuple[Form, ...]:
    """Return the newest version of each form that a state's desk fills in."""
    newest: dict[str, Form] = {}
    for form in load_forms():
        newest.setdefault(form.form_id, form)
    return tuple(form for form in newest.values() if form.use in DESK_USES)


def reports_with_recommendations(state: str) -> QuerySet[Report]:
    """Return the published reports on a state that have findings other than praise, newest first."""
    return (
        Report.objects.filter(document__state_id=state, pk__in=_recommendations().values("report"))
        .select_related("document")
        .order_by("-document__published", "pk")
    )


def recommendations_of(report: Report) -> QuerySet[Finding]:
    """Return the findings of a report that ask for something, in printed order."""
    return _recommendations().filter(report=report).order_by("ordinal")


def _recommendations() -> QuerySet[Finding]:
    return Finding.objects.exclude(strength="welcomes").exclude(review=Finding.Review.REJECTED)


# --- Duties -----------------------------------------------------------------------------------------------------------


def is_completed_by_report(procedure: str, kind: DutyKind) -> bool:
    """Return whether the submission of a report back completes a step of a procedure."""
    return procedure in PROCEDURES and kind in COMPLETED_BY_REPORT


@dataclass(frozen=True, slots=True)
class DraftDuty:
    """A step that a report back completes; `line` is what is known about it, None if that is nothing."""

    procedure: str
    kind: DutyKind
    line: DutyLine | None

    @property
    def key(self) -> str:
        return step_key(self.procedure, self.kind)

    @property
    def is_done(self) -> bool:
        return self.line is not None and not self.line.is_open


def open_duties(state: str, day: date) -> tuple[DraftDuty, ...]:
    """Return the open steps that a report back completes, soonest first."""
    return tuple(
        DraftDuty(line.duty.procedure, line.duty.kind, line)
        for line in state_duties(state, day).open
        if is_completed_by_report(line.duty.procedure, line.duty.kind)
    )


def draft_duty(draft: models.Draft) -> DraftDuty | None:
    """Return the step that a draft is tied to, as it is today; None without one."""
    if not draft.duty:
        return None
    procedure, kind = parse_step_key(draft.duty)
    return DraftDuty(procedure, kind, find_line(draft.state_id, procedure, kind, timezone.localdate()))


def has_completed(draft: models.Draft, duty: DraftDuty) -> bool:
    """Return whether a draft is the source of the day on which its step was done."""
    recorded = duty.line.recorded if duty.line is not None else None
    return recorded is not None and recorded.done_draft_id == draft.pk


# --- Drafts of the desk -----------------------------------------------------------------------------------------------


def list_drafts(state: str) -> QuerySet[models.Draft]:
    """Return the drafts of a state, newest first, with the report that they answer."""
    return models.Draft.objects.filter(state_id=state).select_related("report__document", "submission")


def desk_panel(state: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of a state's desk with the drafts that are not submitted yet. Runs one query."""
    drafts = list_drafts(state).exclude(status__in=FROZEN)
    return "implementation/reports/_desk_panel.html", {"state": state, "drafts": drafts[:DRAFTS_ON_DESK]}


def find_draft(user: User, public_id: str) -> models.Draft | None:
    """Return a draft, or None if there is none that the user can see: only the desk of its state can."""
    draft = (
        models.Draft.objects.select_related("report__document", "submission", "replaces")
        .filter(public_id=public_id)
        .first()
    )
    return draft if draft is not None and can_manage_country(user, draft.state_id) else None


def to_library_section(section: models.DraftSection) -> DraftSection:
    """Return a row as a section of the library."""
    quotation = section.quotation
    return DraftSection(
        section.section_id, section.part_id, section.heading, section.version,
        quotation and Quotation(section.finding, quotation["text"], quotation["citation"], quotation["language"]),
        parse_fields(section.fields),
    )  # fmt: skip


def to_library_draft(draft: models.Draft, sections: Iterable[models.DraftSection] | None = None) -> Draft:
    """Return a draft with its sections as they are now."""
    rows = draft.sections.all() if sections is None else sections
    return Draft(
        draft.public_id, draft.number, draft.state_id, draft.title, draft.language, draft.form_id, draft.form_version,
        Variant(draft.variant), tuple(map(to_library_section, rows)),
    )  # fmt: skip


def draft_as_docx(draft: models.Draft) -> bytes:
    """Return a draft as DOCX, as it is now, with its gaps as comments."""
    return write_draft_docx(to_library_draft(draft), find_form(draft.form_id, draft.form_version))


def section_as_exported(draft: models.Draft, section_id: str, version: int) -> DraftSection | None:
    """Return a section in an earlier version; None if it never had this version."""
    stored = (
        models.SectionVersion.objects.filter(section__draft=draft, section__section_id=section_id, version=version)
        .select_related("section")
        .first()
    )
    if stored is None:
        return None
    section = stored.section
    section.version, section.fields = stored.version, stored.fields
    return to_library_section(section)


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section in the list of a draft: its gaps, notes, newer records, and whether anything is written."""

    section: DraftSection
    gaps: tuple[Gap, ...]
    notes: int
    newer: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft with its sections, and what the user can do with it."""

    draft: models.Draft
    form: Form
    lines: tuple[SectionLine, ...]
    gap_count: int
    clearance: models.Clearance | None
    ended_clearance: models.Clearance | None  # the last one, if it no longer applies
    waiting_files: tuple[models.EditedFile, ...]
    next_version: models.Draft | None
    unplaced_notes: tuple[models.DraftNote, ...]
    can_clear: bool
    can_submit: bool
    wrote_it: bool  # the user wrote some of it, and so cannot clear it
    duty: DraftDuty | None


def draft_page(user: User, draft: models.Draft) -> DraftPage:
    """Return what the page of a draft shows."""
    library_draft, form = to_library_draft(draft), find_form(draft.form_id, draft.form_version)
    gaps = find_gaps(library_draft, form)
    notes = list(draft.notes.filter(done_at=None))
    current = current_records(library_draft)
    lines = tuple(
        SectionLine(
            section,
            tuple(gap for gap in gaps if gap.section_id == section.section_id),
            sum(note.section_id == section.section_id for note in notes),
            sum(is_newer(record, current) for record in dict.fromkeys(section.iter_records())),
            not section.fields,
        )
        for section in library_draft.sections
    )
    clearances = list(draft.clearances.all())
    in_force = next((clearance for clearance in clearances if clearance.ended_at is None), None)
    return DraftPage(
        draft=draft, form=form, lines=lines, gap_count=len(gaps), clearance=in_force,
        ended_clearance=clearances[-1] if clearances and in_force is None else None,
        waiting_files=tuple(draft.edited_files.filter(accepted_at=None)),
        next_version=draft.later_versions.first(),
        unplaced_notes=tuple(note for note in notes if not note.section_id),
        can_clear=can_clear_reports(user, draft.state_id), can_submit=can_submit_reports(user, draft.state_id),
        wrote_it=has_written(user, draft), duty=draft_duty(draft),
    )  # fmt: skip


def has_written(user: User, draft: models.Draft) -> bool:
    """Return whether a user saved a section of this version of the draft, or marked it as written."""
    versions = models.SectionVersion.objects.filter(section__draft=draft, by=user)
    return draft.written_by_id == user.pk or versions.exclude(cause=models.SectionVersion.Cause.START).exists()


def current_records(draft: Draft, *, only_public: bool = False) -> Mapping[RecordKey, Record]:
    """Return the records that a draft cites, as they are now and in the draft's language."""
    keys = {record.key for section in draft.sections for record in section.iter_records()}
    return find_records(keys, draft.language, only_public=only_public) if keys else {}


def is_newer(record: Record, current: Mapping[RecordKey, Record]) -> bool:
    """Return whether a cited record has a newer version with another sentence."""
    now = current.get(record.key)
    return now is not None and record.says_otherwise(now)


# --- One section ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of a section: its text, the newer versions of its records, and records that it does not cite yet.

    `others` are figures of indicators about other articles.
    """

    form_field: FormField
    label: str
    help: str
    content: FieldContent
    gap: str
    newer: Mapping[RecordKey, Record] = field(default_factory=dict)
    available: tuple[Record, ...] = ()
    others: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftSectionPage:
    """A section of a draft with its fields, notes and history."""

    section: DraftSection
    lines: tuple[FieldLine, ...]
    notes: tuple[models.DraftNote, ...]
    versions: tuple[models.SectionVersion, ...]
    not_public: frozenset[RecordKey]  # records in `lines` that only the desk sees
    corrected: frozenset[RecordKey]  # cited figures whose correction is not published yet


def section_page(draft: models.Draft, stored: models.DraftSection) -> DraftSectionPage:
    """Return what the page of a section shows."""
    section, form = to_library_section(stored), find_form(draft.form_id, draft.form_version)
    single = to_library_draft(draft, [stored])
    gaps = {gap.field_id for gap in find_gaps(single, form)}
    current = current_records(single)
    form_fields = form.part(section.part_id).fields_of(Variant(draft.variant))
    about, public = records_about([stored.finding], draft.language) if stored.finding else ({}, frozenset())
    candidates = about.get(stored.finding, [])
    others: list[Record] = []
    if any(RecordKind.FIGURE in form_field.takes for form_field in form_fields):
        figures, others = figures_about(draft.state_id, _articles_of(stored), draft.language)
        candidates, public = candidates + figures, public | {figure.key for figure in figures}
    cited = {record.key for record in section.iter_records()}
    language = get_language() or "en"
    lines = tuple(
        FieldLine(
            form_field,
            choose_text(form_field.label, language),
            choose_text(form_field.help, language),
            section.field(form_field.field_id),
            choose_text(form_field.gap, language) if form_field.field_id in gaps else "",
            {record.key: current[record.key] for record in section.iter_records() if is_newer(record, current)},
            tuple(record for record in candidates if record.key.kind in form_field.takes and record.key not in cited),
            tuple(record for record in others if record.key.kind in form_field.takes and record.key not in cited),
        )
        for form_field in form_fields
    )
    return DraftSectionPage(
        section, lines,
        tuple(draft.notes.filter(section_id=stored.section_id, done_at=None)),
        tuple(stored.versions.order_by("-version")),
        frozenset(key for record in candidates if (key := record.key) not in public),
        figures_with_correction(cited),
    )  # fmt: skip


def _articles_of(section: models.DraftSection) -> list[int] | None:
    """Return the articles of a section's recommendation; None for a section about the whole report."""
    if not section.finding:
        return None
    return list(FindingArticle.objects.filter(finding__public_id=section.finding).values_list("article", flat=True))


def fill_fields(form_fields: Iterable[FormField], records: Iterable[Record]) -> tuple[FieldContent, ...]:
    """Return the fields of a new section, filled with the sentences of records that each field takes."""
    known = list(records)
    return tuple(
        FieldContent(
            form_field.field_id,
            tuple(Block(record.text, record) for record in known if record.key.kind in form_field.takes),
        )
        for form_field in form_fields
        if form_field.takes
    )


# --- Edited files -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangedFormField:
    """A field that an edited file changes, with its label."""

    label: str
    difference: FieldDifference


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """A section that an edited file changes, compared with the section as it is now."""

    section: DraftSection
    fields: tuple[ChangedFormField, ...]
    saved_since: bool  # it was saved here after the file was exported, and accepting it would undo that


@dataclass(frozen=True, slots=True)
class WordPreview:
    """What an edited file changes: sections, notes and missing sections."""

    file: models.EditedFile
    changes: tuple[ChangedSection, ...]
    unchanged: int
    missing: tuple[DraftSection, ...]


def preview_file(draft: models.Draft, edited: models.EditedFile) -> WordPreview:
    """Return the differences between an edited file and the draft as it is now."""
    form = find_form(draft.form_id, draft.form_version)
    sections = {section.section_id: section for section in to_library_draft(draft).sections}
    changes = []
    unchanged = 0
    for data in edited.sections:
        section = sections.get(data["section"])
        if section is None:
            continue
        exported = section
        if section.version != data["version"]:
            exported = section_as_exported(draft, section.section_id, data["version"]) or section
        now = parse_fields(data["fields"])
        if not compare_fields(exported.fields, now):  # no one edited it in the file
            unchanged += 1
            continue
        labels = {
            one.field_id: choose_text(one.label, get_language() or "en") for one in form.part(section.part_id).fields
        }
        differences = compare_fields(section.fields, now)
        fields = tuple(ChangedFormField(labels.get(one.field_id, one.field_id), one) for one in differences)
        if fields:
            changes.append(ChangedSection(section, fields, section.version != data["version"]))
        else:
            unchanged += 1
    missing = tuple(sections[section_id] for section_id in edited.missing if section_id in sections)
    return WordPreview(edited, tuple(changes), unchanged, missing)


# --- Submitted and published reports ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A record that has changed since the submission, with the heading of the section that cites it."""

    heading: str
    change: RecordChange


@dataclass(frozen=True, slots=True)
class SubmittedReport:
    """A submitted report as it was frozen, and the changes of its records since."""

    submission: models.Submission
    draft: Draft
    form: Form
    parts: tuple[SubmittedSection, ...]
    changes: tuple[ChangeLine, ...]
    is_intact: bool
    newer: models.Draft | None  # a published later version


@dataclass(frozen=True, slots=True)
class SubmittedField:
    """A field of a submitted report, with its label in the language of the report."""

    label: str
    columns: tuple[str, ...]
    content: FieldContent


@dataclass(frozen=True, slots=True)
class SubmittedSection:
    """A section of a submitted report, with the changes of the records that it cites."""

    section: DraftSection
    fields: tuple[SubmittedField, ...]
    changes: tuple[RecordChange, ...]

    @property
    def written(self) -> tuple[SubmittedField, ...]:
        return tuple(field for field in self.fields if field.content.blocks or field.content.rows)

    @property
    def empty_labels(self) -> tuple[str, ...]:
        written = set(self.written)
        return tuple(field.label for field in self.fields if field not in written)


def find_published(public_id: str) -> models.Submission | None:
    """Return a published report by the public ID of its draft."""
    return (
        models.Submission.objects.filter(draft__public_id=public_id, published_at__isnull=False)
        .select_related("draft__report__document")
        .first()
    )


def published_reports(state: str) -> QuerySet[models.Submission]:
    """Return the published reports of a state, newest first."""
    return models.Submission.objects.filter(draft__state_id=state, published_at__isnull=False).select_related(
        "draft__report__document"
    )


def progress_panel(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel with a state's published reports, or None if there are none. Runs one query."""
    submissions = list(published_reports(code))
    return ("implementation/reports/_published.html", {"submissions": submissions}) if submissions else None


def submitted_texts(finding: str) -> list[tuple[str, str, str]]:
    """Return title, address and text of what a state's published reports say about a finding, by its public ID."""
    about = Finding.objects.filter(public_id=finding).first()
    ids = {finding, *find_earlier_ids(finding)}  # what is published quotes the version of its time
    texts = []
    for submission in published_reports(about.state_id) if about is not None and about.state_id else ():
        draft = FrozenDraft(submission.json, submission.sha256).thaw()
        for section in draft.sections:
            text = "\n\n".join(content.text for content in section.fields if content.text)
            if section.quotation is not None and section.quotation.finding in ids and text:
                url = reverse("implementation:published-report", args=[submission.draft.public_id])
                texts.append((draft.title, url, text))
    return texts


def submitted_report(submission: models.Submission) -> SubmittedReport:
    """Return a submitted report with what has changed since, as far as everyone can know it.

    Only records that were public on submission count, and measures that were added later and are public.
    """
    frozen = FrozenDraft(submission.json, submission.sha256)
    draft = frozen.thaw()
    form = find_form(draft.form_id, draft.form_version)
    public = {_parse_key(key) for key in submission.public_records}
    current = dict(current_records(draft, only_public=True))
    for section in draft.sections:  # what was never public is not shown as withdrawn
        current |= {record.key: record for record in section.iter_records() if record.key not in public}
    added = _added_since(draft, submission.submitted_at)
    changes = changed_since(draft, current, added)
    printed = Variant(draft.variant)
    parts = tuple(
        SubmittedSection(
            section,
            tuple(
                SubmittedField(
                    choose_text(form_field.label, draft.language),
                    tuple(choose_text(column, draft.language) for column in form_field.columns),
                    section.field(form_field.field_id),
                )
                for form_field in form.part(section.part_id).fields_of(printed)
                if not form_field.internal
            ),
            tuple(change for change in changes if change.section_id == section.section_id),
        )
        for section in draft.sections
    )
    headings = {section.section_id: section.heading for section in draft.sections}
    newer = submission.draft.later_versions.filter(submission__published_at__isnull=False).first()
    return SubmittedReport(
        submission, draft, form, parts, tuple(ChangeLine(headings[one.section_id], one) for one in changes),
        frozen.is_intact, newer,
    )  # fmt: skip


def _added_since(draft: Draft, moment: datetime) -> dict[str, list[Record]]:
    """Return the public measures that were added after a moment, by the finding that they answer."""
    findings = [section.quotation.finding for section in draft.sections if section.quotation is not None]
    about, _public = records_about(findings, draft.language, only_public=True)
    ids = [record.key.public_id for records in about.values() for record in records]
    new = set(
        models.Measure.objects.filter(public_id__in=ids, created_at__gt=moment).values_list("public_id", flat=True)
    )
    return {
        finding: [record for record in records if record.key.kind is RecordKind.MEASURE and record.key.public_id in new]
        for finding, records in about.items()
    }


def format_key(key: RecordKey) -> str:
    """Return a key as it is stored: "measure/0123456789abcdef"."""
    return f"{key.kind.value}/{key.public_id}"


def _parse_key(text: str) -> RecordKey:
    kind, _slash, public_id = text.partition("/")
    return RecordKey(RecordKind(kind), public_id)
