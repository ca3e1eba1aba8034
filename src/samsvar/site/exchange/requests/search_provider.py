"""Requests for help on the search page, from the database: each reader finds only those that they can open."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from samsvar.dates import display_date
from samsvar.site.exchange.requests.models import HelpRequest
from samsvar.site.exchange.requests.permissions import visible_requests
from samsvar.site.network.access.permissions import User
from samsvar.site.search.queries import ExtraResult, contains_all_words

MAX_RESULTS = 5  # the list of requests shows all of them
TITLE_LENGTH = 120  # characters


def search_requests(user: User, query: str, language: str) -> list[ExtraResult]:
    """Return the latest requests that a user can open and that contain every word of the query, or its concept.

    Neither who asks nor a country is searched or shown: the page of a request decides what its reader sees of that.
    """
    if not user.is_authenticated:
        return []
    matches: list[ExtraResult] = []
    for request in HelpRequest.objects.filter(Q(by=user) | visible_requests(user)).order_by("-at", "-pk"):
        if contains_all_words(query, _searchable_texts(request), request.concepts):
            matches.append(_build_extra_result(request, language))
            if len(matches) == MAX_RESULTS:
                break
    return matches


def _searchable_texts(request: HelpRequest) -> Iterator[tuple[str, str]]:
    yield request.language, request.problem
    yield request.language, request.situation
    if request.translation_language:
        yield request.translation_language, request.translated_problem
        yield request.translation_language, request.translated_situation


def _build_extra_result(request: HelpRequest, language: str) -> ExtraResult:
    title = " ".join(request.problem.split())
    return ExtraResult(
        href=reverse("exchange:request", args=[request.public_id]),
        title=title if len(title) <= TITLE_LENGTH else f"{title[:TITLE_LENGTH].rsplit(' ', 1)[0]} …",
        language="" if request.language == language else request.language,
        details=" · ".join((request.get_status_display(), display_date(timezone.localdate(request.at), language))),
    )
