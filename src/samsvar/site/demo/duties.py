"""The duties of Nordmark in the demonstration: what its desk has recorded, in addition to what the reports say."""

from __future__ import annotations

from samsvar.implementation.duties import DutyKind
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.implementation.duties.actions import record_duty
from samsvar.site.implementation.models import Duty

STATE = "XA"


def make_demo_duties() -> None:
    """Record the duties unless some are recorded already, so that changes made in the demonstration are kept."""
    if Duty.objects.filter(state_id=STATE).exists():
        return
    for entry in load_demo_file("duties.toml")["duty"]:
        procedure, kind = entry.pop("procedure"), DutyKind(entry.pop("kind"))
        record_duty(by=None, state=STATE, procedure=procedure, kind=kind, values=entry)
