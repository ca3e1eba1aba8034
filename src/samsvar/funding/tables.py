"""Tables of others, read as somebody says: their heading, columns, numbers and days, and what holds for every row.

`guessed` looks at a table and proposes a `Reading`; a person may say otherwise. `rows_told` then gives each row in our
own columns and words, with what is wrong in it. Of a column that a table does not have, its rows say nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache

from babel import Locale

from samsvar.dates import PartialDate, UnreadableDate, partial_date
from samsvar.funding.amounts import FundingError, UnreadableAmount, currencies
from samsvar.funding.loading import AMOUNTS, COLUMNS, BadCell, BadTable, areas, meaning, others, plain
from samsvar.funding.programmes import Partner, Role, Side
from samsvar.languages import INTERFACE
from samsvar.territories import code_of, states_in, territory

MOST_ROWS = 2_000  # of a table that a person brings
MOST_COLUMNS = 200
HIGHEST_HEADING = 30  # rows above which a heading is looked for

MONEY = ("planned", "committed", "disbursed", "spent")  # sums that hang on an activity, as `Step` calls them
RESULT = (
    "result", "result_promised", "result_promised_number", "result_came", "result_came_number", "result_unit",
)  # fmt: skip
# Bodies that a column names without more, parted by ";": they are added to those that are there.
BODIES: Mapping[str, tuple[Role, Side]] = {
    "operator": (Role.OPERATOR, Side.BENEFICIARY),
    "promoter": (Role.PROMOTER, Side.BENEFICIARY),
    "donor_body": (Role.PARTNER, Side.DONOR),
}
PARTS = (*BODIES, *MONEY, "money_on", *RESULT)
MAPPED = (*COLUMNS, *PARTS)  # what a column of a table can be
NUMBERS = (*AMOUNTS, *MONEY, "result_promised_number", "result_came_number")
DAYS = ("valued_on", "begins", "ends", "read_on", "money_on")


class Numbers(StrEnum):
    """How a table writes numbers."""

    RECOGNISED = "recognised"  # by those of its cells that can be read in one way only
    POINT = "point"  # 1,234,567.00
    COMMA = "comma"  # 1.234.567,00


class Days(StrEnum):
    """In what order a table writes 04/06/2019."""

    RECOGNISED = "recognised"
    DAY_FIRST = "day"
    MONTH_FIRST = "month"


class AmbiguousAmount(FundingError):
    """An amount can be read in two ways, and nothing in the table says which."""

    code = "ambiguous_amount"
    advice = "Say how the table writes numbers."

    def __init__(self, written: str) -> None:
        super().__init__(f"“{written}” can be read in two ways.")


class AmbiguousCurrency(FundingError):
    """A sign stands for the money of several states."""

    code = "ambiguous_currency"
    advice = "Say the currency in three letters."

    def __init__(self, sign: str) -> None:
        super().__init__(f"“{sign}” is the money of several states.")


class AmbiguousDay(FundingError):
    """A day can be read in two ways, and nothing in the table says which."""

    code = "ambiguous_date"
    advice = "Say whether the day or the month stands first."

    def __init__(self, written: str) -> None:
        super().__init__(f"“{written}” can be read in two ways.")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is to be read. `heading` counts rows from 1; `columns` gives our name of a column by its place."""

    heading: int = 1
    columns: Mapping[int, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)  # what holds for every row, of what no column says
    numbers: Numbers = Numbers.RECOGNISED
    days: Days = Days.RECOGNISED
    clears: bool = False  # whether an empty cell empties what is there

    def fixed_word(self, column: str) -> str:
        """What holds for every row; "" where a column says it, which then goes before."""
        return "" if column in self.columns.values() else self.fixed.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells: only columns that the table has, in our words. `number` counts the rows of the table from 1."""

    number: int
    said: Mapping[str, str]
    wrong: tuple[BadCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A table that was read: its rows, the headings that were left out, and how numbers and days turned out to be."""

    rows: tuple[Told, ...]
    unread: tuple[str, ...]
    numbers: Numbers
    days: Days


