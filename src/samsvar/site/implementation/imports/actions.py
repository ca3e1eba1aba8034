"""Import of a table of measures, all or nothing, and its undo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.funding.tables import ImportOptions
from samsvar.implementation.measures import AnswerScope, ChangeCause, Stage
from samsvar.interchange.measure_import import ImportDecisions, MeasureImportPlan, NewRegion, PlannedMeasure
from samsvar.interchange.measure_tables import headings_of
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.implementation.imports import queries
from samsvar.site.implementation.imports.models import ColumnMapping, MeasureImport
from samsvar.site.implementation.measures.actions import (
    AlreadyUndone,
    link_answer,
    save_measure,
    save_plan,
    save_region,
    undo_changes,
)
from samsvar.site.implementation.measures.models import (
    Measure,
    Plan,
    PlanChapter,
    Region,
)
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
) -> MeasureImport:
    """Import a table of measures, all rows or none, and remember the columns for its headings.

    `fingerprint` is that of the preview. Raises ImportOutdated if the preview would now be another, ImportHasProblems
    while a row has a problem, and NothingToImport.
    """
    if not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        lock_change_number()
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
        imported = MeasureImport.objects.create(
            state_id=state,
            plan=_prepare_plan(by, state, target, plan),
            added=plan.counts["new"],
            changed=plan.counts["changed"],
            linked=plan.link_count,
            by=by,
            regions=[_create_region(by, state, region).pk for region in plan.regions_to_create],
        )
        _Writer(by, imported, target.language).write(plan, existing, decisions)
        _remember_columns(by, state, rows, options)
        record(
            by=by,
            verb="imported measures",
            subject=f"state {state}",
            details={"added": imported.added, "changed": imported.changed, "linked": imported.linked},
        )
    return imported


def _create_region(by: Account, state: str, region: NewRegion) -> Region:
    return save_region(by=by, state=state, values={"name": region.name, "kind": region.kind})


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
            "fixed": dict(options.fixed),
            "numbers": options.numbers,
            "days": options.days,
            "by": by,
            "at": timezone.now(),
        },
    )


class _Writer:
    """Writes measures whose values are given as texts by the columns of a table."""

    def __init__(self, by: Account, imported: MeasureImport, language: str) -> None:
        self.by, self.imported, self.language = by, imported, language
        self.organisations = queries.organisations_of(imported.state_id)
        self.regions = {region.name: region for region in Region.objects.filter(state_id=imported.state_id)}
        chapters = PlanChapter.objects.filter(plan=imported.plan) if imported.plan else ()
        self.chapters = {chapter.title: chapter for chapter in chapters}

    def write(self, plan: MeasureImportPlan, existing: Mapping[str, Measure], decisions: ImportDecisions) -> None:
        declined = [
            [planned.record, finding]
            for planned in plan.rows
            if planned.outcome == "same"
            for finding in _declined_findings(planned, decisions)
        ]
        findings = queries.findings_by_id({finding for planned in plan.rows for finding, _text in planned.links})
        for planned in plan.rows_to_write:
            measure = self._write_measure(planned, existing.get(planned.record))
            for finding, text in planned.links:
                reason = _now("Cited in the imported table as “%(citation)s”. No one has checked how much it answers.")
                link_answer(
                    by=self.by, measure=measure, finding=findings[finding], scope=AnswerScope.PART,
                    reason=reason % {"citation": text}, cause=ChangeCause.IMPORT, batch=self.imported.batch,
                )  # fmt: skip
            declined += [[measure.public_id, finding] for finding in _declined_findings(planned, decisions)]
        if declined:
            self.imported.declined = sorted(declined)
            self.imported.save(update_fields=["declined"])

    def _write_measure(self, planned: PlannedMeasure, measure: Measure | None) -> Measure:
        changed = {change.column for change in planned.changes} if measure else set(planned.values)
        values = self.columns(planned.values, changed)
        if measure is None:
            values |= {"plan": self.imported.plan, "language": self.language}
        elif not changed:
            return measure  # only links are new
        return save_measure(
            by=self.by,
            state=self.imported.state_id,
            values=values,
            existing=measure,
            bodies=self.bodies(planned.values["others"].split("; ")) if "others" in changed else None,
            stage=Stage(planned.values["stage"]) if "stage" in changed else None,
            reason=planned.step_reason,
            cause=ChangeCause.IMPORT,
            batch=self.imported.batch,
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


def _declined_findings(planned: PlannedMeasure, decisions: ImportDecisions) -> list[str]:
    """Return the findings that a row cites and that the user did not want to link."""
    cited = {finding for match in planned.citations for finding in match.findings}
    return [finding for number, finding in decisions.declined if number == planned.number and finding in cited]


# --- Undo -------------------------------------------------------------------------------------------------------------


def undo_import(*, by: Account, imported: MeasureImport) -> MeasureImport:
    """Undo an import, all or nothing: measures that it added are deleted, others get their old values.

    Regions that it created are deleted; those that others refer to by now are kept, and remain its `regions`.
    Raises the errors of `undo_changes`: `AlreadyUndone`, and `MeasuresChangedSince` with the titles of measures that
    were changed afterwards.
    """
    if not can_manage_country(by, imported.state_id):
        raise PermissionDenied
    with transaction.atomic():
        lock_change_number()
        imported = MeasureImport.objects.select_for_update().get(pk=imported.pk)
        if imported.undone_at is not None:
            raise AlreadyUndone
        undone = undo_changes(
            by=by, state=imported.state_id, batch=imported.batch, reason=_now("The import was undone.")
        )
        imported.regions = _delete_unused_regions(imported.regions)
        imported.undone_by, imported.undone_at = by, timezone.now()
        imported.save(update_fields=["undone_by", "undone_at", "regions"])
        record(
            by=by,
            verb="undid an import of measures",
            subject=f"state {imported.state_id}",
            details={"deleted": undone.deleted, "restored": undone.restored},
        )
    return imported


def _delete_unused_regions(regions: Sequence[int]) -> list[int]:
    """Delete regions that nothing refers to, and return those that were kept."""
    used: set[int] = set()
    for relation in Region._meta.related_objects:
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": regions})
        used |= set(rows.values_list(name, flat=True))
    Region.objects.filter(pk__in=set(regions) - used).delete()
    return sorted(used)
