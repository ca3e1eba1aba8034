"""Import of a table of measures, all or nothing; undo of an import or a bulk edit; bulk edits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.funding.tables import ImportOptions
from samsvar.implementation.measures import AnswerScope, ChangeCause, Stage, TriageDecision
from samsvar.interchange.measure_import import ImportDecisions, MeasureImportPlan, PlannedMeasure
from samsvar.interchange.measure_tables import headings_of
from samsvar.site.audit.actions import record
from samsvar.site.implementation.imports import queries
from samsvar.site.implementation.imports.labels import TABLE_COLUMNS
from samsvar.site.implementation.imports.models import ColumnMapping, MeasureBatch
from samsvar.site.implementation.measures.actions import (
    change_measures,
    change_triage,
    end_answer,
    link_answer,
    lock_triage,
    save_measure,
    save_plan,
)
from samsvar.site.implementation.measures.models import (
    Answer,
    Change,
    Measure,
    MeasureBody,
    Plan,
    PlanChapter,
    Region,
)
from samsvar.site.implementation.measures.queries import measure_values
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.access.permissions import Account, Organisation
from samsvar.site.shell.errors import SiteError


class ImportOutdated(SiteError):
    """The table, its settings or the measures changed after the preview was shown."""

    message = _("The measures have changed since this preview was made.")
    advice = _("Check the new preview below, then import again.")


class ImportHasProblems(SiteError):
    """Some rows cannot be imported, so none is."""

    message = _("Some cells cannot be imported.")
    advice = _("Correct them in the spreadsheet and upload it again, or skip their rows.")


class NothingToImport(SiteError):
    """Every row is the same as an existing measure, or skipped."""

    message = _("There is nothing to import: everything already matches the spreadsheet.")


class NothingToChange(SiteError):
    """The measures of a bulk edit have these values already."""

    message = _("Nothing to change: the selected measures have these values already.")


class BatchUndone(SiteError):
    """The import was undone before."""

    message = _("This was undone before.")


class MeasuresChangedSince(SiteError):
    """Some measures were changed after the import, so that undoing it would lose these changes."""

    advice = _("Correct these measures one by one instead.")

    def __init__(self, titles: Sequence[str]) -> None:
        listed = "; ".join(f"“{title}”" for title in titles[:MAX_LISTED])
        more = f" … ({len(titles)})" if len(titles) > MAX_LISTED else ""
        super().__init__(_now("These measures have changed since: %(measures)s") % {"measures": listed + more})
        self.titles = tuple(titles)


MAX_LISTED = 10  # measures named in a message


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import puts its measures: a plan, a plan yet to be made, or none; and the language of their texts."""

    plan: Plan | None = None
    new_plan: str = ""  # the title of a plan to be made
    language: str = "en"

    @property
    def has_plan(self) -> bool:
        return self.plan is not None or bool(self.new_plan)


def import_measures(
    *,
    by: Account,
    state: str,
    target: Target,
    rows: Sequence[Sequence[str]],
    options: ImportOptions,
    decisions: ImportDecisions,
    fingerprint: str,
) -> MeasureBatch:
    """Import a table of measures, all rows or none, and remember the columns for its headings.

    `fingerprint` is that of the preview. Raises ImportOutdated if the preview would now be another, ImportHasProblems
    while a row has a problem, and NothingToImport.
    """
    if not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        existing = {
            measure.public_id: measure
            for measure in Measure.objects.select_for_update().filter(state_id=state, plan=target.plan)
        }
        plan = queries.plan_import(
            state=state, plan=target.plan, has_plan=target.has_plan, rows=rows, options=options, decisions=decisions
        )
        if plan.fingerprint != fingerprint:
            raise ImportOutdated
        if not plan.is_clean:
            raise ImportHasProblems
        if not plan.rows_to_write:
            raise NothingToImport
        batch = MeasureBatch.objects.create(
            state_id=state,
            plan=_prepare_plan(by, state, target, plan),
            added=plan.counts["new"],
            changed=plan.counts["changed"],
            linked=plan.link_count,
            by=by,
        )
        _Writer(by, batch, target.language).write(plan, existing, decisions)
        _remember_columns(by, state, rows, options)
        record(
            by=by,
            verb="imported measures",
            subject=f"state {state}",
            details={"added": batch.added, "changed": batch.changed, "linked": batch.linked},
        )
    return batch


