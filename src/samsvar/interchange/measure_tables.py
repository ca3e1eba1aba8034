"""Tables of measures: guessing the columns of a ministry's spreadsheet, parsing its cells, and export.

`guess_layout` inspects a table and says for each heading why it takes it for one of our columns; the user corrects it.
`parse_measures` returns each row in our own columns and terms, with every cell that cannot be read and its address
("C14"). `measure_import` compares the rows with the measures that exist. `format_measure` is the inverse of the
parser, so that an exported table can be imported again and changes nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from typing import Any

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.funding.amounts import FundingError, currency_codes
from samsvar.funding.tables import (
    MAX_COLUMNS,
    MAX_HEADING_ROW,
    AmbiguousAmount,
    AmbiguousCurrency,
    AmbiguousDate,
    ImportOptions,
    detect_formats,
    parse_date,
    parse_number,
)
from samsvar.implementation.measures import ImplementationError
from samsvar.text import fold, read_data_file

COLUMNS = (
    "number", "title", "description", "kind", "lead", "others", "chapter", "region", "begins", "due", "stage", "reason",
    "amount", "currency", "findings",
)  # fmt: skip
PERIOD = "period"  # a column such as "2024–2026", which fills `begins` and `due`
MAPPABLE_COLUMNS = (*COLUMNS, PERIOD)  # what a column of a table can be mapped to
DATE_COLUMNS = ("begins", "due")
NUMBER_COLUMNS = ("amount",)
# Maximum number of characters of a value, equal to the size of the database column.
MAX_LENGTHS: Mapping[str, int] = {
    "number": 40, "title": 300, "description": 4_000, "lead": 200, "others": 2_000, "chapter": 200, "region": 120,
    "reason": 1_000, "findings": 2_000,
}  # fmt: skip
MAX_ROWS = 2_000
MAX_AMOUNT = Decimal(10) ** 12


class InvalidMeasureTable(ImplementationError):
    """Raised when a table as a whole cannot be imported; `code` identifies the reason."""

    advice = "Correct the spreadsheet or its settings, then check it again."

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class HeadingReason(StrEnum):
    """Why a heading is taken for one of our columns."""

    KNOWN = "known"  # the heading is a known name of the column
    CONTAINS = "contains"  # a known name is part of the heading
    SIMILAR = "similar"  # the heading is spelt almost like a known name


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """A heading taken for one of our columns, and why: `known` is the known name, in `language`."""

    place: int  # from 0
    heading: str
    column: str
    reason: HeadingReason
    known: str
    language: str


@dataclass(frozen=True, slots=True)
class MeasureCellProblem:
    """A cell that cannot be imported: its address in the spreadsheet, what it contains, and what is wrong.

    `code` identifies the problem, `message` says it in English, and `detail` is the part of it that varies.
    """

    address: str
    column: str
    cell: str
    code: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMeasure:
    """A row in our columns and terms. `number` counts from 1; `values` has only the columns that the table has."""

    number: int
    values: Mapping[str, str]
    problems: tuple[MeasureCellProblem, ...] = ()
    split_bodies: bool = False  # whether the cell of the lead body names several; the first leads, the others take part


@dataclass(frozen=True, slots=True)
class ParsedMeasureTable:
    """A parsed table: its rows, the headings that are ignored, and the options with the formats that were detected."""

    rows: tuple[ParsedMeasure, ...]
    ignored_headings: tuple[str, ...]
    options: ImportOptions


# --- Guessing the columns ---------------------------------------------------------------------------------------------


def guess_layout(rows: Sequence[Sequence[str]]) -> tuple[ImportOptions, tuple[HeadingMatch, ...]]:
    """Guess the heading row (the one with the most known headings) and the columns; return why for each column."""
    candidates = rows[:MAX_HEADING_ROW]
    heading = max(range(len(candidates)), key=lambda place: (_count_known_headings(rows[place]), -place), default=0)
    if candidates and not _count_known_headings(rows[heading]):
        heading = next((place for place, cells in enumerate(rows) if sum(bool(cell.strip()) for cell in cells) > 1), 0)
    matches = match_headings(headings_of(rows, heading + 1))
    currency = next((_find_currency(match.heading) for match in matches if match.column == "amount"), "")
    fixed = {"currency": currency} if currency and "currency" not in {match.column for match in matches} else {}
    return ImportOptions(heading + 1, {match.place: match.column for match in matches}, fixed), matches


def _count_known_headings(cells: Sequence[str]) -> int:
    """Return how many columns have a known name among these cells; long cells are text, not headings."""
    columns = (_columns_by_heading().get(normalise_heading(cell)) for cell in cells[:MAX_COLUMNS] if len(cell) < 100)
    return len({known.column for known in columns if known})


def _find_currency(heading: str) -> str:
    """Return the currency in the heading of an amount, such as "Cost (NOK)"; "" if it names none."""
    words = re.findall(r"[A-Z]{3}", heading.replace("€", " EUR "))
    return next((word for word in words if word in currency_codes()), "")


def match_headings(headings: Sequence[str]) -> tuple[HeadingMatch, ...]:
    """Return the column of each heading that is recognised, by place; a column is given to its best heading only."""
    candidates = [
        candidate
        for place, heading in enumerate(headings[:MAX_COLUMNS])
        for candidate in _match_heading(place, " ".join(heading.split()))
    ]
    candidates.sort(key=_rank_match)
    by_place: dict[int, HeadingMatch] = {}
    taken: set[str] = set()
    for match in candidates:
        if match.place not in by_place and match.column not in taken:
            by_place[match.place] = match
            taken.add(match.column)
    return tuple(by_place[place] for place in sorted(by_place))


def _rank_match(match: HeadingMatch) -> tuple[int, int, int]:
    """Return the sort key of a match: the surest first, then the longest known name, then the leftmost heading."""
    return [*HeadingReason].index(match.reason), -len(match.known), match.place


MIN_SIMILARITY = 0.86  # "Respnsible body" is 0.96 like "Responsible body"; "Measure" and "Mesure" are 0.92
MIN_SIMILAR_LENGTH = 5  # shorter words are too often alike: "Lead" and "Land"


def _match_heading(place: int, heading: str) -> Iterator[HeadingMatch]:
    """Yield the best match of a heading with each column."""
    normal = normalise_heading(heading)
    if same := _columns_by_heading().get(normal):
        yield HeadingMatch(place, heading, same.column, HeadingReason.KNOWN, same.name, same.language)
        return
    best: dict[str, HeadingMatch] = {}
    for known in _known_headings() if normal else ():
        reason = _compare_heading(normal, known)
        if reason is not None:
            match = HeadingMatch(place, heading, known.column, reason, known.name, known.language)
            best[known.column] = min(best.get(known.column, match), match, key=_rank_match)
    yield from best.values()


def _compare_heading(normal: str, known: _KnownHeading) -> HeadingReason | None:
    if known.whole_only:
        return None
    if f" {known.normal} " in f" {normal} ":
        return HeadingReason.CONTAINS
    if min(len(normal), len(known.normal)) < MIN_SIMILAR_LENGTH or abs(len(normal) - len(known.normal)) > 3:
        return None
    matcher = SequenceMatcher(None, normal, known.normal, autojunk=False)
    return HeadingReason.SIMILAR if matcher.quick_ratio() >= MIN_SIMILARITY <= matcher.ratio() else None


@dataclass(frozen=True, slots=True)
class _KnownHeading:
    name: str
    normal: str
    column: str
    language: str
    whole_only: bool


def normalise_heading(heading: str) -> str:
    """Return a heading without case, accents, punctuation and the breaks between its words; "№" and "#" remain."""
    words = re.findall(r"[^\W_]+|#", fold(heading.replace("№", "no").replace("°", " ")))
    return " ".join(words)


def fingerprint_headings(headings: Iterable[str]) -> str:
    """Return the set of headings as one text, by which a mapping is remembered; their order makes no difference."""
    return "\n".join(sorted({normal for heading in headings if (normal := normalise_heading(heading))}))


@cache
def _load_words() -> Mapping[str, Any]:
    return tomllib.loads(read_data_file("samsvar.interchange", "measure_tables.toml"))


@cache
def _known_headings() -> tuple[_KnownHeading, ...]:
    words = _load_words()
    whole_only = {normalise_heading(name) for name in words["whole_heading_only"]}
    return tuple(
        _KnownHeading(name, normal, column, language, normal in whole_only)
        for column, names_by_language in words["columns"].items()
        for language, names in names_by_language.items()
        for name in names
        if (normal := normalise_heading(name))
    )


@cache
def _columns_by_heading() -> Mapping[str, _KnownHeading]:
    return {known.normal: known for known in reversed(_known_headings())}


def headings_of(rows: Sequence[Sequence[str]], heading: int) -> tuple[str, ...]:
    """Return the headings in a heading row, whose number counts from 1; "" for a column without one."""
    titles = rows[heading - 1] if 0 < heading <= len(rows) else ()
    return tuple(" ".join(title.split()) for title in titles[:MAX_COLUMNS])


# --- Parsing the rows -------------------------------------------------------------------------------------------------


def parse_measures(
    rows: Sequence[Sequence[str]], options: ImportOptions, *, bodies: Collection[str] = ()
) -> ParsedMeasureTable:
    """Parse each row below the heading; `bodies` are the known names of bodies, which may contain commas.

    Raises InvalidMeasureTable if there are no rows or too many, if a column is mapped twice, or if none is the title.
    """
    _check_columns(options)
    body = [
        (number, printed_cells)
        for number, printed_cells in enumerate(rows, start=1)
        if number > options.heading and any(cell.strip() for cell in printed_cells)
    ]
    if not body:
        raise InvalidMeasureTable("empty_table", "There are no rows below the heading.")
    if len(body) > MAX_ROWS:
        raise InvalidMeasureTable("too_many_rows", f"The table has {len(body)} rows; the limit is {MAX_ROWS}.")
    cells = [(number, _map_cells(printed_cells, options)) for number, printed_cells in body]
    detected = detect_formats([values for _, values in cells], options, NUMBER_COLUMNS, DATE_COLUMNS)
    parser = _RowParser(detected, {_fold_name(name): name for name in bodies})
    ignored = tuple(
        title
        for place, title in enumerate(headings_of(rows, options.heading))
        if title and place not in options.columns
    )
    return ParsedMeasureTable(tuple(parser.parse(number, values) for number, values in cells), ignored, detected)


def cell_address(place: int, number: int) -> str:
    """Return the address of a cell as a spreadsheet shows it: (2, 14) → "C14"; the place counts from 0."""
    letters = ""
    place += 1
    while place:
        place, remainder = divmod(place - 1, 26)
        letters = chr(65 + remainder) + letters
    return f"{letters}{number}"


def _check_columns(options: ImportOptions) -> None:
    mapped = [*options.columns.values()]
    twice = next((column for column in mapped if mapped.count(column) > 1), None)
    if twice is not None:
        raise InvalidMeasureTable("column_twice", f"Two columns are mapped to “{twice}”.")
    if PERIOD in mapped and set(mapped) & set(DATE_COLUMNS):
        raise InvalidMeasureTable("period_and_dates", "A column with periods and one with dates are both mapped.")
    if "title" not in mapped:
        raise InvalidMeasureTable("no_title", "No column is mapped to the title of the measure.")


def _map_cells(cells: Sequence[str], options: ImportOptions) -> dict[str, str]:
    values = {column: cells[place].strip() if place < len(cells) else "" for place, column in options.columns.items()}
    return values | {column: value for column in options.fixed if (value := options.get_fixed_value(column))}


class _CellError(Exception):
    """A cell that cannot be read, before its address is known."""

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.detail = code, message, detail


class _RowParser:
    """Parses the cells of a row with the options of its table."""

    def __init__(self, options: ImportOptions, bodies: Mapping[str, str]) -> None:
        self.options, self.bodies = options, bodies
        self.places = {column: place for place, column in options.columns.items()}
        self.number = 0
        self.problems: list[MeasureCellProblem] = []

    def parse(self, number: int, cells: Mapping[str, str]) -> ParsedMeasure:
        self.number, self.problems = number, []
        values = dict(cells)
        lead_bodies: tuple[str, ...] = ()
        if PERIOD in values:
            del values[PERIOD]
            values |= self._convert(PERIOD, cells[PERIOD], self._parse_period, {"begins": "", "due": ""})
        for column in DATE_COLUMNS:
            if column in cells:
                values[column] = self._convert(column, cells[column], self._parse_date, "")
        if "kind" in cells:
            values["kind"] = self._convert("kind", cells["kind"], _parse_kind, "")
        if "stage" in cells:
            values["stage"] = self._convert("stage", cells["stage"], _parse_stage, "")
        if "amount" in cells:
            values |= self._convert("amount", cells["amount"], self._parse_amount, {"amount": ""})
        if cells.get("currency"):
            self._set_currency(values, self._convert("currency", cells["currency"], _parse_currency, ""), cells)
        if "others" in cells:
            values["others"] = "; ".join(self._split_bodies(cells["others"]))
        if "lead" in cells:
            lead_bodies = self._split_bodies(cells["lead"])
            values["lead"] = lead_bodies[0] if lead_bodies else ""
            if len(lead_bodies) > 1:
                others = [*lead_bodies[1:], *filter(None, values.get("others", "").split("; "))]
                values["others"] = "; ".join(dict.fromkeys(others))
        for column in ("number", "title", "chapter", "region", "reason", "description", "findings"):
            if column in values:
                values[column] = normalise_value(column, values[column])
        self._check_row(values)
        return ParsedMeasure(number, values, tuple(self.problems), split_bodies=len(lead_bodies) > 1)

    def _set_currency(self, values: dict[str, str], currency: str, cells: Mapping[str, str]) -> None:
        """Set the row's currency; one in the cell of the amount may differ only from the value for every row."""
        in_amount = values.get("currency", "") if "amount" in cells else ""
        if in_amount in {"", cells["currency"]}:
            values["currency"] = currency
        elif "currency" in self.places and currency and currency != in_amount:
            message = f"The amount is in {in_amount}, and the row in {currency}."
            self._note("currency", cells["currency"], "different_currencies", message, f"{in_amount}, {currency}")

    def _convert[Value](self, column: str, cell: str, parse: Callable[[str], Value], empty: Value) -> Value:
        """Return the value of a cell; on an error, note the problem and return the empty value."""
        if not cell:
            return empty
        try:
            return parse(cell)
        except _CellError as error:
            self._note(column, cell, error.code, error.message, error.detail)
            return empty

    def _note(self, column: str, cell: str, code: str, message: str, detail: str = "") -> None:
        place = self.places.get(column, self.places.get(PERIOD if column in DATE_COLUMNS else column))
        address = "" if place is None else cell_address(place, self.number)
        self.problems.append(MeasureCellProblem(address, column, cell, code, message, detail))

    def _check_row(self, values: Mapping[str, str]) -> None:
        if not values.get("title"):
            self._note("title", "", "title_missing", "The title of the measure is missing.")
        for column, limit in MAX_LENGTHS.items():
            if len(values.get(column, "")) > limit:
                message = f"The text has {len(values[column])} characters; the limit is {limit}."
                self._note(column, values[column], "too_long", message, str(limit))
        too_long = [name for name in values.get("others", "").split("; ") if len(name) > MAX_LENGTHS["lead"]]
        for name in too_long[:1]:
            message = f"The name of a body has {len(name)} characters; the limit is {MAX_LENGTHS['lead']}."
            self._note("others", name, "too_long", message, str(MAX_LENGTHS["lead"]))
        begins, due = (_to_partial_date(values.get(column, "")) for column in DATE_COLUMNS)
        if begins and due and begins.earliest > due.latest:
            self._note("due", values["due"], "due_before_start", "The measure is due before it begins.")

    # --- Dates and amounts --------------------------------------------------------------------------------------------

    def _parse_date(self, cell: str) -> str:
        try:
            return parse_date(cell, self.options.days)
        except AmbiguousDate:
            raise _CellError("date_ambiguous", "The day and the month can be read in two ways.") from None
        except UnreadableDate:
            raise _describe_time(cell) from None

    def _parse_period(self, cell: str) -> dict[str, str]:
        """Parse "2024–2026" or "June 2024 - 31.12.2026"; a single date is the due date."""
        parts = [part.strip() for part in re.split(r"\s*[–—]\s*|\s+-\s+|(?<=\d{4})-(?=\d{4})", cell)]
        if len(parts) == 2 and all(parts):
            return {"begins": self._parse_date(parts[0]), "due": self._parse_date(parts[1])}
        return {"begins": "", "due": self._parse_date(cell)}

    def _parse_amount(self, cell: str) -> dict[str, str]:
        try:
            digits, currency = parse_number(cell, self.options.numbers)
        except AmbiguousAmount:
            raise _CellError("amount_ambiguous", "The amount can be read in two ways.") from None
        except AmbiguousCurrency:
            raise _CellError("currency_ambiguous", "The currency sign is used for several currencies.") from None
        except FundingError:
            raise _CellError("amount_unreadable", "This is not an amount.") from None
        if digits.startswith("-"):
            raise _CellError("amount_negative", "An amount cannot be negative.")
        if Decimal(digits) >= MAX_AMOUNT:
            raise _CellError("amount_too_large", "The amount is too large.")
        return {"amount": _format_amount(digits)} | ({"currency": currency} if currency else {})

    # --- Bodies -------------------------------------------------------------------------------------------------------

    def _split_bodies(self, cell: str) -> tuple[str, ...]:
        """Split the bodies in a cell at semicolons, line breaks, bars and " / "; a known name is never split.

        Commas and words for "and" are parts of many names, so they separate bodies only if every part is known.
        """
        names: list[str] = []
        for part in _split_unless_known(cell, re.compile(r"\s*;\s*"), self.bodies):
            for piece in _split_unless_known(part, _BODY_SEPARATOR, self.bodies):
                clean = " ".join(_BULLET.sub("", piece).split())
                known = [name.strip() for name in _WEAK_BODY_SEPARATOR.split(clean) if name.strip()]
                if len(known) > 1 and _fold_name(clean) not in self.bodies:
                    if all(_fold_name(name) in self.bodies for name in known):
                        names += [self.bodies[_fold_name(name)] for name in known]
                        continue
                if clean:
                    names.append(self.bodies.get(_fold_name(clean), clean))
        return tuple(dict.fromkeys(names))


