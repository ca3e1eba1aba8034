"""Query for the tab of a country's page on what is done about its open recommendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import pgettext

from samsvar.implementation.progress import Done, Proven, Verdict
from samsvar.site.implementation.duties.queries import DutyLine, state_duties
from samsvar.site.implementation.models import Answer
from samsvar.site.implementation.permissions import is_public
from samsvar.site.implementation.progress.queries import with_progress
from samsvar.site.monitoring.models import Finding
from samsvar.site.pages.queries.shared import OTHER_PARAMETERS, FindingCard, finding_cards
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices

FINDINGS_PER_PAGE = 15  # at most twelve screens of a phone, with the counts above the list


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """An open recommendation with its three answers, and how many public measures answer it."""

    card: FindingCard
    done: str
    proven: str
    verdict: str
    measures: int


@dataclass(frozen=True, slots=True)
class AnswerCount:
    value: str
    number: int


@dataclass(frozen=True, slots=True)
class ProgressList:
    """What is done about the open recommendations of a state: counts by answer, and a page of the recommendations."""

    next_duty: DutyLine | None  # what the state has to do next for the monitoring bodies
    number: int
    done: tuple[AnswerCount, ...]
    proven: tuple[AnswerCount, ...]
    verdict: tuple[AnswerCount, ...]
    filters: forms.Form
    is_filtered: bool
    pages: Page[Any]
    rows: tuple[ProgressRow, ...]


def progress_list(code: str, open_findings: Iterable[Any], params: Mapping[str, str]) -> ProgressList:
    """Return the open recommendations of a state with their answers, strongest first. Six queries."""
    findings = with_progress(Finding.objects.filter(pk__in=list(open_findings)), timezone.localdate())
    answers: dict[int, tuple[str, str, str]] = {
        key: (done, proven, verdict)
        for key, done, proven, verdict in findings.order_by(
            "rank", "-report__document__published", "ordinal"
        ).values_list("pk", "done", "proven", "verdict")
    }
    chosen = {name: params.get(name, "").strip() for name in ("done", "proven", "verdict")}
    matching = [
        key
        for key, values in answers.items()
        if all(chosen[name] in ("", value) for name, value in zip(chosen, values, strict=True))
    ]
    pages = Paginator(matching, FINDINGS_PER_PAGE).get_page(params.get("page"))
    shown = list(pages.object_list)
    on_page = finding_cards(
        Finding.objects.filter(pk__in=shown), {}
    )  # no later text closes or restates an open finding
    cards = {key: card for card in on_page for key in card.keys}
    measures = dict(
        Answer.objects.filter(
            is_public("measure__"), ended_at=None, measure__state_id=code,
            finding_id__in=[card.public_id for card in cards.values()],
        ).values_list("finding_id").annotate(number=Count("measure", distinct=True))
    )  # fmt: skip
    return ProgressList(
        next_duty=state_duties(code, timezone.localdate()).next,
        number=len(answers),
        done=_counts(Done, (values[0] for values in answers.values())),
        proven=_counts(Proven, (values[1] for values in answers.values())),
        verdict=_counts(Verdict, (values[2] for values in answers.values())),
        filters=build_filter_form(
            {**params, **chosen}, "filter", also=OTHER_PARAMETERS,
            done=(pgettext("answer about a finding", "Done"), pgettext("answers", "all"), enum_choices(Done)),
            proven=(pgettext("answer about a finding", "Proven"), pgettext("answers", "all"), enum_choices(Proven)),
            verdict=(
                pgettext("answer about a finding", "Said afterwards"), pgettext("answers", "all"),
                enum_choices(Verdict),
            ),
        ),
        is_filtered=any(chosen.values()),
        pages=pages,
        rows=tuple(
            ProgressRow(cards[key], *answers[key], measures=measures.get(cards[key].public_id, 0))
            for key in shown
            if key in cards
        ),
    )  # fmt: skip


def _counts(values: Iterable[StrEnum], answers: Iterable[str]) -> tuple[AnswerCount, ...]:
    """Return the number of findings by answer, in the order of the answers, without those that no finding has."""
    numbers = Counter(answers)
    return tuple(AnswerCount(value.value, numbers[value.value]) for value in values if numbers[value.value])
