"""Filling the demonstration: facts about real states, reports of invented ones, one editor. All of it twice is once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from samsvar.convention.loading import events_in
from samsvar.convention.status import Event
from samsvar.errors import SamsvarError
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.actions import ingest_report, load_catalogue
from samsvar.site.monitoring.models import Document, Report
from samsvar.site.monitoring.permissions import EDITORS
from samsvar.site.trail.actions import record

type Tell = Callable[[str], object]


class NoDemoReports(SamsvarError):
    """The reports of the invented states cannot be made."""

    code = "no_demo_reports"
    kept = "The facts about real states are loaded; the invented states have no reports."


@dataclass(frozen=True, slots=True)
class DemoReport:
    """One invented report: its Typst source's name, and what index.toml says about it."""

    file: str
    body: str
    state: str
    published: str
    about: dict[str, str]

    @property
    def edition(self) -> str:
        """Names the sources' content, so that a changed source is read anew and an unchanged one is not."""
        return f"{self.file} {_content_of_sources()}"


def fill_demo(*, tell: Tell = lambda _: None) -> None:
    """Everything a demonstration shows; quick where it is there already."""
    tell("Loading states and treaty events …")
    load_convention(beside=demo_events())
    tell("Loading the catalogue of monitoring documents …")
    load_catalogue()
    make_demo_editor()
    for report in demo_reports():
        read_demo_report(report, tell=tell)


def demo_events() -> tuple[Event, ...]:
    """The treaty events of the invented states, each with a source that says so."""
    return events_in(files("samsvar.site.demo").joinpath("events.csv").read_text(encoding="utf-8"))


def make_demo_editor() -> None:
    """The one account of a demonstration, whose name and password the sign-in page shows."""
    name, password = settings.SAMSVAR_DEMO_EDITOR
    users = get_user_model().objects
    editor = users.filter(username=name).first() or users.create_user(username=name, password=password)
    if not editor.groups.filter(name=EDITORS).exists():
        editor.groups.add(Group.objects.get(name=EDITORS))


def demo_reports() -> Iterator[DemoReport]:
    """The invented reports that come with the package, as demo/reports/index.toml lists them."""
    folder = files("samsvar.site.demo").joinpath("reports")
    index = folder.joinpath("index.toml")
    if not index.is_file():
        return
    for entry in tomllib.loads(index.read_text(encoding="utf-8"))["report"]:
        said = {key: str(value) for key, value in entry.items()}
        file, body, state = said.pop("file"), said.pop("body"), said.pop("state")
        published = said.pop("published", said.pop("date", ""))
        yield DemoReport(file, body, state, published, said)


@cache
def _content_of_sources() -> str:
    """One hash for all sources: each report imports the template."""
    folder = files("samsvar.site.demo").joinpath("reports")
    sources = sorted((one for one in folder.iterdir() if one.name.endswith(".typ")), key=lambda one: one.name)
    return hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:16]


def read_demo_report(report: DemoReport, *, tell: Tell = lambda _: None) -> Report:
    """Compile and read one invented report, unless it is there in this edition; an older edition makes room."""
    older = Document.objects.filter(origin=Document.Origin.DEMO, source__startswith=f"{report.file} ")
    there = older.filter(source=report.edition, report__isnull=False).select_related("report").first()
    if there:
        return there.report
    tell(f"Reading {report.file} …")
    pdf = _compiled(report)
    with transaction.atomic():
        for document in older:
            record(
                by=None, verb="removed", subject=f"document {document.public_id}", details={"edition": document.source}
            )
            document.delete()
    about: dict[str, Any] = {
        **report.about,
        "source": report.edition,
        "published": report.published,
        "kind": report.about.get("kind", "report"),
        "confidence": "confirmed",
    }
    return ingest_report(
        content=pdf,
        filename=report.file.replace(".typ", ".pdf"),
        body=report.body,
        state=report.state,
        published=date.fromisoformat(report.published) if len(report.published) == 10 else None,
        origin=Document.Origin.DEMO,
        about=about,
    )


def _compiled(report: DemoReport) -> bytes:
    try:
        import typst
    except ImportError as missing:
        raise NoDemoReports(
            "The Typst compiler is not installed.", advice="Install it with: pip install typst, and start again."
        ) from missing
    with as_file(files("samsvar.site.demo").joinpath("reports")) as folder:
        pdf: bytes = typst.compile(str(folder / report.file))
    return pdf