def _prepare_plan(by: Account, state: str, target: Target, plan: MeasureImportPlan) -> Plan | None:
    """Return the plan of the measures, made if it is new, with the chapters that the rows name."""
    titles = dict.fromkeys(planned.values["chapter"] for planned in plan.rows_to_write if planned.values["chapter"])
    if target.plan is None:
        if not target.new_plan:
            return None
        values = {"title": target.new_plan, "language": target.language}
        return save_plan(by=by, state=state, values=values, chapters=[*titles])
    known = set(target.plan.chapters.values_list("title", flat=True))
    for order, title in enumerate((title for title in titles if title not in known), start=len(known)):
        PlanChapter.objects.create(plan=target.plan, title=title, order=order)
    return target.plan


def _remember_columns(by: Account, state: str, rows: Sequence[Sequence[str]], options: ImportOptions) -> None:
    headings = headings_of(rows, options.heading)
    ColumnMapping.objects.update_or_create(
        state_id=state,
        headings=queries.hash_headings(headings),
        defaults={
            "columns": queries.columns_by_heading(headings, options.columns),
            "numbers": options.numbers,
            "days": options.days,
            "by": by,
            "at": timezone.now(),
        },
    )


class _Writer:
    """Writes measures whose values are given as texts by the columns of a table."""

    def __init__(self, by: Account, batch: MeasureBatch, language: str) -> None:
        self.by, self.batch, self.language = by, batch, language
        self.organisations = queries.organisations_of(batch.state_id)
        self.regions = {region.name: region for region in Region.objects.filter(state_id=batch.state_id)}
        chapters = PlanChapter.objects.filter(plan=batch.plan) if batch.plan else ()
        self.chapters = {chapter.title: chapter for chapter in chapters}

    def write(self, plan: MeasureImportPlan, existing: Mapping[str, Measure], decisions: ImportDecisions) -> None:
        declined = []
        findings = queries.findings_by_id({finding for planned in plan.rows for finding, _text in planned.links})
        for planned in plan.rows_to_write:
            measure = self._write_measure(planned, existing.get(planned.record))
            for finding, text in planned.links:
                reason = _now("Cited in the imported table as “%(citation)s”. No one has checked how much it answers.")
                link_answer(
                    by=self.by, measure=measure, finding=findings[finding], scope=AnswerScope.PART,
                    reason=reason % {"citation": text}, cause=ChangeCause.IMPORT, batch=self.batch.batch,
                )  # fmt: skip
            declined += [
                [measure.public_id, finding] for number, finding in decisions.declined if number == planned.number
            ]
        if declined:
            self.batch.declined = sorted(declined)
            self.batch.save(update_fields=["declined"])

    def _write_measure(self, planned: PlannedMeasure, measure: Measure | None) -> Measure:
        changed = {change.column for change in planned.changes} if measure else set(planned.values)
        values = self.columns(planned.values, changed)
        if measure is None:
            values |= {"plan": self.batch.plan, "language": self.language}
        elif not changed:
            return measure  # only links are new
        return save_measure(
            by=self.by,
            state=self.batch.state_id,
            values=values,
            existing=measure,
            bodies=self.bodies(planned.values["others"].split("; ")) if "others" in changed else None,
            stage=Stage(planned.values["stage"]) if "stage" in changed else None,
            reason=planned.step_reason,
            cause=ChangeCause.IMPORT,
            batch=self.batch.batch,
        )

    def columns(self, values: Mapping[str, str], changed: Collection[str]) -> dict[str, Any]:
        """Return the columns of a measure for the changed columns of a table."""
        simple = {
            "number": "reference", "title": "title", "description": "text", "kind": "kind", "begins": "begins",
            "due": "due", "currency": "currency",
        }  # fmt: skip
        columns: dict[str, Any] = {ours: values[name] for name, ours in simple.items() if name in changed}
        if "amount" in changed:
            columns["budget"] = Decimal(values["amount"]) if values["amount"] else None
        if "lead" in changed:
            organisation = self.organisations.get(values["lead"])
            columns |= {"lead": organisation, "lead_name": "" if organisation else values["lead"]}
        if "region" in changed:
            columns["region"] = self.regions[values["region"]] if values["region"] else None
        if "chapter" in changed:
            columns["chapter"] = self.chapters[values["chapter"]] if values["chapter"] else None
        return columns

    def bodies(self, names: Iterable[str]) -> list[Organisation | str]:
        """Return the organisations with these names, and the names of bodies that are not listed here."""
        return [self.organisations.get(name, name) for name in names if name]


