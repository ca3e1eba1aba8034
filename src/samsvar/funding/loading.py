"""Loading of activities from the rows of a table: our own CSV files, a form, or an uploaded file.

A row is parsed into an `Activity` or into a list of problems, each with its cell; nothing is guessed.
`row_from_activity` is the inverse, so that an exported table can be imported again. `tables` reads tables in other
layouts.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from samsvar.dates import PartialDate, UnreadableDate, parse_day, parse_partial_date
from samsvar.errors import SamsvarError
from samsvar.funding.amounts import Amount, FundingError, UnknownCurrency, currency_codes, parse_amount
from samsvar.funding.programmes import (
    Activity,
    ActivityFormat,
    ActivityKind,
    Contradiction,
    FactsheetTotal,
    GrantScheme,
    Partner,
    PartnerRole,
    PartnerSide,
    ProgrammeArea,
)
from samsvar.funding.projects import FundingLink, FundingLinkKind, Result, Transaction, TransactionStep
from samsvar.ids import make_slug as slug_of
from samsvar.network.loading import Confidence, Gathering, Publication, fact_values, select_values
from samsvar.territories import territory
from samsvar.text import fold, read_data_file

COLUMNS = (
    "kind", "id", "code", "title", "language", "form", "period", "part_of", "donors", "beneficiaries", "areas",
    "currency", "grant", "grant_eea", "grant_norway", "cofinancing", "gbv_share", "valued_on", "begins", "ends",
    "partners", "about", "note", "source", "second_source", "confidence", "from_memory", "read_on", "fictional",
)  # fmt: skip
# Maximum number of characters in a cell, equal to the size of the database column.
MAX_LENGTHS = {
    "id": 80, "code": 60, "title": 300, "language": 8, "period": 20, "part_of": 80, "partners": 6_000, "about": 4_000,
    "note": 4_000, "source": 1_000, "second_source": 1_000,
}  # fmt: skip
# Columns whose text is a field of `Activity` with the same name
_TEXT_COLUMNS = ("code", "title", "period", "part_of", "about", "note", "source", "second_source")
AMOUNT_COLUMNS = ("grant", "grant_eea", "grant_norway", "cofinancing", "gbv_share")
# Columns whose values may be unverified in a row whose other values have a source.
UNVERIFIABLE_COLUMNS = ("code", "form", "period", "areas", *AMOUNT_COLUMNS, "begins", "ends", "partners")


class InvalidTable(FundingError):
    """Raised when a table or one of our data files is invalid."""

    advice = "Correct the table and import it again."

    def __init__(self, message: str, code: str = "invalid_table", advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.code = code


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A problem in one cell: the column, the value, and why it was rejected (a code and a sentence)."""

    column: str
    cell: str
    code: str
    problem: str


# --- Terms used in other tables ---------------------------------------------------------------------------------------


@cache
def load_activities() -> tuple[Activity, ...]:
    """Return every programme, call, initiative and project in activities.csv, including unverified ones."""
    return parse_activities(read_data_file("samsvar.funding", "activities.csv"))


@cache
def load_factsheet_totals() -> tuple[FactsheetTotal, ...]:
    """Return the totals from published factsheets (figures.csv)."""
    return tuple(fact for _, fact in _parse_facts("figures.csv", _factsheet_total_from_row))


@cache
def load_transactions() -> tuple[tuple[str, Transaction], ...]:
    """Return the transactions in transactions.csv, each with the slug of its activity."""
    return tuple(_parse_facts("transactions.csv", transaction_from_row))


@cache
def load_results() -> tuple[tuple[str, Result], ...]:
    """Return the promised and achieved results in results.csv, each with the slug of its activity."""
    return tuple(_parse_facts("results.csv", result_from_row))


@cache
def load_links() -> tuple[tuple[str, FundingLink], ...]:
    """Return the links in links.csv to what activities led to, each with the slug of its activity."""
    return tuple(_parse_facts("links.csv", link_from_row))


@cache
def load_areas() -> dict[str, ProgrammeArea]:
    """Return every programme area by its key."""
    return {
        key: ProgrammeArea(key=key, **entry)
        for key, entry in tomllib.loads(read_data_file("samsvar.funding", "areas.toml")).items()
    }


def gathering_key(gathering: Gathering) -> str:
    """Return the key that links use for a network's gathering: "synergy-2018-11-14-bucharest".

    If no source gives a date or a place, the title is used, because several gatherings are known only by their title.
    """
    date_and_place = f"{gathering.begins or ''} {gathering.place}".strip()
    return slug_of(f"{gathering.network} {date_and_place or gathering.title or gathering.about}")


