"""Rows given out as a file: CSV that no spreadsheet runs, or a workbook whose cells are all texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from samsvar.interchange import tables

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_file(
    rows: Iterable[tables.Row], columns: Sequence[str], form: str, name: str, *, cache: str = "", sheet: str = "Samsvar"
) -> HttpResponse:
    """The rows as a file to keep, called `name` with its ending; `form` is one of `KINDS`, `cache` who may keep it."""
    content: str | bytes
    if form == "xlsx":
        content = tables.xlsx_bytes(rows, {column: column for column in columns}, sheet=sheet)
    else:
        content = tables.csv_text(rows, columns)
    response = HttpResponse(content, content_type=KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    if cache:
        response["Cache-Control"] = cache
    return response
