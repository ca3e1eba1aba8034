"""`samsvar-site load_facts`: states, treaty events, the catalogue, networks, meetings and money, as known now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from samsvar.site.convention.actions import load_convention
from samsvar.site.funding.actions import load_funding
from samsvar.site.meetings.organising.actions.load_facts import load_meetings
from samsvar.site.monitoring.actions import load_catalogue
from samsvar.site.network.membership.actions.members import load_networks


class Command(BaseCommand):
    help = "Loads the facts that come with Samsvar; run it after each upgrade. Reports and decisions stay as they are."

    def handle(self, **_: Any) -> None:
        written = load_convention() | load_catalogue() | load_networks() | load_meetings() | load_funding()
        self.stdout.write(", ".join(f"{name}: {count} written" for name, count in written.items()))