# --- Bulk edits -------------------------------------------------------------------------------------------------------


def edit_measures(
    *,
    by: Account,
    state: str,
    measures: Collection[Measure],
    values: Mapping[str, str],
    stage: Stage | None = None,
    reason: str = "",
) -> MeasureBatch:
    """Change several measures of a state in the same way, all or none, so that it can be undone as one.

    `values` may contain `due`, `kind`, `visibility` and the name of the `lead` body. Raises NothingToChange if all
    measures have these values already.
    """
    columns: dict[str, Any] = dict(values)
    if "lead" in values:
        organisation = queries.organisations_of(state).get(values["lead"])
        columns |= {"lead": organisation, "lead_name": "" if organisation else values["lead"]}
    with transaction.atomic():
        batch = MeasureBatch.objects.create(state_id=state, cause=ChangeCause.BULK, by=by, batch=uuid4())
        batch.changed = change_measures(
            by=by, state=state, measures=measures, values=columns, stage=stage, reason=reason, batch=batch.batch
        )
        if not batch.changed:
            raise NothingToChange
        batch.save(update_fields=["changed"])
    return batch


# --- Undo -------------------------------------------------------------------------------------------------------------


def undo_batch(*, by: Account, batch: MeasureBatch) -> MeasureBatch:
    """Undo an import or a bulk edit, all or nothing: measures that it added are deleted, others get their old values.

    Raises BatchUndone, and MeasuresChangedSince with the titles of measures that were changed afterwards.
    """
    if not can_manage_country(by, batch.state_id):
        raise PermissionDenied
    with transaction.atomic():
        batch = MeasureBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.undone_at is not None:
            raise BatchUndone
        changes = list(
            Change.objects.filter(batch=batch.batch)
            .exclude(measure=None)
            .select_related("measure__plan")
            .order_by("id")
        )
        measures = {change.measure.pk: change.measure for change in changes if change.measure}
        list(Measure.objects.select_for_update().filter(pk__in=[*measures]))
        added = {
            change.measure.pk
            for change in changes
            if change.measure and change.kind == Change.Kind.MEASURE and not change.before
        }
        _check_unchanged(measures, added, batch)
        undo = uuid4()
        for answer in _answers_of(changes, batch):
            if answer.measure_id not in added:
                reason = _now("The import was undone.")
                end_answer(by=by, answer=answer, reason=reason, cause=ChangeCause.UNDO, batch=undo)
        writer = _Writer(by, batch, "")
        for change in reversed(changes):
            if change.kind == Change.Kind.MEASURE and change.measure_id not in added:
                _restore(writer, change, undo)
        Measure.objects.filter(pk__in=added).delete()
        _restore_triages(by, batch, undo)
        batch.undone_by, batch.undone_at = by, timezone.now()
        batch.save(update_fields=["undone_by", "undone_at"])
        record(
            by=by,
            verb="undid an import of measures"
            if batch.cause == ChangeCause.IMPORT
            else "undid a bulk edit of measures",
            subject=f"state {batch.state_id}",
            details={"deleted": len(added), "restored": len(measures) - len(added)},
        )
    return batch