def publication_key(publication: Publication) -> str:
    """Return the key that links use for a network's publication."""
    return slug_of(f"{publication.network} {publication.title or publication.about}")[:120].strip("-")


def parse_activities(text: str, file: str = "activities.csv") -> tuple[Activity, ...]:
    """Return the activities in a CSV text with our columns. Raises InvalidTable for the first invalid row."""
    return tuple(_parse_activity(file, number, row) for number, row in enumerate(csv.DictReader(text.splitlines()), 2))


def _parse_activity(file: str, number: int, row: Mapping[str, str]) -> Activity:
    if tuple(row) != COLUMNS:
        raise InvalidTable(f"{file}, line {number}: the columns must be {', '.join(COLUMNS)}.")
    activity, problems = parse_row(row)
    if activity is None:
        raise InvalidTable(f"{file}, line {number}, {problems[0].column}: {problems[0].problem}")
    return activity


# --- A single row -----------------------------------------------------------------------------------------------------


def parse_row(row: Mapping[str, str]) -> tuple[Activity | None, tuple[CellProblem, ...]]:
    """Parse a row; return (activity, ()), or (None, all problems in the row)."""
    reader = _RowParser(row)
    values = reader.parse_values()
    if not reader.problems:
        try:
            return Activity(**values), ()
        except Contradiction as error:
            reader.add_problem(error.column, error.code, error.message)
        except ValueError:  # from `Fact`: neither a source nor marked as unverified
            reader.add_problem("source", "no_source", "Without a source it can only be marked “from-memory”.")
    return None, tuple(reader.problems)


def row_from_activity(activity: Activity) -> dict[str, str]:
    """Return the activity as a row of COLUMNS, with every value as text."""
    amounts = {
        "grant": activity.grant, "grant_eea": activity.get_scheme_amount(GrantScheme.EEA),
        "grant_norway": activity.get_scheme_amount(GrantScheme.NORWAY),
        "cofinancing": activity.cofinancing, "gbv_share": activity.gbv,
    }  # fmt: skip
    valued_on = next((amount.value_date for amount in amounts.values() if amount and amount.value_date), None)
    row = {
        **{name: getattr(activity, name) for name in (*_TEXT_COLUMNS, "language", "currency")},
        **{name: str(getattr(activity, name) or "") for name in ("form", "begins", "ends", "read_on")},
        **{name: " ".join(getattr(activity, name)) for name in ("donors", "beneficiaries", "areas", "from_memory")},
        **{name: amount.plain_number if amount else "" for name, amount in amounts.items()},
        "kind": activity.kind.value,
        "id": activity.slug,
        "valued_on": valued_on.isoformat() if valued_on else "",
        "partners": " | ".join(map(format_partner, activity.partners)),
        "confidence": activity.confidence.value,
        "fictional": "yes" if activity.fictional else "",
    }
    return {column: row[column] for column in COLUMNS}


def format_partner(partner: Partner) -> str:
    """Format a partner for a cell: "promoter/beneficiary/RO/ro-anes: National Agency …"."""
    place = "/".join(
        (partner.role, partner.side, partner.state, *([partner.organisation] if partner.organisation else []))
    )
    return f"{place}: {partner.name}"


def parse_partner(text: str) -> Partner:
    """Parse a partner in the format of `format_partner`. Raises ValueError for anything else."""
    place, colon, name = text.partition(":")
    parts = [part.strip() for part in place.split("/")]
    if not colon or not 2 <= len(parts) <= 4:
        raise ValueError("write a partner as role/side/state: name")
    role, side, state, organisation = (*parts, "", "")[:4]
    if state and territory(state) is None:
        raise ValueError(f"“{state}” is not a country code")
    return Partner(name.strip(), PartnerRole(role), PartnerSide(side), state, organisation)


def make_activity_slug(code: str, title: str, beneficiaries: Iterable[str]) -> str:
    """Return a slug for an activity that has none, made from its code, or else from its states and title."""
    return slug_of(code or f"{' '.join(beneficiaries)} {title}")[:80].strip("-")


