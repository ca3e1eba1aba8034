"""The thesaurus's data files as rows: which concepts there are, and one list of labels a language."""

from __future__ import annotations

import csv
from importlib.resources import files

from samsvar.errors import SamsvarError


class ThesaurusError(SamsvarError):
    """Something about the field's concepts or their labels does not hold."""

    code = "thesaurus_error"


class BadConcept(ThesaurusError):
    """A row of the thesaurus cannot be believed."""

    code = "bad_concept"
    advice = "Mend the row and load the file again."

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, “{key}”: {problem}")
        self.file, self.key, self.problem = file, key, problem


def data_file(name: str) -> str:
    """The text of one of the thesaurus's own data files."""
    return files("samsvar.thesaurus").joinpath("data", name).read_text(encoding="utf-8")


def pairs_in(text: str, file: str) -> dict[str, str]:
    """A CSV text of two columns, the first of them a key. Raises BadConcept for a key that is there twice, or alone."""
    pairs: dict[str, str] = {}
    rows = csv.reader(text.splitlines())
    next(rows, None)  # the names of the columns
    for row in rows:
        if len(row) != 2 or not all(row):
            raise BadConcept(file, row[0] if row else "", "a key and one value are asked for")
        if row[0] in pairs:
            raise BadConcept(file, row[0], "it is there twice")
        pairs[row[0]] = row[1]
    return pairs
