"""Views of matching: what and who may help with a gap, and where a state could go to learn."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from samsvar.exchange.matching import DEFAULT_WEIGHTS, Feature
from samsvar.site.exchange.matching import queries
from samsvar.site.exchange.matching.queries import MAX_WEIGHT, GapSource, MatchSettings
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.view_permissions import public
from samsvar.territories import territories


@public
@require_safe
def matches(request: HttpRequest) -> HttpResponse:
    """Show what may help with a finding, a measure or an article, with reasons that the viewer can switch off."""
    source = object_or_404(_find_gap(request))
    settings = MatchSettings.from_params(request.GET)
    weights = {feature: settings.changed.get(feature, usual) for feature, usual in DEFAULT_WEIGHTS.items()}
    context = {
        "page": queries.find_matches(request.user, source, settings),
        "settings": [(feature, weights[feature], feature in settings.off) for feature in Feature],
        "is_changed": bool(settings.changed_weights),
        "max_weight": MAX_WEIGHT,
        "query_name": source.kind,
        "plain_query": urlencode({source.kind: source.key}),
    }
    return render(request, "exchange/matching/matches.html", context)


@public
@require_safe
def destinations(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a state could go to learn: the countries with the most good matches for its open recommendations."""
    territory = object_or_404(territories().get(code))
    suggested = queries.destinations(code, timezone.localdate())
    context = {
        "territory": territory,
        "destinations": [queries.show_destination(request.user, destination) for destination in suggested],
    }
    return render(request, "exchange/matching/destinations.html", context)


def _find_gap(request: HttpRequest) -> GapSource | None:
    """Return the gap that the address names by a finding, a measure, a request or an article."""
    languages = [request.LANGUAGE_CODE]
    if finding := request.GET.get("finding"):
        return queries.gap_of_finding(finding, languages)
    if measure := request.GET.get("measure"):
        return queries.gap_of_measure(request.user, measure, languages)
    if help_request := request.GET.get("request"):
        return queries.gap_of_request(request.user, help_request)
    return queries.gap_of_article(request.GET.get("article", ""), request.GET.get("country", ""), languages)
