"""Import of tables in other layouts: guessing their headings, columns and formats, and parsing their rows.

`guess_options` inspects a table and proposes `ImportOptions`, which the user can correct. `parse_rows` then returns
each row in our own columns and terms, with its problems. A parsed row has no values for columns that the table lacks.
"""
# One module, because guessing the options of a table and reading its cells use the same patterns.

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache

from babel import Locale

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.funding.amounts import FundingError, UnreadableAmount, currency_codes
from samsvar.funding.loading import (
    AMOUNT_COLUMNS,
    COLUMNS,
    CellProblem,
    InvalidTable,
    load_areas,
    load_import_vocabulary,
    normalise_term,
    translate_term,
)
from samsvar.funding.programmes import Partner, PartnerRole, PartnerSide
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.territories import code_by_name, split_state_names, territory
from samsvar.text import fold_letters

MAX_ROWS = 2_000  # of an uploaded table
MAX_COLUMNS = 200
MAX_HEADING_ROW = 30  # the heading is expected within this number of rows

TRANSACTION_COLUMNS = ("planned", "committed", "disbursed", "spent")  # sums of an activity, as in `TransactionStep`
RESULT_COLUMNS = (
    "result", "result_promised", "result_promised_number", "result_came", "result_came_number", "result_unit",
)  # fmt: skip
# Columns that contain only names of organisations, separated by ";", which are added to the partners.
PARTNER_COLUMNS: Mapping[str, tuple[PartnerRole, PartnerSide]] = {
    "operator": (PartnerRole.OPERATOR, PartnerSide.BENEFICIARY),
    "promoter": (PartnerRole.PROMOTER, PartnerSide.BENEFICIARY),
    "donor_body": (PartnerRole.PARTNER, PartnerSide.DONOR),
}
RELATED_COLUMNS = (*PARTNER_COLUMNS, *TRANSACTION_COLUMNS, "money_on", *RESULT_COLUMNS)
MAPPABLE_COLUMNS = (*COLUMNS, *RELATED_COLUMNS)  # what a column of a table can be mapped to
NUMBER_COLUMNS = (*AMOUNT_COLUMNS, *TRANSACTION_COLUMNS, "result_promised_number", "result_came_number")
DATE_COLUMNS = ("valued_on", "begins", "ends", "read_on", "money_on")


class NumberFormat(StrEnum):
    """The format of numbers in a table."""

    RECOGNISED = "recognised"  # detected from the cells that can be read in only one way
    POINT = "point"  # 1,234,567.00
    COMMA = "comma"  # 1.234.567,00


class DateOrder(StrEnum):
    """The order of day and month in dates such as 04/06/2019."""

    RECOGNISED = "recognised"
    DAY_FIRST = "day"
    MONTH_FIRST = "month"


class AmbiguousAmount(FundingError):
    """Raised when an amount can be read in two ways and nothing in the table shows which is meant."""

    advice = "Choose how the table writes numbers."

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” can be read in two ways.")


class AmbiguousCurrency(FundingError):
    """Raised when a currency symbol is used for several currencies."""

    advice = "Enter the three-letter currency code."

    def __init__(self, sign: str) -> None:
        super().__init__(f"“{sign}” is used for several currencies.")


