"""Lines of the trail as files: CSV that no spreadsheet runs, and JSON lines; written as they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from samsvar.interchange.tables import csv_text, json_line

LINES_AT_ONCE = 500
FORMS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def written(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str) -> Iterator[str]:
    """The rows as pieces of a file, its header first; `form` is one of `FORMS`."""
    if form == "jsonl":
        yield from map(json_line, rows)
        return
    yield csv_text([], columns)
    for some in batched(map(_for_a_cell, rows), LINES_AT_ONCE):
        yield csv_text(some, columns).split("\r\n", 1)[1]


def _for_a_cell(row: Mapping[str, Any]) -> dict[str, Any]:
    """Details keep their names: a cell holds them as JSON."""
    said = {key: value for key, value in row.items() if key != "details"}
    if "details" in row:
        said["details"] = json.dumps(row["details"], ensure_ascii=False) if row["details"] else ""
    return said