_BODY_SEPARATOR = re.compile(r"\s*[|\n\r]+\s*|\s+/\s+")
_WEAK_BODY_SEPARATOR = re.compile(r"\s*[,/&+]\s*|\s+(?:and|et|og|și)\s+", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-–—•*·]|\(?\d{1,2}[.)])\s+")


def _split_unless_known(text: str, separator: re.Pattern[str], known: Mapping[str, str]) -> list[str]:
    return [text] if _fold_name(text) in known else separator.split(text)


def _fold_name(name: str) -> str:
    return " ".join(fold(name).split())


def _to_partial_date(text: str) -> PartialDate | None:
    try:
        return parse_partial_date(text)
    except UnreadableDate:
        return None


def _describe_time(cell: str) -> _CellError:
    """Return why a cell is no date: it is a quarter, a season, a range, a spreadsheet's number, or none of these."""
    words = set(re.findall(r"[^\W\d_]+", fold(cell)))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", cell):
        return _CellError("date_number", "This is a spreadsheet’s number of a day. Format the column as dates.")
    if words & _time_words("quarter") and re.search(r"\d", cell):
        return _CellError("date_quarter", "A quarter is not a date. Write its last month, for example 2026-06.")
    if words & _time_words("season"):
        return _CellError("date_season", "A season is not a date. Write its last month, for example 2026-05.")
    if re.search(r"\d{4}\s*(?:[-–—/]|\b(?:to|a|à|til|la)\b)\s*\d{4}", fold(cell)):
        return _CellError("date_range", "Two dates are in one cell. Map the column to the period, or use two columns.")
    if any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", fold(cell)) for phrase in _time_words("open_ended")):
        return _CellError(
            "date_open_ended", "This names no day. Leave the cell empty, and write it in the description."
        )
    if words & _time_words("half_year") and re.search(r"\d", cell):
        return _CellError(
            "date_part_of_year", "A part of a year is not a date. Write its last month, for example 2026-06."
        )
    return _CellError(
        "date_unreadable", "This is not a date. Write a day as 2026-06-04, a month as 2026-06, a year as 2026."
    )


