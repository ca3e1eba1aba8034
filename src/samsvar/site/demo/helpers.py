"""Helpers that several parts of the demonstration share: its files, audit log entries, legal bases and times."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.audit.actions import record
from samsvar.site.meetings.models import Meeting
from samsvar.site.network.models import Basis, Person

SOURCE = "Fictional, for demonstration only."


def load_demo_file(name: str) -> dict[str, Any]:
    """Return the content of a TOML file of the demonstration."""
    return tomllib.loads(files("samsvar.site.demo").joinpath(name).read_text(encoding="utf-8"))


def record_demo_data(subject: str, **details: Any) -> None:
    """Record in the audit log that data of the demonstration were created."""
    record(by=None, verb="loaded", subject=subject, details=details, reason="demonstration")


def ensure_meetings_basis(person: Person) -> None:
    """Give a person a legal basis for meetings, unless they have one."""
    if not person.bases.filter(purpose=Purpose.MEETINGS).exists():
        Basis.objects.create(
            person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note=SOURCE
        )


def local_datetime(day: date, meeting: Meeting, at: str = "12:00") -> datetime:
    """Return a time of day in the time zone of the meeting."""
    return datetime.combine(day, time.fromisoformat(at), ZoneInfo(meeting.zone))
