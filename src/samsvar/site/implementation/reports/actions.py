"""Actions on drafts of a report back: writing, Word files, clearance, submission and publication.

Every change locks the draft first, so that its status cannot change in the meantime, and is in the audit log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.implementation.drafts import (
    Block,
    DraftAct,
    DraftStatus,
    FieldContent,
    Quotation,
    Record,
    fields_to_list,
    freeze,
    next_status,
    parse_fields,
    removes_clearance,
    start_section,
)
from samsvar.implementation.forms import Form, FormPart, FormUse, Variant, find_form
from samsvar.interchange.report_back_docx import read_draft_docx, write_draft_docx
from samsvar.site.audit.actions import record
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.actions import record_duty
from samsvar.site.implementation.duties.queries import parse_step_key
from samsvar.site.implementation.measures.actions import acting_role
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.implementation.reports import queries
from samsvar.site.implementation.reports.permissions import can_clear_reports, can_submit_reports
from samsvar.site.implementation.reports.records import find_records, records_about
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan_for_viruses
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.office_documents import reject_active_content
from samsvar.site.shell.uploads import (
    FileType,
    Readable,
    check_file_type,
    read_private_file,
    read_with_limit,
    safe_filename,
    store_private_file,
)

MAX_WORD_BYTES = 10 * 1024 * 1024  # a draft of 60 sections has 0.1 MB; people paste pictures
MAX_WAITING_FILES = 5  # edited files of a draft that wait to be accepted; the oldest is deleted
# Private files are stored by kind and hash. This prefix prevents a file of another model from having the same path.
SUBMISSION_PREFIX = b"samsvar submitted report\n"
_CAUSES = models.SectionVersion.Cause


class ReportSectionChanged(SiteError):
    """Someone has saved the section since it was shown."""

    message = _("Someone has saved this section in the meantime.")
    advice = _("Copy your text, reload the page, and make your change again.")


class SecondPersonRequired(SiteError):
    """The person who wrote a draft wants to clear it."""

    message = _("You wrote part of this draft, or marked it as written.")
    effect = _("The draft is not cleared.")
    advice = _("Ask another member of the national desk to clear it.")


class EmptyDraft(SiteError):
    """No section of the draft has any text."""

    message = _("Nothing has been written yet.")
    effect = _("Nothing was changed.")
    advice = _("Write at least one section first.")


class ReportRequired(SiteError):
    """The form has a section for each recommendation, and no report with recommendations was chosen."""

    message = _("This form has a section for each recommendation.")
    advice = _("Choose the report whose recommendations it answers.")


class VersionExists(SiteError):
    """There already is a newer version of the draft."""

    message = _("There already is a newer version of this report.")
    effect = _("Nothing was changed.")
    advice = _("Open the newer version and edit that.")


class FileAlreadyAccepted(SiteError):
    """Someone has already accepted the edited file."""

    message = _("This file has already been accepted.")
    effect = _("Nothing was changed.")
    advice = _("Upload the file again if it has changed since.")


# --- Starting ---------------------------------------------------------------------------------------------------------


def create_draft(
    *,
    by: Account | None,
    state: str,
    form: Form,
    title: str,
    language: str,
    variant: Variant = Variant.FULL,
    report: Report | None = None,
    duty: str = "",
) -> models.Draft:
    """Create a draft, with a section for each recommendation of the report if the form has such sections.

    The sections are filled with the measures and evidence that answer the recommendations. `duty` is the key of the
    step that its submission completes, "" for none. `by` is None for the demonstration.
    """
    _check_desk(by, state)
    _check_duty(duty, form)
    repeats = any(part.for_each_finding for part in form.parts)
    if repeats and (report is None or report.document.state_id != state):
        raise ReportRequired
    with transaction.atomic():
        draft = models.Draft.objects.create(
            state_id=state, report=report if repeats else None, form_id=form.form_id, form_version=form.version,
            variant=variant, language=language, title=title.strip(), created_by=by, duty=duty,
        )  # fmt: skip
        _add_sections(draft, form, by)
        record(by=by, verb="created a draft report", subject=_subject(draft), details={"form": form.form_id})
    return draft


def _add_sections(draft: models.Draft, form: Form, by: Account | None) -> None:
    findings = list(queries.recommendations_of(draft.report)) if draft.report else []
    about, _public = records_about([finding.public_id for finding in findings], draft.language)
    rows: list[models.DraftSection] = []
    for part in form.parts:
        if not part.for_each_finding:
            rows.append(_build_section(draft, part, len(rows)))
            continue
        for number, finding in enumerate(findings, 1):
            section = _build_section(draft, part, len(rows), finding, number, about.get(finding.public_id, ()))
            rows.append(section)
    models.DraftSection.objects.bulk_create(rows)
    stored = models.DraftSection.objects.filter(draft=draft)
    models.SectionVersion.objects.bulk_create(
        models.SectionVersion(
            section=section,
            version=section.version,
            fields=section.fields,
            cause=_CAUSES.START,
            by=by,
            role=acting_role(by),
        )
        for section in stored
    )


def _build_section(
    draft: models.Draft, part: FormPart, order: int, finding: Finding | None = None, number: int = 0,
    records: Iterable[Record] = (),
) -> models.DraftSection:  # fmt: skip
    quotation, heading = None, ""
    if finding is not None:
        with override(draft.language):
            citation = short_citation(finding)
        quotation = Quotation(finding.public_id, finding.text, citation, finding.language)
        heading = f"{number}. {finding.heading or citation}"
    section = start_section(
        part, section_id=f"s{order}", language=draft.language, heading=heading[:300], quotation=quotation
    )
    filled = queries.fill_fields(part.fields_of(Variant(draft.variant)), records)
    return models.DraftSection(
        draft=draft, section_id=section.section_id, part_id=part.part_id, order=order, heading=section.heading,
        finding=finding.public_id if finding else "",
        quotation=quotation
        and {"text": quotation.text, "citation": quotation.citation, "language": quotation.language},
        fields=fields_to_list([*section.fields, *(one for one in filled if one.blocks)]),
    )  # fmt: skip


def start_new_version(*, by: Account | None, draft: models.Draft) -> models.Draft:
    """Create the next version of a submitted draft, with the same text; the submitted one stays as it is."""
    _check_desk(by, draft.state_id)
    with transaction.atomic():
        draft = _lock(draft)
        next_status(DraftStatus(draft.status), DraftAct.START_NEW_VERSION)
        if draft.later_versions.exists():
            raise VersionExists
        new = models.Draft.objects.create(
            state_id=draft.state_id, report=draft.report, form_id=draft.form_id, form_version=draft.form_version,
            variant=draft.variant, language=draft.language, title=draft.title, number=draft.number + 1,
            replaces=draft, created_by=by, duty=draft.duty,
        )  # fmt: skip
        for section in draft.sections.all():
            section.pk, section.draft, section.version = None, new, 1
            section.save(force_insert=True)
            _add_version(section, _CAUSES.START, by)
        record(by=by, verb="started a new version of a report", subject=_subject(new), details={"number": new.number})
    return new


# --- Writing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SavedText:
    """What a change saved: how many sections, and the clearance that no longer applies because of it."""

    sections: int
    ended_clearance: models.Clearance | None = None


def save_section(
    *, by: Account | None, draft: models.Draft, section_id: str, fields: Iterable[FieldContent], seen: int
) -> SavedText:
    """Save the text of a section as a new version; nothing is saved if nothing differs.

    `seen` is the version that the user edited.
    """
    _check_desk(by, draft.state_id)
    with transaction.atomic():
        return _save_sections(draft, {section_id: (seen, tuple(fields))}, _CAUSES.EDIT, by)


def take_newer_records(*, by: Account | None, draft: models.Draft, section_id: str) -> SavedText:
    """Replace the sentences of cited records by their newest version, except those that someone has edited."""
    _check_desk(by, draft.state_id)
    with transaction.atomic():
        stored = draft.sections.get(section_id=section_id)
        section = queries.to_library_section(stored)
        current = find_records((record.key for record in section.iter_records()), draft.language)
        fields = tuple(
            replace(content, blocks=tuple(_renew(block, current) for block in content.blocks))
            for content in section.fields
        )
        return _save_sections(draft, {section_id: (stored.version, fields)}, _CAUSES.RECORDS, by)


def _renew(block: Block, current: Any) -> Block:
    now = current.get(block.record.key) if block.record is not None else None
    if now is None or block.is_edited or not block.record.says_otherwise(now):  # type: ignore[union-attr]
        return block
    return Block(now.text, now)


def _save_sections(
    draft: models.Draft,
    texts: dict[str, tuple[int, tuple[FieldContent, ...]]],
    cause: models.SectionVersion.Cause,
    by: Account | None,
    *,
    overwrite: bool = False,
) -> SavedText:
    """Save sections by their id: the version seen, and the fields. With `overwrite`, an older version seen is fine."""
    draft = _lock(draft)
    status = DraftStatus(draft.status)
    after = next_status(status, DraftAct.CHANGE)
    changed = []
    for section in draft.sections.select_for_update().filter(section_id__in=texts):
        seen, fields = texts[section.section_id]
        if section.version != seen and not overwrite:
            raise ReportSectionChanged
        stored = fields_to_list(one for one in fields if one.blocks or one.rows)
        if stored == section.fields:
            continue
        section.fields, section.version = stored, section.version + 1
        section.save(update_fields=["fields", "version"])
        _add_version(section, cause, by)
        changed.append(section)
    if not changed:
        return SavedText(0)
    ended = _end_clearance(draft, changed[0].heading) if removes_clearance(status, DraftAct.CHANGE) else None
    draft.status = after
    draft.save(update_fields=["status"])
    record(
        by=by, verb="changed a draft report", subject=_subject(draft),
        details={
            "sections": [section.section_id for section in changed],
            "cause": cause.value,
            "ended_clearance": ended is not None,
        },
    )  # fmt: skip
    return SavedText(len(changed), ended)


def _add_version(section: models.DraftSection, cause: models.SectionVersion.Cause, by: Account | None) -> None:
    models.SectionVersion.objects.create(
        section=section, version=section.version, fields=section.fields, cause=cause, by=by, role=acting_role(by)
    )


def _end_clearance(draft: models.Draft, reason: str) -> models.Clearance | None:
    clearance = draft.clearances.filter(ended_at=None).first()
    if clearance is not None:
        clearance.ended_at, clearance.end_reason = timezone.now(), reason
        clearance.save(update_fields=["ended_at", "end_reason"])
    return clearance


# --- Word -------------------------------------------------------------------------------------------------------------


def receive_word(*, by: Account, draft: models.Draft, file: Readable, filename: str) -> models.EditedFile:
    """Read an edited Word file and store what it contains, until someone accepts it. The draft is not changed.

    The file is size-checked, scanned, and read in a child process; it is not stored.
    """
    _check_desk(by, draft.state_id)
    next_status(DraftStatus(draft.status), DraftAct.CHANGE)
    content = read_with_limit(file, limit=MAX_WORD_BYTES)
    check_file_type(content, FileType.DOCX)
    scan_for_viruses(content)
    reject_active_content(content)
    edited = read_draft_docx(
        content, queries.to_library_draft(draft), _form_of(draft),
        find_section=lambda section_id, version: queries.section_as_exported(draft, section_id, version),
    )  # fmt: skip
    with transaction.atomic():
        stored = models.EditedFile.objects.create(
            draft=draft, by=by, filename=safe_filename(filename), missing=list(edited.missing),
            sections=[
                {"section": section.section_id, "version": section.version, "fields": fields_to_list(section.fields)}
                for section in edited.sections
            ],
            notes=[
                {"kind": note.kind.value, "section": note.section_id, "text": note.text, "author": note.author[:120]}
                for note in edited.notes
            ],
        )  # fmt: skip
        newest = draft.edited_files.filter(accepted_at=None).values_list("pk", flat=True)[:MAX_WAITING_FILES]
        draft.edited_files.filter(accepted_at=None).exclude(pk__in=list(newest)).delete()
        record(by=by, verb="uploaded an edited report", subject=_subject(draft))
    return stored


def accept_word(*, by: Account, edited: models.EditedFile, section_ids: Collection[str]) -> SavedText:
    """Save the chosen sections of an edited file as new versions, and keep its notes.

    A section that was saved here in the meantime is replaced too, because the preview said so; its version is kept.
    """
    _check_desk(by, edited.draft.state_id)
    with transaction.atomic():
        edited = models.EditedFile.objects.select_for_update(of=("self",)).select_related("draft").get(pk=edited.pk)
        if edited.accepted_at is not None:
            raise FileAlreadyAccepted
        draft = edited.draft
        texts = {
            data["section"]: (data["version"], parse_fields(data["fields"]))
            for data in edited.sections
            if data["section"] in section_ids
        }
        result = _save_sections(draft, texts, _CAUSES.WORD, by, overwrite=True)
        models.DraftNote.objects.bulk_create(
            models.DraftNote(
                draft=draft, section_id=note["section"], kind=note["kind"], text=note["text"],
                author_name=note["author"], by=by,
            )
            for note in edited.notes
        )  # fmt: skip
        edited.accepted_at = timezone.now()
        edited.sections = edited.notes = []  # the text is in the versions now, and the notes are rows
        edited.save(update_fields=["accepted_at", "sections", "notes"])
        record(by=by, verb="accepted an edited report", subject=_subject(draft), details={"sections": result.sections})
    return result


def discard_word(*, by: Account, edited: models.EditedFile) -> None:
    """Delete what was read from an edited file; the draft stays as it is."""
    _check_desk(by, edited.draft.state_id)
    with transaction.atomic():
        if edited.accepted_at is not None:
            raise FileAlreadyAccepted
        record(by=by, verb="discarded an edited report", subject=_subject(edited.draft))
        edited.delete()


def finish_note(*, by: Account, note: models.DraftNote) -> None:
    """Mark a note of an edited file as dealt with."""
    _check_desk(by, note.draft.state_id)
    with transaction.atomic():
        note.done_at = timezone.now()
        note.save(update_fields=["done_at"])
        record(by=by, verb="dealt with a note of a report", subject=_subject(note.draft))


# --- Clearance and submission -----------------------------------------------------------------------------------------


def mark_written(*, by: Account | None, draft: models.Draft) -> None:
    """Say that a draft is ready to be cleared. The person who says so cannot clear it."""
    _check_desk(by, draft.state_id)
    with transaction.atomic():
        draft = _lock(draft)
        if not any(section.fields for section in draft.sections.all()):
            raise EmptyDraft
        draft.status = next_status(DraftStatus(draft.status), DraftAct.MARK_WRITTEN)
        draft.written_by, draft.written_at = by, timezone.now()
        draft.save(update_fields=["status", "written_by", "written_at"])
        record(by=by, verb="marked a report as written", subject=_subject(draft))


def return_draft(*, by: Account | None, draft: models.Draft) -> models.Clearance | None:
    """Send a draft back to be completed; return the clearance that ends with it, if there was one."""
    _check_desk(by, draft.state_id)
    with transaction.atomic():
        draft = _lock(draft)
        draft.status = next_status(DraftStatus(draft.status), DraftAct.RETURN)
        draft.save(update_fields=["status"])
        ended = _end_clearance(draft, "")
        record(by=by, verb="sent a report back", subject=_subject(draft), details={"ended_clearance": bool(ended)})
    return ended


def clear_draft(*, by: Account | None, draft: models.Draft, name: str, office: str) -> models.Clearance:
    """Clear a written draft on behalf of an office. Only someone who did not write any of it can."""
    if by is not None and not can_clear_reports(by, draft.state_id):
        raise PermissionDenied
    with transaction.atomic():
        draft = _lock(draft)
        if by is not None and queries.has_written(by, draft):
            raise SecondPersonRequired
        draft.status = next_status(DraftStatus(draft.status), DraftAct.CLEAR)
        draft.save(update_fields=["status"])
        clearance = models.Clearance.objects.create(draft=draft, by=by, name=name.strip(), office=office.strip())
        record(by=by, verb="cleared a report", subject=_subject(draft), details={"office": clearance.office})
    return clearance


def submit_draft(
    *, by: Account | None, draft: models.Draft, on_behalf_of: str, duty: str | None = None
) -> models.Submission:
    """Freeze a cleared draft with its hash and its file. Nothing can change it afterwards.

    The step that the draft is tied to is recorded as done today, unless it is done already. `duty` is the key of
    another step, "" for none; None leaves it as it is.
    """
    if by is not None and not can_submit_reports(by, draft.state_id):
        raise PermissionDenied
    with transaction.atomic():
        draft = _lock(draft)
        form = _form_of(draft)
        draft.status = next_status(DraftStatus(draft.status), DraftAct.SUBMIT)
        if duty is not None:
            _check_duty(duty, form)
            draft.duty = duty
        draft.save(update_fields=["status", "duty"])
        clearance = draft.clearances.get(ended_at=None)
        frozen = freeze(queries.to_library_draft(draft), form)
        text = frozen.thaw()
        content = write_draft_docx(
            text,
            form,
            gaps=(),
            include_internal=False,
            subtitle_lines=[on_behalf_of.strip(), f"SHA-256: {frozen.sha256}"],
        )
        public = queries.current_records(text, only_public=True)
        submission = models.Submission.objects.create(
            draft=draft, json=frozen.json, sha256=frozen.sha256, submitted_by=by,
            docx_hash=store_private_file(SUBMISSION_PREFIX + content), on_behalf_of=on_behalf_of.strip(),
            cleared_for=clearance.office, public_records=sorted(map(queries.format_key, public)),
        )  # fmt: skip
        duty_done = _complete_duty(draft, by)
        record(
            by=by, verb="submitted a report", subject=_subject(draft),
            details={"sha256": frozen.sha256, "duty_done": duty_done},
        )  # fmt: skip
    return submission


def _complete_duty(draft: models.Draft, by: Account | None) -> str:
    """Record the step of a submitted draft as done; return its key, or "" if there is none or it was done before."""
    duty = queries.draft_duty(draft)
    if duty is None or duty.is_done:
        return ""
    values = {"done": timezone.localdate().isoformat(), "done_source": f"report-back/{draft.public_id}"}  # its address
    record_duty(by=by, state=draft.state_id, procedure=duty.procedure, kind=duty.kind, values=values, draft=draft)
    return draft.duty


def publish_submission(*, by: Account | None, draft: models.Draft) -> models.Submission:
    """Publish a submitted report: its frozen text, its hash, and what has changed since."""
    if by is not None and not can_submit_reports(by, draft.state_id):
        raise PermissionDenied
    with transaction.atomic():
        draft = _lock(draft)
        draft.status = next_status(DraftStatus(draft.status), DraftAct.PUBLISH)
        draft.save(update_fields=["status"])
        submission = models.Submission.objects.select_for_update().get(draft=draft)
        submission.published_by, submission.published_at = by, timezone.now()
        submission.save(update_fields=["published_by", "published_at"])
        record(by=by, verb="published a report", subject=_subject(draft))
    return submission


def read_submitted_file(submission: models.Submission) -> bytes | None:
    """Return the file of a submitted report, or None if it is missing."""
    content = read_private_file(submission.docx_hash)
    return None if content is None else content.removeprefix(SUBMISSION_PREFIX)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _check_desk(by: Account | None, state: str) -> None:
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied


def _check_duty(duty: str, form: Form) -> None:
    """Raise ValueError for a step that no submission of the form completes."""
    if duty and (form.use is not FormUse.REPORT_BACK or not queries.is_completed_by_report(*parse_step_key(duty))):
        raise ValueError(f"a draft cannot complete this step: {duty}")


def _lock(draft: models.Draft) -> models.Draft:
    return models.Draft.objects.select_for_update(of=("self",)).select_related("report").get(pk=draft.pk)


def _form_of(draft: models.Draft) -> Form:
    return find_form(draft.form_id, draft.form_version)


def _subject(draft: models.Draft) -> str:
    return f"report {draft.public_id}"
