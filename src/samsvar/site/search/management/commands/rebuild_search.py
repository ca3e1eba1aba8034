"""`samsvar-site rebuild_search`: build the search index anew from the database."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from samsvar.search.engine import SearchError
from samsvar.search.query import parse
from samsvar.site.search import actions


class Command(BaseCommand):
    """Nothing is lost by it: the index is derived, and the old one answers until the new one is whole."""

    help = "Build the search index of this machine anew from the database; the old one answers meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--follow", action="store_true", help="only bring it up to the database; build it where there is none"
        )

    def handle(self, *args: Any, follow: bool, verbosity: int, **options: Any) -> None:
        start = time.perf_counter()
        try:
            engine = actions.follow().engine if follow else actions.rebuild()
            found = engine.search(parse(""), many=0).count
        except SearchError as error:
            raise CommandError(error.explained()) from error
        seconds = time.perf_counter() - start
        megabytes = actions.index_size() / 1_000_000
        if verbosity:
            self.stdout.write(f"{found:,} things can be found; {megabytes:.1f} MB, {seconds:.1f} s.")
