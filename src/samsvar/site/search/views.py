"""The search page: one question, one template."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.site.search import queries
from samsvar.site.shell.limits import too_many
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    # a question may name people, and must not be a way round the limit of the directory
    if queries.asks_about_people(request.GET) and (stopped := too_many(request, "directory")):
        return stopped
    page = queries.search_page(asked=request.GET, language=get_language() or "en", user=request.user)
    response = render(request, "search/search.html", {"page": page}, status=503 if page.unavailable else 200)
    if page.unavailable:
        response["Retry-After"] = "30"
    if page.behind or page.unavailable:
        response["Cache-Control"] = "no-store"  # a moment later the answer is another, under the same change number
    return response
