"""What a table would do to the record: which row is which activity, what each value was and would be, what is in doubt.

Same code and same beneficiary state are the same thing; the same code elsewhere is another. Where a row could be one of
several things, or one or none, nobody guesses: a person says which, or leaves the row out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from samsvar.funding import loading, programmes, tables
from samsvar.funding.amounts import FundingError
from samsvar.funding.loading import BadCell
from samsvar.funding.programmes import Contradiction, Kind, Side
from samsvar.funding.projects import Result, Transaction
from samsvar.ids import stable_id
from samsvar.network.loading import Confidence
from samsvar.site.funding import models, queries
from samsvar.site.network.access.permissions import User

NEW, LEAVE = "+new", "+leave"  # what a person says of a row in doubt; anything else is the short name of an activity


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would become another; `after` is "" where it becomes empty."""

    column: str
    before: str
    after: str
    currency_before: str = ""
    currency_after: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An activity that is there, as far as it takes to know it again."""

    slug: str
    kind: str
    code: str
    title: str
    period: str
    states: frozenset[str]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What becomes of one row: "new", "changed", "same", "doubt", "wrong" (and why), or "left" out by choice."""

    number: int
    outcome: str
    title: str
    activity: programmes.Activity | None = None
    changes: tuple[Change, ...] = ()
    wrong: tuple[BadCell, ...] = ()
    candidates: tuple[Known, ...] = ()
    chosen: str = ""  # what a person said of it
    kept: tuple[str, ...] = ()  # columns whose cell is empty, and whose value stays
    money: tuple[Transaction, ...] = ()  # to be written
    results: tuple[Result, ...] = ()

    @property
    def writes_activity(self) -> bool:
        return self.outcome == "new" or any(change.column in loading.COLUMNS for change in self.changes)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said of single rows: what those in doubt are, and which are left out."""

    rows: Mapping[int, str] = field(default_factory=dict)
    left: frozenset[int] = frozenset()
    all_wrong: bool = False  # whether every row that cannot be taken is left out


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table would do to the record as it is now. `mark` changes with everything that it rests on."""

    lines: tuple[PlannedLine, ...]
    unread: tuple[str, ...]
    numbers: tables.Numbers
    days: tables.Days
    mark: str
    without_source: bool = False  # it changes values, and names no source for them

    @property
    def is_clean(self) -> bool:
        return not any(line.outcome in {"wrong", "doubt"} for line in self.lines)

    @property
    def writes(self) -> tuple[PlannedLine, ...]:
        return tuple(line for line in self.lines if line.outcome in {"new", "changed"})

    @property
    def left(self) -> tuple[PlannedLine, ...]:
        return tuple(line for line in self.lines if line.outcome == "left")

    @property
    def counts(self) -> Mapping[str, int]:
        outcomes = [line.outcome for line in self.lines]
        return {name: outcomes.count(name) for name in ("new", "changed", "same", "doubt", "wrong", "left")}


def plan_of(
    user: User | None, rows: Sequence[Sequence[str]], reading: tables.Reading, choices: Choices | None = None
) -> Plan:
    """What each row becomes, against what is there and what this user may keep; None is a command, which may all."""
    read = tables.rows_told(rows, reading)
    says = set(reading.columns.values()) | set(reading.fixed)
    if missing := [name for name in ("title",) if name not in says and not {"id", "code"} & says]:
        raise loading.BadTable(f"There is no column “{missing[0]}”.", "no_column")
    planner = _Planner(user, reading, choices or Choices())
    lines = tuple(map(planner.line, planner.parents_first(read.rows)))
    lines = tuple(sorted(lines, key=lambda line: line.number))
    named = "source" in says
    changed = any(line.outcome == "changed" and line.writes_activity for line in lines)
    return Plan(
        lines,
        read.unread,
        read.numbers,
        read.days,
        stable_id(*planner.rests_on),
        without_source=changed and not named,
    )


