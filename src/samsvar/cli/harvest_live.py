"""The part of `samsvar harvest hudoc` that fetches documents from the live service into a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from samsvar.cli.status import parse_state_code
from samsvar.errors import InterchangeError, SamsvarError
from samsvar.ids import hash_content, make_slug
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc import site_settings
from samsvar.interchange.hudoc_harvest import (
    READ_KINDS,
    Harvest,
    HarvestedDocument,
    count_documents,
    describe_plan,
    parse_limit,
    parse_since,
)
from samsvar.interchange.records import finding_row
from samsvar.interchange.snapshots import open_snapshots, write_completely
from samsvar.interchange.tables import render_csv, render_json, render_json_line, render_table
from samsvar.monitoring.catalogue import Document
from samsvar.monitoring.report import Reading
from samsvar.monitoring.sandbox import read_report_sandboxed

EXIT_OK, EXIT_PARTIAL_FAILURE = 0, 1
COLUMNS = ("state", "kind", "reference", "published", "sections", "status", "findings", "file", "identifier")


class ContactMissing(InterchangeError):
    """Raised when a harvest from the live service does not say who is harvesting."""

    effect = "Nothing was fetched."
    advice = "Give an email address or a web address with --contact, so that the publisher can reach you."

    def __init__(self) -> None:
        super().__init__("A harvest from the live service needs a contact.")


class DocumentStatus(StrEnum):
    """What a harvest did with a document, compared with the file that the folder has."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    LISTED = "listed"  # in a dry run: its text was not fetched


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a harvest from the live service."""
    live = parser.add_argument_group("live service", "without --from-file, documents are fetched and read")
    live.add_argument(
        "--contact", metavar="ADDRESS", help="your email address or web address, which the publisher sees; required"
    )
    live.add_argument(
        "--state", metavar="CODE", nargs="+", action="extend", default=[], help="only these states: NO SE"
    )
    live.add_argument("--since", metavar="DAY", help="only documents published on or after this day: 2024-05-31")
    live.add_argument(
        "--folder", type=Path, default=Path("harvest"), help="where texts and findings are saved (default: harvest)"
    )
    live.add_argument("--address", default="", help="another server, for example a mirror or one for tests")
    live.add_argument(
        "--recheck-days",
        default="7",
        metavar="N",
        help="ask again for texts last checked N days ago or earlier; 0 asks for all (default: 7)",
    )
    live.add_argument(
        "--interval",
        default="1",
        metavar="SECONDS",
        help="least time between two requests (default: 1)",
    )
    live.add_argument("--all-kinds", action="store_true", help="also comments of governments and general reports")
    live.add_argument("--dry-run", action="store_true", help="fetch the list only, and show what it contains")


def run(options: argparse.Namespace) -> int:
    """Harvest the site into the folder, and print a row for each document.

    Raises ContactMissing, UnknownStateCode, UnreadableDate, FutureDay, UnusableLimit, FolderInUse, UnusableFolder, or a
    FetchError if the list cannot be fetched.
    """
    if not options.contact:
        raise ContactMissing
    states = tuple(parse_state_code(code) for code in options.state)
    since = parse_since(options.since, datetime.now(UTC).date())
    interval = parse_limit("--interval", options.interval)
    recheck = timedelta(days=parse_limit("--recheck-days", options.recheck_days))
    fetcher = Fetcher(options.contact, interval=interval, allow_private=bool(options.address))
    rows: list[dict[str, object]] = []
    with open_snapshots(options.folder / options.site) as snapshots:
        harvest = Harvest(
            fetcher, snapshots, options.site, lambda: datetime.now(UTC), options.address, states, since,
            kinds=None if options.all_kinds else READ_KINDS, recheck=recheck,
        )  # fmt: skip
        print(harvest.describe_start(), file=sys.stderr, flush=True)
        documents = harvest.list_documents()
        writer = _DocumentWriter(options.folder / options.site / "documents", options.site)
        if options.dry_run:
            rows = [_document_row(document, DocumentStatus.LISTED) for document in documents]
        else:
            if documents:
                print(describe_plan(documents, fetcher.interval), file=sys.stderr, flush=True)
            for number, harvested in enumerate(harvest.fetch_documents(documents), 1):
                rows.append(writer.write(harvested))
                print(f"{number} of {len(documents)}: {_describe_row(rows[-1])}", file=sys.stderr, flush=True)
    _print_rows(rows, options.format)
    print(_summarise(rows, harvest.notes, writer.folder), file=sys.stderr)
    return EXIT_PARTIAL_FAILURE if any(row["status"] == DocumentStatus.FAILED for row in rows) else EXIT_OK


@dataclass(frozen=True, slots=True)
class _DocumentWriter:
    """Writer of harvested documents and their findings. An earlier version of a file is saved under `earlier`."""

    folder: Path
    site: str

    def write(self, harvested: HarvestedDocument) -> dict[str, object]:
        """Write a document as HTML and its findings as JSON Lines; return its row."""
        document = harvested.document
        if harvested.failure:
            print(f"samsvar: {document.identifier}: {harvested.failure}", file=sys.stderr)
            return _document_row(document, DocumentStatus.FAILED)
        if harvested.empty:
            print(f"samsvar: {document.identifier}: {harvested.describe_empty()}", file=sys.stderr)
        name = f"{make_slug(document.identifier)[:100]}-{document.id[:8]}"
        page, findings = self.folder / f"{name}.html", self.folder / f"{name}.findings.jsonl"
        earlier = page.read_bytes() if page.exists() else None
        if earlier == harvested.content and findings.exists():
            count = len(findings.read_bytes().splitlines())
            return _document_row(document, DocumentStatus.UNCHANGED, count, page)
        for change in harvested.title_changes:
            print(
                f"samsvar: {change.identifier}: title changed, first seen on {change.at:%Y-%m-%d}:"
                f" “{change.before}” → “{change.after}”",
                file=sys.stderr,
            )
        if earlier not in (None, harvested.content):
            write_completely(
                self.folder / "earlier" / f"{name}-{hash_content(earlier or b'')[:8]}.html", earlier or b""
            )
        try:
            reading = self._read(harvested)
        except SamsvarError as error:
            print(f"samsvar: {document.identifier}: {error.full_message()}", file=sys.stderr)
            return _document_row(document, DocumentStatus.FAILED)
        lines = [render_json_line(finding_row(finding)) for finding in reading.findings]
        write_completely(page, harvested.content)
        write_completely(findings, "".join(lines).encode())
        status = DocumentStatus.NEW if earlier is None else DocumentStatus.CHANGED
        return _document_row(document, status, len(lines), page)

    def _read(self, harvested: HarvestedDocument) -> Reading:
        document = harvested.document
        published = document.published
        return read_report_sandboxed(
            harvested.content,
            document=document.identifier,
            body=site_settings(self.site)["profile"],
            state=document.state,
            published=published.earliest if published and published.earliest == published.latest else None,
            format="html",
        )


def _document_row(
    document: Document, status: DocumentStatus, findings: int | None = None, page: Path | None = None
) -> dict[str, object]:
    return {
        "state": document.state,
        "kind": document.kind.value,
        "reference": document.reference,
        "published": str(document.published or ""),
        "sections": len(document.sections),
        "status": status.value,
        "findings": findings,
        "file": str(page or ""),
        "identifier": document.identifier,
    }


def _print_rows(rows: Iterable[dict[str, object]], output_format: str) -> None:
    if output_format == "table":
        headings = {name: name.capitalize() for name in COLUMNS if name != "file"}
        sys.stdout.write(render_table(rows, headings))
    else:
        write_rows(rows, output_format, COLUMNS)


def write_rows(rows: Iterable[dict[str, object]], output_format: str, columns: Sequence[str]) -> None:
    """Write rows to standard output as JSON, JSON Lines ("jsonl") or CSV."""
    match output_format:
        case "json":
            sys.stdout.write(render_json(rows))
        case "jsonl":
            sys.stdout.writelines(map(render_json_line, rows))
        case _:
            sys.stdout.write(render_csv(rows, columns))


def _describe_row(row: dict[str, object]) -> str:
    findings = "" if row["findings"] is None else f", {row['findings']} finding{'' if row['findings'] == 1 else 's'}"
    return f"{row['state'] or '–'} {row['identifier']}: {row['status']}{findings}"


def _summarise(rows: list[dict[str, object]], notes: Iterable[str], folder: Path) -> str:
    counts = {status: sum(row["status"] == status for row in rows) for status in DocumentStatus}
    numbers = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count) or "none"
    lines = [f"{count_documents(len(rows))}: {numbers}.", *(f"  note: {note}" for note in notes)]
    if counts[DocumentStatus.LISTED]:
        lines.append("Nothing was fetched but the list.")
    elif rows:
        lines.append(f"Texts and findings are in {folder}.")
    if counts[DocumentStatus.FAILED]:
        lines.append("Run the command again to try those that failed; what has arrived is not fetched again.")
    return "\n".join(lines)
