"""Rows of activities: our own files of public facts, and the same rows of a form or of a table that a person brings.

A row becomes an `Activity` or a list of what is wrong with it, cell by cell; nothing is guessed. `row_of` writes the
same row again, so that a table that is taken out can be brought back. How tables of others are read: `tables`.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from samsvar.dates import PartialDate, UnreadableDate, day, partial_date
from samsvar.errors import SamsvarError
from samsvar.funding.amounts import Amount, FundingError, UnknownCurrency, amount_in, currencies
from samsvar.funding.programmes import Activity, Area, Contradiction, Figure, Form, Kind, Partner, Role, Scheme, Side
from samsvar.funding.projects import Link, LinkKind, Result, Step, Transaction
from samsvar.ids import slug as slug_of
from samsvar.network.loading import Confidence, Gathering, Publication
from samsvar.territories import territory

COLUMNS = (
    "kind", "id", "code", "title", "language", "form", "period", "part_of", "donors", "beneficiaries", "areas",
    "currency", "grant", "grant_eea", "grant_norway", "cofinancing", "gbv_share", "valued_on", "begins", "ends",
    "partners", "about", "note", "source", "second_source", "confidence", "from_memory", "read_on", "invented",
)  # fmt: skip
# How many characters a cell may have; what is stored has no more room.
LONGEST = {
    "id": 80, "code": 60, "title": 300, "language": 8, "period": 20, "part_of": 80, "partners": 6_000, "about": 4_000,
    "note": 4_000, "source": 1_000, "second_source": 1_000,
}  # fmt: skip
AMOUNTS = ("grant", "grant_eea", "grant_norway", "cofinancing", "gbv_share")
# What can be remembered alone in a row whose sources say the rest.
REMEMBERED = ("code", "form", "period", "areas", *AMOUNTS, "begins", "ends", "partners")


class BadTable(FundingError):
    """A table, or a file of public facts, cannot be read as one."""

    code = "bad_table"
    advice = "Mend the table and bring it again."

    def __init__(self, message: str, code: str = "bad_table", advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.code = code


@dataclass(frozen=True, slots=True)
class BadCell:
    """What is wrong in one cell: its column, what stands there, and why it cannot be taken (a code, and a sentence)."""

    column: str
    cell: str
    code: str
    problem: str


# --- Public facts -----------------------------------------------------------------------------------------------------


@cache
def activities() -> tuple[Activity, ...]:
    """Every programme, call, initiative and project that public sources tell us of, unverified ones too."""
    return activities_in(data_file("activities.csv"))


@cache
def figures() -> tuple[Figure, ...]:
    """Totals of factsheets."""
    return tuple(_fact("figures.csv", line, row, _figure) for line, row in _rows("figures.csv"))


@cache
def transactions() -> tuple[tuple[str, Transaction], ...]:
    """Money that sources say was promised or paid, with the slug of its activity."""
    return tuple(
        (row["activity"], _fact("transactions.csv", line, row, transaction_of))
        for line, row in _rows("transactions.csv")
    )


@cache
def results() -> tuple[tuple[str, Result], ...]:
    """What sources say was promised and came, with the slug of its activity."""
    return tuple((row["activity"], _fact("results.csv", line, row, result_of)) for line, row in _rows("results.csv"))


@cache
def links() -> tuple[tuple[str, Link], ...]:
    """What money led to by public sources, with the slug of the activity."""
    return tuple((row["activity"], _fact("links.csv", line, row, link_of)) for line, row in _rows("links.csv"))


@cache
def areas() -> dict[str, Area]:
    """Every area by its key."""
    return {key: Area(key=key, **entry) for key, entry in tomllib.loads(data_file("areas.toml")).items()}


def gathering_key(gathering: Gathering) -> str:
    """The key under which a link names a gathering of a network: "synergy-2018-11-14-bucharest".

    Where no source gives a day or a place, its name stands for them: several are known by their names alone.
    """
    known = f"{gathering.begins or ''} {gathering.place}".strip()
    return slug_of(f"{gathering.network} {known or gathering.title or gathering.about}")


def publication_key(publication: Publication) -> str:
    """The key under which a link names what a network brought out."""
    return slug_of(f"{publication.network} {publication.title or publication.about}")[:120].strip("-")


def data_file(name: str) -> str:
    """The text of one of the data files."""
    return files("samsvar.funding").joinpath("data", name).read_text(encoding="utf-8")


def activities_in(text: str, file: str = "activities.csv") -> tuple[Activity, ...]:
    """The activities of a CSV text in our own columns. Raises BadTable for the first row that does not hold."""
    return tuple(_activity_of(file, number, row) for number, row in enumerate(csv.DictReader(text.splitlines()), 2))


def _activity_of(file: str, number: int, row: Mapping[str, str]) -> Activity:
    if tuple(row) != COLUMNS:
        raise BadTable(f"{file}, line {number}: its columns are not {', '.join(COLUMNS)}.")
    activity, wrong = read_row(row)
    if activity is None:
        raise BadTable(f"{file}, line {number}, {wrong[0].column}: {wrong[0].problem}")
    return activity


# --- One row ----------------------------------------------------------------------------------------------------------


def read_row(said: Mapping[str, str]) -> tuple[Activity | None, tuple[BadCell, ...]]:
    """The activity that a row tells of, or all that is wrong with it."""
    reader = _Row(said)
    values = reader.values()
    if not reader.wrong:
        try:
            return Activity(**values), ()
        except Contradiction as error:
            reader.note(error.column, error.code, error.message)
        except ValueError:  # of `Fact`: it has no source and does not say so
            reader.note("source", "no_source", "Without a source it can only be from memory.")
    return None, tuple(reader.wrong)


def row_of(one: Activity) -> dict[str, str]:
    """The activity as a row of COLUMNS, every value as text."""
    amounts = {
        "grant": one.grant, "grant_eea": one.part(Scheme.EEA), "grant_norway": one.part(Scheme.NORWAY),
        "cofinancing": one.cofinancing, "gbv_share": one.gbv,
    }  # fmt: skip
    valued = next((amount.on for amount in amounts.values() if amount and amount.on), None)
    return {
        "kind": one.kind.value,
        "id": one.slug,
        "code": one.code,
        "title": one.title,
        "language": one.language,
        "form": one.form.value if one.form else "",
        "period": one.period,
        "part_of": one.part_of,
        "donors": " ".join(one.donors),
        "beneficiaries": " ".join(one.beneficiaries),
        "areas": " ".join(one.areas),
        "currency": one.currency,
        **{name: amount.written if amount else "" for name, amount in amounts.items()},
        "valued_on": valued.isoformat() if valued else "",
        "begins": str(one.begins or ""),
        "ends": str(one.ends or ""),
        "partners": " | ".join(map(partner_written, one.partners)),
        "about": one.about,
        "note": one.note,
        "source": one.source,
        "second_source": one.second_source,
        "confidence": one.confidence.value,
        "from_memory": " ".join(one.from_memory),
        "read_on": one.read_on.isoformat() if one.read_on else "",
        "invented": "yes" if one.invented else "",
    }


def partner_written(one: Partner) -> str:
    """A partner as a cell names it: "promoter/beneficiary/RO/ro-anes: National Agency …"."""
    place = "/".join((one.role, one.side, one.state, *([one.organisation] if one.organisation else [])))
    return f"{place}: {one.name}"


def partner_in(text: str) -> Partner:
    """The partner that `partner_written` wrote. Raises ValueError for anything else."""
    place, colon, name = text.partition(":")
    parts = [part.strip() for part in place.split("/")]
    if not colon or not 2 <= len(parts) <= 4:
        raise ValueError("a partner is written as role/side/state: name")
    role, side, state, organisation = (*parts, "", "")[:4]
    if state and territory(state) is None:
        raise ValueError(f"“{state}” is no state")
    return Partner(name.strip(), Role(role), Side(side), state, organisation)


def slug_for(code: str, title: str, beneficiaries: Iterable[str]) -> str:
    """The identity of an activity that brings none: from its code, or from its states and its title."""
    return slug_of(code or f"{' '.join(beneficiaries)} {title}")[:80].strip("-")


class _Row:
    """One row on its way to a value; what is wrong is noted and not raised, so that all of it is told at once."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self.said, self.wrong = said, list[BadCell]()
        self.currency = self["currency"].upper()

    def __getitem__(self, column: str) -> str:
        return self.said.get(column, "").strip()

    def note(self, column: str, code: str, problem: str) -> None:
        self.wrong.append(BadCell(column, self[column], code, problem))

    def values(self) -> dict[str, Any]:
        for column, most in LONGEST.items():
            if len(self[column]) > most:
                self.note(column, "too_long", f"It has more than {most} characters.")
        beneficiaries = self.states("beneficiaries")
        amounts = self.amounts()
        schemes = ((Scheme.EEA, amounts["grant_eea"]), (Scheme.NORWAY, amounts["grant_norway"]))
        source = self["source"]
        for column in ("source", "second_source"):
            if self[column] and not is_source(self[column]):
                self.note(column, "no_real_source", "A source is a web address or the name of a document.")
        return {
            "kind": self.word("kind", Kind) or Kind.PROGRAMME,
            "slug": self["id"] or slug_for(self["code"], self["title"], beneficiaries),
            "code": self["code"],
            "title": self["title"],
            "language": self["language"] or "en",
            "form": self.word("form", Form) if self["form"] else None,
            "period": self["period"],
            "part_of": self["part_of"],
            "donors": self.states("donors"),
            "beneficiaries": beneficiaries,
            "areas": self.areas(),
            "grant": amounts["grant"],
            "parts": tuple((scheme, amount) for scheme, amount in schemes if amount),
            "cofinancing": amounts["cofinancing"],
            "gbv": amounts["gbv_share"],
            "begins": self.when("begins"),
            "ends": self.when("ends"),
            "partners": self.partners(),
            "about": self["about"],
            "note": self["note"],
            "source": source,
            "second_source": self["second_source"],
            "confidence": self.confidence(source),
            "from_memory": self.remembered(),
            "read_on": self.whole_day("read_on"),
            "invented": self["invented"].lower() in {"yes", "true", "1"},
        }

    def word[Word: StrEnum](self, column: str, words: type[Word]) -> Word | None:
        written = meaning(column, self[column])
        if not written:
            self.note(column, f"no_{column}", "It is not said.")
            return None
        try:
            return words(written)
        except ValueError:
            self.note(column, "unknown_word", f"It is none of: {', '.join(words)}.")
            return None

    def states(self, column: str) -> tuple[str, ...]:
        codes = self[column].replace(",", " ").replace(";", " ").upper().split()
        for code in codes:
            if territory(code) is None:
                self.note(column, "unknown_state", f"“{code}” is no state.")
        return tuple(dict.fromkeys(codes))

    def areas(self) -> tuple[str, ...]:
        keys = tuple(dict.fromkeys(self["areas"].replace(",", " ").replace(";", " ").split()))
        for key in keys:
            if key not in areas():
                self.note("areas", "unknown_word", f"It is none of: {', '.join(areas())}.")
        return keys

    def remembered(self) -> tuple[str, ...]:
        columns = tuple(dict.fromkeys(self["from_memory"].split()))
        for column in columns:
            if column not in REMEMBERED:
                self.note("from_memory", "unknown_word", f"It is none of: {', '.join(REMEMBERED)}.")
        return columns

    def amounts(self) -> dict[str, Amount | None]:
        valued_on = self.whole_day("valued_on")
        read: dict[str, Amount | None] = dict.fromkeys(AMOUNTS)
        given = [column for column in AMOUNTS if self[column]]
        if given and not self.currency:
            self.note("currency", "no_currency", "An amount has a currency.")
        elif given and self.currency not in currencies():
            self.note("currency", UnknownCurrency.code, f"“{self.currency}” is no currency.")
        else:
            for column in given:
                try:
                    read[column] = amount_in(self[column], self.currency, valued_on)
                except FundingError as error:
                    self.note(column, error.code, error.message)
        return read

    def when(self, column: str) -> PartialDate | None:
        try:
            return partial_date(self[column])
        except (UnreadableDate, ValueError):
            self.note(column, UnreadableDate.code, f"“{self[column]}” is no date.")
            return None

    def whole_day(self, column: str) -> date | None:
        try:
            return day(self[column]) if self[column] else None
        except (UnreadableDate, ValueError):
            self.note(column, UnreadableDate.code, f"“{self[column]}” is no day.")
            return None

    def partners(self) -> tuple[Partner, ...]:
        read = []
        for part in filter(None, (part.strip() for part in self["partners"].split("|"))):
            try:
                read.append(partner_in(part))
            except ValueError:
                self.note("partners", "bad_partner", f"“{part}”: a partner is written as role/side/state: name.")
        return tuple(read)

    def confidence(self, source: str) -> Confidence:
        """As the row says; where it says nothing, one source is one source, and none is none."""
        if self["confidence"]:
            return self.word("confidence", Confidence) or Confidence.FROM_MEMORY
        return Confidence.SINGLE_SOURCE if source else Confidence.FROM_MEMORY


