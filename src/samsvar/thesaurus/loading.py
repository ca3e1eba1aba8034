"""Data files of the thesaurus: the list of concepts, and a list of labels per language."""

from __future__ import annotations

import csv

from samsvar.errors import SamsvarError


class ThesaurusError(SamsvarError):
    """Base class for the errors of the thesaurus."""


class InvalidConcept(ThesaurusError):
    """Raised when a row of the thesaurus is invalid."""

    advice = "Correct the row and load the file again."

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, “{key}”: {problem}")
        self.file, self.key, self.problem = file, key, problem


def parse_pairs(text: str, file: str) -> dict[str, str]:
    """Parse a CSV text of two columns into a dict from key to value.

    Raises InvalidConcept for a duplicate key or an incomplete row.
    """
    pairs: dict[str, str] = {}
    rows = csv.reader(text.splitlines())
    next(rows, None)  # column headings
    for row in rows:
        if len(row) != 2 or not all(row):
            raise InvalidConcept(file, row[0] if row else "", "a key and a value are required")
        if row[0] in pairs:
            raise InvalidConcept(file, row[0], "it occurs twice")
        pairs[row[0]] = row[1]
    return pairs
