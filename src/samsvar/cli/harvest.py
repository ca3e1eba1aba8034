"""The command `samsvar harvest hudoc`, which reads a saved feed, or fetches documents from the live service."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from samsvar.cli import harvest_live
from samsvar.errors import InterchangeError
from samsvar.interchange.hudoc import Feed, known_sites, read_feed
from samsvar.interchange.records import (
    CATALOGUE_DOCUMENT_COLUMNS,
    CATALOGUE_SECTION_COLUMNS,
    SECTION_COLUMNS,
    catalogue_document_row,
    catalogue_section_rows,
    document_rows,
)
from samsvar.interchange.tables import render_table
from samsvar.monitoring.catalogue import SectionPlacement


class UnreadableFile(InterchangeError):
    """Raised when a file cannot be read or written."""

    advice = "Check that the file exists and that you have permission to read or write it."

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}.")
        self.path = path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser("harvest", help="import documents and sections from other systems")
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    hudoc = sources.add_parser(
        "hudoc",
        help="the Council of Europe's HUDOC",
        description="Fetches the documents of a HUDOC site into a folder, puts each together as one HTML page and"
        " reads it. It can be stopped at any moment, and continues where it ended. With --from-file, it lists the"
        " documents and sections of a feed that was saved as a file, and fetches nothing.",
    )
    hudoc.add_argument("--site", choices=known_sites(), required=True, help="the HUDOC site of a monitoring body")
    hudoc.add_argument("--from-file", metavar="FEED.rss", type=Path, help="a saved feed; - for standard input")
    hudoc.add_argument(
        "--format",
        choices=("table", "json", "jsonl", "csv"),
        default="table",
        help="of what is printed (default: table, for reading)",
    )
    hudoc.add_argument(
        "--catalogue", metavar="FOLDER", type=Path, help="with --from-file: write the compact catalogue to this folder"
    )
    harvest_live.add_options(hudoc)
    hudoc.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the feed's sections, or write the catalogue; print a summary on standard error.

    Without a saved feed, harvest the live service.
    """
    if options.from_file is None:
        return harvest_live.run(options)
    feed = read_feed(read_file(options.from_file), options.site)
    if options.catalogue:
        _write_catalogue(feed, options.catalogue)
    else:
        _print_feed(feed, options.format)
    print(summarise_feed(feed), file=sys.stderr)
    return 0


def read_file(path: Path) -> bytes:
    """Return the content of a file, or of standard input for "-". Raises UnreadableFile."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, error.strerror or "it cannot be read") from error


def _print_feed(feed: Feed, output_format: str) -> None:
    rows = (row for document in feed.documents for row in document_rows(document))
    if output_format == "table":
        sys.stdout.write(render_table(map(_format_row, rows), _HEADINGS))
    else:
        harvest_live.write_rows(rows, output_format, SECTION_COLUMNS)


_HEADINGS = {
    "state": "State", "state_printed": "Printed", "procedure": "Procedure", "reference": "Reference", "date": "Date",
    "place": "Section", "articles": "Articles", "placed": "By", "heading": "Heading",
}  # fmt: skip


def _format_row(row: dict[str, object]) -> dict[str, object]:
    """Format a row for the table: the section as "7/62", probable articles with a question mark."""
    place = f"{row['section']}{f'/{row["sections"]}' if row['sections'] else ''}" if row["section"] else "–"
    articles, probable = (cast("list[str]", row[key]) for key in ("articles", "probable_articles"))
    return {**row, "place": place, "articles": " ".join([*articles, *(f"{number}?" for number in probable)])}


def summarise_feed(feed: Feed) -> str:
    """Return a summary of the feed: its size, how its sections were assigned to articles, and its flaws."""
    sections = feed.sections
    inherited = sum(bool(s.metadata and not s.metadata.state) for d in feed.documents if d.state for s in d.sections)
    counts = {placed: sum(section.placement is placed for section in sections) for placed in SectionPlacement}
    with_state, all_documents = sum(d.state is not None for d in feed.documents), len(feed.documents)
    probable, several = sum(bool(s.probable_articles) for s in sections), sum(len(s.articles) > 1 for s in sections)
    by_own_heading, by_parent_heading = counts[SectionPlacement.BY_HEADING], counts[SectionPlacement.BY_HEADING_ABOVE]
    lines = [
        f"{feed.items:,} items: {all_documents:,} documents, {len(sections):,} sections.",
        f"State: {with_state:,} of {all_documents:,} documents; {inherited:,} sections use their document’s.",
        (
            f"Articles: {by_own_heading:,} sections by their own heading, {by_parent_heading:,} by the heading above, "
            f"{probable:,} probable."
        ),
        f"Two or more articles: {several:,} sections.",
        *(f"  {count:>5,} × {flaw}" for flaw, count in feed.flaws),
    ]
    return "\n".join(lines)


def _write_catalogue(feed: Feed, folder: Path) -> None:
    """Write the compact catalogue for `samsvar.monitoring.catalogue`: one file for documents, one for sections."""
    _write_csv(folder / "hudoc_documents.csv", CATALOGUE_DOCUMENT_COLUMNS, map(catalogue_document_row, feed.documents))
    sections = (row for document in feed.documents for row in catalogue_section_rows(document))
    _write_csv(folder / "hudoc_sections.csv", CATALOGUE_SECTION_COLUMNS, sections)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise UnreadableFile(path, error.strerror or "it cannot be written") from error