class AmbiguousDate(FundingError):
    """Raised when a date can be read in two ways and nothing in the table shows which is meant."""

    advice = "Choose whether the day or the month comes first."

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” can be read in two ways.")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options for reading a table.

    `heading` is the number of its heading row, from 1; `columns` maps positions to our column names.
    """

    heading: int = 1
    columns: Mapping[int, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)  # values for every row, for columns that the table lacks
    numbers: NumberFormat = NumberFormat.RECOGNISED
    days: DateOrder = DateOrder.RECOGNISED
    clears: bool = False  # whether an empty cell deletes the existing value

    def get_fixed_value(self, column: str) -> str:
        """Return the fixed value of a column for every row; "" if the table itself has this column."""
        return "" if column in self.columns.values() else self.fixed.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A parsed row. `number` counts from 1; `values` has our names and terms, only for columns in the table."""

    number: int
    values: Mapping[str, str]
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A parsed table: its rows, the headings that were ignored, and the detected number and date formats."""

    rows: tuple[ParsedRow, ...]
    ignored_headings: tuple[str, ...]
    numbers: NumberFormat
    days: DateOrder


# --- States, areas, periods and partners ------------------------------------------------------------------------------


def guess_options(rows: Sequence[Sequence[str]]) -> ImportOptions:
    """Guess the heading row (the one with the most known headings), the columns and the currency of a table."""
    heading_index = max(
        range(min(len(rows), MAX_HEADING_ROW)),
        key=lambda place: (_count_known_headings(rows[place]), -place),
        default=0,
    )
    if rows and not _count_known_headings(rows[heading_index]):
        heading_index = next((place for place, row in enumerate(rows) if sum(bool(c.strip()) for c in row) > 1), 0)
    return guess_columns(rows, heading_index + 1)


def guess_columns(rows: Sequence[Sequence[str]], heading: int) -> ImportOptions:
    """Guess the columns and the currency of a table whose heading row is known."""
    titles = rows[heading - 1] if 0 < heading <= len(rows) else ()
    columns, currency = dict[int, str](), ""
    for place, title in enumerate(titles[:MAX_COLUMNS]):
        name, mentioned_currency = _match_heading(title)
        if name and name not in columns.values():
            columns[place] = name
            currency = currency or (mentioned_currency if name in NUMBER_COLUMNS else "")
    _map_parent_programme(titles, columns)
    fixed = {"currency": currency} if currency and "currency" not in columns.values() else {}
    return ImportOptions(heading=heading, columns=columns, fixed=fixed)


def column_headings(rows: Sequence[Sequence[str]], options: ImportOptions) -> tuple[str, ...]:
    """Return the table's own column headings; "" for a column without one."""
    titles = rows[options.heading - 1] if 0 < options.heading <= len(rows) else ()
    return tuple(" ".join(title.split()) for title in titles[:MAX_COLUMNS])


def _count_known_headings(row: Sequence[str]) -> int:
    return len({name for title in row[:MAX_COLUMNS] if (name := _match_heading(title)[0])})


def _match_heading(title: str) -> tuple[str, str]:
    """Return (our column, currency) for a heading: "Grant amount (EUR)" → ("grant", "EUR")."""
    name = normalise_term(title.replace("€", " EUR "))
    known_headings = load_import_vocabulary()["columns"]
    if name in MAPPABLE_COLUMNS or name in known_headings:
        return known_headings.get(name, name), ""
    for code, remainder in ((name.rpartition("_")[2], name.rpartition("_")[0]), name.partition("_")[::2]):
        if code.upper() in currency_codes() and (remainder in MAPPABLE_COLUMNS or remainder in known_headings):
            return known_headings.get(remainder, remainder), code.upper()
    stem = re.sub(r"_\d+$", "", name)
    return (known_headings.get(stem, ""), "") if stem != name else ("", "")


def _map_parent_programme(titles: Sequence[str], columns: dict[int, str]) -> None:
    """If a table gives codes or names for both programme and project, map those of the programme to `part_of`."""
    names = {normalise_term(title): place for place, title in enumerate(titles[:MAX_COLUMNS])}
    for programme, project in load_import_vocabulary()["above"].items():
        if programme in names and project in names:
            free = "part_of" not in columns.values()
            columns.pop(names[programme], None)
            columns[names[project]] = load_import_vocabulary()["columns"][project]
            if free:
                columns[names[programme]] = "part_of"


# --- Reading the rows -------------------------------------------------------------------------------------------------


def parse_rows(rows: Sequence[Sequence[str]], options: ImportOptions) -> ParsedTable:
    """Parse each row below the heading.

    Raises InvalidTable if there are no rows or too many, or if two columns are mapped to the same name.
    """
    body = [
        (number, row)
        for number, row in enumerate(rows, start=1)
        if number > options.heading and any(cell.strip() for cell in row)
    ]
    if not body:
        raise InvalidTable("There are no rows below the heading.", "empty_table")
    if len(body) > MAX_ROWS:
        raise InvalidTable(f"The table has {len(body)} rows; the limit is {MAX_ROWS}.", "too_many_rows")
    duplicates = [name for name in options.columns.values() if [*options.columns.values()].count(name) > 1]
    if duplicates:
        raise InvalidTable(f"Two columns have the meaning “{duplicates[0]}”.", "column_twice")
    cells = [(number, _map_cells(row, options)) for number, row in body]
    detected = detect_formats([values for _, values in cells], options, NUMBER_COLUMNS, DATE_COLUMNS)
    titles = column_headings(rows, detected)
    ignored = tuple(title for place, title in enumerate(titles) if title and place not in options.columns)
    return ParsedTable(
        tuple(_parse_row(number, values, detected) for number, values in cells),
        ignored,
        detected.numbers,
        detected.days,
    )