class _RowParser:
    """A parser of one row, which collects problems instead of raising errors, so that all can be reported at once."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.cells, self.problems = row, list[CellProblem]()
        self.currency = self["currency"].upper()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def add_problem(self, column: str, code: str, problem: str) -> None:
        self.problems.append(CellProblem(column, self[column], code, problem))

    def parse_values(self) -> dict[str, Any]:
        for column, limit in MAX_LENGTHS.items():
            if len(self[column]) > limit:
                self.add_problem(column, "too_long", f"It has more than {limit} characters.")
        beneficiaries = self.parse_states("beneficiaries")
        amounts = self.parse_amounts()
        schemes = ((GrantScheme.EEA, amounts["grant_eea"]), (GrantScheme.NORWAY, amounts["grant_norway"]))
        for column in ("source", "second_source"):
            if self[column] and not is_source(self[column]):
                problem = "Enter a web address or the name of a document as the source."
                self.add_problem(column, "no_real_source", problem)
        return {
            **{column: self[column] for column in _TEXT_COLUMNS},
            "kind": self.parse_choice("kind", ActivityKind) or ActivityKind.PROGRAMME,
            "slug": self["id"] or make_activity_slug(self["code"], self["title"], beneficiaries),
            "language": self["language"] or "en",
            "form": self.parse_choice("form", ActivityFormat) if self["form"] else None,
            "donors": self.parse_states("donors"),
            "beneficiaries": beneficiaries,
            "areas": self.parse_areas(),
            "grant": amounts["grant"],
            "parts": tuple((scheme, amount) for scheme, amount in schemes if amount),
            "cofinancing": amounts["cofinancing"],
            "gbv": amounts["gbv_share"],
            "begins": self.read_partial_date("begins"),
            "ends": self.read_partial_date("ends"),
            "partners": self.parse_partners(),
            "confidence": self.parse_confidence(),
            "from_memory": self.parse_unverified_columns(),
            "read_on": self.read_day("read_on"),
            "fictional": self["fictional"].lower() in {"yes", "true", "1"},
        }

    def parse_choice[Word: StrEnum](self, column: str, choices: type[Word]) -> Word | None:
        value = translate_term(column, self[column])
        if not value:
            self.add_problem(column, f"no_{column}", "This value is missing.")
            return None
        try:
            return choices(value)
        except ValueError:
            self.add_problem(column, "unknown_value", f"Choose one of: {', '.join(choices)}.")
            return None

    def parse_states(self, column: str) -> tuple[str, ...]:
        codes = self[column].replace(",", " ").replace(";", " ").upper().split()
        for code in codes:
            if territory(code) is None:
                self.add_problem(column, "unknown_state", f"“{code}” is not a country code.")
        return tuple(dict.fromkeys(codes))

    def parse_areas(self) -> tuple[str, ...]:
        keys = tuple(dict.fromkeys(self["areas"].replace(",", " ").replace(";", " ").split()))
        for key in keys:
            if key not in load_areas():
                self.add_problem("areas", "unknown_value", f"Choose one of: {', '.join(load_areas())}.")
        return keys

    def parse_unverified_columns(self) -> tuple[str, ...]:
        columns = tuple(dict.fromkeys(self["from_memory"].split()))
        for column in columns:
            if column not in UNVERIFIABLE_COLUMNS:
                self.add_problem("from_memory", "unknown_value", f"Choose one of: {', '.join(UNVERIFIABLE_COLUMNS)}.")
        return columns

    def parse_amounts(self) -> dict[str, Amount | None]:
        valued_on = self.read_day("valued_on")
        amounts: dict[str, Amount | None] = dict.fromkeys(AMOUNT_COLUMNS)
        filled = [column for column in AMOUNT_COLUMNS if self[column]]
        if filled and not self.currency:
            self.add_problem("currency", "no_currency", "An amount needs a currency.")
        elif filled and self.currency not in currency_codes():
            self.add_problem("currency", UnknownCurrency.code, f"“{self.currency}” is not a currency.")
        else:
            for column in filled:
                try:
                    amounts[column] = parse_amount(self[column], self.currency, valued_on)
                except FundingError as error:
                    self.add_problem(column, error.code, error.message)
        return amounts

    def read_partial_date(self, column: str) -> PartialDate | None:
        try:
            return parse_partial_date(self[column])
        except (UnreadableDate, ValueError):
            self.add_problem(column, UnreadableDate.code, f"“{self[column]}” is not a date.")
            return None

    def read_day(self, column: str) -> date | None:
        try:
            return parse_day(self[column]) if self[column] else None
        except (UnreadableDate, ValueError):
            self.add_problem(column, UnreadableDate.code, f"“{self[column]}” is not a full date.")
            return None

    def parse_partners(self) -> tuple[Partner, ...]:
        partners = []
        for part in filter(None, (part.strip() for part in self["partners"].split("|"))):
            try:
                partners.append(parse_partner(part))
            except ValueError:
                self.add_problem("partners", "bad_partner", f"“{part}”: write a partner as role/side/state: name.")
        return tuple(partners)

    def parse_confidence(self) -> Confidence:
        """Return the confidence in the row; if empty, SINGLE_SOURCE with a source and UNVERIFIED without."""
        if self["confidence"]:
            return self.parse_choice("confidence", Confidence) or Confidence.UNVERIFIED
        return Confidence.SINGLE_SOURCE if self["source"] else Confidence.UNVERIFIED


# --- Other people's terms ---------------------------------------------------------------------------------------------


def translate_term(column: str, text: str) -> str:
    """Return our term for a value in a cell: "bilateral_initiative" → "initiative"; other values unchanged."""
    term = normalise_term(text)
    translated: str = load_import_vocabulary()["words"].get(column, {}).get(term, term)
    return translated


def is_source(text: str) -> bool:
    """Return whether a text identifies a source: a web address with a host, or the name of a document.

    A name has at least two words and ten letters, and is not a phrase that means "no source".
    """
    stripped = text.strip()
    if re.match(r"(?i)https?://", stripped):
        try:
            return "." in (urlsplit(stripped).hostname or "") and not re.search(r"\s", stripped)
        except ValueError:
            return False
    if (
        re.match(r"(?i)[a-z][a-z0-9+.-]*:\S", stripped)
        or normalise_term(stripped) in load_import_vocabulary()["no_source"]
    ):
        return False
    words = [word for word in stripped.split() if any(sign.isalpha() for sign in word)]
    return len(words) > 1 and sum(sign.isalpha() for sign in stripped) >= 10


def normalise_term(text: str) -> str:
    """Return a heading or word in lower case, without accents and with "_" for spaces."""
    return "_".join("".join(c if c.isalnum() or c == "-" else " " for c in fold(text)).split())


@cache
def load_import_vocabulary() -> dict[str, Any]:
    """Return the names that other tables use for our columns and terms (columns.toml)."""
    return tomllib.loads(read_data_file("samsvar.funding", "columns.toml"))


# --- Rows of the smaller files ----------------------------------------------------------------------------------------


def transaction_from_row(row: Mapping[str, str]) -> Transaction:
    """Return the transaction in a row. Raises ValueError or FundingError if it is invalid."""
    return Transaction(
        **select_values(row, "id", "payer", "receiver"),
        step=TransactionStep(row["step"]),
        amount=_parse_required_amount(row),
        on=parse_partial_date(row["on"]),
        **fact_values(row),
    )


def result_from_row(row: Mapping[str, str]) -> Result:
    """Return the result in a row."""
    return Result(
        **select_values(row, "id", "what", "promised", "came", "unit"),
        promised_number=Decimal(row["promised_number"]) if row["promised_number"] else None,
        came_number=Decimal(row["came_number"]) if row["came_number"] else None,
        begins=parse_partial_date(row["begins"]),
        ends=parse_partial_date(row["ends"]),
        **fact_values(row),
    )


def link_from_row(row: Mapping[str, str]) -> FundingLink:
    """Return the link in a row."""
    return FundingLink(FundingLinkKind(row["kind"]), row["key"], row["note"], row["source"])


def _factsheet_total_from_row(row: Mapping[str, str]) -> FactsheetTotal:
    return FactsheetTotal(
        **select_values(row, "kind", "code", "name", "period"),
        slug=row["id"],
        amount=_parse_required_amount(row),
        on=parse_partial_date(row["on"]),
        read_on=parse_day(row["read_on"]),
        **fact_values(row),
    )


def _parse_required_amount(row: Mapping[str, str]) -> Amount:
    amount = parse_amount(row["amount"], row["currency"])
    if amount is None:
        raise ValueError("it has no amount")
    return amount


def _parse_facts[F](file: str, build: Callable[[Mapping[str, str]], F]) -> Iterator[tuple[str, F]]:
    """Yield what a data file contains, each with the slug of its activity ("" if the file has no such column)."""
    for line, row in enumerate(csv.DictReader(read_data_file("samsvar.funding", file).splitlines()), start=2):
        try:
            yield row.get("activity", ""), build(row)
        except SamsvarError as error:
            raise InvalidTable(f"{file}, line {line}: {error.message}") from error
        except (KeyError, ValueError, TypeError, ArithmeticError) as wrong:
            raise InvalidTable(f"{file}, line {line}: {wrong}.") from wrong
