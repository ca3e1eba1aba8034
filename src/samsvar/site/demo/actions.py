"""Filling the demonstration: real facts, reports of invented states, one account a role. All of it twice is once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from django.db import transaction

from samsvar.convention.loading import events_in
from samsvar.convention.status import Event
from samsvar.errors import SamsvarError
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.funding import make_demo_funding
from samsvar.site.demo.meetings import make_demo_meetings
from samsvar.site.demo.people import make_demo_network, make_demo_people
from samsvar.site.demo.sources import FOLDER, InventedReport, as_pdf, invented_reports
from samsvar.site.funding.actions import load_funding
from samsvar.site.meetings.organising.actions.load_facts import load_meetings
from samsvar.site.monitoring.actions import ingest_report, load_catalogue
from samsvar.site.monitoring.models import Document, Report
from samsvar.site.network.membership.actions.members import load_networks

type Tell = Callable[[str], object]


class NoDemoReports(SamsvarError):
    """The reports of the invented states cannot be made."""

    code = "no_demo_reports"
    kept = "The facts about real states are loaded; the invented states have no reports."
    advice = "Install the Typst compiler (pip install typst) and start again."


def fill_demo(*, tell: Tell = lambda _: None) -> None:
    """Everything a demonstration shows; quick where it is there already."""
    tell("Loading states and treaty events …")
    load_convention(beside=demo_events())
    tell("Loading the catalogue of monitoring documents …")
    load_catalogue()
    load_networks()
    load_meetings()
    load_funding()
    tell("Bringing the invented network together …")
    make_demo_network()
    make_demo_accounts()
    make_demo_people()
    for report in invented_reports():
        read_demo_report(report, tell=tell)
    make_demo_funding()  # its links lead to findings of these reports
    tell("Announcing the invented meetings …")
    make_demo_meetings()


def demo_events() -> tuple[Event, ...]:
    """The treaty events of the invented states, each with a source that says so."""
    return events_in(files("samsvar.site.demo").joinpath("events.csv").read_text(encoding="utf-8"))


def read_demo_report(report: InventedReport, *, tell: Tell = lambda _: None) -> Report:
    """Compile and read one invented report, unless it is there in this edition; an older edition makes room."""
    edition = f"{report.file} {content_of_sources()}"
    older = Document.objects.filter(origin=Document.Origin.DEMO, source__startswith=f"{report.file} ")
    there = older.filter(source=edition, report__isnull=False).select_related("report").first()
    if there:
        return there.report
    tell(f"Reading {report.name} …")
    try:
        pdf = as_pdf(report)
    except ImportError as missing:
        raise NoDemoReports("The Typst compiler is not installed.") from missing
    with transaction.atomic():
        for document in older:
            subject = f"document {document.public_id}"
            record(by=None, verb="removed", subject=subject, details={"edition": document.source})
            document.delete()
    return ingest_report(
        content=pdf,
        filename=report.name,
        body=report.body,
        state=report.state,
        published=report.published,
        origin=Document.Origin.DEMO,
        about={
            "kind": {"recommendation": "recommendation", "conclusions": "conclusions"}.get(report.procedure, "report"),
            "procedure": report.procedure,
            "title": report.title,
            "reference": report.reference,
            "answers": report.answers or "",
            "source": edition,
            "confidence": "invented",
        },
    )


@cache
def content_of_sources() -> str:
    """One hash for all sources, since each report imports the template: what is unchanged is not read again."""
    sources = sorted(FOLDER.glob("*.typ"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