@cache
def _time_words(kind: str) -> frozenset[str]:
    return frozenset(fold(name) for names in _load_words()["times"][kind].values() for name in names)


def _format_amount(digits: str) -> str:
    """Return an amount without superfluous zeros, so that 5000, 5000.0 and 5000.00 are the same text."""
    text = f"{Decimal(digits):f}"
    whole, point, cents = text.partition(".")
    return f"{whole}.{cents:0<2}" if point and cents.strip("0") else whole


def _parse_currency(cell: str) -> str:
    code = cell.strip().upper()
    if code in currency_codes():
        return code
    try:
        return parse_number(f"1 {cell}", ImportOptions().numbers)[1]
    except AmbiguousCurrency:
        raise _CellError("currency_ambiguous", "The currency sign is used for several currencies.") from None
    except FundingError:
        raise _CellError("currency_unknown", "This is not a currency. Write its three letters, such as EUR.") from None


# --- Kinds and stages -------------------------------------------------------------------------------------------------


def _parse_kind(cell: str) -> str:
    kinds = _terms("kinds")
    if kind := kinds.get(normalise_heading(cell)):
        return kind
    parts = {kinds.get(normalise_heading(part), "") for part in re.split(r"[,;/+&|\n]|\s(?:and|et|og|și)\s", cell)}
    if len(parts) > 1 and "" not in parts:
        raise _CellError("kind_several", "A measure has one kind. Keep the most important one.")
    if len(parts) == 1 and "" not in parts:
        return parts.pop()
    raise _CellError("kind_unknown", f"The kinds are: {', '.join(_first_words('kinds', 'en').values())}.")


