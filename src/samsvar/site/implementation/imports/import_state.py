"""The state of an import of measures, which the form carries between requests. No file is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from samsvar.funding.tables import MAX_COLUMNS, DateOrder, ImportOptions, NumberFormat
from samsvar.implementation.measures import RegionKind
from samsvar.interchange.measure_import import ImportDecisions
from samsvar.interchange.measure_tables import (
    MAPPABLE_COLUMNS,
    HeadingMatch,
    guess_layout,
    headings_of,
    match_headings,
)
from samsvar.interchange.tables import Sheet
from samsvar.site.implementation.imports import queries
from samsvar.site.implementation.imports.actions import Target
from samsvar.site.implementation.measures.models import Plan
from samsvar.site.shell.submitted_sheets import (
    InvalidImportState,
    dump_sheets,
    is_plain_number,
    load_sheets,
    parse_place,
    read_uploaded_sheets,
)

FIXED_COLUMNS = ("currency", "kind", "stage", "lead")  # values for every row, if the table has no such column


@dataclass(frozen=True, slots=True)
class MeasureImportState:
    """An uploaded table, where it goes, how it is read, and the user's decisions about its rows.

    `matches` say why a heading was taken for a column; they are empty if the columns are `remembered` from the last
    import of a table with these headings, or were chosen by the user.
    """

    sheets: tuple[Sheet, ...]
    sheet: int
    target: Target
    options: ImportOptions
    decisions: ImportDecisions = field(default_factory=ImportDecisions)
    matches: tuple[HeadingMatch, ...] = ()
    remembered: bool = False
    is_checked: bool = False  # whether the user has seen and confirmed the columns

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return self.sheets[self.sheet].rows

    @property
    def headings(self) -> tuple[str, ...]:
        return headings_of(self.rows, self.options.heading)

    @property
    def cells_json(self) -> str:
        return dump_sheets(self.sheets)

    @property
    def shown_for(self) -> str:
        """The sheet and heading row whose columns the page shows, to detect when the user changes either."""
        return f"{self.sheet}/{self.options.heading}"


def create_import_state(content: bytes, state: str, target: Target) -> MeasureImportState:
    """Read an uploaded table; take the columns that were chosen for its headings before, or guess them."""
    sheets = read_uploaded_sheets(content)
    readings = [guess_layout(sheet.rows) for sheet in sheets]
    best = max(range(len(sheets)), key=lambda place: (len(readings[place][0].columns), -place))
    options, matches = readings[best]
    remembered = queries.remembered_options(state, headings_of(sheets[best].rows, options.heading), options)
    if remembered is not None:
        return MeasureImportState(sheets, best, target, remembered, remembered=True, is_checked=True)
    return MeasureImportState(sheets, best, target, options, matches=matches)


def restore_import_state(data: QueryDict, state: str) -> MeasureImportState:
    """Restore the state from a submitted form, with the user's changes. Raises InvalidImportState."""
    sheets = load_sheets(data)
    sheet = parse_place(data.get("sheet", ""), 0, len(sheets) - 1)
    rows = sheets[sheet].rows
    heading = parse_place(data.get("heading", ""), 1, max(1, len(rows)))
    shown_sheet, _, shown_heading = data.get("shown_for", "").partition("/")
    matches: tuple[HeadingMatch, ...] = ()
    if shown_sheet != str(sheet):
        options, matches = guess_layout(rows)
    elif shown_heading != str(heading):
        matches = match_headings(headings_of(rows, heading))
        options = ImportOptions(heading, {match.place: match.column for match in matches})
    else:
        options = ImportOptions(heading, _parse_columns(data))
    fixed = {name: value[:200] for name in FIXED_COLUMNS if (value := data.get(f"fixed-{name}", "").strip())}
    options = replace(
        options,
        fixed={**options.fixed, **fixed},
        numbers=_parse_option(NumberFormat, data.get("numbers", "")),
        days=_parse_option(DateOrder, data.get("days", "")),
        clears=data.get("clears") == "on",
    )
    target = _parse_target(data, state)
    return MeasureImportState(sheets, sheet, target, options, _parse_decisions(data), matches, is_checked=not matches)


def _parse_target(data: QueryDict, state: str) -> Target:
    public_id = data.get("plan", "")
    plan = Plan.objects.filter(state_id=state, public_id=public_id).first() if public_id else None
    if public_id and plan is None:
        raise InvalidImportState
    return Target(plan, data.get("new_plan", "").strip()[:300] if plan is None else "", data.get("language", "en")[:8])


def _parse_columns(data: QueryDict) -> dict[int, str]:
    names = {place: data.get(f"column-{place}", "") for place in range(MAX_COLUMNS)}
    return {place: name for place, name in names.items() if name in MAPPABLE_COLUMNS}


def _parse_decisions(data: QueryDict) -> ImportDecisions:
    return ImportDecisions(
        skipped=frozenset(int(number) for number in data.getlist("skip") if is_plain_number(number)),
        skip_wrong=data.get("skip-wrong") == "on",
        declined=_parse_links(data.getlist("decline")),
        chosen=_parse_links(data.getlist("choose")),
        new_regions=_parse_new_regions(data.getlist("new-region")),
        all_new_regions=_parse_region_kind(data.get("all-new-regions", "")),
    )


def _parse_new_regions(values: Sequence[str]) -> dict[str, RegionKind]:
    """Return the kinds of regions to create by their names, submitted as "municipality:Lamp Town"."""
    pairs = [value.partition(":")[::2] for value in values]
    return {name[:200]: kind for text, name in pairs if name and (kind := _parse_region_kind(text))}


def _parse_region_kind(text: str) -> RegionKind | None:
    return RegionKind(text) if text in {*RegionKind} else None


def _parse_links(values: Sequence[str]) -> frozenset[tuple[int, str]]:
    """Return the (row, finding's ID) of links, submitted as "14:0123abcd0123abcd"."""
    pairs = [value.partition(":")[::2] for value in values]
    return frozenset((int(number), finding) for number, finding in pairs if is_plain_number(number))


def _parse_option[Format: (NumberFormat, DateOrder)](options: type[Format], text: str) -> Format:
    try:
        return options(text)
    except ValueError:
        return options.RECOGNISED