def _map_cells(row: Sequence[str], options: ImportOptions) -> dict[str, str]:
    """Return a row's cells by our column names, including the values that apply to every row."""
    values = {name: row[place].strip() if place < len(row) else "" for place, name in options.columns.items()}
    return values | {name: value for name in options.fixed if (value := options.get_fixed_value(name))}


def detect_formats(
    rows: Sequence[Mapping[str, str]],
    options: ImportOptions,
    number_columns: Collection[str],
    date_columns: Collection[str],
) -> ImportOptions:
    """Return the options with the number and date formats detected from the unambiguous cells of these columns."""
    numbers, days = options.numbers, options.days
    if numbers is NumberFormat.RECOGNISED:
        number_formats = {
            number_format
            for values in rows
            for name in number_columns
            if (number_format := _detect_number_format(values.get(name, "")))
        }
        numbers = number_formats.pop() if len(number_formats) == 1 else numbers
    if days is DateOrder.RECOGNISED:
        orders = {
            order for values in rows for name in date_columns if (order := _detect_date_order(values.get(name, "")))
        }
        days = orders.pop() if len(orders) == 1 else days
    return replace(options, numbers=numbers, days=days)


def _parse_row(number: int, cells: Mapping[str, str], options: ImportOptions) -> ParsedRow:
    values, problems = dict(cells), list[CellProblem]()
    currency_marks = set[str]()

    def convert_cells(names: Iterable[str], converter: Callable[[str], str]) -> None:
        for name in names:
            if cells.get(name):
                try:
                    values[name] = converter(cells[name])
                except (FundingError, UnreadableDate) as error:
                    problems.append(CellProblem(name, cells[name], error.code, error.message))

    def convert_number(cell: str) -> str:
        digits, currency = parse_number(cell, options.numbers)
        currency_marks.update({currency} - {""})
        return digits

    convert_cells(NUMBER_COLUMNS, convert_number)
    convert_cells(DATE_COLUMNS, lambda cell: parse_date(cell, options.days))
    convert_cells(("donors", "beneficiaries"), parse_states)
    convert_cells(("areas",), parse_areas)
    convert_cells(("period",), parse_period)
    for name in ("kind", "form", "confidence"):
        if cells.get(name):
            values[name] = translate_term(name, cells[name])
    if currency_marks:
        _set_currency(values, currency_marks, problems)
    return ParsedRow(number, values, tuple(problems))


def _set_currency(values: dict[str, str], currency_marks: set[str], problems: list[CellProblem]) -> None:
    """Set the row's currency from its amount cells; add a problem if the row names several currencies."""
    row_currencies = {*currency_marks, *({values["currency"].upper()} if values.get("currency") else ())}
    if len(row_currencies) > 1:
        currency_list = ", ".join(sorted(row_currencies))
        problems.append(
            CellProblem("currency", currency_list, "different_currencies", f"Several currencies: {currency_list}.")
        )
    else:
        values["currency"] = row_currencies.pop()


# --- Numbers ----------------------------------------------------------------------------------------------------------

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-"})


def parse_number(cell: str, number_format: NumberFormat) -> tuple[str, str]:
    """Parse a number; return (number in our format, currency printed beside it or ""). Raises FundingError."""
    number_text, currency = _split_currency(cell)
    match = re.fullmatch(r"(-?)(\d+)((?:[.,]\d+)*)", number_text, re.ASCII)
    if match is None:
        raise UnreadableAmount(cell)
    sign, first, rest = match.groups()
    groups = re.findall(r"([.,])(\d+)", rest)
    decimal = _find_decimal_separator(first, groups, number_format, cell)
    if decimal:
        *thousands, (_, cents) = groups
        if len(cents) > 2:
            raise UnreadableAmount(cell)
        ending = f".{cents}"
    else:
        thousands, ending = groups, ""
    if thousands and (len(first) > 3 or any(len(digits) != 3 for _, digits in thousands)):
        raise UnreadableAmount(cell)
    return f"{sign}{first}{''.join(digits for _, digits in thousands)}{ending}", currency


