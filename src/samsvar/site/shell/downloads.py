"""Downloads: tables as CSV that is safe from formula injection, a workbook or JSON Lines; files that programs poll."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from django.http import HttpRequest, HttpResponse

from samsvar.interchange import tables

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}


def table_response(
    rows: Iterable[tables.TableRow],
    columns: Sequence[str],
    file_format: str,
    name: str,
    *,
    cache: str = "",
    sheet: str = "Samsvar",
    numbers: Collection[str] = (),
    dates: Collection[str] = (),
) -> HttpResponse:
    """Return the rows as a download named `name` with its extension.

    The format is a key of `CONTENT_TYPES`; `cache` is the Cache-Control header, if any. The columns in `numbers` and
    `dates` are those of a workbook whose cells can be added up and sorted.
    """
    content: str | bytes
    if file_format == "xlsx":
        headings = {column: column for column in columns}
        content = tables.render_xlsx(rows, headings, sheet=sheet, numbers=numbers, dates=dates)
    elif file_format == "jsonl":
        content = "".join(tables.render_json_line({column: row.get(column) for column in columns}) for row in rows)
    else:
        content = tables.render_csv(rows, columns)
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    if cache:
        response["Cache-Control"] = cache
    return response


def cacheable_response(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    """Return a file for programs that poll it, with an ETag so that they download the same content only once."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=content_type)
    response["ETag"] = etag
    return response
