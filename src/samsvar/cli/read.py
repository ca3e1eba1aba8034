"""`samsvar read`: the findings of reports, one file or a pile of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from samsvar.errors import EmptyReport, MonitoringError, SamsvarError
from samsvar.interchange.records import FINDING_COLUMNS, finding_row
from samsvar.interchange.tables import csv_text, json_line, table_text
from samsvar.monitoring.profile import known_bodies
from samsvar.monitoring.reading import LARGEST_FILE
from samsvar.monitoring.report import Reading
from samsvar.monitoring.sandbox import SECONDS, read_many, read_report_guarded
from samsvar.territories import territory

STANDARD_INPUT = Path("-")
READ_IN_A_FOLDER = (".pdf", ".docx", ".html", ".htm", ".txt")


class NoSuchFile(MonitoringError):
    """A file was named that is not there."""

    code = "no_such_file"
    kept = "Nothing was read."
    advice = "Check its name."

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no file “{path}”.")
        self.path = path


class NothingToRead(MonitoringError):
    """A folder was named in which nothing can be read."""

    code = "nothing_to_read"
    kept = "Nothing was read."
    advice = f"Its files are read, not those of folders inside it, where they end in {', '.join(READ_IN_A_FOLDER)}."

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no report in the folder “{path}”.")
        self.path = path


class UnknownReviewedState(MonitoringError):
    """The state under review was given by a code that means none."""

    code = "unknown_state"
    kept = "Nothing was read."
    advice = "Use the two letters of ISO 3166 such as NO, or EU for the European Union."

    def __init__(self, code: str) -> None:
        super().__init__(f"“{code}” is no state’s code.")
        self.state = code


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    parser = subparsers.add_parser(
        "read",
        help="find what a monitoring body concluded, with paragraph and page",
        description="Reads reports (PDF, DOCX, HTML, plain text) and prints their findings on standard output. "
        "Refused files are named with their reason on standard error; the exit code is then 1.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a file, a folder, or - for text from standard input")
    parser.add_argument("--body", choices=("auto", *known_bodies()), default="auto", help="whose report it is")
    parser.add_argument("--state", metavar="CODE", help="the state under review, where the title page does not say it")
    parser.add_argument("--lang", choices=("auto", "en", "fr"), default="auto", help="language of the report")
    parser.add_argument("--format", choices=("table", "json", "jsonl", "csv"), default="table")
    parser.add_argument(
        "--account", action="store_true", help="close the books of each file on standard error, to the last character"
    )
    parser.add_argument("--processes", type=_positive, default=0, metavar="N", help="read N files at once")
    parser.add_argument(
        "--seconds", type=_positive, default=int(SECONDS), metavar="N", help="give up on a file after N seconds"
    )
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def run(options: argparse.Namespace) -> int:
    """Read and print. Raises NoSuchFile, NothingToRead and UnknownReviewedState first of all; they end with code 2."""
    if options.state is not None and territory(options.state) is None:
        raise UnknownReviewedState(options.state)
    paths = list(_files_named(options.files))
    refused = 0
    printer = _Printer(options.format)
    for path, answer in _with_progress(_answers(paths, options), len(paths)):
        if isinstance(answer, SamsvarError):
            refused += 1
            print(f"samsvar: {path}: {answer.code}: {answer.explained()}", file=sys.stderr)
            continue
        printer.add(answer)
        if options.account:
            print(_account_text(answer), file=sys.stderr)
    printer.close()
    return 1 if refused else 0


def _files_named(names: Iterable[str]) -> Iterator[Path]:
    """The files that the arguments mean: a folder means those in it that can be read, in the alphabet's order."""
    for name in names:
        path = Path(name)
        if path == STANDARD_INPUT:
            yield path
        elif path.is_dir():
            inside = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in READ_IN_A_FOLDER)
            if not inside:
                raise NothingToRead(path)
            yield from inside
        elif path.exists():
            yield path
        else:
            raise NoSuchFile(path)


def _answers(paths: list[Path], options: argparse.Namespace) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """Each file's reading or refusal, in the order given; a pipe is emptied here and read by a child like a file."""
    about = {"body": options.body, "state": options.state, "language": options.lang}
    files = [path for path in paths if not _is_pipe(path)]
    read = read_many(files, processes=min(options.processes, len(files)), seconds=options.seconds, **about)
    for path in paths:
        if not _is_pipe(path):
            yield next(read)
            continue
        kind = "text" if path == STANDARD_INPUT else "auto"
        try:
            content = _emptied(path)
            yield path, read_report_guarded(content, document=path.name, format=kind, seconds=options.seconds, **about)
        except SamsvarError as error:
            yield path, error


def _is_pipe(path: Path) -> bool:
    """Whether a path is standard input, or a pipe as the shell makes for `<(…)`: it can be read only once."""
    return path == STANDARD_INPUT or path.is_fifo()


def _emptied(pipe: Path) -> bytes:
    """What a pipe brings, as far as a report may be long; the reader refuses more by name."""
    if pipe != STANDARD_INPUT:
        with pipe.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    if sys.stdin is None:  # closed: `<&-`
        raise EmptyReport("Standard input is closed.")
    return sys.stdin.buffer.read(LARGEST_FILE + 1)


def _with_progress(
    answers: Iterator[tuple[Path, Reading | SamsvarError]], many: int
) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """The answers, with a bar on standard error where a person watches and there is more than one."""
    if many < 2 or not sys.stderr.isatty():
        return answers
    from tqdm import tqdm

    return iter(tqdm(answers, total=many, unit="file", file=sys.stderr, leave=False))


class _Printer:
    """Prints findings as they come, so that a pile of files needs no memory; a table waits for its widths."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.rows: list[dict[str, object]] = []
        self.printed = 0
        if way == "csv":
            sys.stdout.write(csv_text([], FINDING_COLUMNS))

    def add(self, reading: Reading) -> None:
        rows = [finding_row(finding) for finding in reading.findings]
        match self.way:
            case "table":
                self.rows += rows
            case "csv":
                sys.stdout.write(csv_text(rows, FINDING_COLUMNS).split("\r\n", 1)[1])
            case "jsonl":
                sys.stdout.writelines(map(json_line, rows))
            case _:
                for row in rows:
                    sys.stdout.write((",\n" if self.printed else "[\n") + json.dumps(row, ensure_ascii=False))
                    self.printed += 1

    def close(self) -> None:
        match self.way:
            case "json":
                sys.stdout.write("\n]\n" if self.printed else "[]\n")
            case "table" if self.rows:
                sys.stdout.write(table_text(self.rows, _HEADINGS))
                sys.stdout.write(f"\n{len(self.rows)} {'finding' if len(self.rows) == 1 else 'findings'}.\n")
            case "table":
                sys.stdout.write("No findings.\n")
            case _:
                pass


_HEADINGS = {
    "document": "Document",
    "state": "State",
    "paragraph": "Paragraph",
    "page": "Page",
    "articles": "Articles",
    "strength": "Strength",
    "from_state": "From",
    "text": "Text",
}


def _account_text(reading: Reading) -> str:
    """The account of one file for a person."""
    account = reading.account
    aside = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in account.set_aside.items() if count)
    lines = [
        (
            f"{reading.document}: {account.read:,} characters read = {account.understood:,} understood"
            f" + {sum(account.set_aside.values()):,} set aside{f' ({aside})' if aside else ''}"
            f" + {account.unexplained_characters:,} unexplained"
        )
    ]
    lines += [f"  page {line.page}, unexplained: {line.text}" for line in account.unexplained]
    lines += [f"  note: {note}" for note in account.notes]
    return "\n".join(lines)
