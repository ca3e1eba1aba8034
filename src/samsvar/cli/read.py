"""The command `samsvar read`, which extracts the findings from one or more reports."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from samsvar.cli.status import UnknownStateCode
from samsvar.errors import EmptyReport, MonitoringError, SamsvarError
from samsvar.interchange.fetching import fetch_public_document
from samsvar.interchange.records import FINDING_COLUMNS, finding_row
from samsvar.interchange.tables import render_csv, render_json_line, render_table
from samsvar.languages import display_language
from samsvar.monitoring.ocr import DOUBTFUL_BELOW
from samsvar.monitoring.profile import known_bodies
from samsvar.monitoring.reading import MAX_FILE_BYTES
from samsvar.monitoring.report import Reading
from samsvar.monitoring.sandbox import (
    OCR_TIMEOUT_SECONDS,
    TIMEOUT_SECONDS,
    read_report_sandboxed,
    read_reports_sandboxed,
)
from samsvar.territories import territory

STANDARD_INPUT = Path("-")
_WEB_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)  # of any scheme: the others are refused by name
FETCH_CONTACT = "one document, at the request of a person"  # in the User-Agent header
MAX_DOUBTFUL_WORDS_SHOWN = 20
EXIT_OK, EXIT_PARTIAL_FAILURE, EXIT_UNEXAMINED = 0, 1, 3
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
    advice = f"Files in it and in its subfolders are read if their names end in {', '.join(READABLE_SUFFIXES)}."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The folder “{path}” contains no reports.")
        self.path = path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser(
        "read",
        help="find what a monitoring body concluded, with paragraph and page",
        description="Reads reports (PDF, DOCX, HTML, plain text) and prints their findings on standard output."
        "\nFiles that cannot be read, or whose author or language is not known, are named on standard error.",
        epilog="Documents at web addresses are fetched; private addresses are not reached.\n\n"
        "examples:\n  samsvar read report.pdf --account\n  samsvar read reports/ --format csv > findings.csv\n"
        "  cat report.docx | samsvar read - --body cedaw",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a file, a folder with its subfolders, a web address, or - for standard input",
    )
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
    parser.add_argument(
        "--ocr-seconds",
        type=_non_negative_integer,
        default=int(OCR_TIMEOUT_SECONDS),
        metavar="N",
        help="stop the OCR of a scanned file after N seconds (it needs Tesseract); 0 turns OCR off",
    )
    parser.set_defaults(run=run)


def _non_negative_integer(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


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
    names = dict(_expand_arguments(options.files))
    failures = unexamined = 0
    printer = _FindingPrinter(options.format)
    for path, result in _add_progress_bar(_read_files(names, options), len(names)):
        if isinstance(result, SamsvarError):
            failures += 1
            print(f"samsvar: {path}: {result.code}: {result.full_message()}", file=sys.stderr)
            continue
        if result.unexamined:
            unexamined += 1
            print(f"samsvar: {path}: {_describe_unexamined(result)}", file=sys.stderr)
        printer.add_reading(result)
        if options.account:
            print(_format_extraction_report(result), file=sys.stderr)
    printer.close(unexamined, read=len(names) - failures)
    return EXIT_PARTIAL_FAILURE if failures else EXIT_UNEXAMINED if unexamined else EXIT_OK


def _describe_unexamined(reading: Reading) -> str:
    """Return why a reading was not examined for findings, and what to do about it."""
    if reading.unexamined == "author":
        return "No monitoring body was recognised as its author, so no findings were looked for. Use --body to name it."
    language = display_language(reading.language)
    return (
        f"It is in {language}, in which the wording of its author is not known, so no findings were looked for."
        " If this is not its language, use --lang to name it."
    )


def _expand_arguments(arguments: Iterable[str]) -> Iterator[tuple[Path | str, str]]:
    """Yield the files and web addresses named on the command line, each with the name of its document.

    For a folder, yield the readable files in it and in its subfolders, in alphabetical order, with their paths from
    there. Hidden files and folders, and links to folders, are skipped.
    """
    for argument in arguments:
        if _WEB_ADDRESS.match(argument):
            yield argument, argument
            continue
        path = Path(argument)
        if path.is_dir():
            readable_files = sorted(_iter_readable_files(path))
            if not readable_files:
                raise NoReadableFile(path)
            yield from ((file, str(file.relative_to(path))) for file in readable_files)
        elif path == STANDARD_INPUT or path.exists():
            yield path, path.name
        else:
            raise NoSuchFile(path)


def _iter_readable_files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(parent, name)
            # Word leaves lock files such as “~$report.docx” beside an open document
            if path.suffix.lower() in READABLE_SUFFIXES and not name.startswith((".", "~$")) and path.is_file():
                yield path


def _read_files(
    names: Mapping[Path | str, str], options: argparse.Namespace
) -> Iterator[tuple[Path | str, Reading | SamsvarError]]:
    """Yield each file with its reading, or with the error that prevented the reading, in the given order.

    Standard input, pipes and web addresses are read here, and a child process parses their content, like that of a
    file.
    """
    reader_options = {
        "body": options.body,
        "state": options.state,
        "language": options.lang,
        "seconds": options.seconds,
        "ocr_seconds": options.ocr_seconds,
    }
    files = {path: name for path, name in names.items() if isinstance(path, Path) and not _is_pipe(path)}
    readings = read_reports_sandboxed(
        list(files), processes=min(options.processes, len(files)), names=files, **reader_options
    )
    for path, name in names.items():
        if path in files:
            yield next(readings)
            continue
        try:
            content = _read_pipe(path) if isinstance(path, Path) else _fetch(path, options.seconds)
            yield path, read_report_sandboxed(content, document=name, **reader_options)
        except SamsvarError as error:
            yield path, error


def _fetch(address: str, seconds: float) -> bytes:
    """Return the content of a public document. Raises a FetchError."""
    return fetch_public_document(address, contact=FETCH_CONTACT, seconds=seconds, max_bytes=MAX_FILE_BYTES).content


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
    results: Iterator[tuple[Path | str, Reading | SamsvarError]], total: int
) -> Iterator[tuple[Path | str, Reading | SamsvarError]]:
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

    def close(self, unexamined: int, *, read: int) -> None:
        """Print the end of the output; `unexamined` of the `read` files were not examined for findings."""
        match self.output_format:
            case "json":
                sys.stdout.write("\n]\n" if self.printed_count else "[]\n")
            case "table" if self.rows:
                sys.stdout.write(render_table(self.rows, _HEADINGS))
                sys.stdout.write(f"\n{len(self.rows)} {'finding' if len(self.rows) == 1 else 'findings'}.\n")
            case "table" if unexamined:
                files = "1 file was" if unexamined == 1 else f"{unexamined} files were"
                sys.stdout.write(f"No findings; {files} not examined.\n")
            case "table" if read:  # of a file that could not be read, nothing is known
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
    if ocr := extraction_report.ocr:
        shown = ", ".join(f"{word.text} (page {word.page})" for word in ocr.doubtful[:MAX_DOUBTFUL_WORDS_SHOWN])
        lines.append(
            f"  read by OCR ({ocr.engine}, {'+'.join(ocr.languages)}): mean confidence {ocr.mean_confidence:.2f};"
            f" {ocr.doubtful_count:,} of {ocr.words:,} words below {DOUBTFUL_BELOW:.2f}"
            + (f": {shown}" if shown else "")
            + (" …" if ocr.doubtful_count > MAX_DOUBTFUL_WORDS_SHOWN else "")
        )
    lines += [f"  page {line.page}, unexplained: {line.text}" for line in extraction_report.unexplained]
    lines += [f"  note: {note}" for note in extraction_report.notes]
    return "\n".join(lines)
