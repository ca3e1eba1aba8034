"""Queries for imports of measures: the existing measures as records, findings that can be cited, and past imports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from samsvar.funding.tables import DateOrder, ImportOptions, NumberFormat
from samsvar.ids import hash_content
from samsvar.implementation.cited_findings import CitableFinding, CitationFit
from samsvar.implementation.measures import ChangeCause
from samsvar.interchange.measure_import import (
    ImportDecisions,
    MeasureImportPlan,
    MeasureRecord,
    PlannedMeasure,
    plan_measure_import,
)
from samsvar.interchange.measure_tables import (
    MAPPABLE_COLUMNS,
    fingerprint_headings,
    normalise_heading,
    parse_measures,
)
from samsvar.site.implementation.imports.models import ColumnMapping, MeasureImport
from samsvar.site.implementation.measures.models import Change, Measure, MeasureBody, Plan, Region
from samsvar.site.implementation.measures.queries import MeasureFilters, listed_measures, with_answers
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Organisation, User


def with_record_parts(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Return the measures with everything that `measure_record` reads."""
    return with_answers(measures).select_related("lead", "chapter", "region").prefetch_related("bodies__organisation")


def measure_record(measure: Measure) -> MeasureRecord:
    """Return a measure, from `with_record_parts`, by the columns of a table."""
    return MeasureRecord(
        measure.public_id,
        {
            "number": measure.reference,
            "title": measure.title,
            "description": measure.text,
            "kind": measure.kind,
            "lead": measure.lead_text,
            "others": "; ".join(body.text for body in measure.bodies.all()),
            "chapter": measure.chapter.title if measure.chapter else "",
            "region": measure.region.name if measure.region else "",
            "begins": measure.begins,
            "due": measure.due,
            "stage": measure.stage,
            "reason": measure.stop_reason,
            "amount": "" if measure.budget is None else f"{measure.budget:f}",
            "currency": measure.currency,
        },
        frozenset(answer.finding_id for answer in measure.current_answers),  # type: ignore[attr-defined]
        measure.currency if measure.paid is not None else "",
    )


def records_of_plan(state: str, plan: Plan | None) -> list[MeasureRecord]:
    """Return the measures with which the rows of an import into a plan are compared; None is no plan."""
    measures = with_record_parts(Measure.objects.filter(state_id=state, plan=plan))
    return [measure_record(measure) for measure in measures]


def citable_findings(state: str) -> list[CitableFinding]:
    """Return the public findings on a state as citations are compared with them, the strongest and latest first."""
    findings = (
        Finding.objects.filter(state_id=state)
        .exclude(review=Finding.Review.REJECTED)
        .select_related("report__document")
        .prefetch_related("articles")
        .order_by("rank", "-year", "ordinal")
    )
    return [
        CitableFinding(
            finding.public_id,
            finding.body,
            finding.paragraph,
            finding.year,
            finding.report.document.reference,
            frozenset(label.article for label in finding.articles.all()),
        )
        for finding in findings
    ]


def findings_by_id(public_ids: Collection[str]) -> dict[str, Finding]:
    """Return the public findings with these IDs."""
    return {finding.public_id: finding for finding in Finding.objects.filter(public_id__in=public_ids)}


def organisations_of(state: str) -> dict[str, Organisation]:
    """Return the organisations of a state by name."""
    return {organisation.name: organisation for organisation in Organisation.objects.filter(state_id=state)}


def known_bodies(state: str) -> list[str]:
    """Return the names of bodies that a cell is never split within: organisations, and bodies of existing measures."""
    names = set(organisations_of(state))
    names |= set(Measure.objects.filter(state_id=state).exclude(lead_name="").values_list("lead_name", flat=True))
    names |= set(MeasureBody.objects.filter(measure__state_id=state).exclude(name="").values_list("name", flat=True))
    return sorted(names)


def regions_of(state: str) -> list[str]:
    """Return the names of a state's regions and municipalities."""
    return list(Region.objects.filter(state_id=state).values_list("name", flat=True))


def plan_import(
    *,
    state: str,
    plan: Plan | None,
    has_plan: bool,
    rows: Sequence[Sequence[str]],
    options: ImportOptions,
    decisions: ImportDecisions,
) -> MeasureImportPlan:
    """Plan the import of a table into a plan of a state, or into none; `has_plan` also for a plan yet to be made."""
    return plan_measure_import(
        parse_measures(rows, options, bodies=known_bodies(state)),
        records_of_plan(state, plan) if plan or not has_plan else [],
        citable_findings(state),
        decisions,
        declined_before=declined_links(state),
        regions=regions_of(state),
        has_chapters=has_plan,
    )


# --- Remembered columns -----------------------------------------------------------------------------------------------


def hash_headings(headings: Iterable[str]) -> str:
    """Return the hash of a set of headings, by which the chosen columns are remembered."""
    return hash_content(fingerprint_headings(headings).encode())


def remembered_options(state: str, headings: Iterable[str], options: ImportOptions) -> ImportOptions | None:
    """Return the options that the state's desk last chose for these headings; None if it never imported them."""
    titles = list(headings)
    mapping = ColumnMapping.objects.filter(state_id=state, headings=hash_headings(titles)).first()
    if mapping is None:
        return None
    columns: dict[int, str] = {}
    for place, title in enumerate(titles):
        column = mapping.columns.get(normalise_heading(title))
        if column in MAPPABLE_COLUMNS and column not in columns.values():
            columns[place] = column
    return ImportOptions(
        options.heading,
        columns,
        {**options.fixed, **mapping.fixed},
        NumberFormat(mapping.numbers),
        DateOrder(mapping.days),
    )