# --- How a table may be meant -----------------------------------------------------------------------------------------


def guessed(rows: Sequence[Sequence[str]]) -> Reading:
    """The heading that has most names that we know, what its columns are by their names, and the currency they name."""
    best = max(range(min(len(rows), HIGHEST_HEADING)), key=lambda place: (_known_names(rows[place]), -place), default=0)
    if rows and not _known_names(rows[best]):
        best = next((place for place, row in enumerate(rows) if sum(bool(c.strip()) for c in row) > 1), 0)
    return guessed_below(rows, best + 1)


def guessed_below(rows: Sequence[Sequence[str]], heading: int) -> Reading:
    """The same where somebody says in which row the headings stand."""
    titles = rows[heading - 1] if 0 < heading <= len(rows) else ()
    columns, currency = dict[int, str](), ""
    for place, title in enumerate(titles[:MOST_COLUMNS]):
        name, named = _named(title)
        if name and name not in columns.values():
            columns[place] = name
            currency = currency or (named if name in NUMBERS else "")
    _programme_of_a_project(titles, columns)
    fixed = {"currency": currency} if currency and "currency" not in columns.values() else {}
    return Reading(heading=heading, columns=columns, fixed=fixed)


def headings(rows: Sequence[Sequence[str]], reading: Reading) -> tuple[str, ...]:
    """The names that the table gives its columns, "" for one without."""
    titles = rows[reading.heading - 1] if 0 < reading.heading <= len(rows) else ()
    return tuple(" ".join(title.split()) for title in titles[:MOST_COLUMNS])


def _known_names(row: Sequence[str]) -> int:
    return len({name for title in row[:MOST_COLUMNS] if (name := _named(title)[0])})


def _named(title: str) -> tuple[str, str]:
    """(our column that a heading names, the currency that it names): "Grant amount (EUR)" → ("grant", "EUR")."""
    name = plain(title.replace("€", " EUR "))
    known = others()["columns"]
    if name in MAPPED or name in known:
        return known.get(name, name), ""
    for code, rest in ((name.rpartition("_")[2], name.rpartition("_")[0]), name.partition("_")[::2]):
        if code.upper() in currencies() and (rest in MAPPED or rest in known):
            return known.get(rest, rest), code.upper()
    stem = re.sub(r"_\d+$", "", name)
    return (known.get(stem, ""), "") if stem != name else ("", "")


def _programme_of_a_project(titles: Sequence[str], columns: dict[int, str]) -> None:
    """Where a project's own number stands beside its programme's, the latter says what it is a part of."""
    names = {plain(title): place for place, title in enumerate(titles[:MOST_COLUMNS])}
    for programme, own in others()["above"].items():
        if programme in names and own in names:
            free = "part_of" not in columns.values()
            columns.pop(names[programme], None)
            columns |= {names[own]: others()["columns"][own], **({names[programme]: "part_of"} if free else {})}


# --- What its rows tell -----------------------------------------------------------------------------------------------


def rows_told(rows: Sequence[Sequence[str]], reading: Reading) -> Read:
    """What each row below the heading tells. Raises BadTable where there is nothing to read, or no title or kind."""
    body = [
        (number, row)
        for number, row in enumerate(rows, start=1)
        if number > reading.heading and any(cell.strip() for cell in row)
    ]
    if not body:
        raise BadTable("There is no row below the heading.", "empty_table")
    if len(body) > MOST_ROWS:
        raise BadTable(f"The table has {len(body)} rows; {MOST_ROWS} are read at once.", "too_many_rows")
    doubled = [name for name in reading.columns.values() if [*reading.columns.values()].count(name) > 1]
    if doubled:
        raise BadTable(f"Two columns are “{doubled[0]}”.", "column_twice")
    cells = [(number, _cells(row, reading)) for number, row in body]
    seen = _recognised([said for _, said in cells], reading)
    titles = headings(rows, seen)
    unread = tuple(title for place, title in enumerate(titles) if title and place not in reading.columns)
    return Read(tuple(_told(number, said, seen) for number, said in cells), unread, seen.numbers, seen.days)