def _check_unchanged(measures: Mapping[int, Measure], added: Collection[int], batch: MeasureBatch) -> None:
    """Raise MeasuresChangedSince for measures with later changes, and for added ones that others refer to."""
    first = Change.objects.filter(batch=batch.batch).order_by("id").values_list("id", flat=True).first() or 0
    later: dict[int, list[Change]] = {}
    for change in Change.objects.filter(measure__in=measures, id__gt=first).exclude(batch=batch.batch).order_by("id"):
        assert change.measure_id
        later.setdefault(change.measure_id, []).append(change)
    changed = {pk for pk, changes in later.items() if _differs_after(measures[pk], changes)}
    for relation in Measure._meta.related_objects:
        if relation.related_model not in {MeasureBody, Answer, Change}:
            name = relation.field.name
            changed |= set(
                relation.related_model._base_manager.filter(**{f"{name}__in": added}).values_list(name, flat=True)
            )
    if changed:
        raise MeasuresChangedSince(sorted(measures[pk].title for pk in changed))


def _differs_after(measure: Measure, changes: Iterable[Change]) -> bool:
    """Return whether a measure differs from what it was before these changes: one that was undone leaves no trace."""
    before: dict[str, Any] = {}
    for change in changes:
        if change.kind != Change.Kind.MEASURE:
            return True
        for name, value in change.before.items():
            before.setdefault(name, value)
    current = measure_values(measure)
    return any(current[name] != value for name, value in before.items())


def _answers_of(changes: Iterable[Change], batch: MeasureBatch) -> list[Answer]:
    """Return the links to findings that an import made and that still apply."""
    pairs = {(change.measure_id, change.finding) for change in changes if change.kind == Change.Kind.ANSWER}
    current = Answer.objects.filter(
        measure__in={measure for measure, _finding in pairs}, ended_at=None, at__gte=batch.at
    ).select_related("measure")
    return [answer for answer in current if (answer.measure_id, answer.finding_id) in pairs]


def _restore(writer: _Writer, change: Change, undo: UUID) -> None:
    """Give a measure the values that it had before a change."""
    assert change.measure is not None
    measure, before = Measure.objects.get(pk=change.measure.pk), change.before
    values = {TABLE_COLUMNS.get(name, name): value for name, value in before.items()}
    if "chapter" in before:
        writer.chapters = {chapter.title: chapter for chapter in PlanChapter.objects.filter(plan=measure.plan_id)}
    columns = writer.columns(values, values)
    columns |= {name: before[name] for name in ("language", "visibility") if name in before}
    save_measure(
        by=writer.by,
        state=writer.batch.state_id,
        values=columns,
        existing=measure,
        bodies=writer.bodies(before["bodies"]) if "bodies" in before else None,
        stage=Stage(before["stage"]) if "stage" in before else None,
        reason=before.get("stop_reason", "") or _now("The import was undone."),
        cause=ChangeCause.UNDO,
        batch=undo,
    )
    if "stage" in before:
        Measure.objects.filter(pk=measure.pk).update(stage_since=_stage_since(measure, change))


def _stage_since(measure: Measure, change: Change) -> date | None:
    """Return the day on which a measure had reached the stage that it had before a change."""
    earlier = Change.objects.filter(measure=measure, id__lt=change.pk, after__has_key="stage").order_by("-id").first()
    return earlier.at.date() if earlier else None


def _restore_triages(by: Account, batch: MeasureBatch, undo: UUID) -> None:
    """Reopen findings that only this import had put in hand, unless someone decided about them since."""
    for change in Change.objects.filter(batch=batch.batch, kind=Change.Kind.TRIAGE).order_by("id"):
        later = Change.objects.filter(kind=Change.Kind.TRIAGE, finding=change.finding, id__gt=change.pk).exists()
        answered = Answer.objects.filter(finding_id=change.finding, ended_at=None).exists()
        finding = queries.findings_by_id({change.finding}).get(change.finding)
        if finding is None or later or answered:
            continue
        before = {name: change.before[name] for name in ("decision", "reason") if name in change.before}
        before["decision"] = TriageDecision(before.get("decision", TriageDecision.OPEN))
        change_triage(lock_triage(finding), before, by, ChangeCause.UNDO, undo)
