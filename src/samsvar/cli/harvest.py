"""`samsvar harvest hudoc`: documents and sections out of a feed of HUDOC."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from samsvar.errors import InterchangeError
from samsvar.interchange.hudoc import Feed, read_feed
from samsvar.interchange.records import (
    CATALOGUE_DOCUMENT_COLUMNS,
    CATALOGUE_SECTION_COLUMNS,
    SECTION_COLUMNS,
    catalogue_document_row,
    catalogue_section_rows,
    document_rows,
)
from samsvar.interchange.tables import csv_text, json_line, json_text, table_text
from samsvar.monitoring.catalogue import Placed


class UnreadableFile(InterchangeError):
    """A file cannot be opened or written."""

    code = "unreadable_file"
    advice = "Look whether it exists and may be read or written."

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}.")
        self.path = path


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    parser = subparsers.add_parser("harvest", help="documents and sections out of other systems' feeds")
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    hudoc = sources.add_parser("hudoc", help="a feed of the Council of Europe's HUDOC, saved as a file")
    hudoc.add_argument("--site", choices=("grevio", "greta"), required=True)
    hudoc.add_argument(
        "--from-file", metavar="FEED.rss", type=Path, required=True, help="the feed; - for standard input"
    )
    hudoc.add_argument("--format", choices=("table", "json", "jsonl", "csv"), default="table")
    hudoc.add_argument("--catalogue", metavar="FOLDER", type=Path, help="write the compact catalogue there instead")
    hudoc.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the sections, ours beside the publisher's, and a summary on standard error."""
    feed = read_feed(_content(options.from_file), options.site)
    if options.catalogue:
        _write_catalogue(feed, options.catalogue)
    else:
        _print(feed, options.format)
    print(summary(feed), file=sys.stderr)
    return 0


def _content(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as refused:
        raise UnreadableFile(path, refused.strerror or "it cannot be read") from refused


def _print(feed: Feed, form: str) -> None:
    rows = (row for document in feed.documents for row in document_rows(document))
    match form:
        case "json":
            sys.stdout.write(json_text(rows))
        case "jsonl":
            sys.stdout.writelines(map(json_line, rows))
        case "csv":
            sys.stdout.write(csv_text(rows, SECTION_COLUMNS))
        case _:
            sys.stdout.write(table_text(map(_brief, rows), _HEADINGS))


_HEADINGS = {
    "state": "State",
    "state_printed": "Printed",
    "procedure": "Procedure",
    "reference": "Reference",
    "date": "Date",
    "place": "Section",
    "articles": "Articles",
    "placed": "By",
    "heading": "Heading",
}


def _brief(row: dict[str, object]) -> dict[str, object]:
    """A row for the eye: "7/62" for the place, probable articles with a question mark."""
    place = f"{row['section']}{f'/{row["sections"]}' if row['sections'] else ''}" if row["section"] else "–"
    articles, probable = (cast("list[str]", row[key]) for key in ("articles", "probable_articles"))
    return {**row, "place": place, "articles": " ".join([*articles, *(f"{number}?" for number in probable)])}


def summary(feed: Feed) -> str:
    """What was in the feed, how much of it was set right, and what is wrong with it."""
    sections = feed.sections
    inherited = sum(bool(s.printed and not s.printed.state) for d in feed.documents if d.state for s in d.sections)
    by = {placed: sum(section.placed is placed for section in sections) for placed in Placed}
    stated, all_documents = sum(d.state is not None for d in feed.documents), len(feed.documents)
    probable, several = sum(bool(s.probable_articles) for s in sections), sum(len(s.articles) > 1 for s in sections)
    own, above = by[Placed.BY_HEADING], by[Placed.BY_HEADING_ABOVE]
    lines = [
        f"{feed.items:,} items: {all_documents:,} documents, {len(sections):,} sections.",
        f"State: {stated:,} of {all_documents:,} documents; {inherited:,} sections without one have their document’s.",
        f"Articles: {own:,} sections by their heading, {above:,} by the one above, {probable:,} probably.",
        f"Two articles or more: {several:,} sections.",
        *(f"  {count:>5,} × {flaw}" for flaw, count in feed.flaws),
    ]
    return "\n".join(lines)


def _write_catalogue(feed: Feed, folder: Path) -> None:
    """The compact catalogue that `samsvar.monitoring.catalogue` loads: two files, documents and sections."""
    _write(folder / "hudoc_documents.csv", CATALOGUE_DOCUMENT_COLUMNS, map(catalogue_document_row, feed.documents))
    sections = (row for document in feed.documents for row in catalogue_section_rows(document))
    _write(folder / "hudoc_sections.csv", CATALOGUE_SECTION_COLUMNS, sections)


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as refused:
        raise UnreadableFile(path, refused.strerror or "it cannot be written") from refused