# --- Others' words ----------------------------------------------------------------------------------------------------


def meaning(column: str, written: str) -> str:
    """A word of a cell as we say it: "bilateral_initiative" → "initiative"; the word itself where it is ours."""
    bare = plain(written)
    found: str = others()["words"].get(column, {}).get(bare, bare)
    return found


def is_source(text: str) -> bool:
    """Whether a text says where something stands: a web address with a host, or a document by its name.

    A name has two words and ten letters at least, and is none of the words that say that there is nothing.
    """
    bare = text.strip()
    if re.match(r"(?i)https?://", bare):
        try:
            return "." in (urlsplit(bare).hostname or "") and not re.search(r"\s", bare)
        except ValueError:
            return False
    if re.match(r"(?i)[a-z][a-z0-9+.-]*:\S", bare) or plain(bare) in others()["no_source"]:
        return False
    words = [word for word in bare.split() if any(sign.isalpha() for sign in word)]
    return len(words) > 1 and sum(sign.isalpha() for sign in bare) >= 10


def plain(text: str) -> str:
    """A heading or a word in small letters without accents, with "_" for every blank."""
    flat = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return "_".join("".join(c if c.isalnum() or c == "-" else " " for c in flat).split())


@cache
def others() -> dict[str, Any]:
    """What others call our columns and words (columns.toml)."""
    return tomllib.loads(data_file("columns.toml"))


