"""Export of audit entries as formula-safe CSV or as JSON lines, streamed while the entries are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from samsvar.interchange.tables import render_csv, render_json_line

BATCH_SIZE = 500
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def stream_export(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], file_format: str) -> Iterator[str]:
    """Yield the rows as pieces of a file, with a header row in CSV; `file_format` is one of `CONTENT_TYPES`."""
    if file_format == "jsonl":
        yield from map(render_json_line, rows)
        return
    yield render_csv([], columns)
    for batch in batched(map(_serialise_details, rows), BATCH_SIZE):
        yield render_csv(batch, columns).split("\r\n", 1)[1]


def _serialise_details(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its details as JSON in one cell, so that the keys of the details are kept."""
    cells = {key: value for key, value in row.items() if key != "details"}
    if "details" in row:
        cells["details"] = json.dumps(row["details"], ensure_ascii=False) if row["details"] else ""
    return cells
