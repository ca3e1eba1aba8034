"""`samsvar-site load_facts`: load the facts about states, documents, networks, meetings, funding and indicators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from samsvar.site.convention.actions import load_convention
from samsvar.site.funding.actions import load_funding
from samsvar.site.implementation.indicators.actions import load_shared_indicators
from samsvar.site.meetings.organising.actions.load_facts import load_meetings
from samsvar.site.monitoring.actions.catalogue import load_catalogue
from samsvar.site.network.membership.actions.members import load_networks


class Command(BaseCommand):
    help = "Load the facts included in Samsvar; run it after each upgrade. Reports and decisions are not changed."

    def handle(self, **_: Any) -> None:
        counts = load_convention() | load_catalogue() | load_networks() | load_meetings() | load_funding()
        counts |= load_shared_indicators()
        self.stdout.write(", ".join(f"{name}: {count} saved" for name, count in counts.items()))
