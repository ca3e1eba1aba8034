"""Data files of the thesaurus: tables of concepts, labels, mappings and retired keys, as CSV with a heading row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from samsvar.errors import SamsvarError

SEPARATOR = "|"  # between several values of a column

CONCEPT_COLUMNS = ("key", "kind", "broader", "related", "articles")
LABEL_COLUMNS = ("key", "preferred", "other")
MAPPING_COLUMNS = ("key", "scheme", "uri", "match", "source", "seen")
RETIRED_COLUMNS = ("key", "replaced_by", "since", "reason")


class ThesaurusError(SamsvarError):
    """Base class for the errors of the thesaurus."""


class InvalidConcept(ThesaurusError):
    """Raised when a row of the thesaurus is invalid."""

    advice = "Correct the row and load the file again."

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, “{key}”: {problem}")
        self.file, self.key, self.problem = file, key, problem


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """A row of concepts.csv, as written: its kind and keys may still be unknown."""

    key: str
    kind: str
    broader: tuple[str, ...]
    related: tuple[str, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A row of labels/<language>.csv: the preferred label of a concept and its other labels."""

    key: str
    preferred: str
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A row of mappings.csv, as written: a concept, and a term of another vocabulary that means about the same."""

    key: str
    scheme: str
    uri: str
    match: str
    source: str  # where the term was seen
    seen: str  # the day


@dataclass(frozen=True, slots=True)
class RetiredRow:
    """A row of retired.csv, as written: a key that is no longer used, and the one that replaces it, if any."""

    key: str
    replaced_by: str
    since: str
    reason: str


def parse_concept_rows(text: str, file: str = "concepts.csv") -> list[ConceptRow]:
    """Parse a CSV text of CONCEPT_COLUMNS. Raises InvalidConcept for an incomplete row or wrong columns."""
    rows = []
    for key, kind, broader, related, articles in parse_table(text, file, CONCEPT_COLUMNS):
        if not kind:
            raise InvalidConcept(file, key, "a kind is required")
        rows.append(ConceptRow(key, kind, split_values(broader), split_values(related), split_values(articles)))
    return rows


def parse_label_rows(text: str, file: str) -> list[LabelRow]:
    """Parse a CSV text of LABEL_COLUMNS. Raises InvalidConcept for an incomplete row or wrong columns."""
    rows = []
    for key, preferred, other in parse_table(text, file, LABEL_COLUMNS):
        if not preferred:
            raise InvalidConcept(file, key, "a preferred label is required")
        rows.append(LabelRow(key, preferred, split_values(other)))
    return rows


def parse_mapping_rows(text: str, file: str = "mappings.csv") -> list[MappingRow]:
    """Parse a CSV text of MAPPING_COLUMNS. Raises InvalidConcept for an incomplete row or wrong columns."""
    return [MappingRow(*cells) for cells in parse_table(text, file, MAPPING_COLUMNS, is_unique=False)]


def parse_retired_rows(text: str, file: str = "retired.csv") -> list[RetiredRow]:
    """Parse a CSV text of RETIRED_COLUMNS. Raises InvalidConcept for an incomplete row or wrong columns."""
    return [RetiredRow(*cells) for cells in parse_table(text, file, RETIRED_COLUMNS)]


def parse_table(text: str, file: str, columns: tuple[str, ...], *, is_unique: bool = True) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a CSV text with these columns, whose first one is a key.

    Raises InvalidConcept for other columns, a row of another length, and a key that is missing or, unless keys need not
    be unique, occurs twice.
    """
    reader = csv.reader(text.splitlines())
    heading = tuple(next(reader, ()))
    if heading != columns:
        raise InvalidConcept(file, ",".join(heading), f"the columns must be {','.join(columns)}")
    seen: set[str] = set()
    for cells in reader:
        key = cells[0] if cells else ""
        if len(cells) != len(columns) or not key:
            raise InvalidConcept(file, key, f"a row must have a key and {len(columns)} columns")
        if is_unique and key in seen:
            raise InvalidConcept(file, key, "it occurs twice")
        seen.add(key)
        yield tuple(cells)


def split_values(cell: str) -> tuple[str, ...]:
    """Return the values of a cell, without those that are empty."""
    return tuple(value.strip() for value in cell.split(SEPARATOR) if value.strip())
