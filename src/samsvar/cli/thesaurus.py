"""The command `samsvar thesaurus`: check the thesaurus' data, export them, and compare a file of others with them."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from samsvar.cli.harvest import read_file
from samsvar.convention.treaty import ISTANBUL
from samsvar.errors import InterchangeError
from samsvar.interchange.thesaurus_export import EXPORT_FORMATS, export_thesaurus
from samsvar.interchange.thesaurus_import import Comparison, Difference, read_thesaurus, render_label_files
from samsvar.thesaurus.concepts import concepts
from samsvar.thesaurus.faults import find_faults


class LabelFileExists(InterchangeError):
    """Raised when a label file would replace an existing one."""

    effect = "No file was written."
    advice = "Choose an empty folder, or add --overwrite."

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists.")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser("thesaurus", help="check, export or compare the thesaurus")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="list every fault of the data, by file and key")
    check.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", help="another data folder than ours")
    check.set_defaults(run=run_check)
    export = actions.add_parser("export", help="write the thesaurus to standard output")
    export.add_argument("--format", choices=sorted(EXPORT_FORMATS), default="turtle", help="SKOS or a table")
    export.add_argument("--pages", metavar="URL", default="", help="address of a site's thesaurus, to link its pages")
    export.set_defaults(run=run_export)
    compare = actions.add_parser("import", help="compare a SKOS or CSV file with the thesaurus; changes nothing")
    compare.add_argument("file", metavar="FILE", type=Path, help="the file; - for standard input")
    compare.add_argument("--output", metavar="FOLDER", type=Path, help="write its labels as files in our format")
    compare.add_argument("--overwrite", action="store_true", help="replace existing files in that folder")
    compare.set_defaults(run=run_import)


def run_check(options: argparse.Namespace) -> int:
    """Print every fault; the exit code is 1 if there is any."""
    faults = find_faults([article.number for article in ISTANBUL], options.folder)
    for fault in faults:
        print(fault)
    number = "1 fault." if len(faults) == 1 else f"{len(faults):,} faults."
    print(number if faults else "The thesaurus has no faults.", file=sys.stderr)
    return 1 if faults else 0


def run_export(options: argparse.Namespace) -> int:
    """Write the thesaurus to standard output."""
    pages = options.pages.rstrip("/") + "/" if options.pages else ""
    sys.stdout.buffer.write(export_thesaurus(options.format, pages))
    sys.stdout.buffer.flush()
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Print how a file differs from ours and, if asked to, write its labels to a folder."""
    comparison = read_thesaurus(read_file(options.file), options.file.name)
    print(_describe_comparison(comparison))
    if options.output:
        paths = _write_label_files(comparison, options.output, overwrite=options.overwrite)
        print(f"Wrote {', '.join(paths) or 'nothing: no concept of the file is ours'}.", file=sys.stderr)
    return 0


def _describe_comparison(comparison: Comparison) -> str:
    known = sum(concept.key in concepts() for concept in comparison.concepts)
    counts = Counter(difference.kind for difference in comparison.differences)
    number = "1 concept" if len(comparison.concepts) == 1 else f"{len(comparison.concepts):,} concepts"
    summary = [f"{number}, {known:,} of them ours."]
    summary += [f"{count:>6,} × {kind}" for kind, count in counts.items()]
    if comparison.ignored_languages:
        languages = ", ".join(f"{code} ({count:,})" for code, count in comparison.ignored_languages.items())
        summary.append(f"Labels in other languages than ours were not compared: {languages}.")
    return "\n".join([*_describe_differences(comparison.differences), *summary])


def _describe_differences(differences: Iterable[Difference]) -> Iterable[str]:
    for difference in differences:
        language = f" ({difference.language})" if difference.language else ""
        yield f"{difference.key}{language}: {difference.kind}: {difference.detail}"


def _write_label_files(comparison: Comparison, folder: Path, *, overwrite: bool) -> list[str]:
    """Write the label files and return their paths. Raises LabelFileExists before any file is written."""
    texts = render_label_files(comparison.concepts)
    paths = {folder / name: text for name, text in texts.items()}
    if not overwrite:
        for path in paths:
            if path.exists():
                raise LabelFileExists(path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in paths.items():
        with path.open("w" if overwrite else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    return [str(path) for path in paths]