# --- Rows of the smaller files ----------------------------------------------------------------------------------------


def transaction_of(row: Mapping[str, str]) -> Transaction:
    """A transaction from its row; ValueError or a FundingError where it does not hold."""
    amount = amount_in(row["amount"], row["currency"])
    if amount is None:
        raise ValueError("it has no amount")
    return Transaction(
        id=row["id"],
        step=Step(row["step"]),
        amount=amount,
        on=partial_date(row["on"]),
        payer=row["payer"],
        receiver=row["receiver"],
        **_sourced(row),
    )


def result_of(row: Mapping[str, str]) -> Result:
    """A result from its row."""
    return Result(
        id=row["id"],
        what=row["what"],
        promised=row["promised"],
        came=row["came"],
        unit=row["unit"],
        promised_number=Decimal(row["promised_number"]) if row["promised_number"] else None,
        came_number=Decimal(row["came_number"]) if row["came_number"] else None,
        begins=partial_date(row["begins"]),
        ends=partial_date(row["ends"]),
        **_sourced(row),
    )


def link_of(row: Mapping[str, str]) -> Link:
    """A link from its row."""
    return Link(LinkKind(row["kind"]), row["key"], row["note"], row["source"])


def _figure(row: Mapping[str, str]) -> Figure:
    amount = amount_in(row["amount"], row["currency"])
    if amount is None:
        raise ValueError("it has no amount")
    return Figure(
        slug=row["id"],
        kind=row["kind"],
        code=row["code"],
        name=row["name"],
        period=row["period"],
        amount=amount,
        on=partial_date(row["on"]),
        read_on=day(row["read_on"]),
        **_sourced(row),
    )


def _sourced(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "confidence": Confidence(row["confidence"]),
        "source": row["source"],
        "second_source": row.get("second_source", ""),
        "note": row.get("note", ""),
    }


def _rows(file: str) -> Iterator[tuple[int, dict[str, str]]]:
    yield from enumerate(csv.DictReader(data_file(file).splitlines()), start=2)


def _fact[F](file: str, line: int, row: Mapping[str, str], build: Callable[[Mapping[str, str]], F]) -> F:
    try:
        return build(row)
    except SamsvarError as error:
        raise BadTable(f"{file}, line {line}: {error.message}") from error
    except (KeyError, ValueError, TypeError, ArithmeticError) as wrong:
        raise BadTable(f"{file}, line {line}: {wrong}.") from wrong
