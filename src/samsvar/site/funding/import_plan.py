"""Preview of a table import: rows matched to activities, values before and after, and rows that are ambiguous.

A row with the code and the beneficiary state of an existing activity is that activity; the same code in another state
is a different one. If a row could be one of several activities, or a new one, the user decides or excludes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from samsvar.funding import loading, programmes, tables
from samsvar.funding.amounts import FundingError
from samsvar.funding.loading import CellProblem, normalise_term
from samsvar.funding.programmes import ActivityKind, PartnerSide
from samsvar.funding.projects import Result, Transaction
from samsvar.ids import stable_id
from samsvar.network.loading import Confidence
from samsvar.site.funding import models, queries
from samsvar.site.network.access.permissions import User

NEW, EXCLUDE = "+new", "+leave"  # decisions about an ambiguous row; other values are slugs of activities


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A change of one value; `after` is "" if the value is cleared."""

    column: str
    before: str
    after: str
    currency_before: str = ""
    currency_after: str = ""


@dataclass(frozen=True, slots=True)
class ExistingActivity:
    """The details of an existing activity that are needed to match rows to it."""

    slug: str
    kind: str
    code: str
    title: str
    period: str
    states: frozenset[str]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row with its outcome: "new", "changed", "same", "doubt" (ambiguous), "wrong" (invalid) or "left" (excluded)."""

    number: int
    outcome: str
    title: str
    activity: programmes.Activity | None = None
    changes: tuple[ValueChange, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    candidates: tuple[ExistingActivity, ...] = ()
    decision: str = ""  # the user's decision
    kept_columns: tuple[str, ...] = ()  # columns whose cell is empty and that therefore keep their value
    money: tuple[Transaction, ...] = ()  # to be saved
    results: tuple[Result, ...] = ()

    @property
    def writes_activity(self) -> bool:
        return self.outcome == "new" or any(change.column in loading.COLUMNS for change in self.changes)


@dataclass(frozen=True, slots=True)
class RowDecisions:
    """A user's decisions: which activity each ambiguous row is, and which rows are excluded."""

    rows: Mapping[int, str] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    exclude_invalid: bool = False  # whether all invalid rows are excluded


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The planned outcome of each row of an import, and a fingerprint of everything that the plan depends on."""

    rows: tuple[PlannedRow, ...]
    ignored_headings: tuple[str, ...]
    numbers: tables.NumberFormat
    days: tables.DateOrder
    fingerprint: str
    without_source: bool = False  # whether the plan changes values without naming a source for them

    @property
    def is_clean(self) -> bool:
        return not any(line.outcome in {"wrong", "doubt"} for line in self.rows)

    @property
    def rows_to_write(self) -> tuple[PlannedRow, ...]:
        return tuple(line for line in self.rows if line.outcome in {"new", "changed"})

    @property
    def excluded_rows(self) -> tuple[PlannedRow, ...]:
        return tuple(line for line in self.rows if line.outcome == "left")

    @property
    def counts(self) -> Mapping[str, int]:
        outcomes = [line.outcome for line in self.rows]
        return {name: outcomes.count(name) for name in ("new", "changed", "same", "doubt", "wrong", "left")}


def plan_import(
    user: User | None,
    rows: Sequence[Sequence[str]],
    options: tables.ImportOptions,
    decisions: RowDecisions | None = None,
) -> ImportPlan:
    """Plan the import of each row for this user; None is a management command, which may import everything."""
    parsed = tables.parse_rows(rows, options)
    given_columns = set(options.columns.values()) | set(options.fixed)
    if not {"title", "id", "code"} & given_columns:
        raise loading.InvalidTable("There is no column “title”.", "no_column")
    planner = _Planner(user, options, decisions or RowDecisions())
    planned_rows = tuple(map(planner.plan_row, planner.sort_parents_first(parsed.rows)))
    planned_rows = tuple(sorted(planned_rows, key=lambda planned: planned.number))
    changed = any(planned.outcome == "changed" and planned.writes_activity for planned in planned_rows)
    return ImportPlan(
        planned_rows, parsed.ignored_headings, parsed.numbers, parsed.days, stable_id(*planner.fingerprint_parts),
        without_source=changed and "source" not in given_columns,
    )  # fmt: skip


class _Planner:
    """Plans the rows of a table one by one, comparing each with the existing data and with earlier rows."""

    def __init__(self, user: User | None, options: tables.ImportOptions, decisions: RowDecisions) -> None:
        self.user, self.options, self.decisions = user, options, decisions
        rows = queries.prefetch_activity_data(models.Activity.objects.all()).prefetch_related("transactions", "results")
        self.rows = {row.slug: row for row in rows}
        self.existing = {slug: _build_existing_activity(row) for slug, row in self.rows.items()}
        self.kinds = {slug: ActivityKind(activity.kind) for slug, activity in self.existing.items()}
        # activities from earlier rows of the table
        self.planned_activities: dict[str, tuple[int, programmes.Activity]] = {}
        self.fingerprint_parts: list[str] = []  # the table and the existing data, but not the user's decisions
        self.part_ids: set[str] = set()  # IDs of transactions and results from earlier rows
        self.codes: dict[str, set[str]] = {}
        self.by_code: dict[str, list[ExistingActivity]] = {}
        self.by_title: dict[str, list[ExistingActivity]] = {}
        for activity in self.existing.values():
            self.codes.setdefault(normalise_term(activity.code), set()).add(activity.slug)
            self.by_code.setdefault(normalise_term(activity.code), []).append(activity)
            self.by_title.setdefault(normalise_term(activity.title), []).append(activity)

    def sort_parents_first(self, rows: Iterable[tables.ParsedRow]) -> list[tables.ParsedRow]:
        """Return the rows sorted by kind, so that parents are planned before their parts."""
        order = {kind.value: place for place, kind in enumerate(ActivityKind)}
        return sorted(rows, key=lambda row: (order.get(row.values.get("kind", ""), 9), row.number))

    def plan_row(self, parsed: tables.ParsedRow) -> PlannedRow:
        title = parsed.values.get("title", "") or parsed.values.get("code", "") or parsed.values.get("id", "")
        planned = self._evaluate_row(parsed, title)
        wanted = parsed.number in self.decisions.excluded or (
            self.decisions.exclude_invalid and planned.outcome == "wrong"
        )
        if wanted or self.decisions.rows.get(parsed.number) == EXCLUDE:
            return PlannedRow(
                parsed.number, "left", title, problems=planned.problems, candidates=planned.candidates, decision=EXCLUDE
            )  # fmt: skip
        if planned.activity and planned.outcome in {"new", "changed", "same"}:
            self.planned_activities.setdefault(planned.activity.slug, (parsed.number, planned.activity))
            self.kinds.setdefault(planned.activity.slug, planned.activity.kind)
            self.codes.setdefault(normalise_term(planned.activity.code), set()).add(planned.activity.slug)
        return planned

    def _evaluate_row(self, parsed: tables.ParsedRow, title: str) -> PlannedRow:
        invalid = partial(PlannedRow, parsed.number, "wrong", title)
        self.fingerprint_parts.append(f"{parsed.number} {sorted(parsed.values.items())}")
        if parsed.problems:
            return invalid(problems=(*parsed.problems, *_find_other_problems(parsed)))
        cells = dict(parsed.values)
        slug, candidates = self._match_activity(cells)
        self.fingerprint_parts.extend(map(self._serialise_existing_activity, (slug, *(one.slug for one in candidates))))
        decision = self.decisions.rows.get(parsed.number, "")
        if decision in {one.slug for one in candidates}:
            slug = decision
        elif candidates and decision != NEW:
            return PlannedRow(parsed.number, "doubt", title, candidates=candidates)
        stored = self.rows.get(slug)
        before = queries.to_library_activity(stored) if stored else None
        if currency_error := _find_currency_conflict(cells, before):
            return invalid(problems=(currency_error,), candidates=candidates, decision=decision)
        if cells.get("part_of"):
            cells["part_of"] = self._find_parent_slug(cells["part_of"])
        merged, kept_columns = self._merge_cells(cells, before, slug)
        activity, errors = loading.parse_row(merged)
        if activity is None:
            return invalid(problems=errors, candidates=candidates, decision=decision)
        if bad_cells := queries.find_problems(self.user, activity, before, self.kinds):
            return invalid(problems=bad_cells, candidates=candidates, decision=decision)
        try:
            money, results, changes = self._plan_transactions_and_results(cells, activity, stored)
            self._check_ids_are_unique((*money, *results))
        except _InvalidItem as bad_part:
            return invalid(problems=(bad_part.cell,), candidates=candidates, decision=decision)
        own_changes = _list_changes(before, activity) if before else ()
        if activity.slug in self.planned_activities:
            first, same = self.planned_activities[activity.slug]
            if activity != same or not any(cells.get(name) for name in (*tables.TRANSACTION_COLUMNS, "result")):
                return invalid(problems=(CellProblem("id", activity.slug, "twice", f"Row {first} has the same id."),))
            own_changes, before = (), activity
        outcome = "new" if before is None else "changed" if own_changes or changes else "same"
        return PlannedRow(
            parsed.number, outcome, activity.title, activity, (*own_changes, *changes), candidates=candidates,
            decision=decision,
            kept_columns=kept_columns if before else (), money=money, results=results,
        )  # fmt: skip

    def _serialise_existing_activity(self, slug: str) -> str:
        """Return as text everything that a row could change in an activity, or the slug if it does not exist yet."""
        stored = self.rows.get(slug)
        if stored is None:
            return slug
        parts = (
            *map(queries.to_library_transaction, stored.transactions.all()),
            *map(queries.to_library_result, stored.results.all()),
        )
        return f"{queries.to_library_activity(stored)} {parts}"

    # --- Matching rows to activities ----------------------------------------------------------------------------------

    def _match_activity(self, cells: Mapping[str, str]) -> tuple[str, tuple[ExistingActivity, ...]]:
        """Match a row to an activity: return (slug, ()) if certain, otherwise (slug for a new activity, candidates)."""
        code, states = normalise_term(cells.get("code", "")), frozenset(cells.get("beneficiaries", "").split())
        with_code = self.by_code.get(code, []) if code else []
        in_state = [one for one in with_code if (states & one.states) or (states == one.states)]
        if slug := cells.get("id", ""):
            existing = self.existing.get(slug)
            rivals = [one for one in in_state if one.slug != slug]
            if existing or slug in self.planned_activities:
                return slug, tuple([existing, *rivals] if existing and rivals else ())
            return slug, tuple(rivals)
        twins = self._find_similar_activities(cells, states)
        new = self._choose_slug(cells)
        if code:
            certain = [one for one in in_state if one.kind == cells.get("kind", one.kind)]
            if len(in_state) == 1 and certain:
                return certain[0].slug, ()
            if in_state:
                return new, tuple(in_state)
            if with_code and not states:
                same = [one for one in with_code if normalise_term(one.title) == normalise_term(cells.get("title", ""))]
                return (same[0].slug, ()) if len(same) == 1 else (new, tuple(with_code))
            return new, tuple(one for one in twins if not one.code)
        if len(twins) == 1 and not twins[0].code and twins[0].states == states:
            return twins[0].slug, ()
        return new, tuple(twins)

    def _find_similar_activities(self, cells: Mapping[str, str], states: Collection[str]) -> list[ExistingActivity]:
        """Return activities with the row's title, kind, period and one of its states; empty cells match any value."""
        title = normalise_term(cells.get("title", ""))
        return [
            activity
            for activity in (self.by_title.get(title, []) if title else [])
            if cells.get("kind", "") in {"", activity.kind}
            and (not states or activity.states & set(states))
            and cells.get("period", "") in {"", activity.period}
        ]

    def _choose_slug(self, cells: Mapping[str, str]) -> str:
        """Return the slug for a new activity; it begins with the states if the code alone is already in use."""
        code, title, states = cells.get("code", ""), cells.get("title", ""), cells.get("beneficiaries", "").split()
        own = loading.make_activity_slug(code, title, states)
        if own not in self.existing and not self._is_slug_taken(own, states):
            return own
        longer = loading.make_activity_slug("", f"{code or cells.get('period', '')} {'' if code else title}", states)
        return longer or own

    def _is_slug_taken(self, slug: str, states: Sequence[str]) -> bool:
        return slug in self.planned_activities and not set(self.planned_activities[slug][1].beneficiaries) & set(states)

    def _find_parent_slug(self, name: str) -> str:
        """Return the slug of the activity with this slug or code, or `name` unchanged if there is no single match."""
        if name in self.kinds:
            return name
        slugs = self.codes.get(normalise_term(name), set())
        return next(iter(slugs)) if len(slugs) == 1 else name

    # --- Merging values -----------------------------------------------------------------------------------------------

    def _merge_cells(
        self, cells: Mapping[str, str], before: programmes.Activity | None, slug: str
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the row merged with the existing values, and the columns whose empty cells keep the old value."""
        old = loading.row_from_activity(before) if before else {}
        own = {column: cell for column, cell in cells.items() if column in loading.COLUMNS}
        kept_columns = tuple(column for column, cell in own.items() if not cell and old.get(column) and column != "id")
        if self.options.clears:
            kept_columns = ()
        merged = {**old, **{column: cell for column, cell in own.items() if column not in kept_columns}, "id": slug}
        if any(cells.get(column) for column in tables.PARTNER_COLUMNS):
            partners = before.partners if before and "partners" not in own else ()
            new_partners = tables.combine_partners(partners, cells, merged.get("beneficiaries", "").split())
            given_partners = [merged["partners"]] if merged.get("partners") and not partners else []
            merged["partners"] = " | ".join([*given_partners, *map(loading.format_partner, new_partners)])
        if not any(cells.get(column) for column in loading.AMOUNT_COLUMNS):
            merged["currency"] = old.get("currency", "")
        elif merged.get("grant") != old.get("grant") and "valued_on" not in own:
            merged["valued_on"] = ""  # the old date belonged to a different amount
        return merged, kept_columns

    # --- Transactions and results -------------------------------------------------------------------------------------

    def _plan_transactions_and_results(
        self, cells: Mapping[str, str], activity: programmes.Activity, stored: models.Activity | None
    ) -> tuple[tuple[Transaction, ...], tuple[Result, ...], tuple[ValueChange, ...]]:
        """Return a row's transactions and results that are new or different, and the value changes to show for them."""
        money, results, changes = list[Transaction](), list[Result](), list[ValueChange]()
        source = _get_provenance(cells, activity)
        for step in tables.TRANSACTION_COLUMNS:
            if cells.get(step):
                transaction, old = self._plan_transaction(step, cells, activity, stored, source)
                if old is None or old.amount != transaction.amount:
                    money.append(transaction)
                    before, currency_before = (old.amount.plain_number, old.amount.currency) if old else ("", "")
                    amount = transaction.amount
                    changes.append(ValueChange(step, before, amount.plain_number, currency_before, amount.currency))
        if cells.get("result"):
            new, old_result = self._plan_result(cells, activity, stored, source)
            if old_result != new:
                results.append(new)
                changes.append(ValueChange("result", _describe_result(old_result), _describe_result(new)))
        return tuple(money), tuple(results), tuple(changes)

    def _check_ids_are_unique(self, parts: Sequence[Transaction | Result]) -> None:
        for part in parts:
            if part.id in self.part_ids:
                raise _InvalidItem("money_on", part.id, "twice", "Another row describes the same amount or result.")
            self.part_ids.add(part.id)

    def _plan_transaction(
        self, step: str, cells: Mapping[str, str], activity: programmes.Activity, stored: models.Activity | None,
        source: Mapping[str, Any],
    ) -> tuple[Transaction, Transaction | None]:  # fmt: skip
        day, currency = cells.get("money_on", ""), cells.get("currency", "").upper() or activity.currency
        matches = [
            queries.to_library_transaction(transaction)
            for transaction in (stored.transactions.all() if stored else ())
            if transaction.step == step and transaction.day == day and transaction.currency == currency
        ]
        if len(matches) > 1:
            raise _InvalidItem(step, cells[step], "which_money", "This step and date already have several amounts.")
        old = matches[0] if matches else None
        key = old.id if old else f"{activity.slug}-{stable_id(activity.slug, step, day, currency)[:8]}"[:60]
        values = {
            "id": key, "step": step, "amount": cells[step], "currency": currency, "on": day, "payer": "",
            "receiver": "",
        }  # fmt: skip
        return _build_item(step, cells[step], loading.transaction_from_row, {**values, **source}), old

    def _plan_result(
        self, cells: Mapping[str, str], activity: programmes.Activity, stored: models.Activity | None,
        source: Mapping[str, Any],
    ) -> tuple[Result, Result | None]:  # fmt: skip
        matches = [
            queries.to_library_result(result)
            for result in (stored.results.all() if stored else ())
            if normalise_term(result.what) == normalise_term(cells["result"])
        ]
        old = matches[0] if matches else None
        key = old.id if old else f"{activity.slug}-{stable_id(activity.slug, normalise_term(cells['result']))[:8]}"[:60]
        values = {name: cells.get(f"result_{name}", "") for name in RESULT_COLUMNS}
        if old:
            old_values = {
                "promised": old.promised, "came": old.came, "unit": old.unit,
                "promised_number": _format_number(old.promised_number), "came_number": _format_number(old.came_number),
            }  # fmt: skip
            values = {name: values[name] or old_values[name] for name in RESULT_COLUMNS}
        days = {"begins": str(old.begins or "") if old else "", "ends": str(old.ends or "") if old else ""}
        new: Result = _build_item(
            "result", cells["result"], loading.result_from_row,
            {"id": key, "what": cells["result"], **values, **days, **source}
        )  # fmt: skip
        if old and _comparable_fields(new) == _comparable_fields(old):
            return old, old
        return new, old


RESULT_COLUMNS = ("promised", "promised_number", "came", "came_number", "unit")


class _InvalidItem(Exception):
    """Raised when a transaction or a result of a row cannot be imported."""

    def __init__(self, column: str, cell: str, code: str, problem: str) -> None:
        super().__init__(problem)
        self.cell = CellProblem(column, cell, code, problem)


def _build_item(column: str, cell: str, build: Callable[[Mapping[str, str]], Any], values: Mapping[str, str]) -> Any:
    try:
        return build(values)
    except FundingError as error:
        raise _InvalidItem(column, cell, error.code, error.message) from error
    except (ValueError, ArithmeticError) as error:
        raise _InvalidItem(column, cell, "no_source", str(error)) from error


def _get_provenance(cells: Mapping[str, str], activity: programmes.Activity) -> dict[str, str]:
    """Return the source and confidence in the row; if it has no source, the activity's own source."""
    source = cells.get("source") or activity.source
    confidence = cells.get("confidence") or (Confidence.SINGLE_SOURCE if source else Confidence.UNVERIFIED).value
    second = cells.get("second_source", "") if cells.get("source") else activity.second_source
    return {"source": source, "second_source": second, "confidence": confidence, "note": ""}


def _comparable_fields(result: Result) -> tuple[Any, ...]:
    return (result.what, result.promised, result.came, result.unit, result.promised_number, result.came_number)


def _format_number(number: Any) -> str:
    return "" if number is None else f"{number:f}"


def _describe_result(result: Result | None) -> str:
    if result is None:
        return ""
    promised = " ".join(filter(None, (_format_number(result.promised_number), result.promised)))
    came = " ".join(filter(None, (_format_number(result.came_number), result.came)))
    return f"{result.what}: {promised or '–'} / {came or '–'} {result.unit}".strip()


def _find_other_problems(parsed: tables.ParsedRow) -> tuple[CellProblem, ...]:
    """Return further problems of a row that already has unreadable cells, so that all are reported at once."""
    bad = {cell.column for cell in parsed.problems}
    rest = {column: cell for column, cell in parsed.values.items() if column in loading.COLUMNS and column not in bad}
    return tuple(cell for cell in loading.parse_row(rest)[1] if cell.cell and cell.column not in bad)


def _build_existing_activity(activity: models.Activity) -> ExistingActivity:
    states = frozenset(one.state_id for one in activity.states.all() if one.side == PartnerSide.BENEFICIARY)
    return ExistingActivity(
        activity.slug, activity.kind, activity.code, activity.title, activity.period, states, activity.language
    )


def _find_currency_conflict(cells: Mapping[str, str], before: programmes.Activity | None) -> CellProblem | None:
    """Return a problem if a row has amounts in a new currency while the activity's other amounts keep the old one."""
    given = [column for column in loading.AMOUNT_COLUMNS if cells.get(column)]
    currency = cells.get("currency", "").upper()
    if before is None or not given or not currency or currency == before.currency or not before.currency:
        return None
    current_cells = loading.row_from_activity(before)
    others = [column for column in loading.AMOUNT_COLUMNS if current_cells[column] and column not in given]
    problem = f"The existing amounts are in {before.currency}."
    return CellProblem("currency", currency, "different_currencies", problem) if others else None


def _list_changes(before: programmes.Activity, after: programmes.Activity) -> tuple[ValueChange, ...]:
    old, new = loading.row_from_activity(before), loading.row_from_activity(after)
    return tuple(
        ValueChange(column, old[column], new[column], old["currency"], new["currency"])
        for column in loading.COLUMNS
        if old[column] != new[column]
    )
