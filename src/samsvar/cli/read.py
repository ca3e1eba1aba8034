"""The command `samsvar read`, which extracts the findings from one or more reports."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from samsvar.cli.status import UnknownStateCode
from samsvar.errors import EmptyReport, MonitoringError, SamsvarError
from samsvar.interchange.records import FINDING_COLUMNS, finding_row
from samsvar.interchange.tables import render_csv, render_json_line, render_table
from samsvar.monitoring.profile import known_bodies
from samsvar.monitoring.reading import MAX_FILE_BYTES
from samsvar.monitoring.report import Reading
from samsvar.monitoring.sandbox import TIMEOUT_SECONDS, read_report_sandboxed, read_reports_sandboxed
from samsvar.territories import territory

STANDARD_INPUT = Path("-")
READABLE_SUFFIXES = (".pdf", ".docx", ".html", ".htm", ".txt")


class NoSuchFile(MonitoringError):
    """Raised when a file named on the command line does not exist."""

    effect = "Nothing was read."
    advice = "Check its name."

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no file “{path}”.")
        self.path = path


class NoReadableFile(MonitoringError):
    """Raised when a folder contains no file that can be read."""

    effect = "Nothing was read."
    advice = f"Only files directly in the folder are read, if their names end in {', '.join(READABLE_SUFFIXES)}."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The folder “{path}” contains no reports.")
        self.path = path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser(
        "read",
        help="find what a monitoring body concluded, with paragraph and page",
        description="Reads reports (PDF, DOCX, HTML, plain text) and prints their findings on standard output. "
        "Files that cannot be read are reported on standard error, with the reason; the exit code is then 1.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a file, a folder, or - for text from standard input")
    parser.add_argument("--body", choices=("auto", *known_bodies()), default="auto", help="the author of the report")
    parser.add_argument("--state", metavar="CODE", help="the state under review, if the title page does not name it")
    parser.add_argument("--lang", choices=("auto", "en", "fr"), default="auto", help="language of the report")
    parser.add_argument("--format", choices=("table", "json", "jsonl", "csv"), default="table")
    parser.add_argument(
        "--account", action="store_true", help="print an extraction report for each file on standard error"
    )
    parser.add_argument("--processes", type=_positive_integer, default=0, metavar="N", help="read N files in parallel")
    parser.add_argument(
        "--seconds",
        type=_positive_integer,
        default=int(TIMEOUT_SECONDS),
        metavar="N",
        help="stop reading a file after N seconds",
    )
    parser.set_defaults(run=run)


def _positive_integer(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def run(options: argparse.Namespace) -> int:
    """Read the files and print their findings.

    Raises NoSuchFile, NoReadableFile or UnknownStateCode before anything is printed; the exit code is then 2.
    """
    if options.state is not None and territory(options.state) is None:
        raise UnknownStateCode(options.state, effect="Nothing was read.")
    paths = list(_expand_paths(options.files))
    failures = 0
    printer = _FindingPrinter(options.format)
    for path, result in _add_progress_bar(_read_files(paths, options), len(paths)):
        if isinstance(result, SamsvarError):
            failures += 1
            print(f"samsvar: {path}: {result.code}: {result.full_message()}", file=sys.stderr)
            continue
        printer.add_reading(result)
        if options.account:
            print(_format_extraction_report(result), file=sys.stderr)
    printer.close()
    return 1 if failures else 0


def _expand_paths(names: Iterable[str]) -> Iterator[Path]:
    """Yield the files named on the command line; for a folder, yield its readable files in alphabetical order."""
    for name in names:
        path = Path(name)
        if path == STANDARD_INPUT:
            yield path
        elif path.is_dir():
            readable_files = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in READABLE_SUFFIXES)
            if not readable_files:
                raise NoReadableFile(path)
            yield from readable_files
        elif path.exists():
            yield path
        else:
            raise NoSuchFile(path)


def _read_files(paths: list[Path], options: argparse.Namespace) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """Yield each file with its reading, or with the error that prevented the reading, in the given order.

    Standard input and pipes are read here, and a child process parses their content, like that of a file.
    """
    reader_options = {"body": options.body, "state": options.state, "language": options.lang}
    files = [path for path in paths if not _is_pipe(path)]
    readings = read_reports_sandboxed(
        files, processes=min(options.processes, len(files)), seconds=options.seconds, **reader_options
    )
    for path in paths:
        if not _is_pipe(path):
            yield next(readings)
            continue
        file_format = "text" if path == STANDARD_INPUT else "auto"
        try:
            content = _read_pipe(path)
            yield (
                path,
                read_report_sandboxed(
                    content, document=path.name, format=file_format, seconds=options.seconds, **reader_options
                ),
            )
        except SamsvarError as error:
            yield path, error


def _is_pipe(path: Path) -> bool:
    """Return whether the path is standard input or a pipe such as `<(…)`, which can be read only once."""
    return path == STANDARD_INPUT or path.is_fifo()


def _read_pipe(pipe: Path) -> bytes:
    """Return the content of a pipe, cut off just above the size limit so that the reader rejects a longer file."""
    if pipe != STANDARD_INPUT:
        with pipe.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    if sys.stdin is None:  # closed: `<&-`
        raise EmptyReport("Standard input is closed.")
    return sys.stdin.buffer.read(MAX_FILE_BYTES + 1)


def _add_progress_bar(
    results: Iterator[tuple[Path, Reading | SamsvarError]], total: int
) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """Wrap the results in a progress bar on standard error if it is a terminal and there are several files."""
    if total < 2 or not sys.stderr.isatty():
        return results
    from tqdm import tqdm

    return iter(tqdm(results, total=total, unit="file", file=sys.stderr, leave=False))


class _FindingPrinter:
    """Printer that writes findings as they arrive, so that memory use does not grow with the number of files.

    A table is printed at the end, because its column widths depend on all rows.
    """

    def __init__(self, output_format: str) -> None:
        self.output_format = output_format
        self.rows: list[dict[str, object]] = []
        self.printed_count = 0
        if output_format == "csv":
            sys.stdout.write(render_csv([], FINDING_COLUMNS))

    def add_reading(self, reading: Reading) -> None:
        rows = [finding_row(finding) for finding in reading.findings]
        match self.output_format:
            case "table":
                self.rows += rows
            case "csv":
                sys.stdout.write(render_csv(rows, FINDING_COLUMNS).split("\r\n", 1)[1])
            case "jsonl":
                sys.stdout.writelines(map(render_json_line, rows))
            case _:
                for row in rows:
                    sys.stdout.write((",\n" if self.printed_count else "[\n") + json.dumps(row, ensure_ascii=False))
                    self.printed_count += 1

    def close(self) -> None:
        match self.output_format:
            case "json":
                sys.stdout.write("\n]\n" if self.printed_count else "[]\n")
            case "table" if self.rows:
                sys.stdout.write(render_table(self.rows, _HEADINGS))
                sys.stdout.write(f"\n{len(self.rows)} {'finding' if len(self.rows) == 1 else 'findings'}.\n")
            case "table":
                sys.stdout.write("No findings.\n")
            case _:
                pass


_HEADINGS = {
    "document": "Document", "state": "State", "paragraph": "Paragraph", "page": "Page", "articles": "Articles",
    "strength": "Strength", "from_state": "From", "text": "Text",
}  # fmt: skip


def _format_extraction_report(reading: Reading) -> str:
    """Format a file's extraction report as text."""
    extraction_report = reading.extraction_report
    set_aside = ", ".join(
        f"{name.replace('_', ' ')} {count:,}" for name, count in extraction_report.set_aside.items() if count
    )
    lines = [
        (
            f"{reading.document}: {extraction_report.read:,} characters read = "
            f"{extraction_report.understood:,} understood"
            f" + {sum(extraction_report.set_aside.values()):,} set aside{f' ({set_aside})' if set_aside else ''}"
            f" + {extraction_report.unexplained_characters:,} unexplained"
        )
    ]
    lines += [f"  page {line.page}, unexplained: {line.text}" for line in extraction_report.unexplained]
    lines += [f"  note: {note}" for note in extraction_report.notes]
    return "\n".join(lines)