def _find_decimal_separator(
    first: str, groups: Sequence[tuple[str, str]], number_format: NumberFormat, cell: str
) -> str:
    """Return the decimal separator; "" if there is none. Raises FundingError if it is ambiguous or inconsistent."""
    if not groups:
        return ""
    expected = {NumberFormat.POINT: ".", NumberFormat.COMMA: ","}.get(number_format)
    certain = _find_unambiguous_separator(first, groups)
    if certain is None:
        if expected is None:
            raise AmbiguousAmount(cell)
        if groups[-1][0] == expected:  # three digits after it: not a decimal separator
            raise UnreadableAmount(cell)
        return ""
    if expected and (certain[0] or _other_separator(groups[0][0])) != expected:
        raise UnreadableAmount(cell)
    return certain[0]


def _find_unambiguous_separator(first: str, groups: Sequence[tuple[str, str]]) -> tuple[str] | None:
    """Return the decimal separator ("" for none) in a tuple; None if the number can be read in two ways."""
    signs = [sign for sign, _ in groups]
    if len(set(signs)) == 2:
        return (signs[-1],) if signs.count(signs[-1]) == 1 else ("",)
    if len(groups) > 1:
        return ("",)
    if len(groups[0][1]) != 3 or len(first) > 3 or first == "0":
        return (signs[0],)
    return None


def _other_separator(sign: str) -> str:
    return "," if sign == "." else "."


def _detect_number_format(cell: str) -> NumberFormat | None:
    """Return the number format of a cell that can be read in only one way; None if it is ambiguous."""
    try:
        digits, _currency = _split_currency(cell)
    except FundingError:
        return None
    match = re.fullmatch(r"-?(\d+)((?:[.,]\d+)+)", digits, re.ASCII)
    if match is None:
        return None
    groups = re.findall(r"([.,])(\d+)", match[2])
    certain = _find_unambiguous_separator(match[1], groups)
    if certain is None:
        return None
    return NumberFormat.POINT if (certain[0] or _other_separator(groups[0][0])) == "." else NumberFormat.COMMA


def _split_currency(cell: str) -> tuple[str, str]:
    """Split a cell into its number without spaces and its currency ("" if none). Raises FundingError."""
    text = cell.strip().translate(_DASHES)
    match = re.fullmatch(r"(?P<before>[^\d\-]*)(?P<number>-?\s*\d.*?)(?P<after>[^\d]*)", text, re.DOTALL)
    if match is None:
        return _BLANKS.sub("", text), ""
    number, ending = match["number"], match["after"]
    ending = re.sub(r"^[.,]-+", "", ending)  # "5 000,-"
    words = [word for part in (match["before"], ending) if (word := _BLANKS.sub("", part).strip("."))]
    if len(words) > 1:
        raise UnreadableAmount(cell)
    return _BLANKS.sub("", number), _parse_currency(words[0], cell) if words else ""


def _parse_currency(mark: str, cell: str) -> str:
    signs = load_import_vocabulary()["currencies"]
    if mark.casefold() in signs:
        if not signs[mark.casefold()]:
            raise AmbiguousCurrency(mark)
        return str(signs[mark.casefold()])
    if mark.upper() in currency_codes():
        return mark.upper()
    raise UnreadableAmount(cell)


# --- Dates ------------------------------------------------------------------------------------------------------------

_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})(?:\2(\d{1,2}))?")
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[./-](\d{4})")
_WORDS = re.compile(r"(?:(\d{1,2})(?:\.|er|st|nd|rd|th)?\s+(?:de\s+)?)?([^\W\d]+)\.?,?\s+(\d{4})")
_MONTH_BEFORE_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def parse_date(cell: str, order: DateOrder) -> str:
    """Parse a day, month or year and return it in ISO 8601. Raises UnreadableDate or AmbiguousDate."""
    text = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", " ".join(cell.split()))
    try:
        return str(parse_partial_date(text) or "")
    except UnreadableDate:
        pass
    try:
        return str(_parse_written_date(text, order, cell))
    except ValueError as error:
        raise UnreadableDate(cell) from error


def _parse_written_date(text: str, order: DateOrder, cell: str) -> PartialDate:
    if match := _NUMERIC.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] == "." or first > 12 or first == second:  # the day always comes first in dates with points
            return PartialDate(year, second, first)
        if second > 12:
            return PartialDate(year, first, second)
        if order is DateOrder.RECOGNISED:
            raise AmbiguousDate(cell)
        return PartialDate(year, *((second, first) if order is DateOrder.DAY_FIRST else (first, second)))
    if match := _YEAR_FIRST.fullmatch(text):
        return PartialDate(int(match[1]), int(match[3]), int(match[4]) if match[4] else None)
    if match := _MONTH_OF_YEAR.fullmatch(text):
        return PartialDate(int(match[2]), int(match[1]))
    if (match := _WORDS.fullmatch(text)) and (month := _month_numbers().get(fold_letters(match[2]))):
        return PartialDate(int(match[3]), month, int(match[1]) if match[1] else None)
    if (match := _MONTH_BEFORE_DAY.fullmatch(text)) and (month := _month_numbers().get(fold_letters(match[1]))):
        return PartialDate(int(match[3]), month, int(match[2]))
    raise UnreadableDate(cell)


