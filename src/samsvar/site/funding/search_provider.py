"""Funding activities as extra results on the search page, shown above those from the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse

from samsvar.site.funding import labels
from samsvar.site.funding.models import Activity
from samsvar.site.funding.permissions import User
from samsvar.site.search.queries import ExtraResult, contains_all_words
from samsvar.site.shell.compiled_queries import CompiledQuery
from samsvar.site.shell.labels import find_label
from samsvar.territories import territory_name

MAX_RESULTS = 5  # the funding page lists all of them
COLUMNS = (
    "slug", "kind", "code", "title", "language", "form", "period", "fictional", "states__state_id", "partners__name",
)  # fmt: skip
_ACTIVITIES = CompiledQuery(
    lambda: Activity.objects.order_by("-period", "kind", "slug", "states__side", "states__place").values_list(*COLUMNS)
)


@dataclass(slots=True)
class _ActivityRow:
    """An activity with the states and organisations that take part in it."""

    slug: str
    kind: str
    code: str
    title: str
    language: str
    form: str
    period: str
    fictional: bool
    states: dict[str, None] = field(default_factory=dict)  # used as an ordered set
    partners: set[str] = field(default_factory=set)


def search_activities(user: User, query: str, language: str) -> list[ExtraResult]:
    """Return the activities that contain all words of the query, as extra search results. Runs one query.

    Their titles, codes, kinds, periods, states and partners are searched. Every activity is public. All activities
    are read, because there are a few thousand at most.
    """
    del user
    matches = [one for one in _load_activities() if contains_all_words(query, _searchable_texts(one, language))]
    return [_build_extra_result(one, language) for one in matches[:MAX_RESULTS]]


def _load_activities() -> list[_ActivityRow]:
    activities: dict[str, _ActivityRow] = {}
    for *own, state, partner in _ACTIVITIES.fetch_rows():
        activity = activities.setdefault(own[0], _ActivityRow(*own))
        if state:
            activity.states[state] = None
        if partner:
            activity.partners.add(partner)
    return list(activities.values())


def _searchable_texts(activity: _ActivityRow, language: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of a language, "" for names and codes, and a text."""
    yield activity.language, activity.title
    yield language, str(find_label(labels.KINDS, activity.kind))
    if activity.form:
        yield language, str(find_label(labels.FORMS, activity.form))
    names = [activity.code, activity.period, *(territory_name(code, language) for code in activity.states)]
    yield from (("", name) for name in [*names, *activity.partners])


def _build_extra_result(activity: _ActivityRow, language: str) -> ExtraResult:
    parts = [
        str(find_label(labels.KINDS, activity.kind)),
        activity.period,
        ", ".join(territory_name(code, language) for code in activity.states),
    ]
    return ExtraResult(
        href=reverse("funding:activity", args=[activity.slug]),
        title=activity.title,
        language="" if activity.language == language else activity.language,
        details=" · ".join(filter(None, parts)),
        fictional=activity.fictional,
    )
