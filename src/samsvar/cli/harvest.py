"""`samsvar harvest`: documents and sections out of other systems' feeds."""

from __future__ import annotations

import argparse


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    del subparsers  # the words come with the reader of the feed
