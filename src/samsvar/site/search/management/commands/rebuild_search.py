"""`samsvar-site rebuild_search`: rebuild the search index from the database."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from samsvar.search.errors import SearchError
from samsvar.search.query import parse_query_text
from samsvar.site.search import actions


class Command(BaseCommand):
    """The `rebuild_search` command. Searches use the old index until the new one is complete."""

    help = "Rebuild this machine's search index from the database; the old one is used until it is ready."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--follow", action="store_true", help="only update it from the database; build it if there is none"
        )

    def handle(self, *args: Any, follow: bool, verbosity: int, **options: Any) -> None:
        started_at = time.perf_counter()
        if verbosity and not follow:
            self.stdout.write("The index is being rebuilt; searches use the old one until it is ready.")
            self.stdout.flush()
        try:
            engine = actions.update_index().engine if follow else actions.rebuild_index()
            count = engine.search(parse_query_text(""), limit=0).count
        except SearchError as error:
            raise CommandError(error.full_message()) from error
        seconds = time.perf_counter() - started_at
        megabytes = actions.index_size() / 1_000_000
        if verbosity:
            self.stdout.write(f"{count:,} items indexed; {megabytes:.1f} MB, {seconds:.1f} s.")