def columns_by_heading(headings: Iterable[str], columns: Mapping[int, str]) -> dict[str, str]:
    """Return our columns by normalised heading; a column without a heading cannot be remembered."""
    return {
        normal: columns[place]
        for place, title in enumerate(headings)
        if place in columns and (normal := normalise_heading(title))
    }


# --- Past imports -----------------------------------------------------------------------------------------------------


def imports_of(state: str) -> QuerySet[MeasureImport]:
    """Return the imports of a state's measures, latest first."""
    return MeasureImport.objects.filter(state_id=state).select_related("plan", "by")


def find_import(state: str, public_id: str) -> MeasureImport | None:
    """Return an import of a state; None if there is none."""
    return imports_of(state).filter(public_id=public_id).first()


def regions_of_import(imported: MeasureImport) -> list[str]:
    """Return the names of the regions that an import created and that still exist."""
    return list(Region.objects.filter(pk__in=imported.regions).values_list("name", flat=True))


def declined_links(state: str) -> set[tuple[str, str]]:
    """Return the (measure's ID, finding's ID) of links that were left out of the state's imports."""
    return {
        (measure, finding)
        for declined in imports_of(state).filter(undone_at=None).values_list("declined", flat=True)
        for measure, finding in declined
    }


@dataclass(frozen=True, slots=True)
class ImportedChange:
    """A line of an import: the measure, whether it was added, and its values before and after by column."""

    measure: Measure
    is_new: bool
    values: tuple[tuple[str, Any, Any], ...]
    findings: tuple[Finding, ...] = ()  # that were linked


def changes_of_import(imported: MeasureImport) -> list[ImportedChange]:
    """Return what an import changed, by measure, in the order in which it was made."""
    lines: dict[int, list[Change]] = {}
    own = Change.objects.filter(batch=imported.batch, cause=ChangeCause.IMPORT)  # its undo has the same batch
    for change in own.exclude(measure=None).select_related("measure"):
        assert change.measure_id
        lines.setdefault(change.measure_id, []).append(change)
    findings = findings_by_id({change.finding for changes in lines.values() for change in changes if change.finding})
    return [_summarise_changes(changes, findings) for changes in lines.values()]


def _summarise_changes(changes: list[Change], findings: Mapping[str, Finding]) -> ImportedChange:
    measure = changes[0].measure
    assert measure is not None
    own = [change for change in changes if change.kind == Change.Kind.MEASURE]
    is_new = any(not change.before for change in own)
    values = (
        ()
        if is_new
        else tuple(
            (column, change.before.get(column, ""), after) for change in own for column, after in change.after.items()
        )
    )
    linked = [change.finding for change in changes if change.kind == Change.Kind.ANSWER and change.after]
    return ImportedChange(measure, is_new, values, tuple(findings[one] for one in linked if one in findings))


def exported_rows(user: User, state: str, filters: MeasureFilters, day: date) -> list[dict[str, str]]:
    """Return the measures of a list by the columns of a table, with the chapter only if the user can see the plan.

    The findings are cited with their public IDs, by which an import recognises them.
    """
    listed = listed_measures(user, state, filters, day=day)
    prefetch_related_objects([line.measure for line in listed], "bodies__organisation")
    return [
        {
            **measure_record(line.measure).values,
            "chapter": line.chapter.title if line.chapter else "",
            "findings": "; ".join(dict.fromkeys(f"{answer.citation} [{answer.finding}]" for answer in line.answers)),
        }
        for line in listed
    ]


# --- Preview ----------------------------------------------------------------------------------------------------------

MAX_SUGGESTIONS = 5  # findings about an article that the preview offers for a row; others are linked on their pages


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A citation in a row of the preview: the finding that fits it, or why none is linked (`fit`).

    `is_certain` links are made unless the user declines them, others only if the user chooses them. `value` is what a
    form submits for the link.
    """

    citation: str
    fit: str
    finding: Finding | None = None
    value: str = ""
    is_certain: bool = False
    is_selected: bool = False
    more: int = 0  # suggestions that are not shown


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the preview: the planned measure and the lines about its citations."""

    planned: PlannedMeasure
    links: tuple[LinkLine, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the row only adds a measure, so that there is nothing to decide."""
        return self.planned.outcome == "new" and not self.links


def preview_rows(plan: MeasureImportPlan) -> list[PreviewRow]:
    """Return the rows of a plan that change something, are skipped or have problems, with the findings they cite."""
    shown = [planned for planned in plan.rows if planned.outcome != "same" or planned.citations]
    findings = findings_by_id(
        {
            finding
            for planned in shown
            for match in planned.citations
            for finding in match.findings[: MAX_SUGGESTIONS + len(planned.linked)]
        }
    )
    rows = [PreviewRow(planned, tuple(_link_lines(planned, findings))) for planned in shown]
    return [preview for preview in rows if preview.planned.outcome != "same" or preview.links]


def _link_lines(planned: PlannedMeasure, findings: Mapping[str, Finding]) -> Iterator[LinkLine]:
    selected = {finding for finding, _text in planned.links}
    for match in planned.citations:
        open_ids = [finding for finding in match.findings if finding not in planned.linked]
        if not match.findings:
            yield LinkLine(match.citation.text, match.fit)
        more = max(len(open_ids) - MAX_SUGGESTIONS, 0)
        for number, public_id in enumerate(open_ids[:MAX_SUGGESTIONS], start=1):
            is_last = number == min(len(open_ids), MAX_SUGGESTIONS)
            yield LinkLine(
                match.citation.text,
                match.fit,
                findings.get(public_id),
                f"{planned.number}:{public_id}",
                is_certain=match.fit is CitationFit.ONE and public_id not in planned.declined_before,
                is_selected=public_id in selected,
                more=more if is_last else 0,
            )
