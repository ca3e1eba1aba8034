"""The `samsvar` command. Each subcommand is a thin wrapper around one library function."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from samsvar import __version__
from samsvar.errors import SamsvarError

# each is a module in this package with a function `add_parser(subparsers)`, which sets the default `run`
COMMANDS = ("read", "status", "harvest", "schedule", "thesaurus")

EXIT_OK, EXIT_PARTIAL_FAILURE, EXIT_USAGE_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130  # 128 + SIGINT, the shell convention
EXIT_CODES = """exit codes:
  0    success
  1    some files could not be read, or the output is incomplete
  2    wrong usage; nothing was done
  3    only "samsvar read": files were read, but not examined for findings,
       because their author or language is not known
  130  stopped with Ctrl-C"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    EXIT_CODES explains the codes.
    """
    parser = argparse.ArgumentParser(
        prog="samsvar",
        description="Where every country stands on the Istanbul Convention.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"samsvar {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        import_module(f"samsvar.cli.{command}").add_parser(subparsers)
    for subparser in subparsers.choices.values():
        subparser.epilog = "\n\n".join(filter(None, (subparser.epilog, EXIT_CODES)))
        subparser.formatter_class = argparse.RawDescriptionHelpFormatter
    options = parser.parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()  # flush here: an error raised while Python shuts down could not be reported
    except SamsvarError as error:
        print(f"samsvar: {error.full_message()}", file=sys.stderr)
        return EXIT_USAGE_ERROR
    except BrokenPipeError:  # the program that reads our output has exited (`| head`): nothing to report
        _discard_output()
        return EXIT_OK
    except KeyboardInterrupt:
        _discard_output()
        print("samsvar: stopped.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except OSError as failed:  # a full disk or a folder without permission
        _discard_output()
        location = f" ({failed.filename})" if failed.filename else ""
        print(f"samsvar: {failed.strerror or failed}{location}. The output is incomplete.", file=sys.stderr)
        return EXIT_PARTIAL_FAILURE
    return code


def _discard_output() -> None:
    """Redirect the remaining output to /dev/null, so that flushing it at exit does not raise again."""
    with contextlib.suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
