"""Views of the search page, its downloads and its feed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.search.errors import SearchError
from samsvar.site.search import exports, queries
from samsvar.site.search.params import SearchParams
from samsvar.site.shell import atom
from samsvar.site.shell.downloads import cacheable_response
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.limits import enforce_rate_limit
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    # searching for people counts towards the rate limit of the directory
    if queries.words_for_people(request.GET) and (throttled := enforce_rate_limit(request, "directory")):
        return throttled
    page = queries.search_page(params=request.GET, language=get_language() or "en", user=request.user)
    response = render(request, "search/search.html", {"page": page}, status=503 if page.unavailable else 200)
    if page.unavailable:
        response["Retry-After"] = "30"
    if page.is_outdated or page.unavailable:
        response["Cache-Control"] = "no-store"  # the results will soon change while the change number stays the same
    return response


@public
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    if form not in exports.CONTENT_TYPES:
        raise Http404
    language = get_language() or "en"
    try:
        pieces = exports.iter_export(
            SearchParams.from_params(request.GET),
            form,
            language=language,
            absolute_url=request.build_absolute_uri,
        )
    except SearchError as error:
        return _unavailable(request, error)
    response = StreamingHttpResponse(pieces, content_type=exports.CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="samsvar-search.{form}"'
    response["Cache-Control"] = "no-store"
    return response


@public
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    try:
        content = exports.render_search_feed(
            SearchParams.from_params(request.GET),
            language=get_language() or "en",
            absolute_url=request.build_absolute_uri,
        )
    except SearchError as error:
        return _unavailable(request, error)
    return cacheable_response(request, content, atom.CONTENT_TYPE)


def _unavailable(request: HttpRequest, error: SearchError) -> HttpResponse:
    """Return the search page with an error instead of a file."""
    page = queries.SearchPage(query_text="", interpretation="", error=describe_error(error))
    response = render(request, "search/search.html", {"page": page}, status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store"
    return response
