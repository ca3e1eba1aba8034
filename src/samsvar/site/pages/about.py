"""The page “About the data”: each dataset with its source, reliability and gaps, and the accuracy of the labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.site.convention import models as convention
from samsvar.site.funding import models as funding
from samsvar.site.monitoring import models as monitoring

CONFIDENCES = ("confirmed", "single-source", "from-memory")


@dataclass(frozen=True, slots=True)
class ConfidenceCount:
    confidence: str
    number: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its source, its reliability and its known flaws."""

    key: str
    name: str
    description: str
    source: str
    licence: str
    number: int
    counts: tuple[ConfidenceCount, ...]
    flaws: tuple[str, ...]
    read_on: str = "2026-11-24"  # ISO date on which its sources were read


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured accuracy: what was measured, on which test data, and the result."""

    subject: str
    test_data: str
    result: str
    day: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    confidences: tuple[str, ...]
    datasets: tuple[Dataset, ...]
    measurements: tuple[Measurement, ...]
    readers: tuple[str, ...]
    labels: tuple[tuple[str, int], ...]  # (review state, number of findings)
    unverified_events: tuple[convention.TreatyEvent, ...]


def about_page(*, language: str) -> AboutPage:
    """Return the page, with counts from the database (seven queries) and the results of the benchmarks."""
    events = _count_by_confidence(convention.TreatyEvent.objects.exclude(state__kind="fictional"))
    documents = _count_by_confidence(monitoring.Document.objects.exclude(state__kind="fictional"))
    sections = monitoring.Section.objects.count()
    activities = _count_by_confidence(funding.Activity.objects.exclude(fictional=True))
    findings = dict(monitoring.Finding.objects.order_by().values_list("review").annotate(Count("id")))
    readers = monitoring.Report.objects.order_by("reader").values_list("reader", flat=True).distinct()
    unverified = convention.TreatyEvent.objects.filter(confidence="from-memory").order_by("state_id", "day")
    wordings = [article.title_source(language).value for article in ISTANBUL]
    return AboutPage(
        confidences=CONFIDENCES,
        datasets=(
            _treaty_dataset(wordings),
            _events_dataset(events),
            _documents_dataset(documents),
            _sections_dataset(sections),
            _funding_dataset(activities),
        ),
        measurements=_measurements(),
        readers=tuple(readers),
        labels=tuple(sorted(findings.items())),
        unverified_events=tuple(unverified),
    )


def _count_by_confidence(rows: QuerySet[Any]) -> dict[str, int]:
    """Count the rows by confidence. The caller has to exclude fictional data."""
    return dict(rows.order_by().values_list("confidence").annotate(Count("pk")))


def _confidence_counts(numbers: dict[str, int]) -> tuple[ConfidenceCount, ...]:
    order = (*CONFIDENCES, *sorted(set(numbers) - set(CONFIDENCES)))
    return tuple(ConfidenceCount(confidence, numbers[confidence]) for confidence in order if numbers.get(confidence))


def _treaty_dataset(wordings: list[str]) -> Dataset:
    return Dataset(
        key="treaty",
        name=_("Articles of the Convention"),
        description=_(
            "Numbers, chapters, paragraphs and titles of the 81 articles; our own one-sentence summaries of "
            "Articles 4 to 65."
        ),
        source=_("The treaty text as published in the Dutch treaty database (English). Summaries are our own."),
        licence=_("Facts; summaries and translations under the EUPL-1.2"),
        number=len(wordings),
        counts=_confidence_counts({one: wordings.count(one) for one in set(wordings)}),
        flaws=(
            _(
                "All but two of the French article titles were written from memory; the French text of the "
                "treaty is authoritative."
            ),
            _("Norwegian and Romanian titles are our own translations; the states’ official translations may differ."),
        ),
    )


def _events_dataset(numbers: dict[str, int]) -> Dataset:
    return Dataset(
        key="events",
        name=_("Treaty events"),
        description=_(
            "Signatures, ratifications, entries into force, reservations and changes to them, declarations, "
            "objections, denunciations."
        ),
        source=_(
            "Archived public sources, cited for each event; entry into force is checked against Articles 75 and 76."
        ),
        licence=_("Facts; sources remain under their own terms"),
        number=sum(numbers.values()),
        counts=_confidence_counts(numbers),
        flaws=(
            _(
                "The depositary’s own chart could not be accessed when the data was collected. It is the "
                "authoritative source."
            ),
            _(
                "Some signature and ratification dates rest on a single unofficial compilation; they are marked "
                "“single source”."
            ),
            _(
                "For some reservations, none of the sources we found names the articles concerned. We have not "
                "seen most of the renewals from 2019 to 2022."
            ),
            _("We found nothing dated after 14 January 2026. This does not mean that nothing has happened since."),
        ),
    )


def _funding_dataset(numbers: dict[str, int]) -> Dataset:
    return Dataset(
        key="money",
        name=_("Funding"),
        description=_(
            "EEA and Norway Grants programmes, calls, bilateral initiatives and projects to combat violence."
        ),
        source=_("Archived public web pages of the grants and of ministries, cited for each activity."),
        licence=_("Facts; sources remain under their own terms"),
        number=sum(numbers.values()),
        counts=_confidence_counts(numbers),
        flaws=(
            _("Many amounts were not found. Each total states how many programmes have a known amount."),
            _("Factsheets contradict each other; their totals are shown but not included in any count."),
        ),
    )


def _documents_dataset(numbers: dict[str, int]) -> Dataset:
    return Dataset(
        key="documents",
        name=_("Monitoring documents"),
        description=_(
            "Reports, recommendations and conclusions of GREVIO and the Committee of the Parties, and reports "
            "processed on this site."
        ),
        source=_("Archived public sources, cited for each document, and the publisher’s feed of sections."),
        licence=_("Facts; documents remain under their own terms"),
        number=sum(numbers.values()),
        counts=_confidence_counts(numbers),
        flaws=(
            _(
                "For some reports, the publication date is known only to the month or not at all; it is shown "
                "as precisely as it is known."
            ),
            _("It is not known to whom some Committee of the Parties texts from 2024 and 2025 are addressed."),
        ),
    )


def _sections_dataset(number: int) -> Dataset:
    return Dataset(
        key="sections",
        name=_("Sections of published reports"),
        description=_(
            "The publisher’s division of each report into sections, with the articles named in each heading "
            "and a link to the official text."
        ),
        source=_("HUDOC-GREVIO feed"),
        licence=_("Facts and headings; the texts remain with their publisher"),
        number=number,
        counts=(),
        flaws=(
            _("The feed is limited to 2,000 entries, so older sections may be missing."),
            _(
                "Some entries do not name the state, so it is taken from the document; IDs vary in spacing and "
                "capitalisation; one date is in the year 0001."
            ),
            _("Where a subsection names no article, the article in the heading above is used, and this is indicated."),
        ),
    )


@cache
def _measurements() -> tuple[Measurement, ...]:
    """Return the latest benchmark measurements, or an empty tuple if their file does not exist."""
    path = files("samsvar").joinpath("accuracy.json")
    if not path.is_file():
        return ()
    measurements = json.loads(path.read_text(encoding="utf-8"))["measured"]
    return tuple(Measurement(data["what"], data["on"], data["figure"], data["day"]) for data in measurements)