def _cells(row: Sequence[str], reading: Reading) -> dict[str, str]:
    """The cells of a row under our names, what holds for every row included."""
    said = {name: row[place].strip() if place < len(row) else "" for place, name in reading.columns.items()}
    return said | {name: word for name in reading.fixed if (word := reading.fixed_word(name))}


def _recognised(rows: Sequence[Mapping[str, str]], reading: Reading) -> Reading:
    """The reading with how numbers and days are written, where cells say so that can be read in one way only."""
    numbers, days = reading.numbers, reading.days
    if numbers is Numbers.RECOGNISED:
        found = {way for said in rows for name in NUMBERS if (way := _way_of_number(said.get(name, "")))}
        numbers = found.pop() if len(found) == 1 else numbers
    if days is Days.RECOGNISED:
        orders = {order for said in rows for name in DAYS if (order := _order_of_day(said.get(name, "")))}
        days = orders.pop() if len(orders) == 1 else days
    return replace(reading, numbers=numbers, days=days)


def _told(number: int, cells: Mapping[str, str], reading: Reading) -> Told:
    said, wrong = dict(cells), list[BadCell]()
    marks = set[str]()

    def turn(names: Iterable[str], how: Callable[[str], str]) -> None:
        for name in names:
            if cells.get(name):
                try:
                    said[name] = how(cells[name])
                except (FundingError, UnreadableDate) as error:
                    wrong.append(BadCell(name, cells[name], error.code, error.message))

    def number_of(cell: str) -> str:
        digits, mark = number_in(cell, reading.numbers)
        marks.update({mark} - {""})
        return digits

    turn(NUMBERS, number_of)
    turn(DAYS, lambda cell: day_in(cell, reading.days))
    turn(("donors", "beneficiaries"), states_said)
    turn(("areas",), areas_said)
    turn(("period",), period_said)
    for name in ("kind", "form", "confidence"):
        if cells.get(name):
            said[name] = meaning(name, cells[name])
    if marks:
        _currency(said, marks, wrong)
    return Told(number, said, tuple(wrong))


def _currency(said: dict[str, str], marks: set[str], wrong: list[BadCell]) -> None:
    """The currency that stands in the cells of amounts themselves must be that of the row."""
    named = {*marks, *({said["currency"].upper()} if said.get("currency") else ())}
    if len(named) > 1:
        told = ", ".join(sorted(named))
        wrong.append(BadCell("currency", told, "different_currencies", f"The row has {told}."))
    else:
        said["currency"] = named.pop()


# --- Numbers ----------------------------------------------------------------------------------------------------------

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-"})


def number_in(cell: str, way: Numbers) -> tuple[str, str]:
    """(the number as we write it, the currency that stands beside it or ""). Raises what keeps it from being one."""
    bare, currency = _without_currency(cell)
    found = re.fullmatch(r"(-?)(\d+)((?:[.,]\d+)*)", bare, re.ASCII)
    if found is None:
        raise UnreadableAmount(cell)
    sign, first, rest = found.groups()
    groups = re.findall(r"([.,])(\d+)", rest)
    decimal = _decimal_sign(first, groups, way, cell)
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


def _decimal_sign(first: str, groups: Sequence[tuple[str, str]], way: Numbers, cell: str) -> str:
    """The sign before the cents; "" where there are none. Raises where it cannot be known, or cannot be."""
    if not groups:
        return ""
    known = {Numbers.POINT: ".", Numbers.COMMA: ","}.get(way)
    certain = _certain_sign(first, groups)
    if certain is None:
        if known is None:
            raise AmbiguousAmount(cell)
        if groups[-1][0] == known:  # three digits behind it: no cents
            raise UnreadableAmount(cell)
        return ""
    if known and (certain[0] or _other(groups[0][0])) != known:
        raise UnreadableAmount(cell)
    return certain[0]


