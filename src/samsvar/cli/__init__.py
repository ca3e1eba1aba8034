"""The command `samsvar`: a few lines round one function of the library for each of its words."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from samsvar import __version__
from samsvar.errors import SamsvarError

COMMANDS = ("read", "status", "harvest")  # each a module here with `add_to(subparsers)`, which sets the default `run`

DONE, SOME_REFUSED, WRONG_USE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 for done, 1 for refused in part, 2 for wrong use."""
    parser = argparse.ArgumentParser(
        prog="samsvar", description="Where every country stands on the Istanbul Convention."
    )
    parser.add_argument("--version", action="version", version=f"samsvar {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        import_module(f"samsvar.cli.{command}").add_to(subparsers)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except SamsvarError as refused:
        print(f"samsvar: {refused.explained()}", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:  # the reader of our output went away (`| head`): nothing to tell anybody
        sys.stderr.close()
        return DONE
