"""Views of what the network achieved."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from samsvar.site.exchange.achievements import queries
from samsvar.site.exchange.achievements.labels import ACHIEVEMENTS
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.view_permissions import public

ENTRIES_PER_PAGE = 50


@public
@require_safe
def achievements(request: HttpRequest) -> HttpResponse:
    """Show what the network achieved, in a year or in all, by pair of countries and by programme."""
    page = queries.achievements(_year(request))
    context = {"page": page, "labels": ACHIEVEMENTS}
    return render(request, "exchange/achievements/achievements.html", context)


@public
@require_safe
def entries(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the list behind a figure."""
    object_or_404(queries.KINDS.get(kind))
    has_pair = "asker" in request.GET or "helper" in request.GET
    pair = (request.GET.get("asker", ""), request.GET.get("helper", "")) if has_pair else None
    programme = request.GET.get("programme", "")
    listed = queries.entries_of(kind, year=_year(request), pair=pair, programme=programme)
    context = {
        "kind": kind,
        "pages": Paginator(listed, ENTRIES_PER_PAGE).get_page(request.GET.get("page")),
        "year": _year(request),
        "pair": pair,
        "programme": programme,
    }
    return render(request, "exchange/achievements/entries.html", context)


def _year(request: HttpRequest) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if len(text) == 4 and text.isascii() and text.isdecimal() else None