def _certain_sign(first: str, groups: Sequence[tuple[str, str]]) -> tuple[str] | None:
    """(the sign before the cents or "",) where a number can be read in one way only; None where not."""
    signs = [sign for sign, _ in groups]
    if len(set(signs)) == 2:
        return (signs[-1],) if signs.count(signs[-1]) == 1 else ("",)
    if len(groups) > 1:
        return ("",)
    if len(groups[0][1]) != 3 or len(first) > 3 or first == "0":
        return (signs[0],)
    return None


def _other(sign: str) -> str:
    return "," if sign == "." else "."


def _way_of_number(cell: str) -> Numbers | None:
    """How a cell that can be read in one way only writes numbers; None where it does not tell."""
    try:
        bare, _currency = _without_currency(cell)
    except FundingError:
        return None
    found = re.fullmatch(r"-?(\d+)((?:[.,]\d+)+)", bare, re.ASCII)
    if found is None:
        return None
    groups = re.findall(r"([.,])(\d+)", found[2])
    certain = _certain_sign(found[1], groups)
    if certain is None:
        return None
    return Numbers.POINT if (certain[0] or _other(groups[0][0])) == "." else Numbers.COMMA


def _without_currency(cell: str) -> tuple[str, str]:
    """(the cell without blanks and without the currency, the currency or "")."""
    text = cell.strip().translate(_DASHES)
    found = re.fullmatch(r"(?P<before>[^\d\-]*)(?P<number>-?\s*\d.*?)(?P<after>[^\d]*)", text, re.DOTALL)
    if found is None:
        return _BLANKS.sub("", text), ""
    number, ending = found["number"], found["after"]
    ending = re.sub(r"^[.,]-+", "", ending)  # "5 000,-"
    words = [word for part in (found["before"], ending) if (word := _BLANKS.sub("", part).strip("."))]
    if len(words) > 1:
        raise UnreadableAmount(cell)
    return _BLANKS.sub("", number), _currency_of(words[0], cell) if words else ""


def _currency_of(word: str, cell: str) -> str:
    signs = others()["currencies"]
    if word.casefold() in signs:
        if not signs[word.casefold()]:
            raise AmbiguousCurrency(word)
        return str(signs[word.casefold()])
    if word.upper() in currencies():
        return word.upper()
    raise UnreadableAmount(cell)


# --- Days -------------------------------------------------------------------------------------------------------------

_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})(?:\2(\d{1,2}))?")
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[./-](\d{4})")
_WORDS = re.compile(r"(?:(\d{1,2})(?:\.|er|st|nd|rd|th)?\s+(?:de\s+)?)?([^\W\d]+)\.?,?\s+(\d{4})")
_MONTH_BEFORE_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def day_in(cell: str, order: Days) -> str:
    """A day, a month or a year as ISO 8601. Raises what keeps it from being one, or what makes it two."""
    text = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", " ".join(cell.split()))
    try:
        return str(partial_date(text) or "")
    except UnreadableDate:
        pass
    try:
        return str(_day_written(text, order, cell))
    except ValueError as no_such_day:
        raise UnreadableDate(cell) from no_such_day


def _day_written(text: str, order: Days, cell: str) -> PartialDate:
    if found := _NUMERIC.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] == "." or first > 12 or first == second:  # with points the day stands first everywhere
            return PartialDate(year, second, first)
        if second > 12:
            return PartialDate(year, first, second)
        if order is Days.RECOGNISED:
            raise AmbiguousDay(cell)
        return PartialDate(year, *((second, first) if order is Days.DAY_FIRST else (first, second)))
    if found := _YEAR_FIRST.fullmatch(text):
        return PartialDate(int(found[1]), int(found[3]), int(found[4]) if found[4] else None)
    if found := _MONTH_OF_YEAR.fullmatch(text):
        return PartialDate(int(found[2]), int(found[1]))
    if (found := _WORDS.fullmatch(text)) and (month := _months().get(_folded(found[2]))):
        return PartialDate(int(found[3]), month, int(found[1]) if found[1] else None)
    if (found := _MONTH_BEFORE_DAY.fullmatch(text)) and (month := _months().get(_folded(found[1]))):
        return PartialDate(int(found[3]), month, int(found[2]))
    raise UnreadableDate(cell)


