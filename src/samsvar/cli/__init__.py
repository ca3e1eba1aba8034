"""The command `samsvar`: a few lines round one function of the library for each of its words."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from samsvar import __version__
from samsvar.errors import SamsvarError

# each a module here with `add_to(subparsers)`, which sets the default `run`
COMMANDS = ("read", "status", "harvest", "schedule")

DONE, SOME_REFUSED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130  # 128 + SIGINT, as shells count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 for done, 1 for refused in part, 2 for wrong use, 130 for Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="samsvar", description="Where every country stands on the Istanbul Convention."
    )
    parser.add_argument("--version", action="version", version=f"samsvar {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        import_module(f"samsvar.cli.{command}").add_to(subparsers)
    options = parser.parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()  # here, and not when Python ends, where nobody can say why it failed
    except SamsvarError as refused:
        print(f"samsvar: {refused.explained()}", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:  # the reader of our output went away (`| head`): nothing to tell anybody
        _write_no_more()
        return DONE
    except KeyboardInterrupt:
        _write_no_more()
        print("samsvar: stopped.", file=sys.stderr)
        return INTERRUPTED
    except OSError as failed:  # a full disk, a folder that may not be entered
        _write_no_more()
        where = f" ({failed.filename})" if failed.filename else ""
        print(
            f"samsvar: The system says: {failed.strerror or failed}{where}. The output is not whole.", file=sys.stderr
        )
        return SOME_REFUSED
    return code


def _write_no_more() -> None:
    """Sends what still waits to be printed nowhere, so that Python does not fail once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
