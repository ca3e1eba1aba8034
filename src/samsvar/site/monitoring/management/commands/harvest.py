"""`samsvar-site harvest SITE …`: fetch the documents of HUDOC sites, and import them as drafts to publish."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from samsvar.errors import SamsvarError
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc import known_sites, site_settings
from samsvar.interchange.hudoc_harvest import (
    READ_KINDS,
    Harvest,
    count_documents,
    describe_plan,
    parse_limit,
    parse_since,
)
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
from samsvar.site.shell.storage_faults import FAULT_DESCRIPTIONS, find_storage_fault
from samsvar.territories import territory

CONTINUES = "What has arrived is kept. Run the command again: it continues there."


class Command(BaseCommand):
    help = (
        "Fetch the reports and conclusions of HUDOC sites and import them as drafts. It can be stopped at any moment "
        "and continues where it ended. Run it every week, for example."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(known_sites())} (default: grevio)")
        parser.add_argument("--state", nargs="+", default=[], help="only these states: NO SE (default: all)")
        parser.add_argument("--since", help="only documents published on or after this day, for example 2024-05-31")
        parser.add_argument("--contact", help="address that the publisher sees (default: the address of this site)")
        parser.add_argument("--folder", type=Path, help="where snapshots are saved (default: in the data folder)")
        parser.add_argument("--address", default="", help="another server, for example for tests")
        parser.add_argument("--interval", default="1", help="least seconds between two requests (default: 1)")
        parser.add_argument(
            "--recheck-days",
            default="7",
            help="ask again for texts last checked N days ago or earlier; 0 asks for all (default: 7)",
        )
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
            raise CommandError(
                f"“{unknown[0]}” is not a country code. Nothing was fetched. Give two letters, such as NO."
            )
        sites = sites or ["grevio"]
        try:
            since = parse_since(options.pop("since"), timezone.localdate())
            options["interval"] = parse_limit("--interval", options["interval"])
            options["recheck_days"] = parse_limit("--recheck-days", options["recheck_days"])
            for site in sites:
                site_settings(site)
        except SamsvarError as error:
            raise CommandError(f"{error.message} Nothing was fetched. {error.advice}") from error
        failed = 0
        for site in sites:
            try:
                failed += self.harvest_site(site, contact, since, **options)
            except SamsvarError as error:
                failed += 1
                self.stderr.write(f"{site}: {error.full_message()}")
            except (OSError, DatabaseError) as error:
                fault = find_storage_fault(error)
                if fault is None:
                    raise
                raise CommandError(f"{site}: {FAULT_DESCRIPTIONS[fault]}. {CONTINUES}") from error
            except KeyboardInterrupt as error:
                raise CommandError(f"{site}: stopped. {CONTINUES}", returncode=130) from error
        if failed:
            raise CommandError(f"{failed} could not be harvested. {CONTINUES}")

    def harvest_site(
        self, site: str, contact: str, since: date | None, *, dry_run: bool, publish: bool, **options: Any
    ) -> int:
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
                since,
                READ_KINDS,
                timedelta(days=options["recheck_days"]),
            )
            self.stdout.write(f"{site}: {harvest.describe_start()}")
            documents = harvest.list_documents()
            if dry_run:
                self._show_list(site, documents)
            else:
                if documents:
                    self.stdout.write(f"{site}: {describe_plan(documents, fetcher.interval)}")
                for number, harvested in enumerate(harvest.fetch_documents(documents), 1):
                    result = import_harvested(harvested=harvested, site=site, publish=publish)
                    counts[result.status] += 1
                    self._show_result(result, f"{number} of {len(documents)}")
                record_harvest(site=site, counts=dict(counts))
        for note in harvest.notes:
            self.stdout.write(f"{site}: {note}")
        numbers = ", ".join(f"{counts[status]} {status}" for status in HarvestStatus if counts[status])
        self.stdout.write(f"{site}: {numbers or count_documents(len(documents))}.")
        if counts[HarvestStatus.NEW] + counts[HarvestStatus.CHANGED] and not publish:
            self.stdout.write(f"{site}: An editor finds them under “Drafts of reports”, and publishes them there.")
        return counts[HarvestStatus.FAILED]

    def _show_list(self, site: str, documents: tuple[Document, ...]) -> None:
        known = set(SourceVersion.objects.filter(site=site).values_list("source", flat=True))
        for document in documents:
            status = "known" if source_key(document) in known else "new"
            self.stdout.write(f"{document.state or '–'} {document.identifier}: {status}")

    def _show_result(self, result: HarvestResult, place: str) -> None:
        line = f"{place}: {result.document.state or '–'} {result.document.identifier}: {result.status}"
        if result.status is HarvestStatus.FAILED:
            self.stderr.write(f"{line}: {result.message}")
        elif result.status is not HarvestStatus.UNCHANGED or result.message:
            report = f", report {result.report.public_id} ({result.report.status})" if result.report else ""
            self.stdout.write(f"{line}{report}. {result.message}".rstrip())
