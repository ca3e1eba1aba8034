"""Functions that fill the demonstration: real facts, reports of fictional states, and accounts. Idempotent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.db import transaction

from samsvar.convention.loading import parse_events
from samsvar.convention.status import Event
from samsvar.errors import SamsvarError
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.asks import make_demo_asks
from samsvar.site.demo.duties import make_demo_duties
from samsvar.site.demo.evidence import make_demo_evidence
from samsvar.site.demo.exchange import make_demo_exchange
from samsvar.site.demo.figures import make_demo_figures
from samsvar.site.demo.following import make_demo_following
from samsvar.site.demo.funding import make_demo_funding
from samsvar.site.demo.implementation import make_demo_implementation
from samsvar.site.demo.meetings import make_demo_meetings
from samsvar.site.demo.people import make_demo_network, make_demo_people
from samsvar.site.demo.reports_back import make_demo_reports_back
from samsvar.site.demo.sources import REPORTS_FOLDER, FictionalReport, compile_pdf, fictional_reports
from samsvar.site.funding.actions import load_funding
from samsvar.site.meetings.organising.actions.load_facts import load_meetings
from samsvar.site.monitoring.actions.catalogue import load_catalogue
from samsvar.site.monitoring.actions.ingest import import_report
from samsvar.site.monitoring.models import Document, Report
from samsvar.site.network.membership.actions.members import load_networks
from samsvar.site.network.models import OutgoingEmail

SITE_LINK = re.compile(rf"https?://[^\s/\"<>]+/(?=(?:{'|'.join(INTERFACE_LANGUAGES)})/)")

type ProgressWriter = Callable[[str], object]


class DemoReportsUnavailable(SamsvarError):
    """Raised when the reports of the fictional states cannot be compiled."""

    effect = "The facts about real states are loaded; the fictional states have no reports."
    advice = "Install the Typst compiler (pip install typst) and start again."


def fill_demo(*, write_progress: ProgressWriter = lambda _: None) -> None:
    """Create everything that the demonstration shows; fast if everything exists already."""
    write_progress("Loading states and treaty events …")
    load_convention(extra_events=demo_events())
    write_progress("Loading the catalogue of monitoring documents …")
    load_catalogue()
    load_networks()
    load_meetings()
    load_funding()
    write_progress("Creating the fictional network …")
    make_demo_network()
    make_demo_accounts()
    make_demo_people()
    for report in fictional_reports():
        ingest_demo_report(report, write_progress=write_progress)
    make_demo_duties()
    make_demo_funding()  # its links refer to findings of these reports
    make_demo_figures()
    make_demo_implementation()
    make_demo_evidence()
    make_demo_asks()
    write_progress("Creating the fictional exchange …")
    make_demo_exchange()
    write_progress("Creating the fictional meetings …")
    make_demo_meetings()
    make_demo_reports_back()  # after all measures of the fictional states
    make_demo_following()  # last: its digests tell what the others have published


def update_email_links() -> int:
    """Make the links in all emails lead to the address at which the demonstration is served now; return their number.

    The emails are created with the data, which may be served later on another port.
    """
    changed = []
    for email in OutgoingEmail.objects.all():
        before = email.body, email.html
        email.body, email.html = (SITE_LINK.sub(settings.SAMSVAR_SITE_URL, text) for text in before)
        if (email.body, email.html) != before:
            changed.append(email)
    OutgoingEmail.objects.bulk_update(changed, ["body", "html"])
    return len(changed)


def demo_events() -> tuple[Event, ...]:
    """Return the treaty events of the fictional states; the source of each event says that it is fictional."""
    return parse_events(files("samsvar.site.demo").joinpath("events.csv").read_text(encoding="utf-8"))


def ingest_demo_report(report: FictionalReport, *, write_progress: ProgressWriter = lambda _: None) -> Report:
    """Compile and import a fictional report unless this edition already exists; older editions are deleted."""
    edition = f"{report.file} {sources_hash()}"
    older = Document.everything.filter(origin=Document.Origin.DEMO, source__startswith=f"{report.file} ")
    existing = older.filter(source=edition, report__isnull=False).select_related("report").first()
    if existing:
        return existing.report
    write_progress(f"Reading {report.filename} …")
    try:
        pdf = compile_pdf(report)
    except ImportError as missing:
        raise DemoReportsUnavailable("The Typst compiler is not installed.") from missing
    with transaction.atomic():
        for document in older:
            subject = f"document {document.public_id}"
            record(by=None, verb="removed", subject=subject, details={"edition": document.source})
            document.delete()
    return import_report(
        content=pdf,
        filename=report.filename,
        body=report.body,
        state=report.state,
        published=report.published,
        origin=Document.Origin.DEMO,
        publish=True,
        about={
            "kind": {"recommendation": "recommendation", "conclusions": "conclusions"}.get(report.procedure, "report"),
            "procedure": report.procedure,
            "title": report.title,
            "reference": report.reference,
            "answers": report.answers or "",
            "source": edition,
            "confidence": "fictional",
        },
    )


@cache
def sources_hash() -> str:
    """Return one hash of all report sources, because all import the template; used to skip unchanged reports."""
    sources = sorted(REPORTS_FOLDER.glob("*.typ"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
