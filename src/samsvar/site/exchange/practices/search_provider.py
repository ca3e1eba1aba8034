"""Practices as extra results on the search page: published ones only."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.site.network.access.permissions import User
from samsvar.site.search.queries import ExtraResult, contains_all_words
from samsvar.territories import is_fictional, territory_name
from samsvar.thesaurus.concepts import concepts

MAX_RESULTS = 5  # the list of practices shows all of them


def search_practices(user: User, query: str, language: str) -> list[ExtraResult]:
    """Return the published practices that contain all words of the query, as extra search results. Runs one query.

    Their titles, problems and building blocks are searched in every language, and the labels of their concepts.
    """
    del user
    matches: list[ExtraResult] = []
    for version in current_versions().order_by("-published_at", "practice_id").iterator(chunk_size=500):
        if contains_all_words(query, _searchable_texts(version, language)):
            matches.append(_build_extra_result(version, language))
            if len(matches) == MAX_RESULTS:
                break
    return matches


def _searchable_texts(version: PracticeVersion, language: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of a language, "" for names, and a text."""
    content = version.content
    for code, text in content["texts"].items():
        yield code, text["title"]
        yield code, text["problem"]
        yield from ((code, block["title"]) for block in text["blocks"])
    for key in content["concepts"]:
        if key in concepts():
            yield language, concepts()[key].label(language)
    yield "", territory_name(content["state"], language)
    if content["organisation"]:
        yield "", content["organisation"]["name"]


def _build_extra_result(version: PracticeVersion, language: str) -> ExtraResult:
    content = version.content
    shown = choose_shown_text(content, language)
    owner = content["organisation"]["name"] if content["organisation"] else _("national desk")
    return ExtraResult(
        href=reverse("exchange:practice", args=[version.practice.public_id]),
        title=shown.fields["title"],
        language="" if shown.language == language else shown.language,
        details=" · ".join((owner, territory_name(content["state"], language))),
        fictional=is_fictional(content["state"]),
    )
