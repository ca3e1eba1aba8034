"""`samsvar-site harvest SITE …`: fetch the documents of HUDOC sites, and import them as drafts to publish."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from samsvar.dates import parse_day
from samsvar.errors import SamsvarError
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc import known_sites
from samsvar.interchange.hudoc_harvest import READ_KINDS, Harvest
from samsvar.interchange.snapshots import open_snapshots
from samsvar.monitoring.catalogue import Document
from samsvar.site.monitoring.actions.harvest import (
    HarvestResult,
    HarvestStatus,
    import_harvested,
    record_harvest,
    source_key,
)
from samsvar.site.monitoring.models import SourceVersion
from samsvar.territories import territory


class Command(BaseCommand):
    help = (
        "Fetch the reports and conclusions of HUDOC sites and import them as drafts. It can be stopped at any moment "
        "and continues where it ended. Run it every week, for example."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(known_sites())} (default: grevio)")
        parser.add_argument("--state", nargs="+", default=[], help="codes of states (default: all)")
        parser.add_argument("--since", help="only documents published on or after this day, for example 2024-05-31")
        parser.add_argument("--contact", help="address for the publisher (default: the address of this site)")
        parser.add_argument("--folder", type=Path, help="where snapshots are saved (default: in the data folder)")
        parser.add_argument("--address", default="", help="another server, for example for tests")
        parser.add_argument("--interval", type=float, default=1.0, help="least seconds between two requests")
        parser.add_argument("--recheck-days", type=float, default=7.0, help="ask again for texts checked N days ago")
        parser.add_argument(
            "--publish", action="store_true", help="publish new ones at once, without an editor's check"
        )
        parser.add_argument("--dry-run", action="store_true", help="fetch the lists only, and show what is new")

    def handle(self, *, sites: list[str], contact: str | None, **options: Any) -> None:
        contact = contact or settings.SAMSVAR_SITE_URL
        if not contact:
            raise CommandError("Give a --contact, so that the publisher can reach you. Nothing was fetched.")
        unknown = [code for code in options["state"] if territory(code) is None]
        if unknown:
            raise CommandError(f"“{unknown[0]}” is not a country code. Nothing was fetched.")
        failed = 0
        for site in sites or ["grevio"]:
            try:
                failed += self.harvest_site(site, contact, **options)
            except SamsvarError as error:
                failed += 1
                self.stderr.write(f"{site}: {error.full_message()}")
        if failed:
            raise CommandError(f"{failed} could not be harvested. Run the command again to try only these.")

    def harvest_site(self, site: str, contact: str, *, dry_run: bool, publish: bool, **options: Any) -> int:
        """Harvest a site, and return how many of its documents failed."""
        folder = options["folder"] or settings.DATA / "harvest"
        fetcher = Fetcher(contact, interval=options["interval"], allow_private=bool(options["address"]))
        counts: Counter[str] = Counter()
        with open_snapshots(folder / site) as snapshots:
            harvest = Harvest(
                fetcher,
                snapshots,
                site,
                timezone.now,
                options["address"],
                tuple(code.upper() for code in options["state"]),
                parse_day(options["since"]) if options["since"] else None,
                READ_KINDS,
                timedelta(days=options["recheck_days"]),
            )
            documents = harvest.list_documents()
            if dry_run:
                self._show_list(site, documents)
            else:
                for harvested in harvest.fetch_documents(documents):
                    result = import_harvested(harvested=harvested, site=site, publish=publish)
                    counts[result.status] += 1
                    self._show_result(result)
                record_harvest(site=site, counts=dict(counts))
        for note in harvest.notes:
            self.stdout.write(f"{site}: {note}")
        numbers = ", ".join(f"{counts[status]} {status}" for status in HarvestStatus if counts[status])
        self.stdout.write(f"{site}: {numbers or f'{len(documents)} documents'}.")
        return counts[HarvestStatus.FAILED]

    def _show_list(self, site: str, documents: tuple[Document, ...]) -> None:
        known = set(SourceVersion.objects.filter(site=site).values_list("source", flat=True))
        for document in documents:
            status = "known" if source_key(document) in known else "new"
            self.stdout.write(f"{document.state or '–'} {document.identifier}: {status}")

    def _show_result(self, result: HarvestResult) -> None:
        line = f"{result.document.state or '–'} {result.document.identifier}: {result.status}"
        if result.status is HarvestStatus.FAILED:
            self.stderr.write(f"{line}: {result.message}")
        elif result.status is not HarvestStatus.UNCHANGED or result.message:
            report = f", report {result.report.public_id} ({result.report.status})" if result.report else ""
            self.stdout.write(f"{line}{report}. {result.message}".rstrip())