def _detect_date_order(cell: str) -> DateOrder | None:
    """Return the order of a date that can be read in only one way; None if it is ambiguous."""
    match = _NUMERIC.fullmatch(" ".join(cell.split()))
    if match is None or match[2] == ".":
        return None
    first, second = int(match[1]), int(match[3])
    return DateOrder.DAY_FIRST if first > 12 else DateOrder.MONTH_FIRST if second > 12 else None


@cache
def _month_numbers() -> Mapping[str, int]:
    """Return month numbers by full and abbreviated name in the interface languages."""
    names: dict[str, int] = {}
    for language in INTERFACE_LANGUAGES:
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale.parse(language).months[form][width].items():
                    names.setdefault(fold_letters(name), number)
    return names


# --- Words ------------------------------------------------------------------------------------------------------------


class UnknownState(FundingError):
    """Raised when a name or code is not that of a state."""

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” is not a state.")


class UnknownArea(FundingError):
    """Raised when a name or code is not that of a programme area."""

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” is not one of: {', '.join(load_areas())}.")


def parse_states(cell: str) -> str:
    """Parse states, given by code or by name in any interface language; return their codes. Raises UnknownState."""
    parts = [part for part in re.split(r"[\s,;/|]+", cell) if part]
    if all(_parse_state_code(part) for part in parts):
        return " ".join(dict.fromkeys(_parse_state_code(part) for part in parts))
    return " ".join(dict.fromkeys(_parse_state_names(cell)))


def _parse_state_names(cell: str) -> Iterator[str]:
    for name in split_state_names(re.sub(r"[|\n]+", "; ", cell)):
        code = _parse_state_code(name) or code_by_name(name)
        if code is None:
            raise UnknownState(name)
        yield code


def _parse_state_code(text: str) -> str:
    """Return the code of a state, accepting the EU's own codes ("EL" for Greece); "" if the text is not a code."""
    code = load_import_vocabulary()["codes"].get(text.upper(), text.upper())
    return code if len(text) == 2 and territory(code) else ""


def parse_areas(cell: str) -> str:
    """Parse programme areas, given by key, code or printed name; return their keys. Raises UnknownArea."""
    keys_by_name = {
        fold_letters(name): key for key, area in load_areas().items() for name in (key, area.code, area.name) if name
    }
    keys_by_name |= {fold_letters(f"{area.code} {area.name}"): key for key, area in load_areas().items() if area.code}
    if key := keys_by_name.get(fold_letters(cell)):
        return key
    parts = [part.strip() for part in re.split(r"[;|\n]", cell) if part.strip()]
    if len(parts) < 2:
        parts = re.split(r"[\s,]+", cell.strip())
    for part in parts:
        if fold_letters(part) not in keys_by_name:
            raise UnknownArea(part)
    return " ".join(dict.fromkeys(keys_by_name[fold_letters(part)] for part in parts))


def parse_period(cell: str) -> str:
    """Return the years of a period in one format: "EEA Grants 2014–2021" → "2014-2021"; other texts unchanged."""
    match = re.search(r"\b(\d{4})\s*[-–—/]\s*(\d{4})\b", cell)
    return f"{match[1]}-{match[2]}" if match else " ".join(cell.split())


def combine_partners(
    partners: Sequence[Partner], values: Mapping[str, str], states: Sequence[str]
) -> tuple[Partner, ...]:
    """Return the partners and the organisations in the row's other partner columns, without duplicates.

    An organisation on the beneficiary side gets the beneficiary state if there is only one. The state of a donor's
    organisation stays empty, because no column contains it.
    """
    all_partners = list(partners)
    for column, (role, side) in PARTNER_COLUMNS.items():
        for name in re.split(r"[;|\n]+", values.get(column, "")):
            partner_name = " ".join(name.split())
            if partner_name and fold_letters(partner_name) not in {fold_letters(one.name) for one in all_partners}:
                state = states[0] if side is PartnerSide.BENEFICIARY and len(states) == 1 else ""
                all_partners.append(Partner(partner_name, role, side, state))
    return tuple(all_partners)
