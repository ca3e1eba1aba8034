"""About the data: every set of facts, its source, how sure it is, what is left out, and how good the labels are."""

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
class DataSet:
    """One set of facts."""

    key: str
    name: str
    what: str
    source: str
    read: str  # ISO day on which its sources were read
    licence: str
    number: int
    counts: tuple[ConfidenceCount, ...]
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of measured accuracy: what was measured, on what, and the figure."""

    what: str
    on: str
    figure: str
    day: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    confidences: tuple[str, ...]
    sets: tuple[DataSet, ...]
    measured: tuple[Measured, ...]
    readers: tuple[str, ...]
    labels: tuple[tuple[str, int], ...]  # review state and number of findings
    unverified_events: tuple[convention.TreatyEvent, ...]


READ = "2026-11-24"  # the day on which the sources of the data files were read


def about_page(*, language: str) -> AboutPage:
    """Counts come from the database, measurements from the file that the benchmarks write. Seven queries."""
    events = _by_confidence(convention.TreatyEvent.objects.exclude(state__kind="invented"))
    documents = _by_confidence(monitoring.Document.objects.exclude(state__kind="invented"))
    sections = monitoring.Section.objects.count()
    money = _by_confidence(funding.Activity.objects.exclude(invented=True))
    findings = dict(monitoring.Finding.objects.order_by().values_list("review").annotate(Count("id")))
    readers = monitoring.Report.objects.order_by("reader").values_list("reader", flat=True).distinct()
    unverified = convention.TreatyEvent.objects.filter(confidence="from-memory").order_by("state_id", "day")
    wordings = [article.wording(language).value for article in ISTANBUL]
    return AboutPage(
        confidences=CONFIDENCES,
        sets=(
            _treaty(wordings),
            _events(events),
            _documents(documents),
            _sections(sections),
            _money(money),
        ),
        measured=_measured(),
        readers=tuple(readers),
        labels=tuple(sorted(findings.items())),
        unverified_events=tuple(unverified),
    )


def _by_confidence(rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows are how sure; the invented states' are kept apart before."""
    return dict(rows.order_by().values_list("confidence").annotate(Count("pk")))


def _counts(numbers: dict[str, int]) -> tuple[ConfidenceCount, ...]:
    order = (*CONFIDENCES, *sorted(set(numbers) - set(CONFIDENCES)))
    return tuple(ConfidenceCount(confidence, numbers[confidence]) for confidence in order if numbers.get(confidence))


def _treaty(wordings: list[str]) -> DataSet:
    return DataSet(
        key="treaty",
        name=_("The Convention’s articles"),
        what=_(
            "Numbers, chapters, paragraphs and titles of the 81 articles; our own one-sentence summaries of "
            "Articles 4 to 65."
        ),
        source=_("The treaty’s text as the Dutch treaty database publishes it (English). Summaries are ours."),
        read=READ,
        licence=_("Facts; summaries and translations under the EUPL-1.2"),
        number=len(wordings),
        counts=_counts({one: wordings.count(one) for one in set(wordings)}),
        flaws=(
            _("French titles are from memory, but for two; the treaty’s French text decides."),
            _("Norwegian and Romanian titles are our translation; the states’ official translations may differ."),
        ),
    )


def _events(numbers: dict[str, int]) -> DataSet:
    return DataSet(
        key="events",
        name=_("Treaty events"),
        what=_(
            "Signatures, ratifications, entries into force, reservations and what became of them, "
            "declarations, objections, denunciations."
        ),
        source=_("Stored public sources, named at each event; entry into force is checked against Articles 75 and 76."),
        read=READ,
        licence=_("Facts; sources keep their own terms"),
        number=sum(numbers.values()),
        counts=_counts(numbers),
        flaws=(
            _("The depositary’s own chart could not be opened when the data were gathered. It decides."),
            _("Signature and ratification days come largely from one compilation, so they may share an error."),
            _(
                "The articles of some reservations are not named by any source found; most renewals of 2019 to "
                "2022 are unseen."
            ),
            _("Nothing after 14 January 2026 was found. That is not the same as nothing having happened."),
        ),
    )


def _money(numbers: dict[str, int]) -> DataSet:
    return DataSet(
        key="money",
        name=_("Money"),
        what=_("Programmes, calls, bilateral initiatives and projects of the EEA and Norway Grants against violence."),
        source=_("Stored public pages of the grants and of ministries, named at each activity."),
        read=READ,
        licence=_("Facts; sources keep their own terms"),
        number=sum(numbers.values()),
        counts=_counts(numbers),
        flaws=(
            _("Many amounts were not found. A total says of how many programmes the amount is known."),
            _("Factsheets contradict each other; their totals are shown and counted nowhere."),
        ),
    )


def _documents(numbers: dict[str, int]) -> DataSet:
    return DataSet(
        key="documents",
        name=_("Monitoring documents"),
        what=_(
            "Reports, recommendations and conclusions of GREVIO and the Committee of the Parties, and "
            "reports read in here."
        ),
        source=_("Stored public sources, named at each document, and the publisher’s feed of sections."),
        read=READ,
        licence=_("Facts; the documents keep their own terms"),
        number=sum(numbers.values()),
        counts=_counts(numbers),
        flaws=(
            _(
                "The day of publication of some reports is known to the month or not at all; it is shown as "
                "exactly as it is known."
            ),
            _("Whom some texts of the Committee of the Parties of 2024 and 2025 address is not known."),
        ),
    )


def _sections(number: int) -> DataSet:
    return DataSet(
        key="sections",
        name=_("Sections of published reports"),
        what=_(
            "How the publisher cut each report, with the articles that a heading names and a link to the official text."
        ),
        source=_("HUDOC-GREVIO’s feed"),
        read=READ,
        licence=_("Facts and headings; the texts stay with their publisher"),
        number=number,
        counts=(),
        flaws=(
            _("The feed stops at 2,000 entries, so that older sections may be missing."),
            _(
                "States are missing in some entries and taken from the document; blanks and case differ in ids; "
                "one date is of the year 0001."
            ),
            _("A sub-section that names no article takes that of the heading above, and says so."),
        ),
    )


@cache
def _measured() -> tuple[Measured, ...]:
    """What the benchmarks measured last, from the package's own file; nothing where it has not been written."""
    path = files("samsvar").joinpath("accuracy.json")
    if not path.is_file():
        return ()
    lines = json.loads(path.read_text(encoding="utf-8"))["measured"]
    return tuple(Measured(line["what"], line["on"], line["figure"], line["day"]) for line in lines)