class _Planner:
    """The rows of one table, one after the other, against everything that is there."""

    def __init__(self, user: User | None, reading: tables.Reading, choices: Choices) -> None:
        self.user, self.reading, self.choices = user, reading, choices
        rows = queries.with_everything(models.Activity.objects.all()).prefetch_related("transactions", "results")
        self.rows = {row.slug: row for row in rows}
        self.there = {slug: _known(row) for slug, row in self.rows.items()}
        self.kinds = {slug: Kind(one.kind) for slug, one in self.there.items()}
        self.here: dict[str, tuple[int, programmes.Activity]] = {}  # what earlier rows of the table became
        self.rests_on: list[str] = []  # what is said and what is there, whatever a person chose
        self.parts: set[str] = set()  # ids of money and results that earlier rows told of
        self.codes: dict[str, set[str]] = {}
        self.with_code: dict[str, list[Known]] = {}
        self.with_title: dict[str, list[Known]] = {}
        for one in self.there.values():
            self.codes.setdefault(_fold(one.code), set()).add(one.slug)
            self.with_code.setdefault(_fold(one.code), []).append(one)
            self.with_title.setdefault(_fold(one.title), []).append(one)

    def parents_first(self, rows: Iterable[tables.Told]) -> list[tables.Told]:
        """Rows in the order of their kinds, so that what is a part finds its whole, whichever stands first."""
        order = {kind.value: place for place, kind in enumerate(Kind)}
        return sorted(rows, key=lambda row: (order.get(row.said.get("kind", ""), 9), row.number))

    def line(self, told: tables.Told) -> PlannedLine:
        title = told.said.get("title", "") or told.said.get("code", "") or told.said.get("id", "")
        line = self._line(told, title)
        wanted = told.number in self.choices.left or (self.choices.all_wrong and line.outcome == "wrong")
        if wanted or self.choices.rows.get(told.number) == LEAVE:
            return PlannedLine(
                told.number, "left", title, wrong=line.wrong, candidates=line.candidates, chosen=LEAVE
            )  # fmt: skip
        if line.activity and line.outcome in {"new", "changed", "same"}:
            self.here.setdefault(line.activity.slug, (told.number, line.activity))
            self.kinds.setdefault(line.activity.slug, line.activity.kind)
            self.codes.setdefault(_fold(line.activity.code), set()).add(line.activity.slug)
        return line

    def _line(self, told: tables.Told, title: str) -> PlannedLine:
        wrong = partial(PlannedLine, told.number, "wrong", title)
        self.rests_on.append(f"{told.number} {sorted(told.said.items())}")
        if told.wrong:
            return wrong(wrong=(*told.wrong, *_wrong_besides(told)))
        said = dict(told.said)
        slug, candidates = self._which(said)
        self.rests_on.extend(map(self._as_it_is, (slug, *(one.slug for one in candidates))))
        chosen = self.choices.rows.get(told.number, "")
        if chosen in {one.slug for one in candidates}:
            slug = chosen
        elif candidates and chosen != NEW:
            return PlannedLine(told.number, "doubt", title, candidates=candidates)
        row = self.rows.get(slug)
        before = queries.value_of(row) if row else None
        if bad := _mixed_currencies(said, before):
            return wrong(wrong=(bad,), candidates=candidates, chosen=chosen)
        if said.get("part_of"):
            said["part_of"] = self._whole(said["part_of"])
        merged, kept = self._merged(said, before, slug)
        activity, cells = loading.read_row(merged)
        if activity is None:
            return wrong(wrong=cells, candidates=candidates, chosen=chosen)
        if bad_cells := self._problems(activity, before):
            return wrong(wrong=bad_cells, candidates=candidates, chosen=chosen)
        try:
            money, results, changes = self._parts(said, activity, row)
            self._each_once((*money, *results))
        except _NoPart as bad_part:
            return wrong(wrong=(bad_part.cell,), candidates=candidates, chosen=chosen)
        own = _changes(before, activity) if before else ()
        if activity.slug in self.here:
            first, same = self.here[activity.slug]
            if activity != same or not any(said.get(name) for name in (*tables.MONEY, "result")):
                return wrong(wrong=(BadCell("id", activity.slug, "twice", f"It is the same as row {first}."),))
            own, before = (), activity
        outcome = "new" if before is None else "changed" if own or changes else "same"
        return PlannedLine(
            told.number, outcome, activity.title, activity, (*own, *changes), candidates=candidates, chosen=chosen,
            kept=kept if before else (), money=money, results=results,
        )  # fmt: skip

    def _as_it_is(self, slug: str) -> str:
        """All of an activity that a row could change; only its name where it is not there."""
        row = self.rows.get(slug)
        if row is None:
            return slug
        parts = (*map(queries.transaction_value, row.transactions.all()), *map(queries.result_value, row.results.all()))
        return f"{queries.value_of(row)} {parts}"

    # --- Which activity a row tells of ---

    def _which(self, said: Mapping[str, str]) -> tuple[str, tuple[Known, ...]]:
        """(its short name, () ) where that is sure; else ("the name it would have as a new one", what it may be)."""
        code, states = _fold(said.get("code", "")), frozenset(said.get("beneficiaries", "").split())
        with_code = self.with_code.get(code, []) if code else []
        in_state = [one for one in with_code if (states & one.states) or (states == one.states)]
        if slug := said.get("id", ""):
            here = self.there.get(slug)
            rivals = [one for one in in_state if one.slug != slug]
            if here or slug in self.here:
                return slug, tuple([here, *rivals] if here and rivals else ())
            return slug, tuple(rivals)
        twins = self._twins(said, states)
        new = self._free_slug(said)
        if code:
            sure = [one for one in in_state if one.kind == said.get("kind", one.kind)]
            if len(in_state) == 1 and sure:
                return sure[0].slug, ()
            if in_state:
                return new, tuple(in_state)
            if with_code and not states:
                same = [one for one in with_code if _fold(one.title) == _fold(said.get("title", ""))]
                return (same[0].slug, ()) if len(same) == 1 else (new, tuple(with_code))
            return new, tuple(one for one in twins if not one.code)
        if len(twins) == 1 and not twins[0].code and twins[0].states == states:
            return twins[0].slug, ()
        return new, tuple(twins)

    def _twins(self, said: Mapping[str, str], states: Collection[str]) -> list[Known]:
        """What is there of the same kind, title, states and period, as far as the row says them."""
        title = _fold(said.get("title", ""))
        return [
            one
            for one in (self.with_title.get(title, []) if title else [])
            if said.get("kind", "") in {"", one.kind}
            and (not states or one.states & set(states))
            and said.get("period", "") in {"", one.period}
        ]

    def _free_slug(self, said: Mapping[str, str]) -> str:
        """The short name of a new activity; with its states before it where its code alone is somebody else's name."""
        code, title, states = said.get("code", ""), said.get("title", ""), said.get("beneficiaries", "").split()
        own = loading.slug_for(code, title, states)
        if own not in self.there and not self._is_another(own, states):
            return own
        longer = loading.slug_for("", f"{code or said.get('period', '')} {'' if code else title}", states)
        return longer or own

    def _is_another(self, slug: str, states: Sequence[str]) -> bool:
        return slug in self.here and not set(self.here[slug][1].beneficiaries) & set(states)

    def _whole(self, named: str) -> str:
        """The short name of what a row is a part of, which may be named by its code."""
        if named in self.kinds:
            return named
        found = self.codes.get(_fold(named), set())
        return next(iter(found)) if len(found) == 1 else named

    # --- What becomes of its values ---

    def _merged(
        self, said: Mapping[str, str], before: programmes.Activity | None, slug: str
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """(the row as it would be, columns whose empty cell leaves what is there): an absent column says nothing."""
        old = loading.row_of(before) if before else {}
        own = {column: cell for column, cell in said.items() if column in loading.COLUMNS}
        kept = tuple(column for column, cell in own.items() if not cell and old.get(column) and column != "id")
        if self.reading.clears:
            kept = ()
        merged = {**old, **{column: cell for column, cell in own.items() if column not in kept}, "id": slug}
        if any(said.get(column) for column in tables.BODIES):
            there = before.partners if before and "partners" not in own else ()
            named = tables.with_bodies(there, said, merged.get("beneficiaries", "").split())
            told = [merged["partners"]] if merged.get("partners") and not there else []
            merged["partners"] = " | ".join([*told, *map(loading.partner_written, named)])
        if not any(said.get(column) for column in loading.AMOUNTS):
            merged["currency"] = old.get("currency", "")
        elif merged.get("grant") != old.get("grant") and "valued_on" not in own:
            merged["valued_on"] = ""  # the day was that of another sum
        return merged, kept

    def _problems(self, one: programmes.Activity, before: programmes.Activity | None) -> tuple[BadCell, ...]:
        return queries.problems_of(self.user, one, before, self.kinds)

    # --- Money and results ---

    def _parts(
        self, said: Mapping[str, str], activity: programmes.Activity, row: models.Activity | None
    ) -> tuple[tuple[Transaction, ...], tuple[Result, ...], tuple[Change, ...]]:
        """What hangs on the activity by this row, where it is not there already, and what that changes."""
        money, results, changes = list[Transaction](), list[Result](), list[Change]()
        source = _source_of(said, activity)
        for step in tables.MONEY:
            if said.get(step):
                one, old = self._money(step, said, activity, row, source)
                if old is None or old.amount != one.amount:
                    money.append(one)
                    had = (old.amount.written, old.amount.currency) if old else ("", "")
                    changes.append(Change(step, had[0], one.amount.written, had[1], one.amount.currency))
        if said.get("result"):
            new, old_result = self._result(said, activity, row, source)
            if old_result != new:
                results.append(new)
                changes.append(Change("result", _result_said(old_result), _result_said(new)))
        return tuple(money), tuple(results), tuple(changes)

    def _each_once(self, parts: Sequence[Transaction | Result]) -> None:
        for one in parts:
            if one.id in self.parts:
                raise _NoPart("money_on", one.id, "twice", "Another row tells of the same money or result.")
            self.parts.add(one.id)

    def _money(
        self, step: str, said: Mapping[str, str], activity: programmes.Activity, row: models.Activity | None,
        source: Mapping[str, Any],
    ) -> tuple[Transaction, Transaction | None]:  # fmt: skip
        day, currency = said.get("money_on", ""), said.get("currency", "").upper() or activity.currency
        there = [
            queries.transaction_value(one)
            for one in (row.transactions.all() if row else ())
            if one.step == step and one.day == day and one.currency == currency
        ]
        if len(there) > 1:
            raise _NoPart(step, said[step], "which_money", "Several sums of this step and day are there.")
        old = there[0] if there else None
        key = old.id if old else f"{activity.slug}-{stable_id(activity.slug, step, day, currency)[:8]}"[:60]
        row_of_money = {
            "id": key, "step": step, "amount": said[step], "currency": currency, "on": day, "payer": "", "receiver": "",
        }  # fmt: skip
        return _built(step, said[step], loading.transaction_of, {**row_of_money, **source}), old

    def _result(
        self, said: Mapping[str, str], activity: programmes.Activity, row: models.Activity | None,
        source: Mapping[str, Any],
    ) -> tuple[Result, Result | None]:  # fmt: skip
        there = [
            queries.result_value(one)
            for one in (row.results.all() if row else ())
            if _fold(one.what) == _fold(said["result"])
        ]
        old = there[0] if there else None
        key = old.id if old else f"{activity.slug}-{stable_id(activity.slug, _fold(said['result']))[:8]}"[:60]
        told = {name: said.get(f"result_{name}", "") for name in RESULT_OF_A_ROW}
        if old:
            kept = {
                "promised": old.promised, "came": old.came, "unit": old.unit,
                "promised_number": _written(old.promised_number), "came_number": _written(old.came_number),
            }  # fmt: skip
            told = {name: told[name] or kept[name] for name in RESULT_OF_A_ROW}
        days = {"begins": str(old.begins or "") if old else "", "ends": str(old.ends or "") if old else ""}
        made: Result = _built(
            "result", said["result"], loading.result_of, {"id": key, "what": said["result"], **told, **days, **source}
        )  # fmt: skip
        if old and _bare(made) == _bare(old):
            return old, old
        return made, old


RESULT_OF_A_ROW = ("promised", "promised_number", "came", "came_number", "unit")


class _NoPart(Exception):
    """Money or a result of a row that cannot be taken."""

    def __init__(self, column: str, cell: str, code: str, problem: str) -> None:
        super().__init__(problem)
        self.cell = BadCell(column, cell, code, problem)


def _built(column: str, cell: str, build: Callable[[Mapping[str, str]], Any], row: Mapping[str, str]) -> Any:
    try:
        return build(row)
    except Contradiction as error:
        raise _NoPart(column, cell, error.code, error.message) from error
    except FundingError as error:
        raise _NoPart(column, cell, error.code, error.message) from error
    except (ValueError, ArithmeticError) as error:
        raise _NoPart(column, cell, "no_source", str(error)) from error


def _source_of(said: Mapping[str, str], activity: programmes.Activity) -> dict[str, str]:
    """Who says so: the row, or the activity's own source where the row names none."""
    source = said.get("source") or activity.source
    sure = said.get("confidence") or (Confidence.SINGLE_SOURCE if source else Confidence.FROM_MEMORY).value
    second = said.get("second_source", "") if said.get("source") else activity.second_source
    return {"source": source, "second_source": second, "confidence": sure, "note": ""}


def _bare(one: Result) -> tuple[Any, ...]:
    return (one.what, one.promised, one.came, one.unit, one.promised_number, one.came_number)


def _written(number: Any) -> str:
    return "" if number is None else f"{number:f}"


def _result_said(one: Result | None) -> str:
    if one is None:
        return ""
    promised = " ".join(filter(None, (_written(one.promised_number), one.promised)))
    came = " ".join(filter(None, (_written(one.came_number), one.came)))
    return f"{one.what}: {promised or '–'} / {came or '–'} {one.unit}".strip()


def _wrong_besides(told: tables.Told) -> tuple[BadCell, ...]:
    """What else is wrong in the cells of a row whose numbers, days or names could not be read: it is told at once."""
    bad = {cell.column for cell in told.wrong}
    rest = {column: cell for column, cell in told.said.items() if column in loading.COLUMNS and column not in bad}
    return tuple(cell for cell in loading.read_row(rest)[1] if cell.cell and cell.column not in bad)


def _known(row: models.Activity) -> Known:
    states = frozenset(one.state_id for one in row.states.all() if one.side == Side.BENEFICIARY)
    return Known(row.slug, row.kind, row.code, row.title, row.period, states, row.language)


def _fold(text: str) -> str:
    return loading.plain(text)


def _mixed_currencies(said: Mapping[str, str], before: programmes.Activity | None) -> BadCell | None:
    """Where a row says some amounts in another currency, and others that are there would come along with it."""
    told = [column for column in loading.AMOUNTS if said.get(column)]
    currency = said.get("currency", "").upper()
    if before is None or not told or not currency or currency == before.currency or not before.currency:
        return None
    row = loading.row_of(before)
    others = [column for column in loading.AMOUNTS if row[column] and column not in told]
    problem = f"What is there is in {before.currency}."
    return BadCell("currency", currency, "different_currencies", problem) if others else None


def _changes(before: programmes.Activity, after: programmes.Activity) -> tuple[Change, ...]:
    old, new = loading.row_of(before), loading.row_of(after)
    return tuple(
        Change(column, old[column], new[column], old["currency"], new["currency"])
        for column in loading.COLUMNS
        if old[column] != new[column]
    )
