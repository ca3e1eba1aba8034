"""Plan of an import of measures: which row is which measure, every cell that changes, and the findings it cites.

A row is a measure of the same plan if it has the same number; without a number, if it has the same title. Therefore
the same file twice changes nothing. An empty cell keeps the existing value unless the user chose otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal

from samsvar.funding.tables import ImportOptions
from samsvar.ids import stable_id
from samsvar.implementation.cited_findings import (
    CitableFinding,
    CitationFit,
    CitationMatch,
    find_cited_findings,
    match_citations,
)
from samsvar.implementation.measures import ReasonRequired, RegionKind, Stage, UnknownTransition, check_transition
from samsvar.interchange.measure_tables import (
    COLUMNS,
    MeasureCellProblem,
    ParsedMeasure,
    ParsedMeasureTable,
    cell_address,
    normalise_value,
)
from samsvar.text import fold

VALUE_COLUMNS: Final = tuple(column for column in COLUMNS if column != "findings")

type Outcome = Literal["new", "changed", "same", "wrong", "skipped"]


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """An existing measure: its values by our columns, and the IDs of the findings that it answers."""

    id: str
    values: Mapping[str, str]
    findings: frozenset[str] = frozenset()
    paid_currency: str = ""  # of an amount paid, which no table contains and no import may change


@dataclass(frozen=True, slots=True)
class MeasureCellChange:
    """A cell that changes a value; `address` is "" for a value that applies to every row or was derived."""

    address: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportDecisions:
    """A user's decisions: rows to skip, certain links to leave out, and suggested links to make, by row number.

    `new_regions` are the regions and municipalities to create, by their names; `all_new_regions` is the kind of all
    others that the table names and that do not exist, or None to create no others.
    """

    skipped: frozenset[int] = frozenset()
    skip_wrong: bool = False  # whether all rows with problems are skipped
    declined: frozenset[tuple[int, str]] = frozenset()
    chosen: frozenset[tuple[int, str]] = frozenset()
    new_regions: Mapping[str, RegionKind] = field(default_factory=dict)
    all_new_regions: RegionKind | None = None


@dataclass(frozen=True, slots=True)
class PlannedMeasure:
    """What an import does with a row. `values` are all values after it; `links` the findings that it will answer."""

    number: int
    outcome: Outcome
    title: str
    record: str = ""  # the ID of the existing measure; "" for a new one
    values: Mapping[str, str] = field(default_factory=dict)
    step_reason: str = ""  # why the stage changes, for the history
    changes: tuple[MeasureCellChange, ...] = ()
    problems: tuple[MeasureCellProblem, ...] = ()
    citations: tuple[CitationMatch, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (finding's ID, citation as written)
    linked: frozenset[str] = frozenset()  # the IDs of findings that the measure answers already
    declined_before: frozenset[str] = frozenset()  # and of those that someone left out of an earlier import
    split_bodies: bool = False
    kept_columns: tuple[str, ...] = ()  # columns whose cell is empty and that therefore keep their value


@dataclass(frozen=True, slots=True)
class NewRegion:
    """A region or municipality that a table names and the state does not have here.

    `kind` is None unless it is to be created; `similar` is the name of an existing one that is spelt almost like it.
    """

    name: str
    rows: int  # that name it and are not skipped
    kind: RegionKind | None = None
    similar: str = ""


@dataclass(frozen=True, slots=True)
class MeasureImportPlan:
    """The planned outcome of every row, and a fingerprint of the table and of the data that it was compared with."""

    rows: tuple[PlannedMeasure, ...]
    ignored_headings: tuple[str, ...]
    options: ImportOptions
    fingerprint: str
    new_regions: tuple[NewRegion, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not any(row.outcome == "wrong" for row in self.rows)

    @property
    def rows_to_write(self) -> tuple[PlannedMeasure, ...]:
        return tuple(row for row in self.rows if row.outcome in {"new", "changed"})

    @property
    def counts(self) -> dict[str, int]:
        outcomes = [row.outcome for row in self.rows]
        return {name: outcomes.count(name) for name in ("new", "changed", "same", "wrong", "skipped")}

    @property
    def problems(self) -> tuple[MeasureCellProblem, ...]:
        return tuple(problem for row in self.rows if row.outcome == "wrong" for problem in row.problems)

    @property
    def link_count(self) -> int:
        return sum(len(row.links) for row in self.rows_to_write)

    @property
    def regions_to_create(self) -> tuple[NewRegion, ...]:
        """The new regions that are to be created and that a row to be written is about."""
        names = {row.values["region"] for row in self.rows_to_write}
        return tuple(region for region in self.new_regions if region.kind is not None and region.name in names)


def plan_measure_import(
    table: ParsedMeasureTable,
    records: Sequence[MeasureRecord],
    findings: Sequence[CitableFinding] = (),
    decisions: ImportDecisions | None = None,
    *,
    declined_before: Collection[tuple[str, str]] = (),
    regions: Collection[str] | None = None,
    has_chapters: bool = True,
) -> MeasureImportPlan:
    """Plan the import of a parsed table into a plan whose measures are `records`.

    `declined_before` are the (measure's ID, finding's ID) of links that someone left out of an earlier import; they
    are not made again unasked. `regions` are the known names of the state's regions; None accepts any name.
    A row that names another one is wrong unless the decisions create it.
    `has_chapters` is False for measures without a plan, which therefore have no chapter.
    """
    planner = _Planner(
        table.options, records, findings, decisions or ImportDecisions(), declined_before, regions, has_chapters
    )
    rows = tuple(map(planner.plan, table.rows))
    parts = [f"{parsed.number} {sorted(parsed.values.items())}" for parsed in table.rows]
    parts += [f"{record.id} {sorted(record.values.items())} {sorted(record.findings)}" for record in records]
    parts += [f"{sorted(finding.id for finding in findings)}"]
    new_regions = tuple(planner.list_new_regions(table.rows))
    return MeasureImportPlan(rows, table.ignored_headings, table.options, stable_id(*parts), new_regions)


class _Planner:
    """Plans the rows of a table one by one, comparing each with the existing measures and with earlier rows."""

    def __init__(
        self,
        options: ImportOptions,
        records: Sequence[MeasureRecord],
        findings: Sequence[CitableFinding],
        decisions: ImportDecisions,
        declined_before: Collection[tuple[str, str]],
        regions: Collection[str] | None,
        has_chapters: bool,
    ) -> None:
        self.has_chapters = has_chapters
        self.options, self.findings, self.decisions = options, findings, decisions
        self.declined_before = frozenset(declined_before)
        self.regions = None if regions is None else {_fold(name): name for name in regions}
        self.new_names: dict[str, str] = {}  # of regions that do not exist, as the first row spells them
        self.new_kinds = {_fold(name): kind for name, kind in self.decisions.new_regions.items()}
        self.places = {column: place for place, column in options.columns.items()}
        self.by_number = _group(records, "number")
        self.by_title = _group(records, "title")
        self.rows_by_key: dict[str, int] = {}  # of earlier rows, by the measure that each is

    def plan(self, parsed: ParsedMeasure) -> PlannedMeasure:
        planned = self._evaluate(parsed)
        skipped = parsed.number in self.decisions.skipped or (self.decisions.skip_wrong and planned.outcome == "wrong")
        if skipped:
            return PlannedMeasure(parsed.number, "skipped", planned.title, planned.record, problems=planned.problems)
        if planned.outcome != "wrong":
            self.rows_by_key[self._key(parsed, planned.record)] = parsed.number
        return planned

    def _evaluate(self, parsed: ParsedMeasure) -> PlannedMeasure:
        problems = [*parsed.problems]
        record = self._find_record(parsed, problems)
        key = self._key(parsed, record.id if record else "")
        if (first := self.rows_by_key.get(key)) is not None:
            column = "number" if parsed.values.get("number") else "title"
            problems.append(
                self._problem(parsed, column, "row_repeated", f"Row {first} is the same measure.", str(first))
            )
        before = record.values if record else {}
        values, unchanged_columns = self._merge(parsed, before)
        self._check_place(parsed, values, problems)
        self._check_money(parsed, record, values, problems)
        self._check_stage(parsed, before, values, problems)
        title = values.get("title", "") or values.get("number", "")
        if problems:
            return PlannedMeasure(parsed.number, "wrong", title, record.id if record else "", problems=tuple(problems))
        changes = tuple(self._list_changes(parsed, before, values))
        linked = record.findings if record else frozenset()
        citations = match_citations(find_cited_findings(parsed.values.get("findings", "")), self.findings)
        links = tuple(self._choose_links(parsed.number, record, citations))
        outcome: Outcome = "new" if record is None else "changed" if changes or links else "same"
        return PlannedMeasure(
            parsed.number, outcome, title, record.id if record else "", values,
            step_reason=parsed.values.get("reason", ""), changes=changes if record else (),
            citations=citations, links=links, linked=linked,
            declined_before=frozenset(
                finding for measure, finding in self.declined_before if record and measure == record.id
            ),
            split_bodies=parsed.split_bodies,
            kept_columns=unchanged_columns if record else (),
        )  # fmt: skip

    def _find_record(self, parsed: ParsedMeasure, problems: list[MeasureCellProblem]) -> MeasureRecord | None:
        """Return the measure that a row is; None for a new one. Two that fit are a problem."""
        number, title = parsed.values.get("number", ""), parsed.values.get("title", "")
        if number and (same_number := self.by_number.get(_fold(number))):
            if len(same_number) > 1:
                problems.append(
                    self._problem(parsed, "number", "number_ambiguous", "Several measures have this number.")
                )
            return same_number[0]
        same_title = self.by_title.get(_fold(title), []) if title else []
        if number:
            same_title = [record for record in same_title if not record.values.get("number")]
        if len(same_title) > 1:
            problems.append(self._problem(parsed, "title", "title_ambiguous", "Several measures have this title."))
        return same_title[0] if same_title else None

    def _key(self, parsed: ParsedMeasure, record: str) -> str:
        return record or f"+{_fold(parsed.values.get('number', '') or parsed.values.get('title', ''))}"

    def _merge(self, parsed: ParsedMeasure, before: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return all values after the import, and the columns whose empty cell keeps the existing value."""
        values = {column: normalise_value(column, before.get(column, "")) for column in VALUE_COLUMNS}
        unchanged_columns = []
        for column in VALUE_COLUMNS:
            after = parsed.values.get(column)
            if after is None:
                continue
            if after == "" and values[column] and not (self.options.clears and column not in {"title", "stage"}):
                unchanged_columns.append(column)
            else:
                values[column] = after
        if not values["stage"]:
            values["stage"] = Stage.PROPOSED
        if values["stage"] != Stage.STOPPED:
            values["reason"] = ""  # the reason of another step belongs to the history, not to the measure
        if values["stage"] == before.get("stage"):
            values["reason"] = normalise_value("reason", before.get("reason", ""))
        return values, tuple(unchanged_columns)

    def _check_place(self, parsed: ParsedMeasure, values: dict[str, str], problems: list[MeasureCellProblem]) -> None:
        if values["chapter"] and not self.has_chapters:
            message = "A chapter needs a plan. Choose a plan, or skip the column."
            problems.append(self._problem(parsed, "chapter", "chapter_without_plan", message))
        if self.regions is None or not parsed.values.get("region"):
            return
        key = _fold(values["region"])
        known = self.regions.get(key)
        if known is None:
            known = self.new_names.setdefault(key, values["region"])
            if not any(problem.column == "region" for problem in problems) and self._new_kind(key):
                values["region"] = known
                return
            problems.append(self._problem(parsed, "region", "region_unknown", "The state has no region of this name."))
        else:
            values["region"] = known

    def _new_kind(self, key: str) -> RegionKind | None:
        """Return the kind with which a region is to be created; None if it is not."""
        return self.new_kinds.get(key, self.decisions.all_new_regions)

    def list_new_regions(self, rows: Iterable[ParsedMeasure]) -> Iterable[NewRegion]:
        """Yield the regions that rows name and that do not exist, in the order of their names."""
        counts: dict[str, int] = {}
        for parsed in rows:
            key = _fold(parsed.values.get("region", ""))
            if key in self.new_names and parsed.number not in self.decisions.skipped:
                counts[key] = counts.get(key, 0) + 1
        for key in sorted(counts):
            similar = get_close_matches(key, self.regions or (), n=1, cutoff=0.8)
            yield NewRegion(
                self.new_names[key],
                counts[key],
                self._new_kind(key),
                (self.regions or {})[similar[0]] if similar else "",
            )

    def _check_stage(
        self,
        parsed: ParsedMeasure,
        before: Mapping[str, str],
        values: Mapping[str, str],
        problems: list[MeasureCellProblem],
    ) -> None:
        """Check the step from the existing stage; a new measure may begin in any stage, stopped only with a reason."""
        after = Stage(values["stage"])
        reason = parsed.values.get("reason", "")
        try:
            if before.get("stage"):
                check_transition(Stage(before["stage"]), after, reason)
            elif after is Stage.STOPPED and not reason:
                raise ReasonRequired
        except ReasonRequired:
            problems.append(self._problem(parsed, "stage", "reason_missing", "This step of a measure needs a reason."))
        except UnknownTransition as error:
            problems.append(self._problem(parsed, "stage", "step_not_possible", error.message, str(error.before.value)))

    def _check_money(
        self,
        parsed: ParsedMeasure,
        record: MeasureRecord | None,
        values: dict[str, str],
        problems: list[MeasureCellProblem],
    ) -> None:
        paid_currency = record.paid_currency if record else ""
        if not values["amount"]:
            values["currency"] = paid_currency
        elif not values["currency"]:
            problems.append(self._problem(parsed, "amount", "currency_missing", "The amount has no currency."))
        elif paid_currency and values["currency"] != paid_currency:
            message = f"The amount paid is in {paid_currency}."
            problems.append(self._problem(parsed, "currency", "currency_of_payment", message, paid_currency))

    def _list_changes(
        self, parsed: ParsedMeasure, before: Mapping[str, str], values: Mapping[str, str]
    ) -> Iterable[MeasureCellChange]:
        for column in VALUE_COLUMNS:
            old = normalise_value(column, before.get(column, ""))
            if old != values[column]:
                yield MeasureCellChange(self._address(parsed, column), column, old, values[column])

    def _choose_links(
        self, number: int, record: MeasureRecord | None, citations: Iterable[CitationMatch]
    ) -> Iterable[tuple[str, str]]:
        """Yield the findings to link: certain ones unless declined, now or before, and suggestions that were chosen."""
        links: dict[str, str] = {}
        for match in citations:
            for finding in match.findings:
                if record and finding in record.findings:
                    continue
                certain = match.fit is CitationFit.ONE and (number, finding) not in self.decisions.declined
                if certain and record and (record.id, finding) in self.declined_before:
                    certain = False
                if certain or (number, finding) in self.decisions.chosen:
                    links.setdefault(finding, match.citation.text)
        return links.items()

    def _problem(
        self, parsed: ParsedMeasure, column: str, code: str, message: str, detail: str = ""
    ) -> MeasureCellProblem:
        cell = parsed.values.get(column, "")
        return MeasureCellProblem(self._address(parsed, column), column, cell, code, message, detail)

    def _address(self, parsed: ParsedMeasure, column: str) -> str:
        return "" if column not in self.places else cell_address(self.places[column], parsed.number)


def _group(records: Iterable[MeasureRecord], column: str) -> dict[str, list[MeasureRecord]]:
    groups: dict[str, list[MeasureRecord]] = {}
    for record in records:
        if key := _fold(record.values.get(column, "")):
            groups.setdefault(key, []).append(record)
    return groups


def _fold(text: str) -> str:
    """Return a number, title or name as it is compared: without case, accents and a full stop at its end."""
    return " ".join(fold(text).split()).rstrip(".")