def _order_of_day(cell: str) -> Days | None:
    """Which stands first in a cell that can be read in one way only; None where it does not tell."""
    found = _NUMERIC.fullmatch(" ".join(cell.split()))
    if found is None or found[2] == ".":
        return None
    first, second = int(found[1]), int(found[3])
    return Days.DAY_FIRST if first > 12 else Days.MONTH_FIRST if second > 12 else None


@cache
def _months() -> Mapping[str, int]:
    """The names of months in the languages of the interface, short ones too, and their numbers."""
    names: dict[str, int] = {}
    for language in INTERFACE:
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale.parse(language).months[form][width].items():
                    names.setdefault(_folded(name), number)
    return names


# --- Words ------------------------------------------------------------------------------------------------------------


class UnknownState(FundingError):
    """A name or code is no state's."""

    code = "unknown_state"

    def __init__(self, named: str) -> None:
        super().__init__(f"“{named}” is no state.")


class UnknownArea(FundingError):
    """A name or code is no area's."""

    code = "unknown_word"

    def __init__(self, named: str) -> None:
        super().__init__(f"“{named}” is none of: {', '.join(areas())}.")


def states_said(cell: str) -> str:
    """The codes of the states that a cell names by code or by name, in any language of the interface."""
    parts = [part for part in re.split(r"[\s,;/|]+", cell) if part]
    if all(_code(part) for part in parts):
        return " ".join(dict.fromkeys(_code(part) for part in parts))
    return " ".join(dict.fromkeys(_states(cell)))


def _states(cell: str) -> Iterator[str]:
    for name in states_in(re.sub(r"[|\n]+", "; ", cell)):
        code = _code(name) or code_of(name)
        if code is None:
            raise UnknownState(name)
        yield code


def _code(word: str) -> str:
    """The code of a state that is written as one, that of the Union's own list too: "EL" is Greece; "" for none."""
    code = others()["codes"].get(word.upper(), word.upper())
    return code if len(word) == 2 and territory(code) else ""


def areas_said(cell: str) -> str:
    """The keys of the areas that a cell names by key, code or printed name."""
    known = {_folded(name): key for key, one in areas().items() for name in (key, one.code, one.name) if name}
    known |= {_folded(f"{one.code} {one.name}"): key for key, one in areas().items() if one.code}
    if key := known.get(_folded(cell)):
        return key
    parts = [part.strip() for part in re.split(r"[;|\n]", cell) if part.strip()]
    if len(parts) < 2:
        parts = re.split(r"[\s,]+", cell.strip())
    for part in parts:
        if _folded(part) not in known:
            raise UnknownArea(part)
    return " ".join(dict.fromkeys(known[_folded(part)] for part in parts))


def period_said(cell: str) -> str:
    """The years of a period however they are tied: "EEA Grants 2014–2021" → "2014-2021"; else the words themselves."""
    found = re.search(r"\b(\d{4})\s*[-–—/]\s*(\d{4})\b", cell)
    return f"{found[1]}-{found[2]}" if found else " ".join(cell.split())


def with_bodies(partners: Sequence[Partner], said: Mapping[str, str], states: Sequence[str]) -> tuple[Partner, ...]:
    """The partners with the bodies that a row names besides; whoever is named among them already is not named again.

    A body on the beneficiary side is of the state that receives, where that is one; of a donor's no column says.
    """
    named = list(partners)
    for column, (role, side) in BODIES.items():
        for name in re.split(r"[;|\n]+", said.get(column, "")):
            bare = " ".join(name.split())
            if bare and _folded(bare) not in {_folded(one.name) for one in named}:
                state = states[0] if side is Side.BENEFICIARY and len(states) == 1 else ""
                named.append(Partner(bare, role, side, state))
    return tuple(named)


def _folded(text: str) -> str:
    """A word without case, accents, marks and blanks."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in flat if sign.isalnum())
