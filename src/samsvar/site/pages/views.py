"""Views of the pages that combine several apps: each runs one query function and renders one template."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from samsvar.interchange.tables import TableRow
from samsvar.site.convention.query_params import requested_day
from samsvar.site.pages import about
from samsvar.site.pages import matrix as matrices
from samsvar.site.pages.queries.articles import article_page, articles_page
from samsvar.site.pages.queries.compare import (
    EXPORT_COLUMNS,
    EXPORT_NUMBERS,
    article_countries_page,
    compare_page,
    export_comparison,
)
from samsvar.site.pages.queries.countries import countries_page
from samsvar.site.pages.queries.country import Tab, country_page
from samsvar.site.pages.queries.home import home_page, map_page
from samsvar.site.shell.downloads import CONTENT_TYPES, table_response
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page: search box, map, news and next meeting."""
    page = home_page(requested=requested_day(request), language=_current_language(), user=request.user)
    return render(request, "pages/home.html", {"page": page})


@public
@require_safe
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def status_map(request: HttpRequest) -> HttpResponse:
    """Show the status of all states on any date. htmx requests only the part that depends on the date."""
    page = map_page(requested=requested_day(request), language=_current_language())
    template = "pages/_on_the_day.html" if _is_partial_request(request) else "pages/map.html"
    return render(request, template, {"page": page})


@public
@require_safe
def countries(request: HttpRequest) -> HttpResponse:
    """List all states by kind."""
    page = countries_page(day=timezone.localdate(), language=_current_language())
    return render(request, "pages/countries.html", {"page": page})


@public
@require_safe
def country(request: HttpRequest, code: str, tab: str = "") -> HttpResponse:
    """Show a tab of a country's page. A code in lower case redirects to the same page with the code in capitals."""
    if tab not in set(Tab):
        raise Http404
    if code != code.upper():
        return redirect(reverse("pages:country", args=[code.upper()]) + (f"{tab}/" if tab else ""), permanent=True)
    page = country_page(
        code=code,
        requested=requested_day(request),
        language=_current_language(),
        user=request.user,
        tab=tab,
        params=request.GET.dict(),
    )
    if page is None:
        raise Http404(_("There is no state with the code “%(code)s” on this site.") % {"code": code})
    return render(request, f"pages/country/{tab or 'overview'}.html", {"page": page})


@public
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """Show all articles of the treaty."""
    return render(request, "pages/articles.html", {"page": articles_page(language=_current_language())})


@public
@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """Show an article and the findings about it. `/articles/007/` redirects to Article 7."""
    if not request.path.endswith(f"/{number}/"):
        return redirect("pages:article", number=number, permanent=True)
    page = article_page(
        number=number,
        requested=requested_day(request),
        page=request.GET.get("page", ""),
        language=_current_language(),
    )
    if page is None:
        raise Http404(_("The Convention has no Article %(number)s.") % {"number": number})
    return render(request, "pages/article.html", {"page": page})


@public
@require_safe
def article_countries(request: HttpRequest, number: int) -> HttpResponse:
    """Show one article across all countries by round: as a page, or as a table."""
    requested, params = requested_day(request), request.GET.dict()
    page = article_countries_page(number=number, requested=requested, params=params, language=_current_language())
    if page is None:
        raise Http404(_("The Convention has no Article %(number)s.") % {"number": number})
    if file_format := params.get("format"):
        rows = export_comparison(page.comparison, requested.day)
        return _table_response(rows, file_format, f"samsvar-article-{number}")
    return render(request, "pages/article_countries.html", {"page": page, "requested": requested})


@public
@require_safe
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def matrix(request: HttpRequest) -> HttpResponse:
    """Return the matrix as a page, as the part of the page that a filter changes, as CSV or as JSON."""
    params, language = request.GET.dict(), _current_language()
    match params.pop("format", ""):
        case "csv":
            return _download_response(matrices.matrix_csv(params=params, language=language), "text/csv", "csv")
        case "json":
            return _download_response(
                matrices.matrix_json(params=params, language=language), "application/json", "json"
            )
    template = "pages/_matrix.html" if _is_partial_request(request) else "pages/matrix.html"
    return render(request, template, {"page": matrices.matrix_page(params=params, language=language)})


@public
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Compare two to six countries: as a page, or as a table of what the page shows."""
    requested = requested_day(request)
    params = request.GET.dict()
    page = compare_page(
        codes=request.GET.getlist("state"), requested=requested, params=params, language=_current_language()
    )
    if page.comparison and (file_format := params.get("format")):
        rows = export_comparison(page.comparison, requested.day)
        return _table_response(rows, file_format, "samsvar-comparison")
    return render(request, "pages/compare.html", {"page": page, "requested": requested})


@public
@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """Show the sources of the data and their reliability."""
    return render(request, "pages/about_data.html", {"page": about.about_page(language=_current_language())})


def _download_response(text: str, content_type: str, extension: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="samsvar-matrix.{extension}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)


def _table_response(rows: Iterable[TableRow], file_format: str, name: str) -> HttpResponse:
    if file_format not in CONTENT_TYPES:
        raise Http404
    return table_response(rows, EXPORT_COLUMNS, file_format, name, numbers=EXPORT_NUMBERS)


def _current_language() -> str:
    return get_language() or "en"


def _is_partial_request(request: HttpRequest) -> bool:
    """Return whether htmx requests only a part of the page.

    When htmx restores a page from its history, it requests the whole page.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined] # set by django_htmx's middleware
    return bool(htmx) and not htmx.history_restore_request
