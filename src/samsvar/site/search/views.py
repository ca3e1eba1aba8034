"""The view of the search page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.site.search import queries
from samsvar.site.shell.limits import enforce_rate_limit
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    # searching for people counts towards the rate limit of the directory
    if queries.should_search_people(request.GET) and (throttled := enforce_rate_limit(request, "directory")):
        return throttled
    page = queries.search_page(params=request.GET, language=get_language() or "en", user=request.user)
    response = render(request, "search/search.html", {"page": page}, status=503 if page.unavailable else 200)
    if page.unavailable:
        response["Retry-After"] = "30"
    if page.is_outdated or page.unavailable:
        response["Cache-Control"] = "no-store"  # the results will soon change while the change number stays the same
    return response
