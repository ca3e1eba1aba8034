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
COMMANDS = ("read", "status", "harvest", "schedule")

EXIT_OK, EXIT_PARTIAL_FAILURE, EXIT_USAGE_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130  # 128 + SIGINT, the shell convention


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    The code is 0 for success, 1 for partial failure, 2 for wrong usage and 130 for Ctrl-C.
    """
    parser = argparse.ArgumentParser(
        prog="samsvar", description="Where every country stands on the Istanbul Convention."
    )
    parser.add_argument("--version", action="version", version=f"samsvar {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        import_module(f"samsvar.cli.{command}").add_parser(subparsers)
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