def _parse_stage(cell: str) -> str:
    if stage := _terms("stages").get(normalise_heading(cell)):
        return stage
    if re.fullmatch(r"\d{1,3}(?:[.,]\d+)?\s*%|0?[.,]\d+|1(?:\.0)?", cell.strip()):
        raise _CellError("stage_percent", "A percentage is not a stage. Write for example “under way” or “done”.")
    raise _CellError("stage_unknown", f"The stages are: {', '.join(_first_words('stages', 'en').values())}.")


@cache
def _terms(group: str) -> Mapping[str, str]:
    """Return our term for each known word of kinds or stages, which include our own terms."""
    words: dict[str, str] = {}
    for term, names_by_language in _load_words()[group].items():
        for name in (term, *(name for names in names_by_language.values() for name in names)):
            words.setdefault(normalise_heading(name), term)
    return words


def _first_words(group: str, language: str) -> Mapping[str, str]:
    return {term: names[language][0] for term, names in _load_words()[group].items()}


# --- Export -----------------------------------------------------------------------------------------------------------


def export_headings(language: str) -> dict[str, str]:
    """Return the headings of an export by our column, in an interface language; `match_headings` knows them all."""
    return {column: _load_words()["columns"][column][language][0] for column in COLUMNS}


def format_measure(values: Mapping[str, str], language: str) -> dict[str, str]:
    """Return a measure's values as the cells of an export: kind and stage in words of an interface language."""
    kinds, stages = _first_words("kinds", language), _first_words("stages", language)
    cells = {column: values.get(column, "") for column in COLUMNS}
    return cells | {"kind": kinds.get(cells["kind"], ""), "stage": stages.get(cells["stage"], "")}


def normalise_value(column: str, value: str) -> str:
    """Return a value as it is compared and saved: without superfluous spaces; only a description keeps its lines."""
    if column in {"description", "reason", "findings"}:
        return "\n".join(" ".join(line.split()) for line in value.strip().splitlines())
    if column == "amount" and value:
        return _format_amount(value)
    return " ".join(value.split())
